"""Each column by itself: is it distributed like the real one?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Intervals, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import Compared, read_frames
from sundog.evidence._support import Support
from sundog.evidence._verdicts import is_full, judge_above, judge_below, settle, skip_check
from sundog.evidence.fidelity._charts import chart_column
from sundog.evidence.fidelity._coverage import RarePairs, Rarity, measure_rare, measure_rare_pairs
from sundog.evidence.fidelity.recipe import ColumnsCheck
from sundog.lib.stats.distances import Distance, compare_values, measure_wasserstein
from sundog.lib.stats.frame import Frame, draw_rows
from sundog.lib.stats.intervals import GROUPS, jackknife_interval, row_groups, wilson_interval

QUICK_ROWS: Final = 50_000
FULL_ROWS: Final = 200_000
CHARTS: Final = 60
"""Columns that are drawn; of a wider table, those furthest from the real one."""

_BOTH: tuple[Role, ...] = ("synthetic", "train")
_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")
_EQUAL = "a fresh real sample (the holdout) of the same size, against the same training rows"


@dataclass(frozen=True, slots=True)
class Columns:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: ColumnsCheck, evidence: Evidence, key: Key) -> Answer:
        """Distance of each column to the training records, beside what fresh real records score."""
        most = FULL_ROWS if is_full(evidence) else QUICK_ROWS
        compared = read_frames(evidence, key, {"train": most, "holdout": most, "synthetic": most}, weighed=True)
        why = compared.lacks("train", "synthetic")
        if why:
            return skip_check(evidence, "fidelity.columns", "fidelity", "all columns", why)
        sides = _cut_sides(compared, key)
        supports = [compared.support(evidence, c.name) for c in sides.train.columns]
        each = [_compare_column(sides, i, supports[i]) for i in range(len(sides.train.columns))]
        findings = [_table_finding(evidence, sides, each, compared.note)]
        findings += [_column_finding(evidence, sides, one) for one in each]
        findings += _missing_findings(evidence, sides)
        findings += _rare_findings(evidence, sides, key)
        findings += _tail_findings(evidence, sides)
        findings += _absent_findings(evidence, compared)
        return settle(Answer(findings=tuple(findings), exhibits=tuple(_exhibits(evidence, sides, each, supports))))


@dataclass(frozen=True, slots=True)
class _Sides:
    """Training rows, and synthetic and fresh rows of the same number; ``fresh`` is None without a holdout."""

    train: Frame
    synthetic: Frame
    fresh: Frame | None

    @property
    def reads(self) -> tuple[Role, ...]:
        return _BOTH if self.fresh is None else _ALL


@dataclass(frozen=True, slots=True)
class _Compared:
    """One column: its distance and that of fresh real rows."""

    position: int
    name: str
    measure: str
    moved: str
    synthetic: Distance
    fresh: Distance | None

    @property
    def interval(self) -> tuple[float, float]:
        return jackknife_interval(self.synthetic.value, self.synthetic.left_out, low=0.0, high=1.0)

    @property
    def excess(self) -> float:
        return self.synthetic.value - (self.fresh.value if self.fresh is not None else 0.0)


def _cut_sides(compared: Compared, key: Key) -> _Sides:
    frames: Mapping[Role, Frame] = compared.frames
    train, synthetic = frames["train"], frames["synthetic"]
    if compared.lacks("holdout"):
        return _Sides(train, synthetic, None)
    rows = min(synthetic.rows, frames["holdout"].rows)
    cut = key.child("equal").generator()
    return _Sides(train, draw_rows(synthetic, rows, cut), draw_rows(frames["holdout"], rows, cut))


def _compare_column(sides: _Sides, i: int, support: Support) -> _Compared:
    column, real, made = sides.train.columns[i], sides.train.values[i], sides.synthetic.values[i]
    fresh = compare_values(column, real, sides.fresh.values[i]) if sides.fresh is not None else None
    measure = "Kolmogorov-Smirnov distance" if column.numeric else "total variation distance"
    moved = ""
    if column.form == "number":
        moved = _say_moved(np.asarray(real, dtype=np.float64), np.asarray(made, dtype=np.float64), support)
    return _Compared(i, column.name, measure, moved, compare_values(column, real, made), fresh)


def _say_moved(real: NDArray[np.float64], made: NDArray[np.float64], support: Support) -> str:
    """How far values would have to move. Those beyond the ends count as the ends: a mean of few rows tells an extreme."""
    ends = support.find_ends(real, 0.0)
    known = made[~np.isnan(made)]
    if ends is None or len(known) == 0:
        return ""
    distance = measure_wasserstein(np.clip(real[~np.isnan(real)], *ends), np.clip(known, *ends))
    return f"; a value would have to move by {distance:.4g} on average (extremes count as the ends of the range)"


def _table_finding(evidence: Evidence, sides: _Sides, each: list[_Compared], note: str) -> Finding:
    value = float(np.mean([c.synthetic.value for c in each]))
    interval = jackknife_interval(value, np.mean([c.synthetic.left_out for c in each], axis=0), low=0.0, high=1.0)
    baseline = float(np.mean([c.fresh.value for c in each if c.fresh is not None])) if sides.fresh is not None else None
    worst = max(each, key=lambda c: c.excess)
    beside = (
        f", fresh real rows {baseline:.4f}"
        if baseline is not None
        else "; without enough holdout rows there is no reference"
    )
    return Finding(
        check="fidelity.columns",
        part=evidence.name,
        section="fidelity",
        subject="all columns",
        unit="distance",
        value=value,
        interval=interval,
        baseline=baseline,
        baseline_is=_EQUAL if baseline is not None else "",
        limit="warns when the lower bound is more than 0.02 above the reference" if baseline is not None else "",
        verdict=judge_above(interval, baseline, 0.02),
        reads=sides.reads,
        headline=True,
        why=f"On average a column of {sides.synthetic.rows:,} synthetic rows is {value:.4f} away from the real one (0 is equal, 1 is disjoint){beside}; furthest off is {worst.name!r}.{note}",
    )


def _column_finding(evidence: Evidence, sides: _Sides, one: _Compared) -> Finding:
    baseline = one.fresh.value if one.fresh is not None else None
    return Finding(
        check="fidelity.column",
        part=evidence.name,
        section="fidelity",
        subject=one.name,
        unit="distance",
        value=one.synthetic.value,
        interval=one.interval,
        baseline=baseline,
        baseline_is=_EQUAL if baseline is not None else "",
        limit="warns when the lower bound is more than 0.05 above the reference" if baseline is not None else "",
        verdict=judge_above(one.interval, baseline, 0.05),
        reads=sides.reads,
        why=f"The {one.measure} between the synthetic and the real values of {one.name!r}, missing ones left out{one.moved}.",
    )


def _averaged(
    frame: Frame, of: Callable[[NDArray[np.int64]], NDArray[np.float64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A statistic over all rows, and over the rows without each jackknife group: (k,) and (GROUPS, k)."""
    groups = row_groups(frame.rows)
    return of(np.arange(frame.rows)), np.stack([of(np.flatnonzero(groups != g)) for g in range(GROUPS)])


