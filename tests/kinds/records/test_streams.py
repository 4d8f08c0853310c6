"""Streams of sensors: what is sampled, sent and labelled, and that every planted fault is found in the labels."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import yaml

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.core.tables import UNIT, unit_of
from sundog.kinds.records import _sizes, _streams
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler, RecordsSynthesizer
from sundog.run.make import MakeOptions, make_bundle

HOUR = 3_600_000_000
IOT: dict[str, Any] = yaml.safe_load(files("sundog.kinds.records").joinpath("recipes/iot.yaml").read_text())["parts"][
    "fleet"
]
KINDS = ("stuck", "spike", "bias", "drift", "dropout", "burst", "gain")

SMALL: dict[str, Any] = {
    "units": 8,
    "tables": {
        "devices": {
            "fields": {
                "device": {"type": "sequence"},
                "since": {"type": "date", "start": "2024-01-01", "stop": "2024-01-09"},
                "height": {"type": "uniform", "low": 0, "high": 3000},
                "rows": "= count(readings)",
            }
        },
        "readings": {
            "parent": "devices",
            "stream": {
                "start": "since",
                "stop": "2024-01-10",
                "every": "1h",
                "channels": {"a": {"level": "10 - height / 1000", "noise": [{"sd": 1, "memory": 0.9}]}},
            },
            "fields": {
                "time": {"type": "sample_time"},
                "exact": {"type": "sample_time", "clock": "exact"},
                "number": {"type": "sample_number"},
                "a": {"type": "reading", "channel": "a"},
                "true_a": {"type": "true_value", "channel": "a"},
            },
        },
    },
}


def change(said: Mapping[str, Any], **stream: Any) -> dict[str, Any]:
    """The part with other parameters of the stream; names with dots, as ``channels.a.level``, are written with __."""
    found = copy.deepcopy(dict(said))
    for name, value in stream.items():
        *path, last = name.split("__")
        at = found["tables"]["readings"]["stream"]
        for step in path:
            at = at.setdefault(step, {})
        if value is None:
            at.pop(last)
        else:
            at[last] = value
    return found


def ask(said: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """The part with further fields of the readings."""
    found = copy.deepcopy(dict(said))
    found["tables"]["readings"]["fields"].update(fields)
    return found


def make(said: Mapping[str, Any], units: range = range(8), seed: int = 3) -> dict[str, pa.RecordBatch]:
    plan = compile_part(RecordsPart.model_validate(said), "parts.p")
    return dict(RecordsSampler(plan).sample(Shard("p", 0, units, Key.root(seed)), {}).value)


def numbers(batch: pa.RecordBatch, name: str) -> np.ndarray:
    column = batch.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.to_numpy(zero_copy_only=False)


def test_the_schedule_is_kept() -> None:
    made = make(SMALL)
    devices, rows = made["devices"], made["readings"]
    start = devices["since"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    stop = np.datetime64("2024-01-10", "us").astype(int)
    assert numbers(devices, "rows").tolist() == ((stop - start) // HOUR).tolist()
    unit = numbers(rows, UNIT).astype(int)
    assert np.array_equal(numbers(rows, "time"), start[unit] + numbers(rows, "number") * HOUR)
    assert np.array_equal(numbers(rows, "time"), numbers(rows, "exact"))
    assert rows["time"].type == pa.timestamp("us", "UTC")


def test_levels_may_be_expressions() -> None:
    made = make(change(SMALL, number=4000, stop=None, start="2024-01-01"))
    means = numbers(made["readings"], "a").reshape(8, 4000).mean(axis=1)
    # Standard error of a mean of 4,000 values with memory .9: .07.
    assert np.abs(means - (10 - numbers(made["devices"], "height") / 1000)).max() < 0.4


def test_numbers_may_be_expressions_and_missing_ones_are_none() -> None:
    said = change(SMALL, number="if height > 1500 then 3 else missing", stop=None, start="2024-01-01 06:00:00")
    made = make(said, range(50))
    high = numbers(made["devices"], "height") > 1500
    assert 10 < high.sum() < 40
    assert numbers(made["devices"], "rows").tolist() == np.where(high, 3, 0).tolist()
    assert made["readings"]["time"][0].as_py().hour == 6


def test_a_device_without_a_start_or_a_level_has_nothing_to_tell() -> None:
    said = copy.deepcopy(SMALL)
    said["tables"]["devices"]["fields"]["since"]["missing"] = 0.5
    said["tables"]["devices"]["fields"]["height"]["missing"] = 0.5
    made = make(said, range(60))
    never = made["devices"]["since"].is_null().to_numpy(zero_copy_only=False)
    assert 15 < never.sum() < 45
    assert numbers(made["devices"], "rows")[never].sum() == 0
    flat = made["devices"]["height"].is_null().to_numpy(zero_copy_only=False)
    gone = made["readings"]["a"].is_null().to_numpy(zero_copy_only=False)
    assert np.array_equal(gone, flat[numbers(made["readings"], UNIT).astype(int)])
    assert 0 < gone.mean() < 1


def test_dates_are_those_of_the_zone() -> None:
    made = make(change(SMALL, zone="America/New_York", number=2, stop=None))["readings"]
    assert made["time"].type == pa.timestamp("us", "America/New_York")
    assert {t.as_py().hour for t in made["time"]} == {0, 1}


def test_staggered_devices_begin_within_an_interval() -> None:
    made = make(change(SMALL, stagger=True, start="2024-01-01", number=1, stop=None), range(500))["readings"]
    after = numbers(made, "time") - np.datetime64("2024-01-01", "us").astype(int)
    assert after.min() >= 0
    assert after.max() < HOUR
    assert len(np.unique(after)) == 500
    assert abs(after.mean() / HOUR - 0.5) < 0.07


def test_any_units_alone_and_any_piece() -> None:
    whole = make(IOT, range(6))
    for units in (range(3, 4), range(2, 6)):
        some = make(IOT, units)
        for name, table in whole.items():
            number = numbers(table, UNIT) if UNIT in table.schema.names else np.arange(6)
            kept = pa.array((number >= units.start) & (number < units.stop))
            assert some[name].equals(table.filter(kept)), name


def test_the_size_of_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = make(IOT, range(3))
    monkeypatch.setattr(_streams, "_PIECE", 997)
    assert all(made.equals(whole[name]) for name, made in make(IOT, range(3)).items())


def test_a_further_channel_or_field_changes_no_other() -> None:
    plain = make(IOT, range(3))
    more = change(IOT, channels__light={"level": 5, "faults": {"stuck": {"share": 0.01}}})
    more = ask(more, light={"type": "reading", "channel": "light"}, x={"type": "uniform", "low": 0, "high": 1})
    more["tables"]["readings"]["stream"]["channels"]["temperature"]["faults"] = {
        "bias": {"share": 0.0, "size": 1},
        **more["tables"]["readings"]["stream"]["channels"]["temperature"]["faults"],
    }
    made = make(more, range(3))
    for name in plain["readings"].schema.names:
        assert made["readings"][name].equals(plain["readings"][name]), name
    fewer = copy.deepcopy(IOT)
    for name in ("humidity", "humidity_fault", "volts", "number", "arrived"):
        del fewer["tables"]["readings"]["fields"][name]
    del fewer["tables"]["faults"]
    del fewer["tables"]["devices"]["fields"]["faults"]
    made = make(fewer, range(3))
    for name in made["readings"].schema.names:
        assert made["readings"][name].equals(plain["readings"][name]), name


def spoil(rows: str) -> dict[str, Any]:
    """The fleet with every kind of fault in every channel, and times that are exact."""
    said = ask(change(IOT, rows=rows), exact={"type": "sample_time", "clock": "exact"})
    for channel in ("temperature", "humidity", "co2"):
        said["tables"]["readings"]["stream"]["channels"][channel]["faults"] = {
            kind: {
                "share": 0.01,
                "hours": {"type": "exponential", "mean": 3},
                "size": {"type": "uniform", "low": 5, "high": 9},
            }
            for kind in KINDS
        }
    return said


@pytest.mark.parametrize("rows", ["samples", "deliveries"])
def test_every_planted_fault_is_found_in_the_labels(rows: str) -> None:
    said = spoil(rows)
    made = make(said, range(5))
    readings, faults = made["readings"], made["faults"]
    assert set(faults["fault"].unique().to_pylist()) == set(KINDS)
    assert faults.num_rows > 500
    exact, device = numbers(readings, "exact"), np.array(readings["device"].to_pylist())
    told = {c: np.array(readings[f"{c}_fault"].to_pylist()) for c in ("temperature", "humidity", "co2")}
    marked = {c: np.zeros((len(KINDS), readings.num_rows), bool) for c in told}
    for fault in faults.cast(
        faults.schema.set(4, pa.field("start", pa.int64())).set(5, pa.field("end", pa.int64()))
    ).to_pylist():
        within = (device == fault["device"]) & (exact >= fault["start"]) & (exact <= fault["end"])
        labels = told[fault["channel"]][within]
        assert len(labels) == fault["rows"] > 0
        assert all(fault["fault"] in label.split("+") for label in labels), fault
        marked[fault["channel"]][KINDS.index(fault["fault"])] |= within
        assert (fault["size"] is None) == (fault["fault"] in ("stuck", "dropout"))
        assert exact[within].min() == fault["start"]
        assert exact[within].max() == fault["end"]
    # And no label without a planted fault.
    for channel, labels in told.items():
        for i, kind in enumerate(KINDS):
            assert np.array_equal(np.array([kind in label.split("+") for label in labels]), marked[channel][i]), (
                channel,
                kind,
            )


def test_readings_differ_from_healthy_ones_only_where_labels_say_so() -> None:
    said = spoil("samples")
    healthy = copy.deepcopy(said)
    for channel in ("temperature", "humidity", "co2"):
        healthy["tables"]["readings"]["stream"]["channels"][channel]["faults"] = {}
    made, clean = make(said, range(4))["readings"], make(healthy, range(4))["readings"]
    assert set(clean["co2_fault"].to_pylist()) == {"none"}
    for channel in ("temperature", "humidity", "co2"):
        labels = np.array(made[f"{channel}_fault"].to_pylist())
        same = pc.fill_null(pc.equal(made[channel], clean[channel]), False).to_numpy(zero_copy_only=False)
        assert (labels[~same] != "none").all()
        assert same.mean() > 0.8
        dropout = np.array(["dropout" in label for label in labels])
        assert np.array_equal(made[channel].is_null().to_numpy(zero_copy_only=False), dropout)


def test_labels_in_other_forms() -> None:
    said = ask(
        spoil("samples"),
        listed={"type": "fault", "channel": "co2", "form": "list"},
        any={"type": "fault", "form": "any"},
        healthy={"type": "fault", "channel": "co2", "healthy": "fine"},
        bad="= any and co2_fault != 'none'",
    )
    made = make(said, range(2))["readings"]
    words = made["co2_fault"].to_pylist()
    assert made["listed"].to_pylist() == [[] if w == "none" else w.split("+") for w in words]
    assert made["healthy"].to_pylist() == ["fine" if w == "none" else w for w in words]
    either = [
        any(label != "none" for label in labels)
        for labels in zip(words, *(made[f"{c}_fault"].to_pylist() for c in ("temperature", "humidity")), strict=True)
    ]
    assert made["any"].to_pylist() == either
    assert made["bad"].to_pylist() == [w != "none" for w in words]


def test_deliveries_are_the_samples_that_arrived_in_the_order_of_arrival() -> None:
    told = {
        "lost": {"type": "delivery", "part": "lost"},
        "twice": {"type": "delivery", "part": "duplicate"},
        "bad": {"type": "delivery", "part": "bad_link"},
        "exact": {"type": "sample_time", "clock": "exact"},
    }
    samples = make(ask(change(IOT, rows="samples"), **told), range(6))["readings"]
    sent = make(ask(change(IOT, rows="deliveries"), **told), range(6))["readings"]
    lost, twice = numbers(samples, "lost"), numbers(samples, "twice")
    assert sent.num_rows == (~lost).sum() + twice.sum()
    assert not (lost & twice).any()
    assert samples["arrived"].is_null().to_numpy(zero_copy_only=False).tolist() == lost.tolist()
    again = numbers(sent, "twice")
    assert again.sum() == twice.sum()
    arrived, unit = numbers(sent, "arrived"), numbers(sent, UNIT)
    assert (np.diff(arrived)[unit[1:] == unit[:-1]] >= 0).all()
    assert (np.diff(numbers(sent, "number"))[unit[1:] == unit[:-1]] < 0).any()
    first = sent.filter(pa.array(~again)).sort_by([(UNIT, "ascending"), ("number", "ascending")])
    kept = samples.filter(pa.array(~lost))
    for name in ("number", "temperature", "humidity", "co2", "volts", "time", "exact", "arrived", "co2_fault", "bad"):
        assert first[name].equals(kept[name]), name
    delay = numbers(first, "arrived") - numbers(first, "exact")
    assert delay.min() >= 150_000
    # 1 % are held up by an hour on average; outages take 1 % of the time, and .2 % of the rest are lost.
    assert 0.004 < (delay > 60_000_000).mean() < 0.02
    assert numbers(samples, "bad")[lost].mean() > 0.5
    assert numbers(samples, "lost")[numbers(samples, "bad")].all()


def test_clocks_run_away_and_are_set() -> None:
    made = make(
        ask(
            change(IOT, network={"clock": {"skew": 50, "set_every": "1d"}}),
            exact={"type": "sample_time", "clock": "exact"},
        )
    )
    rows = made["readings"]
    off = numbers(rows, "time") - numbers(rows, "exact")
    assert 1_000_000 < np.abs(off).max() < 6 * 50e-6 * 86_400e6
    per_device = [np.abs(off[numbers(rows, UNIT) == unit]).min() for unit in range(4)]
    assert max(per_device) < 100_000  # every clock is right again when it has been set


def test_a_battery_ends() -> None:
    said = change(IOT, battery={"capacity": 100, "each": 0.05, "idle": 0.0, "knee": 0.2, "slower": 4}, rows="samples")
    said = ask(change(said, number=5000, stop=None), charge={"type": "battery", "part": "charge"})
    rows = make(said, range(3))["readings"]
    exact, unit = numbers(rows, "time"), numbers(rows, UNIT)
    count = np.bincount(unit.astype(int))
    assert len(set(count.tolist())) == 1
    assert 1998 <= count[0] <= 2001  # 100 mAh, .05 each, cut to whole samples above and below the knee
    steps = np.diff(exact)[unit[1:] == unit[:-1]].reshape(3, -1) / (600 * 1e6)
    assert np.allclose(steps[:, :1500], 1, atol=0.01)
    assert np.allclose(steps[:, 1700:], 4, atol=0.01)
    assert numbers(rows, "charge").min() == pytest.approx(0, abs=0.001)
    assert (np.diff(numbers(rows, "volts"))[unit[1:] == unit[:-1]] <= 0).all()
    again = change(said, battery={"capacity": 100, "each": 0.05, "replaced": True})
    assert (np.bincount(numbers(make(again, range(3))["readings"], UNIT).astype(int)) == 5000).all()


def test_readings_carry_their_unit() -> None:
    plan = compile_part(RecordsPart.model_validate(IOT))
    schema = plan.schemas["readings"]
    assert [unit_of(schema.field(n)) for n in ("temperature", "true_temperature", "humidity", "co2", "volts", "time")] == [
        "Cel", "Cel", "%RH", "ppm", "V", "",
    ]  # fmt: skip


def test_true_values_and_volts_are_rounded_as_asked() -> None:
    said = ask(IOT, exact={"type": "true_value", "channel": "temperature"}, one={"type": "battery", "decimals": 1})
    rows = make(said, range(2))["readings"]
    exact, kept = numbers(rows, "exact"), numbers(rows, "true_temperature")
    assert np.array_equal(np.round(exact, 3), kept)
    assert not np.array_equal(exact, kept)
    assert (
        set(np.round(numbers(rows, "volts"), 1))
        >= set(numbers(rows, "one"))
        == {float(f"{v:.1f}") for v in numbers(rows, "one")}
    )


def test_a_week_of_use_is_seen() -> None:
    said = change(SMALL, zone="Asia/Tokyo", start="2024-01-01", number=24 * 7 * 20, stop=None)
    said = change(said, channels__a={"week": {"hours": [0] * 9 + [5] * 9 + [0] * 6, "weekend": [1] * 24}})
    made = make(said, range(1))["readings"]
    local = made["time"].to_pylist()
    values = numbers(made, "true_a")
    by = {(t.weekday(), t.hour): v for t, v in zip(local, values, strict=True)}
    # Straight lines run from the middle of an hour to that of the next, so on the hour two of them meet.
    assert by[1, 12] == pytest.approx(5)
    assert by[1, 9] == pytest.approx(2.5)
    assert by[1, 3] == pytest.approx(0)
    assert by[6, 12] == pytest.approx(1)


def test_a_day_peaks_in_local_time() -> None:
    said = change(SMALL, zone="America/New_York", start="2024-01-01", number=240, stop=None)
    made = make(change(said, channels__a={"cycles": [{"period": "day", "amplitude": 3, "peak": "15h"}]}), range(1))[
        "readings"
    ]
    best = np.array([t.hour for t in made["time"].to_pylist()])[numbers(made, "true_a") > 2.999]
    assert set(best.tolist()) == {15}


BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("SD-RECORDS-050", "stream.zone", {"zone": "Mars/Olympus"}),
    ("SD-RECORDS-050", "stream.stop", {"start": "2024-01-10", "stop": "2024-01-10"}),
    ("SD-RECORDS-050", "stream.number", {"number": -1, "stop": None}),
    ("SD-RECORDS-050", "stream.channels.a.noise.0", {"channels__a": {"noise": [{"sd": 1, "memory": 1.5}]}}),
    ("SD-RECORDS-050", "stream.channels.a.noise.1", {"channels__a": {"noise": [{"sd": 1}, {"sd": 1, "memory": [1.9, 0.5]}]}}),
    ("SD-RECORDS-050", "stream.channels.a.noise.0.memory", {"channels__a": {"noise": [{"sd": 1, "memory": {"1h": 0.1, "2h": 0.9}}]}}),
    ("SD-RECORDS-050", "stream.channels.a.noise.0.memory", {"channels__a": {"noise": [{"sd": 1, "memory": {"1h": 2}}]}}),
    ("SD-RECORDS-050", "stream.channels.a.events.0", {"channels__a": {"events": [{"per_day": 100, "hours": 1, "size": 1}]}}),
    ("SD-RECORDS-050", "stream.channels.a.events.0.hours", {"channels__a": {"events": [{"per_day": 1, "hours": {"type": "exponential", "mean": -1}, "size": 1}]}}),
    ("SD-RECORDS-050", "stream.channels.a.events.0.size", {"channels__a": {"events": [{"per_day": 1, "hours": 1, "size": {"type": "normal", "mean": "height", "sd": 1}}]}}),
    ("SD-RECORDS-050", "stream.channels.a", {"channels__a": {"low": 5, "high": 2}}),
    ("SD-RECORDS-050", "stream.channels.a.sensor", {"channels__a": {"sensor": {"low": 5, "high": 2}}}),
    ("SD-RECORDS-050", "stream.channels.a.faults.bias", {"channels__a": {"faults": {"bias": {"share": 0.1}}}}),
    ("SD-RECORDS-050", "stream.channels.a.faults.drift", {"channels__a": {"faults": {"drift": {"share": 0.1, "size": 0}}}}),
    ("SD-RECORDS-050", "stream.channels", {"channels__a": {"follows": {"b": 1}}, "channels__b": {"follows": {"a": 1}}}),
    ("SD-RECORDS-050", "stream.battery", {"battery": {"curve": {0.1: 2, 1: 3}}}),
    ("SD-RECORDS-050", "stream.network", {"network": {"outages": {"share": 0.5, "lasts": "9000y"}}}),
    ("SD-RECORDS-051", "stream.channels.a", {"channels__a": {"follows": {"nothing": 1}}}),
    ("SD-RECORDS-052", "stream", {"number": 10**8, "stop": None}),
    ("SD-RECORDS-052", "stream", {"start": "2020-01-01", "stop": "2024-01-01", "every": "1s"}),
    ("SD-RECORDS-052", "stream", {"number": 100_000, "stop": None, "every": "1y", "start": "2020-01-01"}),
    ("SD-RECORDS-008", "stream.start", {"start": "height"}),
    ("SD-RECORDS-008", "stream.number", {"number": "since", "stop": None}),
    ("SD-EXPR-010", "stream.stop", {"stop": "nothing"}),
    ("SD-EXPR-010", "stream.channels.a.level", {"channels__a": {"level": "nothing + 1"}}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "stream"), BAD)
def test_faults_are_told_with_their_place(code: str, place: str, stream: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as caught:
        compile_part(RecordsPart.model_validate(change(SMALL, **stream)), "parts.p")
    told = [(p.code, p.where.partition(", characters")[0]) for p in caught.value.problems]
    assert told == [(code, f"parts.p.tables.readings.{place}")]


BAD_FIELDS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("SD-RECORDS-051", "readings", ".channel", {"type": "reading", "channel": "b"}),
    ("SD-RECORDS-051", "readings", ".channel", {"type": "fault", "channel": "b"}),
    ("SD-RECORDS-051", "readings", "", {"type": "battery"}),
    ("SD-RECORDS-051", "readings", "", {"type": "planted", "part": "kind"}),
    ("SD-RECORDS-051", "devices", "", {"type": "sample_time"}),
]


@pytest.mark.parametrize(("code", "table", "place", "field"), BAD_FIELDS)
def test_fields_without_their_stream_are_told(code: str, table: str, place: str, field: dict[str, Any]) -> None:
    said = copy.deepcopy(SMALL)
    said["tables"][table]["fields"]["x"] = field
    with pytest.raises(RequestError) as caught:
        compile_part(RecordsPart.model_validate(said), "parts.p")
    assert [(p.code, p.where) for p in caught.value.problems] == [(code, f"parts.p.tables.{table}.fields.x{place}")]


@pytest.mark.parametrize("of", ["devices", "redings", "faults"])
def test_faults_of_what_is_no_stream(of: str) -> None:
    said = copy.deepcopy(SMALL)
    said["tables"]["faults"] = {
        "parent": "devices",
        "faults_of": of,
        "fields": {"kind": {"type": "planted", "part": "kind"}},
    }
    with pytest.raises(RequestError) as caught:
        compile_part(RecordsPart.model_validate(said), "parts.p")
    codes = {p.code for p in caught.value.problems}
    assert codes == {"SD-RECORDS-002"} if of == "faults" else codes == {"SD-RECORDS-053"}
    if of == "redings":
        assert "readings" in caught.value.problems[0].fix


def test_all_faults_are_told_at_once() -> None:
    said = ask(
        change(SMALL, start="height", channels__a={"low": 5, "high": 2, "faults": {"bias": {"share": 0.1}}}),
        b={"type": "reading", "channel": "b"},
        volts={"type": "battery"},
    )
    with pytest.raises(RequestError) as caught:
        compile_part(RecordsPart.model_validate(said), "parts.p")
    assert len(caught.value.problems) == 5


def test_what_only_rows_can_show_is_told_when_they_are_made() -> None:
    with pytest.raises(RequestError, match="SD-RECORDS-052"):
        make(change(SMALL, every="1s", start="add_days(since, -3000)"))
    with pytest.raises(RequestError, match="SD-RECORDS-052"):
        make(change(SMALL, number="2000000000 * 5", stop=None))


@pytest.mark.parametrize(
    "stream",
    [
        {"every": "10 parsecs"},
        {"every": "0s"},
        {"stop": None},
        {"number": 5},
        {"channels": {}},
        {"channels__a": {"noise": [{"sd": 1, "walk": 1}]}},
        {"channels__a": {"noise": [{}]}},
        {"channels__a": {"week": {"hours": [1, 2]}}},
        {"channels__a": {"week": {"hours": [1] * 168, "weekend": [1] * 24}}},
        {"channels__a": {"faults": {"melted": {"share": 0.1}}}},
        {"channels__a": {"faults": {"stuck": {"share": 1.0}}}},
        {"network": {"outages": {"share": 0, "lasts": "1h"}}},
    ],
)
def test_a_recipe_of_another_form_is_refused(stream: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"tables\.readings\.stream"):
        RecordsPart.model_validate(change(SMALL, **stream))


def test_a_table_has_one_kind_of_rows() -> None:
    said = copy.deepcopy(SMALL)
    said["tables"]["readings"]["count"] = {"type": "poisson", "mean": 1}
    with pytest.raises(ValueError, match="stream"):
        RecordsPart.model_validate(said)
    said = copy.deepcopy(SMALL)
    del said["tables"]["readings"]["parent"]
    del said["tables"]["devices"]["fields"]["rows"]
    said["tables"]["devices"]["parent"] = "readings"
    with pytest.raises(ValueError, match="stream"):
        RecordsPart.model_validate(said)


def test_a_shard_holds_fewer_units_where_devices_take_many_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, part = RecordsSynthesizer(), RecordsPart.model_validate({**IOT, "units": 12})
    model = maker.prepare(part, None, Key.root(1), tmp_path).value
    most = maker.most_units(part, model)
    assert most is not None
    rows = make(IOT, range(64))["readings"].num_rows / 64
    assert 0.5 < most * rows / _sizes.ROWS < 1  # counted as if no battery ended and no message was lost
    assert maker.most_units(RecordsPart.model_validate(change(SMALL, number=10**7, stop=None, every="1s")), model) == 1
    flat = RecordsPart.model_validate(
        {"units": 1, "tables": {"devices": SMALL["tables"]["devices"] | {"fields": {"a": 1}}}}
    )
    assert maker.most_units(flat, model) is None
    made = []
    for name, limit in (("whole", 10**6), ("cut", 30_000)):
        monkeypatch.setattr(_sizes, "ROWS", limit)
        recipe = Recipe.model_validate({"name": "fleet", "parts": {"fleet": part}, "evidence": {"level": "none"}})
        bundle = make_bundle(recipe, str(tmp_path / name), MakeOptions())
        made.append(pa.Table.from_batches(bundle.scan("fleet", "readings"), bundle.schema("fleet", "readings")))
        assert len(list((tmp_path / name / "data/fleet/readings").iterdir())) == (1 if name == "whole" else 3)
    assert made[0].equals(made[1])


def test_stations_that_all_units_share_have_streams_too(tmp_path: Path) -> None:
    said = {
        "units": 2,
        "tables": {
            "people": {"fields": {"n": {"type": "sequence"}}},
            "devices": {
                "rows": 3,
                "fields": {"device": {"type": "sequence"}, "height": {"type": "uniform", "low": 0, "high": 3000}},
            },
            "readings": change(SMALL, start="2024-01-01", number=48, stop=None, channels__a__faults={
                "bias": {"share": 0.3, "hours": 3, "size": 5}
            })["tables"]["readings"],
            "faults": {"parent": "devices", "faults_of": "readings", "fields": {"rows": {"type": "planted", "part": "rows"}}},
        },
    }  # fmt: skip
    maker, part = RecordsSynthesizer(), RecordsPart.model_validate(said)
    made = maker.standing(part, maker.prepare(part, None, Key.root(1), tmp_path).value)
    assert made["readings"].num_rows == 3 * 48
    assert 0 < pc.sum(made["faults"]["rows"]).as_py() < 3 * 48
