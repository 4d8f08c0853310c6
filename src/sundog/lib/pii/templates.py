"""Free text from templates that enough persons share: no text of the source is kept, only sentences that at least k persons wrote alike.

Each text is taken apart into sentences with slots (``slots``). A sentence stays if k different persons have it; a text stays if k
different persons have the same sequence of such sentences, else its first sentence alone stands for it, else the text is withheld. New
texts take the sequence as one category of the row, and fill the slots: with the row's own false values where the slot held the row's
own, from pools of false values otherwise, with numbers between averages of k of the slot's values.

Limits: words outside of slots stand in the output as k persons wrote them. A name that was not recognised and that k persons
mention (a clerk, a shop) is among them; the report counts what was recognised, not what was missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sundog.lib.pii.slots import MARK, Piece, Slot, read_number

MOST_TEXTS = 500
"""Different texts of a column; the most frequent ones stay."""
_BLOCKS = 20

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that enough persons share.

    Attributes:
        text: with a mark for each slot.
        slots: in order.
        levels: for each slot the averages of its numbers or dates (days since 1970), in order; empty for others.
        persons: how many persons have it.
    """

    text: str
    slots: tuple[Slot, ...]
    levels: tuple[tuple[float, ...], ...]
    persons: int


@dataclass(frozen=True, slots=True)
class TextTemplates:
    """What free text of one column is made from.

    Attributes:
        column: its name.
        sentences: that enough persons share.
        texts: sequences of sentences, by number.
        persons: how many persons have each of ``texts``.
        kept: share of the source's texts whose whole sequence stayed.
        shortened: share of which some sentences stayed.
        withheld: share of which nothing did.
    """

    column: str
    sentences: tuple[Sentence, ...]
    texts: tuple[tuple[int, ...], ...]
    persons: tuple[int, ...]
    kept: float
    shortened: float
    withheld: float


def learn_templates(
    column: str, texts: Sequence[list[Piece]], persons: Sequence[object], support: int
) -> tuple[TextTemplates, NDArray[np.int32]]:
    """Templates of a column, and which of them each text has.

    Args:
        column: its name.
        texts: the sentences of each text.
        persons: who wrote, or whom each text is about: texts of the same person count once.
        support: persons that a sentence, and a text, needs.

    Returns:
        The templates, and int32 (n,): number of the text in ``texts`` of the templates, -1 where it is withheld.
    """
    who: dict[tuple[str, tuple[Slot, ...]], set[object]] = defaultdict(set)
    for pieces, person in zip(texts, persons, strict=True):
        for piece in pieces:
            who[piece.text, piece.slots].add(person)
    shared = sorted((k for k, p in who.items() if len(p) >= support), key=lambda k: (-len(who[k]), k[0], str(k[1])))
    number = {k: i for i, k in enumerate(shared)}
    sequences = [tuple(number.get((p.text, p.slots), -1) for p in pieces) for pieces in texts]
    chosen, kept = _choose_sequences(sequences, persons, support)
    levels = _learn_levels(texts, persons, number, support)
    used = sorted({s for t in chosen for s in t})
    again = {s: i for i, s in enumerate(used)}
    which = np.array([chosen.get(t, -1) for t in kept], dtype=np.int32)
    whole = sum(bool(k) and k == s for k, s in zip(kept, sequences, strict=True))
    held = int((which >= 0).sum())
    n = max(1, len(texts))
    order = sorted(chosen, key=lambda t: chosen[t])
    counted = Counter[int]()
    for person_texts in _persons_of(which, persons).values():
        counted.update(person_texts)
    return TextTemplates(
        column,
        tuple(Sentence(shared[s][0], shared[s][1], levels[s], len(who[shared[s]])) for s in used),
        tuple(tuple(again[s] for s in t) for t in order),
        tuple(counted[i] for i in range(len(order))),
        whole / n,
        (held - whole) / n,
        1 - held / n,
    ), which


def _persons_of(which: NDArray[np.int32], persons: Sequence[object]) -> dict[object, set[int]]:
    found: dict[object, set[int]] = defaultdict(set)
    for i, person in zip(which.tolist(), persons, strict=True):
        if i >= 0:
            found[person].add(i)
    return found


