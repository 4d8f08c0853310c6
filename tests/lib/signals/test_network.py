"""The network: bursts of loss, late and double messages, clocks that run away."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.signals.network import (
    Network,
    check_network,
    deliver,
    find_bad_links,
    stamp_times,
)
from sundog.lib.signals.waves import DAY, HOUR, SECOND
from sundog.lib.signals.windows import list_samples, make_windows

KEY = Key.root(15)
BURSTS = Network(to_bad=0.02, to_good=0.1)


def test_bursts_have_the_law_of_gilbert_and_elliott() -> None:
    bad = find_bad_links(BURSTS, KEY, make_windows(range(40), 0, 20_000)).reshape(40, -1)
    n = bad.size
    # A two-state chain: the share of bad, and its variance by the memory 1 - p - q.
    share = 0.02 / 0.12
    memory = 1 - 0.12
    sd = math.sqrt(share * (1 - share) / n * (1 + memory) / (1 - memory))
    assert bad.mean() == pytest.approx(share, abs=5 * sd)
    assert bad[:, 0].mean() == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / 40))
    now, then = bad[:, :-1], bad[:, 1:]
    assert then[now].mean() == pytest.approx(0.9, abs=5 * math.sqrt(0.09 / now.sum()))
    assert then[~now].mean() == pytest.approx(0.02, abs=5 * math.sqrt(0.0196 / (~now).sum()))
    # No memory beyond the last state.
    before = bad[:, :-2][now[:, 1:]]
    after = then[:, 1:][now[:, 1:]]
    assert abs(after[before].mean() - after[~before].mean()) < 5 * math.sqrt(
        0.09 * (1 / before.sum() + 1 / (~before).sum())
    )


@given(st.integers(0, 9000), st.integers(0, 200), st.integers(0, 3))
def test_the_state_of_any_sample_alone(start: int, length: int, unit: int) -> None:
    slow = Network(to_bad=0.001, to_good=0.002)
    for network in (BURSTS, slow):
        whole = find_bad_links(network, KEY, make_windows(range(unit, unit + 1), 0, 9300))
        found = find_bad_links(network, KEY, make_windows(range(unit, unit + 1), start, start + length))
        assert np.array_equal(found, whole[start : start + length])


def test_messages() -> None:
    network = Network(2000, 500.0, 0.05, 1e7, 0.1, 0.02, 0.1, 0.01, 0.8)
    w = make_windows(range(10), 0, 10_000)
    times = list_samples(w) * SECOND
    sent = deliver(network, KEY, w, times)
    n = len(times)
    for state, share in ((True, 0.8), (False, 0.01)):
        lost = sent.lost[sent.bad == state]
        assert lost.mean() == pytest.approx(share, abs=5 * math.sqrt(share * (1 - share) / len(lost)))
    assert np.array_equal(np.unique(sent.rows), np.flatnonzero(~sent.lost))
    assert np.all(np.diff(sent.arrivals) >= 0)
    first = ~sent.again
    assert np.array_equal(np.sort(sent.rows[first]), np.flatnonzero(~sent.lost))
    assert set(sent.rows[sent.again].tolist()) <= set(sent.rows[first].tolist())
    assert sent.again.sum() / first.sum() == pytest.approx(0.1, abs=5 * math.sqrt(0.09 / first.sum()))
    delay = sent.arrivals - times[sent.rows]
    assert delay.min() >= 2000
    late = (delay > 2000 + 500 * 20).mean()  # the jitter alone gets there twice in a thousand million
    assert late == pytest.approx(0.05 * math.exp(-1e4 / 1e7), abs=5 * math.sqrt(0.05 / n))
    assert (delay[delay < 12_000] - 2000).mean() == pytest.approx(500, rel=0.03)
    overtaken = np.diff(sent.rows[first]) < 0
    assert overtaken.any()


def test_what_becomes_of_a_sample_does_not_depend_on_the_window() -> None:
    network = Network(2000, 5e6, 0.05, 1e8, 0.3, 0.02, 0.1, 0.01, 0.8, 50.0, 1e5, HOUR)
    w = make_windows(range(3), 0, 2000)
    whole = deliver(network, KEY, w, list_samples(w) * SECOND)
    part = make_windows(range(1, 2), 700, 900)
    found = deliver(network, KEY, part, list_samples(part) * SECOND)
    begin = 2000 + 700
    assert np.array_equal(found.stamps, whole.stamps[begin : begin + 200])
    inside = (whole.rows >= begin) & (whole.rows < begin + 200)
    assert np.array_equal(found.rows, whole.rows[inside] - begin)
    assert np.array_equal(found.arrivals, whole.arrivals[inside])
    assert np.array_equal(found.again, whole.again[inside])


def test_clocks_run_away_and_are_set() -> None:
    w = make_windows(range(2000), 0, 30)
    times = list_samples(w) * 2 * HOUR + 10**15
    off = (stamp_times(Network(skew=40.0, set_every=DAY), KEY, w, times) - times).reshape(2000, 30)
    steps = np.diff(off, axis=1)
    rate = np.median(steps, axis=1) / (2 * HOUR)
    assert rate.std() == pytest.approx(40e-6, rel=5 / math.sqrt(4000))
    assert np.abs(off).max() <= np.abs(rate).max() * DAY + 2
    kept = np.abs(steps - rate[:, None] * 2 * HOUR) < 2
    assert kept.mean() == pytest.approx(1 - 29 // 12 / 29, abs=0.02)  # but where it is set, every twelfth sample
    set_off = (stamp_times(Network(set_off=1000.0, set_every=2 * HOUR), KEY, w, times) - times).ravel()
    assert set_off.std() == pytest.approx(1000, rel=5 / math.sqrt(120_000))
    assert stamp_times(Network(), KEY, w, times) is times


def test_faults_are_told() -> None:
    assert check_network(Network()) == ()
    assert check_network(BURSTS) == ()
    found = check_network(Network(-1, math.nan, 2.0, -1.0, -0.1, 0.9, 0.9, 1.5, -1.0, -1.0, -1.0, 0))
    names = (
        "latency",
        "jitter",
        "late ",
        "late_by",
        "twice",
        "to_bad and",
        "lost_good",
        "lost_bad",
        "skew",
        "set_off",
        "set_every",
    )
    assert [sum(f.startswith(n) for f in found) for n in names] == [1] * len(names)
    assert len(check_network(Network(to_bad=1e-7, to_good=1e-7))) == 1
