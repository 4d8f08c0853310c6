"""Tables that belong to no unit, references of all forms, histories, trees, parts that add up, chains of states."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSynthesizer

SHOP = """
kind: records
units: 2000
as_of: 2026-01-01
tables:
  products:
    rows: 40
    fields:
      product_id: {type: unique, pattern: "P-####"}
      weight: {type: pareto, alpha: 1.2, minimum: 1}
      price: {type: lognormal, median: 20, spread: .6, decimals: 2}
      launched: {type: date, start: 2020-01-01, stop: 2021-12-31}
      part_of: {type: under, key: product_id, roots: .1, depth: 2, fan_out: 3}
  prices:
    parent: products
    history: {start: launched, per_year: 2}
    fields:
      product_id: {type: parent, field: product_id}
      valid_from: {type: valid_from}
      valid_to: {type: valid_to}
      price: {type: uniform, low: 1, high: 9, decimals: 2}
  customers:
    fields:
      customer_id: {type: sequence, pattern: "C-########"}
      born: {type: date, start: 1950-01-01, stop: 2005-12-31}
      age: = age_in_years(born, as_of)
      name: {type: person, part: name}
      email: {type: person, part: email}
      boss: {type: reference, to: customer_id, earlier: true, fan_out: 5}
      boss_name: {type: referred, by: boss, field: name}
      boss_email: {type: referred, by: boss, field: email}
  moves:
    parent: customers
    history: {start: "date('2018-01-01')", per_year: .5}
    fields:
      city: {type: place, part: city}
      since: {type: valid_from}
      until: {type: valid_to, inclusive: true}
  orders:
    parent: customers
    count: {type: integer, low: 0, high: 5}
    fields:
      order_id: {type: sequence}
      ordered: {type: date, start: 2017-06-01, stop: 2025-12-31}
      city: {type: as_of, field: moves.city, at: ordered}
      total: = round(coalesce(sum(lines.amount), 0.0), 2)
      net: {type: piece, of: total, weight: 8}
      tax: {type: piece, of: total, weight: 2}
      card: {type: identifier, of: card_visa}
      iban: {type: identifier, of: iban_de}
      voucher: {type: sequence}
    one_of: [{fields: [card, iban, voucher], weights: [.6, .3, .1]}]
  lines:
    parent: orders
    count: {type: integer, low: 1, high: 6}
    fields:
      product_id: {type: reference, to: products.product_id, weight: weight, distinct: true}
      ordered: {type: parent, field: ordered, keep: false}
      then: {type: as_of, field: prices.price, at: ordered, by: product_id}
      price: = lookup(products.price, product_id)
      same: {type: referred, by: product_id, field: price}
      quantity: {type: integer, low: 1, high: 3}
      returned: {type: integer, low: 0, high: quantity}
      discount: {type: beta, a: 2, b: 5, high: "quantity / 4.0"}
      amount: = round(quantity * price, 2)
  payments:
    parent: orders
    count: {type: integer, low: 1, high: 3}
    fields:
      order_id: {type: parent, field: order_id}
      amount: {type: split, of: total, evenness: 2}
      status: {type: states, start: {sent: 1}, moves: {sent: {ok: .75, failed: .25}, failed: {sent: 1}}}
