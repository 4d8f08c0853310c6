"""Recipes from files and built-in names, and back to YAML."""

from __future__ import annotations

import copy
import re
import types
import typing
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sundog.core.errors import Problem, RequestError, SundogError, nearest
from sundog.core.extension import Broken, find, implementation, installed
from sundog.core.protocols import Foreseeing
from sundog.core.recipe import NO_UNITS, REST, Recipe, Spec, tell_wrong


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
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:int"]
    for first, pairs in _Loader.yaml_implicit_resolvers.items()
}
# 12:30 is a time of day and no number of base 60.
_WHOLE = re.compile(r"^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+)$")
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _WHOLE, list("-+0123456789"))
_POWER = re.compile(r"^[-+]?(?:[0-9]+|[0-9]*\.[0-9]+|[0-9]+\.)[eE][-+]?[0-9]+$")
"""1e3 is a number, as in YAML 1.2 and JSON; YAML 1.1 wants a point and a sign."""
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _POWER, list("-+.0123456789"))


class _Dumper(yaml.SafeDumper):
    """Puts texts in quotes that ``_Loader`` would take for numbers."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _POWER, list("-+.0123456789"))


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
        name: path of a file, or name of a built-in recipe, which a folder of that name does not hide.
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
    elif name in built_in_recipes():
        # A folder of that name hides nothing: it is where the recipe's own bundle lies.
        text = read_built_in(name)
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


def read_yaml(text: str) -> Any:
    """Plain values from YAML as a recipe has it: days and ``no`` are texts, so that a piece of a recipe in a file of its own reads the same.

    Raises:
        RequestError: a name stands twice.
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader


