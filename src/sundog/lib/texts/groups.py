"""Sketches on disk, and the groups of texts that share a digest, a band or a side: what ``duplicates`` is made of."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.texts.pieces import BANDS, measure_jaccard

MOST_LEADERS = 1_000
"""Texts of a group that later ones are held against."""

_SORTED = 4_000_000
"""Entries that are sorted at a time; 32 MB."""

_AT_ONCE = 100_000
"""Texts whose pieces are held at a time."""

_PAGES = 5_000
"""Texts that are read from disk through one map."""

SIDES, PLANES = 48, 20
"""Groups by meaning: texts on the same side of all ``PLANES`` random planes, ``SIDES`` times. At a cosine of .95 a pair shares one
with probability .99, at .5 with .015."""

_NONE = np.int64(-1)


class Spool:
    """Sketches of all texts, in files: a text is known by its number here, which grows with its unit."""

    def __init__(self, folder: Path, near: bool, semantic: bool) -> None:
        self.folder, self.rows = folder, 0
        self._near, self._semantic = near, semantic
        self._pieces, self._dimensions = 0, 0
        self._planes: NDArray[np.float32] | None = None
        names = ["units", "digests", "numbers", "keys-exact"]
        if near:
            names += ["pieces", "ends", *(f"keys-near-{b}" for b in range(BANDS))]
        if semantic:
            names += ["vectors", *(f"keys-side-{s}" for s in range(SIDES))]
        self._files: dict[str, IO[bytes]] = {name: self._path(name).open("wb") for name in names}
        if near:
            self._files["ends"].write(np.zeros(1, np.int64).tobytes())

    def _path(self, name: str) -> Path:
        return self.folder / name

    def add(self, batch: pa.RecordBatch) -> None:
        """Append sketches."""
        n = batch.num_rows
        if not n:
            return
        if self.rows + n >= 1 << 32:
            raise OverflowError("more than 4,294,967,295 texts")
        own = np.arange(self.rows, self.rows + n, dtype=np.uint64)
        self._write("units", batch.column(0).to_numpy(zero_copy_only=False).astype(np.uint64))
        _, data = batch.column(1).buffers()
        first = batch.column(1).offset
        digests = np.frombuffer(data, np.uint64).reshape(-1, 2)[first : first + n]
        self._write("digests", digests)
        self._write("numbers", batch.column(2).to_numpy(zero_copy_only=False).astype(np.uint64))
        self._write("keys-exact", _key(digests[:, 0] >> np.uint64(32), own))
        if self._near:
            pieces = batch.column(4)
            counts = np.diff(pieces.offsets.to_numpy())
            flat = pieces.flatten().to_numpy(zero_copy_only=False).astype(np.uint32)
            self._write("pieces", flat)
            self._write("ends", self._pieces + np.cumsum(counts, dtype=np.int64))
            self._pieces += len(flat)
            bands = batch.column(3).flatten().to_numpy(zero_copy_only=False).reshape(n, BANDS)
            some = counts > 0  # a text without pieces is near to none
            for b in range(BANDS):
                self._write(f"keys-near-{b}", _key(bands[some, b].astype(np.uint64), own[some]))
        if self._semantic:
            self._add_vectors(batch.column(5), own)
        self.rows += n

    def _add_vectors(self, column: pa.Array, own: NDArray[np.uint64]) -> None:
        vectors = column.flatten().to_numpy(zero_copy_only=False).reshape(len(own), -1)
        if self._planes is None:
            self._dimensions = vectors.shape[1]
            draw = Key.root(0).child("texts/planes").generator()
            self._planes = draw.standard_normal((self._dimensions, SIDES * PLANES)).astype(np.float32)
        self._write("vectors", vectors)
        sides = (vectors.astype(np.float32) @ self._planes > 0).reshape(len(own), SIDES, PLANES)
        weights = np.uint64(1) << np.arange(PLANES, dtype=np.uint64)
        some = vectors.any(axis=1)  # a text without words has no direction
        for s in range(SIDES):
            self._write(f"keys-side-{s}", _key((sides[:, s] @ weights)[some], own[some]))

    def _write(self, name: str, values: NDArray[Any]) -> None:
        self._files[name].write(np.ascontiguousarray(values).tobytes())

    def close(self) -> None:
        """End writing; from now on verdicts can be given."""
        for stream in self._files.values():
            stream.close()
        for name in ("reason", "leader"):
            size = self.rows * (1 if name == "reason" else 8)
            with self._path(name).open("wb") as stream:
                stream.truncate(size)

    def map_file(self, name: str, kind: Any, shape: tuple[int, ...], write: bool = False) -> NDArray[Any]:
        """A file as an array; what was looked at leaves memory with the array."""
        if 0 in shape:
            return np.zeros(shape, kind)
        with self._path(name).open("r+b" if write else "rb") as stream:
            held = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
        if hasattr(
            mmap, "MADV_RANDOM"
        ):  # else each text that is looked at brings its neighbourhood of 64 KiB into memory
            held.madvise(mmap.MADV_RANDOM)
        return np.frombuffer(held, kind).reshape(shape)

    def key_names(self, reason: str) -> list[str]:
        """The files of keys that groups of this reason are found by."""
        if reason == "duplicate":
            return ["keys-exact"]
        if reason == "near_duplicate":
            return [f"keys-near-{b}" for b in range(BANDS)]
        return [f"keys-side-{s}" for s in range(SIDES)]

    def sort_keys(self, name: str) -> Iterator[NDArray[np.uint64]]:
        """The keys of a file in order, in runs that no group crosses."""
        path = self._path(name)
        count = path.stat().st_size // 8
        if count <= _SORTED:
            yield np.sort(np.fromfile(path, np.uint64))
            return
        parts = -(-count // _SORTED)
        dealt = [self._path(f"{name}-part-{p}") for p in range(parts)]
        streams = [p.open("wb") for p in dealt]
        with path.open("rb") as stream:
            while len(held := np.fromfile(stream, np.uint64, _SORTED)):
                held.sort()
                ends = np.searchsorted(held, [np.uint64((p << 64) // parts) for p in range(1, parts)])
                for piece, target in zip(np.split(held, ends), streams, strict=True):
                    target.write(piece.tobytes())
        for target in streams:
            target.close()
        for part in dealt:
            yield np.sort(np.fromfile(part, np.uint64))
            part.unlink()

    def load(
        self, reason: str, chosen: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.uint64]]:
        """What chosen texts (ascending) are judged by: flat values, where each one's begin and end, and their numbers."""
        numbers = np.asarray(self.map_file("numbers", np.uint64, (self.rows,))[chosen])
        if reason == "near_duplicate":
            ends = self.map_file("ends", np.int64, (self.rows + 1,))
            start, stop = np.asarray(ends[chosen]), np.asarray(ends[chosen + 1])
            cuts = np.concatenate((np.zeros(1, np.int64), np.cumsum(stop - start)))
            values = np.empty(cuts[-1], np.uint32)
            for at in range(
                0, len(chosen), _PAGES
            ):  # a text is less than a page, so many at once would bring much of the file
                flat = self.map_file("pieces", np.uint32, (self._pieces,))
                _gather(flat, start[at : at + _PAGES], cuts[at : at + _PAGES + 1], values)
            return values, cuts, numbers
        name, width, kind = (
            ("digests", 2, np.uint64) if reason == "duplicate" else ("vectors", self._dimensions, np.int8)
        )
        values = np.asarray(self.map_file(name, kind, (self.rows, width))[chosen]).reshape(-1)
        return values, np.arange(len(chosen) + 1, dtype=np.int64) * width, numbers

    def list_rejected(self, reasons: Sequence[str]) -> Iterator[tuple[int, str, int]]:
        """Rejected units in order, why, and the unit that stays."""
        marks = self.map_file("reason", np.uint8, (self.rows,))
        leaders = self.map_file("leader", np.int64, (self.rows,))
        units = self.map_file("units", np.uint64, (self.rows,))
        for start in range(0, self.rows, _AT_ONCE):
            for at in start + np.flatnonzero(marks[start : start + _AT_ONCE]):
                stays = int(leaders[at])
                while marks[stays]:  # its leader is earlier, so this ends
                    stays = int(leaders[stays])
                yield int(units[at]), reasons[int(marks[at]) - 1], int(units[stays])


