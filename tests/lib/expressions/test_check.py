"""Faults are found before a row is made: all at once, each with its place, what was found and the mend."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.lib.expressions.check import check
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.parse import parse
from sundog.lib.expressions.program import compile
from sundog.lib.expressions.steps import Checked
from sundog.lib.expressions.value_types import Kind, LookupType, Type

SCOPE = {
    "a": Type("int64"),
    "x": Type("float64"),
    "n": Type("int64", low=0, high=10),
    "r": Type("float64", low=-1.0, high=1.0),
    "big": Type("int64", low=0, high=10**10),
    "price": Type("float64", low=0.01, high=500.0),
    "name": Type("string"),
    "day": Type("date"),
    "clock": Type("timestamp"),
    "moment": Type("timestamp", "Europe/Berlin"),
    "vip": Type("bool"),
    "lines.amount": Type("float64", low=0.0, high=100.0),
    "lines.kind": Type("string"),
    "payments.amount": Type("float64"),
}
LOOKUPS = {"rates": LookupType(Type("string"), Type("float64", low=0.5, high=2.0))}


def faults(text: str, wanted: Kind | None = None) -> tuple[Fault, ...]:
    found = check(parse(text), SCOPE, lookups=LOOKUPS, wanted=wanted)
    return () if isinstance(found, Checked) else found


def checked(text: str, wanted: Kind | None = None) -> Checked:
    found = check(parse(text), SCOPE, lookups=LOOKUPS, wanted=wanted)
    assert isinstance(found, Checked), found
    return found


@pytest.mark.parametrize(
    ("text", "code", "at", "says"),
    [
        ("prices + 1", "SD-EXPR-010", "prices", "Did you mean 'price'?"),
        ("sum(lines.amout)", "SD-EXPR-010", "lines.amout", "Did you mean 'lines.amount'?"),
        ("count(line)", "SD-EXPR-010", "line", "Did you mean 'lines'?"),
        ("uper(name)", "SD-EXPR-011", "uper", "Did you mean 'upper'?"),
        ("eval(name)", "SD-EXPR-011", "eval", "'eval' is not a function"),
        ("upper(name, 1)", "SD-EXPR-012", "upper(name, 1)", "takes 1 argument, not 2"),
        ("min()", "SD-EXPR-012", "min()", "2 or more arguments, not 0"),
        ("lookup(rates)", "SD-EXPR-012", "lookup(rates)", "lookup(prices, key)"),
        ("coalesce(a)", "SD-EXPR-012", "coalesce(a)", "2 or more"),
        ("sum(lines.amount, 2)", "SD-EXPR-012", "sum(lines.amount, 2)", "not 2"),
        ("row_number(a)", "SD-EXPR-012", "row_number(a)", "0 arguments, not 1"),
        ("a + name", "SD-EXPR-013", "a + name", "int64 and string"),
        ("day > '2024-01-01'", "SD-EXPR-013", "day > '2024-01-01'", "date('2024-05-31')"),
        ("-name", "SD-EXPR-013", "-name", "string"),
        ("clock + 3", "SD-EXPR-013", "clock + 3", "hours(12)"),
        ("day = clock", "SD-EXPR-013", "day = clock", "date(x)"),
        ("vip < true", "SD-EXPR-013", "vip < true", "bool and bool"),
        ("upper(a)", "SD-EXPR-014", "a", "argument 1 of upper is string, not int64"),
        ("hour(day)", "SD-EXPR-014", "day", "timestamp, not date"),
        ("max(a, name)", "SD-EXPR-014", "name", "not string"),
        ("lookup(rates, a)", "SD-EXPR-014", "a", "keys of rates are string"),
        ("sum(lines.kind)", "SD-EXPR-014", "lines.kind", "not string"),
        ("a and vip", "SD-EXPR-015", "a", "true or false, not int64"),
        ("if name then 1 else 2", "SD-EXPR-015", "name", "Compare it"),
        ("if vip then 1 else name", "SD-EXPR-016", "name", "string, the first is int64"),
        ("coalesce(name, day)", "SD-EXPR-016", "day", "date"),
        ("a in (1, 'x')", "SD-EXPR-016", "'x'", "int64 is looked for"),
        ("round(x, a)", "SD-EXPR-017", "a", "constant"),
        ("replace(name, name, '')", "SD-EXPR-017", "name", "constant"),
        ("lookup(rate, name)", "SD-EXPR-018", "rate", "Did you mean 'rates'?"),
        ("lookup('rates', name)", "SD-EXPR-018", "'rates'", "name of a table"),
        ("lines.amount", "SD-EXPR-019", "lines.amount", "sum(lines.amount)"),
        ("sum(a)", "SD-EXPR-019", "sum(a)", "no column of children"),
        ("max(a)", "SD-EXPR-019", "max(a)", "max(a, b)"),
        ("sum(lines.amount * payments.amount)", "SD-EXPR-019", "sum(lines.amount * payments.amount)", "lines and payments"),
        ("sum(sum(lines.amount))", "SD-EXPR-019", "sum(lines.amount)", "already"),
        ("9223372036854775808", "SD-EXPR-020", "9223372036854775808", "beyond int64"),
        ("2 ** 63", "SD-EXPR-020", "2 ** 63", "beyond int64"),
        ("4611686018427387904 + 4611686018427387904", "SD-EXPR-020", None, "9.22e+18"),
        ("10 ** 400", "SD-EXPR-020", "10 ** 400", "beyond int64"),
        ("big * big", "SD-EXPR-021", "big * big", "1e+20"),
        ("n ** 30", "SD-EXPR-021", "n ** 30", "can be"),
        ("a / 0", "SD-EXPR-022", "0", "divisor is 0"),
        ("a % (3 - 3)", "SD-EXPR-022", "(3 - 3)", "divisor is 0"),
        ("a // 0.0", "SD-EXPR-022", "0.0", "divisor is 0"),
        ("a / n", "SD-EXPR-023", "n", "0 to 10"),
        ("1 / (n - 5)", "SD-EXPR-023", "(n - 5)", "-5 to 5"),
        ("1 / count(lines)", "SD-EXPR-023", "count(lines)", "0 and above"),
        ("if n < 5 then 1 / n else 2", "SD-EXPR-023", "n", "0 to 4"),
        ("if n > 0 then previous(1 / n) else 2", "SD-EXPR-023", "n", "0 to 10"),
        ("1 / next(n)", "SD-EXPR-023", "next(n)", "0 to 10"),
        ("1 / latest(n)", "SD-EXPR-023", "latest(n)", "0 to 10"),
        ("1 / running_balance(n, 0, 0)", "SD-EXPR-023", "running_balance(n, 0, 0)", "0 and above"),
        ("sqrt(r)", "SD-EXPR-024", "r", "-1 to 1"),
        ("log(n)", "SD-EXPR-024", "n", "above 0"),
        ("date('2023-02-29')", "SD-EXPR-025", "'2023-02-29'", "no date"),
        ("date(2023, 2, 29)", "SD-EXPR-025", "date(2023, 2, 29)", "no date"),
        ("timestamp('noon')", "SD-EXPR-025", "'noon'", "no time"),
        ("hour(moment, 'Europe/Berln')", "SD-EXPR-025", "'Europe/Berln'", "Did you mean 'Europe/Berlin'?"),
        ("round(x, 40)", "SD-EXPR-025", "40", "-15 to 15"),
        ("text(x, -1)", "SD-EXPR-025", "-1", "0 to 15"),
        ("substring(name, 0)", "SD-EXPR-025", "0", "counted from 1"),
        ("pad_left(name, 5, 'ab')", "SD-EXPR-025", "5", "one character"),
        ("replace(name, '', 'a')", "SD-EXPR-025", "''", "at least one"),
        ("bucket(name, 0)", "SD-EXPR-025", "0", "at least 1"),
        ("moment - clock", "SD-EXPR-026", "moment - clock", "without"),
        ("in_zone(clock, 'UTC')", "SD-EXPR-026", "in_zone(clock, 'UTC')", "no moment"),
        ("hour(clock, 'UTC')", "SD-EXPR-026", "'UTC'", "wall clock already"),
        ("missing", "SD-EXPR-027", "missing", "always missing"),
    ],
)  # fmt: skip
def test_each_fault_has_its_place_and_mend(text: str, code: str, at: str | None, says: str) -> None:
    (fault,) = faults(text)
    assert fault.code == code
    if at is not None:
        assert text[fault.span.start : fault.span.end] == at
    assert says in f"{fault.what}. {fault.fix}"
    problem = fault.as_problem("parts.orders.fields.total")
    assert problem.where.startswith("parts.orders.fields.total, character")


def test_all_faults_come_at_once_in_the_order_of_the_text() -> None:
    found = faults("if prices > 1 then upper(a) + 1 else quantiy / 0 + big * big")
    codes = ["SD-EXPR-010", "SD-EXPR-014", "SD-EXPR-010", "SD-EXPR-022", "SD-EXPR-021"]
    assert [f.code for f in found] == codes
    both = faults("(a in (1, 'x')) and (name + 1 = 'y') and lookup(rates, day) > 2")
    assert [f.code for f in both] == ["SD-EXPR-016", "SD-EXPR-013", "SD-EXPR-014"]
    assert len(faults("nme between 1 and 2")) == 1  # what is looked at twice is wrong once


@pytest.mark.parametrize(
    "text",
    [
        "if n > 0 then a / n else 0",
        "if n != 0 then a / n else missing",
        "if n = 0 then missing else a % n",
        "if not n = 0 then a / n else 1",
        "if 0 < n then a / n else 1",
        "if n >= 1 and vip then a / n else 1",
        "if n = 0 or vip then 1 else a / n",
        "if n in (0, 1) then 1 else a / n",
        "if n in (1, 2) then a / n else 1",
        "if n between 1 and 5 then a / n else 1",
        "case when n = 0 then 1 when vip then a / n else 2 / n end",
        "n != 0 and a / n > 2",
        "n = 0 or a / n > 2",
        "if count(lines) > 0 then sum(lines.amount) / count(lines) else 0",
        "if n - 5 > 0 then log(n - 5) else 0",
        "if big < 1000000000 then big * big else 0",
        "1 / (n * n + 1)",
        "sqrt(abs(r))",
        "1 / price",
        "1 / lookup(rates, name)",
        "1 / month(day)",
        "1 / max(n, 1)",
        "1 / clip(n, 1, 5)",
        "a / x",  # nothing is known of x: each row is looked at when it is made
        "a * a",
        "sum(if lines.amount > 0 then n / lines.amount else 0)",
        "1 / running_balance(a, n + 1, 1)",
        "sqrt(running_balance(n, 0, 0))",
    ],
)
def test_conditions_and_ranges_are_understood(text: str) -> None:
    assert faults(text) == ()


def test_results_have_types_and_ranges() -> None:
    assert checked("n * 2 + 1").type == Type("int64", low=1, high=21)
    assert checked("n").type == Type("int64", low=0, high=10)
    assert checked("if vip then n else 50").type == Type("int64", low=0, high=50)
    assert checked("price * lookup(rates, name)").type == Type("float64", low=0.005, high=1000.0)
    assert checked("a").type == Type("int64")
    assert checked("bucket(name, 8)").type == Type("int64", low=0, high=7)
    assert checked("moment + hours(2)").type == Type("timestamp", "Europe/Berlin")
    assert checked("moment - moment").type == Type("duration")
    assert checked("day - day").type == Type("int64")
    assert checked("in_zone(moment, 'UTC')").type == Type("timestamp", "UTC")
    assert checked("a / 2").type.kind == checked("a ** -1").type.kind == checked("min(a, x)").type.kind == "float64"


def test_wanted_kinds() -> None:
    assert checked("n", "float64").type.kind == "float64"
    assert checked("missing", "string").type.kind == "string"
    assert [f.code for f in faults("n + 1", "bool")] == ["SD-EXPR-027"]
    (fault,) = faults("x", "int64")
    assert "round(x)" in fault.fix


def test_what_is_used_is_reported() -> None:
    found = checked("sum(lines.amount * n) / lookup(rates, name) + count(payments) + running_sum(a)")
    assert found.columns == ("lines.amount", "n", "name", "a")
    assert found.children == ("lines", "payments")
    assert found.lookups == ("rates",)
    assert found.within_parent
    assert not checked("max(running_sum(lines.amount))").within_parent
    assert isinstance(check(parse("count(visits)"), {}, children=["visits"]), Checked)


BOUNDED = st.tuples(st.integers(-20, 20), st.integers(0, 10)).map(lambda p: (p[0], p[0] + p[1]))
PARTS = st.recursive(
    st.sampled_from(["p", "q", "v", "2", "-3", "0", "1.5"]),
    lambda part: st.one_of(
        st.tuples(part, st.sampled_from(["+", "-", "*", "/", "//", "%"]), part).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["abs", "floor", "round", "exp", "sqrt", "log", "-"]), part).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), part, part).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(part, st.sampled_from(["<", ">=", "!=", "="]), part, part, part).map(
            lambda t: f"(if {t[0]} {t[1]} {t[2]} then {t[3]} else {t[4]})"
        ),
        st.tuples(part, st.integers(0, 3)).map(lambda t: f"({t[0]}) ** {t[1]}"),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=200)
@given(PARTS, BOUNDED, BOUNDED, BOUNDED)
def test_results_lie_in_their_ranges(text: str, p: tuple[int, int], q: tuple[int, int], v: tuple[int, int]) -> None:
    """What passes with known ranges divides by no 0, and its values lie where the check says."""
    scope = {"p": Type("int64", low=p[0], high=p[1]), "q": Type("int64", low=q[0], high=q[1]), "v": Type("float64", low=v[0], high=v[1])}  # fmt: skip
    found = check(parse(text), scope)
    if not isinstance(found, Checked):
        return
    grid = np.array(np.meshgrid(range(p[0], p[1] + 1), range(q[0], q[1] + 1), np.linspace(v[0], v[1], 5))).reshape(
        3, -1
    )
    columns = {"p": pa.array(grid[0].astype(np.int64)), "q": pa.array(grid[1].astype(np.int64)), "v": pa.array(grid[2])}
    try:
        values = compile(found).run(columns, grid.shape[1]).to_numpy(zero_copy_only=False)
    except RequestError as error:
        if error.problems[0].code in ("SD-EXPR-041", "SD-EXPR-042"):  # float64 may still grow too large
            return
        raise
    low, high = found.type.low, found.type.high
    assert low is None or values.min() >= low
    assert high is None or values.max() <= high
