"""docs/reference/expressions.md: every example is run, and every operator and function has one."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.lib.expressions.check import check
from sundog.lib.expressions.columns import type_of
from sundog.lib.expressions.functions import NAMES, OPERATORS
from sundog.lib.expressions.kernels_rows import Lookup
from sundog.lib.expressions.parse import parse
from sundog.lib.expressions.program import compile
from sundog.lib.expressions.steps import Checked
from sundog.lib.expressions.value_types import LookupType, Type

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "expressions.md").read_text("utf-8")
CODE = re.compile(r"^`` ?(.+?) ?``$|^`(.+)`$")


def read_tables(last: tuple[str, ...]) -> list[list[str]]:
    """Rows of the tables whose last headings these are; cells without their backticks."""
    found: list[list[str]] = []
    heading: list[str] = []
    for line in PAGE.splitlines():
        if not line.startswith("|"):
            heading = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not heading:
            heading = cells
        elif not cells[0].startswith("---") and tuple(heading[-len(last) :]) == last:
            found.append([(m[1] or m[2]) if (m := CODE.match(c)) else c for c in cells])
    return found


EXAMPLES = read_tables(("example", "value"))
FAULTS = read_tables(("expression", "fault"))
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")

COLUMNS = {
    "quantity": pa.array([3]),
    "price": pa.array([19.99]),
    "discount": pa.array([None], pa.float64()),
    "name": pa.array(["Zoë Straße"]),
    "country": pa.array(["CH"]),
    "vip": pa.array([True]),
    "ordered": pa.array([dt.date(2024, 1, 31)]),
    "born": pa.array([dt.date(1990, 2, 28)]),
    "paid": pa.array([dt.datetime.fromisoformat("2024-03-10 14:30:05")], pa.timestamp("us")),
    "seen": pa.array([dt.datetime(2024, 3, 31, 1, 59, tzinfo=BERLIN)], pa.timestamp("us", "Europe/Berlin")),
    "unit price": pa.array([6.5]),
    "lines.amount": pa.array([10.0, None, 32.5]),
    "lines.kind": pa.array(["b", "a", "c"]),
}
RATES = Lookup(pa.array(["CH", "US"]), pa.array([1.05, 1.1]))


def write(value: Any) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str | float) else str(value)


def judge(text: str) -> Any:
    scope = {name: type_of(column.type) or Type("missing") for name, column in COLUMNS.items()}
    scope |= {"n": Type("int64", low=0, high=10), "big": Type("int64", low=0, high=10**10)}
    return check(parse(text), scope, lookups={"rates": LookupType(Type("string"), Type("float64"))})


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row[-2])
def test_each_example_has_its_value(row: list[str]) -> None:
    checked = judge(row[-2])
    assert isinstance(checked, Checked), checked
    given = {"segments": {"lines": np.array([0, 3])}, "lookups": {"rates": RATES}}
    (value,) = compile(checked).run(COLUMNS, 1, **given).to_pylist()  # type: ignore[arg-type]
    assert write(value) == row[-1]


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row[0])
def test_each_fault_is_found(row: list[str]) -> None:
    found = judge(row[0])
    assert ("none" if isinstance(found, Checked) else found[0].code) == row[1]


def test_the_row_of_the_page_is_the_row_of_the_examples() -> None:
    shown = {row[0]: row[1:] for row in read_tables(("column", "type", "value"))}
    assert shown.pop("rates")
    assert {name: str(type_of(c.type)) for name, c in COLUMNS.items()} == {n: cells[0] for n, cells in shown.items()}
    for name, (_, cell) in shown.items():
        values = [v.replace(tzinfo=None) if isinstance(v, dt.datetime) else v for v in COLUMNS[name].to_pylist()]
        assert [write(v) for v in values] == [part.strip("` ") for part in cell.split(", ")]


def test_every_operator_and_function_is_on_the_page() -> None:
    first = [row[0] for row in EXAMPLES]
    functions = {m[1] for cell in first if (m := re.match(r"(\w+)\(", cell))}
    assert functions == set(NAMES)
    operators = set(OPERATORS) - {"-x"} | {"and", "or", "not", "in", "between", "is missing"}
    assert operators <= set(first)
    assert len(EXAMPLES) > 80
    blocks = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert all(isinstance(judge(line), Checked) for line in blocks[0].splitlines())
