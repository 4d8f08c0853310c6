"""Check sequences that are continued by their differences, and values of polynomials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import comb

from sundog.lib.reasoning.checker.fault import need
from sundog.lib.reasoning.checker.numerals import HELD, INT, NAT, need_end, read_factor, read_held, read_one, read_step

_LISTED = r"(-?[0-9]+(?:, -?[0-9]+)+)"
_SEQUENCE = (
    re.compile(rf"What number comes next: {_LISTED}, \.\.\.\?"),
    re.compile(rf"Continue the sequence {_LISTED}, \.\.\. by one number\."),
    re.compile(rf"A sequence begins {_LISTED}\. Its differences follow a polynomial rule; what is the next number\?"),
    re.compile(rf"Find the next term of {_LISTED}, \.\.\."),
    re.compile(rf"Which number follows in {_LISTED}, \.\.\.\?"),
)
_ROW = re.compile(r"(?:Differences|Subtract neighbours|Row of differences): (-?[0-9]+(?:, -?[0-9]+)+)")
_UP = re.compile(rf"(?:Go back up: )?{INT} \+ {HELD} = {INT}")


def check_sequences(question: str, steps: Sequence[str], answer: str) -> None:
    """Rows of differences down to the first that is constant, then back up.

    The next number itself is taken from the binomial rule: of d rows, the alternating sum of d + 2 neighbours is 0.
    """
    row = read_one(_SEQUENCE, question)[1].split(", ")
    numbers = [int(n) for n in row]
    rows = [numbers]
    while len(set(rows[-1])) > 1:
        above = rows[-1]
        need(len(above) > 2, -1, "no row of differences is constant")
        rows.append([above[i + 1] - n for i, n in enumerate(above[:-1])])
    need(len(rows) > 1, -1, "all numbers are the same")
    for at, shown in enumerate(rows[1:]):
        (said,) = read_step(_ROW, steps, at)
        need(said == ", ".join(map(str, shown)), at, "these are not the differences")
    at = len(rows) - 1
    after = sum((-1) ** j * comb(at + 1, j + 1) * numbers[-1 - j] for j in range(at + 1))
    now = rows[-1][-1]
    for end in reversed([above[-1] for above in rows[:-1]]):
        one, two, said = read_step(_UP, steps, at)
        need((int(one), read_held(two)) == (end, now), at, f"this step adds {now} to {end}")
        now += end
        need(int(said) == now, at, f"it is {now}")
        at += 1
    need_end(steps, at, answer, str(after))


_BODY = r"([^=?]+?)"
_POLYNOMIAL = (
    re.compile(rf"Let ([fghP])\(([a-z])\) = {_BODY}\. What is \1\({INT}\)\?"),
    re.compile(rf"Given ([fghP])\(([a-z])\) = {_BODY}, compute \1\({INT}\)\."),
    re.compile(rf"The function ([fghP]) is defined by \1\(([a-z])\) = {_BODY}\. Find \1\({INT}\)\."),
    re.compile(rf"Evaluate ([fghP])\(([a-z])\) = {_BODY} at \2 = {INT}\."),
)
_TERM = re.compile(r"(?:^| ([+-]) )([0-9]*)(?:([a-z])(?:\^([0-9]+))?)?")
_NESTED = re.compile(rf"{HELD} × {HELD} ([+-]) {NAT} = {INT}")
_ONE_TERM = re.compile(rf"(?:Term: )?{HELD} × {HELD}\^{NAT} = {INT}")
_SUM = re.compile(rf"{INT} \+ {HELD} = {INT}")


def _read_polynomial(text: str, letter: str) -> dict[int, int]:
    """Factor by power, the highest first.

    Raises:
        Wrong: it is none.
    """
    factors: dict[int, int] = {}
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        need(found is not None and found.end() > at, -1, "the polynomial is not understood")
        assert found is not None
        sign, number, x, power = found.groups()
        need(x in (None, letter) and (x is not None or number != ""), -1, "the polynomial is not understood")
        exponent = 0 if x is None else 1 if power is None else int(power)
        need(all(exponent < e for e in factors), -1, "the powers do not descend")
        factors[exponent] = -read_factor(number) if sign == "-" else read_factor(number)
        at = found.end()
    need(bool(factors) and 0 not in factors.values(), -1, "the polynomial is not understood")
    return factors


def check_polynomial(question: str, steps: Sequence[str], answer: str) -> None:
    """Its value by nested brackets, or by its terms and their sum: one of the two, all through."""
    _, letter, body, argument = read_one(_POLYNOMIAL, question).groups()
    factors, x = _read_polynomial(body, letter), int(argument)
    value = sum(factor * x**power for power, factor in factors.items())
    if steps and "^" not in steps[0]:
        degree = max(factors)
        now = factors[degree]
        for at, power in enumerate(range(degree - 1, -1, -1)):
            factor = factors.get(power, 0)
            one, two, sign, shift, said = read_step(_NESTED, steps, at)
            need((read_held(one), read_held(two)) == (now, x), at, f"this step multiplies {now} by {x}")
            need((sign, int(shift)) == ("+" if factor >= 0 else "-", abs(factor)), at, f"this step adds {factor}")
            # What is left of the polynomial once the lower powers are cut off and divided out.
            now = sum(f * x ** (p - power) for p, f in factors.items() if p >= power)
            need(int(said) == now, at, f"it is {now}")
        need_end(steps, degree, answer, str(value))
        return
    at = 0
    values = []
    for power, factor in factors.items():
        one, two, exponent, said = read_step(_ONE_TERM, steps, at)
        need(
            (read_held(one), read_held(two), int(exponent)) == (factor, x, power),
            at,
            f"this term is {factor} × {x}^{power}",
        )
        values.append(factor * x**power)
        need(int(said) == values[-1], at, f"the term is {values[-1]}")
        at += 1
    for i in range(1, len(values)):
        one, two, said = read_step(_SUM, steps, at)
        right = (sum(values[:i]), values[i], sum(values[: i + 1]))
        need((int(one), read_held(two), int(said)) == right, at, f"this step adds {values[i]} to {right[0]}")
        at += 1
    need_end(steps, at, answer, str(value))
