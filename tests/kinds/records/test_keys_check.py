"""The check of keys: it passes what the kind makes, and fires on a double and on an orphan."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.checks import KeysKept
from sundog.kinds.records.recipe import KeysCheck, RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler, RecordsSynthesizer
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


def judge(tables: dict[str, pa.Table], part: RecordsPart = PART) -> dict[str, tuple[float | None, str]]:
    recipe = Recipe.model_construct(name="trial", parts={"p": part}, seed=0)
    evidence = MemoryEvidence(recipe, part, "p", "quick", tables)
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


SHOP = RecordsPart.model_validate(
    {
        "units": 100,
        "tables": {
            "goods": {
                "rows": 9,
                "fields": {"sku": {"type": "sequence"}, "under": {"type": "under", "key": "sku"}},
            },
            "people": {
                "fields": {
                    "mail": {"type": "person", "part": "email", "unique": True},
                    "sku": {"type": "reference", "to": "goods.sku"},
                }
            },
        },
    }
)


def test_tables_that_all_units_share_are_looked_at_too(tmp_path: Path) -> None:
    maker, key = RecordsSynthesizer(), Key.root(1)
    model = maker.prepare(SHOP, None, key, tmp_path).value
    with maker.open(model) as sampler:
        tables = {
            n: pa.Table.from_batches([b]) for n, b in sampler.sample(Shard("p", 0, range(100), key), {}).value.items()
        }
    tables |= maker.standing(SHOP, model)
    names = {"goods.sku", "people.mail", "people.sku to goods.sku", "goods.under to goods.sku"}
    assert judge(tables, SHOP) == dict.fromkeys(names, (0, "pass"))
    tables["goods"] = tables["goods"].slice(0, 8)
    tables["people"] = pa.concat_tables([tables["people"], tables["people"].slice(0, 1)])
    found = judge(tables, SHOP)
    assert found["people.mail"] == (1, "fail")
    assert found["people.sku to goods.sku"][1] == "fail"
