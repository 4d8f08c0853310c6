"""Elimination of nodes against a plain twin."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.kernels.triangulate import eliminate_nodes


def eliminate_plainly(edges: set[tuple[int, int]], weight: list[float]) -> list[set[int]]:
    """The same with sets."""
    near = {v: {u for e in edges for u in e if v in e and u != v} for v in range(len(weight))}
    left, groups = set(near), []
    while left:

        def heaviness(v: int) -> tuple[float, int]:
            whole = all(near[v] - {u} <= near[u] for u in near[v])
            return weight[v] + sum(weight[u] for u in sorted(near[v])) + (0.0 if whole else 1e6), v

        chosen = min(left, key=heaviness)
        group = near[chosen] | {chosen}
        if not any(group <= other for other in groups):
            groups.append(group)
        for u in near[chosen]:
            near[u] = (near[u] | near[chosen]) - {u, chosen}
        near[chosen] = set()
        left.discard(chosen)
    return groups


@given(st.integers(1, 7), st.integers(0, 10_000))
@settings(max_examples=80, deadline=None)
def test_groups_are_those_of_the_plain_twin(d: int, seed: int) -> None:
    rng = Key.root(seed).generator()
    upper = np.triu(rng.random((d, d)) < 0.4, 1)
    weight = np.round(rng.random(d) * 3, 3) + 0.1
    edges = {(int(i), int(j)) for i, j in zip(*np.nonzero(upper), strict=True)}
    groups = np.zeros((d, d), np.bool_)
    count = eliminate_nodes(upper | upper.T, weight, groups)
    found = [set(np.flatnonzero(g).tolist()) for g in groups[:count]]
    assert found == eliminate_plainly(edges, weight.tolist())
