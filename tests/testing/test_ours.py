"""Every extension that this environment has keeps the contract of its group; so do the toy kinds of the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml

from sundog.core.extension import Extension, installed
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Part, Recipe, SourceSpec
from sundog.core.tables import UNIT, with_meaning
from sundog.lib.texts.shapes import messages_field
from sundog.testing import Example, NamedCheck, announcement, engine_suite, list_checks
from sundog.testing.evidence import MemoryEvidence

ONCE = [*(ask.__name__ for ask in announcement.QUESTIONS), "the_road_gives_the_same_data"]
ENGINE = [ask.__name__ for ask in engine_suite.QUESTIONS]
GROUPS = ("sundog.kinds", "sundog.checks", "sundog.exporters", "sundog.sinks", "sundog.sources", "sundog.engines")
CSV = "age,sex,income,day\n" + "".join(
    f"{20 + i * 7 % 60},{'FM'[i % 3 == 0]},{(i * 37 % 900) / 4},2024-0{i % 9 + 1}-11\n" for i in range(600)
)

RECORDS = """
kind: records
units: 64
locale: {en_US: .5, fr_FR: .5}
tables:
  goods:
    rows: 12
    fields:
      sku: {type: unique, pattern: "G-###"}
      weight: {type: pareto, alpha: 2, minimum: 1}
      price: {type: gamma, shape: 2, mean: 30, decimals: 2}
  prices:
    parent: goods
    history: {start: "date('2020-01-01')", per_year: 1}
    fields:
      since: {type: valid_from}
      price: {type: gamma, shape: 2, mean: 30, decimals: 2}
  customers:
    fields:
      code: {type: unique, pattern: "AAAA-########"}
      email: {type: person, part: email, unique: true}
      name: {type: person, part: name}
      city: {type: place, part: city, missing: .1}
      age: {type: normal, mean: 40, sd: 9, decimals: 0}
      since: {type: timestamp, start: 2020-01-01 00:00:00, stop: 2026-01-01 00:00:00}
      spent: = sum(orders.amount)
  orders:
    parent: customers
    count: {type: poisson, mean: "age / 20"}
    fields:
      code: {type: parent, field: code}
      day: {type: date, start: 2021-01-01, stop: 2025-12-31}
      sku: {type: reference, to: goods.sku, weight: weight, distinct: true}
      amount: {type: as_of, field: prices.price, at: day, by: sku}
      balance: = running_sum(amount)
    rules: [amount < 150]
"""


FLEET = """
kind: records
units: 64
tables:
  devices:
    fields:
      device: {type: sequence}
      since: {type: date, start: 2024-01-01, stop: 2024-01-03}
      taken: = count(readings)
  readings:
    parent: devices
    stream:
      start: since
      stop: 2024-01-04
      every: 1h
      stagger: true
      rows: deliveries
      channels:
        warmth:
          level: 20 + device / 10
          spread: 1
          cycles: [{period: day, amplitude: 3, peak: 15h}]
          noise: [{sd: 1, memory: {1h: .9, 1d: .3}}, {walk: .1}]
          events: [{per_day: 1, hours: {type: exponential, mean: 3}, size: 4, shape: hump}]
          sensor: {lag: 2h, offset_spread: .1, drift: .1, noise: .1, resolution: .1}
          faults:
            stuck: {share: .05, hours: {type: exponential, mean: 5}}
            bias: {share: .05, hours: 4, size: 3}
      battery: {capacity: 3, each: .05, spread: .2}
      network: {jitter: 2h, twice: .1, lost: .1, outages: {share: .1, lasts: 4h}, clock: {skew: 50, offset: 1s}}
    fields:
      time: {type: sample_time}
      arrived: {type: arrival}
      warmth: {type: reading, channel: warmth}
      volts: {type: battery}
      fault: {type: fault, channel: warmth, form: list}
      change: = warmth - previous(warmth)
  faults:
    parent: devices
    faults_of: readings
    fields:
      kind: {type: planted, part: kind}
      start: {type: planted, part: start}
