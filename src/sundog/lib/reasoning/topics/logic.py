"""Logic: truth tables, knights and knaves, syllogisms, places in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import TypeAlias

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import NAMES, join, list_words

Formula: TypeAlias = "str | tuple[str, Formula] | tuple[str, Formula, Formula]"

_LETTERS = "abcdefghjkmnpqrsuvwxyz"


def _grow(draw: Draw, operations: int, letters: str) -> Formula:
    if operations == 0:
        letter = draw.pick(letters)
        return letter if draw.below(3) else ("not", letter)
    left = draw.below(operations)
    one, two = _grow(draw, left, letters), _grow(draw, operations - 1 - left, letters)
    whole: Formula = (draw.pick(("and", "or", "implies", "xor")), one, two)
    return ("not", whole) if draw.below(6) == 0 else whole


def _show(formula: Formula, outer: bool = True) -> str:
    if isinstance(formula, str):
        return formula
    if len(formula) == 2:
        return f"not {_show(formula[1], False)}"
    text = f"{_show(formula[1], False)} {formula[0]} {_show(formula[2], False)}"
    return text if outer else f"({text})"


def _holds(formula: Formula, world: Mapping[str, bool]) -> bool:
    if isinstance(formula, str):
        return world[formula]
    if len(formula) == 2:
        return not _holds(formula[1], world)
    sign = formula[0]
    left, right = _holds(formula[1], world), _holds(formula[2], world)
    if sign == "and":
        return left and right
    if sign == "or":
        return left or right
    return (not left or right) if sign == "implies" else left != right


def make_truth_table(draw: Draw, dials: Mapping[str, int]) -> Made:
    """In how many rows of the truth table a formula holds."""
    letters = "".join(draw.sample(_LETTERS, dials["letters"]))
    left = draw.below(dials["operations"])
    sign = draw.pick(("and", "or", "implies", "xor"))
    one, two = _grow(draw, left, letters), _grow(draw, dials["operations"] - 1 - left, letters)
    shown = _show((sign, one, two))
    question = draw.pick(
        (
            "For how many assignments of {1} is the formula {0} true?",
            "How many of the rows of the truth table over {1} make {0} true?",
            "Count the assignments to {1} that satisfy {0}.",
            "The formula {0} is built over {1}. In how many cases does it hold?",
        )
    ).format(shown, join(letters))
    yes, no = draw.pick((("T", "F"), ("1", "0"), ("true", "false")))
    wording = draw.pick(
        ("{}: left side {}, right side {}, whole {}", "With {}: left {}, right {}, so the formula is {}")
    )
    steps, count = [], 0
    for values in product((True, False), repeat=len(letters)):
        world = dict(zip(letters, values, strict=True))
        a, b = _holds(one, world), _holds(two, world)
        whole = (
            (a and b) if sign == "and" else (a or b) if sign == "or" else (not a or b) if sign == "implies" else a != b
        )
        row = ", ".join(f"{name} = {yes if v else no}" for name, v in world.items())
        steps.append(wording.format(row, yes if a else no, yes if b else no, yes if whole else no))
        count += whole
    steps.append(draw.pick(("True in {} of {} rows", "Rows where it holds: {} of {}")).format(count, 2 ** len(letters)))
    return question, steps, str(count)


def _claim(draw: Draw, names: Sequence[str], speaker: int) -> tuple[str, int]:
    """A claim in words and the worlds in which it is true, as bits; bit w is the world whose bit i says that i is a knight."""
    n = len(names)
    others = [i for i in range(n) if i != speaker]
    sort = draw.below(6)
    if sort < 2 or (sort < 4 and len(others) < 2):
        one = draw.pick(others)
        knight = sort == 0
        worlds = sum(1 << w for w in range(1 << n) if (w >> one & 1) == knight)
        return f"{names[one]} is a {'knight' if knight else 'knave'}", worlds
    if sort < 4:
        one, two = draw.sample(others, 2)
        if sort == 2:
            worlds = sum(1 << w for w in range(1 << n) if (w >> one & 1) == (w >> two & 1))
            return f"{names[one]} and {names[two]} are of the same kind", worlds
        worlds = sum(1 << w for w in range(1 << n) if (w >> one & 1) != (w >> two & 1))
        return f"{names[one]} and {names[two]} are of different kinds", worlds
    number = draw.between(0, n)
    if sort == 4:
        worlds = sum(1 << w for w in range(1 << n) if w.bit_count() == number)
        return f"exactly {number} of us {'is a knight' if number == 1 else 'are knights'}", worlds
    number = max(1, number)
    worlds = sum(1 << w for w in range(1 << n) if n - w.bit_count() >= number)
    return f"at least {number} of us {'is a knave' if number == 1 else 'are knaves'}", worlds


def make_knights(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Knights who speak the truth and knaves who lie, with one solution."""
    n = dials["persons"]
    names = draw.sample(NAMES, n)
    knows = [sum(1 << w for w in range(1 << n) if w >> i & 1) for i in range(n)]
    while True:
        claims = [_claim(draw, names, i) for i in range(n)]
        left = (1 << (1 << n)) - 1
        for (_, worlds), knight in zip(claims, knows, strict=True):
            left &= ~(worlds ^ knight)
        if left.bit_count() == 1:
            break
    told = " ".join(f'{name} says: "{claim}".' for name, (claim, _) in zip(names, claims, strict=True))
    opening = draw.pick(
        (
            "Knights always tell the truth and knaves always lie.",
            "On an island, knights speak only the truth and knaves only lies.",
            "Each inhabitant is a knight, who never lies, or a knave, who always lies.",
        )
    )
    question = f"{opening} {draw.pick(('You meet', 'There are', 'Here come'))} {join(names)}. {told} " + draw.pick(
        ("Who is what?", "What is each of them?", "Which of them are knights?")
    )
    order = ", ".join(f"{x} is a ..." for x in names)
    question += f" Answer in the form: {order}"
    wording = draw.pick(
        (
            "Suppose {}: what {} says is {}, but {} is a {}, a contradiction",
            "If {}: the words of {} are {}, yet {} is a {}, impossible",
        )
    )
    fits = draw.pick(("Suppose {}: all they say fits", "If {}: nothing is contradicted"))
    steps, answer = [], ""
    for world in reversed(range(1 << n)):
        kinds = ["knight" if world >> i & 1 else "knave" for i in range(n)]
        said = ", ".join(f"{x} is a {k}" for x, k in zip(names, kinds, strict=True))
        for i, (_, worlds) in enumerate(claims):
            true = worlds >> world & 1
            if true != (world >> i & 1):
                steps.append(wording.format(said, names[i], "true" if true else "false", names[i], kinds[i]))
                break
        else:
            steps.append(fits.format(said))
            answer = said
    return question, steps, answer


