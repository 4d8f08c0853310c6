r"""The part of the regular expressions that names finitely many strings, read into a tree.

Understood: letters, ``.`` (printable ASCII), classes and their negation (within printable ASCII), ``\d \w \s`` and their capitals,
groups (plain, ``(?:``, named), ``|``, ``?``, ``{n}``, ``{n,m}``, ``{,m}``, and ``^ $ \A \Z`` at the ends. The meaning is that of ``re.fullmatch``.
"""

from __future__ import annotations

import re
import string
import warnings
from dataclasses import dataclass
from typing import TypeAlias

from sundog.core.errors import Problem, RequestError

PRINTABLE = frozenset(map(chr, range(32, 127)))
_DIGITS = frozenset(string.digits)
_WORD = frozenset(string.ascii_letters + string.digits + "_")
_SPACE = frozenset(" ")
_ESCAPED = {
    "d": _DIGITS, "D": PRINTABLE - _DIGITS, "w": _WORD, "W": PRINTABLE - _WORD, "s": _SPACE, "S": PRINTABLE - _SPACE,
    "n": frozenset("\n"), "t": frozenset("\t"), "r": frozenset("\r"), "f": frozenset("\f"), "v": frozenset("\v"), "a": frozenset("\a"),
}  # fmt: skip
_WIDEST = 70_000


@dataclass(frozen=True, slots=True)
class Class:
    """One of these letters."""

    letters: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    options: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """From ``least`` to ``most`` times."""

    item: Node
    least: int
    most: int


Node: TypeAlias = Class | Sequence | Choice | Repeat


class _Refused(Exception):
    """Why a pattern cannot be generated, and what to write instead."""

    def __init__(self, at: int, why: str, fix: str) -> None:
        super().__init__(why)
        self.at, self.why, self.fix = at, why, fix


