"""Logic: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import re

import pytest
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.lib.reasoning.checker.logic import CHECKERS
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.topics.logic import _noun

FAMILIES = tuple(CHECKERS)
TABLE = "For how many assignments of p and q is the formula p implies not q true?"
TABLE_STEPS = (
    "p = T, q = T: left side T, right side F, whole F",
    "p = T, q = F: left side T, right side T, whole T",
    "p = F, q = T: left side F, right side F, whole T",
    "p = F, q = F: left side F, right side T, whole T",
    "True in 3 of 4 rows",
)
KNIGHTS = (
    "Knights always tell the truth and knaves always lie. You meet Ann and Bob. "
    'Ann says: "at least 2 of us are knaves". Bob says: "Ann is a knave". '
    "Who is what? Answer in the form: Ann is a ..., Bob is a ..."
)
KNIGHTS_STEPS = (
    "Suppose Ann is a knight, Bob is a knight: what Ann says is false, but Ann is a knight, a contradiction",
    "Suppose Ann is a knave, Bob is a knight: all they say fits",
    "Suppose Ann is a knight, Bob is a knave: what Ann says is false, but Ann is a knight, a contradiction",
    "Suppose Ann is a knave, Bob is a knave: what Ann says is true, but Ann is a knave, a contradiction",
)
PROOF = "All blicks are dops. Some zims are blicks. No dops are hups. Does it follow that some zims are not hups? Say yes or no."
PROOF_STEPS = (
    "some zims are blicks and all blicks are dops, so some zims are dops",
    "some zims are dops and no dops are hups, so some zims are not hups",
)
REFUTED = "All blicks are dops. All dops are hups. Does it follow that all hups are blicks? Answer yes or no."
REFUTED_STEPS = (
    "Let X belong to hups, not to blicks and dops",
    'There "all blicks are dops" holds',
    'There "all dops are hups" holds',
    'But "all hups are blicks" fails for X',
)
ROW = "Ann, Bob and Cid have different ages. Cid is older than Ann. Bob is younger than Ann. Who is at place 3 by age, oldest first?"
ROW_STEPS = (
    "Of Ann, Bob and Cid, only Cid comes after none of the others: place 1",
    "Of Ann and Bob, only Ann comes after none of the others: place 2",
    "Bob is left for place 3",
    "Check: Cid at 1 is ahead of Ann at 2",
    "Check: Ann at 2 is ahead of Bob at 3",
    "So place 3 is Bob",
)


def test_nouns_that_mean_nothing_are_no_swear_words() -> None:
    draw = Draw(b"nouns")
    nouns = {_noun(draw) for _ in range(60_000)}
    assert len(nouns) > 20_000
    assert not [n for n in nouns if re.match("fuck|dick(s|er)|fag|clit|slut|wank|spick|crap|nig(s|er)|rap(s|er|es)", n)]


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
        ("truth_table", TABLE, TABLE_STEPS, "3"),
        ("truth_table", TABLE, tuple(s.replace("T,", "1,").replace("F,", "0,").replace("T:", "1:").replace("F:", "0:").replace("whole T", "whole 1").replace("whole F", "whole 0") for s in TABLE_STEPS), "3"),
        ("knights", KNIGHTS, KNIGHTS_STEPS, "Ann is a knave, Bob is a knight"),
        ("syllogism", PROOF, PROOF_STEPS, "yes"),
        ("syllogism", "All blicks are dops. Must it be true that all blicks are dops? (yes/no)", ("It is given that all blicks are dops",), "yes"),
        ("syllogism", REFUTED, REFUTED_STEPS, "no"),
        ("ordering", ROW, ROW_STEPS, "Bob"),
    ],
)  # fmt: skip
def test_what_was_worked_out_by_hand_is_right(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains that no generator made."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


def _swap(steps: tuple[str, ...], i: int, j: int) -> tuple[str, ...]:
    changed = list(steps)
    changed[i], changed[j] = steps[j], steps[i]
    return tuple(changed)


@pytest.mark.parametrize(
    ("family", "question", "steps", "answer", "step"),
    [
        # A row is wrong, in harmony with the count.
        ("truth_table", TABLE, ("p = T, q = T: left side T, right side F, whole T", *TABLE_STEPS[1:4], "True in 4 of 4 rows"), "4", 0),
        ("truth_table", TABLE, ("p = T, q = T: left side T, right side T, whole T", *TABLE_STEPS[1:4], "True in 4 of 4 rows"), "4", 0),
        ("truth_table", TABLE, (*TABLE_STEPS[:4], "True in 2 of 4 rows"), "2", 4),
        ("truth_table", TABLE, _swap(TABLE_STEPS, 1, 2), "3", 1),
        ("truth_table", TABLE, TABLE_STEPS[1:], "3", 4),
        ("truth_table", TABLE, TABLE_STEPS, "4", 5),
        ("truth_table", TABLE.replace("implies", "or"), TABLE_STEPS, "3", 0),
        ("truth_table", TABLE.replace("not q", "not r"), TABLE_STEPS, "3", -1),
        ("truth_table", TABLE.replace("implies", "unless"), TABLE_STEPS, "3", -1),
        ("truth_table", TABLE.replace("not q", "(not q"), TABLE_STEPS, "3", -1),
        ("knights", KNIGHTS, KNIGHTS_STEPS, "Ann is a knight, Bob is a knave", 4),
        ("knights", KNIGHTS, KNIGHTS_STEPS, "Bob is a knight, Ann is a knave", 4),
        ("knights", KNIGHTS, KNIGHTS_STEPS[:2], "Ann is a knave, Bob is a knight", 2),
        ("knights", KNIGHTS, (KNIGHTS_STEPS[0].replace("what Ann says is false, but Ann", "what Bob says is false, but Bob"), *KNIGHTS_STEPS[1:]), "Ann is a knave, Bob is a knight", 0),
        ("knights", KNIGHTS, (*KNIGHTS_STEPS[:3], "Suppose Ann is a knave, Bob is a knave: all they say fits"), "Ann is a knave, Bob is a knight", 3),
        # Two worlds fit, so nothing can be concluded.
        ("knights", KNIGHTS.replace("at least 2 of us are knaves", "Bob is a knave"), (
            "Suppose Ann is a knight, Bob is a knight: what Ann says is false, but Ann is a knight, a contradiction",
            KNIGHTS_STEPS[1],
            "Suppose Ann is a knight, Bob is a knave: all they say fits",
            KNIGHTS_STEPS[3],
        ), "Ann is a knave, Bob is a knight", -1),
        ("knights", KNIGHTS.replace('Bob says: "Ann', 'Bob says: "Cid'), KNIGHTS_STEPS, "Ann is a knave, Bob is a knight", -1),
        ("syllogism", PROOF, PROOF_STEPS, "no", 2),
        ("syllogism", PROOF, PROOF_STEPS[:1], "yes", 1),
        ("syllogism", PROOF, PROOF_STEPS[::-1], "yes", 0),
        ("syllogism", PROOF, (PROOF_STEPS[0].replace("so some zims", "so all zims"), PROOF_STEPS[1]), "yes", 0),
        ("syllogism", PROOF, (PROOF_STEPS[0], "some zims are dops and no dops are hups, so some hups are not zims"), "yes", 1),
        ("syllogism", PROOF.replace("some zims are not hups", "all zims are dops"), PROOF_STEPS, "yes", 0),
        ("syllogism", PROOF.replace("No dops", "Few dops"), PROOF_STEPS, "yes", -1),
        ("syllogism", REFUTED, REFUTED_STEPS, "yes", 4),
        ("syllogism", REFUTED, ("Let X belong to blicks and hups, not to dops", *REFUTED_STEPS[1:]), "no", 1),
        ("syllogism", REFUTED, ("Let X belong to blicks, dops and hups", *REFUTED_STEPS[1:]), "no", 3),
        ("syllogism", REFUTED, (REFUTED_STEPS[0], *REFUTED_STEPS[2:]), "no", 3),
        ("syllogism", REFUTED, (REFUTED_STEPS[0], REFUTED_STEPS[2], REFUTED_STEPS[1], REFUTED_STEPS[3]), "no", 1),
        ("ordering", ROW, ROW_STEPS, "Ann", 6),
        ("ordering", ROW, _swap(ROW_STEPS, 0, 1), "Bob", 0),
        ("ordering", ROW, _swap(ROW_STEPS, 3, 4), "Bob", 3),
        ("ordering", ROW, (ROW_STEPS[0].replace("only Cid", "only Ann"), *ROW_STEPS[1:]), "Bob", 0),
        ("ordering", ROW, (*ROW_STEPS[:4], ROW_STEPS[5]), "Bob", 5),
        ("ordering", ROW, (*ROW_STEPS[:5], "So place 3 is Ann"), "Ann", 5),
        ("ordering", ROW.replace("Bob is younger than Ann", "Bob is younger than Cid"), ROW_STEPS, "Bob", -1),
        ("ordering", ROW.replace("Bob is younger", "Bob is older"), ROW_STEPS, "Bob", -1),
        ("ordering", ROW.replace("place 3", "place 4"), ROW_STEPS, "Bob", -1),
    ],
)  # fmt: skip
def test_what_is_not_so_is_said_of_its_step(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The step that is named is the first that is wrong; -1 is the question, and one past the last the answer."""
    found = find_fault_in(CHECKERS[family], question, steps, answer)
    assert found is not None
    assert found.step == step, found
