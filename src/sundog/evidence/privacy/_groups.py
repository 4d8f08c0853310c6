"""The worst group of people and the outliers: a table that is safe on average can give away a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.evidence.privacy._risks import Attempts, Measured
from sundog.lib.stats.frame import Frame
from sundog.lib.stats.strata import list_strata

EASY: Final = 0.9
"""Where the control guesses more often than this, hardly anything is left to find out."""

LEAST_GROUP: Final = 100
"""Fewest attempts on a side of each half of a group."""


def measure_groups(
    attempts: Sequence[Attempts],
    frames: tuple[Frame, Frame],
    halves: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    outlying: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    names: Sequence[str],
) -> list[Measured]:
    """The risk of outliers by each attack's worst, and of the worst group.

    The group (a value of a category) and the attack are chosen on one half of the attempts and reported on the other, so that the
    choice does not flatter the number.

    Args:
        attempts: of each attack, all on the same targets.
        frames: rows of the targets, and of the control's.
        halves: bool, which half each target is in, and each of the control's.
        outlying: bool, who is an outlier.
        names: of the attacks.
    """
    found: list[Measured] = []
    groups = [
        (f"worst group: {s.name}", (s.holds(frames[0]), s.holds(frames[1])))
        for s in list_strata(list(frames), 2 * LEAST_GROUP)
    ]
    for candidates in ([("outliers", outlying)], groups):
        best: tuple[float, int, int] | None = None
        for g, (_, inside) in enumerate(candidates):
            choosing = tuple(i & h for i, h in zip(inside, halves, strict=True))
            if min(int(c.sum()) for c in choosing) < LEAST_GROUP // 2:
                continue
            for a, one in enumerate(attempts):
                risk = one.risk(choosing[0], choosing[1])
                if risk.control.value > EASY:
                    continue
                value = risk.value
                if best is None or value > best[0]:
                    best = (value, g, a)
        if best is None:
            continue
        label, inside = candidates[best[1]]
        reporting = tuple(i & ~h for i, h in zip(inside, halves, strict=True))
        if min(int(r.sum()) for r in reporting) < LEAST_GROUP // 2:
            continue
        risk = attempts[best[2]].risk(reporting[0], reporting[1])
        by = f"{names[best[2]]}, by {attempts[best[2]].by}" if attempts[best[2]].by else names[best[2]]
        found.append(Measured(f"{label} ({names[best[2]]})", risk, 0.95, by, firm=False))
    return found
