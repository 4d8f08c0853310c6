"""The kinds of identifier, and the letter of each in the list of HIPAA Safe Harbor.

Source: 45 CFR 164.514(b)(2)(i), letters A to R. A national number that is a social security or social insurance number stands under
G, any other under R ("any other unique identifying number, characteristic, or code").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["checksum", "format", "label", "list"]
"""What tells a kind: check digits, its form alone, the words beside it, or lists of names."""

LETTERS: Mapping[str, str] = {
    "A": "names",
    "B": "places smaller than a state",
    "C": "dates other than years, and ages over 89",
    "D": "telephone numbers",
    "E": "fax numbers",
    "F": "e-mail addresses",
    "G": "social security numbers",
    "H": "medical record numbers",
    "I": "health plan numbers",
    "J": "account numbers",
    "K": "certificate and licence numbers",
    "L": "vehicles and their plates",
    "M": "devices and serial numbers",
    "N": "web addresses",
    "O": "IP addresses",
    "P": "biometric identifiers",
    "Q": "photographs of the face",
    "R": "any other unique number or code",
}
"""Letters of 45 CFR 164.514(b)(2)(i), in short words."""

MAY_BE_SOMEBODYS = "no office keeps a range of such numbers free, so one may be that of somebody outside of the source"
"""What is said of a column whose false values may belong to somebody."""


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """One kind of identifier.

    Attributes:
        name: as reports and slots name it.
        letter: of HIPAA Safe Harbor.
        what: for people, in the plural.
        evidence: what tells it.
    """

    name: str
    letter: str
    what: str
    evidence: Evidence


_PLAIN = (
    IdentifierKind("name", "A", "names of persons", "list"),
    IdentifierKind("username", "R", "user names", "label"),
    IdentifierKind("address", "B", "postal addresses", "list"),
    IdentifierKind("postcode", "B", "post codes", "label"),
    IdentifierKind("city", "B", "towns", "list"),
    IdentifierKind("coordinates", "B", "points on the map", "label"),
    IdentifierKind("birth_date", "C", "dates of birth", "label"),
    IdentifierKind("date", "C", "dates", "format"),
    IdentifierKind("age", "C", "ages over 89", "label"),
    IdentifierKind("phone", "D", "telephone numbers", "format"),
    IdentifierKind("fax", "E", "fax numbers", "label"),
    IdentifierKind("email", "F", "e-mail addresses", "format"),
    IdentifierKind("medical_record", "H", "medical record numbers", "label"),
    IdentifierKind("health_plan", "I", "health plan numbers", "label"),
    IdentifierKind("iban", "J", "bank accounts (IBAN)", "checksum"),
    IdentifierKind("card", "J", "payment cards", "checksum"),
    IdentifierKind("account", "J", "account numbers", "label"),
    IdentifierKind("licence", "K", "licence and certificate numbers", "label"),
    IdentifierKind("vin", "L", "vehicle identification numbers", "checksum"),
    IdentifierKind("plate", "L", "number plates", "label"),
    IdentifierKind("imei", "M", "device numbers (IMEI)", "checksum"),
    IdentifierKind("mac", "M", "network addresses of devices (MAC)", "format"),
    IdentifierKind("device", "M", "device and serial numbers", "label"),
    IdentifierKind("url", "N", "web addresses", "format"),
    IdentifierKind("ip", "O", "IP addresses", "format"),
    IdentifierKind("biometric", "P", "biometric identifiers", "label"),
    IdentifierKind("photo", "Q", "photographs", "label"),
    IdentifierKind("uuid", "R", "UUIDs", "format"),
    IdentifierKind("passport", "R", "passport and identity card numbers", "label"),
    IdentifierKind("national", "R", "tax and identity numbers", "label"),
    IdentifierKind("customer", "R", "customer, member and case numbers", "label"),
    IdentifierKind("code", "R", "codes of which each row has its own", "format"),
    IdentifierKind("text", "", "free text, which may hold any of them", "list"),
)

_SOCIAL = frozenset(("us_ssn", "uk_nino", "fr_nir", "at_svnr", "ca_sin", "ch_ahv", "gr_amka", "be_rrn", "de_rvnr"))


def find_kind(name: str) -> IdentifierKind:
    """A kind by name; national numbers are named by country, ``de_tax``."""
    for kind in _PLAIN:
        if kind.name == name:
            return kind
    from sundog.lib.pii.national import NUMBERS

    number = NUMBERS[name]
    return IdentifierKind(
        name, "G" if name in _SOCIAL else "R", number.what, "checksum" if number.chance < 0.5 else "format"
    )
