"""Columns that are functions of another: looked up, cut at a few places, or a straight line.

Given values win: where the value is given and what it is computed from is not, the latter is moved so that the rule holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.coders_category import CategoryCoder, take_values
from sundog.lib.rows.scale import Numbers, Scale, Ticks, from_ticks
from sundog.lib.rows.settings import Condition
from sundog.lib.rows.steps import Drawing, match_values


@dataclass(frozen=True, slots=True)
class LookupStep:
    """A column that is a function of a category.

    Attributes:
        column: what is looked up.
        of: column of categories; every one that is ever drawn is in ``keys``.
        keys: coder of ``of``.
        values: table of one column: the value for each category of ``keys``, and for missing.
    """

    column: str
    of: str
    keys: CategoryCoder
    values: pa.Table


@dataclass(frozen=True, slots=True)
class CutStep:
    """A column that changes at a few places along another.

    Attributes:
        column: what is looked up.
        of: column of numbers or times.
        of_scale: its scale.
        cuts: ticks at which the value changes: values[i] holds from cuts[i - 1] up to below cuts[i].
        values: table of one column: len(cuts) + 1 values, and the one for missing.
    """

    column: str
    of: str
    of_scale: Scale
    cuts: Numbers
    values: pa.Table


@dataclass(frozen=True, slots=True)
class LineStep:
    """A column that is slope * other + intercept in the columns' own units, rounded to its decimals."""

    column: str
    scale: Scale
    of: str
    of_scale: Scale
    slope: float
    intercept: float


