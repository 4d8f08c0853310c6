"""A table as small whole numbers and back: what the synthesizers of tables learn from and draw.

``learn_codec`` (in ``learn``) decides how each column is coded; here are the stored codec and what is done with it: rows to codes,
codes to rows, conditions to sets of codes, and the rules between columns checked. ``decode`` is pure: row u depends on
(codec, codes of u, key, u) alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.keys import Key
from sundog.lib.rows import steps as made
from sundog.lib.rows.coders_category import index_values
from sundog.lib.rows.coders_number import narrow, pin
from sundog.lib.rows.learn import learn_codec
from sundog.lib.rows.scale import is_scalable, parse_tick
from sundog.lib.rows.settings import Between, Condition, OneOf
from sundog.lib.rows.steps import CategoryStep, ClockStep, Codes, Drawing, FixedStep, NumberStep
from sundog.lib.rows.table_codec import Step, TableCodec

__all__ = ["TableCodec", "allowed", "check_rules", "coded_index", "decode", "encode", "encode_given", "learn_codec"]


def encode(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> Codes:
    """Codes of real rows: int32 (n, n_coded). A value that is not among the supported ones gets the code of its protected group."""
    codes = np.zeros((rows.num_rows, len(codec.names)), dtype=np.int32)
    for step in codec.steps:
        match step:
            case NumberStep():
                made.encode_number_step(step, _column(rows, step.column), codes)
            case ClockStep():
                made.encode_clock_step(step, _column(rows, step.column), codes)
            case CategoryStep():
                made.encode_category_step(step, _column(rows, step.column), codes)
            case FixedStep():
                pass
    return codes


def encode_given(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> tuple[Codes, tuple[Problem, ...]]:
    """Codes of rows to be completed: int32 (n, n_coded), -1 where a code is free; and what can't be taken as it is.

    A null, and a column that is not there, is free. Numbers beyond the protected ends count as the outermost bin, and ``decode``
    puts the given value back. A category that the codec doesn't know is a problem.
    """
    codes = np.full((rows.num_rows, len(codec.names)), -1, dtype=np.int32)
    known = set(codec.fields.names)
    problems = [
        Problem("SD-TABLES-101", f"given.{name}", f"{name!r} is not a column of the table", nearest(name, known))
        for name in rows.schema.names
        if name not in known
    ]
    for step in codec.steps:
        if isinstance(step, FixedStep) or step.column not in rows.schema.names:
            continue
        kind = codec.fields.field(step.column).type
        try:
            array = made.as_type(_column(rows, step.column), kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            problems.append(
                Problem(
                    "SD-TABLES-102",
                    f"given.{step.column}",
                    f"values can't be read as {kind}: {error}",
                    "Write them as the source does.",
                )
            )
            continue
        full = np.zeros((rows.num_rows, len(codec.names)), dtype=np.int32)
        wanted = np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False), dtype=bool)
        match step:
            case NumberStep():
                made.encode_number_step(step, array, full)
                at = [step.index]
            case ClockStep():
                made.encode_clock_step(step, array, full)
                at = [step.index, step.index + 1]
            case CategoryStep():
                made.encode_category_step(step, array, full)
                at = [step.index]
                strange = wanted & (index_values(step.coder, array) < 0)
                if strange.any() and not step.coder.rare > 0:
                    problems.append(_name_strange(step, array, strange))
                    wanted &= ~strange
        for i in at:
            codes[wanted, i] = full[wanted, i]
    return codes, tuple(problems)


def coded_index(codec: TableCodec, column: str) -> int:
    """Which coded column a condition on ``column`` restricts.

    Raises:
        RequestError: the column is not coded by itself.
    """
    step = _find_step(codec, column)
    if isinstance(step, FixedStep):
        raise RequestError(
            Problem(
                "SD-TABLES-103",
                f"given.{column}",
                f"{column!r} has the same value in every row",
                "Leave the condition out.",
            )
        )
    return step.index


def allowed(codec: TableCodec, column: str, condition: Condition) -> NDArray[np.bool_]:
    """Codes of coded column ``coded_index(codec, column)`` that can give a value that the condition allows: bool (size,).

    Hand the same condition to ``decode``, which keeps values inside a code within it.

    Raises:
        RequestError: the column, or none of the values, is known; the error names the nearest.
    """
    index = coded_index(codec, column)
    step = _find_step(codec, column)
    ok: NDArray[np.bool_] = np.zeros(int(codec.sizes[index]), dtype=bool)
    wants_missing = isinstance(condition, OneOf) and None in condition.values
    try:
        match step:
            case NumberStep():
                if isinstance(condition, Between):
                    _, ok = narrow(step.coder, *made.limits_of(condition, step.scale))
                else:
                    _, ok = pin(step.coder, [parse_tick(v, step.scale) for v in condition.values if v is not None])
            case ClockStep():
                if not isinstance(condition, Between):
                    raise ValueError("state a range (between) for a timestamp")
                low, high = made.limits_of(condition, step.scale)
                _, ok = narrow(
                    step.day,
                    None if low is None else low // step.scale.per_day,
                    None if high is None else high // step.scale.per_day,
                )
            case CategoryStep():
                ok = _allowed_categories(step, condition, ok)
    except ValueError as error:
        raise RequestError(
            Problem(
                "SD-TABLES-104", f"given.{column}", str(error), "Write values as the source does, dates as YYYY-MM-DD."
            )
        ) from error
    if wants_missing and codec.missing[index]:
        ok[-1] = True
    if not ok.any():
        what, fix = _say_domain(codec, step, condition)
        raise RequestError(Problem("SD-TABLES-105", f"given.{column}", what, fix))
    return ok


def decode(
    codec: TableCodec,
    codes: Codes,
    key: Key,
    units: range,
    kept: pa.RecordBatch | None = None,
    within: Mapping[str, Condition] | None = None,
) -> pa.RecordBatch:
    """Rows of codes, with the schema ``codec.schema()``.

    Args:
        codec: as learned.
        codes: int32 (len(units), n_coded).
        key: stream of the table; each column draws from a child of its own.
        units: unit numbers of the rows.
        kept: given columns of the same rows; values that are not null are put back exactly, and columns that are computed from them are computed from the given values.
        within: conditions; values inside a code are drawn within them.
    """
    drawing = Drawing(codec.fields, kept, dict(within or {}))
    for step in codec.steps:
        match step:
            case NumberStep():
                made.draw_number_step(step, codes, key, units, drawing)
            case ClockStep():
                made.draw_clock_step(step, codes, key, units, drawing)
            case CategoryStep():
                made.draw_category_step(step, codes, key, units, drawing)
            case FixedStep():
                made.draw_fixed_step(step, len(units), drawing)
    return pa.record_batch([drawing.arrays[name] for name in codec.fields.names], schema=codec.fields)


def check_rules(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> Mapping[str, int]:
    """Rows that break each rule, by the rule in words."""
    return {}


def _column(rows: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    column = rows.column(name)
    if isinstance(column, pa.ChunkedArray):
        return made.combine(column)
    return column


def _find_step(codec: TableCodec, column: str) -> Step:
    for step in codec.steps:
        if step.column == column:
            return step
    raise RequestError(
        Problem(
            "SD-TABLES-106",
            f"given.{column}",
            f"{column!r} is not a column of the synthetic table",
            nearest(column, codec.fields.names),
        )
    )


def _allowed_categories(step: CategoryStep, condition: Condition, ok: NDArray[np.bool_]) -> NDArray[np.bool_]:
    values = step.coder.values.column(0).combine_chunks()
    if isinstance(condition, OneOf):
        present = [v for v in condition.values if v is not None]
        wanted = made.parse_values(present, values.type)
        found = index_values(step.coder, wanted)
        ok[found[found >= 0]] = True
        return ok
    if not is_scalable(values.type):
        raise ValueError("a range needs a column of numbers, dates or times; use one_of")
    inside = np.ones(len(values), dtype=bool)
    for end, compare in ((condition.low, pc.greater_equal), (condition.high, pc.less_equal)):
        if end is not None:
            inside &= np.asarray(
                compare(values, made.parse_values([end], values.type)[0]).to_numpy(zero_copy_only=False), dtype=bool
            )
    ok[: len(values)] = inside
    return ok


def _name_strange(step: CategoryStep, array: pa.Array, strange: NDArray[np.bool_]) -> Problem:
    odd = [str(v) for v in array.filter(pa.array(strange)).unique().to_pylist()[:3]]
    known = [str(v) for v in step.coder.values.column(0).slice(0, 1000).to_pylist()]
    return Problem(
        "SD-TABLES-107",
        f"given.{step.column}",
        f"{int(strange.sum())} rows have values that the table doesn't know: {', '.join(map(repr, odd))}",
        nearest(odd[0], known),
    )


def _say_domain(codec: TableCodec, step: Step, condition: Condition) -> tuple[str, str]:
    if isinstance(step, CategoryStep):
        known = [str(v) for v in step.coder.values.column(0).slice(0, 1000).to_pylist()]
        asked = (
            [str(v) for v in condition.values if v is not None]
            if isinstance(condition, OneOf)
            else [f"{condition.low} to {condition.high}"]
        )
        return f"no row can have {', '.join(map(repr, asked[:3])) or 'a missing value'}", nearest(
            asked[0] if asked else "", known
        )
    assert isinstance(step, NumberStep | ClockStep)
    low, high = made.range_of(step, codec.fields.field(step.column).type)
    return "no row can have such a value", f"Values lie between {low} and {high}."
