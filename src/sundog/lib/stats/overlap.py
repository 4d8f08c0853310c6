"""Whether records that are said to be fresh are the ones they are to be compared with.

People who agree in every column exist in any population, so equal rows alone prove nothing in a narrow table. How many are to be
expected follows from the first table itself: the chance that a fresh row is of a kind that was seen exactly once is about
2 n2 / n, with n2 the number of kinds seen twice among n rows (Good, Biometrika 40 (1953), doi:10.1093/biomet/40.3-4.237). Fresh rows
from a denser place meet common kinds more often, and those do not count here.

Limits: a table in which every record stands twice has no row that is the only one of its kind, so only the same table as a whole is
found in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.lib.stats.intervals import exact_interval
from sundog.lib.stats.rowhash import count_rows, make_row_set

LEAST_SHARE = 0.02
"""Share of the second table that must be of the first before it is said to be; more where chance explains much."""
NEARLY_ALL = 0.9
LEAST_ROOM = 0.1
"""What chance must leave open for a difference to be told."""
SURE = 0.999
"""Level of the intervals: a refusal ends the work, so that it must be sure."""
LEAST_KINDS = 20
"""Different rows that a table needs before equal counts of each mean that it is the same table in another order."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows of the second table that are rows of the first.

    Attributes:
        met: how many.
        rows: of the second table.
        expected: how many chance explains.
    """

    met: int
    rows: int
    expected: int


def find_same_table(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Shared | None:
    """Whether two tables have the same rows, in the same order or, where there are enough different ones, in any.

    Args:
        first: uint64 (n, 2), hashes of whole rows.
        second: uint64 (m, 2).
    """
    if len(first) != len(second) or len(first) == 0:
        return None
    kinds, others = make_row_set(first), make_row_set(second)
    if len(kinds.high) < 2:
        return None
    alike = len(kinds.high) >= LEAST_KINDS and all(
        np.array_equal(a, b)
        for a, b in ((kinds.high, others.high), (kinds.low, others.low), (kinds.counts, others.counts))
    )
    return Shared(len(second), len(second), 0) if alike or np.array_equal(first, second) else None


def find_shared_rows(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> Shared | None:
    """Rows of the second table that are rows of the first, beyond what chance explains; None where it explains them.

    Told by rows that are the only one of their kind in the first table, and where nearly all rows of the second stand there, by all.

    Args:
        first: uint64 (n, 2), hashes of rows without what only names them.
        second: uint64 (m, 2).
    """
    if not len(first) or not len(second):
        return None
    kinds = make_row_set(first)
    found = count_rows(kinds, second)
    once, twice = int((kinds.counts == 1).sum()), int((kinds.counts == 2).sum())
    chance = min(2 * twice, len(first))
    if _least_share(int((found == 1).sum()), len(second), chance, len(first), once / len(first)) >= (
        LEAST_SHARE + chance / len(first)
    ):
        return Shared(int((found == 1).sum()), len(second), round(chance / len(first) * len(second)))
    again = len(first) - once  # a row drawn from the same people has an equal one among the others this often
    if _least_share(int((found > 0).sum()), len(second), again, len(first), 1.0) >= NEARLY_ALL:
        return Shared(int((found > 0).sum()), len(second), round(again / len(first) * len(second)))
    return None


def _least_share(met: int, rows: int, chance: int, among: int, reach: float) -> float:
    """Lower end of the share of rows that are of the first table, where ``chance`` of ``among`` meet anyway and ``reach`` of its own."""
    most = exact_interval(chance, among, SURE)[1]
    return (exact_interval(met, rows, SURE)[0] - most) / (reach - most) if reach > most + LEAST_ROOM else 0.0


def find_shared_names(
    names: tuple[NDArray[np.uint64], NDArray[np.uint64]], rows: tuple[NDArray[np.uint64], NDArray[np.uint64]]
) -> Shared | None:
    """Rows that have the same identifier and agree in the rest, which running numbers that begin anew do not.

    Args:
        names: uint64 (n,) and uint64 (m,), hashes of an identifier.
        rows: uint64 (n, 2) and uint64 (m, 2), hashes of the other columns.
    """
    first, at = np.unique(names[0], return_index=True)
    second, other = np.unique(names[1], return_index=True)
    if len(first) < 0.99 * len(names[0]) or len(second) < 0.99 * len(names[1]):
        return None
    both, one, two = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    if len(both) < max(10, LEAST_SHARE * len(names[1])):
        return None
    left, right = rows[0][at[one]], rows[1][other[two]]
    equal = int((left == right).all(axis=1).sum())
    by_chance = float(count_rows(make_row_set(left), right).mean()) / len(both)
    if exact_interval(equal, len(both))[0] <= by_chance + 0.5 * (1.0 - by_chance):
        return None
    return Shared(equal, len(names[1]), round(by_chance * len(both)))
