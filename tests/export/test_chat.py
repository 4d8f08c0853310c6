"""Formats of chats: rules of templates, shapes of columns, and what `datasets` and chat templates make of each export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pytest

from sundog.core.errors import RequestError
from sundog.core.extension import implementation, installed
from sundog.export._chat_rules import find_fault
from sundog.lib.texts.shapes import messages_field, text_field
from sundog.testing.bundle import MemoryBundle

Turn = dict[str, Any]

CHATML = """{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endfor %}"""
STRICT = """{% if messages[0].role == 'system' %}{% set system = messages[0].content %}{% set rest = messages[1:] %}{% else %}{% set rest = messages %}{% endif %}
{%- for m in rest %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ refuse('roles must alternate user and assistant') }}{% endif %}
{%- if m.role == 'user' %}[ASK] {% if loop.first and system %}<<{{ system }}>> {% endif %}{{ m.content | trim }} [/ASK]{% else %} {{ m.content | trim }} [END]{% endif %}{% endfor %}"""
HEADED = """{{ '[BEGIN]' }}{% for m in messages %}{% if m.role == 'system' and not loop.first %}{{ refuse('system first') }}{% endif %}
{%- if not m.content and not m.tool_calls %}{{ refuse('an empty turn') }}{% endif %}
[HEAD]{{ m.role }}[/HEAD]
{% if m.tool_calls %}{% for c in m.tool_calls %}{{ c.function.name }}({{ c.function.arguments }}){% endfor %}{% else %}{{ m.content }}{% endif %}[EOT]{% endfor %}"""


def render(template: str, messages: list[Turn]) -> str:
    """A chat through a template, as `transformers` renders it."""

    def refuse(why: str) -> str:
        raise jinja2.TemplateError(why)

    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(messages=messages, refuse=refuse)


def turn(role: str, content: str, **more: Any) -> Turn:
    return {"role": role, "content": content, **more}


ASKED = turn("user", 'What is 2 + 2? Say "four" — in é.\nPlease.')
ANSWERED = turn("assistant", "Four.")
SYSTEM = turn("system", "Be brief.")
CALL = turn(
    "assistant", "", tool_calls=[{"id": "c1", "name": "add", "arguments": '{"a": 2, "b": 2}'}], tool_call_id=None
)
RESULT = turn("tool", "4", tool_calls=None, tool_call_id="c1")

CHATS = [
    [SYSTEM, ASKED, ANSWERED],
    [ASKED, ANSWERED, turn("user", "And 3?"), turn("assistant", "Six.")],
    [ASKED, ANSWERED],
]
TOOL_CHAT = [
    {**t, "tool_calls": t.get("tool_calls"), "tool_call_id": t.get("tool_call_id")}
    for t in (ASKED, CALL, RESULT, ANSWERED)
]


def chats(values: list[list[Turn]], name: str = "messages", tools: bool = False) -> pa.Table:
    return pa.table([values], schema=pa.schema([messages_field(name, "a chat", tools)]))


def texts(**columns: list[Any]) -> pa.Table:
    fields = [
        text_field(n, "text", True) if isinstance(v[0], str) else pa.field(n, pa.bool_()) for n, v in columns.items()
    ]
    return pa.table(list(columns.values()), schema=pa.schema(fields))


PREFERRED = pa.table(
    [[[ASKED]], [[ANSWERED]], [[turn("assistant", "Five.")]]],
    schema=pa.schema([messages_field(n, "chat") for n in ("prompt", "chosen", "rejected")]),
)
TABLES: dict[str, pa.Table] = {
    "messages": chats(CHATS),
    "tools": chats([TOOL_CHAT, [{**t, "tool_calls": None, "tool_call_id": None} for t in CHATS[0]]], tools=True),
    "preferences": PREFERRED,
    "preferred_texts": texts(prompt=["Two and two?"], chosen=["Four."], rejected=["Five."]),
    "critique": texts(
        prompt=["Tell a joke."], draft=["A rude one."], critique=["It is rude."], revision=["A kind one."]
    ),
    "instructions": texts(instruction=["Add.", "Sing."], input=["2 2", None], output=["4", "La."]),
    "questions": texts(document=["The sky is blue."], question=["Which colour?"], answer=["Blue."]),
    "labels": texts(text=["It is good.", "It is bad."], label=["positive", "negative"]),
    "judged": texts(prompt=["Two?", "Three?"], completion=["2", "4"], label=[True, False]),
    "plain": texts(text=["One line.", "Two\n\nparagraphs.", None]),
}


def export(kind: str, table: str | pa.Table, target: Path, **options: Any) -> list[dict[str, Any]]:
    """Export a table and read the lines again."""
    held = TABLES[table] if isinstance(table, str) else table
    extension = installed("sundog.exporters")[kind]
    bundle = MemoryBundle({"talk": {"items": held}}, batch=2)
    implementation("sundog.exporters", kind).write(extension.spec(**options), bundle, str(target))  # type: ignore[union-attr]
    file = target if target.suffix else target / "talk.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    "table", ["messages", "tools", "preferences", "preferred_texts", "critique", "instructions", "questions", "labels"]
)
def test_messages_pass_through_three_chat_templates(table: str, tmp_path: Path) -> None:
    rows = export("messages", table, tmp_path / "out")
    assert len(rows) == TABLES[table].num_rows
    for row in rows:
        assert set(row) == {"messages"}
        assert find_fault(row["messages"]) == ""
        for template in (CHATML, HEADED, *(() if table == "tools" else (STRICT,))):
            text = render(template, row["messages"])
            assert all(m["content"].strip() in text for m in row["messages"])


def test_messages_are_those_of_the_table(tmp_path: Path) -> None:
    assert [r["messages"] for r in export("messages", "messages", tmp_path / "a")] == CHATS
    tools = export("messages", "tools", tmp_path / "b")[0]["messages"]
    assert tools[1]["tool_calls"] == [
        {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2, "b": 2}'}}
    ]
    assert tools[2] == {"role": "tool", "content": "4", "tool_call_id": "c1"}
    assert tools[3] == ANSWERED
    (question,) = export("messages", "questions", tmp_path / "c")
    assert question["messages"][0]["content"] == "The sky is blue.\n\nWhich colour?"
    (best,) = export("messages", "critique", tmp_path / "d")
    assert best["messages"][-1]["content"] == "A kind one."
    said = export("messages", "labels", tmp_path / "e", system="Judge.")
    assert said[1]["messages"] == [turn("system", "Judge."), turn("user", "It is bad."), turn("assistant", "negative")]
    assert export("messages", "messages", tmp_path / "f", system="Judge.")[0]["messages"][0] == SYSTEM


def test_sharegpt_names_speakers_in_its_own_way(tmp_path: Path) -> None:
    rows = export("sharegpt", "messages", tmp_path / "a")
    assert rows[0] == {
        "conversations": [
            {"from": "system", "value": "Be brief."},
            {"from": "human", "value": ASKED["content"]},
            {"from": "gpt", "value": "Four."},
        ]
    }
    called = export("sharegpt", "tools", tmp_path / "b")[0]["conversations"]
    assert [t["from"] for t in called] == ["human", "function_call", "observation", "gpt"]
    assert json.loads(called[1]["value"]) == {"name": "add", "arguments": {"a": 2, "b": 2}}


def test_alpaca_keeps_input_apart_and_earlier_turns_as_history(tmp_path: Path) -> None:
    rows = export("alpaca", "instructions", tmp_path / "a")
    assert rows[0] == {"instruction": "Add.", "input": "2 2", "output": "4", "system": "", "history": []}
    assert rows[1]["input"] == ""
    rows = export("alpaca", "messages", tmp_path / "b")
    assert rows[0] == {
        "instruction": ASKED["content"],
        "input": "",
        "output": "Four.",
        "system": "Be brief.",
        "history": [],
    }
    assert rows[1]["history"] == [[ASKED["content"], "Four."]]
    assert (rows[1]["instruction"], rows[1]["output"]) == ("And 3?", "Six.")
    with pytest.raises(RequestError, match=r"SD-EXPORT-052 at talk.items, row 0: .*a tool is called"):
        export("alpaca", "tools", tmp_path / "c")
    with pytest.raises(RequestError, match=r"SD-EXPORT-052 at talk.items, row 1: .*'output' is empty"):
        export("alpaca", texts(instruction=["a", "b"], output=["x", " "]), tmp_path / "d")


def test_trl_forms(tmp_path: Path) -> None:
    (row,) = export("trl", "preferences", tmp_path / "a")
    assert row == {"prompt": [ASKED], "chosen": [ANSWERED], "rejected": [turn("assistant", "Five.")]}
    (row,) = export("trl", "preferred_texts", tmp_path / "b")
    assert row == {"prompt": "Two and two?", "chosen": "Four.", "rejected": "Five."}
    (row,) = export("trl", "critique", tmp_path / "c")
    assert row == {"prompt": "Tell a joke.", "chosen": "A kind one.", "rejected": "A rude one."}
    both = export("trl", "preferences", tmp_path / "d", form="kto")
    assert [(r["completion"][0]["content"], r["label"]) for r in both] == [("Four.", True), ("Five.", False)]
    assert export("trl", "judged", tmp_path / "e")[1] == {"prompt": "Three?", "completion": "4", "label": False}
    assert export("trl", "preferences", tmp_path / "f", form="prompt") == [{"prompt": [ASKED]}]
    asked = export("trl", "messages", tmp_path / "g")
    assert [r["prompt"] for r in asked] == [CHATS[0][:2], CHATS[1][:3], CHATS[2][:1]]
    for r in asked:
        assert find_fault(r["prompt"], answered=False) == ""


def test_preferences_that_repeat_their_prompt_are_cut(tmp_path: Path) -> None:
    whole = pa.table([[[ASKED]], [[ASKED, ANSWERED]], [[ASKED, turn("assistant", "Five.")]]], schema=PREFERRED.schema)
    assert export("trl", whole, tmp_path / "a") == export("trl", "preferences", tmp_path / "b")
    assert export("messages", whole, tmp_path / "c") == [{"messages": [ASKED, ANSWERED]}]


def test_plain_texts(tmp_path: Path) -> None:
    assert export("plain", "plain", tmp_path / "a") == [{"text": "One line."}, {"text": "Two\n\nparagraphs."}]
    assert export("plain", "messages", tmp_path / "b")[0]["text"].endswith("\nFour.")
    held = TABLES["messages"]
    both = held.add_column(0, TABLES["questions"].schema.field("answer"), pa.array(["Four."] * held.num_rows))
    assert export("plain", both, tmp_path / "once") == export("plain", "messages", tmp_path / "alone")
    assert export("plain", "labels", tmp_path / "c", column="label")[0] == {"text": "positive"}
    with pytest.raises(RequestError, match=r"(?s)SD-EXPORT-054 at column: .*'lable'.*'label'"):
        export("plain", "labels", tmp_path / "d", column="lable")


CASES = [
    ("messages", "messages", {}, ["messages"]),
    ("messages", "tools", {}, ["messages"]),
    ("sharegpt", "tools", {}, ["conversations"]),
    ("alpaca", "messages", {}, ["instruction", "input", "output", "system", "history"]),
    ("trl", "preferences", {}, ["prompt", "chosen", "rejected"]),
    ("trl", "judged", {}, ["prompt", "completion", "label"]),
    ("trl", "messages", {"form": "prompt"}, ["prompt"]),
    ("plain", "plain", {}, ["text"]),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("kind", "table", "options", "columns"), CASES)
def test_the_library_datasets_loads_the_folder(
    kind: str, table: str, options: dict[str, Any], columns: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    wanted = export(kind, table, tmp_path / "out", **options)
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.column_names == columns
    assert loaded.num_rows == len(wanted)
    for row, own in zip(loaded, wanted, strict=True):
        assert all(_same(row[c], own[c]) for c in columns)


def _same(loaded: Any, own: Any) -> bool:
    """Fields that are missing in one row and there in another come back as None."""
    if isinstance(own, dict):
        return all(_same(loaded[k], v) for k, v in own.items()) and all(
            loaded[k] is None for k in set(loaded) - set(own)
        )
    if isinstance(own, list):
        return len(loaded) == len(own) and all(map(_same, loaded, own))
    return bool(loaded == own)


@pytest.mark.filterwarnings("ignore")
def test_datasets_reads_a_text_file_by_paragraphs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    bundle = MemoryBundle({"talk": {"items": TABLES["plain"]}})
    extension = installed("sundog.exporters")["plain"]
    implementation("sundog.exporters", "plain").write(extension.spec(form="txt"), bundle, str(tmp_path / "out"))  # type: ignore[union-attr]
    assert (tmp_path / "out" / "talk.txt").read_text("utf-8") == "One line.\n\nTwo\nparagraphs.\n\n"
    loaded = datasets.load_dataset(str(tmp_path / "out"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["text"] == ["One line.", "Two\nparagraphs."]


@pytest.mark.filterwarnings("ignore")
def test_several_tables_are_several_configurations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets

    bundle = MemoryBundle(
        {"talk": {"items": TABLES["messages"]}, "more": {"a": TABLES["labels"], "b": TABLES["plain"]}}
    )
    extension = installed("sundog.exporters")["messages"]
    paths = implementation("sundog.exporters", "messages").write(extension.spec(), bundle, str(tmp_path / "out"))  # type: ignore[union-attr]
    assert sorted(Path(p).name for p in paths) == ["README.md", "more.a.jsonl", "talk.jsonl"]
    assert datasets.get_dataset_config_names(str(tmp_path / "out")) == ["talk", "more-a"]
    assert (
        datasets.load_dataset(str(tmp_path / "out"), "more-a", split="train", cache_dir=str(tmp_path / "c")).num_rows
        == 2
    )


def test_one_file_is_written_alone(tmp_path: Path) -> None:
    assert len(export("messages", "messages", tmp_path / "chats.jsonl")) == 3
    assert [p.name for p in tmp_path.iterdir()] == ["chats.jsonl"]


@pytest.mark.parametrize(
    ("chat", "fault"),
    [
        ([], "no turns"),
        ([ANSWERED], "must be by the user"),
        ([SYSTEM], "must be by the user"),
        ([ASKED], "must end with an answer"),
        ([ASKED, ASKED, ANSWERED], "is by user after user"),
        ([ASKED, ANSWERED, ANSWERED], "is by assistant after assistant"),
        ([ASKED, SYSTEM, ANSWERED], "the system speaks in turn 2"),
        ([ASKED, turn("assistant", "  ")], "says nothing"),
        ([ASKED, turn("robot", "Hi")], "by 'robot'"),
        ([ASKED, turn("assistant", "x", tool_calls=[{}])], "ends with a call"),
        ([ASKED, turn("assistant", "x", tool_calls=[{}]), ANSWERED], "after assistant that called a tool"),
        ([ASKED, ANSWERED, turn("tool", "4")], "is by tool after assistant"),
        ([ASKED, turn("assistant", "", tool_calls=[{}]), turn("tool", "4"), turn("tool", "5"), ANSWERED], ""),
        ([SYSTEM, ASKED, ANSWERED], ""),
    ],
)
def test_rules_of_chats(chat: list[Turn], fault: str) -> None:
    assert fault in find_fault(chat)
    assert bool(fault) == bool(find_fault(chat))


def test_what_the_rules_refuse_a_strict_template_refuses_too() -> None:
    for chat in ([ANSWERED], [ASKED, ASKED, ANSWERED]):
        with pytest.raises(jinja2.TemplateError):
            render(STRICT, chat)


@pytest.mark.parametrize("kind", ["messages", "sharegpt"])
def test_the_first_row_that_does_not_fit_is_named(kind: str, tmp_path: Path) -> None:
    table = chats([CHATS[0], CHATS[1], [ASKED, ASKED], [ANSWERED]])
    with pytest.raises(
        RequestError, match=r"SD-EXPORT-051 at talk.items, row 2: the chat fits no template: turn 2 is by user"
    ):
        export(kind, table, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("kind", "table", "options", "needs"),
    [
        ("messages", "plain", {}, "`messages` (a chat)"),
        ("sharegpt", "plain", {}, "`question` with `answer`"),
        ("alpaca", "plain", {}, "`instruction` with `output`"),
        ("trl", "messages", {"form": "preference"}, "`prompt`, `chosen` and `rejected`"),
        ("trl", "messages", {"form": "kto"}, "`completion` and a truth `label`"),
        ("trl", "plain", {}, "`chosen` and `rejected`"),
        ("plain", pa.table({"n": [1]}), {}, "`text`, or any column of text"),
    ],
)
def test_a_format_says_which_columns_it_needs(
    kind: str, table: Any, options: dict[str, Any], needs: str, tmp_path: Path
) -> None:
    with pytest.raises(RequestError) as found:
        export(kind, table, tmp_path / "out", **options)
    assert found.value.problems[0].code == "SD-EXPORT-050"
    assert needs in str(found.value)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (texts(prompt=["a", "b"], chosen=["x", "y"], rejected=["z", "y"]), 1),
        (texts(prompt=["a", " "], chosen=["x", "y"], rejected=["z", "w"]), 1),
        (texts(prompt=["a"], chosen=["x"], rejected=[""]), 0),
    ],
)
def test_preferences_that_prefer_nothing(table: pa.Table, row: int, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=f"SD-EXPORT-053 at talk.items, row {row}"):
        export("trl", table, tmp_path / "out")


def test_rows_are_chosen_before_they_are_checked(tmp_path: Path) -> None:
    table = texts(prompt=["a", "b"], chosen=["x", "y"], rejected=["z", "y"])
    assert len(export("trl", table, tmp_path / "out", select="prompt = 'a'")) == 1
