"""``sundog report``."""

from __future__ import annotations

import typer

from sundog.cli.say import print_json


def report(
    bundle: str = typer.Argument(help="Folder or URL of a bundle, or the folder that `sundog audit -o` wrote."),
    pdf: str | None = typer.Option(None, help="File: print the privacy report as a PDF."),
    public: bool = typer.Option(False, "--public", help="The half that holds nothing read from real records."),
    as_json: bool = typer.Option(False, "--json", help="For machines: the whole privacy report."),
) -> None:
    """The privacy report for the data protection officer: what is in it and left to fill in, or the report as a PDF."""
    from sundog.api import read_privacy_report, save_privacy_pdf

    found = read_privacy_report(bundle, public=public)
    if pdf is not None:
        path = save_privacy_pdf(bundle, pdf, public=public)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    if pdf is not None:
        print(path)
        return
    print(f"{found.title} ({found.half} half)")
    for number, section in enumerate(found.sections, 1):
        print(f"  {number:>2}. {section.title}")
    if found.left_blank:
        print(f"left blank in the recipe (release:): {', '.join(n.lower() for n in found.left_blank)}")
    name = "privacy-public.html" if public else "privacy.html"
    print(f"page: {bundle.rstrip('/')}/{name}")
