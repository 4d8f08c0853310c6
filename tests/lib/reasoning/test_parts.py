"""Fractions, decimals and percents: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.parts import CHECKERS

PRECISE = Context(prec=60)
FRACTIONS = "What is 1/6 - 3/4 + 1/12? Give a fraction in lowest terms."
FRACTIONS_STEPS = (
    "The least common multiple of 6, 4 and 12 is 12",
    "1/6 = 2/12",
    "3/4 becomes 9/12",
    "Numerators: 2 - 9 + 1 = -6, so the sum is -6/12",
    "Divide both by 6: -6/12 = -1/2",
)
WHOLE = "Compute 1/2 + 1/3. Reduce the result fully."
WHOLE_STEPS = (
    "A common denominator of 2 and 3 is 6",
    "1/2 = 3/6",
    "1/3 = 2/6",
    "3 + 2 = 5, which is 5/6",
    "Nothing cancels in 5/6",
)
DECIMALS = "Evaluate 1.5 × 0.4 + 2."
DECIMALS_STEPS = (
    "Without the points: 15 × 4 = 60",
    "The factors have 1 + 1 = 2 places",
    "60 with 2 places is 0.6",
    "0.6 + 2 = 2.6",
)
PERCENT = "A coat costs 50 euros. It rises by 10%, then falls by 20%. Find the new price. Answer in euros."
PERCENT_STEPS = ("10% of 50 = 5, and 50 + 5 = 55", "20% of 55 is 11; 55 - 11 = 44")
RIGHT = (
    ("fractions", FRACTIONS, FRACTIONS_STEPS, "-1/2"),
    ("fractions", WHOLE, WHOLE_STEPS, "5/6"),
    ("decimals", DECIMALS, DECIMALS_STEPS, "2.6"),
    ("percent", PERCENT, PERCENT_STEPS, "44 euros"),
)
WRONG = (
    ("fractions", FRACTIONS.replace("1/6", "1/0"), FRACTIONS_STEPS, "-1/2", -1),
    ("fractions", FRACTIONS, ("The least common multiple of 6, 4 and 12 is 24", *FRACTIONS_STEPS[1:]), "-1/2", 0),
    ("fractions", FRACTIONS, ("The least common multiple of 4, 6 and 12 is 12", *FRACTIONS_STEPS[1:]), "-1/2", 0),
    (
        "fractions",
        FRACTIONS,
        (FRACTIONS_STEPS[0], FRACTIONS_STEPS[2], FRACTIONS_STEPS[1], *FRACTIONS_STEPS[3:]),
        "-1/2",
        1,
    ),
    ("fractions", FRACTIONS, (*FRACTIONS_STEPS[:3], "1/12 = 1/12", *FRACTIONS_STEPS[3:]), "-1/2", 3),
    (
        "fractions",
        FRACTIONS,
        (*FRACTIONS_STEPS[:3], "Numerators: 2 - 9 - 1 = -8, so the sum is -8/12", *FRACTIONS_STEPS[4:]),
        "-2/3",
        3,
    ),
    ("fractions", FRACTIONS, (*FRACTIONS_STEPS[:4], "Divide both by 3: -6/12 = -2/4"), "-2/4", 4),
    ("fractions", FRACTIONS, FRACTIONS_STEPS, "-6/12", 5),
    ("fractions", WHOLE, (*WHOLE_STEPS[:4], "Nothing cancels in 6/5"), "5/6", 4),
    ("decimals", DECIMALS, ("Without the points: 15 × 4 = 50", *DECIMALS_STEPS[1:]), "2.5", 0),
    ("decimals", DECIMALS, (*DECIMALS_STEPS[:2], "60 with 2 places is 0.60", DECIMALS_STEPS[3]), "2.6", 2),
    ("decimals", DECIMALS, (*DECIMALS_STEPS[:2], "60 with 2 places is 6", "6 + 2 = 8"), "8", 2),
    ("decimals", DECIMALS, DECIMALS_STEPS, "2.60", 4),
    ("percent", PERCENT.replace("in euros", "in pounds"), PERCENT_STEPS, "44 euros", -1),
    ("percent", PERCENT, (PERCENT_STEPS[0], "20% of 50 is 10; 55 - 10 = 45"), "45 euros", 1),
    ("percent", PERCENT, ("10% of 50 = 5, and 50 - 5 = 45", PERCENT_STEPS[1]), "44 euros", 0),
    ("percent", PERCENT, PERCENT_STEPS, "44", 2),
    ("percent", PERCENT, PERCENT_STEPS, "44 pounds", 2),
)


@pytest.mark.parametrize("family", CHECKERS)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", CHECKERS)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 800


@pytest.mark.parametrize("family", CHECKERS)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


@pytest.mark.parametrize(("family", "question", "steps", "answer"), RIGHT)
def test_what_is_right_passes(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains written by hand."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(("family", "question", "steps", "answer", "step"), WRONG)
def test_what_is_wrong_is_caught_where_it_stands(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The first step that does not hold is named: -1 is the question, one past the last the answer."""
    fault = find_fault_in(CHECKERS[family], question, steps, answer)
    assert fault is not None
    assert (fault.step, bool(fault.what)) == (step, True)


@given(st.integers(1, 10**6), st.integers(1, 6), st.integers(1, 10**6), st.integers(1, 6), st.integers(1, 10**6))
def test_decimals_that_python_multiplies_pass(a: int, p: int, b: int, q: int, c: int) -> None:
    """Numbers of any size, with the answer as Python's decimals write it."""

    def show(number: Decimal) -> str:
        return f"{number.normalize(PRECISE):f}"

    one, two = Decimal(a).scaleb(-p), Decimal(b).scaleb(-q)
    places = [len(show(n).partition(".")[2]) for n in (one, two)]
    bare = [int(show(n).replace(".", "")) for n in (one, two)]
    product, total = PRECISE.multiply(one, two), PRECISE.add(PRECISE.multiply(one, two), Decimal(c))
    steps = (
        f"Leave out the points: {bare[0]} × {bare[1]} = {bare[0] * bare[1]}",
        f"Places behind the point: {places[0]} + {places[1]} = {sum(places)}",
        f"Shift the point of {bare[0] * bare[1]} by {sum(places)} places: {show(product)}",
        f"Add: {show(product)} + {c} = {show(total)}",
    )
    question = f"Work out {show(one)} × {show(two)} + {c}."
    assert find_fault_in(CHECKERS["decimals"], question, steps, show(total)) is None
    assert find_fault_in(CHECKERS["decimals"], question, steps, show(total + 1)) is not None
