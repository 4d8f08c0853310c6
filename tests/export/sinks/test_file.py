"""Lines to files, pipes and standard output."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.export.jsonl import write_jsonl
from sundog.export.sinks.extension import FileRowsOut
from sundog.export.sinks.file import FileOutlet, FileSink


def _send(outlet: FileOutlet, rows: pa.RecordBatch) -> None:
    messages = outlet.encode(rows)
    while messages:
        messages = messages[outlet.send(messages) :]
    while outlet.arrived() < rows.num_rows:
        outlet.finish(0.1)


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_lines_are_those_of_the_exporter(tmp_path: Path, readings: pa.RecordBatch, form: str) -> None:
    to, expected = tmp_path / "rows.jsonl", tmp_path / "expected.jsonl"
    with FileSink().open(FileRowsOut(), form.format(to), "readings", readings.schema) as outlet:
        _send(outlet, readings)
    with expected.open("wb") as stream:
        write_jsonl(readings.schema, iter([readings]), stream)
    assert to.read_bytes() == expected.read_bytes()


def test_a_row_is_in_the_file_when_it_was_sent(tmp_path: Path, readings: pa.RecordBatch) -> None:
    """No buffer keeps it from a reader."""
    to = tmp_path / "rows.jsonl"
    with FileSink().open(FileRowsOut(), str(to), "readings", readings.schema) as outlet:
        messages = outlet.encode(readings)
        for i in range(4):
            assert outlet.send(messages[i : i + 1]) == 1
            assert to.read_bytes() == b"".join(messages[: i + 1])


def test_senml_lines_leave_out_rows_without_a_reading(tmp_path: Path, readings: pa.RecordBatch) -> None:
    to = tmp_path / "rows.senml"
    rows = readings.set_column(0, "device", pa.array(["a1", "b2", "a1", "c"]))
    with FileSink().open(FileRowsOut(format="senml"), str(to), "readings", rows.schema) as outlet:
        _send(outlet, rows)
        assert outlet.arrived() == 4
    packs = [json.loads(line) for line in to.read_text().splitlines()]
    assert [pack[0]["v"] for pack in packs] == [20.5, -3.25]
    with (
        pytest.raises(RequestError, match="SD-STREAM-011"),
        FileSink().open(FileRowsOut(format="senml", device="devise"), str(to) + "2", "readings", rows.schema),
    ):
        pass


def test_a_slow_reader_holds_rows_back(tmp_path: Path, many: pa.RecordBatch) -> None:
    """What a pipe does not take stays with the sender; only whole lines count as arrived."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    read: list[bytes] = []
    with FileSink().open(FileRowsOut(), str(pipe), "many", many.schema) as outlet:
        messages = outlet.encode(many) * 4
        taken = 0
        while gone := outlet.send(messages[taken:]):
            taken += gone
        size = sum(map(len, messages))
        assert 0 < outlet.arrived() < taken < len(messages)
        assert sum(len(m) for m in messages[: outlet.arrived()]) <= 1 << 20 < size + (1 << 20)

        def read_all() -> None:
            os.set_blocking(reader, True)
            while data := os.read(reader, 65_536):
                read.append(data)

        thread = threading.Thread(target=read_all)
        thread.start()
        while taken < len(messages):
            taken += outlet.send(messages[taken:])
        while outlet.arrived() < taken:
            outlet.finish(0.1)
    thread.join()
    os.close(reader)
    assert b"".join(read) == b"".join(messages)


def test_a_reader_that_went_away(tmp_path: Path, many: pa.RecordBatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def send_all() -> None:
        with FileSink().open(FileRowsOut(), str(pipe), "many", many.schema) as outlet:
            os.close(reader)
            outlet.send(outlet.encode(many))

    with pytest.raises(BrokenPipeError):
        send_all()


def test_a_full_disk_ends_the_stream_and_counts_whole_lines(
    tmp_path: Path, readings: pa.RecordBatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    room = [100]

    def write(handle: int, data: memoryview) -> int:
        if room[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(handle, data[: room[0]])
        room[0] -= written
        return written

    to = tmp_path / "rows.jsonl"
    found = []

    def send_all() -> None:
        with FileSink().open(FileRowsOut(), str(to), "readings", readings.schema) as outlet:
            found.append(outlet)
            monkeypatch.setattr(os, "write", write)
            outlet.send(outlet.encode(readings))

    with pytest.raises(Incomplete, match="SD-STREAM-015") as caught:
        send_all()
    assert "No space left" in str(caught.value)
    assert found[0].arrived() == to.read_bytes().count(b"\n") == 1


def test_files_are_never_written_over(tmp_path: Path, readings: pa.RecordBatch) -> None:
    """But may be written behind."""
    to = tmp_path / "rows.jsonl"
    to.write_text("mine\n")
    for target, code in (
        (to, "SD-STREAM-016"),
        (tmp_path / "none" / "rows", "SD-STREAM-017"),
        (tmp_path, "SD-STREAM-017"),
    ):
        with (
            pytest.raises(RequestError, match=code),
            FileSink().open(FileRowsOut(), str(target), "readings", readings.schema),
        ):
            pass
    assert to.read_text() == "mine\n"
    with FileSink().open(FileRowsOut(append=True), str(to), "readings", readings.schema) as outlet:
        _send(outlet, readings)
    assert to.read_text().startswith('mine\n{"device": "a/1"')
