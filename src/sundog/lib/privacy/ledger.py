"""What has been released about a source, what that costs in all, and what it may cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from sundog.core.errors import Problem, RequestError
from sundog.core.notes import PrivacySpend, Remark
from sundog.lib.privacy.losses import Loss, find_epsilon

Mechanism = Literal[
    "discrete laplace",
    "discrete gaussian",
    "discrete laplace above a threshold",
    "discrete gaussian above a threshold",
    "permute and flip",
    "exponential mechanism",
    "adaptive composition",
]
"""Every way in which noise comes in, all of them on whole numbers, so that no rounding of floats can leak; and, as one line, the
sum set apart for a method that decides on the way which of them it uses (``purse``)."""

Norm = Literal["l1", "l2", "linf"]

SLACK = 1e-9
"""Part of a budget by which a total may pass it: shares of a budget, added up again, are off by roundings."""


@dataclass(frozen=True, slots=True)
class Release:
    """One draw of one mechanism: everything that a reader needs to judge it.

    Attributes:
        asked: the question in words.
        columns: columns that were read, the person's among them.
        unit: the relation of neighbouring tables, in words and without the bound.
        contribution: rows of one person, at most, that were read.
        bounds: least and greatest value that a row can bring in, in the unit of the column; None for counts.
        mechanism: how noise came in.
        norm: the norm in which ``sensitivity`` is measured.
        sensitivity: the most that neighbouring tables can differ by, in steps.
        step: what one step is in the unit of the answer: 1 for counts.
        scale: noise scale in steps: of discrete Laplace noise exp(-|x| / scale), of Gaussian noise exp(-(x / scale)**2 / 2),
            of a selection exp(score / scale).
        threshold: least noisy count that is told, of categories found in the data; 0 elsewhere.
        loss: what it costs.
    """

    asked: str
    columns: tuple[str, ...]
    unit: str
    contribution: int
    bounds: tuple[float, float] | None
    mechanism: Mechanism
    norm: Norm
    sensitivity: int
    step: float
    scale: float
    threshold: int
    loss: Loss

    def as_spend(self) -> PrivacySpend:
        """The note of it that goes into the bundle."""
        loss = self.loss
        bound = f", at most {self.contribution} rows each read" if self.contribution > 1 else ""
        return PrivacySpend(
            f"{self.asked}: {self.mechanism}, scale {self.scale * self.step:.6g}",
            loss.rho,
            self.unit + bound,
            None if math.isinf(loss.epsilon) else loss.epsilon,
            loss.delta,
        )


@dataclass(frozen=True, slots=True)
class Total:
    """What releases cost together: (epsilon, delta), and how that was reckoned.

    Attributes:
        accounting: ``basic``: the sum of all epsilons; ``zcdp``: by Renyi divergence, from the rho of each release.
    """

    epsilon: float
    delta: float
    accounting: Literal["basic", "zcdp"]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Releases about one source, in the order in which they were paid for."""

    releases: tuple[Release, ...] = ()

    def add(self, *releases: Release) -> Ledger:
        """The ledger with these releases behind the others."""
        return Ledger(self.releases + releases)

    @property
    def rho(self) -> float:
        """Sum of the rho of all releases; their deltas come on top."""
        return math.fsum(r.loss.rho for r in self.releases)

    @property
    def failing(self) -> float:
        """Sum of the deltas of the releases themselves, whichever way the rest is reckoned."""
        return math.fsum(r.loss.delta for r in self.releases)

    def add_up_basic(self) -> Total:
        """Basic composition: epsilons and deltas add up. Infinite when a release has Gaussian noise."""
        return Total(math.fsum(r.loss.epsilon for r in self.releases), self.failing, "basic")

    def add_up_concentrated(self, delta: float) -> Total:
        """Composition of zCDP, converted to epsilon at this ``delta``, of which the releases' own deltas are a part.

        Infinite when nothing of ``delta`` is left for the conversion.
        """
        left = delta - self.failing
        if left <= 0:
            return Total(math.inf, self.failing, "zcdp")
        losses = tuple((r.loss.epsilon, r.loss.rho) for r in self.releases)
        return Total(find_epsilon(losses, left), delta, "zcdp")

    def total(self, delta: float) -> Total:
        """The smaller epsilon of both ways of reckoning that hold at ``delta``; infinite when the releases' deltas pass it.

        Limits: sums hold for costs that are fixed before the answers are seen. For somebody who chooses later costs by
        earlier answers each way of reckoning holds on its own (Rogers et al. 2016, arXiv:1605.08294; Feldman and Zrnic
        2021, arXiv:2008.11193), and the choice between them is to be made beforehand too.
        """
        basic = self.add_up_basic()
        if self.failing > delta * (1 + SLACK):
            return Total(math.inf, basic.delta, "basic")
        concentrated = self.add_up_concentrated(delta)
        # Nearly equal: the plain sum needs no delta.
        return basic if basic.epsilon <= concentrated.epsilon * (1 + 1e-3) else concentrated


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that all releases about one source may cost together, over all runs.

    Attributes:
        epsilon: above 0.
        delta: in [0, 1); 0 allows pure mechanisms only.
    """

    epsilon: float
    delta: float = 0.0

    def find_problems(self, where: str) -> tuple[Problem, ...]:
        """What is wrong with it, if anything."""
        found = []
        if not (0 < self.epsilon < math.inf):
            what = f"epsilon is {self.epsilon!r}; a finite number above 0 is needed"
            found.append(Problem("SD-PRIVACY-001", f"{where}.epsilon", what, "Give, for example, 1."))
        if not (0 <= self.delta < 1):
            what = f"delta is {self.delta!r}; a number of at least 0 and below 1 is needed"
            found.append(Problem("SD-PRIVACY-002", f"{where}.delta", what, "Give, for example, 1e-9."))
        return tuple(found)


def check_budget(budget: Budget, spent: Ledger, asked: Ledger, where: str) -> Total:
    """What the source will have cost after ``asked``, or a refusal.

    Raises:
        RequestError: the budget is wrong, or what is asked does not fit into what is left of it, or earlier releases
            hide another unit of privacy, so that costs cannot be added up.
    """
    problems = budget.find_problems(where)
    if problems:
        raise RequestError(*problems)
    units = sorted({r.unit for r in (*spent.releases, *asked.releases)})
    if len(units) > 1:
        raise RequestError(
            Problem(
                "SD-PRIVACY-003",
                where,
                f"releases about this source would hide different things: {'; '.join(units)}",
                "Costs add up only for one unit of privacy: keep to that of the earlier releases.",
            )
        )
    before, after = spent.total(budget.delta), spent.add(*asked.releases).total(budget.delta)
    if after.epsilon > budget.epsilon * (1 + SLACK):
        raise RequestError(
            Problem(
                "SD-PRIVACY-004",
                where,
                f"{_count_releases(asked)} would bring the source to {_show(after, budget)}; its budget is epsilon "
                f"{budget.epsilon:.6g} at delta {budget.delta:.3g}, and {_show(before, budget)} is spent",
                "Nothing was read. Ask for less, or give a larger budget if you may.",
            )
        )
    return after


def _count_releases(asked: Ledger) -> str:
    return "one release" if len(asked.releases) == 1 else f"{len(asked.releases):,} releases"


def _show(total: Total, budget: Budget) -> str:
    if math.isinf(total.epsilon):
        if total.delta > budget.delta:
            return f"a delta of {total.delta:.3g}"
        if total.delta > 0:
            return "an epsilon without bound, as values found in the rows would use up all of delta"
        return "no epsilon at all (Gaussian noise needs a delta)"
    return f"epsilon {total.epsilon:.6g}"


def remark_on_delta(delta: float, rows: float) -> tuple[Remark, ...]:
    """A warning for the report where ``delta`` is so large that it would allow a whole row to be told.

    Args:
        delta: of the budget.
        rows: number of rows as released, with its noise; the true one would be read for free.
    """
    if delta * max(rows, 1.0) < 1:
        return ()
    text = f"delta {delta:.3g} is not below 1 / {rows:.0f} rows: it alone would allow to publish some row as it is"
    return (Remark("privacy", text),)
