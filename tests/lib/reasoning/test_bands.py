"""Bands: what a student is tested on is harder than what it learned from."""

from __future__ import annotations

import pytest

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.lib.reasoning.bands import band
from sundog.lib.reasoning.make import families, make_problems

SMALLER_IS_HARDER = {("percent", "step")}


@pytest.mark.parametrize("name", sorted(families()))
def test_every_harder_level_is_beyond_every_level_of_training(name: str) -> None:
    """One dial is above all that was trained on, and none below."""
    family = families()[name]
    train, harder = band(name, "train"), band(name, "harder")
    assert len(train) >= 3
    assert len(harder) >= 3
    assert max(train) < min(harder)
    for level in harder:
        above = 0
        for dial in family.dials:
            sign = -1 if (name, dial.name) in SMALLER_IS_HARDER else 1
            most = max(sign * dial.by_level[t - 1] for t in train)
            assert sign * dial.by_level[level - 1] >= most, (level, dial.name)
            above += sign * dial.by_level[level - 1] > most
        assert above > 0, level


@pytest.mark.parametrize("name", sorted(families()))
def test_harder_problems_are_longer(name: str) -> None:
    """Question and chain together have more characters on average."""

    def measure(levels: range) -> float:
        problems = [p for level in levels for p in make_problems(name, level, {}, Key.root(1), range(60))]
        return sum(len(p.question) + sum(map(len, p.steps)) for p in problems) / len(problems)

    assert measure(band(name, "harder")) > 1.05 * measure(band(name, "train"))


def test_no_such_family_is_named() -> None:
    """The nearest name is offered."""
    with pytest.raises(RequestError, match="clock"):
        band("clocks", "train")
