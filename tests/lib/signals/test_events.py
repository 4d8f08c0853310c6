"""Events: as many and as long as stated, and the same ones for every window that they touch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.laws.location import Constant, Uniform
from sundog.lib.laws.positive import Exponential
from sundog.lib.laws.shaped import Gamma
from sundog.lib.signals.events import (
    EventLaw,
    average_duration,
    check_events,
    draw_events,
    find_longest,
)
from sundog.lib.signals.pulses import SHAPES, Pulses, Shape, add_pulses, check_pulses
from sundog.lib.signals.windows import Windows, make_windows

KEY = Key.root(12)
LAW = EventLaw(0.01, Gamma(2.0, 8.0), Exponential(3.0))


def listed(law: EventLaw, windows: Windows) -> set[tuple[int, int, int, float]]:
    found = draw_events(law, KEY, windows)
    rows = zip(found.units, found.starts, found.stops, found.sizes, strict=True)
    return {(int(u), int(a), int(b), float(s)) for u, a, b, s in rows}


def test_there_are_as_many_as_stated() -> None:
    n = 400_000
    found = draw_events(LAW, KEY, make_windows(range(1), 0, n))
    # Poisson: five deviations, once in a million keys.
    assert abs(len(found.starts) - 0.01 * n) < 5 * math.sqrt(0.01 * n)
    assert found.starts.min() >= 0
    assert np.all(np.diff(found.starts) >= 0)
    gaps = np.diff(found.starts)
    assert gaps.std() / gaps.mean() == pytest.approx(1, abs=5 / math.sqrt(len(gaps)))  # as of the exponential law
    lengths = found.stops - found.starts
    assert lengths.mean() == pytest.approx(average_duration(LAW.duration), abs=5 * lengths.std() / math.sqrt(len(gaps)))
    assert average_duration(LAW.duration) == pytest.approx(16.5, abs=0.05)
    assert found.sizes.mean() == pytest.approx(3, abs=5 * 3 / math.sqrt(len(gaps)))
    assert np.abs(np.corrcoef([lengths[1:], found.sizes[1:], gaps]) - np.eye(3)).max() < 5 / math.sqrt(len(gaps))


@given(st.integers(0, 5000), st.integers(1, 400), st.integers(0, 3))
def test_a_window_knows_all_that_touch_it(start: int, length: int, unit: int) -> None:
    whole = listed(LAW, make_windows(range(unit, unit + 1), 0, 6000))
    expected = {e for e in whole if e[2] > start and e[1] < start + length}
    assert listed(LAW, make_windows(range(unit, unit + 1), start, start + length)) == expected


def test_long_and_frequent_events() -> None:
    long = EventLaw(1e-4, Constant(5000.0), Constant(1.0))
    assert find_longest(long.duration) == 5000
    assert listed(long, make_windows(range(1), 90_000, 90_001)) == {
        e for e in listed(long, make_windows(range(1), 0, 100_000)) if e[1] <= 90_000 < e[2]
    }
    every = draw_events(EventLaw(1.0, Constant(1.0), Constant(1.0)), KEY, make_windows(range(1), 0, 10_000))
    assert abs(len(every.starts) - 10_000) < 500
    assert len(draw_events(EventLaw(0.0, Constant(1.0), Constant(1.0)), KEY, make_windows(range(1), 0, 10)).starts) == 0


def shape_plainly(shape: Shape, x: float) -> float:
    return {
        "box": 1.0,
        "decay": math.exp(-5 * x),
        "ramp": x,
        "hump": (1 - math.cos(2 * math.pi * x)) / 2,
        "gamma": x / 0.15 * math.exp(1 - x / 0.15),
    }[shape]


@pytest.mark.parametrize("shape", SHAPES)
def test_pulses_add_up(shape: Shape) -> None:
    pulses = Pulses(EventLaw(0.05, Uniform(1.0, 40.0), Uniform(-2.0, 5.0)), shape)
    windows = Windows(np.array([1, 2], np.uint64), np.array([100, 0]), np.array([200, 50]))
    found = np.full(250, 10.0)
    add_pulses(pulses, KEY, windows, found)
    plain = np.full(250, 10.0)
    table = draw_events(pulses.law, KEY, windows)
    for w, a, b, size in zip(table.windows, table.starts, table.stops, table.sizes, strict=True):
        for i in range(a, b):
            row = i - windows.starts[w]
            if 0 <= row < windows.counts[w]:
                plain[row + 200 * w] += size * shape_plainly(shape, (i - a) / (b - a))
    assert found == pytest.approx(plain, abs=1e-12)
    assert not np.array_equal(plain, np.full(250, 10.0))


def test_faults_are_told() -> None:
    assert check_events(LAW) == ()
    assert len(check_events(EventLaw(1.5, Exponential(-1.0), Gamma(-1.0, 1.0)))) >= 3
    assert any("negative" in f for f in check_events(EventLaw(0.1, Uniform(-1.0, 4.0), Constant(1.0))))
    assert any("longer than" in f for f in check_events(EventLaw(0.1, Constant(1e9), Constant(1.0))))
    assert check_pulses(Pulses(LAW, "hump")) == ()
    assert len(check_pulses(Pulses(LAW, "star"))) == 1  # type: ignore[arg-type]
