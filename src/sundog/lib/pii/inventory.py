"""The personal data of a table, column by column, in words and as lines of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from sundog.lib.pii.columns import PersonalColumn, judge_column, say_letter
from sundog.lib.pii.language import has_language

SHOWN_INSIDE = 8


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """What is needed to judge a column.

    Attributes:
        name: its name.
        values: different values, or a sample.
        meaning: as inferred.
        pattern: as inferred.
    """

    name: str
    values: pa.Array
    meaning: str
    pattern: str


def take_inventory(columns: Iterable[ColumnValues]) -> tuple[PersonalColumn, ...]:
    """Columns that hold personal data or may hold special categories of it, in order."""
    found = (judge_column(c.name, c.values, meaning=c.meaning, pattern=c.pattern) for c in columns)
    return tuple(f for f in found if f is not None)


def describe_column(column: PersonalColumn) -> tuple[str, str, str, str, str]:
    """A line of the inventory: column, kind, letter of Safe Harbor, confidence, why."""
    kind = column.what or "-"
    letter = say_letter(column.letter) if column.letter else "-"
    if column.inside:
        letters = sorted({_letter_of(k) for k, _ in column.inside[:SHOWN_INSIDE]} - {""})
        letter = f"inside: {', '.join(letters)}"
    why = column.why + (f"; perhaps a special category: {column.special}" if column.special else "")
    return column.column, kind, letter, f"{column.confidence:.0%}", why


def _letter_of(kind: str) -> str:
    from sundog.lib.pii.kinds import find_kind

    return find_kind(kind).letter


def format_inventory(found: Sequence[PersonalColumn]) -> list[str]:
    """Lines for a terminal; none where nothing was found."""
    if not found:
        return []
    rows = [describe_column(c)[:4] for c in found]
    head = ("column", "personal data", "HIPAA Safe Harbor", "sure")
    widths = [max(len(r[i]) for r in (head, *rows)) for i in range(4)]
    lines = ["Personal data:"]
    lines.append("  " + "  ".join(h.ljust(w) for h, w in zip(head, widths, strict=True)).rstrip())
    for column, row in zip(found, rows, strict=True):
        lines.append("  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip())
        lines.append(f"      {describe_column(column)[4]}")
    if any(c.kind == "text" for c in found) and not has_language():
        lines.append(
            "  Names that no list has are found in free text with the packages of the extra 'pii' only: python -m pip install '.[pii]', in the folder of Sundog's source."
        )
    return lines
