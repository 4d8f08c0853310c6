"""What the best of many membership attacks finds, each half of the people attacked by what did best on the other half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.auc import Auc, average_folds, measure_auc
from sundog.lib.stats.roc import TruePositives, average_at, trace_roc

Scores = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked about.

    Attributes:
        member: bool (people,).
        half: bool (people,), which half chooses for the other.
        within: bool (people,), who counts (all, or the outliers).
    """

    member: NDArray[np.bool_]
    half: NDArray[np.bool_]
    within: NDArray[np.bool_]

    def sides(self, half: bool) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Bool (people,) twice: members and others of one half who count."""
        here = self.within & (self.half == half)
        return here & self.member, here & ~self.member

    def least(self) -> int:
        """The fewest people of a kind in a half."""
        return min(int(s.sum()) for half in (False, True) for s in self.sides(half))


@dataclass(frozen=True, slots=True)
class BestArea:
    """The area under the curve of the chosen attacks, and who was chosen for each half (a minus: guessing the other way round)."""

    area: Auc
    names: tuple[str, str]


@dataclass(frozen=True, slots=True)
class BestFound:
    """True positives of the chosen attacks at a share of false ones."""

    found: TruePositives
    names: tuple[str, str]


def find_best_area(scores: Scores, asked: Asked) -> BestArea:
    """The area of the attack that is farthest from guessing on the other half, in the direction that it had there."""
    parts, names = [], []
    for half in (False, True):
        members, others = asked.sides(not half)
        areas = {name: measure_auc(s[members], s[others]).value for name, s in scores.items()}
        best = max(areas, key=lambda name: abs(areas[name] - 0.5))
        sign = 1.0 if areas[best] >= 0.5 else -1.0
        members, others = asked.sides(half)
        parts.append(measure_auc(sign * scores[best][members], sign * scores[best][others]))
        names.append(best if sign > 0 else f"-{best}")
    return BestArea(average_folds(parts), (names[0], names[1]))


def find_best_found(scores: Scores, asked: Asked, share: float) -> BestFound:
    """True positives of the attack that found most of the other half, in the direction that it had there."""
    folds, names = [], []
    for half in (False, True):
        members, others = asked.sides(not half)
        signed = [(name, sign) for name in scores for sign in (1.0, -1.0)]
        found = [_find(sign * scores[name][members], sign * scores[name][others], share) for name, sign in signed]
        best, sign = signed[int(np.argmax(found))]
        members, others = asked.sides(half)
        folds.append((sign * scores[best][members], sign * scores[best][others]))
        names.append(best if sign > 0 else f"-{best}")
    return BestFound(average_at(folds, share), (names[0], names[1]))


def _find(members: NDArray[np.float64], others: NDArray[np.float64], share: float) -> float:
    return float(trace_roc(members, others, np.array([share]))[0])
