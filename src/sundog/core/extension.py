"""How a kind, a check, an exporter, a source or a command announces itself: entry points, for us as for anybody."""

from __future__ import annotations

import importlib
import importlib.util
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from sundog.core.errors import Fault, MissingExtra, Problem, RequestError, install_extra, nearest
from sundog.core.recipe import Spec

API = 1
"""Version of the contract between Sundog and its extensions."""

Group: TypeAlias = Literal[
    "sundog.kinds", "sundog.checks", "sundog.exporters", "sundog.sinks", "sundog.sources", "sundog.engines"
]
L = TypeVar("L")


@dataclass(frozen=True, slots=True)
class Extension(Generic[L]):
    """What an entry point of Sundog names.

    Attributes:
        kind: its name in a recipe or on the command line.
        spec: what the user may write; must import in milliseconds.
        load: gives the implementation; may import anything.
        needs: top-level modules that ``load`` imports and the core install lacks.
        extra: name of the extra that brings them.
        repeatable: how far the same recipe gives the same data.
        about: one line for ``sundog kinds``.
        recipes: built-in recipes by name, as ``package:path/in/package.yaml``.
        when: for checks: the evidence levels that include it without being asked for.
        beside: for checks: whether it is a ``ShardCheck``, which workers load to run beside generation.
        api: version of the contract it was written against.
    """

    kind: str
    spec: type[Spec]
    load: Callable[[], L]
    needs: tuple[str, ...] = ()
    extra: str = ""
    repeatable: Literal["bytes", "platform", "recorded"] = "bytes"
    about: str = ""
    recipes: Mapping[str, str] = field(default_factory=dict)
    when: tuple[str, ...] = ()
    beside: bool = False
    api: int = API


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point that could not be loaded: listed by ``sundog kinds``, fatal only to recipes that use it."""

    kind: str
    where: str
    traceback: str


@cache
def installed(group: str) -> Mapping[str, Extension[Any] | Broken]:
    """Extensions of this environment by kind, in alphabetical order."""
    found: dict[str, Extension[Any] | Broken] = {}
    owners: dict[str, str] = {}
    for point in sorted(entry_points(group=group), key=lambda p: (p.name, p.value)):
        if owners.get(point.name) == point.value:
            continue  # the same distribution, seen twice on the path
        if point.name in owners:
            clash = Problem(
                "SD-EXTENSION-001",
                f"{group}:{point.name}",
                f"claimed by {owners[point.name]} and by {point.value}",
                "Uninstall one of the two packages.",
            )
            raise RequestError(clash)
        owners[point.name] = point.value
        try:
            extension = point.load()
            if extension.api != API:
                raise RuntimeError(
                    f"written for version {extension.api} of the extension contract; this Sundog has {API}"
                )
            found[point.name] = extension
        except Exception:  # noqa: BLE001 - whatever a third party's module raises must not stop the others
            found[point.name] = Broken(point.name, point.value, traceback.format_exc(limit=4))
    return found


def find(group: str, kind: str, where: str = "kind") -> Extension[Any]:
    """The extension of this name, or an error that names the nearest one.

    Raises:
        RequestError: no such extension, or it could not be loaded.
    """
    known = installed(group)
    extension = known.get(kind)
    if extension is None:
        noun = group.removeprefix("sundog.").rstrip("s")
        raise RequestError(
            Problem("SD-EXTENSION-002", where, f"no {noun} named {kind!r} is installed", nearest(kind, known))
        )
    if isinstance(extension, Broken):
        raise RequestError(
            Problem(
                "SD-EXTENSION-003",
                where,
                f"{kind!r} ({extension.where}) could not be loaded",
                extension.traceback.strip().splitlines()[-1],
            )
        )
    return extension


def implementation(group: str, kind: str, where: str = "kind") -> Any:
    """Load what the extension announces, after checking that what it needs is here.

    Raises:
        MissingExtra: a package is missing; the error names the extra that brings it.
    """
    extension = find(group, kind, where)
    missing = [m for m in extension.needs if importlib.util.find_spec(m) is None]
    if missing:
        mend = install_extra(extension.extra) if extension.extra else f"pip install {' '.join(missing)}"
        raise MissingExtra(Problem("SD-EXTENSION-004", where, f"{kind!r} needs {', '.join(missing)}", mend))
    try:
        return extension.load()
    except ImportError as error:
        raise Fault(
            Problem(
                "SD-EXTENSION-005",
                where,
                f"{kind!r} could not be imported: {error}",
                "Reinstall the package that brings it.",
            )
        ) from error


def spec_of(group: str, value: Any) -> type[Spec]:
    """The spec class for a mapping with a ``kind``."""
    kind = value.get("kind") if isinstance(value, Mapping) else None
    if not isinstance(kind, str):
        known = ", ".join(installed(group))
        raise ValueError(f"'kind' is needed (installed: {known})")
    try:
        return find(group, kind).spec
    except RequestError as error:
        raise ValueError("; ".join(f"{p.what}. {p.fix}" for p in error.problems)) from error
