"""Scratch folders: private, gone afterwards, swept when their run is dead and never when it lives."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sundog.run.scratch import open_scratch, sweep


@pytest.fixture(autouse=True)
def own_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_private_and_gone_afterwards(own_root: Path) -> None:
    with open_scratch() as folder:
        assert folder.parent == own_root
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "secret").write_text("x")
        assert sweep(own_root) == 0
        assert (folder / "secret").exists()
    assert list(own_root.iterdir()) == []
    with pytest.raises(ZeroDivisionError), open_scratch():
        raise ZeroDivisionError
    assert list(own_root.iterdir()) == []


def test_a_dead_run_is_swept_by_the_next(own_root: Path) -> None:
    code = "import os; from sundog.run.scratch import open_scratch\nwith open_scratch() as f: (f / 'x').touch(); os._exit(9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = own_root.iterdir()
    assert (left / "x").exists()
    with open_scratch() as folder:
        assert [p for p in own_root.iterdir() if p != folder] == []


def test_nobody_sweeps_a_run_that_is_just_starting(own_root: Path) -> None:
    wrong: list[str] = []

    def open_often() -> None:
        for _ in range(60):
            with open_scratch() as folder:
                (folder / "mine").write_text("x")
                if not (folder / "lock").exists():
                    wrong.append(str(folder))

    threads = [threading.Thread(target=open_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert list(own_root.iterdir()) == []


def test_other_peoples_files_are_left_alone(own_root: Path) -> None:
    (own_root / "sundog-scratch-file").write_text("x")
    (own_root / "sundog-scratch-empty").mkdir()
    (own_root / "other").mkdir()
    assert sweep(own_root) == 0
    assert len(list(own_root.iterdir())) == 3
