"""Rules between columns, found in the data: functions, sums, ordered pairs, points.

Candidates are found on a sample of rows, all pairs at once; each is then verified on every row. A rule is taken only where
chance would have broken it: in rows whose partner repeats (functions), where ranges overlap (ordered pairs), where at least two terms
are not zero (sums). Near-unique columns determine everything and are no rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows.scale import Numbers, Scale, Ticks, learn_scale, rescale, to_ticks

SAMPLE = 2_000
"""Rows on which candidates are looked for."""

EVIDENCE = 30.0
"""Rows that chance alone would have broken before a rule is believed."""


@dataclass(slots=True)
class Candidate:
    """A column that may take part in rules.

    Attributes:
        name: of the column.
        array: all rows.
        line: whether it is coded as a number (then it has a scale), else as a category.
        scale: of a line.
    """

    name: str
    array: pa.Array
    line: bool
    scale: Scale | None = None
    _ticks: Ticks | None = None
    _codes: NDArray[np.int64] | None = None

    @property
    def ticks(self) -> Ticks:
        """All rows as ticks; kept until ``forget``."""
        if self._ticks is None:
            if self.scale is None:
                self.scale = learn_scale(self.array)
            self._ticks = to_ticks(self.array, self.scale)
        return self._ticks

    @property
    def codes(self) -> NDArray[np.int64]:
        """Distinct values numbered from 0 in their order (lines) or by first appearance; missing is the last number."""
        if self._codes is None:
            self._codes = _number_values(self)
        return self._codes

    @property
    def family(self) -> str:
        """Columns of one family can be compared and added; empty for none."""
        if not self.line or self.scale is None:
            return ""
        if self.scale.kind in ("integer", "decimal", "fixed", "float"):
            return "number"
        if self.scale.kind == "unsigned":
            return ""
        return f"{self.scale.kind} {self.scale.unit} {self.scale.zone}"

    def forget(self) -> None:
        """Free what was computed of all rows."""
        self._ticks = None
        self._codes = None


@dataclass(slots=True)
class Found:
    """Rules that hold in every row.

    Attributes:
        functions: derived column to the column that determines it.
        sums: derived column to (plus, minus) columns.
        ordered: column to the columns that are never above it.
        points: (latitude, longitude).
        remarks: (column, sentence).
    """

    functions: dict[str, str] = field(default_factory=dict)
    sums: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    ordered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    points: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def derived(self) -> frozenset[str]:
        """Columns that need no code of their own."""
        return frozenset(self.functions) | frozenset(self.sums)


def _number_values(column: Candidate) -> NDArray[np.int64]:
    if column.line:
        ticks = column.ticks
        inverse = np.unique(ticks.values, return_inverse=True)[1].astype(np.int64)
        absent = ~ticks.finite
    else:
        encoded = column.array if pa.types.is_dictionary(column.array.type) else column.array.dictionary_encode()
        absent = np.asarray(pc.is_null(encoded).to_numpy(zero_copy_only=False), dtype=bool)
        inverse = np.asarray(encoded.indices.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.int64)
    if absent.any():
        inverse = np.where(absent, inverse.max(initial=-1) + 1, inverse)
    return inverse


def sample_rows(columns: Sequence[Candidate], rows: int, generator: np.random.Generator) -> list[Candidate]:
    """The same columns with at most ``SAMPLE`` rows, in their order."""
    if rows <= SAMPLE:
        return list(columns)
    at = pa.array(np.sort(generator.choice(rows, SAMPLE, replace=False)))
    return [Candidate(c.name, c.array.take(at), c.line, c.scale) for c in columns]


def find_ordered(columns: Sequence[Candidate], sample: Sequence[Candidate]) -> dict[str, tuple[str, ...]]:
    """Pairs low <= high wherever both are present: column to the columns that are never above it, without what follows from others."""
    above: dict[str, set[str]] = {}
    for family in sorted({c.family for c in sample if c.family}):
        at = [i for i, c in enumerate(sample) if c.family == family]
        if len(at) < 2:
            continue
        lines, present = _stack(sample, at)
        for i, j in _ordered_pairs(lines, present):
            low, high = columns[at[i]], columns[at[j]]
            if _is_ordered(low, high):
                above.setdefault(high.name, set()).add(low.name)
    return _reduce(above)


def _stack(columns: Sequence[Candidate], at: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Values float64 (n, m) in the columns' own unit, and where they are present."""
    lines = np.column_stack(
        [columns[i].ticks.values / 10.0 ** (s.decimals if (s := columns[i].scale) else 0) for i in at]
    )
    return lines, np.column_stack([columns[i].ticks.finite for i in at])


