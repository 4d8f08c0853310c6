"""Whole numbers: sums, products, divisions and expressions, worked out as on paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import FIND, bracket, signed_terms

Tree: TypeAlias = "int | tuple[str, Tree, Tree]"

_TOTAL = ("{} {} {} = {}", "{} {} {} is {}", "{} {} {} makes {}", "The running total: {} {} {} = {}")


def _number(draw: Draw, digits: int) -> int:
    low = 10 ** (digits - 1)
    return draw.between(low, 10 * low - 1)


def _running(terms: list[int], wording: str) -> tuple[list[str], int]:
    total = terms[0]
    steps = []
    for term in terms[1:]:
        after = total + term
        steps.append(wording.format(total, "+" if term >= 0 else "-", abs(term), after))
        total = after
    return steps, total


def make_sums(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Additions and subtractions one after the other."""
    terms = [_number(draw, dials["digits"])]
    terms += [_number(draw, dials["digits"]) * (1 - 2 * draw.below(2)) for _ in range(dials["terms"] - 1)]
    if draw.below(3):
        question = draw.pick(FIND).format(signed_terms(terms))
    else:
        asked = draw.pick(("What is the result?", "Where do you end?", "Give the final number."))
        moves = " ".join(f"Add {t}." if t >= 0 else f"Subtract {-t}." for t in terms[1:])
        question = f"Start with {terms[0]}. {moves} {asked}"
    steps, total = _running(terms, draw.pick(_TOTAL))
    return question, steps, str(total)


