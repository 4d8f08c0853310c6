"""What making some units cost, as a remark beside them: written by the sampler for each shard, added up by the check of acceptance.

Tokens are those of all answers that were used, whether they were made now or stored before: so a resumed run says the same as one that
was never killed. Imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sundog.core.notes import Note, Remark

SUBJECT = "cost of units"
_FORM = re.compile(r"(\d+) answers, (\d+) tokens asked, (\d+) tokens answered, price ([0-9.e+-]+)")


@dataclass(frozen=True, slots=True)
class Cost:
    """What answers cost.

    Attributes:
        answers: that were used.
        asked: tokens of questions.
        answered: tokens of answers.
        price: of all tokens, in the currency of the user; 0 where no prices are stated.
    """

    answers: int = 0
    asked: int = 0
    answered: int = 0
    price: float = 0.0


def write_cost(units: range, cost: Cost) -> Remark:
    """The remark of a shard; the units in its subject keep equal remarks of two shards apart."""
    text = f"{cost.answers} answers, {cost.asked} tokens asked, {cost.answered} tokens answered, price {cost.price:.9g}"
    return Remark(f"{SUBJECT} {units.start} to {units.stop - 1}", text)


def add_costs(notes: Iterable[Note]) -> Cost | None:
    """What all shards together cost; None where nothing says so."""
    found = [
        m
        for note in notes
        if isinstance(note, Remark) and note.subject.startswith(SUBJECT) and (m := _FORM.fullmatch(note.text))
    ]
    if not found:
        return None
    return Cost(
        sum(int(m[1]) for m in found),
        sum(int(m[2]) for m in found),
        sum(int(m[3]) for m in found),
        float(f"{sum(float(m[4]) for m in found):.9g}"),
    )
