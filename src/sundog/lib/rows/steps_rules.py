"""Columns that keep a rule: coded as a distance from others, or computed from others after those are drawn.

Given values win: where a computed value is given and what it is computed from is not, the latter is moved so that the rule holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.coders_number import NumberCoder, decode_number, encode_number
from sundog.lib.rows.scale import Numbers, Scale, Ticks, from_ticks, rescale, to_ticks
from sundog.lib.rows.steps import Codes, Drawing


@dataclass(frozen=True, slots=True)
class GapStep:
    """A column that is never below others, coded as its distance from the largest of them that is present.

    Codes: the gaps; then, for rows in which all lower columns are missing, the column itself; then missing.

    Attributes:
        column: the higher column.
        index: coded column.
        scale: of the column.
        lows: lower columns.
        low_scales: their scales.
        decimals: of the grid on which the distance is taken.
        floating: whether the distance is a float in the columns' own unit.
        grid: step of the column in its own ticks; a sum is rounded up to it.
        gap: coder of the distance.
        direct: coder of the column where no lower one is present, or None.
        missing: whether the last code means missing.
    """

    column: str
    index: int
    scale: Scale
    lows: tuple[str, ...]
    low_scales: tuple[Scale, ...]
    decimals: int
    floating: bool
    grid: int
    gap: NumberCoder
    direct: NumberCoder | None
    missing: bool


@dataclass(frozen=True, slots=True)
class SumStep:
    """A column that is the sum of others, less others; missing where one of them is."""

    column: str
    scale: Scale
    plus: tuple[str, ...]
    plus_scales: tuple[Scale, ...]
    minus: tuple[str, ...]
    minus_scales: tuple[Scale, ...]
    decimals: int


def base_of(ticks: list[Ticks], scales: tuple[Scale, ...], decimals: int, floating: bool) -> Ticks:
    """The largest present value of each row, on the common grid."""
    dtype = np.float64 if floating else np.int64
    least = -np.inf if floating else np.iinfo(np.int64).min
    best: Numbers = np.full(len(ticks[0].values), least, dtype=dtype)
    present = np.zeros(len(best), dtype=bool)
    for t, scale in zip(ticks, scales, strict=True):
        values = on_grid(t, scale, decimals, floating)
        best = np.where(t.finite, np.maximum(best, values), best)
        present |= t.finite
    return Ticks(np.where(present, best, dtype(0)), ~present)


def on_grid(ticks: Ticks, scale: Scale, decimals: int, floating: bool) -> Numbers:
    """Values on the common grid."""
    if floating:
        return ticks.values / 10.0**scale.decimals
    return rescale(ticks, scale, decimals).values


def encode_gap_step(step: GapStep, high: pa.Array, lows: list[pa.Array], codes: Codes) -> NDArray[np.bool_]:
    """Write codes of the distance; gives the rows in which the column is below a lower one (their distance counts as 0)."""
    ticks = to_ticks(high, step.scale)
    base = base_of(
        [to_ticks(a, s) for a, s in zip(lows, step.low_scales, strict=True)],
        step.low_scales,
        step.decimals,
        step.floating,
    )
    values = on_grid(ticks, step.scale, step.decimals, step.floating)
    absent = ~ticks.finite
    gap = np.where(absent | base.missing, 0, values - base.values)
    broken = gap < 0
    code: NDArray[np.int32] = encode_number(step.gap, np.maximum(gap, 0), np.zeros(len(gap), dtype=bool))
    if step.direct is not None:
        code = np.where(base.missing, step.gap.size + encode_number(step.direct, ticks.values, absent), code)
    if step.missing:
        code = np.where(absent, gap_size(step) - 1, code)
    codes[:, step.index] = code
    return np.asarray(broken, dtype=bool)


def gap_size(step: GapStep) -> int:
    """Number of codes."""
    return step.gap.size + (step.direct.size if step.direct is not None else 0) + step.missing


def draw_gap_step(step: GapStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    code = codes[:, step.index]
    uniform = key.child(step.column).uniform(units)
    missing = code == gap_size(step) - 1 if step.missing else np.zeros(len(code), dtype=bool)
    base = base_of(
        [drawing.ticks_of(n, s) for n, s in zip(step.lows, step.low_scales, strict=True)],
        step.low_scales,
        step.decimals,
        step.floating,
    )
    gap, _, _ = decode_number(step.gap, np.minimum(code, step.gap.size - 1), uniform)
    values: Numbers = _up_to_grid(step, base.values + gap)
    if step.direct is None:
        missing = missing | base.missing
    else:
        away = code - step.gap.size
        marginal = np.searchsorted(
            step.direct.mass[step.direct.first[1:]], uniform[:, 2] * step.direct.mass[-1], side="right"
        )
        away = np.where(
            away < 0, np.minimum(marginal, step.direct.bins - 1), np.minimum(away, step.direct.bins - 1)
        ).astype(np.int32)
        direct, _, _ = decode_number(step.direct, away, uniform)
        direct = np.where(base.missing, direct, np.maximum(direct, _up_to_grid(step, base.values)))
        values = np.where(base.missing | (code >= step.gap.size), direct, values)
    ticks = Ticks(np.where(missing, 0, values), missing)
    drawing.put(
        step.column, from_ticks(ticks.values, missing, step.scale, drawing.schema.field(step.column).type), ticks
    )
    given = drawing.given(step.column)
    if given is not None:
        _move_lows(step, gap, given, drawing)


def _up_to_grid(step: GapStep, values: Numbers) -> Numbers:
    """Values in the column's own ticks, on its grid, not below what they were."""
    if step.floating:
        return (
            values
            if step.scale.kind == "float"
            else np.ceil(values * 10.0**step.scale.decimals - 1e-6).astype(np.int64)
        )
    coarse = 10 ** (step.decimals - step.scale.decimals)
    if coarse > 1:
        values = -(-values // coarse)
    return -(-values // step.grid) * step.grid if step.grid > 1 else values


def _move_lows(step: GapStep, gap: Numbers, given: NDArray[np.bool_], drawing: Drawing) -> None:
    """Where the higher column is given, lower ones that are not are set below it."""
    high = on_grid(drawing.ticks_of(step.column, step.scale), step.scale, step.decimals, step.floating)
    for name, scale in zip(step.lows, step.low_scales, strict=True):
        fixed = drawing.given(name)
        rows = given if fixed is None else given & ~fixed
        low = drawing.ticks_of(name, scale)
        values = on_grid(low, scale, step.decimals, step.floating)
        wanted = np.minimum(values, high) if len(step.lows) > 1 else high - gap
        if not step.floating:
            wanted = wanted // 10 ** (step.decimals - scale.decimals)
        elif scale.kind != "float":
            wanted = np.floor(wanted * 10.0**scale.decimals + 1e-6).astype(np.int64)
        moved = np.where(rows & ~low.missing, wanted, low.values)
        drawing.move(
            name, from_ticks(moved, low.missing, scale, drawing.schema.field(name).type), Ticks(moved, low.missing)
        )


def draw_sum_step(step: SumStep, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    total, missing = _add(step, drawing)
    ticks = _to_own(step, total, missing)
    drawing.put(
        step.column, from_ticks(ticks.values, ticks.missing, step.scale, drawing.schema.field(step.column).type), ticks
    )
    given = drawing.given(step.column)
    if given is not None and not step.minus:
        _move_terms(step, given, drawing)


def _add(step: SumStep, drawing: Drawing) -> tuple[Numbers, NDArray[np.bool_]]:
    total: Numbers | None = None
    missing: NDArray[np.bool_] | None = None
    for sign, names, scales in ((1, step.plus, step.plus_scales), (-1, step.minus, step.minus_scales)):
        for name, scale in zip(names, scales, strict=True):
            part = drawing.ticks_of(name, scale)
            values = sign * on_grid(part, scale, step.decimals, False)
            total = values if total is None else total + values
            missing = ~part.finite if missing is None else missing | ~part.finite
    assert total is not None
    assert missing is not None
    return total, missing


def _to_own(step: SumStep, total: Numbers, missing: NDArray[np.bool_]) -> Ticks:
    coarse = 10 ** (step.decimals - step.scale.decimals)
    return Ticks(np.where(missing, 0, total // coarse), missing)


def _move_terms(step: SumStep, given: NDArray[np.bool_], drawing: Drawing) -> None:
    """Where the total is given, terms that are not are scaled so that they add up to it; the last of them takes the rounding."""
    wanted = on_grid(drawing.ticks_of(step.column, step.scale), step.scale, step.decimals, False)
    sum_now, missing = _add(step, drawing)
    rows = given & ~missing & (sum_now != wanted)
    if not rows.any():
        return
    parts = [drawing.ticks_of(n, s) for n, s in zip(step.plus, step.plus_scales, strict=True)]
    values = np.column_stack(
        [on_grid(p, s, step.decimals, False) for p, s in zip(parts, step.plus_scales, strict=True)]
    )
    fixed = [drawing.given(n) for n in step.plus]
    free = np.column_stack([np.ones(len(wanted), dtype=bool) if f is None else ~f for f in fixed])
    loose = np.where(free, values, 0).sum(axis=1)
    left = wanted - np.where(free, 0, values).sum(axis=1)
    factor = np.where(
        (loose > 0) & (left >= 0) & (np.where(free, values, 0).min(axis=1) >= 0),
        left / np.where(loose == 0, 1, loose),
        1.0,
    )
    grids = np.array([10 ** (step.decimals - s.decimals) for s in step.plus_scales], dtype=np.int64)
    scaled = np.where(free & rows[:, None], (values * factor[:, None] // grids).astype(np.int64) * grids, values)
    last = free.shape[1] - 1 - np.argmax(free[:, ::-1], axis=1)
    rest = np.where(rows & free.any(axis=1), wanted - scaled.sum(axis=1), 0)
    scaled[np.arange(len(last)), last] += rest
    for k, (name, scale) in enumerate(zip(step.plus, step.plus_scales, strict=True)):
        own = scaled[:, k] // grids[k]
        drawing.move(
            name,
            from_ticks(own, parts[k].missing, scale, drawing.schema.field(name).type),
            Ticks(own, parts[k].missing),
        )
