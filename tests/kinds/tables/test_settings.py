"""What the privacy mode asks of the engines."""

from __future__ import annotations

from sundog.kinds.tables._settings import codec_settings, forest_settings, trees_settings
from sundog.kinds.tables.recipe import TablesPart
from sundog.kinds.tables.recipe_methods import ForestSpec, TreesSpec


def part(privacy: str, **more: object) -> TablesPart:
    return TablesPart.model_validate({"units": 1, "source": {"path": "x.csv"}, "privacy": privacy, **more})


def test_standard_takes_the_settings_as_they_are() -> None:
    assert trees_settings(part("standard")) == TreesSpec()
    assert forest_settings(part("standard")) == ForestSpec()


def test_strict_asks_for_more_everywhere() -> None:
    strict, standard = part("strict"), part("standard")
    assert trees_settings(strict).trees < TreesSpec().trees
    assert trees_settings(strict).l2 > TreesSpec().l2
    assert trees_settings(strict).min_leaf > TreesSpec().min_leaf
    assert trees_settings(strict).held_out == 0  # no pilot that could ask for more trees
    assert forest_settings(strict).min_leaf > ForestSpec().min_leaf
    assert codec_settings(strict).min_support > codec_settings(standard).min_support
    assert codec_settings(strict).end_support > codec_settings(standard).end_support


def test_strict_never_loosens_what_was_asked_for() -> None:
    asked = part("strict", trees={"trees": 4, "min_leaf": 900, "l2": 50.0}, forest={"min_leaf": 900})
    assert (trees_settings(asked).trees, trees_settings(asked).min_leaf, trees_settings(asked).l2) == (4, 900, 50.0)
    assert forest_settings(asked).min_leaf == 900
