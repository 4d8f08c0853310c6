"""Questions to the finished texts: duplicates that are left, variety, acceptance with samples; each on a leak, on noise, on real texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.kinds.text.checks_acceptance import TextAcceptance, spell
from sundog.kinds.text.checks_diversity import TextDiversity
from sundog.kinds.text.checks_duplicates import TextDuplicates
from sundog.kinds.text.cost_remark import Cost, add_costs, write_cost
from sundog.kinds.text.recipe_accept import DuplicatesSpec
from sundog.kinds.text.recipe_checks import TextAcceptanceCheck, TextDiversityCheck, TextDuplicatesCheck
from sundog.lib.texts.diversity import (
    choose_length,
    count_topics,
    cut_texts,
    find_topics,
    measure_dispersion,
    measure_evenness,
    measure_vendi,
    measure_wording,
)
from sundog.lib.texts.shapes import messages_field, text_field

KEY = Key.root(0)


def verdicts(answer: Any) -> dict[str, str]:
    return {f.check: f.verdict for f in answer.findings}


def test_duplicates_that_are_left_withhold(evident: Any, written: Any) -> None:
    texts = written(60, 1)
    leak = [*texts, texts[3].upper(), f"{texts[7]} indeed"]
    answer = TextDuplicates().run(TextDuplicatesCheck(), evident(leak, rejects={"duplicate": 4}), KEY)
    exact, near = answer.findings
    assert (exact.check, exact.value, exact.verdict, exact.withholds) == ("validity.duplicate", 1 / 62, "fail", True)
    assert "4 units were rejected" in exact.why
    assert (near.check, near.value, near.verdict) == ("validity.near_duplicate", 1 / 62, "fail")
    rows = answer.exhibits[0].drawing.rows  # type: ignore[union-attr]
    assert rows[0] == (texts[3].upper(), texts[3], "duplicate")
    assert rows[1] == (f"{texts[7]} indeed", texts[7], "near duplicate")


def test_texts_without_duplicates_pass(evident: Any, written: Any) -> None:
    draw = Key.root(9).generator()
    noise = [" ".join(f"w{i}" for i in draw.integers(0, 10**6, 20)) for _ in range(60)]
    for texts in (written(60, 1), noise):
        answer = TextDuplicates().run(TextDuplicatesCheck(), evident(texts), KEY)
        assert verdicts(answer) == {"validity.duplicate": "pass", "validity.near_duplicate": "pass"}
        assert answer.exhibits == ()


def test_rules_of_the_part_say_what_is_a_duplicate(parted: Any, evident: Any) -> None:
    sums = [
        f"A train covers {n} miles in three hours at an even pace; how fast does it go on average?" for n in (120, 150)
    ]
    for said, wanted in (
        (DuplicatesSpec(), {"validity.duplicate": "pass", "validity.near_duplicate": "fail"}),
        (DuplicatesSpec(numbers=True), {"validity.duplicate": "pass", "validity.near_duplicate": "pass"}),
        (DuplicatesSpec(near=0), {"validity.duplicate": "pass"}),
        (DuplicatesSpec(exact=False, near=0), {}),
    ):
        part = parted(units=1, duplicates=said)
        assert verdicts(TextDuplicates().run(TextDuplicatesCheck(), evident(sums, part), KEY)) == wanted


def test_meaning_needs_weights(parted: Any, evident: Any, written: Any) -> None:
    part = parted(units=1, duplicates=DuplicatesSpec(semantic=0.95))
    answer = TextDuplicates().run(TextDuplicatesCheck(), evident(written(9, 1), part), KEY)
    assert verdicts(answer)["validity.same_meaning"] == "skipped"
    assert answer.findings[-1].withholds


@pytest.mark.usefixtures("embedder")
def test_texts_that_mean_the_same(parted: Any, evident: Any) -> None:
    """The table of word pieces knows no order of words."""
    part = parted(units=1, duplicates=DuplicatesSpec(exact=False, near=0, semantic=0.999))
    for texts, verdict in ((["the cat sat un dog", "dog un the cat sat"], "fail"), (["the cat", "zz 9"], "pass")):
        answer = TextDuplicates().run(TextDuplicatesCheck(), evident(texts, part), KEY)
        assert verdicts(answer) == {"validity.same_meaning": verdict}


def test_variety_of_words_beside_real_texts(evident: Any, written: Any) -> None:
    train, holdout = written(300, 1), written(300, 2)
    check = TextDiversity()
    spec = TextDiversityCheck()
    real = verdicts(check.run(spec, evident(written(300, 3), train=train, holdout=holdout), KEY))
    assert {v for c, v in real.items() if c != "coverage.text_vendi"} == {"pass"}
    few = written(15, 4)
    collapsed = check.run(spec, evident(few * 20, train=train, holdout=holdout), KEY)
    assert {v for c, v in verdicts(collapsed).items() if c != "coverage.text_vendi"} == {"warn"}
    draw = Key.root(9).generator()
    noise = [" ".join(f"w{i}" for i in draw.integers(0, 10**6, 52)) for _ in range(300)]
    varied = {f.check: f for f in check.run(spec, evident(noise, train=train, holdout=holdout), KEY).findings}
    assert varied["coverage.text_distinct"].verdict == "pass"
    assert varied["coverage.text_distinct"].value > varied["coverage.text_distinct"].baseline
    assert varied["coverage.text_compression"].baseline_is == "fresh real texts (the holdout)"


def test_longer_texts_are_cut_before_they_are_compared(evident: Any, written: Any) -> None:
    """The same texts, five times as long, would compress better and have fewer different words."""
    train, holdout = written(300, 1), written(300, 2)
    pieces = [" ".join(t.split()[12:]) for t in written(1_500, 3)]
    long = [f"{text} {' '.join(pieces[i::300])}" for i, text in enumerate(written(300, 3))]
    said = verdicts(TextDiversity().run(TextDiversityCheck(), evident(long, train=train, holdout=holdout), KEY))
    assert {v for c, v in said.items() if c != "coverage.text_vendi"} == {"pass"}


def test_variety_without_real_texts_is_shown_only(evident: Any, written: Any, tmp_path: Path) -> None:
    alone = TextDiversity().run(TextDiversityCheck(), evident(written(100, 1)), KEY)
    assert {v for c, v in verdicts(alone).items() if c != "coverage.text_vendi"} == {"info"}
    assert verdicts(alone)["coverage.text_vendi"] == "skipped"
    (tmp_path / "reference.txt").write_text("\n".join(written(400, 2)))
    spec = TextDiversityCheck(reference=str(tmp_path / "reference.txt"))
    beside = TextDiversity().run(spec, evident(written(8, 1) * 40), KEY)
    assert verdicts(beside)["coverage.text_compression"] == "warn"
    (few,) = TextDiversity().run(TextDiversityCheck(), evident(written(9, 1)), KEY).findings
    assert "9 texts are too few" in few.why
    (none,) = [
        f
        for f in TextDiversity().run(TextDiversityCheck(), evident(["one"] * 40 + [""]), KEY).findings
        if f.check.endswith("compression")
    ]
    assert none.verdict == "info"


@pytest.mark.usefixtures("embedder")
def test_variety_of_meaning(evident: Any, written: Any) -> None:
    train, holdout = written(150, 1, 6), written(150, 2, 6)
    spec = TextDiversityCheck(topics=8)
    real = TextDiversity().run(spec, evident(written(150, 3, 6), train=train, holdout=holdout), KEY)
    meant = {
        f.check: f
        for f in real.findings
        if f.check[9:] in ("text_vendi", "text_dispersion", "text_topics", "text_topics_covered")
    }
    assert len(meant) == 4
    assert {f.verdict for f in meant.values()} == {"pass"}
    collapsed = verdicts(TextDiversity().run(spec, evident(written(2, 4, 6) * 75, train=train, holdout=holdout), KEY))
    assert collapsed["coverage.text_topics_covered"] == collapsed["coverage.text_dispersion"] == "warn"
    (shown,) = real.exhibits
    assert [s.name for s in shown.drawing.series] == ["real", "synthetic"]  # type: ignore[union-attr]
    for series in shown.drawing.series:  # type: ignore[union-attr]
        assert sum(series.y) == pytest.approx(1, abs=1e-4)


def test_measures_of_variety_at_their_ends() -> None:
    same = np.tile(np.array([[1.0, 0.0, 0.0, 0.0]], np.float32), (6, 1))
    apart = np.eye(4, dtype=np.float32)
    assert measure_vendi(same) == pytest.approx(1)
    assert measure_vendi(apart) == pytest.approx(4)
    assert measure_vendi(np.repeat(apart, 5, axis=0)) == pytest.approx(4)
    assert measure_vendi(np.zeros((0, 4), np.float32)) == 0
    assert measure_dispersion(same) == pytest.approx(0)
    assert measure_dispersion(apart) == pytest.approx(1)
    assert measure_dispersion(apart[:1]) == 0
    assert measure_evenness(np.array([5, 5, 5, 5])) == pytest.approx(1)
    assert measure_evenness(np.array([20, 0, 0, 0])) == 0
    centres = find_topics(np.repeat(apart, 5, axis=0), 4, KEY)
    assert sorted(count_topics(np.repeat(apart, 5, axis=0), centres).tolist()) == [5, 5, 5, 5]
    assert len(find_topics(same, 4, KEY)) == 1
    one = measure_wording(["a b c d e"] * 10)
    many = measure_wording([" ".join(f"w{i}{j}" for j in range(5)) for i in range(10)])
    assert one.compression > many.compression
    assert one.repetition == pytest.approx(np.log1p(18))
    assert many.repetition == 0
    assert (one.distinct[0], many.distinct[0]) == (0.1, 1)
    assert cut_texts(["A b, c d", "a", ""], 2) == ["a b"]
    assert choose_length(["a b c d"] * 8, ["a b"] * 4 + ["a b c"] * 4) == 2


def test_acceptance_with_reasons_and_cost(evident: Any, written: Any, told: Any) -> None:
    costs = [write_cost(range(i, i + 50), Cost(60, 6_000, 3_000, 0.003)) for i in (0, 50)]
    notes = (*costs, Remark("other", "x"))
    evidence = evident(written(80, 1), rejects={"refusal": 15, "near_duplicate": 5}, notes=notes)
    answer = TextAcceptance().run(TextAcceptanceCheck(samples=5), evidence, KEY)
    found = told(answer)
    share = found["cost.acceptance", "attempted units"]
    assert (share.value, share.headline) == (0.8, True)
    assert "refusal: 15, near duplicate: 5" in share.why
    assert found["cost.duplicates", "units that were the same as an earlier one"].value == 5 / 85
    assert found["cost.tokens", "an accepted unit"].value == 18_000 / 80
    assert found["cost.price", "an accepted unit"].value == pytest.approx(0.006 / 80)
    reasons, samples = answer.exhibits
    assert reasons.drawing.labels == ("refusal", "near duplicate")  # type: ignore[union-attr]
    assert len(samples.drawing.rows) == 5  # type: ignore[union-attr]
    assert answer == TextAcceptance().run(TextAcceptanceCheck(samples=5), evidence, KEY)
    plain = TextAcceptance().run(TextAcceptanceCheck(samples=0), evident(written(8, 1)), KEY)
    assert [f.value for f in plain.findings] == [1.0, 0.0]
    assert plain.exhibits == ()


def test_costs_add_up_and_survive_being_equal() -> None:
    assert add_costs([Remark("cost of units 0 to 1", "not a cost")]) is None
    remarks = {write_cost(range(9), Cost(2, 3, 4, 0.5)), write_cost(range(9, 18), Cost(2, 3, 4, 0.5))}
    assert add_costs(remarks) == Cost(4, 6, 8, 1.0)


def test_samples_show_who_speaks_and_cut_what_is_long(evident: Any) -> None:
    call = {"id": "1", "name": "add", "arguments": "{}"}
    chat = [
        {"role": "user", "content": "Hi", "tool_calls": None, "tool_call_id": None},
        {"role": "assistant", "content": "", "tool_calls": [call], "tool_call_id": None},
    ]
    assert spell(chat) == "user: Hi\nassistant: [calls add({})]"
    assert spell(["one", "two"]) == "one\ntwo"
    assert spell(None) == ""
    assert "(5,000 characters)" in spell("x" * 5_000)
    fields = [
        messages_field("messages", "chat", tools=True),
        text_field("topic", "given"),
        pa.field("level", pa.int64()),
    ]
    table = pa.table([[chat] * 3, ["a", "b", "c"], [1, 2, 3]], schema=pa.schema(fields))
    answer = TextAcceptance().run(TextAcceptanceCheck(), evident(table), KEY)
    grid = answer.exhibits[-1].drawing
    assert grid.columns == ("messages", "topic", "level")  # type: ignore[union-attr]
    assert json.loads(json.dumps(grid.model_dump()))["rows"][2] == ["user: Hi\nassistant: [calls add({})]", "c", "3"]
