"""Chats of several turns. Tools are really run, and what they gave stands in the chat as it came.

Only calls that the plan or the model's own call channel make are run: a text that looks like a call is a text.
"""

from __future__ import annotations

import json
from typing import Any

from sundog.kinds.text._facts import form_around, says
from sundog.kinds.text._ground import Ground
from sundog.kinds.text._schema import object_schema, text_schema
from sundog.kinds.text._tools import Tool, call_tool, describe_tools, find_result
from sundog.kinds.text._units import (
    MODEL,
    Chat,
    Unfit,
    Unit,
    ask,
    ask_object,
    ask_text,
    chat_system,
    clean_text,
    draw,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    pick,
    say_setting,
    show_examples,
    try_again,
)
from sundog.kinds.text.recipe_tasks import ConversationTask
from sundog.lib.language.protocol import Message, ToolCall


async def make_conversation(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One chat."""
    task = ground.part.task
    assert isinstance(task, ConversationTask)
    turns = task.least_turns + draw(unit.key, "turns", task.most_turns - task.least_turns + 1)
    with_tool = draw(unit.key, "tool_turn", turns) if ground.tools and task.calls == "planned" else -1
    chat: Chat = chat_system(unit)
    for i in range(turns):
        if i == with_tool:
            chat = await try_again(unit, f"turn/{i}", lambda step, c=chat: _planned(unit, ground, task, c, step))  # type: ignore[misc]
            continue
        said = await try_again(unit, f"user/{i}", lambda step, c=chat, i=i: _speak_as_user(unit, c, i, step))  # type: ignore[misc]
        chat = (*chat, Message("user", said))
        if ground.tools and task.calls == "native":
            chat = await try_again(unit, f"assistant/{i}", lambda step, c=chat: _native(unit, ground, task, c, step))  # type: ignore[misc]
        else:
            answer = await try_again(unit, f"assistant/{i}", lambda step, c=chat: ask_text(unit, step, c))  # type: ignore[misc]
            chat = (*chat, Message("assistant", answer))
    called = any(m.tool_calls for m in chat)
    return {"messages": chat, "way": "tools" if called else "chat"}


def _show_chat(chat: Chat) -> str:
    return "\n".join(f"{m.role}: {m.content}" for m in chat if m.content and m.role != "system")


async def _speak_as_user(unit: Unit, chat: Chat, turn: int, step: str) -> str:
    if turn == 0:
        default = join_lines(
            "Write the first message of somebody who turns to an assistant, with a real need in it.",
            say_setting(unit),
        )
        prompt = join_lines(own_prompt(unit, default), show_examples(unit))
    else:
        prompt = join_lines(
            "Here is a chat with an assistant. Write the next message of the user: a question that follows from it, or a doubt, or "
            "a change of the request.",
            say_setting(unit),
            lay_data(unit, "chat", _show_chat(chat)),
        )
    schema = object_schema({"message": text_schema(2, 1500)})
    said = await ask_object(unit, step, (own_system(unit), Message("user", prompt)), schema)
    return str(said["message"])


async def _planned(unit: Unit, ground: Ground, task: ConversationTask, chat: Chat, step: str) -> Chat:
    """A turn with one call: arguments first, then the question that asks for it, then the answer that says the result."""
    tool = pick(unit.key, "tool", tuple(ground.tools.values()))
    given = dict(tool.draw(unit.key.child("arguments").child(step)))
    if task.arguments == "asked":
        prompt = join_lines(
            f"Make up arguments for one call of the tool {tool.name}: {tool.about}",
            say_setting(unit),
            f"For example: {json.dumps(given)}",
        )
        given = await ask_object(unit, f"{step}/arguments", (own_system(unit), Message("user", prompt)), tool.schema)
    arguments = json.dumps(given, ensure_ascii=False)
    result = call_tool(ground.tools, tool.name, arguments)
    if "error" in json.loads(result):
        raise Unfit("tool_error", f"{tool.name}: {result[:200]}")
    asked = await _word_question(unit, tool, given, chat, f"{step}/question")
    call = ToolCall(f"call_{unit.key.child('call').child(step).lo & 0xFFFFFF:06x}", tool.name, arguments)
    chat = (*chat, Message("user", asked), Message("assistant", "", (call,)), Message("tool", result, (), call.id))
    return (*chat, Message("assistant", await _say_result(unit, asked, result, f"{step}/answer")))


async def _word_question(unit: Unit, tool: Tool, given: dict[str, Any], chat: Chat, step: str) -> str:
    values = [str(v) for n, v in given.items() if n not in ("operation", "column")]
    prompt = join_lines(
        f"Write the message of a user for whose answer an assistant would use the tool {tool.name} with these arguments. Name every "
        "value as it is written there.",
        say_setting(unit),
        lay_data(unit, "arguments", json.dumps(given, ensure_ascii=False)),
        lay_data(unit, "chat", _show_chat(chat)) if chat else "",
    )
    form = form_around(values, 14) if unit.asked[MODEL].follows_grammars else None
    said = await ask_text(unit, step, (own_system(unit), Message("user", prompt)), form=form, most_tokens=160)
    if missing := [v for v in values if not says(said, v)]:
        raise Unfit("not_asked", f"the question does not name {missing[0]!r}")
    return said


async def _say_result(unit: Unit, asked: str, result: str, step: str) -> str:
    needed = find_result(result)
    prompt = join_lines(
        "A user asked an assistant this:",
        lay_data(unit, "question", asked),
        "The tool that the assistant used gave this:",
        lay_data(unit, "result", result),
        "Write the assistant's answer. Name the result as it is written there.",
    )
    form = form_around(needed, 12) if needed and unit.asked[MODEL].follows_grammars else None
    said = await ask_text(unit, step, (own_system(unit), Message("user", prompt)), form=form, most_tokens=240)
    if missing := [v for v in needed if not says(said, v)]:
        raise Unfit("result_missing", f"the answer does not say {missing[0][:60]!r}")
    return said


async def _native(unit: Unit, ground: Ground, task: ConversationTask, chat: Chat, step: str) -> Chat:
    """Turns of the assistant until it answers; it may call tools by the means of its endpoint."""
    told = describe_tools(ground.tools)
    begun = len(chat)
    for i in range(task.most_calls + 1):
        answer = await ask(unit, f"{step}/{i}", chat, tools=told if i < task.most_calls else "")
        if not answer.tool_calls:
            results = [m.content for m in chat[begun:] if m.role == "tool"]
            if results and all("error" in json.loads(r) for r in results):
                raise Unfit("tool_error", f"no call was answered; the last result: {results[-1][:160]}")
            return (*chat, Message("assistant", clean_text(answer, step)))
        calls = tuple(ToolCall(f"call_{i}_{j}", c.name, c.arguments) for j, c in enumerate(answer.tool_calls))
        chat = (*chat, Message("assistant", answer.text, calls))
        for call in calls:
            chat = (*chat, Message("tool", call_tool(ground.tools, call.name, call.arguments), (), call.id))
    raise Unfit("tool_loop", f"no answer came after {task.most_calls} calls")
