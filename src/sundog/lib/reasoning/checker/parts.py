"""Check fractions, decimals and percents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from math import gcd
from types import MappingProxyType

from sundog.lib.reasoning.checker.fault import Checker, need
from sundog.lib.reasoning.checker.numerals import INT, NAT, need_end, read_asked, read_one, read_step

_LOWEST = (" Give a fraction in lowest terms.", " Answer with a fraction in lowest terms.", " Reduce the result fully.")
_SUM = re.compile(r"[0-9]+/[0-9]+(?: [+-] [0-9]+/[0-9]+)+")
_TERM = re.compile(r"(?:^|([+-]) )([1-9][0-9]*)/([1-9][0-9]*)")
_COMMON = re.compile(
    rf"(?:The least common multiple|A common denominator) of ([0-9]+(?:, [0-9]+)* and [0-9]+) is {NAT}"
)
_EXPANDED = re.compile(rf"(?:Expanded, {NAT}/{NAT} =|{NAT}/{NAT} (?:=|becomes)) {NAT}/{NAT}")
_ADDED = re.compile(
    rf"(?:Numerators: ([0-9]+(?: [+-] [0-9]+)+) = {INT}, so the sum is {INT}/{NAT}|([0-9]+(?: [+-] [0-9]+)+) = {INT}, which is {INT}/{NAT})"
)
_CANCELLED = re.compile(rf"(?:Divide both by|Cancel) {NAT}: {INT}/{NAT} = (-?[0-9]+(?:/[0-9]+)?)")
_LOWEST_SAID = re.compile(rf"(?:{INT}/{NAT} is in lowest terms|Nothing cancels in {INT}/{NAT})")
_SIGNED = re.compile(r"(?:^|([+-]) )([0-9]+)")


def check_fractions(question: str, steps: Sequence[str], answer: str) -> None:
    """The least common denominator, each fraction that has another one expanded, the numerators added, the result reduced."""
    asked = next((read_asked(question.removesuffix(end)) for end in _LOWEST if question.endswith(end)), "")
    need(_SUM.fullmatch(asked) is not None, -1, "the question is not understood")
    terms = [(-1 if sign == "-" else 1, int(top), int(bottom)) for sign, top, bottom in _TERM.findall(asked)]
    need(asked.count("/") == len(terms), -1, "the question is not understood")
    common = 1
    for _, _, bottom in terms:
        common = common // gcd(common, bottom) * bottom
    listed, said = read_step(_COMMON, steps, 0)
    need(
        [int(n) for n in listed.replace(" and ", ", ").split(", ")] == [b for _, _, b in terms],
        0,
        "these are other denominators",
    )
    need(int(said) == common, 0, f"the least common denominator is {common}")
    at = 1
    tops = []
    for sign, top, bottom in terms:
        tops.append(sign * top * (common // bottom))
        if bottom == common:
            continue
        found = read_step(_EXPANDED, steps, at)
        one, two = found[:2] if found[0] is not None else found[2:4]
        need((int(one), int(two)) == (top, bottom), at, f"this step expands {top}/{bottom}")
        need(
            (int(found[4]), int(found[5])) == (abs(tops[-1]), common), at, f"{top}/{bottom} is {abs(tops[-1])}/{common}"
        )
        at += 1
    value = sum((Fraction(sign * top, bottom) for sign, top, bottom in terms), Fraction(0))
    total = value.numerator * (common // value.denominator)
    found = read_step(_ADDED, steps, at)
    shown, one, two, three = found[:4] if found[0] is not None else found[4:]
    need([-int(n) if s == "-" else int(n) for s, n in _SIGNED.findall(shown)] == tops, at, "these are other numerators")
    need((int(one), int(two), int(three)) == (total, total, common), at, f"the sum is {total}/{common}")
    at += 1
    shared = common // value.denominator
    if shared > 1:
        by, over, under, left = read_step(_CANCELLED, steps, at)
        need(
            (int(by), int(over), int(under)) == (shared, total, common), at, f"{total}/{common} is reduced by {shared}"
        )
        need(left == str(value), at, f"it is {value}")
    else:
        found = read_step(_LOWEST_SAID, steps, at)
        one, two = found[:2] if found[0] is not None else found[2:]
        need((int(one), int(two)) == (total, common), at, f"the sum is {total}/{common}")
    need_end(steps, at + 1, answer, str(value))


_DECIMAL = r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]*[1-9])?)"
"""A decimal without trailing zeros."""

_PRECISE = Context(prec=200)
_EXPRESSION = re.compile(rf"{_DECIMAL} × {_DECIMAL} \+ {_DECIMAL}")
_BARE = re.compile(rf"(?:Without|Leave out) the points: {NAT} × {NAT} = {NAT}")
_PLACES = re.compile(
    rf"(?:Places behind the point: {NAT} \+ {NAT} = {NAT}|The factors have {NAT} \+ {NAT} = {NAT} places)"
)
_SHIFTED = re.compile(rf"(?:{NAT} with {NAT} places is |Shift the point of {NAT} by {NAT} places: ){_DECIMAL}")
_LAST_SUM = re.compile(rf"(?:Add: )?{_DECIMAL} \+ {_DECIMAL} = {_DECIMAL}")


def _write(value: Decimal) -> str:
    """Without an exponent and without trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def check_decimals(question: str, steps: Sequence[str], answer: str) -> None:
    """The product without the points, the places, the point set, the last number added."""
    found = _EXPRESSION.fullmatch(read_asked(question))
    need(found is not None, -1, "the question is not understood")
    assert found is not None
    one, two, three = found.groups()
    p, q = (len(text.partition(".")[2]) for text in (one, two))
    a, b = int(one.replace(".", "")), int(two.replace(".", ""))
    product = _PRECISE.multiply(Decimal(one), Decimal(two))
    total = _write(_PRECISE.add(product, Decimal(three)))
    bare = read_step(_BARE, steps, 0)
    need(tuple(map(int, bare)) == (a, b, a * b), 0, f"it is {a} × {b} = {a * b}")
    places = read_step(_PLACES, steps, 1)
    need(tuple(int(n) for n in places if n is not None) == (p, q, p + q), 1, f"there are {p} and {q} places")
    *shift, said = (n for n in read_step(_SHIFTED, steps, 2) if n is not None)
    need([int(n) for n in shift] == [a * b, p + q], 2, f"{a * b} has its point shifted by {p + q} places")
    need(said == _write(product), 2, f"it is {_write(product)}")
    need(read_step(_LAST_SUM, steps, 3) == (said, three, total), 3, f"{said} and {three} are {total}")
    need_end(steps, 4, answer, total)


