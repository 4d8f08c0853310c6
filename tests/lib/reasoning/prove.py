"""What is asked of the checkers of every topic: right chains pass, wrong ones don't, and no text makes a checker stumble."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from corrupt import corrupt

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.check import bare
from sundog.lib.reasoning.checker.fault import Checker, Fault, Wrong
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.make import find_family, make_problems
from sundog.lib.reasoning.problem import LEVELS, Problem


def find_fault(checkers: Mapping[str, Checker], problem: Problem) -> Fault | None:
    """What the checker of the family finds."""
    return find_fault_in(checkers[problem.family], problem.question, problem.steps, problem.answer)


def find_fault_in(check: Checker, question: str, steps: Sequence[str], answer: str) -> Fault | None:
    """What a checker finds in texts as they are written down."""
    try:
        check(question.replace("*", "×"), [bare(step) for step in steps], answer.replace("*", "×"))
    except Wrong as wrong:
        return wrong.fault
    return None


def assert_right(checkers: Mapping[str, Checker], family: str, number: int) -> None:
    """Problems of every level and of several keys pass, also with every dial at its ends."""
    for level in LEVELS:
        for seed in (3, level):
            for problem in make_problems(family, level, {}, Key.root(seed), range(number // 20)):
                assert (found := find_fault(checkers, problem)) is None, (found, problem)
    dials = find_family(family).dials
    for values in ({d.name: d.low for d in dials}, {d.name: d.high for d in dials}):
        for problem in make_problems(family, 1, values, Key.root(8), range(10)):
            assert (found := find_fault(checkers, problem)) is None, (found, problem)


def assert_caught(checkers: Mapping[str, Checker], family: str, number: int) -> int:
    """Every chain that is made wrong is caught; how many there were."""
    tried = 0
    for level in LEVELS:
        problems = make_problems(family, level, {}, Key.root(17), range(number // 10 + 1))
        for i, (problem, other) in enumerate(pairwise(problems)):
            for kind, wrong in corrupt(problem, other, Draw(f"{family} {level} {i}".encode())):
                assert find_fault(checkers, wrong) is not None, (kind, problem, wrong)
                tried += 1
    return tried


def assert_steady(checkers: Mapping[str, Checker], family: str, change: Callable[[str, Draw], str]) -> int:
    """Texts with characters changed are judged, never stumbled over; how many of the changed steps and answers pass."""
    passed = 0
    for level in (1, 5, 9):
        for i, problem in enumerate(make_problems(family, level, {}, Key.root(23), range(15))):
            draw = Draw(f"{family} {level} {i}".encode())
            steps = [bare(step) for step in problem.steps]
            at = draw.below(len(steps))
            changed = [*steps[:at], change(steps[at], draw), *steps[at + 1 :]]
            answer = change(problem.answer, draw)
            find_fault_in(checkers[family], change(problem.question, draw), steps, problem.answer)
            passed += (
                changed != steps and find_fault_in(checkers[family], problem.question, changed, problem.answer) is None
            )
            passed += (
                answer != problem.answer and find_fault_in(checkers[family], problem.question, steps, answer) is None
            )
    return passed


_MARKS = "0123456789 ,.:-+×÷=()[]|abcxyzABC\n/?'"


def change_character(text: str, draw: Draw) -> str:
    """The text with one character left out, put in, or replaced."""
    at, way, mark = draw.below(len(text)), draw.below(3), draw.pick(_MARKS)
    return text[:at] + (mark if way else "") + text[at + (way != 1) :]
