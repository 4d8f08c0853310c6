"""Rules that the chat templates of models have: who may speak after whom, and that nobody says nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sundog.core.errors import Problem, RequestError

Chat = Sequence[Mapping[str, Any]]

_ROLES = ("system", "user", "assistant", "tool")


def find_fault(chat: Chat, *, answered: bool = True) -> str:
    """What a chat template would refuse, in words; empty where nothing.

    The system speaks first or never; then the user, and after each user an assistant; results of tools follow the assistant that
    called them, and the assistant goes on; a turn says something or calls a tool; the last word is the assistant's.

    Args:
        chat: turns with ``role`` and ``content``, and ``tool_calls`` where there are any.
        answered: whether the last word must be the assistant's; a prompt ends with the user instead.
    """
    turns = list(chat)
    if not turns:
        return "it has no turns"
    for i, turn in enumerate(turns):
        if turn.get("role") not in _ROLES:
            return f"turn {i + 1} is by {turn.get('role')!r}, not by one of {', '.join(_ROLES)}"
        if not (turn.get("content") or "").strip() and not turn.get("tool_calls"):
            return f"turn {i + 1} ({turn['role']}) says nothing"
        if turn["role"] == "system" and i:
            return f"the system speaks in turn {i + 1}, and may speak first alone"
    spoken = [t for t in turns if t["role"] != "system"]
    first = len(turns) - len(spoken)
    if not spoken or spoken[0]["role"] != "user":
        return f"turn {first + 1} is by {spoken[0]['role'] if spoken else 'nobody'}, and must be by the user"
    for i in range(1, len(spoken)):
        before, now = spoken[i - 1], spoken[i]["role"]
        calls = bool(before.get("tool_calls"))
        allowed = {
            "user": ("assistant",),
            "assistant": ("tool",) if calls else ("user",),
            "tool": ("assistant", "tool"),
        }[str(before["role"])]
        if now not in allowed:
            return f"turn {first + i + 1} is by {now} after {before['role']}{' that called a tool' if calls else ''}; {' or '.join(allowed)} must follow"
    last = spoken[-1]
    if answered and (last["role"] != "assistant" or last.get("tool_calls")):
        return f"it ends with {'a call' if last.get('tool_calls') else last['role']}, and must end with an answer of the assistant"
    if not answered and last["role"] not in ("user", "tool"):
        return f"it ends with {last['role']}, and a prompt ends with the user"
    return ""


def check_chat(chat: Chat, where: str, row: int, *, answered: bool = True) -> None:
    """Raise for a chat that a template would refuse.

    Args:
        chat: its turns.
        where: part and table.
        row: number of the row in the table, from 0.
        answered: as above.

    Raises:
        RequestError: names the row and the fault.
    """
    fault = find_fault(chat, answered=answered)
    if fault:
        mend = "Choose other rows with --select, or make the data again with a rule against it."
        raise RequestError(Problem("SD-EXPORT-051", f"{where}, row {row}", f"the chat fits no template: {fault}", mend))