_CHANGES = r"((?:rises|falls|goes up|goes down) by [0-9]+%(?:, then (?:rises|falls|goes up|goes down) by [0-9]+%)*)"
_NOW = r"(?:What does it cost now\?|What is the price then\?|Find the new price\.)"
_PRICED = tuple(
    re.compile(rf"{told} {NAT} (dollars|euros|pounds|francs|crowns)\. It {_CHANGES}\. {_NOW} Answer in \2\.")
    for told in (r"A [a-z]+ costs", r"The price of a [a-z]+ is", r"A shop sells a [a-z]+ for")
)
_CHANGE = re.compile(r"(rises|falls|goes up|goes down) by ([0-9]+)%")
_CHANGED = re.compile(
    rf"{NAT}% of {_DECIMAL} (?:= {_DECIMAL}, and|is {_DECIMAL};) {_DECIMAL} ([+-]) {_DECIMAL} = {_DECIMAL}"
)


def check_percent(question: str, steps: Sequence[str], answer: str) -> None:
    """For each change the share of the price so far, and the price after it."""
    found = read_one(_PRICED, question)
    now = Decimal(found[1])
    changes = _CHANGE.findall(found[3])
    for i, (way, percent) in enumerate(changes):
        share = _PRECISE.scaleb(_PRECISE.multiply(now, Decimal(percent)), -2)
        rises = way in ("rises", "goes up")
        after = _PRECISE.add(now, share) if rises else _PRECISE.subtract(now, share)
        said, of, one, two, before, sign, part, then = read_step(_CHANGED, steps, i)
        shown = _write(now)
        need((said, of, before) == (percent, shown, shown), i, f"this step takes {percent}% of {shown}")
        need((one or two) == part == _write(share), i, f"{percent}% of {shown} are {_write(share)}")
        need(sign == ("+" if rises else "-"), i, f"the price {way}")
        need(then == _write(after), i, f"it comes to {_write(after)}")
        now = after
    need_end(steps, len(changes), answer, f"{_write(now)} {found[2]}")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {"fractions": check_fractions, "decimals": check_decimals, "percent": check_percent}
)
