"""The unit of privacy: what two tables differ in that an answer must hide, and how a person's rows are bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Which tables are neighbours: they differ by one row, or by all rows of one person.

    Attributes:
        person: column that says whose a row is; empty where each row is somebody of its own.
        contribution: rows of one person that are read, the others are left out; 1 where ``person`` is empty.
    """

    person: str = ""
    contribution: int = 1

    @property
    def unit(self) -> str:
        """The relation without the bound, equal for releases whose costs can be added."""
        return f"add or remove all rows of one person ({self.person})" if self.person else "add or remove one row"

    @property
    def text(self) -> str:
        """The relation in words, with the bound."""
        return f"{self.unit}, at most {self.contribution} of them read" if self.person else self.unit


def choose_rows(persons: pa.Array | pa.ChunkedArray, contribution: int) -> NDArray[np.int64]:
    """Rows that are read when each person may have at most ``contribution``.

    Which rows of a person are kept depends on that person's rows alone: on a hash of the person and the place of the row
    among the person's own. So one person more or less changes nothing for the others, and the choice leans neither
    to the first rows nor to the last. It is no secret and needs none. Rows without a person are left out: they could be anybody's.

    Args:
        persons: any type that can be written as text, (n,).
        contribution: at least 1.

    Returns:
        int64 (k,), ascending row numbers.
    """
    column = persons.combine_chunks() if isinstance(persons, pa.ChunkedArray) else persons
    known = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    coded = pc.dictionary_encode(column.take(pa.array(known)))
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    by_person = np.argsort(codes, kind="stable")
    count = np.bincount(codes, minlength=len(coded.dictionary)).astype(np.int64)
    start = np.cumsum(count) - count
    if count.max(initial=0) <= contribution:
        return known.astype(np.int64)
    many = np.flatnonzero(count > contribution)
    names = coded.dictionary.take(pa.array(many)).cast(pa.string()).to_pylist()
    words = np.zeros(len(count), np.uint64)
    words[many] = [_hash(name) for name in names]
    sorted_codes = codes[by_person]
    place = np.arange(len(codes)) - start[sorted_codes]
    order = np.flatnonzero(count[sorted_codes] > contribution)
    rank = order[np.lexsort((_mix(words[sorted_codes[order]] + place[order].astype(np.uint64)), sorted_codes[order]))]
    # The order within a person is by hash now; the first few of each person stay.
    kept = np.concatenate([np.flatnonzero(count[sorted_codes] <= contribution), rank[place[order] < contribution]])
    return np.sort(known[by_person[kept]]).astype(np.int64)


def hash_rows(columns: Sequence[pa.Array], seed: int) -> NDArray[np.uint64]:
    """A number for each row that depends on its own text and the seed alone: uint64 (n,); equal rows have equal numbers.

    Args:
        columns: at least one, of the same length, of types that can be written as text.
        seed: another seed gives other numbers.
    """
    found: NDArray[np.uint64] = np.full(len(columns[0]), np.uint64(seed & (2**64 - 1)))
    for number, column in enumerate(columns):
        coded = column.cast(pa.string()).dictionary_encode()
        words = np.array([_hash(f"{number}:{name}") for name in coded.dictionary.to_pylist()] + [number], np.uint64)
        at = coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
        found = _mix(found ^ words[at])
    return found


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijection of uint64 that spreads neighbours: a product, then the finaliser of SplitMix64, doi:10.1145/2660193.2660195."""
    words = words * np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
