"""Types of text over the whole column, and what columns stand for."""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.tables import Meaning
from sundog.lib.rows.infer import Inferred, infer_column
from sundog.lib.rows.infer_kinds import classify
from sundog.lib.rows.infer_marks import FORMAT, mark
from sundog.lib.rows.infer_meaning import Reading, common_shape, is_iban, is_luhn, read_meaning, split_name
from sundog.lib.rows.infer_parse import parse_text
from sundog.lib.rows.infer_pieces import is_day
from sundog.lib.rows.infer_profile import Profile, Watch, add_hashes, estimate, hash_values, profile_columns
from sundog.lib.rows.infer_stated import parse_stated, read_types, types_like
from sundog.lib.rows.infer_tally import Tally, count_decimals

UTC = dt.UTC


def at(text: str) -> dt.datetime:
    """A moment without a zone."""
    return dt.datetime.fromisoformat(text)


def infer(*batches: Sequence[str]) -> tuple[Inferred, list[object]]:
    """The type of a column that comes in batches, and its values."""
    tally = Tally()
    arrays = [pa.array([t or None for t in batch], pa.string()) for batch in batches]
    for array in arrays:
        tally.observe(array)
    found = infer_column(tally)
    return found, [v for a in arrays for v in parse_text(a, found.parse).to_pylist()]


