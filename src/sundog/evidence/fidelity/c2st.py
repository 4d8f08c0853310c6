"""Classifier two-sample test: can a boosted classifier tell synthetic rows from real ones?

Source: Lopez-Paz and Oquab, ICLR 2017, arXiv:1610.06545. Limits: a classifier sees what its settings let it see; the same
settings score real rows against real rows beside it, and numbers with other settings must not be compared. Of a column with more
than 100 labels, those that fewer rows have than a leaf needs are one. Where even real rows are told from real rows, or taken
for each other (rows that come often), the scale itself is off and the check is inconclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Answer, Bars, Exhibit, Finding, Intervals, Role, Series
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import limit_rows, read_frames
from sundog.evidence._verdicts import is_full, judge_above, settle, skip_check
from sundog.evidence.fidelity.recipe import C2stCheck
from sundog.lib.stats.align import plan_alignment
from sundog.lib.stats.auc import Auc, average_folds, measure_auc
from sundog.lib.stats.boost import TreeSettings, make_dataset, train_trees
from sundog.lib.stats.frame import Frame, as_matrix, draw_rows, encode_tables, join_frames, pool_labels

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")


_JUDGE: Final = TreeSettings(trees=100, leaves=31, rate=0.1, min_leaf=20)


@dataclass(frozen=True, slots=True)
class C2stSettings:
    """The judge. Part of every number it gives; the report prints it.

    Attributes:
        model: the classifier.
        folds: of the cross-validation; each row is scored once, by a model that did not see it.
        rows: of each side at most; both sides are cut to the same size.
    """

    model: TreeSettings = _JUDGE
    folds: int = 5
    rows: int = 50_000

    def describe(self) -> str:
        """One line for people."""
        m = self.model
        return f"LightGBM, {m.trees} trees of {m.leaves} leaves, rate {m.rate:g}, at least {m.min_leaf} rows a leaf, {self.folds}-fold"


UNFIT: Final = 0.02
"""Distance of the reference's 95% interval from 0.5 beyond which the reference says nothing: of samples of one table, fewer than 1 in 400 are so far off."""
SETTINGS: Final = C2stSettings()
"""Of the full evidence and of the benchmarks."""
QUICK_ROWS: Final = 10_000
"""Of each side in the quick evidence; the judge is the same."""
QUICK_CELLS: Final = 400_000
FULL_CELLS: Final = 2_000_000
"""Rows times columns of each side at most."""
SINGLES: Final = TreeSettings(trees=30, leaves=31, rate=0.2, min_leaf=20)
"""Of the classifiers that see one column only."""
WORST: Final = 6


