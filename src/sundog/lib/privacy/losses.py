"""What releases cost, and how costs convert: pure, approximate and zero-concentrated differential privacy.

Sources: Bun and Steinke, TCC 2016, doi:10.1007/978-3-662-53641-4_24 (zCDP, its composition, pure to zCDP, approximate zCDP);
Canonne, Kamath and Steinke, NeurIPS 2020, arXiv:2004.00010, Proposition 12 with Corollary 13 (zCDP to epsilon and delta).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Pure:
    """Spend at most this epsilon of pure differential privacy: discrete Laplace noise, permute-and-flip selection."""

    epsilon: float


@dataclass(frozen=True, slots=True)
class Concentrated:
    """Spend at most this rho of zero-concentrated privacy: discrete Gaussian noise, selection by the exponential mechanism."""

    rho: float


Cost: TypeAlias = Pure | Concentrated
"""What one question may cost, and with it which family of mechanisms answers it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What one release costs, in both currencies.

    Attributes:
        epsilon: the release is (epsilon, delta)-differentially private; infinite where the mechanism has no such bound.
        rho: the release is delta-approximately rho-zCDP.
        delta: chance that neither bound holds; 0 but for domains found in the data.
    """

    epsilon: float
    rho: float
    delta: float = 0.0


def concentrate(epsilon: float) -> float:
    """The rho that every epsilon-differentially private mechanism has: epsilon squared over 2."""
    return epsilon * epsilon / 2


_EXCESS = np.logspace(-6, 9, 3_001).astype(np.float64)
"""Orders of Renyi divergence less 1, at which conversions are tried. Any order gives a bound that holds."""


def _convert(losses: tuple[tuple[float, float], ...], delta: float, excess: NDArray[np.float64]) -> NDArray[np.float64]:
    """Epsilon at each order, of losses (epsilon, rho) whose divergence at order a is at most min(epsilon, a * rho)."""
    order: NDArray[np.float64] = 1 + excess
    found: NDArray[np.float64] = np.log1p(-1 / order) - np.log(order * delta) / excess
    for epsilon, rho in losses:
        found += np.minimum(epsilon, order * rho)
    return found


def find_epsilon(losses: Iterable[tuple[float, float]], delta: float) -> float:
    """The epsilon that releases have together at ``delta``, by zCDP.

    A release of pure epsilon counts at each Renyi order with the lesser of epsilon and order times rho, so that a sum of
    pure and of concentrated releases is never above what either way of counting gives for its share.

    Args:
        losses: (epsilon, rho) of each release; epsilon may be infinite.
        delta: in (0, 1).

    Returns:
        The smallest bound over the orders tried, at least 0; a little above the best one, never below it.
    """
    together = tuple(losses)
    if not together:
        return 0.0
    found = _convert(together, delta, _EXCESS)
    best = int(np.argmin(found))
    fine = np.geomspace(_EXCESS[max(best - 1, 0)], _EXCESS[min(best + 1, len(_EXCESS) - 1)], 201)
    return max(0.0, float(min(found[best], _convert(together, delta, fine).min())))


def find_rho(epsilon: float, delta: float) -> float:
    """The largest rho whose releases stay within ``epsilon`` at ``delta``, to 1 part in 10**12, from below."""
    low, high = 0.0, epsilon + 1.0
    while find_epsilon(((math.inf, high),), delta) <= epsilon:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if find_epsilon(((math.inf, middle),), delta) <= epsilon:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * high:
            break
    return low


def share(cost: Cost, parts: int) -> Cost:
    """An equal part of a cost; ``parts`` such releases together cost no more than ``cost``."""
    return Pure(cost.epsilon / parts) if isinstance(cost, Pure) else Concentrated(cost.rho / parts)
