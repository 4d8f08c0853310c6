"""Each check of the kind passes on what is right, and fires where one thing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sundog.core.keys import Key
from sundog.core.recipe import Recipe
from sundog.kinds.text._tables import make_schema, write_items
from sundog.kinds.text.checks_critiques import CritiquesHold
from sundog.kinds.text.checks_grounded import Grounded
from sundog.kinds.text.checks_judged import Judged
from sundog.kinds.text.checks_tools import ToolsRun
from sundog.kinds.text.extension import CRITIQUES, GROUNDED, JUDGED, TOOLS
from sundog.kinds.text.recipe import CritiquesCheck, GroundedCheck, JudgedCheck, ToolsCheck
from sundog.lib.language.protocol import Message, ToolCall
from sundog.testing import Example, check_extension
from sundog.testing.evidence import MemoryEvidence

KEY = Key.root(4)


def evidence_of(task: Any, rows: list[dict[str, Any]], **more: Any) -> MemoryEvidence:
    import pyarrow as pa

    part = {"kind": "text", "units": len(rows), "task": task, **more}
    recipe = Recipe.model_validate({"name": "t", "parts": {"p": part}})
    made = recipe.parts["p"]
    batch = write_items(make_schema(made, {}), range(len(rows)), rows).drop_columns(["_unit"])  # type: ignore[arg-type]
    return MemoryEvidence(recipe, made, "p", "full", {"items": pa.Table.from_batches([batch])})


def verdicts(check: Any, spec: Any, evidence: MemoryEvidence) -> dict[str, tuple[str, float | None]]:
    assert check.applies(evidence)
    return {f.check: (f.verdict, f.value) for f in check.run(spec, evidence, KEY).findings}


NOTE = {"title": "A note", "text": "Aged 43, with back pain.", "facts": [{"name": "age", "value": "43"}]}
QUOTE = {
    "document": "The ferry left Brest on Tuesday.", "question": "When?", "answer": "Tuesday", "quote": "Tuesday", "start": 24, "end": 31,
    "answerable": True, "document_number": 0, "document_start": 0,
}  # fmt: skip
NOTHING = {**QUOTE, "answer": None, "quote": None, "start": None, "end": None, "answerable": False}


def test_facts() -> None:
    spec = GroundedCheck(kind="grounded")
    assert verdicts(Grounded(), spec, evidence_of("documents", [NOTE] * 3)) == {"verification.facts": ("pass", 0)}
    bad = {**NOTE, "text": "Aged 143, with back pain."}
    assert verdicts(Grounded(), spec, evidence_of("documents", [NOTE, bad])) == {"verification.facts": ("fail", 1)}
    check_extension(GROUNDED, Example(check=spec, evidence=evidence_of("documents", [NOTE, bad])))
    who = {"persona": "A cook of 30.", "age": "30", "job": "cook"}
    task = {"type": "personas", "fields": {"age": ["30"], "job": ["cook"]}}
    assert verdicts(Grounded(), spec, evidence_of(task, [who]))["verification.facts"] == ("pass", 0)
    assert verdicts(Grounded(), spec, evidence_of(task, [{**who, "age": "31"}]))["verification.facts"] == ("fail", 1)


@pytest.mark.parametrize(
    "change",
    [
        {"start": 23},
        {"end": 30},
        {"quote": "tuesday"},
        {"answer": "Monday"},
        {"answer": " "},
        {"start": None},
        {"document": "No."},
    ],
)
def test_quotes(change: dict[str, Any]) -> None:
    spec = GroundedCheck(kind="grounded")
    assert verdicts(Grounded(), spec, evidence_of("qa", [QUOTE, NOTHING])) == {
        "verification.quotes": ("pass", 0),
        "verification.unanswerable": ("pass", 0),
    }
    assert verdicts(Grounded(), spec, evidence_of("qa", [QUOTE, {**QUOTE, **change}]))["verification.quotes"] == (
        "fail",
        1,
    )


def test_questions_without_an_answer_have_none() -> None:
    found = verdicts(
        Grounded(), GroundedCheck(kind="grounded"), evidence_of("qa", [QUOTE, {**NOTHING, "answer": "Brest"}])
    )
    assert found["verification.unanswerable"] == ("fail", 1)


TOOL_TASK = {"type": "conversation", "tools": [{"type": "calculator"}]}


def chat(result: str = '{"result": "6"}', call_id: str = "c1", expression: str = "2 * 3") -> dict[str, Any]:
    call = ToolCall("c1", "calculate", json.dumps({"expression": expression}))
    messages = (
        Message("user", "What is 2 * 3?"),
        Message("assistant", "", (call,)),
        Message("tool", result, (), call_id),
        Message("assistant", "It is 6."),
    )
    return {"messages": messages, "way": "tools"}


def test_results_of_tools() -> None:
    spec = ToolsCheck(kind="tools")
    assert verdicts(ToolsRun(), spec, evidence_of(TOOL_TASK, [chat()])) == {"verification.tools": ("pass", 0)}
    wrong = [
        chat('{"result": "7"}'),
        chat(call_id="c2"),
        chat(expression="2 * 4"),
        {**chat(), "messages": chat()["messages"][:2]},
    ]
    assert verdicts(ToolsRun(), spec, evidence_of(TOOL_TASK, [chat(), *wrong]))["verification.tools"] == ("fail", 4)
    check_extension(TOOLS, Example(check=spec, evidence=evidence_of(TOOL_TASK, [chat(), *wrong])))


CRITIQUE = {
    "prompt": (Message("user", "How?"),), "draft": "So.", "critique": "Too short.", "principle": "honest", "revision": "So, since.",
    "chosen": (Message("assistant", "So, since."),), "rejected": (Message("assistant", "So."),),
}  # fmt: skip


class Known:
    principles = {"honest": "Be honest."}  # noqa: RUF012


@pytest.mark.parametrize(
    "change",
    [
        {"principle": "loud"}, {"critique": " "}, {"revision": "so"}, {"chosen": (Message("assistant", "Other."),)},
        {"rejected": (Message("assistant", "so since"),)}, {"prompt": (Message("assistant", "How?"),)}, {"chosen": (Message("user", "x"),)},
    ],
)  # fmt: skip
def test_critiques(change: dict[str, Any]) -> None:
    from dataclasses import replace

    spec = CritiquesCheck(kind="critiques")
    good = replace(evidence_of("critique", [CRITIQUE]), model=Known())
    assert verdicts(CritiquesHold(), spec, good) == {"verification.pairs": ("pass", 0)}
    bad = replace(evidence_of("critique", [CRITIQUE, {**CRITIQUE, **change}]), model=Known())
    assert verdicts(CritiquesHold(), spec, bad) == {"verification.pairs": ("fail", 1)}


def test_pairs_have_scores() -> None:
    pair = {n: CRITIQUE[n] for n in ("prompt", "chosen", "rejected")}
    spec = CritiquesCheck(kind="critiques")
    good = {**pair, "score_chosen": 1.0, "score_rejected": 0.0}
    assert verdicts(CritiquesHold(), spec, evidence_of("preferences", [good])) == {"verification.pairs": ("pass", 0)}
    bad = evidence_of("preferences", [good, {**good, "score_rejected": 1.0}])
    assert verdicts(CritiquesHold(), spec, bad) == {"verification.pairs": ("fail", 1)}
    check_extension(CRITIQUES, Example(check=spec, evidence=bad))


def test_a_judge(stub_endpoint: Any) -> None:
    rows = [{**NOTE, "text": f"The harbour has {i} cranes."} for i in range(20)]
    model = {"endpoint": stub_endpoint.url, "name": "stub"}
    check = JudgedCheck.model_validate({"kind": "judged", "model": model, "items": 12, "least": 3})
    evidence = evidence_of("documents", rows)
    for score, verdict in (("5", "pass"), ("1", "fail")):
        stub_endpoint.program({"answers": [{"when": "Score the item", "text": json.dumps({"score": score})}]})
        told = check.model_copy(update={"criteria": f"criteria {score}"})
        assert verdicts(Judged(), told, evidence) == {"verification.judged": (verdict, float(score))}
    stub_endpoint.program({"answers": [{"when": "Score the item", "text": "splendid"}]})
    told = check.model_copy(update={"criteria": "others", "model": check.model.model_copy(update={"tries": 2})})
    assert verdicts(Judged(), told, evidence) == {"verification.judged": ("skipped", None)}
    check_extension(JUDGED, Example(check=check.model_copy(update={"criteria": "criteria 5"}), evidence=evidence))


def test_checks_say_nothing_of_other_parts() -> None:
    from dataclasses import replace

    plain = evidence_of(
        "instructions", [{"messages": (Message("user", "a"), Message("assistant", "b")), "way": "topics"}]
    )
    assert not any(check.applies(plain) for check in (Grounded(), ToolsRun(), CritiquesHold()))
    assert Judged().applies(plain)
    assert isinstance(plain, MemoryEvidence)
    assert replace(plain).rows("synthetic") == 1


def test_faults_are_shown_in_the_report(make: Callable[..., Any]) -> None:
    made = make({"type": "documents", "title": False}, units=2)
    assert "verification.facts" in {name.split("/")[0] for name in made.findings()}


def test_a_part_of_which_every_item_was_rejected_is_withheld(make: Callable[..., Any]) -> None:
    """A chained part has as many units as it is given: none of them takes the place of another, and none may be left."""
    rows = {
        "kind": "records",
        "units": 3,
        "origin": "x",
        "tables": {
            "t": {"fields": {"text": {"type": "constant", "value": "In 1998 the bridge was closed for 12 weeks."}}}
        },
    }
    made = make("rewrite", units=None, parts={"rows": rows}, of="rows")
    assert made.rows() == []
    assert sum(made.rejected().values()) == 3
    found = made.findings()["cost.acceptance/attempted units"]
    assert (found["value"], found["verdict"], found["withholds"]) == (0.0, "fail", True)
    assert made.bundle.verdict == "withheld"
