"""How a budget is cut into the costs of questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sundog.lib.privacy.ledger import Budget
from sundog.lib.privacy.losses import Concentrated, Cost, Pure, find_rho


@dataclass(frozen=True, slots=True)
class Shares:
    """Costs for questions that together use a whole budget.

    Attributes:
        costs: one for each weight.
        domain_delta: delta for each private domain; 0 where none is asked for.
    """

    costs: tuple[Cost, ...]
    domain_delta: float


def split_budget(budget: Budget, weights: Sequence[float], private_domains: int = 0) -> Shares:
    """Cut a budget by weights, in the currency that brings less noise.

    Pure epsilon is cut for a few questions or a delta of 0, rho for many: the noise of a count is compared at equal weights.

    Args:
        budget: checked, and with a delta above 0 where there are private domains.
        weights: above 0, one a question; a question of twice the weight gets twice the epsilon or the rho.
        private_domains: how many of the questions find a domain in the data. Half of delta is theirs.
    """
    domain_delta = budget.delta / 2 / private_domains if private_domains else 0.0
    left = budget.delta - domain_delta * private_domains
    parts = [w / math.fsum(weights) for w in weights]
    pure = Shares(tuple(Pure(budget.epsilon * p) for p in parts), domain_delta)
    if left <= 0:
        return pure
    rho, mean = find_rho(budget.epsilon, left), 1 / len(parts)
    # Variances of noise on a count: 2 / epsilon**2 of Laplace noise, 1 / (2 rho) of Gaussian noise.
    if 2 / (budget.epsilon * mean) ** 2 <= 1 / (2 * rho * mean):
        return pure
    return Shares(tuple(Concentrated(rho * p) for p in parts), domain_delta)
