"""Counting and probability: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.counting import CHECKERS

FAMILIES = tuple(CHECKERS)
WORDS = "How many anagrams does BEEBE have, itself counted?"
WORDS_STEPS = (
    "5 letters: 5! = 120",
    "B comes 2 times: 2! = 2, and 120 ÷ 2 = 60",
    "E comes 3 times: 3! = 6, and 60 ÷ 6 = 10",
    "That makes 10",
)
CLUB = "A club has 5 women and 4 men. A committee needs 2 women and 1 man. In how many ways can it be formed?"
CLUB_STEPS = ("women: (5 × 4) ÷ (2 × 1) = 20 ÷ 2 = 10", "men: 4 ÷ 1 = 4 ÷ 1 = 4", "10 × 4 = 40")
GRID = (
    "The floor of the hall has 3 rows and 3 columns of tiles. Ann walks from the top left tile (1, 1) to the bottom right one, always one "
    "tile right or down. Broken tiles (row, column) that must not be used: (1, 3) and (2, 2). How many ways are there?"
)
GRID_STEPS = ("Row 1: 1, 1, 0", "Row 2: 1, 0, 0", "Row 3: 1, 1, 1", "The last cell has 1 ways")
URN = (
    "A jar holds 2 red and 3 blue balls. They are drawn one by one and not put back. What is the probability of the order red and blue? "
    "Give a fraction in lowest terms."
)
URN_STEPS = ("Draw 1: 2/5 for red", "Draw 2: 3/4 for blue", "2/5 × 3/4 = 6/20", "6/20 = 3/10")
WHEELS = (
    "Two spinners have equally likely numbers: 1 and 3 on the first and 2, 2 and 5 on the second. How likely is a sum of more than 4? "
    "Answer with a reduced fraction."
)
WHEELS_STEPS = (
    "1 + 2 = 3, 1 + 2 = 3, 1 + 5 = 6: 1 of them, 1 so far",
    "3 + 2 = 5, 3 + 2 = 5, 3 + 5 = 8: 3 of them, 4 so far",
    "2 × 3 = 6 pairs",
    "4/6 = 2/3",
)  # fmt: skip


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


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer"),
    [
        ("arrangements", WORDS, WORDS_STEPS, "10"),
        ("committees", CLUB, CLUB_STEPS, "40"),
        ("grid_paths", GRID, GRID_STEPS, "1"),
        ("urn", URN, URN_STEPS, "3/10"),
        ("wheels", WHEELS, WHEELS_STEPS, "2/3"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        ("arrangements", WORDS, (*WORDS_STEPS[:2], "That makes 60"), "60", 3),
        ("arrangements", WORDS, ("5 letters: 5! = 100", "B comes 2 times: 2! = 2, and 100 ÷ 2 = 50", "E comes 3 times: 3! = 6, and 50 ÷ 6 = 8", "That makes 8"), "8", 0),
        ("arrangements", WORDS, (WORDS_STEPS[0], WORDS_STEPS[2].replace("60 ÷ 6 = 10", "120 ÷ 6 = 20"), "B comes 2 times: 2! = 2, and 20 ÷ 2 = 10", WORDS_STEPS[3]), "10", 1),
        ("arrangements", WORDS, WORDS_STEPS, "10 orders", 4),
        ("arrangements", WORDS.replace("BEEBE", "BEEBO"), WORDS_STEPS, "10", 2),
        ("committees", CLUB, ("women: (5 × 4) ÷ (2 × 1) = 20 ÷ 2 = 10", "men: 4 ÷ 1 = 4 ÷ 1 = 4", "10 + 4 = 14"), "14", 2),
        ("committees", CLUB, ("women: 5 × 4 = 20", *CLUB_STEPS[1:]), "40", 0),
        ("committees", CLUB, (CLUB_STEPS[1], CLUB_STEPS[0], CLUB_STEPS[2]), "40", 0),
        ("committees", CLUB, CLUB_STEPS, "41", 3),
        ("committees", CLUB.replace("1 man.", "1 men."), CLUB_STEPS, "40", -1),
        ("committees", CLUB.replace("2 women", "6 women"), CLUB_STEPS, "40", -1),
        ("committees", CLUB.replace("4 men", "4 boys"), CLUB_STEPS, "40", -1),
        # A blocked cell is walked through, in harmony with itself.
        ("grid_paths", GRID, ("Row 1: 1, 1, 0", "Row 2: 1, 2, 2", "Row 3: 1, 3, 5", "The last cell has 5 ways"), "5", 1),
        ("grid_paths", GRID, ("Row 1: 1, 1, 0", "Row 2: 1, 0, 0", "Row 3: 1, 1, 2", "The last cell has 2 ways"), "2", 2),
        ("grid_paths", GRID, GRID_STEPS[1:], "1", 3),
        ("grid_paths", GRID, GRID_STEPS, "0", 4),
        ("grid_paths", GRID.replace("(2, 2)", "(4, 2)"), GRID_STEPS, "1", -1),
        ("grid_paths", GRID.replace("(2, 2)", "(3, 3)"), GRID_STEPS, "1", -1),
        ("grid_paths", GRID.replace("(2, 2)", "(1, 3)"), GRID_STEPS, "1", -1),
        # The ball is put back.
        ("urn", URN, ("Draw 1: 2/5 for red", "Draw 2: 3/5 for blue", "2/5 × 3/5 = 6/25", "6/25 is in lowest terms"), "6/25", 1),
        ("urn", URN, (*URN_STEPS[:3], "6/20 is in lowest terms"), "6/20", 3),
        ("urn", URN, URN_STEPS, "6/20", 4),
        ("urn", URN, URN_STEPS[:3], "3/10", 3),
        ("urn", URN.replace("red and blue?", "red, red and red?"), (URN_STEPS[0], "Draw 2: 1/4 for red", "Draw 3: 0/3 for red", "2/5 × 1/4 × 0/3 = 0/60", "0/60 = 0"), "0", -1),
        ("wheels", WHEELS, ("1 + 2 = 3, 1 + 5 = 6: 1 of them, 1 so far", "3 + 2 = 5, 3 + 5 = 8: 2 of them, 3 so far", "2 × 2 = 4 pairs", "3/4 is in lowest terms"), "3/4", 0),
        ("wheels", WHEELS, (WHEELS_STEPS[1], WHEELS_STEPS[0], *WHEELS_STEPS[2:]), "2/3", 0),
        ("wheels", WHEELS, WHEELS_STEPS, "4/6", 4),
        ("wheels", WHEELS.replace("more than", "exactly"), WHEELS_STEPS, "2/3", 0),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step, found


@settings(max_examples=40, deadline=None)
@given(st.text("ABC", min_size=1, max_size=6))
def test_anagrams_are_counted_one_by_one(word: str) -> None:
    """The answer that passes is the number of orders that are written down."""
    ways = len(set(permutations(word)))
    left = math.factorial(len(word))
    steps = [f"{len(word)} letters: {len(word)}! = {left}"]
    for letter in dict.fromkeys(word):
        if (times := word.count(letter)) > 1:
            f = math.factorial(times)
            steps.append(f"{letter} comes {times} times: {times}! = {f}, and {left} ÷ {f} = {left // f}")
            left //= f
    steps.append(f"That makes {ways}")
    question = f"Count the arrangements of the letters {word}."
    assert find_fault_in(CHECKERS["arrangements"], question, steps, str(ways)) is None
    assert find_fault_in(CHECKERS["arrangements"], question, steps, str(ways + 1)) is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4))
def test_rows_of_balls_are_counted_one_by_one(red: int, blue: int) -> None:
    """The share of all orders of the single balls that begin red, blue."""
    orders = list(permutations("r" * red + "b" * blue, 2))
    share = Fraction(sum(o == ("r", "b") for o in orders), len(orders))
    n = red + blue
    question = f"An urn holds {red} red and {blue} blue beads. Without replacement, what is the probability to draw first to last red and blue? Give a fraction in lowest terms."
    raw = f"{red * blue}/{n * (n - 1)}"
    last = f"{raw} is in lowest terms" if raw == str(share) else f"{raw} = {share}"
    steps = (
        f"Draw 1: {red}/{n} for red",
        f"Draw 2: {blue}/{n - 1} for blue",
        f"{red}/{n} × {blue}/{n - 1} = {raw}",
        last,
    )
    assert find_fault_in(CHECKERS["urn"], question, steps, str(share)) is None
    assert (
        find_fault_in(CHECKERS["urn"], question, steps, str(1 - share) if share != Fraction(1, 2) else "1") is not None
    )
