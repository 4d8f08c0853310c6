"""Planted faults: as many as stated, each in the table, on the labels and in the readings, and nowhere else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.laws.location import Constant, Uniform
from sundog.lib.laws.positive import Exponential
from sundog.lib.signals.faults import (
    FAULT_KINDS,
    FaultKind,
    FaultLaw,
    check_fault,
    find_rate,
    label_samples,
    list_faults,
    name_label,
    plant_faults,
)
from sundog.lib.signals.sensor import Sensor, draw_normals, show
from sundog.lib.signals.windows import Windows, list_samples, make_windows

KEY = Key.root(16)
SENSOR = Sensor(low=-50.0, high=50.0, resolution=0.125)
LAWS = tuple(FaultLaw(kind, 0.02, Exponential(12.0), Uniform(3.0, 6.0)) for kind in FAULT_KINDS)


def healthy(windows: Windows) -> np.ndarray:
    return 20 + 5 * np.sin(list_samples(windows) / 9.0)


def plant(laws: tuple[FaultLaw, ...], windows: Windows) -> np.ndarray:
    return plant_faults(
        list_faults(laws, KEY, windows), KEY, windows, healthy(windows), lambda v: show(SENSOR, v),
        lambda w: show(SENSOR, healthy(w)),
    )  # fmt: skip


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_the_share_of_faulty_samples_is_the_stated_one(kind: FaultKind) -> None:
    law = FaultLaw(kind, 0.1, Exponential(12.0), Constant(1.0))
    w = make_windows(range(20), 0, 20_000)
    labels = label_samples(list_faults((law,), KEY, w), w) != 0
    # Faults come in runs: of a covering by runs, the variance is at most share (1 - share) (1 + 2 x mean run) / n.
    longest = 1 if kind == "spike" else 1 + 2 * 30
    assert labels.mean() == pytest.approx(0.1, abs=5 * math.sqrt(0.09 * longest / labels.size))
    assert not label_samples(list_faults((FaultLaw(kind, 0.0, size=Constant(1.0)),), KEY, w), w).any()


def test_every_fault_is_on_the_labels_and_in_the_readings() -> None:
    """Both ways: each row of the table is labelled from start to stop, and no label stands outside of a row."""
    w = make_windows(range(6), 0, 3000)
    table = list_faults(LAWS, KEY, w)
    labels = label_samples(table, w).reshape(6, -1)
    plain = np.zeros_like(labels)
    for unit, kind, start, stop in zip(table.units, table.kinds, table.starts, table.stops, strict=True):
        assert 0 <= start < stop
        assert np.all(labels[unit, start:stop] >> kind & 1)
        plain[unit, start:stop] |= 1 << kind
    assert np.array_equal(labels, plain)
    assert set(table.kinds.tolist()) == set(range(len(FAULT_KINDS)))
    readings, clean = plant(LAWS, w).reshape(6, -1), show(SENSOR, healthy(w)).reshape(6, -1)
    differ = ~(readings == clean)
    assert np.all(labels[differ])
    for kind in FAULT_KINDS:
        alone = labels == 1 << FAULT_KINDS.index(kind)
        # A stuck reading may happen to be right, noise may be small, and a drift begins with little.
        least = {"stuck": 0.5, "burst": 0.9, "drift": 0.9}.get(kind, 1.0)
        assert differ[alone].mean() >= least, kind


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_what_each_kind_does(kind: FaultKind) -> None:
    law = FaultLaw(kind, 0.05, Uniform(5.0, 30.0), Uniform(2.0, 4.0))
    w = make_windows(range(1), 0, 4000)
    table = list_faults((law,), KEY, w)
    found = plant((law,), w)
    true, noise = healthy(w), draw_normals(KEY.child("burst"), w)
    checked = 0
    for f, (start, stop, size) in enumerate(zip(table.starts, table.stops, table.sizes, strict=True)):
        others = np.delete(np.arange(len(table.starts)), f)
        if stop > 4000 or np.any((table.starts[others] < stop) & (table.stops[others] > start)):
            continue
        part, at = slice(start, stop), np.arange(start, stop)
        expected = {
            "gain": true[part] * (1 + size),
            "bias": true[part] + size,
            "drift": true[part] + size * (at - start + 1) / (stop - start),
            "burst": true[part] + size * noise[part],
            "spike": true[part] + size,
            "stuck": np.full(stop - start, true[start]),
            "dropout": np.full(stop - start, np.nan),
        }[kind]
        assert found[part] == pytest.approx(show(SENSOR, expected), abs=0.126, nan_ok=True)
        assert stop - start == 1 if kind == "spike" else 5 <= stop - start <= 30
        assert size == 0 if kind in ("stuck", "dropout") else 2 <= abs(size) <= 4
        checked += 1
    assert checked >= 4
    if kind not in ("stuck", "dropout"):
        assert {-1.0, 1.0} == set(np.sign(table.sizes).tolist())
        one_way = list_faults((FaultLaw(kind, 0.05, law.duration, law.size, both_ways=False),), KEY, w)
        assert np.all(one_way.sizes > 0)


@given(st.integers(0, 2500), st.integers(1, 300))
def test_any_window_has_the_same_faults(start: int, length: int) -> None:
    whole, part = make_windows(range(1), 0, 2900), make_windows(range(1), start, start + length)
    assert np.array_equal(plant(LAWS, part), plant(LAWS, whole)[start : start + length], equal_nan=True)
    labels = label_samples(list_faults(LAWS, KEY, whole), whole)
    assert np.array_equal(label_samples(list_faults(LAWS, KEY, part), part), labels[start : start + length])


def test_labels_have_names() -> None:
    assert name_label(0) == ""
    assert name_label(0b0100010) == "bias+stuck"
    assert [name_label(1 << i) for i in range(7)] == list(FAULT_KINDS)


def test_faults_are_told() -> None:
    assert [f for law in LAWS for f in check_fault(law)] == []
    assert len(check_fault(FaultLaw("melted", 0.1))) == 1  # type: ignore[arg-type]
    assert "always 0" in check_fault(FaultLaw("bias", 0.1, Constant(3.0)))[0]
    assert check_fault(FaultLaw("stuck", 0.1, Constant(3.0))) == ()
    assert len(check_fault(FaultLaw("bias", 1.0, Exponential(-1.0), Uniform(2.0, 1.0)))) >= 3
    assert "longer or rarer" in check_fault(FaultLaw("spike", 0.9, size=Constant(1.0)))[0]
    assert find_rate(FaultLaw("stuck", 0.5, Constant(2.0))) == pytest.approx(math.log(2) / 2)
