"""Children that are events in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

PARENT = {
    "fields": {
        "since": {"type": "date", "start": "2020-01-01", "stop": "2022-12-31"},
        "busy": {"type": "category", "values": ["no", "yes"]},
        "visits": "= count(visits)",
    }
}


def make(events: dict[str, Any], units: range = range(4000), field: str = "event_time") -> dict[str, Any]:
    child = {
        "parent": "people",
        "events": events,
        "fields": {"at": {"type": field}, "one": 1, "n": "= running_sum(one)"},
    }
    part = RecordsPart.model_validate({"units": 10, "tables": {"people": PARENT, "visits": child}})
    return dict(RecordsSampler(compile_part(part)).sample(Shard("p", 0, units, Key.root(3)), {}).value)


PLAIN = {"start": "since", "stop": "date(2024, 1, 1)", "per_year": "if busy = 'yes' then 12.0 else 3.0"}


def test_events_follow_the_rate_and_the_window() -> None:
    made = make(PLAIN)
    people, visits = made["people"], made["visits"]
    assert visits["at"].type == pa.timestamp("us")
    since = people["since"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    units = visits[UNIT].to_numpy().astype(int)
    at = visits["at"].cast(pa.int64()).to_numpy()
    assert (at >= since[units]).all()
    assert at.max() < np.datetime64("2024-01-01", "us").astype(int)
    same = units[1:] == units[:-1]
    assert (np.diff(at)[same] >= 0).all()
    years = (np.datetime64("2024-01-01", "us").astype(int) - since) / (365.25 * 86_400e6)
    busy = np.array(people["busy"].to_pylist()) == "yes"
    for chosen, rate in ((busy, 12), (~busy, 3)):
        expected = rate * years[chosen].sum()
        found = people["visits"].to_numpy()[chosen].sum()
        assert abs(found - expected) < 5.5 * np.sqrt(expected)


def test_excited_events_come_in_clusters() -> None:
    calm, wild = make(PLAIN), make({**PLAIN, "excited": 0.6, "decay_days": 2})
    assert wild["visits"].num_rows > 2 * calm["visits"].num_rows
    spread = [m["people"]["visits"].to_numpy() for m in (calm, wild)]
    assert spread[1].var() / spread[1].mean() > 1.5 * spread[0].var() / spread[0].mean()


def test_rows_without_a_start_or_a_stop_have_no_events() -> None:
    parent = {"fields": {**PARENT["fields"], "since": {**PARENT["fields"]["since"], "missing": 0.5}}}  # type: ignore[dict-item]
    for window in ({}, {"start": "date(2023, 1, 1)", "stop": "add_days(since, 2000)"}):
        child = {"parent": "people", "events": {**PLAIN, **window}, "fields": {"at": {"type": "event_time"}}}
        part = RecordsPart.model_validate({"units": 10, "tables": {"people": parent, "visits": child}})
        made = RecordsSampler(compile_part(part)).sample(Shard("p", 0, range(500), Key.root(3)), {}).value["people"]
        gone = made["since"].is_null().to_numpy(zero_copy_only=False)
        assert 150 < gone.sum() < 350
        assert made["visits"].to_numpy()[gone].sum() == 0
        assert made["visits"].to_numpy()[~gone].sum() > 500


def test_units_come_alone() -> None:
    whole, one = make(PLAIN), make(PLAIN, range(17, 18))
    kept = np.flatnonzero(whole["visits"][UNIT].to_numpy() == 17)
    assert one["visits"].equals(whole["visits"].take(pa.array(kept)))


@pytest.mark.parametrize(
    ("code", "events", "field"),
    [
        ("SD-RECORDS-008", {**PLAIN, "start": "busy"}, "event_time"),
        ("SD-EXPR-010", {**PLAIN, "stop": "nothing"}, "event_time"),
        ("SD-RECORDS-001", {**PLAIN, "per_year": -1}, "event_time"),
        ("SD-RECORDS-017", {**PLAIN, "per_year": 1e12}, "event_time"),
    ],
)
def test_faults_are_told(code: str, events: dict[str, Any], field: str) -> None:
    with pytest.raises(RequestError, match=code):
        make(events, range(5), field)


def test_only_events_have_times() -> None:
    tables = {"t": {"fields": {"x": {"type": "event_time"}}}}
    with pytest.raises(RequestError, match="SD-RECORDS-018"):
        compile_part(RecordsPart.model_validate({"units": 1, "tables": tables}))
