"""Choosing among attacks does not flatter the chosen one."""

from __future__ import annotations

import numpy as np
import pytest

from sundog.core.keys import Key
from sundog.lib.adversarial.best_guess import Asked, find_best_area, find_best_found
from sundog.lib.adversarial.choice import choose_across, halve


def test_halves_keep_people_together():
    people = np.repeat(np.arange(101), 3)
    half = halve(people, Key.root(1))
    assert half.reshape(101, 3).any(axis=1).sum() == half.reshape(101, 3).all(axis=1).sum() == 50


def test_the_best_of_twenty_coins_is_still_a_coin():
    """Mean of 200 draws: .5 to four standard errors (false alarm rate 1e-4), where the plain maximum would give about .55."""
    draw = Key.root(2).generator()
    values, flattered = [], []
    for _ in range(200):
        hits, control = (draw.random((20, 300)) < 0.5).astype(float), (draw.random((20, 300)) < 0.5).astype(float)
        half = np.arange(300) % 2 == 0
        chosen = choose_across(hits, control, half, half)
        values.append(chosen.attack.mean() - chosen.control.mean())
        flattered.append((hits.mean(axis=1) - control.mean(axis=1)).max())
    assert abs(np.mean(values)) < 4 * np.std(values) / np.sqrt(200)
    assert np.mean(flattered) > 0.05


def test_a_real_attack_is_chosen():
    draw = Key.root(3).generator()
    hits, control = (draw.random((5, 400)) < 0.3).astype(float), (draw.random((5, 400)) < 0.3).astype(float)
    hits[3] = draw.random(400) < 0.7
    half = np.arange(400) % 2 == 0
    chosen = choose_across(hits, control, half, half)
    assert chosen.names == (3, 3)
    assert chosen.attack.mean() == hits[3].mean()


@pytest.fixture(scope="module")
def asked() -> Asked:
    member = np.arange(4000) < 2000
    return Asked(member, np.arange(4000) % 2 == 0, np.ones(4000, dtype=bool))


def test_the_best_of_many_guesses_is_no_better_than_guessing(asked):
    """Mean of 60 draws within four standard errors of .5 and of 1% (false alarm rate 1e-4)."""
    draw = Key.root(4).generator()
    areas, found = [], []
    for _ in range(60):
        scores = {str(i): draw.random(4000) for i in range(10)}
        areas.append(find_best_area(scores, asked).area.value)
        found.append(find_best_found(scores, asked, 0.01).found.value)
    assert abs(np.mean(areas) - 0.5) < 4 * np.std(areas) / np.sqrt(60)
    assert abs(np.mean(found) - 0.01) < 4 * np.std(found) / np.sqrt(60)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_leak_is_found_in_either_direction(asked, sign):
    draw = Key.root(5).generator()
    leak = draw.random(4000)
    leak[:200] = 2.0
    scores = {"noise": draw.random(4000), "leak": sign * leak}
    best = find_best_found(scores, asked, 0.01)
    assert {n.lstrip("-") for n in best.names} == {"leak"}
    low, high = best.found.interval()
    assert low <= 0.109 <= high
    assert find_best_area(scores, asked).area.value == pytest.approx(0.55, abs=0.02)
