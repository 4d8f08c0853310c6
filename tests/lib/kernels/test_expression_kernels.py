"""Kernels of expressions against plain Python."""

from __future__ import annotations

import calendar
import datetime as dt
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sundog.lib.kernels.expression_buckets import bucket_texts, bucket_words
from sundog.lib.kernels.expression_dates import count_birthdays, find_month_ends, join_days, shift_months, split_day
from sundog.lib.kernels.expression_numbers import round_decimals
from sundog.lib.kernels.expression_rows import (
    add_above,
    count_valid,
    find_ends,
    find_extremes,
    find_parents,
    number_rows,
    sum_floats,
    sum_whole,
)

EPOCH = dt.date(1970, 1, 1)
DATES = st.lists(st.dates(), min_size=1, max_size=20)


def days(dates: list[dt.date]) -> NDArray[np.int64]:
    return np.array([(d - EPOCH).days for d in dates], np.int64)


def dates(numbers: NDArray[np.int32]) -> list[dt.date]:
    return [EPOCH + dt.timedelta(days=int(n)) for n in numbers]


def round_one(value: float, digits: int, half_up: bool) -> list[float]:
    found = np.empty(1)
    round_decimals(np.array([value]), 10.0 ** abs(digits), digits < 0, half_up, found)
    return found.tolist()


@given(st.integers(-(10**14), 10**14), st.integers(0, 6), st.integers(-3, 6), st.booleans())
def test_rounding_is_that_of_decimals(number: int, places: int, digits: int, half_up: bool) -> None:
    written = Decimal(number).scaleb(-places)
    wanted = written.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP if half_up else ROUND_HALF_EVEN)
    assert round_one(float(written), digits, half_up) == [float(wanted)]


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-15, 15), st.booleans())
def test_rounding_moves_by_half_a_place_at_most(value: float, digits: int, half_up: bool) -> None:
    (found,) = round_one(value, digits, half_up)
    assert abs(found - value) <= 0.5000001 * 10.0**-digits + 2e-16 * abs(value)
    assert round_one(found, digits, half_up) == [found]


def test_halves_that_bits_hide() -> None:
    assert round_one(2.675, 2, False) == [2.68]  # nearest below the half, as bits go
    assert round_one(1.005, 2, False) == [1.0]
    assert round_one(1.005, 2, True) == [1.01]
    assert round_one(-0.125, 2, True) == [-0.13]
    assert round_one(1e300, 15, False) == [1e300]


def test_every_day_is_split_and_joined() -> None:
    every = days([dt.date.min, dt.date.max])
    numbers = np.arange(every[0], every[1] + 1, 13)
    found = np.array([split_day(n) for n in numbers[::50]])
    wanted = [(d.year, d.month, d.day) for d in dates(numbers[::50].astype(np.int32))]
    assert found.tolist() == [list(d) for d in wanted]
    joined, beyond = np.empty(len(found), np.int32), np.empty(len(found), np.bool_)
    join_days(*found.T.astype(np.int64).copy(), joined, beyond)
    assert joined.tolist() == numbers[::50].tolist()
    assert not beyond.any()


@given(DATES, st.integers(-30_000, 30_000))
def test_months_are_added(some: list[dt.date], months: int) -> None:
    found, beyond = np.empty(len(some), np.int32), np.empty(len(some), np.bool_)
    shift_months(days(some), np.full(len(some), months), found, beyond)
    for one, outside, got in zip(some, beyond, dates(found), strict=True):
        count = one.year * 12 + one.month - 1 + months
        year, month = count // 12, count % 12 + 1
        assert outside == (not 1 <= year <= 9999)
        if not outside:
            assert got == dt.date(year, month, min(one.day, calendar.monthrange(year, month)[1]))


@given(DATES)
def test_ends_of_months_and_birthdays(some: list[dt.date]) -> None:
    found = np.empty(len(some), np.int32)
    find_month_ends(days(some), True, found)
    assert dates(found) == [d.replace(day=calendar.monthrange(d.year, d.month)[1]) for d in some]
    find_month_ends(days(some), False, found)
    assert dates(found) == [d.replace(day=1) for d in some]
    ages, at = np.empty(len(some), np.int64), dt.date(2024, 2, 29)
    count_birthdays(days(some), days([at] * len(some)), ages)
    assert ages.tolist() == [2024 - d.year - ((d.month, d.day) > (2, 29)) for d in some]


def test_dates_that_are_none() -> None:
    years = np.array([2023, 2024, 2024, 0, 10_000, 2024, 1900], np.int64)
    months = np.array([2, 2, 13, 1, 1, 4, 2], np.int64)
    of_month = np.array([29, 29, 1, 1, 1, 31, 29], np.int64)
    found, beyond = np.empty(7, np.int32), np.empty(7, np.bool_)
    join_days(years, months, of_month, found, beyond)
    assert beyond.tolist() == [True, False, True, True, True, True, True]


SEGMENTS = st.lists(st.lists(st.none() | st.integers(-50, 50), max_size=5), max_size=6)


