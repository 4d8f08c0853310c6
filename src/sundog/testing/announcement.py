"""Questions to every extension: what it announces, and that announcing costs nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Literal, get_args, get_origin

from sundog.core.extension import API, Extension
from sundog.core.recipe import CheckSpec, Part, Spec

HEAVY = ("lightgbm", "numba", "numpy", "pandas", "polars", "pyarrow", "ray", "scipy", "sklearn", "tensorflow", "torch")
"""Modules that no recipe may load."""

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def spec_is_frozen_and_strict(extension: Extension[Any]) -> None:
    """The spec is frozen, and unknown names are errors."""
    assert issubclass(extension.spec, Spec), f"{extension.spec} is no Spec"
    config = extension.spec.model_config
    assert config.get("frozen"), "the spec can be changed: class MySpec(Spec, frozen=True)"
    assert config.get("extra") == "forbid", "the spec lets unknown names pass"
    extension.spec.model_json_schema()
    assert extension.spec.__doc__, "the spec does not say what it is for"


def kind_is_a_literal(extension: Extension[Any]) -> None:
    """The field ``kind`` of a part or check is a Literal with the name of the extension."""
    if not issubclass(extension.spec, Part | CheckSpec):
        return
    annotation = extension.spec.model_fields["kind"].annotation
    assert get_origin(annotation) is Literal, "'kind' is no Literal: two kinds could not be told apart"
    assert get_args(annotation) == (extension.kind,), (
        f"'kind' is {get_args(annotation)}, the extension {extension.kind!r}"
    )
    assert extension.spec.model_fields["kind"].default == extension.kind, "'kind' has no default"


def names_are_plain(extension: Extension[Any]) -> None:
    """Name, extra, packages and the line for ``sundog kinds`` are as others write them."""
    assert _NAME.fullmatch(extension.kind), f"{extension.kind!r} is no plain name"
    assert extension.about, "'about' is empty"
    assert "\n" not in extension.about, "'about' is more than a line"
    assert all("." not in module for module in extension.needs), "'needs' names top-level modules"
    assert extension.api == API, f"written for version {extension.api} of the contract; this Sundog has {API}"
    assert extension.repeatable in ("bytes", "platform", "recorded")


def spec_imports_light(extension: Extension[Any]) -> None:
    """Importing the module of the spec loads nothing heavy."""
    module = extension.spec.__module__
    code = f"import json, sys, importlib; importlib.import_module({module!r}); print(json.dumps(sorted(sys.modules)))"
    path = [p for p in sys.path if p]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}; {code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{module} cannot be imported by itself: {done.stderr[-500:]}"
    loaded = sorted(set(json.loads(done.stdout)) & set(HEAVY))
    assert not loaded, f"importing {module} loads {', '.join(loaded)}"


def built_in_recipes_are_valid(extension: Extension[Any]) -> None:
    """Every built-in recipe is there and can be read."""
    from sundog.run.recipe_files import parse_recipe

    for name, place in extension.recipes.items():
        package, path = place.split(":", 1)
        recipe = parse_recipe(files(package).joinpath(path).read_text(encoding="utf-8"), name)
        kinds = {part.kind for part in recipe.parts.values()}
        assert extension.kind in kinds, f"the recipe {name!r} does not use the kind {extension.kind!r}"


def it_loads(extension: Extension[Any]) -> None:
    """``load`` gives the implementation, as often as it is asked."""
    assert extension.load() is not None
    assert type(extension.load()) is type(extension.load())


QUESTIONS: tuple[Callable[[Extension[Any]], None], ...] = (
    spec_is_frozen_and_strict,
    kind_is_a_literal,
    names_are_plain,
    spec_imports_light,
    built_in_recipes_are_valid,
    it_loads,
)
