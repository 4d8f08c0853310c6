"""Values to ticks and back: nothing is lost, whatever the type."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.lib.rows.scale import from_ticks, learn_scale, parse_tick, to_ticks

INT64 = st.integers(-(2**63), 2**63 - 1)


def go_and_return(array: pa.Array) -> pa.Array:
    scale = learn_scale(array)
    ticks = to_ticks(array, scale)
    return from_ticks(ticks.values, ticks.missing, scale, array.type, ticks.infinite)


@given(st.lists(INT64 | st.none(), max_size=30))
def test_integers_return(values: list[int | None]) -> None:
    array = pa.array(values, pa.int64())
    assert go_and_return(array).equals(array)


@given(st.lists(st.integers(0, 2**64 - 1) | st.none(), min_size=1, max_size=30))
def test_unsigned_integers_return(values: list[int | None]) -> None:
    array = pa.array(values, pa.uint64())
    assert go_and_return(array).equals(array)


@given(st.lists(st.floats(allow_nan=False) | st.none(), max_size=30))
def test_floats_return(values: list[float | None]) -> None:
    array = pa.array(values, pa.float64())
    assert go_and_return(array).to_pylist() == array.to_pylist()


@given(st.integers(0, 6), st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=30))
def test_decimals_are_found_and_return(decimals: int, whole: list[int]) -> None:
    values = [float(decimal.Decimal(w).scaleb(-decimals)) for w in whole]
    array = pa.array(values, pa.float64())
    scale = learn_scale(array)
    assert scale.kind == "decimal"
    assert scale.decimals <= decimals
    assert go_and_return(array).to_pylist() == values


def test_float32_with_two_decimals() -> None:
    array = pa.array(np.round(np.linspace(0, 9, 50), 2).astype(np.float32))
    assert learn_scale(array).decimals == 2
    assert go_and_return(array).equals(array)


def test_a_few_values_with_more_decimals_are_noise() -> None:
    values = np.arange(10_000.0)
    values[7] = 14.666666666
    assert learn_scale(pa.array(values)).decimals == 0
    values[:5000] += 1 / 3
    assert learn_scale(pa.array(values)).kind == "float"


@pytest.mark.parametrize(
    "kind",
    [
        pa.int8(),
        pa.uint32(),
        pa.date32(),
        pa.date64(),
        pa.time32("s"),
        pa.time64("us"),
        pa.duration("ms"),
        pa.timestamp("s"),
        pa.timestamp("ns"),
        pa.timestamp("us", tz="UTC"),
        pa.timestamp("us", tz="Europe/Berlin"),
        pa.timestamp("us", tz="+05:30"),
    ],
)
def test_types_return(kind: pa.DataType) -> None:
    base = pa.array([0, 1, 77, 101, None], pa.int64())
    if pa.types.is_date64(kind):
        array = base.cast(pa.int32()).cast(pa.date32()).cast(kind)
    elif pa.types.is_date32(kind) or pa.types.is_time32(kind):
        array = base.cast(pa.int32()).cast(kind)
    else:
        array = base.cast(kind)
    assert go_and_return(array).equals(array)


@given(st.lists(st.decimals(-(10**12), 10**12, places=2) | st.none(), max_size=20))
def test_fixed_decimals_return(values: list[decimal.Decimal | None]) -> None:
    array = pa.array(values, pa.decimal128(20, 2))
    assert go_and_return(array).equals(array)


def test_nan_is_missing_and_infinities_keep_their_sign() -> None:
    array = pa.array([1.5, float("nan"), float("inf"), -float("inf"), None])
    ticks = to_ticks(array, learn_scale(array))
    assert ticks.missing.tolist() == [False, True, False, False, True]
    assert ticks.infinite is not None
    assert ticks.infinite.tolist() == [0, 0, 1, -1, 0]


def test_iso_texts_are_read_on_the_scale() -> None:
    day = learn_scale(pa.array([datetime.date(2020, 1, 1)]))
    assert parse_tick("1970-01-11", day) == 10
    offset = learn_scale(pa.array([0], pa.int64()).cast(pa.timestamp("s", tz="+02:00")))
    assert parse_tick("1970-01-01T02:00:00", offset) == 7200  # wall clock of the column
    assert parse_tick("1970-01-01T00:00:00+00:00", offset) == 7200
    berlin = learn_scale(pa.array([0], pa.int64()).cast(pa.timestamp("s", tz="Europe/Berlin")))
    assert parse_tick("1970-01-01T00:00:00Z", berlin) == 3600
    with pytest.raises(ValueError, match="ISO"):
        parse_tick(3, day)


def test_values_beyond_a_narrow_type_are_cut() -> None:
    scale = learn_scale(pa.array([1], pa.int8()))
    made = from_ticks(np.array([300, -300]), np.zeros(2, dtype=bool), scale, pa.int8())
    assert made.to_pylist() == [127, -128]
