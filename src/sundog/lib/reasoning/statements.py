"""Find statements in free-worded steps that can be checked, and check them: sums and equations, percents, conversions of units,
remainders, divisors and primes, dates.

What is not understood is said to be unchecked, never true. Nothing of a text is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from sundog.lib.reasoning.calendar import find_date_statements
from sundog.lib.reasoning.equations import judge_run, read_letters
from sundog.lib.reasoning.latex import plain_latex
from sundog.lib.reasoning.quantities import UNITS, read_number
from sundog.lib.reasoning.runs import Run, find_runs

_LONGEST = 200_000
_MARKER = re.compile(
    r"^[ \t]*(?:(?:step )?\(?[0-9]{1,3}(?:\)|\.(?![0-9])|:(?![0-9]))|step [0-9]+[ .:-]*|[-*•>#]+(?=\s))[ \t]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a text.

    Attributes:
        line: number of its line, from 0.
        text: as it stands there, with LaTeX as plain text and blanks for dollar signs and bold type.
        verdict: ``unchecked`` where it looks like a statement of this sort and is not understood.
        why: what is so, where it is false or unchecked.
    """

    line: int
    text: str
    verdict: Literal["true", "false", "unchecked"]
    why: str = ""


def check_steps(text: str) -> tuple[Statement, ...]:
    """Every statement that is found, in the order of the text.

    An equation with an unknown is checked with the value that the text gives the unknown in the end (``x = 4``). A rounded decimal is
    equal to a number that has no end as a decimal, if it is rounded to two places or more; ``≈`` allows any rounding. Units are
    compared where both sides have them.
    """
    text = plain_latex(text[:_LONGEST]).replace("−", "-").replace("–", "-").replace("\u00a0", " ")
    lines = [_MARKER.sub("", line.replace("$", " ")) for line in _unbold(text).splitlines()]
    letters = read_letters("\n".join(lines))
    found = []
    for number, line in enumerate(lines):
        done = 0
        for start, end, statement in sorted(_find(number, line, letters), key=lambda s: (s[0], -s[1])):
            if start >= done:
                found.append(statement)
                done = end
    return tuple(found)


def _unbold(text: str) -> str:
    """Without the stars of bold type; those between digits are a power."""
    return re.sub(r"(?<![0-9)])\*\*|\*\*(?![0-9(])|\\\(|\\\)", " ", text)


def _find(number: int, line: str, letters: Mapping[str, tuple[Fraction, ...]]) -> Iterator[tuple[int, int, Statement]]:
    for start, end, holds, why in (*find_date_statements(line), *_find_facts(line)):
        yield start, end, _state(number, line[start:end], holds, why)
    for run in find_runs(line, letters):
        yield run.start, run.end, _judge(number, line, run, letters)


def _judge(number: int, line: str, run: Run, letters: Mapping[str, tuple[Fraction, ...]]) -> Statement:
    holds, why = judge_run(run, letters)
    return _state(number, line[run.start : run.end], holds, why)


def _state(line: int, text: str, holds: bool | None, why: str) -> Statement:
    verdict: Literal["true", "false", "unchecked"] = "unchecked" if holds is None else "true" if holds else "false"
    return Statement(line, text.strip(), verdict, "" if holds else why)


_NUMBER = r"(-?[0-9]+(?:,[0-9]{3})*)"
_QUOTIENT = re.compile(
    rf"(?<![0-9.,+×*÷/-]){_NUMBER}(?: ?[÷/:] ?| divided by ){_NUMBER} ?(?:=|is|gives|equals) ?{_NUMBER},?"
    rf" ?(?:with |and )?(?:a )?(?:remainder|rest|r) ?(?:of |is |= ?)?{_NUMBER}(?![0-9]|\.[0-9])",
    re.IGNORECASE,
)
_LEFT = re.compile(
    rf"(?:the )?remainder (?:of|when) {_NUMBER}(?: is)?(?: ?[÷/] ?| divided by ){_NUMBER} (?:is|equals|=) {_NUMBER}(?![0-9]|\.[0-9])",
    re.I,
)
_DIVISIBLE = re.compile(
    rf"(?<![0-9.,+×*÷/-]\s){_NUMBER} (?:is|are) (not )?(?:(evenly )?divisible by|a (multiple) of) {_NUMBER}(?![0-9]|\.[0-9])",
    re.I,
)
_DIVIDES = re.compile(
    rf"(?<![0-9.,+×*÷/-]\s){_NUMBER} is (not )?a (?:divisor|factor) of {_NUMBER}(?![0-9]|\.[0-9])", re.IGNORECASE
)
_SORT = re.compile(
    rf"(?<![0-9.,+×*÷/-]\s){_NUMBER} is (not )?(?:an? )?(prime|composite|even|odd|perfect square)(?: number)?(?=[\s.,;:!?)]|$)",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    rf"\b(?:(?:an?|one|1) ([a-z]+) (?:has|contains|consists of) {_NUMBER} ([a-z]+)|there are {_NUMBER} ([a-z]+) in (?:an?|one|1) ([a-z]+))\b",
    re.IGNORECASE,
)
_LARGEST = 10**12


def _int(text: str) -> int:
    return int(text.replace(",", ""))


def _find_facts(line: str) -> Iterator[tuple[int, int, bool | None, str]]:
    """Remainders, divisors, sorts of numbers, and what a unit holds."""
    for found in _QUOTIENT.finditer(line):
        a, b, q, rest = map(_int, found.groups())
        holds = b != 0 and a == q * b + rest and 0 <= rest < abs(b)
        yield found.start(), found.end(), holds, f"it is {a // b} remainder {a % b}" if b else "it divides by zero"
    for found in _LEFT.finditer(line):
        a, b, rest = map(_int, found.groups())
        yield found.start(), found.end(), b != 0 and a % b == rest, f"it is {a % b}" if b else "it divides by zero"
    for found in _DIVISIBLE.finditer(line):
        a, b = _int(found[1]), _int(found[5])
        yield (
            found.start(),
            found.end(),
            b != 0 and (a % b == 0) != bool(found[2]),
            f"{a} mod {b} is {a % b}" if b else "nothing is",
        )
    for found in _DIVIDES.finditer(line):
        b, a = _int(found[1]), _int(found[3])
        yield (
            found.start(),
            found.end(),
            b != 0 and (a % b == 0) != bool(found[2]),
            f"{a} mod {b} is {a % b}" if b else "nothing is",
        )
    for found in _SORT.finditer(line):
        n = _int(found[1])
        if abs(n) > _LARGEST:
            yield found.start(), found.end(), None, "the number is too large"
            continue
        yield found.start(), found.end(), _is_sort(n, found[3].lower()) != bool(found[2]), "it is not so"
    for found in _HOLDS.finditer(line):
        large, value, small = (found[1], found[2], found[3]) if found[1] else (found[6], found[4], found[5])
        one, two, said = UNITS.get(large.lower()), UNITS.get(small.lower()), read_number(value)
        if one is not None and two is not None and one[0] == two[0] and said is not None:
            yield found.start(), found.end(), one[1] == said * two[1], f"it is {one[1] / two[1]}"


def _is_sort(n: int, sort: str) -> bool:
    if sort in ("even", "odd"):
        return n % 2 == (sort == "odd")
    if sort == "perfect square":
        return n >= 0 and round(n**0.5) ** 2 == n
    if n < 2:
        return False
    divisor = next((d for d in range(2, int(n**0.5) + 1) if n % d == 0), n)
    return (divisor == n) == (sort == "prime")
