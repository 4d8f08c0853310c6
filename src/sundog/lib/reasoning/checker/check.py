"""Verify a problem from its texts alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import chain
from types import MappingProxyType

from sundog.lib.reasoning.checker.fault import Checker, Fault, Wrong, need

_TOPICS = (
    "arithmetic",
    "parts",
    "algebra",
    "integers",
    "measures",
    "stories",
    "logic",
    "graphs",
    "counting",
    "tables",
    "programs",
    "puzzles",
)
_OPENINGS = ("First: ", "Next: ", "Then: ", "After that: ", "Now: ", "Finally: ")


@cache
def checkers() -> Mapping[str, Checker]:
    """The checker of every family, by its name."""
    modules = (import_module(f"sundog.lib.reasoning.checker.{topic}") for topic in _TOPICS)
    return MappingProxyType(dict(chain.from_iterable(m.CHECKERS.items() for m in modules)))


def check_problem(question: str, steps: Sequence[str], answer: str, family: str) -> tuple[Fault, ...]:
    """What is wrong with a chain: nothing, if the question is understood, the answer is the right one, and every step is true, is
    about the right quantities and follows from the question and the steps before it, with none left out and none too many.

    Raises:
        KeyError: no such family.
    """
    check = checkers()[family]
    try:
        other = "×" if "*" in question else "*"
        need(other not in answer or other in question, len(steps), "the answer has another sign than the question")
        check(question.replace("*", "×"), [bare(step) for step in steps], answer.replace("*", "×"))
    except Wrong as wrong:
        return (wrong.fault,)
    return ()


def bare(step: str) -> str:
    """A step without the word that says where in the chain it stands and without its full stop, with × for *."""
    for opening in _OPENINGS:
        if step.startswith(opening):
            step = step[len(opening) :]
            break
    return step.removesuffix(".").replace("*", "×")
