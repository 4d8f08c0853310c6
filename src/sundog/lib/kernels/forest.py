"""Growing and drawing from trees whose leaves hold histograms of one column's codes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

DEEPEST = 60
"""Most splits between a root and a leaf."""

GATHER_LEVELS = 5
"""After so many levels the rows are laid together in the order of the nodes, so that a node reads memory that lies together."""

GATHER_ROWS = 50_000
"""Fewer rows lie in the processor's cache as they are."""


@njit(cache=True, nogil=True)
def grow_tree(
    features: NDArray[np.uint8],
    feature_sizes: NDArray[np.int32],
    target: NDArray[np.uint8],
    n_classes: int,
    rows: NDArray[np.int32],
    min_leaf: int,
    min_gain: float,
    per_class: float,
    n_tried: int,
    priority: NDArray[np.float32],
    gather_rows: int = GATHER_ROWS,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
    """Grow a tree that lowers the entropy of a target, breadth first.

    Args:
        features: uint8 (n_features, n), ordered codes.
        feature_sizes: int32 (n_features,).
        target: uint8 (n,), below ``n_classes``.
        n_classes: at most 256.
        rows: int32 (m,), rows to grow on; changed.
        min_leaf: least rows of a leaf.
        min_gain: least fall of the total log-loss, nats, that a split must bring where the node's rows are of one class.
        per_class: nats that it must bring besides for each further class among the node's rows: any cut of n rows of k classes
            lowers the loss by about (k - 1) / 2 nats without telling anything (half the mean of chi-squared, Wilks 1938), and
            by more where the rows are few.
        n_tried: features that a split chooses from.
        priority: float32 (n_draws, n_features), random; node i tries the features with the least values in row i modulo n_draws.
        gather_rows: from so many rows on they are laid together every few levels; it changes the time only.

    Returns:
        feature, int32 (n_nodes,), -1 at a leaf (no leaf is deeper than DEEPEST); threshold, uint8 (n_nodes,), codes up to it go left; left child, int32
        (n_nodes,), the right one follows it; parent, int32 (n_nodes,), -1 at the root.
    """
    m = len(rows)
    most = 2 * (m // min_leaf) + 3
    feature = np.full(most, -1, np.int32)
    threshold = np.zeros(most, np.uint8)
    left = np.zeros(most, np.int32)
    parent = np.full(most, -1, np.int32)
    depth = np.zeros(most, np.int32)
    start = np.zeros(most, np.int64)
    stop = np.zeros(most, np.int64)
    stop[0] = m
    n_nodes = 1
    xlogx = np.zeros(m + 2)
    for i in range(2, m + 2):
        xlogx[i] = i * np.log(i)
    sorted_target = np.empty(m, np.uint8)
    spare = np.empty(m, rows.dtype)
    place = np.zeros(257, np.int64)
    whole = np.zeros(n_classes, np.int64)
    below = np.zeros(n_classes, np.int64)
    above = np.zeros(n_classes, np.int64)
    gathered = 0
    i = 0
    while i < n_nodes:
        if depth[i] >= gathered + GATHER_LEVELS and m > gather_rows:
            gathered = depth[i]
            features, target = _gather(features, target, rows)
        a, b = start[i], stop[i]
        size = b - a
        if size >= 2 * min_leaf and depth[i] < DEEPEST:
            whole[:] = 0
            for p in range(a, b):
                whole[target[rows[p]]] += 1
            pure = 0.0
            least = min_gain - per_class
            for k in range(n_classes):
                pure += xlogx[whole[k]]
                if whole[k] > 0:
                    least += per_class
            loss = xlogx[size] - pure
            best = least
            best_feature, best_threshold = -1, 0
            if loss > least:
                tries = np.argsort(priority[i % priority.shape[0]])
                tried = 0
                for f in tries:
                    if tried >= n_tried and best_feature >= 0:
                        break
                    n_codes = feature_sizes[f]
                    if n_codes < 2:
                        continue
                    tried += 1
                    column = features[f]
                    place[: n_codes + 1] = 0
                    for p in range(a, b):
                        place[column[rows[p]] + 1] += 1
                    for c in range(n_codes):
                        place[c + 1] += place[c]
                    for p in range(a, b):
                        r = rows[p]
                        c = column[r]
                        sorted_target[place[c]] = target[r]
                        place[c] += 1
                    below[:] = 0
                    above[:] = whole
                    pure_below, pure_above, done = 0.0, pure, 0
                    for c in range(n_codes - 1):
                        if place[c] == done:
                            continue
                        while done < place[c]:
                            k = sorted_target[done]
                            done += 1
                            n = below[k]
                            pure_below += xlogx[n + 1] - xlogx[n]
                            below[k] = n + 1
                            n = above[k]
                            pure_above += xlogx[n - 1] - xlogx[n]
                            above[k] = n - 1
                        if size - done < min_leaf:
                            break
                        if done >= min_leaf:
                            gain = loss - (xlogx[done] - pure_below) - (xlogx[size - done] - pure_above)
                            if gain > best:
                                best, best_feature, best_threshold = gain, f, c
            if best_feature >= 0:
                column = features[best_feature]
                kept, moved = a, 0
                for p in range(a, b):
                    r = rows[p]
                    if column[r] <= best_threshold:
                        rows[kept] = r
                        kept += 1
                    else:
                        spare[moved] = r
                        moved += 1
                rows[kept:b] = spare[:moved]
                feature[i], threshold[i], left[i] = best_feature, best_threshold, n_nodes
                start[n_nodes], stop[n_nodes], parent[n_nodes] = a, kept, i
                start[n_nodes + 1], stop[n_nodes + 1], parent[n_nodes + 1] = kept, b, i
                depth[n_nodes] = depth[n_nodes + 1] = depth[i] + 1
                n_nodes += 2
        i += 1
    return feature[:n_nodes].copy(), threshold[:n_nodes].copy(), left[:n_nodes].copy(), parent[:n_nodes].copy()


@njit(cache=True, nogil=True)
def _gather(
    features: NDArray[np.uint8], target: NDArray[np.uint8], rows: NDArray[np.int32]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Features and target in the order of ``rows``, which from now on counts their places."""
    m = len(rows)
    gathered = np.empty((features.shape[0], m), np.uint8)
    for f in range(features.shape[0]):
        column, own = features[f], gathered[f]
        for p in range(m):
            own[p] = column[rows[p]]
    aims = np.empty(m, np.uint8)
    for p in range(m):
        aims[p] = target[rows[p]]
        rows[p] = p
    return gathered, aims


@njit(cache=True, nogil=True)
def fill_tree(
    features: NDArray[np.uint8], feature: NDArray[np.int32], threshold: NDArray[np.uint8], left: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Let rows fall down a tree.

    Returns:
        The rows, int32 (n,), so ordered that the rows of every node lie together; and bounds, int64 (2 * n_nodes,): the
        rows of node i are those from ``bounds[2 * i]`` up to ``bounds[2 * i + 1]``.
    """
    n = features.shape[1]
    n_nodes = len(feature)
    rows = np.arange(n).astype(np.int32)
    spare = np.empty(n, np.int32)
    bounds = np.zeros(2 * n_nodes, np.int64)
    bounds[1] = n
    for i in range(n_nodes):
        if feature[i] < 0:
            continue
        a, b = bounds[2 * i], bounds[2 * i + 1]
        column = features[feature[i]]
        kept, moved = a, 0
        for p in range(a, b):
            r = rows[p]
            if column[r] <= threshold[i]:
                rows[kept] = r
                kept += 1
            else:
                spare[moved] = r
                moved += 1
        rows[kept:b] = spare[:moved]
        child = left[i]
        bounds[2 * child], bounds[2 * child + 1] = a, kept
        bounds[2 * child + 2], bounds[2 * child + 3] = kept, b
    return rows, bounds


@njit(cache=True, nogil=True)
def find_leaves(
    groups: NDArray[np.uint8],
    ranks: NDArray[np.uint8],
    roots: NDArray[np.int64],
    feature: NDArray[np.int32],
    threshold: NDArray[np.uint8],
    left: NDArray[np.int32],
    tree: NDArray[np.int64],
    leaves: NDArray[np.int64],
) -> None:
    """Leaf, as a node of the whole forest, int64 (n_rows,), that each row reaches in its tree.

    Args:
        groups: uint8 (n_features, n_rows).
        ranks: uint8 (n_features, 256), place of each feature code in the order that the splits use.
        roots: int64 (n_trees,), first node of each tree.
        feature: int32 (n_nodes,) of all trees, -1 at a leaf.
        threshold: uint8 (n_nodes,).
        left: int32 (n_nodes,), child, counted from the tree's root.
        tree: int64 (n_rows,).
        leaves: written.
    """
    for r in range(groups.shape[1]):
        root = roots[tree[r]]
        i = root
        f = feature[i]
        while f >= 0:
            i = root + left[i] + (1 if ranks[f, groups[f, r]] > threshold[i] else 0)
            f = feature[i]
        leaves[r] = i


@njit(cache=True, nogil=True)
def draw_codes(
    leaves: NDArray[np.int64],
    parent: NDArray[np.int32],
    bounds: NDArray[np.int64],
    codes: NDArray[np.uint8],
    shrink: float,
    prior: float,
    size: int,
    words: NDArray[np.uint32],
    drawn: NDArray[np.int32],
) -> None:
    """Draw a code from each row's leaf, mixed with all nodes above it.

    The distribution of a node is its own counts plus ``shrink`` rows of its parent's distribution, that of a root its
    counts plus ``prior`` rows spread over all codes: at a node with m rows the draw moves up with chance
    shrink / (m + shrink).

    Args:
        leaves: int64 (n_rows,).
        parent: int32 (n_nodes,), as a node of the whole forest; -1 at a root.
        bounds: int64 (2 * n_nodes,), positions in ``codes``.
        codes: unsigned, codes of each tree's rows, those of each node together.
        shrink: rows of the parent's distribution.
        prior: rows spread over all codes at a root.
        size: number of codes.
        words: uint32 (2, n_rows).
        drawn: int32 (n_rows,), written.
    """
    for r in range(len(leaves)):
        i = np.int64(leaves[r])
        u = (np.float64(words[0, r]) + 0.5) * 2.0**-32
        v = (np.float64(words[1, r]) + 0.5) * 2.0**-32
        while True:
            a, b = bounds[2 * i], bounds[2 * i + 1]
            extra = shrink if parent[i] >= 0 else prior
            u *= np.float64(b - a) + extra
            if u >= extra:
                drawn[r] = codes[a + min(np.int64(v * (b - a)), b - a - 1)]
                break
            # What is left of u is uniform again.
            u /= extra
            if parent[i] < 0:
                drawn[r] = min(int(v * size), size - 1)
                break
            i = np.int64(parent[i])


@njit(cache=True, nogil=True)
def _climb(leaf: int, parent: NDArray[np.int32], path: NDArray[np.int64]) -> int:
    depth = 0
    i = np.int64(leaf)
    while i >= 0:
        path[depth] = i
        depth += 1
        i = np.int64(parent[i])
    return depth


@njit(cache=True, nogil=True)
def weigh_codes(
    leaves: NDArray[np.int64],
    parent: NDArray[np.int32],
    bounds: NDArray[np.int64],
    shrink: float,
    prior: float,
    size: int,
    wanted: NDArray[np.int32],
    run_start: NDArray[np.int64],
    position: NDArray[np.int64],
    chance: NDArray[np.float64],
) -> None:
    """Add to ``chance`` the probability of each row's wanted code at its leaf; all leaves are of one tree.

    Args:
        leaves: see ``draw_codes``, as the next five.
        parent: nodes.
        bounds: positions of nodes.
        shrink: rows.
        prior: rows.
        size: number of codes.
        wanted: int32 (n_rows,).
        run_start: int64 (size + 1,), first entry of each code in ``position``.
        position: int64, positions of the tree's codes, sorted by code, then position.
        chance: float64 (n_rows,), changed.
    """
    path = np.empty(DEEPEST + 2, np.int64)
    for r in range(len(leaves)):
        depth = _climb(leaves[r], parent, path)
        entries = position[run_start[wanted[r]] : run_start[wanted[r] + 1]]
        p = 1.0 / size
        for d in range(depth - 1, -1, -1):
            i = path[d]
            a, b = bounds[2 * i], bounds[2 * i + 1]
            n = np.searchsorted(entries, b) - np.searchsorted(entries, a)
            extra = shrink if parent[i] >= 0 else prior
            p = (n + extra * p) / (b - a + extra)
        chance[r] += p


@njit(cache=True, nogil=True)
def draw_allowed(
    leaves: NDArray[np.int64],
    parent: NDArray[np.int32],
    bounds: NDArray[np.int64],
    codes: NDArray[np.uint8],
    allowed_before: NDArray[np.int64],
    allowed: NDArray[np.int32],
    shrink: float,
    prior: float,
    size: int,
    words: NDArray[np.uint32],
    drawn: NDArray[np.int32],
    chance: NDArray[np.float64],
) -> None:
    """Draw an allowed code for each row and write the probability that a free draw would have been allowed.

    Args:
        leaves: see ``draw_codes``, as the next three.
        parent: nodes.
        bounds: positions of nodes.
        codes: of each tree's rows.
        allowed_before: int64 (len(codes) + 1,), allowed codes before each position.
        allowed: int32 (n_allowed,), the allowed codes, at least one.
        shrink: see ``draw_codes``, as the next four.
        prior: rows.
        size: number of codes.
        words: random.
        drawn: written.
        chance: float64 (n_rows,), written.
    """
    path = np.empty(DEEPEST + 2, np.int64)
    share = np.empty(DEEPEST + 3)
    for r in range(len(leaves)):
        depth = _climb(leaves[r], parent, path)
        share[depth] = len(allowed) / size
        for d in range(depth - 1, -1, -1):
            i = path[d]
            a, b = bounds[2 * i], bounds[2 * i + 1]
            extra = shrink if parent[i] >= 0 else prior
            share[d] = (allowed_before[b] - allowed_before[a] + extra * share[d + 1]) / (b - a + extra)
        chance[r] = share[0]
        u = (np.float64(words[0, r]) + 0.5) * 2.0**-32
        v = (np.float64(words[1, r]) + 0.5) * 2.0**-32
        drawn[r] = allowed[min(int(v * len(allowed)), len(allowed) - 1)]
        for d in range(depth):
            i = path[d]
            a, b = bounds[2 * i], bounds[2 * i + 1]
            own = allowed_before[b] - allowed_before[a]
            extra = (shrink if parent[i] >= 0 else prior) * share[d + 1]
            if own + extra <= 0.0:
                break
            u *= own + extra
            if u >= extra:
                nth = allowed_before[a] + min(np.int64(v * own), own - 1)
                drawn[r] = codes[a + np.searchsorted(allowed_before[a : b + 1], nth, side="right") - 1]
                break
            u /= extra
