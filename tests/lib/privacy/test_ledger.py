"""Releases add up, by the tighter way of reckoning, and a budget refuses what does not fit."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.lib.privacy.ledger import Budget, Ledger, Release, check_budget, remark_on_delta
from sundog.lib.privacy.losses import Loss, concentrate, find_epsilon

LAPLACE = Release(
    asked="rows of 'sex' by value, of 2 stated ones",
    columns=("sex",),
    unit="add or remove one row",
    contribution=1,
    bounds=None,
    mechanism="discrete laplace",
    norm="l1",
    sensitivity=1,
    step=1.0,
    scale=10.0,
    threshold=0,
    loss=Loss(0.1, 0.005),
)
GAUSSIAN = replace(LAPLACE, mechanism="discrete gaussian", norm="l2", loss=Loss(math.inf, 0.005))


def _pure(epsilon: float, delta: float = 0.0) -> Release:
    return replace(LAPLACE, scale=1 / epsilon, loss=Loss(epsilon, concentrate(epsilon), delta))


def test_basic_composition_adds_epsilons_and_deltas() -> None:
    """In closed form."""
    total = Ledger((_pure(0.1), _pure(0.2, 1e-6), _pure(0.3, 2e-6))).add_up_basic()
    assert (total.epsilon, total.delta) == (pytest.approx(0.6), pytest.approx(3e-6))


def test_concentrated_composition_adds_rho() -> None:
    """Two Gaussian releases of rho cost what one of twice the rho costs."""
    ledger = Ledger((GAUSSIAN, GAUSSIAN))
    assert ledger.rho == pytest.approx(0.01)
    assert ledger.add_up_concentrated(1e-6).epsilon == pytest.approx(find_epsilon([(math.inf, 0.01)], 1e-6))
    assert ledger.add_up_basic().epsilon == math.inf


def test_the_tighter_reckoning_is_taken() -> None:
    """One pure release by the sum, a hundred by zCDP; without a delta always by the sum."""
    assert Ledger((_pure(0.1),)).total(1e-6).accounting == "basic"
    many = Ledger((_pure(0.1),) * 100)
    assert many.total(1e-6).accounting == "zcdp"
    assert many.total(1e-6).epsilon < 7 < 10 == pytest.approx(many.total(0).epsilon)


def test_deltas_of_releases_leave_less_for_the_conversion() -> None:
    """What the releases use up is not there twice; past the whole, nothing holds."""
    ledger = Ledger((replace(GAUSSIAN, loss=Loss(math.inf, 0.005, 9e-7)),))
    expected = find_epsilon([(math.inf, 0.005)], 1e-6 - 9e-7)
    assert ledger.total(1e-6).epsilon == pytest.approx(expected)
    assert ledger.total(1e-6).delta == 1e-6
    assert ledger.total(8e-7).epsilon == math.inf


@given(st.lists(st.sampled_from([_pure(0.05), _pure(0.3), _pure(0.2, 1e-9), GAUSSIAN]), max_size=12))
def test_more_releases_never_cost_less(releases: list[Release]) -> None:
    """Each total is at least that of the releases before."""
    totals = [Ledger(tuple(releases[:i])).total(1e-6).epsilon for i in range(len(releases) + 1)]
    assert totals[0] == 0
    assert totals == sorted(totals)


@pytest.mark.parametrize(
    ("budget", "code"),
    [
        (Budget(0.0), "SD-PRIVACY-001"),
        (Budget(-1.0), "SD-PRIVACY-001"),
        (Budget(math.inf), "SD-PRIVACY-001"),
        (Budget(math.nan), "SD-PRIVACY-001"),
        (Budget(1.0, 1.0), "SD-PRIVACY-002"),
        (Budget(1.0, -1e-9), "SD-PRIVACY-002"),
        (Budget(1.0, math.nan), "SD-PRIVACY-002"),
    ],
)
def test_a_wrong_budget_is_refused(budget: Budget, code: str) -> None:
    """Whatever is asked."""
    with pytest.raises(RequestError) as raised:
        check_budget(budget, Ledger(), Ledger((LAPLACE,)), "privacy")
    assert [p.code for p in raised.value.problems] == [code]


def test_a_budget_is_used_to_the_last_and_not_beyond() -> None:
    """Ten tenths are a whole, however floats round; an eleventh is refused with exit 2."""
    spent = Ledger((_pure(0.1),) * 9)
    assert check_budget(Budget(1.0), spent, Ledger((_pure(0.1),)), "privacy").epsilon == pytest.approx(1.0)
    with pytest.raises(RequestError, match="SD-PRIVACY-004") as raised:
        check_budget(Budget(1.0), spent, Ledger((_pure(0.1), _pure(0.001))), "privacy")
    assert raised.value.exit_code == 2
    with pytest.raises(RequestError, match="needs a delta"):
        check_budget(Budget(1.0), Ledger(), Ledger((GAUSSIAN,)), "privacy")
    found = replace(
        GAUSSIAN, loss=replace(GAUSSIAN.loss, delta=1e-6)
    )  # a second table of a file whose values are found, within a budget for one
    with pytest.raises(RequestError, match="values found in the rows would use up all of delta"):
        check_budget(Budget(1.0, 1e-6), Ledger(), Ledger((found,)), "privacy")
    with pytest.raises(RequestError, match=r"a delta of 0\.001"):
        check_budget(Budget(1.0, 1e-6), Ledger(), Ledger((_pure(0.1, 1e-3),)), "privacy")


def test_units_of_privacy_do_not_mix() -> None:
    """A release that hides rows says nothing about how well persons are hidden."""
    person = replace(LAPLACE, unit="add or remove all rows of one person (id)", contribution=3)
    with pytest.raises(RequestError, match="SD-PRIVACY-003"):
        check_budget(Budget(9.0), Ledger((LAPLACE,)), Ledger((person,)), "privacy")
    other_bound = replace(person, contribution=5)
    assert check_budget(Budget(9.0), Ledger((person,)), Ledger((other_bound,)), "privacy").epsilon == 0.2


def test_a_release_becomes_a_note() -> None:
    """The note names mechanism, scale in the unit of the answer, cost and neighbours."""
    note = replace(LAPLACE, step=0.5, contribution=3, loss=Loss(0.1, 0.005, 1e-9)).as_spend()
    assert note.mechanism == f"{LAPLACE.asked}: discrete laplace, scale 5"
    assert (note.epsilon, note.rho, note.delta) == (0.1, 0.005, 1e-9)
    assert note.neighbours == "add or remove one row, at most 3 rows each read"
    assert GAUSSIAN.as_spend().epsilon is None


def test_a_delta_that_allows_a_row_to_be_told_is_remarked() -> None:
    """From one over the number of rows on."""
    assert remark_on_delta(1e-6, 1e5) == ()
    assert "1e-05" in remark_on_delta(1e-5, 1e5)[0].text
