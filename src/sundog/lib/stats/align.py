"""Brings tables from different tools to one form, so that equal values compare equal.

The schema of the training records says how each column is to be read; other tables may hold the same values as
another type (whole numbers as floats, dates as strings, booleans as 0 and 1). Values that cannot be read become missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.tables import meaning_of

Form: TypeAlias = Literal["number", "time", "category", "boolean"]
"""What the values of an aligned column are: float64, int64 in the unit of the training records, string or float64, boolean."""

_LEFT_OUT = {
    "identifier": "identifiers are remade, so their values are not compared",
    "text": "free text is not compared value by value",
    "media": "media are not compared value by value",
}


@dataclass(frozen=True, slots=True)
class Comparable:
    """One column that can be compared across tables.

    Attributes:
        name: of the column.
        form: what its aligned values are.
        type: Arrow type in the training records, dictionary encoding removed.
    """

    name: str
    form: Form
    type: pa.DataType


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which columns are compared, in the order of the training records, and which are not and why."""

    columns: tuple[Comparable, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the compared columns."""
        return tuple(c.name for c in self.columns)


def plan_alignment(train: pa.Schema, others: Sequence[tuple[str, pa.Schema]] = ()) -> Alignment:
    """Decide how each column of the training records is compared.

    Args:
        train: schema of the training records; meanings written on its fields are heeded.
        others: name (as a sentence would call it, "the synthetic table") and schema of each other table. A column that
            one of them lacks is left out.
    """
    columns: list[Comparable] = []
    left_out: list[tuple[str, str]] = []
    for field in train:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        meaning = meaning_of(field.with_type(kind))
        lacking = [who for who, schema in others if field.name not in schema.names]
        if meaning in _LEFT_OUT:
            left_out.append((field.name, _LEFT_OUT[meaning]))
        elif lacking:
            left_out.append((field.name, f"not in {' and '.join(lacking)}"))
        else:
            columns.append(Comparable(field.name, _form(meaning, kind), kind))
    return Alignment(tuple(columns), tuple(left_out))


def align(alignment: Alignment, table: pa.Table | pa.RecordBatch) -> pa.Table:
    """The compared columns of a table in their common form; NaN and infinities become missing.

    Returns:
        number: float64; time: int64 in the unit of the training type; boolean: bool; category: float64 where the
        training type is numeric, else string.
    """
    arrays = [_align_column(_flat(table, c.name), c) for c in alignment.columns]
    return pa.table(dict(zip(alignment.names, arrays, strict=True)))


def _form(meaning: str, kind: pa.DataType) -> Form:
    if pa.types.is_boolean(kind):
        return "boolean"
    if meaning == "number":
        return "number"
    if meaning == "time" and pa.types.is_temporal(kind):
        return "time"
    return "category"


def _flat(table: pa.Table | pa.RecordBatch, name: str) -> pa.Array:
    column = table.column(name)
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # some versions give chunks back
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return column


def _align_column(values: pa.Array, column: Comparable) -> pa.Array:
    if column.form == "number":
        return _to_number(values)
    if column.form == "time":
        return _to_time(values, column.type)
    if column.form == "boolean":
        return _to_boolean(values)
    return _to_number(values) if _is_numeric(column.type) else _to_label(values, column.type)


def _is_numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _nulls(values: pa.Array, kind: pa.DataType) -> pa.Array:
    return pa.nulls(len(values), kind)


def _to_number(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_boolean(kind):
        numbers = values.cast(pa.int8()).cast(pa.float64())
    elif _is_numeric(kind):
        numbers = values.cast(pa.float64(), safe=False)
    elif _is_string(kind):
        numbers = _parse(values, (pa.float64(),), pa.float64())
    elif pa.types.is_temporal(kind):
        numbers = _counts(values).cast(pa.float64(), safe=False)
    else:
        return _nulls(values, pa.float64())
    return pc.if_else(pc.fill_null(pc.is_finite(numbers), False), numbers, pa.scalar(None, pa.float64()))


def _counts(values: pa.Array) -> pa.Array:
    narrow = pa.types.is_date32(values.type) or pa.types.is_time32(values.type)
    return values.cast(pa.int32()).cast(pa.int64()) if narrow else values.cast(pa.int64())


def _to_time(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if _is_string(values.type):
        readings = (kind, pa.timestamp("us"), pa.timestamp("us", "UTC"))
        values = _parse(values, readings, kind)
    elif pa.types.is_temporal(values.type):
        try:
            values = values.cast(kind, safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return _nulls(values, pa.int64())
    elif _is_numeric(values.type):
        return pc.round(_to_number(values)).cast(pa.int64(), safe=False)
    else:
        return _nulls(values, pa.int64())
    return _counts(values)


_TRUE = ("true", "t", "yes", "y", "1", "1.0")
_FALSE = ("false", "f", "no", "n", "0", "0.0")


def _to_boolean(values: pa.Array) -> pa.Array:
    kind = values.type
    if pa.types.is_boolean(kind):
        return values
    if _is_numeric(kind):
        return pc.not_equal(_to_number(values), 0.0)
    if _is_string(kind):
        words = pc.utf8_lower(pc.utf8_trim_whitespace(values.cast(pa.string())))
        yes, no = pc.is_in(words, pa.array(_TRUE)), pc.is_in(words, pa.array(_FALSE))
        return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))
    return _nulls(values, pa.bool_())


def _to_label(values: pa.Array, kind: pa.DataType) -> pa.Array:
    if _is_string(values.type):
        return values.cast(pa.string())
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "True", "False")
    if pa.types.is_floating(values.type):
        numbers = _to_number(values)
        plain = numbers.cast(pa.string())
        whole = pc.fill_null(pc.and_(pc.equal(numbers, pc.round(numbers)), pc.less(pc.abs(numbers), 2.0**53)), False)
        as_whole = pc.if_else(whole, numbers, 0.0).cast(pa.int64(), safe=False).cast(pa.string())
        return pc.if_else(whole, as_whole, plain)
    if pa.types.is_temporal(values.type) and pa.types.is_temporal(kind) and values.type != kind:
        values = _try_cast(values, kind)
    try:
        return values.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _nulls(values, pa.string())


def _try_cast(values: pa.Array, kind: pa.DataType) -> pa.Array:
    try:
        return values.cast(kind, safe=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return _nulls(values, kind)


def _parse(values: pa.Array, readings: tuple[pa.DataType, ...], kind: pa.DataType) -> pa.Array:
    """Read strings as the first of ``readings`` that fits, whole column first and value by value where that fails."""
    words = pc.utf8_trim_whitespace(values.cast(pa.string()))
    words = pc.if_else(pc.equal(words, ""), pa.scalar(None, pa.string()), words)
    whole = _read_as(words, readings, kind)
    if whole is not None:
        return whole
    coded = words.dictionary_encode()
    singles = coded.dictionary
    found = []
    for i in range(len(singles)):
        one = _read_as(singles.slice(i, 1), readings, kind)
        found.append(one if one is not None else _nulls(singles.slice(i, 1), kind))
    distinct = pa.concat_arrays(found) if found else pa.array([], kind)
    return distinct.take(coded.indices)


def _read_as(words: pa.Array, readings: tuple[pa.DataType, ...], kind: pa.DataType) -> pa.Array | None:
    for reading in readings:
        try:
            return words.cast(reading).cast(kind, safe=False)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            continue
    # Arrow reads neither times of day nor durations from text; a duration is read as a whole number of its unit
    try:
        if pa.types.is_time(kind):
            return pc.binary_join_element_wise("1970-01-01", words, " ").cast(pa.timestamp("us")).cast(kind, safe=False)
        if pa.types.is_duration(kind):
            return words.cast(pa.int64()).cast(kind)
    except pa.ArrowInvalid:
        return None
    return None


def find_decimals(values: NDArray[np.float64], most: int = 9, *, single: bool = False) -> int | None:
    """Decimal places at which the values are written, or None where more than ``most`` are needed.

    Args:
        values: float64 (n,), NaN where missing.
        most: places that are tried.
        single: the values came as float32, which holds seven digits.
    """
    known = values[np.abs(values) < 2.0**53]  # larger ones are whole numbers
    precision = float(np.finfo(np.float32 if single else np.float64).eps)
    for places in range(most + 1):
        scaled = known * 10.0**places
        if bool(np.all(np.abs(scaled - np.round(scaled)) <= np.minimum(0.01, 4 * precision * np.abs(scaled)))):
            return places
    return None
