"""Tools that are really run: in this process, on plain values, with a strict schema of arguments. None reads or writes anything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sundog.core.keys import Key
from sundog.kinds.text._arithmetic import BadSum, evaluate_sum, write_number
from sundog.kinds.text._schema import Schema, choice_schema, find_mismatch, object_schema, text_schema
from sundog.kinds.text._units import draw, pick
from sundog.kinds.text.recipe_tools import (
    AnyTool,
    CalculatorTool,
    CalendarTool,
    DictionaryTool,
    LookupTool,
    UnitsTool,
)

MOST_ARGUMENTS = 4000
"""Characters of arguments that are read."""


class BadCall(ValueError):
    """A call that a tool cannot answer; its message goes into the chat as the tool's result."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that can be called.

    Attributes:
        name: by which it is called.
        about: what it does, for the model.
        schema: JSON Schema of its arguments.
        run: gives the result, from arguments that keep the schema; raises BadCall.
        draw: arguments that make sense.
    """

    name: str
    about: str
    schema: Schema
    run: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    draw: Callable[[Key], Mapping[str, Any]]


def open_tool(spec: AnyTool) -> Tool:
    """The tool that a recipe states."""
    if isinstance(spec, CalculatorTool):
        about = "Evaluates a sum of numbers with + - * / and brackets, exactly."
        return Tool(spec.called, about, object_schema({"expression": text_schema(1, 200)}), _calculate, _draw_sum)
    if isinstance(spec, UnitsTool):
        fields = {"value": {"type": "number"}, "from": choice_schema(_UNITS), "to": choice_schema(_UNITS)}
        return Tool(spec.called, "Converts a value to another unit.", object_schema(fields), _convert, _draw_units)
    if isinstance(spec, CalendarTool):
        fields = {
            "operation": choice_schema(("weekday", "days_between", "add_days")),
            "date": text_schema(10, 10),
            "other": text_schema(10, 10),
            "days": {"type": "integer", "minimum": -100000, "maximum": 100000},
        }
        about = "weekday: of a date; days_between: from date to other; add_days: the date so many days later. Dates are YYYY-MM-DD."
        return Tool(spec.called, about, object_schema(fields, ("other", "days")), _date, _draw_date)
    if isinstance(spec, LookupTool):
        return _open_lookup(spec)
    return _open_dictionary(spec)


def call_tool(tools: Mapping[str, Tool], name: str, arguments: str) -> str:
    """What a call comes to, as JSON; whatever is wrong with the call is the result, and nothing is ever raised for it."""
    try:
        return json.dumps(dict(_run(tools, name, arguments)), ensure_ascii=False, sort_keys=True)
    except BadCall as error:
        return json.dumps({"error": str(error)}, ensure_ascii=False)


def _run(tools: Mapping[str, Tool], name: str, arguments: str) -> Mapping[str, Any]:
    tool = tools.get(name)
    if tool is None:
        raise BadCall(f"there is no tool {name[:60]!r}; there are {', '.join(tools)}")
    if len(arguments) > MOST_ARGUMENTS:
        raise BadCall("the arguments are too long")
    try:
        given = json.loads(arguments)
    except (ValueError, RecursionError):
        raise BadCall("the arguments are no JSON") from None
    if wrong := find_mismatch(given, tool.schema):
        raise BadCall(wrong)
    return tool.run(given)


def describe_tools(tools: Mapping[str, Tool]) -> str:
    """The tools as endpoints are told of them (OpenAI's form), as JSON."""
    told = [
        {"type": "function", "function": {"name": t.name, "description": t.about, "parameters": dict(t.schema)}}
        for t in tools.values()
    ]
    return json.dumps(told, sort_keys=True, ensure_ascii=False)


# --- sums


def _calculate(given: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return {"result": write_number(evaluate_sum(given["expression"]))}
    except BadSum as error:
        raise BadCall(str(error)) from None


def _draw_sum(key: Key) -> Mapping[str, Any]:
    a, b, c = (2 + draw(key, n, size) for n, size in (("a", 980), ("b", 97), ("c", 48)))
    forms = (
        f"{a} + {b} * {c}",
        f"{a} * {b}",
        f"({a} + {b}) * {c}",
        f"{a * b} / {b}",
        f"{a}.{c:02d} * {b}",
        f"{a} - {b} - {c}",
    )
    return {"expression": pick(key, "form", forms)}


# --- units

_SIZES: Mapping[str, Mapping[str, Fraction]] = {
    "length": {
        "mm": Fraction(1, 1000), "cm": Fraction(1, 100), "m": Fraction(1), "km": Fraction(1000), "inch": Fraction("0.0254"),
        "foot": Fraction("0.3048"), "yard": Fraction("0.9144"), "mile": Fraction("1609.344"),
    },
    "mass": {
        "g": Fraction(1), "kg": Fraction(1000), "tonne": Fraction(1000000), "ounce": Fraction("28.349523125"),
        "pound": Fraction("453.59237"),
    },
    "volume": {
        "ml": Fraction(1), "l": Fraction(1000), "us_gallon": Fraction("3785.411784"), "us_cup": Fraction("236.5882365"),
    },
    "time": {
        "second": Fraction(1), "minute": Fraction(60), "hour": Fraction(3600), "day": Fraction(86400), "week": Fraction(604800),
    },
    "temperature": {"celsius": Fraction(1), "kelvin": Fraction(1), "fahrenheit": Fraction(5, 9)},
}  # fmt: skip
"""How many of the smallest or first unit one is. International yard and pound (1959), US liquid gallon of 231 cubic inches."""

_ZERO = {"celsius": Fraction("273.15"), "kelvin": Fraction(0), "fahrenheit": Fraction("459.67") * Fraction(5, 9)}
"""Kelvin at zero of the scale."""

_UNITS = tuple(u for units in _SIZES.values() for u in units)
_FIELD = {u: name for name, units in _SIZES.items() for u in units}


def _convert(given: Mapping[str, Any]) -> Mapping[str, Any]:
    start, to = given["from"], given["to"]
    name = _FIELD[start]
    if _FIELD[to] != name:
        raise BadCall(f"{start} is a unit of {name}, {to} of {_FIELD[to]}")
    value = Fraction(Decimal(repr(given["value"])))
    found = (value * _SIZES[name][start] + _ZERO.get(start, 0) - _ZERO.get(to, 0)) / _SIZES[name][to]
    return {"result": write_number(Fraction(round(found, 6))), "unit": to}


def _draw_units(key: Key) -> Mapping[str, Any]:
    name = pick(key, "field", tuple(_SIZES))
    start = pick(key, "from", tuple(_SIZES[name]))
    to = pick(key, "to", tuple(u for u in _SIZES[name] if u != start))
    return {"value": 1 + draw(key, "value", 240), "from": start, "to": to}


# --- dates

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadCall(f"{text!r} is no date of the form YYYY-MM-DD") from None


def _date(given: Mapping[str, Any]) -> Mapping[str, Any]:
    day = _read_date(given["date"])
    if given["operation"] == "weekday":
        return {"result": _DAYS[day.weekday()]}
    if given["operation"] == "days_between":
        if "other" not in given:
            raise BadCall("days_between needs 'other'")
        return {"result": str((_read_date(given["other"]) - day).days)}
    if "days" not in given:
        raise BadCall("add_days needs 'days'")
    try:
        return {"result": (day + timedelta(days=given["days"])).isoformat()}
    except OverflowError:
        raise BadCall("that day is out of the calendar") from None


def _draw_date(key: Key) -> Mapping[str, Any]:
    day = date(1950, 1, 1) + timedelta(days=draw(key, "day", 36500))
    operation = pick(key, "operation", ("weekday", "days_between", "add_days"))
    given: dict[str, Any] = {"operation": operation, "date": day.isoformat()}
    if operation == "days_between":
        given["other"] = (day + timedelta(days=1 + draw(key, "other", 900))).isoformat()
    elif operation == "add_days":
        given["days"] = 1 + draw(key, "days", 400)
    return given


# --- tables and terms


def _open_lookup(spec: LookupTool) -> Tool:
    rows = {str(row[spec.key]): row for row in spec.rows}
    columns = tuple(dict.fromkeys(c for row in spec.rows for c in row if c != spec.key)) or (spec.key,)

    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        row = rows.get(given["key"])
        if row is None or given["column"] not in row:
            raise BadCall(f"there is no {given['column']!r} of {given['key'][:60]!r}")
        value = row[given["column"]]
        return {"result": value if isinstance(value, str) else write_number(Fraction(Decimal(repr(value))))}

    def draw_row(key: Key) -> Mapping[str, Any]:
        row = rows[pick(key, "row", tuple(rows))]
        held = tuple(c for c in columns if c in row) or (spec.key,)
        return {"key": str(row[spec.key]), "column": pick(key, "column", held)}

    schema = object_schema({"key": text_schema(1, 200), "column": choice_schema(columns)})
    return Tool(spec.called, f"{spec.about} A row is found by its {spec.key}.", schema, run, draw_row)


def _open_dictionary(spec: DictionaryTool) -> Tool:
    def run(given: Mapping[str, Any]) -> Mapping[str, Any]:
        words = given["query"].lower().split()
        found = {t: m for t, m in spec.terms.items() if all(w in f"{t} {m}".lower() for w in words)}
        exact = {t: m for t, m in spec.terms.items() if t.lower() == given["query"].lower().strip()}
        told = exact or found
        if not told:
            raise BadCall(f"nothing was found for {given['query'][:60]!r}")
        return {"found": dict(list(told.items())[:5])}

    def draw_term(key: Key) -> Mapping[str, Any]:
        return {"query": pick(key, "term", tuple(spec.terms))}

    return Tool(spec.called, spec.about, object_schema({"query": text_schema(1, 200)}), run, draw_term)


def find_result(result: str) -> tuple[str, ...]:
    """What of a tool's result an answer must say: its ``result``, or the meaning of the only term that was found."""
    told = json.loads(result)
    if "result" in told:
        return (str(told["result"]),)
    found = told.get("found", {})
    return tuple(found.values()) if len(found) == 1 else ()
