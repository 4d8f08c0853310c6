"""Columns that are functions of another: by look-up, by steps of a number, or by a straight line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.rules import EVIDENCE, Candidate


@dataclass(frozen=True, slots=True)
class Determined:
    """``value`` is a function of ``of``.

    Attributes:
        value: column that is determined.
        of: column that determines it.
        how: ``lookup`` (one value for each value of ``of``), ``steps`` (one for each interval of ``of``) or ``line`` (slope and intercept, rounded).
        slope: of a line, in the columns' own units.
        intercept: of a line.
    """

    value: str
    of: str
    how: Literal["lookup", "steps", "line"]
    slope: float = 0.0
    intercept: float = 0.0


def find_functions(
    columns: Sequence[Candidate], sample: Sequence[Candidate], support: int, bins: int
) -> list[Determined]:
    """Functions that hold in every row: each determined column once, and no determining column is itself determined."""
    if len(sample) < 2:
        return []
    pairs = _find_pairs(sample)
    holds: dict[tuple[int, int], Determined] = {}
    for i, j in pairs:
        found = judge_function(columns[i], columns[j], support, bins)
        if found is not None:
            holds[i, j] = found
    for i, j in _find_lines(sample):
        found = judge_line(columns[i], columns[j])
        if found is not None and ((i, j) not in holds or holds[i, j].how == "lookup"):
            holds[i, j] = found
    return _choose(columns, holds)


def _find_pairs(sample: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Pairs (of, value) that no two sampled rows contradict, or where the value changes rarely along ``of``."""
    codes = np.column_stack([c.codes for c in sample]).astype(np.int32)
    n, m = codes.shape
    distinct = np.array([int(codes[:, i].max()) + 1 for i in range(m)])
    agree = np.array([float((np.bincount(codes[:, j]) / n) @ (np.bincount(codes[:, j]) / n)) for j in range(m)])
    pairs = []
    for i in range(m):
        if distinct[i] < 2:
            continue
        order = np.argsort(codes[:, i], kind="stable")
        along = codes[order]
        same = along[1:, i] == along[:-1, i]
        differs = along[1:] != along[:-1]
        broken = differs[same].any(axis=0)
        changes = differs.sum(axis=0)
        for j in np.flatnonzero(~broken):
            if j == i or distinct[j] < 2:
                continue
            few_steps = sample[i].line and changes[j] <= n // 10 and changes[j] < 0.5 * n * (1 - agree[j])
            if few_steps or (distinct[i] <= n // 2 and distinct[j] <= distinct[i]):
                pairs.append((i, int(j)))
            elif distinct[i] > n // 2 and not sample[i].line and len(sample[i].array) >= 1000:
                continue  # near-unique: it determines everything
            elif distinct[i] <= 0.9 * n and distinct[j] <= distinct[i]:
                pairs.append((i, int(j)))
    return pairs


def judge_function(of: Candidate, value: Candidate, support: int, bins: int) -> Determined | None:
    """Whether ``value`` is a function of ``of`` in all rows, with enough rows to believe it."""
    x, y = of.codes, value.codes
    n, kinds = len(x), int(x.max()) + 1
    table = np.zeros(kinds, dtype=np.int64)
    table[x] = y
    if bool((table[x] != y).any()):
        return None
    counts = np.bincount(x, minlength=kinds)
    shares = np.bincount(y) / n
    chance = 1.0 - float(shares @ shares)
    if of.line and _has_steps(table, counts, of, support, chance):
        return Determined(value.name, of.name, "steps")
    supported = counts >= support
    tests = int(np.maximum(counts[supported] - 1, 0).sum())
    if (
        tests * chance < EVIDENCE
        or counts[supported].sum() < 0.5 * n
        or (of.line and (kinds > 4 * bins or counts[supported].sum() < 0.99 * n))
    ):
        return None
    return Determined(value.name, of.name, "lookup")


def _has_steps(table: NDArray[np.int64], counts: NDArray[np.int64], of: Candidate, support: int, chance: float) -> bool:
    """Whether the value changes rarely along ``of``: intervals with enough rows, far fewer than values."""
    present = len(table) - (1 if bool((~of.ticks.finite).any()) else 0)
    along, mass = table[:present], counts[:present]
    begins = np.concatenate([[0], np.flatnonzero(np.diff(along)) + 1])
    rows = np.add.reduceat(mass, begins)
    enough = len(begins) >= 2 and bool((rows >= support).all())
    return enough and len(begins) <= present // 2 and (mass.sum() - len(begins)) * chance >= EVIDENCE


def _find_lines(sample: Sequence[Candidate]) -> list[tuple[int, int]]:
    """Pairs of numbers whose sampled rows lie on a straight line (correlation of 1)."""
    at = [i for i, c in enumerate(sample) if c.family == "number"]
    if len(at) < 2:
        return []
    values = np.column_stack([sample[i].ticks.values.astype(np.float64) for i in at])
    values = values / np.maximum(np.abs(values).max(axis=0), 1e-300)  # their squares don't overflow
    values = values - values.mean(axis=0)
    size = np.sqrt((values**2).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = (values / size).T @ (values / size)
    close = np.argwhere(np.abs(corr) > 1 - 1e-5)
    return [(at[i], at[j]) for i, j in close if i != j]


def judge_line(of: Candidate, value: Candidate) -> Determined | None:
    """Whether ``value`` = slope * ``of`` + intercept, rounded to its decimals, in every row."""
    assert of.scale is not None
    assert value.scale is not None
    if bool((of.ticks.finite != value.ticks.finite).any()):
        return None
    rows = of.ticks.finite
    x = of.ticks.values[rows] / 10.0**of.scale.decimals
    y = value.ticks.values[rows] / 10.0**value.scale.decimals
    if len(x) < 50 or len(np.unique(x)) < 10:
        return None
    low, high = int(np.argmin(x)), int(np.argmax(x))
    slope = (y[high] - y[low]) / (x[high] - x[low])
    slopes = list(dict.fromkeys([float(f"{slope:.{d}g}") for d in range(1, 16)] + [float(slope)]))
    decimals = value.scale.decimals if value.scale.integral else None
    few = np.unique(np.linspace(0, len(x) - 1, 500).astype(np.int64))
    for simple in slopes:
        middle = float(np.median(y - simple * x))
        for intercept in dict.fromkeys([0.0] + [float(f"{middle:.{d}g}") for d in range(1, 13)]):
            if fits_line(x[few], y[few], simple, intercept, decimals) and fits_line(x, y, simple, intercept, decimals):
                return Determined(value.name, of.name, "line", simple, intercept)
    steep = None if decimals is None else _find_slope(x, y, decimals)
    return None if steep is None else Determined(value.name, of.name, "line", steep)


def _find_slope(x: NDArray[np.float64], y: NDArray[np.float64], decimals: int) -> float | None:
    """The roundest slope through 0 that rounds to y in every row; None for none.

    The slope between two rounded rows is too coarse for a factor such as 1 / 1.19; all rows together leave a narrow interval.
    """
    moved = x != 0.0
    ends = (y[moved, None] + np.array([-0.5, 0.5]) * 10.0**-decimals) / x[moved, None]
    low, high = float(ends.min(axis=1).max()), float(ends.max(axis=1).min())
    if not low <= high:
        return None
    for digits in range(1, 17):
        slope = float(f"{(low + high) / 2:.{digits}g}")
        if slope and low <= slope <= high and fits_line(x, y, slope, 0.0, decimals):
            return slope
    return None


def fits_line(
    x: NDArray[np.float64], y: NDArray[np.float64], slope: float, intercept: float, decimals: int | None
) -> bool:
    """Whether rounding slope * x + intercept to the decimals gives y in every row."""
    made = slope * x + intercept
    if decimals is None:
        return bool((np.abs(made - y) <= 1e-12 * np.maximum(np.abs(y), 1e-300)).all())
    return bool((np.rint(made * 10.0**decimals) == np.rint(y * 10.0**decimals)).all())


def _choose(columns: Sequence[Candidate], holds: dict[tuple[int, int], Determined]) -> list[Determined]:
    """Each determined column once, by a column that is not determined itself.

    Of columns that determine one another the first ordered one stays. A column determined by several takes the one with the fewest values.
    """
    twins: set[int] = set()
    for i, j in holds:
        if (j, i) in holds:
            twins.add(max((i, j), key=lambda k: (not columns[k].line, k)))
    roots = {i for i, _ in holds if i not in twins and not any(b == i and (i, a) not in holds for a, b in holds)}
    chosen: list[Determined] = []
    for j in sorted({b for _, b in holds} - roots):
        options = [i for i in roots if (i, j) in holds]
        if options:
            best = min(options, key=lambda i: (holds[i, j].how == "lookup", int(columns[i].codes.max()), i))
            chosen.append(holds[best, j])
    return chosen
