"""``sundog verify``."""

from __future__ import annotations

import typer

from sundog.cli.say import EXIT_WITHHELD, print_json


def verify(
    bundle: str = typer.Argument(help="Folder or URL of a bundle."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Hash a bundle again, and run again the checks that need no real record."""
    from sundog.api import verify as run_verify

    found = run_verify(bundle)
    if as_json:
        print_json(
            {
                "ok": found.ok,
                "verdict": found.verdict,
                "files": found.files,
                "repeated": found.repeated,
                "problems": list(found.problems),
            }
        )
    else:
        for problem in found.problems:
            print(problem)
        if found.ok:
            print(
                f"intact: {found.files} files have the hashes of the manifest, {found.repeated} findings were measured again"
            )
        print(f"verdict of the bundle: {found.verdict}")
    if not found.ok:
        raise typer.Exit(EXIT_WITHHELD)
