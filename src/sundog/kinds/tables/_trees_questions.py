"""The yes-or-no questions by which a column's code is found: a binary tree over the codes, balanced by their frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of one column.

    Attributes:
        level_base: int64 (n_levels + 1,), number of the first question of each level.
        cut: int32 (n_questions,), first code that answers yes.
        following: int32 (n_questions, 2), number within the next level of the question after no and after yes; -1: found.
    """

    level_base: NDArray[np.int64]
    cut: NDArray[np.int32]
    following: NDArray[np.int32]


def ask_questions(mass: NDArray[np.float64], slack: int = 4) -> Questions:
    """Cut the codes in two, again and again, where the halves weigh most alike.

    A value that most rows share is asked for first, so that a row needs about as many questions as the column has bits of
    entropy, and a spike gets trees of its own.

    Args:
        mass: float64 (size,), weight of each code; may be 0.
        slack: levels beyond ceil(log2(size)) that skewed frequencies may cost.
    """
    size = len(mass)
    total = np.concatenate([[0.0], np.cumsum(mass)])
    # Codes without mass must not make a cut at random: a whisper of mass each keeps the halves of nothing alike.
    total += np.arange(size + 1) * (1e-9 * max(total[-1], 1.0) / size)
    deepest = (max(size - 1, 1)).bit_length() + slack
    level_base, cuts, following = [0], [], []
    runs = [(0, size)] if size > 1 else []
    while runs:
        room = 1 << min(deepest - len(level_base), 40)
        after: list[tuple[int, int]] = []
        for low, high in runs:
            middle = (total[low] + total[high]) / 2
            cut = int(np.searchsorted(total, middle))
            if cut > low + 1 and middle - total[cut - 1] <= total[min(cut, size)] - middle:
                cut -= 1
            # Both halves must still fit into the levels that are left.
            cut = min(max(cut, low + 1, high - room), high - 1, low + room)
            cuts.append(cut)
            pair = []
            for part in ((low, cut), (cut, high)):
                if part[1] - part[0] > 1:
                    pair.append(len(after))
                    after.append(part)
                else:
                    pair.append(-1)
            following.append(pair)
        level_base.append(len(cuts))
        runs = after
    return Questions(
        np.array(level_base, np.int64),
        np.array(cuts, np.int32),
        np.array(following, np.int32).reshape(-1, 2),
    )
