"""Makes the rows of the chosen table, the same that ``make`` writes, and says when each is due.

In the recipe's own order they come shard by shard, and nothing but the shard at hand is kept. In order of time the first row may
be anybody's, so all are made before it is sent; they wait on the disk.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sundog import __version__
from sundog.core.extension import implementation
from sundog.core.plan import Plan, Shard, Stage
from sundog.core.protocols import Selection, Standing
from sundog.core.tables import UNIT, Tables
from sundog.run.acceptance import is_hopeless
from sundog.run.chain import count_units, read_given, read_sealed
from sundog.run.prepare import prepare_stage, split_stage
from sundog.run.recipe_files import plain_recipe
from sundog.run.shard import judge_units, load_model, open_part, sample_checked
from sundog.run.stage import StageRun, describe_exhausted, find_units, run_stage
from sundog.run.stage_files import STAGING, part_folder
from sundog.run.store import Store, open_store
from sundog.run.streaming.choose import ChosenTable
from sundog.run.streaming.order import SortedRun, merge_runs, write_run
from sundog.run.streaming.times import ticks_per_second

LAZY_UNITS = 4_096
"""Units made at a time in the recipe's own order: few, so that the first row comes soon and memory stays small."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive rows.

    Attributes:
        rows: as ``make`` writes them.
        at: float64 (rows,), seconds from the first row of the stream, as the data count them; None without a time.
    """

    rows: pa.RecordBatch
    at: NDArray[np.float64] | None


@dataclass(frozen=True)
class Made:
    """What is known before the first row is sent.

    Attributes:
        blocks: the rows in order; they are made, or read, as they are asked for.
        rows: how many there are, None where that shows only at the end.
        missing: rows that are not among them, having no time.
        first: tick of the first row, or None.
        last: tick of the last row, or None.
    """

    blocks: Iterator[Block]
    rows: int | None = None
    missing: int = 0
    first: float | None = None
    last: float | None = None


def prepare_parts(plan: Plan, scratch: Path) -> tuple[Store, Mapping[str, Mapping[str, pa.Schema]]]:
    """Prepare every part in a private folder; gives it with the columns of each part's tables."""
    store = open_store(str(scratch / "run"))
    store.write_json(f"{STAGING}/request.json", {"version": __version__, "recipe": plain_recipe(plan.recipe)})
    schemas: dict[str, dict[str, pa.Schema]] = {}
    for stage in plan.stages:
        prepare_stage(store, stage, split_stage(stage, scratch), scratch / "checkpoints" / stage.name)
        synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
        model = load_model(store, stage.name, synthesizer.model_type)
        schemas[stage.name] = dict(synthesizer.schemas(stage.part, model))
        if isinstance(synthesizer, Standing):
            standing = synthesizer.standing(stage.part, model)
            schemas[stage.name] |= {name: rows.schema for name, rows in standing.items()}
    return store, schemas


def make_rows(run: StageRun, plan: Plan, chosen: ChosenTable, scratch: Path) -> Made:
    """Make what the chosen table needs, and its rows."""
    stages = {s.name: s for s in plan.stages}
    stage = stages[chosen.part]
    for earlier in _list_earlier(stages, stage):
        run_stage(run, earlier)
    synthesizer = implementation("sundog.kinds", stage.part.kind)
    model_type = synthesizer.model_type
    if isinstance(synthesizer, Standing):  # a table of no unit lies in the model
        standing = synthesizer.standing(stage.part, load_model(run.store, stage.name, model_type))
        if chosen.table in standing:
            rows = standing[chosen.table].replace_schema_metadata(None)
            if chosen.time is not None:
                return _order_rows(iter([rows]), chosen, scratch)
            return Made((Block(b, None) for b in rows.to_batches(max_chunksize=8_192)), rows.num_rows)
    if chosen.time is not None:
        run_stage(run, stage)
        return _order_rows(_read_sealed(run.store, chosen), chosen, scratch)
    if isinstance(synthesizer, Selection):  # which units stay is known when all are made
        run_stage(run, stage)
        return Made(Block(b, None) for b in _scan_sealed(run.store, chosen))
    return Made(Block(b, None) for b in _scan_lazily(run, stage, chosen.table))


