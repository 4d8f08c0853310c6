"""A recipe as it will be written: fields with what was read for them, tables, and the text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

Said = Mapping[str, object]
"""What a recipe says of one field, as YAML would hold it."""

WIDTH = 150


@dataclass(frozen=True, slots=True)
class Draft:
    """One field.

    Attributes:
        name: of the field.
        said: what the recipe says of it, without its origin.
        origin: what was read for it, or that nothing was.
        remarks: sentences for whoever edits it; written as comments.
        before: helper fields that it needs, written above it.
        number: the name of the field whose law is that of a number: its own or a helper's; empty for none.
        losing: share of the rows whose values the field cannot give, since too few rows hold each of them.
    """

    name: str
    said: Said
    origin: str
    remarks: tuple[str, ...] = ()
    before: tuple[Draft, ...] = ()
    number: str = ""
    losing: float = 0.0


@dataclass(frozen=True, slots=True)
class TableDraft:
    """One table.

    Attributes:
        name: of the table.
        fields: in the order of the columns.
        rows: how many to make, rounded; 0 for children.
        parent: of the table, or empty.
        shared: whether it belongs to no unit, and rows of other tables refer to it.
        count: law of how many rows a row of the parent has.
        correlated: groups of fields with their matrix of rank correlations.
        remarks: written as comments above the table.
        origin: of the count and the correlations.
    """

    name: str
    fields: tuple[Draft, ...]
    rows: int = 0
    parent: str = ""
    shared: bool = False
    count: Said = field(default_factory=dict)
    correlated: tuple[tuple[tuple[str, ...], tuple[tuple[float, ...], ...]], ...] = ()
    remarks: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class PartDraft:
    """One part: a table without a parent, and those that hang on it.

    Attributes:
        name: of the part.
        tables: parents before children.
        read: entries of the part's `read`.
    """

    name: str
    tables: tuple[TableDraft, ...]
    read: tuple[Said, ...]


def write_recipe(name: str, parts: Sequence[PartDraft], head: Sequence[str], locale: str) -> str:
    """The recipe as commented YAML.

    Args:
        name: of the recipe.
        parts: its parts.
        head: sentences at the top, as comments.
        locale: of persons and places.
    """
    lines = [*_comment(head, ""), f"name: {_flow(name)}", "seed: 1", "parts:"]
    for part in parts:
        root = next(t for t in part.tables if not t.parent and not t.shared)
        lines += [
            f"  {part.name}:",
            "    kind: records",
            f"    units: {max(root.rows, 1)}   # rows of {root.name}; any number",
        ]
        lines += [
            f"    locale: {_flow(locale)}   # of persons and places; several with weights are possible",
            "    read:",
        ]
        for said in part.read:
            lines += _write_block(said, 6, "- ")
        lines.append("    tables:")
        for table in part.tables:
            lines += _write_table(table)
    lines += ["evidence:", "  level: quick"]
    return "\n".join(lines) + "\n"


def _write_table(table: TableDraft) -> Iterator[str]:
    yield from _comment(table.remarks, "      ")
    yield f"      {table.name}:"
    if table.parent:
        yield f"        parent: {table.parent}"
        yield f"        count: {_flow(table.count)}"
    if table.shared:
        yield f"        rows: {max(table.rows, 1)}"
    if table.origin:
        yield f"        origin: {_flow(table.origin)}"
    yield "        fields:"
    for draft in table.fields:
        for one in (*draft.before, draft):
            yield from _write_field(one)
    if table.correlated:
        yield "        correlated:"
        for names, matrix in table.correlated:
            yield f"          - fields: {_flow(list(names))}"
            yield "            spearman:"
            for row in matrix:
                yield f"              - {_flow(list(row))}"


def _write_field(draft: Draft) -> Iterator[str]:
    yield from _comment(draft.remarks, "          ")
    said: dict[str, object] = {**draft.said, "origin": draft.origin} if draft.origin else dict(draft.said)
    name = _flow(draft.name)
    whole = f"          {name}: {_flow(said)}"
    if len(whole) <= WIDTH:
        yield whole
        return
    yield f"          {name}:"
    yield from _write_block(said, 12)


def _write_block(said: Said, indent: int, mark: str = "") -> Iterator[str]:
    """A mapping, an entry a line; long entries over several lines."""
    first = " " * indent + mark
    rest = " " * (indent + len(mark))
    for i, (key, value) in enumerate(said.items()):
        lead = first if i == 0 else rest
        line = f"{lead}{_flow(key)}: {_flow(value)}"
        if len(line) <= WIDTH or not isinstance(value, Mapping | list | tuple):
            yield line
        elif isinstance(value, Mapping):
            yield f"{lead}{_flow(key)}:"
            yield from _wrap([f"{_flow(k)}: {_flow(v)}" for k, v in value.items()], "{", "}", rest + "  ")
        else:
            yield f"{lead}{_flow(key)}:"
            yield from _wrap([_flow(v) for v in value], "[", "]", rest + "  ")


def _wrap(items: Sequence[str], begin: str, end: str, lead: str) -> Iterator[str]:
    line = lead + begin
    for i, item in enumerate(items):
        last = i == len(items) - 1
        piece = item + ("" if last else ", ")
        if len(line) + len(piece) > WIDTH and line.strip() != begin:
            yield line.rstrip()
            line = lead + " "
        line += piece
    yield line + end


def _flow(value: object) -> str:
    """YAML of a value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z][A-Za-z0-9_ ]*[A-Za-z0-9_]|[A-Za-z]", value)
        and value.lower() not in _WORDS
    ):
        return value
    if isinstance(value, str):
        # In double quotes whatever a column may hold is safe inside of braces and brackets.
        return str(yaml.safe_dump(value, default_style='"', width=10**9, allow_unicode=True)).strip()
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        digits = repr(value)
        # YAML 1.1 takes 1e-05 for a word: there must be a point before the e.
        return digits if "e" not in digits or "." in digits else digits.replace("e", ".0e")
    text = str(yaml.safe_dump(value, width=10**9)).strip()
    return text.removesuffix("...").strip()


_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan", "inf"))


def _comment(sentences: Sequence[str], lead: str) -> Iterator[str]:
    for sentence in sentences:
        # A comment ends with its line, so nothing that a column is named may end it.
        yield f"{lead}# {' '.join(''.join(c if c.isprintable() else ' ' for c in sentence).split())}"


def name_table(text: str, taken: Sequence[str] = ()) -> str:
    """A name that a table may have, from a file's: small letters, digits and underscores; another than those taken."""
    bare = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    bare = bare if bare[:1].isalpha() else f"t_{bare}".rstrip("_")
    bare = bare[:50]
    found, number = bare, 2
    while found in taken:
        found, number = f"{bare}_{number}", number + 1
    return found


def quote_name(name: str) -> str:
    """A field's name as an expression writes it; empty where none can."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _RESERVED:
        return name
    return "" if "`" in name or "." in name or "\n" in name else f"`{name}`"


_RESERVED = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "between",
        "is",
        "missing",
        "null",
        "if",
        "then",
        "else",
        "case",
        "when",
        "end",
        "true",
        "false",
        "as_of",
    ]
)
