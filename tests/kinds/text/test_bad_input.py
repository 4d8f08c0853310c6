"""What a user can get wrong, and what can go wrong on the way: coded, at its place, before anything is written or with nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.errors import Exhausted, Incomplete, RequestError, SundogError
from sundog.core.recipe import Recipe
from sundog.kinds.text._ground import choose_given
from sundog.kinds.text.synthesize import TextSynthesizer
from sundog.run.recipe_files import validate_recipe


def faults(**more: Any) -> dict[str, str]:
    part = {"kind": "text", "units": 2, "task": "instructions", **more}
    made = Recipe.model_validate({"name": "t", "parts": {"p": part}}).parts["p"]
    return {f"{p.code} {p.where}": f"{p.what} {p.fix}" for p in TextSynthesizer().find_faults(made, "parts.p")}  # type: ignore[arg-type]


def test_files_that_cannot_be_used(tmp_path: Path) -> None:
    for name, content in {
        "empty.txt": b"\n \n", "latin.txt": b"caf\xe9", "bad.yaml": b"a: [", "bad.json": b"{", "list.yaml": b"- 3", "bad.jsonl": b'{"persona": "a"}\n{',
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
    at = "SD-TEXT-003 parts.p"
    assert "holds no topics" in faults(topics_from=str(tmp_path / "empty.txt"))[f"{at}.topics_from"]
    assert "not UTF-8 (byte 3)" in faults(topics_from=str(tmp_path / "latin.txt"))[f"{at}.topics_from"]
    assert "no YAML" in faults(topics_from=str(tmp_path / "bad.yaml"))[f"{at}.topics_from"]
    assert "No such file" in faults(topics_from=str(tmp_path / "nowhere.txt"))[f"{at}.topics_from"]
    assert "no JSON" in faults(topics_from=str(tmp_path / "bad.json"))[f"{at}.topics_from"]
    assert "no JSON" in faults(personas_from=str(tmp_path / "bad.jsonl"))[f"{at}.personas_from, line 2"]
    task = {"type": "critique", "constitution": str(tmp_path / "list.yaml")}
    assert "no mapping of ids" in faults(task=task)[f"{at}.task.constitution"]


def test_all_faults_are_told_at_once() -> None:
    found = faults(prompt="{", topics_from="/nowhere", examples=[{"instructon": "a"}])
    assert list(found) == [
        "SD-TEXT-001 parts.p.prompt",
        "SD-TEXT-003 parts.p.topics_from",
        "SD-TEXT-009 parts.p.examples[0].instructon",
    ]
    assert "Did you mean 'instruction'?" in found["SD-TEXT-009 parts.p.examples[0].instructon"]


def test_an_example_with_a_label_of_its_own() -> None:
    task = {"type": "classification", "labels": ["order", "question"]}
    found = faults(task=task, examples=[{"text": "a", "label": "order"}, {"text": "b", "label": "ordr"}])
    assert list(found) == ["SD-TEXT-019 parts.p.examples[1].label"]
    assert "Did you mean 'order'?" in found["SD-TEXT-019 parts.p.examples[1].label"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"task": "qa"}, "SD-TEXT-010 parts.p.source"),
        ({"task": "rewrite"}, "SD-TEXT-010 parts.p.source"),
        (
            {"task": {"type": "reasoning", "way": "model", "question": "q", "answer": "a"}},
            "SD-TEXT-014 parts.p.task.question",
        ),
        ({"task": {"type": "instructions", "way": "seeds"}}, "SD-TEXT-012 parts.p.task.way"),
        ({"task": {"type": "documents", "facts": ["age"]}}, "SD-TEXT-013 parts.p.task.facts"),
        (
            {"task": {"type": "conversation", "calls": "native", "tools": [{"type": "units"}]}},
            "SD-TEXT-015 parts.p.task.calls",
        ),
        (
            {"task": {"type": "qa"}, "source": {"path": "x.csv"}, "model": {"context": 900}},
            "SD-TEXT-004 parts.p.model.context",
        ),
    ],
)
def test_what_a_task_needs(more: dict[str, Any], code: str) -> None:
    assert list(faults(**more)) == [code]


def test_unanswerable_questions_need_other_documents() -> None:
    people = {
        "kind": "records",
        "units": 1,
        "origin": "x",
        "tables": {"t": {"fields": {"text": {"type": "constant", "value": "a"}}}},
    }
    part = {"kind": "text", "of": "a", "task": {"type": "qa", "unanswerable": 0.5}}
    made = Recipe.model_validate({"name": "t", "parts": {"a": people, "p": part}}).parts["p"]
    assert [p.code for p in TextSynthesizer().find_faults(made, "parts.p")] == ["SD-TEXT-011"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"task": "poems"}, "task"),
        ({"task": {"type": "rewrite", "way": "translate"}}, "'to' is needed"),
        ({"task": {"type": "conversation", "least_turns": 5}}, "less than 'least_turns'"),
        ({"task": {"type": "conversation", "tools": [{"type": "units"}, {"type": "units"}]}}, "the same name"),
        ({"task": {"type": "conversation", "calls": "native"}}, "needs 'tools'"),
        ({"task": {"type": "reasoning", "question": "q"}}, "columns together"),
        ({"task": {"type": "reasoning", "question": "q", "answer": "a"}}, "'way: model'"),
        ({"topics": ["a"], "topics_from": "b"}, "say the same"),
        ({"row": "t"}, "needs an earlier part"),
        (
            {
                "task": {
                    "type": "conversation",
                    "tools": [{"type": "lookup", "about": "x", "key": "k", "rows": [{"a": 1}]}],
                }
            },
            "has no column 'k'",
        ),
        ({"model": {"endpoint": "https://me:secret@host/v1", "name": "x"}}, "endpoint"),
    ],
)
def test_what_a_recipe_cannot_say(part: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Recipe.model_validate(
            {"name": "t", "parts": {"p": {"kind": "text", "units": 2, "task": "instructions", **part}}}
        )


def test_columns_that_the_source_has_not(make: Callable[..., Any], stories: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=r"SD-TEXT-016 at parts\.p\.task\.column") as caught:
        make({"type": "qa", "column": "txt"}, source=stories)
    assert "Did you mean 'text'?" in str(caught.value)


def test_documents_without_text(make: Callable[..., Any], write_csv: Callable[..., str]) -> None:
    source = {
        "path": write_csv([{"id": "a", "text": ""}, {"id": "b", "text": " "}]),
        "holdout_share": 0.0,
        "types": {"text": "string"},
    }
    with pytest.raises(RequestError, match="SD-TEXT-005"):
        make("qa", source=source)


def test_which_table_of_an_earlier_part(make: Callable[..., Any]) -> None:
    shop = {
        "kind": "records", "units": 3, "origin": "x",
        "tables": {
            "buyers": {"fields": {"id": {"type": "sequence"}, "age": {"type": "integer", "low": 20, "high": 60}}},
            "orders": {"parent": "buyers", "count": {"type": "constant", "value": 1}, "fields": {"total": {"type": "integer", "low": 1, "high": 9}}},
        },
    }  # fmt: skip
    for more, code in (({"row": "buyer"}, "SD-TEXT-017"), ({}, "SD-TEXT-007")):
        with pytest.raises(RequestError, match=code):
            make("documents", units=None, parts={"shop": shop}, of="shop", **more)
    made = make(
        "documents",
        units=None,
        parts={"shop": shop},
        of="shop",
        row="buyers",
        prompt="{row.age} {rows.orders}",
        attempts=1,
    )
    assert sum(made.rejected().values()) == 3


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ({"kind": "status", "status": 401}, RequestError, "SD-MODEL-"),
        ({"kind": "status", "status": 404, "code": "model_not_found"}, RequestError, "SD-MODEL-"),
        ({"kind": "drop"}, Incomplete, "SD-MODEL-"),
        ({"kind": "status", "status": 500}, Incomplete, "SD-MODEL-"),
    ],
)
def test_a_fatal_cause_is_shown_at_once(
    make: Callable[..., Any],
    stub_endpoint: Any,
    fault: dict[str, Any],
    error: type[SundogError],
    code: str,
    tmp_path: Path,
) -> None:
    model = {"endpoint": stub_endpoint.url, "name": "stub", "tries": 1}
    with pytest.raises(error, match=code):
        make("instructions", units=500, program={"faults": [fault]}, model=model)
    assert stub_endpoint.seen()["requests"] <= 2
    if error is RequestError:
        assert not (tmp_path / "out1").exists(), "nothing was written"


def test_a_key_that_is_refused_later_stops_the_run_at_once(make: Callable[..., Any], stub_endpoint: Any) -> None:
    fault = {"kind": "status", "status": 401, "when": "somebody could send"}
    with pytest.raises(RequestError, match="SD-MODEL-"):
        make("instructions", units=400, program={"faults": [fault], "delay_s": 0.01}, shard_units=400)
    assert stub_endpoint.seen()["requests"] < 200


@pytest.mark.parametrize(
    "kind", ["malformed", "truncated", "html", "charset", "latin", "fenced", "bad_content", "drop"]
)
def test_one_bad_answer_is_never_a_crash(make: Callable[..., Any], stub_endpoint: Any, kind: str) -> None:
    program = {"faults": [{"kind": kind, "share": 0.3, "when": "somebody could send", "times": 1}]}
    made = make("instructions", units=20, program=program)
    assert len(made.rows()) == 20
    for row in made.rows():
        assert all(m["content"].strip() for m in row["messages"])


def test_answers_that_never_have_their_form_are_rejected_with_the_reason(
    make: Callable[..., Any], stub_endpoint: Any
) -> None:
    model = {"endpoint": stub_endpoint.url, "name": "stub", "tries": 2}
    program = {"faults": [{"kind": "bad_content", "when": "somebody could send", "share": 1.0}]}
    with pytest.raises(Exhausted, match="malformed"):
        make("instructions", units=4, program=program, model=model, attempts=2)


def test_a_filter_is_a_reason(make: Callable[..., Any]) -> None:
    with pytest.raises(Exhausted, match="filtered"):
        make(
            "instructions",
            units=2,
            program={"faults": [{"kind": "filtered", "when": "somebody could send"}]},
            attempts=2,
        )


def test_a_document_of_a_hundred_thousand_tokens(make: Callable[..., Any], tmp_path: Path) -> None:
    lines = [
        f"On day {i} the keeper of the northern light counted {i * 7 % 991} ships and wrote it down."
        for i in range(6000)
    ]
    path = tmp_path / "long.jsonl"
    path.write_text(
        json.dumps({"text": " ".join(lines)}) + "\n" + json.dumps({"text": "A short one stands beside it here."}) + "\n"
    )
    made = make({"type": "qa", "passage": 1500}, units=12, source={"path": str(path), "holdout_share": 0.0})
    whole = " ".join(lines)
    assert len(whole) > 400_000
    for row in made.rows():
        if row["document_number"] == 0:
            at = row["document_start"]
            assert whole[at : at + len(row["document"])] == row["document"]
            assert whole[at + row["start"] : at + row["end"]] == row["quote"]


def test_what_a_given_row_will_not_have_is_found_before_anything_is_made(
    make: Callable[..., Any], tmp_path: Path
) -> None:
    people = {
        "kind": "records",
        "units": 3,
        "origin": "x",
        "tables": {"visits": {"fields": {"age": {"type": "integer", "low": 1, "high": 9}}}},
    }
    for task, more, code in (
        ("documents", {"prompt": "{row.agee}"}, r"SD-TEXT-002 at parts\.p\.prompt"),
        ({"type": "documents", "facts": ["agee"]}, {}, r"SD-TEXT-018 at parts\.p\.task\.facts"),
        ({"type": "qa", "column": "ages"}, {}, r"SD-TEXT-018 at parts\.p\.task\.column"),
        ("documents", {"row": "visit"}, r"SD-TEXT-017 at parts\.p\.row"),
    ):
        with pytest.raises(RequestError, match=code) as caught:
            make(task, units=None, parts={"people": people}, of="people", **more)
        assert "Did you mean" in str(caught.value)
    assert not list(tmp_path.glob("out*")), "nothing was written, the earlier part neither"


def test_a_table_that_is_not_given() -> None:
    part = Recipe.model_validate(
        {
            "name": "t",
            "parts": {
                "a": {"kind": "text", "units": 1, "task": "documents"},
                "p": {"kind": "text", "of": "a", "row": "things", "task": "documents"},
            },
        }
    ).parts["p"]
    given = {"items": pa.record_batch({"_unit": pa.array([0], pa.uint64()), "text": ["a"]})}
    with pytest.raises(RequestError, match="SD-TEXT-006 at row"):
        choose_given(part, given)  # type: ignore[arg-type]
    assert choose_given(part.model_copy(update={"row": None}), given) == "items"  # type: ignore[arg-type]
    assert choose_given(part, {}) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["https://me:hunter2@host/v1", "http://hunter2@127.0.0.1:8080/v1"])
def test_a_password_in_an_address_is_not_said_back(address: str) -> None:
    part = {"kind": "text", "units": 1, "task": "instructions", "model": {"endpoint": address, "name": "x"}}
    with pytest.raises(RequestError) as caught:
        validate_recipe({"name": "t", "parts": {"p": part}})
    assert "OPENAI_API_KEY" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_answers_that_are_cut_name_the_limit(make: Callable[..., Any], stub_endpoint: Any) -> None:
    model = {"endpoint": stub_endpoint.url, "name": "stub", "tries": 2, "most_tokens": 3}
    with pytest.raises(Exhausted, match="each answer ran into 'most_tokens', 3"):
        make("instructions", units=1, attempts=2, model=model, program={"faults": [{"kind": "length"}]})
    model["most_tokens"] = 500
    with pytest.raises(Exhausted, match="nothing of the stated form came: "):
        make("instructions", units=1, attempts=2, model=model, program={"faults": [{"kind": "bad_content"}]})
