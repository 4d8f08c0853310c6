"""How columns hang together: pairs, triples, correlations, and what goes with a missing value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Heatmap, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import read_frames
from sundog.evidence._verdicts import is_full, judge_above, judge_below, settle, skip_check
from sundog.evidence.fidelity.recipe import AssociationsCheck
from sundog.lib.stats.associations import associate, compare_matrices, correlate_numbers
from sundog.lib.stats.bins import Accuracy, Binned, bin_frames, choose_sets, measure_accuracy
from sundog.lib.stats.frame import Frame, draw_rows
from sundog.lib.stats.intervals import jackknife_interval

PAIR_BINS: Final = 10
TRIPLE_BINS: Final = 5
MATRIX_COLUMNS: Final = 80
"""Columns between which every association is computed; of a wider table, so many are drawn at random."""
SHOWN_COLUMNS: Final = 40
LEAST_BOTH: Final = 30
"""Real rows that must have a value in both columns, in the training rows and in the fresh ones: an association of fewer is noise."""
MATRIX_ROWS: Final = 20_000

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")
_EQUAL = "a fresh real sample (the holdout) of the same size, against the same training rows"


@dataclass(frozen=True, slots=True)
class _Caps:
    rows: int
    pairs: int
    triples: int


QUICK: Final = _Caps(rows=50_000, pairs=1_500, triples=200)
FULL: Final = _Caps(rows=200_000, pairs=5_000, triples=1_000)


@dataclass(frozen=True, slots=True)
class Associations:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: AssociationsCheck, evidence: Evidence, key: Key) -> Answer:
        """Accuracy of pairs and triples and differences of associations, beside what fresh real records score."""
        caps = FULL if is_full(evidence) else QUICK
        compared = read_frames(
            evidence, key, {"train": caps.rows, "holdout": caps.rows, "synthetic": caps.rows}, weighed=True
        )
        why = compared.lacks("train", "synthetic", "holdout")
        if not why and len(compared.alignment.columns) < 2:
            why = "one column has no associations"
        if why:
            return skip_check(evidence, "fidelity.pairs", "fidelity", "all pairs", why)
        frames = compared.frames
        cut = key.child("equal").generator()
        rows = min(frames["synthetic"].rows, frames["holdout"].rows)
        sides = _Sides(
            frames["train"], draw_rows(frames["synthetic"], rows, cut), draw_rows(frames["holdout"], rows, cut)
        )
        findings, exhibits = _accuracy_findings(evidence, sides, caps, key, compared.note)
        more, drawn = _matrix_findings(evidence, sides, key)
        findings += more + _missing_findings(evidence, sides, caps, key)
        return settle(Answer(findings=tuple(findings), exhibits=tuple(exhibits + drawn)))


@dataclass(frozen=True, slots=True)
class _Sides:
    train: Frame
    synthetic: Frame
    fresh: Frame


def _accuracy_findings(
    evidence: Evidence, sides: _Sides, caps: _Caps, key: Key, note: str
) -> tuple[list[Finding], list[Exhibit]]:
    width = len(sides.train.columns)
    findings: list[Finding] = []
    exhibits: list[Exhibit] = []
    for check, of, bins, most, margin in (
        ("fidelity.pairs", 2, PAIR_BINS, caps.pairs, 0.02),
        ("fidelity.triples", 3, TRIPLE_BINS, caps.triples, 0.03),
    ):
        sets = choose_sets(width, of, most, key.child(check).generator()) if width >= of else ()
        if not sets:
            continue
        real, synthetic, fresh = bin_frames([sides.train, sides.synthetic, sides.fresh], bins)
        ours, theirs = measure_accuracy(real, synthetic, sets), measure_accuracy(real, fresh, sets)
        interval = jackknife_interval(ours.value, ours.left_out, low=0.0, high=1.0)
        worst = int(np.argmin(ours.each - theirs.each))
        names = " x ".join(repr(sides.train.columns[i].name) for i in sets[worst])
        drawn = "" if len(sets) < most else f" ({most:,} drawn by the seed)"
        findings.append(
            Finding(
                check=check,
                part=evidence.name,
                section="fidelity",
                subject=f"{len(sets):,} {'pairs' if of == 2 else 'triples'} of columns",
                unit="accuracy",
                value=ours.value,
                interval=interval,
                baseline=theirs.value,
                baseline_is=_EQUAL,
                limit=f"warns when the upper bound is more than {margin} below the reference",
                verdict=judge_below(interval, theirs.value, margin),
                reads=_ALL,
                headline=of == 2,
                why=f"Joint shares of {'two' if of == 2 else 'three'} columns{drawn} agree to {ours.value:.2%} with the real ones, those of fresh real rows to {theirs.value:.2%}; "
                f"least well in {names} ({ours.each[worst]:.2%} against {theirs.each[worst]:.2%}).{note if of == 2 else ''}",
            )
        )
        if of == 2:
            exhibits.append(_draw_pairs(evidence, sides, ours, theirs))
    return findings, exhibits


def _draw_pairs(evidence: Evidence, sides: _Sides, ours: Accuracy, theirs: Accuracy) -> Exhibit:
    width = len(sides.train.columns)
    matrix = np.full((width, width), np.nan)
    for (i, j), gap in zip(ours.sets, theirs.each - ours.each, strict=True):
        matrix[i, j] = matrix[j, i] = gap
    shown = _worst_columns(np.nan_to_num(matrix), SHOWN_COLUMNS)
    return Exhibit(
        check="fidelity.pairs",
        part=evidence.name,
        section="fidelity",
        title="Accuracy lost on pairs, against fresh real rows",
        reads=_ALL,
        order=2.0,
        how_to_read="A faint cell means that the two columns go together as in fresh real rows; the stronger its colour, the more accuracy is lost."
        + _say_shown(len(shown), width),
        drawing=_heatmap(
            sides.train, matrix, shown, 0.0, max(0.05, float(np.nanmax(np.abs(matrix), initial=0.0))), "accuracy lost"
        ),
    )


def _matrix_findings(evidence: Evidence, sides: _Sides, key: Key) -> tuple[list[Finding], list[Exhibit]]:
    width = len(sides.train.columns)
    if width > MATRIX_COLUMNS:
        positions = sorted(key.child("columns").generator().choice(width, MATRIX_COLUMNS, replace=False).tolist())
    else:
        positions = list(range(width))
    cut = key.child("matrix").generator()
    frames = [draw_rows(f.select(positions), MATRIX_ROWS, cut) for f in (sides.train, sides.synthetic, sides.fresh)]
    few = (_count_both(frames[0]) < LEAST_BOTH) | (_count_both(frames[2]) < LEAST_BOTH)
    np.fill_diagonal(few, False)
    real, synthetic, fresh = (np.where(few, np.nan, associate(f)) for f in frames)
    said = (
        f" Computed between {len(positions)} of {width} columns, drawn by the seed." if len(positions) < width else ""
    )
    left_out = _say_few(int(np.triu(few, 1).sum()))
    how = "Spearman between numbers, Cramer's V between categories, correlation ratio between the two; "
    findings = _difference(
        evidence,
        "fidelity.correlations",
        f"associations of {len(positions)} columns",
        (real, synthetic, fresh),
        how + _name_worst(frames[0], real[0], synthetic[0]) + "." + said + left_out,
    )
    numeric = [i for i, c in enumerate(frames[0].columns) if c.numeric]
    if len(numeric) > 1:
        hidden = few[np.ix_(numeric, numeric)]
        linear = tuple(np.where(hidden, np.nan, correlate_numbers(f.select(numeric), ranks=False)) for f in frames)
        findings += _difference(
            evidence,
            "fidelity.pearson",
            f"linear correlations of {len(numeric)} columns",
            (linear[0], linear[1], linear[2]),
            "Pearson's correlations of the values as they are.",
        )
    shown = _worst_columns(np.nan_to_num(np.abs(real[0] - synthetic[0])), SHOWN_COLUMNS)
    pictures: tuple[tuple[str, NDArray[np.float64], float, str, tuple[Role, ...]], ...] = (
        (
            "Associations in the real rows",
            real[0],
            1.0,
            "Each cell is the strength with which two columns go together; negative only between numbers.",
            ("train",),
        ),
        (
            "Associations in the synthetic rows",
            synthetic[0],
            1.0,
            "It should look like the picture of the real rows.",
            ("synthetic",),
        ),
        (
            "Associations: synthetic less real",
            synthetic[0] - real[0],
            0.5,
            "Faint is equal; colour shows associations that are too strong or too weak.",
            ("synthetic", "train"),
        ),
    )
    exhibits = [
        Exhibit(
            check="fidelity.correlations",
            part=evidence.name,
            section="fidelity",
            title=title,
            reads=reads,
            order=3.0 + rank / 10,
            how_to_read=text + _say_shown(len(shown), width) + left_out,
            drawing=_heatmap(frames[0], matrix, shown, -reach, reach, "association"),
        )
        for rank, (title, matrix, reach, text, reads) in enumerate(pictures)
    ]
    return findings, exhibits


def _count_both(frame: Frame) -> NDArray[np.int64]:
    """int64 (columns, columns): rows in which both columns have a value."""
    known = np.array([~frame.missing(i) for i in range(len(frame.columns))], dtype=np.float64)
    return np.asarray(np.rint(known @ known.T), dtype=np.int64)


def _say_few(pairs: int) -> str:
    if not pairs:
        return ""
    said = "1 pair is" if pairs == 1 else f"{pairs:,} pairs are"
    return f" {said} left out: fewer than {LEAST_BOTH} real rows have both values, too few to tell an association."


def _difference(
    evidence: Evidence,
    check: str,
    subject: str,
    matrices: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    how: str,
) -> list[Finding]:
    """Mean absolute difference of the synthetic rows' associations from the real ones; none where no pair is defined."""
    ours, theirs = compare_matrices(matrices[0], matrices[1]), compare_matrices(matrices[0], matrices[2])
    if np.isnan(ours[0]) or np.isnan(theirs[0]):
        return []
    value, baseline = float(ours[0]), float(theirs[0])
    interval = jackknife_interval(value, ours[1:], low=0.0, high=2.0)
    return [
        Finding(
            check=check,
            part=evidence.name,
            section="fidelity",
            subject=subject,
            unit="mean difference",
            value=value,
            interval=interval,
            baseline=baseline,
            baseline_is=_EQUAL,
            limit="warns when the lower bound is more than 0.02 above the reference",
            verdict=judge_above(interval, baseline, 0.02),
            reads=_ALL,
            why=f"Associations differ by {value:.4f} on average, those of fresh real rows by {baseline:.4f}: {how}",
        )
    ]