def draw_lookup_step(step: LookupStep, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    index, missing = drawing.index_of(step.of, step.keys)
    given = drawing.given(step.column)
    values = step.values.column(0).combine_chunks()
    if given is not None and drawing.kept is not None:
        fixed = drawing.given(step.of)
        index = _redraw_keys(
            step,
            index,
            given if fixed is None else given & ~fixed,
            key.child(step.column).uniform(units)[:, 0],
            drawing,
        )
    at = np.where(missing, step.keys.count, index)
    drawing.put(step.column, take_coded(values, at, drawing.schema.field(step.column).type))


def take_coded(values: pa.Array, at: NDArray[np.int64] | NDArray[np.int32], kind: pa.DataType) -> pa.Array:
    """``values`` at these places, as type ``kind``; -1 gives null."""
    taken = values.take(pa.array(at.astype(np.int32), mask=at < 0 if bool((at < 0).any()) else None))
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(taken.type):
        return taken.cast(kind.value_type).dictionary_encode().cast(kind)
    return taken if taken.type == kind else taken.cast(kind)


def _redraw_keys(
    step: LookupStep, index: NDArray[np.int32], rows: NDArray[np.bool_], uniform: NDArray[np.float64], drawing: Drawing
) -> NDArray[np.int32]:
    """Where the looked-up value is given and the drawn key says another: a key that fits, by frequency."""
    assert drawing.kept is not None
    kept = drawing.kept.column(step.column)
    table = step.values.column(0).combine_chunks().slice(0, step.keys.count)
    words = pc.unique(table)
    code_of_key = np.asarray(pc.index_in(table, value_set=words).to_numpy(zero_copy_only=False))
    plain_kept = kept.dictionary_decode() if pa.types.is_dictionary(kept.type) else kept
    wanted = np.asarray(
        pc.index_in(plain_kept.cast(words.type), value_set=words).fill_null(-1).to_numpy(zero_copy_only=False)
    )
    wrong = rows & (wanted >= 0) & (code_of_key[index] != wanted)
    if not wrong.any():
        return index
    share = np.diff(step.keys.cumulative, prepend=0.0)
    index = index.copy()
    for word in np.unique(wanted[wrong]):
        keys = np.flatnonzero(code_of_key == word)
        at = np.flatnonzero(wrong & (wanted == word))
        cumulative = np.cumsum(share[keys])
        index[at] = keys[
            np.minimum(np.searchsorted(cumulative, uniform[at] * cumulative[-1], side="right"), len(keys) - 1)
        ]
    drawing.move(
        step.of,
        take_values(step.keys, index, np.zeros(len(index), dtype=bool), drawing.schema.field(step.of).type),
        None,
    )
    return index


def draw_cut_step(step: CutStep, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    ticks = drawing.ticks_of(step.of, step.of_scale)
    at = np.where(ticks.finite, np.searchsorted(step.cuts, ticks.values, side="right"), len(step.cuts) + 1)
    values = step.values.column(0).combine_chunks()
    drawing.put(step.column, take_coded(values, at, drawing.schema.field(step.column).type))
    given = drawing.given(step.column)
    condition = drawing.within.get(step.column)
    if condition is not None:
        _keep_within(step, np.asarray(at, dtype=np.int64), condition, drawing)
    if given is not None:
        fixed = drawing.given(step.of)
        _move_along(
            step, at, given if fixed is None else given & ~fixed, key.child(step.column).uniform(units)[:, 0], drawing
        )


def _keep_within(step: CutStep, at: NDArray[np.int64], condition: Condition, drawing: Drawing) -> None:
    """Mirror places that lie just outside an interval with an allowed value into it."""
    values = step.values.column(0).combine_chunks()
    hits = match_values(values, condition)
    fixed = drawing.given(step.of)
    rows = np.flatnonzero(~hits[at] & (at <= len(step.cuts)) & (True if fixed is None else ~fixed))
    spans = np.flatnonzero(hits[:-1])
    if not len(rows) or not len(spans):
        return
    ticks = drawing.ticks_of(step.of, step.of_scale)
    moved = ticks.values.copy()
    span = spans[np.argmin(np.abs(spans[None, :] - at[rows, None]), axis=1)]
    one = 1 if step.of_scale.integral else 0
    low = np.where(span > 0, step.cuts[np.maximum(span - 1, 0)], moved.min())
    high = np.where(span < len(step.cuts), step.cuts[np.minimum(span, len(step.cuts) - 1)] - one, moved.max())
    if not one:
        high = np.nextafter(high, -np.inf)
    moved[rows] = np.clip(np.where(span > at[rows], 2 * low - moved[rows], 2 * high - moved[rows]), low, high)
    drawing.move(
        step.of,
        from_ticks(moved, ticks.missing, step.of_scale, drawing.schema.field(step.of).type),
        Ticks(moved, ticks.missing),
    )
    again = np.where(ticks.finite, np.searchsorted(step.cuts, moved, side="right"), len(step.cuts) + 1)
    drawing.put(step.column, take_coded(values, again, drawing.schema.field(step.column).type))


def _move_along(
    step: CutStep, at: NDArray[np.int64], rows: NDArray[np.bool_], uniform: NDArray[np.float64], drawing: Drawing
) -> None:
    """Where the looked-up value is given: a place in the nearest interval that has it."""
    values = step.values.column(0).combine_chunks()
    final = drawing.arrays[step.column]
    plain = final.dictionary_decode() if pa.types.is_dictionary(final.type) else final
    words = pc.unique(values)
    code_of = np.asarray(pc.index_in(values, value_set=words).to_numpy(zero_copy_only=False))
    wanted = np.asarray(
        pc.index_in(plain.cast(words.type), value_set=words).fill_null(-1).to_numpy(zero_copy_only=False)
    )
    wrong = rows & (wanted >= 0) & (code_of[at] != wanted)
    if not wrong.any():
        return
    ticks = drawing.ticks_of(step.of, step.of_scale)
    moved, missing = ticks.values.copy(), ticks.missing.copy()
    for word in np.unique(wanted[wrong]):
        spans = np.flatnonzero(code_of[:-1] == word)
        chosen = np.flatnonzero(wrong & (wanted == word))
        if len(spans) == 0:
            missing[chosen] = True
            continue
        span = spans[np.argmin(np.abs(spans[None, :] - at[chosen, None]), axis=1)]
        width = np.diff(step.cuts).max(initial=1) if len(step.cuts) > 1 else 1
        low = np.where(span > 0, step.cuts[np.maximum(span - 1, 0)], step.cuts[0] - width)
        high = np.where(span < len(step.cuts), step.cuts[np.minimum(span, len(step.cuts) - 1)], step.cuts[-1] + width)
        place = low + (uniform[chosen] * (high - low)).astype(moved.dtype)
        moved[chosen] = place
        missing[chosen] = False
    drawing.move(
        step.of, from_ticks(moved, missing, step.of_scale, drawing.schema.field(step.of).type), Ticks(moved, missing)
    )


def draw_line_step(step: LineStep, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    ticks = drawing.ticks_of(step.of, step.of_scale)
    own = _follow_line(step, ticks.values)
    missing = ~ticks.finite
    own = np.where(missing, own.dtype.type(0), own)
    drawing.put(
        step.column, from_ticks(own, missing, step.scale, drawing.schema.field(step.column).type), Ticks(own, missing)
    )
    given = drawing.given(step.column)
    if given is not None and step.slope != 0:
        fixed = drawing.given(step.of)
        _go_back(step, ticks, given if fixed is None else given & ~fixed, drawing)


def _follow_line(step: LineStep, values: Numbers) -> Numbers:
    """Ticks of the column from ticks of the other."""
    value = step.slope * (values / 10.0**step.of_scale.decimals) + step.intercept
    if not step.scale.integral:
        return np.asarray(value)
    return np.rint(np.clip(value * 10.0**step.scale.decimals, -9.2e18, 9.2e18)).astype(np.int64)


def _go_back(step: LineStep, ticks: Ticks, rows: NDArray[np.bool_], drawing: Drawing) -> None:
    """Where the value is given and the other is not: the other that gives it, of the nearest few."""
    wanted = drawing.ticks_of(step.column, step.scale).values
    back = (wanted / 10.0**step.scale.decimals - step.intercept) / step.slope * 10.0**step.of_scale.decimals
    nearest: Numbers = np.rint(back).astype(np.int64) if step.of_scale.integral else back
    moved = nearest
    if step.of_scale.integral:
        for away in (1, -1):
            better = (_follow_line(step, moved) != wanted) & (_follow_line(step, nearest + away) == wanted)
            moved = np.where(better, nearest + away, moved)
    moved = np.where(rows, moved, ticks.values)
    missing = ~ticks.finite & ~rows
    drawing.move(
        step.of, from_ticks(moved, missing, step.of_scale, drawing.schema.field(step.of).type), Ticks(moved, missing)
    )
