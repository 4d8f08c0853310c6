"""The road of a stream: its rows are those of ``make``, whatever the order, the shards and the number of workers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog import api
from sundog.core.errors import Exhausted, Incomplete, MissingExtra, RequestError
from sundog.core.recipe import Recipe
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import validate_recipe
from sundog.run.streaming import blocks, pace
from sundog.run.streaming import stream as module
from sundog.run.streaming.blocks import Block
from sundog.run.streaming.stream import Streamed, StreamOptions, skip_rows, stream_recipe


def _made(recipe: Recipe, folder: Path, table: str, shard_units: int = 37) -> list[dict[str, Any]]:
    files = make_bundle(recipe, str(folder), MakeOptions(workers=1, shard_units=shard_units))
    found: list[dict[str, Any]] = api.Bundle(files).to_arrow(table, files.parts()[-1]).to_pylist()
    return found


def _rows(batches: Sequence[pa.RecordBatch]) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


@pytest.fixture(scope="module")
def bundle(visits: Recipe, tmp_path_factory: pytest.TempPathFactory) -> api.Bundle:
    """What make writes."""
    folder = tmp_path_factory.mktemp("made") / "out"
    return api.Bundle(make_bundle(visits, str(folder), MakeOptions(workers=1, shard_units=37)))


def test_the_rows_are_those_of_make_in_order_of_time(
    visits: Recipe, bundle: api.Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rejected people are made up for as in make; ties keep the order of the recipe; small shards change nothing."""
    made = bundle.to_arrow("visits").to_pylist()
    expected = sorted(made, key=lambda row: row["at"])
    assert len({row["person"] for row in made}) > 200
    assert expected != made
    for shard_units in (1 << 16, 23):
        monkeypatch.setattr(module, "SHARD_UNITS", shard_units)
        assert _rows(list(api.stream_rows(visits, workers=1))) == expected


def test_another_time_can_be_gone_by_and_rows_without_it_are_left_out(
    visits: Recipe, bundle: api.Bundle, tmp_path: Path
) -> None:
    """As arrivals of readings, of which some never arrive: the last line says how many."""
    made = bundle.to_arrow("visits").to_pylist()
    told: list[Streamed] = []
    to = tmp_path / "rows.jsonl"
    options = StreamOptions(to=str(to), time="heard", speed="max", workers=1)
    assert stream_recipe(visits, options, told.append) == told[0]
    rows = [json.loads(line) for line in to.read_text().splitlines()]
    expected = sorted((r for r in made if r["heard"] is not None), key=lambda r: r["heard"])
    assert [r["number"] for r in rows] == [r["number"] for r in expected]
    assert (told[0].rows, told[0].without_time) == (len(expected), len(made) - len(expected))
    assert told[0].without_time > 50
    assert f"{told[0].without_time:,} rows without heard were not sent" in told[0].describe()


@pytest.mark.parametrize("table", ["people", "visits"])
def test_the_recipes_own_order_is_that_of_the_files(
    visits: Recipe, bundle: api.Bundle, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    """Rows are made while they are sent, a few units at a time."""
    monkeypatch.setattr(blocks, "LAZY_UNITS", 29)
    made = bundle.to_arrow(table).to_pylist()
    assert _rows(list(api.stream_rows(visits, table=table, rate=1e9))) == made


@pytest.mark.parametrize(
    "part",
    [
        {"kind": "shop", "units": 60, "odd": 0.3, "secret": 0.1},
        {"kind": "shop", "units": 60, "codes": 90},
        {"kind": "shop", "of": "first", "units": None, "odd": 0.2},
        {"kind": "shop", "each": "first.orders"},
    ],
)
@pytest.mark.parametrize("table", ["customers", "gifts"])
def test_any_kind_is_streamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: dict[str, object], table: str
) -> None:
    """With rejects, with a selection over all units, chained to another part; by a number as time, and in its own order."""
    monkeypatch.setattr(blocks, "LAZY_UNITS", 7)
    first = {"kind": "shop", "units": 40, "odd": 0.2}
    recipe = validate_recipe({"name": "shop", "evidence": {"level": "none"}, "parts": {"first": first, "second": part}})
    made = _made(recipe, tmp_path / "out", table, shard_units=11)
    assert made
    named = f"second.{table}"
    assert _rows(list(api.stream_rows(recipe, table=named, rate=1e9))) == made
    if table == "customers":
        ordered = _rows(list(api.stream_rows(recipe, table=named, time="spend", workers=1)))
        assert ordered == sorted(made, key=lambda row: row["spend"])


