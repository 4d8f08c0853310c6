"""Check digits: published examples pass, changed ones do not, and the false numbers of `lib.words` have right ones."""

from __future__ import annotations

import re

import pytest

from sundog.core.keys import Key
from sundog.lib.pii.checksums import is_iban, is_luhn, is_vin
from sundog.lib.pii.national import NUMBERS, bare
from sundog.lib.words.codes import draw_codes, list_forms

# Examples that the issuing offices, or the texts that describe the numbers, print.
PUBLISHED = {
    "uk_nhs": "943 476 5919",
    "de_tax": "86 095 742 719",
    "fr_nir": "2 55 08 14 168 025 38",
    "es_dni": "12345678Z",
    "it_cf": "RSSMRA85T10A562S",
    "nl_bsn": "111222333",
    "br_cpf": "529.982.247-25",
    "tr_tckn": "10000000146",
    "pl_pesel": "44051401359",
    "ch_ahv": "756.9217.0769.85",
    "se_pnr": "811218-9876",
    "fi_hetu": "131052-308T",
    "in_aadhaar": "2341 2341 2346",
    "au_tfn": "876 543 210",
    "au_medicare": "2123 45670 1",
    "de_rvnr": "15 070649 C 103",
    "at_svnr": "1237 010180",
    "jp_mynumber": "123456789018",
    "pt_nif": "123456789",
    "be_rrn": "85.07.30-033 28",
    "us_npi": "1234567893",
    "us_ssn": "078-05-1120",
    "ca_sin": "046 454 286",
    "ua_rnokpp": "1759013776",
}


@pytest.mark.parametrize(("kind", "text"), PUBLISHED.items())
def test_a_published_example_is_right(kind: str, text: str) -> None:
    assert re.fullmatch(NUMBERS[kind].pattern, text)
    assert NUMBERS[kind].right(bare(text))


@pytest.mark.parametrize("kind", [k for k in PUBLISHED if NUMBERS[k].chance <= 0.1])
def test_a_changed_digit_is_found(kind: str) -> None:
    """Each of these finds all, or nearly all, single wrong digits: the printed example with one changed."""
    text = bare(PUBLISHED[kind])
    changed = [
        text[:i] + d + text[i + 1 :] for i, c in enumerate(text) if c.isdecimal() for d in "0123456789" if d != c
    ]
    passed = sum(NUMBERS[kind].right(t) for t in changed)
    assert passed <= 0.1 * len(changed)  # the last digit of an Australian Medicare number counts reissues


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("uk_nhs", "nhs_gb"),
        ("ca_sin", "sin_ca"),
        ("nl_bsn", "bsn_nl"),
        ("fr_nir", "nir_fr"),
        ("it_cf", "cf_it"),
        ("se_pnr", "personnummer_se"),
        ("fi_hetu", "hetu_fi"),
        ("pl_pesel", "pesel_pl"),
        ("ua_rnokpp", "rnokpp_ua"),
    ],
)
def test_two_ways_to_reckon_agree(kind: str, form: str) -> None:
    """The numbers of `lib.words` come from tables of weights, these tests from formulas."""
    words = Key.root(4).words(range(400))[:, 0].copy()
    assert list_forms()[form].status != "invalid"
    assert all(NUMBERS[kind].right(bare(str(v))) for v in draw_codes(form, words).to_pylist())


def test_cards_accounts_and_vehicles() -> None:
    assert is_luhn("4111111111111111")
    assert not is_luhn("4111111111111112")
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE88370400440532013000")
    assert is_vin("1M8GDM9AXKP042788")
    assert not is_vin("1M8GDM9A1KP042788")
