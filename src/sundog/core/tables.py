"""What moves between parts: Arrow record batches, with meaning kept in field metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias, get_args

import pyarrow as pa

Tables: TypeAlias = Mapping[str, pa.RecordBatch]
"""Table name to rows. An image is encoded bytes in a column, a tensor a fixed-shape column."""

UNIT = "_unit"
"""Name of the uint64 column that says which unit a row belongs to. ``sample`` adds it to every table
in which rows are not exactly the shard's units, one each and in order; it is kept as lineage in the
file's metadata and not as a column of the written data."""

Meaning: TypeAlias = Literal["number", "category", "boolean", "time", "identifier", "text", "constant", "media"]
"""How a column is to be read: what checks compare and how the report draws it."""

_MEANING = b"sundog.meaning"
_ABOUT = b"sundog.about"
_GENERATION = b"sundog.generation"
_UNIT_OF = b"sundog.unit"
_KEYS = b"sundog.keys"


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that hold the key of a row of another table, or of the same one.

    Attributes:
        columns: of the table that refers.
        table: the table that is referred to, of the same part.
        to: its columns, one for each of ``columns``; they are its primary key or unique.
    """

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableKeys:
    """What names the rows of a table: held by construction, and made by exporters that write databases.

    Attributes:
        primary: columns that together never hold the same twice, and never nothing; empty where there are none.
        unique: further groups of columns that never hold the same twice.
        foreign: what it refers to.
    """

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKey, ...] = ()


def with_meaning(field: pa.Field, meaning: Meaning, about: str = "") -> pa.Field:
    """The field, marked with its meaning and one sentence about how its values came to be."""
    kept = dict(field.metadata or {})
    kept[_MEANING] = meaning.encode()
    if about:
        kept[_ABOUT] = about.encode()
    return field.with_metadata(kept)


def meaning_of(field: pa.Field) -> Meaning:
    """The meaning written on the field, else the one its Arrow type suggests."""
    written = (field.metadata or {}).get(_MEANING, b"").decode()
    for meaning in get_args(Meaning):
        if written == meaning:
            return meaning  # type: ignore[no-any-return]
    kind = field.type
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_temporal(kind):
        return "time"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        return "media"
    return "category"


def about_of(field: pa.Field) -> str:
    """The sentence written on the field by ``with_meaning``, or an empty string."""
    return str((field.metadata or {}).get(_ABOUT, b"").decode())


def with_unit(field: pa.Field, unit: str) -> pa.Field:
    """The field, marked with the unit of its values (``Cel``, ``%RH``); the same field where there is none."""
    return field.with_metadata({**(field.metadata or {}), _UNIT_OF: unit.encode()}) if unit else field


def unit_of(field: pa.Field) -> str:
    """The unit written on the field by ``with_unit``, or an empty string."""
    return str((field.metadata or {}).get(_UNIT_OF, b"").decode())


def with_generation(schema: pa.Schema, generation: int) -> pa.Schema:
    """The schema of a table, marked with how many times its rows were learned from rows, in a chain.

    Records of the world are generation 0; what is learned from generation g is g + 1. The mark travels in the files, so that
    whoever learns from them knows how far they are from the world.
    """
    return schema.with_metadata({**(schema.metadata or {}), _GENERATION: str(generation).encode()})


def generation_of(schema: pa.Schema) -> int | None:
    """The mark of ``with_generation``; None where there is none."""
    stated = (schema.metadata or {}).get(_GENERATION, b"").decode(errors="replace")
    return int(stated) if stated.isdecimal() else None


def with_keys(schema: pa.Schema, keys: TableKeys) -> pa.Schema:
    """The schema of a table, marked with its keys. A kind that knows them states them in ``schemas``; they travel in the files."""
    kept = {k: v for k, v in (schema.metadata or {}).items() if k != _KEYS}
    if keys != TableKeys():
        kept[_KEYS] = json.dumps(asdict(keys), sort_keys=True).encode()
    return schema.with_metadata(kept or None)


def keys_of(schema: pa.Schema) -> TableKeys:
    """The mark of ``with_keys``; no keys where there is none, or none that can be read."""
    try:
        said = json.loads((schema.metadata or {}).get(_KEYS, b"{}"))
        return TableKeys(
            tuple(map(str, said.get("primary", ()))),
            tuple(tuple(map(str, group)) for group in said.get("unique", ())),
            tuple(
                ForeignKey(tuple(map(str, f["columns"])), str(f["table"]), tuple(map(str, f["to"])))
                for f in said.get("foreign", ())
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return TableKeys()