"""


def read(**changes: Any) -> RecordsPart:
    said = yaml.safe_load(SHOP)
    said["tables"].update(changes)
    return RecordsPart.model_validate(said)


def make(part: RecordsPart, units: range, seed: int = 5) -> dict[str, pa.Table]:
    maker = RecordsSynthesizer()
    key = Key.root(seed)
    model = maker.prepare(part, None, key.child("prepare"), Path()).value
    with maker.open(model) as sampler:
        made = sampler.sample(Shard("shop", 0, units, key), {}).value
    tables = {name: pa.Table.from_batches([batch]) for name, batch in made.items()}
    return {**tables, **maker.standing(part, model)}


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.Table]:
    return make(read(), range(2000))


def columns(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table[name].to_pylist() for name in names]


def test_any_cut_gives_the_same_rows(shop: dict[str, pa.Table]) -> None:
    part = read()
    for units in (range(1), range(700, 731)):
        for name, piece in make(part, units).items():
            whole = shop[name]
            if UNIT in whole.column_names:
                at = whole[UNIT].to_numpy()
                whole = whole.filter(pa.array((at >= units.start) & (at < units.stop)))
            elif name == "customers":
                whole = whole.slice(units.start, len(units))
            assert piece.combine_chunks().equals(whole.combine_chunks()), name
    assert not make(part, range(3), seed=6)["products"].equals(shop["products"])


def test_references_by_weight(shop: dict[str, pa.Table]) -> None:
    ids, weights = columns(shop["products"], "product_id", "weight")
    assert len(set(ids)) == 40
    found = Counter(shop["lines"]["product_id"].to_pylist())
    assert set(found) <= set(ids)
    part = read(
        lines={
            "parent": "orders",
            "count": {"type": "constant", "value": 20},
            "fields": {"product_id": {"type": "reference", "to": "products.product_id", "weight": "weight"}},
        },
        payments=yaml.safe_load(SHOP)["tables"]["moves"],
        orders=ORDERS,
    )
    rows = make(part, range(2000))["lines"]["product_id"].to_pylist()
    drawn = Counter(rows)
    shares = np.array(weights) / sum(weights)
    expected = shares * len(rows)
    chi = sum((drawn[name] - e) ** 2 / e for name, e in zip(ids, expected, strict=True))
    assert chi < 39 + 6 * np.sqrt(2 * 39)  # once in a million


ORDERS = {"parent": "customers", "count": {"type": "integer", "low": 0, "high": 5}, "fields": {"a": 1}}


def test_no_row_twice_for_one_parent() -> None:
    part = read(
        orders=ORDERS,
        lines={
            "parent": "orders",
            "count": {"type": "constant", "value": 38},
            "fields": {
                "p": {"type": "reference", "to": "products.product_id", "weight": "weight", "distinct": True},
                "q": {"type": "reference", "to": "customer_id", "skew": 3, "distinct": True},
            },
        },
        payments=yaml.safe_load(SHOP)["tables"]["moves"],
    )
    made = make(part, range(60))["lines"]
    for name in ("p", "q"):
        values = np.array(made[name].to_pylist()).reshape(-1, 38)
        assert all(len(set(row)) == 38 for row in values)


def test_referred_rows_are_the_rows_themselves(shop: dict[str, pa.Table]) -> None:
    ids, names, emails, boss, boss_name, boss_email = columns(
        shop["customers"], "customer_id", "name", "email", "boss", "boss_name", "boss_email"
    )
    assert (boss[0], boss_name[0], boss_email[0]) == (None, None, None)
    at = {key: i for i, key in enumerate(ids)}
    assert [names[at[b]] for b in boss[1:]] == boss_name[1:]
    assert [emails[at[b]] for b in boss[1:]] == boss_email[1:]
    assert set(Counter(boss[1 : 1 + 5 * 399]).values()) == {5}  # fan_out: each has five below it
    assert all(at[b] < i for i, b in enumerate(boss[1:], 1))
    price = dict(zip(*columns(shop["products"], "product_id", "price"), strict=True))
    product, looked, same = columns(shop["lines"], "product_id", "price", "same")
    assert looked == same == [price[p] for p in product]


def test_histories_have_no_gap_and_no_overlap(shop: dict[str, pa.Table]) -> None:
    for name, owner, inclusive in (("prices", "product_id", 0), ("moves", UNIT, 1)):
        begin, end = ("valid_from", "valid_to") if name == "prices" else ("since", "until")
        periods = defaultdict(list)
        for who, a, b in zip(*columns(shop[name], owner, begin, end), strict=True):
            periods[who].append((a, b))
        for rows in periods.values():
            for (a, b), (following, _) in itertools.pairwise(rows):
                assert a < following
                assert (following - b).days == inclusive
            assert rows[-1][1] is None
    launched = dict(zip(*columns(shop["products"], "product_id", "launched"), strict=True))
    firsts: dict[str, Any] = {}
    for product, start in zip(*columns(shop["prices"], "product_id", "valid_from"), strict=True):
        firsts.setdefault(product, start)
    assert firsts == launched
    changes = len(shop["moves"]) - 2000
    mean = 2000 * 8.0 * 0.5  # eight years to as_of; two changes on one day are one
    assert abs(changes - mean) < 6 * np.sqrt(mean)


def test_what_held_at_an_instant(shop: dict[str, pa.Table]) -> None:
    prices = defaultdict(list)
    for product, start, price in zip(*columns(shop["prices"], "product_id", "valid_from", "price"), strict=True):
        prices[product].append((start, price))
    moves = defaultdict(list)
    for unit, start, city in zip(*columns(shop["moves"], UNIT, "since", "city"), strict=True):
        moves[unit].append((start, city))
    missing = 0
    for unit, ordered, city in zip(*columns(shop["orders"], UNIT, "ordered", "city"), strict=True):
        held = [c for start, c in moves[unit] if start <= ordered]
        assert city == (held[-1] if held else None)
        missing += not held
    assert missing  # orders of 2017, before the first period
    part = read(
        lines={
            "parent": "orders",
            "count": {"type": "constant", "value": 2},
            "fields": {
                "p": {"type": "reference", "to": "products.product_id", "missing": 0.2},
                "day": {"type": "date", "start": "2019-06-01", "stop": "2025-12-31"},
                "price": {"type": "as_of", "field": "prices.price", "at": "day", "by": "p"},
            },
        },
        orders=ORDERS,
        payments=yaml.safe_load(SHOP)["tables"]["moves"],
    )
    for product, day, price in zip(*columns(make(part, range(500))["lines"], "p", "day", "price"), strict=True):
        held = [] if product is None else [p for start, p in prices[product] if start <= day]
        assert price == (held[-1] if held else None)


def test_trees_keep_to_their_depth_and_fan_out(shop: dict[str, pa.Table]) -> None:
    ids, under = columns(shop["products"], "product_id", "part_of")
    depth: dict[str, int] = {}
    for key, over in zip(ids, under, strict=True):
        depth[key] = 0 if over is None else depth[over] + 1  # only earlier rows: never a cycle
    assert max(depth.values()) == 2
    assert max(Counter(o for o in under if o is not None).values()) == 3
    talk = {
        "parent": "customers",
        "count": {"type": "poisson", "mean": 20},
        "fields": {"n": {"type": "sequence"}, "answers": {"type": "under", "key": "n", "roots": 0.25}},
    }
    made = make(read(talk=talk), range(300))["talk"]
    unit, n, answers = columns(made, UNIT, "n", "answers")
    owner = dict(zip(n, unit, strict=True))
    assert all(a is None or (owner[a] == u and a < own) for u, own, a in zip(unit, n, answers, strict=True))
    later = [a is None for u, a, before in zip(unit, answers, [None, *unit], strict=False) if u == before]
    assert abs(np.mean(later) - 0.25) < 5 * np.sqrt(0.25 * 0.75 / len(later))


def test_parts_add_up_to_the_cent(shop: dict[str, pa.Table]) -> None:
    paid: dict[int, int] = defaultdict(int)
    for order, amount in zip(*columns(shop["payments"], "order_id", "amount"), strict=True):
        paid[order] += round(amount * 100)
        assert amount >= 0
    for order, total, net, tax in zip(*columns(shop["orders"], "order_id", "total", "net", "tax"), strict=True):
        assert paid[order] == round(total * 100)
        assert round(net * 100) + round(tax * 100) == round(total * 100)
    total, net = (np.array(c) for c in columns(shop["orders"], "total", "net"))
    share = (net / total)[total > 0]
    alpha = 10 * np.array([16, 4]) / 10  # Dirichlet
    spread = np.sqrt(alpha[0] * alpha[1] / (alpha.sum() ** 2 * (alpha.sum() + 1)))
    assert abs(share.mean() - 0.8) < 5 * spread / np.sqrt(len(share))
    assert abs(share.std() - spread) < 0.05 * spread


def test_one_of_several_fields_has_a_value(shop: dict[str, pa.Table]) -> None:
    there = np.array([[v is not None for v in column] for column in columns(shop["orders"], "card", "iban", "voucher")])
    assert (there.sum(axis=0) == 1).all()
    n = there.shape[1]
    for share, wanted in zip(there.mean(axis=1), (0.6, 0.3, 0.1), strict=True):
        assert abs(share - wanted) < 5 * np.sqrt(wanted * (1 - wanted) / n)


def test_one_is_at_most_the_other(shop: dict[str, pa.Table]) -> None:
    quantity, returned, discount = columns(shop["lines"], "quantity", "returned", "discount")
    assert all(0 <= r <= q and d <= q / 4 for r, q, d in zip(returned, quantity, discount, strict=True))
    assert {(q, r) for q, r in zip(quantity, returned, strict=True)} == {
        (q, r) for q in (1, 2, 3) for r in range(q + 1)
    }


def test_states_follow_one_another(shop: dict[str, pa.Table]) -> None:
    order, status = columns(shop["payments"], "order_id", "status")
    pairs = Counter((a, b) for a, b, x, y in zip(status, status[1:], order, order[1:], strict=False) if x == y)
    assert all(s == "sent" for s, o, before in zip(status, order, [None, *order], strict=False) if o != before)
    assert set(pairs) == {("sent", "ok"), ("sent", "failed"), ("failed", "sent"), ("ok", "ok")}
    n = pairs["sent", "ok"] + pairs["sent", "failed"]
    assert abs(pairs["sent", "ok"] / n - 0.75) < 5 * np.sqrt(0.75 * 0.25 / n)


def test_today_is_the_day_of_the_recipe(shop: dict[str, pa.Table]) -> None:
    for born, age in zip(*columns(shop["customers"], "born", "age"), strict=True):
        assert age == 2025 - born.year or (age == 2026 - born.year and (born.month, born.day) == (1, 1))


def test_sequences_of_children_keep_as_many_numbers_as_there_may_be(shop: dict[str, pa.Table]) -> None:
    unit, number = columns(shop["orders"], UNIT, "order_id")
    assert all(u == (n - 1) // 5 for u, n in zip(unit, number, strict=True))
    fixed = {
        "parent": "customers",
        "count": {"type": "constant", "value": 3},
        "fields": {"n": {"type": "sequence", "start": 10}},
    }
    assert make(read(fixed=fixed), range(4))["fixed"]["n"].to_pylist() == list(range(10, 22))


def test_sequences_with_a_stated_room() -> None:
    said = {
        "parent": "customers",
        "count": {"type": "poisson", "mean": "age / 10.0"},
        "fields": {"n": {"type": "sequence", "per_unit": 100}, "m": {"type": "sequence"}},
    }
    unit, n, m = columns(make(read(free=said), range(300))["free"], UNIT, "n", "m")
    assert [u * 100 + 1 for u in unit] <= n
    assert all(u == (a - 1) // 100 == (b - 1) // 2**24 for u, a, b in zip(unit, n, m, strict=True))
    said["count"] = {"type": "poisson", "mean": 3}
    unit, m = columns(make(read(free=said), range(300))["free"], UNIT, "m")
    room = (m[-1] - 1) // unit[-1]
    assert 15 < room < 60  # as many as a word can give
    assert len(set(m)) == len(m)
    said["fields"]["n"]["per_unit"] = 4
    with pytest.raises(
        RequestError, match=r"SD-RECORDS-040 at parts\.shop\.tables\.free\.fields\.n: row 4 of 'free' in unit"
    ):
        make(read(free=said), range(300))


def test_missing_by_its_own_value_and_together() -> None:
    fields = {
        "income": {
            "type": "lognormal",
            "median": 100,
            "spread": 1,
            "missing": {"share": "if income > 200 then 0.9 else 0.0"},
        },
        "a": {"type": "uniform", "low": 0, "high": 1, "missing": {"share": 0.3, "together": "form"}},
        "b": {"type": "uniform", "low": 0, "high": 1, "missing": {"share": 0.3, "together": "form"}},
        "c": {"type": "uniform", "low": 0, "high": 1, "missing": 0.3},
    }
    rows = make(RecordsPart.model_validate({"units": 9000, "tables": {"t": {"fields": fields}}}), range(9000))["t"]
    income = rows["income"]
    assert abs(income.null_count / 9000 - 0.9 * 0.244) < 0.02
    assert sum(v is not None and v > 200 for v in income.to_pylist()) > 100
    a, b, c = ([v is None for v in column] for column in columns(rows, "a", "b", "c"))
    assert a == b
    assert abs(np.mean(a) - 0.3) < 0.025
    assert abs(np.mean(np.array(a) & np.array(c)) - 0.09) < 0.015


FIXED = {"rows": 3, "fields": {"k": {"type": "sequence"}, "w": {"type": "listed", "values": [1, 2, 3]}, "t": ["x"]}}
CHILD = {"parent": "t", "count": {"type": "integer", "low": 1, "high": 3}}


def field(said: Any, **more: Any) -> dict[str, Any]:
    return {
        "t": {
            "fields": {
                "k": {"type": "sequence"},
                "d": {"type": "date", "start": "2020-01-01", "stop": "2021-01-01"},
                "x": said,
                **more,
            }
        },
        "f": FIXED,
    }


def child(said: Any, **more: Any) -> dict[str, Any]:
    return {
        "t": {"fields": {"k": {"type": "sequence"}, "name": ["x"]}},
        "f": FIXED,
        "c": {**CHILD, "fields": {"x": said}, **more},
    }


HISTORY = {"parent": "t", "history": {"start": "date('2020-01-01')", "per_year": 1}, "fields": {"v": 1}}
FAULTS: list[tuple[str, str, dict[str, Any]]] = [
    ("SD-RECORDS-019", "t.fields.x", field({"type": "reference", "to": "f.t"})),
    ("SD-RECORDS-019", "t.fields.x", field({"type": "reference", "to": "k", "weight": "k"})),
    ("SD-RECORDS-019", "t.fields.x", field({"type": "reference", "to": "f.k", "distinct": True})),
    ("SD-RECORDS-019", "t.fields.x", field({"type": "reference", "to": "f.k", "earlier": True})),
    ("SD-RECORDS-019", "f.fields.x", {"t": {"fields": {"k": {"type": "sequence"}}}, "f": {"rows": 2, "fields": {"x": {"type": "reference", "to": "t.k"}}}}),
    ("SD-RECORDS-020", "t.fields.x.to", field({"type": "reference", "to": "g.k"})),
    ("SD-RECORDS-021", "t.fields.x", field({"type": "valid_from"})),
    ("SD-RECORDS-022", "c.fields.x", child({"type": "reference", "to": "f.k", "distinct": True}, count={"type": "integer", "low": 0, "high": 4})),
    ("SD-RECORDS-022", "c.fields.x", child({"type": "reference", "to": "f.k", "distinct": True}, count={"type": "poisson", "mean": 1})),
    ("SD-RECORDS-023", "t.fields.x.by", field({"type": "referred", "by": "k", "field": "w"})),
    ("SD-RECORDS-024", "t.fields.y.field", {**field({"type": "reference", "to": "k"}, y={"type": "referred", "by": "x", "field": "n"}, n="= count(c)"), "c": {**CHILD, "fields": {"a": 1}}}),
    ("SD-RECORDS-025", "t.fields.x", field({"type": "under", "key": "k"})),
    ("SD-RECORDS-026", "t.fields.x.field", field({"type": "as_of", "field": "f.w", "at": "d"})),
    ("SD-RECORDS-027", "t.fields.x", field({"type": "piece", "of": "k"})),
    ("SD-RECORDS-029", "t.fields.x", field({"type": "listed", "values": [1]})),
    ("SD-RECORDS-030", "t.fields.x", field({"type": "sequence", "step": 2**60})),
    ("SD-RECORDS-033", "t.fields.x.by", {**field({"type": "as_of", "field": "h.v", "at": "d", "by": "k"}), "h": {**HISTORY, "parent": "f"}}),
    ("SD-RECORDS-034", "t.fields.x.by", {**field({"type": "as_of", "field": "h.v", "at": "d", "by": "r"}, r={"type": "reference", "to": "k"}), "h": HISTORY}),
    ("SD-RECORDS-035", "c.fields.x.key", child({"type": "under", "key": "y"}, fields={"y": ["a"], "x": {"type": "under", "key": "y"}})),
    ("SD-RECORDS-036", "t.fields.x.field", {**field({"type": "as_of", "field": "h.v", "at": "d"}), "h": {**HISTORY, "parent": "f"}}),
    ("SD-RECORDS-008", "t.fields.x.at", {**field({"type": "as_of", "field": "h.v", "at": "k"}), "h": HISTORY}),
    ("SD-RECORDS-008", "t.fields.x.weight", field({"type": "reference", "to": "f.k", "weight": "t"})),
    ("SD-RECORDS-037", "t.fields.x", field({"type": "split", "of": "k"})),
    ("SD-RECORDS-008", "c.fields.x.of", child({"type": "split", "of": "name"})),
    ("SD-RECORDS-038", "t.fields.x", field({"type": "states", "start": {"a": 1}, "moves": {}})),
    ("SD-RECORDS-001", "c.fields.x", child({"type": "states", "start": {"a": -1}, "moves": {}})),
    ("SD-RECORDS-001", "t.one_of.0", {"t": {"fields": {"a": 1, "b": 2}, "one_of": [{"fields": ["a", "b"], "weights": [1]}]}}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "where", "tables"), FAULTS, ids=[f"{c}-{i}" for i, (c, _, _) in enumerate(FAULTS)])
def test_what_cannot_be_made_is_refused_before(code: str, where: str, tables: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        make(RecordsPart.model_validate({"units": 9, "tables": tables}), range(9))
    assert (code, f"parts.tables.{where}") in [(p.code, p.where) for p in caught.value.problems], str(caught.value)


def test_rows_that_cannot_be_rejected_must_keep_the_rules() -> None:
    tables = {"t": {"fields": {"k": 1}}, "f": {**FIXED, "rules": ["w < 3"]}}
    with pytest.raises(RequestError, match=r"SD-RECORDS-031 at parts\.tables\.f\.rules\.0.*row 2"):
        make(RecordsPart.model_validate({"units": 1, "tables": tables}), range(1))
    said = field({"type": "reference", "to": "f.k", "weight": "w"})
    said["f"] = {"rows": 2, "fields": {"k": {"type": "sequence"}, "w": {"type": "listed", "values": [1, -1]}}}
    with pytest.raises(RequestError, match=r"SD-RECORDS-032 at parts\.tables\.t\.fields\.x\.weight"):
        make(RecordsPart.model_validate({"units": 1, "tables": said}), range(1))


def test_amounts_too_large_to_split() -> None:
    tables = {
        "t": {"fields": {"total": {"type": "constant", "value": 1e15}}},
        "c": {**CHILD, "fields": {"x": {"type": "split", "of": "total"}}},
    }
    with pytest.raises(RequestError, match=r"SD-RECORDS-028 at parts\.shop\.tables\.c\.fields\.x"):
        make(RecordsPart.model_validate({"units": 1, "tables": tables}), range(1))


def test_a_row_that_fails_is_named_by_its_unit() -> None:
    said: dict[str, Any] = {
        "t": {"fields": {"n": {"type": "sequence", "start": 0}, "m": "= n", "x": "= 1 / (m - 1007)"}},
    }
    part = RecordsPart.model_validate({"units": 1100, "tables": said})
    with pytest.raises(RequestError, match=r"at parts\.shop\.tables\.t\.fields\.x: .* in unit 1007, where m = 1007"):
        make(part, range(1000, 1010))
    said["t"]["fields"]["x"] = {"type": "normal", "mean": 0, "sd": "1008.0 - m"}
    with pytest.raises(RequestError, match=r"SD-RECORDS-009 at parts\.shop\.tables\.t\.fields\.x: .*, in unit 1008"):
        make(RecordsPart.model_validate({"units": 1100, "tables": said}), range(1000, 1010))
    said["t"]["fields"]["x"] = {
        "type": "conditional",
        "given": "odd",
        "cases": {"true": {"type": "poisson", "mean": "1006.0 - m"}, "false": 1},
    }
    said["t"]["fields"]["odd"] = "= m % 2 = 1"
    with pytest.raises(RequestError, match=r"SD-RECORDS-009 .*, in unit 1007"):
        make(RecordsPart.model_validate({"units": 1100, "tables": said}), range(1000, 1010))
    said["t"]["fields"]["x"] = 1
    said["c"] = {
        "parent": "t",
        "count": {"type": "constant", "value": 3},
        "fields": {"m": {"type": "parent", "field": "m"}, "y": "= 1 / (m - 1001 + row_number() - 2)"},
    }
    with pytest.raises(RequestError, match=r"in row 1 of 'c' in unit 1001"):
        make(RecordsPart.model_validate({"units": 1100, "tables": said}), range(1001, 1003))
