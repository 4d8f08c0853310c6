"""One part from prepared model to sealed tables: rounds of shards until enough units are accepted, then the cut."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from sundog.core.errors import Exhausted, Problem
from sundog.core.extension import implementation
from sundog.core.notes import Note, Rejected
from sundog.core.plan import Shard, Stage, cut
from sundog.core.protocols import Counting, Engine, Selection, Sizing, Standing
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT
from sundog.lib import persist
from sundog.run.acceptance import is_hopeless, next_stop
from sundog.run.accepted import Accepted, accept_all_but
from sundog.run.chain import Sealed, count_units, read_sealed
from sundog.run.opened import unite_opened
from sundog.run.shard import WORK, ShardJob, load_model, open_part, shard_checks, watch
from sundog.run.stage_files import (
    merge_notes,
    notes_from_json,
    notes_to_json,
    part_folder,
    read_parquet,
    shard_folder,
    to_parquet,
)
from sundog.run.store import Store

Progress = Callable[[str, int, int], None]
"""Told (part, units made, units asked for)."""


@dataclass(frozen=True)
class StageRun:
    """What running a stage needs besides the stage."""

    recipe: Recipe
    store: Store
    engine: Engine
    scratch: str
    shard_units: int
    progress: Progress


def run_stage(run: StageRun, stage: Stage) -> Sealed:
    """Make what is missing of a stage and seal it; a sealed stage is only read."""
    folder = part_folder(stage.name)
    if run.store.exists(f"{folder}/sealed.json"):
        return read_sealed(run.store, stage.name)
    earlier = None if stage.after is None else read_sealed(run.store, stage.after)
    wanted = count_units(stage.part, earlier, f"parts.{stage.name}", lambda: find_units(run.store, stage))
    fixed = earlier is not None or stage.part.units is None  # each unit is somebody's: no other takes its place
    limit = wanted if fixed else math.ceil(wanted * stage.part.attempts)
    markers: list[dict[str, Any]] = []
    attempted = 0
    accepted = accept_all_but(0, np.zeros(0, np.uint64))
    rejects: list[Rejected] = []
    while attempted < wanted or (len(accepted) < wanted and attempted < limit):
        if attempted and not fixed and is_hopeless(wanted, limit, attempted, len(accepted)):
            break
        stop = wanted if attempted == 0 else next_stop(wanted, limit, attempted, len(accepted))
        markers += _make_round(run, stage, range(attempted, stop), len(markers), wanted)
        attempted = stop
        rejects = [Rejected(**r) for m in markers for r in m["rejects"]]
        rejects += _select(run.store, stage, markers)
        accepted = accept_all_but(attempted, np.array([r.unit for r in rejects], np.uint64))
    if len(accepted) < wanted and not fixed:
        raise describe_exhausted(stage, wanted, attempted, len(accepted), rejects, limit)
    if len(accepted) > wanted:
        accepted = accepted.keep_first(wanted)
    if not fixed and len(accepted):
        accepted = accepted.keep_first(len(accepted))
        attempted = accepted.below
        rejects = [r for r in rejects if r.unit < attempted]
    return _seal(run, stage, markers, accepted, rejects, attempted)


def find_units(store: Store, stage: Stage) -> int:
    """What the kind says of a part whose number of units follows from what it reads."""
    synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
    model = load_model(store, stage.name, synthesizer.model_type)
    assert isinstance(synthesizer, Counting)  # the spec says so
    return synthesizer.count_units(stage.part, model)


def find_shard_units(store: Store, stage: Stage, asked: int) -> int:
    """Units of a shard: as many as are asked for, or fewer where the kind says that they are large."""
    synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
    model_type = synthesizer.model_type
    if not isinstance(synthesizer, Sizing):
        return asked
    most = synthesizer.most_units(stage.part, load_model(store, stage.name, model_type))
    return asked if most is None else max(1, min(asked, most))


def _make_round(run: StageRun, stage: Stage, units: range, first_index: int, wanted: int) -> list[dict[str, Any]]:
    size = find_shard_units(run.store, stage, run.shard_units)
    shards = list(cut(stage, units, first_index=first_index, shard_units=size))
    found = {s.index: _read_marker(run.store, stage.name, s) for s in shards}
    missing = [s for s in shards if found[s.index] is None]
    made = units.start + sum(len(s.units) for s in shards if found[s.index] is not None)
    run.progress(stage.name, min(made, wanted), wanted)
    jobs = [
        json.dumps(asdict(ShardJob(run.store.url, stage.name, s.index, s.units.start, s.units.stop, run.scratch)))
        for s in missing
    ]
    for text in run.engine.map(WORK, jobs):
        marker = json.loads(text)
        found[marker["index"]] = marker
        made += marker["stop"] - marker["start"]
        run.progress(stage.name, min(made, wanted), wanted)
    return [m for s in shards if (m := found[s.index]) is not None]


def _read_marker(store: Store, part: str, shard: Shard) -> dict[str, Any] | None:
    name = f"{shard_folder(part, shard.index)}/done.json"
    if not store.exists(name):
        return None
    marker: dict[str, Any] = store.read_json(name)
    return marker if (marker["start"], marker["stop"]) == (shard.units.start, shard.units.stop) else None


def _select(store: Store, stage: Stage, markers: Sequence[Mapping[str, Any]]) -> list[Rejected]:
    """Rejects across units: one pass over the sketches in unit order."""
    synthesizer = implementation("sundog.kinds", stage.part.kind, f"parts.{stage.name}.kind")
    if not isinstance(synthesizer, Selection):
        return []

    def sketches() -> Iterator[pa.RecordBatch]:
        for marker in markers:
            data = store.read(f"{shard_folder(stage.name, marker['index'])}/sketch.arrow")
            yield from pa.ipc.open_stream(data)

    return list(synthesizer.select(stage.part, sketches()))


def describe_exhausted(
    stage: Stage, wanted: int, attempted: int, accepted: int, rejects: Sequence[Rejected], limit: int
) -> Exhausted:
    """The error of a part that could not get enough units: how many, why, with examples."""
    counts = Counter(r.reason for r in rejects)
    reasons = ", ".join(f"{reason}: {n:,}" for reason, n in counts.most_common())
    examples = "; ".join(f"unit {r.unit}: {r.detail}" for r in rejects if r.detail and r.keep)
    shown = "; ".join(examples.split("; ")[:3])
    what = f"{attempted:,} units were attempted and {accepted:,} of {wanted:,} accepted; rejected for {reasons}" + (
        f" (for example {shown})" if shown else ""
    )
    if attempted < limit:
        what += f"; at this rate the {limit:,} units that may be attempted do not give {wanted:,}"
    return Exhausted(
        Problem(
            "SD-RUN-021",
            f"parts.{stage.name}",
            what,
            "Loosen what rejects them, ask for fewer units, or raise 'attempts'; give the new request another output.",
        )
    )


def _seal(
    run: StageRun,
    stage: Stage,
    markers: Sequence[dict[str, Any]],
    accepted: Accepted,
    rejects: list[Rejected],
    attempted: int,
) -> Sealed:
    store, folder = run.store, part_folder(stage.name)
    tables: dict[str, list[dict[str, Any]]] = {}
    states: dict[str, list[str]] = {}
    for marker in markers:
        _seal_shard(run, stage, marker, accepted, tables, states)
    if not markers:  # chained to a part or table with nothing in it
        tables = _seal_empty(run, stage)
    standing = _seal_standing(run, stage)
    reject_files = _seal_rejects(run, stage, markers, rejects)
    notes = merge_notes(*(notes_from_json(m["notes"]) for m in markers))
    store.write_json(
        f"{folder}/sealed.json",
        {
            "accepted": accepted.to_text(),
            "attempted": attempted,
            "tables": {**tables, **standing},
            "standing": sorted(standing),
            "rejected": dict(Counter(r.reason for r in rejects).most_common()),
            "rejected_files": reject_files,
            "notes": notes_to_json(notes),
            "states": _merge_states(run, stage, states),
            "cpu_seconds": round(sum(m.get("cpu_seconds", 0.0) for m in markers), 3),
            "opened": unite_opened([m["opened"] for m in markers]),
        },
    )
    return read_sealed(store, stage.name)


def _seal_empty(run: StageRun, stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Tables with their columns and no rows."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, schema in sorted(open_part(run.store.url, stage.name, run.scratch).schemas.items()):
        fields = pa.schema([pa.field(UNIT, pa.uint64(), nullable=False), *schema], metadata=schema.metadata)
        name = f"{part_folder(stage.name)}/data/{table}/part-00000.parquet"
        entry = _write_file(run.store, name, to_parquet(fields.empty_table()), 0)
        tables[table] = [{**entry, "lowest": 0, "highest": 0}]
    return tables


def _seal_standing(run: StageRun, stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Tables that belong to no unit, one file each; as lineage their rows have their own numbers."""
    opened = open_part(run.store.url, stage.name, run.scratch)
    maker = opened.synthesizer
    if not isinstance(maker, Standing):
        return {}
    model = load_model(run.store, stage.name, opened.synthesizer.model_type)
    tables: dict[str, list[dict[str, Any]]] = {}
    for table, rows in sorted(maker.standing(stage.part, model).items()):
        numbers = pa.array(np.arange(rows.num_rows, dtype=np.uint64))
        data = to_parquet(rows.combine_chunks().add_column(0, pa.field(UNIT, pa.uint64(), nullable=False), numbers))
        entry = _write_file(
            run.store, f"{part_folder(stage.name)}/data/{table}/part-00000.parquet", data, rows.num_rows
        )
        tables[table] = [{**entry, "lowest": 0, "highest": max(rows.num_rows - 1, 0)}]
    return tables