def _missing_findings(evidence: Evidence, sides: _Sides, caps: _Caps, key: Key) -> list[Finding]:
    """Whether the same values go with a missing value as in the real rows: joint shares of 'is missing' and the bins of another column."""
    width = len(sides.train.columns)
    gapped = [i for i in range(width) if 0 < sides.train.missing(i).sum() < sides.train.rows]
    if not gapped or width < 2:
        return []
    binned = bin_frames([sides.train, sides.synthetic, sides.fresh], TRIPLE_BINS)
    flagged = [
        _flag_missing(b, f, gapped) for b, f in zip(binned, (sides.train, sides.synthetic, sides.fresh), strict=True)
    ]
    pairs = [(width + k, j) for k, i in enumerate(gapped) for j in range(width) if j != i]
    if len(pairs) > caps.pairs:
        chosen = np.sort(key.child("missing").generator().choice(len(pairs), caps.pairs, replace=False))
        pairs = [pairs[i] for i in chosen]
    ours, theirs = (measure_accuracy(flagged[0], other, pairs) for other in flagged[1:])
    interval = jackknife_interval(ours.value, ours.left_out, low=0.0, high=1.0)
    worst = int(np.argmin(ours.each - theirs.each))
    lacking, other = gapped[pairs[worst][0] - width], pairs[worst][1]
    return [
        Finding(
            check="fidelity.missingness",
            part=evidence.name,
            section="fidelity",
            subject=f"what goes with missing values of {len(gapped)} columns",
            unit="accuracy",
            value=ours.value,
            interval=interval,
            baseline=theirs.value,
            baseline_is=_EQUAL,
            limit="warns when the upper bound is more than 0.02 below the reference",
            verdict=judge_below(interval, theirs.value, 0.02),
            reads=_ALL,
            why=f"Joint shares of 'is missing' with another column agree to {ours.value:.2%} with the real ones, those of fresh real rows to {theirs.value:.2%}; "
            f"least well for {sides.train.columns[lacking].name!r} with {sides.train.columns[other].name!r}.",
        )
    ]


