"""Reads the tables that a check compares, once and in the same way for every check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._support import Support
from sundog.lib.stats.align import Alignment, plan_alignment
from sundog.lib.stats.frame import Frame, encode_tables

LEAST_ROWS = 50
"""Fewer rows than this on a side tell nothing, and the check is skipped."""

_CALLED: Mapping[Role, str] = {"train": "training", "holdout": "holdout", "synthetic": "synthetic"}


@dataclass(frozen=True, slots=True)
class Compared:
    """The rows that a check compares.

    Attributes:
        table: name of the synthetic table.
        alignment: columns that are compared, and those left out with the reason.
        frames: rows by role; a role without rows is not in it.
        note: what was left out, in words, with a leading space; empty when everything was used.
        people: int64 (rows,), the person of each training row; None where the recipe names nobody.
    """

    table: str
    alignment: Alignment
    frames: Mapping[Role, Frame]
    note: str
    people: NDArray[np.int64] | None = None

    def support(self, evidence: Evidence, column: str) -> Support:
        """What a value of this column needs before a report may show it."""
        return Support(evidence.part.least_support(column), self.people)

    def lacks(self, *roles: Role, least: int = LEAST_ROWS) -> str:
        """Why the rows of these roles cannot be compared; empty when they can."""
        if not self.alignment.columns:
            return "no column can be compared: the tables share none that is neither identifier, text nor media"
        for role in roles:
            if role not in self.frames:
                return f"there are no {_CALLED[role]} rows" + (
                    ": without real records that the synthesizer never saw there is nothing to judge against"
                    if role == "holdout"
                    else ""
                )
            if self.frames[role].rows < least:
                return (
                    f"{self.frames[role].rows} {_CALLED[role]} rows are too few to tell anything ({least} are needed)"
                )
        return ""


def first_table(evidence: Evidence) -> str:
    """The table that the real records belong to."""
    return evidence.tables()[0]


def plan_comparison(evidence: Evidence) -> Alignment:
    """Which columns can be compared."""
    others = [("the synthetic table", evidence.schema("synthetic", first_table(evidence)))]
    if evidence.has("holdout"):
        others.append(("the holdout", evidence.schema("holdout")))
    return plan_alignment(evidence.schema("train"), others)


def limit_rows(evidence: Evidence, most: int, cells: int, least: int = 2_000) -> int:
    """Rows to read of each side: fewer where the table is wide, so that rows times columns stay within ``cells``."""
    return min(most, max(least, cells // max(1, len(plan_comparison(evidence).columns))))


def read_frames(evidence: Evidence, key: Key, most: Mapping[Role, int], weighed: bool = False) -> Compared:
    """Draw rows of each role and bring them to common arrays.

    Args:
        evidence: where they come from; must have training records.
        key: names the draw.
        most: rows of each role at most; a role that is not named is not read.
        weighed: where the recipe names a column of weights, keep a real row with a chance proportional to its weight (up to
            the 99th percentile of the weights), since the synthetic rows stand for the weighted population. Rows stay
            distinct, which a draw with replacement would not give.
    """
    table = first_table(evidence)
    alignment = plan_comparison(evidence)
    weights: str | None = getattr(evidence.part, "weights", None) if weighed else None
    person: str | None = getattr(getattr(evidence.part, "source", None), "person", None)
    people: NDArray[np.int64] | None = None
    said: list[str] = []
    tables: dict[Role, pa.Table] = {}
    for role in ("train", "holdout", "synthetic"):
        if role not in most or not evidence.has(role):
            continue
        named = person if role == "train" and person in evidence.schema(role).names else None
        names = list(dict.fromkeys([*alignment.names, *([] if named is None else [named])]))
        thin: str | None = weights if role != "synthetic" and weights in evidence.schema(role).names else None
        if thin is not None:
            names = list(dict.fromkeys([*names, thin]))
        rows = evidence.take(role, most[role], key.child(role), table, names)
        total = evidence.rows(role, table)
        if total > most[role]:
            said.append(f"{most[role]:,} of {total:,} {_CALLED[role]} rows, drawn at random")
        if thin is not None:
            kept = _keep_by_weight(rows.column(thin), key.child("weights").child(role))
            said.append(f"{len(kept):,} {_CALLED[role]} rows kept in proportion to {thin!r}")
            rows = rows.take(pa.array(kept))
        if named is not None:
            people = _number_people(rows.column(named))
        tables[role] = rows
    frames = {role: frame for role, frame in encode_tables(alignment, tables).items() if frame.rows > 0}  # type: ignore[arg-type]
    note = f" Measured on {'; '.join(said)}." if said else ""
    if getattr(evidence.part, "given", None) is not None:
        note += " The rows were made under conditions (`given`), so they need not look like all real rows."
    if alignment.left_out:
        note += " " + describe_left_out(alignment)
    return Compared(table, alignment, frames, note, people)  # type: ignore[arg-type]


def describe_left_out(alignment: Alignment, most: int = 6) -> str:
    """One sentence that names the columns that are not compared, and each reason once."""
    groups: dict[str, list[str]] = {}
    for name, why in alignment.left_out[:most]:
        groups.setdefault(why, []).append(repr(name))
    shown = "; ".join(f"{', '.join(names)} ({why})" for why, names in groups.items())
    more = len(alignment.left_out) - most
    return f"Left out: {shown}{f' and {more} more columns' if more > 0 else ''}."


def _number_people(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """A number for each person; rows without a name count as one."""
    coded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
    flat = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    return np.asarray(flat.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _keep_by_weight(column: pa.ChunkedArray, key: Key) -> NDArray[np.int64]:
    weights = np.nan_to_num(np.array(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64), nan=0.0)
    weights = np.maximum(weights, 0.0)
    top = float(np.quantile(weights, 0.99)) if len(weights) else 0.0
    if top <= 0.0:
        return np.arange(len(weights), dtype=np.int64)
    return np.flatnonzero(key.uniform(range(len(weights)))[:, 0] * top < weights)