def _seal_shard(
    run: StageRun,
    stage: Stage,
    marker: Mapping[str, Any],
    accepted: Accepted,
    tables: dict[str, list[dict[str, Any]]],
    states: dict[str, list[str]],
) -> None:
    """Put one shard's files in their place: as they are, or without the units that are not accepted in the end."""
    store, shard = run.store, shard_folder(stage.name, marker["index"])
    gone_here = {r["unit"] for r in marker["rejects"]}
    made = marker["stop"] - marker["start"] - len(gone_here)
    inside = accepted.between(marker["start"], marker["stop"])
    whole = len(inside) == made
    cut_tables: dict[str, pa.RecordBatch] = {}
    for table, said in marker["tables"].items():
        files = tables.setdefault(table, [])
        target = f"{part_folder(stage.name)}/data/{table}/part-{len(files):05d}.parquet"
        rows, lowest, highest = said["rows"], marker["start"], marker["stop"] - 1
        if not whole:
            kept = _read_rows(store, f"{shard}/{table}.parquet")
            kept = kept.filter(pa.array(np.isin(kept.column(UNIT).to_numpy(), inside)))
            cut_tables[table], rows = kept, kept.num_rows
            if rows or not files:
                sha = store.write(target, data := to_parquet(kept))
                files.append(
                    {
                        "file": target,
                        "rows": rows,
                        "bytes": len(data),
                        "sha256": sha,
                        "lowest": lowest,
                        "highest": highest,
                    }
                )
        elif rows or not files:
            if not store.exists(target):
                store.move(f"{shard}/{table}.parquet", target)
            files.append(
                {
                    "file": target,
                    "rows": rows,
                    "bytes": said["bytes"],
                    "sha256": said["sha256"],
                    "lowest": lowest,
                    "highest": highest,
                }
            )
    if whole:
        observed = marker["states"]
    elif marker["states"] and len(inside):
        observed, _ = watch(
            open_part(run.store.url, stage.name, run.scratch), range(marker["start"], marker["stop"]), cut_tables
        )
    else:
        observed = {}
    for kind, text in observed.items():
        states.setdefault(kind, []).append(text)


