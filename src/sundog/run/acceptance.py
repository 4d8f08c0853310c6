"""Whether enough units can still be accepted within the limit of attempts, and how many to attempt next.

Units are accepted or not independently of one another, or (where repeated ones are rejected) ever more seldom, so that the share
accepted so far bounds what is to come. Both answers depend on numbers of units alone, and so neither on shards nor on the engine.

Source: the bound of Chernoff in the form of Hoeffding, JASA 1963, doi:10.1080/01621459.1963.10500830, theorem 1.
"""

from __future__ import annotations

import math

FALSE_STOP = 1e-12
"""Chance of each of the two bounds to be wrong, for a run that would have come through."""

MOST_GROWTH = 4
"""A round at most multiplies what was attempted by this, so that a hopeless run is seen early."""


def next_stop(wanted: int, limit: int, attempted: int, accepted: int) -> int:
    """Where the next round ends: as many more as the acceptance so far asks for, a little over.

    Args:
        wanted: accepted units that are needed.
        limit: most units that may be attempted.
        attempted: units so far, at least 1.
        accepted: of them.
    """
    rate = max(accepted / attempted, 0.01)
    asked = attempted + math.ceil((wanted - accepted) / rate * 1.05) + 16
    return min(limit, asked, MOST_GROWTH * attempted + 16)


def is_hopeless(wanted: int, limit: int, attempted: int, accepted: int) -> bool:
    """Whether the units that may still be attempted will, but for a chance of ``2 * FALSE_STOP``, not be enough."""
    left = limit - attempted
    if accepted + left < wanted:
        return True
    share = _bound(accepted / attempted, attempted)
    return accepted + left * _bound(share, left) < wanted


def _bound(share: float, size: int) -> float:
    """The share q above ``share`` that is reached in ``size`` trials with a chance of ``FALSE_STOP`` only.

    Both ways: the largest true share with which so few were accepted, or the largest share that a true one gives. The divergence of
    the two is taken in the direction that is smaller, which makes the bound wider.
    """
    target = -math.log(FALSE_STOP) / max(size, 1)
    low, high = share, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        distance = min(_diverge(share, middle), _diverge(middle, share))
        low, high = (middle, high) if distance < target else (low, middle)
    return high


def _diverge(p: float, q: float) -> float:
    """Divergence of Kullback and Leibler of a share p from a share q."""
    if q in (0.0, 1.0):
        return 0.0 if p == q else math.inf
    first = p * math.log(p / q) if p > 0 else 0.0
    return first + ((1 - p) * math.log((1 - p) / (1 - q)) if p < 1 else 0.0)
