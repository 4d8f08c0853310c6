"""The benchmark of the attack battery: leaks are planted as said, and bars are read off what was stored."""

from __future__ import annotations

import importlib
import json

import pyarrow as pa
import pytest

from sundog.core.keys import Key

battery = importlib.import_module("battery")
results = importlib.import_module("results")


def test_as_many_rows_are_planted_as_said():
    train, fresh = battery.make_people(400, Key.root(1)), battery.make_people(400, Key.root(2))
    made = battery.plant(fresh, train, 0.25, Key.root(3))
    rows = {tuple(r.values()) for r in train.to_pylist()}
    assert made.num_rows == 400
    assert sum(tuple(r.values()) in rows for r in made.to_pylist()) == 100


def test_whole_numbers_by_chance_are_joined_with_decimals():
    train, made = pa.table({"a": [1.5, 2.5]}), pa.table({"a": [1, 2]})
    assert battery.plant(made, train, 0.5, Key.root(1)).schema == train.schema


@pytest.mark.parametrize(
    ("name", "truth"),
    [("linkability", 0.2), ("singling out", 0.18), ("membership, AUC", 0.6), ("membership, found at 1%", 0.208)],
)
def test_what_was_planted_is_said_in_the_unit_of_the_measure(name, truth):
    assert battery.truth_of(name, 0.2, 0.9) == pytest.approx(truth)


def test_stored_entries_are_json():
    found = {"a": {"b": [1, 2]}, "c": {}}
    assert json.loads(battery._lay_out(found)) == found


def test_bars_follow_from_what_was_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)

    def finding(check: str, value: float, verdict: str, withholds: bool = True) -> dict:
        return {"check": check, "subject": "s", "value": value, "interval": [value, value], "verdict": verdict, "withholds": withholds}  # fmt: skip

    def findings(verdict: str) -> dict:
        names = (
            "singling_out",
            "linkability",
            "inference",
            "membership_ensemble",
            "membership_outliers",
            "membership_tpr",
        )
        return {"cost": {"x": 50.0}, "findings": [finding(f"privacy.{n}", 0.5, verdict) for n in names]}

    battery._write_flags({"adult: `trees`": findings("pass")}, {"adult: a leak": findings("fail")})
    sheet = next(s for s in results.load_sheets() if s.name == "battery")
    assert [b.verdict for b in sheet.bars] == ["yes", "yes", "yes"]
    battery._write_flags({"adult: `trees`": findings("fail")}, {"adult: a leak": findings("pass")})
    sheet = next(s for s in results.load_sheets() if s.name == "battery")
    assert [b.verdict for b in sheet.bars] == ["yes", "**no**", "**no**"]
