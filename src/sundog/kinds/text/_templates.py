"""Templates of questions: text with named places, filled with text. No code, no formatting: what is filled in is never read again."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sundog.core.errors import Problem, RequestError, nearest

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|rows?\.[^{}]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a value is put into."""

    name: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text and places in their order."""

    pieces: tuple[str | Place, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the places, each once."""
        return tuple(dict.fromkeys(p.name for p in self.pieces if isinstance(p, Place)))


def read_template(text: str, where: str) -> Template:
    """The template that a text states: ``{topic}``, ``{row.diagnosis}``; ``{{`` and ``}}`` are braces.

    Raises:
        RequestError: a brace stands alone, or what stands in braces is no name.
    """
    pieces: list[str | Place] = []
    at = 0
    for found in _PLACE.finditer(text):
        pieces.append(text[at : found.start()])
        at = found.end()
        whole, name = found.group(), found.group(1)
        if whole in ("{{", "}}"):
            pieces.append(whole[0])
        elif name is None or not _NAME.fullmatch(name.strip()):
            what = f"{whole!r} at character {found.start()} is no place to put a value"
            mend = "Write a name in braces, {topic}; a brace itself is written twice: {{ or }}."
            raise RequestError(Problem("SD-TEXT-001", where, what, mend))
        else:
            pieces.append(Place(name.strip()))
    pieces.append(text[at:])
    return Template(tuple(p for p in pieces if p))


def find_unknown(
    template: Template,
    names: Collection[str],
    columns: Collection[str] | None,
    tables: Collection[str] | None,
    where: str,
) -> tuple[Problem, ...]:
    """Places that nothing will ever be put into.

    Args:
        template: what is filled.
        names: of the values that there are.
        columns: of the row that is given: ``row.NAME``; None where they cannot be known yet.
        tables: whose rows are given: ``rows.NAME``; None where they cannot be known yet.
        where: place of the template in the recipe.
    """
    problems = []
    for name in template.names:
        if name.startswith("row."):
            known, offered = columns, [f"row.{c}" for c in columns or ()]
        elif name.startswith("rows."):
            known, offered = tables, [f"rows.{t}" for t in tables or ()]
        else:
            known, offered = names, list(names)
        told = {*offered, *names, *(f"row.{c}" for c in columns or ())}
        if known is not None and name not in offered:
            what = f"{{{name}}} is no variable of this template"
            problems.append(Problem("SD-TEXT-002", where, what, nearest(name, told)))
    return tuple(problems)


def fill(template: Template, values: Mapping[str, str]) -> str:
    """The text with every value in its place.

    Raises:
        KeyError: a place has no value.
    """
    return "".join(p if isinstance(p, str) else values[p.name] for p in template.pieces)