def _choose_sequences(
    sequences: Sequence[tuple[int, ...]], persons: Sequence[object], support: int
) -> tuple[dict[tuple[int, ...], int], list[tuple[int, ...]]]:
    """Sequences with enough persons, numbered by frequency; and the one that stands for each text (empty: none).

    Sentences that too few persons have leave first. Where too few persons have what remains, the rarest sentence leaves, until enough of
    them meet: so each sequence is that of as many persons, and a text keeps as much of itself as it shares.
    """
    left: dict[int, tuple[int, ...]] = {i: tuple(s for s in t if s >= 0) for i, t in enumerate(sequences)}
    kept: list[tuple[int, ...]] = [()] * len(sequences)
    settled: dict[tuple[int, ...], set[object]] = {}
    while left:
        who: dict[tuple[int, ...], set[object]] = defaultdict(set)
        for i, sequence in left.items():
            who[sequence].add(persons[i])
        for sequence, mine in who.items():
            if sequence and (sequence in settled or len(mine) >= support):
                settled.setdefault(sequence, set()).update(mine)
        for i, sequence in list(left.items()):
            if not sequence or sequence in settled:
                kept[i] = sequence
                del left[i]
            else:  # shared sentences are numbered by how many persons have them, so the highest is the rarest
                at = max((s, j) for j, s in enumerate(sequence))[1]
                left[i] = sequence[:at] + sequence[at + 1 :]
    best = sorted(settled, key=lambda s: (-len(settled[s]), s))[:MOST_TEXTS]
    return {s: i for i, s in enumerate(best)}, kept


def _learn_levels(
    texts: Sequence[list[Piece]],
    persons: Sequence[object],
    number: Mapping[tuple[str, tuple[Slot, ...]], int],
    support: int,
) -> list[tuple[tuple[float, ...], ...]]:
    """For each shared sentence and slot the averages of blocks of at least ``support`` persons' numbers or dates, each person's the mean of its own."""
    values: list[list[dict[object, list[float]]]] = [[defaultdict(list) for _ in slots] for _, slots in number]
    for pieces, person in zip(texts, persons, strict=True):
        for piece in pieces:
            at = number.get((piece.text, piece.slots), -1)
            if at < 0:
                continue
            for i, (slot, value) in enumerate(zip(piece.slots, piece.values, strict=True)):
                told = _read_level(slot, value)
                if told is not None:
                    values[at][i][person].append(told)
    return [tuple(_average([sum(v) / len(v) for v in own.values()], support) for own in slots) for slots in values]


def _read_level(slot: Slot, value: str) -> float | None:
    if slot.kind == "number":
        read = read_number(value)
        return None if read is None else read[0]
    if slot.kind == "date":
        from datetime import datetime

        try:
            return float((datetime.strptime(value, slot.form).date() - date(1970, 1, 1)).days)  # noqa: DTZ007  # a day has no zone
        except ValueError:
            return None
    if slot.kind == "age":
        return float(value)
    return None


def _average(values: list[float], support: int) -> tuple[float, ...]:
    if len(values) < support:
        return ()
    blocks = min(_BLOCKS, len(values) // support)
    return tuple(float(b.mean()) for b in np.array_split(np.sort(np.array(values)), blocks))


def fill_slot(slot: Slot, levels: Sequence[float], word: int) -> str:
    """A number, date, age or code for a slot: from 64 random bits."""
    share = (word >> 11) * 2.0**-53
    if slot.kind == "code":
        return _fill_code(slot.form, word)
    value = _between(levels, share)
    if slot.kind == "date":
        day = date(1970, 1, 1) + timedelta(days=round(value if levels else 18_000 + 1_000 * share))
        return day.strftime(slot.form)
    if slot.kind == "age":
        return "90"  # ages over 89 are one group in Safe Harbor: 90 or more
    if not slot.form:
        return str(round(value))
    return f"{value:.{int(slot.form[1:])}f}".replace(".", slot.form[0])


def _between(levels: Sequence[float], share: float) -> float:
    if not levels:
        return 10 + 90 * share
    at = share * (len(levels) - 1)
    low = int(at)
    high = min(low + 1, len(levels) - 1)
    return levels[low] + (at - low) * (levels[high] - levels[low])


def _fill_code(form: str, word: int) -> str:
    out = []
    for i, sign in enumerate(form):
        word = (word * 6364136223846793005 + 1442695040888963407 + i) & (2**64 - 1)
        top = word >> 33
        out.append(str(top % 10) if sign == "#" else chr(65 + top % 26) if sign == "@" else sign)
    return "".join(out)


def write_text(templates: TextTemplates, number: int, fillings: Iterable[str]) -> str:
    """A text of a template, its slots filled in order."""
    filled = iter(fillings)
    sentences = []
    for i in templates.texts[number]:
        parts = templates.sentences[i].text.split(MARK)
        text = parts[0]
        for part in parts[1:]:
            text += next(filled) + part
        sentences.append(text)
    return " ".join(sentences)


def slots_of(templates: TextTemplates, number: int) -> list[tuple[Slot, tuple[float, ...]]]:
    """Slots of a text, in order, each with its averages."""
    return [
        (slot, level)
        for i in templates.texts[number]
        for slot, level in zip(templates.sentences[i].slots, templates.sentences[i].levels, strict=True)
    ]
