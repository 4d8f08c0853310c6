"""Findings that count faulty items: none may be left."""

from __future__ import annotations

from collections.abc import Sequence

from sundog.core.findings import Exhibit, Finding, Grid
from sundog.core.protocols import Evidence

SHOWN = 10
"""Faulty items that the report shows."""


def count_faults(evidence: Evidence, check: str, subject: str, wrong: int, of: int, noun: str, fault: str) -> Finding:
    """How many items have a fault; one withholds.

    Args:
        evidence: whose part it is.
        check: id of the finding.
        subject: what was looked at.
        wrong: items with the fault.
        of: items that were looked at.
        noun: what they are called, in the plural.
        fault: what is wrong with them, after "of 10 notes 2".
    """
    why = f"of {of:,} {noun} {wrong:,} {fault}" if wrong else f"all {of:,} {noun} were looked at, and none {fault}"
    return Finding(
        check=check,
        part=evidence.name,
        section="verification",
        subject=subject,
        value=float(wrong),
        unit="items",
        limit="0 items",
        verdict="fail" if wrong else "pass",
        withholds=True,
        why=why,
    )


def show_faults(
    evidence: Evidence, check: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> Exhibit:
    """Some faulty items to read."""
    cells = tuple(tuple(str(c)[:300] for c in row) for row in rows[:SHOWN])
    return Exhibit(
        check=check,
        part=evidence.name,
        section="verification",
        title=title,
        how_to_read="Each line is one of the items that were found wrong, as it stands in the data.",
        drawing=Grid(columns=tuple(columns), rows=cells),
    )
