"""Runs of eight words that made texts share with the source, read beside what real texts that were never seen share with it.

An absolute threshold misleads: in a corpus of court rulings strangers share many runs, in one of poems hardly any. Source of the
measure: runs of eight words, by custom; the comparison with a held-out half is ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sundog.core.findings import Answer, Exhibit, Finding, Intervals, Role, Verdict
from sundog.core.keys import Key
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part, SourceSpec
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text._said import accept_of, find_real, find_seen, scan_made, scan_real, skipped
from sundog.kinds.text.checks_quality import texts_of
from sundog.kinds.text.recipe_accept import AcceptSpec
from sundog.kinds.text.recipe_checks import TextCopyingCheck
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.texts.columns import choose_table, read_texts
from sundog.lib.texts.overlap import SIZE, KnownRuns, Overlap, gather_runs, measure_overlap

LEAST_REAL = 20
"""Real texts that must be fresh for a comparison."""

MOSTLY = 0.5
"""Share of a text's runs from which it is mostly a copy."""

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")
_SUBJECT = f"runs of {SIZE} words that stand in the source"


@dataclass(frozen=True, slots=True)
class CopyingCount:
    """Texts that were accepted, and how many of them have a run of the source."""

    rows: int = 0
    touching: int = 0


@dataclass(frozen=True, slots=True)
class TextCopying:
    """Implements ``core.protocols.Check``, ``ShardCheck`` and ``Enforcing``."""

    reads: frozenset[Role] = frozenset(_ALL)
    state_type: type[CopyingCount] = CopyingCount

    def watches(self, part: Part) -> bool:
        """Parts that read texts and have a limit of copying."""
        accept = accept_of(part)
        learns = isinstance(getattr(part, "source", None), SourceSpec)
        return accept is not None and accept.copying is not None and learns

    def enforces(self, part: Part) -> bool:
        """Whether copies are rejected: then it runs whatever the level of evidence."""
        return self.watches(part)

    def open(self, spec: TextCopyingCheck, part: Part, train: Source | None) -> CopyingWatcher:
        """Gather the runs of the source, once in each worker."""
        accept = accept_of(part)
        assert accept is not None
        return CopyingWatcher(accept, train)

    def merge(self, left: CopyingCount, right: CopyingCount) -> CopyingCount:
        """Add up."""
        return CopyingCount(left.rows + right.rows, left.touching + right.touching)

    def conclude(self, spec: TextCopyingCheck, seen: CopyingCount, evidence: Evidence) -> Answer:
        """What rejection did; what is left is judged by ``run``."""
        accept = accept_of(evidence.part)
        if accept is None or accept.copying is None or not seen.rows:
            return Answer()
        copies = evidence.rejected().get("copy", 0)
        total = seen.rows + copies
        return Answer(
            findings=(
                Finding(
                    check="privacy.text_copies_rejected",
                    part=evidence.name,
                    section="privacy",
                    subject="attempted texts",
                    value=copies / total,
                    unit="share",
                    interval=exact_interval(copies, total),
                    reads=("synthetic", "train"),
                    why=f"{copies:,} of {total:,} texts had more than {accept.copying:.0%} of their runs of {SIZE} words from the source "
                    f"and were rejected; {seen.touching:,} of the {seen.rows:,} that stay have at least one.",
                ),
            )
        )

    def applies(self, evidence: Evidence) -> bool:
        """Where a part has texts and real ones to compare with."""
        return accept_of(evidence.part) is not None and evidence.has("train")

    def run(self, spec: TextCopyingCheck, evidence: Evidence, key: Key) -> Answer:
        """The share of runs that stand in the source, beside that of fresh real texts; and texts that are mostly copies."""
        accept = accept_of(evidence.part)
        seen = find_seen(evidence, accept.columns if accept is not None else ())
        if seen is None:
            return Answer()
        known, fresh, fresh_is = _compare(evidence)
        if fresh is None:
            return Answer(
                findings=(
                    skipped(
                        evidence, "privacy.text_copying", "privacy", _SUBJECT, fresh_is, withholds=True, unit="share"
                    ),
                )
            )
        made = measure_overlap(known, scan_made(evidence, seen))
        findings = (
            _judge_runs(evidence, made, fresh, fresh_is, spec.factor),
            _judge_texts(evidence, made, fresh, fresh_is),
        )
        return Answer(findings=findings, exhibits=(_show(evidence, findings),))


class CopyingWatcher:
    """One worker's side of ``TextCopying``."""

    def __init__(self, accept: AcceptSpec, train: Source | None) -> None:
        self._accept = accept
        columns = () if train is None else find_real(train.schema, next(iter(train.scan()), None))
        self._known: KnownRuns | None = None
        if train is not None and columns:
            self._known = gather_runs(read_texts(b, columns) for b in train.scan(list(columns)))

    def observe(self, units: range, tables: Tables) -> tuple[CopyingCount, tuple[Rejected, ...]]:
        """Count, and reject units that are copied; what equals real text is never kept."""
        table = choose_table({n: b.schema for n, b in tables.items()}, self._accept.columns)
        if table is None or self._known is None or not tables[table].num_rows:
            return CopyingCount(), ()
        batch = tables[table]
        found = measure_overlap(self._known, [texts_of(batch, self._accept)])
        numbers = np.asarray(
            batch.column(UNIT).to_numpy() if UNIT in batch.schema.names else np.arange(units.start, units.stop)
        )
        limit = self._accept.copying or 1.0
        copied = (found.shared > limit * found.runs) & (found.runs > 0)
        if limit == 1.0:
            copied = (found.shared == found.runs) & (found.runs > 0)
        rejects = tuple(Rejected(int(u), "copy", keep=False) for u in np.unique(numbers[copied]))
        return CopyingCount(batch.num_rows, int((found.shared > 0).sum())), rejects


