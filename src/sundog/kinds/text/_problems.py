"""Problems by rule: which family and level a unit has, and the problems of consecutive units at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sundog.core.errors import Problem as Wrong
from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.kinds.text._units import draw
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.recipe_tasks import ReasoningTask
from sundog.lib.language.protocol import Message
from sundog.lib.reasoning.chat import render_chat
from sundog.lib.reasoning.make import families, find_family, make_problems, set_dials
from sundog.lib.reasoning.problem import Problem

Deck = tuple[tuple[str, int], ...]
"""Families with levels, in the order in which units have them, over and over."""


def find_problem_faults(task: ReasoningTask) -> tuple[Wrong, ...]:
    """Families and dials that there are not."""
    problems: list[Wrong] = []
    for i, name in enumerate(task.families):
        try:
            find_family(name, f"task.families[{i}]")
        except RequestError as error:
            problems += error.problems
    chosen = set(task.families or families())
    for name, dials in task.dials.items():
        try:
            family = find_family(name, f"task.dials.{name}")
            set_dials(family, task.levels[0], dials, f"task.dials.{name}")
        except RequestError as error:
            problems += error.problems
            continue
        if name not in chosen:
            what = f"{name!r} is not among the part's families"
            problems.append(
                Wrong("SD-TEXT-008", f"task.dials.{name}", what, "Add it to 'task.families', or remove it.")
            )
    return tuple(problems)


@lru_cache(maxsize=32)
def shuffle_deck(names: tuple[str, ...], levels: tuple[int, ...], key: Key) -> Deck:
    """Every family at every level once, in an order that the key gives."""
    left = [(name, level) for name in names or tuple(families()) for level in levels]
    return tuple(left.pop(draw(key, f"deck/{i}", len(left))) for i in range(len(left)))


def make_many(part: TextPart, key: Key, units: range) -> Iterator[tuple[int, Problem]]:
    """The problems of consecutive units, family by family: unit and problem, in no order.

    Unit u has the card u mod n of the deck, and is number u // n of that card, so that a cut into shards changes nothing.
    """
    task = part.task
    assert isinstance(task, ReasoningTask)
    deck = shuffle_deck(task.families, task.levels, key.child("deck"))
    size = len(deck)
    for i, (name, level) in enumerate(deck):
        first = -(-(units.start - i) // size)
        stop = -(-(units.stop - i) // size)
        if first < stop:
            numbers = range(first, stop)
            found = make_problems(name, level, task.dials.get(name, {}), key.child("problems").child(level), numbers)
            yield from ((number * size + i, problem) for number, problem in zip(numbers, found, strict=True))


def make_one(part: TextPart, key: Key, unit: int) -> Problem:
    """The problem of one unit."""
    ((_, problem),) = make_many(part, key, range(unit, unit + 1))
    return problem


def write_problem(problem: Problem, key: Key, unit: int, chain: bool) -> dict[str, Any]:
    """A problem as an item, with its chat."""
    chat: Sequence[Message] = render_chat(problem, key.child("chat").child(unit), chain=chain)
    return {
        "question": problem.question,
        "steps": list(problem.steps),
        "answer": problem.answer,
        "family": problem.family,
        "level": problem.level,
        "messages": tuple(chat),
    }
