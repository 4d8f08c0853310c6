"""What a column stands for: number, category, time, identifier, text; from its name and its values, with the reason."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.tables import Meaning
from sundog.lib.rows.infer_phones import are_addresses, are_bands, are_phones
from sundog.lib.rows.infer_profile import Profile

LOOKED_AT = 20_000
"""Different values that patterns are tried on."""
ALIKE = 0.9
"""Share of the different values that must fit a pattern."""
UNIQUE = 0.95
"""Different values over rows above which nearly every row has its own."""
MOST_BANDS = 100
"""Different ranges of numbers up to which a column of them is a category even where each row has its own."""
FEW_ROWS = 20
"""With fewer rows, different values in every row say nothing by themselves."""

_ID_WORDS = frozenset(
    (
        "id",
        "ids",
        "key",
        "uuid",
        "guid",
        "nr",
        "no",
        "num",
        "number",
        "idx",
        "index",
        "pk",
        "mrn",
        "ssn",
        "serial",
        "passport",
        "rownum",
        "row",
        "record",
    )
)
_PERSON_WORDS = frozenset(
    (
        "person",
        "patient",
        "customer",
        "client",
        "user",
        "member",
        "subject",
        "account",
        "household",
        "employee",
        "student",
        "card",
        "cardholder",
        "policyholder",
        "buyer",
        "player",
        "applicant",
        "borrower",
        "participant",
        "respondent",
        "driver",
        "owner",
        "citizen",
        "people",
        "kunde",
        "patienten",
    )
)
_NAME_WORDS = frozenset(
    (
        "name",
        "names",
        "firstname",
        "lastname",
        "surname",
        "forename",
        "fullname",
        "givenname",
        "familyname",
        "vorname",
        "nachname",
        "first",
        "last",
        "middle",
        "given",
        "family",
    )
)
_IP_WORDS = frozenset(("ip", "ipv4", "ipaddress", "ipaddr"))
_PHONE_WORDS = frozenset(
    ("phone", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "handy", "telefon", "msisdn")
)
_CARD_WORDS = frozenset(("card", "creditcard", "cc", "pan", "ccn", "cardnumber"))
_ADDRESS_WORDS = frozenset(("address", "addr", "street", "strasse", "straße", "adresse"))
_TIME_WORDS = frozenset(
    ("epoch", "time", "timestamp", "ts", "unixtime", "created", "updated", "modified", "seen", "at")
)
_YEAR_2000, _YEAR_2038 = 946_684_800, 2_145_916_800
"""Seconds from 1970 to the first instant of 2000 and of 2038."""
_TWENTY_YEARS = 631_152_000
_YEAR_WORDS = frozenset(("year", "yr", "jahr"))

_PATTERNS = (
    ("email", r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$", "e-mail addresses"),
    ("uuid", r"^\{?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?$", "UUIDs"),
    ("iban", r"^[A-Z]{2}[0-9]{2} ?(?:[0-9A-Z]{4} ?){2,7}[0-9A-Z]{0,4}$", "IBANs"),
    ("url", r"^(?:https?|ftp)://\S+$|^www\.\S+\.\S+$", "web addresses"),
)
_BARE_PHONE = r"^\+?[0-9 ./()-]{6,20}$"
_SIX_DIGITS = r"(?:[0-9][^0-9]*){6}"
_PERSON_NAME = r"^\p{L}[\p{L}\p{M}'’.-]*(?:,? [\p{L}\p{M}'’.()-]+){0,5}$"


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column is to be read.

    Attributes:
        meaning: what checks and models go by.
        why: the reason, in one sentence.
        pattern: kind of identifier or text: ``email``, ``phone``, ``iban``, ``uuid``, ``url``, ``ip``, ``card``, ``name``,
            ``address``, ``key``, ``code``, ``prose``, ``json``; ``range`` for a category of ranges of numbers; empty for anything else.
        person: how much it looks like the column that names the person, 0 for not at all.
    """

    meaning: Meaning
    why: str
    pattern: str = ""
    person: float = 0.0


def split_name(name: str) -> list[str]:
    """Words of a column name, in lower case: ``customerID`` is customer, id.

    >>> split_name("Patient_IDNumber")
    ['patient', 'id', 'number']
    >>> split_name("DirecciónPostal")
    ['dirección', 'postal']
    """
    words = []
    for run in re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", name)):
        begin = 0
        for i in range(1, len(run)):
            rises = run[i].isupper() and not run[i - 1].isupper()
            ends = run[i - 1].isupper() and run[i].isupper() and run[i + 1 : i + 2].islower()  # the N of IDNumber
            if rises or ends:
                words.append(run[begin:i])
                begin = i
        words.append(run[begin:])
    return [w.lower() for w in words]


