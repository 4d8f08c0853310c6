"""Tables: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import pytest
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.tables import CHECKERS
from sundog.lib.reasoning.make import make_problems

FAMILIES = tuple(CHECKERS)
TEAMS = "name,team,votes\nAda,red,3\nBen,blue,4\nCarla,red,2"
TOTAL = f"{TEAMS}\n\nHow many votes has team red in total?"
TOTAL_STEPS = ("Ada (red, 3): 0 + 3 = 3", "Ben (blue, 4): left out", "Carla (red, 2): 3 + 2 = 5", "So the answer is 5")
MOST = f"Find the maximum of votes in team red.\n\n{TEAMS}"
MOST_STEPS = (
    "Ada (red, 3): greatest so far 3",
    "Ben (blue, 4): left out",
    "Carla (red, 2): greatest so far 3",
    "The result is 3",
)
COUNT = f"{TEAMS}\n\nHow many of team red have 3 or more votes?"
COUNT_STEPS = (
    "Ada (red, 3): 3 >= 3, counted so far 1",
    "Ben (blue, 4): left out",
    "Carla (red, 2): 2 < 3, counted so far 1",
    "So the answer is 1",
)
WHICH = f"{TEAMS}\n\nWhich team has the most votes in total?"
WHICH_STEPS = (
    "Ada: red 0 + 3 = 3",
    "Ben: blue 0 + 4 = 4",
    "Carla: red 3 + 2 = 5",
    "Totals: red 5 and blue 4, so red has the most",
)
BILL = """| item | price in euros |
| --- | --- |
| pens | 2 |
| hats | 1 |

customer,item,number
Ada,pens,3
Ben,hats,1

What is the bill of Ben? Answer in euros."""
BILL_STEPS = (
    "Ada, pens: 3 × 2 = 6, Ada so far 0 + 6 = 6",
    "Ben, hats: 1 × 1 = 1, Ben so far 0 + 1 = 1",
    "Ben spends 1 euro",
)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 700


@pytest.mark.parametrize("family", FAMILIES)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer"),
    [
        ("table_filter", TOTAL, TOTAL_STEPS, "5"),
        ("table_filter", MOST, MOST_STEPS, "3"),
        ("table_filter", COUNT, COUNT_STEPS, "1"),
        ("table_groups", WHICH, WHICH_STEPS, "red"),
        ("table_groups", WHICH, (*WHICH_STEPS[:3], "Totals: blue 4 and red 5, so red has the most"), "red"),
        ("table_join", BILL, BILL_STEPS, "1 euro"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        # The row of another team is counted, in harmony with itself.
        ("table_filter", TOTAL, (TOTAL_STEPS[0], "Ben (blue, 4): 3 + 4 = 7", "Carla (red, 2): 7 + 2 = 9", "So the answer is 9"), "9", 1),
        ("table_filter", TOTAL, ("Ada (red, 3): left out", "Ben (blue, 4): left out", "Carla (red, 2): 0 + 2 = 2", "So the answer is 2"), "2", 0),
        ("table_filter", TOTAL, TOTAL_STEPS[:1] + TOTAL_STEPS[2:], "5", 3),
        ("table_filter", TOTAL, (TOTAL_STEPS[0], TOTAL_STEPS[2], TOTAL_STEPS[1], TOTAL_STEPS[3]), "5", 1),
        ("table_filter", TOTAL, TOTAL_STEPS, "5 votes", 4),
        ("table_filter", TOTAL.replace("How many votes", "How many goals"), TOTAL_STEPS, "5", -1),
        ("table_filter", TOTAL.replace("team red", "team grey"), TOTAL_STEPS, "5", -1),
        ("table_filter", TOTAL.replace("Carla,red", "Ada,red"), TOTAL_STEPS, "5", -1),
        ("table_filter", MOST, (*MOST_STEPS[:2], "Carla (red, 2): greatest so far 2", "The result is 2"), "2", 2),
        ("table_filter", COUNT, ("Ada (red, 3): 3 < 3, counted so far 0", *COUNT_STEPS[1:]), "1", 0),
        ("table_groups", WHICH, (*WHICH_STEPS[:3], "Totals: red 5 and blue 4, so blue has the most"), "blue", 3),
        ("table_groups", WHICH, (*WHICH_STEPS[:3], "Totals: red 5, so red has the most"), "red", 3),
        ("table_groups", WHICH, WHICH_STEPS, "blue", 4),
        ("table_groups", WHICH.replace("Ben,blue,4", "Ben,blue,5"), ("Ada: red 0 + 3 = 3", "Ben: blue 0 + 5 = 5", *WHICH_STEPS[2:]), "red", -1),
        ("table_groups", WHICH.replace("the most", "the fewest"), WHICH_STEPS, "red", 3),
        ("table_join", BILL, (BILL_STEPS[0], "Ben, hats: 1 × 2 = 2, Ben so far 0 + 2 = 2", "Ben spends 2 euros"), "2 euros", 1),
        ("table_join", BILL, (*BILL_STEPS[:2], "Ada spends 6 euros"), "6 euros", 2),
        ("table_join", BILL, BILL_STEPS, "1 euros", 3),
        ("table_join", BILL.replace("Answer in euros", "Answer in pounds"), BILL_STEPS, "1 pound", -1),
        ("table_join", BILL.replace("| hats | 1 |", "| cups | 1 |"), BILL_STEPS, "1 euro", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step


def test_totals_never_tie_and_making_ends() -> None:
    """Small numbers and many teams tie at nearly every draw."""
    dials = {"rows": 12, "groups": 6, "most": 1}
    for problem in make_problems("table_groups", 1, dials, Key.root(4), range(300)):
        assert find_fault_in(CHECKERS["table_groups"], problem.question, problem.steps, problem.answer) is None
