"""`pii: replace` end to end: a customer table with notes, and what is refused."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

import sundog
from sundog.core.errors import MissingExtra, RequestError
from sundog.core.keys import Key
from sundog.lib.pii import language

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))
pii_set = importlib.import_module("pii_set")

NOTES = (
    "{name} called about order {order}; refund of {price} to {iban}.",
    "Frau oder Herr {surname} bittet um Rückruf: Telefon {phone}.",
    "Everything is fine.",
)


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = pii_set.Source("de_DE", Key.root(11), False)
    rows = []
    for i in range(500):
        sex = int(source.draw.integers(2))
        first, last = source.pick(source.given[sex]), source.pick(source.surnames[sex])
        held = {
            "name": f"{first} {last}",
            "surname": last,
            "phone": source.value("phone"),
            "iban": source.value("iban"),
        }
        note = (
            source.pick(NOTES).format(**held, order=source.value("order"), price=source.value("price"))
            if i % 7
            else None
        )
        rows.append({
            "kunde": f"K{20000 + i}", "geschlecht": "wm"[sex], "name": held["name"], "telefon": held["phone"], "email": source.value("email") if i % 3 else None,
            "iban": held["iban"], "steuer_id": source.national("de_tax"), "adresse": source.value("address"), "tarif": source.pick(("S", "M", "L")),
            "umsatz": float(source.draw.integers(10, 400)), "notizen": note,
        })  # fmt: skip
    path = tmp_path_factory.mktemp("customers") / "kunden.csv"
    pa.csv.write_csv(pa.Table.from_pylist(rows), path)
    return path


@pytest.fixture(scope="module")
def made(customers: Path, tmp_path_factory: pytest.TempPathFactory) -> sundog.Bundle:
    return sundog.replicate(
        customers, tmp_path_factory.mktemp("out") / "bundle", rows=400, pii="replace", method="forest"
    )


def test_a_customer_table_with_notes(made: sundog.Bundle, customers: Path) -> None:
    real = pa.csv.read_csv(customers)
    rows = made.to_arrow()
    assert rows.num_rows == 400
    assert rows.schema.names == real.schema.names
    for name in ("name", "telefon", "email", "iban", "steuer_id", "adresse"):
        known = set(real[name].drop_null().to_pylist())
        assert not {str(v) for v in rows[name].drop_null().to_pylist()} & {str(v) for v in known}
    notes = rows["notizen"].drop_null().to_pylist()
    assert len(notes) > 250
    assert any(n == "Everything is fine." for n in notes)
    told = [r for r in rows.to_pylist() if (r["notizen"] or "").endswith(f"{r['iban']}.")]
    assert len(told) > 50
    assert all(r["name"] in r["notizen"] for r in told)


def test_the_report_says_what_was_found_and_what_is_left(made: sundog.Bundle) -> None:
    found = {(f.check, f.subject): f for f in made.report.findings}
    assert found["privacy.templates", "notizen"].verdict == "pass"
    assert found["privacy.templates", "notizen"].value >= 10
    assert "a name that was missed" in found["privacy.templates", "notizen"].why
    assert found["privacy.text_identifiers", "notizen"].value == 0
    inventory = found["privacy.identifiers", "columns of the real records that hold identifiers"]
    assert inventory.value >= 7


def test_what_was_counted_of_real_texts_is_in_the_private_half(made: sundog.Bundle) -> None:
    """How many persons share a template, and how many texts have one, are numbers of the training records."""
    halves = json.loads((Path(made.path) / "report.json").read_text(encoding="utf-8"))
    told = [f["check"] for f in halves["public"]["findings"]] + [e["check"] for e in halves["public"]["exhibits"]]
    assert not {"privacy.templates", "texts"} & set(told)
    assert "privacy.templates" in [f["check"] for f in halves["private"]["findings"]]


def test_the_same_seed_gives_the_same_persons(made: sundog.Bundle, customers: Path, tmp_path: Path) -> None:
    again = sundog.replicate(customers, tmp_path / "again", rows=400, pii="replace", method="forest")
    assert again.to_arrow().equals(made.to_arrow())


def test_the_stored_model_makes_the_same_kind_of_rows(made: sundog.Bundle) -> None:
    (table,) = made.fitted().sample(50).values()
    assert "notizen" in table.schema.names


def test_persons_of_an_earlier_table_keep_their_names(made: sundog.Bundle) -> None:
    """Consistent over tables: a chained part, or a table that is given, brings its identifiers."""
    (first,) = made.fitted().sample(80).values()
    (second,) = made.fitted().sample(80, seed=9, given=first.select(["name", "iban", "tarif"])).values()
    assert second["name"].to_pylist() == first["name"].to_pylist()
    assert second["iban"].to_pylist() == first["iban"].to_pylist()
    assert second["tarif"].to_pylist() == first["tarif"].to_pylist()
    assert second["telefon"].to_pylist() != first["telefon"].to_pylist()
    told = [r for r in second.to_pylist() if " called about order " in (r["notizen"] or "")]
    assert len(told) > 10
    assert all(r["name"] in r["notizen"] and r["iban"] in r["notizen"] for r in told)
    (third,) = made.fitted().sample(20, given={"name": "Erika Mustermann"}).values()
    assert set(third["name"].to_pylist()) == {"Erika Mustermann"}


def test_without_the_extra_nothing_is_written(customers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "MODEL", "no_such_model")
    with pytest.raises(MissingExtra, match="SD-PII-001"):
        sundog.replicate(customers, tmp_path / "out", pii="replace")


def test_a_target_that_is_replaced_is_refused(customers: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"SD-PII-002 at parts.table.target(.|\n)*'name'"):
        sundog.replicate(customers, tmp_path / "out", pii="replace", target="name")


def test_a_table_of_identifiers_alone_is_refused(customers: Path, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    pa.csv.write_csv(pa.csv.read_csv(customers).select(["name", "telefon"]), path)
    with pytest.raises(RequestError, match=r"SD-PII-003.*nothing is left to learn"):
        sundog.replicate(path, tmp_path / "out", pii="replace")


def test_withhold_is_the_default_and_leaves_text_out(customers: Path, tmp_path: Path) -> None:
    rows = sundog.replicate(customers, tmp_path / "out", rows=60, method="forest", evidence="none").to_arrow()
    assert "notizen" not in rows.schema.names
    assert "adresse" not in rows.schema.names


def test_rows_to_complete_and_replaced_persons_exclude_each_other(customers: Path) -> None:
    part = {
        "kind": "tables",
        "source": {"path": str(customers)},
        "complete": {"path": str(customers)},
        "pii": "replace",
    }
    with pytest.raises(RequestError, match="exclude each other"):
        sundog.read({"name": "x", "parts": {"table": part}})
