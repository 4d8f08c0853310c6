"""Hints of names: what is noticed, and what is left alone."""

from __future__ import annotations

import pytest

from sundog.core.findings import Exhibit, Grid
from sundog.evidence.report.privacy.identifiers import Hint, hint_at, read_recognised
from sundog.lib.pii.column_words import KIND_WORDS, hint_kind
from sundog.lib.pii.kinds import LETTERS, find_kind


@pytest.mark.parametrize(
    ("name", "meaning", "letter"),
    [
        ("surname", "text", "A"), ("home_city", "category", "B"), ("DateOfBirth", "category", "C"), ("admitted", "timestamp", "C"),
        ("mobile", "category", "D"), ("fax", "category", "E"), ("e_mail", "category", "F"), ("ssn", "category", "G"), ("mrn", "integer", "H"),
        ("insurance_no", "integer", "I"), ("card", "integer", "J"), ("passport", "category", "R"), ("licence_no", "category", "K"), ("vin", "category", "L"),
        ("imei", "category", "M"), ("homepage", "text", "N"), ("ip", "category", "O"), ("iris", "category", "P"), ("photo", "category", "Q"),
        ("customer_id", "integer", "R"), ("key", "identifier", "R"), ("x", "email", "F"), ("x", "iban", "J"),
        ("iban", "identifier", "J"), ("full_name", "identifier", "A"), ("téléphone", "identifier", "D"), ("dirección", "category", "B"),
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


def test_one_list_of_words_for_names_and_values() -> None:
    """What the values are judged with beside them is what the names alone are judged by, but for words that say too little alone."""
    for kind, _ in KIND_WORDS:
        assert kind == "national" or find_kind(kind).letter in LETTERS
    for name in ("last_contact", "age", "given"):
        assert hint_at(name, "integer").letter == ""
    assert hint_kind(["last"], values=True) == "name"


def test_what_recognition_drew_is_read_again() -> None:
    rows = (
        ("card_no", "payment cards", "J, account numbers", "99%", "why", "left out"),
        ("seen", "dates", "C, dates other than years, and ages over 89", "40%", "why", "learned"),
        ("note", "free text, which may hold any of them", "inside: A, J", "95%", "why", "new values"),
        ("race", "-", "-", "30%", "perhaps: named 'race'", "learned"),
    )
    drawn = Exhibit(
        check="identifiers", part="people", section="privacy", title="x", how_to_read="y", drawing=Grid(columns=tuple("abcdef"), rows=rows), reads=("train",)
    )  # fmt: skip
    told = {column: str(found) for (_, column), found in read_recognised([drawn]).items()}
    assert told == {
        "card_no": "payment cards: Safe Harbor J (account numbers)",
        "seen": "dates: Safe Harbor C (dates other than years, and ages over 89), perhaps",
        "note": "free text, which may hold any of them: inside: A, J",
        "race": "",
    }
