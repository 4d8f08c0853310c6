"""Which tables are exported, how files are called, and that an export is there whole or not at all."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import fsspec
import pyarrow as pa
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.export import _target
from sundog.export._tables import export_tables
from sundog.export.csv import CsvExporter, write_csv
from sundog.export.extension import CsvOut, TablesOut
from sundog.testing.bundle import MemoryBundle

SHOP = MemoryBundle(
    {
        "people": {
            "customers": pa.table({"id": [1, 2], "age": [17, 30]}),
            "orders": pa.table({"id": [1, 1, 2], "total": [5.0, 7.0, 9.0]}),
        },
        "weather": {"days": pa.table({"rain": [0.5]})},
    }
)


def export(target: str | Path, select: str | None = None) -> list[str]:
    return [p.rsplit("/", 1)[-1] for p in CsvExporter().write(CsvOut(select=select), SHOP, str(target))]


def test_names_of_files(tmp_path: Path) -> None:
    assert export(tmp_path / "out") == ["people.customers.csv", "people.orders.csv", "weather.csv"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "people.customers.csv",
        "people.orders.csv",
        "weather.csv",
    ]


def test_only_tables_with_the_columns_of_the_selection(tmp_path: Path) -> None:
    assert export(tmp_path / "a", "age < 18") == ["people.customers.csv"]
    assert export(tmp_path / "b", "id = 1") == ["people.customers.csv", "people.orders.csv"]
    assert (tmp_path / "b" / "people.orders.csv").read_text().split() == ["id,total", "1,5.0", "1,7.0"]


def test_a_file_may_be_named(tmp_path: Path) -> None:
    assert export(tmp_path / "deep" / "grown.csv", "age >= 18") == ["grown.csv"]
    assert (tmp_path / "deep" / "grown.csv").read_bytes() == b"id,age\r\n2,30\r\n"


def test_remote_target() -> None:
    fs = fsspec.filesystem("memory")
    paths = CsvExporter().write(CsvOut(select="rain > 0"), SHOP, "memory://exports/now")
    assert paths == ("memory:///exports/now/weather.csv",)
    assert fs.cat("/exports/now/weather.csv") == b"rain\r\n0.5\r\n"
    assert [f.rsplit("/", 1)[-1] for f in fs.find("/exports")] == ["weather.csv"]
    with pytest.raises(RequestError, match="SD-EXPORT-009"):
        CsvExporter().write(CsvOut(select="rain > 0"), SHOP, "memory://exports/now")


@pytest.mark.parametrize(
    ("target", "select", "code"),
    [
        ("out", "ages < 3", "SD-EXPORT-012"),
        ("out", "age < 3 and rain > 1", "SD-EXPORT-013"),
        ("out", "age < young", "SD-EXPORT-004"),
        ("nosuch://place", None, "SD-EXPORT-006"),
        ("out.csv", None, "SD-EXPORT-007"),
        ("taken", None, "SD-EXPORT-008"),
        ("full", None, "SD-EXPORT-009"),
        ("taken/below", None, "SD-EXPORT-011"),
    ],
)
def test_refused_before_anything_is_written(tmp_path: Path, target: str, select: str | None, code: str) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "weather.csv").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(RequestError) as caught:
        export(target if "://" in target else tmp_path / target, select)
    assert caught.value.problems[0].code == code
    assert caught.value.exit_code == 2
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "full" / "weather.csv").read_text() == "mine"


def test_the_nearest_name_over_all_tables(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="Did you mean 'total'"):
        export(tmp_path, "totl > 3")


def fill_up(schema: pa.Schema, batches: Iterator[pa.RecordBatch], stream: IO[bytes]) -> None:
    """Writes the first tables and then finds no room."""
    if "rain" in schema.names:
        stream.write(b"rain")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write_csv(schema, batches, stream)


@pytest.mark.parametrize("there", [True, False])
def test_a_full_disk_leaves_nothing(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "out"
    if there:
        target.mkdir()
        (target / "other.txt").write_text("mine")
    with pytest.raises(Incomplete, match="SD-EXPORT-010") as caught:
        export_tables(TablesOut(), SHOP, str(target), ".csv", fill_up)
    assert caught.value.exit_code == 4
    assert [p.name for p in tmp_path.rglob("*")] == (["out", "other.txt"] if there else [])


def test_a_full_remote_disk_leaves_nothing() -> None:
    fs = fsspec.filesystem("memory")
    with pytest.raises(Incomplete, match="SD-EXPORT-010"):
        export_tables(TablesOut(), SHOP, "memory://brim", ".csv", fill_up)
    assert fs.find("/brim") == []


@pytest.mark.parametrize("there", [True, False])
def test_a_rename_that_fails_takes_back_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    target = tmp_path / "out"
    if there:
        target.mkdir()
    renamed = []

    def stumble(self: Path, to: Path) -> Path:
        renamed.append(to)
        if len(renamed) == 2 or not there:
            raise OSError(errno.EIO, "broken")
        os.rename(self, to)  # noqa: PTH104 - Path.rename is what stumbles
        return to

    monkeypatch.setattr(Path, "replace", stumble)
    monkeypatch.setattr(Path, "rename", stumble)
    with pytest.raises(RequestError, match="SD-EXPORT-011"):
        export(target)
    assert renamed
    assert [p.name for p in tmp_path.rglob("*")] == (["out"] if there else [])


@pytest.mark.skipif(os.geteuid() != 0, reason="dropping privileges needs root")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "theirs").mkdir(mode=0o755)
    pid = os.fork()
    if pid == 0:
        try:
            os.setuid(65_534)
            with pytest.raises(RequestError, match="SD-EXPORT-011"):
                _target.write_whole(str(tmp_path / "theirs"), [("a.csv", lambda stream: None)], ".csv")
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it is, the parent hears of it
            os._exit(1)
    assert os.waitpid(pid, 0)[1] == 0


def test_every_code_of_exports_is_provoked_here() -> None:
    source = Path(_target.__file__).parent
    codes = {c for f in source.glob("*.py") for c in re.findall(r"SD-EXPORT-\d+", f.read_text())}
    tests = "".join(f.read_text() for f in Path(__file__).parent.glob("*.py"))
    assert codes <= set(re.findall(r"SD-EXPORT-\d+", tests)) | {"SD-EXPORT-001", "SD-EXPORT-002"}
