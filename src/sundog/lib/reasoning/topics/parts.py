"""Parts of one: fractions, decimals, percent."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import FIND, decimal, join, ratio

_LOWEST = ("Give a fraction in lowest terms.", "Answer with a fraction in lowest terms.", "Reduce the result fully.")


def make_fractions(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Sums and differences of fractions over their least common denominator."""
    terms = []
    for i in range(dials["terms"]):
        bottom = draw.between(2, dials["most"])
        top = draw.between(1, 2 * bottom)
        while math.gcd(top, bottom) > 1:
            top = draw.between(1, 2 * bottom)
        terms.append((top, bottom, 1 if i == 0 else 1 - 2 * draw.below(2)))
    shown = "".join(f" {'+' if s > 0 else '-'} {t}/{b}" for t, b, s in terms)[3:]
    question = f"{draw.pick(FIND).format(shown)} {draw.pick(_LOWEST)}"
    common = math.lcm(*(b for _, b, _ in terms))
    steps = [
        draw.pick(("The least common multiple of {} is {}", "A common denominator of {} is {}")).format(
            join([str(b) for _, b, _ in terms]), common
        )
    ]
    wording = draw.pick(("{}/{} = {}/{}", "{}/{} becomes {}/{}", "Expanded, {}/{} = {}/{}"))
    steps += [wording.format(t, b, t * common // b, common) for t, b, _ in terms if b != common]
    total = sum(s * t * common // b for t, b, s in terms)
    shown = "".join(f" {'+' if s > 0 else '-'} {t * common // b}" for t, b, s in terms)[3:]
    steps.append(
        draw.pick(("Numerators: {} = {}, so the sum is {}/{}", "{} = {}, which is {}/{}")).format(
            shown, total, total, common
        )
    )
    shared = math.gcd(total, common)
    answer = ratio(total // shared, common // shared)
    if shared > 1:
        steps.append(
            draw.pick(("Divide both by {}: {}/{} = {}", "Cancel {}: {}/{} = {}")).format(shared, total, common, answer)
        )
    else:
        steps.append(draw.pick(("{}/{} is in lowest terms", "Nothing cancels in {}/{}")).format(total, common))
    return question, steps, answer


def make_decimals(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A product of two decimals, and one more added."""
    sides = []
    for _ in range(2):
        places = draw.between(1, dials["places"])
        whole = draw.between(1, 10 ** dials["digits"] - 1)
        sides.append((whole * 10**places + draw.between(1, 10**places - 1), places))
    (a, p), (b, q) = sides
    a, p, b, q = *_trim(a, p), *_trim(b, q)
    places = draw.between(1, dials["places"])
    c, r = _trim(draw.between(11, 10 ** (dials["digits"] + places) - 1), places)
    shown = f"{decimal(a, p)} × {decimal(b, q)} + {decimal(c, r)}"
    question = draw.pick(FIND).format(shown)
    product = decimal(a * b, p + q)
    most = max(p + q, r)
    total = decimal(a * b * 10 ** (most - p - q) + c * 10 ** (most - r), most)
    steps = [
        draw.pick(("Without the points: {} × {} = {}", "Leave out the points: {} × {} = {}")).format(a, b, a * b),
        draw.pick(("Places behind the point: {} + {} = {}", "The factors have {} + {} = {} places")).format(
            p, q, p + q
        ),
        draw.pick(("{} with {} places is {}", "Shift the point of {} by {} places: {}")).format(a * b, p + q, product),
        draw.pick(("{} + {} = {}", "Add: {} + {} = {}")).format(product, decimal(c, r), total),
    ]
    return question, steps, total


def _trim(scaled: int, places: int) -> tuple[int, int]:
    while places and scaled % 10 == 0:
        scaled, places = scaled // 10, places - 1
    return scaled, places


_PRICED = (
    "coat",
    "bicycle",
    "camera",
    "guitar",
    "table",
    "carpet",
    "phone",
    "watch",
    "tent",
    "stove",
    "sofa",
    "drill",
    "printer",
    "kayak",
    "piano",
    "mirror",
    "helmet",
    "jacket",
    "fridge",
    "scooter",
)
_PRICES = ("A {} costs {} {}.", "The price of a {} is {} {}.", "A shop sells a {} for {} {}.")
_ASKED = ("What does it cost now?", "What is the price then?", "Find the new price.")


def make_percent(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A price that rises and falls by percents."""
    price, coin = draw.between(20, 10 ** dials["digits"]), draw.pick(("dollars", "euros", "pounds", "francs", "crowns"))
    rises = [
        draw.between(1, 60 // dials["step"]) * dials["step"] * (1 - 2 * draw.below(2)) for _ in range(dials["changes"])
    ]
    ways = draw.pick((("rises by {}%", "falls by {}%"), ("goes up by {}%", "goes down by {}%")))
    told = [ways[0 if r > 0 else 1].format(abs(r)) for r in rises]
    said = "It " + ", then ".join(told) + "."
    question = (
        f"{draw.pick(_PRICES).format(draw.pick(_PRICED), price, coin)} {said} {draw.pick(_ASKED)} Answer in {coin}."
    )
    wording = draw.pick(("{}% of {} = {}, and {} {} {} = {}", "{}% of {} is {}; {} {} {} = {}"))
    now, places, steps = price, 0, []
    for rise in rises:
        part, places = now * abs(rise), places + 2
        after = now * 100 + (part if rise > 0 else -part)
        before, share = decimal(now, places - 2), decimal(part, places)
        steps.append(
            wording.format(abs(rise), before, share, before, "+" if rise > 0 else "-", share, decimal(after, places))
        )
        now = after
    return question, steps, f"{decimal(now, places)} {coin}"


FAMILIES = (
    Family(
        "fractions", "arithmetic", "sums of fractions", "a fraction in lowest terms, or an integer",
        (
            Dial("terms", (2, 2, 2, 3, 3, 3, 4, 4, 5, 6), 2, 8, "fractions"),
            Dial("most", (16, 20, 24, 24, 24, 24, 24, 30, 30, 36), 2, 99, "greatest denominator"),
        ),
        make_fractions,
    ),
    Family(
        "decimals", "arithmetic", "a product of decimals and a sum", "a decimal without trailing zeros",
        (
            Dial("digits", (1, 1, 1, 2, 2, 2, 3, 3, 4, 4), 1, 6, "most digits before the point"),
            Dial("places", (1, 1, 2, 2, 2, 3, 3, 3, 4, 4), 1, 6, "most digits behind it"),
        ),
        make_decimals,
    ),
    Family(
        "percent", "arithmetic", "a price that rises and falls by percents", "a decimal and the currency",
        (
            Dial("changes", (1, 1, 2, 2, 2, 3, 3, 4, 4, 5), 1, 8, "rises and falls"),
            Dial("step", (10, 5, 5, 5, 1, 1, 1, 1, 1, 1), 1, 20, "what the percents are multiples of"),
            Dial("digits", (2, 3, 3, 3, 4, 4, 4, 4, 5, 5), 2, 8, "most digits of the price"),
        ),
        make_percent,
    ),
)  # fmt: skip