def _flag_missing(binned: Binned, frame: Frame, gapped: list[int]) -> Binned:
    flags = np.array([frame.missing(i) for i in gapped], dtype=np.int16).reshape(len(gapped), frame.rows)
    return Binned(np.concatenate([binned.codes, flags]), (*binned.sizes, *(2 for _ in gapped)))


def _name_worst(frame: Frame, real: NDArray[np.float64], synthetic: NDArray[np.float64]) -> str:
    gap = np.triu(np.nan_to_num(np.abs(real - synthetic)), 1)
    i, j = np.unravel_index(int(gap.argmax()), gap.shape)
    return f"furthest off is {frame.columns[int(i)].name!r} x {frame.columns[int(j)].name!r} ({synthetic[i, j]:.2f} against {real[i, j]:.2f})"


def _worst_columns(gaps: NDArray[np.float64], most: int) -> list[int]:
    order = np.argsort(-gaps.sum(axis=0), kind="stable")[:most]
    return sorted(int(i) for i in order)


def _say_shown(shown: int, width: int) -> str:
    return "" if shown == width else f" The {shown} of {width} columns that are furthest off are shown."


def _heatmap(
    frame: Frame, matrix: NDArray[np.float64], shown: list[int], low: float, high: float, unit: str
) -> Heatmap:
    names = tuple(frame.columns[i].name for i in shown)
    cells = tuple(
        tuple(None if np.isnan(matrix[i, j]) else round(float(matrix[i, j]), 4) for j in shown) for i in shown
    )
    return Heatmap(rows=names, columns=names, values=cells, low=low, high=high, unit=unit)