def _list_earlier(stages: Mapping[str, Stage], stage: Stage) -> list[Stage]:
    found: list[Stage] = []
    while stage.after is not None:
        stage = stages[stage.after]
        found.insert(0, stage)
    return found


def _sealed_files(store: Store, chosen: ChosenTable) -> list[Path]:
    sealed = store.read_json(f"{part_folder(chosen.part)}/sealed.json")
    return [store.local_path(f["file"]) for f in sealed["tables"][chosen.table]]


def _scan_sealed(store: Store, chosen: ChosenTable) -> Iterator[pa.RecordBatch]:
    for path in _sealed_files(store, chosen):
        for batch in pq.ParquetFile(path).iter_batches(8_192):
            yield batch.replace_schema_metadata(None)


def _read_sealed(store: Store, chosen: ChosenTable) -> Iterator[pa.Table]:
    """The rows file by file; each file goes when the next one is asked for."""
    for path in _sealed_files(store, chosen):
        yield pq.read_table(path).replace_schema_metadata(None)
        path.unlink()


def _order_rows(pieces: Iterator[pa.Table], chosen: ChosenTable, scratch: Path) -> Made:
    assert chosen.time is not None
    folder = scratch / "runs"
    folder.mkdir()
    runs: list[SortedRun] = []
    for i, rows in enumerate(pieces):
        runs.append(write_run(rows, chosen.time, folder / f"run-{i:06d}.arrow"))
    first = min((r.first for r in runs if r.first is not None), default=None)
    last = max((r.last for r in runs if r.last is not None), default=None)
    per_second = ticks_per_second(chosen.schema.field(chosen.time).type)

    def read() -> Iterator[Block]:
        for batch in merge_runs(runs, folder):
            at = np.asarray(batch.column(0).to_numpy(), dtype=np.float64)
            yield Block(batch.slice(0).drop_columns([batch.schema.names[0]]), (at - float(first or 0)) / per_second)

    return Made(read(), sum(r.rows for r in runs), sum(r.missing for r in runs), first, last)


def _scan_lazily(run: StageRun, stage: Stage, table: str) -> Iterator[pa.RecordBatch]:
    """The rows of accepted units, shard by shard, until there are as many units as were asked for.

    Which units those are follows from their numbers alone, as in ``run_stage``.
    """
    opened = open_part(run.store.url, stage.name, run.scratch)
    earlier = None if stage.after is None else read_sealed(run.store, stage.after)
    wanted = count_units(stage.part, earlier, f"parts.{stage.name}", lambda: find_units(run.store, stage))
    fixed = earlier is not None or stage.part.units is None
    limit = wanted if fixed else math.ceil(wanted * stage.part.attempts)
    size = min(run.shard_units, LAZY_UNITS)
    accepted, index, start, every = 0, 0, 0, []
    while start < limit and accepted < wanted:
        if start and not fixed and is_hopeless(wanted, limit, start, accepted):
            break
        units = range(start, min(start + size, limit))
        given: Tables = {} if earlier is None else read_given(run.store, stage.part, earlier, units)
        shard = Shard(stage.name, index, units, opened.key)
        tables, rejects, _ = judge_units(opened, units, sample_checked(opened, shard, given))
        gone = np.array([r.unit for r in rejects], np.uint64)
        kept = np.setdiff1d(np.arange(units.start, units.stop, dtype=np.uint64), gone)[: wanted - accepted]
        rows = tables[table]
        if len(kept):
            rows = rows.filter(pa.array(rows.column(UNIT).to_numpy() <= kept[-1]))
            yield rows.drop_columns([UNIT]).replace_schema_metadata(None)
        every += rejects
        accepted, index, start = accepted + len(kept), index + 1, units.stop
    if accepted < wanted and not fixed:
        raise describe_exhausted(stage, wanted, start, accepted, every, limit)
