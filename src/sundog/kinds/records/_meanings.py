"""How the columns of records are to be read: a key is no number, and a name no category."""

from __future__ import annotations

from sundog.core.tables import Meaning
from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import (
    IdentifierField,
    ParentField,
    PatternField,
    PersonField,
    PlaceField,
    ReferenceField,
    SequenceField,
    TemplateField,
    UniqueField,
    WordsField,
)
from sundog.kinds.records.recipe import RecordsPart

_FEW = frozenset({"sex", "title", "job", "city", "region", "country", "area_code", "latitude", "longitude"})
"""Sides of persons and places that are read by their type: categories with shares, coordinates."""


def find_meaning(part: RecordsPart, table: str, said: AnyField) -> Meaning | None:
    """The meaning of a field; None where its type says enough."""
    if isinstance(said, ParentField):
        parent = part.tables[table].parent
        above = None if parent is None else part.tables[parent].fields.get(said.field)
        return None if parent is None or above is None else find_meaning(part, parent, above)
    if isinstance(said, SequenceField | UniqueField | IdentifierField | ReferenceField):
        return "identifier"
    if isinstance(said, PersonField | PlaceField):
        return None if said.part in _FEW else "text"
    return "text" if isinstance(said, PatternField | TemplateField | WordsField) else None
