"""The exact answers, in whole steps, before noise. Nothing here may leave the process without it."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.privacy.neighbours import Neighbours, choose_rows
from sundog.lib.privacy.questions import (
    LEVELS,
    CountBins,
    CountCategories,
    CountRows,
    FindBounds,
    FindCategories,
    FindQuantiles,
    Mean,
    Question,
    Sum,
)

Exact: TypeAlias = NDArray[np.int64] | dict[str, int]
"""Cells, sums or scores: int64 (n,), in steps. Counts of categories found in the data: by name, see ``mark_missing``."""

STEPS = 2**24
"""Values are cut into this many steps from 0 to the bound that is farther from 0. Sums of fewer than 2**38 rows are exact."""

_POWERS = tuple(2.0**e for e in range(-20, 64))
BOUND_EDGES = (*(-x for x in reversed(_POWERS)), 0.0, *_POWERS)
"""Edges between which the bounds of a column are looked for; about 1e-6 to 9e18, so that times in
nanoseconds are among them, and 0."""


def find_step(bound: float) -> float:
    """Size of a step, in the unit of the column, for values of at most ``bound`` in size."""
    return bound / STEPS


def weigh_level(level: float) -> tuple[int, int]:
    """Weights of a row below and of a row above a candidate for this quantile, as small whole numbers.

    The candidate at the quantile has as many weighted rows below as above.
    """
    above = round(level * LEVELS)
    common = math.gcd(above, LEVELS)
    return (LEVELS - above) // common, above // common


def list_candidates(question: FindQuantiles) -> NDArray[np.float64]:
    """float64 (question.candidates,), ascending, in the unit of the column."""
    return np.linspace(question.lower, question.upper, question.candidates).astype(np.float64)


def limit_rows(table: pa.Table, neighbours: Neighbours) -> pa.Table:
    """The rows that are read, at most ``neighbours.contribution`` of each person."""
    if not neighbours.person:
        return table
    return table.take(pa.array(choose_rows(table.column(neighbours.person), neighbours.contribution)))


def measure(question: Question, table: pa.Table) -> tuple[Exact, ...]:
    """The exact answer of each release of a question, as ``pricing.price`` lists them.

    Args:
        question: checked by ``questions.find_problems``.
        table: rows already limited per person.
    """
    match question:
        case CountRows():
            return (np.array([table.num_rows], np.int64),)
        case CountCategories(column=name, categories=categories):
            return (_count_categories(_as_text(table.column(name)), categories),)
        case FindCategories(column=name):
            return (_count_found(_as_text(table.column(name))),)
        case CountBins(column=name, edges=edges):
            return (_count_bins(table.column(name), np.asarray(edges, np.float64)),)
        case FindBounds(column=name):
            return (_count_bins(table.column(name), np.asarray(BOUND_EDGES)),)
        case FindQuantiles(column=name, levels=levels):
            values = np.sort(_as_numbers(table.column(name)))
            candidates = list_candidates(question)
            values = np.clip(values, candidates[0], candidates[-1])
            return tuple(_score(values, candidates, level) for level in levels)
        case Sum(column=name, lower=lower, upper=upper):
            return (_add_up(_as_numbers(table.column(name)), lower, upper, 0.0, max(abs(lower), abs(upper))),)
        case Mean(column=name, lower=lower, upper=upper):
            values, half = _as_numbers(table.column(name)), (upper - lower) / 2
            return (_add_up(values, lower, upper, lower + half, half), np.array([len(values)], np.int64))


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text of each value, string (n,); missing where the value is."""
    kind = column.type
    plain = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    return plain if pa.types.is_string(plain.type) else plain.cast(pa.string())


def _as_numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """float64 (m,): the values that are there, in the column's own unit; NaN counts as missing."""
    kind = column.type
    if pa.types.is_temporal(kind):
        column = column.cast(pa.int32() if kind.bit_width == 32 else pa.int64())
    values = column.drop_null().cast(pa.float64(), safe=False).to_numpy()
    return np.asarray(values[~np.isnan(values)], np.float64)


def _count_categories(text: pa.ChunkedArray, categories: tuple[str, ...]) -> NDArray[np.int64]:
    """int64 (len(categories) + 2,): rows of each, of other values, and without one."""
    size = len(categories)
    codes = pc.index_in(text, value_set=pa.array(categories, pa.string())).fill_null(size).to_numpy()
    counts = np.bincount(codes, minlength=size + 2).astype(np.int64)
    counts[size + 1] = text.null_count
    counts[size] -= text.null_count
    return counts


def _count_bins(column: pa.ChunkedArray, edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """int64 (len(edges) + 1,): rows in each bin, outside of all, and without a value."""
    values = _as_numbers(column)
    size = len(edges) - 1
    at = np.searchsorted(edges, values, side="right") - 1
    at[values == edges[-1]] = size - 1
    at[(at < 0) | (at >= size)] = size
    counts = np.bincount(at, minlength=size + 2).astype(np.int64)
    counts[size + 1] = len(column) - len(values)
    return counts


MISSING = "n"
"""Name under which rows without a value are counted among the categories that are found."""


def mark_category(value: str) -> str:
    """Name of a value that is there, which no missing one can have."""
    return f"v{value}"


def _count_found(text: pa.ChunkedArray) -> dict[str, int]:
    tallied = pc.value_counts(text)
    values, counts = tallied.field("values").to_pylist(), tallied.field("counts").to_pylist()
    return {MISSING if v is None else mark_category(v): int(n) for v, n in zip(values, counts, strict=True)}


def _score(values: NDArray[np.float64], candidates: NDArray[np.float64], level: float) -> NDArray[np.int64]:
    """How well each candidate splits the sorted values; 0 is perfect, less is worse (Smith 2011, doi:10.1145/1993636.1993743)."""
    below = np.searchsorted(values, candidates, side="left").astype(np.int64)
    above = len(values) - np.searchsorted(values, candidates, side="right").astype(np.int64)
    weight_below, weight_above = weigh_level(level)
    scores: NDArray[np.int64] = -np.abs(weight_below * below - weight_above * above)
    return scores


def _add_up(values: NDArray[np.float64], lower: float, upper: float, centre: float, bound: float) -> NDArray[np.int64]:
    """int64 (1,): sum of the values, moved into the bounds and less the centre, in steps of which no value has more than STEPS."""
    steps = np.rint((np.clip(values, lower, upper) - centre) / find_step(bound))
    return np.array([np.clip(steps, -STEPS, STEPS).astype(np.int64).sum()], np.int64)
