"""``sundog replicate``."""

from __future__ import annotations

import typer

from sundog.cli.make import finish


def replicate(
    real: str = typer.Argument(
        help="File, folder of parts or URL: CSV, TSV, Parquet, Arrow, JSONL, and gz or zst of them."
    ),
    out: str | None = typer.Option(None, "-o", "--out", help="Folder or fsspec URL; without it ./NAME of the file."),
    rows: int | None = typer.Option(
        None, "-n", min=1, help="Synthetic rows; without it as many as the real table has."
    ),
    target: str | None = typer.Option(None, help="Column whose prediction shows the use of the data."),
    holdout: str | None = typer.Option(
        None, help="Real records that the synthesizer must never see; without it a fifth is held out."
    ),
    method: str | None = typer.Option(
        None, help="trees (better), forest (faster) or marginals (differentially private); without it trees."
    ),
    epsilon: float | None = typer.Option(
        None, help="Differential privacy: what the whole table may cost; the method is then marginals."
    ),
    delta: float | None = typer.Option(None, help="Chance that epsilon does not hold; without it 1e-9."),
    domain: str | None = typer.Option(
        None,
        help="private (types, ranges and values are found within epsilon), or a YAML file that states the columns.",
    ),
    budget: float | None = typer.Option(
        None, help="Epsilon that all runs about this source may cost together; without it --epsilon."
    ),
    person_rows: int | None = typer.Option(
        None, min=1, help="With --person and --epsilon: rows of one person that are read."
    ),
    privacy: str = typer.Option("standard", help="standard or strict."),
    pii: str = typer.Option(
        "withhold",
        help="withhold, or replace: false persons, and free text from templates that enough persons share (extra pii).",
    ),
    copies: str = typer.Option("count", help="count, or reject rows that equal a training row."),
    weights: str | None = typer.Option(None, help="Column of row weights."),
    person: str | None = typer.Option(None, help="Column that names the person; holdout and copies then go by person."),
    evidence: str = typer.Option("quick", help="none, quick or full; only full can release."),
    policy: str = typer.Option("standard", help="standard, or strict: an inconclusive risk withholds."),
    seed: int = typer.Option(0, min=0, help="Another seed gives other rows of the same kind."),
    licence: str = typer.Option("not stated", help="Licence of the real records, for the manifest."),
    release: str | None = typer.Option(
        None, help="YAML file with what only people know, for the privacy report: purpose, recipients, controller."
    ),
    engine: str = typer.Option("local", help="local or ray."),
    workers: int | None = typer.Option(None, min=1, help="How many shards at once; never changes the data."),
    address: str | None = typer.Option(None, help="Address of a running Ray cluster."),
    resume: bool = typer.Option(False, "--resume", help="Go on with an unfinished run."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Replicate a real table: synthetic rows that behave like it, with the evidence."""
    from sundog.api import Bundle
    from sundog.run.make import MakeOptions, make_bundle
    from sundog.run.progress import show_progress
    from sundog.run.replicate import ReplicateOptions, name_from, replicate_recipe

    options = ReplicateOptions(
        rows=rows,
        target=target,
        method=method,
        holdout=holdout,
        weights=weights,
        person=person,
        privacy=privacy,
        pii=pii,
        copies=copies,
        evidence=evidence,
        policy=policy,
        seed=seed,
        licence=licence,
        epsilon=epsilon,
        delta=delta,
        domain=domain,
        budget=budget,
        person_rows=person_rows,
        release=release,
    )
    recipe = replicate_recipe(real, options)
    with show_progress(as_json) as (progress, say):
        how = MakeOptions(engine=engine, workers=workers, address=address, resume=resume, progress=progress, say=say)
        bundle = Bundle(make_bundle(recipe, out if out is not None else name_from(real), how))
    finish(bundle, as_json)