def read_meaning(profile: Profile, kind: pa.DataType, pattern: str = "") -> Reading:
    """What a column stands for.

    Args:
        profile: its values.
        kind: its type.
        pattern: ``json`` where the reader put JSON text there.
    """
    if not profile.known:
        return Reading("constant", "no row has a value")
    if profile.distinct == 1 and not profile.missing:
        return Reading("constant", "every row has the same value")
    if pattern == "json":
        return Reading("text", "holds arrays or objects as JSON text", "json")
    if pa.types.is_boolean(kind):
        return Reading("boolean", "two values, true and false")
    if pa.types.is_temporal(kind):
        return Reading("time", f"all values are {_name_time(kind)}")
    if pa.types.is_floating(kind):
        return Reading("number", "decimals" if profile.places != 0 else "whole numbers written as decimals")
    words = split_name(profile.name)
    if pa.types.is_integer(kind):
        return _read_integers(profile, words)
    return _read_texts(profile, words)


def _name_time(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "dates"
    if pa.types.is_timestamp(kind):
        return "timestamps" + (f" in zone {kind.tz}" if kind.tz else "")
    return "times of day" if pa.types.is_time(kind) else "durations"


def _ends_like_id(words: list[str]) -> bool:
    return bool(words) and (
        words[-1] in _ID_WORDS
        or words[0] in ("id", "uuid", "guid", "pk")
        or (len(words) == 1 and words[0].endswith("id") and words[0][:-2] in _PERSON_WORDS)
    )


def _names_person(words: list[str]) -> bool:
    return bool(_PERSON_WORDS & set(words)) or bool(
        words and words[0].endswith("id") and words[0][:-2] in _PERSON_WORDS
    )


def _read_integers(profile: Profile, words: list[str]) -> Reading:
    rows, distinct = profile.known, profile.distinct
    assert profile.low is not None
    assert profile.high is not None
    ratio = distinct / rows
    if distinct <= 2:
        return Reading("category", "two whole numbers" if distinct == 2 else "one whole number, or none")
    length = len(str(abs(int(profile.high))))
    same_length = length == len(str(abs(int(profile.low)))) and profile.low > 0
    if _PHONE_WORDS & set(words) and 7 <= length <= 15 and ratio > 0.2:
        return Reading("identifier", f"named {profile.name!r}, whole numbers of {length} digits", "phone")
    if _CARD_WORDS & set(words) and 13 <= length <= 19 and _share_luhn(profile) >= ALIKE:
        return Reading(
            "identifier", "card numbers: their check digits are right", "card", _score_person(profile, words)
        )
    if _YEAR_WORDS & set(words) and profile.low >= 1000 and profile.high <= 3000:
        return Reading("number", "years")
    if _is_epoch(profile, words):
        unit = "milliseconds" if length == 13 else "seconds"
        return Reading("number", f"whole numbers that look like {unit} since 1970, learned as numbers")
    unique = ratio >= (0.999 if profile.exact else UNIQUE)
    dense = profile.high - profile.low < 2 * rows
    if unique and _ends_like_id(words) and rows > 1:
        return Reading("identifier", f"named {profile.name!r}, and every row has its own", "key")
    if unique and rows >= FEW_ROWS:
        if profile.increasing and dense:
            return Reading("identifier", "a running number: it grows from row to row and every row has its own", "key")
        if dense and rows >= 100:
            return Reading("identifier", "numbers without gaps, each in one row", "key")
        if same_length and length >= 6:
            return Reading("identifier", f"every row has its own number of {length} digits", "key")
        return Reading("number", "whole numbers; every row has its own, so check that it is not an identifier")
    if (score := _score_person(profile, words)) > 0:
        return Reading(
            "identifier",
            f"named {profile.name!r}, and the same {distinct:,} numbers come back in {rows:,} rows",
            "key",
            score,
        )
    return Reading("number", "whole numbers")


def _is_epoch(profile: Profile, words: list[str]) -> bool:
    """Whether whole numbers are seconds or milliseconds since 1970: by the name, or all of 2000 to 2037,
    within twenty years, and not named as keys.
    """
    assert profile.low is not None
    assert profile.high is not None
    size = 1 if profile.high < 10**11 else 1000
    if _TIME_WORDS & set(words):
        return bool(profile.low >= 10**8 * size and profile.high < 4 * 10**9 * size)
    within = profile.low >= _YEAR_2000 * size and profile.high < _YEAR_2038 * size
    span = profile.high - profile.low
    return (
        within
        and 2 * profile.known <= span < _TWENTY_YEARS * size
        and not _ends_like_id(words)
        and not _names_person(words)
    )


def _score_person(profile: Profile, words: list[str]) -> float:
    """How much a column of repeated values looks like the one that names the person: 0 to 1."""
    rows, distinct = profile.known, profile.distinct
    if distinct < 10 or rows < 1.05 * distinct:
        return 0.0
    person = _names_person(words)
    named = _ends_like_id(words)
    if person and (named or len(words) == 1):
        return 1.0
    if (
        named
        and words[-1] in ("id", "uuid", "guid", "key", "mrn", "ssn")
        and distinct >= FEW_ROWS
        and distinct / rows >= 0.02
    ):
        return 0.5
    return 0.0


def _share_luhn(profile: Profile) -> float:
    values = profile.values[:LOOKED_AT].cast(pa.string()).to_pylist()
    return sum(map(is_luhn, values)) / max(1, len(values))


def is_luhn(digits: str) -> bool:
    """Whether the check digit of a card number is right (ISO/IEC 7812-1)."""
    bare = [int(c) for c in digits if c.isdigit()]
    doubled = [2 * d - 9 * (d > 4) if i % 2 else d for i, d in enumerate(reversed(bare))]
    return len(bare) >= 12 and sum(doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616, modulo 97)."""
    bare = text.replace(" ", "").upper()
    turned = bare[4:] + bare[:4]
    return bare.isalnum() and bare.isascii() and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _share(values: pa.Array, pattern: str) -> float:
    found = pc.match_substring_regex(values, pattern)
    return (pc.sum(found).as_py() or 0) / max(1, len(values))


def _read_texts(profile: Profile, words: list[str]) -> Reading:
    rows, distinct = profile.known, profile.distinct
    ratio = distinct / rows
    values = pc.utf8_trim_whitespace(profile.values[:LOOKED_AT])
    named = set(words)
    for pattern, expression, noun in _PATTERNS:
        share = _share(values, expression)
        if pattern == "iban" and share >= ALIKE:
            share = sum(map(is_iban, values[:1000].to_pylist())) / max(1, len(values[:1000]))
            if share < 0.5:
                continue
            share = max(share, ALIKE)  # made-up test data have wrong check digits now and then
        if pattern == "phone":  # 18-24 is none
            share = min(share, _share(values, _SIX_DIGITS))
        if share >= ALIKE:
            return Reading(
                "identifier",
                f"{share:.0%} of the {len(values):,} different values are {noun}",
                pattern,
                _score_person(profile, words),
            )
    bands = are_bands(values)
    for pattern, (holds, share), noun in (
        ("phone", (False, 0.0) if bands else are_phones(values, distinct, rows), "phone numbers"),
        ("ip", are_addresses(values, named=bool(_IP_WORDS & named)), "IP addresses"),
    ):
        if holds:
            why = f"{share:.0%} of the {len(values):,} different values are {noun}"
            return Reading("identifier", why, pattern, _score_person(profile, words))
    if bands and (distinct <= MOST_BANDS or ratio < 0.5):
        return Reading("category", f"{distinct:,} ranges of numbers", "range")
    if _PHONE_WORDS & named and _share(values, _BARE_PHONE) >= ALIKE and distinct > 2:
        return Reading("identifier", f"named {profile.name!r}, and the values are digits", "phone")
    if _CARD_WORDS & named and _share_luhn(profile) >= ALIKE:
        return Reading(
            "identifier", "card numbers: their check digits are right", "card", _score_person(profile, words)
        )
    if (
        _NAME_WORDS & named
        and (distinct >= FEW_ROWS or ratio > 0.5)
        and ratio > 0.005
        and _share(values, _PERSON_NAME) >= 0.8
    ):
        return Reading("identifier", f"named {profile.name!r}, and the values look like names", "name")
    if _ADDRESS_WORDS & named and ratio > 0.2 and _share(values, "[0-9]") > 0.3:
        return Reading("identifier", f"named {profile.name!r}, and the values hold house numbers", "address")
    length = pc.mean(pc.utf8_length(values)).as_py() or 0.0
    spaces = pc.mean(pc.count_substring(values, " ")).as_py() or 0.0
    if length >= 25 and spaces >= 3 and ratio >= 0.2 and distinct >= 5:
        return Reading(
            "text", f"free text: {spaces + 1:.0f} words on average, and {ratio:.0%} of the rows have their own", "prose"
        )
    if ratio >= UNIQUE and (rows >= FEW_ROWS or (_ends_like_id(words) and rows > 1)):
        shape, share = common_shape(values)
        if share >= ALIKE:
            return Reading(
                "identifier", f"{ratio:.0%} of the rows have their own value, most of the shape {shape}", "code"
            )
        return Reading("identifier", f"{ratio:.0%} of the rows have their own value", "key")
    if (score := _score_person(profile, words)) > 0:
        return Reading(
            "identifier",
            f"named {profile.name!r}, and the same {distinct:,} values come back in {rows:,} rows",
            "code",
            score,
        )
    return Reading(
        "category", f"{distinct:,} different texts in {rows:,} rows" if distinct > 1 else "one text, or none"
    )


def common_shape(values: pa.Array) -> tuple[str, float]:
    """The most frequent shape of texts (A and a for letters, 9 for digits) and its share of them."""
    shapes = pc.replace_substring_regex(values, r"\p{Lu}", "A")
    shapes = pc.replace_substring_regex(pc.replace_substring_regex(shapes, r"[\p{Ll}\p{Lo}]", "a"), r"\p{Nd}", "9")
    counted = pc.value_counts(shapes)
    if not len(counted):
        return "", 0.0
    counts = counted.field("counts").to_numpy()
    best = int(np.argmax(counts))
    return str(counted.field("values")[best]), float(counts[best]) / len(values)
