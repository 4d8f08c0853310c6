"""llama.cpp with the embedded model itself: an answer depends on the ask alone, and grammars hold."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

from sundog.core.errors import MissingExtra, RequestError
from sundog.lib.language.faults import TooLong
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.llama import LlamaModel, open_llama, write_body
from sundog.lib.language.llama_tools import say_tools
from sundog.lib.language.open import describe, open_model
from sundog.lib.language.protocol import Answer, Ask, Choice, Form, Message, Settings
from sundog.lib.language.store import AnswerStore
from sundog.lib.language.weights import Weights, find_gguf, hash_file, read_header

CHOICE = Choice(context_tokens=512, tries=3)
SHORT = Settings(temperature=0.8, most_tokens=12)
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"size": {"enum": ["small", "large"]}, "count": {"type": "integer", "minimum": 0, "maximum": 99}},
        "required": ["size", "count"],
        "additionalProperties": False,
    }
)


def say(text: str, seed: int = 0, **more: object) -> Ask:
    return Ask((Message("user", text),), **{"seed": seed, "settings": SHORT, **more})  # type: ignore[arg-type]


@pytest.fixture
def weights(smollm2: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """Of the embedded model."""
    from sundog.lib.language.embedded import find_embedded

    monkeypatch.setenv("SUNDOG_CACHE", str(smollm2))
    return find_embedded("smollm2")


def ask_all(weights: Weights, asks: Sequence[Ask], choice: Choice = CHOICE, slots: int = 4) -> list[Answer]:
    async def run() -> list[Answer]:
        async with open_llama(choice, weights, Ledger(), slots) as model:
            return list(await asyncio.gather(*(model.ask(a) for a in asks)))

    return asyncio.run(run())


def ask_one_by_one(weights: Weights, asks: Sequence[Ask]) -> list[Answer]:
    async def run() -> list[Answer]:
        async with open_llama(CHOICE, weights, Ledger(), 1) as model:
            return [await model.ask(a) for a in asks]

    return asyncio.run(run())


def test_an_answer_depends_on_the_ask_alone(weights: Weights) -> None:
    """Alone in one slot, and among others of other lengths in four, in another order: the same bits."""
    asks = [say("Tell of a shop. " + "It is old. " * (i % 4), seed=i) for i in range(6)]
    asks += [say("A box.", seed=i, form=Form(schema=SCHEMA), settings=Settings(most_tokens=40)) for i in range(2)]
    asks += [Ask(text="Once upon", seed=5, settings=SHORT)]
    alone = ask_one_by_one(weights, asks)
    among = ask_all(weights, asks[::-1])[::-1]
    assert [(a.text, a.finish, a.tries) for a in among] == [(a.text, a.finish, a.tries) for a in alone]
    assert len({a.text for a in alone}) > 6
    assert alone[0].finish == "length"
    assert alone[0].answered_tokens == 12
    assert alone[0].asked_tokens > 5


def test_grammars_and_schemas_hold(weights: Weights) -> None:
    """With a model that could not do it by itself."""
    asks = [say("A box", seed=i, form=Form(schema=SCHEMA), settings=Settings(1.5, 1.0, 48)) for i in range(2)]
    asks += [say("Is it so?", seed=1, form=Form(grammar='root ::= "yes" | "no"', pattern="yes|no"))]
    *objects, word = ask_all(weights, asks)
    assert all(json.loads(a.text)["size"] in ("small", "large") for a in objects)
    assert all(0 <= json.loads(a.text)["count"] <= 99 for a in objects)
    assert word.text in ("yes", "no")
    assert word.finish == "stop"


def test_what_is_cut_is_malformed(weights: Weights) -> None:
    """Two tokens are no object: other seeds are tried, and their tokens counted."""
    (answer,) = ask_all(weights, [say("A box", form=Form(schema=SCHEMA), settings=Settings(most_tokens=2))])
    assert (answer.finish, answer.tries, answer.answered_tokens) == ("malformed", 3, 6)


def test_a_pattern_alone_is_asked_for_in_words(weights: Weights) -> None:
    """And the answer held against it."""
    (answer,) = ask_all(weights, [say("A box", form=Form(pattern="zzz"))])
    assert (answer.finish, answer.tries) == ("malformed", 3)


def test_a_question_longer_than_the_context(weights: Weights) -> None:
    """An error of its own; the model goes on."""

    async def run() -> Answer:
        async with open_llama(CHOICE, weights, Ledger()) as model:
            with pytest.raises(TooLong, match="SD-MODEL-051"):
                await model.ask(say("word " * 100_000))
            return await model.ask(say("half a letter: \ud800"))

    assert asyncio.run(run()).text


def test_what_llama_cannot_use_is_coded(weights: Weights) -> None:
    """A grammar with a rule that is not there, and a regular expression that no grammar can say."""
    with pytest.raises(RequestError, match="SD-MODEL-052"):
        ask_all(weights, [say("x", form=Form(grammar="root ::= nothing"))])


TOOLS = json.dumps(
    [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"enum": ["Rome", "Oslo"]}},
                    "required": ["city"],
                    "additionalProperties": False,
                },
            },
        }
    ]
)


def test_tools_without_a_template_for_them(weights: Weights) -> None:
    """Either a call that the schema allows, or words; the chat that follows is plain text."""
    asks = [
        say("What is the weather in Rome?", seed=i, tools=TOOLS, settings=Settings(0.8, 0.95, 40)) for i in range(6)
    ]
    answers = ask_all(weights, asks)
    calls = [a.tool_calls[0] for a in answers if a.finish == "tools"]
    assert calls
    assert all(c.name == "weather" and json.loads(c.arguments)["city"] in ("Rome", "Oslo") for c in calls)
    assert all(a.text and not a.tool_calls for a in answers if a.finish == "stop")
    chat = (
        *asks[0].messages,
        Message("assistant", "", calls[:1] and (calls[0],)),
        Message("tool", "21 C", (), calls[0].id),
    )
    said = say_tools(Ask(chat, tools=TOOLS))
    assert [m.role for m in said] == ["system", "user", "assistant", "user"]
    assert "weather" in said[0].content
    assert said[3].content == "Result of weather: 21 C"
    assert json.loads(said[2].content) == {"tool": "weather", "arguments": json.loads(calls[0].arguments)}


def test_a_chat_with_a_system_message_keeps_it_first() -> None:
    """The tools are said behind it."""
    said = say_tools(Ask((Message("system", "Be kind."), Message("user", "hi")), tools=TOOLS))
    assert said[0].content.startswith("Be kind.\n")
    assert [m.role for m in said] == ["system", "user"]


def test_seeds_never_ask_for_the_clock() -> None:
    """All bits set would."""
    assert write_body(say("x"), 0x7FFFFFFF)["seed"] == 0x7FFFFFFF
    assert write_body(say("x", settings=Settings(stop=("END",))), 1)["stop"] == ["END"]


def test_its_port_is_closed_to_others(weights: Weights) -> None:
    """llama.cpp listens on this machine: nobody else may ask there."""

    async def run() -> None:
        async with open_llama(CHOICE, weights, Ledger()) as model:
            assert isinstance(model, LlamaModel)
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"{model._server.listening_address}/v1/models")
            assert caught.value.code == 401
            caught.value.close()

    asyncio.run(run())


def test_the_embedded_model_through_the_store(weights: Weights, store: AnswerStore) -> None:
    """Nothing is chosen: the embedded model; what was answered is there the next time without one token more."""

    async def run() -> tuple[Answer, Ledger]:
        async with open_model(Choice(context_tokens=512), store) as model:
            assert model.identity == f"gguf:{weights.sha256}"
            return await model.ask(say("hello")), model.ledger

    (first, spent), (again, free) = asyncio.run(run()), asyncio.run(run())
    assert (again.text, again.stored) == (first.text, True)
    assert (spent.requests, free.requests) == (1, 0)
    used = describe(Choice())
    assert (used.sha256, used.licence) == (weights.sha256, "Apache-2.0")
    assert "SmolLM2" in used.what


def test_a_file_by_its_path(weights: Weights) -> None:
    """What it says of itself."""
    found = find_gguf(str(weights.path))
    assert (found.sha256, found.licence) == (weights.sha256, "apache-2.0")
    assert found.name.endswith("(SmolLM2-135M-Instruct.Q4_1.gguf)")
    assert read_header(weights.path)["general.architecture"] == "llama"


def test_files_that_are_none(tmp_path: Path, weights: Weights) -> None:
    """Not there; no GGUF; a GGUF that is cut."""
    with pytest.raises(RequestError, match="SD-MODEL-041"):
        find_gguf(str(tmp_path / "none.gguf"))
    text = tmp_path / "text.gguf"
    for content in (b"", b"some text that is no model at all", b"GGUF\x03\0\0\0" + b"\xff" * 16 + b"\xff" * 64):
        text.write_bytes(content)
        with pytest.raises(RequestError, match="SD-MODEL-042"):
            find_gguf(str(text))
    cut = tmp_path / "cut.gguf"
    with weights.path.open("rb") as file:
        cut.write_bytes(file.read(2_000_000))
    with pytest.raises(RequestError, match="SD-MODEL-053"):
        ask_all(find_gguf(str(cut)), [say("x")])


def test_a_hash_is_taken_anew_when_the_file_changes(tmp_path: Path) -> None:
    """And only then."""
    from hashlib import sha256

    path = tmp_path / "weights.gguf"
    for content in (b"one", b"two two"):
        path.write_bytes(content)
        assert hash_file(path) == hash_file(path) == sha256(content).hexdigest()


def test_a_missing_package_names_the_extra(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where the extra was not installed."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r"SD-MODEL-050[\s\S]*\[text\]"):
        ask_all(weights, [say("x")])
