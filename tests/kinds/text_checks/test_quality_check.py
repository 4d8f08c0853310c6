"""The rules of texts beside generation: which units are rejected and why, at any level of evidence, in any cut."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from sundog.core.extension import find, implementation
from sundog.core.protocols import Enforcing, ShardCheck
from sundog.core.recipe import Part
from sundog.kinds.text.checks_quality import QualityCount, TextQuality
from sundog.kinds.text.recipe_accept import AcceptSpec
from sundog.kinds.text.recipe_checks import TextQualityCheck
from sundog.lib import persist
from sundog.lib.texts.shapes import messages_field, text_field
from sundog.testing.check_suite import QUESTIONS, CheckTrial

GOOD = "The library opens at nine, and the reading room is on the second floor."
BAD = {
    "length": "   ",
    "encoding": "The cafÃ© is closed on Mondays.",
    "refusal": "I'm sorry, but I can't assist with that request.",
    "boilerplate": "Dear [Your Name], the library opens at nine.",
    "repetition": "The door is open. " * 12,
    "toxicity": "You stupid bitch, the library opens at nine.",
    "personal_data": "Write to anna.smith@gmail.com before nine.",
}
SPEC = TextQualityCheck()


def observe(part: Any, batch: pa.RecordBatch, start: int = 0) -> tuple[QualityCount, dict[int, str]]:
    check = TextQuality()
    state, rejects = check.open(SPEC, part, None).observe(range(start, start + batch.num_rows), {"items": batch})
    return state, {r.unit: r.reason for r in rejects}


def test_it_watches_parts_with_rules_and_enforces_them(parted: Any) -> None:
    check = implementation("sundog.checks", "text_quality")
    assert isinstance(check, ShardCheck)
    assert isinstance(check, Enforcing)
    assert check.watches(parted(units=1))
    assert check.enforces(parted(units=1))
    other = Part(kind="other", units=1)
    assert not check.watches(other)
    assert not check.enforces(other)
    assert find("sundog.checks", "text_quality").beside


def test_each_fault_is_the_reason_of_its_unit(parted: Any, tabled: Any, numbered: Any) -> None:
    batch = numbered(tabled([GOOD, *BAD.values(), GOOD]), 100)
    state, rejected = observe(parted(units=1), batch, 100)
    wanted = {101 + i: what for i, what in enumerate(BAD) if what != "personal_data"}
    assert rejected == wanted
    assert dict(state.faults) == dict.fromkeys(BAD, 1)
    assert state.rows == 9


@pytest.mark.parametrize("fault", [f for f in BAD if f != "length"])
def test_what_becomes_of_a_fault_is_said_by_the_recipe(fault: str, parted: Any, tabled: Any, numbered: Any) -> None:
    name = {"refusal": "refusals"}.get(fault, fault)
    batch = numbered(tabled([GOOD, BAD[fault]]))
    for handling, gone, counted in (("reject", {1: fault}, 1), ("count", {}, 1), ("off", {}, 0)):
        state, rejected = observe(parted(units=1, accept=AcceptSpec.model_validate({name: handling})), batch)
        assert rejected == gone
        assert dict(state.faults).get(fault, 0) == counted


def test_languages_and_lengths_are_rules(parted: Any, tabled: Any, numbered: Any) -> None:
    german = "Die Bibliothek öffnet um neun Uhr, und der Lesesaal ist im zweiten Stock."
    batch = numbered(tabled([GOOD, german, "Too short.", GOOD * 4]))
    accept = AcceptSpec(languages=("en",), least_words=5, most_words=30)
    assert observe(parted(units=1, accept=accept), batch)[1] == {1: "language", 2: "length", 3: "length"}
    assert observe(parted(units=1, accept=AcceptSpec(most_characters=20)), batch)[1] == {
        0: "length",
        1: "length",
        3: "length",
    }
    assert observe(parted(units=1, accept=AcceptSpec(most_tokens=4)), batch)[1] == {
        0: "length",
        1: "length",
        3: "length",
    }


def test_chats_are_judged_turn_by_turn_and_given_columns_are_not(parted: Any, numbered: Any) -> None:
    def chat(answer: str) -> list[dict[str, str]]:
        return [
            {"role": "user", "content": "Please write to anna@gmail.com."},
            {"role": "assistant", "content": answer},
        ]

    fields = [messages_field("messages", "chat"), text_field("topic", "given")]
    rows = [[chat("Sure! Here is the e-mail:\nDear Anna"), chat(BAD["refusal"])], [BAD["toxicity"]] * 2]
    batch = numbered(pa.table(rows, schema=pa.schema(fields)))
    assert observe(parted(units=1), batch)[1] == {1: "refusal"}
    assert observe(parted(units=1, accept=AcceptSpec(columns=("topic",))), batch)[1] == {0: "toxicity", 1: "toxicity"}


def test_a_unit_of_several_rows_goes_whole(parted: Any) -> None:
    batch = pa.record_batch({"_unit": pa.array([4, 4, 5], pa.uint64()), "text": [GOOD, BAD["refusal"], GOOD]})
    batch = batch.cast(pa.schema([batch.schema.field(0), text_field("text", "made", True)]))
    assert observe(parted(units=1), batch, 4)[1] == {4: "refusal"}


def test_findings_say_what_stays_and_what_went(
    parted: Any, tabled: Any, numbered: Any, evident: Any, told: Any
) -> None:
    """On a leak (a bad text that was accepted) a rule withholds; on clean data it passes."""
    check = TextQuality()
    clean, _ = observe(parted(units=1), numbered(tabled([GOOD] * 40)))
    found = told(check.conclude(SPEC, clean, evident([GOOD] * 40, rejects={"toxicity": 3})))
    toxic = found["validity.text_toxicity", "texts with toxic words"]
    assert (toxic.value, toxic.verdict, toxic.withholds) == (0.0, "pass", True)
    assert "3 units were rejected" in toxic.why
    leaked, _ = observe(parted(units=1), numbered(tabled([GOOD] * 39 + [BAD["toxicity"]])))
    found = told(check.conclude(SPEC, leaked, evident([GOOD] * 40)))
    toxic = found["validity.text_toxicity", "texts with toxic words"]
    assert (toxic.value, toxic.verdict) == (1 / 40, "fail")
    personal = found["validity.text_personal_data", "texts with personal data that have a form"]
    assert (personal.verdict, personal.withholds) == ("info", False)
    assert not any(c == "validity.text_language" for c, _ in found)
    (shown,) = check.conclude(SPEC, clean, evident([GOOD])).exhibits
    assert sum(y or 0 for y in shown.drawing.series[0].y) == pytest.approx(1)  # type: ignore[union-attr]


def test_states_add_up_in_any_grouping(parted: Any, tabled: Any, numbered: Any) -> None:
    check = TextQuality()
    texts = [GOOD, *BAD.values()] * 3
    whole, rejected = observe(parted(units=1), numbered(tabled(texts)))
    parts = [observe(parted(units=1), numbered(tabled(texts[i : i + 5]), i), i) for i in range(0, len(texts), 5)]
    states = [persist.loads(QualityCount, persist.dumps(s)) for s, _ in parts]
    left = states[0]
    for state in states[1:]:
        left = check.merge(left, state)
    right = states[-1]
    for state in reversed(states[:-1]):
        right = check.merge(state, right)
    assert left == right == whole
    assert {u: r for _, found in parts for u, r in found.items()} == rejected
    assert check.merge(QualityCount(), whole) == whole


def test_an_empty_shard(parted: Any, tabled: Any, numbered: Any, evident: Any) -> None:
    state, rejected = observe(parted(units=1), numbered(tabled([GOOD]))[:0])
    assert (state, rejected) == (QualityCount(), {})
    assert TextQuality().conclude(SPEC, state, evident([])).findings == ()


def test_rules_that_contradict_themselves() -> None:
    with pytest.raises(ValidationError, match="'most_words' \\(2\\) is less than 'least_words' \\(3\\)"):
        AcceptSpec(least_words=3, most_words=2)
    with pytest.raises(ValidationError):
        AcceptSpec.model_validate({"refusal": "reject"})


@pytest.mark.parametrize(
    "kind",
    ["text_quality", "text_copying", "text_contamination", "text_diversity", "text_acceptance", "text_duplicates"],
)
@pytest.mark.parametrize("ask", QUESTIONS, ids=lambda ask: ask.__name__)
def test_conformance_on_texts(kind: str, ask: Any, parted: Any, evident: Any, written: Any, tmp_path: Any) -> None:
    """The same questions as to every check, asked about a part of texts."""
    (tmp_path / "tests.txt").write_text("\n".join(written(5, 8)))
    part = parted(
        units=1,
        accept={"copying": 0.5, "contamination": {"against": [str(tmp_path / "tests.txt")]}},
        source={"path": "x.csv"},
    )
    texts = [*written(60, 1), BAD["refusal"], written(5, 8)[2], written(60, 1)[0]]
    evidence = evident(texts, part, train=written(80, 2), holdout=written(40, 3))
    extension = find("sundog.checks", kind)
    ask(CheckTrial(extension, extension.spec.model_validate({"kind": kind}), evidence))
