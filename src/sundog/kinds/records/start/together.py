"""Rank correlations of the numbers of a table, as a copula that can be made."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import TypeAdapter
from scipy import stats

from sundog.kinds.records._laws import build_law, is_law
from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import AnyFieldSpec
from sundog.kinds.records.start.curves import Floats
from sundog.kinds.records.start.drafts import Said
from sundog.lib.laws.calibrate import calibrate_copula
from sundog.lib.laws.correlations import find_nearest_correlation
from sundog.lib.laws.law import Law

MOST_FIELDS = 24
SAMPLE = 100_000
WEAK = 0.02
"""Fields that have no correlation above this, and what the number of rows leaves open, stay out of the copula."""

_READER: TypeAdapter[AnyField] = TypeAdapter(AnyFieldSpec)


def measure_spearman(columns: Mapping[str, Floats], least: int) -> tuple[tuple[str, ...], Floats]:
    """Rank correlations of the columns that have any, over the rows where both of a pair are known.

    Args:
        columns: float64 (n,) by name, NaN where missing.
        least: rows that a pair needs; fewer count as no correlation.

    Returns:
        Names, and float64 (k, k) rounded to two digits.
    """
    names = list(columns)
    if len(names) < 2:
        return (), np.eye(0)
    rows = len(columns[names[0]])
    step = max(1, rows // SAMPLE)
    table = np.stack([columns[n][::step] for n in names])
    matrix = np.eye(len(names))
    ranks = {i: stats.rankdata(table[i]) for i in range(len(names)) if np.isfinite(table[i]).all()}
    for i in range(len(names)):
        for j in range(i):
            if i in ranks and j in ranks:
                x, y = ranks[i], ranks[j]
            else:
                both = np.isfinite(table[i]) & np.isfinite(table[j])
                x, y = stats.rankdata(table[i][both]), stats.rankdata(table[j][both])
            if len(x) < max(least, 10) or np.ptp(x) == 0 or np.ptp(y) == 0:
                continue
            matrix[i, j] = matrix[j, i] = float(np.corrcoef(x, y)[0, 1])
    return choose_fields(names, matrix, table.shape[1])


def choose_fields(names: Sequence[str], matrix: Floats, rows: float) -> tuple[tuple[str, ...], Floats]:
    """The fields with correlations that are clear, and their matrix, to two digits."""
    size = np.abs(matrix - np.eye(len(names)))
    strongest = size.max(axis=1, initial=0.0)
    order = np.argsort(-strongest, kind="stable")[:MOST_FIELDS]
    kept = np.sort([i for i in order if strongest[i] > WEAK + 3 / math.sqrt(max(rows, 1.0))])
    if len(kept) < 2:
        return (), np.eye(0)
    return tuple(names[i] for i in kept), np.round(matrix[np.ix_(kept, kept)], 2)


def fit_copula(
    names: Sequence[str], matrix: Floats, fields: Mapping[str, Said]
) -> tuple[tuple[str, ...], Floats, bool]:
    """The names and the matrix that a recipe can state: the measured one, or the nearest that these laws can have.

    Args:
        names: of the fields.
        matrix: float64 (k, k), measured.
        fields: what the recipe says of each.

    Returns:
        Names, matrix to two digits or four, and whether it had to be moved by more than rounding.
    """
    laws: dict[str, Law] = {}
    for name in names:
        spec = _READER.validate_python(
            {k: v for k, v in fields[name].items() if k not in ("origin", "missing", "keep")}
        )
        if is_law(spec):
            law = build_law(spec)
            if not law.find_faults():
                laws[name] = law
    at = [i for i, n in enumerate(names) if n in laws]
    if len(at) < 2:
        return (), np.eye(0), False
    kept = tuple(names[i] for i in at)
    wanted = matrix[np.ix_(at, at)]
    found = wanted
    chosen = [laws[n] for n in kept]
    for attempt in range(12):
        told = calibrate_copula(found, chosen, None, kept)
        if not told.faults:
            return kept, found, bool(np.abs(found - wanted).max() > 0.011)
        base = (
            told.attained
            if attempt == 0 and np.isfinite(told.attained).all()
            else find_nearest_correlation(found).matrix
        )
        shrunk = base * (1 - 0.01 * (attempt + 1))
        np.fill_diagonal(shrunk, 1.0)
        found = np.round((shrunk + shrunk.T) / 2, 3)
    return (), np.eye(0), True
