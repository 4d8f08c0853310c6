"""Tables to codes and back: types, shards, storage, given rows, conditions, and what must never come out."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sundog.data
from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.tables import about_of, meaning_of
from sundog.lib import persist
from sundog.lib.rows.codec import (
    TableCodec,
    allowed,
    check_rules,
    coded_index,
    decode,
    encode,
    encode_given,
    learn_codec,
    read_given,
)
from sundog.lib.rows.settings import Between, CodecSettings, ColumnOverride, OneOf

KEY = Key.root(7)


class Memory:
    """Rows in memory as a source."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from (self.table if columns is None else self.table.select(columns)).to_batches(1000)


def learn(table: pa.Table, **more: object) -> TableCodec:
    return learn_codec(Memory(table), CodecSettings(**more), KEY).value  # type: ignore[arg-type]


def remarks(table: pa.Table, **more: object) -> dict[str, str]:
    notes = learn_codec(Memory(table), CodecSettings(**more), KEY).notes  # type: ignore[arg-type]
    return {n.subject: n.text for n in notes if isinstance(n, Remark)}


def redraw(codec: TableCodec, table: pa.Table) -> pa.RecordBatch:
    codes = encode(codec, table)
    return decode(codec, codes, KEY, range(len(codes)))


def make_table(n: int = 1200, seed: int = 0) -> pa.Table:
    """One column of every kind, without rules between them."""
    r = np.random.Generator(np.random.PCG64(seed))
    gone = r.random(n) < 0.1
    stamps = pa.array(r.integers(1_500_000_000, 1_600_000_000, n) // 900 * 900, pa.int64())
    return pa.table(
        {
            "age": r.integers(-5, 90, n),
            "small": pa.array(r.integers(0, 5, n).astype(np.int8), mask=gone),
            "price": np.round(np.exp(r.normal(4, 1, n)), 2),
            "ratio": r.normal(size=n),
            "single": r.normal(size=n).astype(np.float32),
            "money": pa.array((r.integers(0, 10**6, n) * 25).tolist(), pa.int64())
            .cast(pa.decimal128(22, 0))
            .cast(pa.decimal128(24, 2)),
            "town": pa.array(r.choice(["Köln", "Oslo", "Łódź", "Rome"], n, p=[0.5, 0.3, 0.19, 0.01]), mask=gone),
            "grade": pa.array(r.choice(["a", "b", "c"], n)).dictionary_encode(),
            "open": pa.array(r.random(n) < 0.2, mask=gone),
            "day": pa.array(r.integers(17_000, 19_000, n).astype(np.int32), pa.int32(), mask=gone).cast(pa.date32()),
            "clock": pa.array(r.integers(0, 96, n) * 900_000_000, pa.int64()).cast(pa.time64("us")),
            "span": pa.array(r.integers(0, 5000, n), pa.int64()).cast(pa.duration("s")),
            "stamp": stamps.cast(pa.timestamp("s", tz="Europe/Berlin")),
            "midnight": pa.array(r.integers(17_000, 19_000, n) * 86_400, pa.int64()).cast(pa.timestamp("s")),
            "same": pa.array(["x"] * n),
            "never": pa.nulls(n, pa.float64()),
            "inf": np.where(r.random(n) < 0.05, np.inf, np.where(r.random(n) < 0.05, np.nan, r.normal(size=n))),
        }
    )


TABLE = make_table()
CODEC = learn(TABLE)
CODES = encode(CODEC, TABLE)


def test_types_are_kept_and_every_column_says_how_it_was_made() -> None:
    made = decode(CODEC, CODES, KEY, range(len(CODES)))
    assert made.schema.equals(TABLE.schema)
    assert made.schema.equals(CODEC.schema())
    assert meaning_of(CODEC.schema().field("town")) == "category"
    assert meaning_of(CODEC.schema().field("same")) == "constant"
    assert meaning_of(CODEC.schema().field("stamp")) == "time"
    assert all(about_of(f) for f in CODEC.schema())


def test_codes_describe_themselves() -> None:
    k = len(CODEC.names)
    assert len(set(CODEC.names)) == k
    assert CODEC.sizes.dtype == np.int32
    assert (CODES >= 0).all()
    assert (CODEC.sizes > CODES).all()
    assert [len(n) for n in CODEC.numbers] == CODEC.sizes.tolist()
    for i in range(k):
        assert np.isnan(CODEC.numbers[i][-1]) == CODEC.missing[i]
    assert CODEC.nominal[CODEC.names.index("town")]
    assert not CODEC.nominal[CODEC.names.index("age")]


def test_codes_of_decoded_rows_are_the_codes() -> None:
    r = np.random.Generator(np.random.PCG64(1))
    mixed = np.column_stack([r.permutation(CODES[:, i]) for i in range(CODES.shape[1])]).astype(np.int32)
    made = decode(CODEC, mixed, KEY, range(len(mixed)))
    again = encode(CODEC, made)
    promised = [
        i for i, n in enumerate(CODEC.names) if n not in ("town", "stamp@clock")
    ]  # rare values; hours that a zone skips or repeats
    assert (again[:, promised] == mixed[:, promised]).all()


def test_missing_values_stay_missing() -> None:
    made = redraw(CODEC, TABLE)
    for name in ("small", "town", "open", "day"):
        assert made.column(name).is_null().equals(TABLE.column(name).combine_chunks().is_null())


def test_precision_and_granularity_are_kept() -> None:
    made = redraw(CODEC, TABLE)
    price = made.column("price").to_numpy()
    assert (np.round(price, 2) == price).all()
    assert all(v % 25 == 0 for v in made.column("money").to_pylist())
    assert (made.column("midnight").cast(pa.int64()).to_numpy() % 86_400 == 0).all()
    assert (made.column("clock").cast(pa.int64()).to_numpy() % 900_000_000 == 0).all()
    assert (made.column("stamp").cast(pa.int64()).to_numpy() % 900 == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 1199), max_size=5), st.integers(0, 2**40))
