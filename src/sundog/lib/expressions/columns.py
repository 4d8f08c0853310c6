"""Arrow columns as the language sees them: seven types, missing values, and no number that is not finite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.expressions import faults
from sundog.lib.expressions.steps import Scalar
from sundog.lib.expressions.value_types import Kind, Type

Value: TypeAlias = pa.Array | pa.Scalar
"""A column, or one value that stands for all rows."""

_PLAIN: dict[Kind, pa.DataType] = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "duration": pa.duration("us"),
    "missing": pa.null(),
}


class RowFailure(Exception):
    """A kernel failed on a row; ``index`` is the first such row, or None where the kernel does not know it."""

    def __init__(self, code: str, index: int | None = None) -> None:
        self.code = code
        self.index = index
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Job:
    """What a kernel is told beside its arguments.

    Attributes:
        constants: constants that were written as arguments.
        kinds: their kinds.
        count: rows of the result.
        type: Arrow type of the result.
    """

    constants: tuple[Scalar, ...]
    kinds: tuple[str, ...]
    count: int
    type: pa.DataType


def arrow_type(kind: Kind, zone: str | None = None) -> pa.DataType:
    """The Arrow type that holds a kind."""
    return pa.timestamp("us", zone) if kind == "timestamp" else _PLAIN[kind]


def type_of(kind: pa.DataType) -> Type | None:
    """The type as which a column of an Arrow type is read; None where the language has none (lists, bytes, times of day)."""
    if pa.types.is_dictionary(kind):
        return type_of(kind.value_type)
    if pa.types.is_timestamp(kind):
        return Type("timestamp", kind.tz)
    tests: tuple[tuple[Any, Kind], ...] = (
        (pa.types.is_integer, "int64"),
        (pa.types.is_floating, "float64"),
        (pa.types.is_decimal, "float64"),
        (pa.types.is_boolean, "bool"),
        (pa.types.is_string, "string"),
        (pa.types.is_large_string, "string"),
        (pa.types.is_date, "date"),
        (pa.types.is_duration, "duration"),
    )
    return next((Type(name) for test, name in tests if test(kind)), None)


def read_column(column: pa.Array | pa.ChunkedArray, kind: Kind, zone: str | None) -> pa.Array:
    """A column in the type of the language; NaN is missing.

    Raises:
        RowFailure: a number is infinite.
        ValueError: the column has another type than was checked.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):  # no chunk at all, or more than one array can hold
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    wanted = arrow_type(kind, zone)
    if pa.types.is_null(array.type):
        return pa.nulls(len(array), wanted)
    stated = type_of(array.type)
    if stated is None or stated.kind != kind or (kind == "timestamp" and (stated.zone is None) != (zone is None)):
        raise ValueError(f"{kind} was checked, and the column is {array.type}")
    if array.type != wanted:
        array = array.cast(wanted)
    return _read_floats(array) if kind == "float64" else array


def _read_floats(array: pa.Array) -> pa.Array:
    if np.isfinite(view_numbers(array)).all():
        return array
    array = pc.if_else(pc.is_nan(array), pa.scalar(None, pa.float64()), array)
    check_finite(array)
    return array


def check_finite(array: pa.Array) -> None:
    """Raise RowFailure at the first number that is infinite or not a number."""
    numbers = view_numbers(array)
    finite = np.isfinite(numbers)
    if not finite.all():
        row = find_first(~finite, array)
        if row is not None:
            raise RowFailure(faults.ROW_NOT_FINITE, row)


def view_numbers(array: pa.Array) -> NDArray[Any]:
    """The numbers of an array without a copy, whatever stands behind missing values.

    Returns:
        int64 (n,) of int64, timestamp and duration, float64 (n,) of float64, int32 (n,) of date.
    """
    kind = np.float64 if pa.types.is_floating(array.type) else np.int32 if pa.types.is_date(array.type) else np.int64
    data = array.buffers()[1]
    if data is None:
        return np.zeros(len(array), kind)
    return np.frombuffer(data, kind, array.offset + len(array))[array.offset :]


def view_days(array: pa.Array) -> NDArray[np.int64]:
    """Days of a date as int64 (n,)."""
    return view_numbers(array).astype(np.int64)


def view_valid(first: pa.Array, *others: pa.Array) -> NDArray[np.bool_]:
    """Whether a row is missing in none of the arrays: bool (n,)."""
    valid = np.ones(len(first), np.bool_)
    for array in (first, *others):
        if array.null_count:
            valid &= pc.is_valid(array).to_numpy(zero_copy_only=False)
    return valid


def make_array(numbers: NDArray[Any], like: tuple[pa.Array, ...], kind: pa.DataType) -> pa.Array:
    """An array of numbers, missing where one of ``like`` is missing."""
    found = pa.array(numbers)
    if found.type != kind:
        found = found.view(kind)
    for array in like:
        if array.null_count:
            found = pc.if_else(pc.is_valid(array), found, pa.scalar(None, kind))
    return found


def as_array(value: Value, count: int) -> pa.Array:
    """One value as a column of so many rows."""
    if isinstance(value, pa.Array):
        return value
    if isinstance(value, pa.ChunkedArray):
        return value.combine_chunks()
    return pa.repeat(value, count) if value.is_valid else pa.nulls(count, value.type)


def as_arrays(values: tuple[Value, ...], count: int) -> tuple[pa.Array, ...]:
    """All of them."""
    return tuple(as_array(value, count) for value in values)


def find_first(bad: NDArray[np.bool_], first: pa.Array, *others: pa.Array) -> int | None:
    """The first row that is bad and not missing."""
    if not bad.any():
        return None
    rows = np.flatnonzero(bad & view_valid(first, *others))
    return int(rows[0]) if len(rows) else None
