"""Run one of our own methods on one half: read, learn, sample, write, say what it cost.

``python ours.py METHOD FOLDER --rows N --seed S``; FOLDER as for ``rivals/runner.py``. METHOD is ``trees``, ``forest`` or one of them with
``_strict``. Reading the CSV and finding its types are part of the fit. The first row is sampled apart from the rest: it pays for loading
the compiled kernels, which a warm cache holds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent))

import pyarrow as pa
import pyarrow.csv
from cost import read_meter, start_meter

import sundog
from sundog.core.keys import Key
from sundog.core.plan import SHARD_UNITS, Shard
from sundog.core.protocols import Source
from sundog.core.recipe import SourceSpec
from sundog.kinds.tables.recipe import TablesPart
from sundog.kinds.tables.synthesize import TABLE, TablesModel, TablesSynthesizer
from sundog.run.split import open_source

PACKAGES = ("sundog", "lightgbm", "numba", "numpy", "pyarrow")


def hash_source() -> str:
    """Twelve digits that name the code of the package that ran."""
    root = Path(sundog.__file__).parent
    digest = blake2b(digest_size=6)
    for path in sorted(root.rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def use_one_processor() -> None:
    """Keep this process on one processor, so that no thread spins while it waits for another."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[os.getpid() % len(allowed)]})


def open_half(folder: Path, rows: int, method: str) -> tuple[TablesPart, Source]:
    """The part of the recipe and the opened source."""
    name, _, strict = method.partition("_")
    spec = SourceSpec(path=str(folder / "train.csv"), holdout_share=0.0)
    asked = {
        "kind": "tables",
        "units": rows,
        "source": spec,
        "method": name,
        "privacy": "strict" if strict else "standard",
    }
    part = TablesPart.model_validate(asked)
    return part, open_source(spec, spec.path, "source")


def sample_rows(model: TablesModel, key: Key, start: int, stop: int) -> pa.Table:
    """Rows of these units, shard by shard."""
    batches = []
    with TablesSynthesizer().open(model) as sampler:
        for at in range(start, stop, SHARD_UNITS):
            units = range(at, min(at + SHARD_UNITS, stop))
            batches.append(sampler.sample(Shard("rows", 0, units, key), {}).value[TABLE])
    return pa.Table.from_batches(batches)


def main() -> None:
    """Learn and sample once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("method")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    use_one_processor()
    key = Key.root(asked.seed).child("rows")
    meter = start_meter()
    part, source = open_half(asked.folder, asked.rows, asked.method)
    model = TablesSynthesizer().prepare(part, source, key, asked.folder).value
    fit = read_meter(meter)
    meter = start_meter()
    sample_rows(model, key, asked.rows, asked.rows + 1)
    first = read_meter(meter)
    meter = start_meter()
    made = sample_rows(model, key, 0, asked.rows)
    sample = read_meter(meter)
    pa.csv.write_csv(made, asked.folder / "synthetic.csv")
    cost = {
        "method": asked.method,
        "seed": asked.seed,
        "train_rows": source.rows,
        "rows": asked.rows,
        "versions": {name: version(name) for name in PACKAGES} | {"code": hash_source()},
        "python": platform.python_version(),
        "status": "done",
        "fit_cpu_s": fit.cpu_s,
        "fit_wall_s": fit.wall_s,
        "first_row_cpu_s": first.cpu_s,
        "sample_cpu_s": sample.cpu_s,
        "peak_mib": sample.peak_mib,
    }
    (asked.folder / "cost.json").write_text(json.dumps(cost, indent=1) + "\n")


if __name__ == "__main__":
    main()
