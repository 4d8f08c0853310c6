"""References to rows of the first table: they are there, they are skewed as asked, and a hierarchy has no cycle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

STAFF: dict[str, Any] = {
    "code": {"type": "unique", "pattern": "AAA-###"},
    "number": {"type": "sequence", "start": 100},
    "boss": {"type": "reference", "to": "number", "earlier": True, "skew": 1},
}
LIKES: dict[str, Any] = {
    "parent": "staff",
    "count": {"type": "constant", "value": 3},
    "fields": {"by": {"type": "parent", "field": "code"}, "likes": {"type": "reference", "to": "code", "skew": 2}},
}


def make(units: range, **tables: Any) -> dict[str, pa.RecordBatch]:
    said = {"units": 2000, "tables": {"staff": {"fields": STAFF}, "likes": LIKES} | tables}
    part = RecordsPart.model_validate(said)
    return dict(RecordsSampler(compile_part(part)).sample(Shard("p", 0, units, Key.root(1)), {}).value)


def test_references_find_their_row_and_a_hierarchy_has_no_cycle() -> None:
    made = make(range(2000))
    staff, likes = made["staff"], made["likes"]
    assert staff["boss"].null_count == 1
    assert staff["boss"][0].as_py() is None
    own, boss = staff["number"].to_numpy()[1:], staff["boss"].to_numpy(zero_copy_only=False)[1:]
    assert (boss < own).all()
    assert boss.min() >= 100
    place = (boss - 100) / (own - 100)
    assert abs(place[1000:].mean() - 1 / 3) < 0.04  # mean of u**2
    codes = staff["code"].to_pylist()
    assert set(likes["likes"].to_pylist()) <= set(codes)
    rank = np.array([codes.index(code) for code in likes["likes"].to_pylist()])
    assert abs(rank.mean() / 2000 - 1 / 4) < 0.02  # mean of u**3
    assert make(range(700, 701))["likes"].equals(likes.slice(2100, 3))


@pytest.mark.parametrize(
    ("code", "tables"),
    [
        ("SD-RECORDS-005", {"likes": {**LIKES, "fields": {"x": {"type": "reference", "to": "nothing"}}}}),
        ("SD-RECORDS-019", {"likes": {**LIKES, "fields": {"x": {"type": "reference", "to": "boss"}}}}),
        ("SD-RECORDS-019", {"likes": {**LIKES, "rules": ["likes != by"]}}),
    ],
)
def test_references_that_may_lead_nowhere(code: str, tables: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=code):
        make(range(5), **tables)