def make_column_addition(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Two numbers added digit by digit, with carries."""
    a, b = _number(draw, dials["digits"]), _number(draw, dials["digits"])
    question = draw.pick(
        (
            "Add {} and {} column by column.",
            "Work out {} + {} digit by digit.",
            "What is {} + {}? Show every carry.",
            "Add the numbers {} and {}, starting with the ones.",
            "Find the sum of {} and {} with written addition.",
        )
    ).format(a, b)
    wording = draw.pick(
        (
            "Column {}: {} + {} + {} = {}, write {}, carry {}",
            "Place {}: {} + {} + {} = {}, digit {}, carry {}",
            "Digit {} from the right: {} + {} + {} = {}, so {} and carry {}",
        )
    )
    carry, steps = 0, []
    for place, (x, y) in enumerate(zip(reversed(str(a)), reversed(str(b)), strict=True), 1):
        total = int(x) + int(y) + carry
        steps.append(wording.format(place, x, y, carry, total, total % 10, total // 10))
        carry = total // 10
    steps.append(
        draw.pick(("With the last carry {} in front: {}", "The last carry is {}, so the sum is {}")).format(
            carry, a + b
        )
    )
    return question, steps, str(a + b)


def make_long_multiplication(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A product from the products with each digit."""
    a, b = _number(draw, dials["digits"]), _number(draw, dials["digits_right"])
    question = draw.pick((*FIND, "Multiply: {}.", "Find the product {}.")).format(f"{a} × {b}")
    wording = draw.pick(("{} × {} = {}", "{} × {} gives {}", "Partial product: {} × {} = {}"))
    parts = [int(d) * 10**place for place, d in enumerate(reversed(str(b))) if d != "0"]
    steps = [wording.format(a, part, a * part) for part in parts]
    more, total = _running([a * part for part in parts], draw.pick(_TOTAL))
    return question, steps + more, str(total)


def make_long_division(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A quotient and a remainder, digit by digit."""
    a, b = _number(draw, dials["digits"]), draw.between(2, 10 ** dials["digits_right"] - 1)
    form = draw.pick(("", ' Answer in the form "q remainder r".', " Give the quotient and the remainder."))
    question = (
        draw.pick(
            (
                "Divide {} by {}.",
                "What are the quotient and the remainder of {} divided by {}?",
                "Work out {} ÷ {} with the remainder.",
                "How often does the divisor fit? Divide {} by {}, with remainder.",
            )
        ).format(a, b)
        + form
    )
    wording = draw.pick(
        (
            "Bring down {}: {} ÷ {} = {} remainder {}",
            "Next digit {}: {} = {} × {} + {}",
            "Digit {}: {} : {} = {} rest {}",
        )
    )
    swap = "×" in wording
    rest, steps = 0, []
    for digit in str(a):
        now = rest * 10 + int(digit)
        q, rest = divmod(now, b)
        steps.append(wording.format(digit, now, *((q, b) if swap else (b, q)), rest))
    q, rest = divmod(a, b)
    steps.append(
        draw.pick(("So {} ÷ {} = {} remainder {}", "Together: {} ÷ {} = {} remainder {}")).format(a, b, q, rest)
    )
    return question, steps, f"{q} remainder {rest}"


def _grow(draw: Draw, operations: int, most: int) -> Tree:
    if operations == 0:
        return draw.between(1, most)
    left = draw.below(operations)
    sign = draw.pick("+-××")
    if sign == "×" and operations > 3:
        sign = "+"  # products of products grow beyond what anybody works out by hand
    return (sign, _grow(draw, left, most), _grow(draw, operations - 1 - left, most))


def _show(tree: Tree, above: str = "", right: bool = False) -> str:
    if isinstance(tree, int):
        return bracket(tree)
    sign, one, two = tree
    text = f"{_show(one, sign)} {sign} {_show(two, sign, True)}"
    loose = (above == "×" and (sign != "×" or right)) or (right and above in ("+", "-") and sign != "×")
    return f"({text})" if loose else text


def _reduce(tree: Tree, done: list[tuple[str, int, int, int]]) -> Tree:
    """The tree with its leftmost operation on two numbers worked out, which is noted in ``done``."""
    if isinstance(tree, int):
        return tree
    sign, one, two = tree
    if isinstance(one, int) and isinstance(two, int):
        value = one + two if sign == "+" else one - two if sign == "-" else one * two
        done.append((sign, one, two, value))
        return value
    if not isinstance(one, int):
        return (sign, _reduce(one, done), two)
    return (sign, one, _reduce(two, done))


def make_order_of_operations(draw: Draw, dials: Mapping[str, int]) -> Made:
    """An expression with brackets, one operation a step."""
    tree = _grow(draw, dials["operations"], dials["most"])
    question = draw.pick(FIND).format(_show(tree))
    wording = draw.pick(("{} {} {} = {}, which leaves {}", "{} {} {} = {}, so we have {}", "{} {} {} = {} -> {}"))
    steps = []
    while not isinstance(tree, int):
        done: list[tuple[str, int, int, int]] = []
        tree = _reduce(tree, done)
        sign, one, two, value = done[0]
        shown = str(tree) if isinstance(tree, int) else _show(tree)
        steps.append(wording.format(bracket(one), sign, bracket(two), value, shown))
    return question, steps, str(tree)


def make_powers(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Sums of powers."""
    terms = [
        (draw.between(2, dials["most"]), draw.between(2, dials["exponent"]), 1 if i == 0 else 1 - 2 * draw.below(2))
        for i in range(dials["terms"])
    ]
    shown = "".join(f" {'+' if s > 0 else '-'} {b}^{e}" for b, e, s in terms)[3:]
    question = draw.pick(FIND).format(shown)
    wording = draw.pick(("{}^{} = {} = {}", "The power {}^{} is {} = {}"))
    steps = [wording.format(b, e, " × ".join([str(b)] * e), b**e) for b, e, _ in terms]
    more, total = _running([s * b**e for b, e, s in terms], draw.pick(_TOTAL))
    return question, steps + more, str(total)


FAMILIES = (
    Family(
        "sums", "arithmetic", "additions and subtractions in a row", "an integer",
        (
            Dial("terms", (2, 2, 3, 3, 4, 4, 5, 6, 7, 8), 2, 30, "numbers"),
            Dial("digits", (2, 3, 3, 3, 3, 4, 4, 5, 5, 6), 1, 12, "digits of each"),
        ),
        make_sums,
    ),
    Family(
        "column_addition", "arithmetic", "two numbers added digit by digit", "an integer",
        (Dial("digits", (3, 3, 4, 5, 6, 7, 8, 9, 10, 12), 1, 14, "digits of each number"),),
        make_column_addition,
    ),
    Family(
        "long_multiplication", "arithmetic", "a product from partial products", "an integer",
        (
            Dial("digits", (4, 3, 3, 4, 5, 5, 6, 6, 7, 8), 1, 12, "digits of the left number"),
            Dial("digits_right", (1, 2, 2, 2, 3, 3, 3, 4, 4, 5), 1, 8, "digits of the right number"),
        ),
        make_long_multiplication,
    ),
    Family(
        "long_division", "arithmetic", "division with remainder, digit by digit", "`q remainder r`",
        (
            Dial("digits", (4, 4, 5, 5, 5, 6, 6, 7, 8, 9), 1, 14, "digits of the dividend"),
            Dial("digits_right", (1, 1, 1, 2, 2, 2, 2, 2, 3, 3), 1, 6, "most digits of the divisor"),
        ),
        make_long_division,
    ),
    Family(
        "order_of_operations", "arithmetic", "an expression with brackets", "an integer",
        (
            Dial("operations", (2, 2, 3, 3, 4, 4, 5, 6, 7, 8), 1, 16, "operations"),
            Dial("most", (20, 20, 20, 20, 30, 40, 40, 50, 50, 60), 2, 999, "greatest number"),
        ),
        make_order_of_operations,
    ),
    Family(
        "powers", "arithmetic", "sums of powers", "an integer",
        (
            Dial("terms", (3, 3, 3, 3, 4, 4, 4, 5, 5, 6), 1, 10, "powers"),
            Dial("exponent", (3, 3, 4, 4, 5, 5, 6, 6, 7, 8), 2, 12, "greatest exponent"),
            Dial("most", (18, 18, 20, 20, 20, 20, 20, 25, 25, 30), 2, 99, "greatest base"),
        ),
        make_powers,
    ),
)  # fmt: skip
