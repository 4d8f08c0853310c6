"""Private tables as a user meets them: what is refused, what is kept, what is told, and that nothing else is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import sundog
from sundog.api import FittedPart, fit
from sundog.cli import build
from sundog.core.errors import RequestError
from sundog.core.extension import implementation
from sundog.core.findings import Finding
from sundog.core.keys import Key
from sundog.core.recipe import EvidenceSpec, SourceSpec
from sundog.kinds.tables._marginals import plan_part, release_table
from sundog.kinds.tables._marginals_domains import choose_form
from sundog.kinds.tables._marginals_stated import read_stated
from sundog.kinds.tables.recipe import TablesPart
from sundog.lib.privacy.ledger_file import VARIABLE, name_source, read_ledger
from sundog.lib.rows.cells import SORTS
from sundog.run.checks import decide
from sundog.run.replicate import ReplicateOptions, replicate_recipe
from sundog.run.split import split_source

COLUMNS: dict[str, Any] = {
    "age": {"meaning": "integer", "minimum": 0, "maximum": 99},
    "sex": {"values": ["F", "M"]},
    "town": {"values": ["Graz", "Linz", "Wels", "Wien"]},
    "income": {"meaning": "decimal", "minimum": 0, "maximum": 9000, "decimals": 2},
    "since": {"meaning": "date", "minimum": "2015-01-01", "maximum": "2024-12-31"},
    "member": {"meaning": "boolean"},
}


def write_people(path: Path, rows: int = 4_000, persons: int = 0, seed: int = 5) -> Path:
    """A made table: sex goes with income, age with member, incomes are missing for the old."""
    draw = np.stack([Key.root(seed).child(i).uniform(range(rows)) for i in range(2)], axis=2).reshape(rows, 8)
    age = (draw[:, 0] * 80 + 10).astype(int)
    sex = np.where(draw[:, 1] < 0.6, "F", "M")
    town = np.array(["Graz", "Linz", "Wels", "Wien"])[np.searchsorted([0.2, 0.45, 0.5], draw[:, 2])]
    income = np.round(np.where(sex == "F", 1_000, 3_000) + 2_000 * draw[:, 3], 2)
    since = (np.datetime64("2015-01-01") + (draw[:, 4] * 3_000).astype(int)).astype(str)
    member = np.where(draw[:, 5] < np.where(age > 50, 0.9, 0.1), "true", "false")
    columns: dict[str, pa.Array] = {
        "age": pa.array(age.astype(str)),
        "sex": pa.array(sex),
        "town": pa.array(town),
        "income": pa.array([f"{x:.2f}" for x in income], mask=(age > 80) & (draw[:, 6] < 0.8)),
        "since": pa.array(since),
        "member": pa.array(member),
    }
    if persons:
        columns["who"] = pa.array([f"p{int(i)}" for i in draw[:, 7] * persons])
    pyarrow.csv.write_csv(pa.table(columns), path)
    return path


def recipe_of(path: Path, epsilon: float = 20.0, **part: Any) -> dict[str, Any]:
    """A recipe of one private table with all columns stated."""
    said = {
        "kind": "tables",
        "method": "marginals",
        "epsilon": epsilon,
        "delta": 1e-6,
        "domain": "declared",
        "columns": COLUMNS,
        "marginals": {"rounds": 6},
    }
    said |= {"source": {"path": str(path), "holdout_share": 0}, **part}
    return {"name": "people", "parts": {"people": {k: v for k, v in said.items() if v is not None}}, "evidence": {"level": "none"}}  # fmt: skip


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test has ledgers of its own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "ledgers"))
    return tmp_path / "ledgers"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("people") / "people.csv")


@pytest.fixture(scope="module")
def fitted(people: Path, tmp_path_factory: pytest.TempPathFactory) -> FittedPart:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(tmp_path_factory.mktemp("ledgers")))
        return fit(recipe_of(people))


def codes_of(recipe: dict[str, Any]) -> set[str]:
    """Codes of everything that is wrong with a recipe, before a row is read."""
    with pytest.raises(RequestError) as caught:
        fit(recipe)
    return {p.code for p in caught.value.problems}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"epsilon": None}, "SD-TABLES-020"),
        ({"epsilon": 0}, "SD-PRIVACY-001"),
        ({"epsilon": -1}, "SD-PRIVACY-001"),
        ({"delta": 1}, "SD-PRIVACY-002"),
        ({"delta": 0}, "SD-PRIVACY-022"),
        ({"budget": 0}, "SD-PRIVACY-001"),
        ({"copies": "reject"}, "SD-TABLES-021"),
        ({"weights": "age"}, "SD-TABLES-022"),
        ({"learn_rows": 1000}, "SD-TABLES-023"),
        ({"pii": "replace"}, "SD-TABLES-037"),
        ({"rules": [{"rule": "function", "value": "sex", "of": "town"}]}, "SD-TABLES-024"),
        ({"method": "trees", "units": 9}, "SD-TABLES-025"),
        ({"columns": {**COLUMNS, "age": {"meaning": "name"}}}, "SD-TABLES-026"),
        ({"columns": {**COLUMNS, "age": {"meaning": "integer", "values": ["1"]}}}, "SD-TABLES-027"),
        ({"columns": {**COLUMNS, "sex": {"values": ["F"], "minimum": 1, "maximum": 2}}}, "SD-TABLES-027"),
        ({"columns": {**COLUMNS, "age": {"meaning": "integer", "minimum": 1}}}, "SD-TABLES-028"),
        ({"columns": {**COLUMNS, "age": {"minimum": 9, "maximum": 1}}}, "SD-TABLES-115"),
        ({"columns": {**COLUMNS, "since": {"meaning": "date", "minimum": 1, "maximum": 2}}}, "SD-TABLES-119"),
        ({"columns": {k: v for k, v in COLUMNS.items() if k != "age"}}, "SD-TABLES-029"),
        ({"rules": [{"rule": "ordered", "low": "age", "high": "sum"}]}, "SD-TABLES-030"),
        ({"impossible": [{}]}, "SD-TABLES-031"),
        ({"impossible": [{"sex": {"shares": {"F": 1}}}]}, "SD-TABLES-031"),
        ({"columns": {**COLUMNS, "nosuch": {"drop": True}}}, "SD-TABLES-002"),
        ({"columns": {n: {"drop": True} for n in COLUMNS}}, "SD-TABLES-035"),
        ({"person_rows": 3}, "SD-TABLES-036"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_spent(
    people: Path, ledger: Path, part: dict[str, Any], code: str
) -> None:
    assert code in codes_of(recipe_of(people, **part))
    assert not ledger.exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([{"sex": "X"}], "SD-TABLES-032"),
        ([{"sex": {"between": ["F", "M"]}}], "SD-TABLES-032"),
        ([{"age": "old"}], "SD-TABLES-032"),
        ([{"sex": {"one_of": ["F", "M", None]}}], "SD-TABLES-034"),
    ],
)
def test_conditions_that_are_none_of_their_column(people: Path, said: list[Any], code: str) -> None:
    assert codes_of(recipe_of(people, impossible=said)) == {code}


def test_everything_wrong_is_told_at_once(people: Path) -> None:
    found = codes_of(recipe_of(people, epsilon=0, copies="reject", weights="age", learn_rows=500))
    assert found == {"SD-PRIVACY-001", "SD-TABLES-021", "SD-TABLES-022", "SD-TABLES-023"}


def test_types_domains_and_dependence_come_back(fitted: FittedPart) -> None:
    made = fitted.sample(4_000)["rows"]
    kinds = [str(f.type) for f in made.schema]
    assert kinds == ["int64", "string", "string", "double", "date32[day]", "bool"]
    assert set(made.column("town").to_pylist()) <= {"Graz", "Linz", "Wels", "Wien"}
    women = pc.equal(made.column("sex"), "F")
    income = made.column("income")
    assert pc.mean(income.filter(women)).as_py() == pytest.approx(2_000, abs=150)
    assert pc.mean(income.filter(pc.invert(women))).as_py() == pytest.approx(4_000, abs=150)
    old = pc.greater(made.column("age"), 50)
    assert pc.mean(made.column("member").filter(old).cast(pa.float64())).as_py() == pytest.approx(0.9, abs=0.06)
    very_old = pc.greater(made.column("age"), 82)
    assert pc.mean(income.filter(very_old).is_null().cast(pa.float64())).as_py() > 0.5
    assert all(round(x, 2) == x for x in income.drop_null().to_pylist()[:200])


def test_a_unit_alone_equals_the_unit_in_a_crowd_and_a_saved_model_samples_the_same(
    fitted: FittedPart, tmp_path: Path
) -> None:
    crowd = fitted.sample(300, seed=9)["rows"]
    assert crowd.slice(217, 1).to_pylist() == fitted.sample(1, seed=9, start=217)["rows"].to_pylist()
    fitted.save(tmp_path / "model")
    assert sundog.load_fitted(tmp_path / "model").sample(300, seed=9)["rows"].equals(crowd)


def test_given_is_exact_whatever_the_column(fitted: FittedPart) -> None:
    """Conditioning in the junction tree: the share of women among members over 60 in Wien is that of the free rows there."""
    free = fitted.sample(60_000, seed=1)["rows"]
    keep = pc.and_(pc.equal(free.column("town"), "Wien"), free.column("member"))
    wanted = pc.mean(pc.equal(free.filter(keep).column("sex"), "F").cast(pa.float64())).as_py()
    made = fitted.sample(8_000, seed=2, given={"town": "Wien", "member": True})["rows"]
    assert set(made.column("town").to_pylist()) == {"Wien"}
    assert set(made.column("member").to_pylist()) == {True}
    assert pc.mean(pc.equal(made.column("sex"), "F").cast(pa.float64())).as_py() == pytest.approx(wanted, abs=0.03)
    ages = pc.mean(made.column("age")).as_py()
    assert ages == pytest.approx(pc.mean(free.filter(keep).column("age")).as_py(), abs=1.5)


def test_ranges_choices_and_shares_of_the_recipe(people: Path) -> None:
    given_ = {
        "age": {"between": [30, 34]},
        "town": {"one_of": ["Graz", "Wels"]},
        "sex": {"shares": {"F": 0.25, "M": 0.75}},
    }
    made = sundog.make(recipe_of(people, given=given_, units=4_000), people.parent / f"out-{time.time_ns()}").to_arrow()
    assert pc.min_max(made.column("age")).as_py() == {"min": 30, "max": 34}
    assert set(made.column("town").to_pylist()) == {"Graz", "Wels"}
    women = pc.mean(pc.equal(made.column("sex"), "F").cast(pa.float64())).as_py()
    assert women == pytest.approx(0.25, abs=0.03)
    assert made.num_rows == 4_000


def test_a_wrong_condition_costs_nothing_where_domains_are_stated(people: Path, ledger: Path) -> None:
    assert codes_of(recipe_of(people, given={"age": "old"}, units=5)) == {"SD-TABLES-013"}
    assert codes_of(recipe_of(people, given={"town": {"one_of": ["Rom"]}}, units=5)) == {"SD-TABLES-108"}
    assert not ledger.exists()


FOUND: dict[str, Any] = {"age": {"meaning": "integer"}, "since": {"meaning": "date"}}
"""Meanings without domains."""


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ({"columns": COLUMNS, "given": {"sex": "X"}}, {"SD-TABLES-042"}),
        ({"columns": COLUMNS, "given": {"age": 120, "since": "2031-01-01"}}, {"SD-TABLES-042"}),
        ({"columns": COLUMNS, "given": {"town": {"shares": {"Wien": 1, "Rom": 1}}}}, {"SD-TABLES-042"}),
        ({"columns": FOUND, "given": {"age": {"between": [9, 1]}}}, {"SD-TABLES-041"}),
        ({"columns": FOUND, "given": {"age": "old", "since": 7}}, {"SD-TABLES-013"}),
        ({"columns": FOUND, "given": {"since": {"between": ["then", None]}}}, {"SD-TABLES-107"}),
        ({"columns": FOUND, "given": {"income": {"between": [1, 2]}}}, {"SD-TABLES-038"}),
        ({"columns": {"sex": {"drop": True}}, "given": {"sex": "F"}}, {"SD-TABLES-010"}),
        ({"columns": {}, "given": {"sex": {"shares": {"F": 0}}}}, {"SD-TABLES-015"}),
        ({"columns": {}, "complete": {"path": "absent.csv"}}, {"SD-SOURCE-001"}),
        ({"columns": FOUND, "impossible": [{"age": "old"}]}, {"SD-TABLES-032"}),
        ({"columns": FOUND, "impossible": [{"income": {"between": [1, 2]}}]}, {"SD-TABLES-038"}),
        (
            {
                "columns": COLUMNS,
                "impossible": [{"sex": "F", "age": {"between": [None, 17]}}],
                "given": {"sex": "F", "age": {"between": [10, 12]}},
            },
            {"SD-TABLES-043"},
        ),
        ({"columns": FOUND, "rules": [{"rule": "ordered", "low": "age", "high": "since"}]}, {"SD-TABLES-040"}),
        ({"columns": COLUMNS, "rules": [{"rule": "ordered", "low": "sex", "high": "town"}]}, {"SD-TABLES-040"}),
        (
            {"columns": COLUMNS, "rules": [{"rule": "sum", "total": "income", "terms": ["age", "sex"]}]},
            {"SD-TABLES-040"},
        ),
        ({"columns": FOUND, "rules": [{"rule": "sum", "total": "all", "terms": ["age", "income"]}]}, {"SD-TABLES-039"}),
        ({"columns": {"sex": {"drop": True}}, "target": "sex"}, {"SD-TABLES-044"}),
    ],
)
def test_what_is_wrong_without_a_look_at_the_rows_costs_nothing(
    people: Path, ledger: Path, part: dict[str, Any], codes: set[str]
) -> None:
    """Domains may be private: names, meanings and what is stated of them are enough."""
    assert codes_of(recipe_of(people, domain="private", units=None if "complete" in part else 5, **part)) == codes
    assert not ledger.exists()


def test_the_person_is_no_target(tmp_path: Path, ledger: Path) -> None:
    source = {"path": str(write_people(tmp_path / "people.csv", rows=50, persons=20)), "person": "who"}
    assert codes_of(recipe_of(tmp_path, source=source, target="who")) == {"SD-TABLES-044"}
    assert not ledger.exists()


def test_conditions_on_what_is_still_to_be_found(people: Path, tmp_path: Path) -> None:
    """A meaning is enough for a range, and a text needs none; a value that no row can have is kept and remarked on."""
    given_ = {"age": {"between": [30, 34]}, "town": "Wien", "income": 1e9}
    columns = {**FOUND, "income": {"meaning": "decimal"}}
    recipe = recipe_of(people, domain="private", columns=columns, given=given_, units=200)
    bundle = sundog.make(recipe, tmp_path / "out")
    made = bundle.to_arrow()
    assert pc.min_max(made.column("age")).as_py() == {"min": 30, "max": 34}
    assert set(made.column("town").to_pylist()) == {"Wien"}
    assert "far beyond what was learned" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_rules_that_what_is_found_cannot_keep_are_left_out_and_told(people: Path, tmp_path: Path) -> None:
    """They are paid for by then: a table without them is worth more than none."""
    rules = [
        {"rule": "ordered", "low": "sex", "high": "town"},
        {"rule": "ordered", "low": "age", "high": "note"},
        {"rule": "sum", "total": "member", "terms": ["age", "town"]},
    ]
    table = pyarrow.csv.read_csv(people)
    table = table.append_column("note", pa.array([f"n{i}" for i in range(table.num_rows)]))
    pyarrow.csv.write_csv(table, tmp_path / "noted.csv")
    impossible = [{"income": "much"}, {"town": "Wels", "sex": "M"}]
    recipe = recipe_of(
        tmp_path / "noted.csv", domain="private", columns={}, rules=rules, impossible=impossible, units=500
    )
    made = sundog.make(recipe, tmp_path / "out").to_arrow()
    assert made.column_names == ["age", "sex", "town", "income", "since"]
    assert not any(r["town"] == "Wels" and r["sex"] == "M" for r in made.to_pylist())
    said = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "rules.0 is not kept: its columns were found to be 'sex' category, 'town' category" in said
    assert "note: rules.1 is not kept, since the column is left out" in said
    assert "'member' is not made" in said
    assert "impossible.0 is left out: no row can meet it" in said


def test_a_domain_that_does_not_fit_is_told_from_noisy_counts(people: Path, tmp_path: Path) -> None:
    columns = {
        **COLUMNS,
        "town": {"values": ["Wien", "Rom"]},
        "sex": {"meaning": "integer", "minimum": 0, "maximum": 9},
    }
    sundog.make(recipe_of(people, columns=columns, units=50), tmp_path / "out")
    said = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "of the rows have none of the stated values" in said
    assert "about 100% of the rows have no value, or none that can be read as integer" in said
    assert said.count("- income: about") == 0
    assert "| member | bool | boolean | true or false |" in said


def test_rows_are_completed_exactly(people: Path, tmp_path: Path) -> None:
    """What is given stays, what is blank is filled, whatever the pattern of blanks."""
    (tmp_path / "some.csv").write_text("age,town,member\n20,Wien,\n,Graz,true\n70,,\n")
    complete = {"path": str(tmp_path / "some.csv"), "times": 300}
    made = sundog.make(recipe_of(people, complete=complete), tmp_path / "out").to_arrow().to_pylist()
    assert len(made) == 900
    young, in_graz, old = made[:300], made[300:600], made[600:]
    assert {(r["age"], r["town"]) for r in young} == {(20, "Wien")}
    assert {(r["town"], r["member"]) for r in in_graz} == {("Graz", True)}
    assert {r["age"] for r in old} == {70}
    assert all(r["member"] is not None for r in made)
    assert sum(r["member"] for r in young) < 75 < 225 < sum(r["member"] for r in old)


def test_impossible_combinations_never_appear(people: Path) -> None:
    """Rows with them are there in the source: a stated constraint wins. Within joined cells, too."""
    ruled_out = [
        {"age": {"between": [None, 17]}, "member": True},
        {"town": "Wels", "sex": "M", "income": {"between": [3500.5, None]}},
        {"since": {"between": ["2020-03-01", "2020-03-15"]}},
    ]
    made = fit(recipe_of(people, impossible=ruled_out)).sample(20_000)["rows"]
    young = pc.less_equal(made.column("age"), 17)
    assert not pc.any(pc.and_(young, made.column("member"))).as_py()
    assert pc.sum(young).as_py() > 500
    rich = pc.greater_equal(made.column("income"), 3500.5)
    there = pc.and_(pc.equal(made.column("town"), "Wels"), pc.equal(made.column("sex"), "M"))
    assert not pc.any(pc.and_(rich, there)).as_py()
    day = made.column("since").cast(pa.string())
    assert not pc.any(pc.and_(pc.greater_equal(day, "2020-03-01"), pc.less_equal(day, "2020-03-15"))).as_py()


def test_ordered_columns_and_sums_are_kept_in_every_row(tmp_path: Path) -> None:
    draw = Key.root(8).uniform(range(2_000))
    a, b = (draw[:, 0] * 50).astype(int), (draw[:, 1] * 50).astype(int)
    table = pa.table(
        {"low": np.minimum(a, b), "high": np.maximum(a, b), "sum": a + b, "half": np.round(draw[:, 2] * 9, 1)}
    )
    pyarrow.csv.write_csv(table, tmp_path / "ordered.csv")
    whole = {"meaning": "integer", "minimum": 0, "maximum": 400}
    rules = [
        {"rule": "ordered", "low": "low", "high": "high"},
        {"rule": "sum", "total": "sum", "terms": ["low", "high", "half"]},
    ]
    columns = {"low": whole, "high": whole, "half": {"meaning": "decimal", "minimum": 0, "maximum": 9, "decimals": 1}}
    bundle = sundog.make(
        recipe_of(tmp_path / "ordered.csv", columns=columns, rules=rules) | {"evidence": {"level": "quick"}},
        tmp_path / "out",
    )
    made = bundle.to_arrow()
    assert made.num_rows > 1_500
    assert pc.all(pc.less_equal(made.column("low"), made.column("high"))).as_py()
    added = pc.add(pc.add(made.column("low"), made.column("high")).cast(pa.float64()), made.column("half"))
    np.testing.assert_allclose(made.column("sum").to_numpy(), added.to_numpy())
    assert [f.verdict for f in bundle.report.findings if f.check == "validity.rules"] == ["pass", "pass"]


def test_a_private_domain_is_found_within_epsilon(people: Path) -> None:
    bundle = sundog.make(recipe_of(people, domain="private", columns=None), people.parent / f"out-{time.time_ns()}")
    made = bundle.to_arrow()
    kinds = {f.name: str(f.type) for f in made.schema}
    assert kinds == {
        "age": "int64",
        "sex": "string",
        "town": "string",
        "income": "double",
        "since": "date32[day]",
        "member": "bool",
    }
    assert set(made.column("town").to_pylist()) <= {"Graz", "Linz", "Wels", "Wien"}
    assert abs(made.num_rows - 4_000) < 100
    manifest = bundle.files.manifest
    asked = [s["mechanism"] for s in manifest["privacy_spend"]]
    assert any(a.startswith("number of rows") for a in asked)
    assert any(a.startswith("range of 'age'") for a in asked)
    assert any(a.startswith("common values of 'town'") for a in asked)


def test_a_value_that_one_row_has_is_never_told(tmp_path: Path) -> None:
    path = write_people(tmp_path / "people.csv", 1_500)
    with path.open("a") as stream:
        stream.write('"33","F","Atlantis","1234.00","2016-01-01","true"\n')
    for seed in range(3):
        recipe = recipe_of(path, domain="private", columns=None, epsilon=5, budget=100)
        assert "Atlantis" not in str(fit(recipe | {"seed": seed}).model)


def test_values_outside_a_stated_domain_are_no_error(tmp_path: Path) -> None:
    """An error would tell that they are there: they are moved to the ends, count as others, or as missing."""
    path = write_people(tmp_path / "people.csv", 1_500)
    with path.open("a") as stream:
        stream.write('"999","divers","Rom","-5","1999-01-01","perhaps"\n"x","","","many","soon",""\n')
    made = fit(recipe_of(path)).sample(3_000)["rows"]
    assert pc.max(made.column("age")).as_py() <= 99
    assert set(made.column("sex").drop_null().to_pylist()) <= {"F", "M"}


def test_only_noise_leaves_no_column(tmp_path: Path) -> None:
    pyarrow.csv.write_csv(pa.table({"name": [f"n{i}" for i in range(300)]}), tmp_path / "names.csv")
    assert codes_of(recipe_of(tmp_path / "names.csv", domain="private", columns=None)) == {"SD-TABLES-033"}


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=15)
def test_neighbours_are_asked_the_same_and_get_the_same_cells(seed: int, odd: bool) -> None:
    """One row more, whatever is in it, changes neither the cells, nor what is asked of each column, nor the noise on it."""
    rows = pa.table({n: pa.array([str(i % k) for i in range(200)]) for n, k in (("a", 7), ("b", 3))})
    extra = ("strange", "") if odd else (str(seed), "2")
    more = pa.concat_tables([rows, pa.table({n: [v] for n, v in zip("ab", extra, strict=True)})])
    part = TablesPart.model_validate(
        {"kind": "tables", "method": "marginals", "epsilon": 1, "domain": "declared", "source": {"path": "x"}}
        | {"columns": {"a": {"meaning": "integer", "minimum": 0, "maximum": 20}, "b": {"values": ["0", "1", "2"]}}}
    )
    found = []
    for table in (rows, more):
        stated, _ = read_stated(part, table.schema, "")
        told = release_table(part, stated, table, plan_part(part), ["a", "b"], Key.root(1))
        found.append(([c.column for c in told.counted], told.releases[:2], told.codec.fields, len(told.releases) > 2))
    (cells, first, fields, _), (others, second, more_fields, _) = found
    assert [(c.edges.tolist(), c.values) for c in cells] == [(c.edges.tolist(), c.values) for c in others]
    assert first == second
    assert fields == more_fields


@given(st.integers(0, 99), st.sampled_from([None, "who"]))
@settings(max_examples=10)
def test_one_row_more_moves_no_other_between_train_and_holdout(
    tmp_path_factory: pytest.TempPathFactory, at: int, person: str | None
) -> None:
    folder = tmp_path_factory.mktemp("split")
    rows = [f"{i},{i * 7 % 13},p{i // 3}" for i in range(100)]
    sides = []
    for n, lines in enumerate((rows, rows[:at] + rows[at + 1 :])):
        path = folder / f"{n}.csv"
        path.write_text("a,b,who\n" + "\n".join(lines) + "\n")
        split = split_source(
            SourceSpec(path=str(path), person=person), "a", Key.root(1), folder / f"side{n}", "x", private=True
        )
        assert split.holdout is not None
        assert {str(f.type) for f in split.train.schema} == {"string"}
        sides.append(
            [{tuple(r.values()) for b in s.scan() for r in b.to_pylist()} for s in (split.train, split.holdout)]
        )
    (train, held), (train_less, held_less) = sides
    gone = tuple(rows[at].split(","))
    assert train - {gone} == train_less
    assert held - {gone} == held_less
    if person:
        assert not {r[2] for r in train} & {r[2] for r in held}


def test_rows_of_a_person_are_bounded_and_that_is_said(tmp_path: Path) -> None:
    path = write_people(tmp_path / "people.csv", 3_000, persons=500)
    source = {"path": str(path), "holdout_share": 0, "person": "who"}
    bundle = sundog.make(recipe_of(path, source=source, person_rows=2, epsilon=50), tmp_path / "out")
    assert "who" not in bundle.to_arrow().column_names
    manifest = bundle.files.manifest
    assert 850 < bundle.to_arrow().num_rows < 1_100  # two rows of nearly each of 500 persons
    assert any("at most 2 rows were read" in r["text"] for r in manifest["remarks"])
    assert all("one person (who)" in s["neighbours"] for s in manifest["privacy_spend"])


def test_a_bundle_tells_nothing_about_the_records_beside_the_releases(people: Path, tmp_path: Path) -> None:
    source = {"path": str(people), "licence": "internal"}
    recipe = recipe_of(people, source=source, epsilon=2, target="sex") | {"evidence": {"level": "quick"}}
    bundle = sundog.make(recipe, tmp_path / "out")
    manifest = bundle.files.manifest
    part = manifest["parts"]["people"]
    assert part["real_rows"] == {"train": None, "holdout": None}
    assert part["dependence"]["means"] == "releases"
    assert (part["dependence"]["epsilon"], part["dependence"]["delta"]) == (2.0, 1e-6)
    assert [(s["sha256"], s["licence"]) for s in manifest["ledger"]] == [("", "internal")]
    spent = sum(s["rho"] for s in manifest["privacy_spend"])
    assert 0 < spent < 0.2
    card = (tmp_path / "out" / "README.md").read_text()
    assert "fidelity" not in card
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert all(set(f["reads"]) <= {"synthetic"} for f in report["public"]["findings"])
    assert report["private"]["findings"]
    model = (tmp_path / "out" / "model" / "people" / "model.json").read_text()
    assert '"learned_rows":4000' not in model or manifest["parts"]["people"]["accepted"] == 4_000
    assert sundog.verify(tmp_path / "out").ok


def test_a_delta_that_would_publish_a_row_is_warned_of(people: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps(recipe_of(people, delta=0.01, units=20)))
    done = CliRunner().invoke(build(), ["make", str(recipe), "-o", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "warning: delta 0.01 is not below 1 / " in done.output


def test_the_manifest_of_a_private_table_can_be_published(people: Path, tmp_path: Path) -> None:
    """Which findings on real rows there are, and hashes of their numbers, stand in a file of the private half."""
    out = tmp_path / "out"
    source = {"path": str(people), "licence": "internal"}
    sundog.make(recipe_of(people, source=source, epsilon=2, units=300) | {"evidence": {"level": "quick"}}, out)
    manifest = json.loads((out / "manifest.json").read_text())
    listed = {f["path"] for n in ("documents", "pages") for f in manifest[n]}
    assert listed == {"README.md", "croissant.json", "privacy-public.html", "privacy-public.json"}
    report = json.loads((out / "report.json").read_text())
    public = {(f["check"], f["part"], f["subject"]) for f in report["public"]["findings"]}
    assert {tuple(f) for f in manifest["findings"]} == public
    assert not any(f["verdict"] == "skipped" for f in report["public"]["findings"])
    apart = json.loads((out / "private-half.json").read_text())
    assert len(apart["findings"]) == len(public) + len(report["private"]["findings"])
    assert {f["path"] for f in apart["documents"]} == {"privacy.html", "privacy.json"}
    (out / "report.html").write_text("another")
    (out / "privacy.json").write_text((out / "privacy.json").read_text() + " ")
    assert {p.where for p in sundog.verify(out).problems} == {"report.html", "privacy.json"}
    with pytest.raises(RequestError, match="SD-REPORT-004"):
        sundog.read_privacy_report(out)


def test_only_public_findings_decide_on_release() -> None:
    """A verdict that depends on what reads real rows would tell of them; what reads synthetic rows still withholds."""
    more = {"part": "people", "section": "privacy", "unit": "share", "value": 1.0, "verdict": "fail", "withholds": True}
    private = Finding(check="privacy.copies", subject="rows", reads=("synthetic", "train"), **more)
    public = Finding(check="validity.rules", subject="a <= b", **more)
    spec = EvidenceSpec(level="full", limits={})
    assert decide([private], spec).verdict == "withheld"
    assert decide([private], spec, ["people"]).verdict == "released"
    assert decide([private], spec, ["other"]).verdict == "withheld"
    assert decide([private, public], spec, ["people"]).verdict == "withheld"
    skipped = private.model_copy(update={"verdict": "skipped", "value": None})
    assert decide([skipped], spec, ["people"]).verdict == "released"
    limited = decide([private], EvidenceSpec(level="full", limits={"privacy.copies": 0.1}), ["people"])
    assert limited.verdict == "unassessed"
    assert "'people' has no part in the verdict" in limited.reasons[0]


def test_the_ledger_adds_up_over_runs_and_refuses_what_is_over_budget(
    people: Path, ledger: Path, tmp_path: Path
) -> None:
    sundog.make(recipe_of(people, epsilon=1, units=100), tmp_path / "one")
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        sundog.make(recipe_of(people, epsilon=1, units=100), tmp_path / "two")
    assert not (tmp_path / "two").exists()
    sundog.make(recipe_of(people, epsilon=1, units=100, budget=3), tmp_path / "two")
    (file,) = ledger.iterdir()
    assert len(read_ledger(file.stem, ledger).releases) == 2
    finished = subprocess.run(
        [sys.executable, "-m", "sundog", "replicate", str(people), "--epsilon", "1", "-o", str(tmp_path / "three")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 2
    assert "SD-PRIVACY-004" in finished.stderr + finished.stdout


def test_replicate_takes_epsilon_and_a_file_of_columns(people: Path, tmp_path: Path) -> None:
    columns = tmp_path / "columns.yaml"
    columns.write_text(json.dumps({"columns": COLUMNS}))
    bundle = sundog.replicate(people, tmp_path / "out", epsilon=5, delta=1e-6, domain=columns, evidence="none")
    part = bundle.recipe.parts["table"]
    assert isinstance(part, TablesPart)
    assert (part.method, part.epsilon, part.domain, part.units) == ("marginals", 5.0, "declared", None)
    assert abs(bundle.to_arrow().num_rows - 3_200) < 250  # four fifths, told with noise
    spelled_out = sundog.read(tmp_path / "out" / "recipe.yaml").parts["table"]
    assert implementation("sundog.kinds", "tables").find_faults(spelled_out, "parts.table") == ()
    for wrong in (tmp_path / "nosuch.yaml", people):
        with pytest.raises(RequestError, match="SD-RUN-050"):
            sundog.replicate(people, tmp_path / "other", epsilon=5, domain=wrong)
    with pytest.raises(RequestError, match="SD-TABLES-025"):
        sundog.replicate(people, tmp_path / "other", epsilon=5, method="trees")


def test_a_file_of_columns_reads_as_a_recipe_does(tmp_path: Path) -> None:
    """A day without quotes is a day, and NO is a country and no `false`."""
    columns = tmp_path / "columns.yaml"
    columns.write_text(
        "columns:\n  land: {values: [NO, SE, no]}\n  day: {meaning: date, minimum: 2020-01-01, maximum: 2021-12-31}\n"
    )
    recipe = replicate_recipe("people.csv", ReplicateOptions(epsilon=1, domain=str(columns)))
    part = recipe.parts["table"]
    assert isinstance(part, TablesPart)
    assert part.columns["land"].values == ("NO", "SE", "no")
    assert part.columns["day"].minimum == "2020-01-01"


def test_a_killed_prepare_counts_as_spent(people: Path, ledger: Path, tmp_path: Path) -> None:
    """Killed as soon as the ledger has its line: what was asked cannot be asked again within the budget."""
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(json.dumps(recipe_of(people, epsilon=1, units=100)))
    command = [sys.executable, "-m", "sundog", "make", str(recipe), "-o", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and not (ledger.exists() and any(f.stat().st_size for f in ledger.iterdir())):
            time.sleep(0.01)
        assert run.poll() is None
        os.kill(run.pid, signal.SIGKILL)
    (file,) = ledger.iterdir()
    assert len(read_ledger(file.stem, ledger).releases) == 1
    finished = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "SD-PRIVACY-004" in finished.stderr + finished.stdout


def test_delta_that_would_allow_to_tell_a_row_is_warned_of(people: Path, tmp_path: Path) -> None:
    bundle = sundog.make(recipe_of(people, delta=1e-3, units=10), tmp_path / "out")
    assert any("not below 1 /" in r["text"] for r in bundle.files.manifest["remarks"])


def test_forms_are_chosen_from_noisy_counts() -> None:
    def of(**counts: int) -> tuple[str, int | None]:
        cells = np.array([counts.get(n.replace(" ", "_"), 0) for n in SORTS], float)
        return choose_form(cells + 3.0, 10.0)

    assert of(integer=1000, missing=500) == ("integer", 0)
    assert of(integer=1000, **{"2_decimals": 900}) == ("decimal", 2)
    assert of(integer=1000, decimal=900) == ("decimal", None)
    assert of(integer=1000, text=200) == ("category", None)
    assert of(date=1000) == ("date", None)
    assert of(date=1000, timestamp=900) == ("timestamp", None)
    assert of(boolean=1000) == ("boolean", None)
    assert of(missing=1000) == ("category", None)
    assert of(integer=1000, text=25) == ("integer", 0)  # as many as noise brings about


def test_the_name_of_a_source_is_that_of_its_ledger(people: Path, ledger: Path) -> None:
    from hashlib import sha256

    fit(recipe_of(people, epsilon=1))
    (file,) = ledger.iterdir()
    assert file.stem == name_source([sha256(people.read_bytes()).hexdigest()])


@pytest.mark.slow
def test_full_evidence_of_a_private_table_releases_it_with_an_audit(people: Path, tmp_path: Path) -> None:
    recipe = recipe_of(people, source={"path": str(people)}, epsilon=2, target="sex") | {"evidence": {"level": "full"}}
    bundle = sundog.make(recipe, tmp_path / "out")
    (audit,) = [f for f in bundle.report.findings if f.check == "privacy.canaries"]
    assert audit.verdict == "pass"
    assert audit.value is not None
    assert audit.value <= 2
    assert bundle.verdict == "released"
