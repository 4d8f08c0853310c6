"""Membership: scores that are high where the synthetic table gives a person away as one that it was learned from.

Every attacker holds the synthetic rows and some reference rows (people of the same kind who are neither members nor asked about), and none
knows a single member. No attack wins everywhere (Synth-MIA, arXiv:2509.18014), so all are run.

| name | score | source |
|---|---|---|
| nearest | minus the distance to the nearest synthetic row | Chen et al., CCS 2020, arXiv:1909.03935 |
| nearest, calibrated | the same minus the distance to the nearest reference row | same, section 4.3 |
| nearest of two | minus the nearest distance over the second nearest | Giomi et al. 2023; nearest neighbour distance ratio |
| density | minus the mean distance to the ten nearest synthetic rows | Hilprecht et al., PoPETs 2019(4) |
| Monte Carlo | synthetic rows within the median nearest distance | same |
| density ratio | log distance to the reference over log distance to the synthetic rows, at equal shares of rows | DOMIAS, van Breugel et al., AISTATS 2023, arXiv:2302.12580, with nearest neighbours for the densities |
| plagiarism | synthetic rows nearer than the nearest reference row, 20 at most | data plagiarism index, Ward et al. 2024, arXiv:2406.13012 |
| classifier | boosted trees, synthetic against reference rows | LOGAN, Hayes et al., PoPETs 2019(1), arXiv:1705.07663, without the generator |
| copy | columns that the most similar synthetic row has in common | exact and near copies |
| columns recovered | columns that the nearest synthetic row by all others gives away, less those that reference rows do | Houssiau et al., TAPAS 2022, arXiv:2211.06550 |
| marginals | mean log ratio of the shares of pairs of values | after MAMA-MIA, Golob et al., arXiv:2402.06699 |
| all together | mean rank over all of these | |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.adversarial.points import place_rows, search_near, search_without
from sundog.lib.kernels.gower import count_equal
from sundog.lib.stats.bins import bin_frames
from sundog.lib.stats.boost import TreeSettings, make_dataset, train_trees
from sundog.lib.stats.frame import Frame, as_matrix, join_frames
from sundog.lib.stats.ranks import rank_values

NEIGHBOURS: Final = 20
"""Nearest rows that densities look at."""

TREES: Final = TreeSettings(trees=60, leaves=31, rate=0.1, min_leaf=20)
_SMALL: Final = 1e-3
_BINS: Final = 20
_PAIRS: Final = 200
_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the attacker holds.

    Attributes:
        synthetic: rows of the table.
        reference: people who are neither members nor asked about.
    """

    synthetic: Frame
    reference: Frame


def score_members(known: Known, targets: Frame, key: Key) -> Mapping[str, NDArray[np.float64]]:
    """The score of each attack for each target, float64 (targets,), high for a member."""
    rows, held = place_rows(known.synthetic, known.synthetic), place_rows(known.synthetic, known.reference)
    asked = place_rows(known.synthetic, targets)
    scores = _score_distances(rows, held, asked)
    equal = np.zeros(len(asked), dtype=np.int64)
    count_equal(np.ascontiguousarray(rows.T), asked, equal)
    scores["copy"] = equal.astype(np.float64)
    scores["columns recovered"] = _count_recovered(rows, asked) - _count_recovered(held, asked)
    scores["classifier"] = _classify(known, targets, key.child("classifier"))
    scores["marginals"] = _score_marginals(known, targets, key.child("pairs"))
    scores["all together"] = np.mean([rank_values(s) for s in scores.values()], axis=0)
    return scores


def _score_distances(
    rows: NDArray[np.float32], held: NDArray[np.float32], asked: NDArray[np.float32]
) -> dict[str, NDArray[np.float64]]:
    near = search_near(rows, asked, min(NEIGHBOURS, len(rows))).gaps.astype(np.float64)
    real = search_near(held, asked, min(NEIGHBOURS, len(held))).gaps.astype(np.float64)
    # the tenth of ten times as many rows stands where the first does
    few = max(1, min(real.shape[1], round(10 * len(held) / len(rows))))
    many = max(1, min(near.shape[1], round(few * len(rows) / len(held))))
    reach = float(np.median(near[:, 0])) + _SMALL
    return {
        "nearest": -near[:, 0],
        "nearest, calibrated": real[:, 0] - near[:, 0],
        "nearest of two": -(near[:, 0] + _SMALL) / (near[:, min(1, near.shape[1] - 1)] + _SMALL),
        "density": -near[:, :10].mean(axis=1),
        "Monte Carlo": (near <= reach).sum(axis=1).astype(np.float64),
        "density ratio": np.log(real[:, few - 1] + _SMALL) - np.log(near[:, many - 1] + _SMALL),
        "plagiarism": (near < real[:, :1]).sum(axis=1).astype(np.float64),
    }


def _count_recovered(rows: NDArray[np.float32], asked: NDArray[np.float32]) -> NDArray[np.float64]:
    places = search_without(rows, asked).places
    guessed = np.take_along_axis(rows, places, axis=0)
    return np.asarray((np.abs(guessed - asked) < 0.005).sum(axis=1), dtype=np.float64)


def _classify(known: Known, targets: Frame, key: Key) -> NDArray[np.float64]:
    synthetic = known.synthetic
    if synthetic.rows > _ROWS:
        synthetic = synthetic.take(np.sort(key.child("rows").generator().choice(synthetic.rows, _ROWS, replace=False)))
    matrix, categories = as_matrix(join_frames(synthetic, known.reference))
    is_made = np.repeat([1.0, 0.0], [synthetic.rows, known.reference.rows])
    if len(matrix) < 4 * TREES.min_leaf:
        return np.zeros(targets.rows)
    model = train_trees(make_dataset(matrix, is_made, categories, TREES.min_leaf), "binary", TREES, key)
    return model.predict(as_matrix(targets)[0])


def _score_marginals(known: Known, targets: Frame, key: Key) -> NDArray[np.float64]:
    made, real, asked = bin_frames([known.synthetic, known.reference, targets], _BINS)
    width = len(known.synthetic.columns)
    pairs = list(combinations(range(width), 2)) or [(0, 0)]
    if len(pairs) > _PAIRS:
        pairs = [pairs[i] for i in np.sort(key.generator().choice(len(pairs), _PAIRS, replace=False))]
    score = np.zeros(targets.rows)
    for first, second in pairs:
        size = made.sizes[second]
        cells = made.sizes[first] * size
        codes = [b.codes[first].astype(np.int64) * size + b.codes[second] for b in (made, real, asked)]
        shares = [(np.bincount(c, minlength=cells) + 0.5) / (len(c) + 0.5 * cells) for c in codes[:2]]
        score += np.log(shares[0] / shares[1])[codes[2]]
    return score / len(pairs)
