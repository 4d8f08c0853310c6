"""Text: a unit is one item or one conversation, made by a coroutine that asks a model, or by rule.

Every value depends on (recipe, key, unit) and the stored answers alone; an answer that does not do rejects its unit with a reason.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.notes import Dependence, Note, Noted, Origin, Rejected, Remark
from sundog.core.plan import Shard
from sundog.core.protocols import Source
from sundog.core.tables import Tables
from sundog.kinds.text._faults import find_faults, find_given_faults, needed_columns
from sundog.kinds.text._ground import (
    Ground,
    Passages,
    begin_unit,
    choose_given,
    cut_documents,
    find_unknown_places,
    most_characters,
    read_given_rows,
)
from sundog.kinds.text._items import make_item
from sundog.kinds.text._models import describe_models, open_asked, run_probe
from sundog.kinds.text._selecting import balance_of, mark_rules, select_units, sketch_units
from sundog.kinds.text._tables import ITEMS, make_schema, write_items
from sundog.kinds.text._topics import PRINCIPLES, flatten_topics, read_personas, read_principles, read_topics
from sundog.kinds.text._units import Asked, Spent, Unfit
from sundog.kinds.text.cost_remark import Cost, write_cost
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.recipe_tasks import CritiqueTask, QaTask, RewriteTask
from sundog.lib.language.own_loop import OwnLoop
from sundog.lib.language.store import open_store

LOCAL_UNITS, ENDPOINT_UNITS = 16, 1024
"""Most units of a shard: a local model makes a few items a minute, and what a killed shard had is in the store of answers."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """What sampling needs.

    Attributes:
        part: the recipe of the part as JSON.
        seeds: the columns of the source that are used; None without a source.
        passages: where its documents were cut; None for tasks that read none.
        topics: one of which an item is about.
        personas: for whom.
        principles: of a constitution, id to text.
    """

    part: str
    seeds: pa.Table | None
    passages: Passages | None
    topics: tuple[str, ...]
    personas: tuple[str, ...]
    principles: Mapping[str, str]

    def as_ground(self) -> Ground:
        """What all units share."""
        part = TextPart.model_validate_json(self.part)
        return Ground(part, self.seeds, self.passages, self.topics, self.personas, self.principles)


@dataclass(frozen=True, slots=True)
class TextSynthesizer:
    """Implements ``core.protocols.Synthesizer``, ``Selection``, ``Sizing`` and ``Foreseeing``."""

    @property
    def model_type(self) -> type[TextModel]:
        """What ``prepare`` gives."""
        return TextModel

    def schemas(self, part: TextPart, model: TextModel) -> Mapping[str, pa.Schema]:
        """One table, ``items``."""
        kept: dict[str, pa.Field] = {}
        if isinstance(part.task, RewriteTask):
            for name in part.task.keep:
                known = model.seeds is not None and name in model.seeds.schema.names
                kept[name] = model.seeds.schema.field(name) if known else pa.field(name, pa.string())  # type: ignore[union-attr]
        return {ITEMS: mark_rules(make_schema(part, kept), part)}

    def find_faults(self, part: TextPart, where: str) -> tuple[Problem, ...]:
        """See ``core.protocols.Foreseeing``."""
        return find_faults(part, where)

    def promise_columns(self, part: TextPart) -> Mapping[str, tuple[str, ...]] | None:
        """See ``core.protocols.Promising``."""
        kept = {name: pa.field(name, pa.string()) for name in getattr(part.task, "keep", ())}
        return {ITEMS: tuple(make_schema(part, kept).names)}

    def find_given_faults(
        self, part: TextPart, where: str, given: Mapping[str, tuple[str, ...]]
    ) -> tuple[Problem, ...]:
        """See ``core.protocols.Following``: columns that templates and tasks name, and the table that is meant."""
        return find_given_faults(part, where, given)

    def prepare(self, part: TextPart, source: Source | None, key: Key, scratch: Path) -> Noted[TextModel]:
        """Read seeds, topics, personas and principles, and see whether each model answers.

        Raises:
            RequestError: a template names a column that the source has not; a model can never answer.
            Incomplete: nobody answers at an endpoint now.
        """
        seeds = _read_seeds(part, source)
        if seeds is not None:
            unknown = find_unknown_places(part, tuple(seeds.schema.names), ())
            if unknown:
                raise RequestError(*unknown)
        passages = None
        if isinstance(part.task, QaTask) and seeds is not None:
            most = most_characters(part.model, part.task.passage, "task.passage")
            passages = cut_documents(seeds, part.task.column, most)
        topics = tuple(flatten_topics(part.topics))
        if part.topics_from is not None:
            topics = read_topics(part.topics_from, "topics_from")
        personas = part.personas
        if part.personas_from is not None:
            personas = read_personas(part.personas_from, "personas_from")
        notes: list[Note] = [*_say_what_was_read(part, seeds), *describe_models(part)]
        run_probe(part)
        return Noted(
            TextModel(part.model_dump_json(), seeds, passages, topics, personas, _find_principles(part)), tuple(notes)
        )

    @contextmanager
    def open(self, model: TextModel) -> Iterator[TextSampler]:
        """One event loop and one of each model for a worker; none where no model is asked."""
        ground = model.as_ground()
        schema = self.schemas(ground.part, model)[ITEMS]
        if not ground.part.uses_model():
            yield TextSampler(ground, schema, {}, None)
            return
        with open_store() as store, OwnLoop() as runner:
            opened = open_asked(ground.part, store)
            asked = runner.run(_enter(opened))
            try:
                yield TextSampler(ground, schema, asked, runner)
            finally:
                # A worker closes its parts when its process ends, and then no thread can be started: what waits there for its turn
                # to look around is dropped. Every answer was stored before it was given.
                with suppress(RuntimeError):
                    runner.run(_leave(opened))

    def most_units(self, part: TextPart, model: TextModel) -> int | None:
        """See ``core.protocols.Sizing``."""
        if not part.uses_model():
            return None
        return LOCAL_UNITS if part.model.endpoint is None else ENDPOINT_UNITS

    def sketch(self, units: range, tables: Tables) -> pa.RecordBatch:
        """See ``core.protocols.Selection``."""
        return sketch_units(tables[ITEMS])

    def select(self, part: TextPart, sketches: Iterator[pa.RecordBatch]) -> Iterator[Rejected]:
        """See ``core.protocols.Selection``: duplicates go, and of labels what is more than their share."""
        return select_units(sketches, part.duplicates, balance_of(part))


async def _enter(opened: Any) -> Mapping[str, Asked]:
    entered: Mapping[str, Asked] = await opened.__aenter__()
    return entered


async def _leave(opened: Any) -> None:
    await opened.__aexit__(None, None, None)


@dataclass(frozen=True, slots=True)
class TextSampler:
    """Implements ``core.protocols.Sampler``.

    Attributes:
        ground: what all units share.
        schema: of the items.
        asked: models by name; none for problems by rule.
        runner: of the event loop; None where nothing is asked.
    """

    ground: Ground
    schema: pa.Schema
    asked: Mapping[str, Asked]
    runner: OwnLoop | None

    def sample(self, shard: Shard, given: Tables) -> Noted[Tables]:
        """The items of the shard's units; those that do not do are rejected with a reason.

        Raises:
            RequestError: a template names what is not given; a model can never answer.
            Incomplete: a model does not answer now.
        """
        if self.runner is None:
            return Noted({ITEMS: self._make_by_rule(shard)})
        work = [self._make_one(shard.key, unit, row, rows) for unit, row, rows in self._begin(shard, given)]
        made = self.runner.run(gather_all(work))
        items = [(unit, item) for unit, item, _, _ in made if item is not None]
        rejects = [reject for _, _, reject, _ in made if reject is not None]
        batch = write_items(self.schema, [u for u, _ in items], [i for _, i in items])
        return Noted({ITEMS: batch}, (*rejects, *_tell_cost(shard.units, [spent for _, _, _, spent in made])))

    def _make_by_rule(self, shard: Shard) -> pa.RecordBatch:
        from sundog.kinds.text._problems import make_many, write_problem

        chain = getattr(self.ground.part.task, "chain", True)
        made = sorted(make_many(self.ground.part, shard.key, shard.units), key=lambda pair: pair[0])
        items = [write_problem(problem, shard.key, unit, chain) for unit, problem in made]
        for (unit, _), item in zip(made, items, strict=True):
            item |= self._drawn(shard.key, unit)
        return write_items(self.schema, [u for u, _ in made], items)

    def _drawn(self, key: Key, unit: int) -> dict[str, Any]:
        if not self.ground.topics and not self.ground.personas:
            return {}
        values = begin_unit(self.ground, unit, key, {}, {}, {}).values
        return {name: values[name] for name in ("topic", "persona") if name in values}

    def _begin(self, shard: Shard, given: Tables) -> Iterator[tuple[int, Mapping[str, Any], Mapping[str, list[Any]]]]:
        table = choose_given(self.ground.part, given)
        if table is not None:
            names = tuple(n for n in given[table].schema.names if not n.startswith("_"))
            unknown = find_unknown_places(self.ground.part, names, tuple(given))
            if unknown:
                raise RequestError(*unknown)
        rows = read_given_rows(given, shard.units)
        for unit in shard.units:
            own = {name: by_unit[unit] for name, by_unit in rows.items()}
            if table is None:
                yield unit, self.ground.seed_row(unit), {}
            else:
                yield unit, own[table][0] if own[table] else {}, own

    async def _make_one(
        self, key: Key, number: int, row: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> tuple[int, dict[str, Any] | None, Rejected | None, Spent]:
        unit = begin_unit(self.ground, number, key, self.asked, row, rows)
        try:
            item = await make_item(unit, self.ground, key)
        except Unfit as error:
            return number, None, Rejected(number, error.reason, error.detail), unit.cost
        drawn = {name: unit.values[name] for name in ("topic", "persona") if name in unit.values}
        return number, {**drawn, **item}, None, unit.cost


async def gather_all(work: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """What all of them give, in order; the first that raises ends the others, and its error is raised."""
    tasks = [asyncio.ensure_future(w) for w in work]
    if not tasks:
        return []
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        failed = next((t for t in tasks if t.done() and not t.cancelled() and t.exception() is not None), None)
        if failed is not None:
            failed.result()
        return [t.result() for t in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell_cost(units: range, spent: Sequence[Spent]) -> tuple[Note, ...]:
    if not spent:
        return ()
    total = Cost(
        sum(s.answers for s in spent),
        sum(s.asked for s in spent),
        sum(s.answered for s in spent),
        float(f"{sum(s.price for s in spent):.9g}"),
    )
    return (write_cost(units, total),)


def _read_seeds(part: TextPart, source: Source | None) -> pa.Table | None:
    """The columns of the source that are used.

    Raises:
        RequestError: the task names a column that is not there.
    """
    if source is None:
        return None
    names = needed_columns(part, tuple(source.schema.names))
    return pa.Table.from_batches(
        source.scan(names), schema=pa.schema([source.schema.field(n) for n in names])
    ).combine_chunks()


def _find_principles(part: TextPart) -> Mapping[str, str]:
    if not isinstance(part.task, CritiqueTask):
        return {}
    if part.task.constitution is not None:
        return read_principles(part.task.constitution, "task.constitution")
    return dict(part.task.principles) or dict(PRINCIPLES)


def _say_what_was_read(part: TextPart, seeds: pa.Table | None) -> Iterator[Note]:
    if not part.uses_model():
        text = "No record and no model was read: problems and chains follow from the recipe and the seed alone."
        yield Dependence("nothing", text)
        yield Remark(
            "dimension/source", "Its problems are made by rule; every chain is verified by a checker of its own."
        )
        return
    if seeds is not None:
        text = f"{seeds.num_rows:,} rows of the source were shown to a language model and lie in the bundle's model folder."
        yield Dependence("records", text)
    own = [name for name in ("prompt", "system") if getattr(part, name) is not None]
    wording = f"the recipe's ({', '.join(own)})" if own else "Sundog's own"
    yield Origin(
        "items", f"task {part.task.type}", f"Questions to the model: wording is {wording}; answers are the model's."
    )
