"""Puzzles: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import pytest
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.puzzles import CHECKERS

FAMILIES = tuple(CHECKERS)
SQUARE = "1 2 3 4\n3 4 . 2\n2 . 4 3\n4 3 2 1"
ASKED = "Solve the 4x4 sudoku (digits 1 to 4, boxes of 2x2). What stands in row 3, column 2?\n\n{}"
SUDOKU = ASKED.format(SQUARE)
STEPS = (
    "Row 2, column 3: 2, 3, 4 are taken, so 1",
    "Row 3, column 2: 2, 3, 4 are taken, so 1",
    "So row 3, column 2 holds 1",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 400


@pytest.mark.parametrize("family", FAMILIES)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


def test_what_was_worked_out_by_hand_is_right() -> None:
    """A chain that no generator made."""
    assert find_fault_in(CHECKERS["sudoku"], SUDOKU, STEPS, "1") is None


@pytest.mark.parametrize(
    ("question", "steps", "answer", "step"),
    [
        (SUDOKU, STEPS, "2", 3),
        (SUDOKU, ("Row 2, column 3: 1, 3, 4 are taken, so 2", *STEPS[1:]), "1", 0),
        (SUDOKU, (STEPS[1], STEPS[0], STEPS[2]), "1", 0),
        (SUDOKU, STEPS[1:], "1", 2),
        (SUDOKU, (STEPS[0], STEPS[0], STEPS[2]), "1", 1),
        (SUDOKU, (*STEPS[:2], "So row 2, column 3 holds 1"), "1", 2),
        (SUDOKU.replace("row 3, column 2", "row 3, column 3"), STEPS, "1", 2),
        # Each row and column is whole, but a box has two of a digit.
        (ASKED.format("1 2 3 4\n2 3 4 1\n3 . 1 2\n4 1 2 3"), ("Row 3, column 2: 1, 2, 3 are taken, so 4", "So row 3, column 2 holds 4"), "4", -1),
        # Two rows may change places: two solutions.
        (ASKED.format("1 2 3 4\n3 4 1 2\n2 . 4 .\n4 . 2 ."), (*STEPS[:2], STEPS[2]), "1", -1),
        (ASKED.format("1 2 3 4\n3 4 . 2\n2 . 4 3"), STEPS, "1", -1),
        (ASKED.format("1 2 3 4\n3 4 . 2\n2 . 4 3\n4 3 2 5"), STEPS, "1", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(question: str, steps: tuple[str, ...], answer: str, step: int) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS["sudoku"], question, steps, answer)
    assert found is not None
    assert found.step == step, found
