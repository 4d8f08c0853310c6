"""Which values stand twice, and which stand in no other column: exact, with memory that does not grow with the rows.

Values are known by 64 bits. They are dealt into buckets by those bits; a column that is too long to hold lies in files, a bucket each,
so that what is sorted at a time is short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.draws import multiply_high

Values = Callable[[], Iterator[pa.Array]]
"""Gives a column anew, piece by piece, each time that it is called."""

BUCKET = 2_000_000
"""Values that a bucket holds, about; 16 MB."""

_MOST_BUCKETS = 512
_MOST_CONFIRMED = 100_000
"""Hashes that stand twice, of which the values are looked at; beyond that they are taken to be what they seem."""


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes of a column, in buckets.

    Attributes:
        known: values that are not missing.
        buckets: uint64 arrays, or the files that hold them; value h lies in bucket ``h * len(buckets) >> 64``.
    """

    known: int
    buckets: tuple[NDArray[np.uint64] | Path, ...]

    def load(self, bucket: int) -> NDArray[np.uint64]:
        """The hashes of one bucket, sorted: uint64 (n,)."""
        held = self.buckets[bucket]
        return np.sort(np.fromfile(held, np.uint64) if isinstance(held, Path) else held)


def count_buckets(rows: int) -> int:
    """Into how many buckets so many rows are dealt."""
    return int(min(max(1, -(-rows // BUCKET)), _MOST_BUCKETS))


def deal_hashes(values: Iterator[pa.Array], buckets: int, folder: Path) -> Hashes:
    """Hash a column. Missing values are left out.

    Args:
        values: pieces of a column.
        buckets: 1 keeps the hashes in memory; more are written to ``folder``.
        folder: where the buckets lie; an empty folder for each column.
    """
    if buckets == 1:
        held = [hash_values(piece) for piece in values]
        whole = np.concatenate(held) if held else np.zeros(0, np.uint64)
        return Hashes(len(whole), (whole,))
    names = tuple(folder / f"{bucket:03d}" for bucket in range(buckets))
    for name in names:
        name.touch()
    known = 0
    waiting: list[NDArray[np.uint64]] = []
    held_rows = 0
    for piece in values:
        waiting.append(hash_values(piece))
        held_rows += len(waiting[-1])
        if held_rows >= BUCKET:
            known += _write(waiting, names)
            waiting, held_rows = [], 0
    return Hashes(known + _write(waiting, names), names)


def _write(waiting: list[NDArray[np.uint64]], names: tuple[Path, ...]) -> int:
    whole = np.sort(np.concatenate(waiting)) if waiting else np.zeros(0, np.uint64)
    ends = np.searchsorted(whole, np.array([-(-(b << 64) // len(names)) for b in range(1, len(names))], np.uint64))
    for name, piece in zip(names, np.split(whole, ends), strict=True):
        if len(piece):
            with name.open("ab") as stream:
                piece.tofile(stream)
    return len(whole)


def count_repeats(values: Values, rows: int, folder: Path) -> tuple[int, int]:
    """How many values are not missing, and how many of them have stood before.

    Args:
        values: the column; looked at a second time only where two values seem equal, to tell equal values from equal hashes.
        rows: number of rows, about.
        folder: an empty folder.
    """
    hashes = deal_hashes(values(), count_buckets(rows), folder)
    repeats, seen = 0, []
    for bucket in range(len(hashes.buckets)):
        ordered = hashes.load(bucket)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        repeats += len(twice)
        seen.append(np.unique(twice)[:_MOST_CONFIRMED])
    suspects = np.unique(np.concatenate(seen)) if seen else np.zeros(0, np.uint64)
    if 0 < len(suspects) < _MOST_CONFIRMED:
        found = [_list_known(piece).filter(pa.array(np.isin(hash_values(piece), suspects))) for piece in values()]
        whole = pa.chunked_array(found)
        repeats = len(whole) - len(pc.unique(whole))
    return hashes.known, repeats


def count_strangers(values: Values, keys: Values, rows: int, folder: Path) -> tuple[int, int]:
    """How many values are not missing, and how many of them are none of the keys.

    A stranger passes for a key with a probability of (number of keys) / 2**64.

    Args:
        values: the column.
        keys: the other column, of the same type.
        rows: number of rows of the longer one, about.
        folder: an empty folder.
    """
    buckets = count_buckets(rows)
    sides = []
    for name, column in (("values", values), ("keys", keys)):
        (folder / name).mkdir()
        sides.append(deal_hashes(column(), buckets, folder / name))
    strangers = 0
    for bucket in range(buckets):
        wanted, there = (side.load(bucket) for side in sides)
        at = np.minimum(np.searchsorted(there, wanted), max(len(there) - 1, 0))
        strangers += len(wanted) if not len(there) else int((there[at] != wanted).sum())
    return sides[0].known, strangers


def _list_known(values: pa.Array) -> pa.Array:
    """Without the missing ones, and with one zero of two."""
    known = values.drop_null()
    return pc.add(known, pa.scalar(0.0, known.type)) if pa.types.is_floating(known.type) else known


def hash_values(values: pa.Array) -> NDArray[np.uint64]:
    """64 bits for each value that is not missing: uint64 (n,). Equal values of a type have equal bits.

    Strings and bytes by multiplying and folding words of 8 bytes, the scheme of wyhash (Wang Yi, 2019); numbers, dates and instants by
    the finalizer of splitmix64 (doi:10.1145/2660193.2660195). Other types by their text.
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    known = _list_known(values)
    kind = known.type
    if pa.types.is_dictionary(kind):
        known, kind = known.dictionary_decode(), kind.value_type
    if pa.types.is_boolean(kind):
        known, kind = known.cast(pa.uint8()), pa.uint8()
    if pa.types.is_floating(kind):
        return np.asarray(
            _mix(np.asarray(known.cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64).view(np.uint64)),
            np.uint64,
        )
    if pa.types.is_integer(kind):
        return np.asarray(_mix(np.asarray(known.to_numpy(zero_copy_only=False)).astype(np.uint64)), np.uint64)
    if pa.types.is_temporal(kind) and kind.bit_width in (32, 64):
        whole = known.view(pa.int32() if kind.bit_width == 32 else pa.int64())
        return np.asarray(_mix(np.asarray(whole.to_numpy(zero_copy_only=False)).astype(np.uint64)), np.uint64)
    if not (pa.types.is_large_string(kind) or pa.types.is_large_binary(kind)):
        text = pa.types.is_binary(kind) or pa.types.is_string(kind) or pa.types.is_fixed_size_binary(kind)
        known = (known if text else known.cast(pa.string())).cast(
            pa.large_binary() if not pa.types.is_string(kind) and text else pa.large_string()
        )
    _, offsets, data = known.buffers()
    ends = np.frombuffer(offsets, np.int64)[known.offset : known.offset + len(known) + 1]
    held = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return np.asarray(_hash_texts(held, ends) if len(known) else np.zeros(0, np.uint64), np.uint64)


@njit(cache=True, nogil=True)
def _fold(a: Any, b: Any) -> Any:
    return multiply_high(a, b) ^ (a * b)


@njit(cache=True, nogil=True)
def _hash_texts(held: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    found = np.empty(len(ends) - 1, np.uint64)
    for i in range(len(found)):
        start, stop = ends[i], ends[i + 1]
        state = _fold(np.uint64(stop - start) ^ np.uint64(0xA0761D6478BD642F), np.uint64(0xE7037ED1A0B428DB))
        at = start
        while at < stop:
            word = np.uint64(0)
            for k in range(min(8, stop - at)):
                word |= np.uint64(held[at + k]) << np.uint64(8 * k)
            # The odd constant on the left keeps a word of zeros from wiping out the state.
            state = _fold(word ^ np.uint64(0x8EBC6AF09C88C6E3), state ^ np.uint64(0x589965CC75374CC3)) + state
            at += 8
        found[i] = _fold(state ^ np.uint64(0x1D8E4E27C47D124F), np.uint64(0xEB44ACCAB455D165))
    return found


@njit(cache=True, nogil=True)
def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    found = np.empty(len(bits), np.uint64)
    for i in range(len(bits)):
        z = bits[i] + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found[i] = z ^ (z >> np.uint64(31))
    return found