def test_any_cut_into_shards_gives_the_same_rows(cuts: list[int], start: int) -> None:
    whole = decode(CODEC, CODES, KEY, range(start, start + len(CODES)))
    ends = [0, *sorted(set(cuts)), len(CODES)]
    parts = [decode(CODEC, CODES[a:b], KEY, range(start + a, start + b)) for a, b in itertools.pairwise(ends)]
    assert pa.Table.from_batches(parts).combine_chunks().to_batches()[0].equals(whole)


def test_streams_are_named_by_column() -> None:
    """Leaving out a column changes no other."""
    fewer = learn(TABLE, drop=("ratio", "town"))
    made, all_made = redraw(fewer, TABLE), redraw(CODEC, TABLE)
    assert made.equals(all_made.select(made.schema.names))


def test_a_stored_codec_is_the_codec(tmp_path: Path) -> None:
    persist.save(CODEC, tmp_path)
    loaded = persist.load(TableCodec, tmp_path)
    assert decode(loaded, CODES, KEY, range(len(CODES))).equals(decode(CODEC, CODES, KEY, range(len(CODES))))
    assert (encode(loaded, TABLE) == CODES).all()


def test_no_rows() -> None:
    assert decode(CODEC, CODES[:0], KEY, range(0)).num_rows == 0
    assert encode(CODEC, TABLE.slice(0, 0)).shape == (0, len(CODEC.names))


