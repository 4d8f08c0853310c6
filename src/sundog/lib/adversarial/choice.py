"""Choosing the best of several attacks without being flattered by the choice.

The best of many noisy numbers is too high. So each half of the people is attacked by what did best on the other half.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key


@dataclass(frozen=True, slots=True)
class Chosen:
    """Successes of the attack that was chosen on the other half.

    Attributes:
        attack: float64 (members,), successes in [0, 1].
        control: float64 (others,), the same on people that the table was not learned from.
        names: position of the attack that each half got.
    """

    attack: NDArray[np.float64]
    control: NDArray[np.float64]
    names: tuple[int, int]


def halve(people: NDArray[np.int64], key: Key) -> NDArray[np.bool_]:
    """Bool (rows,): which half each row's person fell into."""
    distinct, codes = np.unique(people, return_inverse=True)
    side = np.zeros(len(distinct), dtype=bool)
    side[key.generator().permutation(len(distinct))[: len(distinct) // 2]] = True
    return np.asarray(side[codes], dtype=bool)


def choose_across(
    attacks: NDArray[np.float64],
    controls: NDArray[np.float64],
    attack_halves: NDArray[np.bool_],
    control_halves: NDArray[np.bool_],
) -> Chosen:
    """Attack each half by the attack with the highest risk on the other.

    Args:
        attacks: float64 (kinds, members), successes of each kind of attack.
        controls: float64 (kinds, others).
        attack_halves: bool (members,).
        control_halves: bool (others,).
    """
    attack, control = np.empty(attacks.shape[1]), np.empty(controls.shape[1])
    names = []
    for side in (False, True):
        there_a, there_c = attack_halves != side, control_halves != side
        hit, chance = attacks[:, there_a].mean(axis=1), controls[:, there_c].mean(axis=1)
        best = int(np.argmax((hit - chance) / np.maximum(1e-9, 1.0 - chance)))
        names.append(best)
        attack[~there_a], control[~there_c] = attacks[best, ~there_a], controls[best, ~there_c]
    return Chosen(attack, control, (names[0], names[1]))