def parse_recipe(text: str, where: str, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from YAML text."""
    try:
        value = read_yaml(text)
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
        problems: dict[tuple[str, str], Problem] = {}
        for e in _leave_out(error.errors(include_url=False)):
            problem = _problem(e, value)
            # A value that fits none of several forms is told once.
            problems.setdefault((problem.where, "" if e["type"] != "extra_forbidden" else problem.what), problem)
        told = {(p.where, p.what) for p in problems.values()}
        more = [p for p in _find_more(value) if (p.where, p.what) not in told]
        raise RequestError(*problems.values(), *more) from error


def _find_more(value: Mapping[str, Any]) -> list[Problem]:
    """Faults of what is left of each part when what cannot be read is taken out, so that all are told at once.

    What only follows from something that was taken out is not told: nobody could mend it.
    """
    parts = value.get("parts")
    found: list[Problem] = []
    for name, said in parts.items() if isinstance(parts, Mapping) else ():
        if not isinstance(said, Mapping) or not isinstance(said.get("kind"), str):
            continue
        try:
            kind = implementation("sundog.kinds", said["kind"], f"parts.{name}.kind")
        except SundogError:
            continue
        part, gone = _read_rest(find("sundog.kinds", said["kind"]).spec, said)
        if part is not None and part.units is not None and said.get("units") is None:
            fix = "docs/reference/recipe.md says what may stand here."
            found.append(tell_wrong(f"parts.{name}", NO_UNITS, fix))
        if part is not None and isinstance(kind, Foreseeing):
            faults = kind.find_faults(part, f"parts.{name}")
            found += [fault for fault in faults if not any(f"{n!r}" in fault.what for n in gone)]
    return found


def _read_rest(spec: type[Spec], said: Mapping[str, Any]) -> tuple[Any, set[str]]:
    """The part without what is wrong in it, or None where too little is left; and the names that were taken out."""
    rest, gone = copy.deepcopy(dict(said)), set[str]()
    for _ in range(100):
        try:
            return spec.model_validate(rest, context=REST), gone
        except ValidationError as error:
            place = min((e["loc"] for e in error.errors(include_url=False)), key=len, default=())
        held: Any = None
        last: Any = None
        at: Any = rest
        for step in place:
            if isinstance(at, Mapping) and step in at:
                held, last, at = at, step, at[step]
        if held is None or last is None:
            break
        del held[last]
        gone.add(str(last))
    return None, gone


_FORM = r"^(?:int|float|str|bool|date|datetime)$|[\[\]()-]|^[A-Z]"
"""How the last step of a place looks that names one of several forms which were tried, and nothing of the recipe."""


def _leave_out(errors: Sequence[Any]) -> list[Any]:
    """Without what only follows from another fault: a list too short for want of its wrong items, a form that was not meant."""
    inside = {e["loc"][:i] for e in errors for i in range(len(e["loc"]))}
    words = {e["loc"][:-1] for e in errors if e["type"] == "literal_error" and "[" in str(e["loc"][-1])}
    out = []
    for e in errors:
        other_form = e["loc"][:-1] in words and (
            isinstance(e["input"], list | tuple) if e["type"] == "literal_error" else isinstance(e["input"], str)
        )
        form = bool(e["loc"]) and re.search(_FORM, str(e["loc"][-1])) and str(e["type"]).endswith(("_type", "_parsing"))
        beside = [
            o
            for o in errors
            if form and len(o["loc"]) >= len(e["loc"]) and o["loc"][: len(e["loc"]) - 1] == e["loc"][:-1]
        ]
        deeper = any(len(o["loc"]) > len(e["loc"]) for o in beside)
        wrong_form = (deeper and isinstance(e["input"], Mapping | list | tuple)) or any(
            o["type"] == "finite_number" for o in beside
        )
        if not other_form and not wrong_form and not (e["type"] == "too_short" and e["loc"] in inside):
            out.append(e)
    return out or list(errors)


def _find_place(error: Any, value: Any) -> list[str]:
    """The names that lead there in the recipe as it is written, without those of the forms that were tried."""
    place, at = [], value
    for number, step in enumerate(error["loc"]):
        last = number == len(error["loc"]) - 1
        inner = _step_down(at, str(step))
        there = inner is not None or (isinstance(at, Mapping) and any(str(key) == str(step) for key in at))
        if there:
            place.append(str(step))
            at = inner
        elif last and error["type"] == "missing":
            place.append(str(step))
    return place


def _problem(error: Any, value: Mapping[str, Any]) -> Problem:
    place = _find_place(error, value)
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
    return tell_wrong(where, f"{message[0].lower()}{message[1:]}{shown}", _mend(error))


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
    at: Any = value
    if len(place) >= 2 and place[0] == "parts":
        at = value.get("parts", {}).get(place[1], {})
        extension = installed("sundog.kinds").get(at.get("kind", "")) if isinstance(at, Mapping) else None
        if extension is None or isinstance(extension, Broken):
            return []
        spec, place = extension.spec, place[2:]
    for name in place:
        at = _step_down(at, name)
        if isinstance(spec, type) and issubclass(spec, Spec):
            if name not in spec.model_fields:
                return []
            spec = spec.model_fields[name].annotation
        elif typing.get_args(spec):
            inner = typing.get_args(spec)
            spec = inner[0] if inner[-1] is ... else inner[-1]  # of a list the item, of a mapping the value
        spec = _choose_spec(spec, at)
    return list(spec.model_fields) if isinstance(spec, type) and issubclass(spec, Spec) else []


def _step_down(at: Any, name: str) -> Any:
    """What stands under a name, or at a number of a list."""
    if isinstance(at, Mapping):
        return next((inner for key, inner in at.items() if str(key) == name), None)
    return at[int(name)] if isinstance(at, list | tuple) and name.isdecimal() and int(name) < len(at) else None


def _choose_spec(spec: Any, at: Any) -> Any:
    """Of several specs the one that the recipe means by its ``type``, else the first; a mapping or list stays as it is."""
    flat = _flatten(spec)
    specs = [o for o in flat if isinstance(o, type) and issubclass(o, Spec)]
    tag = at.get("type") if isinstance(at, Mapping) else None
    meant = [o for o in specs if "type" in o.model_fields and tag in typing.get_args(o.model_fields["type"].annotation)]
    whole = [o for o in flat if typing.get_origin(o) not in (None, typing.Literal) and o is not type(None)]
    return (meant or specs or whole or [spec])[0]


def _flatten(option: Any) -> list[Any]:
    origin = typing.get_origin(option)
    if origin is typing.Annotated:
        return _flatten(typing.get_args(option)[0])
    if origin in (typing.Union, types.UnionType):
        return [o for inner in typing.get_args(option) for o in _flatten(inner)]
    return [option]


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
    plain = plain_recipe(recipe)
    return str(yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


def plain_recipe(recipe: Recipe) -> dict[str, Any]:
    """The whole recipe as plain values."""
    value: dict[str, Any] = recipe.model_dump(mode="json", exclude_none=True)
    return value


def name_differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[str, ...]:
    """Places at which two plain recipes differ, as dotted paths.

    >>> name_differences({"seed": 1, "parts": {"a": {"units": 1}}}, {"seed": 1, "parts": {"a": {"units": 2}, "b": {}}})
    ('parts.a.units', 'parts.b')
    """
    found: list[str] = []
    for name in dict.fromkeys([*first, *second]):
        one, two = first.get(name), second.get(name)
        if isinstance(one, Mapping) and isinstance(two, Mapping):
            found += [f"{name}.{inner}" for inner in name_differences(one, two)]
        elif (name in first) != (name in second) or one != two:
            found.append(name)
    return tuple(found)
