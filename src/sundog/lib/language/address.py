"""The address of an answer: a hash of everything that makes one answer differ from another, and of nothing else."""

from __future__ import annotations

import json
from hashlib import blake2b

from sundog.lib.language.protocol import Answer, Ask, ToolCall

_VERSION = "1"


def address_of(identity: str, ask: Ask) -> str:
    """64 hexadecimal digits; the same ask to the same model has the same address on any machine, always."""
    settings, form = ask.settings, ask.form
    told = [
        _VERSION,
        identity,
        [[m.role, m.content, _list_calls(m.tool_calls), m.tool_call_id] for m in ask.messages],
        ask.text,
        ask.seed,
        [float(settings.temperature), float(settings.top_p), settings.most_tokens, list(settings.stop)],
        None if form is None else [form.schema, form.grammar, form.pattern],
        ask.tools,
    ]
    # ASCII with escapes, so that even half a surrogate pair of a user's text has an address.
    return blake2b(json.dumps(told, separators=(",", ":")).encode(), digest_size=32).hexdigest()


def _list_calls(calls: tuple[ToolCall, ...]) -> list[list[str]]:
    return [[c.id, c.name, c.arguments] for c in calls] if calls else []


def write_calls(answer: Answer) -> str:
    """Tool calls as the store keeps them: JSON, or nothing."""
    return json.dumps(_list_calls(answer.tool_calls)) if answer.tool_calls else ""


def read_calls(written: str) -> tuple[ToolCall, ...]:
    """Tool calls as ``write_calls`` wrote them."""
    return tuple(ToolCall(*call) for call in json.loads(written)) if written else ()
