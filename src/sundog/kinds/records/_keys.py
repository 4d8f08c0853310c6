"""Which fields are keys, and which key a reference is to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from sundog.core.tables import ForeignKey, TableKeys, with_keys
from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import (
    ListedField,
    ParentField,
    PersonField,
    ReferenceField,
    SequenceField,
    UnderField,
    UniqueField,
)
from sundog.kinds.records.recipe import RecordsPart


def is_key(said: AnyField) -> bool:
    """Whether no two rows of a field have the same value, and none is missing."""
    if said.missing:
        return False
    if isinstance(said, ListedField):
        return len(set(map(repr, said.values))) == len(said.values)
    return isinstance(said, SequenceField | UniqueField)


def find_key(fields: Mapping[str, AnyField]) -> str | None:
    """The field by which a table with ``rows`` is looked up: the first that is a key."""
    return next((name for name, said in fields.items() if is_key(said)), None)


def find_target(part: RecordsPart, to: str) -> tuple[str, str]:
    """Table and field that a reference is to: ``products.product_id``, or a field of the first table by its name."""
    table, dot, field = to.partition(".")
    return (table, field) if dot else (part.root, to)


def list_keys(part: RecordsPart) -> Iterator[tuple[str, str]]:
    """Table and name of the written fields that never hold a value twice."""
    for table, said in part.tables.items():
        for name, field in said.fields.items():
            if (is_key(field) or (isinstance(field, PersonField) and field.unique)) and field.keep:
                yield table, name


def list_references(part: RecordsPart) -> Iterator[tuple[str, str, str, str]]:
    """Table and name of the written fields that hold a written key, and table and name of that key."""
    keys = set(list_keys(part))
    for table, spec_of in part.tables.items():
        for name, said in spec_of.fields.items():
            target = None
            if isinstance(said, ParentField) and spec_of.parent:
                target = (spec_of.parent, said.field)
            elif isinstance(said, ReferenceField):
                target = find_target(part, said.to)
            elif isinstance(said, UnderField):
                target = (table, said.key)
            if said.keep and target in keys:
                yield (table, name, *target)


def state_keys(part: RecordsPart, table: str, schema: pa.Schema) -> pa.Schema:
    """The schema of a table with its keys written on it; the first is the primary one. What is never missing says so."""
    fields = part.tables[table].fields
    own = [name for of, name in list_keys(part) if of == table]
    primary = next((name for name in own if is_key(fields[name])), None)
    refers = [(name, to, key) for of, name, to, key in list_references(part) if of == table]
    keys = TableKeys(
        primary=() if primary is None else (primary,),
        unique=tuple((name,) for name in own if name != primary),
        foreign=tuple(ForeignKey((name,), to, (key,)) for name, to, key in refers),
    )
    whole = {name for name in own if is_key(fields[name])}
    for name, to, key in refers:
        said = fields[name]
        if isinstance(said, ParentField) and not said.missing and is_key(part.tables[to].fields[key]):
            whole.add(name)
    return with_keys(pa.schema([f.with_nullable(f.name not in whole) for f in schema], metadata=schema.metadata), keys)
