"""Files of a stage: the same rows give the same bytes, lineage comes back, notes survive JSON."""

from __future__ import annotations

import json

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from sundog.core.notes import Dependence, Origin, PrivacySpend, Rejected, Remark, Used
from sundog.core.tables import UNIT, with_meaning
from sundog.run.stage_files import (
    canonical_json,
    merge_notes,
    notes_from_json,
    notes_to_json,
    pack_units,
    read_parquet,
    to_parquet,
    unpack_units,
)

UNITS = pa.field(UNIT, pa.uint64(), nullable=False)


@given(st.lists(st.integers(0, 2**62), max_size=50))
def test_units_come_back(units: list[int]) -> None:
    array = np.array(sorted(units), dtype=np.uint64)
    np.testing.assert_array_equal(unpack_units(pack_units(array)), array)


@given(st.integers(0, 2**62), st.integers(0, 10_000))
def test_a_range_takes_no_room(start: int, count: int) -> None:
    array = np.arange(start, start + count, dtype=np.uint64)
    packed = pack_units(array)
    assert len(packed) < 40
    np.testing.assert_array_equal(unpack_units(packed), array)


def test_rows_types_meaning_and_lineage() -> None:
    field = with_meaning(pa.field("a", pa.int32()), "identifier", "drawn")
    schema = pa.schema([UNITS, field, pa.field("b", pa.list_(pa.string()))], metadata={"mine": "kept"})
    batch = pa.record_batch(
        [
            pa.array([3, 3, 9], pa.uint64()),
            pa.array([1, None, 3], pa.int32()),
            pa.array([["x"], None, []], pa.list_(pa.string())),
        ],
        schema=schema,
    )
    data = to_parquet(batch)
    assert data == to_parquet(pa.Table.from_batches([batch.slice(0, 1), batch.slice(1)]))
    found = read_parquet(data)
    assert found.schema.names == schema.names
    assert found.schema.metadata == schema.metadata
    assert found.schema.field("a").equals(field, check_metadata=True)
    assert not found.schema.field(UNIT).nullable
    assert found.to_pylist() == batch.to_pylist()
    assert read_parquet(to_parquet(batch.slice(0, 0))).num_rows == 0


def test_notes() -> None:
    notes = (
        PrivacySpend("gaussian", 0.5, "add or remove one"),
        Used("adult.csv", "0" * 64, "CC BY 4.0"),
        Rejected(2**40, "copy", keep=False),
        Remark("é", "text"),
        Origin("people.age", "mean 40", "a census"),
        Dependence("releases", "noisy counts", 1.0, 1e-9),
    )
    assert notes_from_json(json.loads(json.dumps(notes_to_json(notes)))) == notes
    assert merge_notes(notes[1:3], notes[2:], notes[1:]) == notes[1:]
    assert merge_notes(notes, notes[:1]) == (*notes, notes[0]), "what is paid for twice is counted twice"


def test_canonical_json() -> None:
    assert canonical_json({"b": [1, "é"], "a": None}) == '{"a":null,"b":[1,"é"]}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
