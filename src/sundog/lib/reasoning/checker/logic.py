"""Checkers of logic."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import split_list
from sundog.lib.reasoning.checker.syllogisms import check_syllogism

Truth: TypeAlias = Callable[[int], bool]
"""Of a formula: whether it holds in a row of the table. Row r gives letter i the bit i of r."""

_TABLE = (
    re.compile(r"For how many assignments of (?P<letters>[a-z](?:(?:, | and )[a-z])*) is the formula (?P<formula>.+) true\?"),
    re.compile(r"How many of the rows of the truth table over (?P<letters>[a-z](?:(?:, | and )[a-z])*) make (?P<formula>.+) true\?"),
    re.compile(r"Count the assignments to (?P<letters>[a-z](?:(?:, | and )[a-z])*) that satisfy (?P<formula>.+)\."),
    re.compile(r"The formula (?P<formula>.+) is built over (?P<letters>[a-z](?:(?:, | and )[a-z])*)\. In how many cases does it hold\?"),
)  # fmt: skip
_TOKEN = re.compile(r"[()]|[a-z]+")
_ROW = re.compile(
    r"(?:With )?(?P<row>[a-z] = .+?): left(?: side)? (?P<left>\w+), right(?: side)? (?P<right>\w+), (?:whole|so the formula is) (?P<whole>\w+)"
)
_COUNT = re.compile(r"(?:True in|Rows where it holds:) (0|[1-9][0-9]*) of (0|[1-9][0-9]*)(?: rows)?")
_MARKS = {"T": "F", "1": "0", "true": "false"}


class _Reader:
    """Reads a formula: every operation has two sides and stands in brackets, but for the outermost; ``not`` binds the one that follows."""

    def __init__(self, text: str, letters: Sequence[str]) -> None:
        self.tokens = _TOKEN.findall(text)
        need("".join(self.tokens) == text.replace(" ", ""), -1, "the formula cannot be read")
        self.letters = letters
        self.at = 0

    def take(self) -> str:
        need(self.at < len(self.tokens), -1, "the formula ends too early")
        self.at += 1
        return str(self.tokens[self.at - 1])

    def read_one(self) -> int:
        """The rows in which it holds, as bits."""
        word = self.take()
        every = (1 << (1 << len(self.letters))) - 1
        if word == "not":
            return every & ~self.read_one()
        if word == "(":
            _, _, whole = self.read_pair()
            need(self.take() == ")", -1, "a bracket is not closed")
            return whole
        need(word in self.letters, -1, f"{word} is no letter of the formula")
        i = self.letters.index(word)
        return sum(1 << row for row in range(1 << len(self.letters)) if row >> i & 1)

    def read_pair(self) -> tuple[int, int, int]:
        """Left side, right side and whole."""
        left = self.read_one()
        sign = self.take()
        right = self.read_one()
        every = (1 << (1 << len(self.letters))) - 1
        if sign == "and":
            return left, right, left & right
        if sign == "or":
            return left, right, left | right
        if sign == "implies":
            return left, right, (every & ~left) | right
        need(sign == "xor", -1, f"{sign} is no operation")
        return left, right, left ^ right


def check_truth_table(question: str, steps: Sequence[str], answer: str) -> None:
    """The formula is worked out for all rows at once, as bits; each row of the chain is compared."""
    match = next((m for m in (wording.fullmatch(question) for wording in _TABLE) if m is not None), None)
    if match is None:
        raise Wrong(-1, "cannot be read")
    letters = split_list(match["letters"])
    need(len(set(letters)) == len(letters), -1, "a letter stands twice")
    reader = _Reader(match["formula"], letters)
    left, right, whole = reader.read_pair()
    need(reader.at == len(reader.tokens), -1, "the formula goes on")
    rows = 1 << len(letters)
    need(len(steps) == rows + 1, len(steps), "rows are missing or too many")
    yes = ""
    for at in range(rows):
        said = _ROW.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        row = sum(1 << i for i in range(len(letters)) if not at >> (len(letters) - 1 - i) & 1)
        if not yes:
            yes = said["row"].rsplit(" ", 1)[1]
            need(yes in _MARKS, at, "is neither true nor false")
        marks = (_MARKS[yes], yes)
        need(
            said["row"] == ", ".join(f"{name} = {marks[row >> i & 1]}" for i, name in enumerate(letters)),
            at,
            "is another row",
        )
        for name, truth in (("left", left), ("right", right), ("whole", whole)):
            need(said[name] == marks[truth >> row & 1], at, f"{name} is wrong")
    count = whole.bit_count()
    said = _COUNT.fullmatch(steps[rows])
    need(said is not None and said.groups() == (str(count), str(rows)), rows, "is not the number of rows")
    need(answer == str(count), len(steps), "is not the number of rows")


_KNIGHTS = re.compile(
    r"(?:Knights always tell the truth and knaves always lie\.|On an island, knights speak only the truth and knaves only lies\.|"
    r"Each inhabitant is a knight, who never lies, or a knave, who always lies\.) (?:You meet|There are|Here come) (?P<names>[^.]+)\. "
    r"(?P<told>.+\"\.) (?:Who is what\?|What is each of them\?|Which of them are knights\?) Answer in the form: (?P<form>.+)"
)
_SAYS = re.compile(r'(\w+) says: "([^"]+)"\.')
_CLAIMS = (
    re.compile(r"(?P<one>\w+) is a (?P<kind>knight|knave)"),
    re.compile(r"(?P<one>\w+) and (?P<two>\w+) are of (?P<same>the same kind|different kinds)"),
    re.compile(r"exactly (?P<exactly>[0-9]) of us (?:is a knight|are knights)"),
    re.compile(r"at least (?P<least>[0-9]) of us (?:is a knave|are knaves)"),
)


def _read_claim(text: str, names: Sequence[str]) -> Callable[[Sequence[bool]], bool]:
    """Whether it is true, of who is a knight."""
    kind, pair, exactly, least = (wording.fullmatch(text) for wording in _CLAIMS)
    if kind is not None and kind["one"] in names:
        one, knight = names.index(kind["one"]), kind["kind"] == "knight"
        return lambda world: world[one] == knight
    if pair is not None and pair["one"] in names and pair["two"] in names and pair["one"] != pair["two"]:
        one, two, same = names.index(pair["one"]), names.index(pair["two"]), pair["same"] == "the same kind"
        return lambda world: (world[one] == world[two]) == same
    if exactly is not None and int(exactly["exactly"]) <= len(names):
        number = int(exactly["exactly"])
        return lambda world: sum(world) == number
    if least is not None and int(least["least"]) <= len(names):
        number = int(least["least"])
        return lambda world: len(world) - sum(world) >= number
    raise Wrong(-1, "a claim cannot be read")


def check_knights(question: str, steps: Sequence[str], answer: str) -> None:
    """All worlds are tried, one fits; each step tells the first of whom the words do not fit the kind."""
    match = _KNIGHTS.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    names = split_list(match["names"])
    said = _SAYS.findall(match["told"])
    need(" ".join(f'{n} says: "{c}".' for n, c in said) == match["told"], -1, "the words cannot be read")
    need([n for n, _ in said] == names and len(set(names)) == len(names), -1, "not each of them speaks once")
    need(match["form"] == ", ".join(f"{n} is a ..." for n in names), -1, "the form of the answer names others")
    claims = [_read_claim(claim, names) for _, claim in said]
    need(len(steps) == 1 << len(names), len(steps), "worlds are missing or too many")
    solutions = []
    for at, step in enumerate(steps):
        world = [not at >> i & 1 for i in range(len(names))]
        told = ", ".join(f"{n} is a {'knight' if k else 'knave'}" for n, k in zip(names, world, strict=True))
        wrong = next((i for i, claim in enumerate(claims) if claim(world) != world[i]), None)
        if wrong is None:
            solutions.append(told)
            need(
                step in (f"Suppose {told}: all they say fits", f"If {told}: nothing is contradicted"),
                at,
                "this world fits",
            )
            continue
        name, kind, words = names[wrong], "knight" if world[wrong] else "knave", "false" if world[wrong] else "true"
        forms = (
            f"Suppose {told}: what {name} says is {words}, but {name} is a {kind}, a contradiction",
            f"If {told}: the words of {name} are {words}, yet {name} is a {kind}, impossible",
        )
        need(step in forms, at, "is not what contradicts this world")
    need(len(solutions) == 1, -1, "there is not one solution")
    need(answer == solutions[0], len(steps), "is not the world that fits")


_RELATIONS = {
    "finished a race": ("finished before", "finished after", "in the race"),
    "stand in a queue": ("stands before", "stands behind", "in the queue"),
    "are of different height": ("is taller than", "is shorter than", "by height, tallest first"),
    "have different ages": ("is older than", "is younger than", "by age, oldest first"),
    "sit in a row": ("sits left of", "sits right of", "in the row from the left"),
    "gave talks": ("spoke before", "spoke after", "in the programme"),
}
_ORDER = re.compile(
    rf"(?P<names>[A-Z]\w+(?:, [A-Z]\w+)* and [A-Z]\w+) (?P<what>{'|'.join(_RELATIONS)})\. (?P<clues>(?:[A-Z]\w+ [a-z ]+ [A-Z]\w+\. )+)"
    r"(?:Who is at|Which person has|Name the one at) place (?P<place>(?:0|[1-9][0-9]*)) (?P<where>[a-z ,]+)[?.]"
)
_CLUE = re.compile(r"([A-Z]\w+) ([a-z ]+) ([A-Z]\w+)\. ")
_FIRST = re.compile(
    r"(?:Of (.+), only (\w+) comes after none of the others|Among (.+), nobody is ahead of (\w+)): place (0|[1-9][0-9]*)"
)


def check_ordering(question: str, steps: Sequence[str], answer: str) -> None:
    """Each place is taken by the one whom no clue puts behind another of those left, and there must be only one."""
    match = _ORDER.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    names = split_list(match["names"])
    before, after, where = _RELATIONS[match["what"]]
    need(match["where"] == where and len(set(names)) == len(names), -1, "the question does not fit")
    clues: list[tuple[str, str]] = []
    for one, relation, two in _CLUE.findall(match["clues"]):
        need(relation in (before, after) and one in names and two in names and one != two, -1, "a clue cannot be read")
        clues.append((one, two) if relation == before else (two, one))
    left, row = list(names), []
    while left:
        ahead = [n for n in left if not any(b == n and a in left for a, b in clues)]
        need(len(ahead) == 1, -1, "the clues settle no order")
        row.append(ahead[0])
        left.remove(ahead[0])
    need(len(steps) == len(names) + len(clues) + 1, len(steps), "steps are missing or too many")
    shown: list[str] = []
    for at, name in enumerate(row[:-1]):
        said = _FIRST.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        listed = split_list(said[1] or said[3])
        if shown:
            need(listed == [n for n in shown if n != row[at - 1]], at, "others are left")
        else:
            need(sorted(listed) == sorted(names), at, "others are in the row")
        shown = listed
        need((said[2] or said[4]) == name and int(said[5]) == at + 1, at, "another one is next")
    need(steps[len(row) - 1] == f"{row[-1]} is left for place {len(row)}", len(row) - 1, "another one is left")
    for at, (one, two) in enumerate(clues, len(row)):
        i, j = row.index(one) + 1, row.index(two) + 1
        forms = (f"Check: {one} at {i} is ahead of {two} at {j}", f"{one} at place {i} is ahead of {two} at place {j}")
        need(steps[at] in forms, at, "is not the clue")
    place = int(match["place"])
    need(1 <= place <= len(row), -1, "there is no such place")
    need(steps[-1] == f"So place {place} is {row[place - 1]}", len(steps) - 1, "is another one")
    need(answer == row[place - 1], len(steps), "is another one")


CHECKERS: Mapping[str, Checker] = {
    "truth_table": check_truth_table,
    "knights": check_knights,
    "syllogism": check_syllogism,
    "ordering": check_ordering,
}
