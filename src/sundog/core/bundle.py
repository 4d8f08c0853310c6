"""A finished dataset on disk: recipe, tables, report, manifest. Reads only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from sundog.core.errors import Damaged, Problem, RequestError, nearest
from sundog.core.findings import Answer
from sundog.core.recipe import Recipe
from sundog.core.tables import keys_of, with_keys


@dataclass(frozen=True)
class BundleFiles:
    """An opened bundle. Implements ``core.protocols.BundleView``.

    Attributes:
        url: what was opened.
        fs: its fsspec file system.
        root: its path there.
        manifest: the parsed manifest.json.
    """

    url: str
    fs: Any
    root: str
    manifest: Mapping[str, Any]

    @property
    def recipe(self) -> Recipe:
        """The recipe that made it."""
        with reading_json(f"{self.url}/manifest.json"):
            return Recipe.model_validate(self.manifest["recipe"])

    @property
    def verdict(self) -> str:
        """``released``, ``withheld`` or ``unassessed``."""
        return str(self.manifest["verdict"])

    def read(self, name: str) -> bytes:
        """The bytes of a file of the bundle."""
        with self.fs.open(f"{self.root}/{name}", "rb") as stream:
            return bytes(stream.read())

    def answer(self) -> Answer:
        """All findings and exhibits of report.json.

        Raises:
            RequestError: it is damaged or gone.
        """
        with reading_json(f"{self.url}/report.json"):
            said = json.loads(self.read("report.json"))
            halves = [
                Answer.model_validate({"findings": h["findings"], "exhibits": h["exhibits"]})
                for h in (said["public"], said["private"])
            ]
        return Answer(
            findings=tuple(f for h in halves for f in h.findings), exhibits=tuple(e for h in halves for e in h.exhibits)
        )

    def parts(self) -> tuple[str, ...]:
        """Names of the parts, in the order of the recipe."""
        return tuple(self.manifest["parts"])

    def tables(self, part: str) -> tuple[str, ...]:
        """Names of the tables of a part."""
        return tuple(self._part(part)["tables"])

    def files(self, part: str, table: str) -> tuple[str, ...]:
        """Files of a table, relative to the bundle, in order."""
        tables = self._part(part)["tables"]
        if table not in tables:
            raise RequestError(
                Problem("SD-BUNDLE-001", f"{self.url}: {part}", f"there is no table {table!r}", nearest(table, tables))
            )
        return tuple(f["file"] for f in tables[table]["files"])

    def rows(self, part: str, table: str) -> int:
        """Number of rows of a table."""
        self.files(part, table)
        return sum(int(f["rows"]) for f in self._part(part)["tables"][table]["files"])

    def schema(self, part: str, table: str) -> pa.Schema:
        """Columns of a table and their meaning, and the keys that were stated."""
        name = self.files(part, table)[0]
        with reading_table(f"{self.url}/{name}"), self.fs.open(f"{self.root}/{name}", "rb") as stream:
            schema = pq.ParquetFile(stream).schema_arrow
            return with_keys(schema.remove_metadata(), keys_of(schema))

    def scan(self, part: str, table: str, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows of a table in order, in batches of at most 65,536.

        Raises:
            RequestError: a file is damaged or gone.
        """
        for name in self.files(part, table):
            with reading_table(f"{self.url}/{name}"), self.fs.open(f"{self.root}/{name}", "rb") as stream:
                for batch in pq.ParquetFile(stream).iter_batches(
                    65_536, columns=None if columns is None else list(columns)
                ):
                    plain = batch.replace_schema_metadata(None)
                    yield plain if columns is None else plain.select(list(columns))  # Parquet gives its own order

    def _part(self, part: str) -> Mapping[str, Any]:
        parts: Mapping[str, Any] = self.manifest["parts"]
        if part not in parts:
            raise RequestError(Problem("SD-BUNDLE-002", self.url, f"there is no part {part!r}", nearest(part, parts)))
        found: Mapping[str, Any] = parts[part]
        return found


def open_files(url: str) -> BundleFiles:
    """Open a finished bundle.

    Raises:
        RequestError: nothing is there, it is not a bundle, or it is not finished.
    """
    fs, root = fsspec.core.url_to_fs(url)
    root = str(PurePosixPath(root)) if "://" not in root else root
    if not fs.exists(root):
        raise RequestError(
            Problem(
                "SD-BUNDLE-003",
                url,
                "there is no such bundle",
                "Give the folder that `sundog make` or `sundog replicate` wrote.",
            )
        )
    if not fs.exists(f"{root}/manifest.json"):
        if fs.exists(f"{root}/.sundog"):
            raise RequestError(
                Problem(
                    "SD-BUNDLE-004",
                    url,
                    "this bundle is not finished",
                    "Run the command that made it again with --resume.",
                )
            )
        raise RequestError(
            Problem(
                "SD-BUNDLE-005",
                url,
                "this is not a bundle: it has no manifest.json",
                "Give the folder that `sundog make` or `sundog replicate` wrote.",
            )
        )
    with reading_json(f"{url}/manifest.json"):
        with fs.open(f"{root}/manifest.json", "rb") as stream:
            manifest = json.loads(stream.read())
        if not isinstance(manifest, dict) or manifest.get("format") != 1:
            raise ValueError("it is not of format 1")
        lacking = [name for name, kind in _NEEDED.items() if not isinstance(manifest.get(name), kind)]
        if lacking:
            raise ValueError(f"it lacks {', '.join(lacking)}")
        _look_through(manifest["parts"])
    return BundleFiles(url, fs, root, manifest)


_NEEDED: Mapping[str, type] = {
    "verdict": str,
    "reasons": list,
    "content_hash": str,
    "recipe": dict,
    "parts": dict,
    "files": list,
    "findings": list,
}


def _look_through(parts: Mapping[str, Any]) -> None:
    """Raise for a part whose tables cannot be read from the manifest."""
    for part in parts.values():
        for table in part["tables"].values():
            for file in table["files"]:
                str(file["file"]), int(file["rows"])


def reading_json(where: str) -> AbstractContextManager[None]:
    """Turn what a damaged or missing manifest, report or recipe raises into an error with a code."""
    return _reading("SD-BUNDLE-006", where)


def reading_table(where: str) -> AbstractContextManager[None]:
    """Turn what a damaged or missing table raises into an error with a code."""
    return _reading("SD-BUNDLE-007", where)


@contextmanager
def _reading(code: str, where: str) -> Iterator[None]:
    try:
        yield
    except RequestError:
        raise
    except FileNotFoundError as error:
        raise Damaged(Problem(code, where, "the file is gone", _DAMAGED)) from error
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, pa.ArrowException) as error:
        said = f"it lacks {error}" if isinstance(error, KeyError) else str(error).split("\n", 1)[0][:300]
        raise Damaged(Problem(code, where, f"cannot be read: {said}", _DAMAGED)) from error


_DAMAGED = (
    "It is damaged, was changed, or was written by another version of Sundog. `sundog verify` says what else was."
)
