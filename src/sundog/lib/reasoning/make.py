"""All families, and the making of problems."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import chain
from types import MappingProxyType

from sundog.core.errors import Problem as Fault
from sundog.core.errors import RequestError, nearest
from sundog.core.keys import Key
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import LEVELS, Family, Problem
from sundog.lib.reasoning.topics import (
    algebra,
    arithmetic,
    counting,
    graphs,
    integers,
    logic,
    measures,
    parts,
    programs,
    puzzles,
    stories,
    tables,
)

_TOPICS = (arithmetic, parts, algebra, integers, measures, stories, logic, graphs, counting, tables, programs, puzzles)


@cache
def families() -> Mapping[str, Family]:
    """Every family by its name."""
    return MappingProxyType({f.name: f for f in chain.from_iterable(topic.FAMILIES for topic in _TOPICS)})


def find_family(name: str, where: str = "family") -> Family:
    """The family of this name.

    Raises:
        RequestError: there is none; ``where`` is the place that is named.
    """
    found = families().get(name)
    if found is None:
        what = f"{name!r} is not a family of reasoning problems"
        raise RequestError(Fault("SD-REASONING-001", where, what, nearest(name, families())))
    return found


def set_dials(family: Family, level: int, dials: Mapping[str, int], where: str = "dials") -> dict[str, int]:
    """The value of every dial: what is stated, else what belongs to the level.

    Raises:
        RequestError: the level or a value is out of range, or a dial is not one of the family's.
    """
    faults = []
    if level not in LEVELS:
        faults.append(
            Fault("SD-REASONING-002", where, f"level {level} is not one of 1 to 10", "State a level of 1 to 10.")
        )
    known = {dial.name: dial for dial in family.dials}
    for name, value in dials.items():
        if name not in known:
            what = f"{name!r} is not a dial of {family.name}"
            faults.append(Fault("SD-REASONING-003", f"{where}.{name}", what, nearest(name, known)))
        elif not known[name].low <= value <= known[name].high:
            dial = known[name]
            what = f"{value} is not in {dial.low} to {dial.high}"
            faults.append(Fault("SD-REASONING-004", f"{where}.{name}", what, f"It counts {dial.about}."))
    if faults:
        raise RequestError(*faults)
    return {d.name: dials.get(d.name, d.by_level[level - 1]) for d in family.dials}


def make_problems(family: str, level: int, dials: Mapping[str, int], key: Key, units: range) -> list[Problem]:
    """One problem a unit.

    Args:
        family: name of the family.
        level: 1 to 10; sets every dial that ``dials`` does not.
        dials: measures of difficulty by name.
        key: names the stream. What unit u gives depends on (key, family, level, dials, u) alone.
        units: consecutive unit numbers.

    Raises:
        RequestError: no such family or dial, or a value out of range.
    """
    found = find_family(family)
    values = set_dials(found, level, dials)
    words = key.child(family).child(level).words(units)
    problems = []
    for row in words:
        draw = Draw(row.tobytes())
        question, steps, answer = found.make(draw, values)
        style = draw.below(4)
        if style & 1:
            steps = [f"{step}." for step in steps]
        if style & 2:
            steps = _connect(steps, draw)
        if draw.below(4) == 0:
            question, answer = question.replace("×", "*"), answer.replace("×", "*")
            steps = [step.replace("×", "*") for step in steps]
        problems.append(Problem(family, level, question, tuple(steps), answer))
    return problems


_MIDDLE = ("Next: ", "Then: ", "After that: ", "Now: ")


def _connect(steps: list[str], draw: Draw) -> list[str]:
    """The steps with a word before each that says where in the chain it stands."""
    last = len(steps) - 1
    word = draw.pick(_MIDDLE)
    return [("First: " if i == 0 else "Finally: " if i == last else word) + step for i, step in enumerate(steps)]
