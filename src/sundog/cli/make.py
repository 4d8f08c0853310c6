"""``sundog make``."""

from __future__ import annotations

import sys

import typer

from sundog.cli.say import EXIT_WITHHELD, bundle_as_json, print_json, read_pairs, summarise
from sundog.cli.streaming import refuse, send


def make(
    recipe: str = typer.Argument(help="Recipe file, or the name of a built-in recipe."),
    out: str | None = typer.Option(None, "-o", "--out", help="Folder or fsspec URL; without it ./NAME of the recipe."),
    units: int | None = typer.Option(None, "-n", min=1, help="How many of what the kind counts, in the first part."),
    seed: int | None = typer.Option(None, "--seed", min=0, help="Another seed gives other data of the same kind."),
    engine: str = typer.Option("local", help="local or ray."),
    workers: int | None = typer.Option(None, min=1, help="How many shards at once; never changes the data."),
    address: str | None = typer.Option(None, help="Address of a running Ray cluster."),
    changes: list[str] = typer.Option([], "--set", help="dotted.path=value: a change to the recipe."),
    evidence: str | None = typer.Option(None, help="none, quick or full."),
    shard_units: int | None = typer.Option(None, min=1, help="Units in a file; changes file sizes, never the data."),
    resume: bool = typer.Option(False, "--resume", help="Go on with an unfinished run."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
    is_stream: bool = typer.Option(False, "--stream", help="Send the rows of a table when they are due; no bundle."),
    to: str | None = typer.Option(
        None, "--to", help="With --stream: - (standard output), FILE, mqtt://HOST/TOPIC/{COLUMN}, kafka://HOST/TOPIC."
    ),
    table: str | None = typer.Option(None, help="With --stream: TABLE or PART.TABLE; without it the one with a time."),
    time: str | None = typer.Option(None, help="With --stream: column to go by; without it the first timestamp."),
    speed: str | None = typer.Option(None, help="With --stream: 60 sends a minute in a second; max: at once. Else 1."),
    rate: float | None = typer.Option(None, help="With --stream: rows a second, in the recipe's order or by --time."),
    skip: int = typer.Option(0, min=0, help="With --stream: rows to leave out at the beginning, as they were sent."),
    form: str | None = typer.Option(None, "--format", help="With --stream: json or senml."),
    export: tuple[str, str] | None = typer.Option(
        None,
        "--export",
        metavar="FORMAT DEST",
        help="Then export the tables, as `sundog export` does: duckdb shop.duckdb.",
    ),
    options: list[str] = typer.Option(
        [], "--option", help="NAME=VALUE: with --export an option of the format, with --stream of the sink."
    ),
) -> None:
    """Make the dataset of a recipe, with the evidence for it; or stream the rows of one table."""
    from sundog.api import Bundle, read
    from sundog.core.plan import SHARD_UNITS
    from sundog.run.make import MakeOptions, make_bundle
    from sundog.run.progress import show_progress

    asked = read(recipe, changes=changes)
    more = list(changes)
    if units is not None:
        more.append(f"parts.{next(iter(asked.parts))}.units={units}")
    if seed is not None:
        more.append(f"seed={seed}")
    if evidence is not None:
        more.append(f"evidence.level={evidence}")
    if len(more) > len(changes):
        asked = read(recipe, changes=more)
    asked_for: dict[str, object]
    if is_stream:
        from sundog.run.streaming.stream import StreamOptions

        asked_for = {"--out": out, "--shard-units": shard_units, "--resume": resume or None, "--export": export}
        refuse("SD-CLI-021", asked_for, "it is for a bundle, and --stream makes none", "Leave it out, or --stream.")
        more_options = (("format", form),) if form is not None else ()
        wanted = StreamOptions(
            to=to if to is not None else "-",
            table=table,
            time=time,
            speed=speed,
            rate=rate,
            skip=skip,
            options=(*read_pairs(options), *more_options),
            engine=engine,
            workers=workers,
            address=address,
        )
        send(asked, wanted, as_json)
        return
    asked_for = {"--to": to, "--table": table, "--time": time, "--speed": speed, "--rate": rate, "--skip": skip or None}
    asked_for |= {"--format": form, "--option": (options if export is None else None) or None}
    refuse("SD-CLI-022", asked_for, "it is for streams", "Add --stream, or leave it out.")
    target = out if out is not None else asked.name
    pairs = read_pairs(options)
    if export is not None:
        from sundog.run.exporting import check_export

        check_export(target, *export, pairs)
    with show_progress(as_json) as (progress, say):
        make_options = MakeOptions(
            engine=engine,
            workers=workers,
            address=address,
            shard_units=shard_units if shard_units is not None else SHARD_UNITS,
            resume=resume,
            progress=progress,
            say=say,
        )
        bundle = Bundle(make_bundle(asked, target, make_options))
    finish(bundle, as_json, () if export is None else export_made(bundle, *export, pairs))


def export_made(bundle: object, to: str, dest: str, options: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Export a bundle that was just made, unless it is withheld; when that fails, the bundle is kept."""
    from sundog.api import Bundle
    from sundog.core.errors import SundogError
    from sundog.run.exporting import export_bundle

    assert isinstance(bundle, Bundle)
    if bundle.verdict == "withheld":
        print("not exported: the bundle is withheld", file=sys.stderr)
        return ()
    try:
        return export_bundle(bundle.files, to, dest, None, options)
    except SundogError:
        print(f"{bundle.path} is made and whole; only its export failed: try `sundog export` again", file=sys.stderr)
        raise


def finish(bundle: object, as_json: bool, exported: tuple[str, ...] = ()) -> None:
    """Print what was made, and end with exit 3 when it is withheld."""
    from sundog.api import Bundle

    assert isinstance(bundle, Bundle)
    if as_json:
        print_json({**bundle_as_json(bundle), **({"exported": list(exported)} if exported else {})})
    else:
        for line in summarise(bundle):
            print(line)
        for path in exported:
            print(f"exported: {path}")
    if bundle.verdict == "withheld":
        raise typer.Exit(EXIT_WITHHELD)
