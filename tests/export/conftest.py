"""Tables with every type that databases must hold, with keys and with names that must be quoted."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.tables import ForeignKey, TableKeys, with_keys
from sundog.testing.bundle import MemoryBundle

ROWS = 700
UTC = datetime.UTC
WORDS = (
    "plain",
    "it's",
    'say "hi"',
    "back\\slash \\n",
    "two\nlines",
    "cr\r\nlf",
    "é ü 漢 🦉",
    "",
    ";--",
    "%s $1 {x}",
    "'' '",
)


def every_type() -> pa.Table:
    """One column a type, each with missing values; the first is a key."""
    numbers = np.arange(ROWS)
    bits = np.frombuffer(b"".join(int(i * 2654435761 % 2**32).to_bytes(4, "big") for i in range(2 * ROWS)), ">f8")
    floats = [
        None if i % 7 == 0 else float("nan") if i % 31 == 0 else float(x) if np.isfinite(x) else 0.1 * i
        for i, x in enumerate(bits.tolist())
    ]
    day, start = datetime.date(1999, 12, 1), datetime.datetime.fromisoformat("2001-02-03 04:05:06")

    def gaps(values: Sequence[Any], kind: pa.DataType | None = None, each: int = 10) -> pa.Array:
        return pa.array([None if i % each == 3 else v for i, v in enumerate(values)], kind)

    micro = [start + datetime.timedelta(microseconds=int(n) * 86_400_123_457) for n in numbers]
    columns = {
        "id": pa.array([f"K{i:05d}" for i in range(ROWS)]),
        "flag": gaps([i % 3 == 0 for i in range(ROWS)]),
        "tiny": gaps([i % 250 - 125 for i in range(ROWS)], pa.int8()),
        "short": gaps([i * 93 % 65_536 - 32_768 for i in range(ROWS)], pa.int16()),
        "int": gaps([i * 6_135_667 % 2**32 - 2**31 for i in range(ROWS)], pa.int32()),
        "long": gaps([-(2**63) + i if i % 2 else 2**63 - 1 - i for i in range(ROWS)], pa.int64()),
        "byte": gaps([i % 256 for i in range(ROWS)], pa.uint8()),
        "word16": gaps([65_535 - i for i in range(ROWS)], pa.uint16()),
        "word32": gaps([2**32 - 1 - i for i in range(ROWS)], pa.uint32()),
        "word64": gaps([2**64 - 1 - i if i % 2 else i for i in range(ROWS)], pa.uint64()),
        "single": gaps([float(np.float32(0.1) * i) for i in range(ROWS)], pa.float32()),
        "double": pa.array(floats, pa.float64()),
        "whole": gaps([float(i - 300) for i in range(ROWS)]),
        "price": gaps([Decimal(i * 7 - 900).scaleb(-2) for i in range(ROWS)], pa.decimal128(12, 2)),
        "small": gaps([Decimal(i).scaleb(-9) for i in range(ROWS)], pa.decimal128(12, 9)),
        "words": gaps([WORDS[i % len(WORDS)] for i in range(ROWS)]),
        "large": gaps([WORDS[i * 3 % len(WORDS)] * 3 for i in range(ROWS)], pa.large_string()),
        "coded": gaps([WORDS[i * 5 % len(WORDS)] for i in range(ROWS)]).dictionary_encode(),
        "bytes": gaps([bytes([0, i % 256, 255, 39, 92]) for i in range(ROWS)], pa.binary()),
        "day": gaps([day + datetime.timedelta(days=i * 5 % 7_000) for i in range(ROWS)]),
        "clock": gaps(numbers * 61_000_007, pa.time64("us")),
        "wall": gaps(micro, pa.timestamp("us")),
        "seconds": gaps([m.replace(microsecond=0) for m in micro], pa.timestamp("s")),
        "zoned": gaps([m.replace(tzinfo=UTC) for m in micro], pa.timestamp("us", "UTC")),
        "berlin": gaps([m.replace(tzinfo=UTC) for m in micro], pa.timestamp("us", "Europe/Berlin")),
        "span": gaps([datetime.timedelta(microseconds=int(n - 50) * 90_500_001) for n in numbers], pa.duration("us")),
        "list": gaps([[i, None, i + 1] for i in range(ROWS)], pa.list_(pa.int64())),
        "pair": gaps([{"a": WORDS[i % len(WORDS)], "b": i / 8} for i in range(ROWS)]),
        "nothing": pa.nulls(ROWS),
    }
    table = pa.table(columns)
    fields = [f.with_nullable(f.name != "id") for f in table.schema]
    return table.cast(with_keys(pa.schema(fields), TableKeys(primary=("id",))))


@pytest.fixture(scope="session")
def every_type_table() -> pa.Table:
    """See ``every_type``."""
    return every_type()


@pytest.fixture(scope="session")
def keyed() -> MemoryBundle:
    """Three tables in the wrong order for their keys, a reference of a table to itself, names to quote, a composite key."""
    lines = pa.table({"order id": [1, 1, 2], "line": [1, 2, 1], 'the "price"': [1.5, 2.25, None]})
    orders = pa.table({"order id": [1, 2, 3], "select": ["a", "b", "a"], "follows": [None, 1, 2]})
    people = pa.table({"key": ["a", "b"], "e-mail": ["a@example.org", "b@example.org"]})
    to_order = ForeignKey(("order id",), "orders", ("order id",))
    chain = ForeignKey(("follows",), "orders", ("order id",))
    owner = ForeignKey(("select",), "people", ("key",))
    stated: Mapping[str, tuple[pa.Table, TableKeys]] = {
        "Order lines": (lines, TableKeys(("order id", "line"), (), (to_order,))),
        "orders": (orders, TableKeys(("order id",), (), (owner, chain))),
        "people": (people, TableKeys(("key",), (("e-mail",),))),
    }
    return MemoryBundle(
        {"shop": {n: t.replace_schema_metadata(with_keys(t.schema, k).metadata) for n, (t, k) in stated.items()}}
    )


@pytest.fixture(scope="session")
def block() -> pa.Table:
    """Ten thousand rows, to be read again and again where many are needed."""
    numbers = np.arange(10_000)
    words = pa.array([f"customer number {i:,} of many" for i in numbers])
    return pa.table({"number": numbers, "value": numbers / 7, "name": words, "again": words, "more": words})