@pytest.mark.parametrize(
    ("texts", "kind", "written", "values"),
    [
        (["1", "-2", ""], "int64", "", [1, -2, None]),
        (["0", "1"], "int64", "", [0, 1]),
        (["9223372036854775807", "-9223372036854775808"], "int64", "", [2**63 - 1, -(2**63)]),
        (["9223372036854775808", "1"], "string", "", ["9223372036854775808", "1"]),
        (["007", "12"], "string", "", ["007", "12"]),
        (["250.01", "007.1"], "string", "", ["250.01", "007.1"]),
        (["+4915112345678", "1"], "string", "", ["+4915112345678", "1"]),
        (["0x1F", "1"], "string", "", ["0x1F", "1"]),
        (["1_000"], "string", "", ["1_000"]),
        ([" 1", "2 "], "int64", "", [1, 2]),
        (["1", "2.50", ".5", "-1e-3", "7."], "double", "", [1.0, 2.5, 0.5, -0.001, 7.0]),
        (["1.5", "1e400"], "double", "", [1.5, None]),
        (["1.5", "9" * 400], "string", "", ["1.5", "9" * 400]),
        (["1.5", "inf", "-Infinity", "NaN"], "double", "", [1.5, None, None, None]),
        (["1", "?", "NA", "n/a", "NULL", "None"], "int64", "", [1, None, None, None, None, None]),
        (["a", "?", "NA", ""], "string", "", ["a", "?", None, None]),
        (["true", "False", ""], "bool", "true/False", [True, False, None]),
        (["TRUE"], "bool", "", [True]),
        (["Yes", "no", "Yes"], "bool", "Yes/no", [True, False, True]),
        (["Yes"], "string", "", ["Yes"]),
        (["T", "F"], "bool", "T/F", [True, False]),
        (["y", "n"], "bool", "y/n", [True, False]),
        (["F", "M"], "string", "", ["F", "M"]),
        (["yes", "true"], "string", "", ["yes", "true"]),
        (["true", "1"], "string", "", ["true", "1"]),
        (["2024-02-29", ""], "date32[day]", "", [dt.date(2024, 2, 29), None]),
        (["2023-02-29"], "string", "", ["2023-02-29"]),
        (["2024/3/1"], "date32[day]", "%Y/%m/%d", [dt.date(2024, 3, 1)]),
        (["31/12/2024", "1/2/2024"], "date32[day]", "%d/%m/%Y", [dt.date(2024, 12, 31), dt.date(2024, 2, 1)]),
        (["12/31/2024", "1/2/2024"], "date32[day]", "%m/%d/%Y", [dt.date(2024, 12, 31), dt.date(2024, 1, 2)]),
        (["1.2.2024"], "date32[day]", "%d.%m.%Y", [dt.date(2024, 2, 1)]),
        (["1/2/2024"], "string", "", ["1/2/2024"]),
        (["31/12/2024", "12/31/2024"], "string", "", ["31/12/2024", "12/31/2024"]),
        (["31/12/2024", "31-12-2024"], "string", "", ["31/12/2024", "31-12-2024"]),
        (["2024-03-01 10:00", "2024-03-01T10:00:01.5", "2024-03-02"], "timestamp[us]", "", [at("2024-03-01T10:00"), at("2024-03-01T10:00:01.500"), at("2024-03-02")]),
        (["31.12.2024 9:05"], "timestamp[us]", "%d.%m.%Y %H:%M", [at("2024-12-31T09:05")]),
        (["2024-03-01T10:00:00Z", "2024-03-01 12:00:00+02:00"], "timestamp[us, tz=UTC]", "", [dt.datetime(2024, 3, 1, 10, tzinfo=UTC)] * 2),
        (["2024-03-01T10:00:00Z", "2024-03-01T10:00:00"], "string", "", ["2024-03-01T10:00:00Z", "2024-03-01T10:00:00"]),
        (["9:05", "23:59"], "time64[us]", "%H:%M", [dt.time(9, 5), dt.time(23, 59)]),
        (["09:05:00", "23:59:59.25"], "time64[us]", "", [dt.time(9, 5), dt.time(23, 59, 59, 250_000)]),
        (["24:00:00"], "string", "", ["24:00:00"]),
        (["PT5M", "-P1DT2H", "P2W"], "duration[us]", "", [dt.timedelta(minutes=5), -dt.timedelta(days=1, hours=2), dt.timedelta(weeks=2)]),
        (["P1Y"], "string", "", ["P1Y"]),
        (["1 days 02:03:04", "-1 day, 2:00:00", "0:30:00"], "duration[us]", "days", [dt.timedelta(days=1, hours=2, minutes=3, seconds=4), dt.timedelta(days=-1, hours=2), dt.timedelta(minutes=30)]),
        (["31.12.20", "01.02.69"], "date32[day]", "%d.%m.%y", [dt.date(2020, 12, 31), dt.date(1969, 2, 1)]),
        (["05/24/21", "1/2/68"], "date32[day]", "%m/%d/%y", [dt.date(2021, 5, 24), dt.date(2068, 1, 2)]),
        (["24/05/21 14:30"], "timestamp[us]", "%d/%m/%y %H:%M", [at("2021-05-24T14:30")]),
        (["10.11.12"], "string", "", ["10.11.12"]),
        (["31-12-20"], "string", "", ["31-12-20"]),
        (["2018-05", "2018-12"], "date32[day]", "%Y-%m", [dt.date(2018, 5, 1), dt.date(2018, 12, 1)]),
        (["2010-11", "2011-12"], "string", "", ["2010-11", "2011-12"]),
        (["2018-19", "2018-05"], "string", "", ["2018-19", "2018-05"]),
        (["05/2024", "12/2023"], "date32[day]", "%m/%Y", [dt.date(2024, 5, 1), dt.date(2023, 12, 1)]),
        (["05/24", "12/23"], "string", "", ["05/24", "12/23"]),
        (["12-Mar-2024", "1-SEP-2023"], "date32[day]", "%d-%b-%Y", [dt.date(2024, 3, 12), dt.date(2023, 9, 1)]),
        (["12-Mar-24"], "date32[day]", "%d-%b-%y", [dt.date(2024, 3, 12)]),
        (["12 March 2024 09:05:01"], "timestamp[us]", "%d %b %Y %H:%M:%S", [at("2024-03-12T09:05:01")]),
        (["Mar 12, 2024", "September 1st 2023"], "date32[day]", "%b %d, %Y", [dt.date(2024, 3, 12), dt.date(2023, 9, 1)]),
        (["Jan 2024", "February 2024"], "date32[day]", "%b %Y", [dt.date(2024, 1, 1), dt.date(2024, 2, 1)]),
        (["Jan-24"], "date32[day]", "%b-%y", [dt.date(2024, 1, 1)]),
        (["Mars 2024", "May"], "string", "", ["Mars 2024", "May"]),
        (["31-Feb-2024"], "string", "", ["31-Feb-2024"]),
        (["31/12/2020", "2021-01-02"], "date32[day]", "%d/%m/%Y or %Y-%m-%d", [dt.date(2020, 12, 31), dt.date(2021, 1, 2)]),
        (["1/2/2020", "2021-01-02"], "string", "", ["1/2/2020", "2021-01-02"]),
        (["9:05 AM", "12:00 am", "12:30 PM"], "time64[us]", "%I:%M %p", [dt.time(9, 5), dt.time(0, 0), dt.time(12, 30)]),
        (["11:59:59PM"], "time64[us]", "%I:%M:%S %p", [dt.time(23, 59, 59)]),
        (["03/28/2020 2:30 PM"], "timestamp[us]", "%m/%d/%Y %I:%M %p", [at("2020-03-28T14:30")]),
        (["13:05 PM"], "string", "", ["13:05 PM"]),
        (["25:10:09", "0:30:00", "100:00:00"], "duration[us]", "hours", [dt.timedelta(hours=25, minutes=10, seconds=9), dt.timedelta(minutes=30), dt.timedelta(hours=100)]),
        (["$1,234.56", "-$5.00", "$-7", "($0.5)"], "double", "$1,234.5", [1234.56, -5.0, -7.0, -0.5]),
        (["$12.50", "3", ""], "double", "$1234.5", [12.5, 3.0, None]),
        (["$1,234", "$5"], "string", "", ["$1,234", "$5"]),
        (["€ 1,234.56", "€ 0.99"], "double", "€1,234.5", [1234.56, 0.99]),
        (["1.234,56 €", "7 €"], "double", "1.234,5€", [1234.56, 7.0]),
        (["CHF 1'234.50", "CHF 9"], "double", "CHF1'234.5", [1234.5, 9.0]),
        (["1 234.56", "1\u00a0234\u202f567.5", "-12 000", "7"], "double", "1 234.5", [1234.56, 1234567.5, -12000.0, 7.0]),
        (["1 234,56", "7,5"], "double", "1 234,5", [1234.56, 7.5]),
        (["612 345 678"], "string", "", ["612 345 678"]),
        (["(123.45)", "6.50"], "double", "(1234.5)", [-123.45, 6.5]),
        (["123.45-", "6.50"], "double", "(1234.5)", [-123.45, 6.5]),
        (["(1,234.50)", "1,234.50"], "double", "(1,234.5)", [-1234.5, 1234.5]),
        (["(1)", "(2)"], "string", "", ["(1)", "(2)"]),
        (["56.6%", "7 %"], "double", "1234.5%", [56.6, 7.0]),
        (["56,6%", "-7%"], "double", "1.234,5%", [56.6, -7.0]),
        (["$5", "€ 6"], "string", "", ["$5", "€ 6"]),
        (["$5", "five"], "string", "", ["$5", "five"]),
        (["ABC 123", "ABC 5"], "string", "", ["ABC 123", "ABC 5"]),
        (["$(5)"], "string", "", ["$(5)"]),
        (["(-5)", "1"], "string", "", ["(-5)", "1"]),
        (["1,234", "5"], "string", "", ["1,234", "5"]),
        (["1,234", "1,234,567"], "double", "1,234.5", [1234.0, 1234567.0]),
        (["1,234.5", "7.25"], "double", "1,234.5", [1234.5, 7.25]),
        (["1,5", "1,234"], "double", "1234,5", [1.5, 1.234]),
        (["1.234,5", "7,25"], "double", "1.234,5", [1234.5, 7.25]),
        (["1,5", "2.5"], "string", "", ["1,5", "2.5"]),
        (["=1+1", "a"], "string", "", ["=1+1", "a"]),
        ([" a", "a"], "string", "", [" a", "a"]),
    ],
)  # fmt: skip
def test_types(texts: list[str], kind: str, written: str, values: list[object]) -> None:
    found, got = infer(texts)
    assert (str(found.parse.type), found.parse.format) == (kind, written)
    assert got == values
    assert infer(*[[t] for t in texts])[1] == values  # however it is cut into batches
    assert infer(texts[::-1])[1] == values[::-1]


