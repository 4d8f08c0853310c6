"""Small pieces of text that several checkers read: numbers without needless zeros, and enumerations."""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBER = "(0|[1-9][0-9]{0,39})"
"""One group: a whole number that is not negative, of a length that can be read in no time."""

NAME = "([A-Z][a-z]+)"
"""One group: a first name."""


def split_list(text: str) -> list[str]:
    """``a, b and c`` in its items. What is no such list comes out as items that nothing matches."""
    if " and " not in text:
        return [text]
    head, last = text.rsplit(" and ", 1)
    return [*head.split(", "), last]


def join_list(items: Sequence[str]) -> str:
    """Items as ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def compile_alternatives(*patterns: str) -> re.Pattern[str]:
    """One pattern that matches the whole of any of these; the groups of the others stay empty."""
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.ASCII)


def read_groups(pattern: re.Pattern[str], text: str) -> list[str] | None:
    """The groups that took part, in order; None where the whole text does not match."""
    found = pattern.fullmatch(text)
    return None if found is None else [g for g in found.groups() if g is not None]
