"""A sum that is set apart for a method which decides on the way what it asks.

The whole sum goes into the ledger of the source before a row is read; each release is then paid out of it, and one that it
does not cover is refused. How much of it a release takes may depend on earlier answers: the divergence of what is released
stays below the sum at every Renyi order (Feldman and Zrnic, NeurIPS 2021, arXiv:2008.11193, Theorem 4.5), so the sum, turned
into epsilon by zCDP, holds for all of it. Only zCDP may be used for that, never the sum of the epsilons.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.errors import Fault, Problem, RequestError
from sundog.lib.privacy.ledger import SLACK, Budget, Ledger, Release, Total, check_budget
from sundog.lib.privacy.ledger_file import charge, read_ledger
from sundog.lib.privacy.losses import Concentrated, Loss, find_rho
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.noise import Family, draw_choice, draw_counts, draw_vector
from sundog.lib.privacy.pricing import price_draw

METHOD: Final = "adaptive composition"


def price_reserve(asked: str, columns: Sequence[str], neighbours: Neighbours, rho: float, delta: float) -> Release:
    """What a method may release in all, as one line of the ledger.

    Args:
        asked: what the method is, in words.
        columns: columns that it may read.
        neighbours: the unit of privacy.
        rho: of all its releases.
        delta: of those of them that find a domain in the data.
    """
    return Release(
        asked=asked,
        columns=tuple(columns),
        unit=neighbours.unit,
        contribution=neighbours.contribution,
        bounds=None,
        mechanism=METHOD,
        norm="l2",
        sensitivity=neighbours.contribution,
        step=1.0,
        scale=0.0,
        threshold=0,
        loss=Loss(math.inf, rho, delta),
    )


class Purse:
    """What is left of a sum, and what was released for the rest.

    Args:
        neighbours: the unit of privacy.
        rho: the sum.
        delta: for domains that are found in the data.
    """

    def __init__(self, neighbours: Neighbours, rho: float, delta: float = 0.0) -> None:
        self.neighbours = neighbours
        self.rho = rho
        self.delta = delta
        self.releases: list[Release] = []

    @property
    def left(self) -> float:
        """Rho that is not spent."""
        return max(0.0, self.rho - Ledger(tuple(self.releases)).rho)

    def count(self, asked: str, columns: Sequence[str], cells: NDArray[np.int64], rho: float) -> NDArray[np.int64]:
        """Counts of cells with noise; a row lies in one cell.

        Args:
            asked: the question in words.
            columns: columns that were read.
            cells: int64 (n,), exact.
            rho: what it may cost.
        """
        return draw_vector(self._pay(asked, columns, "noise", self.neighbours.contribution, rho), cells)

    def choose(
        self, asked: str, columns: Sequence[str], scores: NDArray[np.int64], sensitivity: int, rho: float
    ) -> int:
        """The place of a high score among ``scores``, int64 (n,), of which one row changes none by more than ``sensitivity``."""
        reach = sensitivity * self.neighbours.contribution
        return draw_choice(self._pay(asked, columns, "selection", reach, rho), scores)

    def find(
        self, asked: str, columns: Sequence[str], counts: dict[str, int], rho: float, delta: float
    ) -> tuple[dict[str, int], int]:
        """Categories that are common enough to be told, with noisy counts; and the least count that is told."""
        release = self._pay(asked, columns, "threshold", self.neighbours.contribution, rho, delta)
        return draw_counts(release, counts), release.threshold

    def deviation(self, number: int = -1) -> float:
        """Standard deviation of the noise on each cell of a release, in rows; of the last one without a number."""
        return self.releases[number].scale

    def _pay(
        self, asked: str, columns: Sequence[str], family: Family, sensitivity: int, rho: float, delta: float = 0.0
    ) -> Release:
        person = self.neighbours.person
        read = tuple(dict.fromkeys([*columns, *([person] if person else [])]))
        release = price_draw(read, self.neighbours, asked, family, sensitivity, Concentrated(rho), delta=delta)
        after = Ledger((*self.releases, release))
        if after.rho > self.rho * (1 + SLACK) or after.failing > self.delta * (1 + SLACK):
            what = f"rho {after.rho!r} and delta {after.failing!r} are more than the {self.rho!r} and {self.delta!r} set apart"
            raise Fault(Problem("SD-PRIVACY-021", asked, what, "Nothing was released. Report it."))
        self.releases.append(release)
        return release


def find_spend_problems(spend: Budget, where: str) -> tuple[Problem, ...]:
    """What is wrong with the epsilon and delta of a method that adds up by zCDP, if anything."""
    problems = spend.find_problems(where)
    if not problems and spend.delta == 0:
        what = "delta is 0; noise on many tables needs a delta above 0"
        problems += (Problem("SD-PRIVACY-022", f"{where}.delta", what, "Give, for example, 1e-9."),)
    return problems


def plan_purse(spend: Budget, neighbours: Neighbours, domains: float, where: str = "privacy") -> Purse:
    """The purse of a budget.

    Args:
        spend: epsilon and delta of the whole method.
        neighbours: the unit of privacy.
        domains: part of delta that domains found in the data may use.
        where: place in the recipe, for errors.

    Raises:
        RequestError: epsilon is not above 0, or delta not in (0, 1).
    """
    problems = find_spend_problems(spend, where)
    if problems:
        raise RequestError(*problems)
    delta = spend.delta * domains
    return Purse(neighbours, find_rho(spend.epsilon, spend.delta - delta), delta)


def open_purse(
    purse: Purse,
    asked: str,
    columns: Sequence[str],
    source: str,
    budget: Budget,
    folder: Path | None = None,
    where: str = "privacy",
) -> Total:
    """Write the whole purse into the ledger of the source, or refuse; only then may rows be read.

    Args:
        purse: as planned, untouched.
        asked: what the method is, in words.
        columns: columns that it may read.
        source: SHA-256 of the source.
        budget: of the source, over all runs.
        folder: where ledgers lie; None for the usual place.
        where: place in the recipe, for errors.

    Returns:
        What the source has cost in all.

    Raises:
        RequestError: over budget, another unit of privacy, or the ledger cannot be written.
    """
    reserve = price_reserve(asked, columns, purse.neighbours, purse.rho, purse.delta)
    check_budget(budget, read_ledger(source, folder, where), Ledger((reserve,)), where)
    return charge((reserve,), source, budget, folder, where)
