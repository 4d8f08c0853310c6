"""Checkers of sets and graphs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import join_list, split_list

_SET = re.compile(r"\{((?:0|[1-9][0-9]*)(?:, (?:0|[1-9][0-9]*))*)?\}")
_STATED = re.compile(r"\b([A-Z]) = (\{[0-9, ]*\})")
_SETS_ASKED = re.compile(
    r"(?:Let|Given are|The sets are|With) (?P<told>.+?\})(?:\.|,) "
    r"(?:What is|Find|List the elements of|work out) (?P<asked>[^.?]+)[.?] "
    r"(?:Write the set in ascending order|Answer as a set, smallest element first)\."
)
_SET_STEP = re.compile(r"(\{[0-9, ]*\}) (∪|∩|\\|union|intersect|minus) (\{[0-9, ]*\}) (?:=|gives) (\{[0-9, ]*\})")
_SET_TOKEN = re.compile(r"[A-Z]\b|∪|∩|\\|union|intersect|minus|[()]")


def _read_set(text: str, step: int) -> frozenset[int]:
    match = _SET.fullmatch(text)
    if match is None:
        raise Wrong(step, "is no set")
    items = [int(i) for i in match.group(1).split(", ")] if match.group(1) else []
    need(all(a < b for a, b in pairwise(items)), step, "a set is not in ascending order")
    return frozenset(items)


def _combine(one: frozenset[int], sign: str, two: frozenset[int]) -> frozenset[int]:
    if sign in ("∪", "union"):
        return one | two
    return one & two if sign in ("∩", "intersect") else one - two


def check_set_operations(question: str, steps: Sequence[str], answer: str) -> None:
    """The expression is worked out from inside, and each step is one of its operations."""
    match = _SETS_ASKED.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    sets = {name: _read_set(text, -1) for name, text in _STATED.findall(match["told"])}
    tokens = _SET_TOKEN.findall(match["asked"])
    need("".join(tokens) == match["asked"].replace(" ", ""), -1, "the expression cannot be read")
    stated = [f"{name} = {text}" for name, text in _STATED.findall(match["told"])]
    need(1 < len(sets) == len(stated) and join_list(stated) == match["told"], -1, "the sets cannot be read")
    need(len(steps) >= len(sets), len(steps), "steps are missing")
    for i, (name, items) in enumerate(sets.items()):
        given = f"Given: {name} = "
        need(
            steps[i].startswith(given) and _read_set(steps[i][len(given) :], i) == items,
            i,
            "a set is not as it is given",
        )
    names = tuple(sets)
    inner = max(0, len(names) - 2)
    flat = [t for t in tokens if t not in "()"]
    written = (
        "(" * inner
        + names[0]
        + "".join(f" {flat[2 * i - 1]} {n}" + ")" * (i <= inner) for i, n in enumerate(names) if i)
    )
    need(flat[::2] == list(names) and written == match["asked"], -1, "the expression is not one from left to right")
    now = sets[names[0]]
    need(len(steps) == 2 * len(names) - 1, len(steps), "steps are missing or too many")
    for i, name in enumerate(names[1:]):
        at = len(names) + i
        said = _SET_STEP.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        sign = flat[2 * i + 1]
        need(said[2] == sign, at, "is another operation")
        need(_read_set(said[1], at) == now and _read_set(said[3], at) == sets[name], at, "starts from other sets")
        now = _combine(now, sign, sets[name])
        need(_read_set(said[4], at) == now, at, "the result is wrong")
    need(_read_set(answer, len(steps)) == now, len(steps), "is not the result")


_VENN = re.compile(
    r"(?:Of|Among|In a group of) (0|[1-9][0-9]*) ([a-z]+), (.+)\. How many (?:do nothing of the kind|are in none of the groups|(\w+) none of these)\?"
)
_VENN_FACT = re.compile(r"(0|[1-9][0-9]*) ([a-z]+) (.+)")


def _need_sum(step: str, at: int, opening: str, numbers: Sequence[int], signs: str, total: int) -> None:
    shown = str(numbers[0]) + "".join(f" {s} {n}" for s, n in zip(signs, numbers[1:], strict=True))
    need(step == f"{opening}{shown} = {total}", at, f"is not {opening}{shown} = {total}")


def check_venn(question: str, steps: Sequence[str], answer: str) -> None:
    """The regions are solved for, and none may be negative; the steps are inclusion and exclusion."""
    match = _VENN.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    total = int(match[1])
    facts: list[tuple[int, str]] = []
    verb = match[4] or ""
    for text in re.split(r", | and (?=[0-9])", match[3]):
        fact = _VENN_FACT.fullmatch(text)
        if fact is None:
            raise Wrong(-1, "a fact cannot be read")
        verb = verb or fact[2]
        need(fact[2] == verb, -1, "another verb")
        facts.append((int(fact[1]), fact[3]))
    if len(facts) == 3:
        (a, x), (b, y), (both, word) = facts
        need(word == "both" and x != y, -1, "the facts do not fit")
        regions = [a - both, b - both, both]
        need(len(steps) == 2, len(steps), "steps are missing or too many")
        _need_sum(steps[0], 0, "", (a, b, both), "+-", sum(regions))
    else:
        need(len(facts) == 7 and facts[6][1] == "all three", -1, "the facts do not fit")
        (a, x), (b, y), (c, z), (ab, xy), (ac, xz), (bc, yz), (abc, _) = facts
        need(
            len({x, y, z}) == 3 and (xy, xz, yz) == (f"{x} and {y}", f"{x} and {z}", f"{y} and {z}"),
            -1,
            "the facts do not fit",
        )
        regions = [a - ab - ac + abc, b - ab - bc + abc, c - ac - bc + abc, ab - abc, ac - abc, bc - abc, abc]
        need(len(steps) == 4, len(steps), "steps are missing or too many")
        _need_sum(steps[0], 0, "Singles: ", (a, b, c), "++", a + b + c)
        _need_sum(steps[1], 1, "Pairs: ", (ab, ac, bc), "++", ab + ac + bc)
        _need_sum(steps[2], 2, "At least one: ", (a + b + c, ab + ac + bc, abc), "-+", sum(regions))
    rest = total - sum(regions)
    need(min(*regions, rest) >= 0, -1, "no groups are like this")
    last = len(steps) - 1
    need(
        steps[last]
        in (f"The rest: {total} - {sum(regions)} = {rest}", f"Left over: {total} - {sum(regions)} = {rest}"),
        last,
        "is not the rest",
    )
    need(answer == str(rest), len(steps), "is not the result")


_PATH = re.compile(
    r"(?:The (?P<a>\w+)s between some (?P<b>\w+)s take, in (?P<c>\w+)|A map shows each \w+ with its length in (?P<d>\w+)|These \w+s join the \w+s, in (?P<e>\w+)): "
    r"(?P<edges>[^.]+)\. (?:What is the shortest way|How long is the shortest way|Find the least total) from (?:[a-z]+ )?(?P<start>[A-Z]) to (?:[a-z]+ )?(?P<end>[A-Z])[?.] "
    r"Answer in (?P<unit>\w+)\."
)
_EDGE = re.compile(r"([A-Z])-([A-Z]) (0|[1-9][0-9]*)")
_SETTLED = re.compile(r"(?:([A-Z]) is settled at (0|[1-9][0-9]*)|Settle ([A-Z]) with (0|[1-9][0-9]*)); from there (.+)")


def check_shortest_path(question: str, steps: Sequence[str], answer: str) -> None:
    """Lengths by relaxing all edges as often as there are nodes (Bellman and Ford); then each settled node and what it brings."""
    match = _PATH.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    unit = match["c"] or match["d"] or match["e"]
    need(unit == match["unit"], -1, "two units are named")
    edges: list[tuple[str, str, int]] = []
    for text in match["edges"].split(", "):
        edge = _EDGE.fullmatch(text)
        if edge is None:
            raise Wrong(-1, "an edge cannot be read")
        edges.append((edge[1], edge[2], int(edge[3])))
    nodes = {n for a, b, _ in edges for n in (a, b)}
    start, end = match["start"], match["end"]
    far = sum(length for _, _, length in edges) + 1
    best = dict.fromkeys(nodes, far)
    need(start in nodes and end in nodes, -1, "a place that nothing leads to")
    best[start] = 0
    changed = True
    while changed:
        changed = False
        for a, b, length in edges:
            for one, two in ((a, b), (b, a)):
                if best[one] + length < best[two]:
                    best[two], changed = best[one] + length, True
    need(max(best.values()) < far, -1, "not all places hang together")
    order = sorted(nodes, key=lambda n: (best[n], n))
    need(len(steps) == len(order) + 1, len(steps), "steps are missing or too many")
    need(order[-1] == end, -1, "the last place to be settled is another one")
    settled: set[str] = set()
    for at, node in enumerate(order):
        said = _SETTLED.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        need(
            (said[1] or said[3]) == node and int(said[2] or said[4]) == best[node],
            at,
            "another place is next, or it is elsewhere",
        )
        settled.add(node)
        news = []
        for a, b, length in edges:
            if node in (a, b):
                other = b if a == node else a
                if other not in settled:
                    news.append(f"{other} {best[node]} + {length} = {best[node] + length}")
        need(said[5] == (", ".join(news) if news else "nothing new"), at, "what follows from there is different")
    need(
        steps[-1] == f"So from {start} to {end} it takes {best[end]} {unit}", len(steps) - 1, "is not the shortest way"
    )
    need(answer == f"{best[end]} {unit}", len(steps), "is not the shortest way")


_REACH = re.compile(
    r"(?:The one-way streets are|Arrows:|A rumour passes as follows:|In the directed graph with edges) (?P<arrows>[A-Z] -> [A-Z](?:, [A-Z] -> [A-Z])*)[.,] "
    r"(?:Can one drive|Is there a way|Does it get|does a path lead) from (?P<start>[A-Z]) to (?P<end>[A-Z])(?: along the arrows)?\?"
    r"(?: Answer yes or no\.| Say yes or no\.| \(yes/no\))"
)
_LEADS = re.compile(r"(?:From ([A-Z]) one reaches|([A-Z]) leads to) (.+)")


def check_reachability(question: str, steps: Sequence[str], answer: str) -> None:
    """The nodes that arrows lead to, by closing the set; the steps go breadth first and stop when the place is found."""
    match = _REACH.fullmatch(question)
    if match is None:
        raise Wrong(-1, "cannot be read")
    arrows = [(text[0], text[-1]) for text in match["arrows"].split(", ")]
    start, end = match["start"], match["end"]
    closed = {start}
    while True:
        more = {b for a, b in arrows if a in closed} - closed
        if not more:
            break
        closed |= more
    seen, at = [start], 0
    while at < len(seen) and end not in seen:
        need(at < len(steps) - 1, len(steps) - 1, "a place was not looked at")
        said = _LEADS.fullmatch(steps[at])
        if said is None:
            raise Wrong(at, "cannot be read")
        need((said[1] or said[2]) == seen[at], at, "another place is next")
        news = [b for a, b in arrows if a == seen[at] and b not in seen]
        need(said[3] == (join_list(news) if news else "nothing new"), at, "leads elsewhere")
        seen += news
        at += 1
    found = end in closed
    need(found == (end in seen), -1, "the two searches do not agree")
    need(len(steps) == at + 1, len(steps), "steps are missing or too many")
    told = f"Reached: {join_list(sorted(seen))}; {end} is {'among them' if found else 'not among them'}"
    need(steps[-1] == told, at, "is not what was reached")
    need(answer == ("yes" if found else "no"), len(steps), "is not what was found")


_COLOURINGS = (
    re.compile(
        r"A map has the regions (?P<names>[^.]+)\. These touch: (?P<edges>[^.]+)\. "
        r"In how many ways can it be coloured with (?P<colours>(?:0|[1-9][0-9]*)) colours, if regions that touch differ\?"
    ),
    re.compile(
        r"(?P<names>.+) give one talk each, on one of (?P<colours>(?:0|[1-9][0-9]*)) days\. These pairs want to hear each other and need different days: (?P<edges>[^.]+)\. "
        r"How many plans are there\?"
    ),
    re.compile(
        r"Give each of (?P<names>.+) one of (?P<colours>(?:0|[1-9][0-9]*)) colours, so that none of these pairs gets the same: (?P<edges>[^.]+)\. How many ways are there\?"
    ),
    re.compile(
        r"Count the proper colourings of the graph with nodes (?P<names>.+) and edges (?P<edges>[^.]+), with (?P<colours>(?:0|[1-9][0-9]*)) colours\."
    ),
)  # fmt: skip


def check_colourings(question: str, steps: Sequence[str], answer: str) -> None:
    """Earlier neighbours of a region touch each other, so all of them differ and the product is exact; small maps are counted as well."""
    match = next((m for m in (wording.fullmatch(question) for wording in _COLOURINGS) if m is not None), None)
    if match is None:
        raise Wrong(-1, "cannot be read")
    names = split_list(match["names"])
    colours = int(match["colours"])
    touching = set()
    for text in match["edges"].split(", "):
        one, _, two = text.partition("-")
        need(one in names and two in names and one != two, -1, "a pair has an unknown name")
        touching |= {(one, two), (two, one)}
    need(len(steps) == len(names), len(steps), "steps are missing or too many")
    total = 1
    for at, name in enumerate(names):
        near = [n for n in names[:at] if (n, name) in touching]
        need(
            all((a, b) in touching for i, a in enumerate(near) for b in near[:i]), -1, "neighbours that need not differ"
        )
        ways = colours - len(near)
        place = f"next to {join_list(near)}" if near else "first of its part"
        told = f"{name}, {place}: {colours} - {len(near)} = {ways}, and {total} × {ways} = {total * ways}"
        need(steps[at] == told, at, f"is not: {told}")
        total *= ways
    if colours ** len(names) <= 128:
        need(total == _count_colourings(names, touching, colours), -1, "the product is not the number of colourings")
    need(answer == str(total), len(steps), "is not the product")


def _count_colourings(names: Sequence[str], touching: set[tuple[str, str]], colours: int) -> int:
    def count(done: tuple[int, ...]) -> int:
        if len(done) == len(names):
            return 1
        taken = {done[i] for i in range(len(done)) if (names[i], names[len(done)]) in touching}
        return sum(count((*done, c)) for c in range(colours) if c not in taken)

    return count(())


CHECKERS: Mapping[str, Checker] = {
    "set_operations": check_set_operations,
    "venn": check_venn,
    "shortest_path": check_shortest_path,
    "reachability": check_reachability,
    "colourings": check_colourings,
}
