"""What is asked of rows before they are drawn: rows to be completed, and conditions, as codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.rows import steps as made
from sundog.lib.rows.coders_category import index_values
from sundog.lib.rows.coders_number import narrow, pin
from sundog.lib.rows.dispatch import coded_columns, columns_of, encode_step, get_column
from sundog.lib.rows.scale import parse_tick, to_ticks
from sundog.lib.rows.settings import Between, Condition, OneOf
from sundog.lib.rows.steps import CategoryStep, ClockStep, Codes, FixedStep, NumberStep
from sundog.lib.rows.steps_echo import EchoStep
from sundog.lib.rows.steps_functions import CutStep, LookupStep
from sundog.lib.rows.steps_point import PointStep, allowed_cells
from sundog.lib.rows.table_codec import Step, TableCodec

FAR = 0.1
"""Share of the learned range by which a given value may lie outside it before that is remarked on."""


def encode_given(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> tuple[Codes, tuple[Problem, ...]]:
    """Codes of rows to be completed: int32 (n, n_coded), -1 where a code is free; and what can't be taken as it is.

    A null, and a column that is not there, is free. Numbers beyond the protected ends count as the outermost bin, and ``decode``
    puts the given value back. A category that the codec doesn't know is a problem, unless rare ones have a code together.
    """
    codes = np.full((rows.num_rows, len(codec.names)), -1, dtype=np.int32)
    known = set(codec.fields.names)
    problems = [
        Problem(
            "SD-TABLES-101", f"given.{name}", f"{name!r} is not a column of the synthetic table", nearest(name, known)
        )
        for name in rows.schema.names
        if name not in known
    ]
    given, unreadable = read_given(codec, rows)
    problems.extend(unreadable)
    present = {
        name: np.asarray(pc.is_valid(given.column(name)).to_numpy(zero_copy_only=False), dtype=bool)
        for name in given.schema.names
    }
    full = np.zeros((rows.num_rows, len(codec.names)), dtype=np.int32)
    for step in codec.steps:
        at, needed = coded_columns(step), columns_of(step)
        if not at or not all(n in present for n in needed):
            continue
        wanted = np.all([present[n] for n in needed], axis=0)
        broken = encode_step(step, given, full)
        if isinstance(step, CategoryStep) and not step.coder.rare > 0:
            strange = wanted & (index_values(step.coder, given.column(step.column)) < 0)
            if strange.any():
                problems.append(_name_strange(step, given.column(step.column), strange))
                wanted &= ~strange
        if broken is not None and bool((broken & wanted).any()):
            rows_off = int((broken & wanted).sum())
            have = "given row has" if rows_off == 1 else "given rows have"
            what = f"{rows_off} {have} {step.column} below {', '.join(needed[1:])}, which no row of the source has"
            problems.append(
                Problem(
                    "SD-TABLES-103", f"given.{step.column}", what, "Mend the rows, or leave one of the columns free."
                )
            )
        if broken is not None:
            wanted &= ~broken
        for i in at:
            codes[wanted, i] = full[wanted, i]
    return codes, tuple(problems)


def read_given(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> tuple[pa.RecordBatch, list[Problem]]:
    """Given columns in the table's types, without those that can't be read: what ``decode`` takes as ``kept``."""
    arrays, names, problems = [], [], []
    for name in rows.schema.names:
        if name not in codec.fields.names:
            continue
        kind = codec.fields.field(name).type
        try:
            arrays.append(made.as_type(get_column(rows, name), kind))
            names.append(name)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            problems.append(
                Problem(
                    "SD-TABLES-102",
                    f"given.{name}",
                    f"values can't be read as {kind}: {error}",
                    "Write them as the source does.",
                )
            )
    return pa.RecordBatch.from_arrays(arrays, names), problems


def find_beyond(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> Iterator[tuple[str, str]]:
    """Given columns with values far outside what was learned, and a sentence about each.

    Such values are kept as they are given; what is drawn beside them is what goes with the outermost values that were
    learned. Far is more than a tenth of the learned range beyond its protected ends.
    """
    given, _ = read_given(codec, rows)
    for name in given.schema.names:
        step = find_step(codec, name)
        if not isinstance(step, NumberStep | EchoStep):
            continue
        ticks = to_ticks(given.column(name), step.scale)
        values = ticks.values[ticks.finite].astype(np.float64)
        low, high = (
            float(end) * step.coder.step + step.coder.offset for end in (step.coder.least[0], step.coder.most[-1])
        )
        beyond = int(((values < low - FAR * (high - low)) | (values > high + FAR * (high - low))).sum())
        if beyond:
            shown = made.range_of(step.coder, step.scale, False, codec.fields.field(name).type)
            have = "value lies" if beyond == 1 else "values lie"
            yield (
                name,
                f"{beyond:,} given {have} far beyond what was learned ({shown[0]} to {shown[1]}); "
                "the rest of such a row is drawn as for the outermost values that were learned.",
            )


def coded_index(codec: TableCodec, column: str) -> int:
    """Which coded column a condition on ``column`` restricts.

    Raises:
        RequestError: the column is not coded by itself.
    """
    step = find_step(codec, column)
    if isinstance(step, LookupStep | CutStep):
        return coded_index(codec, step.of)
    if isinstance(step, NumberStep | EchoStep | ClockStep | CategoryStep | PointStep):
        return step.index
    others = columns_of(step)[1:]
    if not others:
        what = "has the same value in every row" if isinstance(step, FixedStep) else "is remade and not learned"
        raise RequestError(
            Problem("SD-TABLES-104", f"given.{column}", f"{column!r} {what}", "Leave the condition out.")
        )
    what = f"{column!r} is made from {', '.join(others)}, so no condition can be put on it alone"
    raise RequestError(
        Problem(
            "SD-TABLES-105",
            f"given.{column}",
            what,
            f"Put the condition on {others[0]!r}, or keep no rules (rules: none).",
        )
    )


def find_step(codec: TableCodec, column: str) -> Step:
    """The step that makes a column."""
    for step in codec.steps:
        if step.column == column or (isinstance(step, PointStep) and step.longitude == column):
            return step
    raise RequestError(
        Problem(
            "SD-TABLES-106",
            f"given.{column}",
            f"{column!r} is not a column of the synthetic table",
            nearest(column, codec.fields.names),
        )
    )


def allowed(codec: TableCodec, column: str, condition: Condition) -> NDArray[np.bool_]:
    """Codes of coded column ``coded_index(codec, column)`` that can give a value that the condition allows: bool (size,).

    Hand the same condition to ``decode``, which keeps values inside a code within it.

    Raises:
        RequestError: the column is unknown or not coded, or no code allows the condition; the error names the nearest values.
    """
    index = coded_index(codec, column)
    step = find_step(codec, column)
    try:
        ok = _find_allowed(codec, step, column, condition, int(codec.sizes[index]))
    except ValueError as error:
        raise RequestError(
            Problem(
                "SD-TABLES-107", f"given.{column}", str(error), "Write values as the source does, dates as YYYY-MM-DD."
            )
        ) from error
    if (
        isinstance(condition, OneOf)
        and None in condition.values
        and codec.missing[index]
        and not isinstance(step, LookupStep | CutStep)
    ):
        ok[-1] = True
    lost = condition if not ok.any() else _find_lost(codec, step, column, condition, len(ok))
    if lost is not None:
        what, fix = _say_domain(codec, step, lost)
        raise RequestError(Problem("SD-TABLES-108", f"given.{column}", what, fix))
    return ok


def _find_lost(codec: TableCodec, step: Step, column: str, condition: Condition, size: int) -> OneOf | None:
    """Values of a choice that no row can have."""
    if not isinstance(condition, OneOf):
        return None
    there = [v for v in condition.values if v is not None]
    lost = tuple(v for v in there if not _find_allowed(codec, step, column, OneOf((v,)), size).any())
    return OneOf(lost) if lost else None


def _find_allowed(codec: TableCodec, step: Step, column: str, condition: Condition, size: int) -> NDArray[np.bool_]:
    ok: NDArray[np.bool_] = np.zeros(size, dtype=bool)
    match step:
        case NumberStep() if isinstance(condition, Between):
            return narrow(step.coder, *made.limits_of(condition, step.scale))[1]
        case EchoStep():  # not the codes that repeat another column: its value isn't known here
            low_high = made.limits_of(condition, step.scale)
            wanted = (
                []
                if isinstance(condition, Between)
                else [parse_tick(v, step.scale) for v in condition.values if v is not None]
            )
            ok[: step.coder.size] = (
                narrow(step.coder, *low_high)[1] if isinstance(condition, Between) else pin(step.coder, wanted)[1]
            )
        case NumberStep():
            assert isinstance(condition, OneOf)
            return pin(step.coder, [parse_tick(v, step.scale) for v in condition.values if v is not None])[1]
        case ClockStep() | PointStep() if not isinstance(condition, Between):
            raise ValueError("state a range (between) for a timestamp or a coordinate")
        case ClockStep():
            low, high = made.limits_of(condition, step.scale)
            per_day = step.scale.per_day
            return narrow(step.day, None if low is None else low // per_day, None if high is None else high // per_day)[
                1
            ]
        case PointStep():
            assert isinstance(condition, Between)
            return allowed_cells(step, column, condition)
        case CategoryStep():
            values = step.coder.values.column(0).combine_chunks()
            ok[: len(values)] = made.match_values(values, condition)
        case LookupStep():
            hits = made.match_values(step.values.column(0).combine_chunks(), condition)
            ok[: step.keys.count] = hits[:-1]
            if step.keys.missing:
                ok[-1] = hits[-1]
        case CutStep():
            return _allowed_intervals(codec, step, condition, ok)
        case _:
            pass
    return ok


def _allowed_intervals(
    codec: TableCodec, step: CutStep, condition: Condition, ok: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Codes of the determining column that reach into an interval with an allowed value."""
    hits = made.match_values(step.values.column(0).combine_chunks(), condition)
    of = find_step(codec, step.of)
    if not isinstance(of, NumberStep | ClockStep | EchoStep):
        raise ValueError(f"put the condition on {step.of!r}, from which this is computed")
    part = of.scale.per_day if isinstance(of, ClockStep) else 1
    coder = of.day if isinstance(of, ClockStep) else of.coder
    of_missing = of.missing if isinstance(of, EchoStep) else coder.missing
    for i in np.flatnonzero(hits[:-1]):
        low = None if i == 0 else step.cuts[i - 1] // part
        high = None
        if i < len(step.cuts):
            high = (step.cuts[i] - 1) // part if step.of_scale.integral else np.nextafter(step.cuts[i], -np.inf)
        some = narrow(coder, low, high)[1]
        ok[: len(some)] |= some
    if hits[-1] and of_missing:
        ok[-1] = True
    return ok


