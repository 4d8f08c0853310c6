"""Checkers of counting and probability."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import split_list

_WORDS = re.compile(
    r"(?:In how many different orders can the letters of (?P<a>[A-Z]+) be written\?|"
    r"How many different words, with or without meaning, have exactly the letters of (?P<b>[A-Z]+)\?|"
    r"Count the arrangements of the letters (?P<c>[A-Z]+)\.|How many anagrams does (?P<d>[A-Z]+) have, itself counted\?)"
)


def _product(numbers: Sequence[int]) -> int:
    total = 1
    for n in numbers:
        total *= n
    return total


def _count_arrangements(counts: Sequence[int]) -> int:
    """Places are chosen letter by letter: each row of Pascal's triangle is added up from the one before."""
    total, left = 1, sum(counts)
    for count in counts:
        row = [1]
        for _ in range(left):
            row = [1, *(a + b for a, b in pairwise(row)), 1]
        total *= row[count]
        left -= count
    return total


def check_arrangements(question: str, steps: Sequence[str], answer: str) -> None:
    """Counted by choosing places; the chain divides the factorial of all letters by that of each repeated one."""
    match = _WORDS.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    word = match["a"] or match["b"] or match["c"] or match["d"]
    letters = sorted(set(word), key=word.index)
    repeated = [(x, word.count(x)) for x in letters if word.count(x) > 1]
    need(len(steps) == len(repeated) + 2, len(steps), "steps are missing or too many")
    left = _product(range(1, len(word) + 1))
    first = f"{len(word)} letters: {len(word)}! = {left}"
    need(steps[0] in (first, f"All {first}"), 0, "is not the number of orders of all letters")
    for at, (letter, times) in enumerate(repeated, 1):
        f = _product(range(1, times + 1))
        need(left % f == 0, -1, "does not divide")
        forms = (
            f"{letter} comes {times} times: {times}! = {f}, and {left} ÷ {f} = {left // f}",
            f"{letter} is there {times} times: {times}! = {f}; {left} ÷ {f} = {left // f}",
        )
        need(steps[at] in forms, at, "is not what the next repeated letter takes away")
        left //= f
    need(left == _count_arrangements([word.count(x) for x in letters]), -1, "two counts do not agree")
    need(
        steps[-1] in (f"So there are {left} orders", f"That makes {left}"),
        len(steps) - 1,
        "is not the number of orders",
    )
    need(answer == str(left), len(steps), "is not the number of orders")


_COMMITTEE = (
    re.compile(r"From (?P<all>.+) one chooses (?P<some>.+)\. How many choices are there\?"),
    re.compile(r"A club has (?P<all>.+)\. A committee needs (?P<some>.+)\. In how many ways can it be formed\?"),
    re.compile(r"There are (?P<all>.+)\. How many teams of (?P<some>.+) are possible\?"),
    re.compile(r"Out of (?P<all>.+), a draw takes (?P<some>.+)\. In how many ways\?"),
)
_GROUP = re.compile(r"(0|[1-9][0-9]*) ([a-z]+)")


_IRREGULAR = {"woman": "women", "man": "men"}


def _read_groups(text: str) -> list[tuple[int, str]]:
    """Number and name of each group."""
    found = []
    for item in split_list(text):
        match = _GROUP.fullmatch(item)
        if match is None:
            raise Wrong(-1, "a group cannot be read")
        found.append((int(match[1]), match[2]))
    return found


def check_committees(question: str, steps: Sequence[str], answer: str) -> None:
    """Choices of each group from Pascal's triangle, and their product."""
    match = next((m for m in (w.fullmatch(question) for w in _COMMITTEE) if m is not None), None)
    if match is None:
        raise Wrong(-1, "cannot be read")
    groups, chosen = (
        [(n, name if n != 1 else _IRREGULAR.get(name, f"{name}s")) for n, name in _read_groups(match[part])]
        for part in ("all", "some")
    )
    named = [g for _, g in groups]
    need(named == [g for _, g in chosen] and len(set(named)) == len(named), -1, "the groups do not fit")
    need(len(steps) == 2 * len(groups) - 1, len(steps), "steps are missing or too many")
    ways = []
    for at, ((n, name), (k, _)) in enumerate(zip(groups, chosen, strict=True)):
        need(1 <= k <= n, -1, "more are chosen than there are")
        tops, bottoms = [n - i for i in range(k)], [k - i for i in range(k)]
        top, bottom = (" × ".join(map(str, x)) for x in (tops, bottoms))
        if k > 1:
            top, bottom = f"({top})", f"({bottom})"
        ways.append(_count_arrangements([k, n - k]))
        told = f"{top} ÷ {bottom} = {_product(tops)} ÷ {_product(bottoms)} = {ways[-1]}"
        need(steps[at] in (f"{name}: {told}", f"For the {name}: {told}"), at, f"is not the number of choices of {name}")
    total = ways[0]
    for at, w in enumerate(ways[1:], len(groups)):
        need(steps[at] == f"{total} × {w} = {total * w}", at, "is not the next product")
        total *= w
    need(answer == str(total), len(steps), "is not the product")


