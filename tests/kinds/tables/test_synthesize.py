"""Learned tables as a user meets them: through recipes, bundles and fitted models."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import sundog
from sundog.api import FittedPart, fit, load_fitted
from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.tables import generation_of
from sundog.kinds.tables.synthesize import TablesSynthesizer
from sundog.lib.rows.read import open_files
from sundog.run.recipe_files import validate_recipe

ROWS = 1500


def write_people(path: Path, rows: int = ROWS) -> Path:
    """A made table with the shapes that users have: spikes, missing values, rules, rare categories, identifiers."""
    rng = Key.root(5).generator()
    age = rng.integers(18, 90, rows)
    town = rng.choice(["Graz", "Linz", "Wien", "Wels"], rows, p=[0.2, 0.25, 0.5, 0.05])
    income = np.where(rng.random(rows) < 0.2, 0, np.round(rng.lognormal(7.5, 0.4, rows) * (age / 50), 2))
    start = np.datetime64("2020-01-01") + rng.integers(0, 900, rows)
    end = start + rng.integers(0, 200, rows)
    base, bonus = rng.integers(100, 900, rows), rng.integers(0, 90, rows)
    default = (rng.random(rows) < 1 / (1 + np.exp(age / 15 - 2))).astype(int)
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["customer", "age", "town", "code", "income", "start", "end", "base", "bonus", "total", "default"]
        )
        for i in range(rows):
            shown = "" if age[i] > 80 and i % 2 else f"{income[i]:.2f}"
            code = {"Graz": "G", "Linz": "L", "Wien": "W", "Wels": "E"}[str(town[i])]
            writer.writerow(
                [f"C-{100000 + 7 * i}", age[i], town[i], code, shown, start[i], end[i], base[i], bonus[i], base[i] + bonus[i], default[i]]
            )  # fmt: skip
    return path


def recipe_of(source: Path, **part: Any) -> dict[str, Any]:
    """A recipe of one table with no evidence."""
    return {
        "name": "people",
        "seed": 3,
        "parts": {"people": {"kind": "tables", "units": 400, "source": {"path": str(source)}, **part}},
        "evidence": {"level": "none"},
    }


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_people(tmp_path_factory.mktemp("people") / "people.csv")


@pytest.fixture(scope="module", params=["trees", "forest"])
def fitted(request: pytest.FixtureRequest, people: Path) -> FittedPart:
    return fit(recipe_of(people, method=request.param))


def test_types_and_columns_are_those_of_the_source(fitted: FittedPart, people: Path) -> None:
    real = sundog.inspect(people)
    made = fitted.sample(200)["rows"]
    assert made.num_rows == 200
    assert set(made.column_names) == {c.name for c in real.columns}
    assert pa.types.is_date(made.schema.field("start").type)
    assert pa.types.is_integer(made.schema.field("age").type)


def test_rules_hold_in_every_row(fitted: FittedPart) -> None:
    made = fitted.sample(3000)["rows"]
    assert pc.all(pc.less_equal(made.column("start"), made.column("end"))).as_py()
    assert pc.all(pc.equal(pc.add(made.column("base"), made.column("bonus")), made.column("total"))).as_py()
    pairs = set(zip(made.column("town").to_pylist(), made.column("code").to_pylist(), strict=True))
    assert pairs <= {("Graz", "G"), ("Linz", "L"), ("Wien", "W"), ("Wels", "E")}


def test_missing_values_keep_their_dependence(fitted: FittedPart) -> None:
    made = fitted.sample(6000)["rows"]
    old = pc.greater(made.column("age"), 80)
    missing = pc.is_null(made.column("income")).to_numpy(zero_copy_only=False)
    is_old = old.to_numpy(zero_copy_only=False)
    assert missing[~is_old].mean() < 0.05
    assert missing[is_old].mean() > 0.25


def test_identifiers_are_remade_and_unique(fitted: FittedPart, people: Path) -> None:
    with people.open() as stream:
        real = {row["customer"] for row in csv.DictReader(stream)}
    made = fitted.sample(2000)["rows"].column("customer").to_pylist()
    assert len(set(made)) == len(made)
    assert all(m.startswith("C-") for m in made)
    assert len(real & set(made)) < 0.1 * len(made)  # no more than the size of the pattern's space explains


def test_a_unit_alone_equals_the_unit_in_a_crowd(fitted: FittedPart) -> None:
    crowd = fitted.sample(300, seed=9)["rows"]
    alone = fitted.sample(1, seed=9, start=217)["rows"]
    assert crowd.slice(217, 1).to_pylist() == alone.to_pylist()
    assert crowd.to_pylist() != fitted.sample(300, seed=10)["rows"].to_pylist()


def test_a_saved_model_samples_the_same_without_the_source(fitted: FittedPart, tmp_path: Path) -> None:
    fitted.save(tmp_path / "model")
    again = load_fitted(tmp_path / "model")
    assert again.sample(100, seed=2)["rows"].equals(fitted.sample(100, seed=2)["rows"])
    names = {p.name for p in (tmp_path / "model").iterdir()}
    assert names <= {"model.json", "arrays.arrow", "part.json"}


def test_given_values_are_kept(fitted: FittedPart) -> None:
    made = fitted.sample(300, given={"town": "Wels", "default": 1})["rows"]
    assert set(made.column("town").to_pylist()) == {"Wels"}
    assert set(made.column("code").to_pylist()) == {"E"}
    assert set(made.column("default").to_pylist()) == {1}


def test_a_value_that_is_not_there_names_the_nearest(fitted: FittedPart) -> None:
    with pytest.raises(RequestError, match="Wels"):
        fitted.sample(10, given={"town": "Wells"})
    with pytest.raises(RequestError, match=r"SD-API-009 at given.twon: there is no such column\n.*'town'"):
        fitted.sample(10, given={"twon": "Wels"})


def test_shares_ranges_and_choices(people: Path) -> None:
    given = {
        "default": {"shares": {1: 0.5, 0: 0.5}},
        "age": {"between": [30, 40]},
        "town": {"one_of": ["Graz", "Linz"]},
    }
    made = fit(recipe_of(people, given=given)).sample(2000)["rows"]
    assert 0.45 < np.mean(made.column("default").to_pylist()) < 0.55
    assert set(made.column("town").to_pylist()) == {"Graz", "Linz"}
    ages = made.column("age").to_numpy()
    assert ages.min() >= 30
    assert ages.max() <= 40


def test_conditions_shift_what_depends_on_them(people: Path) -> None:
    model = fit(recipe_of(people))
    young = model.sample(1500, given={"age": 20})["rows"].column("default").to_numpy().mean()
    old = model.sample(1500, given={"age": 75})["rows"].column("default").to_numpy().mean()
    assert young > old + 0.3


def test_rows_are_completed_in_order(people: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("age,town,income\n33,Graz,\n,Linz,1200.50\n", encoding="utf-8")
    recipe = recipe_of(people, complete={"path": str(rows), "times": 2}, units=None, method="forest")
    made = sundog.make(recipe, tmp_path / "out").to_arrow()  # their number follows from the rows
    assert made.column("town").to_pylist() == ["Graz", "Graz", "Linz", "Linz"]
    assert made.column("age").to_pylist()[:2] == [33, 33]
    assert made.column("income").to_pylist()[2:] == [1200.5, 1200.5]
    assert made.column("income").null_count == 0  # filling: a blank that was to be filled is filled
    assert made.column("age").null_count == 0
    recipe["parts"]["people"]["units"] = 5
    stated = sundog.make(recipe, tmp_path / "more").to_arrow()  # more are stated than are given: it begins again
    assert stated.column("town").to_pylist() == ["Graz", "Graz", "Linz", "Linz", "Graz"]
    assert stated.slice(0, 4).equals(made)


def test_without_rows_to_complete_a_number_of_units_is_needed(people: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="'units' is needed"):
        sundog.make(recipe_of(people, units=None), tmp_path / "out")


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"target": "defualt"}, "SD-TABLES-002"),
        ({"columns": {"default": {"drop": True}}, "target": "default"}, "SD-TABLES-003"),
        ({"target": "age", "weights": "age"}, "SD-TABLES-004"),
        ({"weights": "town"}, "SD-TABLES-005"),
        ({"weights": "income"}, "SD-TABLES-006"),
        ({"given": {"total": {"between": [1, 2]}}}, "SD-TABLES-105"),
        ({"given": {"age": {"between": [200, 300]}}}, "SD-TABLES-108"),
        ({"given": {"age": "old"}}, "SD-TABLES-013"),
        ({"given": {"code": {"shares": {"G": 1.0}}}}, "SD-TABLES-014"),
        ({"given": {"town": {"shares": {"Graz": 0.0}}}}, "SD-TABLES-015"),
    ],
)
def test_impossible_requests_are_refused_before_anything_is_written(
    people: Path, tmp_path: Path, part: dict[str, Any], code: str
) -> None:
    with pytest.raises(RequestError) as caught:
        sundog.make(recipe_of(people, **part), tmp_path / "out")
    assert code in {p.code for p in caught.value.problems}
    assert all(p.where.startswith("parts.people.") for p in caught.value.problems)
    assert not (tmp_path / "out").exists()


def test_given_columns_that_are_not_there(people: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean 'town'"):
        sundog.make(recipe_of(people, given={"twon": "Graz"}), tmp_path / "out")
    rows = tmp_path / "rows.csv"
    rows.write_text("agee\n33\n", encoding="utf-8")
    with pytest.raises(RequestError, match="SD-TABLES-007"):
        sundog.make(recipe_of(people, complete={"path": str(rows)}), tmp_path / "out")
    rows.write_text("age\n33.5\n", encoding="utf-8")
    with pytest.raises(RequestError, match="SD-TABLES-008"):
        sundog.make(recipe_of(people, complete={"path": str(rows)}), tmp_path / "out")
    rows.write_text("age\nthirty\n", encoding="utf-8")
    with pytest.raises(RequestError, match="SD-SOURCE"):
        sundog.make(recipe_of(people, complete={"path": str(rows)}), tmp_path / "out")
    rows.write_text("age\n", encoding="utf-8")
    with pytest.raises(RequestError, match="SD-SOURCE"):
        sundog.make(recipe_of(people, complete={"path": str(rows)}), tmp_path / "out")
    with pytest.raises(RequestError, match="SD-TABLES-010"):
        sundog.make(recipe_of(people, given={"base": 5}, columns={"base": {"drop": True}}), tmp_path / "out")


def test_a_chain_needs_a_column_in_common(people: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("p,q\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(300)))
    recipe = recipe_of(people, units=60)
    recipe["parts"]["more"] = {"kind": "tables", "method": "forest", "of": "people", "source": {"path": str(other)}}
    with pytest.raises(RequestError, match="SD-TABLES-001"):
        sundog.make(recipe, tmp_path / "out")


def test_a_chained_table_keeps_the_columns_in_common(people: Path, tmp_path: Path) -> None:
    recipe = recipe_of(people, units=60, method="forest")
    recipe["parts"]["more"] = {
        "kind": "tables",
        "method": "forest",
        "of": "people",
        "source": {"path": str(people)},
        "columns": {"income": {"drop": True}},
    }
    bundle = sundog.make(recipe, tmp_path / "out")
    first, second = bundle.to_arrow(part="people"), bundle.to_arrow(part="more")
    shared = [n for n in second.column_names if n != "customer"]
    assert second.select(shared).to_pylist() == first.select(shared).to_pylist()


def test_inspect_shows_rules(people: Path) -> None:
    said = str(sundog.inspect(people))
    assert "base" in said
    assert "total" in said
    assert len(sundog.inspect(people).rules) >= 3


def test_weights_stand_for_a_population(people: Path, tmp_path: Path) -> None:
    heavy = tmp_path / "weighted.csv"
    with people.open() as read, heavy.open("w", newline="") as write:
        rows = list(csv.DictReader(read))
        writer = csv.DictWriter(write, [*rows[0], "weight"])
        writer.writeheader()
        writer.writerows({**row, "weight": 3 if row["town"] == "Graz" else 1} for row in rows)
    made = fit(recipe_of(heavy, weights="weight")).sample(3000)["rows"]
    assert "weight" not in made.column_names
    real = np.mean([row["town"] == "Graz" for row in rows])
    expected = 3 * real / (3 * real + 1 - real)
    assert expected > real + 0.15
    assert abs(np.mean([t == "Graz" for t in made.column("town").to_pylist()]) - expected) < 0.04


def test_a_model_from_a_bundle_is_sampled_again(people: Path, tmp_path: Path) -> None:
    first = sundog.make(recipe_of(people), tmp_path / "first")
    recipe = {
        "name": "more",
        "parts": {
            "people": {"kind": "tables", "units": 50, "model": str(tmp_path / "first"), "given": {"town": "Linz"}}
        },
        "evidence": {"level": "none"},
    }
    more = sundog.make(recipe, tmp_path / "more")
    assert set(more.to_arrow().column("town").to_pylist()) == {"Linz"}
    assert more.to_arrow().schema.names == first.to_arrow().schema.names
    recipe["parts"]["people"]["model"] = str(tmp_path)  # type: ignore[index]
    with pytest.raises(RequestError, match="SD-TABLES-016"):
        sundog.make(recipe, tmp_path / "none")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.json").write_text('{"@type": "Other"}')
    recipe["parts"]["people"]["model"] = str(tmp_path / "broken")  # type: ignore[index]
    with pytest.raises(RequestError, match="SD-TABLES-017"):
        sundog.make(recipe, tmp_path / "none")


@pytest.mark.parametrize("level", ["none", "quick"])
def test_copies_are_rejected_whatever_the_evidence(tmp_path: Path, level: str) -> None:
    source = tmp_path / "few.csv"
    source.write_text("a,b\n" + "".join(f"{i * 37 % 41},{i * i % 43}\n" for i in range(700)), encoding="utf-8")
    recipe = recipe_of(source, method="forest", copies="reject", units=200)
    recipe["evidence"]["level"] = level
    recipe["parts"]["people"]["source"]["holdout_share"] = 0  # rows held out may come out: nobody learned from them
    real = set(source.read_text().splitlines()[1:])
    bundle = sundog.make(recipe, tmp_path / "out")
    made = {f"{row['a']},{row['b']}" for row in bundle.to_arrow().to_pylist()}
    assert not made & real
    assert bundle.files.manifest["parts"]["people"]["rejected"]["copy"] > 0
    shown = [p.name for p in (tmp_path / "out" / "rejected").rglob("*.parquet")]
    assert shown == ["reasons.parquet"]  # the values equal real records and are not kept


def test_learning_from_a_sample_is_said(people: Path, tmp_path: Path) -> None:
    bundle = sundog.make(recipe_of(people, learn_rows=500), tmp_path / "out")
    assert any("500 of" in r["text"] for r in bundle.files.manifest["remarks"])


def test_files_say_how_far_they_are_from_the_world(people: Path, tmp_path: Path) -> None:
    sundog.make(recipe_of(people), tmp_path / "1")
    sundog.make(recipe_of(tmp_path / "1" / "data" / "people" / "rows"), tmp_path / "2")
    again = {"name": "more", "parts": {"people": {"kind": "tables", "units": 50, "model": str(tmp_path / "2")}}}
    third = sundog.make(again, tmp_path / "3")
    files = [tmp_path / name / "data" / "people" / "rows" / "part-00000.parquet" for name in "123"]
    assert [generation_of(pq.read_schema(file)) for file in files] == [1, 2, 2]
    assert [f.value for f in third.report.findings if f.check == "provenance.generation"] == [2.0]


def test_a_target_that_is_an_identifier_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.csv"
    path.write_text("x,key\n" + "".join(f"{i * 7 % 40},K-{i * 7919 % 90000 + 10000}\n" for i in range(300)))
    with pytest.raises(RequestError) as caught:
        fit(recipe_of(path, target="key", method="forest"))
    problem = caught.value.problems[0]
    assert (problem.code, problem.where) == ("SD-TABLES-019", "parts.people.target")
    assert "'key' is not learned" in str(problem)
    assert "columns: {key: {meaning: category}}" in str(problem)


def test_given_values_that_are_no_single_values_are_refused(fitted: FittedPart) -> None:
    with pytest.raises(RequestError) as caught:
        fitted.sample(5, given={"income": {"min": 5000}, "age": [30, 40], "town": "Graz"})
    assert [(p.code, p.where) for p in caught.value.problems] == [
        ("SD-API-010", "given.income"),
        ("SD-API-010", "given.age"),
    ]
    assert "between" in caught.value.problems[0].fix


@pytest.mark.parametrize(("value", "said"), [(1e9, True), (40.0, False)])
def test_given_values_far_beyond_what_was_learned_are_remarked_on(
    people: Path, tmp_path: Path, value: float, said: bool
) -> None:
    part = validate_recipe(recipe_of(people, method="forest", given={"income": value})).parts["people"]
    with open_files(str(people)) as source:
        notes = TablesSynthesizer().prepare(part, source, Key.root(1), tmp_path).notes
    assert any(isinstance(n, Remark) and n.subject == "income" and "far beyond" in n.text for n in notes) is said


def test_too_few_rows_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("a,b\n" + "1,2\n" * 5)
    with pytest.raises(RequestError) as caught:
        fit(recipe_of(path))
    assert [(p.code, p.where) for p in caught.value.problems] == [("SD-TABLES-113", "few.csv")]
