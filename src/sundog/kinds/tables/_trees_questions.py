"""The yes-or-no questions by which a column's code is found: a binary tree over the codes, balanced by their frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of one column. A place is a code's position in the order in which the questions cut.

    Attributes:
        code_of_place: int32 (size,).
        place_of_code: int32 (size,).
        level_base: int64 (n_levels + 1,), number of the first question of each level.
        cut: int32 (n_questions,), first place that answers yes.
        following: int32 (n_questions, 2), number within the next level of the question after no and after yes; -1: found.
    """

    code_of_place: NDArray[np.int32]
    place_of_code: NDArray[np.int32]
    level_base: NDArray[np.int64]
    cut: NDArray[np.int32]
    following: NDArray[np.int32]


def ask_questions(mass: NDArray[np.float64], code_of_place: NDArray[np.int32], slack: int = 4) -> Questions:
    """Cut the places in two, again and again, where the halves weigh most alike.

    A value that most rows share is asked for first, so that a row needs about as many questions as the column has bits of
    entropy, and a spike gets trees of its own.

    Args:
        mass: float64 (size,), weight of each code; may be 0.
        code_of_place: int32 (size,), an order of the codes.
        slack: levels beyond ceil(log2(size)) that skewed frequencies may cost.
    """
    size = len(mass)
    total = np.concatenate([[0.0], np.cumsum(mass[code_of_place])])
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
    place_of_code = np.empty(size, np.int32)
    place_of_code[code_of_place] = np.arange(size, dtype=np.int32)
    return Questions(
        np.asarray(code_of_place, np.int32),
        place_of_code,
        np.array(level_base, np.int64),
        np.array(cuts, np.int32),
        np.array(following, np.int32).reshape(-1, 2),
    )


def place_categories(values: NDArray[np.int32], groups: NDArray[np.uint8], column: int, size: int) -> NDArray[np.int32]:
    """An order of categories in which those that go with like rows stand together, int32 (size,).

    The first axis of the correspondence analysis of the column against all others (Greenacre, Correspondence Analysis in
    Practice, 2017, chapter 18), on at most 20,000 evenly spaced rows. Categories beyond the 250 most frequent follow in
    order of frequency.

    Args:
        values: int32 (n_rows,), the column's codes.
        groups: uint8 (n_columns, n_rows), feature codes of all columns.
        column: its index.
        size: its number of codes.
    """
    order = np.arange(size, dtype=np.int32)
    if size < 3 or len(groups) < 2:
        return order
    step = max(1, len(values) // 20_000)
    kept = values[::step]
    n = min(size, 250)
    frequent = kept < n
    code = kept[frequent].astype(np.int64)
    tables = []
    for other, group in enumerate(groups):
        if other != column:
            k = int(group.max()) + 1
            tables.append(np.bincount(code * k + group[::step][frequent], minlength=n * k).reshape(n, k))
    table = np.concatenate(tables, axis=1) + 0.0
    table += 5.0 * table.sum(axis=0) / max(table.sum(), 1.0)
    row, column_sum = table.sum(axis=1), table.sum(axis=0)
    held = column_sum > 0
    expected = np.outer(row, column_sum[held]) / table.sum()
    residual = (table[:, held] - expected) / np.sqrt(expected)
    axis = np.linalg.eigh(residual @ residual.T)[1][:, -1]
    score = axis / np.sqrt(row)
    score *= 1.0 if score[np.argmax(np.abs(score))] >= 0 else -1.0
    order[:n] = np.argsort(np.round(score, 9), kind="stable")
    return order
