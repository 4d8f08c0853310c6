"""Codes of one length with check digits, as a matrix of letters: uint8 (n, length)."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.kernels.mixing import mix_lane
from sundog.lib.kernels.strings import civil_of, put_two


@njit(cache=True, nogil=True)
def fill_places(
    numbers: NDArray[np.uint64], alphabets: NDArray[np.uint8], sizes: NDArray[np.uint64], out: NDArray[np.uint8]
) -> None:
    """Writes each number in the mixed radix of the places, the last place changing fastest; what is left over stays in ``numbers``.

    Args:
        numbers: uint64 (n,); divided by the product of ``sizes`` afterwards.
        alphabets: uint8 (length, widest), letters of each place.
        sizes: uint64 (length,), how many letters each place has; 1 where nothing is free.
        out: uint8 (n, length).
    """
    ten, hundred, letters = np.uint64(10), np.uint64(100), np.uint64(26)
    for i in range(len(numbers)):
        rest = numbers[i]
        j = len(sizes) - 1
        while j >= 0:
            size = sizes[j]
            if size == np.uint64(1):
                out[i, j] = alphabets[j, 0]
                j -= 1
                continue
            if (
                size == ten and j > 0 and sizes[j - 1] == ten
            ):  # two digits by one division; by a constant it is a multiplication
                above = rest // hundred
                pair = np.uint32(rest - above * hundred)
                tens = pair // np.uint32(10)
                out[i, j - 1] = alphabets[j - 1, np.int64(tens)]
                out[i, j] = alphabets[j, np.int64(pair - np.uint32(10) * tens)]
                j -= 2
            else:
                if size == ten:
                    above = rest // ten
                elif size == letters:
                    above = rest // letters
                else:
                    above = rest // size
                out[i, j] = alphabets[j, np.int64(rest - above * size)]
                j -= 1
            rest = above
        numbers[i] = rest


_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@njit(cache=True, nogil=True)
def put_uuids(words: NDArray[np.uint64], out: NDArray[np.uint8]) -> None:
    """UUIDs of version 4 in form: the word at places 0 to 17 and 19, what is mixed from it behind.

    Args:
        words: uint64 (n,). Different words give different UUIDs: every bit of a word is written somewhere.
        out: uint8 (n, 36).
    """
    three, fifteen = np.uint64(3), np.uint64(15)
    for i in range(len(words)):
        word = words[i]
        # Version and variant stand where bits 2 and 3 of the word would: these end up in the last digit.
        low = mix_lane(word, 0) & ~three | word >> np.uint64(2) & three
        nibble = 60
        for k in range(36):
            if k == 8 or k == 13 or k == 18 or k == 23:
                out[i, k] = 45
            elif k == 14:
                out[i, k] = 52
            elif k == 19:
                out[i, k] = _HEX[np.int64(np.uint64(8) | word & three)]
                nibble = 56
            else:
                source = word if k < 18 else low
                out[i, k] = _HEX[np.int64(source >> np.uint64(nibble) & fifteen)]
                nibble -= 4


@njit(cache=True, nogil=True)
def put_days(
    days: NDArray[np.int64], year: int, month: int, day: int, full: bool, months: int, out: NDArray[np.uint8]
) -> None:
    """Writes dates: two digits of year (four when ``full``), month (``months`` added) and day at these places."""
    for i in range(len(days)):
        y, m, d = civil_of(days[i])
        at = year
        if full:
            put_two(y // np.uint64(100), at, out[i])
            at += 2
        put_two(y % np.uint64(100), at, out[i])
        put_two(m + np.uint64(months), month, out[i])
        put_two(d, day, out[i])


@njit(cache=True, nogil=True)
def put_check(
    out: NDArray[np.uint8], counted: NDArray[np.int64], scores: NDArray[np.uint32], table: NDArray[np.uint8], at: int
) -> None:
    """Writes a row of ``table`` at place ``at``: the one whose number is the sum of scores, modulo the rows of the table.

    Args:
        out: uint8 (n, length).
        counted: int64 (k,), places that count.
        scores: uint32 (k, 128), what each letter adds at each of them.
        table: uint8 (modulus, width), check letters of each remainder.
        at: first place of the check letters.
    """
    modulus = np.uint32(len(table))
    for i in range(len(out)):
        total = np.uint32(0)
        for j in range(len(counted)):
            total += scores[j, out[i, counted[j]]]
        rest = np.int64(total % modulus)
        for k in range(table.shape[1]):
            out[i, at + k] = table[rest, k]


@njit(cache=True, nogil=True)
def skip_digit(
    out: NDArray[np.uint8],
    counted: NDArray[np.int64],
    scores: NDArray[np.uint32],
    modulus: int,
    refused: int,
    which: int,
) -> None:
    """Moves the digit at place ``counted[which]`` (0 to 8) past the one with which the sum of scores would be ``refused``.

    So the nine digits that have a check digit are numbered 0 to 8, and no draw has to be repeated.
    """
    at = counted[which]
    for i in range(len(out)):
        total = np.uint32(0)
        for j in range(len(counted)):
            if j != which:
                total += scores[j, out[i, counted[j]]]
        for letter in range(48, np.int64(out[i, at]) + 1):
            if np.int64((total + scores[which, letter]) % np.uint32(modulus)) == refused:
                out[i, at] += np.uint8(1)
                break


@njit(cache=True, nogil=True)
def put_tax_digits(numbers: NDArray[np.uint64], out: NDArray[np.uint8]) -> None:
    """German tax identification numbers of the test range: 0, eight different digits of 1 to 9, one of them again, check digit.

    Args:
        numbers: uint64 (n,) in [0, 9! * 8), read in the factorial number system; each gives another number.
        out: uint8 (n, 11). The last digit is ISO 7064 MOD 11,10.
    """
    left = np.empty(10, np.uint8)
    eight = np.uint64(8)
    for i in range(len(numbers)):
        again = np.int64(numbers[i] % eight)
        rest = numbers[i] // eight
        for k in range(9):
            left[k] = np.uint8(49 + k)
        left[9] = 0
        out[i, 0] = 48
        for k in range(1, 9):
            size = np.uint64(10 - k)
            above = rest // size
            which = np.int64(rest - above * size)
            rest = above
            out[i, k] = left[which]
            for q in range(which, 9):
                left[q] = left[q + 1]
        out[i, 9] = out[i, 1 + again]
        product = 10
        for k in range(10):
            total = int(out[i, k] - 48 + product) % 10
            product = (10 if total == 0 else total) * 2 % 11
        out[i, 10] = np.uint8(48 + (11 - product) % 10)
