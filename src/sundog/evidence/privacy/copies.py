"""Rows that equal a training row, exactly or but for one column, and whether chance explains them.

Chance is what real records that the synthesizer never saw (the holdout) score: people who agree in every column exist in any
population. Limits: columns that identify a person are left out of the comparison, and so are text and media.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Intervals, Role, Verdict
from sundog.core.keys import Key
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part, SourceSpec
from sundog.core.tables import UNIT, Tables
from sundog.evidence._frames import LEAST_ROWS, describe_left_out, first_table, plan_comparison
from sundog.evidence._verdicts import is_full, settle, skip_check, skipped
from sundog.evidence.privacy._identifiers import identifier_findings
from sundog.evidence.privacy._persons import person_finding
from sundog.evidence.privacy._rows import Hasher, make_hasher
from sundog.evidence.privacy.recipe import CopiesCheck
from sundog.lib.stats.align import Alignment, plan_alignment
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.stats.rowhash import RowSet, add_hashes, count_rows, make_row_set

NEAR_CELLS: Final = 20_000_000
"""Rows times columns of the search for near copies; larger tables are drawn from."""

FEW_KINDS: Final = 0.05
"""Share of fresh real rows that equal a training row from which the table itself, and not its replica, has too few different rows."""

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")


@dataclass(frozen=True, slots=True)
class CopyCount:
    """What was seen beside generation.

    Attributes:
        rows: rows that were accepted.
        copies: of these, equal to a training row.
    """

    rows: int = 0
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Copies:
    """Implements ``core.protocols.Check`` and ``core.protocols.ShardCheck``."""

    reads: frozenset[Role] = frozenset(_ALL)
    state_type: type[CopyCount] = CopyCount

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def watches(self, part: Part) -> bool:
        """Parts that learn from real records."""
        return isinstance(getattr(part, "source", None), SourceSpec)

    def enforces(self, part: Part) -> bool:
        """Whether rows that equal a training row are drawn again: then it runs whatever the level of evidence."""
        return getattr(part, "copies", "count") == "reject"

    def open(self, spec: CopiesCheck, part: Part, train: Source | None) -> CopyWatcher:
        """Hash the training rows, once in each worker."""
        return CopyWatcher(train, getattr(part, "copies", "count") == "reject")

    def merge(self, left: CopyCount, right: CopyCount) -> CopyCount:
        """Add up."""
        return CopyCount(left.rows + right.rows, left.copies + right.copies)

    def conclude(self, spec: CopiesCheck, seen: CopyCount, evidence: Evidence) -> Answer:
        """What rejection did; where nothing is rejected, ``run`` says all there is to say."""
        if getattr(evidence.part, "copies", "count") != "reject" or seen.rows == 0:
            return Answer()
        # What a watcher saw is of accepted units alone; the rejected ones are counted by the run, up to the last one made.
        copies = evidence.rejected().get("copy", 0)
        rows = evidence.rows("synthetic", first_table(evidence)) + copies
        return Answer(
            findings=(
                Finding(
                    check="privacy.copies_rejected",
                    part=evidence.name,
                    section="privacy",
                    subject="attempted rows",
                    unit="share",
                    value=copies / rows,
                    interval=exact_interval(copies, rows),
                    reads=("synthetic", "train"),
                    baseline_is="",
                    why=f"{copies:,} of {rows:,} generated rows equalled a training row and were drawn again (copies: reject).",
                ),
            )
        )

    def run(self, spec: CopiesCheck, evidence: Evidence, key: Key) -> Answer:
        """Exact and near copies in the finished table, beside those that fresh real rows have."""
        alignment = plan_comparison(evidence)
        if not alignment.columns:
            return skip_check(
                evidence, "privacy.copies", "privacy", "all rows", "no column can be compared", withholds=True
            )
        if evidence.rows("synthetic", first_table(evidence)) == 0:
            return skip_check(evidence, "privacy.copies", "privacy", "all rows", "there are no synthetic rows")
        columns = list(alignment.names)
        first = next(iter(evidence.scan("train", columns=columns)))
        hasher = make_hasher(alignment, first)
        train = hasher.hash_all(evidence.scan("train", columns=columns))
        synthetic = hasher.hash_all(evidence.scan("synthetic", first_table(evidence), columns))
        known = make_row_set(train)
        counts = count_rows(known, synthetic)
        fresh, fresh_is = _count_fresh(evidence, hasher, train, known)
        exact = _share_finding(
            evidence,
            "privacy.copies",
            "equal a training row",
            int((counts > 0).sum()),
            len(counts),
            int((fresh > 0).sum()),
            len(fresh),
            fresh_is,
            withholds=True,
            headline=True,
            left_out=" " + describe_left_out(alignment) if alignment.left_out else "",
        )
        unique = _share_finding(
            evidence,
            "privacy.unique_copies",
            "equal a training row that is the only one of its kind",
            int((counts == 1).sum()),
            len(counts),
            int((fresh == 1).sum()),
            len(fresh),
            fresh_is,
            withholds=False,
        )
        findings = [exact, unique]
        findings += _near_findings(evidence, hasher, known, key)
        person = getattr(getattr(evidence.part, "source", None), "person", None)
        if person is not None and person in evidence.schema("train").names:
            findings.append(person_finding(evidence, hasher, person, synthetic, key))
        findings += identifier_findings(evidence, key)
        drawn = [f for f in findings if f.interval is not None and f.check != "privacy.identifiers"]
        return settle(Answer(findings=tuple(findings), exhibits=_exhibits(evidence, drawn)))


class CopyWatcher:
    """Counts, and where the recipe says so rejects, rows that equal a training row. One worker's side of ``Copies``."""

    def __init__(self, train: Source | None, reject: bool) -> None:
        self._train = train
        self._reject = reject
        self._known: RowSet | None = None
        self._hasher: Hasher | None = None

    def observe(self, units: range, tables: Tables) -> tuple[CopyCount, tuple[Rejected, ...]]:
        """Look at the first table of a shard; a rejected unit's values are never kept, since they are a real record's."""
        if self._train is None or self._train.rows == 0 or not tables:
            return CopyCount(), ()
        batch = next(iter(tables.values()))
        if self._hasher is None:
            self._hasher, self._known = self._prepare(batch.schema)
        if not self._hasher.alignment.columns or self._known is None:
            return CopyCount(batch.num_rows, 0), ()
        equal = count_rows(self._known, self._hasher.hash(batch)) > 0
        state = CopyCount(batch.num_rows, int(equal.sum()))
        if not self._reject or not state.copies:
            return state, ()
        numbers = batch.column(UNIT).to_numpy() if UNIT in batch.schema.names else np.arange(units.start, units.stop)
        return state, tuple(Rejected(int(u), "copy", keep=False) for u in np.unique(numbers[equal]))

    def _prepare(self, made: pa.Schema) -> tuple[Hasher, RowSet | None]:
        assert self._train is not None
        alignment: Alignment = plan_alignment(self._train.schema, [("the synthetic table", made)])
        if not alignment.columns:
            return Hasher(alignment, ()), None
        names = list(alignment.names)
        batches: Iterator[pa.RecordBatch] = iter(self._train.scan(names))
        first = next(batches)
        hasher = make_hasher(alignment, first)
        hashes = [hasher.hash(first), *(hasher.hash(b) for b in batches)]
        return hasher, make_row_set(np.concatenate(hashes))


