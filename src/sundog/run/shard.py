"""One shard: sample, check beside generation, write the part files, write the done marker last."""

from __future__ import annotations

import atexit
import json
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
from numpy.typing import NDArray

from sundog.core.errors import Fault, Incomplete, Problem, SundogError
from sundog.core.extension import Broken, implementation, installed
from sundog.core.keys import Key
from sundog.core.notes import Noted, Rejected
from sundog.core.plan import Shard, make_plan
from sundog.core.protocols import Enforcing, Sampler, Selection, ShardCheck, Source, Watcher
from sundog.core.recipe import CheckSpec, Part, Recipe
from sundog.core.tables import UNIT, Tables
from sundog.lib import persist
from sundog.run.chain import read_given, read_sealed
from sundog.run.checks import always_asked
from sundog.run.opened import claim_folder, take_opened, watching
from sundog.run.split import split_source
from sundog.run.stage_files import STAGING, notes_to_json, part_folder, shard_folder, to_parquet
from sundog.run.store import Store, is_full, open_store
from sundog.run.typed import Typed

WORK = "sundog.run.shard:make_shard"


@dataclass(frozen=True)
class ShardJob:
    """What a worker needs to know; crosses process and machine borders as JSON.

    Attributes:
        out: URL of the output.
        part: name of the part.
        index: number of the shard.
        start: first unit.
        stop: one past the last unit.
        scratch: folder with the split source on the machine that started the run; another machine splits again.
    """

    out: str
    part: str
    index: int
    start: int
    stop: int
    scratch: str


@dataclass(frozen=True)
class Opened:
    """A part, set up once in a worker."""

    store: Store
    recipe: Recipe
    part: Part
    key: Key
    synthesizer: Any
    sampler: Sampler
    watchers: Mapping[str, Watcher[Any]]
    schemas: Mapping[str, pa.Schema]


def shard_checks(recipe: Recipe, part_name: str) -> dict[str, tuple[CheckSpec, ShardCheck[Any, Any]]]:
    """The checks that run beside the generation of a part: those asked for, and those that always come along."""
    part = recipe.parts[part_name]
    asked = {c.kind: c for c in recipe.checks if c.of in (None, part_name)}
    out: dict[str, tuple[CheckSpec, ShardCheck[Any, Any]]] = {}
    for kind, extension in installed("sundog.checks").items():
        if not getattr(extension, "beside", True) or (isinstance(extension, Broken) and kind not in asked):
            continue  # so that no worker imports what only the end of the run needs
        check = implementation("sundog.checks", kind, "checks")
        wanted = kind in asked or recipe.evidence.level in getattr(extension, "when", ())
        if not wanted and not (isinstance(check, Enforcing) and check.enforces(part)):
            continue
        if isinstance(check, ShardCheck) and check.watches(part):
            out[kind] = (asked.get(kind) or always_asked(kind), check)
    return out


_KEPT: dict[tuple[str, str, str], tuple[Opened, ExitStack]] = {}
_MOST_KEPT = 4


def open_part(out: str, part_name: str, scratch: str) -> Opened:
    """Load the model and set up the sampler and the watchers; kept until ``close_parts`` or the end of the worker."""
    name = (out, part_name, scratch)
    if name not in _KEPT:
        while len(_KEPT) >= _MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)))[1].close()
        with ExitStack() as stack:
            opened = _open_part(out, part_name, scratch, stack)
            _KEPT[name] = (opened, stack.pop_all())
    return _KEPT[name][0]


def close_parts(scratch: str | None = None) -> None:
    """Take down what ``open_part`` set up, of one run or of all."""
    for name in [n for n in _KEPT if scratch in (None, n[2])]:
        _KEPT.pop(name)[1].close()


atexit.register(close_parts)


