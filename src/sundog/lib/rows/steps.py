"""How each column of a table comes from codes: one step a column, taken in an order in which what a step needs is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows.coders_category import CategoryCoder, decode_category, encode_category, index_values, take_values
from sundog.lib.rows.coders_number import NumberCoder, decode_number, encode_number, narrow, number_centres, pin
from sundog.lib.rows.scale import Scale, Ticks, from_ticks, is_scalable, parse_tick, to_ticks
from sundog.lib.rows.settings import Between, Condition, OneOf

Codes: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class NumberStep:
    """A column of numbers, dates, times or durations: one coded column."""

    column: str
    index: int
    scale: Scale
    coder: NumberCoder


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A column of timestamps: coded columns of the day and of the time of day; the latter is -1 where it never differs.

    ``low`` and ``high`` are stated ends, in ticks.
    """

    column: str
    index: int
    clock_index: int
    scale: Scale
    day: NumberCoder
    clock: NumberCoder
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CategoryStep:
    """A column of categories or booleans: one coded column."""

    column: str
    index: int
    coder: CategoryCoder
    nominal: bool


@dataclass(frozen=True, slots=True)
class FixedStep:
    """A column with one value (or none at all) and no missing values beside it: no coded column."""

    column: str
    value: pa.Table


@dataclass(slots=True)
class Drawing:
    """What is known while rows are decoded or encoded.

    Attributes:
        schema: types of all columns.
        arrays: columns so far.
        ticks: the same as ticks, where a step gave them.
        index: index of the supported value, for categories.
        kept: columns whose values, where not null, are put back exactly.
        within: conditions on columns.
        moved: whether a column was set anew, so that steps that read it must be taken again.
    """

    schema: pa.Schema
    kept: pa.RecordBatch | None = None
    within: dict[str, Condition] = field(default_factory=dict)
    arrays: dict[str, pa.Array] = field(default_factory=dict)
    ticks: dict[str, Ticks] = field(default_factory=dict)
    index: dict[str, tuple[NDArray[np.int32], NDArray[np.bool_]]] = field(default_factory=dict)

    moved: bool = False

    def put(
        self,
        column: str,
        array: pa.Array,
        ticks: Ticks | None = None,
        index: tuple[NDArray[np.int32], NDArray[np.bool_]] | None = None,
    ) -> None:
        """Set a column, with kept values over it."""
        if self.kept is not None and column in self.kept.schema.names:
            array = lay_over(self.kept.column(column), array)
            ticks = index = None
        self.replace(column, array, ticks, index)

    def replace(
        self,
        column: str,
        array: pa.Array,
        ticks: Ticks | None,
        index: tuple[NDArray[np.int32], NDArray[np.bool_]] | None = None,
    ) -> None:
        """Set a column as it is."""
        self.arrays[column] = array
        self.ticks.pop(column, None)
        self.index.pop(column, None)
        if ticks is not None:
            self.ticks[column] = ticks
        if index is not None:
            self.index[column] = index

    def move(self, column: str, array: pa.Array, ticks: Ticks | None) -> None:
        """Set a column anew because a value made from it is given; what else is made from it must be made again."""
        self.moved = self.moved or not array.equals(self.arrays[column])
        self.replace(column, array, ticks)

    def given(self, column: str) -> NDArray[np.bool_] | None:
        """Rows in which the column is given, or None where it is not given at all."""
        if self.kept is None or column not in self.kept.schema.names:
            return None
        return np.asarray(pc.is_valid(self.kept.column(column)).to_numpy(zero_copy_only=False), dtype=bool)

    def ticks_of(self, column: str, scale: Scale) -> Ticks:
        """The column on its scale."""
        if column not in self.ticks:
            self.ticks[column] = to_ticks(self.arrays[column], scale)
        return self.ticks[column]

    def index_of(self, column: str, coder: CategoryCoder) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Which supported value each row has (-1: another), and where it is missing."""
        if column not in self.index:
            array = self.arrays[column]
            self.index[column] = (
                index_values(coder, array),
                np.asarray(pc.is_null(array).to_numpy(zero_copy_only=False), dtype=bool),
            )
        return self.index[column]


def lay_over(kept: pa.Array, array: pa.Array) -> pa.Array:
    """``array`` with the values of ``kept`` where those are not null."""
    if kept.null_count == len(kept):
        return array
    kept = kept.cast(array.type)
    if kept.null_count == 0:
        return kept
    if pa.types.is_dictionary(array.type):
        merged = pc.if_else(kept.is_valid(), kept.dictionary_decode(), array.dictionary_decode())
        return merged.dictionary_encode().cast(array.type)
    return pc.if_else(kept.is_valid(), kept, array)


def encode_number_step(step: NumberStep, array: pa.Array, codes: Codes) -> None:
    """Write codes of a column into ``codes`` (n, n_coded)."""
    ticks = to_ticks(array, step.scale)
    codes[:, step.index] = encode_number(step.coder, ticks.values, ticks.missing, ticks.infinite)


def draw_number_step(step: NumberStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    coder = restrict(step.coder, step.scale, drawing.within.get(step.column))
    values, missing, infinite = decode_number(coder, codes[:, step.index], key.child(step.column).uniform(units))
    array = from_ticks(values, missing, step.scale, drawing.schema.field(step.column).type, infinite)
    drawing.put(step.column, array, Ticks(values, missing, infinite))


def encode_clock_step(step: ClockStep, array: pa.Array, codes: Codes) -> None:
    """Write codes of day and time of day."""
    ticks = to_ticks(array, step.scale)
    day = ticks.values // step.scale.per_day
    codes[:, step.index] = encode_number(step.day, day, ticks.missing)
    if step.clock_index >= 0:
        codes[:, step.clock_index] = encode_number(step.clock, ticks.values - day * step.scale.per_day, ticks.missing)


def draw_clock_step(step: ClockStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``; it is missing where the day is, whatever the time of day says."""
    uniform = key.child(step.column).uniform(units)
    condition = drawing.within.get(step.column)
    per_day = step.scale.per_day
    low, high = limits_of(condition, step.scale)
    low = max((end for end in (low, step.low) if end is not None), default=None)
    high = min((end for end in (high, step.high) if end is not None), default=None)
    day_coder = step.day
    if low is not None or high is not None:
        day_coder, _ = narrow(
            step.day, None if low is None else low // per_day, None if high is None else high // per_day
        )
    day, missing, _ = decode_number(day_coder, codes[:, step.index], uniform)
    clock_codes = codes[:, step.clock_index] if step.clock_index >= 0 else np.zeros(len(codes), dtype=np.int32)
    clock, _, _ = decode_number(step.clock, clock_codes, uniform[:, 2:])
    values = day * per_day + clock
    if low is not None or high is not None:
        floor_at = np.maximum(day * per_day, -(2**62) if low is None else int(np.ceil(low)))
        ceil_at = np.minimum(day * per_day + per_day - 1, 2**62 if high is None else int(np.floor(high)))
        out = (values < floor_at) | (values > ceil_at)
        squeezed = floor_at + ((clock / per_day) * (ceil_at - floor_at + 1)).astype(np.int64)
        values = np.where(out, np.minimum(squeezed, ceil_at), values)
    array = from_ticks(values, missing, step.scale, drawing.schema.field(step.column).type)
    drawing.put(step.column, array)


