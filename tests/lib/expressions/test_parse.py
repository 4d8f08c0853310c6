"""Reading and writing: precedence, normalised text, and what cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.lib.expressions.describe import describe
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.parse import parse, read
from sundog.lib.expressions.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Choose,
    Constant,
    Expression,
    Missing,
    Name,
    Node,
    Unary,
    depends_on,
    parts_of,
)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a ** b ** c", "a ** (b ** c)"),
        ("-a ** 2", "-(a ** 2)"),
        ("2 ** -1", "2 ** (-1)"),
        ("not a = b and c", "(not (a = b)) and c"),
        ("a or b and c", "a or (b and c)"),
        ("a + 1 between b and c and d", "((a + 1) between b and c) and d"),
        ("a not in (1, 2)", "not (a in (1, 2))"),
        ("a is not null", "not (a is missing)"),
        ("a == b", "a = b"),
        ("a <> b", "a != b"),
        ("a AND Not b", "a and (not b)"),
        ("if a then b else c + 1", "if a then b else (c + 1)"),
        ("case when a then 1 end", "if a then 1 else missing"),
        ("`a`", "a"),
        ("1_000", "1000"),
        ("'it''s'", '"it\'s"'),
    ],
)
def test_what_binds_closer(text: str, same: str) -> None:
    assert parse(text) == parse(same)


def test_kinds_of_constants_are_told_apart() -> None:
    assert len({parse(t).root for t in ("1", "1.0", "true", "'1'", "missing")}) == 5
    assert parse("-5").root == Constant("int64", -5)
    assert parse("-(5)").root == Unary("-", Constant("int64", 5))
    assert parse("-9223372036854775808").root == Constant("int64", -(2**63))


def test_spans_are_the_characters() -> None:
    text = "total + f(`unit price`, 2) * lines.amount"
    root = parse(text).root
    found: list[str] = []
    todo: list[Node] = [root]
    while todo:
        node = todo.pop()
        found.append(text[node.span.start : node.span.end])
        todo.extend(reversed(parts_of(node)))
    assert found == [
        text,
        "total",
        "f(`unit price`, 2) * lines.amount",
        "f(`unit price`, 2)",
        "`unit price`",
        "2",
        "lines.amount",
    ]
    bracketed = parse("2 * (a + b)").root
    assert isinstance(bracketed, Binary)
    assert bracketed.right.span == (4, 11)


def test_names_that_are_read() -> None:
    expression = parse("a + lookup(prices.eur, b) * sum(lines.amount * a) + count(lines) + count(lines.q)")
    assert depends_on(expression) == ("a", "b", "lines.amount", "lines.q")


@pytest.mark.parametrize(
    ("text", "code", "start", "says"),
    [
        ("a & b", "SD-EXPR-001", 2, "and"),
        ("'open", "SD-EXPR-001", 0, "never closed"),
        ("a + 1x", "SD-EXPR-001", 4, "1x"),
        ("__import__('os')", None, 0, ""),
        ("a.b.c", "SD-EXPR-001", 3, "dot"),
        ("", "SD-EXPR-002", 0, "end"),
        ("a +", "SD-EXPR-002", 3, "end"),
        ("a b", "SD-EXPR-002", 2, "'b'"),
        ("a < b < c", "SD-EXPR-002", 6, "a < b and b < c"),
        ("(a", "SD-EXPR-002", 2, "')'"),
        ("f(a,", "SD-EXPR-002", 4, "value"),
        ("if a then b", "SD-EXPR-002", 11, "else"),
        ("case a when 1 then 2 end", "SD-EXPR-002", 5, "when"),
        ("a in ()", "SD-EXPR-002", 6, "')'"),
        ("a in (b)", "SD-EXPR-002", 6, "constants"),
        ("a is 3", "SD-EXPR-002", 5, "missing"),
        ("a between 1", "SD-EXPR-002", 11, "and"),
        ("then + 1", "SD-EXPR-002", 0, "`then`"),
        ("+a", "SD-EXPR-002", 0, "'+'"),
        ("1e999", "SD-EXPR-002", 0, "largest"),
        ("(" * 300 + "a" + ")" * 300, "SD-EXPR-003", 51, "deep"),
        ("-" * 300 + "a", "SD-EXPR-003", 51, "deep"),
        ("not " * 300 + "a", "SD-EXPR-003", 204, "deep"),
        (" + ".join("a" * 200), "SD-EXPR-003", 0, "deep"),
        ("a" + " " * 20_000, "SD-EXPR-003", 10_000, "characters"),
    ],
)
def test_what_cannot_be_read(text: str, code: str | None, start: int, says: str) -> None:
    found = read(text)
    if code is None:
        assert isinstance(found, Expression)  # an unknown function, and no more than that
        return
    assert isinstance(found, Fault)
    assert (found.code, found.span.start) == (code, start) or code == "SD-EXPR-003"
    assert says in f"{found.what} {found.fix}"
    with pytest.raises(RequestError, match=code):
        parse(text, "parts.orders.fields.total")


NAMES = st.sampled_from(["a", "unit price", "if", "größe", "x`y", "sum", "2nd"])
CONSTANTS = st.one_of(
    st.integers(-(2**70), 2**70).map(lambda v: Constant("int64", v)),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda v: Constant("float64", v)),
    st.booleans().map(lambda v: Constant("bool", v)),
    st.text(max_size=5).map(lambda v: Constant("string", v)),
    st.just(Constant("missing", None)),
)
LEAVES: st.SearchStrategy[Node] = st.one_of(CONSTANTS, st.builds(Name, NAMES, st.none() | NAMES))
BINARY = st.sampled_from(["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**"])
LISTED = CONSTANTS | st.text(max_size=5).map(lambda v: Call("date", (Constant("string", v),)))


def _grow(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Unary, st.sampled_from(["-", "not"]), parts),
        st.builds(Binary, BINARY, parts, parts),
        st.builds(Between, parts, parts, parts),
        st.builds(Among, parts, st.lists(LISTED, min_size=1, max_size=3).map(tuple)),
        st.builds(Missing, parts),
        st.builds(Choose, st.lists(st.tuples(parts, parts), min_size=1, max_size=3).map(tuple), parts),
        st.builds(Call, NAMES, st.lists(parts, max_size=3).map(tuple)),
    )


@given(st.recursive(LEAVES, _grow, max_leaves=15))
def test_what_is_written_is_read_again(root: Node) -> None:
    expression = Expression(root)
    text = describe(expression)
    assert parse(text) == expression
    assert describe(parse(text)) == text


@given(st.text(alphabet="ab1.+-*/%<>=!(),'\"` \n&é_", max_size=30) | st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text)
    if isinstance(found, Expression):
        assert parse(describe(found)) == found
    else:
        assert found.code.startswith("SD-EXPR-00")
        assert 0 <= found.span.start <= found.span.end <= len(text)
