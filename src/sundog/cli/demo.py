"""``sundog demo``."""

from __future__ import annotations

from pathlib import Path

import typer

from sundog.cli.say import format_finding, headlines

RECIPE = "census"


def demo(
    out: str = typer.Option("demo", "-o", "--out", help="Folder; an earlier demo there is replaced."),
    rows: int | None = typer.Option(None, "-n", min=1, help="Synthetic rows; without it as many as the sample has."),
) -> None:
    """Replicate the census sample that ships with Sundog, and say where the report is."""
    from dataclasses import replace

    from sundog.api import make, read
    from sundog.core.errors import Incomplete

    folder = Path(out)
    remove_earlier(folder)
    changes = [] if rows is None else [f"parts.people.units={rows}"]
    try:
        bundle = make(read(RECIPE, changes=changes), out, quiet=False)
    except Incomplete as error:  # a demo has no --resume
        raise Incomplete(*(replace(p, fix="Run the demo again: it starts anew.") for p in error.problems)) from error
    part = bundle.files.manifest["parts"]["people"]
    lines = [
        f"{bundle.verdict.upper()}: {'; '.join(bundle.reasons) or 'all evidence is in'}",
        f"{part['accepted']:,} synthetic people, learned from {part['real_rows']['train']:,} real ones; {part['real_rows']['holdout']:,} held out to judge",
        *(format_finding(f) for f in headlines(bundle.report.findings, 3)),
    ]
    for line in lines[:5]:
        print(line)
    print(f"report: {(folder / 'report.html').resolve()}")


def remove_earlier(folder: Path) -> None:
    """Take away an earlier demo, finished or not, and say so; whatever else lies there stays.

    Raises:
        RequestError: another run is writing there.
    """
    import json
    import shutil

    from sundog.run.lock import hold
    from sundog.run.stage_files import STAGING
    from sundog.run.store import open_store

    try:
        if (folder / "manifest.json").exists():
            name = json.loads((folder / "manifest.json").read_text())["name"]
        else:
            name = json.loads((folder / STAGING / "request.json").read_text())["recipe"]["name"]
    except (OSError, ValueError, LookupError, TypeError):
        return
    if name != RECIPE:
        return
    with hold(open_store(str(folder.absolute()))):
        typer.echo(f"replacing the earlier demo in {folder}", err=True)
        shutil.rmtree(folder)
