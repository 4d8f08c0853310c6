from __future__ import annotations

import doctest
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.evidence.report import croissant, licences, words


@pytest.mark.parametrize("module", [words, licences, croissant])
def test_the_examples_in_the_docstrings_hold(module: object) -> None:
    found = doctest.testmod(module)  # type: ignore[arg-type]
    assert found.failed == 0
    assert found.attempted > 0


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.0, "share", "0%"),
        (0.00004, "share", "0.004%"),
        (0.0531, "share of rows", "5.31%"),
        (0.5, "share", "50%"),
        (0.9931, "share", "99.31%"),
        (1.0, "share", "100%"),
        (-0.02, "share", "−2.00%"),
        (0.5, "AUC", "0.500"),
        (0.01234567, "distance", "0.0123"),
        (1_000_000, "rows", "1,000,000"),
        (2.5, "rows", "2.5"),
        (12_345.678, "seconds", "12,346"),
        (0.00001234, "nats", "1.2e-05"),
        (None, "share", "–"),
        (float("nan"), "share", "–"),
        (float("inf"), "rows", "–"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float | None, unit: str, written: str) -> None:
    assert words.measure(value, unit) == written


@given(st.text(max_size=2000), st.integers(20, 300))
def test_shown_text_cannot_become_markup_or_hide_anything(text: str, limit: int) -> None:
    shown = words.show(text, limit)
    assert not set(shown) & set("<>\"'\x00\u202e\u2066")
    assert len(html.unescape(shown)) <= limit
    shown.encode("utf-8")  # no lone surrogate is left


@given(st.text(max_size=300))
def test_a_short_clean_text_is_shown_whole(text: str) -> None:
    if words.clean(text) == text:
        assert html.unescape(words.show(text)) == text


def test_a_blank_name_is_named() -> None:
    assert words.name("   ") == "(blank name of 3 characters)"


def test_a_clipped_name_keeps_both_ends_and_says_how_long_it_is() -> None:
    clipped = words.clip("a" * 5_000 + "b" * 5_000, 60)
    assert clipped.startswith("aaa")
    assert clipped.endswith("bbb")
    assert "10,000" in clipped
    assert len(clipped) <= 60


@pytest.mark.parametrize(
    ("bytes_", "written"), [(0, "0 bytes"), (1023, "1,023 bytes"), (1024, "1 KiB"), (5 * 2**30, "5 GiB"), (None, "–")]
)
def test_sizes(bytes_: int | None, written: str) -> None:
    assert words.spell_bytes(bytes_) == written


def test_counts_agree_with_their_nouns() -> None:
    assert words.count_of(1, "entries") == "1 entry"
    assert words.count_of(1, "people") == "1 person"
    assert words.count_of(0, "rows") == "0 rows"


def test_attacks_have_plain_names() -> None:
    assert words.name_check("privacy.membership_tpr") == "Training records found with few false alarms"
