"""Sets and graphs."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import NAMES, join

_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def _braces(items: set[int]) -> str:
    return "{" + ", ".join(map(str, sorted(items))) + "}"


def make_set_operations(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Unions, intersections and differences, one after the other."""
    names = _CAPITALS[: dials["sets"]]
    pool = range(1, max(dials["most"], dials["size"]) + 1)
    sets = {name: set(draw.sample(pool, draw.between(2, dials["size"]))) for name in names}
    signs = draw.pick((("∪", "∩", "\\"), ("union", "intersect", "minus")))
    told = join([f"{n} = {_braces(s)}" for n, s in sets.items()])
    now, text, steps = set(sets["A"]), "A", []
    wording = draw.pick(("{} {} {} = {}", "{} {} {} gives {}"))
    steps = [f"Given: {name} = {_braces(s)}" for name, s in sets.items()]
    for name in names[1:]:
        sign = draw.below(3)
        other = sets[name]
        after = now | other if sign == 0 else now & other if sign == 1 else now - other
        steps.append(wording.format(_braces(now), signs[sign], _braces(other), _braces(after)))
        text = f"({text} {signs[sign]} {name})"
        now = after
    shown = text[1:-1]
    question = draw.pick(
        (
            "Let {0}. What is {1}?",
            "Given are {0}. Find {1}.",
            "The sets are {0}. List the elements of {1}.",
            "With {0}, work out {1}.",
        )
    ).format(told, shown) + draw.pick(
        (" Write the set in ascending order.", " Answer as a set, smallest element first.")
    )
    return question, steps, _braces(now)


_CLUBS = (
    ("students", "take", ("art", "music", "drama")), ("guests", "drink", ("tea", "coffee", "juice")),
    ("people", "speak", ("French", "Spanish", "German")), ("members", "play", ("chess", "tennis", "football")),
    ("readers", "like", ("novels", "poems", "comics")), ("children", "own", ("a cat", "a dog", "a fish")),
)  # fmt: skip


def make_venn(draw: Draw, dials: Mapping[str, int]) -> Made:
    """How many are in none of some sets that overlap."""
    most = dials["most"]
    who, verb, words = draw.pick(_CLUBS)
    if dials["sets"] == 2:
        a, b, both, none = (draw.between(1, most) for _ in range(4))
        sizes, total = (a + both, b + both), a + b + both + none
        x, y = draw.sample(words, 2)
        facts = [f"{sizes[0]} {verb} {x}", f"{sizes[1]} {verb} {y}", f"{both} {verb} both"]
        steps = [f"{sizes[0]} + {sizes[1]} - {both} = {a + b + both}"]
        union = a + b + both
    else:
        a, b, c, ab, ac, bc, abc, none = (draw.between(1, most) for _ in range(8))
        x, y, z = draw.shuffle(words)
        single = (a + ab + ac + abc, b + ab + bc + abc, c + ac + bc + abc)
        pair = (ab + abc, ac + abc, bc + abc)
        facts = [f"{n} {verb} {w}" for n, w in zip(single, (x, y, z), strict=True)]
        facts += [f"{n} {verb} {v} and {w}" for n, (v, w) in zip(pair, ((x, y), (x, z), (y, z)), strict=True)]
        facts.append(f"{abc} {verb} all three")
        union = a + b + c + ab + ac + bc + abc
        total = union + none
        steps = [
            f"Singles: {single[0]} + {single[1]} + {single[2]} = {sum(single)}",
            f"Pairs: {pair[0]} + {pair[1]} + {pair[2]} = {sum(pair)}",
            f"At least one: {sum(single)} - {sum(pair)} + {abc} = {union}",
        ]
    question = draw.pick(("Of {} {}, {}.", "Among {} {}, {}.", "In a group of {} {}, {}.")).format(
        total, who, join(facts)
    )
    question += draw.pick(
        (
            f" How many {verb} none of these?",
            " How many do nothing of the kind?",
            " How many are in none of the groups?",
        )
    )
    steps.append(draw.pick(("The rest: {} - {} = {}", "Left over: {} - {} = {}")).format(total, union, none))
    return question, steps, str(none)


_PLACES = (("road", "village"), ("track", "station"), ("path", "hut"), ("cable", "server"), ("pipe", "tank"))