def test_a_table_that_belongs_to_no_unit_is_streamed(tmp_path: Path) -> None:
    """A list that all customers share is as long as it is, and may have times of its own."""
    goods = {
        "rows": 40,
        "fields": {
            "sku": {"type": "sequence", "start": 1},
            "listed": {"type": "timestamp", "start": "2024-01-01 00:00:00", "stop": "2024-02-01 00:00:00"},
        },
    }
    customers = {"fields": {"bought": {"type": "reference", "to": "goods.sku"}}}
    part = {"kind": "records", "units": 9, "origin": "made up", "tables": {"goods": goods, "customers": customers}}
    recipe = validate_recipe({"name": "shop", "evidence": {"level": "none"}, "parts": {"shop": part}})
    made = _made(recipe, tmp_path / "out", "goods")
    assert len(made) == 40
    assert _rows(list(api.stream_rows(recipe, rate=1e9))) == made
    assert _rows(list(api.stream_rows(recipe))) == sorted(made, key=lambda row: row["listed"])


@pytest.mark.parametrize(("time", "rows"), [(None, "samples"), ("arrived", "samples"), ("arrived", "deliveries")])
def test_readings_are_streamed_as_they_were_taken_or_as_they_arrived(
    tmp_path: Path, time: str | None, rows: str
) -> None:
    """Late and doubled readings come when they arrived; readings that never did are not sent, and counted."""
    part = {
        "kind": "records",
        "units": 5,
        "origin": "made up",
        "tables": {
            "devices": {"fields": {"device": {"type": "sequence", "start": 1}}},
            "readings": {
                "parent": "devices",
                "stream": {
                    "start": "date(2024, 1, 1)",
                    "stop": "date(2024, 1, 3)",
                    "every": "30min",
                    "rows": rows,
                    "channels": {"warmth": {"level": 20, "spread": 1}},
                    "network": {"jitter": "2h", "twice": 0.1, "lost": 0.1},
                },
                "fields": {
                    "device": {"type": "parent", "field": "device"},
                    "time": {"type": "sample_time"},
                    "arrived": {"type": "arrival"},
                    "warmth": {"type": "reading", "channel": "warmth"},
                },
            },
        },
    }
    recipe = validate_recipe({"name": "fleet", "evidence": {"level": "none"}, "parts": {"fleet": part}})
    made = _made(recipe, tmp_path / "out", "readings")
    told: list[Streamed] = []
    to = tmp_path / "rows.jsonl"
    stream_recipe(recipe, StreamOptions(to=str(to), time=time, speed="max", workers=1), told.append)
    name = time or "time"
    expected = sorted((row for row in made if row[name] is not None), key=lambda row: row[name])
    assert [json.loads(line)["warmth"] for line in to.read_text().splitlines()] == [r["warmth"] for r in expected]
    assert (told[0].time, told[0].without_time) == (name, len(made) - len(expected))
    assert (told[0].without_time > 10) == (time == "arrived" and rows == "samples")


def test_too_many_rejects_end_a_stream() -> None:
    recipe = validate_recipe({"name": "a", "parts": {"a": {"kind": "shop", "units": 50, "odd": 0.99, "attempts": 1.5}}})
    with pytest.raises(Exhausted, match="SD-RUN-021"):
        list(api.stream_rows(recipe, table="customers", rate=1e9))