_CELLS = r"(?P<cells>\((?:0|[1-9][0-9]*), (?:0|[1-9][0-9]*)\)(?:(?:, | and )\((?:0|[1-9][0-9]*), (?:0|[1-9][0-9]*)\))*)"
_SIZE = r"(?P<rows>(?:0|[1-9][0-9]*)) rows and (?P<columns>(?:0|[1-9][0-9]*)) columns"
_GRIDS = (
    re.compile(
        rf"The floor of the [a-z]+ has {_SIZE} of tiles\. [A-Z][a-z]+ walks from the top left tile \(1, 1\) to the bottom right one, "
        rf"always one tile right or down\. Broken tiles \(row, column\) that must not be used: {_CELLS}\. How many ways are there\?"
    ),
    re.compile(
        rf"Count the ways of [A-Z][a-z]+ over a floor in the [a-z]+ with {_SIZE} of tiles from the top left to the bottom right, "
        rf"moving only right or down, if these tiles \(row, column\) are closed: {_CELLS}\."
    ),
    re.compile(
        rf"A robot of [A-Z][a-z]+ crosses {_SIZE} of tiles in the [a-z]+ from corner \(1, 1\) to the opposite one, by steps right "
        rf"and down\. Things stand on these tiles, as \(row, column\): {_CELLS}\. In how many ways can it go around them\?"
    ),
    re.compile(
        rf"On the wall of the [a-z]+, [A-Z][a-z]+ draws a line of steps right and down from cell \(1, 1\) of {_SIZE} to the last "
        rf"cell and leaves out, by \(row, column\), {_CELLS}\. How many such lines are there\?"
    ),
)
_CELL = re.compile(r"\((0|[1-9][0-9]*), (0|[1-9][0-9]*)\)")
_WAYS_ROW = re.compile(r"(?:Row|Ways to the cells of row) (0|[1-9][0-9]*): ((?:0|[1-9][0-9]*)(?:, (?:0|[1-9][0-9]*))*)")


def check_grid_paths(question: str, steps: Sequence[str], answer: str) -> None:
    """Ways from each cell to the last one, counted backwards, must agree with the chain's ways from the first one to each cell."""
    match = next((m for m in (wording.fullmatch(question) for wording in _GRIDS) if m is not None), None)
    if match is None:
        raise Wrong(-1, "cannot be read")
    rows, columns = int(match["rows"]), int(match["columns"])
    blocked = {(int(r), int(c)) for r, c in _CELL.findall(match["cells"])}
    need(len(blocked) == len(_CELL.findall(match["cells"])), -1, "a cell stands twice")
    need(all(1 <= r <= rows and 1 <= c <= columns for r, c in blocked), -1, "a cell lies outside")
    need(not blocked & {(1, 1), (rows, columns)}, -1, "a corner is blocked")
    onward = {(rows, columns): 1}
    for r in range(rows, 0, -1):
        for c in range(columns, 0, -1):
            if (r, c) in blocked:
                onward[r, c] = 0
            elif (r, c) != (rows, columns):
                onward[r, c] = onward.get((r + 1, c), 0) + onward.get((r, c + 1), 0)
    total = onward[1, 1]
    need(len(steps) == rows + 1, len(steps), "rows are missing or too many")
    above = [0] * columns
    for at in range(rows):
        said = _WAYS_ROW.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        ways = [int(n) for n in said[2].split(", ")]
        need(int(said[1]) == at + 1 and len(ways) == columns, at, "is another row")
        for c in range(columns):
            right = 0 if (at + 1, c + 1) in blocked else int(at == c == 0) + above[c] + (ways[c - 1] if c else 0)
            need(ways[c] == right, at, f"column {c + 1} is wrong")
        above = ways
    need(above[-1] == total, -1, "two counts do not agree")
    need(
        steps[-1] in (f"The last cell has {total} ways", f"So {total} ways lead to the corner"),
        rows,
        "is not the number of ways",
    )
    need(answer == str(total), len(steps), "is not the number of ways")


