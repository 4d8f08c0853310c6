"""``sundog export``."""

from __future__ import annotations

import sys

import typer

from sundog.cli.say import read_pairs


def export(
    bundle: str = typer.Argument(help="Folder or URL of a bundle."),
    dest: str = typer.Argument(help="Folder, file or URL to write to; of a database its file or URL."),
    to: str = typer.Option(
        ..., "--to", help="parquet, csv, jsonl, arrow, sql, duckdb, postgresql, or what `sundog kinds` lists."
    ),
    select: str | None = typer.Option(None, help="Rows to export: age >= 18 and sex = 'Female'."),
    options: list[str] = typer.Option([], "--option", help="NAME=VALUE: a further option of the format."),
) -> None:
    """Export the tables of a bundle in another format."""
    from sundog.core.bundle import open_files
    from sundog.run.exporting import export_bundle

    pairs = read_pairs(options)
    opened = open_files(bundle)
    if opened.verdict == "withheld":
        print(f"this bundle is withheld: {'; '.join(opened.manifest['reasons'])}", file=sys.stderr)
    for path in export_bundle(opened, to, dest, select, pairs):
        print(path)
