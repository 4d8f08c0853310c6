"""Aligned tables as arrays: numbers with NaN where missing, categories as codes shared by all tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.stats.align import Alignment, Comparable, align


@dataclass(frozen=True, slots=True)
class Column:
    """One column, the same for every table of a set.

    Attributes:
        name: of the column.
        numeric: whether values are numbers (numbers and times) or codes (categories and booleans).
        labels: for codes: what each code stands for, the most frequent in the first table first; values that the
            first table lacks stand last.
        seen: for codes: how many of ``labels`` occur in the first table.
        type: Arrow type in the training records.
        form: form of the aligned values.
    """

    name: str
    numeric: bool
    labels: tuple[str, ...]
    seen: int
    type: pa.DataType
    form: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows of one table.

    Attributes:
        columns: what the values mean.
        values: one array a column; float64 (rows,), NaN where missing, or int32 (rows,), -1 where missing.
        rows: number of rows.
    """

    columns: tuple[Column, ...]
    values: tuple[NDArray[np.float64] | NDArray[np.int32], ...]
    rows: int

    def take(self, index: NDArray[np.int64]) -> Frame:
        """The rows at these positions."""
        return Frame(self.columns, tuple(v[index] for v in self.values), len(index))

    def select(self, positions: Sequence[int]) -> Frame:
        """The columns at these positions."""
        return Frame(tuple(self.columns[i] for i in positions), tuple(self.values[i] for i in positions), self.rows)

    def missing(self, position: int) -> NDArray[np.bool_]:
        """Bool (rows,): where the column at this position has no value."""
        values = self.values[position]
        return np.isnan(values) if self.columns[position].numeric else values < 0

    def position(self, name: str) -> int:
        """Position of the column of this name."""
        return next(i for i, c in enumerate(self.columns) if c.name == name)


def encode_tables(alignment: Alignment, tables: Mapping[str, pa.Table]) -> dict[str, Frame]:
    """Arrays of each table; codes are shared and ordered by their frequency in the first table.

    Args:
        alignment: from ``plan_alignment``.
        tables: name to rows, the training records first.
    """
    aligned = {name: align(alignment, table) for name, table in tables.items()}
    names = list(aligned)
    columns: list[Column] = []
    values: dict[str, list[NDArray[np.float64] | NDArray[np.int32]]] = {name: [] for name in names}
    for comparable in alignment.columns:
        parts = [aligned[name].column(comparable.name).combine_chunks() for name in names]
        parts = [
            p if isinstance(p, pa.Array) else pa.concat_arrays(p.chunks) if p.num_chunks else pa.array([], p.type)
            for p in parts
        ]
        if comparable.form in ("number", "time"):
            columns.append(Column(comparable.name, True, (), 0, comparable.type, comparable.form))
            for name, part in zip(names, parts, strict=True):
                values[name].append(_floats(part))
        else:
            column, codes = _encode(comparable, parts)
            columns.append(column)
            for name, coded in zip(names, codes, strict=True):
                values[name].append(coded)
    return {name: Frame(tuple(columns), tuple(values[name]), tables[name].num_rows) for name in names}


LARGEST = 1e36
"""Numbers beyond it are held to it, so that sums of squares stay finite and LightGBM, which keeps float32, can read them."""


def _floats(values: pa.Array) -> NDArray[np.float64]:
    floats = values.cast(pa.float64(), safe=False)
    return np.clip(np.array(floats.to_numpy(zero_copy_only=False), dtype=np.float64), -LARGEST, LARGEST)


def _encode(column: Comparable, parts: list[pa.Array]) -> tuple[Column, list[NDArray[np.int32]]]:
    together = pa.concat_arrays(parts)
    coded = together.dictionary_encode()
    codes = np.array(pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False), dtype=np.int32)
    labels = _labels(coded.dictionary)
    first = codes[: len(parts[0])]
    counts = np.bincount(first[first >= 0], minlength=len(labels))
    order = np.array(sorted(range(len(labels)), key=lambda i: (-int(counts[i]), labels[i])), dtype=np.int64)
    place = np.empty(len(labels) + 1, dtype=np.int32)
    place[order] = np.arange(len(labels), dtype=np.int32)
    place[-1] = -1  # code -1, missing, stays
    codes = place[codes]
    bounds = np.cumsum([0, *(len(p) for p in parts)])
    described = Column(
        column.name, False, tuple(labels[i] for i in order), int((counts > 0).sum()), column.type, column.form
    )
    return described, [codes[a:b] for a, b in pairwise(bounds)]


