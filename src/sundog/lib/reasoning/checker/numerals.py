"""How numbers and what is asked of them are written: patterns that the checkers of several topics read with.

Numbers have no leading zeros, so that every number has one form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sundog.lib.reasoning.checker.fault import need

NAT = r"(0|[1-9][0-9]*)"
"""A whole number of at least 0."""

INT = r"(0|-?[1-9][0-9]*)"
"""A whole number."""

HELD = r"(0|[1-9][0-9]*|\(-[1-9][0-9]*\))"
"""A whole number that stands in brackets where it is negative."""

FACTOR = r"(-?(?:[2-9]|[1-9][0-9]+)?)"
"""What stands before a letter: nothing for 1, a minus sign for -1, else the number."""

SHIFT = r"((?: [+-] [1-9][0-9]*)?)"
"""A number added or subtracted, or nothing for 0."""

_ASKED = re.compile(
    r"(?:(What is )|Compute |Work out |Calculate |Find the value of |Evaluate )([^?]+?)([?.])", re.ASCII
)


def read_held(text: str) -> int:
    """The value of a number that may stand in brackets."""
    return int(text[1:-1]) if text[0] == "(" else int(text)


def read_factor(text: str) -> int:
    """The value of what stands before a letter."""
    return 1 if text == "" else -1 if text == "-" else int(text)


def read_shift(text: str) -> int:
    """The value of what is added: ``" - 5"`` is -5, nothing is 0."""
    return int(text.replace(" ", "")) if text else 0


def read_asked(question: str) -> str:
    """The expression whose value is asked for, where nothing else is; else an empty text."""
    found = _ASKED.fullmatch(question)
    if found is None or (found[1] is None) != (found[3] == "."):
        return ""
    return found[2]


def read_one(patterns: Sequence[re.Pattern[str]], question: str) -> re.Match[str]:
    """How the first pattern that understands the question reads it.

    Raises:
        Wrong: none does.
    """
    for pattern in patterns:
        found = pattern.fullmatch(question)
        if found is not None:
            return found
    need(False, -1, "the question is not understood")
    raise AssertionError


def read_step(pattern: re.Pattern[str], steps: Sequence[str], at: int) -> tuple[str | Any, ...]:
    """The groups of a step; None for those of a wording that it does not use.

    Raises:
        Wrong: the step is missing, or is another one.
    """
    need(at < len(steps), at, "a step is missing")
    found = pattern.fullmatch(steps[at])
    if found is None:
        need(False, at, "the step is not understood, or is not the one that belongs here")
        raise AssertionError
    return found.groups()


def need_end(steps: Sequence[str], at: int, answer: str, right: str) -> None:
    """Hold that there are so many steps, and that the answer is the right one.

    Raises:
        Wrong: a step too many, or another answer.
    """
    need(len(steps) == at, at, "a step too many")
    need(answer == right, at, f"the answer is {right}")
