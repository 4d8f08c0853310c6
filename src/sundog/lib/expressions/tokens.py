"""The words, numbers and marks that a text is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sundog.lib.expressions import faults
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.syntax import Span

KEYWORDS = frozenset(
    "and or not in between is missing null if then else case when end true false".split()  # noqa: SIM905 - a sentence
)
"""Words that are no names; a column of such a name stands in backticks."""

TokenKind = Literal["number", "text", "name", "word", "mark", "end"]

_PART = r"(?:[^\W\d]\w*|`(?:[^`]|``)+`)"

_TOKEN = re.compile(
    rf"""
      (?P<number>(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<name>{_PART}(?:\.{_PART})?)
    | (?P<mark>\*\*|//|<=|>=|==|!=|<>|[-+*/%<>=(),])
    """,
    re.VERBOSE,
)

_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; a keyword is a ``word`` in small letters, every other token stands as it was written."""

    kind: TokenKind
    text: str
    span: Span


def read_tokens(text: str) -> tuple[Token, ...] | Fault:
    """The tokens of a text, with an ``end`` after the last; or the fault at the first that cannot be read."""
    found: list[Token] = []
    at = _skip(text, 0)
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return _refuse(text, at)
        kind, word, end = str(match.lastgroup), match.group(), match.end()
        if kind == "number" and (end < len(text) and (text[end].isalnum() or text[end] == "_")):
            stop = re.compile(r"\w+").match(text, at)
            shown = text[at : stop.end() if stop else end + 1]
            return Fault(
                faults.UNREADABLE, Span(at, at + len(shown)), f"{shown!r} is neither a number nor a name", _NAME_FORM
            )
        span = Span(at, end)
        if kind == "name" and word.lower() in KEYWORDS:
            found.append(Token("word", word.lower(), span))
        elif kind == "mark":
            found.append(Token("mark", {"==": "=", "<>": "!="}.get(word, word), span))
        else:
            found.append(Token("number" if kind == "number" else "text" if kind == "text" else "name", word, span))
        at = _skip(text, end)
    found.append(Token("end", "the end", Span(len(text), len(text))))
    return tuple(found)


def unquote(text: str) -> str:
    """A text or a name without its quotes; a quote inside stands twice."""
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote)


def split_name(text: str) -> tuple[str | None, str]:
    """Table (or None) and column of a ``name`` token."""
    parts = [unquote(p) if p.startswith("`") else p for p in re.findall(_PART, text)]
    return (parts[0], parts[1]) if len(parts) == 2 else (None, parts[0])


def quote_name(name: str) -> str:
    """A name as it must be written: in backticks unless it is a plain word."""
    plain = re.fullmatch(r"[^\W\d]\w*", name) is not None and name.lower() not in KEYWORDS
    return name if plain else f"`{name.replace('`', '``')}`"


def quote_text(text: str) -> str:
    """A text as it is written, in single quotes."""
    return "'" + text.replace("'", "''") + "'"


_NAME_FORM = "A name begins with a letter; others stand in backticks: `2nd price`."


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _refuse(text: str, at: int) -> Fault:
    first = text[at]
    if first in "'\"`":
        return Fault(
            faults.UNREADABLE,
            Span(at, len(text)),
            f"the quote {first} is never closed",
            f"Close it; inside quotes the quote itself is written twice: {first}{first}.",
        )
    hints = {
        "&": "Write 'and'.",
        "|": "Write 'or'.",
        "!": "Write 'not', or != between two values.",
        "^": "A power is written **.",
        ";": "An expression is one value; there are no statements.",
        "[": "A list stands in round brackets: x in (1, 2).",
        ".": "A dot stands between a table and its column, without blanks: lines.amount.",
    }
    return Fault(faults.UNREADABLE, Span(at, at + 1), f"{first!r} means nothing here", hints.get(first, ""))