def _labels(dictionary: pa.Array) -> list[str]:
    if pa.types.is_floating(dictionary.type):
        return [
            str(int(v)) if float(v).is_integer() and abs(v) < 2**53 else repr(float(v)) for v in dictionary.to_pylist()
        ]
    if pa.types.is_boolean(dictionary.type):
        return ["true" if v else "false" for v in dictionary.to_pylist()]
    return [str(v) for v in dictionary.to_pylist()]


def join_frames(first: Frame, second: Frame) -> Frame:
    """The rows of one frame followed by those of another with the same columns."""
    values = tuple(np.concatenate([a, b]) for a, b in zip(first.values, second.values, strict=True))
    return replace(first, values=values, rows=first.rows + second.rows)


def put_rows(frame: Frame, places: NDArray[np.int64], given: Frame) -> Frame:
    """The frame with other rows at these places."""
    values = []
    for mine, theirs in zip(frame.values, given.values, strict=True):
        copy = mine.copy()
        copy[places] = theirs
        values.append(copy)
    return replace(frame, values=tuple(values))


MOST_LABELS = 100
"""Labels of a column up to which trees read it as categories; beyond it its labels are ranked by frequency."""


def pool_labels(frame: Frame, least: int, most_labels: int = MOST_LABELS) -> Frame:
    """The frame with the many labels of a column ranked by their frequency in all its rows, the rare ones as one.

    For comparing two tables that were joined: ``encode_tables`` orders labels by the first of its tables, so that the labels
    which that table lacks stand together, and whoever sees the code sees which table a row can't be of.

    Args:
        frame: joined rows.
        least: rows that a label needs to be told from the others.
        most_labels: columns with no more labels stay as they are.
    """
    columns, values = list(frame.columns), list(frame.values)
    for i, (column, codes) in enumerate(zip(frame.columns, frame.values, strict=True)):
        if column.numeric or len(column.labels) <= most_labels:
            continue
        whole = codes.astype(np.int64)
        counts = np.bincount(whole[whole >= 0], minlength=len(column.labels))
        kept = [int(c) for c in np.flatnonzero(counts >= least)]
        kept.sort(key=lambda c: (-int(counts[c]), column.labels[c]))
        place = np.full(len(column.labels) + 1, len(kept), dtype=np.int32)
        place[kept] = np.arange(len(kept), dtype=np.int32)
        place[-1] = -1
        labels = (*(column.labels[c] for c in kept), "rare")
        columns[i], values[i] = replace(column, labels=labels, seen=len(labels)), place[whole]
    return Frame(tuple(columns), tuple(values), frame.rows)


def as_matrix(frame: Frame, most_labels: int = MOST_LABELS) -> tuple[NDArray[np.float64], list[int]]:
    """A matrix for trees.

    Returns:
        float64 (rows, columns), NaN where missing, and the positions of columns to be read as categories. A column with
        more than ``most_labels`` values is read as an ordered number: its values ranked by frequency.
    """
    matrix = np.empty((frame.rows, len(frame.columns)), dtype=np.float64)
    categories = []
    for i, (column, values) in enumerate(zip(frame.columns, frame.values, strict=True)):
        matrix[:, i] = values
        if not column.numeric:
            matrix[values < 0, i] = np.nan
            if len(column.labels) <= most_labels:
                categories.append(i)
    return matrix, categories


def draw_rows(frame: Frame, most: int, generator: np.random.Generator) -> Frame:
    """At most this many rows, drawn without replacement, in their order."""
    if frame.rows <= most:
        return frame
    return frame.take(np.sort(generator.choice(frame.rows, most, replace=False)))
