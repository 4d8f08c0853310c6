"""Counting and probability, with exact numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import COLOURS, NAMES, join, list_words, ratio

_CAPITALS = "ABCDEFGHIKLMNOPRSTUVWXZ"
_FRACTION = (
    " Give a fraction in lowest terms.",
    " Answer with a reduced fraction.",
    " Write it as a fraction in lowest terms.",
)


def make_arrangements(draw: Draw, dials: Mapping[str, int]) -> Made:
    """In how many orders letters can be written, some of them more than once."""
    kinds = draw.sample(_CAPITALS, dials["kinds"])
    counts = [draw.between(1, dials["times"]) for _ in kinds]
    word = "".join(draw.shuffle([k for k, c in zip(kinds, counts, strict=True) for _ in range(c)]))
    question = draw.pick(
        (
            "In how many different orders can the letters of {} be written?",
            "How many different words, with or without meaning, have exactly the letters of {}?",
            "Count the arrangements of the letters {}.",
            "How many anagrams does {} have, itself counted?",
        )
    ).format(word)
    length = len(word)
    steps = [
        draw.pick(("{0} letters: {0}! = {1}", "All {0} letters: {0}! = {1}")).format(length, math.factorial(length))
    ]
    left = math.factorial(length)
    wording = draw.pick(
        ("{} comes {} times: {}! = {}, and {} ÷ {} = {}", "{} is there {} times: {}! = {}; {} ÷ {} = {}")
    )
    for letter in dict.fromkeys(word):
        times = word.count(letter)
        if times > 1:
            f = math.factorial(times)
            steps.append(wording.format(letter, times, times, f, left, f, left // f))
            left //= f
    steps.append(draw.pick(("So there are {} orders", "That makes {}")).format(left))
    return question, steps, str(left)


_GROUPS = list_words(
    "woman man boy girl singer dancer doctor nurse teacher pupil pilot sailor painter poet baker cook farmer clerk judge actor "
    "banker driver gardener lawyer miner plumber student tailor trainer waiter"
)


def _name_group(number: int, group: str) -> str:
    return group if number == 1 else "wo" * group.startswith("wo") + "men" if group.endswith("man") else f"{group}s"


def make_committees(draw: Draw, dials: Mapping[str, int]) -> Made:
    """In how many ways some can be chosen of each of several groups."""
    groups = draw.sample(_GROUPS, dials["groups"])
    sizes = [draw.between(3, dials["most"]) for _ in groups]
    chosen = [draw.between(1, min(n - 1, 5)) for n in sizes]
    question = draw.pick(
        (
            "From {} one chooses {}. How many choices are there?",
            "A club has {}. A committee needs {}. In how many ways can it be formed?",
            "There are {}. How many teams of {} are possible?",
            "Out of {}, a draw takes {}. In how many ways?",
        )
    ).format(
        join([f"{n} {_name_group(n, g)}" for n, g in zip(sizes, groups, strict=True)]),
        join([f"{k} {_name_group(k, g)}" for k, g in zip(chosen, groups, strict=True)]),
    )
    wording = draw.pick(("{}: {} ÷ {} = {} ÷ {} = {}", "For the {}: {} ÷ {} = {} ÷ {} = {}"))
    steps, total = [], 1
    ways = []
    for n, k, g in zip(sizes, chosen, groups, strict=True):
        top = " × ".join(str(n - i) for i in range(k))
        bottom = " × ".join(str(k - i) for i in range(k))
        if k > 1:
            top, bottom = f"({top})", f"({bottom})"
        ways.append(math.comb(n, k))
        steps.append(wording.format(_name_group(0, g), top, bottom, math.perm(n, k), math.factorial(k), ways[-1]))
    total = ways[0]
    for w in ways[1:]:
        steps.append(f"{total} × {w} = {total * w}")
        total *= w
    return question, steps, str(total)


_ROOMS = list_words(
    "attic bathroom bakery cellar chapel corridor courtyard gallery garage hall kitchen laboratory library lobby museum "
    "palace school shop station stable studio temple terrace theatre"
)


def make_grid_paths(draw: Draw, dials: Mapping[str, int]) -> Made:
    """How many ways lead through a grid, right and down, past blocked cells."""
    rows, columns = draw.between(3, dials["rows"]), draw.between(3, dials["columns"])
    blocked: set[tuple[int, int]] = set()
    table: list[list[int]] = []
    wanted = dials["blocked"]
    for _ in range(8):
        blocked = {(1 + draw.below(rows), 1 + draw.below(columns)) for _ in range(wanted)} - {(1, 1), (rows, columns)}
        table = _fill(rows, columns, blocked)
        # Every blocked cell would have been reached, so that none could be left out of the question.
        near = all((r > 1 and table[r - 2][c - 1]) or (c > 1 and table[r - 1][c - 2]) for r, c in blocked)
        if table[-1][-1] and near and blocked:
            break
    else:
        blocked = {(2, 2)}
        table = _fill(rows, columns, blocked)
    cells = join([f"({r}, {c})" for r, c in draw.shuffle(sorted(blocked))])
    question = draw.pick(
        (
            "The floor of the {4} has {0} rows and {1} columns of tiles. {3} walks from the top left tile (1, 1) to the bottom right one, "
            "always one tile right or down. Broken tiles (row, column) that must not be used: {2}. How many ways are there?",
            "Count the ways of {3} over a floor in the {4} with {0} rows and {1} columns of tiles from the top left to the bottom right, "
            "moving only right or down, if these tiles (row, column) are closed: {2}.",
            "A robot of {3} crosses {0} rows and {1} columns of tiles in the {4} from corner (1, 1) to the opposite one, by steps right "
            "and down. Things stand on these tiles, as (row, column): {2}. In how many ways can it go around them?",
            "On the wall of the {4}, {3} draws a line of steps right and down from cell (1, 1) of {0} rows and {1} columns to the last "
            "cell and leaves out, by (row, column), {2}. How many such lines are there?",
        )
    ).format(rows, columns, cells, draw.pick(NAMES), draw.pick(_ROOMS))
    wording = draw.pick(("Row {}: {}", "Ways to the cells of row {}: {}"))
    steps = [wording.format(r, ", ".join(map(str, row))) for r, row in enumerate(table, 1)]
    steps.append(draw.pick(("The last cell has {} ways", "So {} ways lead to the corner")).format(table[-1][-1]))
    return question, steps, str(table[-1][-1])


def _fill(rows: int, columns: int, blocked: set[tuple[int, int]]) -> list[list[int]]:
    above = [1] + [0] * (columns - 1)
    table = []
    for r in range(1, rows + 1):
        row: list[int] = []
        for c in range(1, columns + 1):
            ways = above[c - 1] + (row[-1] if row else 0)
            row.append(0 if (r, c) in blocked else ways)
        table.append(row)
        above = row
    return table


_POTS = ("A bag", "An urn", "A box", "A jar", "A basket")
_BALLS = ("balls", "marbles", "beads", "counters", "tokens")


def make_urn(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The probability of a row of colours, drawn without putting back."""
    colours = draw.sample(COLOURS, dials["colours"])
    counts = [draw.between(2, dials["most"]) for _ in colours]
    pot, thing = draw.pick(_POTS), draw.pick(_BALLS)
    left = dict(zip(colours, counts, strict=True))
    total = sum(counts)
    row, top, bottom, steps = [], 1, 1, []
    wording = draw.pick(("Draw {}: {}/{} for {}", "Number {}: probability {}/{} for {}"))
    told = join([f"{n} {c}" for c, n in left.items()])
    for i in range(dials["draws"]):
        colour = draw.pick([c for c in colours if left[c]])
        row.append(colour)
        steps.append(wording.format(i + 1, left[colour], total - i, colour))
        top, bottom = top * left[colour], bottom * (total - i)
        left[colour] -= 1
        if left[colour] == 0 and sum(left.values()) == 0:
            break
    question = (
        f"{pot} holds {told} {thing}. "
        + draw.pick(
            (
                "They are drawn one by one and not put back. What is the probability of the order {}?",
                "One after the other is taken out for good. How likely is it to see {} in this order?",
                "Without replacement, what is the probability to draw first to last {}?",
            )
        ).format(join(row))
        + draw.pick(_FRACTION)
    )
    factors = [s.split(" for ", maxsplit=1)[0].rsplit(" ", 1)[1] for s in steps]
    shared = math.gcd(top, bottom)
    answer = ratio(top // shared, bottom // shared)
    steps.append(f"{' × '.join(factors)} = {top}/{bottom}")
    steps.append(f"{top}/{bottom} = {answer}" if shared > 1 else f"{top}/{bottom} is in lowest terms")
    return question, steps, answer


def make_wheels(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The probability that two wheels of fortune together show more, less or just as much."""
    wheels = [[draw.between(1, dials["most"]) for _ in range(draw.between(2, dials["fields"]))] for _ in range(2)]
    one, two = wheels
    aim = draw.pick(one) + draw.pick(two)
    relation = draw.pick(("more than", "less than", "exactly"))
    meet = {"more than": lambda s: s > aim, "less than": lambda s: s < aim, "exactly": lambda s: s == aim}[relation]
    question = draw.pick(
        (
            "Wheel one has the equal fields {}, wheel two {}. Both are spun. What is the probability that the sum is {} {}?",
            "Two spinners have equally likely numbers: {} on the first and {} on the second. How likely is a sum of {} {}?",
            "From the cards {} and from the cards {} one each is drawn. With what probability do they add up to {} {}?",
        )
    ).format(join(list(map(str, one))), join(list(map(str, two))), relation, aim) + draw.pick(_FRACTION)
    steps, total = [], 0
    for a in one:
        sums = [a + b for b in two]
        hits = sum(map(meet, sums))
        shown = ", ".join(f"{a} + {b} = {s}" for b, s in zip(two, sums, strict=True))
        total += hits
        steps.append(f"{shown}: {hits} of them, {total} so far")
    pairs = len(one) * len(two)
    shared = math.gcd(total, pairs)
    answer = ratio(total // shared, pairs // shared)
    steps.append(f"{len(one)} × {len(two)} = {pairs} pairs")
    steps.append(f"{total}/{pairs} = {answer}" if shared > 1 else f"{total}/{pairs} is in lowest terms")
    return question, steps, answer


FAMILIES = (
    Family(
        "arrangements", "counting", "orders of letters", "an integer",
        (
            Dial("kinds", (3, 3, 3, 4, 4, 4, 5, 5, 6, 7), 1, 12, "letters that differ"),
            Dial("times", (2, 3, 3, 3, 3, 4, 4, 4, 4, 4), 1, 6, "most times of one letter"),
        ),
        make_arrangements,
    ),
    Family(
        "committees", "counting", "choices from several groups", "an integer",
        (
            Dial("groups", (2, 2, 2, 2, 3, 3, 3, 4, 4, 5), 1, 8, "groups"),
            Dial("most", (9, 9, 9, 12, 12, 15, 15, 18, 20, 24), 3, 60, "most of a group"),
        ),
        make_committees,
    ),
    Family(
        "grid_paths", "counting", "ways through a grid", "an integer",
        (
            Dial("rows", (4, 4, 5, 5, 6, 6, 7, 7, 8, 9), 3, 12, "most rows"),
            Dial("columns", (5, 5, 6, 6, 7, 7, 8, 8, 8, 9), 3, 12, "most columns"),
            Dial("blocked", (2, 2, 3, 3, 4, 5, 5, 6, 6, 7), 1, 12, "most blocked cells"),
        ),
        make_grid_paths,
    ),
    Family(
        "urn", "probability", "a row of colours, drawn without putting back", "a fraction in lowest terms",
        (
            Dial("colours", (2, 2, 3, 3, 3, 3, 4, 4, 5, 5), 1, 10, "colours"),
            Dial("most", (4, 6, 6, 9, 12, 12, 15, 20, 20, 30), 2, 99, "most of a colour"),
            Dial("draws", (2, 2, 2, 2, 3, 3, 3, 4, 4, 5), 1, 8, "draws"),
        ),
        make_urn,
    ),
    Family(
        "wheels", "probability", "a sum of two wheels of fortune", "a fraction in lowest terms",
        (
            Dial("fields", (2, 3, 3, 4, 4, 5, 5, 6, 7, 8), 2, 12, "most fields of a wheel"),
            Dial("most", (12, 12, 15, 15, 20, 20, 30, 30, 50, 99), 2, 999, "greatest number of a field"),
        ),
        make_wheels,
    ),
)  # fmt: skip