"""


def people(seed: int, rows: int) -> pa.Table:
    draw = Key.root(seed).uniform(range(rows))
    age = (18 + 60 * draw[:, 0]).astype(np.int64)
    table = pa.table(
        {
            "age": age,
            "income": np.round(age * 50 + 900 * draw[:, 1], 2),
            "sex": pa.array(np.where(draw[:, 2] < 0.5, "F", "M")),
            "happy": draw[:, 3] + age / 100 < 1,
        }
    )
    return table.cast(
        pa.schema(
            [
                with_meaning(f, "category" if f.name == "sex" else "boolean" if f.name == "happy" else "number")
                for f in table.schema
            ]
        )
    )


def make_examples(folder: Path) -> dict[str, list[Example]]:
    """What each extension is tried on, by kind."""
    from sundog_toy.recipe import NotePart, SayingPart, ShopPart

    from sundog.kinds.records.recipe import RecordsPart
    from sundog.kinds.tables.recipe import TablesPart

    path = folder / "people.csv"
    path.write_text(CSV)
    learned = TablesPart(source=SourceSpec(path=str(path)), units=64, method="forest", target="sex")
    shop = ShopPart(units=64, odd=0.2, secret=0.1, codes=100)
    given = pa.record_batch({UNIT: pa.array(np.repeat(np.arange(64), 2), pa.uint64()), "x": np.arange(128)})
    evidence = MemoryEvidence(
        Recipe.model_construct(name="trial", parts={"people": learned}, seed=0),
        learned,
        "people",
        "quick",
        {"rows": people(1, 400)},
        people(2, 400),
        people(3, 200),
    )
    toys = MemoryEvidence(
        Recipe.model_construct(name="trial", parts={"people": shop}, seed=0), shop, "people", "quick", shop_tables()
    )
    found = {
        kind: [Example(evidence=toys if kind.startswith("toy_") else evidence)] for kind in installed("sundog.checks")
    }
    records = RecordsPart.model_validate(yaml.safe_load(RECORDS))
    rows = {
        "goods": pa.table({"sku": ["x", "y"]}),
        "customers": pa.table({"code": ["a", "b", "c"], "email": ["a@", "b@", "c@"], "spent": [1.0, 2.0, 3.0]}),
        "orders": pa.table({"code": ["a", "a", "c"], "sku": ["x", "y", "x"], "amount": [1.0, 2.0, 3.0]}),
    }
    ruled = MemoryEvidence(
        Recipe.model_construct(name="trial", parts={"shop": records}, seed=0), records, "shop", "quick", rows
    )
    found["keys"] = [Example(evidence=ruled)]
    found["sums"] = [Example(evidence=make_sums())]
    found["streams"] = [Example(evidence=watch_fleet())]
    found["tables"] = [Example(part=learned), Example(part=learned.model_copy(update={"method": "trees"}))]
    found["records"] = [Example(part=records), Example(part=RecordsPart.model_validate(yaml.safe_load(FLEET)))]
    found["shop"] = [Example(part=shop), Example(part=ShopPart(of="people"), given={"rows": given})]
    found["saying"] = [
        Example(part=SayingPart(units=64, texts=("Room # is free.", "All rooms are taken.", "Sorry, room #!")))
    ]
    found["note"] = [
        Example(part=NotePart(units=9, blank=0.3)),
        Example(part=NotePart(of="people"), given={"rows": given}),
    ]
    from sundog.kinds.text.recipe import TextPart

    found["text"] = [Example(part=TextPart.model_validate({"units": 64, "task": {"type": "reasoning"}}))]
    chats = {"talk": {"items": chat_table()}}
    found |= {kind: [Example(tables=chats)] for kind in ("messages", "sharegpt", "alpaca", "trl", "plain")}
    found["file"] = [Example(target="{folder}/rows.jsonl")]
    found["files"] = [Example(source=SourceSpec(path=str(path)))]
    return found


def chat_table() -> pa.Table:
    turns = [
        [{"role": "user", "content": f"What is {i} + 1?"}, {"role": "assistant", "content": f"It is {i + 1}."}]
        for i in range(5)
    ]
    return pa.table([turns], schema=pa.schema([messages_field("messages", "a chat")]))


def watch_fleet() -> MemoryEvidence:
    from sundog.kinds.records._compile import compile_part
    from sundog.kinds.records.recipe import RecordsPart
    from sundog.kinds.records.synthesize import RecordsSampler

    said = yaml.safe_load(FLEET)
    said["tables"]["readings"]["fields"] |= {"device": {"type": "parent", "field": "device"}}
    part = RecordsPart.model_validate(said)
    made = RecordsSampler(compile_part(part)).sample(Shard("fleet", 0, range(9), Key.root(1)), {}).value
    rows = {n: pa.table(b.drop_columns([c for c in b.schema.names if c == UNIT])) for n, b in made.items()}
    return MemoryEvidence(
        Recipe.model_construct(name="trial", parts={"fleet": part}, seed=0), part, "fleet", "quick", rows
    )


def make_sums() -> MemoryEvidence:
    """An amount and its pieces, one of which is a cent too large."""
    from sundog.kinds.records.recipe import RecordsPart

    piece = {"type": "piece", "of": "total"}
    fields = {"total": {"type": "uniform", "low": 0, "high": 9, "decimals": 2}, "net": piece, "tax": piece}
    part = RecordsPart.model_validate({"units": 2, "tables": {"bills": {"fields": fields}}})
    rows = {"bills": pa.table({"total": [5.0, 3.0], "net": [4.0, 2.5], "tax": [1.0, 0.51]})}
    recipe = Recipe.model_construct(name="trial", parts={"shop": part}, seed=0)
    return MemoryEvidence(recipe, part, "shop", "quick", rows)


def shop_tables() -> dict[str, pa.Table]:
    from sundog_toy.synthesize import CUSTOMERS, GIFTS, ORDERS

    n = 60
    customers = pa.table([range(n), range(n), np.arange(n) / n, ["x"] * n], schema=CUSTOMERS)
    orders = pa.table([range(n), np.ones(n)], schema=ORDERS)
    return {"customers": customers, "gifts": pa.table([range(n)], schema=GIFTS), "orders": orders}


EXAMPLES = {"tables": 2, "records": 2, "shop": 2, "note": 2}
"""How many examples a kind has, where it is not one."""


def cases() -> list[Any]:
    """One case for each question to each extension and example; the examples themselves are made when they are asked."""
    found = []
    for group in GROUPS:
        for kind, extension in installed(group).items():
            assert isinstance(extension, Extension), f"{kind} is broken"
            stand_in = Example(part=Part.model_construct(kind=kind, units=1), source=SourceSpec(path="x"))
            for number in range(EXAMPLES.get(kind, 1)):
                for check in list_checks(extension, stand_in):
                    if number and check.name in ONCE:
                        continue
                    marks = [pytest.mark.slow] if kind == "ray" and check.name in ENGINE else []
                    found.append(pytest.param(group, kind, number, check.name, id=f"{check}-{number}", marks=marks))
    return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, int, str], NamedCheck]:
    examples = make_examples(tmp_path_factory.mktemp("examples"))
    found = {}
    for group in GROUPS:
        for kind, extension in installed(group).items():
            assert isinstance(extension, Extension)
            for number, example in enumerate(examples.get(kind, [Example()])):
                assert len(examples.get(kind, [0])) == EXAMPLES.get(kind, 1)
                for check in list_checks(extension, example):
                    found[group, kind, number, check.name] = check
    return found


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("group", "kind", "number", "name"), cases())
def test_conformance(
    asked: dict[tuple[str, str, int, str], NamedCheck], group: str, kind: str, number: int, name: str
) -> None:
    asked[group, kind, number, name]()
