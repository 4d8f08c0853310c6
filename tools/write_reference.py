"""Writes docs/reference/commands.md, recipe.md and exports.md from the commands and the specs themselves.

Usage: python tools/write_reference.py [--check]    (--check: writes nothing, exits 1 when a page is stale)
"""

from __future__ import annotations

import sys
import types
import typing
from pathlib import Path

import typer
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from sundog.cli import build
from sundog.core.extension import Broken, installed
from sundog.core.recipe import CheckSpec, EvidenceSpec, Part, Recipe, ReleaseSpec, SourceSpec, Spec

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make reference` from the source; change it there. -->\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def write_commands() -> str:
    """The page of the command line."""
    app = typing.cast(typing.Any, typer.main.get_command(build()))
    lines = ["# Commands", "", NOTE, "Exit codes are explained in [bundle.md](bundle.md#exit-codes).", ""]
    for name, command in _list_commands(app, ""):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
        usage = " ".join(["sundog", name, *(a.name.upper() for a in arguments), "[OPTIONS]" if options else ""]).strip()
        lines += [f"## sundog {name}", "", _cell(command.help or ""), "", f"`{usage}`", ""]
        if command.params:
            lines += ["| | | without it |", "|---|---|---|"]
        for parameter in [*arguments, *options]:
            shown = parameter.name.upper() if parameter in arguments else ", ".join(parameter.opts)
            default = "needed" if parameter.required else _default(parameter.default)
            lines.append(f"| `{shown}` | {_cell(getattr(parameter, 'help', '') or '')} | {default} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _list_commands(group: typing.Any, before: str) -> typing.Iterator[tuple[str, typing.Any]]:
    """Commands by their whole name, those of groups (`recipe from`) among them."""
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield from _list_commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _default(value: object) -> str:
    if value is None or value is False or value in ("", [], ()) or callable(value):
        return ""
    return f"`{value}`"


def _type(hint: typing.Any) -> str:
    """A type as a reader of recipes would say it."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _type(args[0])
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in args)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(dict.fromkeys(_type(a) for a in args if a is not type(None)))
    if origin is tuple:
        return "list of " + _type(args[0]) if Ellipsis in args else "[" + ", ".join(map(_type, args)) + "]"
    if origin is not None and args:
        return f"mapping of {_type(args[0])} to {_type(args[1])}"
    if hint is CheckSpec:
        return "[check](#checks)"
    if isinstance(hint, type) and issubclass(hint, Spec):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return {str: "text", int: "whole number", float: "number", bool: "`true`, `false`"}.get(hint, str(hint))


def _nested(hint: typing.Any) -> list[type[Spec]]:
    if isinstance(hint, type) and issubclass(hint, Spec):
        return [hint]
    return [spec for a in typing.get_args(hint) if a is not Ellipsis for spec in _nested(a)]


def _field_default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    if value is PydanticUndefined or value in (None, (), "") or isinstance(value, Spec):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _describe(spec: type[Spec], skip: frozenset[str] = frozenset()) -> list[str]:
    hints = typing.get_type_hints(spec, include_extras=True)
    lines = [_cell((spec.__doc__ or "").split("\n\n")[0]), "", "| name | value | without it | |", "|---|---|---|---|"]
    for name, field in spec.model_fields.items():
        if name not in skip:
            told = [name, _type(hints[name]), _field_default(field), _cell(field.description or "")]
            lines.append(f"| `{told[0]}` | {told[1]} | {told[2]} | {told[3]} |")
    return [*lines, ""]


def write_recipe() -> str:
    """The page of what a recipe may say."""
    lines = ["# Recipes", "", NOTE]
    lines += [
        "A recipe is a YAML file, or the same values in Python. `sundog kinds --schema` prints the JSON Schema.",
        "",
    ]
    lines += ["## Recipe", "", *_describe(Recipe), "## Part", "", "What every part may say.", "", *_describe(Part)[2:]]
    waiting: list[type[Spec]] = [EvidenceSpec, ReleaseSpec]
    inherited = frozenset(Part.model_fields) - {"kind"}
    for kind, extension in installed("sundog.kinds").items():
        if not isinstance(extension, Broken):
            lines += [f"## kind: {kind}", "", *_describe(extension.spec, inherited)]
            waiting += _specs_of(extension.spec)
    done: set[type[Spec]] = {Recipe, Part, CheckSpec}
    lines += ["## Specs", ""]
    while waiting:
        spec = waiting.pop(0)
        if spec in done or issubclass(spec, Part):
            continue
        done.add(spec)
        lines += [f"### {spec.__name__}", "", *_describe(spec)]
        waiting += _specs_of(spec)
    lines += ["## Checks", "", "Each may be asked for under `checks`, and may have names of its own.", ""]
    for kind, extension in installed("sundog.checks").items():
        if not isinstance(extension, Broken):
            lines += [f"### check: {kind}", "", extension.about, "", *_describe(extension.spec)[2:]]
    assert SourceSpec in done
    return "\n".join(lines).rstrip() + "\n"


def write_exports() -> str:
    """The page of what exporters may be told."""
    lines = ["# Export formats", "", NOTE]
    lines += ["`sundog export --to FORMAT`, `sundog make --export FORMAT DEST`; options as `--option NAME=VALUE`.", ""]
    for name, extension in installed("sundog.exporters").items():
        if not isinstance(extension, Broken):
            needs = f" Needs the extra `{extension.extra}`." if extension.extra else ""
            about = _cell(extension.about)
            lines += [f"## {name}", "", f"{about[:1].upper()}{about[1:]}.{needs}", "", *_describe(extension.spec)[2:]]
    return "\n".join(lines).rstrip() + "\n"


def _specs_of(spec: type[Spec]) -> list[type[Spec]]:
    hints = typing.get_type_hints(spec, include_extras=True)
    return [found for name in spec.model_fields for found in _nested(hints[name])]


def main() -> int:
    """Write the pages, or say which is stale."""
    stale = []
    pages = {"commands.md": write_commands(), "recipe.md": write_recipe(), "exports.md": write_exports()}
    for name, text in pages.items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"docs/reference/ is stale ({', '.join(stale)}): run `make reference`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
