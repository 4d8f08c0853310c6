"""Real records to train and holdout. The only module that sees both sides; checks get them through ``Evidence``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.extension import implementation, installed
from sundog.core.keys import Key
from sundog.core.notes import Note, Remark
from sundog.core.protocols import Reader, Source
from sundog.core.recipe import SourceSpec

BATCH = 65_536


@dataclass(frozen=True)
class Spool:
    """Records in a memory-mapped Arrow file of the scratch folder. Implements ``core.protocols.Source``."""

    path: Path
    schema: pa.Schema
    rows: int
    notes: tuple[Note, ...] = ()

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The records in order."""
        with pa.memory_map(str(self.path)) as mapped, pa.ipc.open_file(mapped) as reader:
            for i in range(reader.num_record_batches):
                batch = reader.get_batch(i)
                yield batch if columns is None else batch.select(list(columns))


@dataclass(frozen=True)
class Split:
    """The two sides. ``holdout`` is None when nothing was held out."""

    train: Spool
    holdout: Spool | None


def open_source(spec: SourceSpec, path: str, where: str) -> Source:
    """Open real records through the first installed reader that accepts them.

    ``builtin:NAME`` is a table that ships with Sundog.
    """
    if path.startswith("builtin:"):
        shipped = {entry.name: str(entry) for entry in files("sundog.data").iterdir()}
        name = path.removeprefix("builtin:")
        if name not in shipped:
            raise RequestError(
                Problem(
                    "SD-RUN-029",
                    where,
                    f"no table {name!r} ships with Sundog",
                    nearest(name, [n for n in shipped if ".csv" in n]),
                )
            )
        path = shipped[name]
    for kind in installed("sundog.sources"):
        reader: Reader = implementation("sundog.sources", kind, where)
        if reader.accepts(spec):
            return reader.open(spec, path)
    raise RequestError(
        Problem(
            "SD-RUN-007", where, f"no installed reader accepts {path!r}", "See `sundog kinds` for what is installed."
        )
    )


def open_like(spec: SourceSpec, path: str, where: str, like: pa.Schema) -> Source:
    """Open records that go with a table: columns whose own values say another type are read as the table's."""
    from sundog.lib.rows.infer_stated import types_like  # not needed by a kind that reads nothing

    source = open_source(spec, path, where)
    types = types_like(like, source.schema)
    if not types:
        return source
    return open_source(spec.model_copy(update={"types": {**types, **spec.types}}), path, where)


def open_text(spec: SourceSpec, path: str, where: str) -> Source:
    """Open records with every cell as text, so that no type is taken from them; names of columns are."""
    bare = spec.model_copy(update={"types": {}})
    names = open_source(bare, path, where).schema.names
    return open_source(bare.model_copy(update={"types": dict.fromkeys(names, "string")}), path, where)


