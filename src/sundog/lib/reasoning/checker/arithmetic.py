"""Check sums, written addition, multiplication and division, and powers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sundog.lib.reasoning.checker.expressions import check_order_of_operations
from sundog.lib.reasoning.checker.fault import Checker, need
from sundog.lib.reasoning.checker.numerals import INT, NAT, need_end, read_asked, read_one, read_step

_SUM = re.compile(rf"{NAT}((?: [+-] {NAT})+)")
_START = re.compile(
    rf"Start with {NAT}\. ((?:(?:Add|Subtract) {NAT}\. )+)(?:What is the result\?|Where do you end\?|Give the final number\.)"
)
_MOVE = re.compile(r"(Add|Subtract|\+|-) ([0-9]+)")
_RUNNING = re.compile(rf"(?:{INT} ([+-]) {NAT} (?:=|is|makes)|The running total: {INT} ([+-]) {NAT} =) {INT}")


def _check_running(steps: Sequence[str], at: int, terms: Sequence[int]) -> tuple[int, int]:
    """The sum of the terms, one after the other, and where the steps after them begin."""
    total = terms[0]
    for term in terms[1:]:
        one, sign, two, other_one, other_sign, other_two, after = read_step(_RUNNING, steps, at)
        need(int(one or other_one) == total, at, f"the total so far is {total}")
        said = int(f"{sign or other_sign}{two or other_two}")
        need(said == term, at, f"what comes next is {term}")
        total += term
        need(int(after) == total, at, f"it comes to {total}")
        at += 1
    return total, at


def check_sums(question: str, steps: Sequence[str], answer: str) -> None:
    """Numbers added and subtracted in the order of the question."""
    found = _SUM.fullmatch(read_asked(question)) or _START.fullmatch(question)
    need(found is not None, -1, "the question is not understood")
    assert found is not None
    terms = [int(found[1])]
    terms += [int(n) if sign in ("Add", "+") else -int(n) for sign, n in _MOVE.findall(found[2])]
    total, at = _check_running(steps, 0, terms)
    need_end(steps, at, answer, str(total))


_ADDED = (
    re.compile(rf"Add {NAT} and {NAT} column by column\."),
    re.compile(rf"Work out {NAT} \+ {NAT} digit by digit\."),
    re.compile(rf"What is {NAT} \+ {NAT}\? Show every carry\."),
    re.compile(rf"Add the numbers {NAT} and {NAT}, starting with the ones\."),
    re.compile(rf"Find the sum of {NAT} and {NAT} with written addition\."),
)
_COLUMN = re.compile(
    r"(?:Column|Place|Digit) ([1-9][0-9]*)(?: from the right)?: ([0-9]) \+ ([0-9]) \+ ([01]) = (1?[0-9]), (?:write|digit|so) ([0-9]),? (?:and )?carry ([01])"
)
_CARRIED = re.compile(rf"(?:With the last carry ([01]) in front: |The last carry is ([01]), so the sum is ){NAT}")


def check_column_addition(question: str, steps: Sequence[str], answer: str) -> None:
    """Two numbers, from the ones upwards: a carry is what the sum of the lower digits overflows by."""
    found = read_one(_ADDED, question)
    a, b = int(found[1]), int(found[2])
    places = max(len(found[1]), len(found[2]))
    for i in range(places):
        below, unit = 10**i, 10 ** (i + 1)
        carry = (a % below + b % below) // below
        after = (a % unit + b % unit) // unit
        x, y = a // below % 10, b // below % 10
        said = read_step(_COLUMN, steps, i)
        right = (i + 1, x, y, carry, x + y + carry, (a + b) // below % 10, after)
        need(tuple(map(int, said)) == right, i, f"the column holds {x} and {y} with carry {carry}")
    one, two, total = read_step(_CARRIED, steps, places)
    need(int(one or two) == (a + b) // 10**places and int(total) == a + b, places, f"the sum is {a + b}")
    need_end(steps, places + 1, answer, str(a + b))


_MULTIPLIED = re.compile(rf"(?:Multiply: |Find the product ){NAT} × {NAT}\.")
_PRODUCT = re.compile(rf"{NAT} × {NAT}")
_PARTIAL = re.compile(rf"(?:Partial product: {NAT} × {NAT} =|{NAT} × {NAT} (?:=|gives)) {NAT}")


def check_long_multiplication(question: str, steps: Sequence[str], answer: str) -> None:
    """The left number times each digit of the right one that is not 0, the ones first, then their sum."""
    found = _PRODUCT.fullmatch(read_asked(question)) or _MULTIPLIED.fullmatch(question)
    need(found is not None, -1, "the question is not understood")
    assert found is not None
    a, b = int(found[1]), int(found[2])
    terms: list[int] = []
    unit = 1
    while unit <= b:
        part = b % (10 * unit) - b % unit
        unit *= 10
        if part:
            at = len(terms)
            one, two, other_one, other_two, said = read_step(_PARTIAL, steps, at)
            need((int(one or other_one), int(two or other_two)) == (a, part), at, f"this step multiplies {a} by {part}")
            need(int(said) == a * part, at, f"the product is {a * part}")
            terms.append(a * part)
    need(bool(terms), -1, "the right number is 0")
    total, at = _check_running(steps, len(terms), terms)
    need(total == a * b, at, f"the product is {a * b}")
    need_end(steps, at, answer, str(a * b))


_QUOTIENT_FORM = r'(?:| Answer in the form "q remainder r"\.| Give the quotient and the remainder\.)'
_DIVIDED = (
    re.compile(rf"Divide {NAT} by {NAT}\.{_QUOTIENT_FORM}"),
    re.compile(rf"What are the quotient and the remainder of {NAT} divided by {NAT}\?{_QUOTIENT_FORM}"),
    re.compile(rf"Work out {NAT} ÷ {NAT} with the remainder\.{_QUOTIENT_FORM}"),
    re.compile(rf"How often does the divisor fit\? Divide {NAT} by {NAT}, with remainder\.{_QUOTIENT_FORM}"),
)
_DIVISION = re.compile(
    rf"(?:Bring down ([0-9]): {NAT} ÷ {NAT} = {NAT} remainder {NAT}|Digit ([0-9]): {NAT} : {NAT} = {NAT} rest {NAT})"
)
_EUCLIDEAN = re.compile(rf"Next digit ([0-9]): {NAT} = {NAT} × {NAT} \+ {NAT}")
_QUOTIENT = re.compile(rf"(?:So|Together:) {NAT} ÷ {NAT} = {NAT} remainder {NAT}")


def check_long_division(question: str, steps: Sequence[str], answer: str) -> None:
    """Each digit of the dividend brought down; a digit of the quotient is what two neighbouring prefixes differ by."""
    found = read_one(_DIVIDED, question)
    text, b = found[1], int(found[2])
    need(b > 0, -1, "it divides by 0")
    before = 0
    for i in range(len(text)):
        prefix = int(text[: i + 1])
        now, rest = prefix - before // b * b * 10, prefix % b
        q = prefix // b - before // b * 10
        need(i < len(steps), i, "a step is missing")
        other = _EUCLIDEAN.fullmatch(steps[i])
        if other is not None:
            said = tuple(map(int, other.groups()))
        else:
            groups = read_step(_DIVISION, steps, i)
            digit, top, bottom, whole, left = map(int, groups[:5] if groups[0] is not None else groups[5:])
            said = (digit, top, whole, bottom, left)
        need(said == (int(text[i]), now, q, b, rest), i, f"{now} is {q} times {b} and {rest}")
        before = prefix
    q, rest = before // b, before % b
    end = read_step(_QUOTIENT, steps, len(text))
    need(tuple(map(int, end)) == (before, b, q, rest), len(text), f"it is {q} remainder {rest}")
    need_end(steps, len(text) + 1, answer, f"{q} remainder {rest}")


_POWERS = re.compile(r"[0-9]+\^[0-9]+(?: [+-] [0-9]+\^[0-9]+)*")
_POWER = re.compile(rf"(?:^|([+-]) ){NAT}\^{NAT}")
_WRITTEN_OUT = re.compile(rf"(?:{NAT}\^{NAT} =|The power {NAT}\^{NAT} is) ([0-9]+(?: × [0-9]+)*) = {NAT}")


def check_powers(question: str, steps: Sequence[str], answer: str) -> None:
    """Each power written out, in the order of the question, then their sum."""
    text = read_asked(question)
    need(_POWERS.fullmatch(text) is not None, -1, "the question is not understood")
    terms = []
    for i, (sign, base, exponent) in enumerate(_POWER.findall(text)):
        one, up, other_one, other_up, factors, said = read_step(_WRITTEN_OUT, steps, i)
        need((one or other_one, up or other_up) == (base, exponent), i, f"this step works out {base}^{exponent}")
        listed = factors.split(" × ")
        need(listed.count(base) == len(listed) == int(exponent), i, f"{base} stands there {exponent} times")
        value = int(base) ** int(exponent)
        need(int(said) == value, i, f"{base}^{exponent} is {value}")
        terms.append(-value if sign == "-" else value)
    total, at = _check_running(steps, len(terms), terms)
    need_end(steps, at, answer, str(total))


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "sums": check_sums,
        "column_addition": check_column_addition,
        "long_multiplication": check_long_multiplication,
        "long_division": check_long_division,
        "order_of_operations": check_order_of_operations,
        "powers": check_powers,
    }
)
