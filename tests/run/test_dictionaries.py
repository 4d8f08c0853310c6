"""Dictionaries where values repeat, and every column readable as it was, whatever was chosen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sundog.run.dictionaries import choose_dictionaries


def encodings(table: pa.Table) -> dict[str, bool]:
    """Whether a leaf was written with a dictionary, by its path."""
    pq.write_table(table, sink := pa.BufferOutputStream(), use_dictionary=choose_dictionaries(table))
    group = pq.ParquetFile(pa.BufferReader(sink.getvalue()))
    assert group.read().equals(table)
    columns = [group.metadata.row_group(0).column(i) for i in range(group.metadata.num_columns)]
    return {c.path_in_schema: "RLE_DICTIONARY" in c.encodings for c in columns}


@pytest.mark.parametrize("rows", [900, 2048, 2049, 60_000])
def test_values_that_repeat_get_one_and_others_none(rows: int) -> None:
    at = np.arange(rows)
    table = pa.table(
        {
            "key": at,
            "few": [f"town {i % 50}" for i in at],
            "many": [f"street {i * 7919 % rows}" for i in at],
            "thrice": np.repeat(at, 6)[np.random.default_rng(1).permutation(rows)],
            "money": np.round(np.random.default_rng(2).lognormal(3, 0.1, rows), 1),
            "gone": pa.nulls(rows, pa.string()),
            "image": [b"x"] * rows,
        }
    )
    found = encodings(table)
    assert found == {
        "key": False, "few": True, "many": False, "thrice": True, "money": True, "gone": True, "image": False,
    }  # fmt: skip


def test_nested_columns_keep_theirs() -> None:
    pair = pa.struct([("a", pa.string()), ("b", pa.list_(pa.int64()))])
    table = pa.table(
        {
            "texts": pa.array([["x", "y"], None, []], pa.list_(pa.string())),
            "pairs": pa.array([{"a": "x", "b": [1]}, None, {"a": None, "b": None}], pair),
            "tags": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int32())),
            "fixed": pa.array([[1, 2], [3, 4], [5, 6]], pa.list_(pa.int8(), 2)),
            "word": pa.array(["a", "b", "a"]).dictionary_encode(),
        }
    )
    found = encodings(table)
    assert len(found) == 7
    assert all(found.values()), found


def test_nothing_to_look_at() -> None:
    table = pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.list_(pa.string()))})
    assert set(encodings(table)) == {"a", "b.list.element"}
