"""National numbers of persons: their form, their check digits, and the words that stand beside them.

Check digits are as the issuing offices publish them; where a number has none, ``chance`` is 1 and only words beside it, or a whole
column of it, tell it from any other number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sundog.lib.pii.checksums import ean_digit, is_luhn, mod_11_10_digit, verhoeff_digit, weigh

Test = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """One kind of number.

    Attributes:
        name: country and number, ``de_tax``.
        what: for people, in the plural.
        pattern: the number with its separators, as a regular expression without ends.
        right: whether the bare number (capitals and digits) can have been issued.
        chance: share of texts of this form that pass by accident.
        words: words that stand beside it, as a regular expression.
        form: of ``lib.words.codes`` with values that nobody can have; empty where no such range exists.
    """

    name: str
    what: str
    pattern: str
    right: Test
    chance: float
    words: str
    form: str = ""


def bare(text: str) -> str:
    """The number without separators, in capitals.

    >>> bare("123-45 6789")
    '123456789'
    """
    return re.sub(r"[^0-9A-Z+]", "", text.upper()) if "+" not in text else re.sub(r"[^0-9A-Z]", "", text.upper())


def _is_date(year: str, month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31 and year.isdecimal()


def _ssn(t: str) -> bool:
    return t[:3] not in ("000", "666") and t[0] != "9" and t[3:5] != "00" and t[5:] != "0000"


def _nhs(t: str) -> bool:
    rest = (11 - weigh(t[:9], range(10, 1, -1)) % 11) % 11
    return rest < 10 and int(t[9]) == rest


def _nino(t: str) -> bool:
    return t[:2] not in ("BG", "GB", "NK", "KN", "TN", "NT", "ZZ") and t[0] not in "DFIQUV" and t[1] not in "DFIQUVO"


def _tax_de(t: str) -> bool:
    counts = sorted((t[:10].count(c) for c in set(t[:10])), reverse=True)
    return t[0] != "0" and counts[0] in (2, 3) and len(counts) >= 8 and mod_11_10_digit(t[:10]) == int(t[10])


def _rvnr(t: str) -> bool:
    digits = t[:8] + f"{ord(t[8]) - 64:02d}" + t[9:11]
    total = sum(sum(divmod(int(c) * w, 10)) for c, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return _is_date(t[6:8], t[4:6], t[2:4]) and total % 10 == int(t[11])


def _svnr(t: str) -> bool:
    rest = (weigh(t[:3], (3, 7, 9)) + weigh(t[4:], (5, 8, 4, 2, 1, 6))) % 11
    return t[0] != "0" and rest < 10 and rest == int(t[3]) and 1 <= int(t[4:6]) <= 31


def _ahv(t: str) -> bool:
    return t.startswith("756") and ean_digit(t[:12]) == int(t[12])


def _nir(t: str) -> bool:
    body = t[:13].replace("2A", "19", 1).replace("2B", "18", 1) if t[5:7] in ("2A", "2B") else t[:13]
    month = int(t[3:5])
    return body.isdecimal() and (1 <= month <= 12 or month >= 20) and 97 - int(body) % 97 == int(t[13:15])


def _dni(t: str) -> bool:
    number = {"X": "0", "Y": "1", "Z": "2"}.get(t[0], t[0]) + t[1:-1]
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == t[-1]


_ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)  # fmt: skip


def _cf(t: str) -> bool:
    total = sum(_ODD[c] if i % 2 == 0 else (int(c) if c.isdecimal() else ord(c) - 65) for i, c in enumerate(t[:15]))
    return chr(65 + total % 26) == t[15]


def _bsn(t: str) -> bool:
    return (weigh(t[:8], range(9, 1, -1)) - int(t[8])) % 11 == 0 and t != "000000000"


def _rrn_be(t: str) -> bool:
    return _is_date(t[:2], t[2:4], t[4:6]) and any(97 - int(c + t[:9]) % 97 == int(t[9:]) for c in ("", "2"))


def _pnr(t: str) -> bool:
    ten = t[-10:]
    day = int(ten[4:6])
    return 1 <= int(ten[2:4]) <= 12 and (1 <= day <= 31 or 61 <= day <= 91) and is_luhn(ten)


def _hetu(t: str) -> bool:
    return _is_date(t[4:6], t[2:4], t[:2]) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(t[:6] + t[-4:-1]) % 31] == t[-1]


def _fnr(t: str) -> bool:
    one = (11 - weigh(t[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2)) % 11) % 11
    two = (11 - weigh(t[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11
    return one < 10 and two < 10 and t[9:] == f"{one}{two}" and 1 <= int(t[2:4]) <= 12 and 1 <= int(t[:2]) <= 71


def _cpr(t: str) -> bool:
    return _is_date(t[4:6], t[2:4], t[:2])


def _pesel(t: str) -> bool:
    total = weigh(t[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))
    return -total % 10 == int(t[10]) and 1 <= int(t[2:4]) % 20 <= 12 and 1 <= int(t[4:6]) <= 31


def _nif_pt(t: str) -> bool:
    rest = 11 - weigh(t[:8], range(9, 1, -1)) % 11
    return t[0] in "12356789" and int(t[8]) == (0 if rest > 9 else rest)


def _cpf(t: str) -> bool:
    digits = []
    for n in (9, 10):
        rest = weigh(t[:n], range(n + 1, 1, -1)) % 11
        digits.append("0" if rest < 2 else str(11 - rest))
    return len(set(t)) > 1 and t[9:] == "".join(digits)


def _tckn(t: str) -> bool:
    d = [int(c) for c in t]
    return d[0] != 0 and (sum(d[0:9:2]) * 7 - sum(d[1:8:2])) % 10 == d[9] and sum(d[:10]) % 10 == d[10]


def _mynumber(t: str) -> bool:
    rest = weigh(t[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(t[11]) == (0 if rest <= 1 else 11 - rest)


def _amka(t: str) -> bool:
    return _is_date(t[4:6], t[2:4], t[:2]) and is_luhn(t)


def _rnokpp(t: str) -> bool:
    return weigh(t[:9], (-1, 5, 7, 9, 4, 6, 10, 5, 7)) % 11 % 10 == int(t[9])


def _tfn(t: str) -> bool:
    return weigh(t, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def _medicare_au(t: str) -> bool:
    return t[0] in "23456" and weigh(t[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(t[8])


def _aadhaar(t: str) -> bool:
    return t[0] in "23456789" and verhoeff_digit(t[:11]) == int(t[11])


def _npi(t: str) -> bool:
    return t[0] in "12" and is_luhn("80840" + t)


def _any(t: str) -> bool:
    return len(set(t)) > 1


def _list_numbers() -> tuple[NationalNumber, ...]:
    n = NationalNumber
    tax, social, person = (
        r"tax|tin\b|steuer|fiscal|fiscale|fiscaal|contribuinte|vergi|податк|ІПН|РНОКПП",
        r"social security|ssn\b|social insurance|sozialversicherung|sécurité sociale|insee|seguridad social",
        r"national id|id (?:no|number|card)|personal (?:no|number|id|identity)|identity (?:no|number)|citizen",
    )
    return (
        n("us_ssn", "US social security numbers", r"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}|\d{9}", _ssn, 0.9, social, "ssn_us"),
        n("us_itin", "US taxpayer numbers", r"9\d{2}-[5-9]\d-\d{4}", _any, 1.0, tax + r"|itin"),
        n("us_npi", "US provider numbers", r"[12]\d{9}", _npi, 0.1, r"npi\b|provider"),
        n("uk_nino", "British national insurance numbers", r"[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]", _nino, 0.005, r"\bni\b|nino\b|national insurance", "nino_gb"),
        n("uk_nhs", "NHS numbers", r"\d{3}[ -]?\d{3}[ -]?\d{4}", _nhs, 1 / 11, r"nhs\b", "nhs_gb"),
        n("ca_sin", "Canadian social insurance numbers", r"\d{3}[ -]?\d{3}[ -]?\d{3}", is_luhn, 0.1, r"sin\b|" + social, "sin_ca"),
        n("au_tfn", "Australian tax file numbers", r"\d{3} ?\d{3} ?\d{3}", _tfn, 1 / 11, r"tfn\b|" + tax),
        n("au_medicare", "Australian Medicare numbers", r"[2-6]\d{3} ?\d{5} ?\d", _medicare_au, 0.1, r"medicare"),
        n("in_aadhaar", "Aadhaar numbers", r"[2-9]\d{3} ?\d{4} ?\d{4}", _aadhaar, 0.1, r"aadhaar|uidai|आधार"),
        n("de_tax", "German tax identification numbers", r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}", _tax_de, 0.01, tax + r"|idnr|id-nr", "taxid_de"),
        n("de_rvnr", "German pension insurance numbers", r"\d{2} ?\d{6} ?[A-Z] ?\d{3}", _rvnr, 0.02, r"rentenversicherung|rvnr|sv-?n|versicherungsnummer|" + social),
        n("at_svnr", "Austrian insurance numbers", r"\d{4}[ -]?\d{6}", _svnr, 0.02, r"svnr|sv-?n|versicherungsnummer|" + social, "svnr_at"),
        n("ch_ahv", "Swiss insurance numbers (AHV)", r"756\.?\d{4}\.?\d{4}\.?\d{2}", _ahv, 0.0001, r"ahv|avs\b|" + social),
        n("fr_nir", "French social security numbers (NIR)", r"[12][ .]?\d{2}[ .]?\d{2}[ .]?(?:\d{2}|2[AB])[ .]?\d{3}[ .]?\d{3}[ .]?\d{2}", _nir, 0.005, r"nir\b|n° ?ss|" + social, "nir_fr"),
        n("es_dni", "Spanish identity numbers (DNI, NIE)", r"\d{8}[ -]?[A-HJ-NP-TV-Z]|[XYZ][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]", _dni, 0.04, r"dni\b|nie\b|nif\b|" + person),
        n("it_cf", "Italian tax codes (codice fiscale)", r"[A-Z]{6}\d{2}[ABCDEHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", _cf, 0.001, r"codice|c\.?f\.?|" + tax, "cf_it"),
        n("nl_bsn", "Dutch citizen service numbers (BSN)", r"\d{9}|\d{4}\.\d{2}\.\d{3}", _bsn, 1 / 11, r"bsn\b|burgerservicenummer|sofi", "bsn_nl"),
        n("be_rrn", "Belgian national numbers", r"\d{2}\.?\d{2}\.?\d{2}[ -]?\d{3}[ .-]?\d{2}", _rrn_be, 0.008, r"rijksregister|registre national|nationaal nummer|niss\b|insz\b"),
        n("se_pnr", "Swedish personal numbers", r"(?:19|20)?\d{6}[-+]?\d{4}", _pnr, 0.02, r"personn(?:umme)?r|" + person, "personnummer_se"),
        n("fi_hetu", "Finnish personal identity codes", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]", _hetu, 0.002, r"hetu|henkilötunnus|" + person, "hetu_fi"),
        n("no_fnr", "Norwegian birth numbers", r"\d{6} ?\d{5}", _fnr, 0.002, r"fødselsn(?:umme)?r|fnr\b|" + person),
        n("dk_cpr", "Danish CPR numbers", r"\d{6}-\d{4}", _cpr, 0.1, r"cpr\b|personnummer"),
        n("pl_pesel", "Polish PESEL numbers", r"\d{11}", _pesel, 0.02, r"pesel", "pesel_pl"),
        n("pt_nif", "Portuguese tax numbers", r"[1-35-9]\d{2} ?\d{3} ?\d{3}", _nif_pt, 0.1, r"nif\b|contribuinte|" + tax),
        n("br_cpf", "Brazilian taxpayer numbers (CPF)", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", _cpf, 0.01, r"cpf\b|" + tax),
        n("tr_tckn", "Turkish identity numbers", r"[1-9]\d{10}", _tckn, 0.01, r"t\.?c\.? ?(?:kimlik|no)|kimlik|tckn"),
        n("jp_mynumber", "Japanese individual numbers", r"\d{4}[ -]?\d{4}[ -]?\d{4}", _mynumber, 0.1, r"マイナンバー|個人番号|my ?number"),
        n("gr_amka", "Greek insurance numbers (AMKA)", r"\d{11}", _amka, 0.03, r"αμκα|amka"),
        n("ua_rnokpp", "Ukrainian taxpayer numbers", r"\d{10}", _rnokpp, 0.1, r"рнокпп|іпн|податков|rnokpp", "rnokpp_ua"),
    )  # fmt: skip


NUMBERS: Mapping[str, NationalNumber] = {number.name: number for number in _list_numbers()}
"""All of them by name."""

COUNTRY_OF: Mapping[str, str] = {name: name[:2].upper().replace("UK", "GB") for name in NUMBERS}
"""Country of each, ISO 3166-1 alpha-2."""