def _compare(evidence: Evidence) -> tuple[KnownRuns, Overlap | None, str]:
    """The runs of the source, what fresh real texts share with them, and what fresh means here."""
    if evidence.has("holdout"):
        known = gather_runs(scan_real(evidence, "train"))
        fresh = measure_overlap(known, scan_real(evidence, "holdout"))
        fresh_is = "real texts that were never seen (the holdout)"
    else:  # half of the source plays the one that was never seen, and made texts are held against the other half alone
        known = gather_runs(_halve(evidence, 0))
        fresh = measure_overlap(known, _halve(evidence, 1))
        fresh_is = "one half of the source, among the other half: there is no holdout"
    if not len(known.values):
        return known, None, f"the source has no texts of {SIZE} words"
    if len(fresh.runs) < LEAST_REAL or not fresh.runs.sum():
        return (
            known,
            None,
            f"{len(fresh.runs)} fresh real texts are too few to say what chance explains ({LEAST_REAL} are needed)",
        )
    return known, fresh, fresh_is


def _halve(evidence: Evidence, side: int) -> Iterator[pa.Array]:
    row = 0
    for texts in scan_real(evidence, "train"):
        yield texts.take(pa.array(np.flatnonzero((np.arange(row, row + len(texts)) & 1) == side)))
        row += len(texts)


def _judge_runs(evidence: Evidence, made: Overlap, fresh: Overlap, fresh_is: str, factor: float) -> Finding:
    interval, bounds = made.interval(), fresh.interval()
    # No more than one run in a thousand is nothing to withhold for, however few real texts share.
    limit = max(factor * bounds[1], 0.001)
    verdict: Verdict = "fail" if interval[0] > limit else "pass" if made.share <= limit else "inconclusive"
    said = {
        "fail": "more than common matter explains: text was copied. `accept: {copying: 0.3}` rejects such units",
        "pass": "no more than common matter explains",
        "inconclusive": "more than expected, but within what chance can do",
    }[verdict]
    times = f", {made.share / fresh.share:.2g} times as many" if fresh.share else ""
    return Finding(
        check="privacy.text_copying",
        part=evidence.name,
        section="privacy",
        subject=_SUBJECT,
        value=made.share,
        unit="share",
        interval=interval,
        baseline=fresh.share,
        baseline_is=fresh_is,
        limit=f"fails when the lower bound is above {factor:g} times the upper bound of the reference ({limit:.3%})",
        verdict=verdict,
        withholds=True,
        reads=_reads(evidence),
        headline=True,
        why=f"{int(made.shared.sum()):,} of {int(made.runs.sum()):,} runs of made texts stand in the source; of fresh real ones "
        f"{int(fresh.shared.sum()):,} of {int(fresh.runs.sum()):,} do{times}: {said}.",
    )


def _judge_texts(evidence: Evidence, made: Overlap, fresh: Overlap, fresh_is: str) -> Finding:
    hits, fresh_hits = made.count_above(MOSTLY), fresh.count_above(MOSTLY)
    rows, fresh_rows = len(made.runs), len(fresh.runs)
    interval, bounds = exact_interval(hits, rows), exact_interval(fresh_hits, fresh_rows)
    return Finding(
        check="privacy.text_copies",
        part=evidence.name,
        section="privacy",
        subject=f"texts with more than {MOSTLY:.0%} of their runs from the source",
        value=hits / rows if rows else 0.0,
        unit="share",
        interval=interval,
        baseline=fresh_hits / fresh_rows,
        baseline_is=fresh_is,
        limit="warns when the lower bound is above the upper bound of the reference",
        verdict="warn" if interval[0] > bounds[1] else "pass",
        reads=_reads(evidence),
        why=f"{hits:,} of {rows:,} made texts are mostly word for word in the source; of fresh real ones {fresh_hits:,} of {fresh_rows:,}.",
    )


def _reads(evidence: Evidence) -> tuple[Role, ...]:
    return _ALL if evidence.has("holdout") else ("synthetic", "train")


def _show(evidence: Evidence, findings: tuple[Finding, ...]) -> Exhibit:
    bounds = [f.interval or (0.0, 0.0) for f in findings]
    return Exhibit(
        check="text_copying",
        part=evidence.name,
        section="privacy",
        title="Words from the source, against what common matter explains",
        reads=_reads(evidence),
        order=2.0,
        how_to_read="A point at its reference mark shares as much with the source as real texts that were never seen; far right of it, text was copied.",
        drawing=Intervals(
            labels=tuple(f.subject for f in findings),
            value=tuple(f.value for f in findings),
            low=tuple(b[0] for b in bounds),
            high=tuple(b[1] for b in bounds),
            reference=tuple(f.baseline for f in findings),
            reference_is="fresh real texts",
            unit="share",
        ),
    )
