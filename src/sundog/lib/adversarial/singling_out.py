"""Singling out: conditions read off the synthetic rows that exactly one real person meets.

An attacker who holds the synthetic table writes down conditions that one synthetic row alone meets, and claims that one person in the
training records alone meets them. Univariate: one column, a value that occurs once, the least or the greatest. Multivariate:
several columns of one synthetic row, a category by its value, a number by the side of the median on which it lies.

Source: Giomi et al., PoPETs 2023(2), doi:10.56553/popets-2023-0055, section 4; WP29 Opinion 05/2014, section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.kernels.predicates import AT_LEAST, AT_MOST, EQUAL, MISSING, count_people
from sundog.lib.stats.frame import Frame

Condition = tuple[int, int, float]
"""Column, form, bound."""

_ROUNDS = 8
"""Times as many conditions are tried as are wanted, before fewer are taken."""


@dataclass(frozen=True, slots=True)
class Queries:
    """Conditions of several queries one after the other.

    Attributes:
        starts: int64 (queries + 1,).
        columns: int64 (conditions,).
        forms: int64 (conditions,), as in ``lib.kernels.predicates``.
        bounds: float64 (conditions,).
        origin: int64 (queries,), synthetic row that each query was read off.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int64]
    forms: NDArray[np.int64]
    bounds: NDArray[np.float64]
    origin: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.origin)


@dataclass(frozen=True, slots=True)
class Population:
    """People whom queries may single out.

    Attributes:
        table: float64 (columns, n), values, NaN where missing; categories as codes.
        people: int64 (n,), the person of each row, equal ones together.
        size: number of people.
    """

    table: NDArray[np.float64]
    people: NDArray[np.int64]
    size: int


def make_population(frame: Frame, people: NDArray[np.int64] | None = None) -> Population:
    """Rows as people; each row is a person where none are named."""
    table = np.empty((len(frame.columns), frame.rows))
    for i, column in enumerate(frame.columns):
        values = frame.values[i]
        table[i] = values if column.numeric else np.where(frame.missing(i), np.nan, values)
    if people is None:
        return Population(table, np.arange(frame.rows), frame.rows)
    order = np.argsort(people, kind="stable")
    return Population(np.ascontiguousarray(table[:, order]), people[order], len(np.unique(people)))


def write_univariate(synthetic: Population, most: int, key: Key) -> Queries:
    """Queries of one column that one synthetic row alone meets, at most so many, drawn at random."""
    found: list[tuple[int, list[Condition]]] = []
    for j, values in enumerate(synthetic.table):
        missing = np.flatnonzero(np.isnan(values))
        if len(missing) == 1:
            found.append((int(missing[0]), [(j, MISSING, 0.0)]))
        known = np.flatnonzero(~np.isnan(values))
        if len(known) == 0:
            continue
        distinct, first, counts = np.unique(values[known], return_index=True, return_counts=True)
        single = counts == 1
        found += [(int(known[f]), [(j, EQUAL, float(v))]) for v, f in zip(distinct[single], first[single], strict=True)]
        if len(distinct) > 2:
            found += [
                (int(known[first[end]]), [(j, form, float(distinct[end]))])
                for end, form in ((0, AT_MOST), (-1, AT_LEAST))
                if counts[end] == 1
            ]
    chosen = key.generator().permutation(len(found))[:most]
    return _pack([found[i] for i in chosen])


def write_multivariate(synthetic: Population, numeric: NDArray[np.bool_], width: int, most: int, key: Key) -> Queries:
    """Queries of ``width`` columns of one synthetic row that it alone meets, at most so many, each once.

    The same query twice would be one attempt counted as two: where few rows can be told apart, all attempts together would be a handful.

    Args:
        synthetic: rows to read them off.
        numeric: bool (columns,), which columns are ordered.
        width: how many columns a query has.
        most: how many queries; fewer where the columns hardly tell rows apart.
        key: of the draws.
    """
    draw = key.generator()
    columns, rows = synthetic.table.shape
    medians = np.array(
        [
            np.median(v[~np.isnan(v)]) if n and not np.isnan(v).all() else 0.0
            for v, n in zip(synthetic.table, numeric, strict=True)
        ]
    )
    kept: list[tuple[int, list[Condition]]] = []
    seen: set[tuple[int, frozenset[int]]] = set()
    for _ in range(_ROUNDS):
        tried = []
        for row in draw.integers(0, rows, most):
            chosen = draw.choice(columns, size=min(width, columns), replace=False)
            told = (int(row), frozenset(chosen.tolist()))
            if told in seen:
                continue
            seen.add(told)
            tried.append(
                (int(row), [_condition(synthetic.table[j, row], int(j), bool(numeric[j]), medians[j]) for j in chosen])
            )
        if not tried:
            break
        single = count(_pack(tried), synthetic, 2) == 1
        kept += [t for t, alone in zip(tried, single, strict=True) if alone]
        # where hardly any row is told apart, more rounds would not mend it
        if len(kept) >= most or len(kept) * _ROUNDS < most // 2:
            break
    return _pack(kept[:most])