def test_decimals_of_amounts_are_counted() -> None:
    assert infer(["$1,234.50", "$3"])[0].parse.decimals == 1
    assert infer(["1.234,567 €"])[0].parse.decimals == 3
    assert infer(["12%", "7%"])[0].parse.decimals == 0
    assert infer(["12.345-", "1"])[0].parse.decimals == 3


@pytest.mark.parametrize("way", ["$1,234.5", "1.234,5€", "1234.5%", "(1234.5)", "1 234.5", "CHF1'234.5"])
def test_a_stated_way_of_writing_amounts(way: str) -> None:
    stated = read_types({"x": f"float64:{way}"}, ["x"])["x"]
    tally = Tally()
    tally.observe(pa.array(["1", "25"]))  # a holdout of few rows need not show it
    parse, bad = parse_stated(stated, tally)
    assert (parse.format, bad) == (way, frozenset())
    assert parse_text(pa.array(["1", "25", None]), parse).to_pylist() == [1.0, 25.0, None]
    field = mark(pa.field("x", pa.float64()), FORMAT, way)
    assert types_like(pa.schema([field]), pa.schema([pa.field("x", pa.string())])) == {"x": f"float64:{way}"}


def test_one_value_far_down_decides() -> None:
    found, values = infer(["1"] * 1000, ["2"] * 1000, ["2.125"])
    assert str(found.parse.type) == "double"
    assert found.parse.decimals == 3
    assert values[-1] == 2.125
    assert str(infer(["1"] * 1000, ["02"])[0].parse.type) == "string"
    assert str(infer(["2024-01-01"] * 1000, ["2024-01-01 00:30:00"])[0].parse.type) == "timestamp[us]"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["1", "2", "x"], "66.7% of the values are whole numbers"),
        (["2024-01-01", "soon"], "50.0% of the values are dates"),
        (["007", "12"], "leading zeros"),
        (["9223372036854775808"], "64 bits"),
        (["1/2/2024"], "date32:%d/%m/%Y"),
        (["1,234"], "float64:1,234.5"),
        (["$5", "€ 6"], "different signs ($_, €_)"),
        (["$5.25", "$6"], "is written $1234.5, and is read and made as plain numbers"),
        (["01.02.20"], "date32:%d.%m.%y"),
        (["31.12.20"], "1969 to 2068"),
        (["25:00:00"], "hours, minutes and seconds"),
        (["", "NA"], "no value"),
        (["1.5", "inf"], "1 infinite"),
        (["1", "?"], "'?'"),
        (["2024-03-01T10:00:00Z", "2024-03-01T10:00:00"], "state a zone"),
        (["2024-03-01T10:00:00Z", "2024-03-01 12:00:00+02:00"], "2 different zones"),
        (["2024-03-01T10:00:00.123456789"], "microseconds"),
        (["31/12/2024"], "%d/%m/%Y"),
        (["1.5", "9223372036854775808"], "lose digits"),
    ],
)
def test_remarks(texts: list[str], said: str) -> None:
    assert any(said in remark for remark in infer(texts)[0].remarks)


