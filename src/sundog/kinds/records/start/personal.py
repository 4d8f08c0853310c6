"""Whether a column, or one text in it, names a person, an address, a street, an e-mail address or a telephone number.

It is told from the column's name or from what its values look like, however few different values there are. Names of persons are
recognised by the lists of all locales: a given name and a surname in one text, with nothing else but titles and initials.

Limits: names that stand in no list are recognised only where the column's name says that it holds persons.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from sundog.kinds.records.start.reading import Column
from sundog.lib.rows.infer_meaning import split_name
from sundog.lib.words.locales import list_locales, read_locale

Personal = Literal["", "key", "email", "phone", "street", "address", "given_name", "surname", "username", "name"]

GIVEN = frozenset(("firstname", "forename", "givenname", "vorname", "first", "given", "fname", "middle", "middlename"))
SURNAME = frozenset(("lastname", "surname", "familyname", "nachname", "last", "family", "lname"))
FULL = frozenset(("name", "fullname", "names"))
USER = frozenset(("user", "username", "login", "nickname", "handle"))
PHONE = frozenset(("phone", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "handy", "telefon", "msisdn"))
ADDRESS = frozenset(("address", "addr", "street", "strasse", "straße", "adresse", "anschrift"))
THING = frozenset(
    (
        "product", "item", "company", "brand", "city", "town", "country", "region", "state", "file", "category", "event", "course",
        "department", "station", "host", "domain", "class", "type", "model", "device", "column", "field", "team", "school", "store",
        "shop", "org", "organisation", "organization", "species", "plan", "project", "channel", "campaign", "method", "status",
        "segment", "group", "role", "job", "position", "currency", "language", "colour", "color", "table", "service", "feature",
        "package", "bank", "hotel", "airport", "route", "line", "test", "drug", "medication", "disease", "diagnosis", "procedure",
        "program", "programme", "page", "source", "metric", "level", "rule", "tag", "genre", "unit", "warehouse", "supplier", "vendor",
        "sensor", "tariff", "site", "branch", "variable", "parameter", "key", "process", "app", "module", "subject", "topic",
    )
)  # fmt: skip
_CERTAIN = frozenset(
    (
        "doctor", "physician", "nurse", "patient", "teacher", "surgeon", "therapist", "cardholder", "policyholder", "employee",
        "person", "salesperson", "professor", "lawyer", "judge", "mother", "father", "spouse", "husband", "wife", "guardian",
        "applicant", "borrower", "tenant", "landlord", "beneficiary", "insured", "passenger", "arzt", "kunde", "patienten", "citizen",
    )
)  # fmt: skip
"""Words of columns that hold persons and nothing else, unless codes stand there."""
_PERHAPS = frozenset(
    (
        "agent", "customer", "client", "user", "member", "owner", "driver", "student", "manager", "contact", "author", "player",
        "guest", "buyer", "seller", "rep", "representative", "clerk", "operator", "assignee", "reporter", "approver", "supervisor",
        "instructor", "coach", "participant", "respondent", "resident", "child", "parent", "recipient", "sender", "technician",
        "consultant", "adviser", "advisor", "caregiver", "artist", "director", "actor", "leader", "lead", "staff", "holder", "payee",
        "payer", "creator", "editor", "examiner", "inspector", "officer", "attorney", "witness", "subscriber", "winner", "by",
    )
)  # fmt: skip
"""Words of columns that hold persons, or what sort of person it is: their values tell."""
_NUMBERED = frozenset(("person", "patient", "customer", "client", "user", "member", "account", "household", "employee", "student",
                       "card", "cardholder", "policyholder", "buyer", "player", "applicant", "borrower", "participant", "respondent",
                       "driver", "owner", "citizen", "kunde", "tax", "social", "insurance", "policy"))  # fmt: skip
_NUMBER = frozenset(("id", "ids", "key", "uuid", "guid", "nr", "no", "num", "number"))
_PAPERS = frozenset(("ssn", "passport", "mrn"))
_ABOUT = frozenset(
    (
        "type", "kind", "status", "verified", "valid", "flag", "count", "country", "city", "town", "region", "state", "code", "zip",
        "number", "no", "nr", "ip", "mac", "email", "mail", "web", "url", "surface", "quality", "score", "format",
    )
)  # fmt: skip
"""Words that say that a column is about an address and holds none."""

_LOOKED_AT = 2_000
"""Different values that are looked at, the most frequent first."""
_SOME = 0.3
"""Share of the different values from which on a column is made up for what they look like."""

_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}"
_DIGITS = r"(?:[0-9][^0-9]{0,2}){5}"
_TELEPHONE = (
    r"^(?:\+[0-9]{1,3}|00[0-9]{1,3}|\(?0?[0-9]{2,5}\)?)(?:[ ./()-]{1,2}[0-9]{2,}){2,5}$|^\+[0-9]{7,15}$"
    r"|^\([0-9]{2,5}\) ?[0-9]{3,}(?:[ -][0-9]{2,})?$"
)
_NOT_A_DATE = r"^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}(?: |$)"
_STREET = (
    r"(?i)^[0-9]{1,5}[a-z]?,? (?:[nsew]\.? )?[\p{L}0-9'. -]*\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court"
    r"|ct|way|place|pl|square|sq|terrace|parkway|pkwy|highway|hwy|close|crescent)\b"
    r"|\p{L}(?:straße|strasse|str\.|weg|gasse|platz|allee|damm|ufer) [0-9]"
    r"|^(?:rue|avenue|boulevard|via|viale|piazza|calle|avenida|rua|ul\.|ulica) .*[0-9]"
)
_CAPITAL = r"^\p{Lu}[\p{L}\p{M}'’.-]*(?:,? \p{L}[\p{L}\p{M}'’.()-]*){0,4}$"
_CAPITALS = r"^\p{Lu}[\p{L}\p{M}'’.-]*(?:,? \p{Lu}[\p{L}\p{M}'’.()-]*){1,4}$"
_TITLES = frozenset(
    (
        "dr", "prof", "mr", "mrs", "ms", "miss", "mx", "sir", "herr", "frau", "md", "phd", "jr", "sr", "ii", "iii", "rn", "esq", "ing",
        "dipl", "mag", "med", "monsieur", "madame", "mme", "señor", "señora", "sra", "sig", "dott", "de", "van", "von", "la", "der",
    )
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def find_personal(column: Column) -> Personal:
    """What of a person the column holds, from its name or its values; empty for nothing."""
    words = split_name(column.name)
    named, kind, pattern = set(words), column.values.type, column.reading.pattern
    if pattern in ("email", "phone"):
        return pattern  # type: ignore[return-value]
    if _numbers_person(words) and (pa.types.is_integer(kind) or pa.types.is_string(kind)):
        return "key"
    if pa.types.is_integer(kind):
        return "phone" if named & PHONE and _has_digits(column) else ""
    if not pa.types.is_string(kind) or pattern in ("json", "uuid", "iban", "url", "ip", "card", "prose"):
        return ""
    values = _list_values(column)
    if not len(values):
        return ""
    if _share(values, f"^{_EMAIL}$") >= _SOME:
        return "email"
    if _share_phones(values) >= _SOME or (named & PHONE and _share(values, _DIGITS) >= _SOME / 2):
        return "phone"
    if (found := _read_name(column, words, values)) != "":
        return found
    if (named & ADDRESS and not named & _ABOUT) or pattern == "address":
        return "street" if named & {"street", "strasse", "straße"} else "address"
    if _share(values, _STREET) >= _SOME:
        return "address"
    if not named & THING and _share_known(values) >= _SOME:
        return "name"
    return ""


def _read_name(column: Column, words: Sequence[str], values: pa.Array) -> Personal:
    """Whether the column's name says that persons' names stand there, and which side of them."""
    named = set(words)
    if named & GIVEN and (named & FULL or named <= GIVEN or len(words) == 1):
        return "given_name"
    if named & SURNAME and (named & FULL or named <= SURNAME or len(words) == 1):
        return "surname"
    if named & {"username", "login", "nickname"} or (named & USER and named & FULL):
        return "username"
    rest = [w for w in words if w not in FULL]
    says_name = len(rest) < len(words)
    if not words or (not rest and not says_name):
        return ""
    if says_name and (not rest or rest == ["full"]):
        return "name"
    if says_name and rest[-1] in _CERTAIN | _PERHAPS:
        return "name"
    if says_name:
        known = column.reading.pattern == "name" or _share(values, _CAPITAL) >= 2 * _SOME
        return "name" if known and not named & THING else ""
    last = rest[-1] if rest[-1] != "to" else ("by" if len(rest) > 1 else "")
    if last in _CERTAIN and _share(values, _CAPITAL) >= _SOME:
        return "name"
    if last in _PERHAPS and (_share(values, _CAPITALS) >= 0.5 or _share_known(values, alone=True) >= _SOME):
        return "name"
    return "name" if column.reading.pattern == "name" and not named & THING else ""


def is_personal_text(text: str, thing: bool = False) -> bool:
    """Whether one text is an e-mail address, a telephone number, an address or a person's name.

    Args:
        text: one value.
        thing: whether the column names things, such as towns or colours, which may be called like persons.
    """
    one = pa.array([text])
    for pattern in (_EMAIL, _STREET):
        if _share(one, pattern):
            return True
    return bool(_share_phones(one)) or (not thing and _is_person(text, alone=False))


def names_thing(name: str) -> bool:
    """Whether the column's name says that it names things."""
    return bool(set(split_name(name)) & THING)


