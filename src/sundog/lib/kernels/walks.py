"""Strings of a finite language, written by walking through its automaton.

State s has the edges ``first[s] .. first[s + 1] - 1``. Edge e leads to ``target[e]`` over one of the ``size[e]`` letters
``letters[begin[e] ..]`` (code points) and then the bytes ``tails[tail[e] .. tail[e + 1] - 1]``, which nothing else can follow. A walk may
stop in s when ``ends[s]``. ``below[s]`` counts the strings that begin in s.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.copying import copy_bytes
from sundog.lib.kernels.draws import multiply_high
from sundog.lib.kernels.mixing import mix_lane


@njit(cache=True, nogil=True)
def _width(letter: Any) -> Any:
    return 1 if letter < 0x80 else 2 if letter < 0x800 else 3 if letter < 0x10000 else 4


@njit(cache=True, nogil=True)
def _put(letter: Any, at: Any, out: NDArray[np.uint8]) -> Any:
    if letter < 0x80:
        out[at] = np.uint8(letter)
        return at + 1
    if letter < 0x800:
        out[at] = np.uint8(0xC0 | (letter >> 6))
        out[at + 1] = np.uint8(0x80 | (letter & 0x3F))
        return at + 2
    if letter < 0x10000:
        out[at] = np.uint8(0xE0 | (letter >> 12))
        out[at + 1] = np.uint8(0x80 | ((letter >> 6) & 0x3F))
        out[at + 2] = np.uint8(0x80 | (letter & 0x3F))
        return at + 3
    out[at] = np.uint8(0xF0 | (letter >> 18))
    out[at + 1] = np.uint8(0x80 | ((letter >> 12) & 0x3F))
    out[at + 2] = np.uint8(0x80 | ((letter >> 6) & 0x3F))
    out[at + 3] = np.uint8(0x80 | (letter & 0x3F))
    return at + 4


@njit(cache=True, nogil=True)
def walk_words(
    words: NDArray[np.uint64],
    first: NDArray[np.int32],
    stop: NDArray[np.uint64],
    limit: NDArray[np.uint64],
    target: NDArray[np.int32],
    begin: NDArray[np.int32],
    size: NDArray[np.int32],
    letters: NDArray[np.int32],
    tail: NDArray[np.int32],
    tails: NDArray[np.uint8],
    offsets: Any,
    out: NDArray[np.uint8],
    write: bool,
) -> None:
    """A string for each random word, all strings equally likely (each choice within 2**-23 of its share at worst, and
    within 2**-33 where classes have less than a hundred letters).

    ``stop[s]`` and ``limit[e]`` are cumulative shares in units of 2**-64 (the last one of a state is never looked at).
    Row i ends at ``offsets[i + 1]`` (n + 1,); its bytes are written when ``write``.
    """
    at = np.int64(0)
    offsets[0] = 0
    for i in range(len(words)):
        word = words[i]
        rest = word
        room = np.uint64(1)
        state = 0
        lane = 0
        while True:
            low, high = first[state], first[state + 1]
            if low == high:
                break
            edge = low
            if high - low > 1 or stop[state] > 0:
                share = mix_lane(word, lane)
                lane += 1
                if share < stop[state]:
                    break
                while edge < high - 1 and share >= limit[edge]:
                    edge += 1
            k = np.int64(begin[edge])
            if size[edge] > 1:
                if room > np.uint64(1 << 24):  # the word is used up letter by letter, and mixed anew in time
                    rest = mix_lane(word, lane)
                    lane += 1
                    room = np.uint64(1)
                wide = np.uint64(size[edge])
                k += np.int64(multiply_high(rest, wide))
                rest = rest * wide
                room = room * wide
            if write:
                at = _put(letters[k], at, out)
            else:
                at += _width(letters[k])
            more = np.int64(tail[edge + 1] - tail[edge])
            if more > 0:
                if write:
                    copy_bytes(out, at, tails, np.int64(tail[edge]), more)
                at += more
            state = target[edge]
        offsets[i + 1] = at


@njit(cache=True, nogil=True)
def walk_chain(
    words: NDArray[np.uint64],
    chain: NDArray[np.int32],
    begin: NDArray[np.int32],
    size: NDArray[np.int32],
    letters: NDArray[np.int32],
    tail: NDArray[np.int32],
    tails: NDArray[np.uint8],
    offsets: Any,
    out: NDArray[np.uint8],
) -> None:
    """What ``walk_words`` writes where one edge follows the other and no walk may stop or branch: ``chain`` names the edges."""
    at = np.int64(0)
    offsets[0] = 0
    for i in range(len(words)):
        word = words[i]
        rest = word
        room = np.uint64(1)
        lane = 0
        for edge in chain:
            k = np.int64(begin[edge])
            if size[edge] > 1:
                if room > np.uint64(1 << 24):
                    rest = mix_lane(word, lane)
                    lane += 1
                    room = np.uint64(1)
                wide = np.uint64(size[edge])
                k += np.int64(multiply_high(rest, wide))
                rest = rest * wide
                room = room * wide
            at = _put(letters[k], at, out)
            more = np.int64(tail[edge + 1] - tail[edge])
            if more > 0:
                copy_bytes(out, at, tails, np.int64(tail[edge]), more)
                at += more
        offsets[i + 1] = at


@njit(cache=True, nogil=True)
def walk_numbers(
    numbers: NDArray[np.uint64],
    first: NDArray[np.int32],
    ends: NDArray[np.uint8],
    below: NDArray[np.uint64],
    target: NDArray[np.int32],
    begin: NDArray[np.int32],
    size: NDArray[np.int32],
    letters: NDArray[np.int32],
    tail: NDArray[np.int32],
    tails: NDArray[np.uint8],
    offsets: Any,
    out: NDArray[np.uint8],
    write: bool,
) -> None:
    """String number ``numbers[i]`` of the language: a bijection of [0, below[0]); writes as ``walk_words`` does."""
    at = np.int64(0)
    offsets[0] = 0
    for i in range(len(numbers)):
        rest = numbers[i]
        state = 0
        while True:
            if ends[state]:
                if rest == 0:
                    break
                rest -= np.uint64(1)
            edge = first[state]
            while edge < first[state + 1] - 1:
                block = below[target[edge]] * np.uint64(size[edge])
                if rest < block:
                    break
                rest -= block
                edge += 1
            k = np.int64(begin[edge])
            if size[edge] > 1:
                each = below[target[edge]]
                if each > 1:
                    which = rest // each
                    rest -= which * each
                else:
                    which = rest
                    rest = np.uint64(0)
                k += np.int64(which)
            if write:
                at = _put(letters[k], at, out)
            else:
                at += _width(letters[k])
            more = np.int64(tail[edge + 1] - tail[edge])
            if more > 0:
                if write:
                    copy_bytes(out, at, tails, np.int64(tail[edge]), more)
                at += more
            state = target[edge]
        offsets[i + 1] = at
