"""The language of row selections: what it means, and what it refuses."""

from __future__ import annotations

import contextlib
import datetime
from decimal import Decimal

import hypothesis.strategies as st
import pyarrow as pa
import pytest
from hypothesis import given

from sundog.core.errors import RequestError
from sundog.export.select import check_select, choose_rows, columns_of, parse_select

UTC = datetime.UTC
ROWS = pa.record_batch(
    {
        "n": pa.array([0, 1, 2, 3, 4, 5], pa.int64()),
        "age": pa.array([17, 18, None, 40, 99, 18], pa.int32()),
        "sex": ["Female", "Male", "Female", None, "it's", "Male"],
        "hours per week": [1.0, 2.5, None, float("nan"), 2.5, -1.0],
        "ok": [True, False, None, True, False, True],
        "day": pa.array([datetime.date(2024, 1, d) for d in (1, 2, 3, 4, 5, 6)]),
        "at": pa.array([datetime.datetime(2024, 1, 1, h, tzinfo=UTC) for h in range(6)], pa.timestamp("us", "UTC")),
        "wall": pa.array(
            [datetime.datetime.fromisoformat(f"2024-01-01T0{h}:00:00") for h in range(6)], pa.timestamp("ms")
        ),
        "clock": pa.array([datetime.time(h, 30) for h in range(6)], pa.time64("us")),
        "span": pa.array([datetime.timedelta(minutes=m) for m in range(6)], pa.duration("us")),
        "money": pa.array([Decimal("0.10"), Decimal("1.00"), None, Decimal("-5.25"), Decimal("1.00"), Decimal("7.00")]),
        "id": pa.array([2**63, 2**63 + 1, 1, 2, 3, 4], pa.uint64()),
        "kind": pa.array(["a", "b", "a", None, "b", "a"]).dictionary_encode(),
        "list": [[1], [2], None, [], [3], [4]],
    }
)


def chosen(text: str) -> list[int]:
    condition = parse_select(text)
    check_select(condition, ROWS.schema)
    return choose_rows(condition, ROWS).column("n").to_pylist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("age >= 18", [1, 3, 4, 5]),
        ("age=18", [1, 5]),
        ("age == 18", [1, 5]),
        ("age != 18", [0, 3, 4]),
        ("age <> 18", [0, 3, 4]),
        ("age > 17.5", [1, 3, 4, 5]),
        ("age < 1e2 AND age > 4e1", [4]),
        ("not age > 18", [0, 1, 5]),
        ("sex = Female", [0, 2]),
        ("sex = 'Female'", [0, 2]),
        ('"sex" = "Female"', [0, 2]),
        ("sex = 'it''s'", [4]),
        ("age >= 18 and sex = 'Male'", [1, 5]),
        ("age > 90 or sex = Female and ok = true", [0, 4]),
        ("(age > 90 or sex = Female) and ok = true", [0]),
        ("sex in (Female, 'it''s')", [0, 2, 4]),
        ("sex not in (Female, Male)", [4]),
        ("age in (17, 99)", [0, 4]),
        ("sex is missing", [3]),
        ("sex is not missing", [0, 1, 2, 4, 5]),
        ("sex is null", [3]),
        ('"hours per week" is missing', [2, 3]),
        ("`hours per week` = 2.5", [1, 4]),
        ("`hours per week` != 2.5", [0, 5]),
        ("`hours per week` < -0.5", [5]),
        ("ok = false", [1, 4]),
        ("day >= 2024-01-05", [4, 5]),
        ("day = '2024-01-02'", [1]),
        ("at > '2024-01-01 03:30:00'", [4, 5]),
        ("at < '2024-01-01T02:00:00+01:00'", [0]),
        ("at >= 2024-01-01", [0, 1, 2, 3, 4, 5]),
        ("wall = '2024-01-01 05:00:00'", [5]),
        ("clock > '04:00:00'", [4, 5]),
        ("span >= 240", [4, 5]),
        ("money = 1", [1, 4]),
        ("money = 1.00", [1, 4]),
        ("money < 0", [3]),
        ("id = 9223372036854775809", [1]),
        ("id > 9223372036854775808", [1]),
        ("kind = b", [1, 4]),
        ("list is missing", [2]),
        ("not (sex = Female or age < 50)", [4]),
        ("not not age = 99", [4]),
    ],
)
def test_meaning(text: str, rows: list[int]) -> None:
    assert chosen(text) == rows


def test_a_missing_value_is_neither_equal_nor_different() -> None:
    assert not {2} & set(chosen("age = 18")) | {2} & set(chosen("age != 18")) | {2} & set(chosen("not age = 18"))


def test_whole_numbers_are_compared_exactly() -> None:
    batch = pa.record_batch({"n": pa.array([2**53, 2**53 + 1], pa.int64())})
    assert choose_rows(parse_select(f"n > {2**53}"), batch).column("n").to_pylist() == [2**53 + 1]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("agee > 3", "SD-EXPORT-003", "Did you mean 'age'?"),
        ("age > old", "SD-EXPORT-004", "Write a number"),
        ("age > nan", "SD-EXPORT-004", "Write a number"),
        ("ok = maybe", "SD-EXPORT-004", "true or false"),
        ("day > soon", "SD-EXPORT-004", "2024-05-31"),
        ("clock > noon", "SD-EXPORT-004", "12:30:00"),
        ("span > long", "SD-EXPORT-004", "seconds"),
        ("list = 1", "SD-EXPORT-004", "can be compared"),
        ("id > 99999999999999999999999999999999999999999", "SD-EXPORT-004", "Write a number"),
        ("", "SD-EXPORT-005", "name of a column"),
        ("age", "SD-EXPORT-005", "a comparison"),
        ("age >", "SD-EXPORT-005", "a value"),
        ("age > 3 sex = Male", "SD-EXPORT-005", "'and' or 'or'"),
        ("(age > 3", "SD-EXPORT-005", "closing bracket"),
        ("age > 3)", "SD-EXPORT-005", "not expected"),
        ("sex = 'Male", "SD-EXPORT-005", "quote"),
        ("sex in Male", "SD-EXPORT-005", "in brackets"),
        ("sex in ()", "SD-EXPORT-005", "a value"),
        ("sex is Male", "SD-EXPORT-005", "'missing'"),
        ("sex not Male", "SD-EXPORT-005", "'in'"),
        ("(" * 100 + "age > 3" + ")" * 100, "SD-EXPORT-005", "too deep"),
        ("not " * 100 + "age > 3", "SD-EXPORT-005", "too deep"),
        ("age > 3 or " * 200 + "age > 3", "SD-EXPORT-005", "characters"),
        ("__import__('os').system('true')", "SD-EXPORT-005", "a comparison"),
    ],
)
def test_refused(text: str, code: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        chosen(text)
    assert caught.value.problems[0].code == code
    assert says in str(caught.value)


def test_long_chains_do_not_recurse_too_deep() -> None:
    text = " or ".join(f"age = {i}" for i in range(150))
    assert chosen(text) == [0, 1, 3, 4, 5]


def test_columns_are_named_once() -> None:
    assert columns_of(parse_select("age > 3 and not (age < 9 or sex in (a, b))")) == ("age", "sex")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(RequestError):  # and nothing else
        assert set(chosen(text)) <= set(range(6))
