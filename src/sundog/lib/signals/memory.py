"""Noise that remembers: AR(1), AR(2), sums of them that forget at several speeds, and random walks; exact at any sample."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.signals.bridge import Gains, build_gains, fill_numbers, fill_pairs
from sundog.lib.signals.windows import Windows, count_rows

Floats = NDArray[np.float64]
CLOSEST = 1e-9
"""Roots of an autoregression lie at least so far inside the unit circle; what comes nearer is a random walk."""


@dataclass(frozen=True, slots=True)
class AutoRegression:
    """x(i) = c1 x(i - 1) + c2 x(i - 2) + e(i), stationary from sample 0 on, normal, mean 0.

    Attributes:
        coefficients: one number (AR(1)) or two (AR(2)), a sample.
        sd: standard deviation of x, in the unit of the channel.
    """

    coefficients: tuple[float, ...]
    sd: float


@dataclass(frozen=True, slots=True)
class RandomWalk:
    """x(i) = x(i - 1) + e(i), x(0) = 0.

    Attributes:
        step: standard deviation of e, in the unit of the channel.
    """

    step: float


Memory = AutoRegression | RandomWalk
"""One source of noise; a channel may have several, which add up."""


def check_memory(memory: Memory) -> tuple[str, ...]:
    """Every fault of the parameters, in words."""
    if isinstance(memory, RandomWalk):
        good = math.isfinite(memory.step) and memory.step >= 0
        return () if good else (f"the step of a random walk is {memory.step}: it must be a number of at least 0",)
    found = []
    if not (math.isfinite(memory.sd) and memory.sd >= 0):
        found.append(f"the standard deviation of an autoregression is {memory.sd}: it must be a number of at least 0")
    given = memory.coefficients
    if len(given) not in (1, 2):
        found.append(f"an autoregression has {len(given)} coefficients: it must have 1 or 2")
    elif not all(math.isfinite(c) for c in given):
        found.append("a coefficient of an autoregression is not a finite number")
    else:
        largest = max(abs(root) for root in np.roots([1.0, *(-c for c in given)]))
        if largest > 1 - CLOSEST:
            found.append(
                f"the autoregression {given} is not stationary: its largest root is {largest:.9g}, and must lie below 1"
            )
    return tuple(found)


def make_memory(memories: tuple[Memory, ...], key: Key, windows: Windows) -> Floats:
    """The sum of all sources: float64 (rows,). Row i depends on (key, unit, sample) alone; see ``bridge`` for how."""
    total = np.zeros(count_rows(windows))
    for i, memory in enumerate(memories):
        if isinstance(memory, RandomWalk):
            size, gains = memory.step, build_walk_gains()
        else:
            size, gains = memory.sd, build_stationary_gains(memory.coefficients)
        if size > 0:
            fill = fill_numbers if len(gains.first) == 1 else fill_pairs
            total += size * fill(gains, key.child(i), windows)
    return total


def correlate(memories: tuple[AutoRegression, ...], lags: tuple[int, ...]) -> Floats:
    """Autocorrelation of the sum of autoregressions: float64 (lags,), exact."""
    total = np.zeros(len(lags))
    for memory in memories:
        one = np.ones(max((2, *lags)) + 1)
        a, b = (*memory.coefficients, 0.0)[:2]
        one[1] = a / (1 - b)
        for i in range(2, len(one)):
            one[i] = a * one[i - 1] + b * one[i - 2]
        total += memory.sd**2 * one[list(lags)]
    return np.asarray(total / sum(m.sd**2 for m in memories))


def fit_memory(lags: tuple[float, ...], correlations: tuple[float, ...], sd: float) -> tuple[AutoRegression, ...]:
    """A sum of AR(1)s whose autocorrelation comes nearest to the stated one: what a long memory looks like up to a lag.

    Speeds of forgetting are laid out in geometric steps from half a sample to eight times the longest lag, and their shares
    found by non-negative least squares, so at most one more than there are lags are kept. Where no such sum has the stated
    correlations (negative ones, or some that fall ever faster), ``correlate`` says what came out.

    Args:
        lags: in samples, positive.
        correlations: at these lags.
        sd: standard deviation of the sum.
    """
    from scipy.optimize import nnls  # slow to load, and wanted here only

    times = np.geomspace(0.5, 8.0 * max(lags), 60)
    columns = np.exp(-np.array(lags)[:, None] / times[None, :])
    heavy = 1e3  # the shares sum to one: that line is met before all others
    weights, _ = nnls(
        np.vstack([columns, np.full((1, len(times)), heavy)]), np.concatenate([np.array(correlations), [heavy]])
    )
    weights /= weights.sum()
    return tuple(
        AutoRegression((math.exp(-1.0 / time),), sd * math.sqrt(weight))
        for time, weight in zip(times.tolist(), weights.tolist(), strict=True)
        if weight > 1e-6
    )


@lru_cache(maxsize=1)
def build_walk_gains() -> Gains:
    """Gains of a random walk with steps of standard deviation 1."""
    return build_gains(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 1)))


@lru_cache(maxsize=256)
def build_stationary_gains(coefficients: tuple[float, ...]) -> Gains:
    """Gains of the autoregression with these coefficients and standard deviation 1."""
    if len(coefficients) == 1:
        (a,) = coefficients
        return build_gains(np.array([[a]]), np.array([[(1 - a) * (1 + a)]]), np.ones((1, 1)))
    a, b = coefficients
    near = a / (1 - b)
    innovation = (1 + b) * (1 - near) * (1 + near) * (1 - b)
    noise, first = np.array([[innovation, 0.0], [0.0, 0.0]]), np.array([[1.0, near], [near, 1.0]])
    return build_gains(np.array([[a, b], [1.0, 0.0]]), noise, first)
