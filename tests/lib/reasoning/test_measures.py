"""Units, dates, ages and the clock: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.measures import CHECKERS
from sundog.lib.reasoning.make import make_problems

FAMILIES = tuple(CHECKERS)
METRES = "Convert 3 km and 1 m to m."
METRES_STEPS = ("3 km = 3 × 1000 m = 3000 m", "3000 + 1 = 3001 m")
APART = "Take 76 days apart into weeks and days. Use whole numbers, and as much of the larger units as fits."
APART_STEPS = ("1 week = 7 days: 76 ÷ 7 = 10 remainder 6", "The last remainder, 6, is the number of days")
LEAP = "28 February 2000 is a Monday. What weekday is 2 March 2000?"
LEAP_STEPS = (
    "February 2000 has 29 days: 29 - 28 = 1 to its end",
    "2 days of March 2000: 1 + 2 = 3",
    "3 = 0 × 7 + 3",
    "3 days after Monday is Thursday",
)
AGE = "Ada was born on May 3, 1980. Ben was born on June 1, 1990. How old are they together on May 20, 2010? Count completed years."
AGE_STEPS = (
    "Ada: 2010 - 1980 = 30, and the birthday May 3 is not after May 20, so 30 years",
    "Ben: 2010 - 1990 = 20, but the birthday June 1 is after May 20, so 20 - 1 = 19 years",
    "30 + 19 = 49",
)
CLOCK = "A train begins at 23:30, runs for 1 h, then waits for 45 min. When does it end? Answer as hh:mm on a 24-hour clock."
CLOCK_STEPS = ("23:30 + 1 h = 00:30", "00:30 + 45 min = 01:15")


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
        ("units", METRES, METRES_STEPS, "3001 m"),
        ("units", APART, APART_STEPS, "10 weeks and 6 days"),
        (
            "units",
            "How many inches are 1 foot and 1 inch?",
            ("1 foot is 1 × 12 inches = 12 inches", "12 + 1 = 13 inches"),
            "13 inches",
        ),
        ("weekday", LEAP, LEAP_STEPS, "Thursday"),
        (
            "days_between",
            "Count the days from 2024-02-28 until 2024-02-29.",
            ("Within February 2024: 29 - 28 = 1 day",),
            "1 day",
        ),
        ("age", AGE, AGE_STEPS, "49 years"),
        ("clock", CLOCK, CLOCK_STEPS, "01:15"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        # Wrong all along, and in harmony with itself.
        ("units", METRES, ("3 km = 3 × 100 m = 300 m", "300 + 1 = 301 m"), "301 m", 0),
        ("units", METRES, ("3 km = 3 × 1000 m = 3000 m", "3000 + 1 = 3001 cm"), "3001 m", 1),
        ("units", METRES, METRES_STEPS, "3001 cm", 2),
        ("units", METRES, METRES_STEPS, "3 km", 2),
        ("units", "Convert 3 km and 1 cm to cm.", METRES_STEPS, "3001 cm", -1),
        ("units", "Convert 1 km and 1 m to m.", ("1 kms = 1 × 1000 m = 1000 m", "1000 + 1 = 1001 m"), "1001 m", 0),
        ("units", "Convert 1 weeks and 1 day to days.", ("1 weeks = 1 × 7 days = 7 days", "7 + 1 = 8 days"), "8 days", -1),
        # Not as much of the larger unit as fits.
        ("units", APART, ("1 week = 7 days: 76 ÷ 7 = 9 remainder 13", "The last remainder, 13, is the number of days"), "9 weeks and 13 days", 0),
        ("units", APART, APART_STEPS, "6 days and 10 weeks", 2),
        # The calendar: 1900 and 2100 are no leap years, and the known weekday has to be true.
        ("weekday", LEAP.replace("Monday", "Tuesday"), LEAP_STEPS, "Friday", -1),
        ("weekday", LEAP, (*LEAP_STEPS[:3], "3 days after Monday is Friday"), "Friday", 3),
        ("weekday", LEAP, (*LEAP_STEPS[:2], "3 = 1 × 7 + -4", LEAP_STEPS[3]), "Thursday", 2),
        ("days_between", "Count the days from 2100-02-28 until 2100-03-01.", ("February 2100 has 29 days: 29 - 28 = 1 to its end", "1 day of March 2100: 1 + 1 = 2"), "2 days", 0),
        ("days_between", "Count the days from 2024-02-30 until 2024-03-01.", ("x",), "1 day", -1),
        ("days_between", "Count the days from 2024-03-02 until 2024-03-01.", ("Within March 2024: 1 - 2 = -1 days",), "-1 days", -1),
        ("age", AGE, ("Ada: 2010 - 1980 = 30, but the birthday May 3 is after May 20, so 30 - 1 = 29 years", *AGE_STEPS[1:]), "48 years", 0),
        ("age", AGE, (AGE_STEPS[1], AGE_STEPS[0], AGE_STEPS[2]), "49 years", 0),
        ("age", AGE, AGE_STEPS, "49", 3),
        ("clock", CLOCK, ("23:30 + 1 h = 24:30", "24:30 + 45 min = 01:15"), "01:15", 0),
        ("clock", CLOCK, ("23:30 + 45 min = 00:15", "00:15 + 1 h = 01:15"), "01:15", 0),
        ("clock", CLOCK, CLOCK_STEPS, "1:15", 2),
        ("clock", CLOCK.replace("When does it end?", "When did it begin?"), CLOCK_STEPS, "01:15", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 900))
def test_any_two_days_are_counted_as_the_calendar_counts_them(first: date, days: int) -> None:
    """The chain is written by this test, month by month, and read by the checker."""
    last = first + timedelta(days=days)
    steps, at, total = [], first, 0
    while (at.year, at.month) != (last.year, last.month):
        after = (at.replace(day=1) + timedelta(days=32)).replace(day=1)
        length = (after - timedelta(days=1)).day
        name = f"{at:%B} {at.year} has {length} days"
        left = (after - at).days - 1 if at == first else length
        steps.append(
            f"{name}: {length} - {first.day} = {left} to its end"
            if at == first
            else f"{name}: {total} + {length} = {total + length}"
        )
        total += left
        at = after
    days_of = f"{last.day} {'day' if last.day == 1 else 'days'}"
    if steps:
        steps.append(f"{days_of} of {last:%B} {last.year}: {total} + {last.day} = {days}")
    else:
        steps.append(
            f"Within {last:%B} {last.year}: {last.day} - {first.day} = {days} {'day' if days == 1 else 'days'}"
        )
    answer = f"{days} {'day' if days == 1 else 'days'}"
    question = f"Count the days from {first.isoformat()} until {last.isoformat()}."
    assert find_fault_in(CHECKERS["days_between"], question, steps, answer) is None
    assert find_fault_in(CHECKERS["days_between"], question, steps, f"{days + 1} days") is not None


def test_one_of_a_unit_is_written_in_the_singular() -> None:
    """``1 week``, ``1 foot``, ``1 inch``: never ``1 weeks``."""
    for family in FAMILIES:
        for problem in make_problems(family, 1, {}, Key.root(2), range(500)):
            texts = " ".join((problem.question, *problem.steps, problem.answer)).replace(",", "").split()
            for one, word in pairwise(texts):
                if one == "1":
                    assert word.strip(".?") not in (
                        "weeks",
                        "days",
                        "hours",
                        "feet",
                        "inches",
                        "litres",
                        "years",
                        "cups",
                    ), problem
