"""Hints of names: what is noticed, and what is left alone."""

from __future__ import annotations

import pytest

from sundog.evidence.report.privacy.identifiers import Hint, hint_at, split_name
from sundog.lib.pii.kinds import LETTERS


@pytest.mark.parametrize(
    ("name", "meaning", "letter"),
    [
        ("surname", "text", "A"), ("home_city", "category", "B"), ("DateOfBirth", "category", "C"), ("admitted", "timestamp", "C"),
        ("mobile", "category", "D"), ("fax", "category", "E"), ("e_mail", "category", "F"), ("ssn", "category", "G"), ("mrn", "integer", "H"),
        ("insurance_no", "integer", "I"), ("card", "integer", "J"), ("passport", "category", "K"), ("vin", "category", "L"),
        ("imei", "category", "M"), ("homepage", "text", "N"), ("ip", "category", "O"), ("iris", "category", "P"), ("photo", "category", "Q"),
        ("customer_id", "integer", "R"), ("key", "identifier", "R"), ("x", "email", "F"), ("x", "iban", "J"),
    ],
)  # fmt: skip
def test_identifiers_of_the_list(name: str, meaning: str, letter: str) -> None:
    assert hint_at(name, meaning).letter == letter


def test_every_letter_of_the_list_can_be_hinted_at() -> None:
    assert "".join(LETTERS) == "ABCDEFGHIJKLMNOPQR"


@pytest.mark.parametrize(
    ("name", "special"),
    [("race", "racial or ethnic origin"), ("religion", "religious or philosophical beliefs"), ("icd10_code", "health"), ("unionMember", "trade union membership")],
)  # fmt: skip
def test_special_categories(name: str, special: str) -> None:
    assert hint_at(name, "category").special == special


@pytest.mark.parametrize(
    "name", ["price", "order_total", "grace_period", "healthy_margin_", "bracelet", "hours_per_week", "idea"]
)
def test_other_names_hint_at_nothing(name: str) -> None:
    assert hint_at(name, "decimal") == Hint()


def test_names_are_split_at_signs_and_capitals() -> None:
    assert split_name("dateOfBirth_2 (UTC)") == {"date", "of", "birth", "2", "utc"}
