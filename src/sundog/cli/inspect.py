"""``sundog inspect``."""

from __future__ import annotations

from dataclasses import asdict

import typer

from sundog.cli.say import print_json


def inspect(
    source: str = typer.Argument(help="File, directory of parts or URL: CSV, TSV, JSONL, Parquet, Arrow; gz and zst."),
    types: list[str] = typer.Option(
        [], "--type", help="COLUMN=TYPE where the inferred type is wrong; may be repeated."
    ),
    format: str = typer.Option(
        "auto", "--format", help="csv, tsv, jsonl, parquet or arrow, where the name does not say."
    ),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Columns, inferred types, missing shares, identifiers and rules of a real table, and why."""
    from sundog.api import inspect as look
    from sundog.lib.rows.inspect import format_inspection

    seen = look(source, format=format, types=_read_pairs(types))
    if as_json:
        print_json(asdict(seen))
    else:
        print(format_inspection(seen))


def _read_pairs(texts: list[str]) -> dict[str, str]:
    from sundog.core.errors import Problem, RequestError

    pairs = {}
    for text in texts:
        column, equals, kind = text.rpartition("=")
        if not equals or not column:
            raise RequestError(
                Problem("SD-CLI-020", "--type", f"{text!r} is not COLUMN=TYPE", "Write, for example, --type zip=string")
            )
        pairs[column] = kind
    return pairs
