"""Requests and answers as OpenAI's API writes them, and how a form is asked for there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from sundog.lib.language.forms import read_form
from sundog.lib.language.protocol import Answer, Ask, Form, Message, ToolCall

Body: TypeAlias = dict[str, Any]

SCHEMA_WAYS = ("schema", "object", "words")
GRAMMAR_WAYS = ("grammar", "guided", "words")


@dataclass(frozen=True, slots=True)
class Manner:
    """How one endpoint wants to be asked; found out by asking, and remembered.

    Attributes:
        schema: how a JSON Schema is asked for: one of ``SCHEMA_WAYS``.
        grammar: how a grammar is asked for: one of ``GRAMMAR_WAYS``.
        most_tokens: name of the field that bounds the answer.
        without: fields that it refuses.
    """

    schema: str = "schema"
    grammar: str = "grammar"
    most_tokens: str = "max_tokens"
    without: tuple[str, ...] = ()

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def load(cls, written: str) -> Manner:
        """As ``dump`` wrote it."""
        told = json.loads(written)
        return cls(told["schema"], told["grammar"], told["most_tokens"], tuple(told["without"]))


def start_manner(structured: Literal["auto", "schema", "object", "words"]) -> Manner:
    """What a recipe states, before anything was found out."""
    if structured == "words":
        return Manner("words", "words")
    return Manner("object" if structured == "object" else "schema")


def soften(manner: Manner, ask: Ask, message: str) -> Manner | None:
    """How to ask instead, after the endpoint refused with this message; None where nothing is left to leave out."""
    said = message.lower()
    if "max_completion_tokens" in said and manner.most_tokens == "max_tokens":
        return replace(manner, most_tokens="max_completion_tokens")
    for field in ("temperature", "top_p", "seed", "stop"):
        if re.search(rf"\b{field}\b", said) and field not in manner.without:
            return replace(manner, without=(*manner.without, field))
    if ask.form is None:
        return None
    if ask.form.schema and manner.schema != "words":
        return replace(manner, schema=SCHEMA_WAYS[SCHEMA_WAYS.index(manner.schema) + 1])
    if not ask.form.schema and manner.grammar != "words":
        return replace(manner, grammar=GRAMMAR_WAYS[GRAMMAR_WAYS.index(manner.grammar) + 1])
    return None


def write_request(ask: Ask, name: str, manner: Manner, seed: int, in_words: bool) -> tuple[str, Body]:
    """Path and body of a request.

    Args:
        ask: the question.
        name: of the model.
        manner: how it is asked.
        seed: of this request.
        in_words: say the form in words too, because an answer came that had it not.
    """
    fields: Body = {"model": name, "temperature": ask.settings.temperature, "top_p": ask.settings.top_p, "seed": seed}
    fields[manner.most_tokens] = ask.settings.most_tokens
    if ask.settings.stop:
        fields["stop"] = list(ask.settings.stop)
    for field in manner.without:
        fields.pop(field, None)
    words = ""
    if ask.form is not None:
        told, words = _write_form(ask.form, manner)
        fields.update(told)
        words = words or (say_form(ask.form) if in_words else "")
    if ask.text:
        return "/completions", {**fields, "prompt": ask.text + (f"\n{words}\n" if words else "")}
    if ask.tools:
        fields["tools"] = json.loads(ask.tools)
    messages = [write_message(m) for m in ask.messages]
    if words:
        last = next((m for m in reversed(messages) if m["role"] == "user"), None)
        if last is None:
            messages.append({"role": "user", "content": words})
        else:
            last["content"] = f"{last['content']}\n\n{words}"
    return "/chat/completions", {**fields, "messages": messages}


def write_message(message: Message) -> Body:
    """A message of a chat."""
    written: Body = {"role": message.role, "content": message.content}
    if message.tool_calls:
        written["content"] = message.content or None
        written["tool_calls"] = [
            {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
            for c in message.tool_calls
        ]
    if message.role == "tool":
        written["tool_call_id"] = message.tool_call_id
    return written


def say_form(form: Form) -> str:
    """A form in words."""
    if form.schema:
        return (
            f"Answer with one JSON object and nothing else: no words around it, no fence.\nJSON Schema: {form.schema}"
        )
    if form.grammar:
        return f"Answer with nothing but a text that this grammar (GBNF) allows:\n{form.grammar}"
    return f"Answer with nothing but a text that matches this regular expression as a whole:\n{form.pattern}"


def _write_form(form: Form, manner: Manner) -> tuple[Body, str]:
    """Fields that ask for a form, and the words that do."""
    if form.schema:
        if manner.schema == "schema":
            return {"response_format": _write_schema(form.schema)}, ""
        return ({"response_format": {"type": "json_object"}} if manner.schema == "object" else {}), say_form(form)
    if manner.grammar == "words" or not form.grammar:
        return {}, say_form(form)
    if manner.grammar == "grammar":
        return {"grammar": form.grammar}, ""
    return {"guided_grammar": form.grammar, "structured_outputs": {"grammar": form.grammar}}, ""


@lru_cache(maxsize=256)
def _write_schema(schema: str) -> Body:
    """The same for every question of a step: read once, and changed by nobody."""
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": _is_strict(schema), "schema": json.loads(schema)},
    }


def _is_strict(schema: str) -> bool:
    """Whether OpenAI's strict mode takes it: every object is closed, and none of its names may be left out."""
    waiting: list[Any] = [json.loads(schema)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            names = part.get("properties")
            if isinstance(names, dict) and (
                part.get("additionalProperties") is not False or set(names) != set(part.get("required", ()))
            ):
                return False
            waiting += part.values()
    return True


class Unreadable(ValueError):
    """The body of an answer is none; the message says why."""


_FINISH: Mapping[str | None, Literal["stop", "length", "tools", "refused"]] = {
    "length": "length",
    "tool_calls": "tools",
    "function_call": "tools",
    "content_filter": "refused",
}


def read_completion(body: bytes) -> Answer:
    """The answer in a body of ``/chat/completions`` or ``/completions``.

    Raises:
        Unreadable: it is no UTF-8, no JSON, or holds no answer.
    """
    try:
        told = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("it is no UTF-8") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is no JSON") from None
    return read_answer(told)


def read_answer(told: object) -> Answer:
    """The same of parsed JSON."""
    try:
        assert isinstance(told, dict)
        choice = told["choices"][0]
        message = choice.get("message", choice)
        content = message.get("content", message.get("text"))
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) for part in content)
        calls = tuple(
            ToolCall(
                str(c.get("id") or f"call_{i}"),
                str(c["function"]["name"]),
                _write_arguments(c["function"].get("arguments")),
            )
            for i, c in enumerate(message.get("tool_calls") or ())
        )
        finish: Literal["stop", "length", "tools", "refused"] = _FINISH.get(choice.get("finish_reason"), "stop")
        refusal = message.get("refusal")
        if refusal:
            content, finish = str(refusal), "refused"
        usage = told.get("usage") or {}
        text = "" if content is None else content
        assert isinstance(text, str)
        text.encode()
        asked, answered = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        name = str(told.get("model") or "")
    except UnicodeEncodeError:
        raise Unreadable("its text holds half a character") from None
    except (AssertionError, KeyError, IndexError, TypeError, AttributeError, ValueError):
        raise Unreadable("it holds no answer of a model") from None
    return Answer(text, "tools" if calls and finish == "stop" else finish, calls, asked, answered, model=name)


