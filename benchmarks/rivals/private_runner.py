"""Run one private rival on codes, inside the rival's own environment: fit, sample, write, say what it cost.

``python private_runner.py METHOD FOLDER --epsilon E --delta D --seed S --cap SECONDS``. FOLDER holds ``train.csv`` (whole numbers) and
``sizes.json`` (codes of each column, in order: the public domain). It gets ``synthetic.csv`` and ``cost.json``.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import sys
import traceback
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import numpy as np
import pandas as pd

sys.path.append(str(Path(__file__).resolve().parent.parent))
from cost import Cut, limit_cpu, read_meter, start_meter

MODULES = {
    "smartnoise_mst": "private_smartnoise",
    "mbi_mst": "private_smartnoise",
    "smartnoise_aim": "private_smartnoise",
    "dpmm_mst": "private_dpmm",
    "dpmm_aim": "private_dpmm",
}


def main() -> None:
    """Fit and sample once."""
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=sorted(MODULES))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epsilon", type=float, required=True)
    parser.add_argument("--delta", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cap", type=int, default=3600)
    asked = parser.parse_args()
    train = pd.read_csv(asked.folder / "train.csv")
    sizes = json.loads((asked.folder / "sizes.json").read_text())
    np.random.seed(asked.seed)  # noqa: NPY002 - the rivals draw from the global stream
    limit_cpu(asked.cap)
    meter = start_meter()
    answer: dict[str, object] = {
        "method": asked.method,
        "python": platform.python_version(),
        "status": "done",
    }
    try:
        rival = importlib.import_module(MODULES[asked.method])
        answer["versions"] = {name: importlib.metadata.version(name) for name in rival.PACKAGES}
        made = rival.run(asked.method, train, sizes, asked.epsilon, asked.delta, asked.seed)
        made.to_csv(asked.folder / "synthetic.csv", index=False)
    except Cut:
        answer["status"] = "cut"
    except Exception as error:  # noqa: BLE001 - whatever a rival fails with is its result
        traceback.print_exc()
        answer |= {"status": "failed", "error": f"{type(error).__name__}: {error}"}
    spent = read_meter(meter)
    answer |= {"cpu_s": spent.cpu_s, "wall_s": spent.wall_s, "peak_mib": spent.peak_mib}
    (asked.folder / "cost.json").write_text(json.dumps(answer, indent=1) + "\n")


if __name__ == "__main__":
    main()
