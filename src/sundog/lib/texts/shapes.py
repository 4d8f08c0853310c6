"""What texts look like in Arrow: chats are lists of messages, so that ``datasets``, trainers and exporters read them as they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from sundog.core.tables import with_meaning
from sundog.lib.language.protocol import Message

MESSAGE = pa.struct([pa.field("role", pa.string(), False), pa.field("content", pa.string(), False)])
MESSAGES = pa.list_(pa.field("item", MESSAGE, False))
"""A chat without tools."""

_CALL = pa.struct([("id", pa.string()), ("name", pa.string()), ("arguments", pa.string())])
TOOL_MESSAGE = pa.struct(
    [
        pa.field("role", pa.string(), False),
        pa.field("content", pa.string(), False),
        pa.field("tool_calls", pa.list_(_CALL)),
        pa.field("tool_call_id", pa.string()),
    ]
)
TOOL_MESSAGES = pa.list_(pa.field("item", TOOL_MESSAGE, False))
"""A chat in which tools are called."""


def text_field(name: str, about: str, nullable: bool = False) -> pa.Field:
    """A column of texts."""
    return with_meaning(pa.field(name, pa.string(), nullable), "text", about)


def messages_field(name: str, about: str, tools: bool = False) -> pa.Field:
    """A column of chats."""
    return with_meaning(pa.field(name, TOOL_MESSAGES if tools else MESSAGES, False), "text", about)


def is_messages(field: pa.Field) -> bool:
    """Whether a column holds chats: lists of structs that have a role and a content."""
    kind = field.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)) or not pa.types.is_struct(kind.value_type):
        return False
    names = {kind.value_type.field(i).name for i in range(kind.value_type.num_fields)}
    return {"role", "content"} <= names


def to_rows(chat: Iterable[Message], tools: bool = False) -> list[dict[str, Any]]:
    """A chat as Arrow takes it."""
    if not tools:
        return [{"role": m.role, "content": m.content} for m in chat]
    return [
        {
            "role": m.role,
            "content": m.content,
            "tool_calls": [{"id": c.id, "name": c.name, "arguments": c.arguments} for c in m.tool_calls] or None,
            "tool_call_id": m.tool_call_id or None,
        }
        for m in chat
    ]


def join_messages(chat: Sequence[Mapping[str, Any]]) -> str:
    """All that is said in a chat, one turn a line: what length, language and duplicates are read from."""
    return "\n".join(str(m["content"]) for m in chat if m["content"])