def test_a_stream_goes_on_where_it_stopped(visits: Recipe, tmp_path: Path) -> None:
    """Stopped after some rows and continued with ``skip``, it has sent what one stream sends."""
    to = tmp_path / "rows.jsonl"
    whole = [json.dumps(r, default=str) for r in _rows(list(api.stream_rows(visits, workers=1)))]

    class Stop:
        """An event that is set after some looks at it."""

        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 3

        def wait(self, seconds: float) -> bool:
            return self.is_set()

        def set(self) -> None: ...

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.threading, "Event", Stop)
        patch.setattr(pace, "PATIENCE_AT_STOP", 0.0)
        patch.setattr(module, "catch_signals", lambda stop: __import__("contextlib").nullcontext())
        with pytest.raises(Incomplete) as caught:
            api.stream(visits, to, speed=6000.0, workers=1)
    assert caught.value.exit_code == 4
    sent = len(to.read_text().splitlines())
    assert 0 < sent < len(whole)
    problem = caught.value.problems[0]
    assert problem.code == "SD-STREAM-010"
    assert f"after {sent:,} rows" in problem.what
    assert f"--skip {sent}" in problem.fix
    told = api.stream(visits, to, speed="max", skip=sent, options={"append": "true"}, workers=1)
    assert told.rows == len(whole) - sent
    assert [json.loads(line)["number"] for line in to.read_text().splitlines()] == [
        json.loads(line)["number"] for line in whole
    ]


def test_what_is_said_before_and_after(visits: Recipe, tmp_path: Path) -> None:
    """What is about to be sent and how long it takes; then how many rows, how fast, how late."""
    said: list[str] = []
    options = StreamOptions(to=str(tmp_path / "rows"), speed=6_000.0, workers=1, say=said.append)
    told = stream_recipe(visits, options)
    assert told.rows > 1_000
    assert said[-1].startswith(f"town.visits: {told.rows:,} rows by at, 2024-01-01 00:00:0")
    assert "which takes 0.1 s at speed 6000" in said[-1]
    assert "unassessed" in said[-1]
    assert told.late is not None
    assert told.late < told.seconds
    assert f"at most {told.late:,.3f} s late" in told.describe()
    other = stream_recipe(visits, StreamOptions(to=str(tmp_path / "more"), rate=20_000.0, say=said.append))
    assert other.late is not None
    assert "in the recipe's own order" in said[-1]
    assert other.seconds > (other.rows - 1) / 20_000


def test_an_interruption_before_the_first_row(visits: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While rows are made: nothing was sent, and nothing that was made is left behind."""

    def interrupt(run: object, plan: object, chosen: object, scratch: Path) -> None:
        assert (scratch / "run").is_dir()
        places.append(scratch)
        raise KeyboardInterrupt

    places: list[Path] = []
    monkeypatch.setattr(module, "make_rows", interrupt)
    with pytest.raises(Incomplete, match="SD-STREAM-010") as caught:
        api.stream(visits, tmp_path / "rows", speed="max")
    assert "after 0 rows" in caught.value.problems[0].what
    assert caught.value.problems[0].fix == "Run the same command again."
    assert not (tmp_path / "rows").exists()
    assert not places[0].exists()


def test_skipped_rows_take_no_time() -> None:
    """Times count from the first row that is sent."""
    rows = pa.record_batch({"n": pa.array([0, 1, 2])})
    times = pa.array([0.0, 5.0, 9.0]).to_numpy()
    left = list(skip_rows(iter([Block(rows, times), Block(rows, times + 10)]), 2))
    assert [b.rows.column(0).to_pylist() for b in left] == [[2], [0, 1, 2]]
    assert [list(b.at) for b in left if b.at is not None] == [[0.0], [1.0, 6.0, 10.0]]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (StreamOptions(speed="60", rate=5.0), "SD-STREAM-006"),
        (StreamOptions(speed="fast"), "SD-STREAM-007"),
        (StreamOptions(speed=0.0), "SD-STREAM-007"),
        (StreamOptions(rate=float("inf")), "SD-STREAM-007"),
        (StreamOptions(to="amqp://localhost/x"), "SD-EXTENSION-002"),
        (StreamOptions(options=(("appendix", "1"),)), "SD-STREAM-008"),
        (StreamOptions(options=(("append", "perhaps"),)), "SD-STREAM-009"),
    ],
)
def test_bad_requests_are_found_before_anything_is_made(
    visits: Recipe, monkeypatch: pytest.MonkeyPatch, options: StreamOptions, code: str
) -> None:
    monkeypatch.setattr(module, "prepare_parts", None)
    with pytest.raises(RequestError) as caught:
        stream_recipe(visits, options)
    assert [p.code for p in caught.value.problems] == [code]


def test_a_missing_client_names_its_extra(visits: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"\.\[stream\]"):
        stream_recipe(visits, StreamOptions(to="mqtt://localhost/x"))
