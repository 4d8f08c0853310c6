"""Counts of many groups of columns against numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.kernels.tallies import tally_cells


@given(st.integers(0, 300), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_counts_are_those_of_numpy(rows: int, seed: int) -> None:
    sizes = (3, 1, 5, 2)
    rng = Key.root(seed).generator()
    codes = np.stack([rng.integers(0, s, rows) for s in sizes], axis=1).astype(np.int32)
    groups = [(0,), (0, 2), (1, 3), (0, 1, 2), (0, 1, 2, 3)]
    for group, counts in zip(groups, tally_cells(codes, groups, sizes), strict=True):
        flat = np.ravel_multi_index([codes[:, v] for v in group], [sizes[v] for v in group])
        np.testing.assert_array_equal(counts, np.bincount(flat, minlength=len(counts)))
