"""Records by rule: the plan of a part, run for the units of a shard.

A unit is a row of the first table with all rows that hang on it. Every value depends on (recipe, key, unit, number within
the unit) alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.notes import Note, Noted, Rejected, Remark
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.recipe import tell_wrong
from sundog.core.tables import UNIT, Tables
from sundog.kinds.records._compile import compile_part, find_locales
from sundog.kinds.records._make import find_broken, make_standing, make_step, open_standing, select_written
from sundog.kinds.records._origins import find_dependence, list_spends, trace_origins, uses_lists
from sundog.kinds.records._rows import Built
from sundog.kinds.records._session import Plan
from sundog.kinds.records._sizes import find_most_units
from sundog.kinds.records.fields_words import ParentField
from sundog.kinds.records.recipe import RecordsPart
from sundog.lib.words.locales import note_locale


@dataclass(frozen=True, slots=True)
class RecordsModel:
    """What sampling needs: the part itself, which says everything, and the tables that belong to no unit.

    Attributes:
        part: the recipe of the part as JSON.
        key: of those tables.
        tables: their rows, with the fields that only others read.
        counts: of those with a parent, how many rows each of its rows has: int64 (rows of the parent,).
    """

    part: str
    key: tuple[int, int]
    tables: Mapping[str, pa.Table]
    counts: Mapping[str, NDArray[np.int64]]


def _follows(part: RecordsPart, problem: Problem, where: str) -> bool:
    """Whether a fault only follows from a table whose place among the others is a fault that was told already."""
    for name in part.mended:
        above = [n for n, f in part.tables[name].fields.items() if isinstance(f, ParentField)]
        if any(problem.where.startswith(f"{where}.tables.{name}.fields.{n}") for n in above):
            return True
        if f"{name!r}" in problem.what or f"'{name}." in problem.what:
            return True
    return False


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

    def promise_columns(self, part: RecordsPart) -> Mapping[str, tuple[str, ...]] | None:
        """See ``core.protocols.Promising``: of the tables that are made by unit."""
        try:
            return {name: tuple(schema.names) for name, schema in compile_part(part).schemas.items()}
        except RequestError:
            return None

    def find_faults(self, part: RecordsPart, where: str) -> tuple[Problem, ...]:
        """See ``core.protocols.Foreseeing``."""
        told = tuple(tell_wrong(f"{where}.{at}", what, fix) for at, what, fix in part.tree_faults)
        try:
            compile_part(part, where)
        except RequestError as error:
            return (*told, *(problem for problem in error.problems if not _follows(part, problem, where)))
        return told

    def prepare(self, part: RecordsPart, source: Source | None, key: Key, scratch: Path) -> Noted[RecordsModel]:
        """Compile the part once, so that every fault is found before a row is made.

        Raises:
            RequestError: with every fault.
        """
        plan = compile_part(part)
        notes: list[Note] = [Remark("dimension/privacy risk", text) for text in say_what_was_read(part)]
        origins = trace_origins(part)
        said = "; ".join(dict.fromkeys(origin.text for origin in origins))
        notes.append(Remark("dimension/source", f"Its parameters come from: {said}."))
        notes += [*find_dependence(part), *list_spends(part), *origins]
        notes += [note_locale(name) for name in find_locales(part).names if uses_lists(part)]
        tables, counts = make_standing(plan, key)
        return Noted(RecordsModel(part.model_dump_json(), (key.hi, key.lo), tables, counts), tuple(notes))

    @contextmanager
    def open(self, model: RecordsModel) -> Iterator[RecordsSampler]:
        """Compile the plan."""
        plan = compile_part(RecordsPart.model_validate_json(model.part))
        yield RecordsSampler(plan, open_standing(plan, Key(*model.key), model.tables, model.counts))

    def standing(self, part: RecordsPart, model: RecordsModel) -> Mapping[str, pa.Table]:
        """See ``core.protocols.Standing``: the tables with ``rows``, and those that hang on them."""
        return select_written(compile_part(part), model.tables)

    def most_units(self, part: RecordsPart, model: RecordsModel) -> int | None:
        """See ``core.protocols.Sizing``: as many as have about 400,000 samples in a table with a stream."""
        plan, key = compile_part(part), Key(*model.key)
        if not plan.streams:
            return None
        return find_most_units(plan, key, open_standing(plan, key, model.tables, model.counts))


@dataclass(frozen=True, slots=True)
class RecordsSampler:
    """Implements ``core.protocols.Sampler``.

    Attributes:
        plan: of the part.
        standing: tables that belong to no unit.
    """

    plan: Plan
    standing: Mapping[str, Built] = field(default_factory=dict)

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        """The tables of the shard's units; a unit that breaks a rule is rejected with the rule as the reason."""
        try:
            return self._sample(shard)
        except RequestError as error:  # the plan does not know what the recipe calls the part
            own = f"parts.{shard.part}."
            places = (
                p.where if p.where.startswith(own) else own + p.where.removeprefix("parts.") for p in error.problems
            )
            raise RequestError(*(replace(p, where=w) for p, w in zip(error.problems, places, strict=True))) from error

    def _sample(self, shard: Shard) -> Noted[Tables]:
        tables = dict(self.standing)
        for step in self.plan.steps:
            make_step(step, self.plan, shard.key, shard.units, tables)
        rejects = []
        for rule in self.plan.rules:
            if rule.table not in self.standing:
                broken = find_broken(rule, shard.key, tables)
                rejects += [Rejected(int(unit), f"rule-{rule.table}", rule.text) for unit in broken]
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
