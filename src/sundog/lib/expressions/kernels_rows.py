"""Kernels across rows: of the children of a row, of the rows before it, and of tables to look up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.expressions import faults
from sundog.lib.expressions.columns import Job, RowFailure, check_finite, view_numbers, view_valid
from sundog.lib.kernels.expression_rows import (
    add_above,
    count_valid,
    find_ends,
    find_extremes,
    find_parents,
    number_rows,
    sum_floats,
    sum_whole,
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table that ``lookup`` asks.

    Attributes:
        keys: Arrow array (n,), each key once, none missing.
        values: Arrow array (n,).
    """

    keys: pa.Array
    values: pa.Array

    def __post_init__(self) -> None:
        if len(self.keys) != len(self.values):
            raise ValueError(f"{len(self.keys)} keys and {len(self.values)} values")
        if self.keys.null_count or len(pc.unique(self.keys)) != len(self.keys):
            raise ValueError("a key of a lookup is missing or stands twice")


def find_keys(keys: pa.Array, known: Lookup) -> pa.Array:
    """The value of each key, missing where there is no such key."""
    if pa.types.is_integer(known.keys.type) and len(known.keys):
        numbers = view_numbers(known.keys.cast(pa.int64()))
        low = numbers[0]
        if numbers[-1] - low == len(numbers) - 1 and (np.diff(numbers) == 1).all():  # 1, 2, 3 ... needs no hashing
            at = view_numbers(keys) - low
            found = pa.array(np.where((at >= 0) & (at < len(numbers)), at, -1))
            held = pc.and_(pc.is_valid(keys), pc.greater_equal(found, 0))
            return known.values.take(pc.if_else(held, found, pa.scalar(None, pa.int64())))
    return known.values.take(pc.index_in(keys, value_set=known.keys.cast(keys.type)))


def spread_rows(values: pa.Array, parents: NDArray[np.int64]) -> pa.Array:
    """The parent's value for each of its children."""
    return values.take(pa.array(parents))


def list_parents(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """int64 (rows,), the parent of each row."""
    found = np.empty(int(offsets[-1]), np.int64)
    find_parents(offsets, found)
    return found


def aggregate_rows(kernel: str, values: pa.Array, offsets: NDArray[np.int64], job: Job) -> pa.Array:
    """One value for each segment; missing values are passed over, and of none only sum and count are 0."""
    valid = view_valid(values)
    parents = len(offsets) - 1
    if kernel == "count":
        whole = np.empty(parents, np.int64)
        count_valid(valid, offsets, whole)
        return pa.array(whole)
    if kernel == "pick":
        return values.take(_pick(str(job.constants[0]), values, valid, offsets))
    if kernel == "sum_int":
        whole = np.empty(parents, np.int64)
        _refuse(sum_whole(view_numbers(values), valid, offsets, False, whole))
        return pa.array(whole).view(job.type)
    sums = np.empty(parents, np.float64)
    sum_floats(view_numbers(values), valid, offsets, False, sums)
    found = pa.array(sums)
    if kernel == "mean":
        counts = np.empty(parents, np.int64)
        count_valid(valid, offsets, counts)
        means = pa.array(sums / np.maximum(counts, 1))
        found = pc.if_else(pa.array(counts > 0), means, pa.scalar(None, pa.float64()))
    check_finite(found)
    return found


def _pick(name: str, values: pa.Array, valid: NDArray[np.bool_], offsets: NDArray[np.int64]) -> pa.Array:
    """int64 (parents,), the row whose value is taken."""
    found = np.empty(len(offsets) - 1, np.int64)
    if name in ("first", "last"):
        find_ends(valid, offsets, name == "last", found)
    else:
        find_extremes(_rank(values), valid, offsets, name == "max", found)
    rows = pa.array(found)
    return pc.if_else(pc.greater_equal(rows, 0), rows, pa.scalar(None, pa.int64()))


def _rank(values: pa.Array) -> NDArray[np.int64]:
    """int64 (n,) with the order of the values."""
    if pa.types.is_string(values.type):
        return np.asarray(pc.rank(values, tiebreaker="dense").to_numpy().astype(np.int64))
    numbers = view_numbers(values)
    if numbers.dtype != np.float64:
        return numbers.astype(np.int64)
    bits = (numbers + 0.0).view(np.int64)  # adding 0 makes -0 a 0
    return np.asarray(np.where(bits < 0, bits ^ np.int64(2**63 - 1), bits))


def run_rows(kernel: str, arguments: tuple[pa.Array, ...], offsets: NDArray[np.int64], job: Job) -> pa.Array:
    """One value for each row, from the rows before it, or the one after it, in its segment."""
    rows = int(offsets[-1])
    whole = np.empty(rows, np.int64)
    if kernel == "row_number":
        number_rows(offsets, whole)
        return pa.array(whole)
    values = arguments[0]
    if kernel == "previous":
        number_rows(offsets, whole)
        before = np.arange(rows) - 1
        return values.take(pc.if_else(pa.array(whole > 1), pa.array(before), pa.scalar(None, pa.int64())))
    if kernel == "latest":
        number_rows(offsets, whole)
        at = np.arange(rows)
        # The last row so far with a value, of any parent; those of earlier parents do not count.
        held = np.maximum.accumulate(np.where(view_valid(values), at, -1)) if rows else at
        held = np.concatenate([[-1], held[:-1]])[:rows]
        own = held > at - whole
        return values.take(pc.if_else(pa.array(own), pa.array(held), pa.scalar(None, pa.int64())))
    if kernel == "next":
        last = np.zeros(rows + 1, np.bool_)
        last[offsets[1:]] = True  # the end of a segment is the row after its last one
        after = np.arange(rows) + 1
        return values.take(pc.if_else(pa.array(~last[1:]), pa.array(after), pa.scalar(None, pa.int64())))
    if kernel == "running_balance":
        known = view_valid(*arguments[1:])
        balances = np.zeros(rows)
        numbers = [view_numbers(array) for array in arguments]
        add_above(numbers[0], view_valid(values), numbers[1], numbers[2], known, offsets, balances)
        found = pa.array(balances, mask=~known)
        check_finite(found)
        return found
    valid = view_valid(values)
    if kernel == "running_sum_int":
        _refuse(sum_whole(view_numbers(values), valid, offsets, True, whole))
        return pa.array(whole).view(job.type)
    sums = np.empty(rows, np.float64)
    sum_floats(view_numbers(values), valid, offsets, True, sums)
    found = pa.array(sums)
    check_finite(found)
    return found


def _refuse(row: int) -> None:
    if row >= 0:
        raise RowFailure(faults.ROW_OVERFLOW, int(row))
