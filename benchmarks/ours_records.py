"""Our own records to Parquet, snappy, in one process on one core: ``python ours_records.py RECIPE FOLDER --rows N``.

The last line printed is JSON, as from ``rivals/records_runner.py``. The kernels are loaded (from a warm cache) before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from importlib.metadata import version
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent / "rivals"))

import pyarrow as pa
import pyarrow.parquet as pq
from records_runner import read_cpu, use_one_core

from sundog import api
from sundog.core.extension import implementation
from sundog.core.keys import Key
from sundog.core.plan import SHARD_UNITS, Shard
from sundog.core.protocols import Sampler
from sundog.core.tables import UNIT
from sundog.run.dictionaries import choose_dictionaries

PACKAGES = ("sundog", "numba", "numpy", "pyarrow")


def write_all(sampler: Sampler, rows: int, folder: Path) -> dict[str, int]:
    """Every table as one file, a row group a shard; rows of each."""
    writers: dict[str, pq.ParquetWriter] = {}
    made: dict[str, int] = {}
    key = Key.root(1).child("part")
    for index, start in enumerate(range(0, rows, SHARD_UNITS)):
        tables, _ = sampler.sample(Shard("part", index, range(start, min(start + SHARD_UNITS, rows)), key), {})
        for name, batch in tables.items():
            kept = batch.drop_columns([UNIT]) if UNIT in batch.schema.names else batch
            table = pa.Table.from_batches([kept])
            if name not in writers:
                chosen = choose_dictionaries(table)
                writers[name] = pq.ParquetWriter(
                    folder / f"{name}.parquet", table.schema, compression="snappy", use_dictionary=chosen
                )
            writers[name].write_table(table)
            made[name] = made.get(name, 0) + table.num_rows
    for writer in writers.values():
        writer.close()
    return made


def main() -> None:
    """Run once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    asked = parser.parse_args()
    use_one_core()
    pa.set_cpu_count(1)
    shutil.rmtree(asked.folder, ignore_errors=True)
    asked.folder.mkdir(parents=True)
    fitted = api.fit(asked.recipe)
    with implementation("sundog.kinds", "records").open(fitted.model) as sampler:
        sampler.sample(Shard("part", 0, range(100), Key.root(1).child("part")), {})
        before, clock = read_cpu(), time.monotonic()
        made = write_all(sampler, asked.rows, asked.folder)
        cpu, wall = read_cpu() - before, time.monotonic() - clock
    answer = {
        "rows": made,
        "cpu_s": cpu,
        "wall_s": wall,
        "with_start_cpu_s": read_cpu(),
        "bytes": sum(path.stat().st_size for path in asked.folder.rglob("*.parquet")),
        "versions": {name: version(name) for name in PACKAGES},
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
