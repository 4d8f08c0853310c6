"""Walks, autoregressions and events: what theory says of them, their plain twins, and each unit alone."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

from sundog.core.keys import Key
from sundog.lib.kernels.draws import as_uniform, draw_row_words
from sundog.lib.laws import events as ev
from sundog.lib.laws.location import Normal, Uniform
from sundog.lib.laws.positive import Exponential, Weibull
from sundog.lib.laws.series import (
    draw_autoregression,
    draw_walk,
    find_autoregression_faults,
    find_walk_faults,
    lay_offsets,
)

KEY = Key.root(9).child("series")
UNITS = np.arange(100, 20_100, dtype=np.uint64)
RAGGED = np.array([0, 3, 3, 10, 11], np.int64)


def test_a_walk_adds_its_steps(million: NDArray[np.uint64]) -> None:
    words = million[:11]
    steps = Normal(0.5, 2.0).draw(words)
    walk = draw_walk(words, RAGGED, Normal(0.5, 2.0), start=np.array([0.0, 1.0, 2.0, 3.0]))
    plain = [np.cumsum(steps[a:b]) + s for a, b, s in ((0, 3, 0.0), (3, 10, 2.0), (10, 11, 3.0))]
    np.testing.assert_allclose(walk, np.concatenate(plain))


def test_a_walk_is_reflected_at_its_limits(million: NDArray[np.uint64]) -> None:
    both = draw_walk(million[:100_000], lay_offsets(10, 10_000), Normal(0.0, 3.0), 0.0, -1.0, 2.0)
    assert both.min() >= -1
    assert both.max() <= 2
    # Steps without a drift make every place alike in the long run; far steps forget where they were.
    counts = np.histogram(both, bins=10, range=(-1, 2))[0]
    assert special.chdtrc(9, float(((counts - 1e4) ** 2 / 1e4).sum())) > 1e-6
    one = draw_walk(million[:1000], lay_offsets(1, 1000), Normal(), 0.0, low=0.0)
    assert one.min() >= 0
    assert draw_walk(million[:1000], lay_offsets(1, 1000), Normal(), 0.0, high=0.0).max() <= 0


def test_an_autoregression_remembers_as_it_says(million: NDArray[np.uint64]) -> None:
    x = draw_autoregression(million, lay_offsets(1000, 1000), 5.0, 2.0, 0.9).reshape(1000, 1000)
    # Standard errors: of a mean over neighbours that hang together, of a correlation.
    assert x.mean() == pytest.approx(5.0, abs=5 * 2 * math.sqrt(19 / 1e6))
    assert x.std() == pytest.approx(2.0, abs=0.03)
    assert x[:, 0].std() == pytest.approx(2.0, abs=5 * 2 / math.sqrt(2000))
    assert np.corrcoef(x[:, 1:].ravel(), x[:, :-1].ravel())[0, 1] == pytest.approx(0.9, abs=0.003)
    assert np.corrcoef(x[:, 24:].ravel(), x[:, :-24].ravel())[0, 1] == pytest.approx(0.9**24, abs=0.015)


def test_an_autoregression_is_its_plain_twin(million: NDArray[np.uint64]) -> None:
    words = million[:11]
    noise = Normal().draw(words)
    center, sd, carry = np.arange(4.0), np.arange(1.0, 5.0), np.array([0.5, 0.1, 0.9, 0.0])
    spacing = np.linspace(0.5, 4.0, 11)
    for gaps in (None, spacing):
        found = draw_autoregression(words, RAGGED, center, sd, carry, gaps)
        for unit, (a, b) in enumerate(itertools.pairwise(RAGGED)):
            at = 0.0
            for row in range(a, b):
                kept = carry[unit] ** (1.0 if gaps is None else gaps[row])
                at = noise[row] if row == a else kept * at + math.sqrt(1 - kept**2) * noise[row]
                assert found[row] == pytest.approx(center[unit] + sd[unit] * at, rel=1e-12)


def _check_poisson_counts(counts: NDArray[np.int64], mean: float) -> None:
    assert counts.mean() == pytest.approx(mean, abs=5 * math.sqrt(mean / len(counts)))
    assert counts.var() == pytest.approx(mean, abs=5 * math.sqrt((mean + 2 * mean**2) / len(counts)))


def test_poisson_times_are_those_of_their_words() -> None:
    found = ev.draw_poisson_times(KEY, UNITS, 2.0, 5.0)
    _check_poisson_counts(np.diff(found.offsets), 10.0)
    # The place of an event in the window is uniform, whichever it is.
    counts = np.histogram(found.times, bins=50, range=(0, 5))[0]
    expected = len(found.times) / 50
    assert special.chdtrc(49, float(((counts - expected) ** 2 / expected).sum())) > 1e-6
    # Event i comes a gap from word 2 i after the one before it.
    for unit in (0, 7):
        own = found.times[found.offsets[unit] : found.offsets[unit + 1]]
        words = draw_row_words(KEY, np.full(len(own), UNITS[unit]), np.arange(len(own), dtype=np.uint64) * np.uint64(2))
        np.testing.assert_allclose(own, np.cumsum(-np.log(as_uniform(words)) / 2.0), rtol=1e-12)


def test_hawkes_times_have_the_mean_and_the_clusters_of_theory() -> None:
    rate, children, decay, window = 1.0, 0.6, 2.0, 10.0
    found = ev.draw_hawkes_times(KEY, UNITS, rate, children, decay, window)
    counts = np.diff(found.offsets)
    speed = decay * (1 - children)
    mean = rate / (1 - children) * (window - children * (1 - math.exp(-speed * window)) / speed)
    assert counts.mean() == pytest.approx(mean, abs=5 * counts.std() / math.sqrt(len(counts)))
    # Far more uneven than Poisson's: in the long run the ratio is 1 / (1 - children)**2 = 6.25.
    assert 4.5 < counts.var() / counts.mean() < 6.25
    gaps = np.diff(found.times)
    assert (gaps[np.setdiff1d(np.arange(len(gaps)), found.offsets[1:-1] - 1)] > 0).all()
    # Without children it is Poisson's, word for word.
    assert np.array_equal(
        ev.draw_hawkes_times(KEY, UNITS, rate, 0.0, decay, window).times,
        ev.draw_poisson_times(KEY, UNITS, rate, window).times,
    )


def test_renewal_times_and_sessions() -> None:
    plain = ev.draw_renewal_times(KEY, UNITS, Exponential(0.5), 5.0)
    _check_poisson_counts(np.diff(plain.offsets), 10.0)
    regular = ev.draw_renewal_times(KEY, UNITS[:50], Uniform(1.0, 1.0 + 1e-9), 10.5)
    assert np.diff(regular.offsets).tolist() == [10] * 50
    made = ev.draw_sessions(KEY, UNITS, Exponential(0.1), Exponential(50.0), 0.8, 1000.0)
    first = np.r_[True, np.diff(made.session) != 0]
    sizes = np.diff(np.append(np.flatnonzero(first), len(first)))
    # A geometric number of events in each, cut by the window for a few.
    assert sizes.mean() == pytest.approx(5.0, rel=0.01)
    assert len(sizes) > 10 * len(UNITS)
    assert made.session[made.events.offsets[:-1][np.diff(made.events.offsets) > 0]].max() == 0


@pytest.mark.parametrize("name", ["poisson", "hawkes", "renewal", "sessions"])
def test_a_unit_has_the_same_events_alone(name: str) -> None:
    def draw(rows: slice) -> tuple[ev.Events, NDArray[np.int64]]:
        units, window = UNITS[rows], np.linspace(5.0, 9.0, len(UNITS))[rows]
        none = np.empty(0, np.int64)
        if name == "poisson":
            return ev.draw_poisson_times(KEY, units, np.linspace(0.0, 3.0, len(UNITS))[rows], window), none
        if name == "hawkes":
            return ev.draw_hawkes_times(KEY, units, np.linspace(0.0, 3.0, len(UNITS))[rows], 0.5, 1.0, window), none
        scale = np.linspace(0.5, 2.0, len(UNITS))[rows]
        if name == "renewal":
            return ev.draw_renewal_times(KEY, units, Weibull(0.7, scale), window), none
        return ev.draw_sessions(KEY, units, Exponential(0.1 * scale), Exponential(scale), 0.6, window)

    whole, sessions = draw(slice(0, 200))
    for rows in (slice(0, 1), slice(40, 47), slice(199, 200), slice(5, 5)):
        part, own = draw(rows)
        a, b = whole.offsets[rows.start], whole.offsets[rows.stop]
        assert np.array_equal(part.times, whole.times[a:b])
        assert np.array_equal(part.offsets, whole.offsets[rows.start : rows.stop + 1] - a)
        assert np.array_equal(own, sessions[a:b])


def test_faults_of_series(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_walk_faults(Normal(), 0.0, -1.0, 1.0) == ()
    assert "start must be in [-1, 1], not 5" in find_walk_faults(Normal(), 5.0, -1.0, 1.0)
    assert "sd must be above 0 and finite, not 0" in find_walk_faults(Normal(0.0, 0.0), 5.0, -1.0, 1.0)
    assert find_autoregression_faults(0.0, 1.0, -0.5) == ()
    assert len(find_autoregression_faults(np.nan, 0.0, 1.0)) == 3
    assert "carry must be in [0, " in find_autoregression_faults(0.0, 1.0, -0.5, np.ones(3))[0]
    assert ev.find_hawkes_faults(1.0, 0.5, 1.0, 10.0) == ()
    assert "children must be in [0, 1), not 1" in ev.find_hawkes_faults(1.0, 1.0, 1.0, 10.0)
    assert "events that a unit expects" in ev.find_hawkes_faults(1.0, 0.9, 1.0, 1e9)[0]
    assert ev.find_session_faults(Exponential(), Exponential(), 0.5, 1.0) == ()
    assert "the least gap within must be at least 0, not -inf" in ev.find_session_faults(
        Normal(), Exponential(), 0.5, 1.0
    )
    assert "stay must be in [0, 1), not 1" in ev.find_session_faults(Exponential(), Exponential(), 1.0, 1.0)
    with pytest.raises(ValueError, match="more than 1000000 events"):
        ev.draw_poisson_times(KEY, UNITS[:1], 1e9, 10.0)
    monkeypatch.setattr(ev, "MOST", 3)
    with pytest.raises(ValueError, match="more than 3 events"):
        ev.draw_renewal_times(KEY, UNITS[:1], Exponential(), 1e9)
