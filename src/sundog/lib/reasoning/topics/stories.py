"""Word problems: money, journeys, work shared, proportions, and who has what."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import GOODS, NAMES, cents, join, ratio

_COINS = ("dollars", "euros", "pounds", "francs", "crowns")


def make_shopping(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Several goods at a price each, and the change."""
    name, coin = draw.pick(NAMES), draw.pick(_COINS)
    goods = draw.sample(GOODS, dials["goods"])
    bought = [(draw.between(2, 12), g, draw.between(4, dials["price"]) * 5) for g in goods]
    total = sum(n * p for n, _, p in bought)
    paid = -(-total // 1000) * 1000 + draw.below(3) * 1000
    told = join([f"{n} {g} at {cents(p)} {coin} each" for n, g, p in bought])
    question = draw.pick(
        (
            "{0} buys {1} and pays with {2} {3}. How much change does {0} get?",
            "At the market {0} takes {1}. {0} hands over {2} {3}. What is the change?",
            "{0} orders {1}, and gives {2} {3}. How much money comes back?",
            "A shop sells {0} {1}. {0} has {2} {3}. How much is left after paying?",
        )
    ).format(name, told, cents(paid), coin) + draw.pick((f" Answer in {coin}.", f" Give the amount in {coin}."))
    wording = draw.pick(("{} {}: {} × {} = {}", "For {} {}: {} × {} = {}"))
    steps = [wording.format(n, g, n, cents(p), cents(n * p)) for n, g, p in bought]
    so_far = bought[0][0] * bought[0][2]
    for n, _, p in bought[1:]:
        steps.append(f"{cents(so_far)} + {cents(n * p)} = {cents(so_far + n * p)}")
        so_far += n * p
    change = cents(paid - total)
    steps.append(
        draw.pick(("Change: {} - {} = {}", "Back comes {} - {} = {}")).format(cents(paid), cents(total), change)
    )
    return question, steps, f"{change} {coin}"


_RIDES = (
    ("drives", "km/h", "km"),
    ("cycles", "km/h", "km"),
    ("rides", "mph", "miles"),
    ("sails", "knots", "nautical miles"),
)


def make_journey(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The length and mean speed of a journey in legs."""
    name, (verb, speed, way) = draw.pick(NAMES), draw.pick(_RIDES)
    legs = [(draw.between(1, 9), draw.between(3, dials["speed"])) for _ in range(dials["legs"])]
    told = join([f"{h} {'hour' if h == 1 else 'hours'} at {v} {speed}" for h, v in legs])
    mean = draw.below(2) == 0
    question = draw.pick(("{} {} {}.", "On a journey {} {} {}.", "One day {} {} {}.")).format(name, verb, told)
    wording = draw.pick(("{} × {} = {} {}", "Leg: {} × {} = {} {}"))
    steps = [wording.format(h, v, h * v, way) for h, v in legs]
    distance, hours = legs[0][0] * legs[0][1], legs[0][0]
    for h, v in legs[1:]:
        steps.append(f"{distance} + {h * v} = {distance + h * v} {way}")
        distance += h * v
    if not mean:
        asked = draw.pick((" How far is that?", " What is the length of the journey?", " How long is the way?"))
        return f"{question}{asked} Answer in {way}.", steps, f"{distance} {way}"
    asked = draw.pick(
        (" What is the average speed?", " Find the mean speed of the whole journey.", " How fast is that on average?")
    )
    for h, _ in legs[1:]:
        steps.append(f"{hours} + {h} = {hours + h} hours")
        hours += h
    shared = math.gcd(distance, hours)
    answer = f"{ratio(distance // shared, hours // shared)} {speed}"
    steps.append(draw.pick(("Average: {} ÷ {} = {}", "Mean speed: {} ÷ {} = {}")).format(distance, hours, answer))
    return f"{question}{asked} Give an integer or a fraction in lowest terms, in {speed}.", steps, answer


_TASKS = (
    ("paint", "a fence"), ("dig", "a ditch"), ("type", "a manuscript"), ("build", "a wall"), ("clean", "a hall"), ("mow", "a meadow"),
    ("stack", "the wood"), ("sort", "the letters"), ("pave", "a yard"), ("pick", "the apples"),
)  # fmt: skip


def make_work(draw: Draw, dials: Mapping[str, int]) -> Made:
    """How long several take together."""
    names = draw.sample(NAMES, dials["workers"])
    times = [draw.between(2, dials["most"]) for _ in names]
    verb, thing = draw.pick(_TASKS)
    unit, one = draw.pick((("hours", "hour"), ("days", "day"), ("minutes", "minute")))
    told = join([f"{n} needs {t} {unit}" for n, t in zip(names, times, strict=True)])
    question = draw.pick(
        (
            "To {1} {2} alone, {0}. How long do they take together?",
            "Working alone to {1} {2}, {0}. In what time do they finish it together?",
            "{0} to {1} {2} alone. How many {3} do they need side by side?",
        )
    ).format(told, verb, thing, unit)
    question += f" Give {unit} as an integer or a fraction in lowest terms."
    wording = draw.pick(("In one {} {} does 1/{}", "Each {} {} does 1/{}"))
    steps = [wording.format(one, n, t) for n, t in zip(names, times, strict=True)]
    top, bottom = 1, times[0]
    for t in times[1:]:
        before = ratio(top, bottom)
        top, bottom = top * t + bottom, bottom * t
        shared = math.gcd(top, bottom)
        top, bottom = top // shared, bottom // shared
        steps.append(f"{before} + 1/{t} = {ratio(top, bottom)}")
    answer = f"{ratio(bottom, top)} {one if top == bottom else unit}"
    steps.append(draw.pick(("1 ÷ {} = {}", "So the whole takes 1 ÷ {} = {}")).format(ratio(top, bottom), answer))
    return question, steps, answer


_MAKERS = (
    ("machines", "parts"), ("bakers", "loaves"), ("printers", "pages"), ("hens", "eggs"), ("weavers", "mats"),
    ("pumps", "barrels"), ("robots", "boxes"), ("gardeners", "beds"), ("cooks", "meals"), ("clerks", "forms"),
    ("potters", "bowls"), ("tailors", "coats"), ("joiners", "tables"), ("smiths", "nails"), ("presses", "posters"),
    ("looms", "carpets"), ("ovens", "cakes"), ("painters", "signs"), ("florists", "wreaths"), ("cobblers", "boots"),
)  # fmt: skip


def make_proportion(draw: Draw, dials: Mapping[str, int]) -> Made:
    """What other makers make in another time, at the same rate."""
    who, what = draw.pick(_MAKERS)
    unit = draw.pick(("hours", "days", "minutes", "weeks"))
    most = dials["most"]
    rate = draw.between(2, most)
    (a, c), (t, s) = draw.sample(range(2, most + 2), 2), draw.sample(range(2, most + 2), 2)
    made = a * t * rate
    question = draw.pick(
        (
            "{0} {5} make {2} {6} in {1} {7}. How many {6} do {3} {5} make in {4} {7} at the same rate?",
            "In {1} {7}, {0} {5} make {2} {6}. At this rate, what do {3} {5} make in {4} {7}? Answer with the number of {6}.",
            "If {0} {5} need {1} {7} for {2} {6}, how many {6} can {3} {5} make in {4} {7}?",
        )
    ).format(a, t, made, c, s, who, what, unit)
    words = draw.pick(
        (
            ("One of them makes", "in one unit of time", "All", "In the whole time"),
            ("Each", "each time unit", "Together", "In total"),
        )
    )
    steps = [
        f"{words[0]} {made} ÷ {a} = {made // a}",
        f"{words[1].capitalize()} {made // a} ÷ {t} = {rate}",
        f"{words[2]} {c}: {rate} × {c} = {rate * c}",
        f"{words[3]} {s}: {rate * c} × {s} = {rate * c * s}",
    ]
    return question, steps, f"{rate * c * s} {what}"


_ONE = {"boxes": "box", "scarves": "scarf", "tomatoes": "tomato"}


def make_holdings(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Who has how many after some giving and taking."""
    thing = draw.pick(GOODS)
    names = draw.sample(NAMES, dials["persons"])
    have = {n: draw.between(5, dials["most"]) for n in names}
    told = [f"{n} has {have[n]} {thing}" for n in names]
    steps = [
        draw.pick(("At first: {}", "Start: {}", "In the beginning: {}")).format(join([f"{n} {have[n]}" for n in names]))
    ]
    moves = []
    ways = draw.sample(
        ("{0} gives {1} to {2}.", "{2} takes {1} from {0}.", "{0} hands {1} over to {2}.", "{2} gets {1} from {0}."), 2
    )
    for _ in range(dials["moves"]):
        rich = [n for n in names if have[n]]
        if draw.below(4) == 0 or not rich or len(names) == 1:
            one = draw.pick(names)
            if draw.below(2) and have[one]:
                n = draw.between(1, have[one])
                moves.append(f"{one} loses {n}.")
                steps.append(f"{one}: {have[one]} - {n} = {have[one] - n}")
                have[one] -= n
            else:
                n = draw.between(1, dials["most"])
                moves.append(f"{one} finds {n}.")
                steps.append(f"{one}: {have[one]} + {n} = {have[one] + n}")
                have[one] += n
            continue
        one = draw.pick(rich)
        two = draw.pick([n for n in names if n != one])
        n = draw.between(1, have[one])
        moves.append(draw.pick(ways).format(one, n, two))
        steps.append(f"{one}: {have[one]} - {n} = {have[one] - n}, {two}: {have[two]} + {n} = {have[two] + n}")
        have[one], have[two] = have[one] - n, have[two] + n
    who = draw.pick(names)
    asked = draw.pick(
        (
            "How many {} does {} have now?",
            "How many {} does {} have in the end?",
            "What is the number of {} that {} has?",
        )
    )
    steps.append(draw.pick(("{} has {}", "In the end {} has {}")).format(who, have[who]))
    answer = f"{have[who]} {_ONE.get(thing, thing[:-1]) if have[who] == 1 else thing}"
    return f"{join(told)}. {' '.join(moves)} {asked.format(thing, who)}", steps, answer


FAMILIES = (
    Family(
        "shopping", "word problems", "goods at a price each, and the change", "`10.25 euros`",
        (
            Dial("goods", (1, 2, 2, 3, 3, 4, 4, 5, 6, 7), 1, 12, "kinds of goods"),
            Dial("price", (40, 60, 100, 150, 200, 300, 400, 600, 800, 999), 5, 9999, "greatest price in steps of 0.05"),
        ),
        make_shopping,
    ),
    Family(
        "journey", "word problems", "length or mean speed of a journey in legs", "`360 km`, or `361/5 km/h`",
        (
            Dial("legs", (1, 2, 2, 3, 3, 4, 4, 5, 6, 7), 1, 12, "legs"),
            Dial("speed", (30, 50, 60, 80, 90, 110, 120, 120, 150, 150), 4, 999, "greatest speed"),
        ),
        make_journey,
    ),
    Family(
        "work", "word problems", "how long several take together", "an integer or a fraction, and the unit",
        (
            Dial("workers", (2, 2, 2, 2, 3, 3, 3, 4, 4, 5), 2, 8, "workers"),
            Dial("most", (6, 9, 12, 20, 24, 30, 36, 36, 40, 48), 2, 99, "longest time of one"),
        ),
        make_work,
    ),
    Family(
        "proportion", "word problems", "what others make in another time", "a number and what is made",
        (Dial("most", (7, 8, 10, 12, 25, 30, 40, 60, 80, 99), 3, 999, "greatest number of makers, times and rate"),),
        make_proportion,
    ),
    Family(
        "holdings", "word problems", "who has how many after giving and taking", "a number and the thing",
        (
            Dial("persons", (2, 2, 3, 3, 3, 4, 4, 5, 5, 6), 2, 12, "persons"),
            Dial("moves", (1, 2, 3, 3, 4, 5, 6, 7, 9, 12), 1, 40, "moves"),
            Dial("most", (15, 20, 20, 30, 60, 90, 90, 150, 200, 300), 5, 9999, "most that one has at first"),
        ),
        make_holdings,
    ),
)  # fmt: skip