def encode_category_step(step: CategoryStep, array: pa.Array, codes: Codes) -> None:
    """Write codes of a column."""
    codes[:, step.index] = encode_category(step.coder, array)


def draw_category_step(step: CategoryStep, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    code = codes[:, step.index]
    rare = step.coder.rare > 0 and bool((code == step.coder.count).any())
    uniform = key.child(step.column).uniform(units)[:, 0] if rare else np.zeros(len(code))
    index, missing = decode_category(step.coder, code, uniform)
    array = take_values(step.coder, index, missing, drawing.schema.field(step.column).type)
    drawing.put(step.column, array, index=(index, missing))


def draw_fixed_step(step: FixedStep, rows: int, drawing: Drawing) -> None:
    """Put the column into ``drawing``."""
    value = step.value.column(0).combine_chunks()
    drawing.put(
        step.column, value.take(pa.array(np.zeros(rows, dtype=np.int32))).cast(drawing.schema.field(step.column).type)
    )


def limits_of(condition: Condition | None, scale: Scale) -> tuple[int | float | None, int | float | None]:
    """Ends of a range in ticks; None where open."""
    if not isinstance(condition, Between):
        return None, None
    low = None if condition.low is None else parse_tick(condition.low, scale)
    high = None if condition.high is None else parse_tick(condition.high, scale)
    return low, high


def restrict(coder: NumberCoder, scale: Scale, condition: Condition | None) -> NumberCoder:
    """The coder with only the values that the condition allows."""
    if isinstance(condition, Between):
        return narrow(coder, *limits_of(condition, scale))[0]
    if isinstance(condition, OneOf):
        return pin(coder, [parse_tick(v, scale) for v in condition.values if v is not None])[0]
    return coder


def centres_of(step: NumberStep | ClockStep) -> tuple[NDArray[np.float32], ...]:
    """Representative values of each code, in the column's own unit: one array a coded column."""
    if isinstance(step, ClockStep):
        return number_centres(step.day), number_centres(step.clock)
    return (number_centres(step.coder) / np.float32(10.0**step.scale.decimals),)


def range_of(coder: NumberCoder, scale: Scale, days: bool, kind: pa.DataType) -> tuple[str, str]:
    """Lowest and highest value that a coder of a column (or of its days) gives, as text."""
    ends = np.array([coder.least[0], coder.most[-1]]) * coder.step + coder.offset
    if days:
        ends = ends * scale.per_day
    low, high = from_ticks(ends, np.zeros(2, dtype=bool), scale, kind).to_pylist()
    return str(low), str(high)


def combine(column: pa.ChunkedArray) -> pa.Array:
    """One array; dictionaries of chunks are unified."""
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    joined = column.combine_chunks()
    return joined if isinstance(joined, pa.Array) else pa.concat_arrays(joined.chunks)


def as_type(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """The array as the column's type; texts are read as numbers and dates."""
    if array.type == kind:
        return array
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_dictionary(kind):
        return array.cast(kind.value_type).dictionary_encode().cast(kind)
    return array.cast(kind)


def parse_values(values: list[bool | int | float | str], kind: pa.DataType) -> pa.Array:
    """Values that a recipe states, as an Arrow array of a column's type.

    Raises:
        ValueError: one can't be read as a value of this column.
    """
    try:
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return pa.array([str(v) for v in values], kind)
        if any(isinstance(v, str) for v in values):
            return pa.array([str(v).lower() if isinstance(v, bool) else str(v) for v in values], pa.string()).cast(kind)
        return pa.array(values).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise ValueError(f"{values[0]!r} can't be read as {kind}") from error


def match_values(values: pa.Array, condition: Condition) -> NDArray[np.bool_]:
    """Which values the condition allows; None asks for null."""
    if isinstance(condition, OneOf):
        wanted = parse_values([v for v in condition.values if v is not None], values.type)
        hits = pc.is_in(values, value_set=wanted)
        if None in condition.values:
            hits = pc.or_(hits, values.is_null())
        return np.asarray(hits.to_numpy(zero_copy_only=False), dtype=bool)
    if not is_scalable(values.type):
        raise ValueError("a range needs a column of numbers, dates or times; use one_of")
    inside: NDArray[np.bool_] = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    for end, compare in ((condition.low, pc.greater_equal), (condition.high, pc.less_equal)):
        if end is not None:
            hits = pc.fill_null(compare(values, parse_values([end], values.type)[0]), False)
            inside = inside & np.asarray(hits.to_numpy(zero_copy_only=False), dtype=bool)
    return inside
