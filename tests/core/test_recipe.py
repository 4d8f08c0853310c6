"""Recipes as Python values: frozen, strict, chained backwards only."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError
from sundog_toy.bundles import HARD
from sundog_toy.recipe import NotePart, ShopPart

from sundog.core.recipe import Part, Recipe, SourceSpec


def recipe(**change: Any) -> Recipe:
    return Recipe.model_validate({"name": "toy", "parts": {"people": {"kind": "shop", "units": 3}}, **change})


def test_python_objects_and_plain_values_are_the_same_recipe() -> None:
    made = Recipe(name="toy", parts={"people": ShopPart(units=3, odd=0.5), "notes": NotePart(of="people")})
    plain = {
        "name": "toy",
        "parts": {"people": {"kind": "shop", "units": 3, "odd": 0.5}, "notes": {"kind": "note", "of": "people"}},
    }
    assert Recipe.model_validate(plain) == made
    assert Recipe.model_validate(made.model_dump(mode="json")) == made
    assert isinstance(made.parts["people"], ShopPart)
    assert [p.after for p in Recipe.model_validate(HARD).parts.values()] == [None, "people", "people", "notes"]


def test_everything_is_frozen() -> None:
    made = recipe()
    with pytest.raises(ValidationError, match="frozen"):
        made.seed = 3  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        made.parts["people"].units = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seeds": 3}, "extra_forbidden|Extra inputs"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"seed": 2**63}, "less than"),
        ({"name": "No Spaces"}, "pattern"),
        ({"name": ""}, "pattern"),
        ({"as_of": "today"}, "pattern"),
        ({"format": 2}, "Input should be 1"),
        ({"parts": {}}, "at least 1"),
        ({"parts": {"People": {"kind": "shop", "units": 1}}}, "pattern"),
        ({"parts": {"people": {"kind": "shop"}}}, "'units' is needed"),
        ({"parts": {"people": {"kind": "shop", "units": 0}}}, "greater than or equal to 1"),
        ({"parts": {"people": {"kind": "shop", "units": 3, "attempts": 0.5}}}, "greater than or equal to 1"),
        ({"parts": {"people": {"kind": "shop", "units": 3, "attempts": float("inf")}}}, "finite"),
        ({"parts": {"people": {"kind": "shp", "units": 3}}}, "Did you mean 'shop'"),
        ({"parts": {"people": {"units": 3}}}, "'kind' is needed"),
        ({"parts": {"people": 3}}, "'kind' is needed"),
        ({"parts": {"notes": {"kind": "note", "of": "people"}}}, "not an earlier part"),
        ({"parts": {"notes": {"kind": "note", "of": "notes"}}}, "not an earlier part"),
        (
            {"parts": {"a": {"kind": "note", "units": 1}, "b": {"kind": "note", "of": "a", "each": "a.notes"}}},
            "not by of and each",
        ),
        ({"parts": {"a": {"kind": "note", "units": 1}, "b": {"kind": "note", "each": "a"}}}, "pattern"),
        (
            {"parts": {"a": {"kind": "note", "units": 1}, "b": {"kind": "note", "groups": {"of": "a", "size": 0}}}},
            "greater than or equal to 1",
        ),
        ({"checks": [{"kind": "toy_limit", "of": "pets"}]}, "which is not a part"),
        ({"checks": [{"kind": "toy_limt"}]}, "Did you mean 'toy_limit'"),
        ({"evidence": {"level": "some"}}, "'none', 'quick' or 'full'"),
        ({"evidence": {"limits": {"a": float("nan")}}}, "finite"),
    ],
)
def test_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        recipe(**change)


def test_a_part_knows_what_it_counts() -> None:
    assert ShopPart.count_noun == "customers"
    assert Part.count_noun == "units"
    assert SourceSpec(path="x.csv").holdout_share == 0.2


def test_reading_a_recipe_loads_nothing_heavy() -> None:
    code = (
        "import sys, sundog.core.recipe, sundog.core.errors, sundog.core.findings, sundog.core.extension as e;"
        "e.installed('sundog.kinds'); e.installed('sundog.checks'); e.installed('sundog.exporters');"
        "print([m for m in ('numpy', 'pyarrow', 'pandas', 'scipy', 'numba', 'lightgbm', 'ray') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