def judge_column(
    spool: Spool, reason: str, code: int, near: float | None, semantic: float | None, numbers: bool
) -> None:
    """Mark the texts that are the same as an earlier one for one reason; those that were marked before are left out."""
    least = 0.0 if reason == "duplicate" else float((near if reason == "near_duplicate" else semantic) or 0.0)
    way = ("duplicate", "near_duplicate", "same_meaning").index(reason)
    marks = spool.map_file("reason", np.uint8, (spool.rows,), write=True)
    leaders = spool.map_file("leader", np.int64, (spool.rows,), write=True)
    before = np.uint8(code)  # marks of earlier reasons are 1 to code
    for name in spool.key_names(reason):
        for keys in spool.sort_keys(name):
            members, groups = _find_groups(keys, marks, before)
            for start, stop in _cut_groups(groups):
                _judge_slice(
                    spool, reason, way, least, numbers, members[start:stop], groups[start:stop], marks, leaders, code
                )


def _judge_slice(
    spool: Spool,
    reason: str,
    way: int,
    least: float,
    numbers: bool,
    members: NDArray[np.int64],
    groups: NDArray[np.int64],
    marks: NDArray[np.uint8],
    leaders: NDArray[np.int64],
    code: int,
) -> None:
    kept = np.zeros(0, np.int64)
    for start in range(
        0, len(members), 2 * _AT_ONCE
    ):  # only one group that fills memory is cut; its leaders stay for the rest
        own, group = members[start : start + 2 * _AT_ONCE], groups[start : start + 2 * _AT_ONCE]
        chosen = np.unique(np.concatenate((kept, own)))
        values, cuts, digits = spool.load(reason, chosen)
        at, before = np.searchsorted(chosen, own), np.searchsorted(chosen, kept)
        found, led = _judge(values, cuts, digits, at, group, before, way, np.float64(least), numbers)
        kept = chosen[led]
        hit = np.flatnonzero(found >= 0)
        rejected, by = own[hit], chosen[found[hit]]
        # The earliest of all leaders is named, so that the order of groups changes nothing.
        leaders[rejected] = np.where(marks[rejected] == 0, by, np.minimum(leaders[rejected], by))
        marks[rejected] = code + 1