def parse_regex(pattern: str, where: str = "pattern") -> Node:
    """The tree of a pattern.

    Args:
        pattern: regular expression as Python's ``re`` reads it, without flags.
        where: named in errors.

    Raises:
        RequestError: it is no regular expression, or one whose strings cannot be listed; says which part, and why.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, FutureWarning, OverflowError, RecursionError) as fault:
        what = f"{pattern!r} is not a regular expression: {fault}"
        raise RequestError(
            Problem("SD-WORDS-002", where, what, "Letters that have a meaning of their own are written \\. \\[ \\{.")
        ) from None
    try:
        return _Reader(pattern).read()
    except _Refused as refused:
        what = f"{pattern!r} cannot be generated: at sign {refused.at + 1}, {refused.why}"
        raise RequestError(Problem("SD-WORDS-003", where, what, refused.fix)) from None


class _Reader:
    """Recursive descent; ``re`` has already found the pattern well formed."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def read(self) -> Node:
        node = self._choice(depth=0)
        return node

    def _peek(self, n: int = 1) -> str:
        return self.text[self.at : self.at + n]

    def _choice(self, depth: int) -> Node:
        options = [self._sequence(depth)]
        while self._peek() == "|":
            self.at += 1
            options.append(self._sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self, depth: int) -> Node:
        items: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            begin = self.at
            if self._anchor(depth, first=not items):
                continue
            items.append(self._repeat(self._atom(depth), begin))
        return Sequence(tuple(items))

    def _anchor(self, depth: int, first: bool) -> bool:
        """Passes over an anchor that says nothing, since the whole string is meant anyway."""
        sign = self._peek(2) if self._peek() == "\\" else self._peek()
        if sign in ("^", "\\A"):
            if depth or not first:
                raise _Refused(self.at, f"{sign} stands within the pattern", "Leave it out: the whole value is meant.")
        elif sign in ("$", "\\Z"):
            after = self.text[self.at + len(sign) : self.at + len(sign) + 1]
            if depth or after not in ("", "|"):
                raise _Refused(self.at, f"{sign} stands within the pattern", "Leave it out: the whole value is meant.")
        else:
            return False
        self.at += len(sign)
        return True

    def _atom(self, depth: int) -> Node:
        sign = self._peek()
        self.at += 1
        if sign == "(":
            return self._group(depth)
        if sign == "[":
            return Class(self._class())
        if sign == "\\":
            return Class(self._escape(inside=False))
        return Class(PRINTABLE if sign == "." else frozenset(sign))

    def _group(self, depth: int) -> Node:
        begin = self.at - 1
        if self._peek() == "?":
            if self._peek(2) == "?:":
                self.at += 2
            elif self._peek(3) == "?P<":
                self.at = self.text.index(">", self.at) + 1
            else:
                raise _Refused(begin, *_refuse_group(self._peek(4)))
        node = self._choice(depth + 1)
        self.at += 1
        return node

    def _repeat(self, node: Node, begin: int) -> Node:
        found = re.compile(r"([?*+])|\{(\d*)(,?)(\d*)\}").match(self.text, self.at)
        if found is None or found.group() in ("{}", "{,}"):
            if found is not None and found.group() == "{,}":
                raise _Refused(self.at, "{,} repeats without end", "State the largest number: {0,10}.")
            return node
        sign, low, comma, high = found.groups()
        if sign in ("*", "+") or (comma and not high):
            least = "1" if sign == "+" else low or "0"
            raise _Refused(
                self.at, f"{found.group()} repeats without end", f"State the largest number: {{{least},10}}."
            )
        self.at = found.end()
        if self._peek() == "+":
            why = "a possessive repetition never gives back what it took"
            raise _Refused(self.at, why, "Leave out the +.")
        if self._peek() == "?":
            self.at += 1  # lazy or greedy, the whole strings are the same
        if sign == "?":
            return Repeat(node, 0, 1)
        return Repeat(node, int(low or 0), int(high or 0) if comma else int(low))

    def _escape(self, inside: bool) -> frozenset[str]:
        begin = self.at - 1
        sign = self._peek()
        self.at += 1
        if sign in _ESCAPED:
            return _ESCAPED[sign]
        if sign == "b" and inside:
            return frozenset("\b")
        if sign in "bB":
            raise _Refused(begin, f"\\{sign} looks at the letters around it", "Leave it out, or write the letters.")
        octal = re.compile(r"0[0-7]{0,2}|[0-3][0-7]{2}").match(self.text, begin + 1)
        if octal is not None:
            self.at = octal.end()
            return frozenset(chr(int(octal.group(), 8)))
        if sign.isdigit():
            raise _Refused(begin, f"\\{sign} refers back to a group", "Write out what is to stand there.")
        if sign in "xuU":
            width = {"x": 2, "u": 4, "U": 8}[sign]
            self.at += width
            return frozenset(chr(int(self.text[self.at - width : self.at], 16)))
        if sign == "N":
            raise _Refused(begin, "\\N names a letter by its Unicode name", "Write the letter, or \\uXXXX.")
        return frozenset(sign)

    def _class(self) -> frozenset[str]:
        begin = self.at - 1
        negated = self._peek() == "^"
        self.at += negated
        letters: set[str] = set()
        opening = True
        while opening or self._peek() != "]":
            opening = False
            low = self._member()
            if self._peek() == "-" and self._peek(2)[1:] != "]":
                self.at += 1
                high = self._member()
                span = range(ord(next(iter(low))), ord(next(iter(high))) + 1)
                if len(span) > _WIDEST:
                    raise _Refused(begin, f"the class holds more than {_WIDEST:,} letters", "Name a smaller range.")
                letters.update(map(chr, span))
            else:
                letters |= low
        self.at += 1
        found = PRINTABLE - letters if negated else frozenset(letters)
        if not found:
            raise _Refused(begin, "no printable ASCII letter is left in the class", "List the letters that are wanted.")
        if any("\ud800" <= c <= "\udfff" for c in found):
            raise _Refused(begin, "the class holds surrogates, which are no letters", "Leave out U+D800 to U+DFFF.")
        return found

    def _member(self) -> frozenset[str]:
        sign = self._peek()
        self.at += 1
        return self._escape(inside=True) if sign == "\\" else frozenset(sign)


def _refuse_group(opening: str) -> tuple[str, str]:
    if opening.startswith(("?=", "?!", "?<=", "?<!")):
        return "a look-around constrains letters that other parts write", "Write out the allowed values with |."
    if opening.startswith("?P="):
        return "a group is referred back to", "Write out what is to stand there."
    if opening.startswith("?("):
        return "a choice depends on another group", "Write both cases with |."
    if opening.startswith("?>"):
        return "an atomic group never gives back what it took", "Write (?: instead of (?>."
    if opening.startswith("?#"):
        return "a comment stands in the pattern", "Leave out the comment."
    return "flags change the meaning of the pattern", "Write both cases in a class, such as [Aa]."
