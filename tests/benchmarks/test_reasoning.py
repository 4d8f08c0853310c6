"""The benchmark of reasoning problems: what is counted, and how bars follow from what was stored."""

from __future__ import annotations

import importlib

import pytest

from sundog.lib.reasoning.checker.fault import Fault

reasoning = importlib.import_module("reasoning")
results = importlib.import_module("results")


def test_a_family_is_made_verified_and_made_wrong():
    one = reasoning.measure_family("sums", a_level=10, wrong_a_level=2)
    assert one["problems"] == 100
    assert one["steps"] > 100
    assert (one["faults"], one["twice"], one["missed"]) == (0, 0, {})
    assert len(one["tried"]) > 8
    assert one["made_s"] + one["verified_s"] > 0


def test_a_checker_that_finds_nothing_misses_all(monkeypatch):
    monkeypatch.setattr(reasoning, "check_problem", lambda *_: ())
    one = reasoning.measure_family("sums", a_level=1, wrong_a_level=2)
    assert one["missed"] == one["tried"]
    monkeypatch.setattr(reasoning, "check_problem", lambda *_: (Fault(0, "is wrong"),))
    assert reasoning.measure_family("sums", a_level=1, wrong_a_level=2)["faults"] == 10


def test_questions_are_the_same_but_for_case_blanks_and_stars():
    assert reasoning.hash_question("What is  2 * 3?") == reasoning.hash_question("what is 2 × 3?\n")
    assert reasoning.hash_question("What is 2 × 3?") != reasoning.hash_question("What is 2 × 4?")


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        ({}, [True] * 5),
        ({"faults": 1}, [True, True, False, True, True]),
        ({"twice": 20}, [True, True, True, False, True]),
        ({"missed": {"the answer": 1}}, [True, True, True, True, False]),
        ({"made_s": 4.0}, [True, False, True, True, True]),
    ],
)
def test_bars_follow_from_what_was_stored(tmp_path, monkeypatch, changed, reached):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    one = {
        "topic": "numbers", "problems": 20_000, "steps": 60_000, "faults": 0, "twice": 19, "made_s": 1.0, "verified_s": 1.0,
        "tried": {"the answer": 20}, "missed": {},
    }  # fmt: skip
    reasoning.write_sheet({f"family {i}": one | changed for i in range(50)})
    sheet = next(s for s in results.load_sheets() if s.name == "reasoning")
    assert [b.verdict for b in sheet.bars] == [results.say_reached(r) for r in reached]
    assert len(sheet.rows) == 50
