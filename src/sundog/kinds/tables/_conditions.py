"""What a recipe gives: fixed values, ranges, stated shares, or rows to complete, turned into codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.keys import Key
from sundog.kinds.tables.recipe import Between, CompleteSpec, Condition, OneOf, Shares, TablesPart
from sundog.lib.rows import settings as codec_settings
from sundog.lib.rows.codec import TableCodec, allowed, coded_index, encode_given
from sundog.lib.rows.infer_stated import types_like
from sundog.lib.rows.read import open_files


@dataclass(frozen=True, slots=True)
class SharedColumn:
    """A column whose values have stated shares.

    Attributes:
        column: index among the coded columns.
        values: the value of each share, one row each, a table of one column.
        codes: int32 (n_values,).
        shares: float64 (n_values,), summing to 1.
    """

    column: int
    values: pa.Table
    codes: NDArray[np.int32]
    shares: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is given, in codes.

    Attributes:
        fixed: int32 (n_rows, n_coded), -1 where free; one row that holds for every unit, or the rows to complete.
        kept: the given values as they were given, one row for each of ``fixed``; None where nothing is fixed.
        times: units for each row to complete; 0 where ``fixed`` holds for every unit.
        allowed: codes that each column may take, bool (size,), or None where all.
        shared: columns with stated shares.
        within: the same ranges and choices for the values inside a code.
    """

    fixed: NDArray[np.int32]
    kept: pa.Table | None
    times: int
    allowed: tuple[NDArray[np.bool_] | None, ...]
    shared: tuple[SharedColumn, ...]
    within: Mapping[str, codec_settings.Condition]


def no_conditions() -> Conditions:
    """Nothing is given."""
    return Conditions(np.zeros((0, 0), np.int32), None, 0, (), (), {})


def find_conditions(part: TablesPart, codec: TableCodec) -> Conditions:
    """Conditions of a recipe in codes.

    Raises:
        RequestError: a value, a range or a column that the table does not have; the nearest valid ones are named.
    """
    if part.complete is not None:
        return _rows_to_complete(part.complete, codec)
    return no_conditions() if part.given is None else _column_conditions(part.given, codec)


def _rows_to_complete(given: CompleteSpec, codec: TableCodec) -> Conditions:
    schema = codec.schema()
    source = open_files(given.path, given.format, {})
    stated = types_like(schema, source.schema)
    if stated:  # a few rows may look like another type: read them as the table's
        source = open_files(given.path, given.format, stated)
    rows = pa.Table.from_batches(list(source.scan()), schema=source.schema)
    unknown = [n for n in rows.column_names if n not in schema.names]
    if unknown:
        raise RequestError(
            *(
                Problem(
                    "SD-TABLES-007",
                    f"complete.path: {given.path}",
                    f"{n!r} is not a column of the table",
                    nearest(n, schema.names),
                )
                for n in unknown
            )
        )
    try:
        rows = pa.table({n: rows.column(n).cast(schema.field(n).type) for n in rows.column_names})
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise RequestError(
            Problem(
                "SD-TABLES-008",
                f"complete.path: {given.path}",
                f"a column has another type than in the table: {error}",
                "Give values of the table's types.",
            )
        ) from error
    codes, problems = encode_given(codec, rows.combine_chunks())
    if problems:
        raise RequestError(*problems)
    missing = [n in rows.column_names and rows.column(n).null_count > 0 for n in codec.names]
    # The last code of such a column means missing: a blank that is to be filled must not come out blank.
    masks = tuple(
        _not_missing(codec, j) if given.fill_missing and missing[j] and codec.missing[j] else None
        for j in range(len(codec.names))
    )
    return Conditions(codes, rows, given.times, masks, (), {})


def _not_missing(codec: TableCodec, column: int) -> NDArray[np.bool_]:
    mask = np.ones(int(codec.sizes[column]), np.bool_)
    mask[-1] = False
    return mask


def _column_conditions(given: Mapping[str, Condition], codec: TableCodec) -> Conditions:
    masks: list[NDArray[np.bool_] | None] = [None] * len(codec.names)
    within: dict[str, codec_settings.Condition] = {}
    fixed: dict[str, bool | int | float | str] = {}
    shared: list[SharedColumn] = []
    problems: list[Problem] = []
    schema = codec.schema()
    for name, condition in given.items():
        where = f"given.{name}"
        if name not in schema.names:
            problems.append(
                Problem(
                    "SD-TABLES-010",
                    where,
                    f"{name!r} is not a column of the table that comes out",
                    nearest(name, schema.names),
                )
            )
        elif isinstance(condition, Shares):
            try:
                shared.append(_share(codec, name, condition))
            except RequestError as error:
                problems += error.problems
        elif isinstance(condition, Between | OneOf):
            said = to_codec(condition)
            try:
                mask = allowed(codec, name, said)
            except RequestError as error:
                problems += error.problems
                continue
            masks[coded_index(codec, name)] = mask
            within[name] = said
        else:
            fixed[name] = condition
    kept: pa.Table | None = None
    codes: NDArray[np.int32] = np.full((1, len(codec.names)), -1, np.int32)
    if fixed and not problems:
        kept, codes, wrong = _fixed_row(codec, fixed)
        problems += wrong
    if problems:
        raise RequestError(*problems)
    return Conditions(codes, kept, 0, tuple(masks), tuple(shared), within)


