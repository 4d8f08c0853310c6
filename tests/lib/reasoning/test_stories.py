"""Word problems: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.stories import CHECKERS

FAMILIES = tuple(CHECKERS)
SHOP = "Ada buys 3 pens at 1.05 euros each and 2 hats at 10.00 euros each and pays with 30.00 euros. How much change does Ada get? Answer in euros."
SHOP_STEPS = (
    "3 pens: 3 × 1.05 = 3.15",
    "For 2 hats: 2 × 10.00 = 20.00",
    "3.15 + 20.00 = 23.15",
    "Change: 30.00 - 23.15 = 6.85",
)
WAY = "Ben drives 1 hour at 50 km/h and 2 hours at 81 km/h."
MEAN = f"{WAY} What is the average speed? Give an integer or a fraction in lowest terms, in km/h."
MEAN_STEPS = (
    "1 × 50 = 50 km",
    "Leg: 2 × 81 = 162 km",
    "50 + 162 = 212 km",
    "1 + 2 = 3 hours",
    "Average: 212 ÷ 3 = 212/3 km/h",
)
FENCE = "To paint a fence alone, Ada needs 2 hours and Ben needs 2 hours. How long do they take together? Give hours as an integer or a fraction in lowest terms."
FENCE_STEPS = ("In one hour Ada does 1/2", "Each hour Ben does 1/2", "1/2 + 1/2 = 1", "1 ÷ 1 = 1 hour")
HENS = "If 3 hens need 2 days for 12 eggs, how many eggs can 5 hens make in 4 days?"
HENS_STEPS = ("Each 12 ÷ 3 = 4", "Each time unit 4 ÷ 2 = 2", "Together 5: 2 × 5 = 10", "In total 4: 10 × 4 = 40")
GIFTS = "Ada has 5 boxes and Ben has 7 boxes. Ada gives 4 to Ben. Ben loses 2. How many boxes does Ada have now?"
GIFTS_STEPS = ("Start: Ada 5 and Ben 7", "Ada: 5 - 4 = 1, Ben: 7 + 4 = 11", "Ben: 11 - 2 = 9", "Ada has 1")


@pytest.mark.parametrize("family", FAMILIES)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 800


@pytest.mark.parametrize("family", FAMILIES)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer"),
    [
        ("shopping", SHOP, SHOP_STEPS, "6.85 euros"),
        ("journey", f"{WAY} How far is that? Answer in km.", MEAN_STEPS[:3], "212 km"),
        ("journey", MEAN, MEAN_STEPS, "212/3 km/h"),
        ("work", FENCE, FENCE_STEPS, "1 hour"),
        ("proportion", HENS, HENS_STEPS, "40 eggs"),
        ("holdings", GIFTS, GIFTS_STEPS, "1 box"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        ("shopping", SHOP, ("3 pens: 3 × 1.50 = 4.50", "2 hats: 2 × 10.00 = 20.00", "4.50 + 20.00 = 24.50", "Change: 30.00 - 24.50 = 5.50"), "5.50 euros", 0),
        ("shopping", SHOP, SHOP_STEPS, "6.85", 4),
        ("shopping", SHOP, SHOP_STEPS, "6.85 dollars", 4),
        ("shopping", SHOP.replace("Answer in euros", "Answer in dollars"), SHOP_STEPS, "6.85 dollars", -1),
        ("shopping", SHOP.replace("does Ada", "does Ben"), SHOP_STEPS, "6.85 euros", -1),
        ("shopping", SHOP.replace("30.00", "20.00"), (*SHOP_STEPS[:3], "Change: 20.00 - 23.15 = -3.15"), "-3.15 euros", -1),
        # The mean of the speeds is not the mean speed.
        ("journey", MEAN, (*MEAN_STEPS[:4], "Average: 131 ÷ 2 = 131/2 km/h"), "131/2 km/h", 4),
        ("journey", MEAN, (*MEAN_STEPS[:4], "Average: 212 ÷ 3 = 424/6 km/h"), "424/6 km/h", 4),
        ("journey", MEAN, MEAN_STEPS, "70.67 km/h", 5),
        ("journey", MEAN.replace("drives", "sails"), MEAN_STEPS, "212/3 km/h", -1),
        ("journey", f"{WAY} How far is that? Answer in miles.", MEAN_STEPS[:3], "212 miles", -1),
        # Times are not added up.
        ("work", FENCE, (*FENCE_STEPS[:2], "2 + 2 = 4", "1 ÷ 1 = 4 hours"), "4 hours", 2),
        ("work", FENCE, (*FENCE_STEPS[:3], "1 ÷ 1 = 1 hours"), "1 hours", 3),
        ("work", FENCE, (*FENCE_STEPS[:2], "1/2 + 1/2 = 2/2", "1 ÷ 2/2 = 1 hour"), "1 hour", 2),
        ("proportion", HENS, ("Each 12 ÷ 2 = 6", "Each time unit 6 ÷ 3 = 2", *HENS_STEPS[2:]), "40 eggs", 0),
        ("proportion", HENS.replace("12 eggs", "13 eggs"), HENS_STEPS, "40 eggs", -1),
        ("proportion", HENS, HENS_STEPS, "40 hens", 4),
        ("holdings", GIFTS, GIFTS_STEPS, "1 boxes", 4),
        ("holdings", GIFTS, (*GIFTS_STEPS[:3], "Ben has 9"), "9 boxes", 3),
        ("holdings", GIFTS, (GIFTS_STEPS[0], "Ben: 7 - 2 = 5", "Ada: 5 - 4 = 1, Ben: 5 + 4 = 9", "Ada has 1"), "1 box", 1),
        ("holdings", GIFTS.replace("gives 4", "gives 6"), (GIFTS_STEPS[0], "Ada: 5 - 6 = -1, Ben: 7 + 6 = 13", "Ben: 13 - 2 = 11", "Ada has -1"), "-1 boxes", -1),
        ("holdings", GIFTS.replace("to Ben", "to Carla"), GIFTS_STEPS, "1 box", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step


@given(st.lists(st.tuples(st.integers(2, 12), st.integers(5, 999)), min_size=1, max_size=6), st.integers(0, 2))
def test_any_bill_is_added_up(bought: list[tuple[int, int]], rest: int) -> None:
    """The chain is written by this test in floating-point money, which is exact to the cent here."""
    goods = ("pens", "hats", "cups", "keys", "mugs", "eggs")
    told = [f"{n} {g} at {p / 100:.2f} euros each" for (n, p), g in zip(bought, goods, strict=False)]
    listed = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    costs = [n * p / 100 for n, p in bought]
    steps = [f"{n} {g}: {n} × {p / 100:.2f} = {c:.2f}" for (n, p), g, c in zip(bought, goods, costs, strict=False)]
    steps += [f"{sum(costs[:i]):.2f} + {costs[i]:.2f} = {sum(costs[: i + 1]):.2f}" for i in range(1, len(costs))]
    paid = sum(costs) + rest
    steps.append(f"Back comes {paid:.2f} - {sum(costs):.2f} = {rest}.00")
    question = f"Zoe buys {listed} and pays with {paid:.2f} euros. How much change does Zoe get? Answer in euros."
    assert find_fault_in(CHECKERS["shopping"], question, steps, f"{rest}.00 euros") is None
    assert find_fault_in(CHECKERS["shopping"], question, steps, f"{rest}.01 euros") is not None
