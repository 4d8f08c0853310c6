"""Kernels of dates, times and durations. Dates stay within the years 1 to 9999; times are microseconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.expressions import faults
from sundog.lib.expressions.columns import (
    Job,
    RowFailure,
    Value,
    as_array,
    as_arrays,
    find_first,
    make_array,
    view_days,
    view_numbers,
)
from sundog.lib.expressions.constants import DAY_HIGH, DAY_LOW
from sundog.lib.expressions.kernels_numbers import NUMBERS, Kernel
from sundog.lib.kernels.expression_dates import count_birthdays, find_month_ends, join_days, shift_months

_DAY = 86_400_000_000
"""Microseconds."""


def _refuse(beyond: NDArray[np.bool_], first: pa.Array, *others: pa.Array) -> None:
    row = find_first(beyond, first, *others)
    if row is not None:
        raise RowFailure(faults.ROW_NO_DATE, row)


def _make_days(days: NDArray[np.int64], like: tuple[pa.Array, ...]) -> pa.Array:
    """int64 (n,) as dates."""
    beyond = (days < DAY_LOW) | (days > DAY_HIGH)
    _refuse(beyond, *like)
    days = np.where(beyond, 0, days) if beyond.any() else days
    return make_array(days.astype(np.int32), like, pa.date32())


def _move_days(sign: int) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        dates, counts = as_arrays(values, job.count)
        far = np.clip(view_numbers(counts), -(2**40), 2**40)  # beyond every date, and no sum can wrap
        return _make_days(view_days(dates) + sign * far, (dates, counts))

    return run


def _count_days(values: tuple[Value, ...], job: Job, sign: int) -> Value:
    first, second = as_arrays(values, job.count)
    return make_array(sign * (view_days(second) - view_days(first)), (first, second), pa.int64())


def _move_months(values: tuple[Value, ...], job: Job) -> Value:
    dates, counts = as_arrays(values, job.count)
    found, beyond = np.empty(job.count, np.int32), np.empty(job.count, np.bool_)
    shift_months(view_days(dates), view_numbers(counts), found, beyond)
    _refuse(beyond, dates, counts)
    return make_array(found, (dates, counts), pa.date32())


def _month_end(last: bool) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        (dates,) = as_arrays(values, job.count)
        found = np.empty(job.count, np.int32)
        find_month_ends(view_days(dates), last, found)
        return make_array(found, (dates,), pa.date32())

    return run


def _age(values: tuple[Value, ...], job: Job) -> Value:
    born, at = as_arrays(values, job.count)
    found = np.empty(job.count, np.int64)
    count_birthdays(view_days(born), view_days(at), found)
    return make_array(found, (born, at), pa.int64())


def _make_date(values: tuple[Value, ...], job: Job) -> Value:
    parts = as_arrays(values, job.count)
    found, beyond = np.empty(job.count, np.int32), np.empty(job.count, np.bool_)
    join_days(*map(view_numbers, parts), found, beyond)
    _refuse(beyond, *parts)
    return make_array(found, parts, pa.date32())


def _in_zone(value: Value, job: Job) -> Value:
    """A time in the zone that was written, if one was."""
    return pc.cast(value, pa.timestamp("us", str(job.constants[0]))) if job.constants else value


def _part(function: Callable[..., Any]) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        return function(_in_zone(values[0], job))

    return run


def read_clock(value: Value) -> Value:
    """The wall clock of a time, without its zone."""
    return pc.local_timestamp(value) if value.type.tz is not None else value


def _date_of(values: tuple[Value, ...], job: Job) -> Value:
    clock = as_array(read_clock(_in_zone(values[0], job)), job.count)
    return _make_days(view_numbers(clock) // _DAY, (clock,))


def _midnight(values: tuple[Value, ...], job: Job) -> Value:
    (dates,) = as_arrays(values, job.count)
    return make_array(view_days(dates) * _DAY, (dates,), job.type)


def _as_numbers(kernel: str) -> Kernel:
    """Times and durations computed as their whole numbers."""
    compute = NUMBERS[kernel]

    def run(values: tuple[Value, ...], job: Job) -> Value:
        found = as_array(compute(tuple(pc.cast(v, pa.int64()) for v in values), job), job.count)
        if pa.types.is_timestamp(job.type):
            numbers = view_numbers(found)
            _refuse((numbers < DAY_LOW * _DAY) | (numbers >= (DAY_HIGH + 1) * _DAY), found)
        return found.view(job.type)

    return run


def _divide_time(values: tuple[Value, ...], job: Job) -> Value:
    floats = tuple(pc.cast(pc.cast(v, pa.int64()), pa.float64(), safe=False) for v in values)
    return NUMBERS["divide_float"](floats, job)


def _duration_int(unit: int) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        found = NUMBERS["multiply_int"]((values[0], pa.scalar(unit, pa.int64())), job)
        return as_array(found, job.count).view(job.type)

    return run


def _duration_float(unit: int) -> Kernel:
    """To the nearest microsecond."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        number = Job((), (), job.count, pa.int64())
        found = NUMBERS["round_even"]((pc.multiply(values[0], float(unit)),), number)
        return as_array(found, job.count).view(job.type)

    return run


_UNITS = {"days": _DAY, "hours": 3_600_000_000, "minutes": 60_000_000, "seconds": 1_000_000}

TIMES: dict[str, Kernel] = {
    "add_days": _move_days(1),
    "subtract_days": _move_days(-1),
    "days_between": lambda values, job: _count_days(values, job, 1),
    "subtract_dates": lambda values, job: _count_days(values, job, -1),
    "add_months": _move_months,
    "start_of_month": _month_end(False),
    "end_of_month": _month_end(True),
    "age_in_years": _age,
    "make_date": _make_date,
    "year": _part(pc.year),
    "month": _part(pc.month),
    "day": _part(pc.day),
    "weekday": _part(lambda x: pc.day_of_week(x, count_from_zero=False, week_start=1)),
    "hour": _part(pc.hour),
    "minute": _part(pc.minute),
    "second": _part(pc.second),
    "date_of": _date_of,
    "midnight": _midnight,
    "in_zone": lambda values, job: _in_zone(values[0], job),
    "add_time": _as_numbers("add_int"),
    "subtract_time": _as_numbers("subtract_int"),
    "multiply_time": _as_numbers("multiply_int"),
    "negate_time": _as_numbers("negate_int"),
    "divide_time": _divide_time,
    **{f"{name}_int": _duration_int(unit) for name, unit in _UNITS.items()},
    **{f"{name}_float": _duration_float(unit) for name, unit in _UNITS.items()},
}
