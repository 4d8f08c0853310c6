"""The words of a text, whatever its case, punctuation and spaces: what texts are compared by."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

_DROPPED, _WORD, _ALONE, _SIGN, _POINT, _HYPHEN, _SPACE, _LINE, _DIGIT = range(9)
"""What becomes of a character: dropped like a space; part of a word; a word of its own (scripts without spaces); a sign, kept as it stands;
kept between digits alone; kept unless it joins two words; a space; the end of a line; part of a number."""

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # ideographic marks
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_SIGNS = "*/%#&@"


def normalise(texts: pa.Array) -> pa.Array:
    """large_string (n,): words in lower case with one space between them, in Unicode's compatibility form (NFKC).

    Letters of scripts without spaces stand alone. Signs of sums and amounts stay (``2+3`` is not ``2*3``), and so do the point and the
    comma within a number; a run of signs that opens a line before a space is a mark of a list or a heading, and goes. A missing text is
    an empty one.
    """
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    large = texts.cast(pa.large_string()).fill_null("")
    if not len(large):
        return large
    if not pc.all(pc.string_is_ascii(large)).as_py():
        large = pc.utf8_lower(pc.utf8_normalize(large, form="NFKC"))
    data, ends = lay_out(large)
    held, cut = _normalise(data, ends, _classes())
    return pa.LargeStringArray.from_buffers(len(large), pa.py_buffer(cut), pa.py_buffer(held))


def lay_out(texts: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Bytes and ends of large strings: uint8 (bytes,), int64 (n + 1,)."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    held = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
    return held, ends


def count_words(normal: pa.Array) -> pa.Array:
    """int64 (n,): words of normalised texts."""
    spaces = pc.count_substring(normal, " ").cast(pa.int64())
    return pc.if_else(pc.equal(pc.binary_length(normal), 0), pa.scalar(0, pa.int64()), pc.add(spaces, 1))


@cache
def _classes() -> NDArray[np.uint8]:
    """uint8 (0x110000,): the class of each code point."""
    table = np.zeros(0x110000, np.uint8)
    for point in range(0x110000):
        kind = unicodedata.category(chr(point))
        if kind[0] in "LMN":
            table[point] = _DIGIT if kind == "Nd" else _WORD
        elif kind[0] == "S" and kind != "Sk":
            table[point] = _SIGN
        elif kind[0] == "Z":
            table[point] = _SPACE
    for first, last in _UNSPACED:
        block = table[first : last + 1]
        block[block == _WORD] = _ALONE
    for sign in _SIGNS:
        table[ord(sign)] = _SIGN
    for space in "\t\x0b\x0c":
        table[ord(space)] = _SPACE
    for line in "\n\r\x85\u2028\u2029":
        table[ord(line)] = _LINE
    table[ord(".")] = table[ord(",")] = _POINT
    table[ord("-")] = _HYPHEN
    return table


@njit(cache=True, nogil=True)
def _decode(data: Any, at: Any, stop: Any) -> Any:
    """Code point at a byte, and how many bytes it has; UTF-8 is taken to be right, as in Arrow."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    if first < 0xE0 and at + 1 < stop:
        return ((first & 0x1F) << 6) | (np.int64(data[at + 1]) & 0x3F), 2
    if first < 0xF0 and at + 2 < stop:
        return ((first & 0x0F) << 12) | ((np.int64(data[at + 1]) & 0x3F) << 6) | (np.int64(data[at + 2]) & 0x3F), 3
    if at + 3 < stop:
        high = ((first & 0x07) << 18) | ((np.int64(data[at + 1]) & 0x3F) << 12)
        return high | ((np.int64(data[at + 2]) & 0x3F) << 6) | (np.int64(data[at + 3]) & 0x3F), 4
    return first, 1


@njit(cache=True, nogil=True)
def _normalise(data: Any, ends: Any, classes: Any) -> Any:
    out = np.empty(2 * (ends[-1] - ends[0]) + 1, np.uint8)
    cut = np.zeros(len(ends), np.int64)
    o = 0
    for i in range(len(ends) - 1):
        at, stop = ends[i], ends[i + 1]
        begin = o
        before = _LINE  # class of the character before
        opening = True  # nothing but spaces and signs stood on the line so far
        gap = False
        alone = False
        while at < stop:
            point, size = _decode(data, at, stop)
            kind = classes[point] if point < len(classes) else _DROPPED
            keep = kind in (_WORD, _DIGIT, _ALONE)
            if kind in (_POINT, _HYPHEN, _SIGN):
                after = _SPACE
                if at + size < stop:
                    following, _ = _decode(data, at + size, stop)
                    after = classes[following]
                if kind == _POINT:
                    keep = before == _DIGIT and after == _DIGIT
                elif opening and _ends_in_space(data, at, stop, classes):
                    keep = False
                elif kind == _HYPHEN:
                    keep = not (before == _WORD and after == _WORD)
                else:
                    keep = True
            if kind == _LINE:
                opening = True
            elif keep:
                opening = False
            if keep:
                if o > begin and (gap or kind == _ALONE or alone):
                    out[o] = 32
                    o += 1
                for k in range(size):
                    byte = data[at + k]
                    # Here and not by Arrow, whose ascii_lower reads a slice from its wrong end (26.0.1).
                    out[o + k] = byte + 32 if 65 <= byte <= 90 else byte
                o += size
                gap = False
                alone = kind == _ALONE
            else:
                gap = True
            before = kind
            at += size
        cut[i + 1] = o
    return out[:o].copy(), cut


@njit(cache=True, nogil=True)
def _ends_in_space(data: Any, at: Any, stop: Any, classes: Any) -> Any:
    """Whether a run of signs that begins here is followed by a space."""
    while at < stop:
        point, size = _decode(data, at, stop)
        kind = classes[point]
        if kind == _SPACE:
            return True
        if kind not in (_SIGN, _HYPHEN):
            return False
        at += size
    return False
