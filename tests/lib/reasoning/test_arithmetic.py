"""Whole numbers: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.arithmetic import CHECKERS

SUM = "What is 5 - 12 + 40?"
SUM_STEPS = ("5 - 12 = -7", "The running total: -7 + 40 = 33")
START = "Start with 5. Subtract 12. Add 40. Where do you end?"
COLUMNS = "What is 57 + 68? Show every carry."
COLUMNS_STEPS = (
    "Column 1: 7 + 8 + 0 = 15, write 5, carry 1",
    "Column 2: 5 + 6 + 1 = 12, write 2, carry 1",
    "With the last carry 1 in front: 125",
)
PRODUCT = "Multiply: 23 × 104."
PRODUCT_STEPS = ("23 × 4 = 92", "23 × 100 = 2300", "92 + 2300 = 2392")
DIVISION = "Divide 125 by 6."
DIVISION_STEPS = (
    "Bring down 1: 1 ÷ 6 = 0 remainder 1",
    "Bring down 2: 12 ÷ 6 = 2 remainder 0",
    "Bring down 5: 5 ÷ 6 = 0 remainder 5",
    "So 125 ÷ 6 = 20 remainder 5",
)
ORDER = "Compute (2 - 7) × 3 + 4 × 5."
ORDER_STEPS = (
    "2 - 7 = -5, which leaves (-5) × 3 + 4 × 5",
    "(-5) × 3 = -15 -> (-15) + 4 × 5",
    "4 × 5 = 20, so we have (-15) + 20",
    "(-15) + 20 = 5 -> 5",
)
OTHER_ORDER = (
    "4 × 5 = 20 -> (2 - 7) × 3 + 20",
    "2 - 7 = -5 -> (-5) × 3 + 20",
    "(-5) × 3 = -15 -> (-15) + 20",
    "(-15) + 20 = 5 -> 5",
)
POWERS = "Evaluate 2^3 - 5^2."
POWERS_STEPS = ("2^3 = 2 × 2 × 2 = 8", "The power 5^2 is 5 × 5 = 25", "8 - 25 = -17")
RIGHT = (
    ("sums", SUM, SUM_STEPS, "33"),
    ("sums", START, SUM_STEPS, "33"),
    ("column_addition", COLUMNS, COLUMNS_STEPS, "125"),
    ("long_multiplication", PRODUCT, PRODUCT_STEPS, "2392"),
    ("long_division", DIVISION, DIVISION_STEPS, "20 remainder 5"),
    ("order_of_operations", ORDER, ORDER_STEPS, "5"),
    ("order_of_operations", ORDER, OTHER_ORDER, "5"),
    ("powers", POWERS, POWERS_STEPS, "-17"),
)
WRONG = (
    ("sums", "What is 5 - 12 + x?", SUM_STEPS, "33", -1),
    ("sums", "What is 5 - 12 + 40.", SUM_STEPS, "33", -1),
    ("sums", SUM, ("5 + 40 = 45", "45 - 12 = 33"), "33", 0),
    ("sums", SUM, ("5 - 12 = 7", "7 + 40 = 47"), "47", 0),
    ("sums", SUM, SUM_STEPS[:1], "33", 1),
    ("sums", SUM, (*SUM_STEPS, "33 + 0 = 33"), "33", 2),
    ("sums", SUM, SUM_STEPS, "+33", 2),
    (
        "column_addition",
        COLUMNS,
        (COLUMNS_STEPS[0], "Column 2: 5 + 6 + 0 = 11, write 1, carry 1", COLUMNS_STEPS[2]),
        "115",
        1,
    ),
    ("column_addition", COLUMNS, (*COLUMNS_STEPS[:2], "With the last carry 1 in front: 25"), "125", 2),
    ("long_multiplication", PRODUCT, ("23 × 4 = 92", "23 × 0 = 0", *PRODUCT_STEPS[1:]), "2392", 1),
    ("long_multiplication", PRODUCT, (PRODUCT_STEPS[1], PRODUCT_STEPS[0], "2300 + 92 = 2392"), "2392", 0),
    (
        "long_division",
        DIVISION,
        ("Bring down 1: 1 ÷ 6 = 0 remainder 1", "Bring down 2: 12 ÷ 6 = 1 remainder 6", *DIVISION_STEPS[2:]),
        "20 remainder 5",
        1,
    ),
    ("long_division", DIVISION, DIVISION_STEPS, "20 rest 5", 4),
    ("long_division", "Divide 125 by 0.", DIVISION_STEPS, "20 remainder 5", -1),
    ("order_of_operations", ORDER, ("7 × 3 = 21, which leaves 2 - 21 + 4 × 5", *ORDER_STEPS[1:]), "5", 0),
    ("order_of_operations", ORDER, ("2 - 7 = -5, which leaves (-5) × 3 + 20", *ORDER_STEPS[2:]), "5", 0),
    ("order_of_operations", ORDER, ORDER_STEPS[:3], "5", 3),
    ("order_of_operations", "Compute (2 - 7.", ORDER_STEPS, "5", -1),
    ("powers", POWERS, ("2^3 = 2 × 2 = 8", *POWERS_STEPS[1:]), "-17", 0),
    ("powers", POWERS, ("2^3 = 2 × 2 × 2 = 6", *POWERS_STEPS[1:]), "-19", 0),
    ("powers", POWERS, POWERS_STEPS, "17", 3),
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


@given(st.lists(st.integers(-999, 999).filter(bool), min_size=2, max_size=9).filter(lambda n: n[0] > 0))
def test_sums_that_python_adds_pass_and_one_more_does_not(numbers: list[int]) -> None:
    """A chain that is told here, against the sum of all its numbers."""
    asked = str(numbers[0]) + "".join(f" {'-' if n < 0 else '+'} {abs(n)}" for n in numbers[1:])
    totals = [sum(numbers[: i + 1]) for i in range(len(numbers))]
    steps = [
        f"{before} {'-' if n < 0 else '+'} {abs(n)} = {after}"
        for before, n, after in zip(totals, numbers[1:], totals[1:], strict=False)
    ]
    check = CHECKERS["sums"]
    assert find_fault_in(check, f"Compute {asked}.", steps, str(sum(numbers))) is None
    assert find_fault_in(check, f"Compute {asked}.", steps, str(sum(numbers) + 1)) is not None


@given(st.integers(0, 10**9), st.integers(1, 999))
def test_divisions_that_python_divides_pass(a: int, b: int) -> None:
    """Digit by digit, with the remainder carried on."""
    rest, steps = 0, []
    for digit in str(a):
        q, left = divmod(10 * rest + int(digit), b)
        steps.append(f"Next digit {digit}: {10 * rest + int(digit)} = {q} × {b} + {left}")
        rest = left
    steps.append(f"Together: {a} ÷ {b} = {a // b} remainder {a % b}")
    check = CHECKERS["long_division"]
    assert find_fault_in(check, f"Divide {a} by {b}.", steps, f"{a // b} remainder {a % b}") is None
    assert find_fault_in(check, f"Divide {a} by {b}.", steps, f"{a // b} remainder {a % b + b}") is not None
