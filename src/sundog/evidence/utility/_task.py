"""What is predicted, and how well: classes by AUC, numbers by R2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Role
from sundog.lib.stats.auc import weigh_auc
from sundog.lib.stats.frame import Frame

LEAST_TRAIN = 20
LEAST_TEST = 5
DRAWS = 200
"""Bootstrap draws of the holdout rows."""


@dataclass(frozen=True, slots=True)
class Task:
    """A column to predict from the others.

    Attributes:
        target: its name.
        classes: names of the classes; empty for a number.
        features: rows by role, the target taken out; rows without a target value or of a class too rare to judge are dropped.
        truth: by role, float64 (rows,): number of the class, or the value.
        note: what was dropped, with a leading space.
    """

    target: str
    classes: tuple[str, ...]
    features: Mapping[Role, Frame]
    truth: Mapping[Role, NDArray[np.float64]]
    note: str

    @property
    def unit(self) -> str:
        """``AUC`` or ``R2``."""
        return "AUC" if self.classes else "R2"


def make_task(frames: Mapping[Role, Frame], target: str, most_classes: int) -> Task | str:
    """The task, or why there is none.

    Args:
        frames: training, holdout and synthetic rows.
        target: name of the column.
        most_classes: rarer classes than so many are dropped.
    """
    first = frames["train"]
    position = first.position(target)
    column = first.columns[position]
    known = {role: ~f.missing(position) for role, f in frames.items()}
    distinct = np.unique(first.values[position][known["train"]])
    if column.numeric and len(distinct) == 2:
        codes = {r: np.searchsorted(distinct, f.values[position]).clip(0, 1) for r, f in frames.items()}
        known = {r: known[r] & (distinct[codes[r]] == f.values[position]) for r, f in frames.items()}
        labels: tuple[str, ...] = tuple(f"{v:g}" for v in distinct)
        kept = [0, 1]
    elif column.numeric:
        return _regression(frames, position, known)
    else:
        codes = {r: f.values[position].astype(np.int64) for r, f in frames.items()}
        counts = {r: np.bincount(codes[r][known[r]], minlength=len(column.labels)) for r in frames}
        kept = [
            i
            for i in range(len(column.labels))
            if counts["train"][i] >= LEAST_TRAIN and counts["holdout"][i] >= LEAST_TEST
        ]
        dropped = len(distinct) - len(kept[:most_classes])
        kept, labels = kept[:most_classes], column.labels
    if len(kept) < 2:
        return f"{target!r} has fewer than two values that {LEAST_TRAIN} training and {LEAST_TEST} holdout rows have"
    note = f" {dropped} rare values of {target!r} are left out." if not column.numeric and dropped else ""
    place = np.full(max(len(labels), 2) + 1, -1)
    place[kept] = np.arange(len(kept))
    features, truth = {}, {}
    for role, frame in frames.items():
        numbers = np.where(known[role], place[np.where(known[role], codes[role], -1)], -1)
        rows = np.flatnonzero(numbers >= 0)
        features[role] = _without(frame, position).take(rows)
        truth[role] = numbers[rows].astype(np.float64)
    if len(truth["synthetic"]) < LEAST_TRAIN:
        return f"fewer than {LEAST_TRAIN} synthetic rows have a value of {target!r} that the real rows have"
    return Task(target, tuple(labels[i] for i in kept), features, truth, note)


def _regression(frames: Mapping[Role, Frame], position: int, known: Mapping[Role, NDArray[np.bool_]]) -> Task | str:
    target = frames["train"].columns[position].name
    features, truth = {}, {}
    for role, frame in frames.items():
        rows = np.flatnonzero(known[role])
        features[role] = _without(frame, position).take(rows)
        truth[role] = np.asarray(frame.values[position][rows], dtype=np.float64)
        if len(rows) < LEAST_TRAIN:
            return f"fewer than {LEAST_TRAIN} {role} rows have a value of {target!r}"
        if role != "synthetic" and float(truth[role].std()) == 0.0:
            return f"{target!r} has one value only, so there is nothing to predict"
    return Task(target, (), features, truth, "")


def _without(frame: Frame, position: int) -> Frame:
    return frame.select([i for i in range(len(frame.columns)) if i != position])


def score_models(
    task: Task, truth: NDArray[np.float64], scores: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How good predictions are under several weightings of the same rows.

    Args:
        task: says which measure: AUC, its mean over classes (one against the rest) where there are more than two, or R2.
        truth: float64 (n,).
        scores: float64 (n,) of the second class or of the number, or (n, classes).
        weights: float64 (draws, n).

    Returns:
        float64 (draws,).
    """
    if not task.classes:
        total = weights.sum(axis=1)
        middle = weights @ truth / total
        spread = weights @ (truth * truth) - total * middle**2
        with np.errstate(invalid="ignore", divide="ignore"):
            explained: NDArray[np.float64] = 1.0 - weights @ ((truth - scores) ** 2) / spread
        return explained
    if len(task.classes) == 2:
        return weigh_auc(scores, truth == 1.0, weights)
    areas = np.stack([weigh_auc(scores[:, k], truth == k, weights) for k in range(len(task.classes))])
    present = np.isfinite(areas)
    return np.asarray(np.where(present, areas, 0.0).sum(axis=0) / np.maximum(1, present.sum(axis=0)), dtype=np.float64)


def draw_weights(rows: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """float64 (1 + DRAWS, rows): ones, then how often each row was drawn in each bootstrap sample."""
    weights = np.ones((1 + DRAWS, rows))
    for draw in range(DRAWS):
        weights[1 + draw] = np.bincount(generator.integers(0, rows, rows), minlength=rows)
    return weights
