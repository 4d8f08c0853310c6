"""Records by rule: the plan of a part, run for the units of a shard.

A unit is a row of the first table with all rows that hang on it. Every value depends on (recipe, key, unit, number within
the unit) alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.core.notes import Note, Noted, Rejected, Remark
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import UNIT, Tables
from sundog.kinds.records._compile import compile_part, find_locales
from sundog.kinds.records._events import TIMES
from sundog.kinds.records._origins import find_dependence, list_spends, trace_origins, uses_lists
from sundog.kinds.records._rows import Built, make_child_rows, make_root_rows
from sundog.kinds.records._session import Plan, Step
from sundog.kinds.records.recipe import RecordsPart
from sundog.lib.words.locales import note_locale


@dataclass(frozen=True, slots=True)
class RecordsModel:
    """What sampling needs: the part itself, which says everything.

    Attributes:
        part: the recipe of the part as JSON.
    """

    part: str


@dataclass(frozen=True, slots=True)
class RecordsSynthesizer:
    """Implements ``core.protocols.Synthesizer``."""

    @property
    def model_type(self) -> type[RecordsModel]:
        """What ``prepare`` gives."""
        return RecordsModel

    def schemas(self, part: RecordsPart, model: RecordsModel) -> Mapping[str, pa.Schema]:
        """One table for each of the recipe."""
        return compile_part(part).schemas

    def prepare(self, part: RecordsPart, source: Source | None, key: Key, scratch: Path) -> Noted[RecordsModel]:
        """Compile the part once, so that every fault is found before a row is made.

        Raises:
            RequestError: with every fault.
        """
        compile_part(part)
        notes: list[Note] = [Remark("dimension/privacy risk", text) for text in say_what_was_read(part)]
        origins = trace_origins(part)
        said = "; ".join(dict.fromkeys(origin.text for origin in origins))
        notes.append(Remark("dimension/source", f"Its parameters come from: {said}."))
        notes += [*find_dependence(part), *list_spends(part), *origins]
        notes += [note_locale(name) for name in find_locales(part).names if uses_lists(part)]
        return Noted(RecordsModel(part.model_dump_json()), tuple(notes))

    @contextmanager
    def open(self, model: RecordsModel) -> Iterator[RecordsSampler]:
        """Compile the plan."""
        yield RecordsSampler(compile_part(RecordsPart.model_validate_json(model.part)))


@dataclass(frozen=True, slots=True)
class RecordsSampler:
    """Implements ``core.protocols.Sampler``."""

    plan: Plan

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        """The tables of the shard's units; a unit that breaks a rule is rejected with the rule as the reason."""
        tables: dict[str, Built] = {}
        for step in self.plan.steps:
            _make(step, self.plan, shard.key, shard.units, tables)
        rejects = []
        for rule in self.plan.rules:
            table = tables[rule.table]
            holds = rule.program.make(shard.key, table, tables).fill_null(False).to_numpy(zero_copy_only=False)
            broken = np.unique(table.rows.units[~holds.astype(np.bool_)])
            rejects += [Rejected(int(unit), f"rule of {rule.table}: {rule.text}") for unit in broken]
        return Noted({name: self._as_batch(name, tables[name]) for name in self.plan.schemas}, tuple(rejects))

    def _as_batch(self, name: str, table: Built) -> pa.RecordBatch:
        schema = self.plan.schemas[name]
        columns = [table.columns[n] for n in schema.names]
        if self.plan.parents[name] is not None:
            schema = pa.schema([pa.field(UNIT, pa.uint64(), nullable=False), *schema])
            columns = [pa.array(table.rows.units), *columns]
        return pa.RecordBatch.from_arrays(columns, schema=schema)


def say_what_was_read(part: RecordsPart) -> tuple[str, ...]:
    """What this part knows of real records: nothing, noisy answers, or exact statistics; one sentence each."""
    if not part.read:
        return ("No record was read: what is written follows from the recipe and the seed alone.",)
    said = []
    for found in part.read:
        if found.mode == "exact":
            said.append(
                f"Parameters of {found.table} are exact statistics of {found.source}; groups of fewer than "
                f"{found.least_rows} rows were left out, which guarantees nothing."
            )
        else:
            delta = f", delta {found.delta:.3g}" if found.delta else ""
            said.append(
                f"Parameters of {found.table} are {len(found.ledger)} differentially private answers about {found.source}: "
                f"epsilon {found.epsilon:.6g}{delta}, hiding: {found.unit}."
            )
    return (*said, "This run itself read no record: what is written follows from the recipe and the seed.")


def _make(step: Step, plan: Plan, key: Key, units: range, tables: dict[str, Built]) -> None:
    own = key.child(step.table)
    if step.column is not None:
        table = tables[step.table]
        table.columns[step.field] = step.column.make(own.child("fields").child(step.field), table, tables)
        return
    if step.events is not None:
        parent = tables[str(plan.parents[step.table])]
        number, times = step.events.draw(own.child("events"), parent)
        tables[step.table] = Built(own, make_child_rows(parent.rows, number), shared={TIMES: times})
        return
    if step.count is None:
        tables[step.table] = Built(own, make_root_rows(units))
        return
    parent = tables[str(plan.parents[step.table])]
    counts = step.count.drawn.draw(parent.rows.draw(own.child("count")), parent.columns)
    numbers = counts.fill_null(0).to_numpy(zero_copy_only=False)
    tables[step.table] = Built(own, make_child_rows(parent.rows, numbers.astype(np.int64)))
