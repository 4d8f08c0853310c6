"""Announces the reader of files."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.core.recipe import SourceSpec


def _load() -> Any:
    from sundog.lib.rows.read import Files

    return Files()


FILES: Extension[Any] = Extension(kind="files", spec=SourceSpec, load=_load, about="CSV, TSV, Parquet, Arrow and JSONL files, gz and zst of them, directories of parts, fsspec URLs")
