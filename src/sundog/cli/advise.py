"""``sundog advise-epsilon``."""

from __future__ import annotations

import sys

import typer

from sundog.cli.say import print_json


def advise_epsilon(
    schema: str = typer.Argument(
        help="Recipe that declares the columns (kind tables) or makes rows by rule; or, with --public, a public table."
    ),
    epsilons: str = typer.Option("0.1,0.3,1,3,10", help="Where the curve is measured."),
    delta: float | None = typer.Option(
        None, help="Chance that epsilon does not hold; without it that of the recipe, or 1e-9."
    ),
    rows: int = typer.Option(10_000, help="Real records that there will be, about, from public knowledge."),
    repeats: int = typer.Option(1, help="Runs for each epsilon, each with noise of its own."),
    target: str | None = typer.Option(None, help="Column whose prediction shows the use of the data."),
    part: str | None = typer.Option(None, help="Part of the recipe; without it the first."),
    public: bool = typer.Option(False, "--public", help="SCHEMA is a table that everybody may read."),
    seed: int = typer.Option(0, help="Of the stand-in."),
    out: str | None = typer.Option(None, "-o", "--out", help="Folder for advice.html and advice.json."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """Measure what utility an epsilon leaves, on a public table or a stand-in, never on the real records."""
    from sundog.core.errors import Problem, RequestError
    from sundog.run.advise import AdviseOptions
    from sundog.run.advise import advise_epsilon as run_advice

    try:
        wanted = tuple(float(e) for e in epsilons.split(","))
    except ValueError as error:
        what = f"{epsilons!r} is no list of numbers"
        raise RequestError(Problem("SD-ADVISE-002", "--epsilons", what, "Give, for example, 0.3,1,3.")) from error
    options = AdviseOptions(
        epsilons=wanted, delta=delta, rows=rows, repeats=repeats, target=target, part=part, public=public, seed=seed,
        say=lambda text: print(text, file=sys.stderr),
    )  # fmt: skip
    found = run_advice(schema, options, out)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    print(f"measured on {found.stand_in}: {found.rows:,} rows, delta {found.delta:g}")
    names = [m.name for m in found.points[0].measures]
    print("  epsilon  " + "  ".join(f"{n:>20}" for n in names))
    for point in found.points:
        print(f"  {point.epsilon:>7g}  " + "  ".join(f"{m.value:>20.3f}" for m in point.measures))
    print(
        "  fresh    "
        + "  ".join(f"{m.reference:>20.3f}" if m.reference is not None else " " * 20 for m in found.points[-1].measures)
    )
    for told in found.tell():
        print(told)
    if out is not None:
        print(f"page: {out.rstrip('/')}/advice.html")
