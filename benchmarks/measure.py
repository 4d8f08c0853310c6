"""Fit and sample once in this process and print the cost as one line of JSON; the other scripts start it as a process of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))


def measure_fit(source: Path, method: str, sample: int, learn_rows: int | None = None) -> dict[str, float]:
    """Cost of ``prepare`` and of sampling in a fresh process: fit_cpu_s, fit_wall_s, sample_cpu_s, peak_mib, rows, imports_mib."""
    command = [sys.executable, str(Path(__file__).resolve()), str(source), method, str(sample)]
    command += [] if learn_rows is None else ["--learn-rows", str(learn_rows)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RuntimeError(ended.stderr[-2000:])
    return {name: float(value) for name, value in json.loads(ended.stdout.splitlines()[-1]).items()}


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("method")
    parser.add_argument("sample", type=int)
    parser.add_argument("--learn-rows", type=int)
    asked = parser.parse_args()
    from cost import read_meter, start_meter
    from ours import sample_rows, use_one_processor

    from sundog.core.keys import Key
    from sundog.core.recipe import SourceSpec
    from sundog.kinds.tables.recipe import TablesPart
    from sundog.kinds.tables.synthesize import TablesSynthesizer
    from sundog.run.split import open_source

    use_one_processor()
    imports = read_meter(start_meter()).peak_mib
    spec = SourceSpec(path=str(asked.source), holdout_share=0.0)
    settings = {} if asked.learn_rows is None else {"learn_rows": asked.learn_rows}
    part = TablesPart.model_validate(
        {"kind": "tables", "units": asked.sample, "source": spec, "method": asked.method, **settings}
    )
    key = Key.root(0).child("rows")
    meter = start_meter()
    source = open_source(spec, spec.path, "source")
    model = TablesSynthesizer().prepare(part, source, key, asked.source.parent).value
    fit = read_meter(meter)
    sample_rows(model, key, 0, 1)
    meter = start_meter()
    sample_rows(model, key, 0, asked.sample)
    sample = read_meter(meter)
    found = {
        "fit_cpu_s": fit.cpu_s,
        "fit_wall_s": fit.wall_s,
        "fit_peak_mib": fit.peak_mib,
        "sample_cpu_s": sample.cpu_s,
    }
    print(json.dumps({**found, "peak_mib": sample.peak_mib, "imports_mib": imports, "rows": source.rows}))


if __name__ == "__main__":
    main()
