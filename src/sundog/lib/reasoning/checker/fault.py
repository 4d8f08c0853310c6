"""What the checker finds, and how it gives up on a text. It shares no code with the generators: both may be wrong, not in the same way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a chain.

    Attributes:
        step: number of the step, from 0; -1 for the question, and one past the last step for the answer.
        what: what is wrong, in a few words.
    """

    step: int
    what: str


class Wrong(Exception):
    """The first thing that is wrong; carries the ``Fault``."""

    def __init__(self, step: int, what: str) -> None:
        super().__init__(what)
        self.fault = Fault(step, what)


Checker: TypeAlias = Callable[[str, Sequence[str], str], None]
"""Reads question, steps (bare: see ``bare``) and answer of one family; raises ``Wrong``. A question that it cannot read is ``Wrong`` too."""


def need(holds: bool, step: int, what: str) -> None:
    """Raise ``Wrong`` where something does not hold."""
    if not holds:
        raise Wrong(step, what)
