"""Masks, numbers and laws that are written otherwise than they are meant: a fault that says how to write it, and one fault each."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import yaml

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.run.recipe_files import dump_recipe, parse_recipe

RECIPE = """
name: t
parts:
  p:
    kind: records
    units: {units}
    tables:
      a:
        fields:
          id: {{type: sequence}}
          f: {field}
          {more}
"""


def _read(field: str, units: int = 20, more: str = "") -> RecordsPart:
    part = parse_recipe(RECIPE.format(field=field, units=units, more=more), "t.yaml").parts["p"]
    assert isinstance(part, RecordsPart)
    return part


def _find(field: str, units: int = 20) -> list[Problem]:
    try:
        return list(RecordsSynthesizer().find_faults(_read(field, units), "p"))
    except RequestError as error:
        return list(error.problems)


def _make(part: RecordsPart, units: range) -> list[Any]:
    maker = RecordsSynthesizer()
    model = maker.prepare(part, None, Key.root(3), None).value  # type: ignore[arg-type]
    with maker.open(model) as sampler:
        values: list[Any] = sampler.sample(Shard("p", 0, units, Key.root(3)), {}).value["a"].column("f").to_pylist()
        return values


@pytest.mark.parametrize(
    ("mask", "mend"),
    [
        ("Data-####", r"D\at\a"),
        ("MAX-###", r"M\AX"),
        ("AXXX#", r"\AXXX"),
        ("###-Case", r"C\ase"),
        ("XXXX", "X stands for itself"),
        ("PLEIN", "every text would be the same"),
    ],
)
@pytest.mark.parametrize("kind", ["unique, pattern", "pattern, mask"])
def test_a_mask_that_gives_other_texts_than_it_looks(mask: str, mend: str, kind: str) -> None:
    found = _find(f"{{type: {kind}: '{mask}'}}")
    assert [p.code for p in found] == ["SD-RECORDS-045"]
    assert mend in f"{found[0].what} {found[0].fix}"


@pytest.mark.parametrize(
    ("mask", "regex"),
    [
        (r"D\at\a-####", r"Data-[0-9]{4}"),
        ("AA-aa-%*##", r"[A-Z]{2}-[a-z]{2}-[1-9][A-Z0-9][0-9]{2}"),
        ("##-AA-XX", r"[0-9]{2}-[A-Z]{2}-XX"),
        (r"[0-4X]\#####", r"[0-4X]#[0-9]{4}"),
        ("C[A-Z]####", r"C[A-Z][0-9]{4}"),
        ("PO-######", r"PO-[0-9]{6}"),
    ],
)
def test_masks_give_what_the_reference_says(mask: str, regex: str) -> None:
    import re

    for kind in ("unique, pattern", "pattern, mask"):
        values = _make(_read(f"{{type: {kind}: '{mask}'}}"), range(20))
        assert all(re.fullmatch(regex, v) for v in values), values
        assert len(set(values)) > 5


@pytest.mark.parametrize(
    ("field", "units", "number"),
    [
        ("{type: sequence, pattern: 'C-#'}", 10, "10"),
        ("{type: sequence, start: -2, pattern: 'C-####'}", 10, "-2"),
        ("{type: sequence, start: 5, step: -1, pattern: 'C-####'}", 10, "-4"),
    ],
)
def test_numbers_of_a_sequence_fit_their_mask(field: str, units: int, number: str) -> None:
    found = _find(field, units)
    assert [p.code for p in found] == ["SD-RECORDS-046"]
    assert f"the number {number} has no place" in found[0].what
    assert _find("{type: sequence, pattern: 'C-#'}", 9) == []
    assert _find("{type: sequence, start: 4, step: -1, pattern: 'C-#'}", 5) == []


def test_a_number_beyond_the_mask_stops_the_run_where_it_was_not_foreseen() -> None:
    part = _read("{type: sequence, pattern: 'C-#'}", 9)
    assert _make(part, range(9))[-1] == "C-9"
    with pytest.raises(RequestError, match=r"SD-RECORDS-046.*the number 10 of unit 9"):
        _make(part, range(5, 12))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e3", 1000.0),
        ("1.5e3", 1500.0),
        ("-2E-1", -0.2),
        ("1.e2", 100.0),
        ("12:30", "12:30"),
        ("0x10", 16),
        ("e3", "e3"),
        ("1e", "1e"),
    ],
)
def test_powers_of_ten_are_numbers_and_times_of_day_are_none(text: str, value: object) -> None:
    recipe = parse_recipe(RECIPE.format(field=f"{{type: constant, value: {text}}}", units=3, more=""), "t.yaml")
    field = recipe.parts["p"].tables["a"].fields["f"]  # type: ignore[attr-defined]
    assert field.value == value
    assert type(field.value) is type(value)
    again = parse_recipe(dump_recipe(recipe), "again.yaml")
    assert again == recipe


def test_a_text_that_looks_like_a_power_of_ten_stays_a_text() -> None:
    recipe = parse_recipe(
        RECIPE.format(field="{type: category, values: ['1e3', '5E-2', 'x']}", units=3, more=""), "t.yaml"
    )
    assert yaml.safe_load(dump_recipe(recipe))["parts"]["p"]["tables"]["a"]["fields"]["f"]["values"] == [
        "1e3",
        "5E-2",
        "x",
    ]
    assert parse_recipe(dump_recipe(recipe), "again.yaml") == recipe


@pytest.mark.parametrize(
    ("field", "what"),
    [
        ("{type: gamma, shape: 0, mean: 1}", "shape must be above 0, not 0"),
        ("{type: gamma, shape: 0, mean: 1, low: 1, decimals: 1}", "shape must be above 0, not 0"),
        ("{type: lognormal, median: -3, spread: 1, high: 9}", "median must be above 0, not -3"),
        ("{type: lognormal, median: 3, spread: -1}", "spread must be above 0"),
        ("{type: poisson, mean: -1}", "mean must be in [0, "),
        ("{type: exponential, mean: 0}", "mean must be in ["),
        ("{type: integer, low: 10, high: 5}", "low must be at most high (5), not 10"),
        ("{type: beta, a: 1, b: 1, start: 5, stop: 2}", "start (5) must be below stop (2)"),
        ("{type: date, start: 2025-01-01, stop: 2020-01-01}", "start (2025-01-01) is after stop (2020-01-01)"),
        (
            "{type: timestamp, start: 2025-01-01 00:00:00, stop: 2025-01-01 00:00:00}",
            "is not before stop (2025-01-01 00:00:00)",
        ),
        (
            "{type: mixture, parts: [{weight: 1, law: {type: gamma, shape: 0, mean: 1}}]}",
            "shape must be above 0, not 0",
        ),
        ("{type: constant, value: .inf}", "finite number, found inf"),
        ("{type: category, values: [1, b]}", "valid string, found 1"),
    ],
)
def test_one_fault_in_the_words_of_the_recipe_and_no_warning(field: str, what: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = _find(field)
    assert len(found) == 1, found
    assert what in found[0].what


def test_the_memory_of_a_series_is_called_so() -> None:
    child = {
        "parent": "a",
        "count": {"type": "constant", "value": 3},
        "fields": {"q": {"type": "ar1", "sd": 1, "memory": 3}},
    }
    part = RecordsPart.model_validate({"units": 3, "tables": {"a": {"fields": {"f": 1}}, "b": child}})
    assert [p.what[:17] for p in RecordsSynthesizer().find_faults(part, "p")] == ["memory must be in"]
