"""Whether results of tools in chats come out again, over all rows that were written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sundog.core.findings import Answer, Bars, Exhibit, Role, Series
from sundog.core.protocols import Evidence
from sundog.kinds.text._counted import count_faults, show_faults
from sundog.kinds.text._tables import ITEMS
from sundog.kinds.text._tools import Tool, call_tool, open_tool
from sundog.kinds.text.recipe import TextPart, ToolsCheck
from sundog.kinds.text.recipe_tasks import ConversationTask


@dataclass(frozen=True, slots=True)
class ToolsRun:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Conversations with tools."""
        part = evidence.part
        return isinstance(part, TextPart) and isinstance(part.task, ConversationTask) and bool(part.task.tools)

    def run(self, spec: ToolsCheck, evidence: Evidence, key: object) -> Answer:
        """Chats in which a result is not what the tool gives, or a call has no result; one withholds."""
        assert isinstance(evidence.part, TextPart)
        task = evidence.part.task
        assert isinstance(task, ConversationTask)
        tools = {tool.called: open_tool(tool) for tool in task.tools}
        chats, wrong, calls = 0, [], Counter[str]()
        for batch in evidence.scan("synthetic", ITEMS, ["messages"]):
            for chat in batch.column(0).to_pylist():
                chats += 1
                calls.update(c["name"] for m in chat for c in m["tool_calls"] or ())
                if fault := find_false_result(chat, tools):
                    wrong.append((fault, json.dumps(chat, ensure_ascii=False)))
        fault = "hold a result that the tool does not give"
        finding = count_faults(evidence, "verification.tools", "results of tools", len(wrong), chats, "chats", fault)
        finding = finding.model_copy(update={"why": f"{finding.why}; {sum(calls.values()):,} calls in all"})
        shown: list[Exhibit] = [_show_calls(evidence, calls)] if calls else []
        if wrong:
            shown.append(
                show_faults(evidence, "verification.tools", "Results that are false", ("fault", "chat"), wrong)
            )
        return Answer(findings=(finding,), exhibits=tuple(shown))


def find_false_result(chat: Sequence[Mapping[str, Any]], tools: Mapping[str, Tool]) -> str:
    """What is wrong with the calls of a chat; empty where each has its result, once, and it is right."""
    waiting: dict[str, tuple[str, str]] = {}
    for message in chat:
        for call in message["tool_calls"] or ():
            waiting[call["id"]] = (call["name"], call["arguments"])
        if message["role"] != "tool":
            continue
        asked = waiting.pop(message["tool_call_id"], None)
        if asked is None:
            return "a result without a call"
        if message["content"] != call_tool(tools, *asked):
            return f"{asked[0]} gives another result"
    return "a call without a result" if waiting else ""


def _show_calls(evidence: Evidence, calls: Mapping[str, int]) -> Exhibit:
    names = tuple(sorted(calls))
    return Exhibit(
        check="verification.tools",
        part=evidence.name,
        section="verification",
        title="Calls by tool",
        how_to_read="How often each tool was called; all calls were made once more and gave the result that stands in the chat.",
        drawing=Bars(
            labels=names, series=(Series(name="calls", y=tuple(float(calls[n]) for n in names)),), unit="calls"
        ),
    )
