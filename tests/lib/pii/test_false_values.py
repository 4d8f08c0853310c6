"""False values: never one that the source has, with the source's writing, check digits, locale and sex."""

from __future__ import annotations

import importlib
import re
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.pii.checksums import is_iban, is_luhn, verhoeff_digit, weigh
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.pii.normal import normalise
from sundog.lib.pii.people import guess_sex, make_people, name_key, share_locales
from sundog.lib.pii.pools import NO_FREE_RANGE, fill_pool, may_be_somebodys
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
    first = fill_pool(kind, values, frozenset(taken), 60, Key.root(seed), {locale: 1.0}, 10)
    taken |= {normalise(kind, v) for v in first}
    second = fill_pool(kind, values, frozenset(taken), 60, Key.root(seed), {locale: 1.0}, 10)
    assert len(first) == 60
    assert len(second) >= (20 if slot == "phone" else 60)  # ranges for fiction are small
    assert not {normalise(kind, v) for v in second} & taken
    assert len({normalise(kind, v) for v in first}) == len(first)


@pytest.mark.parametrize("locale", list_locales())
def test_writing_and_check_digits_are_kept(locale: str) -> None:
    for slot in ("iban", "card", "national"):
        kind, values = _values(slot, locale, 5, 60)
        pool = fill_pool(
            kind, values, frozenset(normalise(kind, v) for v in values), 60, Key.root(1), {locale: 1.0}, 10
        )
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
    ["es_dni", "br_cpf", "jp_mynumber", "gr_amka", "ch_ahv", "au_tfn"],
)
def test_numbers_without_a_free_range_have_right_check_digits(kind: str) -> None:
    values = {"es_dni": ["12345678Z"], "br_cpf": ["529.982.247-25"], "jp_mynumber": ["123456789018"], "gr_amka": ["01017012344"],
              "ch_ahv": ["756.9217.0769.85"], "au_tfn": ["876 543 210"]}[kind]  # fmt: skip
    pool = fill_pool(kind, values, frozenset(normalise(kind, v) for v in values), 8, Key.root(2), {"en_US": 1.0}, 10)
    assert len(pool) == 8
    assert all(NUMBERS[kind].right(bare(v)) for v in pool)
    assert not set(pool) & set(values)
    assert kind in NO_FREE_RANGE
    assert may_be_somebodys(kind, values, False)


# Kind: a number of the source, and the range, as the office describes it, that a false one must be in.
SPARE_RANGES = {
    "be_rrn": ("85.07.30-033 28", r"\d\d\.\d\d\.\d\d-(?:000|999) \d\d"),
    "no_fnr": ("01017012345", r"\d\d(?:8[1-9]|9[0-2])\d{7}"),
    "us_itin": ("912-70-1234", r"9\d\d-(?:6[6-9]|89)-\d{4}"),
    "in_aadhaar": ("2341 2341 2346", r"1\d{3} \d{4} \d{4}"),
    "pt_nif": ("123 456 789", r"0\d\d \d{3} \d{3}"),
    "de_rvnr": ("15 070649 C 103", r"00 \d{6} [A-Z] \d{3}"),
}


