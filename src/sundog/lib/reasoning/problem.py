"""What a reasoning problem is, and what a family of them says of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sundog.lib.reasoning.draw import Draw

LEVELS = range(1, 11)
DEFAULT_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """A question with a chain of steps that leads to its answer.

    Attributes:
        family: name of the family.
        level: difficulty, 1 to 10; what the dials were where none was stated.
        question: everything that is asked, with the form of the answer.
        steps: each with at least one statement that can be checked.
        answer: in the form that the family states.
    """

    family: str
    level: int
    question: str
    steps: tuple[str, ...]
    answer: str


Made: TypeAlias = tuple[str, list[str], str]
"""Question, steps, answer."""


@dataclass(frozen=True, slots=True)
class Dial:
    """One measure of difficulty.

    Attributes:
        name: as it is stated.
        by_level: ten values, one a level.
        low: least value that may be stated.
        high: greatest value that may be stated.
        about: what it counts.
    """

    name: str
    by_level: tuple[int, ...]
    low: int
    high: int
    about: str


@dataclass(frozen=True, slots=True)
class Family:
    """One sort of problem.

    Attributes:
        name: as it is asked for.
        topic: the field it belongs to.
        about: what is asked.
        answer: form of the answer.
        dials: measures of difficulty.
        make: question, steps and answer from draws and the value of every dial.
    """

    name: str
    topic: str
    about: str
    answer: str
    dials: tuple[Dial, ...]
    make: Callable[[Draw, Mapping[str, int]], Made]
