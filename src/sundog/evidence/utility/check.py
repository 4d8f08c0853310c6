"""Train on synthetic rows, test on real ones the synthesizer never saw; beside it, train on as many real rows.

Source: Esteban et al. 2017, arXiv:1706.02633 (TSTR and TRTR). Limits: the interval is over holdout rows and leaves out that
another synthetic table, or another training sample, would give another model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Bars, Exhibit, Finding, Role, Series
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import limit_rows, read_frames
from sundog.evidence._verdicts import is_full, judge_below, settle, skip_check
from sundog.evidence.utility._models import MODELS, Model, predict
from sundog.evidence.utility._task import Task, draw_weights, make_task, score_models
from sundog.evidence.utility.recipe import UtilityCheck
from sundog.lib.stats.frame import Frame, join_frames

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")


@dataclass(frozen=True, slots=True)
class _Caps:
    """Rows, rows times columns, and classes at most."""

    rows: int
    cells: int
    classes: int


QUICK: Final = _Caps(rows=20_000, cells=600_000, classes=10)
FULL: Final = _Caps(rows=100_000, cells=3_000_000, classes=30)

USELESS: Final = {"AUC": 0.55, "R2": 0.05}
"""Where even a model trained on real rows does no better, a ratio says nothing."""


@dataclass(frozen=True, slots=True)
class _Score:
    """One model: the measure on the holdout and in each bootstrap draw of it, by what it was trained on."""

    model: Model
    real: NDArray[np.float64]
    synthetic: NDArray[np.float64]
    both: NDArray[np.float64] | None


@dataclass(frozen=True, slots=True)
class Utility:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: UtilityCheck, evidence: Evidence, key: Key) -> Answer:
        """Measures of every model trained on real and on synthetic rows, and the ratio for the best of them."""
        caps = FULL if is_full(evidence) else QUICK
        task, note = _find_task(spec, evidence, caps, key)
        if isinstance(task, str):
            return skip_check(evidence, "utility.tstr", "utility", "prediction", task)
        weights = draw_weights(len(task.truth["holdout"]), key.child("bootstrap").generator())
        scores = [_score_model(model, task, weights, key.child(model), augment=is_full(evidence)) for model in MODELS]
        return settle(
            Answer(findings=tuple(_findings(evidence, task, scores, note)), exhibits=(_draw(evidence, task, scores),))
        )


def _find_task(spec: UtilityCheck, evidence: Evidence, caps: _Caps, key: Key) -> tuple[Task | str, str]:
    target = spec.target or getattr(evidence.part, "target", None)
    if target is None:
        return "no column to predict is named: state it with --target COLUMN, or `target:` in the recipe", ""
    rows = limit_rows(evidence, caps.rows, caps.cells)
    compared = read_frames(evidence, key, dict.fromkeys(_ALL, rows), weighed=True)
    why = compared.lacks("train", "synthetic", "holdout")
    if why:
        return why, ""
    if target not in compared.alignment.names:
        reason = dict(compared.alignment.left_out).get(target, "it is not a column of the training records")
        return f"{target!r} cannot be predicted: {reason}", ""
    if len(compared.alignment.columns) < 2:
        return f"there is no other column to predict {target!r} from", ""
    task = make_task(compared.frames, target, caps.classes)
    return task, compared.note


def _score_model(model: Model, task: Task, weights: NDArray[np.float64], key: Key, *, augment: bool) -> _Score:
    real, made, tested = task.features["train"], task.features["synthetic"], task.features["holdout"]
    cut = key.child("equal").generator()
    rows = min(real.rows, made.rows)
    seen, learned = _cut(real, task.truth["train"], rows, cut), _cut(made, task.truth["synthetic"], rows, cut)
    sets = [seen, learned]
    if augment:
        sets.append((join_frames(seen[0], learned[0]), np.concatenate([seen[1], learned[1]])))
    found = [
        score_models(
            task, task.truth["holdout"], predict(model, task, frame, truth, tested, key.child("model")), weights
        )
        for frame, truth in sets
    ]
    return _Score(model, found[0], found[1], found[2] if augment else None)


def _cut(
    frame: Frame, truth: NDArray[np.float64], rows: int, generator: np.random.Generator
) -> tuple[Frame, NDArray[np.float64]]:
    if frame.rows <= rows:
        return frame, truth
    chosen = np.sort(generator.choice(frame.rows, rows, replace=False))
    return frame.take(chosen), truth[chosen]


def _interval(draws: NDArray[np.float64]) -> tuple[float, float]:
    """Percentile interval of the bootstrap draws; the first entry is the measure itself."""
    known = draws[1:][np.isfinite(draws[1:])]
    if len(known) < 2:
        return (float(draws[0]), float(draws[0]))
    low, high = np.quantile(known, [0.025, 0.975])
    return (float(low), float(high))


def _findings(evidence: Evidence, task: Task, scores: list[_Score], note: str) -> list[Finding]:
    best = max(scores, key=lambda s: float(s.real[0]))
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = best.synthetic / best.real
    useless = float(best.real[0]) <= USELESS[task.unit] or not np.isfinite(ratios[0])
    interval = _interval(ratios)
    kind = f"{len(task.classes)} classes" if task.classes else "a number"
    said = f"{task.unit} {best.synthetic[0]:.4f} against {best.real[0]:.4f}, by {best.model}, which do best when trained on real rows."
    findings = [
        Finding(
            check="utility.tstr",
            part=evidence.name,
            section="utility",
            subject=f"prediction of {task.target} ({kind})",
            unit="ratio",
            value=None if not np.isfinite(ratios[0]) else float(ratios[0]),
            interval=interval if np.isfinite(ratios[0]) else None,
            baseline=1.0,
            baseline_is="the same model trained on as many real rows",
            limit="" if useless else "warns when the upper bound is below 0.95",
            verdict="info" if useless else judge_below(interval, 1.0, 0.05),
            reads=_ALL,
            headline=True,
            why=(
                f"Even real rows hardly predict {task.target!r}, so the ratio says little: "
                if useless
                else f"Models trained on synthetic rows keep {ratios[0]:.1%} of what real rows teach: "
            )
            + said
            + task.note
            + note,
        )
    ]
    for score in scores:
        findings.append(
            Finding(
                check="utility.model",
                part=evidence.name,
                section="utility",
                subject=f"{task.target} by {score.model}",
                unit=task.unit,
                value=float(score.synthetic[0]),
                interval=_interval(score.synthetic),
                baseline=float(score.real[0]),
                baseline_is="trained on as many real rows, tested on the same holdout",
                reads=_ALL,
                why=f"Trained on synthetic rows, {score.model} reach {task.unit} {score.synthetic[0]:.4f} on the holdout; trained on real rows {score.real[0]:.4f}.",
            )
        )
        if score.both is not None:
            gain = score.both - score.real
            findings.append(
                Finding(
                    check="utility.augment",
                    part=evidence.name,
                    section="utility",
                    subject=f"{task.target} by {score.model}, real and synthetic rows together",
                    unit=task.unit,
                    value=float(score.both[0]),
                    interval=_interval(score.both),
                    baseline=float(score.real[0]),
                    baseline_is="trained on the real rows alone",
                    reads=_ALL,
                    why=f"Adding the synthetic rows to the real ones changes {task.unit} by {gain[0]:+.4f} ({_interval(gain)[0]:+.4f} to {_interval(gain)[1]:+.4f}).",
                )
            )
    return findings


def _draw(evidence: Evidence, task: Task, scores: list[_Score]) -> Exhibit:
    series = [
        _series("trained on real rows", [s.real for s in scores]),
        _series("trained on synthetic rows", [s.synthetic for s in scores]),
    ]
    together = [s.both for s in scores if s.both is not None]
    if together:
        series.append(_series("trained on both", together))
    return Exhibit(
        check="utility.tstr",
        part=evidence.name,
        section="utility",
        title=f"Predicting {task.target} on real rows that neither has seen",
        reads=_ALL,
        order=0.0,
        how_to_read="Marks of one group should lie together: then synthetic rows teach a model as much as real ones.",
        drawing=Bars(labels=tuple(s.model for s in scores), series=tuple(series), unit=task.unit),
    )


def _series(name: str, draws: list[NDArray[np.float64]]) -> Series:
    bounds = [_interval(d) for d in draws]
    return Series(
        name=name,
        y=tuple(float(d[0]) for d in draws),
        low=tuple(b[0] for b in bounds),
        high=tuple(b[1] for b in bounds),
    )
