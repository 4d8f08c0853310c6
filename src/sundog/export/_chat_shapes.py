"""Which columns can be read as chats, and how a row becomes one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.lib.texts.columns import is_list_of_texts
from sundog.lib.texts.shapes import is_messages

Turn = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A way to read a table.

    Attributes:
        name: of the columns, for people.
        columns: that are read.
        convert: a row to a chat.
    """

    name: str
    columns: tuple[str, ...]
    convert: Callable[[Row], list[Turn]]


def kinds_of(schema: pa.Schema) -> dict[str, str]:
    """What columns hold: ``chat``, ``text``, ``texts`` (a list), ``truth``; other columns are left out."""
    found = {}
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if is_messages(field):
            found[field.name] = "chat"
        elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
            found[field.name] = "text"
        elif is_list_of_texts(field):
            found[field.name] = "texts"
        elif pa.types.is_boolean(kind):
            found[field.name] = "truth"
    return found


def find_shape(schema: pa.Schema) -> Shape | None:
    """How a table is read as chats: by the first group of columns that it has; None where it has none."""
    kinds = kinds_of(schema)
    for name, columns, optional, convert in _SHAPES:
        if all(kinds.get(c) in wanted for c, wanted in columns.items()):
            extra = tuple(c for c in optional if kinds.get(c) in ("text", "texts"))
            return Shape(name, (*columns, *extra), convert)
    return None


SHAPES_IN_WORDS = (
    "`messages` (a chat); `prompt` with `chosen` or `completion`; `instruction` with `output`; `question` with `answer`; "
    "`text` with `label`; `draft` with `revision` and `prompt`"
)


def refuse(wanted: str, tables: Mapping[str, pa.Schema]) -> RequestError:
    """The error of a bundle in which no table has what a format needs."""
    there = "; ".join(f"{name} has {', '.join(schema.names[:12])}" for name, schema in list(tables.items())[:4])
    return RequestError(
        Problem(
            "SD-EXPORT-050",
            "format",
            f"no table has the columns that it needs: {wanted}. {there}",
            "Choose another format.",
        )
    )


def to_turns(value: Any) -> list[Turn]:
    """A chat of a column, without empty fields; arguments of calls stay text, as in OpenAI's form."""
    turns = []
    for turn in value or ():
        clean: Turn = {"role": turn["role"], "content": turn["content"] or ""}
        if turn.get("tool_calls"):
            clean["tool_calls"] = [
                {"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"]}}
                for c in turn["tool_calls"]
            ]
        if turn.get("tool_call_id"):
            clean["tool_call_id"] = turn["tool_call_id"]
        turns.append(clean)
    return turns


def as_turns(value: Any, role: str) -> list[Turn]:
    """A chat, or a text as one turn."""
    return to_turns(value) if isinstance(value, list) else [{"role": role, "content": value or ""}]


def with_system(chat: list[Turn], system: str | None) -> list[Turn]:
    """The chat with a first word of the system, where it has none."""
    if system is None or (chat and chat[0]["role"] == "system"):
        return chat
    return [{"role": "system", "content": system}, *chat]


def join_texts(value: Any) -> str:
    """A text, or the lines of a list of texts."""
    return "\n".join(v for v in value if v) if isinstance(value, list) else (value or "")


def spell_calls(turn: Turn) -> str:
    """The calls of a turn as JSON: one object, or a list where there are several."""
    calls = [
        {"name": c["function"]["name"], "arguments": _parse(c["function"]["arguments"])} for c in turn["tool_calls"]
    ]
    return json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False)


def _parse(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _pair(asked: str, answer: str) -> list[Turn]:
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]


def _join(*pieces: Any) -> str:
    return "\n\n".join(text for p in pieces if (text := join_texts(p)))


def _from_prompt(row: Row, answer: str) -> list[Turn]:
    prompt, said = as_turns(row["prompt"], "user"), as_turns(row[answer], "assistant")
    begins = [(t["role"], t["content"]) for t in prompt]
    if [(t["role"], t["content"]) for t in said[: len(prompt)]] == begins:
        return said  # the prompt stands in the answer already
    return [*prompt, *said]


_ANY = ("chat", "text")
_SHAPES: tuple[tuple[str, Mapping[str, tuple[str, ...]], tuple[str, ...], Callable[[Row], list[Turn]]], ...] = (
    ("messages", {"messages": ("chat",)}, (), lambda r: to_turns(r["messages"])),
    ("prompt, chosen", {"prompt": _ANY, "chosen": _ANY}, (), lambda r: _from_prompt(r, "chosen")),
    ("prompt, completion", {"prompt": _ANY, "completion": _ANY}, (), lambda r: _from_prompt(r, "completion")),
    (
        "instruction, output",
        {"instruction": ("text",), "output": ("text",)},
        ("input",),
        lambda r: _pair(_join(r["instruction"], r.get("input")), r["output"] or ""),
    ),
    (
        "question, answer",
        {"question": ("text",), "answer": ("text",)},
        ("document", "steps"),
        lambda r: _pair(_join(r.get("document"), r["question"]), _join(r.get("steps"), r["answer"])),
    ),
    ("prompt, revision", {"prompt": _ANY, "revision": ("text",)}, (), lambda r: _from_prompt(r, "revision")),
    ("text, label", {"text": ("text",), "label": ("text",)}, (), lambda r: _pair(r["text"] or "", r["label"] or "")),
)
