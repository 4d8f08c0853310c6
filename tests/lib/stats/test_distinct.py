"""Repeats and strangers, counted through buckets, against plain counting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sundog.lib.stats import distinct
from sundog.lib.stats.distinct import Values, count_repeats, count_strangers, hash_values

COLUMNS = [
    pa.array(["a", "b", None, "a", "", "", "a"]),
    pa.array(["long enough for two words", "long enough for two wordz", "long enough for two words"]),
    pa.array([b"\x00", b"\x00\x00", b"\x00"]),
    pa.array([1, 2, None, 2, -1], pa.int32()),
    pa.array([0.0, -0.0, 1.5]),
    pa.array([True, False, True, None]),
    pa.array([date(2020, 1, 1), date(2020, 1, 2), date(2020, 1, 1)]),
    pa.array([1, 2, 1], pa.timestamp("us")),
    pa.array([Decimal("1.10"), Decimal("1.10"), Decimal("1.20")]),
    pa.array(["x", "y", "x"]).dictionary_encode(),
    pa.array([b"abcd", b"abce", b"abcd"], pa.binary(4)),
    pa.array(["cut off", "x", "y", "x"])[1:],
    pa.array([], pa.string()),
]


def in_pieces(column: pa.Array, size: int = 2) -> Values:
    def scan() -> Iterator[pa.Array]:
        for start in range(0, max(len(column), 1), size):
            yield column[start : start + size]

    return scan


@pytest.mark.parametrize("column", COLUMNS, ids=lambda c: str(c.type))
@pytest.mark.parametrize("rows", [10, 30_000_000], ids=["held", "in files"])
def test_repeats_of_every_type(column: pa.Array, rows: int, tmp_path: Path) -> None:
    values = [v for v in column.to_pylist() if v is not None]
    assert count_repeats(in_pieces(column), rows, tmp_path) == (len(values), len(values) - len(set(values)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text(max_size=20) | st.none(), max_size=40), keys=st.lists(st.text(max_size=20), max_size=40))
def test_strangers_as_counted_one_by_one(
    values: list[str | None], keys: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    known = [v for v in values if v is not None]
    expected = (len(known), sum(v not in set(keys) for v in known))
    for rows in (1, 5_000_000):
        sides = in_pieces(pa.array(values, pa.string()), 7), in_pieces(pa.array(keys, pa.string()), 7)
        assert count_strangers(*sides, rows, tmp_path_factory.mktemp("buckets")) == expected


def test_values_with_equal_hashes_are_not_called_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distinct, "hash_values", lambda values: hash_values(values) % np.uint64(16))
    words = [f"word {i}" for i in range(100)] + ["word 7"]
    assert sum(n - 1 for n in Counter(words).values()) == 1
    assert count_repeats(in_pieces(pa.array(words), 10), len(words), tmp_path) == (101, 1)


def test_bits_are_spread_evenly() -> None:
    """Each of 64 bits is set in half of the hashes; the false-alarm rate over 64 bits and two columns is 1e-6."""
    for column in (pa.array([f"C-{i:06d}" for i in range(20_000)]), pa.array(np.arange(20_000))):
        hashes = hash_values(column)
        shares = np.array([((hashes >> np.uint64(b)) & np.uint64(1)).mean() for b in range(64)])
        assert np.abs(shares - 0.5).max() < 5.7 * 0.5 / np.sqrt(20_000)
