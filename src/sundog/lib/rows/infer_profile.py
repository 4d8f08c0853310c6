"""What the values of each column are like: how many different ones, the frequent ones, the ends. One pass, bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOST_DISTINCT = 100_000
MOST_CELLS = 5_000_000
MOST_BYTES = 16 << 20
HEAVY = 1_000
"""Frequent values that are followed once a column has too many to count."""
_BITS = 14


@dataclass(frozen=True, slots=True)
class Profile:
    """One column.

    Attributes:
        name: its name.
        rows: rows of the table.
        missing: rows without a value.
        tokens: how often each text stood for "no value"; empty where the source is not text.
        distinct: different values; an estimate (standard error 0.8%) unless ``exact``.
        exact: whether all values were counted.
        values: different values, array (k,) of the column's type: all of them, or the most frequent early ones.
        counts: int64 (k,) rows that hold each of ``values``; lower bounds unless ``exact``.
        low: smallest value of numbers, else None.
        high: largest value of numbers, else None.
        increasing: whether whole numbers grow from row to row, without a gap in the column.
        places: decimal places of a float64 column; None where not limited.
    """

    name: str
    rows: int
    missing: int
    tokens: Mapping[str, int]
    distinct: int
    exact: bool
    values: pa.Array
    counts: NDArray[np.int64]
    low: float | int | None = None
    high: float | int | None = None
    increasing: bool = False
    places: int | None = None

    @property
    def known(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing


def profile_columns(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> tuple[Profile, ...]:
    """Profiles of all columns.

    Args:
        schema: the columns.
        batches: every row, once.
    """
    watched = [Watch(f.type, choose_cap(len(schema))) for f in schema]
    for batch in batches:
        for watch, column in zip(watched, batch.columns, strict=True):
            watch.observe(column)
    return tuple(w.conclude(f.name, {}) for w, f in zip(watched, schema, strict=True))


def choose_cap(columns: int) -> int:
    """How many different values of a column are counted exactly, in a table of so many columns."""
    return max(5_000, min(MOST_DISTINCT, MOST_CELLS // max(1, columns)))


@dataclass(slots=True)
class Watch:
    """What has been seen of one column so far."""

    type: pa.DataType
    cap: int
    rows: int = 0
    missing: int = 0
    values: pa.Array | None = None
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    exact: bool = True
    registers: NDArray[np.uint8] | None = None
    low: float | int | None = None
    high: float | int | None = None
    increasing: bool = True
    last: int | None = None
    places: int | None = 0

    def observe(self, column: pa.Array) -> None:
        """Count a batch."""
        self.rows += len(column)
        self.missing += column.null_count
        if pa.types.is_integer(self.type) or pa.types.is_floating(self.type):
            self._observe_numbers(column)
        plain = _as_plain(column)
        if self.exact:
            self._count(plain)
        else:
            self._follow(plain)

    def conclude(self, name: str, tokens: Mapping[str, int], places: int | None = None) -> Profile:
        """The profile, once every row was seen."""
        values = pa.array([], self.type) if self.values is None else _as_typed(self.values, self.type)
        distinct = (
            len(self.counts)
            if self.exact
            else min(self.rows - self.missing, max(len(self.counts), estimate(self.registers)))
        )
        floats = pa.types.is_floating(self.type)
        whole = pa.types.is_integer(self.type)
        return Profile(
            name, self.rows, self.missing, tokens, distinct, self.exact, values, self.counts, self.low, self.high,
            whole and self.increasing and not self.missing and self.rows > 1, places if places is not None else self.places if floats else None,
        )  # fmt: skip

    def _observe_numbers(self, column: pa.Array) -> None:
        ends = pc.min_max(column).as_py()
        if ends["min"] is not None:
            self.low = ends["min"] if self.low is None else min(self.low, ends["min"])
            self.high = ends["max"] if self.high is None else max(self.high, ends["max"])
        if pa.types.is_integer(self.type) and self.increasing:
            if column.null_count:
                self.increasing = False
            elif len(column):
                numbers = column.to_numpy(zero_copy_only=False)
                begins = self.last is None or numbers[0] > self.last
                self.increasing = bool(begins and (numbers[1:] > numbers[:-1]).all())
                self.last = int(numbers[-1])
        if pa.types.is_floating(self.type) and self.places is not None:
            self.places = count_places(column, self.places)

    def _count(self, plain: pa.Array) -> None:
        counted = pc.value_counts(plain.drop_null())
        values, counts = counted.field("values"), counted.field("counts").to_numpy()
        if self.values is not None:
            coded = pa.concat_arrays([self.values, values]).dictionary_encode()
            summed = np.zeros(len(coded.dictionary), np.int64)
            np.add.at(summed, coded.indices.to_numpy(), np.concatenate([self.counts, counts]))
            values, counts = coded.dictionary, summed
        self.values, self.counts = values, np.asarray(counts, np.int64)
        if len(self.counts) > self.cap or values.nbytes > MOST_BYTES:
            self.exact = False
            self.registers = np.zeros(1 << _BITS, np.uint8)
            add_hashes(self.registers, hash_values(values))
            keep = np.sort(np.argsort(-self.counts, kind="stable")[:HEAVY])
            self.values, self.counts = values.take(pa.array(keep)), self.counts[keep]

    def _follow(self, plain: pa.Array) -> None:
        assert self.registers is not None
        assert self.values is not None
        at = pc.index_in(plain, value_set=self.values).drop_null().to_numpy(zero_copy_only=False)
        self.counts = self.counts + np.bincount(at, minlength=len(self.counts)).astype(np.int64)
        values = plain.drop_null()
        add_hashes(self.registers, hash_values(values.unique() if pa.types.is_string(values.type) else values))


def _as_plain(column: pa.Array) -> pa.Array:
    """Temporal values as whole numbers, which Arrow can group."""
    if pa.types.is_date32(column.type):
        return column.cast(pa.int32())
    return column.cast(pa.int64()) if pa.types.is_temporal(column.type) else column


def _as_typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    return values if values.type == kind else values.cast(kind)


def count_places(column: pa.Array, start: int, most: int = 15) -> int | None:
    """Decimal places, at least ``start``, with which all float64 values can be written; None beyond ``most``."""
    numbers = column.drop_null().to_numpy(zero_copy_only=False)
    for places in range(start, most + 1):
        # Arrow's round is off by a unit in the last place now and then; this is the double nearest to the decimal
        fits = np.rint(numbers * 10.0**places) / 10.0**places == numbers
        if fits.all():
            return places
        numbers = numbers[~fits]
    return None


def hash_values(values: pa.Array) -> NDArray[np.uint64]:
    """A 64-bit hash of each value, the same on every machine: uint64 (n,). Texts have 32 bits of it (CRC-32)."""
    if pa.types.is_string(values.type):
        raw = np.fromiter((zlib.crc32(t.encode()) for t in values.to_pylist()), np.uint64, len(values))
    elif pa.types.is_boolean(values.type):
        raw = values.to_numpy(zero_copy_only=False).astype(np.uint64)
    elif pa.types.is_floating(values.type):
        raw = (values.to_numpy(zero_copy_only=False) + 0.0).view(np.uint64)
    else:
        raw = values.cast(pa.int64()).to_numpy(zero_copy_only=False).view(np.uint64)
    with np.errstate(over="ignore"):  # splitmix64, Steele et al. 2014, doi:10.1145/2660193.2660195
        z = raw + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)), np.uint64)


def add_hashes(registers: NDArray[np.uint8], hashes: NDArray[np.uint64]) -> None:
    """Add to a HyperLogLog sketch in place.

    Args:
        registers: uint8 (16384,).
        hashes: uint64 (n,).

    Source: Flajolet et al. 2007, HyperLogLog, AofA. Ranks beyond 32 are not told apart.
    """
    place = (hashes >> np.uint64(64 - _BITS)).astype(np.int64)
    top = ((hashes << np.uint64(_BITS)) >> np.uint64(32)).astype(np.float64)
    _, exponent = np.frexp(top)  # bits in use; 0 of 0
    np.maximum.at(registers, place, (33 - exponent).astype(np.uint8))


def estimate(registers: NDArray[np.uint8] | None) -> int:
    """Number of different values of a HyperLogLog sketch."""
    if registers is None:
        return 0
    m = len(registers)
    raw = 0.7213 / (1 + 1.079 / m) * m * m / float(np.sum(np.exp2(-registers.astype(np.float64))))
    empty = int(np.count_nonzero(registers == 0))
    return round(m * np.log(m / empty)) if raw <= 2.5 * m and empty else round(raw)
