"""Equal values compare equal, whatever type another tool wrote them in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.tables import with_meaning
from sundog.lib.stats.align import align, find_decimals, plan_alignment
from sundog.lib.stats.frame import draw_rows, encode_tables, join_frames

DAY = dt.date(2024, 2, 29)


def column(real: pa.Array, other: pa.Array, meaning: str = "") -> tuple[list[object], list[object]]:
    """Real and other values after alignment."""
    field = pa.field("c", real.type)
    if meaning:
        field = with_meaning(field, meaning)  # type: ignore[arg-type]
    train = pa.table([real], schema=pa.schema([field]))
    alignment = plan_alignment(train.schema, [("the other", pa.schema([("c", other.type)]))])
    aligned = [align(alignment, t).column("c").to_pylist() for t in (train, pa.table({"c": other}))]
    return aligned[0], aligned[1]


@pytest.mark.parametrize(
    "other",
    [
        pa.array([1.0, 2.0, None]),
        pa.array([1, 2, None], pa.int8()),
        pa.array(["1", " 2.0 ", ""]),
        pa.array([Decimal("1.00"), Decimal("2.00"), None], pa.decimal128(6, 2)),
        pa.array([1.0, 2.0, np.nan], pa.float32()),
        pa.array(["1", "2", "n/a"], pa.large_string()),
        pa.array(["1", "2", None]).dictionary_encode(),
    ],
)
def test_numbers(other):
    real, made = column(pa.array([1, 2, None], pa.int64()), other)
    assert real == made == [1.0, 2.0, None]


def test_infinities_are_missing():
    assert column(pa.array([1.0]), pa.array([np.inf, -np.inf, 3.5]))[1] == [None, None, 3.5]


@pytest.mark.parametrize(
    "other",
    [
        pa.array(["2024-02-29", None, "no day"]),
        pa.array([dt.datetime(2024, 2, 29, 13, tzinfo=dt.UTC), None, None], pa.timestamp("ns")),
        pa.array(["2024-02-29 13:45:00", "", None]),
        pa.array(["2024-02-29T13:45:00+00:00", None, None]),
        pa.array([(DAY - dt.date(1970, 1, 1)).days, None, None], pa.int64()),
    ],
)
def test_dates(other):
    real, made = column(pa.array([DAY, None, None], pa.date32()), other)
    assert real == made == [19782, None, None]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_in_other_units_and_zones(unit):
    moment = dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.UTC)
    real, made = column(
        pa.array([moment], pa.timestamp("us", "UTC")), pa.array([moment], pa.timestamp(unit, "Europe/Berlin"))
    )
    assert real == made
    assert column(pa.array([moment], pa.timestamp("us", "UTC")), pa.array(["2024-02-29T13:30:00+01:00"]))[1] == real


def test_times_and_durations():
    clock = pa.array([dt.time(1, 2, 3)], pa.time64("us"))
    assert column(clock, clock.cast(pa.time32("s")))[0] == column(clock, clock.cast(pa.time32("s")))[1]
    assert column(clock, pa.array(["01:02:03"]))[1] == column(clock, clock)[0]
    took = pa.array([90], pa.duration("s"))
    assert column(took, pa.array(["90"]))[1] == column(took, took.cast(pa.duration("ms")))[1] == [90]


@pytest.mark.parametrize(
    "other",
    [
        pa.array([1, 0, None]),
        pa.array([1.0, 0.0, None]),
        pa.array(["True", "FALSE", "maybe"]),
        pa.array(["yes", "No", None]),
    ],
)
def test_booleans(other):
    assert column(pa.array([True, False, None]), other)[1] == [True, False, None]


def test_categories():
    assert column(pa.array(["1", "2"]), pa.array([1.0, 2.5]))[1] == ["1", "2.5"]
    assert column(pa.array(["1", "2"]), pa.array([1, None]))[1] == ["1", None]
    assert column(pa.array(["True"]), pa.array([True, False]))[1] == ["True", "False"]
    assert column(pa.array([7, 8], pa.int64()), pa.array(["7", "8.0"]), "category")[1] == [7.0, 8.0]
    assert column(pa.array(["2024-02-29"]), pa.array([DAY]))[1] == ["2024-02-29"]


@pytest.mark.parametrize(
    "real",
    [
        pa.array([1.5]),
        pa.array([True]),
        pa.array([DAY]),
        pa.array(["a"]),
        pa.array([dt.time(1)]),
        pa.array([dt.timedelta(1)]),
    ],
)
@pytest.mark.parametrize(
    "other",
    [
        pa.array([1.5]),
        pa.array([True]),
        pa.array([DAY]),
        pa.array(["a"]),
        pa.array([dt.time(1)]),
        pa.array([dt.timedelta(1)]),
        pa.array([[1]]),
        pa.array([b"x"]),
        pa.nulls(1),
    ],
)
def test_any_type_meets_any_other(real, other):
    assert len(column(real, other)[1]) == 1


def test_what_is_left_out_and_why():
    train = pa.schema(
        [
            with_meaning(pa.field("id", pa.int64()), "identifier"),
            ("x", pa.int64()),
            ("y", pa.int64()),
            ("b", pa.binary()),
            ("l", pa.list_(pa.int8())),
        ]
    )
    alignment = plan_alignment(
        train,
        [
            ("the synthetic table", pa.schema([("x", pa.int64()), ("id", pa.int64())])),
            ("the holdout", pa.schema([("x", pa.int64())])),
        ],
    )
    assert alignment.names == ("x",)
    reasons = dict(alignment.left_out)
    assert "identifiers" in reasons["id"]
    assert reasons["y"] == "not in the synthetic table and the holdout"
    assert reasons["b"] == reasons["l"] == "media are not compared value by value"


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([1.0, 2.0], 0),
        ([0.1, 0.25], 2),
        ([1234567.891], 3),
        ([np.nan, 0.5], 1),
        ([], 0),
        ([1 / 3], None),
        ([1e300], 0),
        ([0.1 + 0.2], 1),
        ([1e308, 0.25], 2),
    ],
)
def test_decimals(values, places):
    assert find_decimals(np.array(values, dtype=float)) == places


def test_decimals_of_single_precision():
    values = np.array([0.1, 12.3, 1234.5], dtype=np.float32).astype(float)
    assert find_decimals(values) is None
    assert find_decimals(values, single=True) == 1


def test_codes_are_shared_and_by_frequency():
    real = pa.table({"c": ["b", "a", "b", None], "x": [1, None, 3, 4]})
    other = pa.table({"c": ["z", "a", "a", "b"], "x": [1.5, 2.0, None, 4.0]})
    frames = encode_tables(plan_alignment(real.schema), {"real": real, "other": other})
    assert frames["real"].columns[0].labels == ("b", "a", "z")
    assert frames["real"].columns[0].seen == 2
    assert frames["real"].values[0].tolist() == [0, 1, 0, -1]
    assert frames["other"].values[0].tolist() == [2, 1, 1, 0]
    assert frames["real"].missing(1).tolist() == [False, True, False, False]
    both = join_frames(frames["real"], frames["other"])
    assert both.rows == 8
    assert both.take(np.array([7])).values[1].tolist() == [4.0]


def test_drawn_rows_keep_their_order():
    table = pa.table({"x": np.arange(100.0)})
    frame = encode_tables(plan_alignment(table.schema), {"real": table})["real"]
    from sundog.core.keys import Key

    drawn = draw_rows(frame, 10, Key.root(1).generator()).values[0]
    assert len(set(drawn.tolist())) == 10
    assert (np.diff(drawn) > 0).all()
    assert draw_rows(frame, 100, Key.root(1).generator()) is frame