def _numbers_person(words: Sequence[str]) -> bool:
    """Whether the name is that of a number that a person has, such as customer_id."""
    if set(words) & _PAPERS:
        return True
    whole = len(words) == 1 and words[0].endswith("id") and words[0][:-2] in _NUMBERED
    return whole or (len(words) > 1 and words[-1] in _NUMBER and bool(set(words) & _NUMBERED))


def _has_digits(column: Column) -> bool:
    """Whether whole numbers are as long as telephone numbers are."""
    known = column.values.drop_null()
    return bool(len(known)) and 7 <= len(str(abs(int(pc.max(known).as_py())))) <= 15


def _list_values(column: Column) -> pa.Array:
    """The different values, the most frequent first, without space around: string (m,)."""
    counted = pc.value_counts(column.values.drop_null())
    order = pc.sort_indices(counted.field("counts"), sort_keys=[("", "descending")])
    return pc.utf8_trim_whitespace(counted.field("values").take(order[:_LOOKED_AT]))


def _share(values: pa.Array, pattern: str) -> float:
    return (pc.sum(pc.match_substring_regex(values, pattern)).as_py() or 0) / max(1, len(values))


def _share_phones(values: pa.Array) -> float:
    found = pc.and_(
        pc.and_(pc.match_substring_regex(values, _TELEPHONE), pc.match_substring_regex(values, _DIGITS)),
        pc.invert(pc.match_substring_regex(values, _NOT_A_DATE)),
    )
    return (pc.sum(found).as_py() or 0) / max(1, len(values))


