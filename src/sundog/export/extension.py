"""Announces the exporters of plain tables."""

from __future__ import annotations

from typing import Any, Literal

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


class ArrowOut(TablesOut, frozen=True):
    """Arrow IPC: one file a table."""

    form: Literal["file", "stream"] = Field("file", description="file (.arrow, read at any place) or stream (.arrows).")
    compression: Literal["none", "lz4", "zstd"] = Field(
        "none", description="Of the buffers; without it a file can be mapped into memory."
    )


class DatabaseOut(TablesOut, frozen=True):
    """What is written into a database."""

    existing: Literal["refuse", "append", "replace"] = Field(
        "refuse",
        description="What becomes of tables that are there: nothing is done, rows are added, or they are dropped.",
    )
    keys: bool = Field(True, description="Make the primary, unique and foreign keys that the kind states.")


class SqlOut(DatabaseOut, frozen=True):
    """A script of SQL."""

    dialect: Literal["postgresql", "sqlite", "mysql", "duckdb"] = Field(
        "postgresql", description="Database that the script is written for."
    )
    rows: int = Field(500, ge=1, le=100_000, description="Most rows of an INSERT; a long one is ended earlier.")


class DuckdbOut(DatabaseOut, frozen=True):
    """A DuckDB file."""

    keys: bool = Field(
        False,
        description="Make the primary, unique and foreign keys that the kind states; DuckDB holds their indexes in memory.",
    )
    memory: int = Field(
        192, ge=128, description="MiB that DuckDB may take for its buffers; keys of many rows need more."
    )


class SenmlOut(TablesOut, frozen=True):
    """SenML: one pack a table."""

    form: Literal["json", "cbor"] = Field("json", description="How packs are written: json (.senml) or cbor (.senmlc).")
    device: str | None = Field(
        None,
        description="Column that names the device. Without it: device, device_id, sensor or sensor_id, if there is one.",
    )
    time: str | None = Field(
        None,
        description="Column of the time: timestamps, or seconds since 1970. Without it: time or timestamp, if there is one.",
    )
    channel: str | None = Field(None, description="Column that names what was measured, where each row is one reading.")
    value: str | None = Field(None, description="Column of the value, where each row is one reading.")
    unit: str | None = Field(None, description="Column of the unit, where each row is one reading.")
    columns: str | None = Field(
        None, description="Columns that hold readings, one channel each: A, B. Without it: all that name nothing else."
    )
    units: str | None = Field(
        None, description="Units of columns: temperature=Cel, humidity=%RH. Without it: those that the table states."
    )
    prefix: str = Field("", description="What the name of every record begins with, such as urn:dev:ops:32473-.")


def _csv() -> Any:
    from sundog.export.csv import CsvExporter

    return CsvExporter()


def _parquet() -> Any:
    from sundog.export.parquet import ParquetExporter

    return ParquetExporter()


def _jsonl() -> Any:
    from sundog.export.jsonl import JsonlExporter

    return JsonlExporter()


def _senml() -> Any:
    from sundog.export.senml import SenmlExporter

    return SenmlExporter()


def _arrow() -> Any:
    from sundog.export.arrow import ArrowExporter

    return ArrowExporter()


def _sql() -> Any:
    from sundog.export.sql import SqlExporter

    return SqlExporter()


def _duckdb() -> Any:
    from sundog.export.duckdb import DuckdbExporter

    return DuckdbExporter()


def _postgresql() -> Any:
    from sundog.export.postgresql import PostgresqlExporter

    return PostgresqlExporter()


CSV: Extension[Any] = Extension(
    kind="csv", spec=CsvOut, load=_csv, about="one CSV file a table; text that looks like a formula is made harmless"
)
PARQUET: Extension[Any] = Extension(kind="parquet", spec=TablesOut, load=_parquet, about="one Parquet file a table")
JSONL: Extension[Any] = Extension(kind="jsonl", spec=TablesOut, load=_jsonl, about="one JSON Lines file a table")
SENML: Extension[Any] = Extension(
    kind="senml", spec=SenmlOut, load=_senml, about="readings of sensors as SenML packs (RFC 8428), JSON or CBOR"
)
ARROW: Extension[Any] = Extension(
    kind="arrow", spec=ArrowOut, load=_arrow, about="one Arrow IPC file or stream a table"
)
SQL: Extension[Any] = Extension(
    kind="sql",
    spec=SqlOut,
    load=_sql,
    about="one script that makes and fills the tables: postgresql, sqlite, mysql, duckdb",
)
DUCKDB: Extension[Any] = Extension(
    kind="duckdb",
    spec=DuckdbOut,
    load=_duckdb,
    needs=("duckdb",),
    extra="duckdb",
    about="tables in a DuckDB file: DEST is its path",
)
POSTGRESQL: Extension[Any] = Extension(
    kind="postgresql",
    spec=DatabaseOut,
    load=_postgresql,
    needs=("adbc_driver_manager", "adbc_driver_postgresql"),
    extra="postgresql",
    about="tables in PostgreSQL: DEST is postgresql://USER@HOST/DATABASE[?schema=NAME]",
)
