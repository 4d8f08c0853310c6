"""Noise with memory: the law that is stated, exactly, and the same values however a range is cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.signals.bridge import Gains, draw_node_normals
from sundog.lib.signals.memory import (
    AutoRegression,
    Memory,
    RandomWalk,
    build_stationary_gains,
    build_walk_gains,
    check_memory,
    correlate,
    fit_memory,
    make_memory,
)
from sundog.lib.signals.windows import Windows, make_windows

KEY = Key.root(11)
MEMORIES: dict[str, Memory] = {
    "ar1": AutoRegression((0.97,), 2.0),
    "ar1 below zero": AutoRegression((-0.6,), 1.0),
    "ar1 that never forgets": AutoRegression((1 - 1e-8,), 3.0),
    "white": AutoRegression((0.0,), 0.5),
    "ar2 that swings": AutoRegression((1.9078, -0.9115), 7.1),
    "ar2": AutoRegression((0.5, 0.3), 1.0),
    "walk": RandomWalk(0.3),
}


def draw(memory: Memory, start: int, stop: int, unit: int = 0) -> np.ndarray:
    return make_memory((memory,), KEY, make_windows(range(unit, unit + 1), start, stop))


def covariance(memory: Memory, n: int) -> np.ndarray:
    i = np.arange(n)
    if isinstance(memory, RandomWalk):
        return memory.step**2 * np.minimum(i[:, None], i[None, :]).astype(float)
    lags = correlate((memory,), tuple(range(n)))
    return memory.sd**2 * lags[abs(i[:, None] - i[None, :])]


def gains_of(memory: Memory) -> tuple[Gains, float]:
    if isinstance(memory, RandomWalk):
        return build_walk_gains(), memory.step
    return build_stationary_gains(memory.coefficients), memory.sd


def neighbours(i: int) -> tuple[int, ...]:
    """The samples that sample i is made from: the one before among 0, 1, 2, 4, 8 ..., or the ends of the gap."""
    if i & (i - 1) == 0:
        return (i // 2,) if i > 0 else ()
    h = i & -i
    return i - h, i + h


def weigh(gains: Gains, n: int, d: int) -> np.ndarray:
    """float64 (n, d, columns): how each state depends on the normal numbers; plain, in any order of samples."""
    rows: dict[int, np.ndarray] = {}

    def state(i: int) -> np.ndarray:
        if i not in rows:
            found = np.zeros((d, 2 * n * d))
            parts = [state(k) for k in neighbours(i)]
            t = (i & -i).bit_length() - 1
            if i == 0:
                root = gains.first
            elif i == 1:
                root, found = gains.onward_root[0], gains.onward[0] @ parts[0]
            elif len(parts) == 1:
                root, found = gains.onward_root[t - 1], gains.onward[t - 1] @ parts[0]
            elif d == 2 and t == 0:
                root, found = np.zeros((2, 2)), np.stack([parts[1][1], parts[0][0]])
            else:
                root, found = gains.between_root[t], gains.left[t] @ parts[0] + gains.right[t] @ parts[1]
            found = found.copy()
            found[:, i * d : i * d + d] += root
            rows[i] = found
        return rows[i]

    return np.stack([state(i) for i in range(n)])


@pytest.mark.parametrize("name", MEMORIES)
def test_the_law_is_the_stated_one(name: str) -> None:
    """Not by chance: the covariance that the weights imply, to ten digits."""
    memory = MEMORIES[name]
    n, d = 129, len(memory.coefficients) if isinstance(memory, AutoRegression) else 1
    gains, size = gains_of(memory)
    first = size * weigh(gains, n, d)[:, 0]
    wanted = covariance(memory, n)
    assert np.abs(first @ first.T - wanted).max() <= 1e-10 * wanted.max()


@pytest.mark.parametrize("name", MEMORIES)
def test_kernels_do_what_plain_python_does(name: str) -> None:
    memory = MEMORIES[name]
    n, d = 65, len(memory.coefficients) if isinstance(memory, AutoRegression) else 1
    key = KEY.child(0)
    z = np.zeros(2 * n * d)
    for i in range(n):
        level = 64 if i == 0 else (i & -i).bit_length() - 1
        node = 0 if i == 0 else (i >> (level + 1)) * d
        draw_node_normals(np.uint64(key.hi), np.uint64(key.lo), np.uint64(5), level, node, z[i * d : i * d + d])
    gains, size = gains_of(memory)
    plain = size * weigh(gains, n, d)[:, 0] @ z
    assert draw(memory, 0, n, unit=5) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@given(st.sampled_from(sorted(MEMORIES)), st.integers(0, 1500), st.integers(0, 300), st.integers(0, 9))
def test_any_range_of_any_device_alone(name: str, start: int, length: int, unit: int) -> None:
    whole = draw(MEMORIES[name], 0, 1800, unit)
    assert np.array_equal(draw(MEMORIES[name], start, start + length, unit), whole[start : start + length])


@pytest.mark.parametrize("name", MEMORIES)
def test_far_samples_are_reached_alone(name: str) -> None:
    far = 10**12 + 7
    whole = draw(MEMORIES[name], far, far + 100)
    assert np.array_equal(draw(MEMORIES[name], far + 63, far + 66), whole[63:66])
    assert np.isfinite(whole).all()
    assert np.isfinite(draw(MEMORIES[name], 2**53 - 3, 2**53)).all()


def test_windows_in_any_order_of_any_devices() -> None:
    units, starts, counts = np.array([4, 2, 4, 9], np.uint64), np.array([50, 0, 3, 7]), np.array([10, 5, 0, 60])
    for memory in MEMORIES.values():
        found = make_memory((memory,), KEY, Windows(units, starts, counts))
        pieces = [draw(memory, int(s), int(s + c), int(u)) for u, s, c in zip(units, starts, counts, strict=True)]
        assert np.array_equal(found, np.concatenate(pieces))


def test_normal_numbers_and_devices_are_independent() -> None:
    x = make_memory((AutoRegression((0.9,), 1.0),), KEY, make_windows(range(4000), 0, 40)).reshape(4000, 40)
    innovations = (x[:, 1:] - 0.9 * x[:, :-1]) / math.sqrt(1 - 0.81)
    z = np.concatenate([x[:, :1], innovations], axis=1)
    # Five deviations, for 42 questions: once in 40,000 keys.
    assert np.abs(z.mean(axis=0)).max() < 5 / math.sqrt(4000)
    assert abs((z**2).mean() - 1) < 5 * math.sqrt(2 / z.size)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / z.size)
    assert abs((x[1:] * x[:-1]).mean(axis=0)).max() < 5 / math.sqrt(4000)


def test_sources_add_up_and_differ() -> None:
    w = make_windows(range(2), 0, 300)
    one, two = AutoRegression((0.5,), 1.0), RandomWalk(1.0)
    both = make_memory((one, two), KEY, w)
    second = make_memory((RandomWalk(0.0), two), KEY, w)
    assert both == pytest.approx(make_memory((one,), KEY, w) + second)
    twice = make_memory((one, one), KEY, w)
    assert not np.allclose(twice, 2 * make_memory((one,), KEY, w))
    assert np.array_equal(make_memory((), KEY, w), np.zeros(600))


def test_a_long_memory_is_fitted() -> None:
    lags, wanted = (1, 6, 24, 72, 240), (0.95, 0.8, 0.6, 0.4, 0.2)
    found = fit_memory(lags, wanted, 3.0)
    assert correlate(found, lags) == pytest.approx(wanted, abs=0.03)
    assert math.sqrt(sum(m.sd**2 for m in found)) == pytest.approx(3.0)
    assert all(check_memory(m) == () for m in found)
    assert 2 <= len(found) <= 6


@settings(max_examples=30)
@given(st.floats(-0.999, 0.999), st.floats(-0.999, 0.999))
def test_correlations_of_ar2_meet_their_equations(one: float, two: float) -> None:
    """Yule-Walker: rho(k) = a rho(k - 1) + b rho(k - 2)."""
    a, b = one + two, -one * two  # roots one and two
    memory = AutoRegression((a, b), 1.0)
    assert check_memory(memory) == ()
    rho = correlate((memory,), (0, 1, 2, 3))
    assert rho[0] == pytest.approx(1)
    assert rho[1:] == pytest.approx([a * 1 + b * rho[1], a * rho[1] + b, a * rho[2] + b * rho[1]], abs=1e-9)


@pytest.mark.parametrize(
    ("memory", "said"),
    [
        (AutoRegression((1.0,), 1.0), ["not stationary"]),
        (AutoRegression((1.2, -0.1), 1.0), ["not stationary"]),
        (AutoRegression((), -1.0), ["at least 0", "1 or 2"]),
        (AutoRegression((math.nan,), math.inf), ["at least 0", "finite"]),
        (RandomWalk(-1.0), ["at least 0"]),
        (RandomWalk(math.nan), ["at least 0"]),
    ],
)
def test_faults_are_told(memory: Memory, said: list[str]) -> None:
    found = check_memory(memory)
    assert len(found) == len(said)
    assert all(part in fault for part, fault in zip(said, found, strict=True))
