"""One word a cell: the words are Philox's, whatever the range and the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.kernels.draws import as_uniform, draw_row_words, draw_unit_words

KEY = Key.root(3).child("a")


@given(st.integers(0, 1 << 40), st.integers(0, 50))
def test_words_are_those_of_numpy(start: int, n: int) -> None:
    blocks = KEY.words(range(start // 4, (start + n) // 4 + 1)).reshape(-1)
    assert np.array_equal(draw_unit_words(KEY, range(start, start + n)), blocks[start % 4 :][:n])


def test_any_cut_gives_the_same_words() -> None:
    whole = draw_unit_words(KEY, range(7, 60))
    pieces = [draw_unit_words(KEY, range(a, b)) for a, b in ((7, 8), (8, 21), (21, 22), (22, 60))]
    assert np.array_equal(whole, np.concatenate(pieces))
    with pytest.raises(ValueError, match="consecutive"):
        draw_unit_words(KEY, range(0, 10, 2))


def test_rows_within_units_come_alone_or_together() -> None:
    units = np.repeat(np.arange(5, 25, dtype=np.uint64), 9)
    index = np.tile(np.arange(9, dtype=np.uint64), 20)
    whole = draw_row_words(KEY, units, index)
    order = np.random.Generator(np.random.Philox(1)).permutation(len(units))
    assert np.array_equal(draw_row_words(KEY, units[order], index[order]), whole[order])
    assert len(np.unique(whole)) == len(whole)
    assert not np.isin(whole, draw_unit_words(KEY, range(200))).any()


def test_uniforms_are_inside_and_even() -> None:
    u = as_uniform(draw_unit_words(KEY, range(1_000_000)))
    assert 0 < u.min() < u.max() < 1
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    # Chi-square with 99 degrees of freedom: 148 is passed once in a thousand.
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 148
    edge = np.array([0, 2**64 - 1], np.uint64)
    assert 0 < as_uniform(edge)[0] < as_uniform(edge)[1] < 1
