"""Recipes from files and built-in names, and back to YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.extension import Broken, installed
from sundog.core.recipe import Recipe, Spec


class _Loader(yaml.SafeLoader):
    """YAML 1.2's idea of a boolean: ``no`` and ``on`` are words (NO is a country). A name may stand once in a mapping."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse what YAML forbids and its reader lets pass: the last of two values would win in silence."""
        names = [
            k.value for k, _ in node.value if isinstance(k, yaml.ScalarNode) and k.tag != "tag:yaml.org,2002:merge"
        ]
        twice = next((n for n in names if names.count(n) > 1), None)
        if twice is not None:
            what = f"{twice!r} is there twice"
            where = f"line {node.start_mark.line + 1} and below"
            raise RequestError(Problem("SD-RECIPE-012", where, what, "Remove one of the two."))
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in pairs if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
    ]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def built_in_recipes() -> dict[str, str]:
    """Built-in recipes of the installed kinds: name to ``package:path``."""
    found: dict[str, str] = {}
    for extension in installed("sundog.kinds").values():
        if not isinstance(extension, Broken):
            found.update(extension.recipes)
    return dict(sorted(found.items()))


def read_built_in(name: str) -> str:
    """The text of a built-in recipe.

    Raises:
        RequestError: there is none of this name.
    """
    known = built_in_recipes()
    if name not in known:
        raise RequestError(
            Problem(
                "SD-RECIPE-001", name, "there is no such file and no built-in recipe of this name", nearest(name, known)
            )
        )
    package, path = known[name].split(":", 1)
    return files(package).joinpath(path).read_text(encoding="utf-8")


def read_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from a YAML file or a built-in name.

    Args:
        name: path, or name of a built-in recipe.
        changes: ``dotted.path=value``; the value is read as YAML.

    Raises:
        RequestError: it cannot be read, or what it asks for is wrong; all problems at once.
    """
    path = Path(name)
    if path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise RequestError(
                Problem("SD-RECIPE-002", name, f"the file is not UTF-8 (byte {error.start})", "Save it as UTF-8.")
            ) from error
    elif path.is_dir() or "/" in name or name.endswith((".yaml", ".yml", ".json")):
        raise RequestError(
            Problem(
                "SD-RECIPE-003",
                name,
                "there is no such recipe file",
                "Write one with `sundog init NAME`, or give a built-in name (`sundog kinds` lists them).",
            )
        )
    else:
        text = read_built_in(name)
    return parse_recipe(text, name, changes)


def parse_recipe(text: str, where: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from YAML text."""
    try:
        value = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{where}, line {mark.line + 1}" if mark is not None else where
        raise RequestError(
            Problem(
                "SD-RECIPE-004",
                place,
                f"not valid YAML: {getattr(error, 'problem', None) or error}",
                "Mend the line; `sundog init NAME` writes a recipe to start from.",
            )
        ) from error
    if not isinstance(value, dict):
        raise RequestError(
            Problem(
                "SD-RECIPE-005",
                where,
                f"a recipe is a mapping, not a {type(value).__name__}",
                "`sundog init NAME` writes a recipe to start from.",
            )
        )
    for change in changes:
        _change(value, change)
    return validate_recipe(value)


def validate_recipe(value: Mapping[str, Any]) -> Recipe:
    """A recipe from plain values; each problem is named by its place."""
    try:
        return Recipe.model_validate(value)
    except ValidationError as error:
        raise RequestError(*(_problem(e, value) for e in _leave_out(error.errors(include_url=False)))) from error


def _leave_out(errors: Sequence[Any]) -> list[Any]:
    """Without what only follows from another fault: a list too short for want of its wrong items, a form that was not meant."""
    inside = {e["loc"][:i] for e in errors for i in range(len(e["loc"]))}
    words = {e["loc"][:-1] for e in errors if e["type"] == "literal_error" and "[" in str(e["loc"][-1])}
    out = []
    for e in errors:
        other_form = e["loc"][:-1] in words and (
            isinstance(e["input"], list | tuple) if e["type"] == "literal_error" else isinstance(e["input"], str)
        )
        if not other_form and not (e["type"] == "too_short" and e["loc"] in inside):
            out.append(e)
    return out or list(errors)


