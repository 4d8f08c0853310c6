"""Chats: OpenAI's messages and ShareGPT's conversations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sundog.core.protocols import BundleView
from sundog.export._chat_rules import check_chat
from sundog.export._chat_shapes import SHAPES_IN_WORDS, Row, Shape, Turn, find_shape, refuse, spell_calls, with_system
from sundog.export._hub_folder import Chosen, list_tables, write_folder
from sundog.export.extension_chat import ChatOut


@dataclass(frozen=True, slots=True)
class MessagesExporter:
    """Implements ``core.protocols.Exporter``. Source: https://platform.openai.com/docs/guides/supervised-fine-tuning."""

    def write(self, spec: ChatOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write ``messages`` of each chat, one a line; gives the paths."""
        return _write_chats(spec, bundle, target, "messages", lambda chat: {"messages": chat}, ("messages",))


@dataclass(frozen=True, slots=True)
class SharegptExporter:
    """Implements ``core.protocols.Exporter``. Calls of tools and their results are turns by ``function_call`` and ``observation``."""

    def write(self, spec: ChatOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write ``conversations`` of each chat, one a line; gives the paths."""
        return _write_chats(
            spec, bundle, target, "sharegpt", lambda c: {"conversations": _to_sharegpt(c)}, ("conversations",)
        )


def _write_chats(
    spec: ChatOut,
    bundle: BundleView,
    target: str,
    kind: str,
    form: Callable[[list[Turn]], dict[str, Any]],
    fields: tuple[str, ...],
) -> tuple[str, ...]:
    tables = list_tables(spec, bundle)
    chosen = [
        Chosen(table, shape.columns, partial(_convert, shape, spec.system, form), fields)
        for table in tables
        if (shape := find_shape(table.schema)) is not None
    ]
    if not chosen:
        raise refuse(SHAPES_IN_WORDS, {f"{t.part}.{t.name}": t.schema for t in tables})
    return write_folder(spec, bundle, target, chosen, kind)


def _convert(
    shape: Shape, system: str | None, form: Callable[[list[Turn]], dict[str, Any]], where: str, number: int, row: Row
) -> Iterator[dict[str, Any]]:
    chat = with_system(shape.convert(row), system)
    check_chat(chat, where, number)
    yield form(chat)


_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}


def _to_sharegpt(chat: list[Turn]) -> list[dict[str, str]]:
    turns = []
    for turn in chat:
        if turn["content"] or not turn.get("tool_calls"):
            turns.append({"from": _SPEAKERS[turn["role"]], "value": turn["content"]})
        if turn.get("tool_calls"):
            turns.append({"from": "function_call", "value": spell_calls(turn)})
    return turns
