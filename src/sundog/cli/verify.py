"""``sundog verify``."""

from __future__ import annotations

import typer

from sundog.cli.say import EXIT_WITHHELD, print_json, problem_as_json


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
                "settled": found.settled,
                "files": found.files,
                "repeated": found.repeated,
                "problems": [problem_as_json(p) for p in found.problems],
            }
        )
    else:
        for problem in found.problems:
            print(problem)
        if found.ok:
            print(
                f"intact: {found.files} files have the hashes of the manifest, the verdict follows from the findings,"
                f" and {found.repeated} of them were measured again"
            )
        print(f"verdict of the bundle: {describe_verdict(found.verdict, found.settled)}")
    if not found.ok:
        raise typer.Exit(EXIT_WITHHELD)


def describe_verdict(written: str, settled: str | None) -> str:
    """The verdict, and what is known about it.

    >>> describe_verdict("released", "withheld")
    'withheld by its findings; the bundle says released, which was changed'
    """
    if settled is None:
        return f"{written} is written in it; since it is not as it was made, nothing follows from that"
    return written if settled == written else f"{settled} by its findings; the bundle says {written}, which was changed"