def _open_part(out: str, part_name: str, scratch: str, stack: ExitStack) -> Opened:
    store = open_store(out)
    if not store.exists(f"{STAGING}/request.json"):
        what = f"{out} is not there for the worker on {socket.gethostname()}"
        raise Incomplete(
            Problem("SD-RUN-045", "output", what, "Give an output that every machine of the cluster sees.")
        )
    recipe = Recipe.model_validate(store.read_json(".sundog/request.json")["recipe"])
    part = recipe.parts[part_name]
    key = next(s.key for s in make_plan(recipe).stages if s.name == part_name)
    synthesizer = implementation("sundog.kinds", part.kind, f"parts.{part_name}.kind")
    model = load_model(store, part_name, synthesizer.model_type)
    sampler = stack.enter_context(synthesizer.open(model))
    train: Source | None = None
    checks = shard_checks(recipe, part_name)
    source = getattr(part, "source", None)
    if source is not None and any("train" in c.reads for _, c in checks.values()):
        folder = Path(scratch) / part_name
        if not Path(scratch).exists():  # another machine than the one that started the run
            folder = Path(claim_folder(stack.enter_context(TemporaryDirectory(prefix="sundog-scratch-"))))
        target, where, private = getattr(part, "target", None), f"parts.{part_name}.source", part.claims_privacy()
        train = split_source(source, target, key, folder, where, private=private).train
    schemas = synthesizer.schemas(part, model)
    if train is not None and part.claims_privacy():
        train = Typed(train, next(iter(schemas.values())), getattr(source, "types", {}))
    watchers = {kind: check.open(spec, part, train) for kind, (spec, check) in checks.items()}
    return Opened(store, recipe, part, key, synthesizer, sampler, watchers, schemas)


def load_model(store: Store, part: str, model_type: type[Any]) -> Any:
    """The model of a part, memory-mapped from a local store, read from a remote one."""
    folder = f"{part_folder(part)}/model"
    if store.local:
        return persist.load(model_type, store.local_path(folder))
    with TemporaryDirectory(prefix="sundog-model-") as local:
        claim_folder(local)
        for name in store.entries(folder):
            (Path(local) / name).write_bytes(store.read(f"{folder}/{name}"))
        return persist.load(model_type, Path(local))


def make_shard(text: str) -> str:
    """Make one shard and write it; the marker comes last. Gives the marker."""
    job = ShardJob(**json.loads(text))
    with watching():  # in a worker; where the run itself makes shards, it is watching already
        return _make_watched(job)


def _make_watched(job: ShardJob) -> str:
    opened = open_part(job.out, job.part, job.scratch)
    started = time.process_time()
    shard = Shard(job.part, job.index, range(job.start, job.stop), opened.key)
    given: Tables = {}
    if opened.part.after is not None:
        given = read_given(opened.store, opened.part, read_sealed(opened.store, opened.part.after), shard.units)
    noted = sample_checked(opened, shard, given)
    marker = _write_shard(opened, shard, noted)
    marker["cpu_seconds"] = round(time.process_time() - started, 4)
    marker["opened"] = take_opened(opened.store.path(), job.scratch)
    opened.store.write_json(f"{shard_folder(job.part, job.index)}/done.json", marker)
    return json.dumps(marker)