def _count_fresh(
    evidence: Evidence, hasher: Hasher, train: NDArray[np.uint64], known: RowSet
) -> tuple[NDArray[np.int64], str]:
    """How often each fresh real row stands among the training rows, and what fresh means here."""
    columns = list(hasher.alignment.names)
    if evidence.has("holdout"):
        return count_rows(
            known, hasher.hash_all(evidence.scan("holdout", columns=columns))
        ), "fresh real rows (the holdout) among the training rows"
    halves = train[0::2], train[1::2]
    return count_rows(
        make_row_set(halves[0]), halves[1]
    ), "one half of the training rows among the other: there is no holdout, and half as many rows to meet"


def _share_finding(
    evidence: Evidence,
    check: str,
    what: str,
    hits: int,
    rows: int,
    fresh_hits: int,
    fresh_rows: int,
    fresh_is: str,
    *,
    withholds: bool,
    headline: bool = False,
    left_out: str = "",
) -> Finding:
    interval = exact_interval(hits, rows)
    if fresh_rows == 0:
        return skipped(evidence, check, "privacy", f"rows that {what}", "there are no fresh real rows to compare with")
    baseline, bounds = fresh_hits / fresh_rows, exact_interval(fresh_hits, fresh_rows)
    value = hits / rows
    verdict: Verdict = "fail" if interval[0] > bounds[1] else "pass" if value <= bounds[1] else "inconclusive"
    if fresh_rows < LEAST_ROWS and verdict != "fail":
        why = f"{fresh_rows} fresh real rows are too few to say how many equal ones chance explains ({LEAST_ROWS} are needed); {hits:,} of {rows:,} synthetic rows {what}"
        return skipped(evidence, check, "privacy", f"rows that {what}", why, withholds=withholds)
    few = (
        ". So many fresh rows do that the table has few different rows: coarser numbers or fewer columns tell less"
        if baseline > FEW_KINDS
        else ""
    )
    said = {
        "fail": "more than chance explains. `copies: reject` draws such rows again" + few,
        "pass": "no more than chance explains",
        "inconclusive": "more than expected, but within what chance can do",
    }[verdict]
    return Finding(
        check=check,
        part=evidence.name,
        section="privacy",
        subject=f"rows that {what}",
        unit="share",
        value=value,
        interval=interval,
        baseline=baseline,
        baseline_is=fresh_is,
        limit=f"fails when the lower bound is above the upper bound of the reference ({bounds[1]:.4%})",
        verdict=verdict if withholds or verdict != "fail" else "warn",
        withholds=withholds,
        reads=_ALL if evidence.has("holdout") else ("synthetic", "train"),
        headline=headline,
        why=f"{hits:,} of {rows:,} synthetic rows {what}; of real rows that were never seen, {fresh_hits:,} of {fresh_rows:,} do: {said}.{left_out}",
    )