def test_the_sample_table_comes_back_with_its_shares() -> None:
    with Path(sundog.data.__file__).with_name("adult.csv.gz").open("rb") as file:
        adult = pyarrow.csv.read_csv(
            pa.CompressedInputStream(file, "gzip"), convert_options=pyarrow.csv.ConvertOptions(strings_can_be_null=True)
        )
    codec = learn(adult)
    made = redraw(codec, adult)
    assert made.schema.equals(adult.schema)
    assert "education" not in codec.names
    assert check_rules(codec, made) == {"education is a function of education_num": 0}
    for name in ("age", "capital_gain", "hours_per_week"):
        real, drawn = adult.column(name).to_numpy(), made.column(name).to_numpy()
        grid = np.unique(real)
        gap = np.searchsorted(np.sort(real), grid, "right") - np.searchsorted(np.sort(drawn), grid, "right")
        assert np.abs(gap).max() / len(real) < 0.001


# what must never come out


def test_no_canary_comes_out() -> None:
    """Unique categories, extremes, decimals and dates are planted; none appears in a hundred times as many rows."""
    r = np.random.Generator(np.random.PCG64(3))
    n = 2000
    unique_ratio = r.normal(size=n)
    whole = r.integers(0, 1000, n)
    whole[0], whole[1] = 987_654_321, -123_456_789
    town = r.choice(["Oslo", "Rome"], n).astype(object)
    town[5], town[6] = "Canary Wharf", "Vogelsang"
    day = r.integers(17_000, 19_000, n)
    day[7] = -20_000
    price = np.round(r.gamma(2, 50, n), 2)
    price[8] = 77_777.77
    table = pa.table(
        {
            "ratio": unique_ratio,
            "whole": whole,
            "town": town.tolist(),
            "day": pa.array(day.astype(np.int32)).cast(pa.date32()),
            "price": price,
        }
    )
    codec = learn(table)
    stored = persist.dumps(codec)
    for secret in ("Canary Wharf", "Vogelsang"):
        assert secret not in stored
    codes = encode(codec, table)
    for turn in range(100):
        made = decode(codec, codes, KEY, range(turn * n, (turn + 1) * n))
        assert not set(made.column("ratio").to_numpy().tolist()) & set(unique_ratio.tolist())
        assert made.column("whole").to_numpy().max() < 987_654_321 / 5
        assert made.column("whole").to_numpy().min() > -123_456_789 / 5
        assert set(made.column("town").to_pylist()) == {"Oslo", "Rome"}
        assert min(made.column("day").to_pylist()) > datetime.date(1970, 1, 1)
        assert made.column("price").to_numpy().max() < 77_777 / 5


def test_rare_categories_are_told_and_drawn_again_by_frequency() -> None:
    table = pa.table({"town": ["a"] * 600 + ["b"] * 300 + [f"rare{i}" for i in range(100)], "x": np.arange(1000) % 7})
    codec = learn(table)
    made = redraw(codec, table).column("town").to_pylist()
    assert set(made) == {"a", "b"}
    assert abs(made.count("a") - 667) < 30
    assert "100 rows (10.00%)" in remarks(table)["town"]


def test_unprotected_columns_keep_rare_values_and_ends() -> None:
    table = pa.table({"code": ["a"] * 99 + ["b"], "x": [*range(99), 1000]})
    codec = learn(table, overrides={"code": ColumnOverride(protect=False), "x": ColumnOverride(protect=False)})
    assert "b" in redraw(codec, table).column("code").to_pylist()
    highest = [next(s for s in c.steps if s.column == "x").coder.most[-1] for c in (codec, learn(table))]  # type: ignore[union-attr]
    assert highest[0] > 500 > highest[1]


def test_a_column_in_which_nothing_has_support_is_left_out() -> None:
    words = ["".join(chr(97 + (i * j) % 26) for j in range(1, 4 + i % 5)) for i in range(60)]
    table = pa.table({"word": [words[i % 60] for i in range(200)], "x": np.arange(200) % 3})
    codec = learn(table, min_support=50)
    assert codec.schema().names == ["x"]
    assert "left out" in remarks(table, min_support=50)["word"]


