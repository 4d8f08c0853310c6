"""What columns may tell of a person: recognised in the values of the real records where they were searched, else hinted at by name and meaning.

A name is a hint and no more: a column called ``code`` may hold a diagnosis. So what it hints at is said with "perhaps", and the recipe
may state what a column really is. The words are those of ``lib.pii.column_words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sundog.core.findings import Exhibit, Grid
from sundog.lib.pii.column_words import hint_kind, hint_special, is_quasi
from sundog.lib.pii.kinds import LETTERS, find_kind
from sundog.lib.rows.infer_meaning import split_name

_BY_MEANING: Final[Mapping[str, str]] = {
    "name": "A",
    "date": "C",
    "time": "C",
    "timestamp": "C",
    "phone": "D",
    "email": "F",
    "iban": "J",
    "identifier": "R",
}

STATED: Final[Mapping[str, str]] = {
    "identifier": "direct identifier",
    "quasi-identifier": "quasi-identifier",
    "special category": "special category (Art. 9 GDPR)",
    "other": "neither identifies nor is of a special category",
}
"""What the recipe may state of a column, in words."""

_SURE = 50
"""Percent from which a kind that recognition names is said without "perhaps"."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a column may be.

    Attributes:
        letter: of the Safe Harbor list; empty where nothing on it fits.
        special: the category of Art. 9 or 10; empty where none is hinted at.
        quasi: whether columns of this name are often known to others and so help to single somebody out.
    """

    letter: str = ""
    special: str = ""
    quasi: bool = False


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the check privacy.identifiers found in a column of the real records.

    Attributes:
        what: kind of identifier, in words; empty where only a special category is suspected.
        letter: of the Safe Harbor list with what it means, or what is inside of free text; empty for none.
        sure: whether it is more likely than not.
    """

    what: str
    letter: str
    sure: bool

    def __str__(self) -> str:
        """As a cell of the inventory."""
        if not self.what:
            return ""
        found = f"{self.what}: {self.letter}" if self.letter else self.what
        return found if self.sure else f"{found}, perhaps"


def hint_at(name: str, meaning: str) -> Hint:
    """What the name and the meaning of a column hint at; the name goes first, since a meaning says less (identifier is any of the list).

    >>> hint_at("birth_date", "date"), hint_at("hoursPerWeek", "integer")
    (Hint(letter='C', special='', quasi=False), Hint(letter='', special='', quasi=False))
    """
    words = split_name(name)
    kind = hint_kind(words, values=False)
    return Hint(find_kind(kind).letter if kind else _BY_MEANING.get(meaning, ""), hint_special(words), is_quasi(words))


def read_recognised(exhibits: Iterable[Exhibit]) -> Mapping[tuple[str, str], Recognised]:
    """By part and column what was recognised, out of the inventories that the check drew."""
    found = {}
    for exhibit in exhibits:
        if exhibit.check == "identifiers" and isinstance(exhibit.drawing, Grid):
            for column, what, letter, sure, *_ in exhibit.drawing.rows:
                found[exhibit.part, column] = Recognised(
                    what.strip("-"), _spell(letter.strip("-")), int(sure.rstrip("%") or 0) >= _SURE
                )
    return found


def _spell(letter: str) -> str:
    """``J, account numbers`` as ``Safe Harbor J (account numbers)``; what is inside of a text as it is."""
    sign, _, _ = letter.partition(",")
    return f"Safe Harbor {sign} ({LETTERS[sign]})" if sign in LETTERS else letter
