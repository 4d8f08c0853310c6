"""Records by rule: what comes out, that it is pure, and that every fault is found before a row is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml
from pydantic import ValidationError

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Origin, Remark, Used
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler, RecordsSynthesizer

SHOP = """
kind: records
units: 100
tables:
  customers:
    fields:
      customer_id: {type: sequence, pattern: "C-########"}
      segment: {type: category, values: {retail: .8, business: .2}}
      age: {type: normal, mean: 45, sd: 15, low: 18, high: 95, decimals: 0}
      income:
        type: conditional
        given: segment
        cases:
          retail: {type: lognormal, median: "12000 + 400 * age", spread: .4, decimals: 2}
          business: {type: pareto, alpha: 2.5, minimum: 40000, decimals: 2}
        missing: {share: .02, when: age > 70, share_when: .5}
      active: {type: boolean, share: .9}
      orders_made: = count(orders)
      spent: = sum(orders.amount)
  orders:
    parent: customers
    count: {type: negative_binomial, mean: 3, size: 1}
    fields:
      customer_id: {type: parent, field: customer_id}
      order_id: {type: sequence}
      quantity: {type: integer, low: 1, high: 5}
      price: {type: lognormal, median: 20, spread: .8, decimals: 2}
      helper: {type: uniform, low: 0, high: 1, keep: false}
      amount: = round(quantity * price, 2)
      balance: = running_sum(amount)
  lines:
    parent: orders
    count: {type: integer, low: 0, high: 2}
    fields:
      order_id: {type: parent, field: order_id}
      colour: [red, green]
