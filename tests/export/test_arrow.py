"""Arrow IPC: pyarrow reads the same rows, types and marks again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pytest

from sundog.core.tables import keys_of, meaning_of, with_meaning
from sundog.export.arrow import ArrowExporter
from sundog.export.extension import ArrowOut
from sundog.testing.bundle import MemoryBundle


def read(path: str, form: str) -> pa.Table:
    with pa.OSFile(path) as stream:
        return (pa.ipc.open_file if form == "file" else pa.ipc.open_stream)(stream).read_all()


@pytest.mark.parametrize("form", ["file", "stream"])
@pytest.mark.parametrize("compression", ["none", "lz4", "zstd"])
def test_every_type_comes_back(tmp_path: Path, every_type_table: pa.Table, form: Any, compression: Any) -> None:
    bundle = MemoryBundle({"all": {"rows": every_type_table}}, batch=97)
    (path,) = ArrowExporter().write(ArrowOut(form=form, compression=compression), bundle, str(tmp_path))
    assert Path(path).name == ("all.arrow" if form == "file" else "all.arrows")
    found = read(path, form)
    coded = every_type_table.schema.get_field_index("coded")
    wanted = every_type_table.set_column(coded, "coded", every_type_table.column("coded").cast(pa.string()))
    assert found.schema.types == wanted.schema.types
    for name in wanted.schema.names:
        assert str(found.column(name).to_pylist()) == str(wanted.column(name).to_pylist()), name  # NaN is like NaN
    assert keys_of(found.schema).primary == ("id",)


def test_a_file_is_mapped_without_a_copy(tmp_path: Path, block: pa.Table) -> None:
    (path,) = ArrowExporter().write(ArrowOut(), MemoryBundle({"a": {"rows": block}}), str(tmp_path / "a.arrow"))
    before = pa.total_allocated_bytes()
    with pa.memory_map(path) as mapped:
        table = pa.ipc.open_file(mapped).read_all()
        assert pa.total_allocated_bytes() == before
        assert table.column("number")[9_999].as_py() == 9_999
        del table


def test_batches_with_other_dictionaries(tmp_path: Path) -> None:
    class Changing(MemoryBundle):
        def scan(self, part: str, table: str, columns: Any = None) -> Any:
            for words in (["a", "b"], ["c"], ["b", None]):
                yield pa.record_batch({"w": pa.array(words).dictionary_encode()}, schema=self.schema(part, table))

    field = with_meaning(pa.field("w", pa.dictionary(pa.int32(), pa.string())), "category", "made up")
    bundle = Changing({"a": {"rows": pa.schema([field]).empty_table()}})
    (path,) = ArrowExporter().write(ArrowOut(), bundle, str(tmp_path))
    found = read(path, "file")
    assert found.column("w").to_pylist() == ["a", "b", "c", "b", None]
    assert meaning_of(found.schema.field("w")) == "category"


def test_selected_rows_and_no_rows(tmp_path: Path, block: pa.Table) -> None:
    bundle = MemoryBundle({"a": {"rows": block}}, batch=100)
    (path,) = ArrowExporter().write(ArrowOut(select="number < 3"), bundle, str(tmp_path / "few"))
    assert read(path, "file").column("number").to_pylist() == [0, 1, 2]
    (path,) = ArrowExporter().write(ArrowOut(select="number < 0"), bundle, str(tmp_path / "none"))
    assert read(path, "file").schema == block.schema