def _share_known(values: pa.Array, alone: bool = False) -> float:
    return sum(_is_person(str(v), alone) for v in values.to_pylist()) / max(1, len(values))


def _is_person(text: str, alone: bool) -> bool:
    """Whether a text is a given name and a surname of the lists, or with ``alone`` one of both."""
    if any(c.isdigit() for c in text) or len(text) > 60:
        return False
    parts = [[w for w in _WORD.findall(part.lower()) if w not in _TITLES and len(w) > 1] for part in text.split(",")]
    parts = [part for part in parts if part]
    words = [w for part in parts for w in part]
    given, surnames = _list_names()
    if len(words) == 1:
        return alone and (words[0] in given or words[0] in surnames)
    if not 2 <= len(words) <= 4 or len(parts) > 2:
        return False
    turned = len(parts) == 2 and len(parts[0]) == 1
    first, last = (words[1], words[0]) if turned else (words[0], words[-1])
    return first in given and last in surnames


@cache
def _list_names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names and surnames of all locales, in lower case."""
    given: set[str] = set()
    surnames: set[str] = set()
    for name in list_locales():
        locale = read_locale(name)
        for names in locale.given:
            given |= {str(t).lower() for t in names.text.to_pylist()} | set(names.latin.to_pylist())
        for names in locale.surnames:
            surnames |= {str(t).lower() for t in names.text.to_pylist()} | set(names.latin.to_pylist())
    return frozenset(given), frozenset(surnames)
