"""Tools for models that know none: said in words, called by a JSON object that a grammar holds to its form."""

from __future__ import annotations

import json
from dataclasses import replace

from sundog.lib.language.protocol import Answer, Ask, Form, Message, ToolCall
from sundog.lib.language.wire import list_tools


def say_tools(ask: Ask) -> tuple[Message, ...]:
    """The chat with the tools in its system message, and calls and results as what was said."""
    lines = [
        "You can call these tools. Answer with one JSON object: a call has 'tool' and 'arguments', all else has 'say'."
    ]
    lines += [f"{name}: {schema}" for name, schema in list_tools(ask.tools).items()]
    names = {call.id: call.name for message in ask.messages for call in message.tool_calls}
    said = [_say(message, names) for message in ask.messages]
    if said and said[0].role == "system":
        return (Message("system", "\n".join([said[0].content, *lines])), *said[1:])
    return (Message("system", "\n".join(lines)), *said)


def _say(message: Message, names: dict[str, str]) -> Message:
    if message.role == "tool":
        return Message("user", f"Result of {names.get(message.tool_call_id, 'the tool')}: {message.content}")
    if message.tool_calls:
        calls = [json.dumps({"tool": c.name, "arguments": json.loads(c.arguments or "{}")}) for c in message.tool_calls]
        return Message("assistant", "\n".join(filter(None, [message.content, *calls])))
    return message


def form_of_tools(ask: Ask) -> Form:
    """A call of one of the tools, or something to say; of the stated form, where that is a schema."""
    say: object = {"type": "string"}
    if ask.form is not None and ask.form.schema:
        say = json.loads(ask.form.schema)
    ways: list[object] = [_closed({"say": say})]
    for name, schema in list_tools(ask.tools).items():
        ways.append(_closed({"tool": {"const": name}, "arguments": json.loads(schema)}))
    return Form(schema=json.dumps({"anyOf": ways}, sort_keys=True))


def _closed(properties: dict[str, object]) -> object:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def read_tool_answer(ask: Ask, answer: Answer) -> Answer | None:
    """What the object says: words, or a call; None if it is neither."""
    if answer.finish == "refused":
        return answer
    told = json.loads(answer.text)
    if "tool" in told:
        count = sum(len(m.tool_calls) for m in ask.messages)
        call = ToolCall(f"call_{count}", told["tool"], json.dumps(told["arguments"], ensure_ascii=False))
        return replace(answer, text="", finish="tools", tool_calls=(call,))
    say = told["say"]
    return replace(answer, text=say if isinstance(say, str) else json.dumps(say, ensure_ascii=False))
