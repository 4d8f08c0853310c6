"""Plans: names, keys and cuts."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from sundog.core.keys import Key
from sundog.core.plan import Stage, cut, make_plan
from sundog.core.recipe import Part, Recipe


def test_stages_have_the_key_of_their_name() -> None:
    parts = {
        "a": Part.model_construct(kind="x", units=3, of=None, each=None, groups=None),
        "b": Part.model_construct(kind="x", units=None, of="a", each=None, groups=None),
    }
    plan = make_plan(Recipe.model_construct(name="n", seed=9, parts=parts))
    assert [(s.name, s.after) for s in plan.stages] == [("a", None), ("b", "a")]
    assert [s.key for s in plan.stages] == [Key.root(9).child("a"), Key.root(9).child("b")]


@given(st.integers(0, 1000), st.integers(0, 300), st.integers(1, 80), st.integers(0, 5))
def test_a_cut_covers_every_unit_once(start: int, count: int, size: int, first: int) -> None:
    stage = Stage("a", Part.model_construct(kind="x"), Key.root(0))
    shards = list(cut(stage, range(start, start + count), first_index=first, shard_units=size))
    assert [u for s in shards for u in s.units] == list(range(start, start + count))
    assert [s.index for s in shards] == list(range(first, first + len(shards)))
    assert all(len(s.units) == size for s in shards[:-1])
    assert {s.key for s in shards} <= {stage.key}