@pytest.mark.parametrize("texts", [["a", "b", "c"] * 5, ["1", "2"], ["1.5", "2"], ["true", "false"], ["?", "?"]])
def test_plain_columns_have_no_remark(texts: list[str]) -> None:
    assert infer(texts)[0].remarks == ()


def test_tokens_are_counted() -> None:
    tally = Tally()
    for batch in (["1", "NA", None], ["NA", " null ", None, None], ["NA", "7"]):
        tally.observe(pa.array(batch, pa.string()))
    assert dict(tally.tokens) == {"NA": 3, "null": 1}
    assert tally.empty == 3
    assert tally.rows == 9
    assert dict(tally.kinds) == {"int": 2}


def test_every_value_is_in_one_kind() -> None:
    texts = [
        "1",
        "01",
        "1.0",
        "x",
        "",
        "?",
        "yes",
        "2024-01-01",
        "12:00",
        "PT1S",
        "1,5",
        "1,234",
        "inf",
        "+1",
        "P",
        "2024-13-01",
        "99999999999999999999999999",
    ]
    at = np.concatenate([positions for _, positions in classify(pa.array(texts))])
    assert sorted(at.tolist()) == list(range(len(texts)))


def test_days_of_the_calendar() -> None:
    first, last = dt.date(1999, 12, 25).toordinal(), dt.date(2001, 1, 5).toordinal()
    real = {(d.year, d.month, d.day) for d in map(dt.date.fromordinal, range(first, last))}
    cases = [(y, m, d) for y in (2000,) for m in range(14) for d in range(33)]
    year, month, day = (np.array(c, np.int64) for c in zip(*cases, strict=True))
    assert is_day(year, month, day).tolist() == [c in real for c in cases]
    assert not is_day(np.array([0]), np.array([1]), np.array([1])).any()


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        (["1", "2"], 0),
        (["1.50", "2"], 1),
        (["1.000"], 0),
        (["1.5e-3"], 4),
        (["1.5e3"], 0),
        (["-0.125", None], 3),
        ([], 0),
    ],
)
def test_decimals(texts: list[str | None], places: int) -> None:
    assert count_decimals(pa.array(texts, pa.string())) == places


