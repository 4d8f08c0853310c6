"""Judge equations and comparisons: with their units, with the values that a text gives its unknowns, and with rounded decimals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice, product

from sundog.lib.reasoning.runs import Run
from sundog.lib.reasoning.sums import Token, Unreadable, Value, evaluate

_MOST_TRIED = 16
"""Values of unknowns that are tried together."""

_LETTER_IS = re.compile(
    r"(?<![A-Za-z0-9^)+*/×÷=-])(?<![-+*/×÷] )([A-Za-z]) ?= ?(-?[0-9]+(?:\.[0-9]+)?(?: ?/ ?[1-9][0-9]*)?)(?= *(?:$|[;!?\n]|,|\.(?:\s|$)|or\b|and\b|so\b))",
    re.M,
)


def read_letters(text: str) -> Mapping[str, tuple[Fraction, ...]]:
    """The values that a text gives its unknowns: one, or several where there are several roots, or a variable that changes."""
    found: dict[str, tuple[Fraction, ...]] = {}
    for match in _LETTER_IS.finditer(text):
        value = Fraction(match[2].replace(" ", ""))
        values = found.get(match[1], ())
        if value not in values:
            found[match[1]] = (*values, value)
    return found


def judge_run(run: Run, letters: Mapping[str, tuple[Fraction, ...]]) -> tuple[bool | None, str]:
    """Whether every relation holds (None: it can't be told), and what is so instead."""
    first = run.sides[0]
    if len(run.sides) > 2 and len(first) == 1 and first[0].kind == "letter" and run.relations[0] == "=":
        # "v = 1 + 4 = 5" gives v a value, which it may not keep.
        run = replace(run, sides=run.sides[1:], relations=run.relations[1:], places=run.places[1:])
    unknown = sorted({t.text for side in run.sides for t in side if t.kind == "letter"})
    if len(unknown) == 1 and len(run.sides) == 2 and any(side == (Token("letter", unknown[0]),) for side in run.sides):
        return None, f"it says what {unknown[0]} is"
    if any(name not in letters for name in unknown):
        return None, f"{', '.join(n for n in unknown if n not in letters)} is not known"
    if any("≡" in r for r in run.relations):
        return None, "congruences are not checked"
    tried: list[bool | None] = []
    why = ""
    for values in islice(product(*(letters[name] for name in unknown)), _MOST_TRIED):
        try:
            worked = [evaluate(side, dict(zip(unknown, values, strict=True))) for side in run.sides]
        except Unreadable as error:
            return None, str(error)
        verdicts = [_holds(run, worked, i, relation) for i, relation in enumerate(run.relations)]
        tried.append(False if False in verdicts else None if None in verdicts else True)
        if tried[-1] is not True:
            wrong = verdicts.index(tried[-1])
            why = f"the left side is {worked[wrong].plain}, the right side {worked[wrong + 1].plain}"
    if all(verdict is True for verdict in tried):
        return True, ""
    if run.loose or any(verdict is not False for verdict in tried):
        return None, why  # one root of two, or units that are not known
    return False, why


def _holds(run: Run, worked: list[Value], i: int, relation: str) -> bool | None:
    one, two = worked[i], worked[i + 1]
    a, b = one.plain, two.plain
    if one.powers and one.powers == two.powers:
        multiplied = any(t.text in ("×", "÷") for t in (*run.sides[i], *run.sides[i + 1]))
        # In "90 min / 60 = 1.5 h" the 60 stands for minutes an hour: there numbers alone may decide.
        if not (multiplied and relation == "=" and a == b):
            a, b = one.base, two.base
            if run.timed and relation == "=":
                return (a - b) % 86400 == 0
    if relation in ("=", "≈"):
        if (
            a == b
            or _rounds(a, b, run.places[i + 1], relation, one, two)
            or _rounds(b, a, run.places[i], relation, two, one)
        ):
            return True
        alone = not any(t.kind == "sign" for t in (*run.sides[i], *run.sides[i + 1]))
        labels = [{t.text for t in side if t.kind in ("unit", "word")} for side in (run.sides[i], run.sides[i + 1])]
        strange = labels[0] != labels[1] and (not one.powers or one.powers != two.powers)
        return None if strange and (alone or all(labels)) else False
    return {"<": a < b, ">": a > b, "≤": a <= b, "≥": a >= b, "≠": a != b}[relation]


def _rounds(exact: Fraction, shown: Fraction, places: int, relation: str, one: Value, two: Value) -> bool:
    """Whether ``shown`` is ``exact``, rounded to so many places."""
    if places == -1 or (exact, shown) != (one.plain, two.plain):
        return False
    if places == -2:
        return relation == "≈" or abs(exact - shown) < Fraction(1, 10)
    endless = exact.denominator
    for p in (2, 5):
        while endless % p == 0:
            endless //= p
    if relation == "=" and (places < 2 or endless == 1):
        return False
    return abs(exact - shown) * 2 <= Fraction(1, 10**places)
