"""Sums of numbers in text, evaluated exactly: a grammar of four operations and brackets, and nothing else."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|([-+*/()×÷]))")
_DEEPEST = 50
_MOST_BITS = 4096


class BadSum(ValueError):
    """What cannot be evaluated, in words."""


def evaluate_sum(text: str) -> Fraction:
    """The value of a sum: numbers, + - * /, brackets; multiplication before addition, from the left.

    Raises:
        BadSum: it is no sum, divides by zero, or grows out of bounds.
    """
    tokens = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise BadSum(f"{text[at:].strip()[:20]!r} is no part of a sum")
        tokens.append(found.group(1) or {"×": "*", "÷": "/"}.get(found.group(2), found.group(2)))
        at = found.end()
    value, end = _add(tokens, 0, 0)
    if end < len(tokens):
        raise BadSum(f"{tokens[end]!r} stands where the sum should end")
    return value


def _add(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _multiply(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "+-":
        other, end = _multiply(tokens, at + 1, depth)
        value = value + other if tokens[at] == "+" else value - other
        at = end
    return value, at


def _multiply(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    value, at = _factor(tokens, at, depth)
    while at < len(tokens) and tokens[at] in "*/":
        other, end = _factor(tokens, at + 1, depth)
        if tokens[at] == "/" and other == 0:
            raise BadSum("it divides by zero")
        value = value * other if tokens[at] == "*" else value / other
        if value.numerator.bit_length() > _MOST_BITS:
            raise BadSum("it grows out of bounds")
        at = end
    return value, at


def _factor(tokens: list[str], at: int, depth: int) -> tuple[Fraction, int]:
    if at >= len(tokens):
        raise BadSum("it ends where a number should stand")
    if depth > _DEEPEST:
        raise BadSum("its brackets are too deep")
    if tokens[at] == "-":
        value, end = _factor(tokens, at + 1, depth + 1)
        return -value, end
    if tokens[at] == "(":
        value, end = _add(tokens, at + 1, depth + 1)
        if end >= len(tokens) or tokens[end] != ")":
            raise BadSum("a bracket is not closed")
        return value, end + 1
    if not tokens[at][0].isdigit():
        raise BadSum(f"{tokens[at]!r} stands where a number should")
    return Fraction(Decimal(tokens[at])), at + 1


def write_number(value: Fraction) -> str:
    """A number as a decimal: exactly where it has an end within ten places, else rounded to six."""
    if value.denominator == 1:
        return str(value.numerator)
    scaled = value * 10**10
    if scaled.denominator == 1:
        return f"{Decimal(scaled.numerator).scaleb(-10):f}".rstrip("0").rstrip(".")
    return f"{Decimal(round(value * 10**6)).scaleb(-6):f}".rstrip("0").rstrip(".")
