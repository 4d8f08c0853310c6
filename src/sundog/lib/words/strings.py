"""Strings at speed: a template of parts, compiled once, writes Arrow buffers without Python for each row.

Parts name the columns that they read; columns are integers (indices, numbers, days, random words) or Arrow strings. An index
means an entry of the part's own list, so that text appears only at the very end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels import strings as kernels
from sundog.lib.words.masks import MaskTable, compile_masks

_BLOCK = 8192
"""Rows written at a time: their bytes stay in the cache between parts."""

_NO_BYTES = np.empty(0, np.uint8)
_NO_STARTS = np.zeros(1, np.int32)
_NO_INDEX = np.empty(0, np.int32)
_NO_WORDS = np.empty(0, np.uint64)


@dataclass(frozen=True, slots=True)
class Literal:
    """The same text in every row."""

    text: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """Entry ``field`` (an index) of ``entries`` (Arrow strings without nulls)."""

    field: str
    entries: pa.Array


@dataclass(frozen=True, slots=True)
class Number:
    """An integer, filled with zeros to ``width`` digits; with ``places``, that many of its digits stand behind a point."""

    field: str
    width: int = 0
    places: int = 0


@dataclass(frozen=True, slots=True)
class Hex:
    """``width`` hexadecimal digits of an unsigned number: of the bits from ``shift`` on."""

    field: str
    width: int
    shift: int = 0
    upper: bool = False


@dataclass(frozen=True, slots=True)
class Date:
    """YYYY-MM-DD of a number of days after 1970-01-01, years 0 to 9999."""

    field: str


@dataclass(frozen=True, slots=True)
class Masked:
    """Mask ``field`` (an index) of ``masks``, its free places filled from the random words in ``words``."""

    field: str
    words: str
    masks: pa.Array


@dataclass(frozen=True, slots=True)
class Text:
    """A column of Arrow strings as it is; a null there makes the whole row null."""

    field: str


Part: TypeAlias = Literal | Lookup | Number | Hex | Date | Masked | Text
Column: TypeAlias = NDArray[np.integer] | pa.Array


@dataclass(frozen=True, slots=True)
class Template:
    """Parts in the order in which they stand."""

    parts: tuple[Part, ...]

    def fields(self) -> tuple[str, ...]:
        """Names of the columns that the template reads, each once, in order."""
        names = [n for p in self.parts if not isinstance(p, Literal) for n in _fields_of(p)]
        return tuple(dict.fromkeys(names))


def _fields_of(part: Lookup | Number | Hex | Date | Masked | Text) -> tuple[str, ...]:
    return (part.field, part.words) if isinstance(part, Masked) else (part.field,)


def write_strings(
    template: Template, columns: Mapping[str, Column], n: int, valid: NDArray[np.bool_] | None = None
) -> pa.Array:
    """The text of each row.

    Args:
        template: what to write.
        columns: each (n,); indices and numbers of any integer dtype (unsigned ones below 2**63, save for Hex and words).
        n: rows.
        valid: bool (n,), False where the row is null; its columns must hold proper values all the same.

    Returns:
        string (n,), or large_string (n,) when the text takes 2 GiB or more.

    Raises:
        IndexError: an index lies outside of its list.
    """
    steps = [_prepare(part, columns) for part in template.parts]
    lengths = np.zeros(n, np.int32)
    fixed = sum(step.fixed for step in steps)
    if fixed:
        lengths += np.int32(fixed)
    for step in steps:
        step.add(lengths)
    total = int(kernels.sum_lengths(lengths))
    large = total >= 2**31
    offsets: NDArray[Any] = np.empty(n + 1, np.int64 if large else np.int32)
    kernels.open_rows(lengths, offsets)
    out = np.empty(total, np.uint8)
    cursor = offsets[1:]
    for begin in range(0, n, _BLOCK):
        end = min(begin + _BLOCK, n)
        for step in steps:
            step.put(begin, end, cursor[begin:end], out)
    for step in steps:
        valid = step.narrow(valid)
    return arrow_strings(offsets, out, valid)


def arrow_strings(offsets: NDArray[Any], data: NDArray[np.uint8], valid: NDArray[np.bool_] | None = None) -> pa.Array:
    """An Arrow array over these buffers, without a copy: string for int32 offsets (n + 1,), large_string for int64."""
    bits, nulls = None, 0
    if valid is not None:
        nulls = len(valid) - int(np.count_nonzero(valid))
        if nulls:
            bits = pa.py_buffer(np.packbits(valid, bitorder="little"))
    kind = pa.large_string() if offsets.dtype == np.int64 else pa.string()
    return pa.Array.from_buffers(kind, len(offsets) - 1, [bits, pa.py_buffer(offsets), pa.py_buffer(data)], nulls)


def matrix_strings(letters: NDArray[np.uint8]) -> pa.Array:
    """Strings of equal length over a matrix of their bytes (uint8 (n, length)), without a copy: string (n,), or large_string."""
    n, length = letters.shape
    dtype = np.int64 if n * length >= 2**31 else np.int32
    offsets: NDArray[Any] = np.arange(n + 1, dtype=dtype)
    offsets *= length
    return arrow_strings(offsets, letters.reshape(-1))


@dataclass(frozen=True, slots=True)
class _Step:
    """A part with the columns that it reads, as the kernels want them."""

    part: Part
    fixed: int = 0
    first: NDArray[Any] = field(default_factory=lambda: _NO_INDEX)
    words: NDArray[Any] = field(default_factory=lambda: _NO_WORDS)
    starts: NDArray[Any] = field(default_factory=lambda: _NO_STARTS)
    data: NDArray[Any] = field(default_factory=lambda: _NO_BYTES)
    masks: MaskTable | None = None
    valid: NDArray[np.bool_] | None = None

    def add(self, lengths: NDArray[np.int32]) -> None:
        match self.part:
            case Lookup(field=name) | Masked(field=name):
                if not kernels.add_lookup(self.first, self.starts, lengths):
                    raise IndexError(f"{name}: an index lies outside of the list of {len(self.starts) - 1}")
            case Number(width=width, places=places):
                kernels.add_number(self.first, width, places, lengths)
            case Text():
                kernels.add_text(self.starts, lengths)

    def put(self, begin: int, end: int, cursor: NDArray[Any], out: NDArray[np.uint8]) -> None:
        first = self.first[begin:end]
        match self.part:
            case Literal():
                kernels.put_literal(self.data, cursor, out)
            case Lookup():
                kernels.put_lookup(first, self.starts, self.data, cursor, out)
            case Number(width=width, places=places):
                kernels.put_number(first, width, places, cursor, out)
            case Hex(width=width, shift=shift, upper=upper):
                kernels.put_hex(first, width, shift, 16 if upper else 0, cursor, out)
            case Date():
                kernels.put_date(first, cursor, out)
            case Text():
                kernels.put_text(self.starts[begin : end + 1], self.data, cursor, out)
            case Masked():
                m, words = self.masks, self.words[begin:end]
                if m is not None:
                    kernels.put_masks(first, words, m.starts, m.data, m.alphabets, m.sizes, cursor, out)

    def narrow(self, valid: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        if self.valid is None:
            return valid
        return self.valid if valid is None else valid & self.valid


def _prepare(part: Part, columns: Mapping[str, Column]) -> _Step:
    match part:
        case Literal(text=text):
            data = np.frombuffer(text.encode(), np.uint8)
            return _Step(part, fixed=len(data), data=data)
        case Lookup(field=name, entries=entries):
            starts, data = read_buffers(entries)
            return _Step(part, first=_freeze(columns[name], np.int32), starts=starts, data=data)
        case Number(field=name):
            return _Step(part, first=_freeze(columns[name], np.int64))
        case Hex(field=name, width=width):
            return _Step(part, fixed=width, first=_freeze(columns[name], np.uint64))
        case Date(field=name):
            return _Step(part, fixed=10, first=_freeze(columns[name], np.int64))
        case Masked(field=name, words=drawn, masks=entries):
            masks = _compile_cached(tuple(entries.to_pylist()))
            index, words = _freeze(columns[name], np.int32), _freeze(columns[drawn], np.uint64)
            return _Step(part, first=index, words=words, starts=masks.starts, masks=masks)
        case Text(field=name):
            array = columns[name]
            if isinstance(array, np.ndarray):
                raise TypeError(f"{name}: Arrow strings are wanted")
            starts, data = read_buffers(array)
            known = _read_valid(array) if array.null_count else None
            return _Step(part, starts=starts, data=data, valid=known)


@lru_cache(maxsize=64)
def _compile_cached(masks: tuple[str, ...]) -> MaskTable:
    found = compile_masks(pa.array(masks, pa.string()))
    return MaskTable(
        _freeze(found.starts, np.int32),
        _freeze(found.data, np.uint8),
        _freeze(found.alphabets, np.uint8),
        _freeze(found.sizes, np.uint64),
    )


def read_buffers(array: pa.Array) -> tuple[NDArray[Any], NDArray[np.uint8]]:
    """Offsets (n + 1,) and bytes (uint8) of an Arrow string array, seen without a copy and read-only.

    The offsets are int32, or int64 for large_string.
    """
    wide = pa.types.is_large_string(array.type)
    if not wide and not pa.types.is_string(array.type):
        raise TypeError(f"strings are wanted, not {array.type}")
    _, offsets, data = array.buffers()
    if offsets is None or not len(array):
        return _freeze(_NO_STARTS, np.int32), _freeze(_NO_BYTES, np.uint8)
    starts = np.frombuffer(offsets, np.int64 if wide else np.int32)[array.offset : array.offset + len(array) + 1]
    return _freeze(starts, starts.dtype), _freeze(
        _NO_BYTES if data is None else np.frombuffer(data, np.uint8), np.uint8
    )


def _read_valid(array: pa.Array) -> NDArray[np.bool_]:
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    known = np.unpackbits(bits, bitorder="little")[array.offset : array.offset + len(array)]
    return known.astype(np.bool_)


def _freeze(values: Column, dtype: np.typing.DTypeLike) -> NDArray[Any]:
    """The values as a contiguous read-only array of this dtype, so that each kernel is compiled once."""
    if isinstance(values, pa.Array):
        if values.null_count:
            raise TypeError("indices and numbers have no nulls; say with valid which rows are null")
        values = values.to_numpy(zero_copy_only=False)
    frozen: NDArray[Any] = np.ascontiguousarray(values, dtype=dtype).view()
    frozen.flags.writeable = False
    return frozen
