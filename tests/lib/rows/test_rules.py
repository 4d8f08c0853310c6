"""Rules between columns: found where they hold for a reason, kept in every row, given values and rounding included."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.notes import Remark
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
from sundog.lib.rows.learn_rules import find_roundest
from sundog.lib.rows.rules_resolve import say_rule
from sundog.lib.rows.scale import Scale
from sundog.lib.rows.settings import Between, CodecSettings, Function, OneOf, Ordered, Point, Rule, Sum

KEY = Key.root(13)
N = 2500


class Memory:
    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.schema = table.schema

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        yield from self.table.to_batches(1000)


def learn(table: pa.Table, **more: object) -> TableCodec:
    return learn_codec(Memory(table), CodecSettings(**more), KEY).value  # type: ignore[arg-type]


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def shuffle(codec: TableCodec, table: pa.Table, seed: int = 0) -> pa.RecordBatch:
    """Rows of codes whose columns have nothing to do with one another: the worst that a model can draw."""
    codes = encode(codec, table)
    mixed = np.column_stack([rng(seed + i).permutation(codes[:, i]) for i in range(codes.shape[1])]).astype(np.int32)
    return decode(codec, mixed, KEY, range(len(mixed)))


def make_table() -> pa.Table:
    r = rng(1)
    start = r.integers(18_000, 19_500, N)
    end = start + r.poisson(5, N)
    seen = (r.integers(17_000, 19_000, N) * 86_400 + r.integers(6 * 60, 20 * 60, N) * 60) * 10**6
    left = seen + r.exponential(3600, N).astype(np.int64) // 60 * 60 * 10**6
    net, tax = np.round(r.gamma(2, 50, N), 2), np.round(r.gamma(2, 20, N), 2)
    months = r.integers(0, 100, (N, 12))
    age = r.integers(18, 90, N)
    town = r.integers(0, 60, N)
    celsius = np.round(r.normal(15, 8, N), 1)
    nowhere = r.random(N) < 0.03
    south = town % 2 == 0
    return pa.table(
        {
            "start": pa.array(start.astype(np.int32), pa.int32(), mask=r.random(N) < 0.05).cast(pa.date32()),
            "end": pa.array(end.astype(np.int32), pa.int32(), mask=r.random(N) < 0.1).cast(pa.date32()),
            "year": pa.array(
                [(datetime.date(1970, 1, 1) + datetime.timedelta(days=int(d))).year for d in r.permutation(start)]
            ),
            "seen": pa.array(seen, pa.int64()).cast(pa.timestamp("us")),
            "left": pa.array(left, pa.int64()).cast(pa.timestamp("us")),
            "net": net,
            "tax": tax,
            "gross": np.round(net + tax, 2),
            **{f"m{i:02d}": months[:, i] for i in range(12)},
            "total": months.sum(axis=1),
            "age": age,
            "group": pa.array(np.array(["young", "mid", "old"])[np.digitize(age, [30, 60])]).dictionary_encode(),
            "town": [f"town{i}" for i in town],
            "state": [f"state{i % 7}" for i in town],
            "celsius": celsius,
            "fahrenheit": np.round(celsius * 1.8 + 32, 1),
            "latitude": pa.array(np.round(np.where(south, 48, 52) + r.normal(0, 0.05, N), 5), mask=nowhere),
            "longitude": pa.array(np.round(np.where(south, 11, 13) + r.normal(0, 0.1, N), 5), mask=nowhere),
        }
    )


TABLE = make_table()
LEARNED = learn_codec(Memory(TABLE), CodecSettings(), KEY)
CODEC = LEARNED.value
MONTHS = tuple(f"m{i:02d}" for i in range(12))
EXPECTED: set[Rule] = {
    Ordered("start", "end"),
    Ordered("seen", "left"),
    Sum("gross", ("net", "tax")),
    Sum("total", MONTHS),
    Function("group", "age"),
    Function("state", "town"),
    Function("fahrenheit", "celsius"),
    Point("latitude", "longitude"),
}


def test_exactly_the_rules_that_hold_for_a_reason_are_found() -> None:
    assert set(CODEC.rules) == EXPECTED
    told = {n.subject for n in LEARNED.notes if isinstance(n, Remark)}
    assert {"end", "left", "gross", "total", "group", "state", "fahrenheit", "latitude"} <= told
    assert not {"gross", "total", "group", "state", "fahrenheit"} & set(CODEC.names)


@pytest.mark.parametrize("seed", range(5))
def test_rules_hold_whatever_the_codes(seed: int) -> None:
    made = shuffle(CODEC, TABLE, seed)
    assert made.schema.equals(TABLE.schema)
    assert check_rules(CODEC, made) == dict.fromkeys(check_rules(CODEC, TABLE), 0)
    gross = made.column("gross").to_numpy()
    assert (np.round(made.column("net").to_numpy() + made.column("tax").to_numpy(), 2) == gross).all()


def test_broken_rules_are_counted() -> None:
    columns = {n: TABLE.column(n) for n in TABLE.schema.names}
    columns["total"] = pa.array(np.asarray(TABLE.column("total")) + (np.arange(N) < 3))
    columns["state"] = pa.array(["nowhere"] * 4 + TABLE.column("state").to_pylist()[4:])
    columns["end"] = pa.array([datetime.date(1999, 1, 1)] * 50 + TABLE.column("end").to_pylist()[50:])
    broken = check_rules(CODEC, pa.table(columns))
    assert broken["state is a function of town"] == 4
    assert broken["total = " + " + ".join(MONTHS)] == 3
    assert broken["start <= end"] == 50 - TABLE.column("start").slice(0, 50).null_count


def test_missing_values_of_both_sides_are_kept() -> None:
    made = decode(CODEC, encode(CODEC, TABLE), KEY, range(N))
    for name in ("start", "end", "latitude", "longitude"):
        assert made.column(name).is_null().equals(TABLE.column(name).combine_chunks().is_null())


def test_places_stay_where_places_are() -> None:
    made = decode(CODEC, encode(CODEC, TABLE), KEY, range(N))
    latitude, longitude = (
        made.column("latitude").drop_null().to_numpy(),
        made.column("longitude").drop_null().to_numpy(),
    )
    south = latitude < 50
    assert (np.abs(latitude - np.where(south, 48, 52)) < 0.3).all()
    assert (np.abs(longitude - np.where(south, 11, 13)) < 0.6).all()
    assert not set(zip(latitude, longitude, strict=True)) & set(
        zip(*(TABLE.column(c).to_pylist() for c in ("latitude", "longitude")), strict=True)
    )


def test_shards_and_storage() -> None:
    codes = encode(CODEC, TABLE)
    whole = decode(CODEC, codes, KEY, range(N))
    parts = [decode(CODEC, codes[a:b], KEY, range(a, b)) for a, b in ((0, 1), (1, 65), (65, N))]
    assert pa.Table.from_batches(parts).combine_chunks().to_batches()[0].equals(whole)
    loaded = persist.loads(TableCodec, persist.dumps(CODEC))
    assert decode(loaded, codes, KEY, range(N)).equals(whole)
    assert loaded.rules == CODEC.rules


@pytest.mark.parametrize("seed", range(8))
def test_a_factor_behind_rounding_is_found_in_any_sample(seed: int) -> None:
    gross = np.round(np.random.Generator(np.random.PCG64(seed)).lognormal(5, 1, 600), 2)
    table = pa.table({"gross": gross, "net": np.round(gross / 1.19, 2), "town": ["a", "b"] * 300})
    found = learn(table).rules
    assert [say_rule(r) for r in found] in (["net is a function of gross"], ["gross is a function of net"])


def test_chance_makes_no_rules() -> None:
    r = rng(4)
    table = pa.table(
        {
            "unique": r.normal(size=N),
            "key_like": r.permutation(10 * N)[:N],
            "small": r.integers(0, 5, N),
            "large": r.integers(1000, 2000, N),
            "rare": r.random(N) < 0.002,
            "zero": np.where(r.random(N) < 0.999, 0, 5),
            "town": [f"t{i}" for i in r.integers(0, 3 * N, N)],
        }
    )
    assert learn(table).rules == ()


def test_equal_columns_are_one() -> None:
    r = rng(5)
    a = r.integers(0, 1000, N)
    codec = learn(pa.table({"a": a, "b": a, "c": [f"v{i}" for i in a % 9], "d": [f"w{i}" for i in a % 9]}))
    assert len(codec.names) == 2
    made = shuffle(codec, pa.table({"a": a, "b": a, "c": [f"v{i}" for i in a % 9], "d": [f"w{i}" for i in a % 9]}))
    assert made.column("a").equals(made.column("b"))
    assert [v[1:] for v in made.column("c").to_pylist()] == [v[1:] for v in made.column("d").to_pylist()]


def test_chains_of_order_are_kept_whole() -> None:
    r = rng(6)
    a = r.integers(0, 1000, N)
    b = a + r.poisson(20, N)
    c = np.maximum(a, b) + r.poisson(3, N)
    d = a + r.poisson(50, N)
    e = np.maximum(c, d) + r.poisson(3, N)
    table = pa.table({"e": e, "d": d, "c": c, "b": b, "a": a})
    codec = learn(table)
    made = {n: shuffle(codec, table).column(n).to_numpy() for n in "abcde"}
    for low, high in ("ab", "bc", "ac", "ad", "ce", "de"):
        assert (made[low] <= made[high]).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(0, 3), st.floats(0, 0.3), st.integers(0, 10**6))
def test_any_sum(terms: int, decimals: int, missing: float, seed: int) -> None:
    r = rng(seed)
    parts = np.round(r.gamma(2, 30, (400, terms)), decimals)
    gone = r.random(400) < missing
    names = [f"t{i}" for i in range(terms)]
    columns = {n: pa.array(parts[:, i], mask=gone if i == 0 else None) for i, n in enumerate(names)}
    table = pa.table({"sum": pa.array(np.round(parts.sum(axis=1), decimals), mask=gone), **columns})
    codec = learn(table)
    assert Sum("sum", tuple(names)) in codec.rules
    assert not any(check_rules(codec, shuffle(codec, table, seed)).values())


def test_dates_and_days_add_up() -> None:
    r = rng(8)
    start, days = r.integers(18_000, 19_000, N).astype(np.int32), r.poisson(9, N).astype(np.int32)
    table = pa.table(
        {"start": pa.array(start).cast(pa.date32()), "days": days, "end": pa.array(start + days).cast(pa.date32())}
    )
    codec = learn(table)
    assert Sum("end", ("start", "days")) in codec.rules
    made = shuffle(codec, table)
    assert (
        np.asarray(made.column("end").cast(pa.int32())) - np.asarray(made.column("start").cast(pa.int32()))
        == np.asarray(made.column("days"))
    ).all()


def test_a_high_column_alone_has_codes_of_its_own() -> None:
    r = rng(9)
    low = r.integers(0, 1000, N)
    high = low + r.poisson(30, N)
    alone = r.random(N) < 0.2
    table = pa.table({"low": pa.array(low, mask=alone), "high": pa.array(high)})
    codec = learn(table)
    made = decode(codec, encode(codec, table), KEY, range(N))
    assert made.column("high").null_count == 0
    drawn = made.column("high").to_numpy()[alone]
    assert abs(drawn.mean() - high[alone].mean()) < 30
    assert not any(check_rules(codec, shuffle(codec, table)).values())


# given values


def complete(codec: TableCodec, table: pa.Table, given_rows: pa.Table) -> pa.RecordBatch:
    codes, problems = encode_given(codec, given_rows)
    assert not problems
    filled = np.where(codes == -1, encode(codec, table)[: len(codes)], codes)
    return decode(codec, filled, KEY, range(len(codes)), kept=read_given(codec, given_rows)[0])


@pytest.mark.parametrize(
    "names",
    [
        ("end",),
        ("start",),
        ("start", "end"),
        ("gross",),
        ("gross", "net"),
        ("total", "m00", "m11"),
        ("state",),
        ("group",),
        ("town", "group"),
        ("left",),
        ("celsius",),
    ],
)
def test_rules_hold_around_given_values(names: tuple[str, ...]) -> None:
    moved = TABLE.take(pa.array(rng(3).permutation(N)[:500]))
    given_rows = moved.select(names)
    made = complete(CODEC, TABLE, given_rows)
    for name in names:
        wanted, got = given_rows.column(name).to_pylist(), made.column(name).to_pylist()
        assert all(w is None or w == g for w, g in zip(wanted, got, strict=True))
    assert not any(check_rules(CODEC, made).values())


def test_given_rows_that_break_a_rule_are_told() -> None:
    rows = pa.table({"start": [datetime.date(2020, 5, 1)], "end": [datetime.date(2020, 4, 1)]})
    codes, problems = encode_given(CODEC, rows)
    assert [p.code for p in problems] == ["SD-TABLES-103"]
    assert codes[0, CODEC.names.index("end - start")] == -1


def test_conditions_on_computed_columns() -> None:
    for column, values in (("state", ("state3",)), ("group", ("old", "mid"))):
        ok, i = allowed(CODEC, column, OneOf(values)), coded_index(CODEC, column)
        codes = encode(CODEC, TABLE)
        codes[:, i] = np.flatnonzero(ok)[codes[:, i] % ok.sum()]
        drawn = decode(CODEC, codes, KEY, range(N), within={column: OneOf(values)})
        made = drawn.column(column).to_pylist()
        assert not any(check_rules(CODEC, drawn).values())
        assert set(made) <= set(values)
    with pytest.raises(RequestError, match="SD-TABLES-105"):
        coded_index(CODEC, "gross")
    with pytest.raises(RequestError, match="SD-TABLES-105"):
        allowed(CODEC, "end", Between("2020-01-01", None))


# stated rules


def test_stated_rules_are_kept_exactly() -> None:
    codec = learn(TABLE, rules=(Ordered("start", "end"),))
    assert codec.rules == (Ordered("start", "end"),)
    assert "gross" in codec.names
    assert learn(TABLE, rules="none").rules == ()


def test_stated_functions_of_functions() -> None:
    codec = learn(
        TABLE.select(["town", "state"]).append_column(
            "side", pa.array([("a", "b")[int(s[-1]) % 2] for s in TABLE.column("state").to_pylist()])
        ),
        rules=(Function("side", "state"), Function("state", "town")),
    )
    assert codec.names in (("town",), ("town", "state"))


def test_stated_rules_that_do_not_hold_are_told() -> None:
    with pytest.raises(RequestError) as caught:
        learn(TABLE, rules=(Ordered("end", "start"), Sum("grss", ("net", "tax")), Sum("gross", ("net", "net"))))
    assert [p.code for p in caught.value.problems] == ["SD-TABLES-111", "SD-TABLES-110", "SD-TABLES-111"]
    assert "'gross'" in caught.value.problems[1].fix


def test_stated_rules_between_columns_that_cannot_be_compared_say_so() -> None:
    rules = (Ordered("town", "end"), Sum("gross", ("net", "state")), Ordered("net", "end"), Point("town", "net"))
    with pytest.raises(RequestError) as caught:
        learn(TABLE, rules=rules)
    said = [p.what for p in caught.value.problems]
    assert {p.code for p in caught.value.problems} == {"SD-TABLES-117"}
    assert said[0] == "'town' is not a number or a time, as town <= end needs"
    assert said[1].startswith("'state' is not a number")
    assert said[2] == "'net' and 'end' cannot be compared: one is a number, the other a date"
    assert said[3].startswith("'town' is not a number, ")


@pytest.mark.parametrize(
    ("below", "above", "scale", "expected"),
    [
        (29, 30, Scale("integer"), 30),
        (293, 317, Scale("integer"), 300),
        (1999, 2600, Scale("decimal", decimals=2), 2000),
        (-3.2, 4.7, Scale("float"), 4.0),
        (17_890, 17_905, Scale("date"), 17_897),  # 2019-01-01
        (3599, 7300, Scale("time", unit="s"), 7200),
    ],
)
def test_functions_are_cut_at_round_places(below: float, above: float, scale: Scale, expected: float) -> None:
    assert find_roundest(below, above, scale) == expected


def test_given_values_reach_everything_that_is_made_from_what_they_move() -> None:
    """fahrenheit is given: celsius follows from it, and kelvin from celsius; one coordinate is given: the other lies near."""
    r = rng(21)
    celsius = np.round(r.normal(15, 8, N), 1)
    table = pa.table(
        {
            "celsius": celsius,
            "fahrenheit": np.round(celsius * 1.8 + 32, 2),
            "kelvin": np.round(celsius + 273.15, 2),
            "latitude": np.round(np.where(celsius > 15, 48, 52) + r.normal(0, 0.05, N), 5),
            "longitude": np.round(np.where(celsius > 15, 11, 13) + r.normal(0, 0.1, N), 5),
        }
    )
    codec = learn(table)
    made = complete(codec, table, table.select(["fahrenheit", "latitude"]).take(pa.array(r.permutation(N))))
    assert not any(check_rules(codec, made).values())
    latitude, longitude = made.column("latitude").to_numpy(), made.column("longitude").to_numpy()
    assert ((latitude < 50) == (longitude < 12)).mean() > 0.97