def make_shortest_path(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The length of the shortest way, by Dijkstra's algorithm."""
    n = dials["nodes"]
    nodes = draw.sample(_CAPITALS, n)
    edges: dict[tuple[int, int], int] = {}
    for i in range(1, n):
        edges[draw.below(i), i] = draw.between(1, dials["most"])
    for _ in range(dials["more"]):
        i, j = sorted(draw.sample(range(n), 2))
        edges.setdefault((i, j), draw.between(1, dials["most"]))
    links: list[list[tuple[int, int]]] = [[] for _ in nodes]
    order = draw.shuffle(list(edges.items()))
    for (i, j), length in order:
        links[i].append((j, length))
        links[j].append((i, length))
    what, kind = draw.pick(_PLACES)
    unit = draw.pick(("km", "miles", "minutes"))
    shown = []
    for (i, j), length in order:
        one, two = (i, j) if draw.below(2) else (j, i)
        shown.append(f"{nodes[one]}-{nodes[two]} {length}")
    wording = draw.pick(("{} is settled at {}", "Settle {} with {}"))
    steps = []
    best, settled, heap = (
        {0: 0},
        set(),
        [(0, nodes[0], 0)],
    )  # of equally near ones, the first of the alphabet comes first
    target = 0
    while heap:
        length, _, node = heappop(heap)
        if node in settled:
            continue
        settled.add(node)
        target = node
        text = wording.format(nodes[node], length)
        news = []
        for other, more in links[node]:
            if other not in settled:
                news.append(f"{nodes[other]} {length} + {more} = {length + more}")
                if length + more < best.get(other, length + more + 1):
                    best[other] = length + more
                    heappush(heap, (length + more, nodes[other], other))
        steps.append(f"{text}; from there {', '.join(news)}" if news else f"{text}; from there nothing new")
    question = draw.pick(
        (
            "The {0}s between some {1}s take, in {2}: {3}. What is the shortest way from {4} to {5}?",
            "A map shows each {0} with its length in {2}: {3}. How long is the shortest way from {1} {4} to {1} {5}?",
            "These {0}s join the {1}s, in {2}: {3}. Find the least total from {4} to {5}.",
        )
    ).format(what, kind, unit, ", ".join(shown), nodes[0], nodes[target])
    steps.append(f"So from {nodes[0]} to {nodes[target]} it takes {best[target]} {unit}")
    return f"{question} Answer in {unit}.", steps, f"{best[target]} {unit}"


def make_reachability(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Whether arrows lead from one node to another, by breadth-first search."""
    n = dials["nodes"]
    nodes = draw.sample(_CAPITALS, n)
    arrows: list[tuple[int, int]] = []
    while len(arrows) < dials["arrows"]:
        i, j = draw.sample(range(n), 2)
        if (i, j) not in arrows:
            arrows.append((i, j))
    if all(i for i, _ in arrows):
        arrows[0] = (0, 1 + draw.below(n - 1))
        arrows = list(dict.fromkeys(arrows))
    shown = ", ".join(f"{nodes[i]} -> {nodes[j]}" for i, j in arrows)
    target = draw.between(1, n - 1)
    question = draw.pick(
        (
            "The one-way streets are {}. Can one drive from {} to {}?",
            "Arrows: {}. Is there a way from {} to {} along the arrows?",
            "A rumour passes as follows: {}. Does it get from {} to {}?",
            "In the directed graph with edges {}, does a path lead from {} to {}?",
        )
    ).format(shown, nodes[0], nodes[target]) + draw.pick((" Answer yes or no.", " Say yes or no.", " (yes/no)"))
    steps, seen, queue = [], [0], [0]
    while queue and target not in seen:
        node = queue.pop(0)
        news = [j for i, j in arrows if i == node and j not in seen]
        text = join([nodes[j] for j in news]) if news else "nothing new"
        steps.append(draw.pick(("From {} one reaches {}", "{} leads to {}")).format(nodes[node], text))
        seen += news
        queue += news
    found = target in seen
    reached = join(sorted(nodes[i] for i in seen))
    steps.append(f"Reached: {reached}; {nodes[target]} is {'among them' if found else 'not among them'}")
    return question, steps, "yes" if found else "no"


def make_colourings(draw: Draw, dials: Mapping[str, int]) -> Made:
    """In how many ways a map can be coloured."""
    n, colours = dials["regions"], draw.between(dials["colours"], dials["colours"] + 4)
    kind = draw.below(4)
    # Persons give talks and get colours; regions and nodes have letters.
    names = draw.sample(NAMES if kind in (1, 2) else _CAPITALS, n)
    # Each region touches some of an earlier one and its neighbours that touch each other, so that colours are counted one by one.
    earlier: list[list[int]] = [[]]
    for i in range(1, n):
        base = draw.below(i)
        group = [base, *earlier[base]]
        earlier.append(sorted(draw.sample(group, draw.between(1, min(len(group), 3)))))
    borders = [(i, j) for i in range(n) for j in earlier[i]]
    shown = ", ".join(f"{names[i]}-{names[j]}" for i, j in draw.shuffle(borders))
    listed = join(names)
    if kind == 0:
        question = f"A map has the regions {listed}. These touch: {shown}. In how many ways can it be coloured with {colours} colours, if regions that touch differ?"
    elif kind == 1:
        question = f"{listed} give one talk each, on one of {colours} days. These pairs want to hear each other and need different days: {shown}. How many plans are there?"
    elif kind == 2:
        question = f"Give each of {listed} one of {colours} colours, so that none of these pairs gets the same: {shown}. How many ways are there?"
    else:
        question = (
            f"Count the proper colourings of the graph with nodes {listed} and edges {shown}, with {colours} colours."
        )
    steps, total = [], 1
    for i, name in enumerate(names):
        ways = colours - len(earlier[i])
        near = f"next to {join([names[j] for j in earlier[i]])}" if earlier[i] else "first of its part"
        steps.append(f"{name}, {near}: {colours} - {len(earlier[i])} = {ways}, and {total} × {ways} = {total * ways}")
        total *= ways
    return question, steps, str(total)


FAMILIES = (
    Family(
        "set_operations", "sets", "unions, intersections and differences", "`{2, 5, 9}`, ascending",
        (
            Dial("sets", (2, 2, 2, 3, 3, 3, 4, 4, 5, 6), 2, 10, "sets"),
            Dial("size", (3, 4, 5, 5, 6, 7, 8, 9, 10, 12), 2, 24, "most elements of a set"),
            Dial("most", (12, 12, 15, 15, 20, 20, 25, 30, 30, 40), 2, 999, "greatest element"),
        ),
        make_set_operations,
    ),
    Family(
        "venn", "sets", "how many are in none of some sets", "an integer",
        (
            Dial("sets", (2, 2, 2, 2, 3, 3, 3, 3, 3, 3), 2, 3, "sets"),
            Dial("most", (9, 15, 30, 60, 30, 40, 60, 99, 200, 500), 1, 9999, "most in one part"),
        ),
        make_venn,
    ),
    Family(
        "shortest_path", "graphs", "the length of the shortest way", "a number and the unit",
        (
            Dial("nodes", (3, 4, 4, 5, 6, 6, 7, 8, 9, 10), 2, 20, "nodes"),
            Dial("more", (1, 1, 2, 2, 3, 4, 5, 6, 8, 10), 0, 60, "edges more than a tree has, at most"),
            Dial("most", (9, 9, 9, 12, 20, 20, 30, 30, 50, 99), 1, 999, "longest edge"),
        ),
        make_shortest_path,
    ),
    Family(
        "reachability", "graphs", "whether arrows lead there", "`yes` or `no`",
        (
            Dial("nodes", (4, 4, 5, 6, 7, 8, 9, 10, 12, 14), 3, 20, "nodes"),
            Dial("arrows", (4, 5, 6, 7, 8, 10, 11, 13, 16, 20), 2, 40, "arrows; at most all pairs"),
        ),
        make_reachability,
    ),
    Family(
        "colourings", "graphs", "in how many ways a map is coloured", "an integer",
        (
            Dial("regions", (3, 3, 3, 4, 5, 5, 6, 6, 7, 8), 2, 10, "regions"),
            Dial("colours", (3, 3, 3, 3, 3, 4, 4, 4, 5, 5), 3, 20, "fewest colours; up to four more are offered"),
        ),
        make_colourings,
    ),
)  # fmt: skip