@given(SEGMENTS, st.booleans())
def test_segments(groups: list[list[int | None]], flag: bool) -> None:
    flat = [v for group in groups for v in group]
    values = np.array([v or 0 for v in flat], np.int64)
    valid = np.array([v is not None for v in flat], np.bool_)
    offsets = np.cumsum([0, *map(len, groups)]).astype(np.int64)
    parents, rows = np.empty(len(groups), np.int64), np.empty(len(flat), np.int64)
    known = [[v for v in group if v is not None] for group in groups]

    assert sum_whole(values, valid, offsets, False, parents) == -1
    assert parents.tolist() == [sum(group) for group in known]
    assert sum_whole(values, valid, offsets, True, rows) == -1
    assert rows.tolist() == [sum(v or 0 for v in group[: i + 1]) for group in groups for i in range(len(group))]
    floats = np.empty(len(groups))
    sum_floats(values / 4, valid, offsets, False, floats)
    assert floats.tolist() == [sum(group) / 4 for group in known]
    running = np.empty(len(flat))
    sum_floats(values / 4, valid, offsets, True, running)
    assert (running * 4).tolist() == rows.tolist()
    count_valid(valid, offsets, parents)
    assert parents.tolist() == [len(group) for group in known]
    find_ends(valid, offsets, flag, parents)
    picked = [None if p < 0 else flat[p] for p in parents]
    assert picked == [(group[-1] if flag else group[0]) if group else None for group in known]
    find_extremes(values, valid, offsets, flag, parents)
    picked = [None if p < 0 else flat[p] for p in parents]
    assert picked == [(max(group) if flag else min(group)) if group else None for group in known]
    number_rows(offsets, rows)
    assert rows.tolist() == [i + 1 for group in groups for i in range(len(group))]
    find_parents(offsets, rows)
    assert rows.tolist() == [i for i, group in enumerate(groups) for _ in group]


MONEY = st.lists(
    st.lists(st.tuples(st.none() | st.integers(-50, 50), st.integers(-20, 20), st.booleans()), max_size=6), max_size=5
)


@given(MONEY)
def test_a_balance_passes_over_what_its_floor_forbids(groups: list[list[tuple[int | None, int, bool]]]) -> None:
    flat = [row for group in groups for row in group]
    values, floors = (np.array([row[k] or 0 for row in flat], np.float64) for k in (0, 1))
    valid, known = (
        np.array([row[0] is not None for row in flat], np.bool_),
        np.array([row[2] for row in flat], np.bool_),
    )
    starts = np.arange(len(flat), dtype=np.float64)
    offsets = np.cumsum([0, *map(len, groups)]).astype(np.int64)
    found = np.full(len(flat), np.nan)
    add_above(values, valid, starts, floors, known, offsets, found)
    expected, row = [], 0
    for group in groups:
        total: float | None = None
        for amount, floor, there in group:
            if there:
                total = float(row) if total is None else total
                if amount is not None and (amount >= 0 or total + amount >= floor):
                    total += amount
            expected.append(total if there else None)
            row += 1
    assert [float(x) if k else None for x, k in zip(found, known, strict=True)] == expected


def test_a_sum_that_passes_int64_is_told() -> None:
    values = np.array([2**62, 2**62, -1, -(2**63), -1], np.int64)
    found = np.empty(5, np.int64)
    valid = np.ones(5, np.bool_)
    assert sum_whole(values, valid, np.array([0, 1, 2, 5]), False, found) == 2
    assert sum_whole(values, valid, np.array([0, 2, 5]), True, found) == 1


def mix(word: int, lane: int) -> int:
    word = (word + (lane + 1) * 0x9E3779B97F4A7C15) % 2**64
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) % 2**64
    return word ^ (word >> 31)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=5), st.integers(0, 2**64 - 1), st.integers(1, 2**63 - 1))
def test_buckets_of_words(words: list[int], salt: int, buckets: int) -> None:
    found = np.empty(len(words), np.int64)
    bucket_words(np.array(words, np.uint64), np.uint64(salt), np.uint64(buckets), found)
    assert found.tolist() == [mix(mix(w, 0) ^ salt, 1) * buckets >> 64 for w in words]


@given(st.lists(st.text(max_size=6), max_size=5), st.integers(0, 2**64 - 1), st.integers(1, 2**63 - 1))
def test_buckets_of_texts(texts: list[str], salt: int, buckets: int) -> None:
    data = np.frombuffer("".join(texts).encode() + b"\0", np.uint8)
    ends = np.cumsum([0, *(len(t.encode()) for t in texts)]).astype(np.int32)
    found = np.empty(len(texts), np.int64)
    bucket_texts(data, ends, np.uint64(salt), np.uint64(buckets), found)
    wanted = []
    for text in texts:
        word = 0xCBF29CE484222325
        for byte in text.encode():
            word = ((word ^ byte) * 0x100000001B3) % 2**64
        wanted.append(mix(word ^ salt, 1) * buckets >> 64)
    assert found.tolist() == wanted