def test_a_column_with_few_values_becomes_empty() -> None:
    table = pa.table({"x": [1.5, 2.5, None] + [None] * 197, "y": np.arange(200) % 5})
    assert redraw(learn(table), table).column("x").null_count == 200


def test_infinities_need_support() -> None:
    values = np.random.Generator(np.random.PCG64(1)).normal(size=500)
    values[:3] = np.inf
    table = pa.table({"x": values})
    made = redraw(learn(table), table).column("x")
    assert made.null_count == 3
    assert np.isfinite(made.drop_null().to_numpy()).all()


# what can be asked


def test_conditions_restrict_codes_and_values() -> None:
    for column, condition, test in (
        ("age", Between(33, 41), lambda v: 33 <= v <= 41),
        ("age", OneOf((40, 41)), lambda v: v in (40, 41)),
        ("price", Between(None, 20.5), lambda v: v <= 20.5),
        (
            "day",
            Between("2018-01-01", "2018-03-31"),
            lambda v: datetime.date(2018, 1, 1) <= v <= datetime.date(2018, 3, 31),
        ),
        (
            "stamp",
            Between("2018-01-01T12:00:00", "2018-01-03T08:00:00"),
            lambda v: "2018-01-01T12:00" <= v.isoformat()[:16] <= "2018-01-03T08:00",
        ),
        ("town", OneOf(("Oslo", None)), lambda v: v in ("Oslo", None)),
        ("open", OneOf((True,)), lambda v: v is True),
        ("small", OneOf((None,)), lambda v: v is None),
    ):
        ok, i = allowed(CODEC, column, condition), coded_index(CODEC, column)
        codes = CODES.copy()
        codes[:, i] = np.flatnonzero(ok)[codes[:, i] % ok.sum()]
        made = decode(CODEC, codes, KEY, range(len(codes)), within={column: condition})
        assert all(test(v) for v in made.column(column).to_pylist()), column


@pytest.mark.parametrize(
    ("column", "condition", "code", "fix"),
    [
        ("agee", Between(1, 2), "SD-TABLES-106", "'age'"),
        ("town", OneOf(("Osslo",)), "SD-TABLES-108", "'Oslo'"),
        ("town", OneOf(("Rome", "Osslo")), "SD-TABLES-108", "'Oslo'"),
        ("age", Between(500, 600), "SD-TABLES-108", "Values lie between"),
        ("day", Between("gestern", None), "SD-TABLES-107", "YYYY-MM-DD"),
        ("town", Between("a", "b"), "SD-TABLES-107", "source"),
        ("stamp", OneOf(("2018-01-01",)), "SD-TABLES-107", "source"),
        ("same", OneOf(("x",)), "SD-TABLES-104", "Leave"),
    ],
)
def test_conditions_that_cannot_be_met_are_told(column: str, condition: Between | OneOf, code: str, fix: str) -> None:
    with pytest.raises(RequestError) as caught:
        allowed(CODEC, column, condition)
    assert caught.value.problems[0].code == code
    assert fix in caught.value.problems[0].fix


def test_given_values_come_back_exactly_and_the_rest_is_free() -> None:
    rows = pa.table(
        {
            "age": pa.array([33, None, 4000], pa.int64()),
            "town": ["Rome", "Oslo", None],
            "day": pa.array(["2017-03-04", None, None]),
        }
    )
    codes, problems = encode_given(CODEC, rows)
    assert not problems
    free = codes == -1
    named = {n: free[:, i].tolist() for i, n in enumerate(CODEC.names)}
    assert named["age"] == [False, True, False]
    assert named["town"] == [False, False, True]
    assert named["price"] == [True, True, True]
    filled = np.where(free, CODES[:3], codes)
    kept, _ = read_given(CODEC, rows)
    made = decode(CODEC, filled, KEY, range(3), kept=kept)
    assert made.column("age").to_pylist()[0::2] == [33, 4000]
    assert made.column("town").to_pylist()[:2] == ["Rome", "Oslo"]
    assert made.column("day").to_pylist()[0] == datetime.date(2017, 3, 4)
    assert made.column("age").to_pylist()[1] is not None


