"""Which fields are keys, and which key a reference is to."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import ListedField, SequenceField, UniqueField
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
