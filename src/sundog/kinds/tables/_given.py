"""Drawing rows under conditions that the model's order does not lead with: likelihood weighting.

Of several candidates for a row, each drawn with what is given held fixed and weighted by the probability that the model gives
to it, one is drawn by weight. With a growing number of candidates the draw tends to the exact conditional distribution; the
effective sample size tells how far a row is from that (Shachter and Peot, UAI 1989; Rubin, sampling importance resampling,
1987). Exact where the given columns lead the order and no set of codes is asked for beyond them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables._forest import ForestModel, walk_forest
from sundog.kinds.tables._trees_model import TreesModel, walk_trees

Allowed = tuple[NDArray[np.bool_] | None, ...]
"""For each column the codes that it may take, bool (size,); None: all. An empty tuple: all of all."""


def sample_given(
    model: TreesModel | ForestModel,
    given: NDArray[np.int32] | None,
    allowed: Allowed,
    key: Key,
    units: range,
    candidates: int = 64,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Draw rows that meet conditions.

    Args:
        model: fitted.
        given: int32 (len(units), n_columns), -1 where free; None: nothing is given.
        allowed: sets of codes; a given code outside its column's set makes the row impossible.
        key: names the random stream.
        units: row i depends on (model, key, units[i], given[i], allowed) alone.
        candidates: drawn for each row.

    Returns:
        codes, int32 (len(units), n_columns), and the effective sample size of each row's candidates, float64 (len(units),),
        between 1 and ``candidates``; 0 marks a row whose conditions the model gives no probability: its codes then mean nothing.
    """
    n_rows = len(units)
    pick = key.child("pick")
    chosen = np.zeros((n_rows, len(model.columns)), np.int32)
    # A running draw by weight: a candidate replaces the one held with chance weight / (sum of weights so far). All
    # weights of a row are kept relative to the largest so far, so that nothing underflows.
    top = np.full(n_rows, -np.inf)
    total = np.zeros(n_rows)
    squares = np.zeros(n_rows)
    for number in range(candidates):
        seed = key.child(number)
        if isinstance(model, TreesModel):
            codes, log_weight = walk_trees(model, given, allowed, seed, units)
        else:
            codes, log_weight = walk_forest(model, given, allowed, seed, units)
        log_weight = np.where(np.isnan(log_weight), -np.inf, log_weight)
        risen = np.maximum(top, log_weight)
        with np.errstate(invalid="ignore"):
            fall = np.where(np.isneginf(top), 0.0, np.exp(top - risen))
            weight = np.where(np.isneginf(log_weight), 0.0, np.exp(log_weight - risen))
        total, squares, top = total * fall + weight, squares * fall**2 + weight**2, risen
        draw = pick.child(number // 4).uniform(units)[:, number % 4]
        take = draw * total < weight
        chosen[take] = codes[take]
    possible = top > -np.inf
    for j, mask in enumerate(allowed):
        if mask is not None:
            possible &= mask[chosen[:, j]]
    effective = np.where(possible, total**2 / np.maximum(squares, 1e-300), 0.0)
    return chosen, effective
