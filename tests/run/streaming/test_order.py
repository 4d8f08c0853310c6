"""Rows in order of time: whatever the runs and blocks, the order is that of one stable sort."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.run.streaming import order
from sundog.run.streaming.order import merge_runs, write_run
from sundog.run.streaming.times import describe_seconds, describe_tick, is_time, tell_ticks, ticks_per_second


def _merge(folder: Path, times: list[list[int | None]], fan_in: int, block: int) -> list[tuple[int, int]]:
    number, runs = 0, []
    for i, run in enumerate(times):
        rows = pa.table({"number": range(number, number + len(run)), "at": pa.array(run, pa.timestamp("ms"))})
        runs.append(write_run(rows, "at", folder / f"{i}.arrow", block))
        number += len(run)
    found = list(merge_runs(runs, folder, fan_in))
    return [
        (int(t), int(n)) for b in found for t, n in zip(b.column(0).to_numpy(), b.column(1).to_numpy(), strict=True)
    ]


@settings(max_examples=60)
@given(
    times=st.lists(st.lists(st.one_of(st.none(), st.integers(-3, 3)), max_size=12), max_size=7),
    fan_in=st.integers(2, 4),
    block=st.integers(1, 4),
)
def test_the_order_is_that_of_one_stable_sort(
    tmp_path_factory: pytest.TempPathFactory, times: list[list[int | None]], fan_in: int, block: int
) -> None:
    """Many equal times, blocks of a row or a few, several passes: ties keep the order in which rows are made."""
    folder = tmp_path_factory.mktemp("runs")
    every = [t for run in times for t in run]
    expected = sorted(((t, n) for n, t in enumerate(every) if t is not None), key=lambda pair: pair[0])
    assert _merge(folder, times, fan_in, block) == expected
    assert list(folder.iterdir()) == []  # runs are removed as they are used up


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """A merge holds a block of each run: four times the rows take about as much for each run."""
    peaks = []
    for rows in (100_000, 400_000):
        folder = tmp_path / str(rows)
        folder.mkdir()
        words = np.random.default_rng(1).integers(0, 2**40, rows)
        table = pa.table({"at": pa.array(words).cast(pa.timestamp("us")), "x": words, "y": words, "z": words})
        runs = [write_run(table.slice(s, 10_000), "at", folder / f"{s}.arrow") for s in range(0, rows, 10_000)]
        del table, words
        before, peak, last, seen = pa.total_allocated_bytes(), 0, -1, 0
        for block in merge_runs(runs, folder):
            peak = max(peak, pa.total_allocated_bytes() - before)
            at = block.column(0).to_numpy()
            assert at[0] >= last
            last, seen = at[-1], seen + len(at)
        assert seen == rows
        peaks.append(peak / len(runs))
    assert peaks[1] < 1.5 * peaks[0]
    assert peaks[1] < 4 * order.BLOCK_BYTES


@pytest.mark.parametrize(
    ("column", "seconds"),
    [
        (pa.array([1_500, None], pa.timestamp("ms", "UTC")), [1.5, None]),
        (pa.array([datetime.date(1970, 1, 3), None]), [172_800.0, None]),
        (pa.array([datetime.timedelta(seconds=90), None]), [90.0, None]),
        (pa.array([7, None], pa.uint64()), [7.0, None]),
        (pa.array([0.25, float("nan")]), [0.25, None]),
        (pa.array([Decimal("1.5"), None]), [1.5, None]),
    ],
)
def test_times_of_every_type(column: pa.Array, seconds: list[float | None]) -> None:
    """Instants, days, durations and numbers of seconds; what is missing or no number is no time."""
    assert is_time(column.type)
    ticks = tell_ticks(column)
    told = [t / ticks_per_second(column.type) if k else None for t, k in zip(ticks.at, ticks.known, strict=True)]
    assert told == seconds


def test_texts_and_truth_values_are_no_times() -> None:
    assert not is_time(pa.string())
    assert not is_time(pa.bool_())


def test_times_as_people_read_them() -> None:
    assert describe_tick(86_400_000, pa.timestamp("ms")) == "1970-01-02 00:00:00"
    assert describe_tick(2, pa.date32()) == "1970-01-03"
    assert describe_tick(2.5, pa.float64()) == "2.5 s"
    assert describe_tick(2.0**62, pa.timestamp("s")).endswith(" s")
    assert [describe_seconds(s) for s in (3, 600, 90_000, 1e6)] == ["3.0 s", "10.0 min", "25.0 h", "11.6 d"]