# What columns stand for.


def read(name: str, values: Sequence[object], kind: pa.DataType | None = None) -> Reading:
    array = pa.array(values, kind)
    schema = pa.schema([(name, array.type)])
    profile = profile_columns(schema, [pa.record_batch([array], schema=schema)])[0]
    return read_meaning(profile, array.type)


RANGE = range(200)


def digits(i: int) -> int:
    return zlib.crc32(str(i).encode())


def iban(i: int) -> str:
    bare = f"37040044{i:010d}"
    return f"DE{98 - int(bare + '131400') % 97:02d}{bare}"


def card(i: int) -> int:
    bare = f"4000{digits(i) % 10**11:011d}"
    return next(int(bare + c) for c in "0123456789" if is_luhn(bare + c))


@pytest.mark.parametrize(
    ("name", "values", "meaning", "pattern"),
    [
        ("age", [i % 70 for i in RANGE], "number", ""),
        ("flag", [i % 2 for i in RANGE], "category", ""),
        ("year", [1800 + i for i in RANGE], "number", ""),
        ("income", [digits(i) for i in RANGE], "number", ""),
        ("x", list(RANGE), "identifier", "key"),
        ("x", [1000 + i for i in RANGE][::-1], "identifier", "key"),
        ("x", [10**9 + digits(i) % 10**9 for i in RANGE], "identifier", "key"),
        ("epoch", [1_585_000_000 + digits(i) % 10**7 for i in RANGE], "number", ""),
        ("created_at", [1_585_000_000_000 + digits(i) for i in RANGE], "number", ""),
        ("x", [1_500_000_000 + digits(i) % 10**8 for i in RANGE], "number", ""),
        ("order_id", [1_500_000_000 + digits(i) % 10**8 for i in RANGE], "identifier", "key"),
        ("customerID", [digits(i) for i in RANGE], "identifier", "key"),
        ("patient_id", [digits(i % 40) for i in RANGE], "identifier", "key"),
        ("district_id", [i % 7 for i in RANGE], "number", ""),
        ("phone", [4915100000000 + digits(i) for i in RANGE], "identifier", "phone"),
        ("cc_num", [card(i % 50) for i in RANGE], "identifier", "card"),
        ("amount", [i / 7 for i in RANGE], "number", ""),
        ("constant", [3] * 200, "constant", ""),
        ("maybe", [3, None] * 100, "category", ""),
        ("ok", [True, False] * 100, "boolean", ""),
        ("day", [dt.date(2020, 1, 1) + dt.timedelta(days=i) for i in RANGE], "time", ""),
        ("colour", ["red", "green", "blue", "red"] * 50, "category", ""),
        ("zip", [f"{i % 60:05d}" for i in RANGE], "category", ""),
        ("contact", [f"user{i % 30}@example.org" for i in RANGE], "identifier", "email"),
        ("link", [f"https://example.org/{i}" for i in RANGE], "identifier", "url"),
        ("key", [f"{digits(i):08x}-0000-4000-8000-{digits(-i):012x}" for i in RANGE], "identifier", "uuid"),
        ("konto", [iban(i) for i in RANGE], "identifier", "iban"),
        ("call", [f"+49 30 {digits(i) % 10**7:07d}" for i in RANGE], "identifier", "phone"),
        ("tel", [f"030{digits(i) % 10**7:07d}" for i in RANGE], "identifier", "phone"),
        ("host", [f"10.0.{i % 9}.{i}" for i in RANGE], "identifier", "ip"),
        ("ref", [f"AB-{digits(i) % 10**5:05d}" for i in RANGE], "identifier", "code"),
        ("last_name", [f"{'ABCDEFGHIJ'[i % 10]}{'aeiou'[i % 5]}{'klmnr'[i // 10 % 5]}er{'abcd'[i // 50]}" for i in RANGE], "identifier", "name"),
        ("name", ["Espresso", "Latte"] * 100, "category", ""),
        ("home_address", [f"{i} Main Street" for i in RANGE], "identifier", "address"),
        ("comment", [f"the patient number {i} came back after a week and was well" for i in RANGE], "text", "prose"),
        ("account", [f"A{i % 40}" for i in RANGE], "identifier", "code"),
        ("few", ["a", "b", "c"], "category", ""),
        ("none", [None] * 3, "constant", ""),
    ],
)  # fmt: skip
def test_meaning(name: str, values: list[object], meaning: Meaning, pattern: str) -> None:
    found = read(name, values, pa.string() if values[0] is None and len(values) == 3 else None)
    assert (found.meaning, found.pattern) == (meaning, pattern)
    assert found.why


