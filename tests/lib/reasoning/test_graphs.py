"""Sets and graphs: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.graphs import CHECKERS

FAMILIES = tuple(CHECKERS)
SETS = "Let A = {1, 2, 3}, B = {2, 3, 4} and C = {3}. What is (A ∩ B) \\ C? Write the set in ascending order."
SETS_STEPS = (
    "Given: A = {1, 2, 3}",
    "Given: B = {2, 3, 4}",
    "Given: C = {3}",
    "{1, 2, 3} ∩ {2, 3, 4} = {2, 3}",
    "{2, 3} \\ {3} = {2}",
)
VENN = "Of 20 people, 9 speak French, 8 speak Spanish and 5 speak both. How many speak none of these?"
VENN_STEPS = ("9 + 8 - 5 = 12", "The rest: 20 - 12 = 8")
THREE = (
    "Among 30 guests, 10 drink tea, 12 drink coffee, 8 drink juice, 4 drink tea and coffee, 3 drink tea and juice, "
    "2 drink coffee and juice and 1 drink all three. How many do nothing of the kind?"
)
THREE_STEPS = (
    "Singles: 10 + 12 + 8 = 30",
    "Pairs: 4 + 3 + 2 = 9",
    "At least one: 30 - 9 + 1 = 22",
    "Left over: 30 - 22 = 8",
)
PATH = "These roads join the towns, in km: A-B 5, A-C 2, C-B 2. Find the least total from A to B. Answer in km."
PATH_STEPS = (
    "A is settled at 0; from there B 0 + 5 = 5, C 0 + 2 = 2",
    "C is settled at 2; from there B 2 + 2 = 4",
    "B is settled at 4; from there nothing new",
    "So from A to B it takes 4 km",
)
ARROWS = "Arrows: A -> B, B -> C, D -> A. Is there a way from A to D along the arrows? Answer yes or no."
ARROWS_STEPS = (
    "From A one reaches B",
    "From B one reaches C",
    "From C one reaches nothing new",
    "Reached: A, B and C; D is not among them",
)
MAP = "Give each of K, L and M one of 3 colours, so that none of these pairs gets the same: K-L, L-M, K-M. How many ways are there?"
MAP_STEPS = (
    "K, first of its part: 3 - 0 = 3, and 1 × 3 = 3",
    "L, next to K: 3 - 1 = 2, and 3 × 2 = 6",
    "M, next to K and L: 3 - 2 = 1, and 6 × 1 = 6",
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
        ("set_operations", SETS, SETS_STEPS, "{2}"),
        ("venn", VENN, VENN_STEPS, "8"),
        ("venn", THREE, THREE_STEPS, "8"),
        ("shortest_path", PATH, PATH_STEPS, "4 km"),
        ("reachability", ARROWS, ARROWS_STEPS, "no"),
        ("colourings", MAP, MAP_STEPS, "6"),
    ],
)
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        ("set_operations", SETS, (*SETS_STEPS[:4], "{2, 3} \\ {3} = {2, 3}"), "{2, 3}", 4),
        ("set_operations", SETS, (*SETS_STEPS[:3], "{1, 2, 3} ∩ {2, 3, 4} = {3, 2}", SETS_STEPS[4]), "{2}", 3),
        ("set_operations", SETS, (*SETS_STEPS[:3], "{1, 2, 3} ∪ {2, 3, 4} = {1, 2, 3, 4}", "{1, 2, 3, 4} \\ {3} = {1, 2, 4}"), "{1, 2, 4}", 3),
        ("set_operations", SETS, (*SETS_STEPS[:4], "{2, 3} \\ {2} = {3}"), "{3}", 4),
        ("set_operations", SETS, ("Given: A = {1, 2}", *SETS_STEPS[1:]), "{2}", 0),
        ("set_operations", SETS, SETS_STEPS[3:], "{2}", 2),
        ("set_operations", SETS, SETS_STEPS, "{2}.", 5),
        ("set_operations", SETS, SETS_STEPS, "{ 2 }", 5),
        ("set_operations", SETS.replace("A = {1, 2, 3}", "A = {1, 1, 3}"), SETS_STEPS, "{2}", -1),
        ("set_operations", SETS.replace("(A ∩ B) \\ C", "A ∩ (B \\ C)"), SETS_STEPS, "{2}", -1),
        ("venn", VENN, ("9 + 8 + 5 = 22", "The rest: 20 - 22 = -2"), "-2", 0),
        ("venn", VENN, ("9 + 8 - 5 = 13", "The rest: 20 - 13 = 7"), "7", 0),
        ("venn", VENN, VENN_STEPS[1:], "8", 1),
        ("venn", VENN, VENN_STEPS, "-8", 2),
        # More speak both than speak one of the two; more speak one than there are.
        ("venn", VENN.replace("5 speak both", "9 speak both"), ("9 + 8 - 9 = 8", "The rest: 20 - 8 = 12"), "12", -1),
        ("venn", VENN.replace("Of 20", "Of 11"), ("9 + 8 - 5 = 12", "The rest: 11 - 12 = -1"), "-1", -1),
        ("venn", THREE, (*THREE_STEPS[:2], "At least one: 30 - 9 - 1 = 20", "Left over: 30 - 20 = 10"), "10", 2),
        ("venn", THREE.replace("drink tea and juice", "drink tea and coffee"), THREE_STEPS, "8", -1),
        ("shortest_path", PATH, ("A is settled at 0; from there B 0 + 5 = 5, C 0 + 2 = 2", "B is settled at 5; from there C 5 + 2 = 7", "So from A to B it takes 5 km"), "5 km", 3),
        ("shortest_path", PATH, (PATH_STEPS[0], "C is settled at 2; from there nothing new", *PATH_STEPS[2:]), "4 km", 1),
        ("shortest_path", PATH, (PATH_STEPS[1], PATH_STEPS[0], *PATH_STEPS[2:]), "4 km", 0),
        ("shortest_path", PATH, PATH_STEPS, "4", 4),
        ("shortest_path", PATH, PATH_STEPS, "4 miles", 4),
        ("shortest_path", PATH.replace("Answer in km", "Answer in miles"), PATH_STEPS, "4 miles", -1),
        ("shortest_path", PATH.replace("C-B 2", "D-E 2"), PATH_STEPS, "4 km", -1),
        ("reachability", ARROWS, ARROWS_STEPS, "yes", 4),
        # Against the direction of an arrow.
        ("reachability", ARROWS, ("From A one reaches B and D", "Reached: A, B and D; D is among them"), "yes", 0),
        ("reachability", ARROWS, (ARROWS_STEPS[0], ARROWS_STEPS[2], ARROWS_STEPS[3]), "no", 1),
        ("reachability", ARROWS, (*ARROWS_STEPS[:2], ARROWS_STEPS[3]), "no", 2),
        ("reachability", ARROWS, (*ARROWS_STEPS[:3], "Reached: A, B and C; D is among them"), "yes", 3),
        ("colourings", MAP, (*MAP_STEPS[:2], "M, next to L: 3 - 1 = 2, and 6 × 2 = 12"), "12", 2),
        ("colourings", MAP, (MAP_STEPS[1], MAP_STEPS[0], MAP_STEPS[2]), "6", 0),
        ("colourings", MAP, MAP_STEPS, "3", 3),
        ("colourings", MAP.replace("K-M", "K-N"), MAP_STEPS, "6", -1),
        # A ring of four: its last region has two neighbours that may be alike, so the product is not the number.
        ("colourings", "Give each of K, L, M and N one of 3 colours, so that none of these pairs gets the same: K-L, L-M, M-N, N-K. How many ways are there?", (
            MAP_STEPS[0], MAP_STEPS[1], "M, next to L: 3 - 1 = 2, and 6 × 2 = 12", "N, next to K and M: 3 - 2 = 1, and 12 × 1 = 12",
        ), "12", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step, found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=2, max_size=2), min_size=1, max_size=60))
def test_who_is_in_none_is_counted_person_by_person(people: list[list[bool]]) -> None:
    """The answer that passes is the one that comes from asking everybody."""
    french, spanish = (sum(p[i] for p in people) for i in (0, 1))
    both, none = (sum(p == [w, w] for p in people) for w in (True, False))
    question = f"Of {len(people)} people, {french} speak French, {spanish} speak Spanish and {both} speak both. How many speak none of these?"
    union = len(people) - none
    steps = (f"{french} + {spanish} - {both} = {union}", f"The rest: {len(people)} - {union} = {none}")
    assert find_fault_in(CHECKERS["venn"], question, steps, str(none)) is None
    assert find_fault_in(CHECKERS["venn"], question, steps, str(none + 1)) is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 5), st.sets(st.sampled_from(["AB", "AC", "BC"])))
def test_colourings_are_counted_one_by_one(colours: int, pairs: set[str]) -> None:
    """Trying all colourings of three nodes gives the number that passes."""
    edges = sorted(pairs) or ["AB"]
    ways = sum(all(c["ABC".index(a)] != c["ABC".index(b)] for a, b in edges) for c in product(range(colours), repeat=3))
    question = f"Count the proper colourings of the graph with nodes A, B and C and edges {', '.join('-'.join(e) for e in edges)}, with {colours} colours."
    total, steps = 1, []
    for i, node in enumerate("ABC"):
        near = [n for n in "ABC"[:i] if n + node in edges]
        place = f"next to {' and '.join(near)}" if near else "first of its part"
        free = colours - len(near)
        steps.append(f"{node}, {place}: {colours} - {len(near)} = {free}, and {total} × {free} = {total * free}")
        total *= free
    found = find_fault_in(CHECKERS["colourings"], question, steps, str(total))
    if edges == ["AC", "BC"]:
        assert found is not None  # A and B may be alike, so that C has no fixed number of colours left
    else:
        assert found is None
        assert total == ways
    assert math.prod([colours] * 3) > ways