def _read_rows(store: Store, name: str) -> pa.RecordBatch:
    table = read_parquet(store.read(name)).combine_chunks()
    return table.to_batches()[0] if table.num_rows else pa.RecordBatch.from_pylist([], schema=table.schema)


def _merge_states(run: StageRun, stage: Stage, states: Mapping[str, list[str]]) -> dict[str, str]:
    merged = {}
    for kind, (_, check) in shard_checks(run.recipe, stage.name).items():
        seen = [persist.loads(check.state_type, text) for text in states.get(kind, [])]
        if seen:
            total = seen[0]
            for state in seen[1:]:
                total = check.merge(total, state)
            merged[kind] = persist.dumps(total)
    return merged


def _seal_rejects(
    run: StageRun, stage: Stage, markers: Sequence[Mapping[str, Any]], rejects: Sequence[Rejected]
) -> list[dict[str, Any]]:
    """Write why units were rejected, and the values of those that may be shown."""
    if not rejects:
        return []
    folder = f"{part_folder(stage.name)}/rejected"
    ordered = sorted(rejects, key=lambda r: (r.unit, r.reason))
    reasons = pa.record_batch(
        {
            UNIT: pa.array([r.unit for r in ordered], pa.uint64()),
            "unit": pa.array([r.unit for r in ordered], pa.uint64()),
            "reason": pa.array([r.reason for r in ordered], pa.string()),
            "detail": pa.array([r.detail if r.keep else "" for r in ordered], pa.string()),
        }
    )
    out = [_write_file(run.store, f"{folder}/reasons.parquet", to_parquet(reasons), len(ordered))]
    hidden = {r.unit for r in rejects if not r.keep}
    shown = np.array(sorted({r.unit for r in rejects} - hidden), dtype=np.uint64)
    for marker in markers:
        inside = shown[(shown >= marker["start"]) & (shown < marker["stop"])]
        if not len(inside):
            continue
        early = {r["unit"] for r in marker["rejects"]}
        for table in marker["tables"]:
            pieces = [f"{shard_folder(stage.name, marker['index'])}/rejected/{table}.parquet"]
            if not early.issuperset(inside.tolist()):  # selection rejected it after the shard was written
                pieces.append(f"{shard_folder(stage.name, marker['index'])}/{table}.parquet")
            rows = [read_parquet(run.store.read(p)) for p in pieces if run.store.exists(p)]
            if not rows:
                continue
            both = pa.concat_tables(rows).sort_by(UNIT)
            both = both.filter(pa.array(np.isin(both.column(UNIT).to_numpy(), inside)))
            if both.num_rows:
                out.append(
                    _write_file(
                        run.store,
                        f"{folder}/{table}/part-{marker['index']:05d}.parquet",
                        to_parquet(both),
                        both.num_rows,
                    )
                )
    return out


def _write_file(store: Store, name: str, data: bytes, rows: int) -> dict[str, Any]:
    return {"file": name, "rows": rows, "bytes": len(data), "sha256": store.write(name, data)}


def stage_notes(store: Store, part: str) -> tuple[Note, ...]:
    """Notes of a finished stage: source, preparation, sampling."""
    folder = part_folder(part)
    return merge_notes(
        notes_from_json(store.read_json(f"{folder}/prepared.json")["notes"]),
        notes_from_json(store.read_json(f"{folder}/sealed.json")["notes"]),
    )
