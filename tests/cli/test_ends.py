"""How a command ends: interrupted at any instant it says so in one line, and with --json an error is JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_AT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it, and children inherit that

class Interrupt:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.{signal})
            {then}

sys.meta_path.insert(0, Interrupt())
from sundog.__main__ import main
sys.argv = ["sundog", "replicate", "small.csv", "-o", "out", *{more!r}]
main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.csv").write_text("a,b\n" + "".join(f"{i % 7},{i * 7919 % 10007}\n" for i in range(200)))
    return tmp_path


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sundog", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def interrupt(folder: Path, module: str, then: str = "", *more: str, name: str = "SIGINT") -> tuple[int, str, str]:
    """Interrupt a replicate while it imports a module."""
    code = INTERRUPTED_AT.format(module=module, then=then or "pass", more=list(more), signal=name)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "module", ["typer", "sundog.cli.audit", "sundog.api", "numpy", "pyarrow", "sundog.run.replicate"]
)
def test_an_interrupt_while_modules_are_imported_is_one_line(folder: Path, module: str) -> None:
    assert interrupt(folder, module) == (4, "", "SD-CLI-004 at sundog: interrupted\n")
    assert not (folder / "out").exists()


def test_an_interrupt_that_a_module_turns_into_an_error_of_its_own(folder: Path) -> None:
    """A compiled module may: numpy says that it failed to be imported."""
    module = "pyarrow"
    code = INTERRUPTED_AT.format(module=module, then="pass", more=[], signal="SIGINT").replace(
        "            os.kill(os.getpid(), signal.SIGINT)",
        "            try:\n                os.kill(os.getpid(), signal.SIGINT)\n"
        "            except KeyboardInterrupt:\n                raise ImportError('numpy._core.multiarray failed to import')",
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    assert (done.returncode, done.stderr) == (4, "SD-CLI-004 at sundog: interrupted\n")


def test_sigterm_and_json(folder: Path) -> None:
    code, out, err = interrupt(folder, "sundog.run.replicate", "", "--json", name="SIGTERM")
    assert (code, err) == (4, "SD-CLI-004 at sundog: interrupted\n")
    assert json.loads(out) == {
        "exit_code": 4,
        "problems": [{"code": "SD-CLI-004", "where": "sundog", "what": "interrupted", "fix": ""}],
    }


@pytest.mark.parametrize(
    ("words", "code", "first"),
    [
        (["replicate", "nothing.csv", "--json"], 2, "SD-SOURCE-"),
        (["replicate", "small.csv", "--method", "tres", "--json"], 2, "SD-RECIPE-008"),
        (["verify", "nothing", "--json"], 2, "SD-BUNDLE-003"),
        (["audit", "small.csv", "--json"], 2, "SD-CLI-005"),
        (["make", "customers", "--no-such-option", "--json"], 2, "SD-CLI-005"),
        (["no-such-verb", "--json"], 2, "SD-CLI-005"),
    ],
)
def test_an_error_is_json_where_that_was_asked_for(folder: Path, words: list[str], code: int, first: str) -> None:
    said = run(*words, cwd=folder)
    assert said.returncode == code
    found = json.loads(said.stdout)
    assert found["exit_code"] == code
    assert found["problems"][0]["code"].startswith(first)
    assert all(set(p) == {"code", "where", "what", "fix"} for p in found["problems"])
    assert found["problems"][0]["what"] in said.stderr  # for people too
    without = run(*words[:-1], cwd=folder)
    assert (without.returncode, without.stdout) == (code, "")


def test_every_problem_is_told(folder: Path) -> None:
    said = run("make", "census", "--set", "parts.people.unitz=3", "--set", "seeds=2", "--json", cwd=folder)
    assert len(json.loads(said.stdout)["problems"]) == 2


def test_exit_codes_of_what_went_well_are_kept(folder: Path) -> None:
    assert run("--help", cwd=folder).returncode == 0
    assert run("kinds", "--json", cwd=folder).returncode in (0, 2)
    assert run(cwd=folder).returncode in (0, 2)
