"""``sundog audit``."""

from __future__ import annotations

import typer

from sundog.cli.say import EXIT_WITHHELD, format_finding, headlines, print_json


def audit(
    synthetic: str = typer.Argument(help="The table to judge: any file that `sundog replicate` can read."),
    train: str = typer.Option(help="The real records that it was made from."),
    holdout: str | None = typer.Option(
        None, help="Real records that its maker never saw; without them much cannot be measured."
    ),
    target: str | None = typer.Option(None, help="Column whose prediction shows the use of the data."),
    out: str | None = typer.Option(
        None, "-o", "--out", help="Folder for report.html, report.json and the privacy report."
    ),
    release: str | None = typer.Option(
        None, help="YAML file with what only people know, for the privacy report: purpose, recipients, controller."
    ),
    evidence: str = typer.Option("full", help="quick or full."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Gather the evidence for a synthetic table that any tool made."""
    from sundog.api import audit as run_audit

    found = run_audit(
        synthetic, train=train, holdout=holdout, target=target, out=out, evidence=evidence, release=release
    )
    if as_json:
        print_json(
            {
                "verdict": found.verdict,
                "reasons": list(found.reasons),
                "report": found.report,
                "remarks": list(found.remarks),
                "findings": [f.model_dump(mode="json") for f in found.answer.findings],
            }
        )
    else:
        passed = {"released": "PASSED: every check that withholds was passed", "unassessed": "UNASSESSED"}
        print(passed.get(found.verdict, "FAILED") + (f": {'; '.join(found.reasons)}" if found.reasons else ""))
        for remark in found.remarks:
            print(remark)
        for finding in headlines(found.answer.findings, 12):
            print(format_finding(finding))
        if found.report is not None:
            print(f"report: {found.report}")
    if found.verdict == "withheld":
        raise typer.Exit(EXIT_WITHHELD)
