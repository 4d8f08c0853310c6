"""Facts are said word for word or not at all; figures that no fact has are found."""

from __future__ import annotations

import datetime
import re

import pytest

from sundog.kinds.text._facts import (
    Fact,
    find_foreign_numbers,
    find_missing,
    form_around,
    list_numbers,
    says,
    write_row,
    write_value,
)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""), (True, "yes"), (False, "no"), (3, "3"), (37.1, "37.1"), (1e-7, "0.0000001"), (2.0, "2"),
        (datetime.date(2024, 5, 1), "2024-05-01"), (datetime.datetime(2024, 5, 1, 8, 30, tzinfo=datetime.UTC).replace(tzinfo=None), "2024-05-01 08:30"),
        ("a\n b", "a b"), ([1, "x"], "1, x"), ({"a": 1}, "a: 1"), (b"x", ""),
    ],
)  # fmt: skip
def test_values_as_text(value: object, said: str) -> None:
    assert write_value(value) == said


def test_a_row_leaves_out_what_is_missing() -> None:
    assert write_row({"a": 1, "b": None, "_unit": 3}) == "a: 1"


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("A man of 43 years.", "43", True), ("A man of 143 years.", "43", False), ("It was 43.5 then.", "43", False),
        ("It was 5.43 then.", "43", False), ("He is 43.", "43", True), ("Back  Pain again", "back pain", True),
        ("backpain", "back", False), ("37.1 °C", "37.1", True), ("37.15", "37.1", False), ("C++ is old", "C++", True), ("x", "", True),
    ],
)  # fmt: skip
def test_says(text: str, value: str, found: bool) -> None:
    assert says(text, value) is found


def test_missing_facts_and_foreign_figures() -> None:
    facts = (Fact("age", "43"), Fact("pulse", "80"))
    assert find_missing("Aged 43.", facts) == (Fact("pulse", "80"),)
    assert find_foreign_numbers("Aged 43, pulse 80, seen 2 times.", ["43", "80"]) == ("2",)
    assert find_foreign_numbers("on 2024-05-01", ["2024-05-01"]) == ()


def test_numbers_are_compared_without_separators() -> None:
    assert list_numbers("1,200 of +3 and 4.5") == list_numbers("3 then 4.5 then 1200")
    assert list_numbers("12") != list_numbers("21")


def test_the_form_asks_for_every_value() -> None:
    form = form_around(['a "b"', "43"], 20)
    assert '"a \\"b\\""' in form.grammar
    assert "root ::= run0" in form.grammar
    assert re.fullmatch(form.pattern, 'He said 43 and a "b".', re.DOTALL)
    assert not re.fullmatch(form.pattern, "He said 43.", re.DOTALL)