def test_given_rows_that_cannot_be_taken_are_told() -> None:
    codec = learn(pa.table({"town": ["Oslo", "Rome"] * 50, "x": np.arange(100)}))
    rows = pa.table({"town": ["Oslo", "Romee"], "x": ["1", "many"], "z": [1, 2]})
    _, problems = encode_given(codec, rows)
    assert sorted(p.code for p in problems) == ["SD-TABLES-101", "SD-TABLES-102", "SD-TABLES-109"]
    strange = next(p for p in problems if p.code == "SD-TABLES-109")
    assert "'Rome'" in strange.fix
    assert strange.what.startswith("1 row has a value")


def test_bad_requests_are_told() -> None:
    with pytest.raises(RequestError) as caught:
        learn(TABLE.slice(0, 3), overrides={"agge": ColumnOverride()})
    assert [p.code for p in caught.value.problems] == ["SD-TABLES-112", "SD-TABLES-113"]


def test_the_name_of_our_own_column_is_kept_free() -> None:
    table = pa.table({"_unit": ["a", "b"] * 50, "x": np.arange(100) % 7})
    with pytest.raises(RequestError) as caught:
        learn(table)
    assert [p.code for p in caught.value.problems] == ["SD-TABLES-114"]
    assert learn(table, drop=("_unit",)).schema().names == ["x"]


def test_a_range_that_is_turned_round_and_a_table_without_columns_are_told() -> None:
    table = pa.table({"x": np.arange(100) % 7, "list": [[1, 2]] * 100})
    for more, code in (
        ({"overrides": {"x": ColumnOverride(minimum=5, maximum=1)}}, "SD-TABLES-115"),
        ({"overrides": {"x": ColumnOverride(minimum="now")}}, "SD-TABLES-119"),
        ({"overrides": {"list": ColumnOverride(maximum=1)}}, "SD-TABLES-118"),
        ({"overrides": {"x": ColumnOverride(minimum=1, meaning="category")}}, "SD-TABLES-118"),
        ({"drop": ("x",)}, "SD-TABLES-116"),
        ({"drop": ("x", "list")}, "SD-TABLES-116"),
    ):
        with pytest.raises(RequestError, match=code):
            learn(table, **more)


