"""A run that is killed goes on where it was: the bundle is the one of a run that was not, and no stored answer is asked for again."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from stub_server import RunningStub, running_stub

UNITS = 48


@pytest.fixture(scope="module")
def stub() -> Iterator[RunningStub]:
    """One for all runs, since its address is part of the recipe."""
    with running_stub(
        {"delay_s": 0.02, "faults": [{"kind": "status", "status": 500, "share": 0.05, "times": 1}]}
    ) as found:
        yield found


def write_recipe(folder: Path, url: str) -> Path:
    part = {
        "kind": "text",
        "units": UNITS,
        "task": {"type": "classification", "labels": ["good", "bad"], "hard": 0.2},
        "model": {"endpoint": url, "name": "stub", "concurrency": 4},
    }
    recipe = {"name": "killed", "seed": 7, "parts": {"labels": part}, "evidence": {"level": "quick"}}
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return path


def start(recipe: Path, out: Path, cache: Path, *more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sundog", "make", str(recipe), "-o", str(out), "--workers", "2", *more]
    environment = {**os.environ, "SUNDOG_CACHE": str(cache), "OPENAI_API_KEY": "sk-test"}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()


def content_of(out: Path) -> tuple[Any, Any]:
    manifest = json.loads((out / "manifest.json").read_text())
    hashes = {
        f["path"]: f["sha256"] for f in manifest["files"] if f["path"].startswith(("data/", "rejected/", "model/"))
    }
    return manifest["content_hash"], hashes


def count_stored(cache: Path) -> int:
    path = cache / "language" / "answers.sqlite"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as found:
        try:
            return int(found.execute("SELECT count(*) FROM answers").fetchone()[0])
        except sqlite3.OperationalError:  # killed before the tables were made
            return 0


@pytest.fixture(scope="module")
def whole(stub: RunningStub, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, int]:
    """What a run that nobody kills gives, and how many questions it has."""
    folder = tmp_path_factory.mktemp("whole")
    finish(start(write_recipe(folder, stub.url), folder / "out", folder / "cache"))
    return content_of(folder / "out"), count_stored(folder / "cache")


def kill_and_resume(stub: RunningStub, whole: tuple[Any, int], folder: Path, at: int) -> None:
    """Kill when the stub has seen so many requests (or so many tenths of a second after the start, below 0), and go on."""
    content, questions = whole
    recipe, out, cache = write_recipe(folder, stub.url), folder / "out", folder / "cache"
    stub.forget()
    process = start(recipe, out, cache)
    begun = time.monotonic()
    while process.poll() is None and time.monotonic() - begun < 120:
        if (at < 0 and time.monotonic() - begun > -at / 10) or 0 <= at <= stub.seen()["requests"]:
            break
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    time.sleep(0.1)  # what was on its way to the stub is counted
    stored = count_stored(cache)
    stub.forget()
    resumable = ["--resume"] if (out / ".sundog" / "request.json").exists() or (out / "manifest.json").exists() else []
    finish(start(recipe, out, cache, *resumable))
    assert content_of(out) == content
    answered = [n for n in stub.seen()["answered"].values() if n]
    probes = sum(answered) - (questions - stored)
    assert probes in (0, 1), f"{sum(answered)} answers after the kill; {questions} questions, {stored} of them stored"
    assert count_stored(cache) == questions


def test_a_run_that_is_killed_once(stub: RunningStub, whole: tuple[Any, int], tmp_path: Path) -> None:
    kill_and_resume(stub, whole, tmp_path, at=60)


@pytest.mark.slow
@pytest.mark.parametrize("at", [-5, -10, -15, 1, 2, 5, 9, 14, 20, 27, 35, 44, 54, 65, 77, 90, 104, 119, 135, 150])
def test_a_run_that_is_killed_at_any_instant(
    stub: RunningStub, whole: tuple[Any, int], tmp_path: Path, at: int
) -> None:
    kill_and_resume(stub, whole, tmp_path, at)


def test_another_run_of_the_same_recipe_asks_nothing(stub: RunningStub, whole: tuple[Any, int], tmp_path: Path) -> None:
    content, _ = whole
    recipe, cache = write_recipe(tmp_path, stub.url), tmp_path / "cache"
    finish(start(recipe, tmp_path / "one", cache))
    stub.forget()
    finish(start(recipe, tmp_path / "two", cache))
    assert stub.seen()["requests"] <= 2, "the probe alone is never stored"
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two") == content
