"""The inventory of personal data, and identifiers in synthetic texts: a leak fires, noise and the holdout are quiet."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.tables import with_meaning

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
pii_set = importlib.import_module("pii_set")

TEXTS = ("Customer {name} called, number {phone}.", "Send the {price} to {iban}.", "All good.")


def _rows(seed: int, n: int = 300) -> pa.Table:
    source = pii_set.Source("en_GB", Key.root(seed), False)
    rows = []
    for _ in range(n):
        held = {s: source.value(s) for s in ("name", "phone", "iban", "price")}
        rows.append(
            {
                "name": held["name"],
                "religion": source.pick(("a", "b")),
                "spend": float(source.draw.integers(50)),
                "notes": source.pick(TEXTS).format(**held),
            }
        )
    table = pa.Table.from_pylist(rows)
    marks = {"name": "identifier", "notes": "text"}
    return table.cast(pa.schema([with_meaning(f, marks[f.name]) if f.name in marks else f for f in table.schema]))


@pytest.fixture(scope="module")
def train() -> pa.Table:
    return _rows(1)


@pytest.fixture(scope="module")
def holdout() -> pa.Table:
    return _rows(2, 200)


def test_a_leak_withholds(train, holdout, evidence, run, pick):
    found = pick(run("identifiers", evidence(train, train=train, holdout=holdout)), "privacy.text_identifiers")
    assert (found.value, found.verdict, found.withholds) == (1.0, "fail", True)


def test_a_leak_of_a_tenth_withholds(train, holdout, evidence, run, pick):
    mixed = pa.concat_tables([_rows(3, 270), train.slice(0, 30)])
    found = pick(run("identifiers", evidence(mixed, train=train, holdout=holdout)), "privacy.text_identifiers")
    assert found.verdict == "fail"


@pytest.mark.parametrize("with_holdout", [True, False])
def test_other_persons_pass(train, holdout, evidence, run, pick, with_holdout):
    answer = run("identifiers", evidence(_rows(4), train=train, holdout=holdout if with_holdout else None))
    assert pick(answer, "privacy.text_identifiers").verdict == "pass"


def test_the_holdout_passes(train, holdout, evidence, run, pick):
    found = pick(run("identifiers", evidence(holdout, train=train, holdout=holdout)), "privacy.text_identifiers")
    assert found.verdict == "pass"


def test_noise_passes(train, holdout, evidence, run, pick):
    """Texts without any identifier."""
    noise = train.set_column(3, train.schema.field("notes"), pa.array(["Nothing to say."] * train.num_rows))
    found = pick(run("identifiers", evidence(noise, train=train, holdout=holdout)), "privacy.text_identifiers")
    assert (found.value, found.verdict) == (0.0, "pass")


ADVISERS = ("Petra Zimmermann", "Klaus Hoffmann", "Sabine Brandt", "Uwe Lehmann")


def _advised(names: tuple[str, ...], marked: bool = False) -> pa.Table:
    column = pa.array([names[i % len(names)] for i in range(400)])
    field = pa.field("looked_after_by", pa.string())
    return pa.table(
        [column, pa.array(range(400))],
        schema=pa.schema([with_meaning(field, "identifier") if marked else field, pa.field("spend", pa.int64())]),
    )


def test_names_that_were_learned_as_categories_warn(evidence, run):
    """Four advisers of 400 customers: enough rows share each name, and it is a real person's all the same."""
    train = _advised(ADVISERS)
    told = {f.subject: f for f in run("identifiers", evidence(train, train=train)).findings}
    found = told["looked_after_by, learned as it is"]
    assert (found.value, found.verdict, found.withholds) == (1.0, "warn", False)
    assert "400 of 400 synthetic values of 'looked_after_by' are names of persons" in found.why


def test_names_that_were_made_do_not_warn(evidence, run):
    train = _advised(ADVISERS)
    made = run("identifiers", evidence(_advised(("Ilse Krüger", "Jan Weber", "Eva Koch")), train=train)).findings
    assert {f.subject: f.verdict for f in made}["looked_after_by, learned as it is"] == "pass"
    remade = run("identifiers", evidence(_advised(("Ilse Krüger",), marked=True), train=train)).findings
    assert "looked_after_by, learned as it is" not in {f.subject for f in remade}


def test_the_inventory(train, holdout, evidence, run, pick):
    answer = run("identifiers", evidence(_rows(4).drop_columns(["notes"]), train=train, holdout=holdout))
    found = pick(answer, "privacy.identifiers")
    assert found.value == 2
    assert "religion (religious or philosophical beliefs)" in found.why
    (exhibit,) = answer.exhibits
    rows = {r[0]: r for r in exhibit.drawing.rows}
    assert rows["name"][2] == "A, names"
    assert rows["notes"][2] == "inside: A, D, J"
    assert rows["notes"][5] == "left out"
    assert "spend" not in rows
    assert [f.check for f in answer.findings] == ["privacy.identifiers"]


def test_real_records_without_persons_have_an_empty_inventory(evidence, run, pick):
    table = pa.table({"x": [1.5, 2.5, 3.5] * 20, "plan": ["a", "b", "c"] * 20})
    answer = run("identifiers", evidence(table, train=table, holdout=table))
    assert pick(answer, "privacy.identifiers").value == 0
    assert answer.exhibits == ()
