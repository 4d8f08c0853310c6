"""Habits of columns that are no rules: repeating another column, days of the week, times of day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sundog.core.keys import Key
from sundog.lib import persist
from sundog.lib.rows.codec import (
    TableCodec,
    allowed,
    coded_index,
    decode,
    encode,
    encode_given,
    learn_codec,
    read_given,
)
from sundog.lib.rows.settings import Between, CodecSettings
from sundog.lib.rows.weekdays import find_weekdays, move_to_weekdays

KEY = Key.root(17)
N = 4000


class Memory:
    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.table.to_batches()


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def learn(table: pa.Table, **more: object) -> TableCodec:
    return learn_codec(Memory(table), CodecSettings(**more), KEY).value  # type: ignore[arg-type]


def make_bills() -> pa.Table:
    r = rng(1)
    bill = np.round(np.exp(r.normal(7, 1, N)), 2)
    full = r.random(N) < 0.2
    paid = np.where(full, bill, np.where(r.random(N) < 0.3, 0.0, np.round(np.exp(r.normal(6, 1, N)), 2)))
    return pa.table({"bill": pa.array(bill, mask=r.random(N) < 0.05), "paid": pa.array(paid, mask=r.random(N) < 0.1)})


BILLS = make_bills()


def share_equal(rows: pa.RecordBatch | pa.Table) -> float:
    a, b = rows.column("bill").to_pylist(), rows.column("paid").to_pylist()
    return sum(x is not None and x == y for x, y in zip(a, b, strict=True)) / len(a)


def test_values_that_repeat_another_column_are_learned() -> None:
    codec = learn(BILLS)
    codes = encode(codec, BILLS)
    made = decode(codec, codes, KEY, range(N))
    assert share_equal(made) == share_equal(BILLS)
    assert made.column("paid").is_null().equals(BILLS.column("paid").combine_chunks().is_null())
    assert (codes < codec.sizes).all()
    assert codec.sizes.max() <= 64
    assert (encode(codec, made) == codes).mean() > 0.999
    plain = learn(BILLS, echoes=False)
    assert share_equal(decode(plain, encode(plain, BILLS), KEY, range(N))) < 0.01
    assert persist.loads(TableCodec, persist.dumps(codec)).steps[1].others == ("bill",)  # type: ignore[union-attr]


def test_a_repeat_of_a_missing_value_is_drawn() -> None:
    codec = learn(BILLS)
    codes = encode(codec, BILLS)
    mixed = np.column_stack([rng(i).permutation(codes[:, i]) for i in range(2)])
    made = decode(codec, mixed, KEY, range(N))
    assert made.column("paid").null_count == BILLS.column("paid").null_count
    assert np.isfinite(made.column("paid").drop_null().to_numpy()).all()


def test_repeats_follow_given_values_and_conditions() -> None:
    codec = learn(BILLS)
    rows = pa.table({"bill": [123.45, 123.45], "paid": [None, 123.45]}, schema=BILLS.schema)
    codes, problems = encode_given(codec, rows)
    assert not problems
    same = codes[1, 1]
    assert same >= codec.steps[1].coder.size  # type: ignore[union-attr]
    codes[0, 1] = same
    made = decode(codec, codes, KEY, range(2), kept=read_given(codec, rows)[0])
    assert made.column("paid").to_pylist() == [123.45, 123.45]
    ok, i = allowed(codec, "paid", Between(100, 200)), coded_index(codec, "paid")
    assert not ok[same]
    every = encode(codec, BILLS)
    every[:, i] = np.flatnonzero(ok)[every[:, i] % ok.sum()]
    paid = decode(codec, every, KEY, range(N), within={"paid": Between(100, 200)}).column("paid").to_numpy()
    assert paid.min() >= 100
    assert paid.max() <= 200


def test_chance_repeats_are_not_learned() -> None:
    r = rng(2)
    table = pa.table(
        {"a": r.integers(0, 100, N), "b": r.integers(0, 100, N), "c": r.normal(size=N), "d": r.normal(size=N)}
    )
    assert learn(table).sizes.tolist() == learn(table, echoes=False).sizes.tolist()


def weekdays_of(values: Sequence[datetime.date | datetime.datetime]) -> np.ndarray:
    return np.bincount([v.weekday() for v in values], minlength=7) / len(values)


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("s"), pa.timestamp("us", tz="Europe/Berlin")])
def test_no_weekends_and_first_days_of_months(kind: pa.DataType) -> None:
    r = rng(3)
    days = r.integers(5000, 19_000, 3 * N)
    days = days[(days + 3) % 7 < 5][:N]  # Monday to Friday
    first = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    days = np.where(r.random(N) < 0.2, first, days)
    array = pa.array(days.astype(np.int32)).cast(pa.date32())
    if pa.types.is_timestamp(kind):
        array = array.cast(pa.timestamp(kind.unit))
        array = pc.assume_timezone(array, kind.tz) if kind.tz else array
    table = pa.table({"day": array})
    codec = learn(table)
    assert len(codec.names) == 1
    made = decode(codec, encode(codec, table), KEY, range(N)).column("day").to_pylist()
    real = table.column("day").to_pylist()
    assert np.abs(weekdays_of(made) - weekdays_of(real)).max() < 0.04
    assert abs(np.mean([v.day == 1 for v in made]) - np.mean([v.day == 1 for v in real])) < 0.03
    if kind.equals(pa.timestamp("s")):
        assert all(v.time() == datetime.time() for v in made)


def test_even_dates_have_no_weekdays() -> None:
    assert find_weekdays(rng(4).integers(5000, 19_000, 5000)) is None
    assert find_weekdays(np.zeros(0, dtype=np.int64)) is None


def test_days_move_by_less_than_a_week() -> None:
    r = rng(5)
    days = r.integers(5000, 19_000, 5000)
    kept = find_weekdays(days[(days + 3) % 7 < 5])
    assert kept is not None
    moved = move_to_weekdays(kept, days, r.random(5000))
    assert np.abs(moved - days).max() < 7
    assert ((moved + 3) % 7 < 5).all()


def test_times_of_day_keep_their_shape() -> None:
    r = rng(6)
    stamp = (r.integers(17_000, 19_000, N) * 1440 + np.clip(r.normal(540, 60, N), 0, 1439).astype(np.int64)) * 60
    table = pa.table({"at": pa.array(stamp).cast(pa.timestamp("s", tz="UTC"))})
    codec = learn(table)
    assert codec.names == ("at", "at@clock")
    made = decode(codec, encode(codec, table), KEY, range(N))
    assert made.schema.equals(table.schema)
    drawn = made.column("at").cast(pa.int64()).to_numpy()
    assert (drawn % 60 == 0).all()
    assert abs((drawn % 86_400).mean() - (stamp % 86_400).mean()) < 100
    assert abs((drawn % 86_400).std() - (stamp % 86_400).std()) < 200