@pytest.mark.parametrize("zone", [None, "Europe/Vienna"])
def test_stated_ends_of_dates_and_timestamps_hold(zone: str | None) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    seconds = rng.integers(1_600_000_000, 1_610_000_000, 2000)
    moments = pa.array(seconds * 1_000_000, pa.timestamp("us", tz=zone))
    days = pa.array((seconds // 86_400).astype(np.int32), pa.int32()).cast(pa.date32())
    table = pa.table({"moment": moments, "day": days})
    low, high = "2020-10-01T06:30:00", "2020-11-10T17:00:00"
    ends = ColumnOverride(minimum=low, maximum=high)
    codec = learn(table, rules=(), overrides={"moment": ends, "day": ColumnOverride(maximum="2020-11-10")})
    made = redraw(codec, table)
    first, last = (datetime.datetime.fromisoformat(t) for t in (low, high))
    found = [v.astimezone(datetime.UTC).replace(tzinfo=None) if zone else v for v in made.column("moment").to_pylist()]
    if zone:
        first, last = (
            t.replace(tzinfo=ZoneInfo(zone)).astimezone(datetime.UTC).replace(tzinfo=None) for t in (first, last)
        )
    assert first <= min(found) < first + datetime.timedelta(days=2)
    assert last - datetime.timedelta(days=2) < max(found) <= last
    assert max(made.column("day").to_pylist()) == datetime.date(2020, 11, 10)
    open_ends = learn(table, overrides={"moment": ColumnOverride(protect=False)})
    assert max(redraw(open_ends, table).column("moment").to_pylist()) <= max(moments.to_pylist())


def test_dates_want_dates_as_ends() -> None:
    days = pa.array(np.arange(300, dtype=np.int32), pa.int32()).cast(pa.date32())
    with pytest.raises(RequestError, match=r"(?s)SD-TABLES-119 at columns.day.minimum.*2024-12-31"):
        learn(pa.table({"day": days}), overrides={"day": ColumnOverride(minimum=5)})


def test_columns_say_their_steps_in_words() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    minutes = rng.integers(0, 1440, 500)
    table = pa.table(
        {
            "clock": pa.array(minutes * 60_000_000, pa.time64("us")),
            "price": np.round(rng.integers(1, 400, 500) * 0.05, 2),
            "week": pa.array(rng.integers(0, 900, 500).astype(np.int32) * 7, pa.int32()).cast(pa.date32()),
            "age": rng.integers(18, 90, 500),
        }
    )
    codec = learn(table)
    said = {f.name: about_of(f) for f in codec.schema()}
    assert "all on a grid of 1 minute;" in said["clock"]
    assert "with 2 decimals, all on a grid of 0.05;" in said["price"]
    assert "all on a grid of 7 days;" in said["week"]
    assert not any(" ;" in text or "  " in text for text in said.values())


def test_meanings_can_be_stated() -> None:
    table = pa.table({"zip": [10115, 20095, 80331, 50667] * 50, "x": [1.25, 2.5, 3.75, 5.0] * 50})
    codec = learn(
        table, overrides={"zip": ColumnOverride(meaning="category"), "x": ColumnOverride(decimals=1)}, rules="none"
    )
    assert codec.nominal[codec.names.index("zip")]
    assert set(redraw(codec, table).column("zip").to_pylist()) == {10115, 20095, 80331, 50667}


def test_nested_and_binary_columns_are_left_out() -> None:
    table = pa.table({"x": np.arange(50), "list": [[1, 2]] * 50, "raw": [b"a", b"b"] * 25})
    assert learn(table).schema().names == ["x"]
    assert set(remarks(table)) >= {"list", "raw"}


VALUES = {
    "int": st.integers(-5, 5) | st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=64) | st.sampled_from([0.0, 1.5, float("nan")]),
    "text": st.sampled_from(["a", "b", ""]) | st.text(max_size=5).filter(lambda t: "\x00" not in t and t.isprintable()),
    "bool": st.booleans(),
    "date": st.dates(),
    "stamp": st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)),  # noqa: DTZ001
    "time": st.times(),
}
TYPES = {
    "int": pa.int64(),
    "float": pa.float64(),
    "text": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "stamp": pa.timestamp("us"),
    "time": pa.time64("us"),
}


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    n = draw(st.integers(10, 60))
    columns = {}
    for i in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(VALUES)))
        pool = draw(st.lists(VALUES[kind] | st.none(), min_size=1, max_size=draw(st.sampled_from([1, 3, 60]))))
        columns[f"c{i}"] = pa.array([pool[(7 * j) % len(pool)] for j in range(n)], TYPES[kind])
    return pa.table(columns)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables(), st.sampled_from([2, 3, 10]))
def test_any_table(table: pa.Table, support: int) -> None:
    codec = learn(table, min_support=support, end_support=support)
    codes = encode(codec, table)
    made = decode(codec, codes, KEY, range(len(codes)))
    assert made.num_rows == (table.num_rows if codec.schema().names else 0) or not codec.schema().names
    assert all(made.schema.field(n).type == table.schema.field(n).type for n in made.schema.names)
    assert not any(check_rules(codec, made).values())
    assert persist.loads(TableCodec, persist.dumps(codec)).names == codec.names
    given_codes, _ = encode_given(codec, table)
    assert ((given_codes == -1) | (given_codes == codes)).all()
