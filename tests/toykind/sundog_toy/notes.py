"""The kind ``note``: one row a unit, which says what it was given. No selection, no ``_unit`` column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.notes import Noted, Rejected
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import UNIT, Tables
from sundog_toy.recipe import NotePart

SCHEMA = pa.schema([pa.field("text", pa.string()), pa.field("draw", pa.uint64())])


@dataclass(frozen=True, slots=True)
class NoteModel:
    """Nothing to learn."""

    blank: float


@dataclass(frozen=True, slots=True)
class NoteSynthesizer:
    """Implements ``core.protocols.Synthesizer``."""

    @property
    def model_type(self) -> type[NoteModel]:
        return NoteModel

    def schemas(self, part: NotePart, model: NoteModel) -> Mapping[str, pa.Schema]:
        return {"notes": SCHEMA}

    def prepare(self, part: NotePart, source: Source | None, key: Key, scratch: Path) -> Noted[NoteModel]:
        return Noted(NoteModel(part.blank))

    @contextmanager
    def open(self, model: NoteModel) -> Iterator[NoteSampler]:
        yield NoteSampler(model)


@dataclass(frozen=True, slots=True)
class NoteSampler:
    """Implements ``core.protocols.Sampler``."""

    model: NoteModel

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        said: list[list[str]] = [[] for _ in shard.units]
        for table, batch in sorted(given.items()):
            for row in batch.to_pylist():
                unit = row.pop(UNIT)
                said[unit - shard.units.start].append(f"{table}{sorted(row.items())}")
        draws = shard.key.child("draw").words(shard.units)
        blank = shard.key.child("blank").uniform(shard.units)[:, 0] < self.model.blank
        batch = pa.record_batch([pa.array(["; ".join(s) for s in said]), draws[:, 0]], schema=SCHEMA)
        rejects = tuple(Rejected(int(u), "blank") for u in np.flatnonzero(blank) + shard.units.start)
        return Noted({"notes": batch}, rejects)
