"""What all units of a part share, and how one of them begins: its row, its topic, its persona."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.recipe_model import ModelSpec
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text._facts import write_row, write_value
from sundog.kinds.text._passages import Span, cut_passages
from sundog.kinds.text._templates import Template, find_unknown, read_template
from sundog.kinds.text._tools import Tool, open_tool
from sundog.kinds.text._units import Asked, Unit, pick
from sundog.kinds.text.recipe import TextPart

MOST_ROWS = 20
"""Rows of a table that a template shows of one unit."""

_OVERHEAD = 700
"""Tokens of a question besides its document."""

CHARACTERS_A_TOKEN = 2.5
"""Characters that a token has at least, on the careful side for prose in the Latin script."""


@dataclass(frozen=True, slots=True)
class Passages:
    """Where documents were cut.

    Attributes:
        row: int64 (passages,), number of the document.
        start: int64 (passages,), first character.
        end: int64 (passages,), one past the last.
    """

    row: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """What all units of a part share.

    Attributes:
        part: what the recipe says.
        seeds: rows of the source; None without one.
        passages: of its documents, where the task reads documents.
        topics: one of which a unit is about; may be empty.
        personas: for whom it is; may be empty.
        principles: of the constitution.
    """

    part: TextPart
    seeds: pa.Table | None
    passages: Passages | None
    topics: tuple[str, ...]
    personas: tuple[str, ...]
    principles: Mapping[str, str]

    @cached_property
    def templates(self) -> Mapping[str, Template]:
        """The part's own templates by name."""
        return read_templates(self.part)

    @cached_property
    def tools(self) -> Mapping[str, Tool]:
        """Tools of a conversation by name."""
        stated = self.part.task.tools if self.part.task.type == "conversation" else ()
        return {tool.called: open_tool(tool) for tool in stated}

    def seed_row(self, number: int) -> Mapping[str, Any]:
        """Row of the source by the number of a unit, over and over."""
        if self.seeds is None or not self.seeds.num_rows:
            return {}
        found: Mapping[str, Any] = self.seeds.slice(number % self.seeds.num_rows, 1).to_pylist()[0]
        return found

    def passage(self, number: int, column: str) -> tuple[int, Span, str]:
        """Document, place and text of a passage by number, over and over."""
        assert self.passages is not None
        assert self.seeds is not None
        i = number % len(self.passages.row)
        row = int(self.passages.row[i])
        span = Span(int(self.passages.start[i]), int(self.passages.end[i]))
        return row, span, span.of(self.seeds.column(column)[row].as_py())


def read_templates(part: TextPart) -> Mapping[str, Template]:
    """The part's own templates by name.

    Raises:
        RequestError: with every fault of their braces.
    """
    stated = {"prompt": part.prompt, "system": part.system, "task.system": getattr(part.task, "system", "")}
    found: dict[str, Template] = {}
    problems: list[Problem] = []
    for name, text in stated.items():
        try:
            if text:
                found[name] = read_template(text, name)
        except RequestError as error:
            problems += error.problems
    if problems:
        raise RequestError(*problems)
    return found


def find_unknown_places(
    part: TextPart, columns: tuple[str, ...] | None, tables: tuple[str, ...] | None
) -> tuple[Problem, ...]:
    """Places of the part's templates that nothing will be put into; columns and tables None where they cannot be known yet."""
    common = ["language", *(n for n in ("topic", "persona") if getattr(part, f"{n}s") or getattr(part, f"{n}s_from"))]
    problems: list[Problem] = []
    for name, template in read_templates(part).items():
        names = common + (list(part.task.variables) if name == "prompt" else [])
        problems += find_unknown(template, names, columns, tables, name)
    return tuple(problems)


def most_characters(spec: ModelSpec, passage: int, where: str) -> int:
    """Characters of a document that fit beside question and answer.

    Raises:
        RequestError: hardly any do.
    """
    if spec.endpoint is not None:
        return passage
    room = int((spec.context - spec.most_tokens - _OVERHEAD) * CHARACTERS_A_TOKEN)
    if room < 200:
        what = f"a context of {spec.context:,} tokens leaves no room for a document beside {spec.most_tokens:,} tokens of answer"
        raise RequestError(Problem("SD-TEXT-004", where, what, "Raise 'model.context', or lower 'model.most_tokens'."))
    return min(passage, room)


def cut_documents(seeds: pa.Table, column: str, most: int) -> Passages:
    """Passages of all documents in a column.

    Raises:
        RequestError: there is no text in it.
    """
    rows, starts, ends = [], [], []
    for i, text in enumerate(seeds.column(column).to_pylist()):
        for span in cut_passages(text or "", most):
            rows.append(i)
            starts.append(span.start)
            ends.append(span.end)
    if not rows:
        what = f"no row of the source has a text in {column!r}"
        raise RequestError(Problem("SD-TEXT-005", "source", what, "Name the column with the documents: 'task.column'."))
    return Passages(np.array(rows, np.int64), np.array(starts, np.int64), np.array(ends, np.int64))


def choose_given(part: TextPart, given: Tables) -> str | None:
    """The table whose row is meant; None where nothing is given.

    Raises:
        RequestError: the part names none of the tables, or several could be meant.
    """
    if not given:
        return None
    if part.row is not None:
        if part.row not in given:
            what = f"the earlier part has no table {part.row!r}; it has {', '.join(given)}"
            raise RequestError(Problem("SD-TEXT-006", "row", what, "Name one of them."))
        return part.row
    if part.each is not None:
        return part.each.split(".", 1)[1]
    single = [n for n, b in given.items() if b.num_rows == len(set(b.column(UNIT).to_pylist()))]
    if len(given) == 1 or len(single) == 1:
        return next(iter(given)) if len(given) == 1 else single[0]
    what = f"each of {', '.join(given)} could be the table whose row is given"
    raise RequestError(Problem("SD-TEXT-007", "row", what, "Name the table: 'row'."))


def read_given_rows(given: Tables, units: range) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """Rows of each given table by unit."""
    found: dict[str, dict[int, list[dict[str, Any]]]] = {}
    for name, batch in given.items():
        by_unit: dict[int, list[dict[str, Any]]] = {u: [] for u in units}
        for row in batch.to_pylist():
            by_unit.setdefault(row.pop(UNIT), []).append({n: v for n, v in row.items() if not n.startswith("_")})
        found[name] = by_unit
    return found


def begin_unit(
    ground: Ground,
    number: int,
    key: Key,
    asked: Mapping[str, Asked],
    row: Mapping[str, Any],
    rows: Mapping[str, list[dict[str, Any]]],
) -> Unit:
    """A unit before its first question."""
    part = ground.part
    own = key.child("unit").child(number)
    values = {"language": part.language}
    if ground.topics:
        values["topic"] = pick(own, "topic", ground.topics)
    if ground.personas:
        values["persona"] = pick(own, "persona", ground.personas)
    values |= {f"row.{name}": write_value(value) for name, value in row.items()}
    values |= {f"rows.{name}": "\n\n".join(write_row(r) for r in several[:MOST_ROWS]) for name, several in rows.items()}
    return Unit(number, own, part, asked, values, row, ground.templates)
