"""Facts that a text must hold word for word: how a value is written, whether a text says it, and the form that makes it."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sundog.lib.language.protocol import Form

_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a row as a text says it."""

    name: str
    value: str


def write_value(value: Any) -> str:
    """A value as text: dates as ISO 8601, numbers without an exponent, booleans as yes and no; nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.15g}" if "e" not in f"{value:.15g}" else f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="minutes" if value.second == 0 else "seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(f"{n}: {write_value(v)}" for n, v in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(write_value, value))
    if isinstance(value, bytes):
        return ""
    return " ".join(str(value).split())


def write_row(row: Mapping[str, Any]) -> str:
    """A row as ``name: value`` lines; columns without a value are left out."""
    lines = ((n, write_value(v)) for n, v in row.items() if not n.startswith("_"))
    return "\n".join(f"{n}: {v}" for n, v in lines if v)


def says(text: str, value: str) -> bool:
    """Whether the text says the value as whole words, spaces and case apart; a number is no part of a longer one."""
    if not value:
        return True
    return bool(_pattern_of(value).search(text))


def _pattern_of(value: str) -> re.Pattern[str]:
    body = r"\s+".join(map(re.escape, value.split()))
    before = r"(?<![\w])(?<!\d[.,])" if value[0].isalnum() else ""
    after = r"(?![\w])(?![.,]\d)" if value[-1].isalnum() else ""
    return re.compile(before + body + after, re.IGNORECASE)


def find_missing(text: str, facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts that the text does not say."""
    return tuple(f for f in facts if not says(text, f.value))


def find_foreign_numbers(text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Numbers of the text that stand in none of the allowed texts."""
    known = {n for a in allowed for n in _NUMBER.findall(a)}
    known |= {n.lstrip("+-") for n in known}
    return tuple(n for n in _NUMBER.findall(text) if n not in known and n.lstrip("+-") not in known)


def list_numbers(text: str) -> tuple[str, ...]:
    """Numbers of a text without thousands separators, in order of size as texts."""
    return tuple(sorted(re.sub(r"(?<=\d),(?=\d{3}\b)", "", n).lstrip("+") for n in _NUMBER.findall(text)))


def form_around(values: Sequence[str], words: int) -> Form:
    """The form of a text that says these values in this order, with words without figures between them.

    A model that follows grammars cannot leave one out, nor invent a number. For others the pattern asks for each value, anywhere.
    """
    share = max(3, words // (len(values) + 1))
    steps = [f"run{i} {_quote(v)}" for i, v in enumerate(values)]
    lines = [f"root ::= {' '.join(steps)} tail"]
    lines += [f"run{i} ::= {'first' if i == 0 else 'next'}" for i in range(len(values))]
    few, many = max(1, share // 2), share + 2
    lines += [
        f'first ::= open (" " word){{{max(0, few - 1)},{many}}} " "',
        f'next ::= mark? " " word (" " word){{{max(0, few - 1)},{many}}} " "',
        f'tail ::= mark? (" " word){{{few},{many}}} " " last "."',
        "last ::= [a-z] [a-z'-]{1,14}",
        'mark ::= "," | "." | ";"',
        "open ::= [A-Z] [a-z]{0,14}",
        'word ::= [A-Za-z] [a-z\'-]{0,14} ","?',
    ]
    looks = "".join(rf"(?=.*{re.escape(v)})" for v in values)
    return Form(grammar="\n".join(lines) + "\n", pattern=looks + r".+")


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
