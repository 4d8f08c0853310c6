"""Announces the exporters of plain tables."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from sundog.core.extension import Extension
from sundog.core.recipe import Spec


class TablesOut(Spec, frozen=True):
    """What is exported."""

    select: str | None = Field(
        None, description="Rows to export: COLUMN OP VALUE, joined by 'and' (age >= 18 and sex = 'Female')."
    )


class CsvOut(TablesOut, frozen=True):
    """CSV: one file a table."""

    formulas: bool = Field(
        False,
        description="Leave text that a spreadsheet would run as a formula as it is. Otherwise it gets a leading apostrophe.",
    )


def _csv() -> Any:
    from sundog.export.csv import CsvExporter

    return CsvExporter()


def _parquet() -> Any:
    from sundog.export.parquet import ParquetExporter

    return ParquetExporter()


def _jsonl() -> Any:
    from sundog.export.jsonl import JsonlExporter

    return JsonlExporter()


CSV: Extension[Any] = Extension(
    kind="csv", spec=CsvOut, load=_csv, about="one CSV file a table; text that looks like a formula is made harmless"
)
PARQUET: Extension[Any] = Extension(kind="parquet", spec=TablesOut, load=_parquet, about="one Parquet file a table")
JSONL: Extension[Any] = Extension(kind="jsonl", spec=TablesOut, load=_jsonl, about="one JSON Lines file a table")
