"""Kernels of relations beside plain Python that says the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words, draw_words_of
from sundog.lib.kernels.relations import (
    find_current,
    grow_trees,
    pick_apart,
    share_totals,
    spread_children,
    walk_states,
)

WORDS = draw_unit_words(Key.root(3), range(60_000))
SHARES = ((WORDS >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
SIZES = (WORDS[:9_000] >> np.uint64(50)).astype(np.int64) % 9
OFFSETS = np.concatenate([[0], np.cumsum(SIZES)]).astype(np.int64)
N = int(OFFSETS[-1])
NO_EDGES = np.zeros(0)


def segments() -> list[range]:
    return [range(a, b) for a, b in pairwise(OFFSETS.tolist())]


def test_words_of_scattered_units() -> None:
    units = np.array([5, 4, 5, 2**40, 0, 59_999], np.uint64)
    found = draw_words_of(Key.root(3), units)
    assert [found[i] for i in (0, 1, 2, 4, 5)] == [WORDS[i] for i in (5, 4, 5, 0, 59_999)]
    assert found[3] == draw_unit_words(Key.root(3), range(2**40, 2**40 + 1))[0]


def test_children_of_parents() -> None:
    owners = np.sort(WORDS[: len(SIZES)] % np.uint64(3_000))
    parents, units, index = np.empty(N, np.int64), np.empty(N, np.uint64), np.empty(N, np.uint64)
    spread_children(owners, OFFSETS, parents, units, index)
    assert (parents == np.repeat(np.arange(len(SIZES)), SIZES)).all()
    assert (units == owners[parents]).all()
    seen: dict[int, int] = {}
    for unit, number in zip(units.tolist(), index.tolist(), strict=True):
        assert number == seen.get(unit, 0)
        seen[unit] = number + 1


@pytest.mark.parametrize("edges", [NO_EDGES, np.cumsum([5, 1, 1, 0, 3, 2, 8.0])])
def test_draws_without_repetition(edges: NDArray[np.float64]) -> None:
    size = len(edges) or 7
    found = np.empty(N, np.int64)
    pick_apart(WORDS[:N], OFFSETS, size, 2.0, edges, found)
    able = int((np.diff(edges, prepend=0) > 0).sum()) if len(edges) else size
    for rows in segments():
        drawn = found[rows.start : rows.stop]
        kept = drawn[drawn >= 0]
        assert len(set(kept.tolist())) == len(kept) == min(len(drawn), able)
        assert ((drawn < 0) == (np.arange(len(drawn)) >= able)).all()
    firsts = found[OFFSETS[:-1][SIZES > 0]]
    weights = np.diff(edges, prepend=0) if len(edges) else np.diff(np.sqrt(np.arange(8) / 7))
    drawn = np.bincount(firsts, minlength=size)
    expected = weights / weights.sum() * len(firsts)
    assert drawn[expected == 0].sum() == 0
    assert stats.chisquare(drawn[expected > 0], expected[expected > 0]).pvalue > 1e-6


def test_pairs_without_repetition_have_the_law_of_successive_sampling() -> None:
    weights = np.array([6.0, 3.0, 2.0, 1.0])
    found = np.empty(60_000, np.int64)
    pick_apart(WORDS, np.arange(0, 60_001, 2), 4, 1.0, np.cumsum(weights), found)
    pairs = np.bincount(found[::2] * 4 + found[1::2], minlength=16).reshape(4, 4)
    share = weights / weights.sum()
    expected = share[:, None] * share[None, :] / (1 - share[:, None]) * 30_000
    off = ~np.eye(4, dtype=bool)
    assert np.trace(pairs) == 0
    assert stats.chisquare(pairs[off], expected[off]).pvalue > 1e-6


def test_what_is_left_is_weighed_where_draws_fail() -> None:
    """Nearly all weight lies on two places: the third row finds none of the others by drawing."""
    edges = np.cumsum([1e12, 1e12, 1.0, 3.0])
    found = np.empty(60_000, np.int64)
    pick_apart(WORDS, np.arange(0, 60_001, 3), 4, 1.0, edges, found)
    thirds = np.bincount(found[2::3], minlength=4)
    assert thirds[:2].sum() == 0
    assert stats.binomtest(int(thirds[3]), 20_000, 0.75).pvalue > 1e-6


def test_what_holds_at_an_instant() -> None:
    starts = np.concatenate([np.sort(WORDS[r.start : r.stop] % np.uint64(50)) for r in segments()]).astype(np.int64)
    owners = (WORDS[:20_000] % np.uint64(9_001)).astype(np.int64) - 1
    instants = (WORDS[:20_000] >> np.uint64(40)).astype(np.int64) % 55 - 2
    found = np.empty(20_000, np.int64)
    find_current(starts, OFFSETS, owners, instants, found)
    for owner, instant, row in zip(owners[:3_000], instants, found, strict=False):
        rows = [] if owner < 0 else [r for r in range(OFFSETS[owner], OFFSETS[owner + 1]) if starts[r] <= instant]
        assert row == (rows[-1] if rows else -1)


@pytest.mark.parametrize(("roots", "depth", "fan_out"), [(0.0, 2**31, 2**31), (0.3, 2, 3), (0.0, 1, 1)])
def test_trees(roots: float, depth: int, fan_out: int) -> None:
    found, depths = np.empty(N, np.int64), np.empty(N, np.int64)
    grow_trees(WORDS[:N], OFFSETS, roots, depth, fan_out, found, depths)
    tops = later = 0
    for rows in segments():
        below: dict[int, int] = {}
        for i in rows:
            over = int(found[i])
            able = [j for j in range(rows.start, i) if depths[j] < depth and below.get(j, 0) < fan_out]
            if over >= 0:
                assert over in able
                below[over] = below.get(over, 0) + 1
                assert depths[i] == depths[over] + 1
            else:
                assert depths[i] == 0
                assert roots or not able
            if able:
                later += 1
                tops += over < 0
    assert stats.binomtest(tops, later, roots).pvalue > 1e-6 if roots else tops == 0


def test_chains_of_states() -> None:
    start, moves = np.cumsum([0.5, 0.5, 0]), np.cumsum([[0, 0.25, 0.75], [1, 0, 0], [0, 0, 1.0]], axis=1)
    found = np.empty(N, np.int64)
    walk_states(WORDS[:N], OFFSETS, start, moves, found)
    for rows in segments():
        before = None
        for i in rows:
            edges = start if before is None else moves[before]
            before = int(np.searchsorted(edges, SHARES[i], side="right"))
            assert found[i] == before


def test_parts_of_totals() -> None:
    weights = SHARES[:N].copy()
    weights[OFFSETS[5] : OFFSETS[9]] = 0.0
    totals = (WORDS[: len(SIZES)] >> np.uint64(12)).astype(np.int64) - 2**51
    found = np.empty(N, np.int64)
    share_totals(totals, weights, OFFSETS, found)
    for total, rows in zip(totals.tolist(), segments(), strict=True):
        own = weights[rows.start : rows.stop]
        parts = found[rows.start : rows.stop]
        if len(rows):
            assert int(parts.sum()) == total
            if own.sum() > 0:
                assert (
                    np.abs(parts - total * (own / own.sum())).max() <= 2
                )  # a rounding of float64 beside that of the sum