def _write_arguments(stated: object) -> str:
    return stated if isinstance(stated, str) else json.dumps(stated if stated is not None else {}, ensure_ascii=False)


def shape_answer(ask: Ask, answer: Answer) -> Answer | None:
    """The answer in the form that was asked for, mended where that was needed; None if it has not that form."""
    if answer.finish == "refused":
        return answer
    if answer.tool_calls:
        return _shape_calls(ask, answer)
    if ask.form is None:
        return answer
    text = read_form(ask.form, answer.text)
    return None if text is None else replace(answer, text=text)


def _shape_calls(ask: Ask, answer: Answer) -> Answer | None:
    """Calls of tools that there are, with arguments that their schemas allow."""
    schemas = list_tools(ask.tools)
    calls = []
    for call in answer.tool_calls:
        if call.name not in schemas:
            return None
        arguments = read_form(Form(schemas[call.name]), call.arguments or "{}")
        if arguments is None:
            return None
        calls.append(replace(call, arguments=arguments))
    return replace(answer, tool_calls=tuple(calls), finish="tools")


@lru_cache(maxsize=256)
def list_tools(tools: str) -> Mapping[str, str]:
    """Name to the schema of the arguments of each tool."""
    stated = json.loads(tools) if tools else []
    return {t["function"]["name"]: json.dumps(t["function"].get("parameters") or {"type": "object"}) for t in stated}
