"""A weather-like sensor of the kind beside real weather: the bars of the benchmark, read by tests alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
if str(BENCHMARKS) not in sys.path:
    sys.path.append(str(BENCHMARKS))

import sensors  # noqa: E402


@pytest.fixture(scope="module")
def real(validator_python: Callable[[str], Path]) -> dict[str, np.ndarray]:
    try:
        python = validator_python("weather")
    except pytest.skip.Exception as reason:
        pytest.fail(f"the real weather cannot be read, so nothing was compared: {reason}")
    return dict(sensors.read_weather(python))


def test_every_station_remembers_as_the_real_one_does(real: dict[str, np.ndarray]) -> None:
    """Lag 1 within .01, lag 24 within .03, in every one of twenty stations, through sensor and faults."""
    found = sensors.compare_weather(real)
    assert [c.lag for c in found] == [1, 24]
    assert found[0].real == pytest.approx(0.994, abs=0.001)
    assert found[1].real == pytest.approx(0.928, abs=0.001)
    for compared in found:
        assert compared.holds, compared


def test_its_channels_hang_together(real: dict[str, np.ndarray]) -> None:
    made = sensors.make_weather()
    for a, b, within in (
        ("temp", "dewp", 0.03),
        ("temp", "humid", 0.12),
        ("dewp", "humid", 0.12),
        ("temp", "pressure", 0.06),
    ):
        ours = [_tie(x, y) for x, y in zip(made[a], made[b], strict=True)]
        assert np.mean(ours) == pytest.approx(_tie(real[a], real[b]), abs=within), (a, b)
    for name, scale in (("temp", 1.8), ("dewp", 1.8), ("humid", 1.0), ("pressure", 1.0)):
        assert np.nanstd(made[name], axis=1).mean() * scale == pytest.approx(np.nanstd(real[name]), rel=0.08)


def _tie(x: np.ndarray, y: np.ndarray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    return float(np.corrcoef(x[both], y[both])[0, 1])
