"""``sundog recipe from``: brought by this kind through the entry point group ``sundog.commands``."""

from __future__ import annotations

from pathlib import Path

import typer

recipe = typer.Typer(
    name="recipe",
    help="Recipes from real tables.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@recipe.callback()
def _about() -> None:
    """Recipes from real tables."""


@recipe.command("from")
def start_from(
    real: list[str] = typer.Argument(help="Files, one for each table: CSV, TSV, JSONL, Parquet, Arrow; gz and zst."),
    out: str | None = typer.Option(None, "-o", "--out", help="File; without it ./NAME.yaml of the first file."),
    least: int = typer.Option(20, "--least", help="Exact: groups that fewer rows share are left out."),
    unit: str = typer.Option("", "--unit", help="row, or the column that says whose a row is."),
    locale: str = typer.Option("en_US", help="Locale of persons and places."),
    types: list[str] = typer.Option(
        [], "--type", help="COLUMN=TYPE where the inferred type is wrong; may be repeated."
    ),
    format: str = typer.Option("auto", "--format", help="csv, tsv, jsonl, parquet or arrow, where names do not say."),
    epsilon: float | None = typer.Option(None, help="Read differentially private answers only, for this epsilon."),
    delta: float = typer.Option(0.0, help="With --epsilon; above 0, domains can be found in the rows."),
    budget: float = typer.Option(
        0.0, help="Epsilon that all runs about this file may cost together; without it --epsilon."
    ),
    most_rows: int = typer.Option(
        1, "--max-rows", help="With --epsilon and --unit COLUMN: rows of one person that are read."
    ),
    bounds: list[str] = typer.Option([], "--bounds", help="COLUMN=LOW:HIGH[:DECIMALS], or two days; may be repeated."),
    domains: list[str] = typer.Option([], "--domain", help="COLUMN=A,B,C; may be repeated."),
    schema: str = typer.Option("", "--schema", help="YAML file that states the columns."),
    stated_only: bool = typer.Option(False, "--stated-only", help="Leave out columns of which nothing is stated."),
    correlations: bool = typer.Option(True, help="With --epsilon: count pairs of numbers."),
) -> None:
    """Write an editable records recipe from real tables: exact statistics without small groups, or differentially private answers."""
    from sundog.core.errors import Problem, RequestError
    from sundog.kinds.records.start.options import (
        PrivateOptions,
        StartOptions,
        name_recipe,
        start_private_recipe,
        start_recipe,
    )
    from sundog.kinds.records.start.stated import read_stated

    path = Path(out if out is not None else f"{name_recipe(real[0])}.yaml")
    if path.exists():
        what = "there is a file of this name already"
        raise RequestError(Problem("SD-RECORDS-069", str(path), what, "Give another name with -o."))
    options = StartOptions("", least, locale, _read_pairs(types), unit, format)
    stated = read_stated(schema, bounds, domains)
    if epsilon is None and (stated or delta or budget or stated_only):
        what = "bounds, domains, delta and budget belong to differentially private answers, and --epsilon is not given"
        raise RequestError(Problem("SD-RECORDS-070", "--epsilon", what, "Add --epsilon 1, or leave them out."))
    if epsilon is None:
        text = start_recipe(real, options)
    else:
        if len(real) > 1:
            what = f"{len(real)} files are given; differentially private answers are asked about one table at a time"
            raise RequestError(Problem("SD-RECORDS-071", "--epsilon", what, "Give one file; join the recipes by hand."))
        private = PrivateOptions(epsilon, delta, budget, most_rows, stated, stated_only, correlations)
        text = start_private_recipe(real[0], options, private)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"the file cannot be written: {error.strerror or error}"
        raise RequestError(
            Problem("SD-RECORDS-072", str(path), what, "Give a file in a folder that is there with -o.")
        ) from error
    typer.echo(path)
    how = "exact statistics, no guarantee" if epsilon is None else "differentially private answers"
    typer.echo(f"read: {how}; then: sundog make {path}")


def _read_pairs(texts: list[str]) -> dict[str, str]:
    from sundog.core.errors import Problem, RequestError

    pairs = {}
    for text in texts:
        column, equals, kind = text.rpartition("=")
        if not equals or not column:
            fix = "Write, for example, --type zip=string"
            raise RequestError(Problem("SD-RECORDS-073", "--type", f"{text!r} is not COLUMN=TYPE", fix))
        pairs[column] = kind
    return pairs
