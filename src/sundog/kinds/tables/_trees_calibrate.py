"""Shares of the answers as in the real rows: each question's log-odds are shifted by what generated rows show.

Trees learn what follows from real rows. When sampling they see generated ones, and what they add to the log-odds of a
question no longer balances: over twenty columns the shares drift, by .02 on the card payments of 15,000 clients. So rows
are generated column by column, and each question is shifted until the generated rows that meet it answer yes as often as
the real ones did, in the mean of their probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sundog.core.keys import Key
from sundog.kinds.tables._order import draw_words
from sundog.kinds.tables._trees_boost import PRIOR
from sundog.kinds.tables._trees_model import ColumnTrees
from sundog.kinds.tables._trees_questions import Questions
from sundog.lib.kernels.questions import score_questions

STEPS = 8
"""Steps of Newton's method; the sum of probabilities is monotone in the shift and close to linear."""

MOST = 3.0
"""Largest shift, log-odds."""

PULL = 2.0
"""Strength, in rows of variance, with which a shift is pulled to 0: a question that few generated rows meet stays."""

LEAST_ROWS = 20_000
MOST_ROWS = 100_000
"""Rows that are generated to calibrate a model: twice those that it was learned from, within these bounds."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How real rows answered.

    Attributes:
        met: float64 (n_questions,), weight of the rows that met each question.
        yes: float64 (n_questions,), weight of those that answered yes.
    """

    met: NDArray[np.float64]
    yes: NDArray[np.float64]


def calibrate_columns(
    columns: Sequence[ColumnTrees], mass: Sequence[NDArray[np.float64]], key: Key, n_learned: int
) -> tuple[ColumnTrees, ...]:
    """Shift the questions of each column until generated rows answer them as often with yes as real ones.

    Args:
        columns: in their order.
        mass: for each column of the table float64 (size,), weight of its codes.
        key: names the random stream.
        n_learned: rows that the model was learned from.
    """
    units = range(min(max(2 * n_learned, LEAST_ROWS), MOST_ROWS))
    groups = np.zeros((len(columns), len(units)), np.uint8)
    done = []
    for one in columns:
        asked, j = one.questions, one.column
        answers = count_answers(asked, mass[j])
        share = (answers.yes + PRIOR) / (answers.met + 2 * PRIOR)
        base = one.base.astype(np.float64)
        words = draw_words(key.child(j), len(asked.level_base) - 1, units)
        seen = groups[one.features]
        drawn = np.zeros(len(units), np.int32)
        rows: NDArray[np.int64] = np.arange(len(units))
        node: NDArray[np.int32] = np.zeros(len(units), np.int32)
        low: NDArray[np.int32] = np.zeros(len(units), np.int32)
        for level in range(len(asked.level_base) - 1):
            first, stop = int(asked.level_base[level]), int(asked.level_base[level + 1])
            odds = base[first + node] + _score_level(one, level, seen, rows, node)
            shift = find_shifts(odds, node, share[first:stop])
            base[first:stop] += shift
            yes = (words[level, rows] + 0.5) * 2.0**-32 < expit(odds + shift[node])
            low = np.where(yes, asked.cut[first + node], low)
            after = asked.following[first + node, yes.astype(np.int64)]
            drawn[rows] = low
            undecided = after >= 0
            rows, node, low = rows[undecided], after[undecided], low[undecided]
        groups[j] = one.groups[drawn]
        done.append(replace(one, base=base.astype(np.float32)))
    return tuple(done)


def _score_level(
    one: ColumnTrees, level: int, seen: NDArray[np.uint8], rows: NDArray[np.int64], node: NDArray[np.int32]
) -> NDArray[np.float32]:
    """What the trees of a level add to the log-odds of rows, float32 (n_rows,)."""
    added: NDArray[np.float32] = score_questions(
        seen,
        one.compared,
        one.expected,
        one.cut_rank,
        int(one.questions.level_base[level]),
        int(one.shift[level]),
        int(one.level_trees[level]),
        int(one.level_trees[level + 1]),
        one.tree_uses,
        one.tree_values,
        one.use_feature,
        one.use_start,
        one.masks,
        one.values,
        rows,
        node,
    )
    return added


def count_answers(asked: Questions, mass: NDArray[np.float64]) -> Answers:
    """How the rows answered each question, from the weight of each code, float64 (size,)."""
    n_questions = len(asked.cut)
    met, yes = np.zeros(n_questions), np.zeros(n_questions)
    below = np.concatenate([[0.0], np.cumsum(mass)])
    low, high = np.zeros(n_questions, np.int64), np.full(n_questions, len(mass), np.int64)
    for level in range(len(asked.level_base) - 1):
        first = int(asked.level_base[level])
        for question in range(first, int(asked.level_base[level + 1])):
            cut = int(asked.cut[question])
            met[question] = below[high[question]] - below[low[question]]
            yes[question] = below[high[question]] - below[cut]
            for answer, (start, stop) in enumerate(((low[question], cut), (cut, high[question]))):
                after = int(asked.following[question, answer])
                if after >= 0:
                    next_question = int(asked.level_base[level + 1]) + after
                    low[next_question], high[next_question] = start, stop
    return Answers(met, yes)


def find_shifts(odds: NDArray[np.float64], node: NDArray[np.int32], share: NDArray[np.float64]) -> NDArray[np.float64]:
    """What to add to the log-odds of each question so that rows answer yes as often as they should.

    Args:
        odds: float64 (n_rows,), log-odds of the generated rows.
        node: int32 (n_rows,), the question that each meets.
        share: float64 (n_questions,), the share of yes.

    Returns:
        float64 (n_questions,), within ``MOST``.
    """
    n_questions = len(share)
    met = np.bincount(node, minlength=n_questions)
    shift = np.zeros(n_questions)
    for _ in range(STEPS):
        chance = expit(odds + shift[node])
        missing = met * share - np.bincount(node, chance, minlength=n_questions) - PULL * shift
        slope = np.bincount(node, chance * (1.0 - chance), minlength=n_questions) + PULL
        shift = np.clip(shift + np.clip(missing / slope, -1.0, 1.0), -MOST, MOST)
    return shift