def _problem(error: Any, value: Mapping[str, Any]) -> Problem:
    place = [str(p) for p in error["loc"] if not (isinstance(p, str) and ("[" in p or p == "str"))]
    where = ".".join(place) or "recipe"
    message = str(error["msg"]).removeprefix("Value error, ")
    for theirs, ours in (("tuple", "list"), ("dictionary", "mapping")):
        message = re.sub(rf"\b{theirs}\b", ours, message, flags=re.IGNORECASE)
    if error["type"] == "extra_forbidden":
        return Problem(
            "SD-RECIPE-006",
            where,
            f"{place[-1]!r} is not a name that a recipe knows here",
            nearest(place[-1], _names_at(value, place[:-1])),
        )
    if error["type"] == "missing":
        return Problem("SD-RECIPE-007", where, "is needed and not there", "Add it.")
    found = error.get("input")
    shown = "" if isinstance(found, Mapping) or found is None else f", found {found!r}"
    return Problem("SD-RECIPE-008", where, f"{message[0].lower()}{message[1:]}{shown}", _mend(error))


_MENDS = (
    ("int_", "Write a whole number."),
    ("float_", "Write a number."),
    ("finite_number", "Write a finite number."),
    ("bool_", "Write true or false."),
    ("string_type", "Write text, in quotes where it looks like a number."),
    ("string_pattern", "Write a text of that pattern."),
    ("greater_than", "Write a number in that range."),
    ("less_than", "Write a number in that range."),
    ("too_short", "Write more of them."),
    ("too_long", "Write fewer of them."),
    ("tuple_type", "Write a list: [value, value]."),
    ("list_type", "Write a list: [value, value]."),
    ("dict_type", "Write a mapping: {name: value}."),
    ("mapping_type", "Write a mapping: {name: value}."),
    ("model_", "Write a mapping: {name: value}."),
    ("union_tag_not_found", "Say which it is: docs/reference/recipe.md lists them."),
    ("condition", "For example: {between: [18, 65]}; a missing value is asked for by one_of: [null]."),
)
"""How to mend what pydantic complains of, by the beginning of its name for the fault."""


def _mend(error: Any) -> str:
    """What to do about a value that is not allowed at its place."""
    kind, context = str(error["type"]), error.get("ctx", {})
    valid = re.findall(r"'([^']*)'", str(context.get("expected", context.get("expected_tags", ""))))
    if valid:
        return nearest(str(context.get("tag", error.get("input"))), valid)
    known = next((mend for beginning, mend in _MENDS if kind.startswith(beginning)), "")
    return known or "docs/reference/recipe.md says what may stand here."


def _names_at(value: Mapping[str, Any], place: Sequence[str]) -> list[str]:
    """Names that are valid at a place of the recipe, following the specs."""
    spec: Any = Recipe
    if len(place) >= 2 and place[0] == "parts":
        part = value.get("parts", {}).get(place[1], {})
        extension = installed("sundog.kinds").get(part.get("kind", "")) if isinstance(part, Mapping) else None
        if extension is None or isinstance(extension, Broken):
            return []
        spec, place = extension.spec, place[2:]
    for name in place:
        if not (isinstance(spec, type) and issubclass(spec, Spec)) or name not in spec.model_fields:
            return []
        spec = spec.model_fields[name].annotation
    return list(spec.model_fields) if isinstance(spec, type) and issubclass(spec, Spec) else []


def _change(value: dict[str, Any], change: str) -> None:
    name, equals, text = change.partition("=")
    if not equals or not name:
        raise RequestError(
            Problem(
                "SD-RECIPE-009",
                f"--set {change}",
                "a change is written dotted.path=value",
                "For example: --set parts.people.units=10",
            )
        )
    at = value
    *path, last = name.split(".")
    for step in path:
        inner = at.setdefault(step, {})
        if not isinstance(inner, dict):
            raise RequestError(
                Problem("SD-RECIPE-010", f"--set {change}", f"{step!r} holds no names", "Check the path.")
            )
        at = inner
    try:
        at[last] = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError) as error:
        mend = f"Quote the value: --set \"{name}='...'\""
        raise RequestError(Problem("SD-RECIPE-011", f"--set {change}", "the value is not valid YAML", mend)) from error


def dump_recipe(recipe: Recipe) -> str:
    """The whole recipe as YAML, every default written out, so that a later version means the same."""
    return str(yaml.safe_dump(plain_recipe(recipe), sort_keys=False, allow_unicode=True, width=120))


def plain_recipe(recipe: Recipe) -> dict[str, Any]:
    """The whole recipe as plain values."""
    value: dict[str, Any] = recipe.model_dump(mode="json", exclude_none=True)
    return value
