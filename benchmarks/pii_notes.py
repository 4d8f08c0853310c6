"""How much of free text ``pii: replace`` keeps: notes from a form, notes with a sentence of the clerk's own, and notes in the clerk's own words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.tables import with_meaning
from sundog.lib.pii.identities import learn_identities

SUPPORT = 10
"""Persons that share a text, as under ``privacy: standard``."""

_FORM = (
    "Card {number} was stopped on request.", "New address recorded, letter sent.", "Standing order of {amount} EUR changed.",
    "Complaint about a fee of {amount} EUR, refunded.", "Identity checked by phone, no further action.", "Asked for an offer of a mortgage.",
)  # fmt: skip
_WHO = ("Customer called", "Client rang this morning", "Spoke on the phone", "Came to the branch", "Wrote an e-mail", "Left a message",
        "Asked at the counter", "Husband called", "Daughter called on her behalf", "Visited with an interpreter", "Phoned twice", "Chatted online")  # fmt: skip
_WHY = (
    "about",
    "regarding",
    "because of",
    "to complain about",
    "to ask about",
    "with a question on",
    "unhappy with",
    "worried about",
)
_WHAT = ("the new fee", "a missing transfer", "her savings plan", "the mortgage offer", "a blocked card", "the letter of last week", "an unknown debit",
         "the app update", "the overdraft", "travel insurance", "a standing order", "the exchange rate", "his pension account", "the interest rate")  # fmt: skip
_END = (
    "Explained the terms.",
    "Promised an answer by Friday.",
    "Not resolved yet.",
    "Very polite.",
    "Rather upset.",
    "Wants a manager.",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Shares of the notes of one way of writing."""

    way: str
    notes: int
    whole: float
    shortened: float
    withheld: float


def _pick(draw: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(draw.integers(len(words)))]


def _own_words(draw: np.random.Generator) -> str:
    """One of 1,344 wordings: too many for ten of two thousand persons to meet in most of them."""
    return f"{_pick(draw, _WHO)} {_pick(draw, _WHY)} {_pick(draw, _WHAT)}."


def write_notes(way: str, rows: int, draw: np.random.Generator) -> list[str]:
    """Notes of a way of writing."""
    made = []
    for _ in range(rows):
        form = _pick(draw, _FORM).format(number=int(draw.integers(10**6, 10**7)), amount=int(draw.integers(5, 300)))
        own = _own_words(draw)
        made.append(
            {
                "from a form": form,
                "from a form, one in three with a sentence in own words": f"{form} {own}"
                if draw.random() < 1 / 3
                else form,
                "in own words, a usual ending": f"{own} {_pick(draw, _END)}",
                "in own words": own,
            }[way]
        )
    return made


WAYS = (
    "from a form",
    "from a form, one in three with a sentence in own words",
    "in own words, a usual ending",
    "in own words",
)


def measure_notes(key: Key, rows: int) -> list[Kept]:
    """What is kept of the notes of each way, one person a note."""
    found = []
    for way in WAYS:
        notes = write_notes(way, rows, key.child(way).generator())
        field = with_meaning(pa.field("notes", pa.string()), "text")
        table = pa.table([pa.array(notes)], schema=pa.schema([field]))
        learned = learn_identities(table, {}, SUPPORT, "", key.child(f"learn {way}"))
        texts = learned.identities.texts if learned.identities is not None else ()
        shares = (texts[0].kept, texts[0].shortened, texts[0].withheld) if texts else (0.0, 0.0, 1.0)
        found.append(Kept(way, rows, *shares))
    return found