def _missing_findings(evidence: Evidence, sides: _Sides) -> list[Finding]:
    train, synthetic, fresh = sides.train, sides.synthetic, sides.fresh
    positions = [i for i in range(len(train.columns)) if train.missing(i).any() or synthetic.missing(i).any()]
    if not positions:
        return []
    real = np.array([train.missing(i).mean() for i in positions])
    masks = np.stack([synthetic.missing(i) for i in positions], axis=1)
    shares, left_out = _averaged(synthetic, lambda rows: np.asarray(masks[rows].mean(axis=0)))
    gaps = np.abs(shares - real)
    value = float(gaps.mean())
    interval = jackknife_interval(value, np.abs(left_out - real).mean(axis=1), low=0.0, high=1.0)
    baseline = (
        float(np.mean([abs(fresh.missing(i).mean() - r) for i, r in zip(positions, real, strict=True)]))
        if fresh is not None
        else None
    )
    worst = int(np.argmax(gaps))
    name = train.columns[positions[worst]].name
    return [
        Finding(
            check="fidelity.missing",
            part=evidence.name,
            section="fidelity",
            subject=f"missing values of {len(positions)} columns",
            unit="share",
            value=value,
            interval=interval,
            baseline=baseline,
            baseline_is=_EQUAL if baseline is not None else "",
            limit="warns when the lower bound is more than 0.02 above the reference" if baseline is not None else "",
            verdict=judge_above(interval, baseline, 0.02),
            reads=sides.reads,
            why=f"The share of missing values differs by {value:.4f} on average; most in {name!r} ({shares[worst]:.4f} synthetic, {real[worst]:.4f} real).",
        )
    ]


def _rare_findings(evidence: Evidence, sides: _Sides, key: Key) -> list[Finding]:
    findings = []
    singles: Rarity = measure_rare(sides.train, sides.synthetic, sides.fresh)
    pairs: RarePairs = measure_rare_pairs(sides.train, sides.synthetic, sides.fresh, key.child("pairs").generator())
    for check, subject, what, found in (
        ("fidelity.rare", "rare categories", "values that fewer than 1% of the real rows have", singles),
        (
            "fidelity.rare_pairs",
            "rare combinations",
            "pairs of values that fewer than 0.5% but at least three of the real rows have",
            pairs,
        ),
    ):
        if found.total == 0:
            continue
        interval = wilson_interval(found.synthetic, found.total)
        baseline = found.fresh / found.total if found.fresh is not None else None
        findings.append(
            Finding(
                check=check,
                part=evidence.name,
                section="coverage",
                subject=subject,
                unit="share",
                value=found.synthetic / found.total,
                interval=interval,
                baseline=baseline,
                baseline_is=_EQUAL if baseline is not None else "",
                limit="warns when the upper bound is more than 0.1 below the reference" if baseline is not None else "",
                verdict=judge_below(interval, baseline, 0.1),
                reads=sides.reads,
                why=f"Of {found.total:,} {what}, {found.synthetic:,} appear in {sides.synthetic.rows:,} synthetic rows"
                + (f" and {found.fresh:,} in as many fresh real ones" if found.fresh is not None else "")
                + "; values held by a few persons may be missing on purpose.",
            )
        )
    return findings


