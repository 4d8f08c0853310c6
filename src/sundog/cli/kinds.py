"""``sundog kinds`` and ``sundog init``."""

from __future__ import annotations

from pathlib import Path

import typer

from sundog.cli.say import print_json


def kinds(
    schema: bool = typer.Option(False, "--schema", help="Print the JSON Schema of recipes, for editors."),
    as_json: bool = typer.Option(False, "--json", help="For machines."),
) -> None:
    """What is installed: kinds, checks, exporters, sinks, sources, engines, built-in recipes."""
    from sundog.core.extension import Broken, installed
    from sundog.run.recipe_files import built_in_recipes
    from sundog.run.recipe_schema import recipe_schema

    if schema:
        print_json(recipe_schema())
        return
    groups = {g: installed(f"sundog.{g}") for g in ("kinds", "checks", "exporters", "sinks", "sources", "engines")}
    if as_json:
        listed = {
            g: {
                k: {"about": "" if isinstance(e, Broken) else e.about, "broken": isinstance(e, Broken)}
                for k, e in found.items()
            }
            for g, found in groups.items()
        }
        print_json({**listed, "recipes": list(built_in_recipes())})
        return
    for group, found in groups.items():
        print(f"{group}:")
        for kind, extension in found.items():
            if isinstance(extension, Broken):
                print(f"  {kind}: cannot be loaded ({extension.where})")
                print("    " + extension.traceback.strip().replace("\n", "\n    "))
            else:
                print(f"  {kind:<14} {extension.about}")
    print("recipes:")
    for name, where in built_in_recipes().items():
        print(f"  {name:<14} {where.split(':')[0].rsplit('.', 1)[-1]}")


def init(
    name: str = typer.Argument(help="Name of a built-in recipe; `sundog kinds` lists them."),
    out: str | None = typer.Option(None, "-o", "--out", help="File; without it ./NAME.yaml."),
) -> None:
    """Write a built-in recipe to start from."""
    from sundog.core.errors import Problem, RequestError
    from sundog.run.recipe_files import read_built_in

    text = read_built_in(name)
    path = Path(out if out is not None else f"{name}.yaml")
    if path.exists():
        raise RequestError(
            Problem("SD-CLI-002", str(path), "there is a file of this name already", "Give another name with -o.")
        )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        what = f"the file cannot be written: {error.strerror or error}"
        raise RequestError(
            Problem("SD-CLI-003", str(path), what, "Give a file in a folder that is there with -o.")
        ) from error
    print(path)
