"""What a recipe says of a table: values as YAML reads them, and one line for one fault."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from sundog.core.errors import RequestError
from sundog.kinds.tables.recipe import Between, OneOf, Shares, TablesPart
from sundog.run.recipe_files import dump_recipe, parse_recipe


def read_part(said: str) -> TablesPart:
    """A part from what its YAML says; the whole recipe comes back from its own text."""
    recipe = parse_recipe(f"{{name: a, parts: {{p: {{kind: tables, units: 3, source: {{path: x}}, {said}}}}}}}", "x")
    assert parse_recipe(dump_recipe(recipe), "x") == recipe
    part = recipe.parts["p"]
    assert isinstance(part, TablesPart)
    return part


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("{shares: {1: .9, 0: .1}}", Shares(shares={"1": 0.9, "0": 0.1})),
        ("{shares: {true: .9, false: .1}}", Shares(shares={"true": 0.9, "false": 0.1})),
        ("{shares: {2.5: 1, 2024-01-01: 2, no: 3}}", Shares(shares={"2.5": 1.0, "2024-01-01": 2.0, "no": 3.0})),
        ("{one_of: [1, a, true, null]}", OneOf(one_of=(1, "a", True, None))),
        ("{between: [1, null]}", Between(between=(1.0, None))),
        ("a", "a"),
        ("true", True),
        ("3", 3),
        ("2.5", 2.5),
    ],
)
def test_conditions_are_what_they_say(said: str, expected: object) -> None:
    assert read_part(f"given: {{y: {said}}}").given == {"y": expected}


@pytest.mark.parametrize(
    ("said", "place", "what"),
    [
        ("given: {y: {shares: {a: .nan}}}", "given.y.shares.a", "should be a finite number"),
        ("given: {y: {shares: {a: .inf}}}", "given.y.shares.a", "should be a finite number"),
        ("given: {y: {shares: {a: -1}}}", "given.y.shares.a", "greater than or equal to 0"),
        ("given: {y: {shares: {a: x}}}", "given.y.shares.a", "should be a valid number"),
        ("given: {y: {shares: {}}}", "given.y.shares", "at least 1 item"),
        ("given: {y: {shares: [1]}}", "given.y.shares", "should be a valid mapping"),
        ("given: {y: {shares: {null: 1}}}", "given.y.shares", "a missing value has no share"),
        ("given: {y: {one_of: []}}", "given.y.one_of", "list should have at least 1 item"),
        ("given: {y: {one_of: [[1]]}}", "given.y.one_of.0", "a single value is needed"),
        ("given: {y: {one_of: [.nan]}}", "given.y.one_of.0", "a finite number is needed"),
        ("given: {y: {between: [[1], 2]}}", "given.y.between.0", "a single value is needed"),
        ("given: {y: [1]}", "given.y", "a condition is a single value, or one of"),
        ("given: {y: null}", "given.y", "a condition is a single value, or one of"),
        ("given: {y: .nan}", "given.y", "a finite number is needed"),
        ("given: {y: {shars: {1: 1}}}", "given.y", "a condition is a single value, or one of"),
        ("given: {y: {shares: {1: 1}, one_of: [1]}}", "given.y", "a condition is a single value, or one of"),
        ("rules: foo", "rules", "should be 'found' or 'none'"),
        ("rules: [{rule: ordered, low: a, high: a}]", "rules.0", "'low' and 'high' both name 'a'"),
        ("rules: [{rule: sum, total: a, terms: [b, a]}]", "rules.0", "'total' and 'terms' both name 'a'"),
        ("rules: [{rule: function, value: a, of: a}]", "rules.0", "'value' and 'of' both name 'a'"),
        ("rules: [{rule: point, latitude: a, longitude: a}]", "rules.0", "both name 'a'"),
        ("rules: [{low: a}]", "rules.0", "unable to extract tag"),
        ("rules: [{rule: orderd}]", "rules.0", "'orderd'"),
        ("rules: [3]", "rules.0", "should be a valid mapping"),
        ("method: tree", "method", "should be 'trees', 'forest' or 'marginals'"),
        ("trees: 3", "trees", "should be a valid mapping"),
    ],
)
def test_one_fault_is_one_line_with_its_mend(said: str, place: str, what: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_part(said)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("SD-RECIPE-008", f"parts.p.{place}")
    assert what in problem.what
    assert problem.fix


def test_values_from_python_may_be_dates_and_are_not_said_twice() -> None:
    def read(condition: Any) -> TablesPart:
        return TablesPart.model_validate({"units": 1, "source": {"path": "x"}, "given": {"y": condition}})

    day = datetime.date(2024, 5, 31)
    assert read({"between": [day, None]}).given == {"y": Between(between=("2024-05-31", None))}
    assert read({"shares": {day: 1}}).given == {"y": Shares(shares={"2024-05-31": 1.0})}
    with pytest.raises(ValueError, match="'1' is there twice"):
        read({"shares": {1: 0.5, "1": 0.5}})
