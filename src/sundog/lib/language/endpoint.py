"""A model behind an OpenAI-compatible endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from sundog.core.errors import SundogError, nearest
from sundog.core.keys import Key
from sundog.lib.language.faults import Refusal, pause_before, refuse_body
from sundog.lib.language.forms import check_form
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.limits import Gate
from sundog.lib.language.protocol import Answer, Ask, Choice
from sundog.lib.language.store import AnswerStore
from sundog.lib.language.transport import Transport
from sundog.lib.language.wire import (
    Manner,
    Unreadable,
    read_completion,
    shape_answer,
    soften,
    start_manner,
    write_request,
)

_MANNER = "manner"


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses between requests for one answer: the first, doubled each time, at most so long."""

    first_s: float = 0.5
    most_s: float = 60.0


def name_endpoint(choice: Choice) -> str:
    """The identity of a model behind an endpoint: its address and name, no key."""
    return f"{choice.endpoint.partition('?')[0].rstrip('/')}#{choice.name}"


class EndpointModel:
    """Asks an endpoint, again where that may help, within its limits. Answers are not stored here."""

    def __init__(
        self,
        choice: Choice,
        transport: Transport,
        gate: Gate,
        store: AnswerStore | None,
        ledger: Ledger,
        patience: Patience,
    ) -> None:
        self._choice = choice
        self._transport = transport
        self._gate = gate
        self._store = store
        self._ledger = ledger
        self._patience = patience
        self._dead: SundogError | None = None
        self._guess = 0.0
        stated = start_manner(choice.structured)
        found = store.recall(self.identity, _MANNER) if store is not None and choice.structured == "auto" else None
        self._manner = Manner.load(found) if found else stated

    def __repr__(self) -> str:
        return f"EndpointModel({self.identity!r})"

    @property
    def identity(self) -> str:
        """Address and name."""
        return name_endpoint(self._choice)

    @property
    def manner(self) -> Manner:
        """How the endpoint is asked, as far as it was found out."""
        return self._manner

    async def ask(self, ask: Ask) -> Answer:
        """The answer; see ``LanguageModel``."""
        if ask.form is not None:
            check_form(ask.form)
        asked = answered = sent = 0
        manner = self._manner
        missed = False
        last: Refusal | Answer | None = None
        while sent < self._choice.tries:
            if self._dead is not None:
                raise self._dead
            if isinstance(last, Refusal):
                await self._pause(last, sent + 1, Key.root(ask.seed))
            # The same seed would bring the same answer again.
            seed = Key.root(ask.seed).child("again").child(sent).seed() if missed else ask.seed
            path, body = write_request(ask, self._choice.name, manner, seed, in_words=missed)
            last = await self._send(path, json.dumps(body).encode(), ask)
            if isinstance(last, Refusal) and last.kind == "manner":
                softer = soften(manner, ask, last.message)
                if softer is None:
                    raise last.error
                manner = self._adopt(manner, softer)
                last = None
                continue  # nothing was asked yet: the number of manners bounds it
            sent += 1
            if isinstance(last, Refusal):
                if last.kind == "never":
                    raise await self._give_up(last)
                continue
            asked, answered = asked + last.asked_tokens, answered + last.answered_tokens
            shaped = shape_answer(ask, last)
            if shaped is not None:
                return replace(shaped, asked_tokens=asked, answered_tokens=answered, tries=sent)
            missed = True
            if ask.form is not None and ask.form.grammar and not ask.form.schema and manner.grammar != "words":
                # Servers that know no grammars often say nothing of it.
                softer = soften(manner, ask, "")
                manner = self._adopt(manner, softer) if softer is not None else manner
        if isinstance(last, Answer):
            return replace(
                last, finish="malformed", tool_calls=(), asked_tokens=asked, answered_tokens=answered, tries=sent
            )
        assert last is not None
        if last.for_all:
            self._dead = last.error  # nobody is there: no other question needs to find that out
        raise last.error

    async def _send(self, path: str, body: bytes, ask: Ask) -> Answer | Refusal:
        """One request within the limits."""
        guessed = int(len(body) / 4 + (self._guess or ask.settings.most_tokens / 2))
        async with self._gate.turn(guessed):
            if self._dead is not None:
                raise self._dead
            self._ledger.requests += 1
            told = await self._transport.send(path, body)
        if isinstance(told, Refusal):
            self._gate.correct(guessed, 0)
            return told
        try:
            answer = read_completion(told)
        except Unreadable as error:
            return refuse_body(self._transport.place, str(error))
        self._guess = (
            0.95 * self._guess + 0.05 * answer.answered_tokens if self._guess else float(answer.answered_tokens)
        )
        self._gate.correct(guessed, answer.asked_tokens + answer.answered_tokens or guessed)
        return answer

    async def _pause(self, refused: Refusal, attempt: int, seeds: Key) -> None:
        wait = pause_before(attempt, seeds, self._patience.first_s, self._patience.most_s)
        if refused.wait_s is not None:
            await self._gate.hold_back(refused.wait_s)
            wait = refused.wait_s
        await asyncio.sleep(wait)

    def _adopt(self, before: Manner, softer: Manner) -> Manner:
        """Ask so from now on, and remember it; somebody else may have found out more meanwhile."""
        if self._manner == before:
            self._manner = softer
            if self._store is not None:
                self._store.remember(self.identity, _MANNER, softer.dump())
            return softer
        return self._manner if self._manner != before else softer

    async def _give_up(self, refused: Refusal) -> SundogError:
        """The error, with the names that the endpoint knows where the model's name is not among them."""
        error = refused.error
        if refused.status == 404:
            names = await self._list_models()
            if names and self._choice.name not in names:
                problem = error.problems[0]
                error = type(error)(replace(problem, fix=f"{nearest(self._choice.name, names)} {problem.fix}"))
        if refused.for_all:
            self._dead = error
        return error

    async def _list_models(self) -> list[str]:
        told = await self._transport.fetch("/models")
        if isinstance(told, Refusal):
            return []
        try:
            return [str(model["id"]) for model in json.loads(told)["data"]]
        except (ValueError, KeyError, TypeError):
            return []


@contextlib.asynccontextmanager
async def open_endpoint(
    choice: Choice, store: AnswerStore | None, ledger: Ledger, patience: Patience | None = None
) -> AsyncIterator[EndpointModel]:
    """Open a pool of connections and take part in the limits.

    Raises:
        RequestError: the address holds a key; MissingExtra: aiohttp is not installed.
    """
    identity = name_endpoint(choice)
    gate = Gate(identity, choice.concurrency, choice.requests_per_minute, choice.tokens_per_minute, store)
    async with Transport(choice) as transport, gate:
        yield EndpointModel(choice, transport, gate, store, ledger, patience or Patience())