def _cut_groups(groups: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Stretches of about ``_AT_ONCE`` members that no group crosses."""
    start = 0
    while start < len(groups):
        stop = min(start + _AT_ONCE, len(groups))
        if stop < len(groups):
            edge = int(np.searchsorted(groups, groups[stop], "left"))
            stop = edge if edge > start else int(np.searchsorted(groups, groups[stop], "right"))
        yield start, stop
        start = stop


def _key(hashes: NDArray[np.uint64], own: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Hash and number in one word, so that sorting words groups texts and keeps their order."""
    return (hashes << np.uint64(32)) | own


@njit(cache=True, nogil=True)
def _find_groups(keys: Any, marks: Any, before: Any) -> Any:
    """Texts that share their hash with another, group by group: int64 (m,) texts, int64 (m,) numbers of groups."""
    members = np.empty(len(keys), np.int64)
    groups = np.empty(len(keys), np.int64)
    m = 0
    group = 0
    i = 0
    while i < len(keys):
        j = i
        begin = m
        while j < len(keys) and keys[j] >> np.uint64(32) == keys[i] >> np.uint64(32):
            text = np.int64(keys[j] & np.uint64(0xFFFFFFFF))
            if marks[text] == 0 or marks[text] > before:
                members[m] = text
                groups[m] = group
                m += 1
            j += 1
        if m - begin < 2:
            m = begin
        else:
            group += 1
        i = j
    return members[:m].copy(), groups[:m].copy()


@njit(cache=True, nogil=True)
def _gather(flat: Any, start: Any, cuts: Any, out: Any) -> None:
    for i in range(len(start)):
        out[cuts[i] : cuts[i + 1]] = flat[start[i] : start[i] + cuts[i + 1] - cuts[i]]


@njit(cache=True, nogil=True)
def _same(values: Any, cuts: Any, a: Any, b: Any, way: Any, least: Any) -> Any:
    a0, a1, b0, b1 = cuts[a], cuts[a + 1], cuts[b], cuts[b + 1]
    if way == 0:
        return values[a0] == values[b0] and values[a0 + 1] == values[b0 + 1]
    if way == 1:
        small, large = min(a1 - a0, b1 - b0), max(a1 - a0, b1 - b0)
        if small < least * large:  # holds for cut sets as well: they have the same number of pieces
            return False
        return measure_jaccard(values, a0, a1, b0, b1) >= least
    dot, aa, bb = np.int64(0), np.int64(0), np.int64(0)
    for k in range(a1 - a0):
        x, y = np.int64(values[a0 + k]), np.int64(values[b0 + k])
        dot += x * y
        aa += x * x
        bb += y * y
    return dot >= least * np.sqrt(np.float64(aa) * np.float64(bb))


@njit(cache=True, nogil=True)
def _judge(
    values: Any, cuts: Any, digits: Any, own: Any, groups: Any, kept: Any, way: Any, least: Any, numbers: Any
) -> Any:
    """For each member the first leader of its group that it is the same as, int64 (m,), or -1; and the leaders of the last group."""
    found = np.full(len(own), _NONE, np.int64)
    leaders = np.empty(MOST_LEADERS, np.int64)
    count = 0
    for i in range(len(own)):
        if i == 0 or groups[i] != groups[i - 1]:
            count = 0
            if i == 0:
                for k in range(len(kept)):
                    leaders[count] = kept[k]
                    count += 1
        for k in range(count):
            other = leaders[k]
            if numbers and digits[other] != digits[own[i]]:
                continue
            if _same(values, cuts, other, own[i], way, least):
                found[i] = other
                break
        if found[i] == _NONE and count < MOST_LEADERS:
            leaders[count] = own[i]
            count += 1
    return found, leaders[:count].copy()
