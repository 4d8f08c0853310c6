"""Checks of measures: units and the clock, and the dates of ``dates``.

Units are followed through a table of neighbours (1 m = 100 cm), the clock modulo 1440 minutes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sundog.lib.reasoning.checker.dates import check_age, check_days_between, check_weekday
from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import NAME, NUMBER, compile_alternatives, read_groups, split_list

# How many of the next smaller unit make one; chains end with the smallest.
_CHAINS = (
    "km 1000 m 100 cm 10 mm",
    "t 1000 kg 1000 g",
    "weeks 7 days 24 hours 60 minutes 60 seconds",
    "litres 100 centilitres 10 millilitres",
    "miles 1760 yards 3 feet 12 inches",
    "pounds 16 ounces",
    "gallons 4 quarts 2 pints 2 cups",
    "tonnes 1000 kilograms 1000 grams 1000 milligrams",
)
_ABBREVIATED = ("km", "m", "cm", "mm", "t", "kg", "g")
_SINGULAR = {"foot": "feet", "inch": "inches"}


def _read_chains() -> dict[str, tuple[int, int, int]]:
    """Unit to its chain, its place there, and how many of the chain's smallest unit it holds."""
    found = {}
    for number, chain in enumerate(_CHAINS):
        words = chain.split()
        size = 1
        found[words[-1]] = (number, len(words) // 2, 1)
        for place in range(len(words) // 2 - 1, -1, -1):
            size *= int(words[2 * place + 1])
            found[words[2 * place]] = (number, place, size)
    return found


_UNITS = _read_chains()
_UNIT = "([a-z]+)"
_AMOUNT = re.compile(f"{NUMBER} {_UNIT}")
_TOLD = "([a-z0-9, ]+)"
_APART = compile_alternatives(
    f"Write {NUMBER} {_UNIT} in {_TOLD}[.]",
    f"How much are {NUMBER} {_UNIT} in {_TOLD}[?]",
    f"Take {NUMBER} {_UNIT} apart into {_TOLD}[.]",
    rf"(?P<one>[A-Z][a-z]+) writes {NUMBER} {_UNIT} in {_TOLD}[.] What does (?P=one) write[?]",
    f"{NAME} has counted {NUMBER} {_UNIT}[.] How much is that in {_TOLD}[?]",
    f"On {NAME}'s list stand {NUMBER} {_UNIT}[.] Give them in {_TOLD}[.]",
)
_RULES = (
    " Use whole numbers, and as much of the larger units as fits.",
    " Every number is whole, and smaller units hold only what is left.",
)
_TOGETHER = compile_alternatives(
    f"Convert {_TOLD} to {_UNIT}[.]",
    "How many (?P<unit>[a-z]+) are (?P<told>[a-z0-9, ]+)[?]",
    f"Express {_TOLD} in {_UNIT}[.]",
    f"Add up {_TOLD} and give the sum in {_UNIT}[.]",
    f"What are {_TOLD} together in {_UNIT}[?]",
    f"{NAME} has measured {_TOLD}[.] How many {_UNIT} is that[?]",
    f"{NAME} notes {_TOLD}[.] Convert that to {_UNIT}[.]",
    f"On {NAME}'s list stand {_TOLD}[.] How much is that in {_UNIT}[?]",
    f"{NAME} needs {_TOLD}[.] What does that come to in {_UNIT}[?]",
)
_DIVIDED = re.compile(f"1 {_UNIT} = {NUMBER} {_UNIT}: {NUMBER} ÷ {NUMBER} = {NUMBER} remainder {NUMBER}")
_REMAINDER = re.compile(f"The last remainder, {NUMBER}, is the number of {_UNIT}")
_CHANGED = re.compile(f"{NUMBER} {_UNIT} (=|is|are) {NUMBER} × {NUMBER} {_UNIT} = {NUMBER} {_UNIT}")
_SUM = re.compile(rf"{NUMBER} \+ {NUMBER} = {NUMBER} {_UNIT}")


def _find_unit(word: str, number: int) -> str:
    """The plural of a unit, written as this number asks for."""
    if word in _UNITS:
        need(number != 1 or word in _ABBREVIATED, -1, f"1 {word}")
        return word
    plural = _SINGULAR.get(word, word + "s")
    need(number == 1 and plural in _UNITS, -1, f"{number} {word}")
    return plural


def _read_amounts(text: str) -> list[tuple[int, str]]:
    """Numbers and units of ``3 km and 1 m``."""
    found = []
    for item in split_list(text):
        match = _AMOUNT.fullmatch(item)
        if match is None:
            raise Wrong(-1, f"no amount: {item}")
        number = int(match[1])
        found.append((number, _find_unit(match[2], number)))
    return found


def _need_descending(units: Sequence[str]) -> int:
    """The chain that the units stand in, each the next smaller one."""
    need(all(unit in _UNITS for unit in units), -1, "no such unit")
    places = [_UNITS[unit][:2] for unit in units]
    need(
        all(p == (places[0][0], places[0][1] + i) for i, p in enumerate(places)), -1, "units do not follow one another"
    )
    return places[0][0]


def check_units(question: str, steps: Sequence[str], answer: str) -> None:
    """Sizes from a chain of neighbours (1 m = 100 cm); each amount in the smallest unit and their sum, or division from the largest on."""
    for rule in _RULES:
        if question.endswith(rule):
            return _check_apart(question[: -len(rule)], steps, answer)
    match = _TOGETHER.fullmatch(question)
    if match is None:
        raise Wrong(-1, "the question is not understood")
    if match["told"]:
        told, small = match["told"], match["unit"]
    else:
        told, small = [g for g in match.groups() if g is not None][-2:]
    amounts = _read_amounts(told)
    need(len(amounts) > 1 and amounts[-1][1] == small, -1, "the last unit is not the one that is asked for")
    _need_descending([unit for _, unit in amounts])
    size = _UNITS[small][2]
    need(len(steps) == 2 * (len(amounts) - 1), len(steps), "steps are missing or too many")
    values = [number * _UNITS[unit][2] // size for number, unit in amounts]
    for i, (number, unit) in enumerate(amounts[:-1]):
        got = _CHANGED.fullmatch(steps[i])
        if got is None:
            raise Wrong(i, "not understood")
        verb = {"=": "=", "is": "is" if number == 1 else "", "are": "are" if number != 1 else ""}[got[3]]
        want = (str(number), verb, str(number), str(_UNITS[unit][2] // size), small, str(values[i]), small)
        need(
            (got[1], *got.groups()[2:]) == want and _same_unit(got[2], number, unit), i, "not this amount, or not true"
        )
    total = values[0]
    for i, value in enumerate(values[1:], len(amounts) - 1):
        got = _SUM.fullmatch(steps[i])
        sums = (str(total), str(value), str(total + value), small)
        need(got is not None and got.groups() == sums, i, "not the next sum, or not true")
        total += value
    return need(answer == f"{total} {small}", len(steps), "not the answer")


def _same_unit(word: str, number: int, unit: str) -> bool:
    try:
        return _find_unit(word, number) == unit
    except Wrong:
        return False


def _check_apart(question: str, steps: Sequence[str], answer: str) -> None:
    got = read_groups(_APART, question)
    if got is None:
        raise Wrong(-1, "the question is not understood")
    number, small, told = got[-3:]
    units = split_list(told)
    _need_descending(units)
    need(len(units) > 1 and units[-1] == small, -1, "the smallest unit is not the one of the amount")
    need(len(steps) == len(units), len(steps), "steps are missing or too many")
    rest, size = int(number), _UNITS[small][2]
    need(rest != 1, -1, "one of many")
    parts = []
    for i, unit in enumerate(units[:-1]):
        each = _UNITS[unit][2] // size
        whole, left = divmod(rest, each)
        found = _DIVIDED.fullmatch(steps[i])
        if found is None:
            raise Wrong(i, "not understood")
        want = (str(each), small, str(rest), str(each), str(whole), str(left))
        need(found.groups()[1:] == want and _same_unit(found[1], 1, unit), i, "not this division, or not true")
        parts.append((whole, unit))
        rest = left
    last = _REMAINDER.fullmatch(steps[-1])
    need(last is not None and last.groups() == (str(rest), small), len(units) - 1, "not the last remainder")
    parts.append((rest, small))
    try:
        given = _read_amounts(answer)
    except Wrong as wrong:
        raise Wrong(len(steps), wrong.fault.what) from None
    need(given == parts, len(steps), "not the answer")


_DOINGS = {
    "train": "runs/waits", "baker": "kneads/rests", "hiker": "walks/sits down", "film crew": "shoots/pauses", "nurse": "works/has a break",
    "ferry": "sails/lies at the pier", "machine": "mills/cools down", "choir": "sings/drinks tea", "painter": "paints/lets it dry",
    "tutor": "teaches/reads",
}  # fmt: skip
_SPAN = "([1-9][0-9]{0,5} h(?: (?:[1-9]|[1-5][0-9]) min)?|(?:[1-9]|[1-5][0-9]) min)"
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"
_ENDS = re.compile(
    f"A ([a-z ]+) (begins|ends) at {_TIME}(?:, |[.] Told from the end: )(.+)[.] "
    "(When did it begin[?]|At what time was the start[?]|What time is it then[?]|When does it end[?]|At what time is it over[?])"
    " Answer as hh:mm on a 24-hour clock[.]"
)
_DOING = re.compile(f"([a-z ]+) for {_SPAN}")
_TICK = re.compile(f"{_TIME} ([+-]) {_SPAN} (?:=|is|gives) {_TIME}")


def _read_span(text: str) -> int:
    """Minutes of ``2 h 5 min``, ``2 h`` or ``5 min``."""
    words = text.split(" ")
    return sum(int(number) * (60 if unit == "h" else 1) for number, unit in zip(words[::2], words[1::2], strict=True))


def check_clock(question: str, steps: Sequence[str], answer: str) -> None:
    """Minutes of the day modulo 1440, span by span."""
    found = _ENDS.fullmatch(question)
    if found is None:
        raise Wrong(-1, "the question is not understood")
    who, verb, hour, minute, told, asked = found.groups()
    back = verb == "ends"
    need(
        (". Told" in question) == back and asked.startswith(("When did", "At what time was")) == back,
        -1,
        "begin and end are mixed",
    )
    need(who in _DOINGS, -1, "not known who")
    doings = _DOINGS[who].split("/")
    items = told.split(", before that " if back else ", then ")
    need(len(items) == len(steps), len(steps), "steps are missing or too many")
    now = 60 * int(hour) + int(minute)
    for i, item in enumerate(items):
        doing = _DOING.fullmatch(item)
        if doing is None or doing[1] != doings[i % 2]:
            raise Wrong(-1, f"not understood: {item}")
        span = _read_span(doing[2])
        tick = _TICK.fullmatch(steps[i])
        if tick is None:
            raise Wrong(i, "not understood")
        after = (now + (-span if back else span)) % 1440
        need(60 * int(tick[1]) + int(tick[2]) == now and tick[3] == ("-" if back else "+"), i, "not from this time")
        need(tick[4] == doing[2], i, "not this span")
        need(60 * int(tick[5]) + int(tick[6]) == after, i, "not true")
        now = after
    need(answer == f"{now // 60:02}:{now % 60:02}", len(steps), "not the answer")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "units": check_units,
        "weekday": check_weekday,
        "days_between": check_days_between,
        "age": check_age,
        "clock": check_clock,
    }
)
