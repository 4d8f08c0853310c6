"""Where the files of a running stage lie, and what the markers beside them say.

Under ``OUT/.sundog``::

    lock, request.json, run.json
    parts/PART/model/...         parts/PART/prepared.json      (marker: hashes of the model's files, notes)
    parts/PART/shards/000000/TABLE.parquet, rejected/TABLE.parquet, sketch.arrow, done.json
    parts/PART/data/TABLE/part-00000.parquet, rejected/..., sealed.json
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sundog.core.notes import Dependence, Note, Origin, PrivacySpend, Rejected, Remark, Used
from sundog.core.tables import UNIT
from sundog.run.dictionaries import choose_dictionaries

STAGING = ".sundog"
_UNITS = b"sundog.units"


def part_folder(part: str) -> str:
    """Staging folder of a part."""
    return f"{STAGING}/parts/{part}"


def shard_folder(part: str, index: int) -> str:
    """Staging folder of a shard."""
    return f"{STAGING}/parts/{part}/shards/{index:06d}"


def to_parquet(batch: pa.RecordBatch | pa.Table) -> bytes:
    """Parquet bytes of rows with a ``_unit`` column, which becomes the file's lineage. The bytes depend on the rows alone."""
    table = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    units = np.asarray(table.column(UNIT).combine_chunks().to_numpy(zero_copy_only=False), dtype=np.uint64)
    table = table.drop_columns([UNIT])
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), _UNITS: pack_units(units)})
    sink = pa.BufferOutputStream()
    # With the dictionaries well chosen, level 1 gives smaller files than level 3 gave without, in half the time.
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=1,
        use_dictionary=choose_dictionaries(table),
        write_statistics=True,
    )
    return bytes(sink.getvalue().to_pybytes())


def read_parquet(data: bytes) -> pa.Table:
    """The rows again, with their ``_unit`` column first."""
    table = pq.ParquetFile(pa.BufferReader(data)).read()  # read_table would load pyarrow.dataset
    return with_units(table, (table.schema.metadata or {})[_UNITS])


def with_units(table: pa.Table, packed: bytes) -> pa.Table:
    """The table with the lineage of its file as a first column ``_unit``."""
    units = unpack_units(packed)
    meta = {k: v for k, v in (table.schema.metadata or {}).items() if k != _UNITS}
    return table.replace_schema_metadata(meta or None).add_column(
        0, pa.field(UNIT, pa.uint64(), nullable=False), pa.array(units)
    )


def pack_units(units: NDArray[np.uint64]) -> bytes:
    """Unit numbers of the rows of a file, as differences, compressed, in base64."""
    if len(units) and np.array_equal(units, np.arange(units[0], units[0] + np.uint64(len(units)), dtype=np.uint64)):
        return f"range:{int(units[0])}:{len(units)}".encode()
    steps = np.diff(units.astype(np.int64), prepend=0).astype("<i8")
    return b"steps:" + base64.b64encode(zlib.compress(steps.tobytes(), 6))


def unpack_units(packed: bytes) -> NDArray[np.uint64]:
    """The other way round: uint64 (rows,)."""
    form, _, rest = packed.partition(b":")
    if form == b"range":
        start, count = (int(x) for x in rest.split(b":"))
        return np.arange(start, start + count, dtype=np.uint64)
    steps = np.frombuffer(zlib.decompress(base64.b64decode(rest)), dtype="<i8")
    return np.cumsum(steps).astype(np.uint64)


_NOTES: Mapping[str, Callable[..., Note]] = {
    "spend": PrivacySpend,
    "used": Used,
    "remark": Remark,
    "rejected": Rejected,
    "origin": Origin,
    "dependence": Dependence,
}


def notes_to_json(notes: tuple[Note, ...]) -> list[dict[str, Any]]:
    """Notes as plain JSON."""
    names = {cls: name for name, cls in _NOTES.items()}
    return [{"note": names[type(n)], **{f: getattr(n, f) for f in n.__slots__}} for n in notes]


def notes_from_json(found: list[dict[str, Any]]) -> tuple[Note, ...]:
    """Notes from plain JSON."""
    return tuple(_NOTES[n["note"]](**{k: v for k, v in n.items() if k != "note"}) for n in found)


def merge_notes(*groups: tuple[Note, ...]) -> tuple[Note, ...]:
    """All notes, each once, in the order of their first appearance; spends all stay, since equal ones are paid for twice."""
    found: dict[Note | tuple[int, Note], Note] = {}
    for number, note in enumerate(n for g in groups for n in g):
        found.setdefault((number, note) if isinstance(note, PrivacySpend) else note, note)
    return tuple(found.values())


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: what fingerprints are taken of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