def sample_checked(opened: Opened, shard: Shard, given: Tables) -> Noted[Tables]:
    """Sample a shard and hold what came to what was promised; each table gets its ``_unit`` column first.

    Raises:
        Fault: the kind raised something that is not ours, or gave other tables than it promised.
    """
    where = f"parts.{shard.part} (units {shard.units.start} to {shard.units.stop - 1})"
    try:
        tables, notes = opened.sampler.sample(shard, given)
    except (SundogError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and is_full(error):
            raise
        raise Fault(
            Problem(
                "SD-RUN-015",
                where,
                f"the kind {opened.part.kind!r} failed: {type(error).__name__}: {error}",
                "This is a fault of the kind; what is finished is kept, --resume goes on.",
            )
        ) from error
    if set(tables) != set(opened.schemas):
        raise Fault(
            Problem(
                "SD-RUN-016",
                where,
                f"the kind gave tables {sorted(tables)} where {sorted(opened.schemas)} were promised",
                "This is a fault of the kind.",
            )
        )
    return Noted(
        {name: _with_unit(opened.schemas[name], batch, shard, where, name) for name, batch in sorted(tables.items())},
        notes,
    )


def _with_unit(schema: pa.Schema, batch: pa.RecordBatch, shard: Shard, where: str, table: str) -> pa.RecordBatch:
    names = [n for n in batch.schema.names if n != UNIT]
    if names != schema.names or any(batch.schema.field(n).type != schema.field(n).type for n in names):
        raise Fault(
            Problem(
                "SD-RUN-017",
                where,
                f"table {table!r} came with other columns than promised",
                "This is a fault of the kind.",
            )
        )
    if UNIT in batch.schema.names:
        units = np.asarray(batch.column(UNIT).to_numpy(zero_copy_only=False), dtype=np.uint64)
        if len(units) and (
            units[0] < shard.units.start or units[-1] >= shard.units.stop or (np.diff(units.astype(np.int64)) < 0).any()
        ):
            raise Fault(
                Problem(
                    "SD-RUN-018",
                    where,
                    f"table {table!r} has units outside the shard or out of order",
                    "This is a fault of the kind.",
                )
            )
    elif batch.num_rows == len(shard.units):
        units = np.arange(shard.units.start, shard.units.stop, dtype=np.uint64)
    else:
        raise Fault(
            Problem(
                "SD-RUN-019",
                where,
                f"table {table!r} has {batch.num_rows} rows for {len(shard.units)} units and no {UNIT!r} column",
                "This is a fault of the kind.",
            )
        )
    field = pa.field(UNIT, pa.uint64(), nullable=False)
    return pa.RecordBatch.from_arrays(
        [pa.array(units), *(batch.column(n) for n in schema.names)],
        schema=pa.schema([field, *schema], metadata=schema.metadata),
    )


def drop_units(tables: Tables, gone: NDArray[np.uint64]) -> Tables:
    """The tables without the rows of these units."""
    if len(gone) == 0:
        return tables
    return {n: b.filter(pa.array(~np.isin(b.column(UNIT).to_numpy(), gone))) for n, b in tables.items()}


def only_units(tables: Tables, kept: NDArray[np.uint64]) -> Tables:
    """The rows of these units."""
    return {n: b.filter(pa.array(np.isin(b.column(UNIT).to_numpy(), kept))) for n, b in tables.items()}


def watch(opened: Opened, units: range, tables: Tables) -> tuple[dict[str, str], list[Rejected]]:
    """Ask each watcher in turn; each sees what the ones before it accepted. Gives their states as text, and rejects.

    States speak of the accepted units alone, whoever rejected the others: only then are they the same for a shard that is
    cut short at the end of the run.
    """
    states: dict[str, str] = {}
    rejects: list[Rejected] = []
    for kind, watcher in sorted(opened.watchers.items()):
        state, found = watcher.observe(units, tables)
        states[kind] = persist.dumps(state)
        rejects.extend(found)
        tables = drop_units(tables, _numbers(found))
    if rejects:
        states = {k: persist.dumps(w.observe(units, tables)[0]) for k, w in sorted(opened.watchers.items())}
    return states, rejects


def _numbers(rejects: Sequence[Rejected]) -> NDArray[np.uint64]:
    return np.unique(np.array([r.unit for r in rejects], dtype=np.uint64))


def judge_units(opened: Opened, units: range, noted: Noted[Tables]) -> tuple[Tables, list[Rejected], dict[str, str]]:
    """What is left of a sampled shard when the kind and the watchers have rejected; the rejects, and the watchers' states."""
    rejects = [n for n in noted.notes if isinstance(n, Rejected)]
    accepted = drop_units(noted.value, _numbers(rejects))
    states, found = watch(opened, units, accepted)
    return drop_units(accepted, _numbers(found)), rejects + found, states


def _write_shard(opened: Opened, shard: Shard, noted: Noted[Tables]) -> dict[str, Any]:
    accepted, rejects, states = judge_units(opened, shard.units, noted)
    folder = shard_folder(shard.part, shard.index)
    files: dict[str, Any] = {}
    for table, batch in accepted.items():
        data = to_parquet(batch)
        files[table] = {
            "rows": batch.num_rows,
            "bytes": len(data),
            "sha256": opened.store.write(f"{folder}/{table}.parquet", data),
        }
    shown = _numbers([r for r in rejects if r.keep])
    if len(shown):
        for table, batch in only_units(noted.value, shown).items():
            opened.store.write(f"{folder}/rejected/{table}.parquet", to_parquet(batch))
    if isinstance(opened.synthesizer, Selection):
        opened.store.write(f"{folder}/sketch.arrow", _to_ipc(opened.synthesizer.sketch(shard.units, accepted)))
    return {
        "index": shard.index,
        "start": shard.units.start,
        "stop": shard.units.stop,
        "tables": files,
        "rejects": [asdict(r) for r in sorted(rejects, key=lambda r: (r.unit, r.reason))],
        "notes": notes_to_json(tuple(n for n in noted.notes if not isinstance(n, Rejected))),
        "states": states,
    }


def _to_ipc(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())