def test_the_column_that_names_the_person() -> None:
    assert read("patient_id", [digits(i % 40) for i in RANGE]).person == 1.0
    assert read("order_id", [digits(i % 90) for i in RANGE]).person == 0.5
    assert read("patient_id", [digits(i) for i in RANGE]).person == 0.0
    assert read("age", [i % 40 for i in RANGE]).person == 0.0


def test_check_digits() -> None:
    assert is_luhn("4111 1111 1111 1111")
    assert not is_luhn("4111111111111112")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("GB82 WEST 1234 5698 7654 33")


def test_words_of_names_and_shapes_of_values() -> None:
    assert split_name("customerID") == ["customer", "id"]
    assert split_name("Patient_IDNumber2") == ["patient", "id", "number"]
    assert common_shape(pa.array(["AB-12", "CD-34", "x"])) == ("AA-99", 2 / 3)


# Profiles.


def profile(values: pa.Array, batch: int, cap: int) -> Profile:
    watch = Watch(values.type, cap)
    for start in range(0, len(values), batch):
        watch.observe(values.slice(start, batch))
    return watch.conclude("a", {})


@pytest.mark.parametrize(
    "kind",
    [
        pa.int64(),
        pa.float64(),
        pa.string(),
        pa.date32(),
        pa.timestamp("us", "UTC"),
        pa.time64("us"),
        pa.duration("us"),
        pa.bool_(),
    ],
)
def test_counts_are_exact_below_the_cap(kind: pa.DataType) -> None:
    numbers = [None if i % 11 == 0 else i * i % (2 if pa.types.is_boolean(kind) else 37) for i in range(1000)]
    width = pa.int32() if pa.types.is_date32(kind) else pa.int64()
    values = pa.array(numbers, width).cast(pa.bool_() if pa.types.is_boolean(kind) else kind)
    found = profile(values, 97, 1000)
    expected = Counter(n for n in numbers if n is not None)
    assert found.exact
    assert found.distinct == len(expected)
    assert found.missing == numbers.count(None)
    got = (
        found.values
        if pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_floating(kind)
        else found.values.cast(width)
    )
    assert {int(v): int(c) for v, c in zip(got.to_pylist(), found.counts, strict=True)} == expected


@pytest.mark.parametrize("text", [False, True])
def test_many_values_are_estimated_and_heavy_ones_followed(text: bool) -> None:
    numbers = Key.root(1).generator().integers(0, 2**62, 60_000)
    numbers[::4] = 7
    values = pa.array(numbers).cast(pa.string() if text else pa.int64())
    found = profile(values, 6_000, 5_000)
    true = len(np.unique(numbers))
    assert not found.exact
    assert abs(found.distinct - true) < 0.03 * true
    at = found.values.to_pylist().index("7" if text else 7)
    assert found.counts[at] == 15_000


def test_the_estimate_of_few_values() -> None:
    registers = np.zeros(1 << 14, np.uint8)
    assert estimate(registers) == 0
    add_hashes(registers, hash_values(pa.array(range(500))))
    assert abs(estimate(registers) - 500) <= 10
    assert estimate(None) == 0


def test_ends_order_and_places_of_numbers() -> None:
    found = profile(pa.array([1, 2, 5, 9], pa.int64()), 3, 100)
    assert (found.low, found.high, found.increasing) == (1, 9, True)
    assert not profile(pa.array([1, 2, 2, 9], pa.int64()), 2, 100).increasing
    assert not profile(pa.array([1, 2, None, 9], pa.int64()), 2, 100).increasing
    assert profile(pa.array([0.5, 0.25, None]), 2, 100).places == 2
    assert profile(pa.array([0.1 + 0.2, 1 / 3]), 2, 100).places is None
