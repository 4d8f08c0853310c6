"""Check equations with whole numbers: linear, two unknowns, quadratic. Sequences and polynomials are checked in ``series``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isqrt
from types import MappingProxyType

from sundog.lib.reasoning.checker.fault import Checker, need
from sundog.lib.reasoning.checker.numerals import (
    FACTOR,
    HELD,
    INT,
    SHIFT,
    need_end,
    read_factor,
    read_held,
    read_one,
    read_shift,
    read_step,
)
from sundog.lib.reasoning.checker.series import check_polynomial, check_sequences

_LINE = rf"{FACTOR}([a-z]){SHIFT} = {FACTOR}([a-z]){SHIFT}"
_LINEAR = (
    re.compile(rf"Solve {_LINE} for ([a-z])\."),
    re.compile(rf"The equation {_LINE} has one solution\. What is ([a-z])\?"),
)
_LINEAR_NAMED = (
    re.compile(rf"For which ([a-z]) is {_LINE}\?"),
    re.compile(rf"Find ([a-z]), if {_LINE}\."),
    re.compile(rf"What number ([a-z]) makes {_LINE} true\?"),
)
_BOTH = r"(?: (?:on|from) both sides)?"
_MOVED = re.compile(rf"(Add|Subtract) {FACTOR}([a-z]){_BOTH}: {FACTOR}([a-z]){SHIFT} = {INT}")
_SHIFTED = re.compile(rf"(Add|Subtract) ([1-9][0-9]*){_BOTH}: {FACTOR}([a-z]) = {INT}")
_DIVIDED = re.compile(rf"Divide (?:both sides )?by (-?[1-9][0-9]*): ([a-z]) = {INT}")


def check_linear(question: str, steps: Sequence[str], answer: str) -> None:
    """The unknown brought to the left, the number to the right, and division where a factor is left."""
    named = next((found for pattern in _LINEAR_NAMED if (found := pattern.fullmatch(question))), None)
    if named is not None:
        x, one, left_x, shift, two, right_x, rest = named.groups()
    else:
        one, left_x, shift, two, right_x, rest, x = read_one(_LINEAR, question).groups()
    need(left_x == right_x == x, -1, "there are two unknowns")
    a, b, c, d = read_factor(one), read_shift(shift), read_factor(two), read_shift(rest)
    need(a != c and (d - b) % (a - c) == 0, -1, "there is not one whole solution")
    value = (d - b) // (a - c)
    verb, moved, letter, factor, left, tail, number = read_step(_MOVED, steps, 0)
    need(letter == left == x, 0, f"the unknown is {x}")
    need((read_factor(moved) if verb == "Subtract" else -read_factor(moved)) == c, 0, f"the right side has {c}{x}")
    need(
        (read_factor(factor), read_shift(tail), int(number)) == (a - c, b, d),
        0,
        "these are not the sides that are left",
    )
    at = 1
    if b:
        verb, moved, factor, left, number = read_step(_SHIFTED, steps, at)
        need(
            left == x and (int(moved) if verb == "Subtract" else -int(moved)) == b,
            at,
            f"the left side has {b} too much",
        )
        need((read_factor(factor), int(number)) == (a - c, d - b), at, "these are not the sides that are left")
        at += 1
    if a - c != 1:
        factor, left, number = read_step(_DIVIDED, steps, at)
        need(left == x and int(factor) == a - c, at, f"both sides are divided by {a - c}")
        need(int(number) == value, at, f"{x} is {value}")
        at += 1
    need_end(steps, at, answer, str(value))


_EQUATION = rf"{FACTOR}([a-z]) ([+-]) ((?:[2-9]|[1-9][0-9]+)?)([a-z]) = {INT}"
_SYSTEM_ENDS = r"(?: Answer as ([a-z]) = \.\.\., ([a-z]) = \.\.\.| Give ([a-z]) first, then ([a-z])\.)"
_SYSTEM = (
    re.compile(rf"Solve the system {_EQUATION} and {_EQUATION}\.{_SYSTEM_ENDS}"),
    re.compile(rf"Two equations hold: {_EQUATION} and {_EQUATION}\. What are ([a-z]) and ([a-z])\?{_SYSTEM_ENDS}"),
)
_SYSTEM_NAMED = (
    re.compile(rf"Find ([a-z]) and ([a-z]), if {_EQUATION} and {_EQUATION}\.{_SYSTEM_ENDS}"),
    re.compile(rf"For which ([a-z]) and ([a-z]) do both {_EQUATION} and {_EQUATION} hold\?{_SYSTEM_ENDS}"),
)
_MULTIPLIED = re.compile(rf"Multiply the (first|second) equation by (-?[1-9][0-9]*): {_EQUATION}")
_DIFFERENCE = re.compile(
    rf"(?:Subtract the first from the second|The difference, second minus first): {FACTOR}([a-z]) = {INT}"
)
_ALONE = re.compile(rf"Divide by (-?[1-9][0-9]*): ([a-z]) = {INT}")
_PUT = re.compile(rf"Put ([a-z]) = {INT} into the first equation: {FACTOR}([a-z]){SHIFT} = {INT}")
_SO = re.compile(rf"So {FACTOR}([a-z]) = {INT}")


def _read_equation(texts: Sequence[str]) -> tuple[int, str, int, str, int]:
    """Factor, letter, factor, letter, right side."""
    one, x, sign, two, y, number = texts
    return read_factor(one), x, read_factor(sign.replace("+", "") + two), y, int(number)


def check_two_unknowns(question: str, steps: Sequence[str], answer: str) -> None:
    """Both equations multiplied to the same first factor, their difference, one unknown, and the other from the first equation.

    A multiplication or division by 1 is no step.
    """
    named = next((found for pattern in _SYSTEM_NAMED if (found := pattern.fullmatch(question))), None)
    if named is not None:
        texts, letters = named.groups()[2:14], [*named.groups()[:2], *named.groups()[14:]]
    else:
        found = read_one(_SYSTEM, question)
        texts, letters = found.groups()[:12], [*found.groups()[12:]]
    a, x, b, y, e = _read_equation(texts[:6])
    c, other_x, d, other_y, f = _read_equation(texts[6:])
    stated = [letter for letter in letters if letter is not None]
    need(x != y and (x, y) == (other_x, other_y), -1, "the equations have other unknowns")
    need(stated == [x, y] * (len(stated) // 2), -1, f"the unknowns are {x} and {y}")
    factor = a * d - b * c
    need(
        factor != 0 and (e * d - b * f) % factor == 0 and (a * f - e * c) % factor == 0,
        -1,
        "there is no whole solution",
    )
    u, v = (e * d - b * f) // factor, (a * f - e * c) // factor
    at = 0
    for name, by, whole in (("first", c, (a * c, x, b * c, y, e * c)), ("second", a, (a * c, x, a * d, y, a * f))):
        if by != 1:
            groups = read_step(_MULTIPLIED, steps, at)
            need(groups[0] == name and int(groups[1]) == by, at, f"the {name} equation is multiplied by {by}")
            need(_read_equation(groups[2:]) == whole, at, f"this is not the {name} equation times {by}")
            at += 1
    one, letter, number = read_step(_DIFFERENCE, steps, at)
    need((read_factor(one), letter, int(number)) == (factor, y, a * f - e * c), at, "this is not the difference")
    at += 1
    at = _check_division(steps, at, factor, y, v)
    letter, said, one, left, shift, number = read_step(_PUT, steps, at)
    need((letter, int(said)) == (y, v), at, f"{y} is {v}")
    need(
        (read_factor(one), left, read_shift(shift), int(number)) == (a, x, b * v, e),
        at,
        "this is not the first equation",
    )
    one, left, number = read_step(_SO, steps, at + 1)
    need((read_factor(one), left, int(number)) == (a, x, a * u), at + 1, f"{a}{x} is {a * u}")
    at = _check_division(steps, at + 2, a, x, u)
    need_end(steps, at, answer, f"{x} = {u}, {y} = {v}")


def _check_division(steps: Sequence[str], at: int, by: int, letter: str, value: int) -> int:
    """Where the steps go on after a division, which is none where the factor is 1."""
    if by == 1:
        return at
    said, left, number = read_step(_ALONE, steps, at)
    need((int(said), left) == (by, letter), at, f"this step divides by {by}")
    need(int(number) == value, at, f"{letter} is {value}")
    return at + 1


_SQUARE = rf"{FACTOR}([a-z])\^2(?: ([+-]) ((?:[2-9]|[1-9][0-9]+)?)([a-z]))?{SHIFT} = 0"
_ROOTS_ENDS = r'(?: Give the smaller one first\.| Answer in the form "r or s", smaller first\.)'
_QUADRATIC = (
    re.compile(rf"Solve {_SQUARE} for ([a-z])\.{_ROOTS_ENDS}"),
    re.compile(rf"Find both solutions of {_SQUARE}\.{_ROOTS_ENDS}"),
    re.compile(rf"What are the roots of {_SQUARE}\?{_ROOTS_ENDS}"),
    re.compile(rf"The equation {_SQUARE} has two whole solutions\. Find them\.{_ROOTS_ENDS}"),
)
_QUADRATIC_NAMED = re.compile(rf"For which ([a-z]) is {_SQUARE}\?{_ROOTS_ENDS}")
_LEAD = re.compile(rf"Divide both sides by ([1-9][0-9]*): {_SQUARE}")
_PAIR = re.compile(rf"{HELD} \+ {HELD} = {INT} and {HELD} × {HELD} = {INT}")
_FACTORED = re.compile(rf"(?:So the left side is|It factors into) \(([a-z]){SHIFT}\)\(([a-z]){SHIFT}\)")
_ROOT = re.compile(rf"(?:From )?([a-z]){SHIFT} = 0 (?:gives|we get) ([a-z]) = {INT}")


def _read_square(texts: Sequence[str | None]) -> tuple[int, int, int, set[str]]:
    """The three factors and the letters."""
    one, x, sign, two, other, shift = texts
    middle = read_factor((sign or "").replace("+", "") + (two or "")) if sign else 0
    return read_factor(one or ""), middle, read_shift(shift or ""), {letter for letter in (x, other) if letter}


def check_quadratic(question: str, steps: Sequence[str], answer: str) -> None:
    """Division by the leading factor where it is not 1, two numbers with the right sum and product, the brackets, both roots."""
    named = _QUADRATIC_NAMED.fullmatch(question)
    groups = named.groups() if named is not None else read_one(_QUADRATIC, question).groups()
    a, b, c, letters = _read_square(groups[1:] if named is not None else groups[:6])
    letters |= {groups[0]} if named is not None else set(groups[6:])
    need(len(letters) == 1 and a > 0, -1, "the equation is not understood")
    (x,) = letters
    inside = b * b - 4 * a * c
    need(inside > 0 and isqrt(inside) ** 2 == inside, -1, "there are not two whole solutions")
    tops = (-b - isqrt(inside), -b + isqrt(inside))
    need(all(top % (2 * a) == 0 for top in tops), -1, "there are not two whole solutions")
    low, high = (top // (2 * a) for top in tops)
    at = 0
    if a != 1:
        lead = read_step(_LEAD, steps, 0)
        need(
            int(lead[0]) == a and _read_square(lead[1:]) == (1, b // a, c // a, letters),
            0,
            f"this is not the equation divided by {a}",
        )
        at = 1
    p, q, total, r, s, product = read_step(_PAIR, steps, at)
    pair = (read_held(p), read_held(q))
    need(pair == (read_held(r), read_held(s)) == (-low, -high), at, f"the numbers are {-low} and {-high}")
    need((int(total), int(product)) == (b // a, c // a), at, f"their sum is {b // a}, their product {c // a}")
    one, first, two, second = read_step(_FACTORED, steps, at + 1)
    need((one, read_shift(first), two, read_shift(second)) == (x, -low, x, -high), at + 1, "these are other brackets")
    for i, root in enumerate((low, high), at + 2):
        one, shift, two, said = read_step(_ROOT, steps, i)
        need((one, two, read_shift(shift)) == (x, x, -root), i, "this is another bracket")
        need(int(said) == root, i, f"the root is {root}")
    need_end(steps, at + 4, answer, f"{low} or {high}")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "linear": check_linear,
        "two_unknowns": check_two_unknowns,
        "quadratic": check_quadratic,
        "sequences": check_sequences,
        "polynomial": check_polynomial,
    }
)
