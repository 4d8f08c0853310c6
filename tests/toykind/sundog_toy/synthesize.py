"""The kind ``shop``: one customer a unit, none to three orders each, and a table that is mostly empty."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.notes import Noted, Rejected, Remark, Used
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import UNIT, Tables, with_meaning
from sundog_toy.recipe import ShopPart

CUSTOMERS = pa.schema(
    [
        with_meaning(pa.field("number", pa.int64()), "identifier"),
        pa.field("code", pa.int32()),
        pa.field("spend", pa.float64()),
        pa.field("name", pa.string()),
    ]
)
ORDERS = pa.schema([pa.field("number", pa.int64()), pa.field("total", pa.float64())])
GIFTS = pa.schema([pa.field("number", pa.int64())])


@dataclass(frozen=True, slots=True)
class ShopModel:
    """What sampling needs.

    Attributes:
        names: texts to draw from.
        prices: float64 (n,), what orders are worth.
    """

    names: tuple[str, ...]
    prices: np.ndarray
    odd: float
    secret: float
    codes: int
    slow: float
    fault: str
    unit: int
    flag: str


@dataclass(frozen=True, slots=True)
class ShopSynthesizer:
    """Implements ``core.protocols.Synthesizer`` and ``core.protocols.Selection``."""

    @property
    def model_type(self) -> type[ShopModel]:
        return ShopModel

    def schemas(self, part: ShopPart, model: ShopModel) -> Mapping[str, pa.Schema]:
        return {"customers": CUSTOMERS, "orders": ORDERS, "gifts": GIFTS}

    def prepare(self, part: ShopPart, source: Source | None, key: Key, scratch: Path) -> Noted[ShopModel]:
        if part.trouble.fault == "prepare":
            raise ZeroDivisionError("this kind cannot count")
        time.sleep(part.slow_start)
        calls = scratch / "calls"  # a checkpoint
        with calls.open("a") as stream:
            stream.write("x")
        time.sleep(part.slow_prepare)
        names: tuple[str, ...] = ("ann", "bob", "=cleo", 'd"ave')
        if source is not None:
            names = tuple(str(v) for b in source.scan(["name"]) for v in b.column(0).to_pylist())
        prices = np.sort(key.generator().uniform(1, 50, 16).round(2))
        t = part.trouble
        model = ShopModel(names, prices, part.odd, part.secret, part.codes, part.slow, t.fault, t.unit, t.flag)
        return Noted(model, (Used("prices", "0" * 64, "CC0-1.0"), Remark("prices", "drawn, not observed")))

    @contextmanager
    def open(self, model: ShopModel) -> Iterator[ShopSampler]:
        yield ShopSampler(model)

    def sketch(self, units: range, tables: Tables) -> pa.RecordBatch:
        customers = tables["customers"]
        return pa.record_batch({UNIT: customers.column(UNIT), "code": customers.column("code")})

    def select(self, part: ShopPart, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        if part.codes == 0:
            return
        seen: set[int] = set()
        for batch in sketches:
            for unit, code in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True):
                if code in seen:
                    yield Rejected(unit, "duplicate", f"code {code} was there before")
                seen.add(code)


@dataclass(frozen=True, slots=True)
class ShopSampler:
    """Implements ``core.protocols.Sampler``."""

    model: ShopModel

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        model, units, key = self.model, shard.units, shard.key
        time.sleep(model.slow)
        self._fail(units)
        words = key.child("customer").words(units)
        chance = key.child("reject").uniform(units)
        number = np.arange(units.start, units.stop)
        code = (words[:, 0] % np.uint64(model.codes or 1 << 30)).astype(np.int32)
        count = (words[:, 1] % np.uint64(4)).astype(np.int64)
        price = (words[:, 2] % np.uint64(len(model.prices))).astype(np.int64)
        known = _known(given, units)
        owner = np.repeat(number, count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        totals = model.prices[(np.repeat(price, count) + within) % len(model.prices)] + np.repeat(known, count)
        names = [model.names[int(w) % len(model.names)] for w in words[:, 3]]
        gifts = number[(words[:, 1] >> np.uint64(8)) % np.uint64(7) == 0]
        tables = {
            "customers": pa.record_batch([number, code, chance[:, 2] + known, pa.array(names)], schema=CUSTOMERS),
            "orders": _with_units(pa.record_batch([owner, totals], schema=ORDERS), owner),
            "gifts": _with_units(pa.record_batch([gifts], schema=GIFTS), gifts),
        }
        odd = chance[:, 0] < model.odd
        secret = ~odd & (chance[:, 1] < model.secret)
        rejects = [Rejected(int(u), "odd", f"unit {u} is odd") for u in number[odd]]
        rejects += [Rejected(int(u), "secret", "", keep=False) for u in number[secret]]
        return Noted(tables, tuple(rejects))

    def _fail(self, units: range) -> None:
        model = self.model
        if model.unit not in units or not model.fault:
            return
        if model.fault == "raise":
            raise ZeroDivisionError("this kind cannot divide")
        if model.fault == "memory":
            raise MemoryError
        if model.fault == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), model.flag)
        if model.fault == "die" or (model.fault == "die_once" and not Path(model.flag).exists()):
            if model.flag:
                Path(model.flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)


def _with_units(batch: pa.RecordBatch, units: np.ndarray) -> pa.RecordBatch:
    return batch.append_column(UNIT, pa.array(units.astype(np.uint64)))


def _known(given: Tables, units: range) -> np.ndarray:
    """How many given rows each unit has: float64 (units,)."""
    total = np.zeros(len(units))
    for batch in given.values():
        at = batch.column(UNIT).to_numpy().astype(np.int64) - units.start
        total += np.bincount(at, minlength=len(units))
    return total