"""


def read(text: str = SHOP, **tables: Any) -> RecordsPart:
    said = yaml.safe_load(text)
    said["tables"].update(tables)
    return RecordsPart.model_validate(said)


def make(part: RecordsPart, units: range, seed: int = 1) -> dict[str, pa.RecordBatch]:
    noted = RecordsSampler(compile_part(part)).sample(Shard("shop", 0, units, Key.root(seed)), {})
    return dict(noted.value)


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.RecordBatch]:
    return make(read(), range(20_000))


def test_laws_come_out_as_stated(shop: dict[str, pa.RecordBatch]) -> None:
    customers = shop["customers"]
    share = pc.mean(pc.equal(customers["segment"], "retail").cast("float64")).as_py()
    assert abs(share - 0.8) < 5 * np.sqrt(0.8 * 0.2 / 20_000)  # once in two million
    age = customers["age"].to_numpy()
    assert age.dtype == np.int64
    assert (age.min(), age.max()) == (18, 95)
    counts = customers["orders_made"].to_numpy()
    assert abs(counts.mean() - 3) < 5 * np.sqrt(12 / 20_000)
    assert abs(counts.var() - 12) < 1.5
    income = customers["income"].to_numpy(zero_copy_only=False)
    business = pc.equal(customers["segment"], "business").to_numpy(zero_copy_only=False)
    assert np.nanmin(income[business]) >= 40_000
    young = ~business & (age < 30) & ~np.isnan(income)
    old = ~business & (age > 60) & (age < 70) & ~np.isnan(income)
    assert np.median(income[old]) > 1.3 * np.median(income[young])
    assert abs(np.isnan(income[age > 70]).mean() - 0.5) < 0.05
    assert abs(np.isnan(income[age <= 70]).mean() - 0.02) < 0.006


def test_children_belong_to_their_parents(shop: dict[str, pa.RecordBatch]) -> None:
    customers, orders, lines = shop["customers"], shop["orders"], shop["lines"]
    assert "helper" not in orders.schema.names
    made = pa.Table.from_batches([orders]).group_by("customer_id").aggregate([("amount", "sum"), ("amount", "count")])
    told = dict(zip(customers["customer_id"].to_pylist(), customers["spent"].to_pylist(), strict=True))
    assert set(made["customer_id"].to_pylist()) <= set(told)
    for name, total in zip(made["customer_id"].to_pylist()[:500], made["amount_sum"].to_pylist()[:500], strict=True):
        assert told[name] == pytest.approx(total, abs=1e-6)
    ids = orders["order_id"].to_numpy()
    assert len(np.unique(ids)) == len(ids)
    assert np.isin(lines["order_id"].to_numpy(), ids).all()
    units = orders[UNIT].to_numpy()
    expected = np.concatenate(
        [np.cumsum(a) for a in np.split(orders["amount"].to_numpy(), np.flatnonzero(np.diff(units)) + 1)]
    )
    assert np.allclose(orders["balance"].to_numpy(), expected)


def test_any_cut_gives_the_same_rows(shop: dict[str, pa.RecordBatch]) -> None:
    part = read()
    for name, whole in shop.items():
        pieces = [make(part, units)[name] for units in (range(1), range(1, 300), range(300, 301))]
        joined = pa.Table.from_batches(pieces).combine_chunks()
        assert joined.equals(pa.Table.from_batches([whole]).slice(0, joined.num_rows).combine_chunks())
    assert not make(part, range(300), seed=2)["customers"].equals(make(part, range(300))["customers"])


def test_a_new_field_changes_no_other(shop: dict[str, pa.RecordBatch]) -> None:
    more = read(SHOP.replace("      active:", "      extra: {type: uniform, low: 0, high: 1}\n      active:"))
    again = make(more, range(200))
    for name, whole in shop.items():
        kept = [n for n in whole.schema.names if n != "extra"]
        assert again[name].select(kept).equals(whole.slice(0, again[name].num_rows))


def test_units_that_break_a_rule_are_rejected() -> None:
    said = yaml.safe_load(SHOP)
    said["tables"]["orders"]["rules"] = ["amount < 400"]
    noted = RecordsSampler(compile_part(RecordsPart.model_validate(said))).sample(
        Shard("shop", 0, range(2000), Key.root(1)), {}
    )
    orders = noted.value["orders"]
    broken = set(orders.filter(pc.greater_equal(orders["amount"], 400))[UNIT].to_pylist())
    assert broken
    assert {r.unit for r in noted.notes} == broken  # type: ignore[union-attr]


FAULTS = {
    "SD-RECORDS-001": {"x": {"type": "normal", "mean": 0, "sd": -1}},
    "SD-RECORDS-002": {"x": "= y + 1", "y": "= x + 1"},
    "SD-RECORDS-004": {"x": {"type": "parent", "field": "a"}},
    "SD-RECORDS-005": {"x": {"type": "conditional", "given": "nothing", "cases": {"a": 1}}},
    "SD-RECORDS-006": {"x": {"type": "sequence", "pattern": "none"}},
    "SD-RECORDS-007": {"a": ["p"], "x": {"type": "conditional", "given": "a", "cases": {"p": "= 1 + 1"}}},
    "SD-RECORDS-008": {"a": ["p", "q"], "x": {"type": "conditional", "given": "a", "cases": {"p": 1, "q": "text"}}},
    "SD-EXPR-010": {"x": "= nothing + 1"},
    "SD-EXPR-013": {"a": ["p"], "x": "= a + 1"},
    "SD-EXPR-023": {"a": {"type": "integer", "low": 0, "high": 3}, "x": "= 1 / a"},
}


def test_every_fault_is_told_at_once_with_its_place() -> None:
    fields = {
        f"{code[3:].lower().replace('-', '_')}_{name}": said
        for code, group in FAULTS.items()
        for name, said in group.items()
    }
    for code, group in FAULTS.items():
        with pytest.raises(RequestError) as caught:
            compile_part(RecordsPart.model_validate({"units": 1, "tables": {"t": {"fields": group}}}))
        assert [p.code for p in caught.value.problems] == [code]
        assert caught.value.problems[0].where.startswith("parts.tables.t.fields.")
    unnamed = {
        name: said
        for name, said in fields.items()
        if name.endswith("_x") and name not in ("records_002_x", "records_008_x")
    }
    with pytest.raises(RequestError) as caught:
        compile_part(RecordsPart.model_validate({"units": 1, "tables": {"t": {"fields": unnamed}}}))
    assert len(caught.value.problems) == len(unnamed)


@pytest.mark.parametrize(
    "field",
    [
        "= x + 1",
        {"type": "template", "text": "{x}"},
        {"type": "conditional", "given": "x", "cases": {"a": 1}},
        {"type": "normal", "mean": "x", "sd": 1},
    ],
)
def test_a_field_that_needs_itself_is_told(field: Any) -> None:
    with pytest.raises(RequestError, match=r"SD-RECORDS-002.*x -> t\.x"):
        compile_part(RecordsPart.model_validate({"units": 1, "tables": {"t": {"fields": {"x": field}}}}))


@pytest.mark.parametrize(
    "count",
    [
        {"type": "integer", "low": -1, "high": 2},
        {"type": "table", "values": {0.5: 1}},
        {"type": "constant", "value": -1},
        {"type": "constant", "value": "two"},
        {"type": "constant", "value": 10**9},
        {"type": "zipf", "exponent": 0.1, "n": 10**9},
    ],
)
def test_counts_are_whole_and_not_negative(count: dict[str, Any]) -> None:
    tables = {"t": {"fields": {"a": 1}}, "c": {"parent": "t", "count": count, "fields": {"b": 1}}}
    with pytest.raises(RequestError, match="SD-RECORDS-003"):
        compile_part(RecordsPart.model_validate({"units": 1, "tables": tables}))


def test_laws_with_parameters_of_other_fields() -> None:
    tables = {
        "t": {"fields": {"a": {"type": "integer", "low": 1, "high": 2}}},
        "c": {"parent": "t", "count": {"type": "poisson", "mean": "a * 2"}, "fields": {"b": 1}},
    }
    rows = make(RecordsPart.model_validate({"units": 1, "tables": tables}), range(4000))
    mean = rows["c"].num_rows / 4000
    assert abs(mean - 3) < 0.2
    tables["c"]["count"] = {"type": "poisson", "mean": "a - 1.5"}
    with pytest.raises(RequestError, match=r"SD-RECORDS-003 at parts.tables.c.count: its mean can be -0.5"):
        compile_part(RecordsPart.model_validate({"units": 1, "tables": tables}))
    tables["t"]["fields"]["a"] = {"type": "normal", "mean": 1, "sd": 1}
    with pytest.raises(RequestError, match=r"SD-RECORDS-009 at parts.shop.tables.c.count: mean must be .* in unit"):
        make(RecordsPart.model_validate({"units": 1, "tables": tables}), range(4000))


@pytest.mark.parametrize(
    "tables",
    [
        {"a": {"fields": {"x": 1}}, "b": {"fields": {"x": 1}}},
        {
            "a": {"fields": {"x": 1}},
            "b": {"parent": "nowhere", "count": {"type": "constant", "value": 1}, "fields": {"x": 1}},
        },
        {"a": {"fields": {"x": 1}}, "b": {"parent": "a", "fields": {"x": 1}}},
        {"a": {"fields": {"x": {"type": "normall", "mean": 1}}}},
    ],
)
def test_tables_that_make_no_sense(tables: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RecordsPart.model_validate({"units": 1, "tables": tables})


def test_what_the_data_depend_on_is_said(tmp_path: Path) -> None:
    said = {
        "units": 5,
        "locale": {"en_US": 1, "de_DE": 1},
        "origin": "a guess",
        "tables": {
            "t": {
                "fields": {
                    "a": {"type": "integer", "low": 1, "high": 6, "origin": "the faces of a die"},
                    "name": {"type": "person", "part": "name"},
                }
            }
        },
    }
    notes = RecordsSynthesizer().prepare(RecordsPart.model_validate(said), None, Key.root(1), tmp_path).notes
    told = {note.subject: note.text for note in notes if isinstance(note, Origin)}
    assert told["t.a"] == "the faces of a die"
    assert told["units, day and locales"] == "a guess"
    assert any("a guess; the faces of a die" in note.text for note in notes if isinstance(note, Remark))
    assert [note.what for note in notes if isinstance(note, Used)] == [
        "sundog/data/words/en_US.arrow",
        "sundog/data/words/de_DE.arrow",
    ]
