"""Persons, addresses and their numbers are never written, however few of them there are; things that many rows share are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import yaml

from sundog.kinds.records.start.options import start_recipe
from sundog.kinds.records.start.personal import is_personal_text

ROWS = 400


def _read(folder: Path, columns: dict[str, list[str]]) -> tuple[str, dict[str, dict[str, object]]]:
    """The text of the recipe from columns whose values come again and again, and its fields."""
    table = {name: [values[i % len(values)] for i in range(ROWS)] for name, values in columns.items()}
    pa_csv.write_csv(pa.table(table), folder / "real.csv")
    text = start_recipe([str(folder / "real.csv")])
    return text, yaml.safe_load(text)["parts"]["real"]["tables"]["real"]["fields"]


PEOPLE = ["Anna Bell", "Tim Hall", "Zoe Meyer"]
STREETS = ["12 Main Street", "9 Elm Road", "3 Oak Lane"]
MADE_UP = {
    "name": PEOPLE,
    "doctor": ["Dr. Anna Bell", "Dr. Tim Hall"],
    "nurse": ["Quibble", "Zwack"],
    "agent": PEOPLE,
    "sales_agent": PEOPLE,
    "customer_name": PEOPLE,
    "approved_by": PEOPLE,
    "desk": PEOPLE,
    "manager": ["Bell, Anna", "Hall, Tim"],
    "street": STREETS,
    "addr": ["12 Main St, Springfield", "9 Elm Rd, Dover"],
    "home": ["Hauptstraße 12, Bonn", "Ringweg 3, Kiel"],
    "contact": ["anna.bell@acme.com", "tim.hall@acme.com", "none"],
    "hotline": ["+1 415 233 8841", "+1 212 777 9110"],
    "mobile": ["4152338841", "2127779110"],
    "customer_id": ["KQ-771", "KQ-772", "KQ-779"],
    "passport": ["X9981", "X9982"],
}


@pytest.mark.parametrize("name", MADE_UP)
def test_few_persons_or_places_are_made_up_all_the_same(name: str, tmp_path: Path) -> None:
    text, fields = _read(tmp_path, {"size": ["small", "large"], name: MADE_UP[name]})
    assert fields[name]["type"] in ("person", "place", "pattern", "unique", "integer", "sequence")
    for value in MADE_UP[name]:
        assert value not in text
        assert value == "none" or value.lower() not in text.lower()


TOLD = {
    "channel": ["Direct Mail", "Web Shop", "Front Desk"],
    "customer": ["new", "returning"],
    "member": ["Gold", "Silver"],
    "agent": ["Chrome", "Firefox"],
    "city": ["San Jose", "Virginia Beach", "New York"],
    "colour": ["Rose Gold", "Forest Green"],
    "sku": ["SKU-103", "SKU-104", "SKU-105"],
    "address_type": ["home", "work"],
    "email_status": ["sent", "opened"],
    "age_group": ["18-24", "25-64", "65-99"],
    "seen": ["2024-10-12 x", "2024-10-13 x"],
    "campaign_name": ["Spring Sale", "Autumn Sale"],
}


@pytest.mark.parametrize("name", TOLD)
def test_things_that_many_rows_share_are_categories(name: str, tmp_path: Path) -> None:
    _, fields = _read(tmp_path, {"n": [str(i) for i in range(17)], name: TOLD[name]})
    assert fields[name]["type"] == "category"
    assert set(fields[name]["values"]) == set(TOLD[name])  # type: ignore[call-overload]


def test_a_person_among_other_texts_is_left_out_and_a_comment_says_so(tmp_path: Path) -> None:
    where = [
        "front office",
        "back office",
        "basement",
        "attic",
        "Anna Bell",
        "garden",
        "a.bell@acme.com",
        "12 Main Street",
    ]
    text, fields = _read(tmp_path, {"found": where})
    assert set(fields["found"]["values"]) == {"front office", "back office", "basement", "attic", "garden"}  # type: ignore[call-overload]
    assert "# 3 texts that look like persons, addresses or numbers of theirs are left out." in text
    assert "Bell" not in text


def test_no_person_stands_in_the_cases_of_another_column(tmp_path: Path) -> None:
    text, fields = _read(
        tmp_path, {"customer_name": PEOPLE, "tariff": ["T-A", "T-B", "T-C"], "desk": ["1a", "2b", "3c"]}
    )
    assert "Anna" not in text
    assert fields["customer_name"]["type"] == "person"
    assert "case when" in fields["desk"].get("value", "") + fields["tariff"].get("value", "")  # type: ignore[operator]


def test_a_column_follows_from_another_though_some_of_its_values_are_rare(tmp_path: Path) -> None:
    plans = ["basic"] * 180 + ["plus"] * 140 + ["pro"] * 77 + ["vip"] * 3
    tariff = {"basic": "T-B", "plus": "T-P", "pro": "T-R", "vip": "T-V"}
    order = np.argsort(np.arange(400) * 7919 % 400)
    rows = {"plan": [plans[i] for i in order], "tariff": [tariff[plans[i]] for i in order]}
    pa_csv.write_csv(pa.table(rows), tmp_path / "real.csv")
    text = start_recipe([str(tmp_path / "real.csv")])
    fields = yaml.safe_load(text)["parts"]["real"]["tables"]["real"]["fields"]
    told = fields["plan"] if fields["plan"]["type"] == "expression" else fields["tariff"]
    assert told["type"] == "expression"
    for name in ("basic", "plus", "pro", "T-B", "T-P", "T-R"):
        assert f"'{name}'" in told["value"]
    assert "vip" not in text
    assert "T-V" not in text
    # One row that contradicts, and it no longer follows.
    rows["tariff"][0] = "T-P" if rows["tariff"][0] != "T-P" else "T-B"
    pa_csv.write_csv(pa.table(rows), tmp_path / "real.csv")
    assert "case when" not in start_recipe([str(tmp_path / "real.csv")])


def test_signs_such_as_currencies_stand_for_themselves(tmp_path: Path) -> None:
    signs = {
        "rule": [f"§ {i}.{i % 90 + 10}b" for i in range(10, 99)],
        "range": [f"{i}–{i % 10}° x" for i in range(10, 99)],
        "price": [f"€{i}k" for i in range(10, 99)],
    }
    _, fields = _read(tmp_path, signs)
    assert fields["rule"]["regex"] == r"§ [0-9]{2}\.[0-9]{2}[a-z]"
    assert fields["range"]["regex"] == r"[0-9]{2}–[0-9]° [a-z]"
    assert fields["price"]["regex"] == r"€[0-9]{2}[a-z]"


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("Dr. Anna Bell, MD", True),
        ("+49 30 901820", True),
        ("Calle Mayor 12", True),
        ("Los Angeles", False),
        ("Never Married", False),
        ("10 000 - 20 000", False),
        ("12.10.2024", False),
    ],
)
def test_one_text(text: str, personal: bool) -> None:
    assert is_personal_text(text) is personal
