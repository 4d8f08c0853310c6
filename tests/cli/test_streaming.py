"""``sundog make --stream`` as a process: what it says, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sundog.cli import build
from sundog.core.errors import RequestError
from sundog.run.progress import LINE_SECONDS

SUNDOG = [sys.executable, "-m", "sundog"]
RECIPE = """\
name: visits
parts:
  town:
    kind: records
    units: 6000
    origin: made up
    tables:
      visits:
        fields:
          number: {type: sequence, start: 1}
          at: {type: timestamp, start: 2024-01-01 00:00:00, stop: 2024-01-01 01:00:00}
evidence: {level: none}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "visits.yaml"
    path.write_text(RECIPE)
    return str(path)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SUNDOG, "make", *words], capture_output=True, text=True, check=False, timeout=120)


def test_rows_go_to_standard_output_and_words_to_standard_error(recipe: str) -> None:
    """The last line says how it went; with --json it is for machines."""
    done = _run(recipe, "--stream", "--speed", "max", "-n", "500", "--json")
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["at"] for r in rows] == sorted(r["at"] for r in rows)
    assert {r["number"] for r in rows} == set(range(1, 501))
    told = json.loads(done.stderr)
    assert (told["table"], told["time"], told["rows"], told["late"]) == ("town.visits", "at", 500, None)
    assert told["rows_per_second"] == pytest.approx(500 / told["seconds"], rel=0.01)


def test_a_reader_that_has_enough_ends_it_quietly(recipe: str) -> None:
    """As behind `| head`."""
    command = [*SUNDOG, "make", recipe, "--stream", "--speed", "max"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith('{"number": ')
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(120) == 0
    assert "sent" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(recipe: str, tmp_path: Path, name: signal.Signals) -> None:
    """Exit 4, with the number of rows that were sent, each of them whole."""
    to = tmp_path / "rows.jsonl"
    command = [*SUNDOG, "make", recipe, "--stream", "--speed", "60", "--to", str(to)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        stop = time.perf_counter() + 120
        while not (to.exists() and to.read_bytes().count(b"\n") > 20):
            assert time.perf_counter() < stop
            time.sleep(0.05)
        process.send_signal(name)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(120) == 4
    rows = [json.loads(line) for line in to.read_text().splitlines()]
    assert 20 < len(rows) < 6_000
    assert f"sent {len(rows):,} rows of town.visits" in said
    assert f"SD-STREAM-010 at --stream: the stream was stopped after {len(rows):,} rows" in said
    assert f"--skip {len(rows)}" in said
    assert LINE_SECONDS > 1  # lines of progress do not crowd the words


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--stream", "-o", "out"], "SD-CLI-021"),
        (["--stream", "--resume"], "SD-CLI-021"),
        (["--speed", "60"], "SD-CLI-022"),
        (["--to", "rows.jsonl", "--option", "append=true"], "SD-CLI-022"),
        (["--stream", "--option", "append"], "SD-CLI-001"),
        (["--stream", "--to", "mqtt://bob:s3cret@127.0.0.1:1/t", "--option", "connect_seconds=1"], "SD-STREAM-019"),
    ],
)
def test_bad_requests_end_with_2(recipe: str, words: list[str], code: str) -> None:
    """Before anything is sent or written; a password in a URL is not repeated."""
    done = CliRunner().invoke(build(), ["make", recipe, *words])
    error = done.exception
    assert isinstance(error, RequestError)
    assert error.exit_code == 2
    assert [p.code for p in error.problems] == [code] * len(error.problems)
    assert "s3cret" not in done.output + str(error)
    assert "{" not in done.output
