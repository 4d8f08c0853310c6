"""Run one rival on one half of a table, inside the rival's own environment: fit, sample, write, say what it cost.

``python runner.py METHOD FOLDER --rows N --seed S --cap SECONDS``. FOLDER holds ``train.csv`` and ``columns.json``
(a list of ``{"name", "kind"}``, kind one of category, integer, decimal). It gets ``synthetic.csv`` and ``cost.json``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np
import pandas as pd

sys.path.append(str(Path(__file__).resolve().parent.parent))
from cost import Cut, limit_cpu, read_meter, start_meter

MODULES = {
    "cart": "rival_cart",
    "arf": "rival_arf",
    "gaussian_copula": "rival_sdv",
    "tvae": "rival_sdv",
    "ctgan": "rival_sdv",
    "mostly": "rival_mostly",
}


def read_train(folder: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """The training half, categories as strings and numbers as numbers; an empty cell is missing."""
    columns = json.loads((folder / "columns.json").read_text())
    kinds = {column["name"]: column["kind"] for column in columns}
    text = {name: str for name, kind in kinds.items() if kind == "category"}
    frame = pd.read_csv(folder / "train.csv", dtype=text, keep_default_na=False, na_values=[""])
    return frame[list(kinds)], kinds


def main() -> None:
    """Fit and sample once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=sorted(MODULES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cap", type=int, default=3600)
    asked = parser.parse_args()
    train, kinds = read_train(asked.folder)
    np.random.seed(asked.seed)  # noqa: NPY002 - the rivals draw from the global stream
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(asked.seed)
    rival = importlib.import_module(MODULES[asked.method])
    answer: dict[str, object] = {
        "method": asked.method,
        "seed": asked.seed,
        "train_rows": len(train),
        "rows": asked.rows,
        "versions": {name: importlib.metadata.version(name) for name in rival.PACKAGES},
        "python": platform.python_version(),
        "status": "done",
    }
    limit_cpu(asked.cap)
    meter = start_meter()
    try:
        model = rival.fit(asked.method, train, kinds, asked.seed, asked.folder)
        fit = read_meter(meter)
        meter = start_meter()
        made = rival.sample(model, asked.rows, asked.seed)
        sample = read_meter(meter)
        answer |= {
            "fit_cpu_s": fit.cpu_s,
            "fit_wall_s": fit.wall_s,
            "sample_cpu_s": sample.cpu_s,
            "peak_mib": sample.peak_mib,
        }
        made[list(kinds)].to_csv(asked.folder / "synthetic.csv", index=False)
    except Cut:
        spent = read_meter(meter)
        answer |= {"status": "cut", "fit_cpu_s": spent.cpu_s, "fit_wall_s": spent.wall_s, "peak_mib": spent.peak_mib}
    (asked.folder / "cost.json").write_text(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
