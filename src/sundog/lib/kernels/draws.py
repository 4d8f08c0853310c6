"""One random word a cell: Philox4x64-10 on counters, so that any row of any column can be drawn alone.

Source: Salmon et al., SC 2011, doi:10.1145/2063384.2063405. The words of ``draw_unit_words`` are those that NumPy's Philox
gives for the same key and counter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sundog.core.keys import Key

_CHILDREN = 1
"""Third word of the counter of rows within units, so that they never meet the rows that are units."""


def draw_unit_words(key: Key, units: range) -> NDArray[np.uint64]:
    """One word for each unit; four neighbours share a block, and still word i depends on (key, units[i]) alone.

    Args:
        key: names the column.
        units: consecutive, step 1, in [0, 2**63).

    Returns:
        uint64 (len(units),).
    """
    if units.step != 1:
        raise ValueError("units must be consecutive")
    found = np.empty(len(units), np.uint64)
    _draw_units(np.uint64(key.hi), np.uint64(key.lo), np.uint64(units.start), found)
    return found


def draw_words_of(key: Key, units: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The words of ``draw_unit_words`` for units in any order, any number of times.

    Args:
        key: names the column.
        units: uint64 (n,), each in [0, 2**63).

    Returns:
        uint64 (n,).
    """
    found = np.empty(len(units), np.uint64)
    _draw_scattered(np.uint64(key.hi), np.uint64(key.lo), units, found)
    return found


def draw_row_words(key: Key, units: NDArray[np.uint64], index: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One word for each row within a unit: row ``index[i]`` of unit ``units[i]``.

    Args:
        key: names the column.
        units: uint64 (n,), unit of each row, in any order.
        index: uint64 (n,), number of the row within its unit.

    Returns:
        uint64 (n,); word i depends on (key, units[i], index[i]) alone.
    """
    found = np.empty(len(units), np.uint64)
    _draw_rows(np.uint64(key.hi), np.uint64(key.lo), units, index, found)
    return found


def as_uniform(words: NDArray[np.uint64]) -> NDArray[np.float64]:
    """float64 in (0, 1), never 0 or 1: the middle of one of 2**52 equal steps."""
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


@intrinsic
def multiply_high(typing: Any, a: Any, b: Any) -> Any:
    """The upper 64 bits of the product of two uint64; one instruction, which neither NumPy nor numba offers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


@njit(cache=True, nogil=True)
def philox(k0: Any, k1: Any, c0: Any, c1: Any, c2: Any, c3: Any) -> tuple[Any, Any, Any, Any]:
    """Four words of Philox4x64-10 for a key of two words and a counter of four, all uint64."""
    for _ in range(10):
        high0 = multiply_high(np.uint64(0xD2E7470EE14C6C93), c0)
        low0 = np.uint64(0xD2E7470EE14C6C93) * c0
        high1 = multiply_high(np.uint64(0xCA5A826395121157), c2)
        low1 = np.uint64(0xCA5A826395121157) * c2
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0 += np.uint64(0x9E3779B97F4A7C15)
        k1 += np.uint64(0xBB67AE8584CAA73B)
    return c0, c1, c2, c3


@njit(cache=True, nogil=True)
def _draw_units(k0: np.uint64, k1: np.uint64, start: np.uint64, found: NDArray[np.uint64]) -> None:
    zero = np.uint64(0)
    n = len(found)
    at = 0
    while at < n:
        unit = start + np.uint64(at)
        block = philox(k0, k1, (unit >> np.uint64(2)) + np.uint64(1), zero, zero, zero)
        for lane in range(np.int64(unit & np.uint64(3)), 4):
            if at < n:
                found[at] = block[lane]
                at += 1


@njit(cache=True, nogil=True)
def _draw_scattered(k0: np.uint64, k1: np.uint64, units: NDArray[np.uint64], found: NDArray[np.uint64]) -> None:
    zero = np.uint64(0)
    for i in range(len(found)):
        block = philox(k0, k1, (units[i] >> np.uint64(2)) + np.uint64(1), zero, zero, zero)
        found[i] = block[np.int64(units[i] & np.uint64(3))]


@njit(cache=True, nogil=True)
def _draw_rows(
    k0: np.uint64, k1: np.uint64, units: NDArray[np.uint64], index: NDArray[np.uint64], found: NDArray[np.uint64]
) -> None:
    zero, three = np.uint64(0), np.uint64(3)
    block = (zero, zero, zero, zero)
    unit, quarter = zero, zero
    for i in range(len(found)):
        if i == 0 or units[i] != unit or (index[i] >> np.uint64(2)) != quarter:
            unit, quarter = units[i], index[i] >> np.uint64(2)
            block = philox(k0, k1, unit, quarter, np.uint64(_CHILDREN), zero)
        found[i] = block[np.int64(index[i] & three)]
