"""Find equations and comparisons within a line of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sundog.lib.reasoning.quantities import UNITS
from sundog.lib.reasoning.sums import Token

_PIECE = re.compile(
    r"(?P<clock>(?<![0-9:])(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?![0-9:])(?: ?(?:[ap]m\b|[ap]\.m\.))?)"
    r"|(?P<ratio>(?<![0-9.^/*)])[0-9]+/[1-9][0-9]*(?![0-9.,]*[0-9]|\s*(?:\^|\*\*|!|/|%)))"
    r"|(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|(?<![0-9])\.[0-9]+)(?P<dots>\.\.\.|…)?"
    r"|(?P<sign>\*\*|<=|>=|!=|==|->|[-+*/()\[\]{}^%=<>≈≤≥≠≡×·÷√²³!€£])"
    r"|(?P<colon>(?<=[0-9)] ):(?= [0-9(]))"
    r"|(?P<word>[A-Za-z°]+)"
    r"|(?P<space>[ \t]+)"
    r"|(?P<stop>.)",
    re.IGNORECASE,
)
_SIGNS = {
    "*": "×", "·": "×", "/": "÷", "**": "^", "[": "(", "]": ")", "{": "(", "}": ")", "==": "=", "<=": "≤", ">=": "≥", "!=": "≠",
}  # fmt: skip
_RELATIONS = frozenset("=≈<>≤≥≠≡")
_OPERATIONS = {
    "plus": "+",
    "minus": "-",
    "times": "×",
    "of": "of",
    "mod": "mod",
    "modulo": "mod",
    "per": "per",
    "sqrt": "√",
    "percent": "%",
}
_PAIRS = {("multiplied", "by"): "×", ("divided", "by"): "÷", ("added", "to"): "+", ("equal", "to"): "="}
_SAYS = frozenset(("is", "are", "equals", "gives", "makes", "equal", "was", "becomes", "leaves"))
_MULTIPLES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_STOPS = (
    "and or so then because since if when where which that to from for in on at by with as the a an than more less fewer greater not "
    "we i you he she it they there now next first finally thus hence therefore but each every after before remainder rest left over "
    "would could can have has had into out up down only also both"
)
_ENDS = frozenset(_STOPS.split())
_PAIR_ENDS = frozenset(("by", "added"))
_BOUND = frozenset(("more", "less", "fewer", "greater", "than", "times", "mod", "of", "remainder", "rest"))
"""What may not follow the last number of a statement in words: it would be another statement."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that is all sums and signs.

    Attributes:
        start: where it begins in the line.
        end: where it ends.
        sides: tokens between the relations.
        relations: one fewer than sides.
        places: decimals of each side that is a lone decimal number, else -1; -2 where dots stand behind it.
        timed: whether a time of day stands in it.
        loose: whether the words before it may be part of the statement, so that it can't be called false.
    """

    start: int
    end: int
    sides: tuple[tuple[Token, ...], ...]
    relations: tuple[str, ...]
    places: tuple[int, ...]
    timed: bool
    loose: bool


def find_runs(line: str, letters: Mapping[str, tuple[Fraction, ...]]) -> Iterator[Run]:
    """Pieces that hold a relation between sums; numbers with words alone are none."""
    pieces = [m for m in _PIECE.finditer(line) if m.lastgroup != "space"]
    at = 0
    while at < len(pieces):
        builder = _Builder(line, pieces, at, letters)
        at = builder.read()
        run = builder.build()
        if run is not None:
            yield run


class _Builder:
    """Tokens of one run, as far as they go."""

    def __init__(
        self, line: str, pieces: list[re.Match[str]], at: int, letters: Mapping[str, tuple[Fraction, ...]]
    ) -> None:
        self.line, self.pieces, self.first, self.letters = line, pieces, at, letters
        self.tokens: list[Token] = []
        self.spans: list[tuple[int, int]] = []
        self.worded: set[int] = set()
        self.dotted: set[int] = set()
        self.places: dict[int, int] = {}
        self.timed = False
        self.depth = 0
        self.after = ""

    def read(self) -> int:
        """Read on until something is no part of a sum; where to go on."""
        at = self.first
        while at < len(self.pieces):
            piece = self.pieces[at]
            used = self._word(at) if piece.lastgroup == "word" else self._sign(piece)
            if not used:
                self.after = piece[0].lower()
                break
            at += used
        return max(at, self.first + 1)

    def _push(self, token: Token, piece: re.Match[str], end: int = 0) -> int:
        self.tokens.append(token)
        self.spans.append((piece.start(), end or piece.end()))
        return 1

    def _sign(self, piece: re.Match[str]) -> int:
        if piece["clock"]:
            hours, minutes = map(int, re.findall("[0-9]+", piece["clock"]))
            if piece["clock"][-1] in "mM.":
                hours = hours % 12 + (12 if "p" in piece["clock"].lower() else 0)
            self.timed = True
            self._push(Token("number", piece["clock"], Fraction(hours * 60 + minutes)), piece)
            return self._push(Token("unit", "min"), piece)
        if piece["number"] or piece["ratio"]:
            if (self.tokens and self.tokens[-1].kind in ("number", "letter", "word")) or self._closes():
                return 0
            text = (piece["number"] or piece["ratio"]).replace(",", "")
            if piece["dots"]:
                self.dotted.add(len(self.tokens))
            self.places[len(self.tokens)] = len(text.partition(".")[2])  # 0 of a ratio, which is rounded to nothing
            return self._push(Token("number", text, Fraction(text)), piece)
        if piece["colon"]:
            return self._push(Token("sign", "÷"), piece)
        sign = piece["sign"]
        if not sign:
            return 0
        if sign in "€£":
            return 1
        if sign in "²³":
            self._push(Token("sign", "^"), piece)
            return self._push(Token("number", sign, Fraction(2 if sign == "²" else 3)), piece)
        sign = _SIGNS.get(sign, sign)
        if sign == "->":
            return 0
        if sign == "!":
            rest = self.line[piece.end() : piece.end() + 20].lstrip()
            if not rest or rest[0] not in "=+-*/×÷≈)":
                return 0
        if sign == "(":
            self.depth += 1
        elif sign == ")":
            if not self.depth:
                return 0
            self.depth -= 1
        elif sign in _RELATIONS and (self.depth or not self.tokens):
            return 0
        return self._push(Token("sign", sign), piece)

    def _closes(self) -> bool:
        return bool(self.tokens) and self.tokens[-1] == Token("sign", ")")

    def _named(self) -> bool:
        return bool(self.tokens) and (
            self.tokens[-1].kind in ("number", "unit", "word") or self._closes() or self.tokens[-1].text == "%"
        )

    def _continues(self, at: int) -> bool:
        """Whether a number with a smaller unit of the same sort follows: ``2 hours and 30 minutes``."""
        pieces = self.pieces[at + 1 : at + 3]
        if len(pieces) < 2 or not pieces[0]["number"]:
            return False
        unit = UNITS.get(pieces[1][0].lower())
        large = UNITS[self.tokens[-1].text]
        return unit is not None and unit[0] == large[0] and unit[1] < large[1]

    def _acts(self, piece: re.Match[str] | None) -> bool:
        """Whether an operation or relation stands there, so that "a" before it is no article."""
        return piece is not None and piece["sign"] is not None and piece[0] in "+-*/×÷^=<>≤≥²³"

    def _word(self, at: int) -> int:
        piece = self.pieces[at]
        word, lower = piece[0], piece[0].lower()
        after = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
        pair = _PAIRS.get((lower, after[0].lower() if after is not None else ""))
        if pair is not None and self._named() and after is not None:
            return self._push(Token("sign", pair), piece, after.end()) + 1
        if lower in _OPERATIONS and (self._named() or lower == "sqrt"):
            return self._push(Token("sign", _OPERATIONS[lower]), piece)
        if lower in _SAYS and self._named() and not self.depth:
            if any(t.kind == "sign" and t.text in _RELATIONS for t in self.tokens):
                return 0  # "x + 3 = 0 gives x = -3" are two statements
            paired = after is not None and (lower, after[0].lower()) in (("is", "equal"), ("are", "equal"))
            third = self.pieces[at + 2] if paired and at + 2 < len(self.pieces) else None
            self.worded.add(len(self.tokens))
            self._push(Token("sign", "="), piece)
            return 3 if third is not None and third[0].lower() == "to" else 1
        if lower in _MULTIPLES and self._named():
            self._push(Token("sign", "×"), piece)
            return self._push(Token("number", lower, Fraction(_MULTIPLES[lower])), piece)
        if lower == "and" and self.tokens and self.tokens[-1].kind == "unit" and self._continues(at):
            return 1
        if (
            lower == "x"
            and self._named()
            and after is not None
            and (after["number"] or after[0] == "(")
            and "x" not in self.letters
        ):
            return self._push(Token("sign", "×"), piece)
        under = len(self.tokens) > 1 and self.tokens[-1].text in ("÷", "per") and self.tokens[-2].kind != "sign"
        if under and (word in UNITS or lower in UNITS):
            # A unit stands below the line (km per h, 12 dollars an hour) without a number of its own.
            return self._push(Token("unit", word if word in UNITS else lower), piece)
        if under and len(word) > 2 and lower not in _ENDS:
            return self._push(Token("word", lower), piece)
        attached = piece.start() > 0 and self.line[piece.start() - 1].isdigit()
        if (
            len(word) == 1
            and (word in self.letters or word not in UNITS or not self._named())
            and (attached or lower not in ("a", "i") or self._acts(after))
        ):
            return self._push(Token("letter", word), piece)
        if not self._named() or lower in _ENDS:
            return 0
        known = word if word in UNITS else lower
        return self._push(Token("unit", known) if known in UNITS else Token("word", lower), piece)

    def build(self) -> Run | None:
        """The run, if it holds a relation with a sum on both of its sides."""
        while self.tokens and self.tokens[-1].kind == "sign" and self.tokens[-1].text not in (")", "%", "!"):
            self.tokens.pop()
            self.spans.pop()
        cuts = [i for i, t in enumerate(self.tokens) if t.kind == "sign" and t.text in _RELATIONS]
        before = self.pieces[self.first - 1][0].lower() if self.first else ""
        if not cuts or self.depth or before in _OPERATIONS or before in _PAIR_ENDS:
            return None
        if re.search(r"[0-9][.,]$", self.line[max(0, self.spans[0][0] - 2) : self.spans[0][0]]):
            return None  # "3,4" may be one number
        if (
            before
            and self.tokens[0].kind == "sign"
            and (self.tokens[0].text == "+" or self.line[self.spans[0][1] : self.spans[0][1] + 1] == " ")
        ):
            return None  # the other side of the sign was not understood
        edges = [-1, *cuts, len(self.tokens)]
        sides = tuple(tuple(self.tokens[a + 1 : b]) for a, b in pairwise(edges))
        if not all(sides):
            return None
        worked = [any(t.kind == "sign" and t.text not in "()%" for t in side) for side in sides]
        if self.worded & set(cuts) and (not any(worked) or self.after in _BOUND):
            # "5 is 3 more than 2" is no equation.
            united = all(any(t.kind == "unit" for t in side) for side in sides)
            if not united or self.after in _BOUND:
                return None
        places = tuple(
            -2 if any(a < i < b for i in self.dotted) else self.places.get(a + 1, -1) if self._is_lone(a, b) else -1
            for a, b in pairwise(edges)
        )
        relations = tuple(self.tokens[i].text for i in cuts)
        loose = before[:1].isalpha() and (before in ("of", "between") or not any(worked))
        return Run(self.spans[0][0], self.spans[-1][1], sides, relations, places, self.timed, loose)

    def _is_lone(self, a: int, b: int) -> bool:
        return (
            sum(t.kind in ("number", "letter") for t in self.tokens[a + 1 : b]) == 1
            and self.tokens[a + 1].kind == "number"
        )
