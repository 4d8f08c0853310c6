"""What one person alone has must not come out, and must not change what comes out of the others."""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.tables import about_of, meaning_of
from sundog.lib.rows.codec import TableCodec, decode, encode, learn_codec
from sundog.lib.rows.infer_marks import decimals_of
from sundog.lib.rows.inspect import inspect_source
from sundog.lib.rows.read import open_files
from sundog.lib.rows.scale import from_ticks, learn_scale, parse_tick, to_ticks
from sundog.lib.rows.settings import Between, CodecSettings, ColumnOverride

KEY = Key.root(29)
N = 3000


class Memory:
    """Rows in memory as a source."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.table.to_batches()


def learn(table: pa.Table, **more: object) -> tuple[TableCodec, dict[str, str]]:
    noted = learn_codec(Memory(table), CodecSettings(**more), KEY)  # type: ignore[arg-type]
    return noted.value, {n.subject: n.text for n in noted.notes if isinstance(n, Remark)}


def redraw(codec: TableCodec, table: pa.Table) -> pa.RecordBatch:
    return decode(codec, encode(codec, table), KEY, range(table.num_rows))


def flags(true: int, missing: int = 0) -> pa.Table:
    values: list[bool | None] = [True] * true + [None] * missing + [False] * (N - true - missing)
    return pa.table({"flag": pa.array(values), "x": np.arange(N) % 40})


@pytest.mark.parametrize(("true", "missing"), [(1, 0), (9, 0), (1, 500)])
def test_a_boolean_that_few_persons_have_does_not_come_out(true: int, missing: int) -> None:
    codec, said = learn(flags(true, missing))
    made = redraw(codec, flags(true, missing)).column("flag")
    assert made.drop_null().unique().to_pylist() == [False]
    assert made.null_count == missing
    assert meaning_of(codec.schema().field("flag")) == "boolean"
    assert "fewer than 10 rows share" in said["flag"]
    assert "the other has too few rows" in about_of(codec.schema().field("flag"))


def test_a_boolean_with_support_and_one_that_is_public_come_out() -> None:
    assert redraw(learn(flags(10))[0], flags(10)).column("flag").true_count == 10
    public = learn(flags(1), overrides={"flag": ColumnOverride(protect=False)})[0]
    assert redraw(public, flags(1)).column("flag").true_count == 1


def test_one_vast_amount_leaves_the_cents_of_the_others() -> None:
    r = np.random.Generator(np.random.PCG64(5))
    values = np.round(np.exp(r.normal(5, 1, N)), 2)
    for odd in (9e15, 1e300, -3e16):
        values[17] = odd
        codec, _ = learn(pa.table({"amount": values}))
        made = redraw(codec, pa.table({"amount": values})).column("amount").to_numpy()
        assert (np.rint(made * 100) / 100 == made).all()
        assert np.abs(made).max() < 1e5


def test_values_beyond_exact_doubles_that_are_many_have_no_grid() -> None:
    r = np.random.Generator(np.random.PCG64(6))
    values = np.round(np.exp(r.normal(5, 1, 1000)), 2)
    values[:10] = 9e15 + np.arange(10.0)
    scale = learn_scale(pa.array(values))
    assert scale.kind == "float"
    assert from_ticks(*to_ticks(pa.array(values), scale)[:2], scale, pa.float64()).to_pylist() == values.tolist()


@pytest.mark.parametrize(("precision", "scale"), [(12, 2), (9, 4), (10, 0), (14, 3)])
def test_decimals_of_a_parquet_file_keep_their_scale(tmp_path: Path, precision: int, scale: int) -> None:
    r = np.random.Generator(np.random.PCG64(7))
    units = r.integers(0, 10 ** (precision - 1), N)
    exact = [decimal.Decimal(int(u)).scaleb(-scale) for u in units]
    path = tmp_path / "d.parquet"
    pq.write_table(pa.table({"d": pa.array(exact, pa.decimal128(precision, scale))}), path)
    with open_files(str(path)) as source:
        column = source.schema.field("d")
        values = pa.Table.from_batches(source.scan()).column("d").to_numpy()
        assert decimals_of(column) == scale
        assert values.tolist() == [float(d) for d in exact]
        assert inspect_source(source, ()).columns[0].decimals == scale
        made = redraw(learn(pa.table({"d": values}))[0], pa.table({"d": values})).column("d").to_numpy()
    assert (np.rint(made * 10.0**scale) / 10.0**scale == made).all()


def test_months_stay_the_first_of_a_month() -> None:
    r = np.random.Generator(np.random.PCG64(9))
    months = np.datetime64("2015-01") + r.integers(0, 600, N)
    table = pa.table({"month": pa.array(months.astype("datetime64[D]"), mask=r.random(N) < 0.1)})
    codec, _ = learn(table)
    made = redraw(codec, table).column("month")
    assert set(pc.day(made.drop_null()).to_pylist()) == {1}
    assert abs(made.null_count - table.column("month").null_count) == 0
    assert len(made.drop_null().unique()) > 300
    kept = decode(codec, encode(codec, table), KEY, range(N), None, {"month": Between("2020-03-15", "2020-06")})
    assert kept.num_rows == N
    assert parse_tick("2020-03", learn_scale(table.column("month").combine_chunks())) == 602
    assert parse_tick("2020-03-15", learn_scale(table.column("month").combine_chunks())) > 602


def test_places_of_doubles_are_counted_exactly(tmp_path: Path) -> None:
    r = np.random.Generator(np.random.PCG64(8))
    values = r.integers(0, 10**12, N) / 100
    pq.write_table(pa.table({"x": values}), tmp_path / "x.parquet")
    with open_files(str(tmp_path / "x.parquet")) as source:
        assert decimals_of(source.schema.field("x")) == 2