def to_codec(condition: Between | OneOf) -> codec_settings.Condition:
    """A condition of the recipe in the words of the codec."""
    if isinstance(condition, Between):
        return codec_settings.Between(*condition.between)
    return codec_settings.OneOf(condition.one_of)


def _fixed_row(
    codec: TableCodec, fixed: Mapping[str, bool | int | float | str]
) -> tuple[pa.Table, NDArray[np.int32], tuple[Problem, ...]]:
    schema = codec.schema()
    columns = {}
    for name, value in fixed.items():
        columns[name] = _one_value(name, value, schema.field(name).type)
    row = pa.table(columns)
    codes, problems = encode_given(codec, row.to_batches()[0])
    return row, codes, tuple(problems)


def _one_value(name: str, value: bool | int | float | str, kind: pa.DataType) -> pa.Array:
    try:
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return pa.array([value if isinstance(value, str) else str(value)], kind)
        if isinstance(value, str):
            whole = re.sub(r"\.0+$", "", value) if pa.types.is_integer(kind) else value  # 1.0 is 1
            return pa.array([whole], pa.string()).cast(kind)
        return pa.array([value]).cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise RequestError(
            Problem(
                "SD-TABLES-013",
                f"given.{name}",
                f"{value!r} is not a {kind}: {error}",
                "Give a value of the column's type.",
            )
        ) from error


def _share(codec: TableCodec, name: str, condition: Shares) -> SharedColumn:
    where = f"given.{name}.shares"
    if name not in codec.names:
        raise RequestError(
            Problem(
                "SD-TABLES-014",
                where,
                f"{name!r} is worked out from other columns, so it cannot have shares of its own",
                "Set the shares of the columns that it is worked out from.",
            )
        )
    shares = np.array(list(condition.shares.values()), dtype=np.float64)
    if (shares < 0).any() or shares.sum() <= 0 or not np.isfinite(shares).all():
        raise RequestError(
            Problem(
                "SD-TABLES-015",
                where,
                "shares are numbers of at least 0, not all 0",
                "For example: shares: {'yes': 0.5, 'no': 0.5}",
            )
        )
    column = pa.concat_arrays([_one_value(name, v, codec.schema().field(name).type) for v in condition.shares])
    values = pa.table({name: column})
    codes, problems = encode_given(codec, values.combine_chunks().to_batches()[0])
    if problems:
        raise RequestError(*problems)
    index = list(codec.names).index(name)
    return SharedColumn(index, values, np.ascontiguousarray(codes[:, index]), shares / shares.sum())


def given_columns(conditions: Conditions, codec: TableCodec) -> tuple[int, ...]:
    """Coded columns that the model must take first, those with fixed values before those with ranges."""
    known = np.flatnonzero((conditions.fixed >= 0).any(axis=0)).tolist() if conditions.fixed.size else []
    shared = [s.column for s in conditions.shared]
    ranged = [j for j, a in enumerate(conditions.allowed) if a is not None]
    return tuple(dict.fromkeys([*shared, *known, *ranged]))


def given_for_units(
    conditions: Conditions, codec: TableCodec, key: Key, units: range
) -> tuple[NDArray[np.int32] | None, pa.RecordBatch | None, tuple[NDArray[np.bool_] | None, ...]]:
    """What holds for these units.

    Returns:
        int32 (len(units), n_coded) with -1 where free, or None where nothing is fixed; the given values as they were given,
        one row a unit, or None; and the codes that each column may take.
    """
    if conditions.fixed.size == 0:
        return None, None, ()
    number = np.arange(units.start, units.stop)
    row = (number // conditions.times) % len(conditions.fixed) if conditions.times else np.zeros(len(units), np.int64)
    known = conditions.fixed[row].copy()
    columns: dict[str, pa.Array] = {}
    if conditions.kept is not None:
        taken = conditions.kept.take(pa.array(row))
        columns = {n: taken.column(n).combine_chunks() for n in taken.column_names}
    for shared in conditions.shared:
        name = codec.names[shared.column]
        draw = key.child(f"given/{name}").uniform(units)[:, 0]
        pick = np.minimum(np.searchsorted(np.cumsum(shared.shares), draw, "right"), len(shared.shares) - 1)
        known[:, shared.column] = shared.codes[pick]
        columns[name] = shared.values.column(name).take(pa.array(pick)).combine_chunks()
    columns = {n: c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for n, c in columns.items()}
    kept = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns)) if columns else None
    return (known if (known >= 0).any() else None), kept, conditions.allowed