@dataclass(frozen=True, slots=True)
class C2stResult:
    """How well two tables can be told apart.

    Attributes:
        auc: 0.5 where not at all. Below 0.5 each row is *more* like the other side than chance: copies.
        low: lower end of the 95% interval (DeLong, averaged over folds).
        high: upper end.
        rows: of each side.
        gain: column and its share of the gain of all splits, greatest first.
        settings: what was asked.
    """

    auc: float
    low: float
    high: float
    rows: int
    gain: tuple[tuple[str, float], ...]
    settings: C2stSettings

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval."""
        return (self.low, self.high)


def c2st_auc(real: pa.Table, synthetic: pa.Table, key: Key, settings: C2stSettings = SETTINGS) -> C2stResult:
    """AUC of a classifier between two tables, each row scored by a model that did not see it.

    Args:
        real: its schema says how columns are read (meanings on its fields are heeded; identifiers, text and media are left out).
        synthetic: columns of other types are aligned; columns that it lacks are left out.
        key: of the draw of equally many rows, the folds and the classifier.
        settings: the judge.
    """
    alignment = plan_alignment(real.schema, [("the synthetic table", synthetic.schema)])
    frames = encode_tables(
        alignment, {"real": real.select(list(alignment.names)), "synthetic": synthetic.select(list(alignment.names))}
    )
    return compare_frames(frames["real"], frames["synthetic"], key, settings)


def compare_frames(
    first: Frame, second: Frame, key: Key, settings: C2stSettings, model: TreeSettings | None = None
) -> C2stResult:
    """The same for frames that share their codes; ``model`` replaces that of the settings."""
    rows = min(first.rows, second.rows, settings.rows)
    cut = key.child("rows").generator()
    chosen = model if model is not None else settings.model
    joined = pool_labels(join_frames(draw_rows(first, rows, cut), draw_rows(second, rows, cut)), chosen.min_leaf)
    truth = np.repeat([0.0, 1.0], rows)
    matrix, categories = as_matrix(joined)
    folds = np.concatenate([_deal_folds(rows, settings.folds, cut), _deal_folds(rows, settings.folds, cut)])
    dataset = make_dataset(matrix, truth, categories, chosen.min_leaf)
    areas: list[Auc] = []
    gain = np.zeros(len(joined.columns))
    for fold in range(settings.folds):
        kept = np.flatnonzero(folds != fold)
        trees = train_trees(dataset.subset(kept.tolist()), "binary", chosen, key.child("model").child(fold))
        scored = np.flatnonzero(folds == fold)
        scores = trees.predict(matrix[scored])
        areas.append(measure_auc(scores[truth[scored] == 1.0], scores[truth[scored] == 0.0]))
        gain += trees.gain
    area = average_folds(areas)
    low, high = area.interval()
    total = float(gain.sum())
    order = np.argsort(-gain, kind="stable")
    shares = tuple((joined.columns[i].name, float(gain[i] / total) if total > 0 else 0.0) for i in order)
    return C2stResult(area.value, low, high, rows, shares, settings)


def is_unfit(real: C2stResult) -> bool:
    """Whether the judge tells real rows from real rows, so that what it says of synthetic ones means little."""
    return real.low > 0.5 + UNFIT or real.high < 0.5 - UNFIT


def _say_unfit(real: C2stResult) -> str:
    if not is_unfit(real):
        return ""
    how = (
        "the two real samples differ, as where many labels are in one of them only"
        if real.auc > 0.5
        else "the same rows are in both real samples, and each is taken for the other side's"
    )
    return (
        f" Inconclusive: the same classifier scores {real.auc:.3f} between real training rows and the holdout: {how}."
    )


def _deal_folds(rows: int, folds: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return np.asarray(generator.permutation(rows) % folds, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class C2st:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: C2stCheck, evidence: Evidence, key: Key) -> Answer:
        """Synthetic rows against the holdout and against the training rows, beside training rows against the holdout."""
        full = is_full(evidence)
        rows = limit_rows(evidence, SETTINGS.rows if full else QUICK_ROWS, FULL_CELLS if full else QUICK_CELLS)
        settings = replace(SETTINGS, rows=rows)
        compared = read_frames(evidence, key, dict.fromkeys(_ALL, settings.rows), weighed=True)
        why = compared.lacks("train", "synthetic", "holdout", least=100)
        if why:
            return skip_check(evidence, "fidelity.c2st", "fidelity", "all columns", why)
        frames = compared.frames
        fresh = compare_frames(frames["holdout"], frames["synthetic"], key.child("holdout"), settings)
        seen = compare_frames(frames["train"], frames["synthetic"], key.child("train"), settings)
        # equal sizes: what the number of rows alone does to the classifier must be in the reference too
        real = compare_frames(frames["holdout"], frames["train"], key.child("real"), settings)
        singles = _measure_singles(
            frames["holdout"],
            frames["synthetic"],
            [name for name, _ in fresh.gain[:WORST]],
            key.child("single"),
            settings,
        )
        findings = [
            _main_finding(evidence, fresh, real, compared.note),
            _train_finding(evidence, seen, real),
            *_single_findings(evidence, singles),
        ]
        return settle(Answer(findings=tuple(findings), exhibits=_exhibits(evidence, fresh, seen, real, singles)))


def _measure_singles(
    real: Frame, synthetic: Frame, names: Sequence[str], key: Key, settings: C2stSettings
) -> list[tuple[str, C2stResult]]:
    found = []
    for name in names:
        position = [real.position(name)]
        found.append(
            (
                name,
                compare_frames(real.select(position), synthetic.select(position), key.child(name), settings, SINGLES),
            )
        )
    return sorted(found, key=lambda pair: -pair[1].auc)


def _main_finding(evidence: Evidence, fresh: C2stResult, real: C2stResult, note: str) -> Finding:
    leading = ", ".join(repr(name) for name, _ in fresh.gain[:3])
    by = f" It looks most at {leading}." if fresh.low > max(0.5, real.high) else ""
    return Finding(
        check="fidelity.c2st",
        part=evidence.name,
        section="fidelity",
        subject="synthetic against holdout",
        unit="AUC",
        value=fresh.auc,
        interval=fresh.interval,
        baseline=real.auc,
        baseline_is="real training rows against the holdout, same classifier",
        limit="warns when the lower bound is more than 0.1 above the reference",
        verdict="inconclusive" if is_unfit(real) else judge_above(fresh.interval, real.auc, 0.1),
        reads=_ALL,
        headline=True,
        why=f"A classifier that looks for the difference tells a synthetic row from an unseen real one with AUC {fresh.auc:.3f} (0.5 is not at all, 1 is always).{by} "
        f"{fresh.settings.describe()}; {fresh.rows:,} rows a side.{note}{_say_unfit(real)}",
    )


def _train_finding(evidence: Evidence, seen: C2stResult, real: C2stResult) -> Finding:
    unfit = is_unfit(real)
    copies = not unfit and seen.high < min(0.47, real.low)
    said = (
        "It is well below 0.5: synthetic rows lie closer to single training rows than these do to one another. That is a sign of"
        " learning by heart and no risk found: whether it tells who was learned from is what privacy.membership measures."
        if copies
        else "Well below 0.5 it would mean that synthetic rows lie on top of single training rows."
    )
    return Finding(
        check="fidelity.c2st_train",
        part=evidence.name,
        section="fidelity",
        subject="synthetic against training rows",
        unit="AUC",
        value=seen.auc,
        interval=seen.interval,
        baseline=real.auc,
        baseline_is="real training rows against the holdout, same classifier",
        limit="warns when the upper bound is below 0.47 and below what real rows score, or the lower more than 0.1 above the reference",
        verdict="inconclusive" if unfit else "warn" if copies else judge_above(seen.interval, real.auc, 0.1),
        reads=_ALL,
        why=f"The same classifier against the rows that were learned from: AUC {seen.auc:.3f}. {said}{_say_unfit(real)}",
    )


def _single_findings(evidence: Evidence, singles: list[tuple[str, C2stResult]]) -> list[Finding]:
    return [
        Finding(
            check="fidelity.c2st_column",
            part=evidence.name,
            section="fidelity",
            subject=name,
            unit="AUC",
            value=result.auc,
            interval=result.interval,
            baseline=0.5,
            baseline_is="chance",
            reads=("synthetic", "holdout"),
            why=f"A classifier that sees {name!r} alone tells synthetic from unseen real rows with AUC {result.auc:.3f}.",
        )
        for name, result in singles
    ]


def _exhibits(
    evidence: Evidence, fresh: C2stResult, seen: C2stResult, real: C2stResult, singles: list[tuple[str, C2stResult]]
) -> tuple[Exhibit, ...]:
    rows = [
        ("synthetic against holdout", fresh),
        ("synthetic against training rows", seen),
        ("training rows against holdout", real),
    ]
    rows += [(f"by {name} alone", result) for name, result in singles]
    leading = fresh.gain[:15]
    return (
        Exhibit(
            check="fidelity.c2st",
            part=evidence.name,
            section="fidelity",
            title="Can a classifier tell them apart?",
            reads=_ALL,
            order=0.0,
            how_to_read="At the mark of 0.5 a classifier cannot tell the two sides apart; the third line shows what two real samples score.",
            drawing=Intervals(
                labels=tuple(label for label, _ in rows),
                value=tuple(r.auc for _, r in rows),
                low=tuple(r.low for _, r in rows),
                high=tuple(r.high for _, r in rows),
                reference=tuple(0.5 for _ in rows),
                reference_is="not to be told apart",
                unit="AUC",
            ),
        ),
        Exhibit(
            check="fidelity.c2st",
            part=evidence.name,
            section="fidelity",
            title="Columns that give synthetic rows away",
            reads=("synthetic", "holdout"),
            order=0.5,
            how_to_read="Long bars are the columns that the classifier looked at; where its AUC is near 0.5 they only show what it tried.",
            drawing=Bars(
                labels=tuple(name for name, _ in leading),
                series=(Series(name="share of gain", y=tuple(round(s, 6) for _, s in leading)),),
                unit="share",
                horizontal=True,
            ),
        ),
    )
