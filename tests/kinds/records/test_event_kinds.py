"""Events that follow a calendar, and several kinds of them laid together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy import stats

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.tables import UNIT
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

ALARM = 1e-6
"""Chance of a false alarm of each statistical test; keys are fixed."""

PARENT = {
    "pay_day": {"type": "table", "values": {1: 0.3, 15: 0.3, 31: 0.4}},
    "use": {"type": "category", "values": {"pay": 0.7, "none": 0.3}},
    "busy": {"type": "lognormal", "median": 1, "spread": 0.5},
}
WEEK = [1, 1, 1, 1, 2, 0.5, 0]
HOURS = [0.0] * 8 + [1.0] * 10 + [2.0] * 2 + [0.0] * 4
WINDOW = {"start": "date(2024, 1, 1)", "stop": "date(2025, 1, 1)"}
KINDS = {
    "pay": {"monthly": "pay_day", "share": "if use = 'pay' then 1.0 else 0.0", "weekend": "before"},
    "rent": {"monthly": 1, "weekend": "after", "share": 0.5, "calendar": {"hours": HOURS}},
    "shop": {"per_year": "30.0 * busy", "calendar": {"weekdays": WEEK, "hours": HOURS}},
    "walk": {"per_year": 12},
}


def make(events: Mapping[str, Any], units: range = range(2000), **fields: Any) -> dict[str, Any]:
    child = {"parent": "people", "events": events, "fields": {"at": {"type": "event_time", "seconds": False}, **fields}}
    part = RecordsPart.model_validate({"units": 10, "tables": {"people": {"fields": PARENT}, "things": child}})
    return dict(RecordsSampler(compile_part(part)).sample(Shard("p", 0, units, Key.root(7)), {}).value)


KIND = {"kind": {"type": "event_kind"}}


def test_a_calendar_shapes_events_and_keeps_their_number() -> None:
    calendar = {"weekdays": WEEK, "hours": HOURS, "months": [1] * 11 + [3]}
    things = make({**WINDOW, "per_year": 20, "calendar": calendar})["things"]
    at = things["at"].cast(pa.int64()).to_numpy()
    n, expected = len(at), 2000 * 20 * 366 / 365.25
    assert abs(n - expected) < stats.norm.isf(ALARM / 2) * np.sqrt(expected) + 0.01 * expected
    days = at // 86_400_000_000
    weekday = np.bincount((days + 3) % 7, minlength=7)
    assert weekday[6] == 0
    hours = np.bincount(at // 3_600_000_000 % 24, minlength=24)
    assert hours[np.array(HOURS) == 0].sum() == 0
    share = np.array(HOURS)[8:20] / sum(HOURS)
    assert stats.chisquare(hours[8:20], share * n).pvalue > ALARM
    all_days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01")).astype(int)
    months = np.arange(np.datetime64("2024-01"), np.datetime64("2025-01")).repeat(
        [31, 29, *[31, 30] * 2, 31, *[31, 30] * 2, 31]
    )
    weight = np.array(WEEK)[(all_days + 3) % 7] * np.where(months == np.datetime64("2024-12"), 3, 1)
    counts = np.bincount(days - all_days[0], minlength=366)
    assert stats.chisquare(counts[weight > 0], n * weight[weight > 0] / weight.sum()).pvalue > ALARM
    units = things[UNIT].to_numpy()
    assert (np.diff(at)[units[1:] == units[:-1]] >= 0).all()


def test_a_start_with_a_zone_gives_its_clock() -> None:
    zoned = {
        "start": "timestamp('2024-01-01 00:00:00', 'America/New_York')",
        "stop": "timestamp('2025-01-01 00:00:00', 'America/New_York')",
    }
    things = make({**zoned, "per_year": 20, "calendar": {"hours": HOURS}}, range(300))["things"]
    assert things["at"].type == pa.timestamp("us", tz="America/New_York")
    hours = np.bincount(pc.hour(things["at"]).to_numpy(), minlength=24)
    assert hours[np.array(HOURS) == 0].sum() == 0
    assert hours[8:20].min() > 0


def test_kinds_lie_in_order_of_time() -> None:
    made = make({**WINDOW, "kinds": KINDS}, **KIND)
    people, things = made["people"], made["things"]
    at, units = things["at"].cast(pa.int64()).to_numpy(), things[UNIT].to_numpy().astype(int)
    kinds = np.array(things["kind"].to_pylist())
    assert (np.diff(at)[units[1:] == units[:-1]] >= 0).all()
    use, pay_day = np.array(people["use"].to_pylist()), people["pay_day"].to_numpy()
    paid = np.bincount(units[kinds == "pay"], minlength=2000)
    assert (paid[use == "none"] == 0).all()
    # A first of the month that falls on a weekend is paid before, outside of the window for January of the next year only.
    assert set(paid[(use == "pay") & (pay_day != 1)]) == {12}
    days = (at // 86_400_000_000).astype("datetime64[D]")
    weekday = (days.astype(int) + 3) % 7
    assert weekday[kinds == "pay"].max() < 5
    assert weekday[kinds == "rent"].max() < 5
    last = days[(kinds == "pay") & (pay_day[units] == 31)]
    month_end = (last.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    gap = (month_end - last).astype(int)
    assert set(gap) == {0, 1, 2}
    rents = (kinds == "rent").sum()
    assert abs(rents - 12_000) < stats.norm.isf(ALARM / 2) * np.sqrt(24_000 * 0.25)
    # The rate is spread by a field of the parent.
    shop = np.bincount(units[kinds == "shop"], minlength=2000)
    assert np.corrcoef(shop, people["busy"].to_numpy())[0, 1] > 0.85
    assert shop.var() > 3 * shop.mean()


def test_units_come_alone_whatever_kinds_there_are() -> None:
    whole, one = make({**WINDOW, "kinds": KINDS}, **KIND), make({**WINDOW, "kinds": KINDS}, range(17, 19), **KIND)
    kept = np.flatnonzero(np.isin(whole["things"][UNIT].to_numpy(), [17, 18]))
    assert one["things"].equals(whole["things"].take(pa.array(kept)))
    # A kind has its own stream: what lies beside it does not change it.
    fewer = make({**WINDOW, "kinds": {"shop": KINDS["shop"], "walk": KINDS["walk"]}}, **KIND)["things"]
    shop = [t.filter(pc.equal(t["kind"], "shop"))["at"] for t in (whole["things"], fewer)]
    assert shop[0].equals(shop[1])


def test_a_day_that_is_missing_has_no_events() -> None:
    kinds = {"pay": {"monthly": "if use = 'pay' then pay_day else missing"}}
    made = make({**WINDOW, "kinds": kinds}, range(300), **KIND)
    paid = np.bincount(made["things"][UNIT].to_numpy().astype(int), minlength=300)
    use = np.array(made["people"]["use"].to_pylist())
    assert set(paid[use == "pay"]) == {12}
    assert set(paid[use == "none"]) == {0}


@pytest.mark.parametrize(
    ("says", "events"),
    [
        ("either 'per_year' or 'kinds'", {}),
        ("either 'per_year' or 'kinds'", {"per_year": 1, "kinds": KINDS}),
        ("belong to each kind", {"kinds": KINDS, "excited": 0.1}),
        ("either 'per_year' or 'monthly'", {"kinds": {"a": {}}}),
        ("go with 'monthly'", {"kinds": {"a": {"per_year": 1, "weekend": "after"}}}),
        ("goes with 'per_year'", {"kinds": {"a": {"monthly": 1, "excited": 0.5}}}),
    ],
)
def test_recipes_that_say_two_things(says: str, events: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=says):
        make({**WINDOW, **events}, range(5))


@pytest.mark.parametrize(
    ("code", "events", "fields"),
    [
        ("SD-RECORDS-001", {"kinds": {"a": {"per_year": -1}}}, KIND),
        ("SD-RECORDS-001", {"per_year": 1, "calendar": {"months": [0] * 12}}, {}),
        ("SD-RECORDS-001", {"per_year": 1, "calendar": {"growth": 3}}, {}),
        ("SD-RECORDS-017", {"kinds": {"a": {"monthly": 32}}}, KIND),
        ("SD-RECORDS-017", {"kinds": {"a": {"monthly": 1, "share": "busy + 1"}}}, KIND),
        ("SD-RECORDS-017", {"start": "date(1700, 1, 1)", "per_year": 1, "calendar": {"weekdays": WEEK}}, {}),
        ("SD-RECORDS-018", {"per_year": 1}, KIND),
        ("SD-EXPR-010", {"kinds": {"a": {"monthly": "nothing"}}}, KIND),
    ],
)
def test_faults_are_told(code: str, events: dict[str, Any], fields: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=code):
        make({**WINDOW, **events}, range(5), **fields)
