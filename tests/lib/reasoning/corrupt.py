"""Chains made wrong on purpose, in the ways in which a model or a faulty generator makes them wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sundog.lib.reasoning.checker.check import bare
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Problem
from sundog.lib.reasoning.wording import list_words

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:\.\d+)?(?![\w,]|\.\d)")
_WORD = re.compile(r"\b[A-Z][a-z]{2,}\b")
_OPENINGS = {"First", "Next", "Then", "After", "Now", "Finally"}

KINDS = (
    "a number of a step", "off by one", "a step left out", "two steps swapped", "a false step more", "a step twice", "a step of another",
    "the answer", "the sign of the answer", "a number of the question", "a name", "the answer of another", "no steps",
)  # fmt: skip

LOOSE = ("knights", "wheels")
"""Families whose questions have numbers that another may replace and leave the chain right: a claim that is false either way, an aim
between two sums."""


def corrupt(problem: Problem, other: Problem, draw: Draw) -> Iterator[tuple[str, Problem]]:
    """One wrong chain of each kind that can be made of this problem: what was done, and the result.

    ``other`` is another problem of the family. Where a change leaves the chain right, the kind is left out.
    """
    steps = list(problem.steps)
    at = draw.below(len(steps))
    yield from _replace_steps("a number of a step", problem, _another_number(steps, at, draw, far=True))
    yield from _replace_steps("off by one", problem, _another_number(steps, at, draw, far=False))
    yield from _replace_steps("a step left out", problem, steps[:at] + steps[at + 1 :])
    if len(steps) > 1:
        i, j = sorted(draw.sample(range(len(steps)), 2))
        swapped = list(steps)
        swapped[i], swapped[j] = steps[j], steps[i]
        yield from _replace_steps("two steps swapped", problem, swapped)
    false = _another_number(steps, at, draw, far=True)[at]
    yield from _replace_steps("a false step more", problem, [*steps[: at + 1], false, *steps[at + 1 :]])
    yield from _replace_steps("a step twice", problem, [*steps[: at + 1], steps[at], *steps[at + 1 :]])
    if _facts(other.steps[0], problem.question) != _facts(steps[at], problem.question):
        yield "a step of another", replace(problem, steps=(*steps[:at], other.steps[0], *steps[at + 1 :]))
    changed = _change_number(problem.answer, draw, far=False)
    if changed != problem.answer:
        yield "the answer", replace(problem, answer=changed)
        yield "the sign of the answer", replace(problem, answer=_negate(problem.answer))
    if other.answer != problem.answer:
        yield "the answer of another", replace(problem, answer=other.answer)
    asked = problem.question if problem.family in LOOSE else _change_number(problem.question, draw, far=True)
    if asked != problem.question:
        yield "a number of the question", replace(problem, question=asked)
    names = [m for m in _WORD.findall(" ".join(bare(s) for s in steps)) if m not in _OPENINGS]
    if names:
        name = draw.pick(names)
        renamed = [re.sub(rf"\b{name}\b", "Zebulon", s) for s in steps]
        yield from _replace_steps("a name", problem, renamed)
    yield "no steps", replace(problem, steps=())


_PLAIN = frozenset(
    list_words(
        "a all an and are as at be by for from has have how if in into is it its let many now of on one only so than that the them then "
        "there these they this to what which with cell cells column digit draw first holds last number probability remainder row rows ways"
    )
)
"""Words that say nothing alone, and words that one wording of a step has and another of the same step has not, and questions have too."""


def _facts(step: str, question: str) -> list[str]:
    """Numbers, and words of the question, in any order: what another wording of the same step shares with it. (``9 = 4 × 2 + 1`` says
    the same as ``9 ÷ 2 = 4 remainder 1``.)
    """
    words = {_lower(w) for w in re.findall(r"[A-Za-z]\w*", question)} - _PLAIN
    return sorted(w for w in map(_lower, re.findall(r"[\w.]+", bare(step))) if w[0].isdigit() or w in words)


def _lower(word: str) -> str:
    """The word in small letters; a letter alone is a name."""
    return word.lower() if len(word) > 1 else word


def _replace_steps(kind: str, problem: Problem, steps: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    if [bare(s) for s in steps] != [bare(s) for s in problem.steps]:
        yield kind, replace(problem, steps=tuple(steps))


def _another_number(steps: Sequence[str], at: int, draw: Draw, *, far: bool) -> list[str]:
    changed = list(steps)
    changed[at] = _change_number(steps[at], draw, far=far)
    return changed


def _change_number(text: str, draw: Draw, *, far: bool) -> str:
    """The text with one of its numbers replaced; the same text where it has none."""
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    match = draw.pick(found)
    number = match.group()
    whole, point, rest = number.partition(".")
    step = 1 + draw.below(9) if far else 1
    value = int(whole + rest) + (step if draw.below(2) or int(whole + rest) < step else -step)
    digits = str(value).rjust(len(rest) + 1, "0")
    new = digits if not point else f"{digits[: -len(rest)]}.{digits[-len(rest) :]}"
    return text[: match.start()] + new + text[match.end() :]


def _negate(answer: str) -> str:
    match = _NUMBER.search(answer)
    assert match is not None
    before = answer[: match.start()]
    return answer.replace("-", "", 1) if before.endswith("-") else before + "-" + answer[match.start() :]
