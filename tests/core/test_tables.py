"""Meaning of columns: written on the field, or read from the type."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sundog.core.tables import (
    ForeignKey,
    TableKeys,
    about_of,
    keys_of,
    meaning_of,
    with_generation,
    with_keys,
    with_meaning,
)


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


KEYS = TableKeys(("a", "b"), (("c",), ("d", "e")), (ForeignKey(("a",), "other", ("x",)),))


def test_keys_travel_beside_other_marks_and_can_be_taken_back() -> None:
    schema = with_keys(with_generation(pa.schema([("a", pa.int64())]), 2), KEYS)
    assert keys_of(schema) == KEYS
    bare = with_keys(schema, TableKeys())
    assert keys_of(bare) == TableKeys()
    assert bare.metadata == {b"sundog.generation": b"2"}
    assert not with_keys(pa.schema([("a", pa.int64())]), TableKeys()).metadata


@pytest.mark.parametrize("stated", [b"{", b"[]", b'{"foreign": [{"columns": ["a"]}]}', b'{"primary": 3}', b"\xff"])
def test_keys_that_cannot_be_read_are_none(stated: bytes) -> None:
    assert keys_of(pa.schema([("a", pa.int64())], metadata={b"sundog.keys": stated})) == TableKeys()
