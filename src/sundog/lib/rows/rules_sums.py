"""Sums between columns, found by a linear hash: each column becomes one 64-bit number h, and a + b = c only if h(a) + h(b) = h(c).

h(x) is the sum of x[i] * w[i] mod 2**64 over sampled rows with fixed odd weights w, so it is additive whatever the columns hold, and all
two-term sums among m columns cost m**2 look-ups. Longer sums are looked for among columns that stand side by side, up to
``MAX_RUN`` of them, and among all triples of at most ``MAX_TRIPLE`` columns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sundog.lib.rows.rules import EVIDENCE, Candidate, align, is_sum

MAX_RUN = 40
MAX_TRIPLE = 60
_MIN_ROWS = 50

Equation = tuple[int, tuple[int, ...]]
"""Index of the total and of its terms."""


def find_sums(
    columns: Sequence[Candidate], sample: Sequence[Candidate], generator: np.random.Generator
) -> list[tuple[str, tuple[str, ...]]]:
    """Totals with their terms, verified on all rows; at most one sum a total."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for group in _groups(sample):
        decimals = max(sample[i].scale.decimals for i in group)  # type: ignore[union-attr]
        if any(_overflows(sample[i], decimals) for i in group):
            continue
        lines = np.column_stack([align(sample[i])(decimals).values for i in group])
        present = np.column_stack([sample[i].ticks.finite for i in group])
        weights = generator.integers(0, 2**62, len(lines), dtype=np.int64).astype(np.uint64) * np.uint64(2) + np.uint64(
            1
        )
        totals: set[int] = set()
        times = [k for k, i in enumerate(group) if sample[i].family != "number"]
        for total, terms in _search(lines, present, weights):
            if total in totals or not _is_telling(lines, present, terms):
                continue
            if times and sum(sample[group[k]].family[:8] != "duration" and k in times for k in (total, *terms)) not in (
                0,
                2,
            ):
                continue  # a time is a time plus spans
            if times and not any(k in times for k in (total, *terms)):
                continue  # numbers alone are looked at as such
            if any(total in other and t in terms for t, other in _named(found, group, sample)):
                continue  # c = a + b and a = c + d both hold only if b = -d
            ticks = [align(columns[group[i]])(decimals) for i in (total, *terms)]
            if is_sum(ticks[0], ticks[1:], (), True):
                totals.add(total)
                found.append((columns[group[total]].name, tuple(columns[group[i]].name for i in terms)))
    return found


def _named(
    found: list[tuple[str, tuple[str, ...]]], group: Sequence[int], sample: Sequence[Candidate]
) -> list[tuple[int, tuple[int, ...]]]:
    place = {sample[i].name: k for k, i in enumerate(group)}
    return [
        (place[t], tuple(place[x] for x in terms))
        for t, terms in found
        if t in place and all(x in place for x in terms)
    ]


def _groups(sample: Sequence[Candidate]) -> list[list[int]]:
    """Columns that can be added: numbers; dates with whole numbers (days); timestamps with durations of the same unit."""
    numbers = [i for i, c in enumerate(sample) if c.family == "number" and c.scale is not None and c.scale.integral]
    groups = [numbers]
    dates = [i for i, c in enumerate(sample) if c.scale is not None and c.line and c.scale.kind == "date"]
    if dates:
        groups.append(dates + [i for i in numbers if sample[i].scale.decimals == 0])  # type: ignore[union-attr]
    for unit in ("s", "ms", "us", "ns"):
        spans = [
            i
            for i, c in enumerate(sample)
            if c.line and c.scale is not None and c.scale.kind == "duration" and c.scale.unit == unit
        ]
        stamps = [
            i
            for i, c in enumerate(sample)
            if c.line
            and c.scale is not None
            and c.scale.kind == "timestamp"
            and c.scale.unit == unit
            and (not c.scale.zone or c.scale.shift)
        ]
        if spans:
            groups.append(stamps + spans)
    return [g for g in groups if len(g) >= 3]


def _overflows(column: Candidate, decimals: int) -> bool:
    assert column.scale is not None
    top = float(np.abs(column.ticks.values.astype(np.float64)).max(initial=0.0))
    return top * 10.0 ** (decimals - column.scale.decimals) * MAX_RUN > 2.0**62


def _search(lines: NDArray[np.int64], present: NDArray[np.bool_], weights: NDArray[np.uint64]) -> list[Equation]:
    """Candidates on the sample, the shortest first. Rows with a missing value are left out of the hash where most rows are complete."""
    whole = present.all(axis=1)
    rows = whole if whole.sum() >= _MIN_ROWS else np.ones(len(lines), dtype=bool)
    filled = np.where(present, lines, 0)[rows].astype(np.uint64)
    with np.errstate(over="ignore"):
        h = (filled * weights[rows, None]).sum(axis=0, dtype=np.uint64)
    m = len(h)
    varied = np.array([(filled[:, i] != filled[0, i]).any() for i in range(m)])
    owner: dict[int, list[int]] = {}
    for i in range(m):
        if varied[i]:
            owner.setdefault(int(h[i]), []).append(i)
    found: list[Equation] = []
    known = np.array(sorted(owner), dtype=np.uint64)
    if len(known) == 0:
        return found
    idx = np.flatnonzero(varied)
    for at, i in enumerate(idx):
        rest = idx[at + 1 :]
        sums = h[rest] + h[i]
        hit = _contains(known, sums)
        for j, s in zip(rest[hit], sums[hit], strict=True):
            found.extend((c, (int(i), int(j))) for c in owner[int(s)] if c not in (i, j))
    prefix = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(h, dtype=np.uint64)])
    for length in range(3, min(MAX_RUN, m - 1) + 1):
        runs = prefix[length:] - prefix[:-length]
        for start in np.flatnonzero(_contains(known, runs)):
            terms = tuple(range(int(start), int(start) + length))
            if all(varied[t] for t in terms):
                found.extend((c, terms) for c in owner[int(runs[start])] if c not in terms)
    if len(idx) <= MAX_TRIPLE:
        for at, i in enumerate(idx):
            for bt in range(at + 1, len(idx)):
                j = idx[bt]
                rest = idx[bt + 1 :]
                sums = h[rest] + h[i] + h[j]
                hit = _contains(known, sums)
                for k, s in zip(rest[hit], sums[hit], strict=True):
                    terms = (int(i), int(j), int(k))
                    found.extend((c, terms) for c in owner[int(s)] if c not in terms)
    return found


def _contains(known: NDArray[np.uint64], values: NDArray[np.uint64]) -> NDArray[np.bool_]:
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    return np.asarray(known[at] == values, dtype=bool)


def _is_telling(lines: NDArray[np.int64], present: NDArray[np.bool_], terms: Sequence[int]) -> bool:
    """Whether enough sampled rows have two terms that are not zero."""
    busy = (present[:, terms] & (lines[:, terms] != 0)).sum(axis=1) >= 2
    return bool(busy.sum() >= min(EVIDENCE, 0.5 * len(lines)))
