"""Recipes as files: YAML that means what it says, every problem at once and named by its place, changes from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given
from sundog_toy.bundles import HARD

from sundog.core.errors import RequestError
from sundog.core.recipe import Recipe
from sundog.run.recipe_files import (
    built_in_recipes,
    dump_recipe,
    parse_recipe,
    plain_recipe,
    read_built_in,
    read_recipe,
    validate_recipe,
)

TEXT = """
name: toy
description: no  # of Norway
licence: on
parts:
  people: {kind: shop, units: 3}
"""


def problems(text: str, *changes: str) -> list[str]:
    with pytest.raises(RequestError) as caught:
        parse_recipe(text, "toy.yaml", changes)
    return [str(p) for p in caught.value.problems]


def test_yaml_words_stay_words() -> None:
    made = parse_recipe(TEXT, "toy.yaml", ["parts.people.trouble.flag=off", "as_of='2024-05-31'", "name=yes"])
    assert (made.description, made.licence, made.name) == ("no", "on", "yes")
    assert made.as_of == "2024-05-31"
    assert parse_recipe(TEXT + "as_of: 2024-05-31\n", "x").as_of == "2024-05-31"  # and not a date


def test_there_and_back() -> None:
    made = validate_recipe(HARD)
    text = dump_recipe(made)
    assert parse_recipe(text, "x") == made
    assert dump_recipe(parse_recipe(text, "x")) == text
    assert "shard" not in text  # what changes no data is not in a recipe


names = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)


@given(
    st.dictionaries(
        names,
        st.builds(dict, units=st.integers(1, 10**9), odd=st.floats(0, 1), codes=st.integers(0, 99)),
        min_size=1,
        max_size=3,
    ),
    st.integers(0, 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
def test_any_recipe_comes_back_from_its_file(parts: dict[str, Any], seed: int, description: str) -> None:
    value = {
        "name": "n",
        "seed": seed,
        "description": description,
        "parts": {n: {"kind": "shop", **p} for n, p in parts.items()},
    }
    made = Recipe.model_validate(value)
    assert parse_recipe(dump_recipe(made), "x") == made
    assert Recipe.model_validate(plain_recipe(made)) == made


def test_all_problems_at_once() -> None:
    said = problems(
        """
        name: toy
        sed: 3
        parts:
          people: {kind: shop, units: many, odds: 0.5, trouble: {fault: none, unti: 1}}
          notes: {kind: note, of: people, blank: 3}
        evidence: {levl: full}
        """
    )
    assert len(said) == 7
    text = "\n".join(said)
    assert "SD-RECIPE-006 at sed: 'sed' is not a name that a recipe knows here\n    Did you mean 'seed'?" in text
    assert (
        "SD-RECIPE-006 at parts.people.odds: 'odds' is not a name that a recipe knows here\n    Did you mean 'odd'?"
        in text
    )
    assert "SD-RECIPE-006 at parts.people.trouble.unti" in text
    assert "Did you mean 'unit'?" in text
    assert "SD-RECIPE-006 at evidence.levl" in text
    assert "Did you mean 'level'?" in text
    assert "SD-RECIPE-008 at parts.people.units: input should be a valid integer" in text
    assert "found 'many'" in text
    assert "SD-RECIPE-008 at parts.notes.blank: input should be less than or equal to 1, found 3" in text


def test_something_needed_is_named() -> None:
    assert problems("parts: {people: {kind: shop, units: 3}}") == [
        "SD-RECIPE-007 at name: is needed and not there\n    Add it."
    ]


def test_an_unknown_kind_offers_the_nearest() -> None:
    (said,) = problems("{name: toy, parts: {people: {kind: shp, units: 3}}}")
    assert said.startswith("SD-RECIPE-008 at parts.people: no kind named 'shp' is installed. Did you mean 'shop'?")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("name: [", "SD-RECIPE-004", "toy.yaml, line"),
        ("a: b: c", "SD-RECIPE-004", "toy.yaml, line 1"),
        ("name: \x07", "SD-RECIPE-004", "toy.yaml"),
        ("[" * 100_000, "SD-RECIPE-004", "toy.yaml"),
        ("!!python/object/apply:os.system ['true']", "SD-RECIPE-004", "toy.yaml, line 1"),
        ("- a list", "SD-RECIPE-005", "toy.yaml"),
        ("", "SD-RECIPE-005", "toy.yaml"),
        ("just words", "SD-RECIPE-005", "toy.yaml"),
        ("name: a\nseed: 1\nseed: 2", "SD-RECIPE-012", "line 1 and below"),
        ("name: a\nparts:\n  p: {kind: shop, units: 1, units: 2}", "SD-RECIPE-012", "line 3"),
    ],
)
def test_what_is_no_recipe(text: str, code: str, place: str) -> None:
    (said,) = problems(text)
    assert said.startswith(f"{code} at {place}")


@given(st.text(max_size=80))
def test_any_text_is_a_recipe_or_a_problem(text: str) -> None:
    try:
        parse_recipe(text, "x")
    except RequestError as error:
        assert error.problems  # noqa: PT017


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "parts", "people", "kind", "units", "of", "source", "checks"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_value_is_a_recipe_or_a_problem(value: Any) -> None:
    whole = {"name": "n", "parts": {"people": value}, "checks": value}
    try:
        validate_recipe(whole)
    except RequestError as error:
        assert all(p.code.startswith("SD-RECIPE-") for p in error.problems)  # noqa: PT017


def test_changes() -> None:
    made = parse_recipe(
        TEXT, "x", ["parts.people.units=10", "seed=4", "evidence.level=full", "parts.people.trouble={unit: 3}"]
    )
    assert (made.parts["people"].units, made.seed, made.evidence.level) == (10, 4, "full")
    assert made.parts["people"].trouble.unit == 3  # type: ignore[attr-defined]
    assert problems(TEXT, "parts.people.unit=10") == [
        "SD-RECIPE-006 at parts.people.unit: 'unit' is not a name that a recipe knows here\n    Did you mean 'units'?"
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("units", "SD-RECIPE-009"),
        ("=3", "SD-RECIPE-009"),
        ("name.first=3", "SD-RECIPE-010"),
        ("name=a: b: c", "SD-RECIPE-011"),
        ("name=[", "SD-RECIPE-011"),
    ],
)
def test_changes_that_cannot_be_made(change: str, code: str) -> None:
    (said,) = problems(TEXT, change)
    assert said.startswith(f"{code} at --set {change}")


def test_files_and_built_in_names(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT)
    assert read_recipe(str(path)).name == "toy"
    path.write_bytes(b"name: \xff")
    with pytest.raises(RequestError, match=r"SD-RECIPE-002.*byte 6"):
        read_recipe(str(path))
    for name in (str(tmp_path), "not/there", "missing.yaml", "missing.yml"):
        with pytest.raises(RequestError, match="SD-RECIPE-003"):
            read_recipe(name)
    with pytest.raises(RequestError, match=r"(?s)SD-RECIPE-001.*Did you mean 'census'"):
        read_recipe("censu")
    for name in built_in_recipes():
        assert isinstance(yaml.safe_load(read_built_in(name)), dict)
        assert read_recipe(name).parts


def test_a_folder_hides_no_built_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in built_in_recipes():
        (tmp_path / name).mkdir()
        assert read_recipe(name).name == name
        with pytest.raises(RequestError, match="SD-RECIPE-003"):
            read_recipe(f"./{name}")
    # A file of that name is what its author means.
    (tmp_path / "customers").rmdir()
    (tmp_path / "customers").write_text(TEXT)
    assert read_recipe("customers").name == "toy"