_LOWEST = r"(?: Give a fraction in lowest terms\.| Answer with a reduced fraction\.| Write it as a fraction in lowest terms\.)"
_URN = re.compile(
    r"(?:A|An) (?:bag|urn|box|jar|basket) holds (?P<told>.+?) (?:balls|marbles|beads|counters|tokens)\. "
    r"(?:They are drawn one by one and not put back\. What is the probability of the order (?P<a>[a-z, ]+)\?|"
    r"One after the other is taken out for good\. How likely is it to see (?P<b>[a-z, ]+) in this order\?|"
    r"Without replacement, what is the probability to draw first to last (?P<c>[a-z, ]+)\?)" + _LOWEST
)


def _need_fraction(steps: Sequence[str], answer: str, top: int, bottom: int) -> None:
    """The last step reduces ``top/bottom``, and the answer is the result."""
    share = Fraction(top, bottom)
    lowest = str(share.numerator) if share.denominator == 1 else f"{share.numerator}/{share.denominator}"
    told = f"{top}/{bottom} = {lowest}" if share.denominator != bottom else f"{top}/{bottom} is in lowest terms"
    need(steps[-1] == told, len(steps) - 1, "is not the fraction in lowest terms")
    need(answer == lowest, len(steps), "is not the fraction in lowest terms")


def check_urn(question: str, steps: Sequence[str], answer: str) -> None:
    """The share of each draw among what is left, and their product."""
    match = _URN.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    left = {colour: n for n, colour in _read_groups(match["told"])}
    order = split_list(match["a"] or match["b"] or match["c"])
    need(len(steps) == len(order) + 2, len(steps), "steps are missing or too many")
    factors = []
    for at, colour in enumerate(order):
        total = sum(left.values())
        need(left.get(colour, 0) > 0, -1, f"no {colour} is left")
        told = f"{left[colour]}/{total} for {colour}"
        need(
            steps[at] in (f"Draw {at + 1}: {told}", f"Number {at + 1}: probability {told}"),
            at,
            "is not the share of the next draw",
        )
        factors.append((left[colour], total))
        left[colour] -= 1
    top, bottom = _product([t for t, _ in factors]), _product([b for _, b in factors])
    product = " × ".join(f"{t}/{b}" for t, b in factors)
    need(steps[len(order)] == f"{product} = {top}/{bottom}", len(order), "is not the product")
    _need_fraction(steps, answer, top, bottom)


_NUMBERS = r"(?:0|[1-9][0-9]*)(?:(?:, | and )(?:0|[1-9][0-9]*))*"
_WHEELS = re.compile(
    rf"(?:Wheel one has the equal fields (?P<a>{_NUMBERS}), wheel two (?P<b>{_NUMBERS})\. Both are spun\. What is the probability that the sum is|"
    rf"Two spinners have equally likely numbers: (?P<c>{_NUMBERS}) on the first and (?P<d>{_NUMBERS}) on the second\. How likely is a sum of|"
    rf"From the cards (?P<e>{_NUMBERS}) and from the cards (?P<f>{_NUMBERS}) one each is drawn\. With what probability do they add up to) "
    rf"(?P<relation>more than|less than|exactly) (?P<aim>(?:0|[1-9][0-9]*))\?{_LOWEST}"
)


def check_wheels(question: str, steps: Sequence[str], answer: str) -> None:
    """All pairs are looked at."""
    match = _WHEELS.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    one, two = (
        [int(n) for n in split_list(match[a] or match[b] or match[c])] for a, b, c in (("a", "c", "e"), ("b", "d", "f"))
    )
    aim, relation = int(match["aim"]), match["relation"]
    need(len(steps) == len(one) + 2, len(steps), "steps are missing or too many")
    found = 0
    for at, a in enumerate(one):
        hits = [
            b
            for b in two
            if (a + b > aim if relation == "more than" else a + b < aim if relation == "less than" else a + b == aim)
        ]
        found += len(hits)
        shown = ", ".join(f"{a} + {b} = {a + b}" for b in two)
        need(steps[at] == f"{shown}: {len(hits)} of them, {found} so far", at, "is not what the next field gives")
    pairs = len(one) * len(two)
    need(steps[len(one)] == f"{len(one)} × {len(two)} = {pairs} pairs", len(one), "is not the number of pairs")
    _need_fraction(steps, answer, found, pairs)


CHECKERS: Mapping[str, Checker] = {
    "arrangements": check_arrangements,
    "committees": check_committees,
    "grid_paths": check_grid_paths,
    "urn": check_urn,
    "wheels": check_wheels,
}
