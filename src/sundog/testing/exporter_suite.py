"""Questions to an exporter: is everything there or nothing, on a disk and on an object store, and the same each time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
import pyarrow as pa

from sundog.core.extension import Extension
from sundog.core.protocols import Exporter, TargetCheck
from sundog.core.recipe import Recipe
from sundog.testing.bundle import MemoryBundle

TRICKY = pa.table(
    {
        "number": pa.array([1, None, -(2**60)], pa.int64()),
        "amount": pa.array([0.1, float("nan"), None]),
        "text": ["=1+1", 'a "quoted", line\nbreak', None],
        "flag": [True, None, False],
        "day": pa.array([datetime.date(2024, 2, 29), None, datetime.date(1900, 1, 1)]),
        "at": pa.array([0, None, 1_700_000_000_123_456], pa.timestamp("us", "UTC")),
    }
)
BUNDLE = MemoryBundle(
    {"people": {"rows": TRICKY, "none": TRICKY.slice(0, 0)}, "alone": {"rows": TRICKY.select(["number"])}}, batch=2
)


@dataclass(frozen=True)
class ExporterTrial:
    """An exporter on trial.

    Attributes:
        extension: announces it.
        bundle: what is exported; its last part is read in several batches, or none of the questions asks what happens between two.
    """

    extension: Extension[Any]
    bundle: MemoryBundle = BUNDLE


@dataclass(frozen=True)
class _Stumbling:
    """A bundle whose last table cannot be read to its end."""

    whole: MemoryBundle

    @property
    def recipe(self) -> Recipe:
        return self.whole.recipe

    def parts(self) -> tuple[str, ...]:
        return self.whole.parts()

    def tables(self, part: str) -> tuple[str, ...]:
        return self.whole.tables(part)

    def schema(self, part: str, table: str) -> pa.Schema:
        return self.whole.schema(part, table)

    def scan(self, part: str, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        for i, batch in enumerate(self.whole.scan(part, table, columns)):
            if part == self.whole.parts()[-1] and i == 1:
                raise OSError("the disk went away")
            yield batch


def _write(trial: ExporterTrial, target: str, bundle: Any = None) -> tuple[str, ...]:
    exporter: Exporter[Any] = trial.extension.load()
    return exporter.write(trial.extension.spec(), trial.bundle if bundle is None else bundle, target)


def _fills_databases(trial: ExporterTrial) -> bool:
    """Whether its targets are databases, which it looks at itself: not folders, nor what fsspec opens, nor the same bytes twice."""
    return isinstance(trial.extension.load(), TargetCheck)


def what_is_written_is_told(trial: ExporterTrial) -> None:
    """The paths that come back are there, hold something, and nothing else is left beside them."""
    if _fills_databases(trial):
        return
    with TemporaryDirectory(prefix="sundog-conformance-") as folder:
        told = _write(trial, f"{folder}/new/out")
        assert told, "nothing was written"
        there = {str(p) for p in Path(folder).rglob("*") if p.is_file()}
        assert set(told) <= there, f"{sorted(set(told) - there)} are not there"
        assert there <= set(told), f"{sorted(there - set(told))} were written and not told of"


def writing_again_gives_the_same_bytes(trial: ExporterTrial) -> None:
    """The same bundle gives the same files."""
    if _fills_databases(trial):
        return
    found = []
    for _ in range(2):
        with TemporaryDirectory(prefix="sundog-conformance-") as folder:
            told = _write(trial, f"{folder}/out")
            found.append([(p.removeprefix(folder), sha256(Path(p).read_bytes()).hexdigest()) for p in told])
    assert found[0] == found[1]


def all_or_nothing(trial: ExporterTrial) -> None:
    """An export that fails half-way leaves nothing, in a new folder as in one that is there."""
    for there in (False, True):
        with TemporaryDirectory(prefix="sundog-conformance-") as folder:
            if there:
                Path(folder, "out").mkdir()
            try:
                _write(trial, f"{folder}/out", _Stumbling(trial.bundle))
            except Exception:  # noqa: BLE001 - which one is the exporter's own business
                left = sorted(p.name for p in Path(folder).rglob("*") if p.is_file())
                assert not left, f"{left} were left behind"
            else:
                raise AssertionError("a bundle that could not be read to its end was exported")


def urls_are_targets_too(trial: ExporterTrial) -> None:
    """It writes to what fsspec can open as it writes to a folder."""
    if _fills_databases(trial):
        return
    fs = fsspec.filesystem("memory")
    with TemporaryDirectory(prefix="sundog-conformance-") as folder:
        local = [(Path(p).name, Path(p).read_bytes()) for p in _write(trial, f"{folder}/out")]
    root = f"/sundog-conformance-{trial.extension.kind}"
    try:
        told = _write(trial, f"memory:/{root}/out")
        assert sorted((p.rsplit("/", 1)[-1], fs.cat(p)) for p in told) == sorted(local), "other files than in a folder"
    finally:
        if fs.exists(root):
            fs.rm(root, recursive=True)


QUESTIONS: tuple[Callable[[ExporterTrial], None], ...] = (
    what_is_written_is_told,
    writing_again_gives_the_same_bytes,
    all_or_nothing,
    urls_are_targets_too,
)