@pytest.mark.parametrize("kind", SPARE_RANGES)
def test_false_numbers_are_in_the_range_that_the_office_gives_to_nobody(kind: str) -> None:
    value, spare = SPARE_RANGES[kind]
    pool = fill_pool(kind, [value], frozenset(), 200, Key.root(2), {"en_US": 1.0}, 10)
    assert len(pool) == 200
    assert all(re.fullmatch(spare, v) for v in pool)
    assert not may_be_somebodys(kind, [value], False)
    if kind == "no_fnr":
        assert all(weigh(v, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0 for v in pool)
        assert all(weigh(v, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0 for v in pool)
    elif kind == "in_aadhaar":
        assert all(verhoeff_digit(bare(v)[:11]) == int(v[-1]) for v in pool)
    elif kind == "pt_nif":
        rests = [(11 - weigh(bare(v), range(9, 1, -1)) % 11, v[-1]) for v in pool]
        assert all(int(last) == (0 if rest > 9 else rest) for rest, last in rests)
    else:
        assert all(NUMBERS[kind].right(bare(v)) for v in pool)


def test_a_column_of_several_countries_keeps_their_forms() -> None:
    """Customers of a bank: the form and check digits of each country, in its share; the range that nobody has where there is one."""
    german = [f"{v}" for v in pii_set_numbers("de_tax", "de_DE", 60)]
    polish = pii_set_numbers("pl_pesel", "pl_PL", 60)
    spanish = pii_set_numbers("es_dni", "es_ES", 60)
    values = [v for three in zip(german, polish, spanish, strict=True) for v in three]
    taken = frozenset(normalise("national", v) for v in values)
    pool = fill_pool("national", values, taken, 300, Key.root(2), {"de_DE": 1.0}, 10)
    assert len(pool) == 300
    tax = [v for v in pool if re.fullmatch(r"0[\d ]{10,13}", v)]
    dni = [v for v in pool if NUMBERS["es_dni"].right(bare(v)) and v[-1].isalpha()]
    pesel = [v for v in pool if v[-1].isdecimal() and NUMBERS["pl_pesel"].right(bare(v)) and int(v[2]) >= 8]
    assert min(len(tax), len(dni), len(pesel)) >= 80
    assert may_be_somebodys("national", values, False)
    assert not may_be_somebodys("national", german, False)


def pii_set_numbers(kind: str, locale: str, n: int) -> list[str]:
    source = pii_set.Source(locale, Key.root(5), False)
    return [source.national(kind) for _ in range(n)]


MOST = 2**63 - 1


def test_addresses_of_the_new_internet_protocol_stay_such() -> None:
    values = [f"2a02:8108:{i:x}::{i:x}" for i in range(40)]
    pool = fill_pool("ip", values, frozenset(values), 60, Key.root(2), {"en_US": 1.0}, 10)
    assert len(pool) == 60
    assert all(ip_address(v) in ip_network("2001:db8::/32") for v in pool)


@pytest.mark.parametrize(
    ("locale", "value", "shape"),
    [
        ("en_US", "12 Oak St, Springfield, IL 62704", r"\d+ .*, \D+ \d{5}"),
        ("en_GB", "12 Oak Road, Leeds LS1 4AP", r".+, \D+ [A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"),
        ("de_DE", "Lindenweg 12, 04109 Leipzig", r".+ \d+\w?, \d{5} \D+"),
        ("fr_FR", "12 rue des Lilas, 69001 Lyon", r"\d+ .*, \d{5} \D+"),
        ("es_ES", "Calle Mayor 12, Madrid", r".+, \D+"),
    ],
)
def test_the_post_code_stands_where_the_source_has_it(locale: str, value: str, shape: str) -> None:
    pool = fill_pool("address", [value] * 40, frozenset(), 60, Key.root(2), {locale: 1.0}, 10)
    assert [v for v in pool if not re.fullmatch(shape, v)] == []


def test_whole_numbers_of_cards_and_telephones_belong_to_nobody() -> None:
    """In a column of whole numbers no value begins with 0, so cards get the country code that no country has, and telephones too."""
    cards = ["4111111111111111", "5500005555555559"] * 20
    pool = fill_pool("card", cards, frozenset(cards), 100, Key.root(2), {"en_US": 1.0}, 10, MOST)
    assert len(pool) == 100
    assert all(len(v) == 16 and v.startswith("9000") and is_luhn(v) for v in pool)
    for values, ranges in (
        (["491761234567", "491769876543"] * 20, "493023125"),
        (["447911123456", "447911123457"] * 20, "447700900"),
        (["12125551234", "13105559876"] * 20, r"1[2-9]\d\d555"),
        (["2125551234", "3105559876"] * 20, r"[2-9]\d\d555"),
        (["7911123456", "7911123457"] * 20, "7700900"),
        (["48601123456", "48601123457"] * 20, "999"),
    ):
        made = fill_pool("phone", values, frozenset(values), 60, Key.root(2), {"en_US": 1.0}, 10, MOST)
        assert len(made) == 60
        assert all(re.match(ranges, v) and len(v) == len(values[0]) for v in made)


def test_each_writing_of_telephone_numbers_is_kept_in_its_share() -> None:
    values = [
        v for i in range(40) for v in (f"+44 7911 1{i:05d}", f"+33 6 12 34 5{i % 10} {i:02d}", f"8 495 12{i:05d}")
    ]
    pool = fill_pool(
        "phone", values, frozenset(normalise("phone", v) for v in values), 90, Key.root(2), {"en_US": 1.0}, 10
    )
    shapes = {re.sub(r"\d", "#", v) for v in pool}
    assert shapes == {re.sub(r"\d", "#", v) for v in values}
    assert all(v.startswith(("+44 7700 900", "+33 6 39 98", "+33 1 99 00", "0 00")) for v in pool)


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
