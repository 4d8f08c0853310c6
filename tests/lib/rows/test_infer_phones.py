"""Telephone numbers told from everything else that is written in groups of digits. Values are made by counting: no chance."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from sundog.lib.rows.coders_category import learn_category
from sundog.lib.rows.infer_marks import FORMAT, mark
from sundog.lib.rows.infer_meaning import Reading, read_meaning
from sundog.lib.rows.infer_phones import order_bands
from sundog.lib.rows.infer_profile import profile_columns
from sundog.lib.rows.infer_stated import read_types, types_like

ROWS = range(600)


def mixed(i: int) -> int:
    """A number that looks like chance: the same for the same i."""
    return i * 2654435761 % 2**32


def band(size: int, most: int) -> Callable[[int], str]:
    return lambda i: f"{mixed(i) % most * size}-{mixed(i) % most * size + size - 1}"


def read(name: str, values: list[str]) -> Reading:
    batch = pa.record_batch([pa.array(values)], names=[name])
    return read_meaning(profile_columns(batch.schema, [batch])[0], pa.string())


PHONES: dict[str, Callable[[int], str]] = {
    "germany": lambda i: f"030 {mixed(i) % 10**8:08d}",
    "germany_slash": lambda i: f"0{711 + i % 9}/{mixed(i) % 10**6:06d}",
    "germany_dash": lambda i: f"030-{mixed(i) % 10**7:07d}",
    "international": lambda i: f"+49 30 {mixed(i) % 10**7:07d}",
    "bare": lambda i: f"+4930{mixed(i) % 10**7:07d}",
    "double_zero": lambda i: f"0049 30 {mixed(i) % 10**7:07d}",
    "usa": lambda i: f"({mixed(i) % 800 + 200}) {mixed(i + 9) % 800 + 200}-{mixed(i) % 10**4:04d}",
    "usa_dashes": lambda i: f"{mixed(i) % 800 + 200}-{mixed(i + 9) % 800 + 200}-{mixed(i) % 10**4:04d}",
    "britain": lambda i: f"020 {mixed(i) % 10**4:04d} {mixed(i + 5) % 10**4:04d}",
    "france": lambda i: f"0{1 + i % 5} " + " ".join(f"{mixed(i + 7 * k) % 100:02d}" for k in range(4)),
    "france_dots": lambda i: f"0{1 + i % 5}." + ".".join(f"{mixed(i + 7 * k) % 100:02d}" for k in range(4)),
    "australia": lambda i: f"(02) {mixed(i) % 10**4:04d} {mixed(i + 3) % 10**4:04d}",
    "japan": lambda i: f"03-{mixed(i) % 10**4:04d}-{mixed(i + 3) % 10**4:04d}",
    "norway": lambda i: " ".join(f"{mixed(i + 7 * k) % 80 + 20:02d}" for k in (0, 3, 4)) + f" {i % 90 + 10}",
    "households": lambda i: f"+43 1 {mixed(i % 200) % 10**7:07d}",
}

OTHERS: dict[str, Callable[[int], str]] = {
    "age_band": band(10, 9),
    "income_band": band(10_000, 12),
    "score_band": lambda i: f"{300 + 50 * (i % 11)}-{349 + 50 * (i % 11)}",
    "price_band": band(250, 80),
    "years": lambda i: f"{1950 + i % 50}-{1951 + i % 50 + i % 20}",
    "fiscal_year": lambda i: f"{2005 + i % 15}/{(6 + i % 15) % 100:02d}",
    "term": lambda i: ("12-24", "24-36", "36-60")[i % 3],
    "statement_month": lambda i: f"{2018 + i % 6}-{i % 12 + 1:02d}",
    "expiry": lambda i: f"{i % 12 + 1:02d}/{20 + i % 10}",
    "expiry_long": lambda i: f"{i % 12 + 1:02d}/{2020 + i % 10}",
    "day_short": lambda i: f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.{i % 30:02d}",
    "day_mixed": lambda i: f"{i % 28 + 1:02d}/{i % 12 + 1:02d}/2020" if i % 2 else f"2020-{i % 12 + 1:02d}-{i % 28 + 1:02d}",
    "day_spaced": lambda i: f"{i % 28 + 1:02d} {i % 12 + 1:02d} {1950 + i % 60}",
    "sort_code": lambda i: f"{mixed(i) % 80 + 10}-{mixed(i + 1) % 90 + 10}-{mixed(i + 2) % 90 + 10}",
    "postcode_brazil": lambda i: f"{1000 + mixed(i) % 9000:05d}-{mixed(i) % 900 + 100}",
    "postcode_usa": lambda i: f"{mixed(i) % 90000 + 1000:05d}-{mixed(i) % 9000 + 1000}",
    "postcode_poland": lambda i: f"{mixed(i) % 100:02d}-{mixed(i) % 900 + 100}",
    "postcode_japan": lambda i: f"{mixed(i) % 900 + 100}-{mixed(i) % 9000 + 1000}",
    "part": lambda i: f"{mixed(i) % 9000 + 1000}-{mixed(i) % 90 + 10}",
    "part_long": lambda i: f"{mixed(i) % 9000 + 1000}-{mixed(i + 2) % 9000 + 1000}-{mixed(i) % 90 + 10}",
    "isbn": lambda i: f"978-3-16-{mixed(i) % 10**6:06d}-{i % 10}",
    "drug_code": lambda i: f"{mixed(i) % 90000 + 1000:05d}-{mixed(i) % 9000 + 1000}-{i % 90 + 10}",
    "social_security": lambda i: f"{mixed(i) % 800 + 100}-{i % 90 + 10}-{mixed(i) % 9000 + 1000}",
    "version": lambda i: f"{10 + i % 4}.{10 + i % 7}.{10 + i % 30}",
    "version_four": lambda i: f"{i % 4}.{i % 7}.{i % 30}.{i % 3}",
    "score": lambda i: f"{i % 7}-{i % 5}",
    "tennis": lambda i: f"{i % 7}-{i % 5} {i % 3}-6",
    "range_of_codes": lambda i: f"00{i % 40:02d} 00{i % 40 + 9:02d}",
    "ratio": lambda i: f"{10 + i % 80}/{10 + i % 90}",
    "blood_pressure": lambda i: f"{100 + i % 60}/{60 + i % 40}",
    "odds": lambda i: f"{100 + i % 20}-{11 + i % 5}",
    "resolution": lambda i: f"{640 + i % 3 * 640} x {480 + i % 3 * 300}",
}  # fmt: skip


@pytest.mark.parametrize("country", PHONES)
def test_telephone_numbers_are_recognised_by_their_form(country: str) -> None:
    found = read("x", [PHONES[country](i) for i in ROWS])
    assert (found.meaning, found.pattern) == ("identifier", "phone"), found


@pytest.mark.parametrize("what", OTHERS)
def test_nothing_else_is_taken_for_a_telephone_number(what: str) -> None:
    for name in (what, "x"):
        found = read(name, [OTHERS[what](i) for i in ROWS])
        assert found.pattern not in ("phone", "ip"), found
        few = read(name, [OTHERS[what](i % 12) for i in range(60)])
        assert few.pattern not in ("phone", "ip"), few


@pytest.mark.parametrize(
    "what", ["age_band", "income_band", "score_band", "price_band", "fiscal_year", "term", "statement_month", "expiry"]
)
def test_bands_and_months_are_categories(what: str) -> None:
    assert read(what, [OTHERS[what](i) for i in ROWS]).meaning == "category"


@pytest.mark.parametrize("way", ["%Y-%m", "%d.%m.%y", "%d-%b-%Y", "%b %d, %Y", "%d/%m/%Y or %Y-%m-%d"])
def test_a_holdout_of_few_rows_is_read_as_its_table(way: str) -> None:
    field = mark(pa.field("day", pa.date32()), FORMAT, way)
    assert types_like(pa.schema([field]), pa.schema([pa.field("day", pa.string())])) == {"day": f"date32:{way}"}
    assert read_types({"day": f"date32:{way}"}, ["day"]) == {"day": (pa.date32(), way)}


@pytest.mark.parametrize(
    "texts",
    [
        ["under 18", "18-24", "25-64", "65+"],
        ["<10", "10-99", "100-999", ">=1000"],
        ["$0-$9,999", "$10,000-$49,999", "$50,000 to $99,999", "$100,000+"],
        ["[-5,0)", "[0,5)", "[5,10)", "[10,15)"],
        ["0-4", "5-9", "10-14", "15-19"],
        ["1k-5k", "5k-20k", "20k-1M", "1M+"],
    ],
)
def test_bands_are_ordered_by_their_numbers(texts: list[str]) -> None:
    shuffled = texts[::-1]
    assert [shuffled[i] for i in order_bands(pa.array(shuffled))] == texts
    assert read("x", texts * 50).pattern == "range"
    coder = learn_category(pa.array(shuffled * 20), 10, False, bands=True)
    assert coder.values.column("value").to_pylist() == texts
    assert coder.ordered