def _ordered_pairs(lines: NDArray[np.float64], present: NDArray[np.bool_]) -> list[tuple[int, int]]:
    pairs = []
    n, m = lines.shape
    high_filled = np.where(present, lines, np.inf)
    ordered = [np.sort(lines[present[:, j], j]) for j in range(m)]
    for i in range(m):
        low = np.where(present[:, i], lines[:, i], -np.inf)
        holds = (low[:, None] <= high_filled).all(axis=0)
        for j in np.flatnonzero(holds):
            both = int((present[:, i] & present[:, j]).sum())
            if i == j or both < min(50, n):
                continue
            # rows that chance would break: a random low above a random high
            share = 1.0 - float(np.searchsorted(ordered[i], ordered[j], side="right").mean()) / max(1, len(ordered[i]))
            if share >= 0.01 and share * both >= min(EVIDENCE, 0.3 * both):
                pairs.append((i, int(j)))
    return pairs


def _is_ordered(low: Candidate, high: Candidate) -> bool:
    a, b = align(low), align(high)
    decimals = max(low.scale.decimals if low.scale else 0, high.scale.decimals if high.scale else 0)
    x, y = a(decimals), b(decimals)
    both = x.finite & y.finite
    return bool((x.values[both] <= y.values[both]).all()) and bool((x.values[both] < y.values[both]).any())


def align(column: Candidate) -> Callable[[int], Ticks]:
    """Gives the column's ticks on a grid of so many decimals."""
    scale = column.scale
    assert scale is not None
    return lambda decimals: rescale(column.ticks, scale, decimals)


def _reduce(above: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Leave out pairs that follow from others, and of two equal columns' cycles the later half."""
    kept: dict[str, tuple[str, ...]] = {}
    for high, lows in above.items():
        implied = {far for near in lows for far in above.get(near, ())}
        rest = sorted(low for low in lows if low not in implied and high not in above.get(low, ()))
        if rest:
            kept[high] = tuple(rest)
    return kept


def find_points(columns: Sequence[Candidate]) -> list[tuple[str, str]]:
    """Pairs of latitude and longitude, by name and range: both present in the same rows, with decimals."""
    names = {
        "latitude": ("latitude", "lat", "breitengrad", "y_wgs84"),
        "longitude": ("longitude", "lon", "lng", "long", "laengengrad", "längengrad", "x_wgs84"),
    }
    pairs = []
    taken: set[str] = set()
    for lat in columns:
        part = _coordinate_part(lat.name, names["latitude"])
        if part is None or not _is_coordinate(lat, 90.0):
            continue
        for lon in columns:
            other = _coordinate_part(lon.name, names["longitude"])
            if (
                other == part
                and lon.name not in taken
                and _is_coordinate(lon, 180.0)
                and bool((lat.ticks.missing == lon.ticks.missing).all())
            ):
                pairs.append((lat.name, lon.name))
                taken.add(lon.name)
                break
    return pairs


def _coordinate_part(name: str, words: tuple[str, ...]) -> str | None:
    """What is left of a name such as ``pickup_latitude`` without the word for the coordinate; None where there is no such word."""
    parts = name.lower().replace("-", "_").replace(" ", "_").replace(".", "_").split("_")
    for word in words:
        if word in parts:
            parts.remove(word)
            return "_".join(parts)
    return None


def _is_coordinate(column: Candidate, most: float) -> bool:
    if not column.line or column.scale is None or column.scale.kind not in ("decimal", "float", "fixed"):
        return False
    values = column.ticks.values[column.ticks.finite]
    return (
        len(values) > 0
        and float(np.abs(values.astype(np.float64)).max()) / 10.0**column.scale.decimals <= most
        and column.scale.decimals != 0
    ) or (column.scale.kind == "float" and len(values) > 0 and float(np.abs(values).max()) <= most)


def is_sum(total: Ticks, plus: Sequence[Ticks], minus: Sequence[Ticks], integral: bool) -> bool:
    """Whether total = sum of plus - sum of minus in every row, missing exactly where a part is missing."""
    parts = [*plus, *minus]
    missing = np.zeros(len(total.missing), dtype=bool)
    value: Numbers = np.zeros(len(total.missing), dtype=np.int64 if integral else np.float64)
    for sign, group in ((1, plus), (-1, minus)):
        for part in group:
            missing |= ~part.finite
            value = value + sign * part.values
    if bool((missing != ~total.finite).any()):
        return False
    rows = ~missing
    if integral:
        return bool((value[rows] == total.values[rows]).all())
    size = np.max([np.abs(p.values[rows]) for p in (*parts, total)], axis=0) if rows.any() else np.zeros(0)
    return bool((np.abs(value[rows] - total.values[rows]) <= 1e-9 * size + 1e-300).all())
