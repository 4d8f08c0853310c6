"""Checks of word problems. Money is read as exact fractions of the coin, rates and shares as fractions; gifts are followed in a ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import NAME, NUMBER, compile_alternatives, read_groups, split_list

_MONEY = "((?:0|[1-9][0-9]{0,29})[.][0-9]{2})"
_COIN = "(dollars|euros|pounds|francs|crowns)"
_LISTED = "([^?]+?)"
_SHOPPING = compile_alternatives(
    f"{NAME} buys {_LISTED} and pays with {_MONEY} {_COIN}[.] How much change does {NAME} get[?]",
    f"At the market {NAME} takes {_LISTED}[.] {NAME} hands over {_MONEY} {_COIN}[.] What is the change[?]",
    f"{NAME} orders {_LISTED}, and gives {_MONEY} {_COIN}[.] How much money comes back[?]",
    f"A shop sells {NAME} {_LISTED}[.] {NAME} has {_MONEY} {_COIN}[.] How much is left after paying[?]",
)
_IN_COIN = re.compile(f"(.+) (?:Answer in|Give the amount in) {_COIN}[.]")
_BOUGHT = re.compile(f"{NUMBER} ([a-z]+) at {_MONEY} {_COIN} each")
_PRICED = re.compile(f"(?:For )?{NUMBER} ([a-z]+): {NUMBER} × {_MONEY} = {_MONEY}")
_PAID_SUM = re.compile(rf"{_MONEY} \+ {_MONEY} = {_MONEY}")
_CHANGE = re.compile(f"(?:Change:|Back comes) {_MONEY} - {_MONEY} = {_MONEY}")


def _to_hundredths(text: str) -> int:
    return int(text[:-3] + text[-2:])


def check_shopping(question: str, steps: Sequence[str], answer: str) -> None:
    """Prices as whole hundredths: each product, each sum, and what is left of the money, which must be enough."""
    match = _IN_COIN.fullmatch(question)
    got = read_groups(_SHOPPING, match[1]) if match else None
    if match is None or got is None:
        raise Wrong(-1, "the question is not understood")
    # One to three names stand around the list, in three different orders.
    names = [g for g in got if g[0].isupper()]
    listed, coin = next((g for g in got if " at " in g), ""), match[2]
    paid = _to_hundredths(next(g for g in reversed(got) if g[0].isdigit()))
    need(len(set(names)) == 1, -1, "two names")
    need(coin in got, -1, "two sorts of money")
    total, costs, seen = 0, [], set()
    items = split_list(listed)
    need(len(steps) == 2 * len(items), len(steps), "steps are missing or too many")
    for i, item in enumerate(items):
        bought = _BOUGHT.fullmatch(item)
        if bought is None or bought[4] != coin or bought[2] in seen:
            raise Wrong(-1, f"not understood: {item}")
        seen.add(bought[2])
        priced = _PRICED.fullmatch(steps[i])
        if priced is None:
            raise Wrong(i, "not understood")
        cost = int(bought[1]) * _to_hundredths(bought[3])
        need(priced.groups()[:4] == (bought[1], bought[2], bought[1], bought[3]), i, "not these goods")
        need(_to_hundredths(priced[5]) == cost, i, "not true")
        costs.append(cost)
        total += cost
    sofar = costs[0]
    for i, cost in enumerate(costs[1:], len(items)):
        summed = _PAID_SUM.fullmatch(steps[i])
        want = [sofar, cost, sofar + cost]
        need(
            summed is not None and [_to_hundredths(g) for g in summed.groups()] == want,
            i,
            "not the next sum, or not true",
        )
        sofar += cost
    change = _CHANGE.fullmatch(steps[-1])
    last = len(steps) - 1
    need(paid >= total, -1, "too little money")
    need(
        change is not None and [_to_hundredths(g) for g in change.groups()] == [paid, total, paid - total],
        last,
        "not the change",
    )
    need(change is not None and answer == f"{change[3]} {coin}", len(steps), "not the answer")


_RIDES = {
    ("drives", "km/h"): "km",
    ("cycles", "km/h"): "km",
    ("rides", "mph"): "miles",
    ("sails", "knots"): "nautical miles",
}
_SPEED = "(km/h|mph|knots)"
_WAY = "(km|miles|nautical miles)"
_JOURNEY = re.compile(
    f"(?:On a journey |One day )?{NAME} (drives|cycles|rides|sails) ([a-z0-9/, ]+)[.] (?:"
    f"(?:How far is that[?]|What is the length of the journey[?]|How long is the way[?]) Answer in (?P<way>km|miles|nautical miles)[.]|"
    "(?:What is the average speed[?]|Find the mean speed of the whole journey[.]|How fast is that on average[?]) "
    "Give an integer or a fraction in lowest terms, in (?P<speed>km/h|mph|knots)[.])"
)
_LEG = re.compile(f"{NUMBER} (hours?) at {NUMBER} {_SPEED}")
_LEG_STEP = re.compile(f"(?:Leg: )?{NUMBER} × {NUMBER} = {NUMBER} {_WAY}")
_WAY_SUM = re.compile(rf"{NUMBER} \+ {NUMBER} = {NUMBER} {_WAY}")
_HOURS_SUM = re.compile(rf"{NUMBER} \+ {NUMBER} = {NUMBER} hours")
_MEAN = re.compile(f"(?:Average|Mean speed): {NUMBER} ÷ {NUMBER} = (.+)")


def check_journey(question: str, steps: Sequence[str], answer: str) -> None:
    """Each leg, the sums of ways and hours, and their quotient as an exact fraction."""
    match = _JOURNEY.fullmatch(question)
    if match is None:
        raise Wrong(-1, "the question is not understood")
    legs = []
    for item in split_list(match[3]):
        leg = _LEG.fullmatch(item)
        if leg is None or (leg[1] == "1") != (leg[2] == "hour"):
            raise Wrong(-1, f"not understood: {item}")
        legs.append((int(leg[1]), int(leg[3]), leg[4]))
    speed = legs[0][2]
    way = _RIDES.get((match[2], speed), "")
    need(bool(way) and all(leg[2] == speed for leg in legs), -1, "speeds of several sorts")
    need(match["way"] in (None, way) and match["speed"] in (None, speed), -1, "asked in another unit")
    number, mean = len(legs), match["speed"] is not None
    need(len(steps) == (3 * number - 1 if mean else 2 * number - 1), len(steps), "steps are missing or too many")
    for i, (h, v, _) in enumerate(legs):
        got = _LEG_STEP.fullmatch(steps[i])
        need(got is not None and got.groups() == (str(h), str(v), str(h * v), way), i, "not this leg, or not true")
    distance, hours = legs[0][0] * legs[0][1], legs[0][0]
    for i, (h, v, _) in enumerate(legs[1:], number):
        got = _WAY_SUM.fullmatch(steps[i])
        want = (str(distance), str(h * v), str(distance + h * v), way)
        need(got is not None and got.groups() == want, i, "not the next sum, or not true")
        distance += h * v
    if not mean:
        return need(answer == f"{distance} {way}", len(steps), "not the answer")
    for i, (h, _, _) in enumerate(legs[1:], 2 * number - 1):
        got = _HOURS_SUM.fullmatch(steps[i])
        need(
            got is not None and got.groups() == (str(hours), str(h), str(hours + h)), i, "not the next sum, or not true"
        )
        hours += h
    want_answer = f"{Fraction(distance, hours)} {speed}"
    got = _MEAN.fullmatch(steps[-1])
    need(
        got is not None and got.groups() == (str(distance), str(hours), want_answer),
        len(steps) - 1,
        "not the mean, or not true",
    )
    return need(answer == want_answer, len(steps), "not the answer")


_UNIT = "(hours|days|minutes)"
_TASKS = (
    "build a wall|clean a hall|dig a ditch|mow a meadow|paint a fence|pave a yard|pick the apples|sort the letters|stack the wood|"
    "type a manuscript"
)
_WORK = compile_alternatives(
    f"To (?:{_TASKS}) alone, ([A-Za-z0-9, ]+)[.] How long do they take together[?] Give {_UNIT} as an integer or a fraction in lowest terms[.]",
    f"Working alone to (?:{_TASKS}), ([A-Za-z0-9, ]+)[.] In what time do they finish it together[?] "
    f"Give {_UNIT} as an integer or a fraction in lowest terms[.]",
    f"([A-Za-z0-9, ]+) to (?:{_TASKS}) alone[.] How many {_UNIT} do they need side by side[?] "
    f"Give {_UNIT} as an integer or a fraction in lowest terms[.]",
)
_NEEDS = re.compile(f"{NAME} needs {NUMBER} {_UNIT}")
_SHARE = re.compile(f"(?:In one|Each) (hour|day|minute) {NAME} does 1/{NUMBER}")
_RATIO = "([1-9][0-9]{0,99}(?:/[1-9][0-9]{0,99})?)"
_SHARE_SUM = re.compile(rf"{_RATIO} \+ 1/{NUMBER} = {_RATIO}")
_WHOLE = re.compile(f"(?:So the whole takes )?1 ÷ {_RATIO} = {_RATIO} ([a-z]+)")


def check_work(question: str, steps: Sequence[str], answer: str) -> None:
    """The sum of the shares as an exact fraction, and its inverse."""
    got = read_groups(_WORK, question)
    if got is None or len(set(got[1:])) != 1:
        raise Wrong(-1, "the question is not understood")
    told, unit = got[:2]
    people: dict[str, str] = {}
    for item in split_list(told):
        needs = _NEEDS.fullmatch(item)
        if needs is None or needs[3] != unit or needs[1] in people or int(needs[2]) < 2:
            raise Wrong(-1, f"not understood: {item}")
        people[needs[1]] = needs[2]
    number, one = len(people), unit[:-1]
    need(number > 1, -1, "nobody to help")
    need(len(steps) == 2 * number, len(steps), "steps are missing or too many")
    for i, (name, time) in enumerate(people.items()):
        share = _SHARE.fullmatch(steps[i])
        need(share is not None and share.groups() == (one, name, time), i, "not this share")
    rate = Fraction(0)
    for i, time in enumerate(people.values()):
        before, rate = rate, rate + Fraction(1, int(time))
        if i:
            summed = _SHARE_SUM.fullmatch(steps[number + i - 1])
            want = (str(before), time, str(rate))
            need(summed is not None and summed.groups() == want, number + i - 1, "not the next sum, or not true")
    whole = 1 / rate
    said = one if whole == 1 else unit
    last = _WHOLE.fullmatch(steps[-1])
    need(
        last is not None and last.groups() == (str(rate), str(whole), said), len(steps) - 1, "not the time, or not true"
    )
    need(answer == f"{whole} {said}", len(steps), "not the answer")


_COUNT = "[1-9][0-9]{0,19}"
_PROPORTION = (
    re.compile(
        f"(?P<a>{_COUNT}) (?P<who>[a-z]+) make (?P<made>{_COUNT}) (?P<what>[a-z]+) in (?P<t>{_COUNT}) (?P<unit>[a-z]+)[.] How many (?P=what) do "
        f"(?P<c>{_COUNT}) (?P=who) make in (?P<s>{_COUNT}) (?P=unit) at the same rate[?]"
    ),
    re.compile(
        f"In (?P<t>{_COUNT}) (?P<unit>[a-z]+), (?P<a>{_COUNT}) (?P<who>[a-z]+) make (?P<made>{_COUNT}) (?P<what>[a-z]+)[.] At this rate, what do "
        f"(?P<c>{_COUNT}) (?P=who) make in (?P<s>{_COUNT}) (?P=unit)[?] Answer with the number of (?P=what)[.]"
    ),
    re.compile(
        f"If (?P<a>{_COUNT}) (?P<who>[a-z]+) need (?P<t>{_COUNT}) (?P<unit>[a-z]+) for (?P<made>{_COUNT}) (?P<what>[a-z]+), how many (?P=what) can "
        f"(?P<c>{_COUNT}) (?P=who) make in (?P<s>{_COUNT}) (?P=unit)[?]"
    ),
)
_PROPORTION_STEPS = tuple(
    re.compile(p)
    for p in (
        f"(One of them makes|Each) {NUMBER} ÷ {NUMBER} = {NUMBER}",
        f"(In one unit of time|Each time unit) {NUMBER} ÷ {NUMBER} = {NUMBER}",
        f"(All|Together) {NUMBER}: {NUMBER} × {NUMBER} = {NUMBER}",
        f"(In the whole time|In total) {NUMBER}: {NUMBER} × {NUMBER} = {NUMBER}",
    )
)


def check_proportion(question: str, steps: Sequence[str], answer: str) -> None:
    """The rate as an exact fraction, which must be whole, then times makers and times units of time."""
    match = next((m for p in _PROPORTION if (m := p.fullmatch(question))), None)
    if match is None or match["unit"] not in ("hours", "days", "minutes", "weeks"):
        raise Wrong(-1, "the question is not understood")
    need(len(steps) == 4, len(steps), "steps are missing or too many")
    a, t, made, c, s = (int(match[g]) for g in ("a", "t", "made", "c", "s"))
    need(min(a, t, made, c, s) > 0, -1, "nothing is made")
    each, rate = Fraction(made, a), Fraction(made, a * t)
    need(rate.denominator == 1, -1, "the rate is not whole")
    wants = ((made, a, each), (each, t, rate), (c, rate, c, rate * c), (s, rate * c, s, rate * c * s))
    for i, (pattern, want) in enumerate(zip(_PROPORTION_STEPS, wants, strict=True)):
        got = pattern.fullmatch(steps[i])
        need(got is not None and got.groups()[1:] == tuple(map(str, want)), i, "not this quantity, or not true")
    need(answer == f"{rate * c * s} {match['what']}", len(steps), "not the answer")


_HAS = re.compile(f"{NAME} has {NUMBER} ([a-z]+)")
_MOVES = re.compile(
    f"(?P<a>[A-Z][a-z]+) (?:gives (?=[0-9]+ to )|hands (?=[0-9]+ over to ))(?P<n>{_COUNT}) (?:over )?to (?P<b>[A-Z][a-z]+)[.] "
    f"|(?P<c>[A-Z][a-z]+) (?:takes|gets) (?P<m>{_COUNT}) from (?P<d>[A-Z][a-z]+)[.] "
    f"|(?P<e>[A-Z][a-z]+) (?P<f>loses|finds) (?P<k>{_COUNT})[.] "
)
_ASKED_HOLDING = compile_alternatives(
    f"How many ([a-z]+) does {NAME} have (?:now|in the end)[?]", f"What is the number of ([a-z]+) that {NAME} has[?]"
)
_AT_FIRST = re.compile("(?:At first|Start|In the beginning): ([A-Za-z0-9, ]+)")
_BOOKED = re.compile(rf"{NAME}: {NUMBER} ([+-]) {NUMBER} = {NUMBER}(?:, {NAME}: {NUMBER} \+ {NUMBER} = {NUMBER})?")
_IN_THE_END = re.compile(f"(?:In the end )?{NAME} has {NUMBER}")


def _say_one(thing: str) -> str:
    """The singular: what ends with -xes and -oes loses two letters, -ves comes from -f."""
    if thing.endswith("ves"):
        return thing[:-3] + "f"
    return thing[:-2] if thing.endswith(("xes", "oes")) else thing[:-1]


def check_holdings(question: str, steps: Sequence[str], answer: str) -> None:
    """A ledger of all, move by move; nobody can give more than there is."""
    first, _, rest = question.partition(". ")
    have: dict[str, int] = {}
    things = set()
    for item in split_list(first):
        match = _HAS.fullmatch(item)
        if match is None or match[1] in have:
            raise Wrong(-1, f"not understood: {item}")
        have[match[1]] = int(match[2])
        things.add(match[3])
    need(len(things) == 1, -1, "several things")
    start = _AT_FIRST.fullmatch(steps[0]) if steps else None
    need(
        start is not None and split_list(start[1]) == [f"{n} {h}" for n, h in have.items()],
        0,
        "not what they have at first",
    )
    at, i = 0, 1
    while move := _MOVES.match(rest, at):
        at = move.end()
        source, target = move["a"] or move["d"], move["b"] or move["c"]
        if move["e"]:
            source, target = (move["e"], None) if move["f"] == "loses" else (None, move["e"])
        number = int(move["n"] or move["m"] or move["k"])
        need(source != target and {source, target} <= {*have, None}, -1, "nobody of that name")
        lines = []
        for who, change in ((source, -number), (target, number)):
            if who is not None:
                after = have[who] + change
                need(after >= 0, -1, f"{who} has too few")
                lines += [who, str(have[who]), "+" if change > 0 else "-", str(number), str(after)]
                have[who] = after
        if source and target:
            del lines[7]
        booked = read_groups(_BOOKED, steps[i]) if i < len(steps) else None
        need(booked == lines, i, "not this move, or not true")
        i += 1
    asked = read_groups(_ASKED_HOLDING, rest[at:])
    if asked is None or asked[0] not in things or asked[1] not in have:
        raise Wrong(-1, "the question is not understood")
    thing, who = asked
    need(len(steps) == i + 1, len(steps), "steps are missing or too many")
    end = _IN_THE_END.fullmatch(steps[i])
    need(end is not None and end.groups() == (who, str(have[who])), i, "not what is asked for, or not true")
    need(answer == f"{have[who]} {thing if have[who] != 1 else _say_one(thing)}", len(steps), "not the answer")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "shopping": check_shopping,
        "journey": check_journey,
        "work": check_work,
        "proportion": check_proportion,
        "holdings": check_holdings,
    }
)
