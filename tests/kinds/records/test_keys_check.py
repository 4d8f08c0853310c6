"""The check of keys: it passes what the kind makes, and fires on a double and on an orphan."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT
from sundog.kinds.records import checks
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.checks import KeysKept
from sundog.kinds.records.recipe import KeysCheck, RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler
from sundog.testing.evidence import MemoryEvidence

PART = RecordsPart.model_validate(
    {
        "units": 300,
        "tables": {
            "people": {"fields": {"id": {"type": "unique", "pattern": "AA-####"}, "n": {"type": "sequence"}}},
            "visits": {
                "parent": "people",
                "count": {"type": "poisson", "mean": 2},
                "fields": {"person": {"type": "parent", "field": "id"}, "id": {"type": "sequence"}},
            },
        },
    }
)


def make_tables() -> dict[str, pa.Table]:
    noted = RecordsSampler(compile_part(PART)).sample(Shard("p", 0, range(300), Key.root(1)), {})
    return {
        n: pa.Table.from_batches([b.drop_columns(UNIT) if UNIT in b.schema.names else b])
        for n, b in noted.value.items()
    }


def judge(tables: dict[str, pa.Table]) -> dict[str, tuple[float | None, str]]:
    recipe = Recipe.model_construct(name="trial", parts={"p": PART}, seed=0)
    evidence = MemoryEvidence(recipe, PART, "p", "quick", tables)
    assert KeysKept().applies(evidence)
    return {f.subject: (f.value, f.verdict) for f in KeysKept().run(KeysCheck(), evidence, None).findings}


def test_what_is_made_passes() -> None:
    assert judge(make_tables()) == {
        "people.id": (0, "pass"),
        "people.n": (0, "pass"),
        "visits.id": (0, "pass"),
        "visits.person to people.id": (0, "pass"),
    }


def test_a_double_and_an_orphan_fail() -> None:
    tables = make_tables()
    tables["people"] = pa.concat_tables([tables["people"].slice(1), tables["people"].slice(1, 1)])
    lost = (
        tables["visits"].filter(pa.compute.equal(tables["visits"]["person"], make_tables()["people"]["id"][0])).num_rows
    )
    found = judge(tables)
    assert found["people.id"] == (1, "fail")
    assert found["people.n"] == (1, "fail")
    assert lost > 0
    assert found["visits.person to people.id"] == (lost, "fail")


def test_too_many_rows_are_said_not_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "MOST_ROWS", 100)
    assert set(judge(make_tables()).values()) == {(None, "skipped")}
