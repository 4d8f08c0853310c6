"""Values of sums as texts write them, exactly, with their units: a small grammar, and nothing that a text says is ever executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, isqrt
from typing import Literal

from sundog.lib.reasoning.quantities import UNITS

_DEEPEST = 40
_MOST_BITS = 4096


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a sum.

    Attributes:
        kind: ``number``; ``sign``: an operation or bracket; ``unit``: a known one; ``word``: what is counted; ``letter``: an unknown.
        text: as the grammar names it.
        value: of a number.
    """

    kind: Literal["number", "sign", "unit", "word", "letter"]
    text: str
    value: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Value:
    """What a sum comes to.

    Attributes:
        plain: with the numbers alone.
        base: in the first unit of each dimension.
        powers: of each dimension; None where unlike things were added.
    """

    plain: Fraction
    base: Fraction
    powers: Mapping[str, int] | None


class Unreadable(ValueError):
    """What the grammar does not cover, in words."""


def evaluate(tokens: Sequence[Token], letters: Mapping[str, Fraction]) -> Value:
    """The value of a sum.

    Multiplication and ``of`` bind before addition, powers before both; numbers beside brackets and letters are multiplied.

    Raises:
        Unreadable: it is no sum, holds an unknown that ``letters`` does not, divides by zero, or grows out of bounds.
    """
    reader = _Reader(tokens, letters)
    value = reader.add(0)
    if reader.at < len(tokens):
        raise Unreadable(f"{tokens[reader.at].text!r} stands where the sum should end")
    return value


class _Reader:
    """Where in the tokens the reading stands."""

    __slots__ = ("at", "letters", "tokens")

    def __init__(self, tokens: Sequence[Token], letters: Mapping[str, Fraction]) -> None:
        self.tokens = tokens
        self.letters = letters
        self.at = 0

    def peek(self, ahead: int = 0) -> Token:
        """A token further on; an empty sign behind the end."""
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else Token("sign", "")

    def take(self, *signs: str) -> str:
        """The next sign, if it is one of these; else an empty text."""
        token = self.peek()
        if token.kind == "sign" and token.text in signs:
            self.at += 1
            return token.text
        return ""

    def add(self, depth: int) -> Value:
        """Terms added and subtracted."""
        value = self.multiply(depth)
        while sign := self.take("+", "-"):
            other = self.multiply(depth)
            factor = 1 if sign == "+" else -1
            _bound(value.plain)
            alike = value.powers is not None and value.powers == other.powers
            value = Value(
                value.plain + factor * other.plain, value.base + factor * other.base, value.powers if alike else None
            )
        return value

    def multiply(self, depth: int) -> Value:
        """Factors multiplied and divided."""
        value = self.negate(depth)
        while True:
            sign = self.take("×", "÷", "of", "mod")
            if not sign:
                token = self.peek()
                if token.kind != "letter" and not (token.kind == "sign" and token.text in ("(", "√")):
                    return value
                sign = "×"
            other = self.negate(depth)
            if sign in ("÷", "mod") and other.plain == 0:
                raise Unreadable("it divides by zero")
            if sign == "mod":
                value = Value(value.plain % other.plain, value.plain % other.plain, {})
                continue
            turn = -1 if sign == "÷" else 1
            powers = _combine(value.powers, other.powers, turn)
            if sign == "÷":
                value = Value(value.plain / other.plain, value.base / other.base, powers)
            else:
                value = Value(value.plain * other.plain, value.base * other.base, powers)
            _bound(value.plain)

    def negate(self, depth: int) -> Value:
        """A factor with its sign."""
        if depth > _DEEPEST:
            raise Unreadable("its brackets are too deep")
        if self.take("-"):
            value = self.negate(depth + 1)
            return Value(-value.plain, -value.base, value.powers)
        if self.take("+"):
            return self.negate(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Value:
        """A number, bracket or letter, to a power."""
        value = self.name(self.atom(depth))
        if not self.take("^"):
            return value
        exponent = self.negate(depth + 1).plain
        if exponent.denominator != 1 or abs(exponent) > 2000 or (value.plain == 0 and exponent <= 0):
            raise Unreadable("its exponent is out of bounds")
        n = int(exponent)
        if abs(n) * max(value.plain.numerator.bit_length(), value.plain.denominator.bit_length()) > _MOST_BITS:
            raise Unreadable("it grows out of bounds")
        powers = None if value.powers is None else {d: p * n for d, p in value.powers.items() if p * n}
        return Value(value.plain**n, value.base**n, powers)

    def atom(self, depth: int) -> Value:
        """One number, bracket, root or letter."""
        token = self.peek()
        self.at += 1
        if token.kind == "number":
            if self.take("!"):
                if token.value.denominator != 1 or token.value > 200:
                    raise Unreadable("its factorial is out of bounds")
                product = Fraction(factorial(int(token.value)))
                return Value(product, product, {})
            return Value(token.value, token.value, {})
        if token.kind == "letter":
            if token.text not in self.letters:
                raise Unreadable(f"{token.text} is not known")
            return Value(self.letters[token.text], self.letters[token.text], {})
        if token.kind == "sign" and token.text == "(":
            value = self.add(depth + 1)
            if not self.take(")"):
                raise Unreadable("a bracket is not closed")
            return value
        if token.kind == "sign" and token.text == "√":
            value = self.atom(depth + 1)
            top, bottom = isqrt(max(0, value.plain.numerator)), isqrt(value.plain.denominator)
            root = Fraction(top, bottom)
            if root * root != value.plain:
                raise Unreadable("its root is no fraction")
            return Value(root, root, {})
        raise Unreadable(f"{token.text!r} stands where a number should")

    def name(self, value: Value) -> Value:
        """A number with what stands behind it: percent, a unit (also ``km ÷ h``), or the word for what is counted."""
        if self.take("%"):
            value = Value(value.plain / 100, value.base / 100, value.powers)
        turn = 1
        if self.peek().text in ("÷", "per") and self.peek(1).kind in ("unit", "word"):
            self.at += 1
            turn = -1
        while True:
            token = self.peek()
            if token.kind == "word":
                self.at += 1
            elif token.kind == "unit":
                self.at += 1
                dimension, factor = UNITS[token.text]
                to = self.squares() * turn
                value = Value(value.plain, value.base * factor**to, _combine(value.powers, {dimension: 1}, to))
            else:
                return self.join(value)
            if self.peek().text in ("÷", "per") and self.peek(1).kind in ("unit", "word"):
                self.at += 1
                turn = -1

    def squares(self) -> int:
        """The exponent of a unit."""
        token = self.peek(1)
        if self.peek().text != "^" or token.kind != "number" or token.value not in (2, 3):
            return 1
        self.at += 2
        return int(token.value)

    def join(self, value: Value) -> Value:
        """A quantity with the smaller units that follow it: ``2 h 30 min``."""
        number, unit = self.peek(), self.peek(1)
        if number.kind != "number" or unit.kind != "unit" or value.powers != {UNITS[unit.text][0]: 1}:
            return value
        self.at += 2
        part = number.value * UNITS[unit.text][1]
        return self.join(Value(value.plain + number.value, value.base + part, value.powers))


def _combine(one: Mapping[str, int] | None, two: Mapping[str, int] | None, turn: int) -> Mapping[str, int] | None:
    if one is None or two is None:
        return None
    powers = dict(one)
    for dimension, power in two.items():
        powers[dimension] = powers.get(dimension, 0) + turn * power
    return {d: p for d, p in powers.items() if p}


def _bound(value: Fraction) -> None:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
        raise Unreadable("it grows out of bounds")
