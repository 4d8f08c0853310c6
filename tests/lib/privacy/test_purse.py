"""A sum set apart: it covers every release, refuses what it does not cover, and stands in the ledger as a whole."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from sundog.core.errors import Fault, RequestError
from sundog.lib.privacy import noise
from sundog.lib.privacy.ledger import Budget, Ledger
from sundog.lib.privacy.ledger_file import read_ledger
from sundog.lib.privacy.losses import find_epsilon
from sundog.lib.privacy.neighbours import Neighbours, hash_rows
from sundog.lib.privacy.purse import Purse, open_purse, plan_purse

SOURCE = "ab" * 32


def test_a_purse_holds_what_its_epsilon_allows() -> None:
    purse = plan_purse(Budget(1.0, 1e-6), Neighbours(), 0.5)
    assert purse.delta == 5e-7
    assert find_epsilon(((math.inf, purse.rho),), 5e-7) <= 1.0
    assert find_epsilon(((math.inf, purse.rho * 1.001),), 5e-7) > 1.0


@pytest.mark.parametrize(
    ("spend", "code"),
    [(Budget(0, 1e-9), "SD-PRIVACY-001"), (Budget(1, 1.0), "SD-PRIVACY-002"), (Budget(1, 0.0), "SD-PRIVACY-022")],
)
def test_a_purse_that_cannot_be(spend: Budget, code: str) -> None:
    with pytest.raises(RequestError, match=code):
        plan_purse(spend, Neighbours(), 0.0)


def test_releases_are_paid_until_nothing_is_left() -> None:
    purse = Purse(Neighbours(), 0.1, 1e-6)
    cells = np.array([100, 0, 7], np.int64)
    assert purse.count("a", ("x",), cells, 0.04).shape == (3,)
    assert purse.deviation() == pytest.approx(1 / math.sqrt(0.08))
    assert purse.choose("b", ("x", "y"), np.array([0, 10_000], np.int64), 1, 0.03) == 1
    told, least = purse.find("c", ("x",), {"vA": 5_000, "vB": 1}, 0.03, 1e-6)
    assert list(told) == ["vA"]
    assert least > 1
    assert purse.left == pytest.approx(0, abs=1e-12)
    assert [r.mechanism for r in purse.releases] == [
        "discrete gaussian",
        "exponential mechanism",
        "discrete gaussian above a threshold",
    ]
    assert [r.columns for r in purse.releases] == [("x",), ("x", "y"), ("x",)]
    assert Ledger(tuple(purse.releases)).rho == pytest.approx(0.1)


def test_what_the_purse_does_not_cover_is_refused_before_a_number_comes_out() -> None:
    purse = Purse(Neighbours(), 0.1, 1e-6)
    purse.count("a", (), np.zeros(1, np.int64), 0.09)
    with pytest.raises(Fault, match="SD-PRIVACY-021"):
        purse.count("b", (), np.zeros(1, np.int64), 0.02)
    with pytest.raises(Fault, match="SD-PRIVACY-021"):
        purse.find("c", (), {"vA": 1}, 0.001, 1e-5)
    assert len(purse.releases) == 1


def test_rows_of_a_person_raise_the_noise() -> None:
    one, many = Purse(Neighbours(), 1.0), Purse(Neighbours("who", 5), 1.0)
    for purse in (one, many):
        purse.count("a", ("x",), np.zeros(2, np.int64), 0.5)
        purse.choose("b", ("x",), np.zeros(2, np.int64), 3, 0.5)
    assert many.deviation(0) == pytest.approx(5 * one.deviation(0))
    assert many.releases[1].sensitivity == 15
    assert many.releases[0].columns == ("x", "who")


def test_the_whole_sum_is_in_the_ledger_before_rows_are_read(tmp_path: Path) -> None:
    purse = plan_purse(Budget(1.0, 1e-6), Neighbours(), 0.0)
    total = open_purse(purse, "a method", ("x",), SOURCE, Budget(1.0, 1e-6), tmp_path)
    (line,) = read_ledger(SOURCE, tmp_path).releases
    assert (line.mechanism, line.loss.rho) == ("adaptive composition", purse.rho)
    assert total.epsilon == pytest.approx(1.0, rel=1e-6)
    assert not purse.releases  # nothing was drawn, and yet it counts as spent
    with pytest.raises(RequestError, match="SD-PRIVACY-004"):
        open_purse(plan_purse(Budget(0.1, 1e-6), Neighbours(), 0.0), "again", (), SOURCE, Budget(1.0, 1e-6), tmp_path)
    open_purse(plan_purse(Budget(0.1, 1e-6), Neighbours(), 0.0), "again", (), SOURCE, Budget(2.0, 1e-6), tmp_path)
    person = plan_purse(Budget(0.1, 1e-6), Neighbours("who", 2), 0.0)
    with pytest.raises(RequestError, match="SD-PRIVACY-003"):
        open_purse(person, "again", (), SOURCE, Budget(9.0, 1e-6), tmp_path)


@pytest.mark.parametrize("times", [1.0, 4.0, 2.0, 1.3])
def test_the_noise_of_2000_releases_is_what_the_ledger_says(times: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """False alarms: 1 in 10,000. The limits are those of a chi-square number; noise 4, 2 or 1.3 times too small is far outside."""
    purse = Purse(Neighbours(), 1e9)
    purse.count("a", (), np.array([50], np.int64), 0.002)
    (release,) = purse.releases
    if times > 1:  # a build that draws less noise than its ledger says
        weak = noise._measurement(release.mechanism, release.scale / times, 0)
        monkeypatch.setattr(noise, "_held", lambda _: weak)
    draws = np.concatenate([noise.draw_vector(release, np.array([50], np.int64)) for _ in range(2_000)])
    ratio = float(((draws - 50.0) ** 2).mean()) / release.scale**2
    low, high = (stats.chi2.ppf(q, 2_000) / 2_000 for q in (5e-5, 1 - 5e-5))
    assert (low < ratio < high) == (times == 1)


def test_a_hash_of_a_row_depends_on_that_row_alone() -> None:
    rows = [pa.array(["a", "b", "a", None, "ab"]), pa.array(["x", "y", "x", "x", None])]
    whole = hash_rows(rows, 3)
    assert whole[0] == whole[2]
    assert len(set(whole.tolist())) == 4
    for i in range(5):
        assert hash_rows([c.slice(i, 1) for c in rows], 3)[0] == whole[i]
    assert (hash_rows(rows, 4) != whole).all()
    # Columns are told apart, and so are texts that join to the same.
    pairs = hash_rows([pa.array(["a", "ab"]), pa.array(["bc", "c"])], 3)
    assert pairs[0] != pairs[1]


def test_hashes_are_even() -> None:
    """1,000 rows in ten parts: chi-square with 9 degrees of freedom, false alarms 1 in 1,000."""
    words = hash_rows([pa.array([f"row {i}" for i in range(1_000)])], 1)
    counts = np.bincount((words >> np.uint64(32)).astype(np.int64) * 10 >> 32, minlength=10)
    assert ((counts - 100.0) ** 2 / 100).sum() < stats.chi2.ppf(0.999, 9)
