"""What a language model is to Sundog: something that is asked, and answers once. Whoever asks never knows which of the three ways
(an endpoint, a GGUF file, the embedded model) the answer came, nor whether it was made now or stored before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool that an assistant asks for.

    Attributes:
        id: what the message with the result refers to.
        name: of the tool.
        arguments: a JSON object, as text.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat.

    Attributes:
        role: who speaks.
        content: what is said; may be empty beside ``tool_calls``.
        tool_calls: of an assistant.
        tool_call_id: of a tool: the call that ``content`` answers.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What an answer must look like: one of the two is stated.

    Attributes:
        schema: JSON Schema of the one object that is the whole answer, as canonical JSON text.
        grammar: GBNF grammar of the whole answer; endpoints that know no grammars are asked in words, and what comes is tried
            against ``pattern``.
        pattern: regular expression (``re.fullmatch``, DOTALL) that says the same as the grammar, or less.
    """

    schema: str = ""
    grammar: str = ""
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How an answer is drawn.

    Attributes:
        temperature: 0 takes the likeliest token.
        top_p: share of the probability that is drawn from.
        most_tokens: of the answer.
        stop: texts that end it.
    """

    temperature: float = 0.7
    top_p: float = 0.95
    most_tokens: int = 512
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a model. Its hash, with the model's identity, is the address of the stored answer.

    Attributes:
        messages: the chat so far; empty where ``text`` is stated.
        text: raw text to be continued, with no chat template laid around it (pre-query prompts).
        seed: of the draw, from a key: another seed is another answer to the same question.
        settings: how it is drawn.
        form: what it must look like; None for free text.
        tools: JSON of the tools that may be called (OpenAI's form), or empty.
    """

    messages: tuple[Message, ...] = ()
    text: str = ""
    seed: int = 0
    settings: Settings = Settings()
    form: Form | None = None
    tools: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        text: the answer, as it was.
        finish: ``stop``: the model ended it; ``length``: it ran into ``most_tokens``; ``tools``: it asks for tools;
            ``refused``: a filter of the endpoint cut it; ``malformed``: nothing of the stated form came in all tries.
        tool_calls: calls of tools.
        asked_tokens: tokens of the question.
        answered_tokens: tokens of the answer.
        tries: how many requests it took.
        stored: whether it was stored before, so that it cost nothing now.
        model: name of the model as the endpoint or the file says it.
    """

    text: str
    finish: Literal["stop", "length", "tools", "refused", "malformed"] = "stop"
    tool_calls: tuple[ToolCall, ...] = ()
    asked_tokens: int = 0
    answered_tokens: int = 0
    tries: int = 1
    stored: bool = False
    model: str = ""


class LanguageModel(Protocol):
    """Something that can be asked. Many asks may wait at once; each is answered on its own."""

    @property
    def identity(self) -> str:
        """What makes answers differ: endpoint and name, or the hash of the weights. Never a key."""
        ...

    async def ask(self, ask: Ask) -> Answer:
        """The answer.

        Raises:
            RequestError: it can never be answered: no such model, a refused key, a question that is too long.
            Incomplete: it could not be answered now (nobody there, limits that do not end); nothing stored is lost.
        """
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model, and how it may be used; what a recipe's ``model`` comes to.

    Attributes:
        endpoint: base URL of an OpenAI-compatible server (``https://host/v1``), or empty.
        name: of the model there.
        key_from: environment variable that holds the key; it is read when the model is opened, and never written anywhere.
        gguf: path of a GGUF file, or ``hf:OWNER/REPO/FILE``; empty.
        embedded: name of an embedded model (``smollm2``); empty.
        concurrency: most questions that wait at the endpoint at once, over all workers.
        requests_per_minute: over all workers; 0 for no limit.
        tokens_per_minute: over all workers; 0 for no limit.
        tries: most requests for one answer, first one included.
        timeout_s: seconds that one request may take.
        batch: whether questions go through the endpoint's batch interface.
        structured: how a form is asked for at the endpoint.
        context_tokens: most tokens of question and answer together, for files and the embedded model.
        prices: of a million tokens asked and answered, in the currency of the user, for the ledger.
        headers: more headers, none of them secret.
    """

    endpoint: str = ""
    name: str = ""
    key_from: str = "OPENAI_API_KEY"
    gguf: str = ""
    embedded: str = ""
    concurrency: int = 64
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    tries: int = 6
    timeout_s: float = 120.0
    batch: bool = False
    structured: Literal["auto", "schema", "object", "words"] = "auto"
    context_tokens: int = 4096
    prices: tuple[float, float] = (0.0, 0.0)
    headers: Mapping[str, str] = field(default_factory=dict)
