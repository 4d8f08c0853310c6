"""Who is compared, each in an environment and a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from real import HERE, Dataset, read_made, write_half

WORK = HERE / ".work"
CAP_S = 3600
"""Processor seconds that one fit may take; a rival that takes more is marked cut."""


@dataclass(frozen=True)
class Competitor:
    """One method.

    Attributes:
        name: short name in results and on the command line.
        title: name in the tables.
        lock: file of the environment under ``rivals/``; None for our own, which run in this environment.
        seeds: how many seeds are run for each half.
        drop: packages to remove after the installation, because their PyPI builds do not load beside a processor-only torch.
    """

    name: str
    title: str
    lock: str | None = None
    seeds: int = 1
    drop: tuple[str, ...] = ()


COMPETITORS: Mapping[str, Competitor] = {
    c.name: c
    for c in (
        Competitor("trees", "Sundog `trees`", seeds=3),
        Competitor("forest", "Sundog `forest`", seeds=3),
        Competitor("trees_strict", "Sundog `trees`, `privacy: strict`", seeds=3),
        Competitor("cart", "CART (as synthpop)", "cart"),
        Competitor("gaussian_copula", "SDV GaussianCopula", "sdv"),
        Competitor("tvae", "SDV TVAE", "sdv"),
        Competitor("ctgan", "SDV CTGAN", "sdv"),
        Competitor("arf", "arfpy", "arf"),
        Competitor("mostly", "mostlyai-engine", "mostly", drop=("torchvision", "torchaudio")),
    )
}
OURS = tuple(name for name, c in COMPETITORS.items() if c.lock is None)
RIVALS = tuple(name for name, c in COMPETITORS.items() if c.lock is not None)

_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


def make_environment(competitor: Competitor) -> Path:
    """The Python of the rival's environment, made from its lock when it is not there yet."""
    if competitor.lock is None:
        return Path(sys.executable)
    folder = WORK / "envs" / competitor.lock
    python = folder / "bin" / "python"
    done = folder / "made"
    lock = HERE / "rivals" / f"{competitor.lock}.txt"
    if done.exists() and done.read_text() == lock.read_text():
        return python
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "-r", str(lock)], check=True)
    if competitor.drop:
        subprocess.run([str(python), "-m", "pip", "uninstall", "--quiet", "-y", *competitor.drop], check=True)
    done.write_text(lock.read_text())
    return python


def locate_run(competitor: Competitor, data: Dataset, half: str, seed: int) -> Path:
    """Where one run keeps its input, output and cost."""
    return WORK / "runs" / competitor.name / data.name / f"{half}-{seed}"


def run_competitor(
    competitor: Competitor, data: Dataset, fitted: pa.Table, half: str, seed: int, nice: int
) -> dict[str, object]:
    """Fit on one half and sample as many rows; the cost as the runner wrote it. A finished run is not made again."""
    folder = locate_run(competitor, data, half, seed)
    cost = folder / "cost.json"
    if not cost.exists():
        python = make_environment(competitor)
        write_half(data, fitted, folder)
        script = HERE / ("ours.py" if competitor.lock is None else "rivals/runner.py")
        command = ["nice", "-n", str(nice), str(python), str(script), competitor.name, str(folder)]
        command += ["--rows", str(fitted.num_rows), "--seed", str(seed)]
        command += [] if competitor.lock is None else ["--cap", str(CAP_S)]
        with (folder / "log.txt").open("w") as log:
            ended = subprocess.run(
                command, env={**os.environ, **_ONE_THREAD}, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        if not cost.exists():
            tail = (folder / "log.txt").read_text(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(
                f"{competitor.name} on {data.name} ended with {ended.returncode}: {' '.join(tail)} (see {folder}/log.txt)"
            )
    return dict(json.loads(cost.read_text()))


def read_output(competitor: Competitor, data: Dataset, half: str, seed: int) -> pa.Table:
    """The synthetic rows of a finished run."""
    return read_made(data, locate_run(competitor, data, half, seed) / "synthetic.csv")
