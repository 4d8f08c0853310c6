"""Lengths of time and moments as a recipe writes them: '10min', '1.5 h', 'day', 2025-01-01. Imports nothing heavy."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

MICROSECONDS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
    "y": 31_556_952_000_000,
}
"""Of a unit; a year is the mean one of the calendar, 365.2425 days."""
_WORDS = {"second": "s", "minute": "min", "hour": "h", "day": "d", "week": "w", "year": "y"}
_FORM = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)")


def read_duration(text: str) -> int:
    """Microseconds.

    Raises:
        ValueError: it is no length of time, or longer than ten thousand years.
    """
    said = text.strip()
    if said in _WORDS:
        return MICROSECONDS[_WORDS[said]]
    found = _FORM.fullmatch(said)
    if found is None or found[2] not in MICROSECONDS:
        raise ValueError(f"{text!r} is no length of time: a number and one of {', '.join(MICROSECONDS)}, such as 10min")
    length = float(found[1]) * MICROSECONDS[found[2]]
    if length > 10_000 * MICROSECONDS["y"]:
        raise ValueError(f"{text!r} is longer than ten thousand years")
    return round(length)


def read_moment(text: str) -> datetime | None:
    """The date or time that a text states; None where it states none and is an expression."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _check_duration(text: str) -> str:
    read_duration(text)
    return text


def _check_positive(text: str) -> str:
    if read_duration(text) <= 0:
        raise ValueError("a length of time above 0 is needed")
    return text


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


Duration = Annotated[str, AfterValidator(_check_duration)]
"""A length of time, from 0 on."""

Period = Annotated[str, AfterValidator(_check_positive)]
"""A length of time above 0."""

Moment = Annotated[str, BeforeValidator(_as_text)]
"""A date, a time, or an expression over the parent's row that gives one."""
