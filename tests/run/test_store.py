"""The place of a bundle: every file whole or not at all, on this machine and on an object store."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path

import fsspec
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.run.store import Store, open_store, write_error


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "local":
        return open_store(str(tmp_path / "out"))
    return open_store(f"memory://{tmp_path.name}/out")


def test_files(store: Store) -> None:
    assert not store.exists()
    assert store.entries() == store.files() == ()
    assert store.write("a/b.bin", b"123") == sha256(b"123").hexdigest()
    store.write_json(".sundog/c.json", {"z": 1, "a": "é"})
    store.write("a/b.bin", b"1234")
    assert store.read("a/b.bin") == b"1234"
    assert store.read(".sundog/c.json").decode() == '{\n "z": 1,\n "a": "é"\n}\n'
    assert store.read_json(".sundog/c.json") == {"z": 1, "a": "é"}
    assert [f for f in store.files() if "writing" not in f] == [".sundog/c.json", "a/b.bin"]
    assert store.entries("a") == ("b.bin",)
    store.remove("a")
    store.remove("nowhere")
    assert not store.exists("a/b.bin")


def test_moves(store: Store) -> None:
    for name in ("x/1", "x/deep/2", "y"):
        store.write(name, name.encode())
    store.move("x", "to/there/x")
    store.move("y", "z")
    assert store.read("to/there/x/deep/2") == b"x/deep/2"
    assert store.read("z") == b"y"
    assert [f for f in store.files() if f[0] in "xy"] == []


def test_a_move_on_an_object_store_that_was_killed_is_finished() -> None:
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    store = open_store("memory://bucket/out")
    for i in range(5):
        store.write(f"from/{i}", bytes([i]))
    moves = 0

    class Killed(BaseException):
        """As good as a signal."""

    good = type(fs).mv

    def mv(self: object, *args: object, **named: object) -> object:
        nonlocal moves
        moves += 1
        if moves == 3:
            raise Killed
        return good(self, *args, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(fs), "mv", mv)
        with pytest.raises(Killed):
            store.move("from", "to")
    store.move("from", "to")
    assert store.files("to") == tuple(f"to/{i}" for i in range(5))
    assert store.files("from") == ()


def test_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(str(tmp_path))
    store.write("data/a", b"old")

    def refuse(self: Path, target: Path) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(Path, "replace", refuse)
    for name in ("data/a", ".sundog/parts/p/data/a"):
        with pytest.raises(Incomplete, match=r"SD-RUN-003.*broken"):
            store.write(name, b"new")
    assert store.read("data/a") == b"old"
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / "data" / "a"]
    with pytest.raises(Incomplete, match="SD-RUN-003"):
        store.move("data", "other")


def test_what_a_killed_write_leaves_lies_where_nothing_moves_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(str(tmp_path))
    seen: list[str] = []
    monkeypatch.setattr(Path, "replace", lambda self, target: seen.append(str(self.relative_to(tmp_path))))
    store.write(".sundog/parts/people/data/rows/part-00000.parquet", b"1")
    store.write("data/x", b"1")
    assert Path(seen[0]).parent == Path(".sundog/writing")
    assert Path(seen[1]).parent == Path("data")


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "SD-RUN-002"), (errno.EDQUOT, "SD-RUN-002"), (errno.EACCES, "SD-RUN-003")]
)
def test_what_a_failed_write_means(number: int, code: str) -> None:
    error = write_error(OSError(number, os.strerror(number)), "/there")
    assert error.exit_code == 4
    assert error.problems[0].code == code
    assert "--resume" in error.problems[0].fix


def test_places_that_cannot_be_opened() -> None:
    with pytest.raises(RequestError, match="SD-RUN-001"):
        open_store("nosuch://x")
