"""Killed at any instant, nothing is lost or doubled: the resumed bundle is the undisturbed one, byte for byte."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sundog_toy.bundles import make, read_content, read_tables, shop

from sundog.core.errors import Incomplete, RequestError
from sundog.core.keys import Key

COMMAND = [sys.executable, "-m", "sundog", "make", "--json"]


def start(recipe: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    words = [*COMMAND, str(recipe), "-o", str(out), "--workers", "2", "--shard-units", "10", *more]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=300)
    return process.returncode, said


def write(folder: Path, recipe: dict[str, Any]) -> Path:
    path = folder / "recipe.yaml"
    path.write_text(json.dumps(recipe))
    return path


def test_killed_between_any_two_changes(tmp_path: Path) -> None:
    """Runs in one process each, killed before a rename, a removal, a flush: steps from all over the run."""
    words = [sys.executable, "-m", "sundog_toy.crash", str(tmp_path), "20"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["total"] > 200
    assert said["files"] > 15
    assert [k for k in said["kills"] if k["died"] != -signal.SIGKILL] == []
    assert sum(k["twice"] == -signal.SIGKILL for k in said["kills"]) >= 3
    assert [k for k in said["kills"] if k["ended"] != 0 or k["different"]] == []


@pytest.mark.slow
def test_killed_at_twenty_instants(tmp_path: Path) -> None:
    """The command itself with two workers: instants drawn over the time that an undisturbed run takes."""
    recipe = write(
        tmp_path,
        {
            "name": "killed",
            "parts": {
                "people": {"kind": "shop", "units": 120, "odd": 0.2, "codes": 2000, "slow": 0.05, "slow_prepare": 0.2},
                "notes": {"kind": "note", "of": "people"},
            },
            "checks": [{"kind": "toy_limit", "most": 0.95}],
        },
    )
    assert finish(start(recipe, tmp_path / "warm"))[0] == 0
    began = time.monotonic()
    assert finish(start(recipe, tmp_path / "whole"))[0] == 0
    took = time.monotonic() - began
    whole = read_content(tmp_path / "whole")
    chances = Key.root(0).child("instants").uniform(range(20))
    killed = 0
    for i in range(20):
        out = tmp_path / f"out{i}"
        for attempt in range(4):
            process = start(recipe, out)
            began = time.monotonic()
            time.sleep((i + chances[i, 0]) / 20 * took)
            process.kill()
            if finish(process)[0] == -signal.SIGKILL:
                killed += 1
                break
            # It was faster than the undisturbed run had been: the machine is less busy now.
            took = min(took, time.monotonic() - began) * 0.9
            if attempt < 3:
                shutil.rmtree(out)
        code, said = finish(start(recipe, out, "--resume"))
        assert code == 0, said
        assert read_content(out) == whole, f"killed after {(i + chances[i, 0]) / 20 * took:.2f} s"
    assert killed >= 15


@pytest.mark.slow
@pytest.mark.parametrize("kept", [False, True], ids=["learning", "sampling"])
def test_an_interrupted_run_promises_what_it_keeps(tmp_path: Path, kept: bool) -> None:
    """Ctrl-C: `--resume` is offered where there is something to go on with; else the output is free again."""
    slow = {"slow": 30.0} if kept else {"slow_start": 60.0}
    recipe = write(tmp_path, shop(40, **slow))
    out = tmp_path / "out"
    process = start(recipe, out)
    reached = "prepared.json" if kept else "checkpoints"
    try:
        for _ in range(1200):
            if (out / ".sundog" / "parts" / "people" / reached).exists():
                break
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        code, said = finish(process)
    finally:
        process.kill()
    assert code == 4, said
    assert "SD-RUN-023" in said
    assert ("--resume" in said) == kept
    assert out.exists() == kept


def test_workers_die_with_the_run(tmp_path: Path) -> None:
    """A worker that outlived its run would write into the folder of the one that resumes."""
    recipe = write(tmp_path, shop(100, slow=30.0))
    process = start(recipe, tmp_path / "out")
    import psutil

    try:
        workers: list[psutil.Process] = []
        for _ in range(600):
            workers = psutil.Process(process.pid).children()
            if len(workers) == 2 and all(w.num_threads() > 1 and w.cpu_times().user > 0.1 for w in workers):
                break
            time.sleep(0.05)
        assert len(workers) == 2
        time.sleep(0.5)
    finally:
        process.kill()
        process.communicate()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert not list((tmp_path / "out" / ".sundog").rglob("done.json"))


def test_two_runs_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = write(tmp_path, shop(40, slow_prepare=60.0))
    first = start(recipe, tmp_path / "out")
    try:
        for _ in range(1200):
            if (tmp_path / "out" / ".sundog" / "request.json").exists():
                break
            time.sleep(0.05)
        for resume in (False, True):
            with pytest.raises(RequestError, match=f"SD-RUN-004.*process {first.pid} on") as caught:
                make(shop(40, slow_prepare=60.0), tmp_path / "out", resume=resume)
            assert caught.value.exit_code == 2
    finally:
        first.kill()
        first.communicate()
    # the kernel dropped the lock of the dead run, which had got no further than preparing
    with pytest.raises(RequestError, match="SD-RUN-026"):
        make(shop(40, slow_prepare=60.0), tmp_path / "out")
    calls = tmp_path / "out" / ".sundog" / "parts" / "people" / "checkpoints" / "calls"
    seen = []
    monkeypatch.setattr("sundog_toy.synthesize.time.sleep", lambda s: seen.append(calls.read_text()) if s else None)
    make(shop(40, slow_prepare=60.0), tmp_path / "out", resume=True)
    assert seen == ["xx"]  # what the dead run had left as a checkpoint was given to the one that resumed


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    hurt = shop(60, trouble={"fault": "die_once", "unit": 33, "flag": str(flag)})
    tables = read_tables(make(hurt, tmp_path / "out", shard_units=10, workers=2))
    assert flag.exists()
    assert tables == read_tables(make(shop(60), tmp_path / "whole"))


def test_a_worker_that_always_dies_ends_the_run_resumably(tmp_path: Path) -> None:
    hurt = shop(60, trouble={"fault": "die", "unit": 33})
    with pytest.raises(Incomplete, match=r"SD-RUN-013.*died 3 times.*-9") as caught:
        make(hurt, tmp_path / "out", shard_units=10, workers=2)
    assert caught.value.exit_code == 4
    done = list((tmp_path / "out" / ".sundog" / "parts" / "people" / "shards").glob("*/done.json"))
    assert 1 <= len(done) < 6
