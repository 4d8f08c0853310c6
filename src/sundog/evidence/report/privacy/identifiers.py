"""What columns may tell of a person, by their meaning and their names: the list of 45 CFR 164.514(b)(2)(i), and Art. 9 GDPR.

A name is a hint and no more: a column called ``code`` may hold a diagnosis. So every entry says "perhaps", the recipe may state what a
column really is, and what was found in the values themselves stands beside it as findings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_BY_MEANING: Final[Mapping[str, str]] = {
    "name": "A",
    "date": "C",
    "timestamp": "C",
    "phone": "D",
    "email": "F",
    "iban": "J",
    "identifier": "R",
}

_BY_WORD: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("A", ("name", "surname", "firstname", "lastname", "forename", "initials")),
    ("B", ("zip", "zipcode", "postcode", "postal", "city", "town", "county", "district", "street", "address", "latitude", "longitude", "lat", "lon", "lng", "geo")),
    ("C", ("birth", "dob", "birthday", "birthdate", "admission", "discharge", "death", "date")),
    ("D", ("phone", "telephone", "mobile", "msisdn")),
    ("E", ("fax",)),
    ("F", ("email", "mail")),
    ("G", ("ssn", "nin", "nino")),
    ("H", ("mrn",)),
    ("I", ("beneficiary", "insurance")),
    ("J", ("account", "iban", "card", "pan")),
    ("K", ("license", "licence", "passport", "certificate")),
    ("L", ("vin", "plate", "vehicle")),
    ("M", ("imei", "imsi", "serial", "mac")),
    ("N", ("url", "website", "homepage")),
    ("O", ("ip", "ipv4", "ipv6")),
    ("P", ("fingerprint", "voiceprint", "iris", "biometric")),
    ("Q", ("photo", "face", "portrait")),
    ("R", ("id", "uuid", "guid", "identifier")),
)  # fmt: skip

_SPECIAL: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("racial or ethnic origin", ("race", "ethnic", "ethnicity", "skin")),
    ("political opinions", ("political", "party", "vote", "voted")),
    ("religious or philosophical beliefs", ("religion", "religious", "faith", "belief")),
    ("trade union membership", ("union",)),
    ("genetic data", ("genetic", "gene", "genome", "genotype", "snp")),
    ("biometric data", ("biometric", "fingerprint", "iris", "voiceprint")),
    ("health", ("health", "disease", "diagnosis", "diagnoses", "icd", "icd10", "symptom", "medication", "drug", "drugs", "disability", "bmi", "hiv", "pregnant", "pregnancy", "smoker", "treatment", "allergy", "blood")),
    ("sex life or sexual orientation", ("orientation", "sexuality")),
)  # fmt: skip

_QUASI: Final = frozenset(
    ("age", "sex", "gender", "education", "school", "occupation", "job", "profession", "employer", "marital", "relationship", "nationality", "citizenship", "country", "native", "language", "income", "salary", "region", "state", "height", "weight", "year", "children")
)  # fmt: skip

STATED: Final[Mapping[str, str]] = {
    "identifier": "direct identifier",
    "quasi-identifier": "quasi-identifier",
    "special category": "special category (Art. 9 GDPR)",
    "other": "neither identifies nor is of a special category",
}
"""What the recipe may state of a column, in words."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a column may be.

    Attributes:
        letter: of the Safe Harbor list; empty where nothing on it fits.
        special: the category of Art. 9; empty where none is hinted at.
        quasi: whether columns of this name are often known to others and so help to single somebody out.
    """

    letter: str = ""
    special: str = ""
    quasi: bool = False


def hint_at(name: str, meaning: str) -> Hint:
    """What the name and the meaning of a column hint at.

    >>> hint_at("birth_date", "date"), hint_at("hoursPerWeek", "integer")
    (Hint(letter='C', special='', quasi=False), Hint(letter='', special='', quasi=False))
    """
    words = split_name(name)
    letter = _BY_MEANING.get(meaning) or next((sign for sign, known in _BY_WORD if words & set(known)), "")
    special = next((what for what, known in _SPECIAL if words & set(known)), "")
    return Hint(letter, special, bool(words & _QUASI))


def split_name(name: str) -> frozenset[str]:
    """The words of a column's name, in small letters: underscores, spaces, and capitals inside end a word."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return frozenset(re.findall(r"[a-z0-9]+", spaced.lower()))