def _near_findings(evidence: Evidence, hasher: Hasher, known: RowSet, key: Key) -> list[Finding]:
    """Rows that differ from a training row in exactly one column."""
    columns = list(hasher.alignment.names)
    if len(columns) < 3:
        return [
            skipped(
                evidence,
                "privacy.near_copies",
                "privacy",
                "rows that differ in one column",
                "with fewer than three columns most rows differ in one",
            )
        ]
    if not evidence.has("holdout"):
        return [
            skipped(
                evidence,
                "privacy.near_copies",
                "privacy",
                "rows that differ in one column",
                "there is no holdout to say how many chance explains",
            )
        ]
    most = max(1_000, min(500_000 if is_full(evidence) else 100_000, NEAR_CELLS // len(columns)))
    taken = {
        role: evidence.take(role, most, key.child("near").child(role), first_table(evidence), columns) for role in _ALL
    }
    each = {role: hasher.hash_each(table) for role, table in taken.items()}
    rows = {role: add_hashes(each[role], taken[role].num_rows) for role in _ALL}
    judged: tuple[Role, ...] = ("synthetic", "holdout")
    near = {role: np.zeros(taken[role].num_rows, dtype=bool) for role in judged}
    for j in range(len(columns)):
        others = np.sort(rows["train"][:, 0] - each["train"][j][:, 0])
        for role, found in near.items():
            wanted = rows[role][:, 0] - each[role][j][:, 0]
            found |= others[np.minimum(np.searchsorted(others, wanted), len(others) - 1)] == wanted
    hits = {role: int((found & (count_rows(known, rows[role]) == 0)).sum()) for role, found in near.items()}
    drawn = any(taken[r].num_rows < evidence.rows(r, first_table(evidence)) for r in _ALL)
    return [
        _share_finding(
            evidence,
            "privacy.near_copies",
            "differ from a training row in exactly one column",
            hits["synthetic"],
            len(near["synthetic"]),
            hits["holdout"],
            len(near["holdout"]),
            "fresh real rows (the holdout) among the training rows",
            withholds=False,
            left_out=f" Searched among at most {most:,} rows of each side." if drawn else "",
        )
    ]


def _exhibits(evidence: Evidence, findings: list[Finding]) -> tuple[Exhibit, ...]:
    if not findings:
        return ()
    bounds = [f.interval or (0.0, 0.0) for f in findings]
    return (
        Exhibit(
            check="privacy.copies",
            part=evidence.name,
            section="privacy",
            title="Copies, against what chance explains",
            reads=_ALL,
            order=1.0,
            how_to_read="A point at or left of its reference mark has no more copies than real rows that were never seen; 100% would mean that every row is a real one.",
            drawing=Intervals(
                labels=tuple(f.subject for f in findings),
                value=tuple(f.value for f in findings),
                low=tuple(b[0] for b in bounds),
                high=tuple(b[1] for b in bounds),
                reference=tuple(f.baseline for f in findings),
                reference_is="fresh real rows",
                unit="share",
            ),
        ),
    )
