"""Tools give the right results, and refuse what their schema does not allow; nothing that is called can do anything else."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.kinds.text._arithmetic import BadSum, evaluate_sum, write_number
from sundog.kinds.text._schema import find_mismatch
from sundog.kinds.text._tools import call_tool, describe_tools, find_result, open_tool
from sundog.kinds.text.recipe_tools import CalculatorTool, CalendarTool, DictionaryTool, LookupTool, UnitsTool

SPECS = (
    CalculatorTool(type="calculator"),
    UnitsTool(type="units"),
    CalendarTool(type="calendar"),
    LookupTool(
        type="lookup", about="Prices.", key="item", rows=({"item": "loaf", "price": 4.2}, {"item": "roll", "price": 1})
    ),
    DictionaryTool(type="dictionary", about="Words.", terms={"sponge": "a first dough", "proof": "the last rise"}),
)
TOOLS = {spec.called: open_tool(spec) for spec in SPECS}


def call(name: str, **arguments: object) -> str:
    told = json.loads(call_tool(TOOLS, name, json.dumps(arguments)))
    return str(told.get("result", told.get("error", told)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3 * 4", "14"),
        ("(2+3)*4", "20"),
        ("-3 - -4", "1"),
        ("7 / 8", "0.875"),
        ("1/3", "0.333333"),
        ("0.1 + 0.2", "0.3"),
        ("8 ÷ 2 × 3", "12"),
    ],
)
def test_sums(text: str, value: str) -> None:
    assert write_number(evaluate_sum(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2 +",
        "(2",
        "2 3",
        "1/0",
        "2 ** 9",
        "abs(1)",
        "__import__('os')",
        "9" * 400 + "*" + "9" * 2000,
        "(" * 90 + "1" + ")" * 90,
        "1e9",
    ],
)
def test_what_is_no_sum(text: str) -> None:
    with pytest.raises(BadSum):
        evaluate_sum(text)


@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 99))
def test_sums_are_those_of_fractions(a: int, b: int, c: int) -> None:
    assert evaluate_sum(f"({a} - {b}) / {c} + {a} * {b}") == Fraction(a - b, c) + a * b


def test_units() -> None:
    assert call("convert_units", value=10, **{"from": "mile", "to": "km"}) == "16.09344"
    assert call("convert_units", value=100, **{"from": "celsius", "to": "fahrenheit"}) == "212"
    assert call("convert_units", value=-40, **{"from": "fahrenheit", "to": "celsius"}) == "-40"
    assert "is a unit of" in call("convert_units", value=1, **{"from": "mile", "to": "kg"})


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-9999, 9999))
def test_dates(day: date, days: int) -> None:
    later = call("calendar", operation="add_days", date=day.isoformat(), days=days)
    assert call("calendar", operation="days_between", date=day.isoformat(), other=later) == str(days)
    assert call("calendar", operation="weekday", date=day.isoformat()) == day.strftime("%A")


def test_dates_that_are_none() -> None:
    assert "no date" in call("calendar", operation="weekday", date="2023-02-29")
    assert "needs 'days'" in call("calendar", operation="add_days", date="2023-02-20")
    assert "needs 'other'" in call("calendar", operation="days_between", date="2023-02-20")
    assert "out of the calendar" in call("calendar", operation="add_days", date="9999-12-31", days=9)


def test_tables_and_terms() -> None:
    assert call("look_up", key="loaf", column="price") == "4.2"
    assert "there is no" in call("look_up", key="cake", column="price")
    assert "first dough" in call("search", query="sponge")
    assert "nothing was found" in call("search", query="oven")


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("rm", "{}", "there is no tool"),
        ("calculate", "not json", "no JSON"),
        ("calculate", '{"expression": 3}', "no text"),
        ("calculate", '{"expression": "1", "shell": "ls"}', "not known"),
        ("calculate", "{}", "lacks"),
        ("calculate", '{"expression": "' + "1" * 5000 + '"}', "too long"),
        ("calculate", "[" * 3000, "no JSON"),
        ("convert_units", '{"value": true, "from": "m", "to": "km"}', "no number"),
        ("convert_units", '{"value": 1, "from": "parsec", "to": "km"}', "none of the"),
        ("calendar", '{"operation": "add_days", "date": "2020-01-01", "days": 1e9}', "no integer"),
    ],
)
def test_what_a_tool_refuses(name: str, arguments: str, says: str) -> None:
    assert says in json.loads(call_tool(TOOLS, name, arguments))["error"]


@pytest.mark.parametrize("spec", SPECS, ids=lambda s: s.type)
def test_drawn_arguments_are_answered(spec) -> None:  # type: ignore[no-untyped-def]
    tool = TOOLS[spec.called]
    for i in range(200):
        given = tool.draw(Key.root(i))
        assert find_mismatch(given, tool.schema) == ""
        result = call_tool(TOOLS, tool.name, json.dumps(given))
        assert "error" not in json.loads(result), result
        assert find_result(result)


def test_tools_as_endpoints_are_told() -> None:
    told = json.loads(describe_tools(TOOLS))
    assert {t["function"]["name"] for t in told} == set(TOOLS)
    assert all(t["function"]["parameters"]["additionalProperties"] is False for t in told)