_HEADS = list_words("bl br cl cr d dr f fl g gl gr h k l m n p pl pr qu r s sl sn sp st t tr v w z")
_CORES = list_words("a e i o u oo ee ai")
_TAILS = list_words("b ck d g l m mp n nd ng nk p r rk s sk t x z")
_RUDE = list_words(
    "clit crap dag dick fag fuck hoor nig nip pis poon poop prick rap slag slut spas spaz spick tit wank"
)
"""What the syllables must not give together: these go into data that models learn from."""


def _noun(draw: Draw) -> str:
    """A noun that means nothing, in the plural: nothing but the premises can be known of it."""
    text = _RUDE[0]
    while text in _RUDE:
        text = draw.pick(_HEADS) + draw.pick(_CORES) + draw.pick(_TAILS)
    if draw.below(2):
        text += draw.pick(("er", "le", "ow", "in", "o"))
    return text + ("es" if text[-1] in "sxz" else "s")


def make_syllogism(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Whether a sentence follows from a chain of them."""
    links = dials["links"]
    terms: list[str] = []
    while len(terms) < links + 2:
        noun = _noun(draw)
        if noun not in terms:
            terms.append(noun)
    first, rest = terms[0], terms[1:]
    # ``first`` is told of by "some", ``rest`` is a chain of "all", whose last link may be "no".
    some, negative = draw.below(2), draw.below(3) == 0
    premises = [("All", a, b) for a, b in pairwise(rest)]
    if negative:
        premises[-1] = ("No", *premises[-1][1:])
    if some:
        premises.insert(0, ("Some", first, rest[0]))
    start, end = premises[0][1], rest[-1]
    kind = "Some" if some else "All"
    right = ("Some not" if some else "No") if negative else kind
    if draw.below(2):
        asked, yes = (right, start, end), True
    else:
        wrong = draw.pick((("All", end, start), ("All", start, end) if some or negative else ("All", end, rest[-2])))
        asked, yes = wrong, False
    say = {"All": "all {} are {}", "No": "no {} are {}", "Some": "some {} are {}", "Some not": "some {} are not {}"}

    def tell(sentence: tuple[str, str, str]) -> str:
        return say[sentence[0]].format(*sentence[1:])

    shuffled = draw.shuffle(premises)
    told = " ".join(f"{tell(p).capitalize()}." for p in shuffled)
    question = (
        f"{told} "
        + draw.pick(
            (
                "Does it follow that {}?",
                "Can one conclude that {}?",
                "Must it be true that {}?",
                "Is it certain that {}?",
            )
        ).format(tell(asked))
        + draw.pick((" Answer yes or no.", " Say yes or no.", " (yes/no)"))
    )
    if yes:
        return question, _derive(draw, premises, tell), "yes"
    return question, _refute(draw, premises, shuffled, asked, [first, *rest] if some else rest, tell), "no"


def _derive(draw: Draw, premises: Sequence[tuple[str, str, str]], tell: object) -> list[str]:
    assert callable(tell)
    wording = draw.pick(("{} and {}, so {}", "From {} and {} it follows that {}"))
    steps, now = [], premises[0]
    for premise in premises[1:]:
        kind = now[0] if premise[0] == "All" else "Some not" if now[0] == "Some" else "No"
        after = (kind, now[1], premise[2])
        steps.append(wording.format(tell(now), tell(premise), tell(after)))
        now = after
    if not steps:
        steps.append(f"It is given that {tell(now)}")
    return steps


def _refute(
    draw: Draw,
    premises: Sequence[tuple[str, str, str]],
    told: Sequence[tuple[str, str, str]],
    asked: tuple[str, str, str],
    terms: Sequence[str],
    tell: object,
) -> list[str]:
    """A small world in which all premises hold and the sentence that was asked does not."""
    assert callable(tell)
    things: list[set[str]] = []
    if premises[0][0] == "Some":  # somebody has to be in the chain
        things.append(_close({premises[0][1], premises[0][2]}, premises))
    against = _close({asked[1]}, premises)
    assert asked[2] not in against, "the sentence does not follow"
    things.append(against)
    names = ("X", "Y", "Z")
    steps = []
    for name, thing in zip(names, things, strict=False):
        inside = [t for t in terms if t in thing]
        outside = [t for t in terms if t not in thing]
        steps.append(f"Let {name} belong to {join(inside)}" + (f", not to {join(outside)}" if outside else ""))
    wording = draw.pick(("There {} holds", "With only these things, {} is true"))
    steps += [wording.format(f'"{tell(p)}"') for p in told]
    steps.append(f'But "{tell(asked)}" fails for {names[len(things) - 1]}')
    return steps


def _close(thing: set[str], premises: Sequence[tuple[str, str, str]]) -> set[str]:
    """Everything that something of these kinds must be as well; chains are told in order."""
    for kind, one, two in premises:
        if kind == "All" and one in thing:
            thing.add(two)
    return thing


_RANKS = (
    ("finished a race", "finished before", "finished after", "in the race"),
    ("stand in a queue", "stands before", "stands behind", "in the queue"),
    ("are of different height", "is taller than", "is shorter than", "by height, tallest first"),
    ("have different ages", "is older than", "is younger than", "by age, oldest first"),
    ("sit in a row", "sits left of", "sits right of", "in the row from the left"),
    ("gave talks", "spoke before", "spoke after", "in the programme"),
)


def make_ordering(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Who is at a place in a row that some clues settle."""
    n = dials["persons"]
    row = draw.sample(NAMES, n)
    what, before, after, where = draw.pick(_RANKS)
    clues = [(i, i + 1) for i in range(n - 1)]
    for _ in range(dials["more"]):
        i, j = sorted(draw.sample(range(n), 2))
        if (i, j) not in clues:
            clues.append((i, j))
    clues = draw.shuffle(clues)
    told = []
    for i, j in clues:
        told.append(f"{row[i]} {before} {row[j]}." if draw.below(2) else f"{row[j]} {after} {row[i]}.")
    place = draw.between(1, n)
    ask = draw.pick(("Who is at place {} {}?", "Which person has place {} {}?", "Name the one at place {} {}."))
    question = f"{join(draw.shuffle(row))} {what}. {' '.join(told)} {ask.format(place, where)}"
    wording = draw.pick(
        ("Of {}, only {} comes after none of the others: place {}", "Among {}, nobody is ahead of {}: place {}")
    )
    left = draw.shuffle(row)
    steps = []
    for i, name in enumerate(row, 1):
        if len(left) == 1:
            steps.append(f"{name} is left for place {i}")
            break
        steps.append(wording.format(join(left), name, i))
        left.remove(name)
    check = draw.pick(("Check: {} at {} is ahead of {} at {}", "{} at place {} is ahead of {} at place {}"))
    steps += [check.format(row[i], i + 1, row[j], j + 1) for i, j in clues]
    steps.append(f"So place {place} is {row[place - 1]}")
    return question, steps, row[place - 1]


FAMILIES = (
    Family(
        "truth_table", "logic", "rows in which a formula is true", "an integer",
        (
            Dial("letters", (2, 2, 2, 3, 3, 3, 3, 4, 4, 4), 2, 4, "letters"),
            Dial("operations", (2, 2, 3, 3, 5, 6, 7, 7, 8, 9), 1, 16, "operations on two sides"),
        ),
        make_truth_table,
    ),
    Family(
        "knights", "logic", "who tells the truth", "`Ann is a knight, Bo is a knave`, in the order of the question",
        (Dial("persons", (2, 2, 2, 3, 3, 3, 3, 4, 4, 4), 2, 4, "persons"),),
        make_knights,
    ),
    Family(
        "syllogism", "logic", "whether a sentence follows", "`yes` or `no`",
        (Dial("links", (2, 2, 2, 3, 3, 4, 4, 5, 6, 7), 2, 10, "links of the chain"),),
        make_syllogism,
    ),
    Family(
        "ordering", "logic", "who is at a place", "a name",
        (
            Dial("persons", (3, 3, 4, 4, 5, 5, 6, 6, 7, 8), 2, 12, "persons"),
            Dial("more", (0, 0, 0, 1, 1, 2, 2, 2, 3, 3), 0, 12, "clues more than needed, at most"),
        ),
        make_ordering,
    ),
)  # fmt: skip
