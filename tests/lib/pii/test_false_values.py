"""False values: never one that the source has, with the source's writing, check digits, locale and sex."""

from __future__ import annotations

import importlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.pii.checksums import is_iban, is_luhn
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.normal import normalise
from sundog.lib.pii.people import guess_sex, make_people, name_key, share_locales
from sundog.lib.pii.pools import fill_pool
from sundog.lib.words.locales import list_locales, read_locale

pii_set = importlib.import_module("pii_set")

SLOTS = (
    "phone",
    "iban",
    "card",
    "address",
    "ip",
    "mac",
    "url",
    "imei",
    "vin",
    "licence",
    "passport",
    "mrn",
    "account",
    "plate",
    "national",
)


def _values(slot: str, locale: str, seed: int, n: int) -> tuple[str, list[str]]:
    source = pii_set.Source(locale, Key.root(seed), False)
    kind = source.national_kind() if slot == "national" else pii_set.KIND_OF[slot]
    return kind, [source.value(slot) for _ in range(n)]


@settings(max_examples=25)
@given(slot=st.sampled_from(SLOTS), locale=st.sampled_from(list_locales()), seed=st.integers(0, 10**6))
def test_no_false_value_is_one_of_the_source(slot: str, locale: str, seed: int) -> None:
    """Also where false values themselves are fed in as a source: what was made is taken, so others are made."""
    kind, values = _values(slot, locale, seed, 40)
    taken = {normalise(kind, v) for v in values}
    first = fill_pool(kind, values, frozenset(taken), 60, Key.root(seed), locale, 10)
    taken |= {normalise(kind, v) for v in first}
    second = fill_pool(kind, values, frozenset(taken), 60, Key.root(seed), locale, 10)
    assert len(first) == 60
    assert len(second) >= (20 if slot == "phone" else 60)  # ranges for fiction are small
    assert not {normalise(kind, v) for v in second} & taken
    assert len({normalise(kind, v) for v in first}) == len(first)


@pytest.mark.parametrize("locale", list_locales())
def test_writing_and_check_digits_are_kept(locale: str) -> None:
    for slot in ("iban", "card", "national"):
        kind, values = _values(slot, locale, 5, 60)
        pool = fill_pool(kind, values, frozenset(normalise(kind, v) for v in values), 60, Key.root(1), locale, 10)
        shapes = {re.sub(r"[0-9]", "9", re.sub(r"[A-Za-z]", "A", v)) for v in values}
        if slot == "iban":
            assert all(is_iban(v.replace(" ", "")) and v[:2] == values[0][:2] for v in pool)
        elif slot == "card":
            assert all(is_luhn(re.sub(r"\D", "", v)) for v in pool)
            assert {re.sub(r"[0-9]", "9", v) for v in pool} <= shapes
        else:
            last = 1 if kind == "fi_hetu" else 0  # its check letter may be a digit
            written = {re.sub(r"[0-9]", "9", re.sub(r"[A-Za-z]", "A", v)) for v in pool}
            assert {w[: len(w) - last] for w in written} <= {s[: len(s) - last] for s in shapes}


@pytest.mark.parametrize(
    "kind",
    ["es_dni", "br_cpf", "jp_mynumber", "gr_amka", "ch_ahv", "de_rvnr", "pt_nif", "au_tfn", "in_aadhaar", "no_fnr"],
)
def test_numbers_without_a_free_range_have_right_check_digits(kind: str) -> None:
    values = {"es_dni": ["12345678Z"], "br_cpf": ["529.982.247-25"], "jp_mynumber": ["123456789018"], "gr_amka": ["01017012344"],
              "ch_ahv": ["756.9217.0769.85"], "de_rvnr": ["15 070649 C 103"], "pt_nif": ["123456789"], "au_tfn": ["876 543 210"],
              "in_aadhaar": ["2341 2341 2346"], "no_fnr": ["01017012345"]}[kind]  # fmt: skip
    pool = fill_pool(kind, values, frozenset(normalise(kind, v) for v in values), 8, Key.root(2), "en_US", 10)
    assert len(pool) == 8
    assert all(NUMBERS[kind].right(bare(v)) for v in pool)
    assert not set(pool) & set(values)


@settings(max_examples=15)
@given(locale=st.sampled_from(list_locales()), seed=st.integers(0, 10**6))
def test_no_false_person_is_one_of_the_source(locale: str, seed: int) -> None:
    """Full names, and names that stand alone: even where the source has all names of a list."""
    source = pii_set.Source(locale, Key.root(seed), False)
    full = [source.value("name") for _ in range(200)]
    lists = read_locale(locale)
    alone = (
        {t for names in (*lists.given, *lists.surnames) for t in names.text.to_pylist()}
        if seed % 2
        else {source.value("given") for _ in range(30)}
    )
    people = make_people(
        {locale: 1.0},
        frozenset(map(name_key, full)),
        frozenset(normalise("name", v) for v in alone),
        300,
        Key.root(seed),
    )
    assert [p.sex for p in people] == [0, 1]
    for group in people:
        made = group.names.to_pydict()
        assert len(made["full"]) >= 100
        assert not {name_key(v) for v in made["full"]} & set(map(name_key, full))
        assert not {normalise("name", v) for v in (*made["given"], *made["surname"])} & {
            normalise("name", v) for v in alone
        }


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "uk_UA", "ja_JP", "tr_TR"])
def test_the_locale_of_names_is_told(locale: str) -> None:
    source = pii_set.Source(locale, Key.root(3), False)
    shares = share_locales([source.value("name") for _ in range(300)])
    assert max(shares, key=lambda n: shares[n])[:2] == locale[:2]


def test_the_locales_of_a_mixed_table_are_told() -> None:
    german, polish = (pii_set.Source(n, Key.root(3), False) for n in ("de_DE", "pl_PL"))
    shares = share_locales([german.value("name") for _ in range(300)] + [polish.value("name") for _ in range(100)])
    assert sum(s for n, s in shares.items() if n[:2] == "de") == pytest.approx(0.75, abs=0.06)
    assert shares["pl_PL"] == pytest.approx(0.25, abs=0.06)


def test_the_sex_of_a_given_name_is_told() -> None:
    assert [guess_sex(n) for n in ("Elizabeth", "Klaus", "Zzyzx")] == [0, 1, -1]
