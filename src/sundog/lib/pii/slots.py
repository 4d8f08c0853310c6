"""A text taken apart: what stays as it is, and slots for identifiers, dates and numbers.

A slot names what stood there and nothing of its value: ``name`` and the way it was written, whose it was (the row's own person, or somebody
else), the writing of a number. Two texts that differ in such values alone become the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sundog.lib.pii.normal import normalise
from sundog.lib.pii.people import name_key, part_of
from sundog.lib.pii.spans import Span

_NUMBER = re.compile(
    r"(?<![\w/#-])(?:\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?![\w]|[/#.,-]\w)|[\w#/-]*\d(?:[\w#/-]|[.,:](?=\d))*"
)
_GROUPED = re.compile(r"\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d{1,2})?")
_PLAIN = re.compile(r"\d{1,12}(?:[.,]\d{1,4})?")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|(?<=。)|\n+")
MARK = "\ue000"
"""Stands for a slot in the text of a template: a character for private use, which is taken out of texts before."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a template.

    Attributes:
        kind: of identifier, or ``date``, ``number``, ``code``.
        own: column of the same row that had this value; empty for somebody else's.
        form: how it is written: ``full``, ``comma``, ``given`` or ``surname`` of a name, the decimals of a number, the signs of a code (# a
            digit, @ a letter), the format of a date.
    """

    kind: str
    own: str
    form: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence with slots.

    Attributes:
        text: with a ``MARK`` for each slot.
        slots: in order.
        values: what stood there, in order; never stored.
    """

    text: str
    slots: tuple[Slot, ...]
    values: tuple[str, ...]


def slot_text(text: str, spans: Sequence[Span], own: Mapping[str, tuple[str, str]]) -> list[Piece]:
    """The sentences of a text, with slots.

    Args:
        text: any.
        spans: what was recognised in it, dates among them, in order.
        own: identifiers of the row, by column: kind and value.
    """
    clean = text.replace(MARK, " ")
    keyed = _key_own(own)
    marked = ""
    found: list[tuple[Slot, str]] = []
    last = 0
    for span in spans:
        marked += _slot_numbers(clean[last : span.start], found)
        value = clean[span.start : span.end]
        slot = _slot(span.kind, value, keyed)
        found.append((slot, value))
        marked += MARK
        last = span.end
    marked += _slot_numbers(clean[last:], found)
    pieces, at = [], 0
    for sentence in _SENTENCE.split(marked):
        n = sentence.count(MARK)
        held = found[at : at + n]
        at += n
        if sentence.strip():
            pieces.append(Piece(" ".join(sentence.split()), tuple(s for s, _ in held), tuple(v for _, v in held)))
    return pieces


def _key_own(own: Mapping[str, tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """(family of kind, value as compared) to (column, form)."""
    keyed: dict[tuple[str, str], tuple[str, str]] = {}
    for column, (kind, value) in own.items():
        if kind == "name":
            keyed.setdefault(("name", name_key(value)), (column, "full"))
        keyed.setdefault((_family(kind), normalise(kind, value)), (column, ""))
    return keyed


def _family(kind: str) -> str:
    return "phone" if kind == "fax" else kind


def _slot(kind: str, value: str, keyed: Mapping[tuple[str, str], tuple[str, str]]) -> Slot:
    if kind == "date" or kind == "birth_date":
        return Slot("date", "", find_date_format(value))
    if kind != "name":
        column, _ = keyed.get((_family(kind), normalise(kind, value)), ("", ""))
        return Slot(kind, column, "")
    words = name_key(value).split()
    own = [(k, c) for (family, k), (c, _) in keyed.items() if family == "name"]
    for key, column in own:
        if words == key.split():
            whole = len(words) > 1
            return Slot("name", column, ("comma" if "," in value else "full") if whole else part_of(value))
    for key, column in own:
        if set(words) < set(key.split()):
            return Slot("name", column, part_of(value))
    form = "comma" if "," in value else "full" if len(words) > 1 or _is_joined(value) else part_of(value)
    return Slot("name", "", form)


def _is_joined(value: str) -> bool:
    return len(value) > 2 and all(ord(c) > 0x2E80 for c in value if not c.isspace())


def _slot_numbers(text: str, found: list[tuple[Slot, str]]) -> str:
    """The text with a slot for each word that holds a digit; appends them to ``found``."""

    def put(match: re.Match[str]) -> str:
        value = match.group()
        told = read_number(value)
        if told is not None:
            found.append((Slot("number", "", told[1]), value))
        else:
            found.append((Slot("code", "", _write_code(value)), value))
        return MARK

    return _NUMBER.sub(put, text)


def read_number(value: str) -> tuple[float, str] | None:
    """A number and the sign before its decimals with how many there are; None for a code (it begins with 0, or is no number).

    >>> read_number("1,238.50")
    (1238.5, '.2')
    >>> read_number("120 000")
    (120000.0, '')
    """
    if value[0] == "0" and value[1:2] not in (".", ","):
        return None
    text, sign = value, ""
    if _GROUPED.fullmatch(value):
        tail = re.search(r"([.,])(\d{1,2})$", value)
        sign = f"{tail.group(1)}{len(tail.group(2))}" if tail else ""
        head = value[: tail.start()] if tail else value
        text = re.sub(r"\D", "", head) + (f".{tail.group(2)}" if tail else "")
    elif _PLAIN.fullmatch(value):
        point = re.search(r"[.,]", value)
        sign = f"{point.group()}{len(value) - point.end()}" if point else ""
        text = value.replace(",", ".")
    else:
        return None
    return float(text), sign


def _write_code(value: str) -> str:
    """The signs of a code: digits become #, letters behind the first digit @; letters before it stay."""
    first = re.search(r"\d", value)
    begin = first.start() if first else 0
    head = value[:begin] if len(value[:begin]) <= 5 else re.sub(r"[^\W\d_]", "@", value[:begin])
    return head + re.sub(r"[^\W\d_]", "@", re.sub(r"\d", "#", value[begin:]))


_FORMATS = (
    (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"), (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"), (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"(?:0[1-9]|1[0-2])/\d{2}/\d{4}", "%m/%d/%Y"), (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"), (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"), (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"), (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
)  # fmt: skip


def find_date_format(value: str) -> str:
    """How a date is written, as ``strftime`` has it; the general ISO form where it is written in words."""
    return next((f for pattern, f in _FORMATS if re.fullmatch(pattern, value)), "%Y-%m-%d")
