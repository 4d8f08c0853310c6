"""Meaning of columns: written on the field, or read from the type."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sundog.core.tables import about_of, meaning_of, with_meaning


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [
        (pa.int8(), "number"),
        (pa.float32(), "number"),
        (pa.decimal128(9, 2), "number"),
        (pa.bool_(), "boolean"),
        (pa.date32(), "time"),
        (pa.timestamp("us", "UTC"), "time"),
        (pa.duration("s"), "time"),
        (pa.string(), "category"),
        (pa.dictionary(pa.int32(), pa.string()), "category"),
        (pa.binary(), "media"),
        (pa.list_(pa.int8()), "media"),
    ],
)
def test_what_a_type_suggests(kind: pa.DataType, meaning: str) -> None:
    assert meaning_of(pa.field("a", kind)) == meaning


def test_what_is_written_wins_and_other_marks_stay() -> None:
    field = with_meaning(pa.field("a", pa.int64(), metadata={"mine": "kept"}), "identifier", "remade from its pattern")
    assert meaning_of(field) == "identifier"
    assert about_of(field) == "remade from its pattern"
    assert (field.metadata or {})[b"mine"] == b"kept"
    assert meaning_of(pa.field("a", pa.int64(), metadata={"sundog.meaning": "nonsense"})) == "number"
    assert about_of(pa.field("a", pa.int64())) == ""
