"""Problems by rule go down the road and are verified; chains of a model are kept where answer and steps are right, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.bundle import open_files
from sundog.core.errors import Exhausted
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.core.recipe import Recipe
from sundog.kinds.text._problems import shuffle_deck
from sundog.kinds.text._reasoning import read_chain
from sundog.kinds.text.checks_steps import StepsHold
from sundog.kinds.text.extension import EXTENSION, STEPS
from sundog.kinds.text.recipe import StepsCheck, TextPart
from sundog.kinds.text.synthesize import TextSynthesizer
from sundog.testing import Example, check_extension
from sundog.testing.evidence import MemoryEvidence

KEY = Key.root(8)


def part_of(units: int = 40, **more: Any) -> TextPart:
    return TextPart.model_validate({"kind": "text", "units": units, "task": {"type": "reasoning", **more}})


def make_rows(part: TextPart, units: range, tmp_path: Path) -> pa.Table:
    maker = TextSynthesizer()
    model = maker.prepare(part, None, KEY, tmp_path).value
    with maker.open(model) as sampler:
        batch = sampler.sample(Shard("p", 0, units, KEY), {}).value["items"]
    return pa.Table.from_batches([batch])


def evidence_of(part: TextPart, rows: pa.Table, level: str = "full") -> MemoryEvidence:
    recipe = Recipe.model_validate({"name": "t", "parts": {"p": part}})
    return MemoryEvidence(recipe, part, "p", level, {"items": rows.drop_columns(["_unit"])})


CORE_ALONE = """
import json, sys
for name in ("aiohttp", "xllamacpp", "jsonschema", "py3langid", "sympy", "math_verify"):
    sys.modules[name] = None
