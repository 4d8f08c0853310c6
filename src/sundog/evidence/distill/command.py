"""``sundog distill``: brought through the entry point group ``sundog.commands``."""

from __future__ import annotations

import json
import sys

import typer


def distill(
    bundle: str = typer.Argument(help="A bundle, or any file with the same columns as the real one."),
    real: str = typer.Option(help="Real rows that may teach."),
    test: str = typer.Option(help="Real rows that nothing has seen: no student, and not whatever made the bundle."),
    text: str = typer.Option("", "--text", help="Column of the texts."),
    label: str = typer.Option("", "--label", help="Column of their labels."),
    chat: bool = typer.Option(
        False, "--chat", help="The rows are chats: the last answer is learned, and its last line is compared."
    ),
    messages: str = typer.Option("messages", help="With --chat: column of the chats."),
    part: str = typer.Option("", help="Part of the bundle; without it the first that has the columns."),
    student: str = typer.Option("", help="linear (words and weights) or decoder (a small transformer)."),
    seeds: int = typer.Option(3, help="Trainings of each."),
    budget: float = typer.Option(
        120.0, help="Decoder: processor seconds of one training, the same for all; 0 where --tokens limits it."
    ),
    tokens: int = typer.Option(0, help="Decoder: tokens of one training; with it alone, results repeat exactly."),
    teacher_score: float | None = typer.Option(
        None, help="What the teacher scores on the test rows, 0 to 1; a column `teacher` in the test file says it too."
    ),
    seed: int = typer.Option(1, help="Of every draw."),
    out: str = typer.Option("", "-o", "--out", help="Folder for distill.json and distill.html; without it ./distill."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Train a small student on a bundle, and on real rows, and say how many real rows the bundle is worth."""
    from sundog.evidence.distill.distill import DistillOptions, run_distill
    from sundog.evidence.distill.write import write_json, write_table

    options = DistillOptions(
        text=text,
        label=label,
        chat=messages if chat else "",
        part=part,
        student=student or ("decoder" if chat else "linear"),
        seeds=seeds,
        cpu_s=budget,
        tokens=tokens,
        teacher_score=teacher_score,
        seed=seed,
    )
    found, folder = run_distill(
        bundle, real, test, out or "distill", options, lambda line: print(line, file=sys.stderr, flush=True)
    )
    if as_json:
        print(json.dumps(write_json(found), indent=1))
    else:
        print(write_table(found))
        print(f"report: {folder / 'distill.html'}")
