"""Programs on columns: rows that fail are named, branches that are not taken cannot fail, and cuts change nothing."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.lib.expressions import program
from sundog.lib.expressions.check import check
from sundog.lib.expressions.columns import type_of
from sundog.lib.expressions.kernels_rows import Lookup
from sundog.lib.expressions.parse import parse
from sundog.lib.expressions.program import Program, compile
from sundog.lib.expressions.steps import Checked
from sundog.lib.expressions.value_types import LookupType, Type

RNG = np.random.Generator(np.random.Philox(7))


def build(text: str, columns: dict[str, Any], lookups: dict[str, Lookup] | None = None) -> Program:
    scope = {name: type_of(column.type) for name, column in columns.items()}
    known = {n: LookupType(type_of(t.keys.type), type_of(t.values.type)) for n, t in (lookups or {}).items()}  # type: ignore[arg-type]
    checked = check(parse(text), {n: t for n, t in scope.items() if t is not None}, lookups=known)
    assert isinstance(checked, Checked), checked
    return compile(checked)


def run(text: str, columns: dict[str, Any], **given: Any) -> list[Any]:
    return build(text, columns, given.get("lookups")).run(columns, **given).to_pylist()  # type: ignore[no-any-return]


A = {"a": pa.array([6, None, -7, 0]), "n": pa.array([4, 0, 2, 0]), "x": pa.array([0.5, -1.0, None, 2.0])}


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("a / n", "SD-EXPR-040", "'a / n' divides by 0 in row 3, where a = 0, n = 0"),
        ("1 + a // n", "SD-EXPR-040", "'a // n' divides by 0 in row 3, where a = 0, n = 0"),
        ("x % (n * 1.0)", "SD-EXPR-040", "in row 1, where x = -1.0, n = 0"),
        ("a * 9223372036854775807", "SD-EXPR-041", "beyond int64 in row 0, where a = 6"),
        ("-9223372036854775807 - n", "SD-EXPR-041", "in row 0, where n = 4"),
        ("abs(-9223372036854775808 + n * 0)", "SD-EXPR-041", "in row 0"),
        ("(n * 0 - 9223372036854775807 - 1) // -1", "SD-EXPR-041", "// -1' gives a number beyond int64 in row 0"),
        ("(n + 1) ** 63", "SD-EXPR-041", "in row 0, where n = 4"),
        ("floor(x * 1e19)", "SD-EXPR-041", "in row 1, where x = -1.0"),
        ("log(x)", "SD-EXPR-042", "no finite number in row 1, where x = -1.0"),
        ("sqrt(x)", "SD-EXPR-042", "in row 1"),
        ("exp(x * 1000)", "SD-EXPR-042", "in row 3, where x = 2.0"),
        ("x ** 0.5", "SD-EXPR-042", "in row 1"),
        ("x * 1e308 * 10", "SD-EXPR-042", "in row 3, where x = 2.0"),
        ("date(2023, n - 2, 30)", "SD-EXPR-043", "in row 0, where n = 4"),
        ("date('9999-12-31') + n", "SD-EXPR-043", "in row 0, where n = 4"),
        ("add_months(date('0001-01-31'), -n)", "SD-EXPR-043", "in row 0, where n = 4"),
        ("timestamp('9999-12-31 23:00:00') + hours(n)", "SD-EXPR-043", "in row 0"),
        ("days(n * 100000000)", "SD-EXPR-041", "in row 0, where n = 4"),
    ],
)
def test_a_row_that_fails_is_named_with_its_values(text: str, code: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        run(text, A, where="parts.orders.fields.total")
    (problem,) = caught.value.problems
    assert problem.code == code
    assert says in problem.what
    assert problem.where == "parts.orders.fields.total"
    assert problem.fix


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("if n != 0 then a // n else missing", [1, None, -4, None]),
        ("case when n = 0 then -1 when x > 0 then a // n else 100 // n end", [1, -1, 50, -1]),
        ("n != 0 and a / n > 1", [True, False, False, False]),
        ("n = 0 or a / n > 1", [True, True, False, True]),
        ("coalesce(x, 10 / (n - 0.0))", [0.5, -1.0, 5.0, 2.0]),
        ("if n != 0 then (if a > 0 then a % n else 0) else a + 1", [2, None, 0, 1]),
        ("if n > 0 then 1 else 2", [1, 2, 1, 2]),
        ("if a > 0 then 'p' else 'q'", ["p", "q", "q", "q"]),  # a missing condition is not true
        ("if n != 0 then log(x + 2) else sqrt(2.0)", [np.log(2.5), np.sqrt(2), None, np.sqrt(2)]),
    ],
)
def test_what_is_not_used_cannot_fail(text: str, values: list[Any]) -> None:
    assert run(text, A) == pytest.approx(values)


def test_a_failure_in_a_later_block_has_the_number_of_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {"a": pa.array(np.arange(1000)), "n": pa.array(np.arange(1000) - 777)}
    monkeypatch.setattr(program, "BLOCK", 64)
    with pytest.raises(RequestError, match="in row 777, where a = 777, n = 0"):
        run("a // n", columns)


def test_cuts_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    n = 3_000
    columns = {
        "a": pa.array(RNG.integers(-9, 9, n), mask=RNG.random(n) < 0.2),
        "x": pa.array(RNG.normal(size=n), mask=RNG.random(n) < 0.2),
        "s": pa.array([f"Zoë {i % 7}" for i in range(n)]).dictionary_encode(),
    }
    text = "if a > 0 and x / a < 1 then upper(s) + text(a ** 2) else slug(s) + text(bucket(s, 9) + floor(x))"
    whole = run(text, columns)
    monkeypatch.setattr(program, "BLOCK", 256)
    assert run(text, columns) == whole
    pieces = [run(text, {k: c[i : i + 701] for k, c in columns.items()}) for i in range(0, n, 701)]
    assert [v for piece in pieces for v in piece] == whole
    assert run(text, {k: pa.chunked_array([c[:100], c[100:]]) for k, c in columns.items()}) == whole


def test_columns_of_other_arrow_types_are_read() -> None:
    columns = {
        "i": pa.array([1, None], pa.int8()),
        "f": pa.array([1.5, float("nan")], pa.float32()),
        "s": pa.array(["a", None], pa.large_string()),
        "m": pa.array([1, None], pa.decimal128(9, 2)),
        "t": pa.array([1_000, None], pa.timestamp("ms", "UTC")),
    }
    assert run("i + f + m", columns) == [3.5, None]
    assert run("f is missing", columns) == [False, True]  # NaN is missing
    assert run("s + text(second(t))", columns) == ["a1", None]
    assert type_of(pa.list_(pa.int8())) is None
    with pytest.raises(RequestError, match=r"SD-EXPR-042.*column f is infinite in row 1"):
        run("f + 1", {"f": pa.array([1.0, float("inf")])})


def test_what_does_not_fit_the_program_is_refused() -> None:
    a = build("a + n", A)
    with pytest.raises(ValueError, match="reads n, which was not given"):
        a.run({"a": A["a"]})
    with pytest.raises(ValueError, match="rows is not clear"):
        a.run({"a": A["a"], "n": pa.array([1])})
    with pytest.raises(ValueError, match="column a: int64 was checked, and the column is string"):
        a.run({"a": pa.array(["x"]), "n": pa.array([1])})
    with pytest.raises(ValueError, match="rows is needed"):
        build("1 + 1", {}).run({})
    assert build("1 + 1", {}).run({}, 3).to_pylist() == [2, 2, 2]
    assert build("1 + a", A).run({"a": pa.array([], pa.int64())}).to_pylist() == []


LINES = {
    "rate": pa.array([2, 3, None, 5]),
    "lines.q": pa.array([3, 1, None, 2, 7]),
    "lines.x": pa.array([1.5, None, None, -1.0, 2.0]),
    "lines.s": pa.array(["b", "a", None, "d", "c"]),
    "lines.day": pa.array([dt.date(2024, 1, i) for i in (5, 4, 3, 2, 1)]),
}
OFFSETS = np.array([0, 2, 2, 3, 5])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("count(lines)", [2, 0, 1, 2]),
        ("count(lines.q)", [2, 0, 0, 2]),
        ("sum(lines.q)", [4, 0, 0, 9]),
        ("sum(lines.x)", [1.5, 0.0, 0.0, 1.0]),
        ("mean(lines.q)", [2.0, None, None, 4.5]),
        ("min(lines.x)", [1.5, None, None, -1.0]),
        ("max(lines.s)", ["b", None, None, "d"]),
        ("min(lines.day)", [dt.date(2024, 1, 4), None, dt.date(2024, 1, 3), dt.date(2024, 1, 1)]),
        ("first(lines.s)", ["b", None, None, "d"]),
        ("last(lines.q)", [1, None, None, 7]),
        ("sum(lines.q * rate)", [8, 0, 0, 45]),
        ("sum(if lines.s in ('a', 'd') then 1 else 0)", [1, 0, 0, 1]),
        ("max(running_sum(lines.q))", [4, None, 0, 9]),
        ("last(previous(lines.q))", [3, None, None, 2]),
        ("if count(lines) > 1 then sum(lines.q) / count(lines) else 0", [2.0, 0.0, 0.0, 4.5]),
        ("if rate = 2 then sum(10 // (lines.q - 2)) else 0", [0, 0, 0, 0]),
    ],
)
def test_children(text: str, values: list[Any]) -> None:
    assert run(text, LINES, segments={"lines": OFFSETS}) == values


def test_a_child_that_fails_is_named() -> None:
    with pytest.raises(RequestError, match=r"divides by 0 in row 3 of lines, where rate = 5, lines\.q = 2"):
        run("if rate > 2 then sum(10 // (rate - 5 + lines.q - 2)) else 0", LINES, segments={"lines": OFFSETS})


def test_sums_of_children_are_checked() -> None:
    columns = {"lines.q": pa.array([1, 2**62, 2**62])}
    with pytest.raises(RequestError, match=r"SD-EXPR-041.*in row 1"):
        run("sum(lines.q)", columns, segments={"lines": np.array([0, 1, 3])})
    with pytest.raises(RequestError, match=r"SD-EXPR-042.*in row 0"):
        run("sum(lines.x)", {"lines.x": pa.array([1.7e308, 1.7e308])}, segments={"lines": np.array([0, 2])})
    with pytest.raises(RequestError, match=r"SD-EXPR-041.*in row 2"):
        run("running_sum(q)", {"q": columns["lines.q"]}, within=np.array([0, 3]))


def test_rows_before_a_row() -> None:
    columns = {"q": pa.array([1, None, 5, 2, 4]), "s": pa.array(list("abcde"))}
    within = np.array([0, 3, 3, 5])
    assert run("running_sum(q)", columns, within=within) == [1, 1, 6, 2, 6]
    assert run("running_sum(q / 2)", columns, within=within) == [0.5, 0.5, 3.0, 1.0, 3.0]
    assert run("previous(s)", columns, within=within) == [None, "a", "b", None, "d"]
    assert run("latest(q)", columns, within=within) == [None, 1, 1, None, 2]
    assert run("latest(if q > 4 then s else missing)", columns, within=within) == [None, None, None, None, None]
    assert run("latest(if q < 2 then s else missing)", columns, within=within) == [None, "a", "a", None, None]
    assert run("next(s)", columns, within=within) == ["b", "c", None, "e", None]
    assert run("next(q)", columns, within=within) == [None, 5, None, 4, None]
    assert run("row_number()", columns, rows=5, within=within) == [1, 2, 3, 1, 2]
    # A condition chooses among values; the sum itself sees every row.
    assert run("if q > 1 then running_sum(q) else 0", columns, within=within) == [0, 0, 6, 2, 6]
    with pytest.raises(ValueError, match="within their parents"):
        run("running_sum(q)", columns)


def test_a_balance_that_stays_above_its_floor() -> None:
    columns = {
        "x": pa.array([-3.0, None, -9.0, 5.0, -12.0, -1.0, -2.0, 7.0]),
        "start": pa.array([10.0, 10.0, 10.0, 10.0, 10.0, -4.0, -4.0, None]),
        "floor": pa.array([0.0, 0.0, 0.0, 0.0, 0.0, -1.0, -5.0, 0.0]),
    }
    within = np.array([0, 5, 5, 7, 8])
    found = run("running_balance(x, start, floor)", columns, within=within)
    # 7 - 9 is refused, 12 - 12 is 0 and not refused; below its floor from the start, only what lifts it or fits passes.
    assert found == [7.0, 7.0, 7.0, 12.0, 0.0, -4.0, -4.0, None]
    # Cents do not add up exactly: ten times .1 is as much as 1.
    tenths = {"x": pa.array([-0.1] * 10)}
    assert run("running_balance(x, 1, 0)", tenths, within=np.array([0, 10]))[-1] == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(RequestError, match="SD-EXPR-042"):
        run("running_balance(x, 0, 0)", {"x": pa.array([1.7e308, 1.7e308])}, within=np.array([0, 2]))


@pytest.mark.parametrize(
    ("offsets", "says"),
    [([0, 2, 1, 3, 5], "never fall"), ([1, 2, 2, 3, 5], "begin at 0"), ([0, 2, 5], "rows is not clear"), ([0, 2, 2, 3, 4], "5 rows, not 4")],
)  # fmt: skip
def test_offsets_that_cannot_be(offsets: list[int], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        run("sum(lines.q) + rate", LINES, segments={"lines": np.array(offsets)})


def test_lookups() -> None:
    tables = {
        "rates": Lookup(pa.array(["EUR", "USD"]), pa.array([1.0, 0.5])),
        "items.price": Lookup(pa.array([11, 12, 13]), pa.array([5, None, 7])),
        "sparse": Lookup(pa.array([13, 2]), pa.array(["x", "y"])),
    }
    columns = {"c": pa.array(["USD", "XXX", None]), "i": pa.array([13, 99, 12])}
    assert run("lookup(rates, c)", columns, lookups=tables) == [0.5, None, None]
    assert run("coalesce(lookup(items.price, i), 0) + 1", columns, lookups=tables) == [8, 1, 1]
    assert run("lookup(sparse, i)", columns, lookups=tables) == ["x", None, None]
    assert run("lookup(items.price, missing)", columns, lookups=tables, rows=2) == [None, None]
    with pytest.raises(ValueError, match="twice"):
        Lookup(pa.array([1, 1]), pa.array([1, 2]))
    with pytest.raises(ValueError, match="2 keys and 1 values"):
        Lookup(pa.array([1, 2]), pa.array([1]))


def test_zones() -> None:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    moments = [dt.datetime(2024, 3, 31, 0, 30, tzinfo=dt.UTC), dt.datetime(2024, 7, 1, 22, 30, tzinfo=dt.UTC), None]
    columns = {
        "t": pa.array(moments, pa.timestamp("us", "Europe/Berlin")),
        "u": pa.array(moments, pa.timestamp("us", "UTC")),
    }
    local = [None if m is None else m.astimezone(berlin) for m in moments]
    assert (
        run("hour(t)", columns)
        == [None if m is None else m.hour for m in local]
        == run("hour(u, 'Europe/Berlin')", columns)
    )
    assert run("date(t)", columns) == [None if m is None else m.date() for m in local]
    assert run("date(u)", columns) == [None if m is None else m.date() for m in moments]
    assert run("t = u and t - u = hours(0)", columns) == [True, True, None]
    assert run("text(t)", columns) == ["2024-03-31 01:30:00", "2024-07-02 00:30:00", None]
    # An hour that the clocks skip is left out: the next moment is what comes.
    assert run("text(t + hours(1))", columns)[0] == "2024-03-31 03:30:00"
    assert run("t > timestamp('2024-03-31 01:30:00', 'Europe/Berlin')", columns) == [False, True, None]
    assert run("(if hour(u) = 0 then u else t) = min(u, t)", columns) == [True, True, None]
    assert run("u in (timestamp('2024-07-02 00:30:00', 'Europe/Berlin'))", columns) == [False, True, None]
    assert build("coalesce(u, t)", columns).arrow_type == pa.timestamp("us", "UTC")
    assert build("in_zone(t, 'UTC')", columns).arrow_type == pa.timestamp("us", "UTC")


def test_numbers_as_texts() -> None:
    columns = {
        "x": pa.array([0.0, -0.001, 2.675, -1234.5, None, 0.125, 99.999]),
        "y": pa.array([1e15, 1.5, -(2.0**52), None, 0.0, 4503599627370495.5, -0.5]),
        "i": pa.array([0, -1, 2**63 - 1, -(2**63), None, 10, 99]),
    }
    assert run("text(x, 2)", columns) == ["0.00", "0.00", "2.68", "-1234.50", None, "0.12", "100.00"]
    assert run("text(x, 0)", columns) == ["0", "0", "3", "-1234", None, "0", "100"]
    whole = ["1000000000000000.0", "1.5", "-4503599627370496.0", None, "0.0", "4503599627370495.5", "-0.5"]
    assert run("text(y, 1)", columns) == whole
    assert run("text(i)", columns) == ["0", "-1", str(2**63 - 1), str(-(2**63)), None, "10", "99"]
    assert run("text(z, 2)", {"z": pa.array([-0.001, 1e40])}) == ["0.00", f"{10**40 + 303786028427003666890752}.00"]


ZONED = {
    "t": pa.array([None, 0, 5, 10**15], pa.timestamp("us", "Europe/Berlin")),
    "u": pa.array([7, None, 5, 0], pa.timestamp("us", "UTC")),
    "q": pa.array([True, None, False, True]),
    "lines.t": pa.array([3, 1, None, 2], pa.timestamp("us", "Asia/Tokyo")),
}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("max(t, u)", [None, None, 5, 10**15]),
        ("clip(t, u, u)", [None, None, 5, 0]),
        ("if q then t else u", [None, None, 5, 10**15]),
        ("coalesce(t, u)", [7, 0, 5, 10**15]),
        ("t + (u - u)", [None, None, 5, 10**15]),
        ("if t > u then t - seconds(1) else u", [7, None, 5, 10**15 - 10**6]),
        ("previous(u)", [None, 7, None, 5]),
        ("min(lines.t)", [1, None, None, 2]),
        ("first(lines.t)", [3, None, None, 2]),
        ("lookup(opened, bucket(t, 1))", [None, 9, 9, 9]),
    ],
)
def test_times_with_zones_everywhere(text: str, values: list[int | None]) -> None:
    given: dict[str, Any] = {
        "segments": {"lines": np.array([0, 2, 2, 2, 4])},
        "within": np.array([0, 4]),
        "lookups": {"opened": Lookup(pa.array([0]), pa.array([9], pa.timestamp("us", "UTC")))},
    }
    found = build(text, ZONED, given["lookups"]).run(ZONED, 4, **given)
    assert found.type.tz in ("Europe/Berlin", "UTC", "Asia/Tokyo")
    assert found.cast(pa.int64()).to_pylist() == values


def test_a_program_is_its_text() -> None:
    first = build("round(a * 1.19, 2)", A)
    again = build(first.text, A)
    assert again == first
    assert again.run(A).equals(first.run(A))


def test_equal_parts_are_computed_once() -> None:
    lines = build("(a + n) * (a + n) + (a+n)", A).lines
    assert [line.step.kernel for line in lines].count("add_int") == 2


def test_deep_and_nested_expressions_are_no_burden() -> None:
    columns = {"a": pa.array([1, 2]), "vip": pa.array([True, False])}
    assert run(" + ".join("a" * 100), columns) == [100, 200]
    assert run(" and ".join(["vip"] * 100), columns) == [True, False]
    nested = "a"
    for _ in range(24):  # each level names the inner one once and computes with it twice
        nested = f"(if {nested} between 0 and 5 then 1 else 9)"
    assert run(nested, columns) == [1, 1]
    text = "a"
    for _ in range(24):
        text = f"clip(abs({text}), 0, 7)"
    assert run(text, columns) == [1, 2]


def test_declared_ranges_do_not_switch_off_checks() -> None:
    scope = {"a": Type("int64", low=0, high=10)}
    checked = check(parse("a * 1000000000000"), scope)
    assert isinstance(checked, Checked)
    with pytest.raises(RequestError, match="SD-EXPR-041"):
        compile(checked).run({"a": pa.array([2**60])})


def test_buckets_are_even_and_always_the_same() -> None:
    n = 100_000
    columns = {"i": pa.array(np.arange(n)), "s": pa.array([f"user-{i}" for i in range(n)])}
    for text in ("bucket(i, 100)", "bucket(s, 100)", "bucket(s, 100, 'salt')"):
        counts = np.bincount(np.array(run(text, columns)), minlength=100)
        assert len(counts) == 100
        # Chi-square with 99 degrees of freedom: 182 is passed once in a million.
        assert ((counts - n / 100) ** 2 / (n / 100)).sum() < 182
    assert run("bucket(s, 100)", columns)[:4] == run("bucket(s, 100)", {"s": columns["s"][:4]})
    assert run("bucket(s, 1000000)", columns)[:3] != run("bucket(s, 1000000, 'salt')", columns)[:3]
    assert run("bucket(s, 1000) = bucket('user-17', 1000)", columns)[17]