from sundog.core.recipe import Recipe
from sundog.run.make import MakeOptions, make_bundle
part = {"kind": "text", "units": 60, "task": "reasoning"}
recipe = Recipe.model_validate({"name": "t", "parts": {"p": part}, "evidence": {"level": "full"}})
make_bundle(recipe, sys.argv[1], MakeOptions(workers=1))
"""


def test_problems_by_rule_need_no_model_and_no_extra(tmp_path: Path) -> None:
    out = tmp_path / "out"
    subprocess.run([sys.executable, "-c", CORE_ALONE, str(out)], check=True, timeout=300)
    report = json.loads((out / "report.json").read_text())
    found = {f["check"]: f for half in ("public", "private") for f in report[half]["findings"]}
    assert found["verification.steps"]["verdict"] == "pass"
    assert found["verification.chains"]["value"] == 60
    bundle = open_files(str(out))
    rows = pa.Table.from_batches(bundle.scan("p", "items"), bundle.schema("p", "items")).to_pylist()
    assert len({r["family"] for r in rows}) > 20
    assert all(r["messages"][-1]["role"] == "assistant" and r["steps"] and r["answer"] for r in rows)
    assert len({r["question"] for r in rows}) == 60


def test_families_and_levels_are_dealt_evenly(tmp_path: Path) -> None:
    part = part_of(families=["sums", "gcd"], levels=[1, 9])
    rows = make_rows(part, range(40), tmp_path).to_pylist()
    assert Counter((r["family"], r["level"]) for r in rows) == {(f, n): 10 for f in ("sums", "gcd") for n in (1, 9)}
    deck = shuffle_deck((), (1, 2), KEY)
    assert len(deck) == len(set(deck))
    assert deck != shuffle_deck((), (1, 2), Key.root(9))


def test_unknown_families_and_dials_are_told() -> None:
    part = part_of(families=["sum"], dials={"sums": {"terms": 3}, "gcd": {"nothing": 1}})
    found = {f"{p.code} {p.where}" for p in TextSynthesizer().find_faults(part, "parts.p")}
    assert {"SD-REASONING-001 parts.p.task.families[0]", "SD-REASONING-003 parts.p.task.dials.gcd.nothing"} <= found
    part = part_of(families=["gcd"], dials={"sums": {}})
    assert [p.code for p in TextSynthesizer().find_faults(part, "parts.p")] == ["SD-TEXT-008"]


def test_the_kind_conforms_with_problems_by_rule() -> None:
    assert check_extension(EXTENSION, Example(part=part_of(30)))


def test_a_step_that_is_false_is_found(tmp_path: Path) -> None:
    part = part_of(families=["sums"], levels=[4])
    rows = make_rows(part, range(12), tmp_path)
    spec = StepsCheck()
    verdicts = {f.check: (f.verdict, f.value) for f in StepsHold().run(spec, evidence_of(part, rows), KEY).findings}
    assert verdicts == {"verification.steps": ("pass", 0)}
    broken = rows.to_pylist()
    broken[3]["steps"][0] = broken[3]["steps"][0] + " = 999983"
    bad = pa.Table.from_pylist(broken, rows.schema)
    evidence = evidence_of(part, bad)
    verdicts = {f.check: (f.verdict, f.value) for f in StepsHold().run(spec, evidence, KEY).findings}
    assert verdicts == {"verification.steps": ("fail", 1)}
    seen, rejects = StepsHold().open(spec, part, None).observe(range(12), {"items": bad.to_batches()[0]})
    assert seen.chains == 11
    assert [(r.unit, r.reason) for r in rejects] == [(3, "chain")]
    check_extension(STEPS, Example(check=spec, evidence=evidence))


RIGHT = "2 + 3 = 5\nThen 5 + 4 = 9\nAnswer: 9"


def make_chains(
    make: Callable[..., Any], write_csv: Callable[..., str], text: str, hinted: str = "", seed: int = 1, **more: Any
) -> Any:
    rows = [{"question": f"Add 2, 3 and 4, please ({i}).", "answer": "9"} for i in range(2)]
    answers = [{"when": "The answer is 9", "text": hinted}] if hinted else []
    program = {"answers": [*answers, {"when": "Solve the problem", "text": text}]}
    task = {"type": "reasoning", "way": "model", "question": "question", "answer": "answer", "samples": 3, **more}
    return make(
        task, units=2, seed=seed, source={"path": write_csv(rows), "holdout_share": 0.0}, program=program, attempts=2
    )


def test_a_right_chain_is_kept(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    made = make_chains(make, write_csv, RIGHT, majority=0.6)
    for row in made.rows():
        assert row["steps"] == ["2 + 3 = 5", "Then 5 + 4 = 9"]
        assert (row["answer"], row["agreement"], row["hinted"], row["family"]) == ("9", 1.0, False, "own")
        assert row["messages"][-1]["content"].endswith("Answer: 9")
    assert made.findings()["verification.steps/chains of reasoning"]["verdict"] == "pass"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2 + 3 = 6\n6 + 4 = 10\nAnswer: 10", "wrong_answer"),
        ("2 + 3 = 6\n5 + 4 = 9\nAnswer: 9", "wrong_step"),
        ("I simply know it.\nAnswer: 9", "wrong_step"),
        ("It is nine, I say.", "malformed"),
    ],
)
def test_a_wrong_chain_is_rejected(
    make: Callable[..., Any], write_csv: Callable[..., str], text: str, reason: str
) -> None:
    with pytest.raises(Exhausted, match=reason):
        make_chains(make, write_csv, text)


def test_the_answer_as_a_hint(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    wrong = "2 + 3 = 6\n6 + 4 = 10\nAnswer: 10"
    made = make_chains(make, write_csv, wrong, hinted=RIGHT, hint=True)
    assert {(r["hinted"], r["agreement"]) for r in made.rows()} == {(True, 0.0)}
    with pytest.raises(Exhausted, match="wrong_answer"):
        make_chains(make, write_csv, wrong, hinted=wrong, hint=True, seed=2)


def test_chains_are_taken_apart() -> None:
    found = read_chain("1. 2 + 3 = 5\n\n**Answer:** 5.", "q", "5", "own")
    assert found is not None
    assert (found.steps, found.answer) == (("1. 2 + 3 = 5",), "5")
    assert read_chain("Answer: 5", "q", "5", "own") is None
    assert read_chain("2 + 3 = 5", "q", "5", "own") is None


def test_problems_by_rule_for_a_model(make: Callable[..., Any]) -> None:
    with pytest.raises(Exhausted, match=r"malformed|wrong_answer"):
        make(
            {"type": "reasoning", "way": "model", "families": ["sums"], "levels": [1], "samples": 1},
            units=2,
            attempts=2,
        )
