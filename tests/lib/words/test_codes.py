"""Checksummed identifiers, against checks that are written the way the rules are told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.words.codes import count_codes, draw_codes, draw_mixed, list_forms, number_codes
from sundog.lib.words.permute import permute
from sundog.lib.words.tied import TIES, UNKNOWN, Holders, draw_tied

_WORDS = draw_unit_words(Key.root(11), range(300))


def _luhn(number: str) -> bool:
    digits = [int(c) for c in number if c.isdigit()][::-1]
    return sum(d if k % 2 == 0 else sum(divmod(2 * d, 10)) for k, d in enumerate(digits)) % 10 == 0


def _weighted(number: str, weights: list[int]) -> int:
    return sum(int(c) * w for c, w in zip(number, weights, strict=True))


def _iban(number: str) -> bool:
    return int("".join(str(int(c, 36)) for c in number[4:] + number[:4])) % 97 == 1


def _gtin(number: str) -> bool:
    return sum(int(c) * (3 if k % 2 else 1) for k, c in enumerate(reversed(number))) % 10 == 0


def _spanish(number: str) -> bool:
    def digit(text: str) -> str:
        rest = 11 - _weighted(text, [1, 2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11
        return {10: "1", 11: "0"}.get(rest, str(rest))

    return number[12:14] == digit("00" + number[4:12]) + digit(number[14:])


_ODD = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)) | dict(
    zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23), strict=True)
)  # fmt: skip


def _italian(text: str) -> str:
    total = sum(_ODD[c] if k % 2 == 0 else int(c) if c.isdigit() else ord(c) - 65 for k, c in enumerate(text))
    return chr(65 + total % 26)


def _german(number: str) -> bool:
    product = 10
    for c in number[:10]:
        product = ((int(c) + product) % 10 or 10) * 2 % 11
    counts = sorted(number[:10].count(str(d)) for d in range(10))
    return (11 - product) % 10 == int(number[10]) and counts == [0] + [1] * 8 + [2]


def _cpf_second(number: str) -> int:
    rest = _weighted(number[:10], list(range(11, 1, -1))) % 11
    return 0 if rest < 2 else 11 - rest


def _vin(number: str) -> bool:
    values = dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9),
            strict=True,
        )
    )
    total = sum(
        (int(c) if c.isdigit() else values[c]) * w
        for c, w in zip(number, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2), strict=True)
    )  # fmt: skip
    return number[8] == "0123456789X"[total % 11]


def _is_date(year: str, month: str, day: str, months: int = 0) -> bool:
    date(1900 + int(year), int(month) - months, int(day))
    return True


_IBAN_RULES: dict[str, tuple[str, Callable[[str], bool]]] = {
    "de": (r"DE\d\d9\d{17}", lambda x: True),
    "at": (r"AT\d\d99\d{14}", lambda x: True),
    "ch": (r"CH\d\d99\d{15}", lambda x: True),
    "gb": (r"GB\d\dTEST00\d{12}", lambda x: True),
    "ie": (r"IE\d\dTEST00\d{12}", lambda x: True),
    "nl": (r"NL\d\dTEST\d{10}", lambda x: True),
    "fr": (
        r"FR\d\d99\d{21}",
        lambda x: (89 * int(x[4:9]) + 15 * int(x[9:14]) + 3 * int(x[14:25]) + int(x[25:])) % 97 == 0,
    ),
    "es": (r"ES\d\d9999\d{16}", _spanish),
    "it": (r"IT\d\d[A-Z]99999\d{17}", lambda x: _italian(x[5:]) == x[4]),
    "pt": (r"PT\d\d9999\d{17}", lambda x: int(x[4:]) % 97 == 1),
    "be": (r"BE\d\d985\d{9}", lambda x: int(x[14:]) == (int(x[4:14]) % 97 or 97)),
    "pl": (r"PL\d\d999\d{21}", lambda x: _weighted(x[4:12], [3, 9, 7, 1, 3, 9, 7, 1]) % 10 == 0),
    "se": (r"SE\d\d000\d{17}", lambda x: True),
    "dk": (r"DK\d\d0001\d{10}", lambda x: True),
    "no": (r"NO\d\d0001\d{7}", lambda x: _weighted(x[4:], [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
    "fi": (r"FI\d\d9\d{13}", lambda x: _luhn(x[4:])),
    "tr": (r"TR\d\d999990\d{16}", lambda x: True),
    "gr": (r"GR\d\d999\d{20}", lambda x: True),
    "ua": (r"UA\d\d999999\d{19}", lambda x: True),
    "lu": (r"LU\d\d990\d{13}", lambda x: True),
    "cz": (r"CZ\d\d9999000000\d{10}", lambda x: _weighted(x[14:], [6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 == 0),
}

_PUBLISHED = {
    "visa": "4111111111111111",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "jcb": "3530111333300000",
    "diners": "30569309025904",
    "unionpay": "6200000000000005",
}


def _one_too_high(x: str) -> bool:
    return not _luhn(x) and _luhn(x[:-1] + str((int(x[-1]) - 1) % 10))


_RULES: dict[str, tuple[str, Callable[[str], bool]]] = {
    **{f"iban_{c}": (shape, lambda x, rule=rule: _iban(x) and rule(x)) for c, (shape, rule) in _IBAN_RULES.items()},
    "card_visa": (r"411111\d{10}", _one_too_high),
    "card_mastercard": (r"555555\d{10}", _one_too_high),
    "card_amex": (r"378282\d{9}", _one_too_high),
    "card_discover": (r"601111\d{10}", _one_too_high),
    "card_jcb": (r"353011\d{10}", _one_too_high),
    "card_diners": (r"305693\d{8}", _one_too_high),
    "card_unionpay": (r"620000\d{10}", _one_too_high),
    **{f"card_{brand}_test": (number, _luhn) for brand, number in _PUBLISHED.items()},
    "ean13": (r"2\d{12}", _gtin),
    "ean8": (r"2\d{7}", _gtin),
    "upc_a": (r"4\d{11}", _gtin),
    "isbn13": (r"9799\d{9}", _gtin),
    "vin": (r"G[A-HJ-NPR-Z]9[0-9A-HJ-NPR-Z]{5}[0-9X][1-9A-HJ-NPR-TV-Y][A-HJ-NPR-Z]\d{6}", _vin),
    "imei": (r"00\d{13}", _luhn),
    "imsi": (r"00101\d{10}", lambda x: True),
    "ssn_us": (r"9\d\d-[0-4]\d-\d{4}", lambda x: True),
    "nino_gb": (r"[DFIQUV][A-Z]\d{6}[A-D]", lambda x: True),
    "nhs_gb": (r"999\d{7}", lambda x: _weighted(x, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0),
    "sin_ca": (r"0\d{8}", _luhn),
    "taxid_de": (r"0\d{10}", _german),
    "svnr_at": (
        r"0\d{9}",
        lambda x: _weighted(x[:3] + x[4:], [3, 7, 9, 5, 8, 4, 2, 1, 6]) % 11 == int(x[3]) and _is_date(x[8:], x[6:8], x[4:6]),
    ),
    "bsn_nl": (r"9\d{8}", lambda x: _weighted(x, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 == 0),
    "nir_fr": (r"[12]\d\d0[1-9]00\d{8}", lambda x: 97 - int(x[:13]) % 97 == int(x[13:])),
    "dni_es": (r"\d{8}[IOU]", lambda x: True),
    "cf_it": (r"[A-Z]{6}\d\d[ABCDEHLMPRST]\d\dZ999[A-Z]", lambda x: _italian(x[:15]) == x[15]),
    "cpf_br": (r"\d{11}", lambda x: int(x[10]) == (_cpf_second(x) + 1) % 10),
    "personnummer_se": (r"\d{6}-9[89]\d\d", lambda x: _luhn(x) and _is_date(x[:2], x[2:4], x[4:6])),
    "hetu_fi": (
        r"\d{6}-9\d\d[0-9A-Y]",
        lambda x: "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(x[:6] + x[7:10]) % 31] == x[10] and _is_date(x[4:6], x[2:4], x[:2]),
    ),
    "pesel_pl": (
        r"\d{11}",
        lambda x: _weighted(x, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0 and _is_date(x[:2], x[2:4], x[4:6], 80),
    ),
    "tckn_tr": (
        r"0\d{10}",
        lambda x: (7 * sum(map(int, x[0:9:2])) - sum(map(int, x[1:8:2]))) % 10 == int(x[9])
        and sum(map(int, x[:10])) % 10 == int(x[10]),
    ),
    "mynumber_jp": (
        r"\d{12}",
        lambda x: (rest := _weighted(x[:11], [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) >= 0
        and int(x[11]) == ((0 if rest < 2 else 11 - rest) + 1) % 10,
    ),
    "amka_gr": (r"\d{11}", lambda x: _luhn(x[:10] + str((int(x[10]) - 1) % 10)) and _is_date(x[4:6], x[2:4], x[:2])),
    "rnokpp_ua": (r"[89]\d{9}", lambda x: _weighted(x[:9], [-1, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10 == int(x[9])),
}  # fmt: skip


def test_every_form_has_a_rule() -> None:
    assert set(_RULES) == set(list_forms())
    assert sum(name.startswith("iban_") for name in _RULES) >= 12


@pytest.mark.parametrize("name", sorted(_RULES))
def test_codes_follow_their_rule(name: str) -> None:
    shape, rule = _RULES[name]
    made = draw_codes(name, _WORDS)
    made.validate(full=True)
    wrong = [x for x in made.to_pylist() if not (re.fullmatch(shape, x) and rule(x))]
    assert wrong == []
    assert list_forms()[name].why


@pytest.mark.parametrize("name", sorted(_RULES))
def test_different_numbers_give_different_codes(name: str) -> None:
    count = count_codes(name)
    rows = np.arange(min(count, 20_000), dtype=np.uint64)
    made = number_codes(name, permute(Key.root(4), rows, count))
    assert len(made.unique()) == len(rows)
    last = number_codes(name, np.array([count - 1], np.uint64))[0].as_py()
    assert re.fullmatch(_RULES[name][0], last)
    with pytest.raises(IndexError):
        number_codes(name, np.array([count], np.uint64))


def test_known_numbers() -> None:
    """The check functions of this file hold for numbers that others published."""
    assert _iban("GB82WEST12345698765432")
    assert _luhn("4111111111111111")
    assert _gtin("4006381333931")
    assert _vin("1M8GDM9AXKP042788")
    assert _german("36574261809")
    assert _italian("MRTMTT91D08F205") == "J"
    assert _spanish("ES9121000418450200051332")


def test_wrong_check_digits_are_wrong() -> None:
    """Where no range is kept for testing, the true check digit never appears."""
    assert {f.name for f in list_forms().values() if f.status == "invalid"} == {
        *(f"card_{brand}" for brand in _PUBLISHED),
        "dni_es",
        "cpf_br",
        "mynumber_jp",
        "amka_gr",
    }
    assert not any(int(x[10]) == _cpf_second(x) for x in draw_codes("cpf_br", _WORDS).to_pylist())
    assert not any(_luhn(x) for x in draw_codes("amka_gr", _WORDS).to_pylist())
    for brand in _PUBLISHED:
        assert not any(_luhn(x) for x in draw_codes(f"card_{brand}", _WORDS).to_pylist())


def test_rows_may_have_different_forms() -> None:
    names = ("iban_de", "iban_nl", "iban_fr")
    which = np.arange(300) % 3
    made = draw_mixed(names, which, _WORDS).to_pylist()
    assert made[1::3] == draw_codes("iban_nl", _WORDS[1::3]).to_pylist()
    assert {x[:2] for x in made[2::3]} == {"FR"}
    with pytest.raises(IndexError):
        draw_mixed(names, which + 1, _WORDS)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="Did you mean 'iban_de'"):
        draw_codes("ibn_de", _WORDS)


def _draw_holders(n: int) -> Holders:
    words = draw_unit_words(Key.root(12), range(n))
    born = (words % np.uint64(38_000)).astype(np.int64) - 20_000  # 1915 to 2019
    given, surnames = pa.array(["ada", "giovanni", "jo", "marcella"]), pa.array(["fo", "rossi", "de luca", "aiello"])
    parts = [(words >> np.uint64(shift) & np.uint64(3)).astype(np.int32) for shift in (20, 30)]
    return Holders(born, (words >> np.uint64(40) & np.uint64(1)).astype(np.int8), *parts, surnames, given)


_SHORT = {
    "surname": {"fo": "FOX", "rossi": "RSS", "de luca": "DLC", "aiello": "LLA"},
    "given": {"ada": "DAA", "giovanni": "GNN", "jo": "JOX", "marcella": "MCL"},
}


@pytest.mark.parametrize("name", sorted(TIES))
def test_tied_numbers_speak_of_their_person(name: str) -> None:
    holders = _draw_holders(300)
    made = draw_tied(name, _WORDS, holders).to_pylist()
    for i, number in enumerate(made):
        born, male = date(1970, 1, 1) + timedelta(int(holders.born[i])), bool(holders.sex[i])
        d, m, y = f"{born:%d}", f"{born:%m}", f"{born:%y}"
        month = "ABCDEHLMPRST"[born.month - 1]
        day = born.day + (0 if male else 40)
        surname, given = (
            _SHORT[part][names[int(entry[i])].as_py()]
            for part, names, entry in (
                ("surname", holders.surnames, holders.surname),
                ("given", holders.givens, holders.given),
            )
        )
        held, sexed = {
            "hetu_fi": ((number[:7], d + m + y + ("A" if born.year >= 2000 else "-")), number[9]),
            "personnummer_se": ((number[:6], y + m + d), number[9]),
            "pesel_pl": ((number[:6], f"{y}{born.month + 80}{d}"), number[9]),
            "svnr_at": ((number[4:], d + m + y), "1" if male else "2"),
            "amka_gr": ((number[:6], d + m + y), number[9]),
            "rnokpp_ua": (("", ""), number[8]),
            "nir_fr": ((number[1:5], y + m), number[0]),
            "cf_it": ((number[:11], f"{surname}{given}{y}{month}{day:02d}"), "1" if male else "2"),
        }[name]
        assert held[0] == held[1]
        assert int(sexed) % 2 == male
        # Still nobody's: it keeps the form's rule.
        shape, rule = _RULES[name]
        plain = number[:6] + "-" + number[7:] if name == "hetu_fi" else number
        if name == "nir_fr":
            assert re.fullmatch(r"[12]\d{4}00\d{8}", number)
        elif name != "cf_it":
            assert re.fullmatch(shape, plain)
        assert rule(number), number
    assert len(set(made)) > 290


def test_birth_dates_that_are_missing_are_drawn() -> None:
    holders = _draw_holders(300)
    nobody = replace(holders, born=np.full(300, UNKNOWN))
    made = draw_tied("hetu_fi", _WORDS, nobody).to_pylist()
    assert len({number[:6] for number in made}) > 280
    assert all(_RULES["hetu_fi"][1](number) for number in made)


def test_a_permutation_of_a_billion_is_one() -> None:
    """Read backwards, every code gives the row that it came from: at both ends, around powers of two, and in between."""
    key, size = Key.root(9), 10**9
    half, mask = 15, (1 << 15) - 1
    rounds = [key.child(i).lo for i in range(8)]

    def mix(x: int) -> int:
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
        return x ^ (x >> 31)

    def go_back(value: int) -> int:
        while True:
            left, right = value >> half, value & mask
            for word in reversed(rounds):
                left, right = right ^ (mix((left + word) % 2**64) & mask), left
            value = left << half | right
            if value < size:
                return value

    starts = [0, 2**16 - 500, 2**29 - 500, 123_456_789, size - 1000]
    rows = np.concatenate([np.arange(s, s + 1000, dtype=np.uint64) for s in starts])
    sent = permute(key, rows, size)
    assert int(sent.max()) < size
    assert [go_back(int(value)) for value in sent] == rows.tolist()
    many = permute(key, np.arange(size - 2_000_000, size, dtype=np.uint64), size)
    assert len(np.unique(many)) == 2_000_000
