"""Programs: every trace that is made passes, and what is not so does not."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.programs import CHECKERS
from sundog.lib.reasoning.make import make_problems

FAMILIES = tuple(CHECKERS)
LIST = "Take the list [3, 10, 2]. 1. Sort it in ascending order. 2. Append 4. 3. Keep only the even numbers. Which list is left?"
LIST_STEPS = (
    "Start: [3, 10, 2]",
    "Sort it in ascending order: [2, 3, 10]",
    "Append 4 gives [2, 3, 10, 4]",
    "Keep only the even numbers -> [2, 10, 4]",
)
WORD = (
    'The string is "kata". Replace every a by o. Swap the first and the last letter. Put st in front. What is it now?'
)
WORD_STEPS = (
    "Start: kata",
    "Replace every a by o: koto",
    "Swap the first and the last letter: ootk",
    "Put st in front: stootk",
)
LOOP = """What does this program print?

a = 1
b = 2
for i in range(0, 2):
    a = a - b + i
    b = b - 5
print(a)"""
LOOP_STEPS = (
    "i = 0: a = 1 - 2 + 0 = -1, b = 2 - 5 = -3",
    "For i = 1, a = -1 - (-3) + 1 = 3 and b = -3 - 5 = -8",
    "Printed is a = 3",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 500


@pytest.mark.parametrize("family", FAMILIES)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer"),
    [
        ("list_program", LIST, LIST_STEPS, "[2, 10, 4]"),
        ("string_program", WORD, WORD_STEPS, "stootk"),
        ("loop_program", LOOP, LOOP_STEPS, "3"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        # Sorted as words, not as numbers; then in harmony with itself.
        ("list_program", LIST, (LIST_STEPS[0], "Sort it in ascending order: [10, 2, 3]", "Append 4: [10, 2, 3, 4]", "Keep only the even numbers: [10, 2, 4]"), "[10, 2, 4]", 1),
        ("list_program", LIST, (*LIST_STEPS[:3], "Keep only the odd numbers: [3]"), "[3]", 3),
        ("list_program", LIST, LIST_STEPS, "2, 10, 4", 4),
        ("list_program", LIST, LIST_STEPS[1:], "[2, 10, 4]", 3),
        ("list_program", LIST.replace("2. Append", "3. Append"), LIST_STEPS, "[2, 10, 4]", -1),
        ("list_program", LIST.replace("Append 4", "Shuffle it"), LIST_STEPS, "[2, 10, 4]", -1),
        # Only the first is replaced.
        ("string_program", WORD, (WORD_STEPS[0], "Replace every a by o: kota", *WORD_STEPS[2:]), "stootk", 1),
        ("string_program", WORD, WORD_STEPS, '"stootk"', 4),
        ("string_program", WORD.replace("every a by o", "every o by a"), WORD_STEPS, "stootk", -1),
        # b changes before a reads it, in harmony with itself.
        ("loop_program", LOOP, ("i = 0: a = 1 - (-3) + 0 = 4, b = 2 - 5 = -3", "i = 1: a = 4 - (-8) + 1 = 13, b = -3 - 5 = -8", "Printed is a = 13"), "13", 0),
        # One round too many: the end of a range is not part of it.
        ("loop_program", LOOP, (*LOOP_STEPS[:2], "i = 2: a = 3 - (-8) + 2 = 13, b = -8 - 5 = -13", "Printed is a = 13"), "13", 4),
        ("loop_program", LOOP, ("i = 0: a = 1 - 2 + 0 = -1, b = 2 - 5 = -3", "i = 1: a = -1 - -3 + 1 = 3, b = -3 - 5 = -8", "Printed is a = 3"), "3", 1),
        ("loop_program", LOOP, (*LOOP_STEPS[:2], "Printed is b = -8"), "-8", 2),
        ("loop_program", LOOP.replace("print(a)", "print(b)"), LOOP_STEPS, "3", -1),
        ("loop_program", LOOP.replace("- b + i", "- c + i"), LOOP_STEPS, "3", -1),
        ("loop_program", LOOP.replace("range(0, 2)", "range(0, 999999)"), LOOP_STEPS, "3", 3),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step


@given(st.lists(st.integers(0, 999), min_size=3, max_size=9), st.integers(1, 9))
def test_any_list_is_followed(numbers: list[int], n: int) -> None:
    """The trace is written by this test with Python's own lists."""
    states = [numbers, numbers[::-1], [x * 3 for x in numbers[::-1]], [x * 3 + n for x in numbers[::-1]]]
    moves = ("Reverse it", "Multiply each number by 3", f"Add {n} to each number")
    steps = [f"{move} -> {state}" for move, state in zip(("Start", *moves), states, strict=True)]
    question = f"The list is {numbers}. {'. '.join(moves)}. What is the list now?"
    assert find_fault_in(CHECKERS["list_program"], question, steps, str(states[-1])) is None
    assert find_fault_in(CHECKERS["list_program"], question, steps, str([*states[-1], 0])) is not None


def test_a_printed_program_prints_what_python_prints() -> None:
    """Python itself runs the code of the questions."""
    problems = [p for level in (1, 5, 10) for p in make_problems("loop_program", level, {}, Key.root(6), range(40))]
    codes = [next(b for b in p.question.split("\n\n") if "print(" in b).replace("×", "*") for p in problems]
    ran = subprocess.run(
        [sys.executable, "-I", "-c", "\n".join(codes)], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == [p.answer for p in problems]


def test_no_letter_is_replaced_by_itself() -> None:
    """A line that does nothing teaches nothing."""
    for problem in make_problems("string_program", 8, {}, Key.root(9), range(300)):
        for line in problem.question.split(". "):
            words = line.split()
            if words[:2] == ["Replace", "every"]:
                assert words[2] != words[4]
