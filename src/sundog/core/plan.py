"""From recipe to shards: pure, and the only place where work is cut up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sundog.core.keys import Key
from sundog.core.recipe import Part, Recipe

SHARD_UNITS = 65_536
"""Units in a shard unless the caller says otherwise; changes file sizes and never the data."""


@dataclass(frozen=True, slots=True)
class Shard:
    """Consecutive units of one part, made by one worker into one file."""

    part: str
    index: int
    units: range
    key: Key


@dataclass(frozen=True, slots=True)
class Stage:
    """One part and the key of its streams. Stages stand in an order that respects ``after``."""

    name: str
    part: Part
    key: Key
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a recipe comes to."""

    recipe: Recipe
    stages: tuple[Stage, ...]


def make_plan(recipe: Recipe) -> Plan:
    """Name the stages of a recipe and their keys."""
    root = Key.root(recipe.seed)
    return Plan(recipe, tuple(Stage(name, part, root.child(name), part.after) for name, part in recipe.parts.items()))


def cut(stage: Stage, units: range, *, first_index: int = 0, shard_units: int = SHARD_UNITS) -> Iterator[Shard]:
    """Cut consecutive units of a stage into shards, the last one possibly shorter."""
    for i, start in enumerate(range(units.start, units.stop, shard_units)):
        yield Shard(stage.name, first_index + i, range(start, min(start + shard_units, units.stop)), stage.key)
