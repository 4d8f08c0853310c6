"""The demonstrations of distillation: their problems are what they say, stored runs come back, and pages follow from what is stored."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from sundog.core.keys import Key

reasoning = importlib.import_module("distill_reasoning")
model = importlib.import_module("distill_model")


def test_bands_are_as_long_as_they_say_and_tests_teach_nobody():
    problems = reasoning.make_lesson_problems(200, Key.root(1))
    assert max(len(p.steps) for p in problems) <= 5
    assert not any(s in p.question for p in problems for s in "×*")
    assert len({p.question for p in problems}) == len(problems)
    tests = reasoning.make_tests(20, {p.question for p in problems})
    assert all(len(t) == 20 for t in tests.values())
    assert min(len(p.steps) for name, t in tests.items() if name.endswith("harder") for p in t) >= 6
    assert not {p.question for p in problems} & {p.question for t in tests.values() for p in t}


def test_answers_alone_are_the_last_lines_of_chains():
    problems = reasoning.make_lesson_problems(20, Key.root(1))
    chains, answers = reasoning.teach_chains(problems), reasoning.teach_answers(problems)
    assert [c.splitlines()[-1] for c in chains.answers] == list(answers.answers)


def test_a_stored_run_is_not_made_again(tmp_path: Path):
    store = reasoning.open_store(tmp_path / "runs.json")
    store.recall("a", lambda: {"right": {"x": [1]}})
    again = reasoning.open_store(tmp_path / "runs.json")
    assert again.recall("a", lambda: pytest.fail("it is stored"))["right"] == {"x": [1]}


def test_texts_of_a_model_are_kept_once_and_only_when_the_second_question_agrees(tmp_path: Path):
    long = "The Rangers won, 4 to 3, and nobody in the arena could believe it."
    rows = [
        {"topic": "hockey", "text": long, "judged": "hockey", "cpu_s": 1},
        {"topic": "hockey", "text": long, "judged": "hockey", "cpu_s": 1},
        {"topic": "space", "text": f"Then {long}", "judged": "hockey", "cpu_s": 1},
        {"topic": "space", "text": "Too short.", "judged": "space", "cpu_s": 1},
    ]
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    kept = model.keep_verified(path)
    assert kept.prompts == ("the rangers won to and nobody in the arena could believe it",)
    assert kept.answers == ("hockey",)


def test_what_is_stored_of_the_labelled_texts_agrees_with_itself(root: Path):
    stored = json.loads((root / "benchmarks" / "results" / "distill-labelled" / "distill.json").read_text())
    run = json.loads((root / "benchmarks" / "results" / "distill-labelled" / "runs" / "made-0.json").read_text())
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(run["right"]), dtype=np.uint8))[: run["asked"]]
    assert bits.mean() == pytest.approx(stored["made"]["score"]["value"])
    assert stored["tested"] == run["asked"]
