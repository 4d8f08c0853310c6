"""Kernels of numbers, comparisons and logic. Whole numbers never wrap, and no result is infinite or NaN.

Arrow computes what it has; its checked functions pass over missing values, so a row that is masked cannot fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

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
    check_finite,
    find_first,
    make_array,
    view_numbers,
)
from sundog.lib.kernels.expression_numbers import round_decimals

Kernel: TypeAlias = Callable[[tuple[Value, ...], Job], Value]

_INT_END = 2.0**63


def _checked(function: Callable[..., Any]) -> Kernel:
    """Arrow's own check of overflow."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        try:
            return function(*values)
        except pa.ArrowInvalid as error:
            raise RowFailure(faults.ROW_OVERFLOW) from error

    return run


def _power_int(values: tuple[Value, ...], job: Job) -> Value:
    try:
        return pc.power_checked(values[0], pa.scalar(job.constants[0], pa.int64()))
    except pa.ArrowInvalid as error:
        raise RowFailure(faults.ROW_OVERFLOW) from error


def _floats(function: Callable[..., Any]) -> Kernel:
    """A function whose result must be finite."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        found = as_array(function(*values), job.count)
        check_finite(found)
        return found

    return run


def _divide_float(values: tuple[Value, ...], job: Job) -> Value:
    found = as_array(pc.divide(*values), job.count)
    try:
        check_finite(found)
    except RowFailure as failure:
        divisor = as_array(values[1], job.count)
        if failure.index is not None and divisor[failure.index].as_py() == 0:
            raise RowFailure(faults.ROW_ZERO, failure.index) from failure
        raise
    return found


def _floor_division(function: Callable[..., NDArray[Any]], whole: bool) -> Kernel:
    """``//`` and ``%`` as in Python: the quotient is rounded down, the remainder has the divisor's sign."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        left, right = as_arrays(values, job.count)
        a, b = view_numbers(left), view_numbers(right)
        zero = b == 0
        row = find_first(zero, left, right)
        if row is not None:
            raise RowFailure(faults.ROW_ZERO, row)
        if zero.any():
            b = np.where(zero, b.dtype.type(1), b)
        if whole:
            beyond = (b == -1) & (a == np.iinfo(np.int64).min)
            if beyond.any():
                row = find_first(beyond, left, right) if function is np.floor_divide else None
                if row is not None:
                    raise RowFailure(faults.ROW_OVERFLOW, row)
                a = np.where(beyond, 0, a)
        with np.errstate(all="ignore"):
            found = make_array(function(a, b), (left, right), job.type)
        if not whole:
            check_finite(found)
        return found

    return run


