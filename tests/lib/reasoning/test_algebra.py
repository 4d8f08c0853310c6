"""Equations, sequences and polynomials: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.algebra import CHECKERS

LINEAR = "Solve 5x - 4 = -x + 8 for x."
LINEAR_STEPS = ("Add x on both sides: 6x - 4 = 8", "Add 4: 6x = 12", "Divide both sides by 6: x = 2")
PLAIN = "Find k, if 3k + 1 = 2k - 6."
PLAIN_STEPS = ("Subtract 2k from both sides: k + 1 = -6", "Subtract 1 from both sides: k = -7")
SYSTEM = "Solve the system 2x + 3y = 1 and x - y = 3. Answer as x = ..., y = ..."
SYSTEM_STEPS = (
    "Multiply the second equation by 2: 2x - 2y = 6",
    "Subtract the first from the second: -5y = 5",
    "Divide by -5: y = -1",
    "Put y = -1 into the first equation: 2x - 3 = 1",
    "So 2x = 4",
    "Divide by 2: x = 2",
)
SQUARE = 'Find both solutions of 2x^2 + 2x - 12 = 0. Answer in the form "r or s", smaller first.'
SQUARE_STEPS = (
    "Divide both sides by 2: x^2 + x - 6 = 0",
    "3 + (-2) = 1 and 3 × (-2) = -6",
    "It factors into (x + 3)(x - 2)",
    "x + 3 = 0 gives x = -3",
    "From x - 2 = 0 we get x = 2",
)
SEQUENCE = "Find the next term of 1, 4, 9, 16, ..."
SEQUENCE_STEPS = ("Differences: 3, 5, 7", "Differences: 2, 2", "7 + 2 = 9", "Go back up: 16 + 9 = 25")
VALUE = "Let f(x) = 2x^3 - x + 5. What is f(-2)?"
NESTED = ("2 × (-2) + 0 = -4", "(-4) × (-2) - 1 = 7", "7 × (-2) + 5 = -9")
TERMS = ("2 × (-2)^3 = -16", "(-1) × (-2)^1 = 2", "5 × (-2)^0 = 5", "-16 + 2 = -14", "-14 + 5 = -9")
RIGHT = (
    ("linear", LINEAR, LINEAR_STEPS, "2"),
    ("linear", PLAIN, PLAIN_STEPS, "-7"),
    ("two_unknowns", SYSTEM, SYSTEM_STEPS, "x = 2, y = -1"),
    ("quadratic", SQUARE, SQUARE_STEPS, "-3 or 2"),
    ("sequences", SEQUENCE, SEQUENCE_STEPS, "25"),
    ("polynomial", VALUE, NESTED, "-9"),
    ("polynomial", VALUE, TERMS, "-9"),
)
WRONG = (
    ("linear", LINEAR.replace("for x", "for y"), LINEAR_STEPS, "2", -1),
    ("linear", LINEAR.replace("-x + 8", "5x + 8"), LINEAR_STEPS, "2", -1),
    ("linear", LINEAR, ("Subtract x on both sides: 6x - 4 = 8", *LINEAR_STEPS[1:]), "2", 0),
    ("linear", LINEAR, (LINEAR_STEPS[0], "Add 4: 6x = 4", LINEAR_STEPS[2]), "2", 1),
    ("linear", LINEAR, (*LINEAR_STEPS[:2], "Divide by 6: x = -2"), "-2", 2),
    ("linear", LINEAR, LINEAR_STEPS, "x = 2", 3),
    ("linear", PLAIN, (*PLAIN_STEPS, "Divide by 1: k = -7"), "-7", 2),
    ("two_unknowns", SYSTEM.replace("x - y = 3", "2x + 3y = 3"), SYSTEM_STEPS, "x = 2, y = -1", -1),
    ("two_unknowns", SYSTEM.replace("x - y", "x - z"), SYSTEM_STEPS, "x = 2, y = -1", -1),
    ("two_unknowns", SYSTEM, ("Multiply the second equation by 2: 2x - 2y = 3", *SYSTEM_STEPS[1:]), "x = 2, y = -1", 0),
    ("two_unknowns", SYSTEM, (*SYSTEM_STEPS[:2], "Divide by 5: y = -1", *SYSTEM_STEPS[3:]), "x = 2, y = -1", 2),
    (
        "two_unknowns",
        SYSTEM,
        (*SYSTEM_STEPS[:3], "Put y = -1 into the first equation: 2x + 3 = 1", *SYSTEM_STEPS[4:]),
        "x = 2, y = -1",
        3,
    ),
    ("two_unknowns", SYSTEM, SYSTEM_STEPS, "y = -1, x = 2", 6),
    ("quadratic", SQUARE.replace("- 12", "- 11"), SQUARE_STEPS, "-3 or 2", -1),
    ("quadratic", SQUARE, SQUARE_STEPS[1:], "-3 or 2", 0),
    ("quadratic", SQUARE, (SQUARE_STEPS[0], "2 + (-3) = -1 and 2 × (-3) = -6", *SQUARE_STEPS[2:]), "-3 or 2", 1),
    ("quadratic", SQUARE, (*SQUARE_STEPS[:3], "x + 3 = 0 gives x = 3", SQUARE_STEPS[4]), "2 or 3", 3),
    ("quadratic", SQUARE, (*SQUARE_STEPS[:3], SQUARE_STEPS[4], SQUARE_STEPS[3]), "-3 or 2", 3),
    ("quadratic", SQUARE, SQUARE_STEPS, "2 or -3", 5),
    ("sequences", "Find the next term of 1, 4, 9, 17, ...", SEQUENCE_STEPS, "25", -1),
    ("sequences", SEQUENCE, ("Differences: 3, 5, 6", *SEQUENCE_STEPS[1:]), "25", 0),
    ("sequences", SEQUENCE, (*SEQUENCE_STEPS[:3], "16 + 7 = 23"), "23", 3),
    ("sequences", SEQUENCE, SEQUENCE_STEPS, "26", 4),
    ("polynomial", VALUE.replace("5. W", "5 + x^2. W"), NESTED, "-9", -1),
    ("polynomial", VALUE, ("2 × (-2) - 1 = -5", "(-5) × (-2) + 5 = 15"), "15", 0),
    ("polynomial", VALUE, (*NESTED[:2], "7 × (-2) + 5 = -8"), "-8", 2),
    ("polynomial", VALUE, (TERMS[0], "(-1) × (-2)^1 = -2", *TERMS[2:]), "-9", 1),
    ("polynomial", VALUE, (NESTED[0], *TERMS[1:]), "-9", 1),
    ("polynomial", VALUE, TERMS[:4], "-9", 4),
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


@given(st.integers(-99, 99), st.integers(-9, 9), st.integers(1, 9), st.integers(3, 8))
def test_a_square_rule_is_continued(start: int, first: int, second: int, shown: int) -> None:
    """The number that the rule gives is the one that the differences lead to, and no other is."""
    row = [start + first * n + second * n * (n - 1) // 2 for n in range(shown + 2)]
    known = row[:-1]
    first_row = [b - a for a, b in pairwise(known)]
    steps = (
        "Differences: " + ", ".join(map(str, first_row)),
        "Differences: " + ", ".join([str(second)] * (len(first_row) - 1)),
        f"{first_row[-1]} + {second} = {first_row[-1] + second}",
        f"{known[-1]} + {bracketed(first_row[-1] + second)} = {row[-1]}",
    )
    question = f"Find the next term of {', '.join(map(str, known))}, ..."
    assert find_fault_in(CHECKERS["sequences"], question, steps, str(row[-1])) is None
    assert find_fault_in(CHECKERS["sequences"], question, steps, str(row[-1] - 1)) is not None


def bracketed(number: int) -> str:
    return f"({number})" if number < 0 else str(number)
