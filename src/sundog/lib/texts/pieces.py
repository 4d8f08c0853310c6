"""A text as a set of short pieces, and as a few numbers from which equal sets are found: MinHash in bands.

Source: Broder, On the resemblance and containment of documents, 1997, doi:10.1109/SEQUEN.1997.666900; the bands are those of Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, section 3.4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.core.keys import Key

PIECE = 5
"""Letters of a piece, spaces among them."""

MOST_PIECES = 512
"""Pieces of a text that are kept: all of a short one, the smallest hashes of a longer one (a bottom-k sketch: the error of a
Jaccard of .8 is then .018)."""

BANDS, ROWS = 20, 6
"""A pair of Jaccard J shares a band with probability 1 - (1 - J**ROWS)**BANDS: .998 at .8, .27 at .5."""

_LANES = BANDS * ROWS


def _draw_lanes() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Two odd or any 32-bit numbers a permutation; part of the format of a sketch, so that their key never changes."""
    words = Key.root(0).child("texts/minhash").words(range(_LANES))
    return (words[:, 0].astype(np.uint32) | np.uint32(1)), words[:, 1].astype(np.uint32)


_A, _B = _draw_lanes()


def sketch_pieces(
    data: NDArray[np.uint8], ends: NDArray[np.int64], bands: bool
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint32]]:
    """Pieces and bands of normalised texts.

    Args:
        data: uint8, the bytes of all texts.
        ends: int64 (n + 1,), where each begins and ends.
        bands: whether the second is wanted.

    Returns:
        uint32 (pieces,), the distinct hashes of each text in order, at most ``MOST_PIECES`` of them; int64 (n + 1,), where each
        text's begin and end; uint32 (n, BANDS), equal where two texts share a band. A text without pieces has none and zeros.
    """
    pieces, cuts, found = _sketch(data, ends, _A, _B, bands)
    return pieces, cuts, found


def digest_texts(data: NDArray[np.uint8], ends: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """128 bits of each text, uint64 (n, 2), and 64 bits of the numbers in it in their order, uint64 (n,)."""
    digests, numbers = _digest(data, ends)
    return digests, numbers


@njit(cache=True, nogil=True, inline="always")
def _mix(z: Any) -> Any:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(cache=True, nogil=True)
def hash_bytes(data: Any, start: Any, stop: Any, seed: Any) -> Any:
    """64 bits of a run of bytes: words of eight through the finalizer of splitmix64 (doi:10.1145/2660193.2660195)."""
    state = _mix(np.uint64(seed) ^ np.uint64(stop - start))
    at = start
    while at < stop:
        word = np.uint64(0)
        for k in range(min(8, stop - at)):
            word |= np.uint64(data[at + k]) << np.uint64(8 * k)
        state = _mix(state * np.uint64(0x9E3779B97F4A7C15) ^ word)
        at += 8
    return state


@njit(cache=True, nogil=True)
def _digest(data: Any, ends: Any) -> Any:
    n = len(ends) - 1
    digests = np.empty((n, 2), np.uint64)
    numbers = np.zeros(n, np.uint64)
    for i in range(n):
        start, stop = ends[i], ends[i + 1]
        digests[i, 0] = hash_bytes(data, start, stop, np.uint64(1))
        digests[i, 1] = hash_bytes(data, start, stop, np.uint64(2))
        state = np.uint64(0)
        digit = False
        for at in range(start, stop):
            byte = data[at]
            if 48 <= byte <= 57:
                state = _mix(state * np.uint64(31) + np.uint64(byte) + (np.uint64(0) if digit else np.uint64(4096)))
                digit = True
            else:
                digit = False
        numbers[i] = state
    return digests, numbers


@njit(cache=True, nogil=True)
def _sketch(data: Any, ends: Any, a: Any, b: Any, bands: Any) -> Any:
    n = len(ends) - 1
    room = 1 << 16
    held = np.empty(room, np.uint32)
    cuts = np.zeros(n + 1, np.int64)
    found = np.zeros((n, BANDS), np.uint32)
    longest = 1
    for i in range(n):
        longest = max(longest, ends[i + 1] - ends[i])
    letters = np.empty(longest + 1, np.int64)
    hashes = np.empty(longest, np.uint32)
    lowest = np.empty(_LANES, np.uint32)
    o = 0
    for i in range(n):
        start, stop = ends[i], ends[i + 1]
        count = 0
        for at in range(start, stop):
            if data[at] & 0xC0 != 0x80:
                letters[count] = at
                count += 1
        letters[count] = stop
        made = max(count - PIECE + 1, min(count, 1))
        for k in range(made):
            begin, end = letters[k], letters[min(k + PIECE, count)]
            if end - begin <= 8:
                word = np.uint64(0)
                for j in range(end - begin):
                    word |= np.uint64(data[begin + j]) << np.uint64(8 * j)
                hashes[k] = np.uint32(_mix(word + np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32))
            else:
                hashes[k] = np.uint32(hash_bytes(data, begin, end, np.uint64(3)) >> np.uint64(32))
        ordered = np.sort(hashes[:made])
        distinct = 0
        for k in range(made):
            if k == 0 or ordered[k] != ordered[k - 1]:
                ordered[distinct] = ordered[k]
                distinct += 1
        if bands and distinct:
            lowest[:] = np.uint32(0xFFFFFFFF)
            for k in range(distinct):
                value = ordered[k]
                for j in range(_LANES):
                    lane = np.uint32(a[j] * value + b[j])
                    lowest[j] = min(lowest[j], lane)
            for band in range(BANDS):
                state = np.uint64(band + 1)
                for j in range(ROWS):
                    state = _mix(state * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(lowest[band * ROWS + j]))
                found[i, band] = np.uint32(state >> np.uint64(32))
        kept = min(distinct, MOST_PIECES)
        if o + kept > room:
            room = 2 * room + kept
            grown = np.empty(room, np.uint32)
            grown[:o] = held[:o]
            held = grown
        held[o : o + kept] = ordered[:kept]
        o += kept
        cuts[i + 1] = o
    return held[:o].copy(), cuts, found


@njit(cache=True, nogil=True)
def measure_jaccard(pieces: Any, a: Any, a_end: Any, b: Any, b_end: Any) -> Any:
    """Share of common pieces of two texts: exact where neither was cut, else from the smallest hashes of both together.

    Args:
        pieces: uint32, the pieces of all texts, ascending within each.
        a: int64, where the first one's begin.
        a_end: int64, where they end.
        b: int64, where the other's begin.
        b_end: int64, where they end.
    """
    limit = MOST_PIECES if (a_end - a >= MOST_PIECES or b_end - b >= MOST_PIECES) else (1 << 60)
    both = 0
    union = 0
    while a < a_end and b < b_end and union < limit:
        x, y = pieces[a], pieces[b]
        if x == y:
            both += 1
            a += 1
            b += 1
        elif x < y:
            a += 1
        else:
            b += 1
        union += 1
    if limit == (1 << 60):
        union += (a_end - a) + (b_end - b)
    else:
        union += min(limit - union, (a_end - a) + (b_end - b))
    return both / union if union else 0.0
