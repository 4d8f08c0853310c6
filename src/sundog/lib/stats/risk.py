"""How much better an attack does on the people a table was learned from than on others, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an attack succeeds.

    Attributes:
        value: share of successes.
        trials: independent attempts that would be as certain: their number where each attempt is its own, fewer where attempts
            of one person are averaged or weighed.
    """

    value: float
    trials: float

    def interval(self, level: float = 0.95) -> Interval:
        """Wilson's. JASA 22 (1927), doi:10.1080/01621459.1927.10502953."""
        if self.trials <= 0:
            return (0.0, 1.0)
        z = float(special.ndtri(0.5 + level / 2))
        p, n = min(1.0, max(0.0, self.value)), self.trials
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return (
            0.0 if p == 0.0 else max(0.0, min(middle - half, p)),
            1.0 if p == 1.0 else min(1.0, max(middle + half, p)),
        )

    @property
    def error(self) -> float:
        """Standard error, by the middle of Wilson's interval, so that no successes at all do not count as certainty."""
        n = self.trials + 4.0
        p = (self.value * self.trials + 2.0) / n
        return math.sqrt(p * (1.0 - p) / n)


@dataclass(frozen=True, slots=True)
class Risk:
    """(attack - control) / (1 - control).

    Attributes:
        attack: on people that the table was learned from.
        control: the same attack on people that it was not learned from.
        baseline: guessing without the synthetic rows, on the former.
    """

    attack: Rate
    control: Rate
    baseline: float

    @property
    def value(self) -> float:
        """Share of the people that the attack hits because of the table; below 0 where chance favoured the control."""
        return 1.0 - (1.0 - self.attack.value) / max(1e-12, 1.0 - self.control.value)

    def interval(self, level: float = 0.95) -> Interval:
        """The ratio of the two shares of failures, from their Wilson intervals.

        Source: MOVER-R, Donner and Zou, Statistical Methods in Medical Research 21 (2012), doi:10.1177/0962280210383083;
        risk as in Giomi et al., PoPETs 2023(2), doi:10.56553/popets-2023-0055.
        """
        top = _flip(self.attack.interval(level))
        bottom = _flip(self.control.interval(level))
        a, b = 1.0 - self.attack.value, 1.0 - self.control.value
        low_b, high_b = bottom
        if high_b <= 0.0:
            return (-1.0, 1.0)
        product = a * b
        inner = product**2 - top[0] * (2 * a - top[0]) * high_b * (2 * b - high_b)
        least = (product - math.sqrt(max(0.0, inner))) / (high_b * (2 * b - high_b)) if 2 * b > high_b else 0.0
        if low_b <= 0.0 or 2 * b <= low_b:
            greatest = 2.0
        else:
            inner = product**2 - top[1] * (2 * a - top[1]) * low_b * (2 * b - low_b)
            greatest = (product + math.sqrt(max(0.0, inner))) / (low_b * (2 * b - low_b))
        low, high = 1.0 - greatest, 1.0 - least
        value = self.value
        return (max(-1.0, min(low, value)), min(1.0, max(high, value)))

    def detectable(self, level: float = 0.95, power: float = 0.8) -> float:
        """Smallest risk whose interval would lie above 0 with this power, at this control and as many attempts."""
        z = float(special.ndtri(0.5 + level / 2)) + float(special.ndtri(power))
        c = min(self.control.value, 0.999)
        spread = math.hypot(math.sqrt(_middle(c, self.attack.trials)), self.control.error)
        return min(1.0, z * spread / (1.0 - c))


def measure_rate(
    successes: NDArray[np.bool_] | NDArray[np.float64], people: NDArray[np.int64] | None = None, weight: float = 1.0
) -> Rate:
    """The mean of successes; where people are named, each of them counts once, with the mean of their own attempts.

    Args:
        successes: bool or float64 (attempts,), at least 0.
        people: int64 (attempts,), or None where each attempt is a person of its own.
        weight: what one success counts at most; above 1 the attempts count for that much less.
    """
    values = np.asarray(successes, dtype=np.float64)
    if len(values) == 0:
        return Rate(0.0, 0.0)
    if people is not None:
        _, codes = np.unique(people, return_inverse=True)
        values = np.bincount(codes, weights=values) / np.bincount(codes)
    share = min(1.0, float(values.mean()))
    spread = float(values.var())
    # shares between 0 and 1 are more certain than 0 and 1 alone, weights above 1 less
    factor = share * (1.0 - share) / spread if spread > 0.0 and 0.0 < share < 1.0 else 1.0
    if weight > 1.0:
        factor = min(factor, 1.0 / weight)
    return Rate(share, len(values) * factor)


def _middle(share: float, trials: float) -> float:
    n = max(trials, 1.0) + 4.0
    p = (share * max(trials, 1.0) + 2.0) / n
    return p * (1.0 - p) / n


def _flip(interval: Interval) -> Interval:
    return (1.0 - interval[1], 1.0 - interval[0])
