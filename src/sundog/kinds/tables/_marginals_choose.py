"""Which tables of several columns are counted: one after the other, where the model is furthest from the rows.

Source: AIM, McKenna, Mullins, Sheldon and Miklau, PVLDB 15(11), 2022, doi:10.14778/3551793.3551817: candidates weighted by how
much of the workload (all groups of ``columns`` columns) they cover, scored by how far the model is off less what noise would
be, chosen by the exponential mechanism, counted with Gaussian noise; a larger part of the budget once a count has told
little. What differs: the model's own counts of candidates come from rows drawn from it, so that no candidate needs a product
of tables.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.tables.recipe_methods import MarginalsSpec
from sundog.lib.graphical.beliefs import Table
from sundog.lib.graphical.drawing import Drawer, GraphicalModel
from sundog.lib.graphical.fitting import Fit, Measurement, fit_measurements
from sundog.lib.graphical.junction import Clique, count_cells
from sundog.lib.kernels.tallies import tally_cells
from sundog.lib.privacy.purse import Purse

SELECTION = 0.1
"""Part of a round's rho that chooses the table; the rest counts it."""

MOST_CANDIDATES = 2_000
"""Tables that are weighed against each other; with more columns than that allows, only pairs are."""

DRAWN = 50_000
"""Rows that are drawn from the model to see how far it is off."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Tables that may be counted, from the numbers of groups alone.

    Attributes:
        cliques: their columns.
        weights: int64, how much of the workload each covers.
        cells: int64, of each.
    """

    cliques: tuple[Clique, ...]
    weights: NDArray[np.int64]
    cells: NDArray[np.int64]


def list_candidates(sizes: Sequence[int], settings: MarginalsSpec) -> Candidates:
    """All pairs, and larger groups as far as settings and their number allow, of at most ``cells`` cells."""
    d = len(sizes)
    degree = min(settings.columns, d)
    while degree > 2 and sum(math.comb(d, k) for k in range(2, degree + 1)) > MOST_CANDIDATES:
        degree -= 1
    found = [
        c
        for k in range(2, degree + 1)
        for c in itertools.combinations(range(d), k)
        if math.prod(sizes[v] for v in c) <= settings.cells
    ]
    weights = [_cover(len(c), d, min(max(degree, 2), d)) for c in found]
    common = math.gcd(*weights) if weights else 1
    return Candidates(
        tuple(found),
        np.array([w // common for w in weights], np.int64),
        np.array([math.prod(sizes[v] for v in c) for c in found], np.int64),
    )


def _cover(own: int, columns: int, degree: int) -> int:
    """Columns that a group shares with each group of ``degree`` columns, added up over all of those."""
    return sum(
        math.comb(own, k) * math.comb(columns - own, degree - k) * k
        for k in range(1, own + 1)
        if 0 <= degree - k <= columns - own
    )


def choose_tables(
    codes: NDArray[np.int32],
    names: Sequence[str],
    sizes: Sequence[int],
    known: Sequence[Measurement],
    total: float,
    barred: Mapping[Clique, Table],
    settings: MarginalsSpec,
    purse: Purse,
    key: Key,
) -> tuple[Fit, tuple[Measurement, ...]]:
    """Spend what is left of the purse on tables of several columns, and fit the model.

    Args:
        codes: int32 (n, n_columns), groups of the rows that are read.
        names: of the columns, for the ledger.
        sizes: groups of each column.
        known: measurements of single columns.
        total: rows, as told.
        barred: what cannot be.
        settings: rounds and sizes.
        purse: pays for it.
        key: of the rows drawn from the model; no noise comes from it.

    Returns:
        The model and all that was measured.
    """
    measured = list(known)
    singles = [(v,) for v in range(len(sizes))]
    fit = fit_measurements(sizes, measured, total, groups=singles, barred=barred, steps=60)
    candidates = list_candidates(sizes, settings)
    if not candidates.cliques:
        return fit, tuple(measured)
    exact = tally_cells(codes, candidates.cliques, sizes)
    whole = purse.rho
    part = purse.left / settings.rounds
    for number in itertools.count():
        left = purse.left
        if left < 1e-9 * whole:
            break
        last = left < 2 * part
        rho = left * (1 - 1e-9) if last else part
        select, count = SELECTION * rho, (1 - SELECTION) * rho
        sigma = purse.neighbours.contribution / math.sqrt(2 * count)
        drawn, _ = Drawer(as_model(fit)).draw(key.child(number), range(DRAWN))
        made = tally_cells(drawn, candidates.cliques, sizes)
        limit = settings.model_cells * min(1.0, (whole - left + rho) / whole)
        open_to = _find_affordable(candidates.cliques, sizes, fit, limit)
        off = np.array([np.abs(exact[i] - made[i] * (total / DRAWN)).sum() for i in open_to])
        expected = math.sqrt(2 / math.pi) * sigma * candidates.cells[open_to]
        # One row moves a distance by at most 1, so a weighted one by its weight, and rounding adds at most 1.
        scores = np.rint(candidates.weights[open_to] * (off - expected)).astype(np.int64)
        reach = int(candidates.weights[open_to].max()) + 1
        asked = f"table {number + 1} of those where the model is furthest from the rows, of {len(open_to)}"
        chosen = int(open_to[purse.choose(asked, names, scores, reach, select)])
        clique = candidates.cliques[chosen]
        shape = tuple(sizes[v] for v in clique)
        own = [names[v] for v in clique]
        told = purse.count(
            f"rows by {' and '.join(map(repr, own))}, of {math.prod(shape)} cells", own, exact[chosen], count
        )
        precision = np.full(shape, 1.0 / purse.deviation() ** 2)
        measured.append(Measurement(clique, told.astype(np.float64).reshape(shape), precision))
        before = made[chosen] * (total / DRAWN)
        fit = fit_measurements(sizes, measured, total, groups=singles, barred=barred, before=fit, steps=60)
        moved = np.abs(fit.layout.project(fit.beliefs, clique).ravel() - before).sum()
        if moved <= math.sqrt(2 / math.pi) * sigma * math.prod(shape):
            part *= 4
        if last:
            break
    fit = fit_measurements(sizes, measured, total, groups=singles, barred=barred, before=fit, steps=400)
    return fit, tuple(measured)


def _find_affordable(cliques: Sequence[Clique], sizes: Sequence[int], fit: Fit, limit: float) -> NDArray[np.int64]:
    """Candidates with which the model stays within its cells; those that lie within it already always may be taken."""
    groups = [set(c) for c in fit.layout.junction.cliques]
    inside = np.array([any(set(c) <= g for g in groups) for c in cliques])
    cells = np.full(len(cliques), 0.0)
    others = np.flatnonzero(~inside)
    cells[others] = count_cells(sizes, fit.potentials, [cliques[i] for i in others])
    found = np.flatnonzero(cells <= limit)
    if not len(found):  # the smallest one, so that the budget is of use
        found = np.array([int(np.argmin(cells))])
    return found.astype(np.int64)


def as_model(fit: Fit) -> GraphicalModel:
    """The fitted density as it is stored."""
    junction = fit.layout.junction
    return GraphicalModel(junction.sizes, junction.cliques, junction.parents, tuple(fit.tables()))