def write_guesses(synthetic: Population, numeric: NDArray[np.bool_], width: int, most: int, key: Key) -> Queries:
    """Queries that any row of the right form could have given: each condition reads another row, so none describes a person."""
    draw = key.generator()
    columns, rows = synthetic.table.shape
    forms = (AT_MOST, AT_LEAST)
    guesses = []
    for _ in range(most):
        conditions: list[Condition] = []
        for j in draw.choice(columns, size=min(width, columns), replace=False):
            value = synthetic.table[j, draw.integers(rows)]
            form = forms[int(draw.integers(2))] if numeric[j] and width > 1 else EQUAL
            conditions.append((int(j), MISSING, 0.0) if np.isnan(value) else (int(j), form, float(value)))
        guesses.append((0, conditions))
    return _pack(guesses)


def count(queries: Queries, population: Population, most: int) -> NDArray[np.int64]:
    """int64 (queries,): people who meet each query; counting stops at ``most``."""
    counts, first = np.zeros(len(queries), dtype=np.int64), np.zeros(len(queries), dtype=np.int64)
    count_people(
        population.table,
        population.people,
        queries.starts,
        queries.columns,
        queries.forms,
        queries.bounds,
        most,
        counts,
        first,
    )
    return counts


def expect_singled(
    members: NDArray[np.int64], others: NDArray[np.int64], size: int, other_size: int
) -> NDArray[np.float64]:
    """What the control says of each query: whether it would single somebody out among as many strangers as there are members.

    A query singles out one of many more easily than one of few, and the holdout is smaller than the training records. So the holdout's
    ``other_size`` people are put among ``size - other_size`` members drawn at random, and the query counts when it meets one
    person of all, who is of the holdout; that happens to one in ``size / other_size`` of the queries that single out anybody, so
    it counts ``size / other_size``. The draw is not made but averaged over: none of ``x`` members who meet the query is drawn with
    chance C(size - x, size - other_size) / C(size, size - other_size). Where the table says nothing of its members, members and
    strangers change places freely, and the mean of this is the attack's success.

    Args:
        members: int64 (queries,), training people who meet each query.
        others: int64 (queries,), people of the holdout who do.
        size: number of training people.
        other_size: number of people of the holdout, at most ``size``.

    Returns:
        float64 (queries,), in [0, size / other_size].
    """
    none_drawn: NDArray[np.float64] = np.ones(len(members))
    for i in range(int(members.max(initial=0))):
        none_drawn = np.where(members > i, none_drawn * max(0, other_size - i) / (size - i), none_drawn)
    return np.where(others == 1, none_drawn * size / other_size, 0.0)


def _condition(value: float, column: int, ordered: bool, median: float) -> Condition:
    if np.isnan(value):
        return (column, MISSING, 0.0)
    if not ordered:
        return (column, EQUAL, float(value))
    return (column, AT_LEAST if value > median else AT_MOST, float(value))


def _pack(found: list[tuple[int, list[Condition]]]) -> Queries:
    conditions = [c for _, cs in found for c in cs]
    return Queries(
        np.cumsum([0, *(len(cs) for _, cs in found)], dtype=np.int64),
        np.array([c[0] for c in conditions], dtype=np.int64),
        np.array([c[1] for c in conditions], dtype=np.int64),
        np.array([c[2] for c in conditions], dtype=np.float64),
        np.array([row for row, _ in found], dtype=np.int64),
    )
