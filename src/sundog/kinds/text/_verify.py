"""Whether a chain holds: asked of a checker that reads texts alone, never of who wrote them."""

from __future__ import annotations

from collections.abc import Sequence

from sundog.lib.reasoning.answers import check_answer
from sundog.lib.reasoning.checker.check import check_problem
from sundog.lib.reasoning.statements import check_steps


def find_problem_fault(question: str, steps: Sequence[str], answer: str, family: str) -> str:
    """What is wrong with a chain that was made by rule; empty where question, every step and the answer hang together."""
    faults = check_problem(question, steps, answer, family)
    return f"step {faults[0].step + 1}: {faults[0].what}" if faults else ""


def is_right_answer(expected: str, given: str, family: str) -> bool:
    """Whether an answer is the expected one, whatever its form."""
    return bool(check_answer(expected, given, family))


def judge_steps(question: str, steps: Sequence[str], answer: str, family: str) -> tuple[int, str]:
    """How many statements of a free chain could be checked, and what is wrong with it; empty where all that can be checked is true.

    A chain in which nothing can be checked is not kept: what cannot be verified is no evidence.
    """
    found = check_steps("\n".join(steps))
    false = [s for s in found if s.verdict == "false"]
    true = sum(s.verdict == "true" for s in found)
    if false:
        return true, f"{false[0].text!r} is false"
    return true, "" if true else "nothing in it can be checked"
