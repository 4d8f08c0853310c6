"""Dates as texts state them, and statements about days: a weekday, the days of a month, leap years, days between dates."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date

_NAMES = "january february march april may june july august september october november december"
_MONTHS = _NAMES.split()
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_DAY = r"[0-9]{1,2}(?:st|nd|rd|th)?"
DATE = rf"(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{_DAY} (?:of )?{_MONTH},? [0-9]{{4}}|{_MONTH} {_DAY},? [0-9]{{4}})"
"""A date with its year."""

_WEEKDAY = f"({'|'.join(WEEKDAYS)})"
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_WORDED = re.compile(rf"(?:({_DAY}) (?:of )?({_MONTH})|({_MONTH}) ({_DAY})),? ([0-9]{{4}})", re.IGNORECASE)

_ON_DAY = re.compile(rf"({DATE}) (?:is|was|falls on|fell on|will be) (not )?(?:an? )?{_WEEKDAY}\b", re.IGNORECASE)
_LATER = re.compile(
    rf"([0-9]+) days? (after|before|from) (?:an? )?{_WEEKDAY} (?:is|was|will be|gives|=) (?:an? )?{_WEEKDAY}\b",
    re.IGNORECASE,
)
_LEAP = re.compile(r"\b([0-9]{4}) (?:is|was) (not )?(?:a )?(leap|common)(?: year)?\b", re.IGNORECASE)
_LONG = re.compile(rf"\b({_MONTH})(?: of)?,? ([0-9]{{4}}) (?:has|had) ([0-9]+) days\b", re.IGNORECASE)
_BETWEEN = (
    re.compile(rf"there (?:are|were) ([0-9]+) days (?:between|from) ({DATE}) (?:and|to|until) ({DATE})", re.IGNORECASE),
    re.compile(
        rf"from ({DATE}) (?:to|until) ({DATE}) (?:is|are|it is|there are|makes) ([0-9]+) days\b(?! inclusive)",
        re.IGNORECASE,
    ),
)


def read_date(text: str) -> date | None:
    """The date of ``2024-03-05``, ``5 March 2024`` or ``March 5, 2024``; None if it is none."""
    text = text.strip()
    found = _ISO.fullmatch(text)
    if found is not None:
        year, month, day = map(int, found.groups())
    else:
        found = _WORDED.fullmatch(text)
        if found is None:
            return None
        named = _number_month(found[2] or found[3])
        if named is None:
            return None
        year, month, day = int(found[5]), named, int(re.sub(r"[a-z]+$", "", (found[1] or found[4]).lower()))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number_month(name: str) -> int | None:
    start = name.lower().rstrip(".")
    return next((i for i, month in enumerate(_MONTHS, 1) if len(start) >= 3 and month.startswith(start[:4])), None)


def find_date_statements(text: str) -> Iterator[tuple[int, int, bool | None, str]]:
    """Where each begins and ends, whether it is true (None where its date is none), and what is so."""
    for found in _ON_DAY.finditer(text):
        day = read_date(found[1])
        if day is None:
            yield found.start(), found.end(), False, f"{found[1]} is no date"
            continue
        right = WEEKDAYS[day.weekday()]
        yield (
            found.start(),
            found.end(),
            (found[3].lower() == right) != bool(found[2]),
            f"{found[1]} is a {right.title()}",
        )
    for found in _LATER.finditer(text):
        shift = int(found[1]) * (-1 if found[2].lower() == "before" else 1)
        right = WEEKDAYS[(WEEKDAYS.index(found[3].lower()) + shift) % 7]
        yield found.start(), found.end(), found[4].lower() == right, f"it is {right.title()}"
    for found in _LEAP.finditer(text):
        year = int(found[1])
        if year == 0:
            continue
        said = (found[3].lower() == "leap") != bool(found[2])
        yield (
            found.start(),
            found.end(),
            said == isleap(year),
            f"{year} is {'a leap year' if isleap(year) else 'no leap year'}",
        )
    for found in _LONG.finditer(text):
        month = _number_month(found[1])
        if month is None or found[2] == "0000":
            continue
        length = monthrange(int(found[2]), month)[1]
        yield found.start(), found.end(), int(found[3]) == length, f"it has {length} days"
    for pattern, order in zip(_BETWEEN, ((1, 2, 3), (3, 1, 2)), strict=True):
        for found in pattern.finditer(text):
            number, one, two = (found[i] for i in order)
            first, last = read_date(one), read_date(two)
            if first is None or last is None:
                yield found.start(), found.end(), False, "one of them is no date"
                continue
            yield (
                found.start(),
                found.end(),
                int(number) == abs((last - first).days),
                f"it is {abs((last - first).days)} days",
            )
