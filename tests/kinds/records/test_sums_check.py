"""The check of what holds by construction: it passes what the kind makes, and fires on a cent, a day and a second value."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT
from sundog.kinds.records import checks_sums
from sundog.kinds.records.checks_sums import SumsKept
from sundog.kinds.records.recipe import RecordsPart, SumsCheck
from sundog.kinds.records.synthesize import RecordsSynthesizer
from sundog.testing.evidence import MemoryEvidence

PART = RecordsPart.model_validate(
    {
        "units": 200,
        "tables": {
            "orders": {
                "fields": {
                    "id": {"type": "sequence"},
                    "total": {"type": "gamma", "shape": 2, "mean": 50, "decimals": 2},
                    "net": {"type": "piece", "of": "total", "weight": 4},
                    "tax": {"type": "piece", "of": "total"},
                    "card": {"type": "identifier", "of": "card_visa"},
                    "cash": {"type": "constant", "value": True},
                },
                "one_of": [{"fields": ["card", "cash"]}],
            },
            "payments": {
                "parent": "orders",
                "count": {"type": "integer", "low": 0, "high": 3},
                "fields": {"id": {"type": "parent", "field": "id"}, "amount": {"type": "split", "of": "total"}},
            },
            "states": {
                "parent": "orders",
                "history": {"start": "date('2024-01-01')", "per_year": 2},
                "fields": {
                    "id": {"type": "parent", "field": "id"},
                    "since": {"type": "valid_from"},
                    "until": {"type": "valid_to", "inclusive": True},
                },
            },
        },
    }
)
NAMES = (
    "orders.total = net + tax",
    "orders: card, cash",
    "orders.total = sum of payments.amount",
    "states.since to until",
)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    maker, key = RecordsSynthesizer(), Key.root(3)
    with maker.open(maker.prepare(PART, None, key, Path()).value) as sampler:
        made = sampler.sample(Shard("p", 0, range(200), key), {}).value
    return {
        n: pa.Table.from_batches([b.drop_columns([c for c in b.schema.names if c == UNIT])]) for n, b in made.items()
    }


def judge(tables: dict[str, pa.Table]) -> dict[str, tuple[float | None, str]]:
    recipe = Recipe.model_construct(name="trial", parts={"p": PART}, seed=0)
    evidence = MemoryEvidence(recipe, PART, "p", "quick", tables)
    assert SumsKept().applies(evidence)
    return {f.subject: (f.value, f.verdict) for f in SumsKept().run(SumsCheck(), evidence, None).findings}


def change(table: pa.Table, column: str, row: int, value: Any) -> pa.Table:
    values = table[column].to_pylist()
    values[row] = value
    at = table.column_names.index(column)
    return table.set_column(at, column, pa.array(values, table.schema.field(column).type))


def test_what_is_made_passes(tables: dict[str, pa.Table]) -> None:
    assert judge(tables) == dict.fromkeys(NAMES, (0, "pass"))


def test_one_cent_one_day_one_value_too_many(tables: dict[str, pa.Table]) -> None:
    orders, payments, states = tables["orders"], tables["payments"], tables["states"]
    wrong = {
        "orders.total = net + tax": {"orders": change(orders, "net", 5, orders["net"][5].as_py() + 0.01)},
        "orders: card, cash": {"orders": change(change(orders, "card", 7, "4"), "cash", 7, True)},
        "orders.total = sum of payments.amount": {
            "payments": change(payments, "amount", 9, payments["amount"][9].as_py() - 0.01)
        },
        "states.since to until": {"states": change(states, "since", 1, date(2024, 1, 2))},
    }
    for name, changed in wrong.items():
        found = judge({**tables, **changed})
        assert found[name] == (1, "fail"), name
        assert [n for n, (_, verdict) in found.items() if verdict != "pass"] == [name]
    closed = change(states, "until", len(states) - 1, date(2030, 1, 1))
    assert judge({**tables, "states": closed})["states.since to until"] == (1, "fail")


def test_very_many_sums_are_said_not_to_be_made(tables: dict[str, pa.Table], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_sums, "MOST_PARENTS", 100)
    assert judge(tables)["orders.total = sum of payments.amount"] == (None, "skipped")