def _name_strange(step: CategoryStep, array: pa.Array, strange: NDArray[np.bool_]) -> Problem:
    odd = [str(v) for v in array.filter(pa.array(strange)).unique().to_pylist()[:3]]
    known = [str(v) for v in step.coder.values.column(0).slice(0, 1000).to_pylist()]
    rows = int(strange.sum())
    what = f"{rows} {'row has' if rows == 1 else 'rows have'} a value that the table does not know: {', '.join(map(repr, odd))}"
    return Problem("SD-TABLES-109", f"given.{step.column}", what, nearest(odd[0], known))


def _say_domain(codec: TableCodec, step: Step, condition: Condition) -> tuple[str, str]:
    asked = (
        [str(v) for v in condition.values if v is not None]
        if isinstance(condition, OneOf)
        else [f"{condition.low} to {condition.high}"]
    )
    what = f"no row can have {', '.join(map(repr, asked[:3])) or 'a missing value'}"
    if isinstance(step, CategoryStep | LookupStep):
        values = step.coder.values if isinstance(step, CategoryStep) else step.values
        known = [str(v) for v in values.column(0).slice(0, 1000).to_pylist()]
        return what, nearest(asked[0] if asked else "", known)
    if isinstance(step, NumberStep | ClockStep | EchoStep):
        coder = step.day if isinstance(step, ClockStep) else step.coder
        low, high = made.range_of(coder, step.scale, isinstance(step, ClockStep), codec.fields.field(step.column).type)
        return what, f"Values lie between {low} and {high}."
    return what, "Ask for values that the source has."
