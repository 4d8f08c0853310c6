"""Each task on a stub endpoint: what comes out has its form, what does not do is rejected with a reason, and checks look again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sundog.core.errors import Exhausted
from sundog.kinds.text._likeness import is_same, rouge_l

PEOPLE = {
    "kind": "records",
    "units": 4,
    "origin": "the test's author",
    "tables": {
        "visits": {
            "fields": {
                "age": {"type": "integer", "low": 43, "high": 43},
                "complaint": {"type": "category", "values": ["back pain"]},
                "nothing": {"type": "expression", "value": "if 1 > 2 then 3 else missing"},
            }
        }
    },
}


def test_instructions_by_topic(make: Callable[..., Any]) -> None:
    made = make(
        {"type": "instructions", "system": "Answer in {language}."},
        topics={"sea": ["tides", "boats"]},
        language="German",
    )
    rows = made.rows()
    assert len(rows) == 6
    assert {r["topic"] for r in rows} <= {"sea: tides", "sea: boats"}
    for row in rows:
        assert [m["role"] for m in row["messages"]] == ["system", "user", "assistant"]
        assert row["messages"][0]["content"] == "Answer in German."
        assert all(m["content"].strip() for m in row["messages"])


def test_instructions_from_seeds_are_new(make: Callable[..., Any], stories: dict[str, Any], stub_endpoint: Any) -> None:
    rows = make({"type": "instructions", "way": "seeds", "shown": 2}, source=stories).rows()
    assert {r["way"] for r in rows} == {"seeds"}
    seeds = [f"Explain how {n} sails." for n in ("Marie", "Anne", "Louise", "Jeanne", "Claire", "Odile")]
    told = {"answers": [{"when": "same manner", "text": json.dumps({"instruction": "Explain how Anne sails."})}]}
    with pytest.raises(Exhausted, match="not_new"):
        make({"type": "instructions", "way": "seeds", "shown": 6}, source=stories, program=told, attempts=2, seed=5)
    assert all(rouge_l(r["messages"][0]["content"], s) < 0.7 for r in rows for s in seeds)


def test_instructions_evolve(make: Callable[..., Any], stories: dict[str, Any]) -> None:
    task = {"type": "instructions", "way": "evol", "rounds": 2}
    rows = make(task, source=stories).rows()
    assert all("sails" not in r["messages"][0]["content"] for r in rows)
    same = {
        "answers": [{"when": "Change this instruction", "text": json.dumps({"instruction": "Explain how Anne sails."})}]
    }
    only = {"type": "instructions", "way": "evol", "rounds": 2}
    with pytest.raises(Exhausted, match="not_new"):  # the second round changes nothing
        make(only, source=stories, program=same, attempts=2, seed=3)


def test_instructions_by_an_empty_turn(make: Callable[..., Any]) -> None:
    made = make({"type": "instructions", "way": "pre_query"})
    assert all(r["messages"][0]["role"] == "user" and len(r["messages"]) == 2 for r in made.rows())


def test_conversations_have_turns_and_personas(make: Callable[..., Any]) -> None:
    rows = make({"type": "conversation", "least_turns": 2, "most_turns": 3}, personas=["a nurse", "a cook"]).rows()
    lengths = Counter(len(r["messages"]) for r in rows)
    assert set(lengths) <= {4, 6}
    assert all([m["role"] for m in r["messages"]] == ["user", "assistant"] * (len(r["messages"]) // 2) for r in rows)
    assert {r["persona"] for r in rows} == {"a nurse", "a cook"}


def test_planned_calls_are_really_run(make: Callable[..., Any]) -> None:
    tools = [{"type": "lookup", "about": "Prices.", "key": "item", "rows": [{"item": "rye loaf", "price": 4.25}]}]
    task = {"type": "conversation", "least_turns": 1, "most_turns": 2, "tools": tools}
    told = {
        "answers": [
            {"when": "for whose answer", "text": "What does a rye loaf cost?"},
            {"when": "gave this", "text": "It costs 4.25 euros."},
        ]
    }
    made = make(task, units=4, program=told, duplicates={"exact": False, "near": None})
    for row in made.rows():
        assert row["way"] == "tools"
        chat = row["messages"]
        (at,) = [i for i, m in enumerate(chat) if m["tool_calls"]]
        assert [m["role"] for m in chat[at - 1 : at + 3]] == ["user", "assistant", "tool", "assistant"]
        assert json.loads(chat[at + 1]["content"]) == {"result": "4.25"}
        assert chat[at + 1]["tool_call_id"] == chat[at]["tool_calls"][0]["id"]
    assert made.findings()["verification.tools/results of tools"]["verdict"] == "pass"


def test_an_answer_that_does_not_say_the_result_is_rejected(make: Callable[..., Any]) -> None:
    task = {"type": "conversation", "least_turns": 1, "most_turns": 1, "tools": [{"type": "calculator"}]}
    with pytest.raises(Exhausted, match="not_asked"):
        make(task, units=2, attempts=2)


def test_native_calls_are_run_and_their_errors_told(make: Callable[..., Any]) -> None:
    task = {"type": "conversation", "least_turns": 1, "most_turns": 1, "calls": "native", "tools": [{"type": "units"}]}
    made = make(task, units=4, attempts=50)
    for row in made.rows():
        results = [json.loads(m["content"]) for m in row["messages"] if m["role"] == "tool"]
        assert results
        assert all("result" in r for r in results)
        assert row["messages"][-1]["role"] == "assistant"
    assert made.rejected().get("tool_error", 0) > 0, "the stub draws units of two fields now and then"


def test_documents_say_the_facts_of_their_row(make: Callable[..., Any]) -> None:
    told = {"answers": [{"when": "Every one of these facts", "text": "The patient, aged 43, came with Back Pain."}]}
    made = make(
        {"type": "documents", "form": "clinical_note", "title": False},
        units=None,
        parts={"people": PEOPLE},
        of="people",
        program=told,
        prompt="Write a note on {row.complaint} of {words} words.",
        duplicates={"exact": False, "near": None},
    )
    assert len(made.rows()) == 4
    assert made.rows()[0]["facts"] == [{"name": "age", "value": "43"}, {"name": "complaint", "value": "back pain"}]
    assert made.findings()["verification.facts/facts in texts"]["verdict"] == "pass"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("The patient came with back pain.", "fact_missing"), ("Aged 43, back pain, pulse 80.", "invented_figure")],
)
def test_documents_that_leave_out_or_invent(make: Callable[..., Any], text: str, reason: str) -> None:
    told = {"answers": [{"when": "Every one of these facts", "text": text}]}
    task = {"type": "documents", "title": False}
    made = make(task, units=None, parts={"people": PEOPLE}, of="people", program=told)
    assert made.rows() == []
    assert made.rejected() == {reason: 4}


def test_questions_quote_their_document(make: Callable[..., Any], stories: dict[str, Any]) -> None:
    made = make({"type": "qa", "passage": 150, "unanswerable": 0.4}, units=20, source=stories)
    rows = made.rows()
    for row in rows:
        if row["answerable"]:
            assert row["document"][row["start"] : row["end"]] == row["quote"] == row["answer"]
        else:
            assert [row[n] for n in ("start", "end", "quote", "answer")] == [None] * 4
    assert {r["answerable"] for r in rows} == {True, False}
    assert any(r["document_start"] > 0 for r in rows)
    found = made.findings()
    assert found["verification.quotes/quotes"]["verdict"] == "pass"
    assert found["verification.unanswerable/questions without an answer"]["verdict"] == "pass"


def test_an_answer_that_is_no_piece_of_the_document_never_passes(
    make: Callable[..., Any], stories: dict[str, Any]
) -> None:
    told = {
        "answers": [{"when": "", "text": json.dumps({"answer": "a golden crown", "question": "What did she carry?"})}]
    }
    with pytest.raises(Exhausted, match="malformed"):
        make("qa", source=stories, program=told, attempts=2, units=3)


def test_a_question_asked_again_must_have_its_answer(make: Callable[..., Any], stories: dict[str, Any]) -> None:
    told = {"answers": [{"when": "Answer the question", "text": json.dumps({"answer": "purple"})}]}
    with pytest.raises(Exhausted, match="other_answer"):
        make({"type": "qa", "round_trip": True}, source=stories, program=told, attempts=2, units=3)


def test_labels_are_balanced_and_found_again(make: Callable[..., Any]) -> None:
    made = make({"type": "classification", "labels": ["good", "bad", "none"], "hard": 0.5}, units=12, attempts=60)
    assert Counter(r["label"] for r in made.rows()) == {"good": 4, "bad": 4, "none": 4}
    assert made.rejected().get("other_label", 0) > 0
    assert {r["hard"] for r in made.rows()} == {True, False}


def test_a_label_that_is_easier_to_get_has_its_share_alone(make: Callable[..., Any]) -> None:
    vote = {"answers": [{"when": "Which one of these labels", "text": json.dumps({"label": "good"})}]}
    with pytest.raises(Exhausted, match="surplus"):
        make({"type": "classification", "labels": ["good", "bad"], "hard": 0}, units=6, attempts=4, program=vote)
    free = {"type": "classification", "labels": ["good", "bad"], "hard": 0, "balanced": False}
    assert {r["label"] for r in make(free, units=6, attempts=9, program=vote).rows()} == {"good"}


def test_rewrites_keep_numbers_and_columns(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    rows = [{"text": f"We need {i} new chairs for Hall B before noon, said Tim.", "mood": "bad"} for i in range(10, 16)]
    source = {"path": write_csv(rows), "holdout_share": 0.0}
    answers = [{"when": f"need {i} ", "text": f"Tim said that Hall B lacks {i} chairs."} for i in range(10, 14)]
    answers += [{"when": "need 14 ", "text": "Tim said that Hall B lacks 9 chairs."}]
    answers += [{"when": "need 15 ", "text": "Somebody said that a hall lacks 15 chairs."}]
    task = {"type": "rewrite", "keep": ["mood"], "terms": ["Hall B", "Tim", "Ann"]}
    made = make(task, units=4, source=source, program={"answers": answers}, duplicates={"near": None})
    assert [r["source"] for r in made.rows()] == [r["text"] for r in rows[:4]]
    assert {r["mood"] for r in made.rows()} == {"bad"}
    with pytest.raises(Exhausted, match=r"(?s)(numbers_changed.*term_lost|term_lost.*numbers_changed)"):
        make(task, units=6, source=source, program={"answers": answers}, duplicates={"near": None}, attempts=2)


def test_texts_that_come_back_as_they_were(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    source = {"path": write_csv([{"text": "All is well here today."}] * 3), "holdout_share": 0.0}
    told = {"answers": [{"when": "", "text": "all is well, here today"}]}
    with pytest.raises(Exhausted, match="unchanged"):
        make("rewrite", units=2, source=source, program=told, attempts=2)


def test_pairs_count_where_both_orders_agree(make: Callable[..., Any]) -> None:
    made = make({"type": "preferences", "answers": 3}, attempts=60)
    for row in made.rows():
        assert row["score_chosen"] > row["score_rejected"]
        assert [m["role"] for m in row["chosen"]] == [m["role"] for m in row["rejected"]] == ["assistant"]
    assert made.findings()["verification.pairs/pairs of answers"]["verdict"] == "pass"


def test_a_judge_that_always_takes_the_first_says_nothing(make: Callable[..., Any]) -> None:
    told = {"answers": [{"when": "Which answer is better", "text": json.dumps({"better": "first"})}]}
    with pytest.raises(Exhausted, match="inconsistent"):
        make("preferences", units=2, program=told, attempts=2)


def test_critiques_follow_the_constitution(make: Callable[..., Any], tmp_path: Any) -> None:
    file = tmp_path / "principles.yaml"
    file.write_text(
        "principles:\n  short: Say it in few words.\n  true: Say what is known.\n".replace("true:", "sure:")
    )
    made = make({"type": "critique", "constitution": str(file), "rounds": 2})
    for row in made.rows():
        assert row["principle"] in {"short", "sure"}
        assert row["chosen"] == [{"role": "assistant", "content": row["revision"]}]
        assert row["rejected"] == [{"role": "assistant", "content": row["draft"]}]
        assert not is_same(row["draft"], row["revision"])
    assert made.findings()["verification.pairs/pairs of answers"]["verdict"] == "pass"


def test_a_revision_that_changes_nothing_is_rejected(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    source = {"path": write_csv([{"prompt": "How deep is the sea?"}] * 2), "holdout_share": 0.0}
    told = {"answers": [{"when": "falls short", "text": "It is too short."}, {"when": "", "text": "It is deep."}]}
    with pytest.raises(Exhausted, match="unchanged"):
        make("critique", units=2, source=source, program=told, attempts=2)


def test_personas_say_what_was_drawn(make: Callable[..., Any]) -> None:
    told = {"answers": [{"when": "", "text": "A baker of 44 years who likes chess very much."}]}
    task = {"type": "personas", "fields": {"age": ["44"], "job": ["baker"], "likes": ["chess"]}}
    made = make(task, units=1, program=told)
    assert made.rows() == [
        {"persona": "A baker of 44 years who likes chess very much.", "age": "44", "job": "baker", "likes": "chess"}
    ]
    with pytest.raises(Exhausted, match="fact_missing"):
        make({**task, "fields": {"age": ["45"]}}, units=1, program=told, attempts=2)


def test_what_is_cut_before_a_sentence_ends_is_rejected(make: Callable[..., Any]) -> None:
    with pytest.raises(Exhausted, match="cut_off"):
        make(
            "documents",
            units=2,
            program={"faults": [{"kind": "length", "when": "Write an article"}], "sentences": 1},
            attempts=2,
        )


def test_the_same_item_twice_is_rejected_over_shards(make: Callable[..., Any]) -> None:
    told = {"answers": [{"when": "Write an article", "text": "The same old story of the sea."}]}
    with pytest.raises(Exhausted, match="duplicate"):
        make({"type": "documents", "title": False}, units=2, program=told, attempts=3, shard_units=1)


def test_examples_and_seeds_reach_the_model(make: Callable[..., Any], stub_endpoint: Any) -> None:
    make({"type": "documents", "title": False}, units=1, examples=[{"text": "A very special example."}])
    assert "A very special example." in json.dumps(stub_endpoint.seen()["last"])