def _tail_findings(evidence: Evidence, sides: _Sides) -> list[Finding]:
    """Share of synthetic values outside the 1% and 99% quantiles of the training values."""
    kept: list[tuple[int, float, float]] = []
    for i, column in enumerate(sides.train.columns):
        values = sides.train.values[i]
        known = values[~np.isnan(values)] if column.numeric else np.empty(0)
        if len(known) >= 100:
            low, high = (float(q) for q in np.quantile(known, [0.01, 0.99], method="inverted_cdf"))
            if ((known < low) | (known > high)).any():
                kept.append((i, low, high))
    if not kept:
        return []

    def outside(frame: Frame, rows: NDArray[np.int64]) -> float:
        total = 0.0
        for i, low, high in kept:
            values = frame.values[i][rows]
            known = max(1, int((~np.isnan(values)).sum()))
            total += float(((values < low) | (values > high)).sum()) / known
        return total / len(kept)

    all_rows, left_out = _averaged(sides.synthetic, lambda rows: np.array([outside(sides.synthetic, rows)]))
    value = float(all_rows[0])
    interval = jackknife_interval(value, left_out[:, 0], low=0.0, high=1.0)
    baseline = outside(sides.fresh, np.arange(sides.fresh.rows)) if sides.fresh is not None else None
    off = baseline is not None and (interval[1] < 0.5 * baseline or interval[0] > 2.0 * baseline)
    return [
        Finding(
            check="fidelity.tails",
            part=evidence.name,
            section="coverage",
            subject=f"tails of {len(kept)} columns",
            unit="share",
            value=value,
            interval=interval,
            baseline=baseline,
            baseline_is=_EQUAL if baseline is not None else "",
            limit="warns when the interval lies below half or above twice the reference"
            if baseline is not None
            else "",
            verdict="info" if baseline is None else "warn" if off else "pass",
            reads=sides.reads,
            why="The share of values beyond the 1% and 99% quantiles of the real ones, averaged over columns; tails that thin out are the first sign of collapse.",
        )
    ]


def _absent_findings(evidence: Evidence, compared: Compared) -> list[Finding]:
    left_out = compared.alignment.left_out
    if not left_out:
        return []
    absent = [name for name, why in left_out if "not in the synthetic table" in why]
    names = ", ".join(repr(n) for n in absent[:8]) + (", ..." if len(absent) > 8 else "")
    return [
        Finding(
            check="fidelity.compared",
            part=evidence.name,
            section="fidelity",
            subject="columns not compared",
            unit="columns",
            value=float(len(left_out)),
            baseline=0.0,
            baseline_is="all columns compared",
            reads=_BOTH,
            why=f"{len(left_out)} of {len(left_out) + len(compared.alignment.columns)} real columns are not compared"
            + (f"; the synthetic table lacks {names}." if absent else ", as they are identifiers, text or media."),
        )
    ]


def _exhibits(evidence: Evidence, sides: _Sides, each: list[_Compared], supports: Sequence[Support]) -> list[Exhibit]:
    drawn = sorted(sorted(each, key=lambda c: -c.excess)[:CHARTS], key=lambda c: c.position)
    said = (
        "" if len(drawn) == len(each) else f" The {len(drawn)} of {len(each)} columns that are furthest off are drawn."
    )
    bounds = [c.interval for c in drawn]
    overview = Exhibit(
        check="fidelity.columns",
        part=evidence.name,
        section="fidelity",
        title="Distance of each column",
        reads=sides.reads,
        order=1.0,
        how_to_read=f"A point near its reference mark is as close to the real column as fresh real rows are; 0 is equal, 1 has nothing in common.{said}",
        drawing=Intervals(
            labels=tuple(c.name for c in drawn),
            value=tuple(c.synthetic.value for c in drawn),
            low=tuple(b[0] for b in bounds),
            high=tuple(b[1] for b in bounds),
            reference=tuple(c.fresh.value for c in drawn if c.fresh is not None),
            reference_is="fresh real rows" if sides.fresh is not None else "",
            unit="distance",
        ),
    )
    samples = {"real (training)": sides.train, "synthetic": sides.synthetic}
    if sides.fresh is not None:
        samples["fresh real (holdout)"] = sides.fresh
    charts = [
        Exhibit(
            check="fidelity.column",
            part=evidence.name,
            section="fidelity",
            title=c.name,
            reads=sides.reads,
            order=10.0 + rank / 1000,
            how_to_read=drawn_as[1],
            drawing=drawn_as[0],
        )
        for rank, c in enumerate(drawn)
        if (drawn_as := chart_column(samples, c.position, supports[c.position])) is not None
    ]
    return [overview, *charts]
