"""The kind ``saying``: a text a unit, whose duplicates are taken out by the selection of texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.notes import Noted, Rejected
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text.checks_duplicates import rules_of
from sundog.kinds.text.cost_remark import Cost, write_cost
from sundog.lib.texts.columns import read_texts
from sundog.lib.texts.duplicates import DuplicateRules, select_duplicates, sketch_texts
from sundog.lib.texts.shapes import text_field
from sundog_toy.recipe import SayingPart

SCHEMA = pa.schema([text_field("text", "what is said")])


@dataclass(frozen=True, slots=True)
class SayingModel:
    """What is said."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SayingSynthesizer:
    """Implements ``core.protocols.Synthesizer`` and ``Selection``."""

    @property
    def model_type(self) -> type[SayingModel]:
        return SayingModel

    def schemas(self, part: SayingPart, model: SayingModel) -> Mapping[str, pa.Schema]:
        return {"items": SCHEMA}

    def prepare(self, part: SayingPart, source: Source | None, key: Key, scratch: Path) -> Noted[SayingModel]:
        return Noted(SayingModel(part.texts))

    @contextmanager
    def open(self, model: SayingModel) -> Iterator[SayingSampler]:
        yield SayingSampler(model)

    def sketch(self, units: range, tables: Tables) -> pa.RecordBatch:
        batch = tables["items"]
        return sketch_texts(batch.column(UNIT).to_numpy(), read_texts(batch, ["text"]), DuplicateRules())

    def select(self, part: SayingPart, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        for unit, reason, earlier in select_duplicates(sketches, rules_of(part.duplicates)):
            yield Rejected(unit, reason, f"the same as unit {earlier}")


@dataclass(frozen=True, slots=True)
class SayingSampler:
    """Implements ``core.protocols.Sampler``."""

    model: SayingModel

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        texts = self.model.texts
        said = [texts[u % len(texts)].replace("#", f"{u}{shard.key.lo % 997}") for u in shard.units]
        cost = Cost(len(said), 10 * len(said), sum(map(len, said)), 0.001 * len(said))
        return Noted({"items": pa.record_batch([said], schema=SCHEMA)}, (write_cost(shard.units, cost),))
