"""Arrow string buffers written from parts: lengths first, then the bytes of one part after the other.

Every ``add_*`` adds the byte length of its part to ``lengths`` (int32 (n,)); every ``put_*`` writes the part of row i at
``cursor[i]`` of ``out`` and moves the cursor behind it. ``starts`` (int32 (k + 1,)) and ``data`` (uint8) are the buffers of an
Arrow dictionary of k strings.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.copying import copy_bytes
from sundog.lib.kernels.draws import multiply_high
from sundog.lib.kernels.mixing import mix_lane

_ZERO = np.uint8(48)
_HEX = np.frombuffer(b"0123456789abcdef0123456789ABCDEF", dtype=np.uint8)


@njit(cache=True, nogil=True)
def open_rows(lengths: NDArray[np.int32], offsets: Any) -> Any:
    """Writes where each row begins into ``offsets[1:]`` (the cursor) and gives the total in bytes.

    When every part is put, each cursor stands at the end of its row, so that ``offsets`` is then what Arrow wants.
    """
    total = np.int64(0)
    offsets[0] = 0
    for i in range(len(lengths)):
        offsets[i + 1] = total
        total += lengths[i]
    return total


@njit(cache=True, nogil=True)
def sum_lengths(lengths: NDArray[np.int32]) -> Any:
    """Total in bytes, int64."""
    total = np.int64(0)
    for i in range(len(lengths)):
        total += lengths[i]
    return total


@njit(cache=True, nogil=True)
def put_literal(text: NDArray[np.uint8], cursor: Any, out: NDArray[np.uint8]) -> None:
    """The same bytes in every row."""
    n = len(text)
    if n == 1:
        letter = text[0]
        for i in range(len(cursor)):
            out[cursor[i]] = letter
            cursor[i] += 1
        return
    for i in range(len(cursor)):
        at = np.int64(cursor[i])
        copy_bytes(out, at, text, 0, n)
        cursor[i] = at + n


@njit(cache=True, nogil=True)
def add_lookup(index: NDArray[np.int32], starts: NDArray[np.int32], lengths: NDArray[np.int32]) -> bool:
    """Entry ``index[i]`` of a dictionary; False where an index lies outside of it."""
    top = len(starts) - 1
    for i in range(len(index)):
        k = index[i]
        if k < 0 or k >= top:
            return False
        lengths[i] += starts[k + 1] - starts[k]
    return True


@njit(cache=True, nogil=True)
def put_lookup(
    index: NDArray[np.int32], starts: NDArray[np.int32], data: NDArray[np.uint8], cursor: Any, out: NDArray[np.uint8]
) -> None:
    """Entry ``index[i]`` of a dictionary."""
    for i in range(len(index)):
        k = index[i]
        at = np.int64(cursor[i])
        begin = np.int64(starts[k])
        n = np.int64(starts[k + 1]) - begin
        copy_bytes(out, at, data, begin, n)
        cursor[i] = at + n


@njit(cache=True, nogil=True)
def add_text(starts: Any, lengths: NDArray[np.int32]) -> None:
    """A column of strings, row by row; ``starts`` int32 or int64 (n + 1,)."""
    for i in range(len(lengths)):
        lengths[i] += starts[i + 1] - starts[i]


@njit(cache=True, nogil=True)
def put_text(starts: Any, data: NDArray[np.uint8], cursor: Any, out: NDArray[np.uint8]) -> None:
    """A column of strings, row by row."""
    for i in range(len(cursor)):
        at = np.int64(cursor[i])
        begin = np.int64(starts[i])
        n = np.int64(starts[i + 1]) - begin
        copy_bytes(out, at, data, begin, n)
        cursor[i] = at + n


@njit(cache=True, nogil=True)
def _count_digits(x: Any) -> int:
    n = 1
    while x >= np.uint64(10000):
        x //= np.uint64(10000)
        n += 4
    if x >= np.uint64(1000):
        return n + 3
    if x >= np.uint64(100):
        return n + 2
    if x >= np.uint64(10):
        return n + 1
    return n


@njit(cache=True, nogil=True)
def _magnitude(x: Any) -> Any:
    return np.uint64(x) if x >= 0 else ~np.uint64(x) + np.uint64(1)


@njit(cache=True, nogil=True)
def add_number(values: NDArray[np.int64], width: int, places: int, lengths: NDArray[np.int32]) -> None:
    """An integer, filled with zeros to ``width`` digits, or with its last ``places`` digits behind a point."""
    for i in range(len(values)):
        n = max(_count_digits(_magnitude(values[i])), width, places + 1)
        lengths[i] += n + (1 if values[i] < 0 else 0) + (1 if places > 0 else 0)


@njit(cache=True, nogil=True)
def put_number(values: NDArray[np.int64], width: int, places: int, cursor: Any, out: NDArray[np.uint8]) -> None:
    """An integer, filled with zeros to ``width`` digits, or with its last ``places`` digits behind a point."""
    for i in range(len(values)):
        x = _magnitude(values[i])
        at = np.int64(cursor[i])
        if values[i] < 0:
            out[at] = 45
            at += 1
        n = max(_count_digits(x), width, places + 1)
        end = at + n + (1 if places > 0 else 0)
        cursor[i] = end
        here = end - 1
        for _ in range(places):
            out[here] = _ZERO + np.uint8(x % np.uint64(10))
            x //= np.uint64(10)
            here -= 1
        if places > 0:
            out[here] = 46
            here -= 1
        while here >= at:
            out[here] = _ZERO + np.uint8(x % np.uint64(10))
            x //= np.uint64(10)
            here -= 1


@njit(cache=True, nogil=True)
def put_hex(
    values: NDArray[np.uint64], width: int, shift: int, capital: int, cursor: Any, out: NDArray[np.uint8]
) -> None:
    """``width`` hexadecimal digits of the bits from ``shift`` on, the highest first; upper case when ``capital`` is 16."""
    for i in range(len(values)):
        at = np.int64(cursor[i])
        for k in range(width):
            out[at + k] = _HEX[
                capital + np.int64((values[i] >> np.uint64(shift + 4 * (width - 1 - k))) & np.uint64(15))
            ]
        cursor[i] = at + width


@njit(cache=True, nogil=True)
def civil_of(days: Any) -> tuple[Any, Any, Any]:
    """Year, month and day (uint64) of a number of days after 1970-01-01 in the Gregorian calendar; from 0000-03-01 on.

    Unsigned, since a division by a constant that rounds down is slow where the sign is unknown.
    """
    z = np.uint64(days + 719468)
    era = z // np.uint64(146097)
    doe = z - era * np.uint64(146097)
    yoe = (doe - doe // np.uint64(1460) + doe // np.uint64(36524) - doe // np.uint64(146096)) // np.uint64(365)
    doy = doe - (np.uint64(365) * yoe + yoe // np.uint64(4) - yoe // np.uint64(100))
    mp = (np.uint64(5) * doy + np.uint64(2)) // np.uint64(153)
    month = mp + np.uint64(3) if mp < np.uint64(10) else mp - np.uint64(9)
    day = doy - (np.uint64(153) * mp + np.uint64(2)) // np.uint64(5) + np.uint64(1)
    return yoe + era * np.uint64(400) + np.uint64(1 if month <= np.uint64(2) else 0), month, day


@njit(cache=True, nogil=True)
def put_two(value: Any, at: Any, out: NDArray[np.uint8]) -> None:
    """Two decimal digits of a uint64 below 100."""
    tens = value // np.uint64(10)
    out[at] = _ZERO + np.uint8(tens)
    out[at + 1] = _ZERO + np.uint8(value - np.uint64(10) * tens)


@njit(cache=True, nogil=True)
def put_date(days: NDArray[np.int64], cursor: Any, out: NDArray[np.uint8]) -> None:
    """Ten bytes YYYY-MM-DD; days after 1970-01-01, years 0 to 9999."""
    for i in range(len(days)):
        year, month, day = civil_of(days[i])
        at = np.int64(cursor[i])
        put_two(year // np.uint64(100), at, out)
        put_two(year % np.uint64(100), at + 2, out)
        out[at + 4] = 45
        put_two(month, at + 5, out)
        out[at + 7] = 45
        put_two(day, at + 8, out)
        cursor[i] = at + 10


@njit(cache=True, nogil=True)
def put_masks(
    index: NDArray[np.int32],
    words: NDArray[np.uint64],
    starts: NDArray[np.int32],
    data: NDArray[np.uint8],
    alphabets: NDArray[np.uint8],
    sizes: NDArray[np.uint64],
    cursor: Any,
    out: NDArray[np.uint8],
) -> None:
    """Mask ``index[i]``, in which byte b < 32 stands for one of the ``sizes[b]`` letters of row b of ``alphabets``.

    The word is used up letter by letter and mixed anew after eight of them: with letters of size s each value has its
    probability within 2**-64 * s**8.
    """
    for i in range(len(index)):
        k = index[i]
        at = np.int64(cursor[i])
        rest = words[i]
        drawn = 0
        for b in range(np.int64(starts[k]), np.int64(starts[k + 1])):
            letter = data[b]
            if letter < 32:
                if drawn & 7 == 0 and drawn > 0:
                    rest = mix_lane(words[i], drawn >> 3)
                drawn += 1
                size = sizes[letter]
                letter = alphabets[letter, np.int64(multiply_high(rest, size))]
                rest = rest * size
            out[at] = letter
            at += 1
        cursor[i] = at
