"""A number that often repeats another column's value: bins, and a code for *the same as that column*."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.coders_number import NumberCoder, decode_number, encode_number, number_centres
from sundog.lib.rows.scale import Scale, Ticks, from_ticks, rescale, to_ticks
from sundog.lib.rows.steps import Codes, Drawing, restrict


@dataclass(frozen=True, slots=True)
class EchoStep:
    """A column of numbers, dates or durations.

    Codes: the bins of ``coder``; one for each of ``others``; then missing. A row has the code of another column where the two are
    equal and the value does not have a bin of its own.

    Attributes:
        column: of numbers.
        index: coded column.
        scale: of the column.
        coder: bins, without a code for missing.
        others: columns that it repeats, made before it; the first that is equal counts.
        other_scales: their scales.
        missing: whether the last code means missing.
    """

    column: str
    index: int
    scale: Scale
    coder: NumberCoder
    others: tuple[str, ...]
    other_scales: tuple[Scale, ...]
    missing: bool


def echo_size(step: EchoStep) -> int:
    """Number of codes."""
    return step.coder.size + len(step.others) + step.missing


def encode_echo_step(step: EchoStep, array: pa.Array, others: list[pa.Array | None], codes: Codes) -> None:
    """Write codes; ``others`` may be unknown, and then are not repeated."""
    ticks = to_ticks(array, step.scale)
    code: NDArray[np.int32] = encode_number(
        step.coder, ticks.values, np.zeros(len(ticks.values), dtype=bool), ticks.infinite
    )
    alone = np.append(step.coder.least == step.coder.most, np.ones(len(step.coder.infinite), dtype=bool))
    loose = ~alone[code] & ticks.finite
    for k in reversed(range(len(step.others))):
        other = others[k]
        if other is not None:
            code = np.where(
                loose & same_values(ticks, step.scale, to_ticks(other, step.other_scales[k]), step.other_scales[k]),
                step.coder.size + k,
                code,
            )
    if step.missing:
        code = np.where(ticks.missing, echo_size(step) - 1, code)
    codes[:, step.index] = code


def same_values(a: Ticks, scale: Scale, b: Ticks, other: Scale) -> NDArray[np.bool_]:
    """Rows in which both are present and equal."""
    decimals = max(scale.decimals, other.decimals)
    return np.asarray(
        a.finite & b.finite & (rescale(a, scale, decimals).values == rescale(b, other, decimals).values), dtype=bool
    )


def draw_echo_step(step: EchoStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``. Where what should be repeated is missing or finer than the column, a value is drawn from the bins."""
    code = codes[:, step.index]
    uniform = key.child(step.column).uniform(units)
    missing = code == echo_size(step) - 1 if step.missing else np.zeros(len(code), dtype=bool)
    coder = restrict(step.coder, step.scale, drawing.within.get(step.column))
    echo = (code >= step.coder.size) & ~missing
    bins = code
    if bool((code >= step.coder.size).any()):
        cuts = step.coder.mass[step.coder.first]
        marginal = np.searchsorted(cuts[1:], uniform[:, 2] * cuts[-1], side="right")
        bins = np.where(code >= step.coder.size, np.minimum(marginal, step.coder.bins - 1), code).astype(np.int32)
    values, _, infinite = decode_number(coder, bins, uniform)
    for k, (name, other) in enumerate(zip(step.others, step.other_scales, strict=True)):
        rows = code == step.coder.size + k
        if not rows.any():
            continue
        ticks = drawing.ticks_of(name, other)
        coarse = 10 ** max(0, other.decimals - step.scale.decimals)
        own = rescale(ticks, other, step.scale.decimals).values // coarse
        rows &= ticks.finite & (own * coarse == rescale(ticks, other, max(step.scale.decimals, other.decimals)).values)
        values = np.where(rows, own, values)
    values = np.where(missing, 0, values)
    if infinite is not None:
        infinite = np.where(echo | missing, 0, infinite).astype(np.int8)
    array = from_ticks(values, missing, step.scale, drawing.schema.field(step.column).type, infinite)
    drawing.put(step.column, array, Ticks(values, missing, infinite))


def echo_centres(step: EchoStep) -> NDArray[np.float32]:
    """float32 (size,): representative values in the column's unit; the column's median where it repeats another, NaN for missing."""
    centres = number_centres(step.coder) / np.float32(10.0**step.scale.decimals)
    finite = centres[np.isfinite(centres)]
    same = np.full(len(step.others), np.median(finite), dtype=np.float32)
    return np.concatenate([centres, same, np.full(int(step.missing), np.nan, dtype=np.float32)])