def split_source(
    spec: SourceSpec, stratify: str | None, key: Key, folder: Path, where: str, *, private: bool = False
) -> Split:
    """Read the source once and write both sides into ``folder``; a finished split there is used again.

    Args:
        spec: where the records are and how to hold out.
        stratify: column whose shares both sides keep, when the spec names none (the target).
        key: stream of the part; the same records and key give the same split.
        folder: private scratch.
        where: place in the recipe, for errors.
        private: for a part that claims privacy: cells are text, and which side a record is on depends on that record (or its
            person) alone, so that one more or less moves no other.
    """
    done = folder / "split.json"
    if done.exists():
        return _reopen(folder, json.loads(done.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    source = open_text(spec, spec.path, f"{where}.path") if private else open_source(spec, spec.path, f"{where}.path")
    _need_columns(source, {"stratify": spec.stratify, "person": spec.person}, where)
    if spec.holdout is not None:
        train = _write(source.scan(), source, folder / "train.arrow")
        if private:
            other = open_text(spec, spec.holdout, f"{where}.holdout")
        else:
            other = open_like(spec, spec.holdout, f"{where}.holdout", source.schema)
        _same_columns(source.schema, other.schema, where)
        other_typed = (_cast(b, source.schema, where) for b in other.scan())
        holdout: Spool | None = _write(other_typed, other, folder / "holdout.arrow", schema=source.schema)
        assert holdout is not None
        from sundog.run.apart import need_apart  # statistics, which a run without a stated holdout need not import

        need_apart(train, holdout, f"{where}.holdout", spec.person)
    elif spec.holdout_share == 0:
        train, holdout = _write(source.scan(), source, folder / "train.arrow"), None
    else:
        if private:
            held = choose_by_content(source, spec, key.child("holdout"))
        else:
            held = choose_holdout(source, spec, stratify, key.child("holdout"))
        if not held.any() or held.all():
            train, holdout = _write(source.scan(), source, folder / "train.arrow"), None
        else:
            train = _write(_pick(source, ~held), source, folder / "train.arrow")
            holdout = _write(_pick(source, held), source, folder / "holdout.arrow")
    if train.rows == 0 and not private:
        raise RequestError(
            Problem("SD-RUN-008", where, "there is no record to learn from", "Give a source with at least one record.")
        )
    sides = {"train": train.rows, "holdout": None if holdout is None else holdout.rows}
    done.write_text(json.dumps(sides))
    return Split(_with_notes(train, source.notes), holdout)


def choose_by_content(source: Source, spec: SourceSpec, key: Key) -> NDArray[np.bool_]:
    """Which records are held out, each by a hash of its own text and its place among equal ones, or of its person: bool (rows,).

    About the share is held out. Equal records are spread over both sides as others are, or a table with few different ones would
    have a holdout that shares none with the training rows, and every attack would seem to work. One more record moves no other:
    among equal ones it does not matter which was the last.
    """
    from sundog.lib.privacy.neighbours import hash_rows  # not needed by most kinds

    names = [spec.person] if spec.person is not None else source.schema.names
    hashes = [hash_rows([b.column(n) for n in names], key.lo) for b in source.scan(names)]
    words = np.concatenate(hashes) if hashes else np.zeros(0, np.uint64)
    if spec.person is None:
        words = _spread_equal(words)
    held: NDArray[np.bool_] = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53 < spec.holdout_share
    return held


def _spread_equal(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Words of their own for equal words: the first keeps its own, the k-th after it gets another, whatever stands beside."""
    order = np.argsort(words, kind="stable")
    ordered = words[order]
    fresh = np.concatenate([np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1]])
    at = np.arange(len(ordered))
    rank = (at - np.maximum.accumulate(np.where(fresh, at, 0))).astype(np.uint64)
    # The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection of 64 bits that leaves 0 as it is.
    mixed = rank * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    out = np.empty_like(words)
    out[order] = ordered ^ mixed ^ (mixed >> np.uint64(31))
    return out


def choose_holdout(source: Source, spec: SourceSpec, stratify: str | None, key: Key) -> NDArray[np.bool_]:
    """Which records are held out: bool (rows,), the same share in each stratum, persons kept whole.

    Strata are the values of the column, or deciles of a number with more than 20 values.
    """
    rows = source.rows
    chance = key.uniform(range(rows))[:, 0]
    if spec.person is not None:
        codes = _codes(source, spec.person)
        people = int(codes.max(initial=0)) + 1
        chance = key.child("person").uniform(range(people))[:, 0]
        return np.asarray(_lowest(chance, np.zeros(people, np.int64), spec.holdout_share)[codes], dtype=np.bool_)
    column = spec.stratify or stratify
    strata = (
        np.zeros(rows, np.int64) if column is None or column not in source.schema.names else _strata(source, column)
    )
    return _lowest(chance, strata, spec.holdout_share)


def _lowest(chance: NDArray[np.float64], strata: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """The share of each stratum with the lowest draw; the rounding is spread so that the whole share is right."""
    order = np.lexsort((chance, strata))
    sizes = np.bincount(strata)
    ends = np.round(np.cumsum(sizes) * share).astype(np.int64)
    take = np.diff(ends, prepend=0)
    starts = np.cumsum(sizes) - sizes
    rank = np.arange(len(chance)) - np.repeat(starts, sizes)
    out = np.zeros(len(chance), np.bool_)
    out[order] = rank < np.repeat(take, sizes)
    return out


def _column(source: Source, column: str) -> pa.ChunkedArray:
    return pa.chunked_array([b.column(0) for b in source.scan([column])], type=source.schema.field(column).type)


def _codes(source: Source, column: str) -> NDArray[np.int64]:
    encoded = pc.dictionary_encode(_column(source, column), null_encoding="encode").combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0) if encoded.num_chunks else pa.array([], encoded.type)
    return np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)


def _strata(source: Source, column: str) -> NDArray[np.int64]:
    codes = _codes(source, column)
    kind = source.schema.field(column).type
    if codes.max(initial=0) <= 20 or not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        sizes = np.bincount(codes)
        return np.where(sizes[codes] >= 5, codes, sizes.size).astype(np.int64)  # too few to share: one common stratum
    values = pc.cast(_column(source, column), pa.float64()).to_numpy()
    known = ~np.isnan(values)
    edges = np.quantile(values[known], np.linspace(0, 1, 11)[1:-1])
    return np.where(known, np.searchsorted(edges, values, "right"), 10).astype(np.int64)


def _pick(source: Source, mask: NDArray[np.bool_]) -> Iterator[pa.RecordBatch]:
    at = 0
    for batch in source.scan():
        yield batch.filter(pa.array(mask[at : at + batch.num_rows]))
        at += batch.num_rows


def _write(batches: Iterator[pa.RecordBatch], source: Source, path: Path, schema: pa.Schema | None = None) -> Spool:
    schema = source.schema if schema is None else schema
    rows = 0
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            if batch.num_rows:
                writer.write_batch(batch)
                rows += batch.num_rows
    return Spool(path, schema, rows, source.notes)


def _reopen(folder: Path, sides: dict[str, int | None]) -> Split:
    def spool(side: str) -> Spool | None:
        rows = sides[side]
        if rows is None:
            return None
        with pa.memory_map(str(folder / f"{side}.arrow")) as mapped, pa.ipc.open_file(mapped) as reader:
            return Spool(folder / f"{side}.arrow", reader.schema, rows)

    train = spool("train")
    assert train is not None
    return Split(train, spool("holdout"))


def _with_notes(spool: Spool, notes: tuple[Note, ...]) -> Spool:
    extra: tuple[Note, ...] = ()
    if spool.rows < 100:
        extra = (Remark("source", f"only {spool.rows} records to learn from: little can be learned or shown"),)
    return Spool(spool.path, spool.schema, spool.rows, notes + extra)


def _need_columns(source: Source, wanted: dict[str, str | None], where: str) -> None:
    problems = [
        Problem(
            "SD-RUN-009",
            f"{where}.{field}",
            f"{name!r} is not a column of the source",
            nearest(name, source.schema.names),
        )
        for field, name in wanted.items()
        if name is not None and name not in source.schema.names
    ]
    if problems:
        raise RequestError(*problems)


def _same_columns(train: pa.Schema, holdout: pa.Schema, where: str) -> None:
    lacks = [n for n in train.names if n not in holdout.names]
    more = [n for n in holdout.names if n not in train.names]
    if lacks or more:
        what = "; ".join(
            ([f"it lacks {', '.join(lacks)}"] if lacks else []) + ([f"it also has {', '.join(more)}"] if more else [])
        )
        raise RequestError(
            Problem(
                "SD-RUN-010",
                f"{where}.holdout",
                f"the holdout has other columns than the source: {what}",
                "Give a holdout with the same columns.",
            )
        )


def _cast(batch: pa.RecordBatch, schema: pa.Schema, where: str) -> pa.RecordBatch:
    columns = []
    for field in schema:
        column = batch.column(field.name)
        try:
            columns.append(column.cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise RequestError(
                Problem(
                    "SD-RUN-011",
                    f"{where}.holdout",
                    f"column {field.name!r} is {column.type} in the holdout and {field.type} in the source: {error}",
                    f"State the type in {where}.types.",
                )
            ) from error
    return pa.record_batch(columns, schema=schema)
