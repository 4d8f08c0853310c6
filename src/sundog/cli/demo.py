"""``sundog demo``."""

from __future__ import annotations

from pathlib import Path

import typer

from sundog.cli.say import format_finding, headlines


def demo(
    out: str = typer.Option("demo", "-o", "--out", help="Folder; an earlier demo there is replaced."),
    rows: int | None = typer.Option(None, "-n", min=1, help="Synthetic rows; without it as many as the sample has."),
) -> None:
    """Replicate the census sample that ships with Sundog, and say where the report is."""
    import shutil

    from sundog.api import make, read
    from sundog.core.bundle import open_files
    from sundog.core.errors import RequestError

    folder = Path(out)
    if (folder / ".sundog").exists() and not (folder / "manifest.json").exists():
        shutil.rmtree(folder)  # a demo that was interrupted
    elif folder.exists():
        try:
            earlier = open_files(out).manifest["name"] == "census"
        except RequestError:
            earlier = False
        if earlier:
            shutil.rmtree(folder)
    changes = [] if rows is None else [f"parts.people.units={rows}"]
    bundle = make(read("census", changes=changes), out, quiet=False)
    part = bundle.files.manifest["parts"]["people"]
    lines = [
        f"{bundle.verdict.upper()}: {'; '.join(bundle.reasons) or 'all evidence is in'}",
        f"{part['accepted']:,} synthetic people, learned from {part['real_rows']['train']:,} real ones; {part['real_rows']['holdout']:,} held out to judge",
        *(format_finding(f) for f in headlines(bundle.report.findings, 3)),
    ]
    for line in lines[:5]:
        print(line)
    print(f"report: {(folder / 'report.html').resolve()}")