def _to_int(function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Kernel:
    """A rounding function with an int64 result."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        (array,) = as_arrays(values, job.count)
        with np.errstate(invalid="ignore"):  # what stands behind a missing value may be anything
            rounded = function(view_numbers(array))
        fits = (rounded >= -_INT_END) & (rounded < _INT_END)
        if not fits.all():
            row = find_first(~fits, array)
            if row is not None:
                raise RowFailure(faults.ROW_OVERFLOW, row)
            rounded = np.where(fits, rounded, 0.0)
        return make_array(rounded.astype(np.int64), (array,), job.type)

    return run


def _round_away(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halves away from 0."""
    whole = np.trunc(x)
    return np.asarray(whole + np.where(np.abs(x - whole) >= 0.5, np.copysign(1.0, x), 0.0))


def round_numbers(array: pa.Array, digits: int, half_up: bool) -> pa.Array:
    """Float64 rounded to places after the point or, below 0, before it; see ``round_decimals``."""
    found = np.empty(len(array))
    round_decimals(view_numbers(array), 10.0 ** abs(digits), digits < 0, half_up, found)
    return make_array(found, (array,), pa.float64())


def _round_digits(half_up: bool) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        (array,) = as_arrays(values, job.count)
        digits = job.constants[0]
        assert isinstance(digits, int)
        return round_numbers(array, digits, half_up)

    return run


def _compare(function: Callable[..., Any]) -> Kernel:
    """Times of different zones are compared as moments."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        if any(pa.types.is_timestamp(v.type) for v in values):
            values = tuple(pc.cast(v, pa.int64()) for v in values)
        return function(*values)

    return run


def _extreme(function: Callable[..., Any]) -> Kernel:
    """Missing where any is; Arrow has no such function of times with a zone, which go as numbers."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        if pa.types.is_timestamp(job.type):
            values = tuple(pc.cast(v, pa.int64()) for v in values)
        return pc.cast(function(*values, skip_nulls=False), job.type)

    return run


def _among(values: tuple[Value, ...], job: Job) -> Value:
    """Three values of truth: a missing one in the list leaves open what is not found."""
    (x,) = values
    known = pa.array([v for v in job.constants if v is not None], _raw_type(x.type))
    found = pc.is_in(_as_raw(x), value_set=known)
    open_ = pa.scalar(None, pa.bool_())
    if None in job.constants:
        found = pc.if_else(found, found, open_)
    return pc.if_else(pc.is_valid(x), found, open_)


def _raw_type(kind: pa.DataType) -> pa.DataType:
    """Times are looked for as their numbers."""
    if pa.types.is_date(kind):
        return pa.int32()
    return pa.int64() if pa.types.is_timestamp(kind) or pa.types.is_duration(kind) else kind


def _as_raw(value: Value) -> Value:
    raw = _raw_type(value.type)
    return value if raw == value.type else pc.cast(value, raw)


def _plain(function: Callable[..., Any]) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        return function(*values)

    return run


NUMBERS: dict[str, Kernel] = {
    "add_int": _checked(pc.add_checked),
    "subtract_int": _checked(pc.subtract_checked),
    "multiply_int": _checked(pc.multiply_checked),
    "negate_int": _checked(pc.negate_checked),
    "abs_int": _checked(pc.abs_checked),
    "power_int": _power_int,
    "divide_floor_int": _floor_division(np.floor_divide, True),
    "modulo_int": _floor_division(np.remainder, True),
    "add_float": _floats(pc.add),
    "subtract_float": _floats(pc.subtract),
    "multiply_float": _floats(pc.multiply),
    "divide_float": _divide_float,
    "divide_floor_float": _floor_division(np.floor_divide, False),
    "modulo_float": _floor_division(np.remainder, False),
    "power_float": _floats(pc.power),
    "negate_float": _plain(pc.negate),
    "abs_float": _plain(pc.abs),
    "sqrt": _floats(pc.sqrt),
    "exp": _floats(pc.exp),
    "log": _floats(pc.ln),
    "floor": _to_int(np.floor),
    "ceil": _to_int(np.ceil),
    "trunc": _to_int(np.trunc),
    "round_even": _to_int(np.rint),
    "round_up": _to_int(_round_away),
    "round_even_digits": _round_digits(False),
    "round_up_digits": _round_digits(True),
    "int_to_float": lambda values, job: pc.cast(values[0], pa.float64(), safe=False),
    "least": _extreme(pc.min_element_wise),
    "greatest": _extreme(pc.max_element_wise),
    "equal": _compare(pc.equal),
    "not_equal": _compare(pc.not_equal),
    "less": _compare(pc.less),
    "less_equal": _compare(pc.less_equal),
    "greater": _compare(pc.greater),
    "greater_equal": _compare(pc.greater_equal),
    "among": _among,
    "not": _plain(pc.invert),
    "is_missing": _plain(pc.is_null),
    "cast_missing": lambda values, job: pa.nulls(job.count, job.type),
    "constant": lambda values, job: make_scalar(job),
}


def make_scalar(job: Job) -> pa.Scalar:
    """A constant of the type that it has."""
    value = job.constants[0]
    if value is None:
        return pa.scalar(None, job.type)
    if pa.types.is_date(job.type):
        return pa.scalar(value, pa.int32()).cast(job.type)
    if pa.types.is_timestamp(job.type):
        return pa.scalar(value, pa.int64()).cast(job.type)
    return pa.scalar(value, job.type)
