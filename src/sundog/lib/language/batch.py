"""Questions through an endpoint's batch interface: most often half the price, and answers within a day.

Questions are gathered for as long as new ones come, written as one file, and handed in; the batch's number is stored before the first look at
it, so that a run that is killed, and others that ask the same, wait for that batch and do not pay twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import Any

from sundog.core.errors import Incomplete, RequestError
from sundog.core.keys import Key
from sundog.lib.language.address import address_of
from sundog.lib.language.endpoint import Patience, name_endpoint
from sundog.lib.language.faults import Refusal, judge_status, pause_before, refuse_body
from sundog.lib.language.forms import check_form
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.protocol import Answer, Ask, Choice
from sundog.lib.language.store import AnswerStore
from sundog.lib.language.transport import Transport
from sundog.lib.language.wire import Unreadable, read_answer, shape_answer, soften, start_manner, write_request

MOST_LINES = 50_000
MOST_BYTES = 150 * 1024 * 1024
_QUIET_S = 0.05
_LONGEST_LOOK_S = 60.0
_ENDED = ("completed", "expired", "failed", "cancelled")


class BatchModel:
    """Gathers questions into batches. Answers are not stored here, but the numbers of batches are."""

    def __init__(
        self, choice: Choice, transport: Transport, store: AnswerStore | None, ledger: Ledger, patience: Patience
    ) -> None:
        self._choice = choice
        self._transport = transport
        self._store = store
        self._ledger = ledger
        self._patience = patience
        self._manner = start_manner(choice.structured)
        self._new: dict[str, tuple[bytes, asyncio.Future[str]]] = {}
        self._came = 0
        self._gathering: asyncio.Task[None] | None = None
        self._looking: dict[str, asyncio.Task[dict[str, Any]]] = {}

    def __repr__(self) -> str:
        return f"BatchModel({self.identity!r})"

    @property
    def identity(self) -> str:
        """Address and name, as without batches: what was answered one way is not asked the other way."""
        return name_endpoint(self._choice)

    async def ask(self, ask: Ask) -> Answer:
        """The answer; see ``LanguageModel``."""
        if ask.form is not None:
            check_form(ask.form)
        address, seeds = address_of(self.identity, ask), Key.root(ask.seed)
        asked = answered = sent = softened = 0
        last: Answer | Refusal | None = None
        missed = False
        while sent < self._choice.tries:
            batch = self._store.find_batch(address) if self._store is not None else None
            if batch is None:
                seed = seeds.child("again").child(sent).seed() if missed else ask.seed
                batch = await self._hand_in(address, ask, seed, missed)
            manner = self._manner
            last = self._judge((await self._await(batch)).get(address))
            if isinstance(last, Refusal) and last.kind == "manner" and softened < 8:
                self._release(address)
                softened += 1
                softer = soften(manner, ask, last.message)
                if softer is None:
                    raise last.error
                self._manner = softer if self._manner == manner else self._manner
                continue
            sent += 1
            if isinstance(last, Refusal):
                self._release(address)
                if last.kind != "again":
                    raise last.error
                continue
            asked, answered = asked + last.asked_tokens, answered + last.answered_tokens
            shaped = shape_answer(ask, last)
            if shaped is not None:
                return replace(shaped, asked_tokens=asked, answered_tokens=answered, tries=sent)
            self._release(address)
            missed = True
        if isinstance(last, Answer):
            return replace(
                last, finish="malformed", tool_calls=(), asked_tokens=asked, answered_tokens=answered, tries=sent
            )
        assert last is not None
        raise last.error

    def _judge(self, line: dict[str, Any] | None) -> Answer | Refusal:
        """What a line of a batch says; nothing where the batch ended before it came to the question."""
        place = self._transport.place
        if line is None:
            what, fix = "the batch ended before it came to this question", "Run the command again with --resume."
            return Refusal("again", Incomplete(place.problem("SD-MODEL-060", what, fix)))
        response = line.get("response") or {}
        body = response.get("body")
        if response.get("status_code") != 200:
            told = json.dumps(body if body is not None else {"error": line.get("error")}).encode()
            return judge_status(place, int(response.get("status_code") or 500), told, {}, "")
        try:
            return read_answer(body)
        except Unreadable as error:
            return refuse_body(place, str(error))

    def _release(self, address: str) -> None:
        """Ask again: what the batch said of it is of no use."""
        if self._store is not None:
            self._store.drop_waiting(address)

    async def _hand_in(self, address: str, ask: Ask, seed: int, in_words: bool) -> str:
        """The number of the batch that the question becomes a line of."""
        path, body = write_request(ask, self._choice.name, self._manner, seed, in_words)
        line = json.dumps({"custom_id": address, "method": "POST", "url": f"/v1{path}", "body": body}).encode()
        handed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._new[address] = (line, handed)
        self._came += 1
        self._ledger.requests += 1
        if self._gathering is None or self._gathering.done():
            self._gathering = asyncio.create_task(self._gather())
        return await handed

    async def _gather(self) -> None:
        """Hand in what has gathered, once nothing new comes."""
        while self._new:
            came = -1
            while came != self._came:
                came = self._came
                await asyncio.sleep(_QUIET_S)
            for url in sorted({json.loads(line)["url"] for line, _ in self._new.values()}):
                taken = self._take(url)
                try:
                    batch = await self._submit(b"\n".join(line for line, _ in taken.values()) + b"\n", url, list(taken))
                except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it was
                    for _, handed in taken.values():
                        if not handed.done():
                            handed.set_exception(error)
                    continue
                for _, handed in taken.values():
                    if not handed.done():
                        handed.set_result(batch)

    def _take(self, url: str) -> dict[str, tuple[bytes, asyncio.Future[str]]]:
        """The lines of one batch: one path each, so many, and so large."""
        taken: dict[str, tuple[bytes, asyncio.Future[str]]] = {}
        size = 0
        for address, (line, handed) in list(self._new.items()):
            if json.loads(line)["url"] != url:
                continue
            if taken and (len(taken) == MOST_LINES or size + len(line) > MOST_BYTES):
                break
            size += len(line) + 1
            taken[address] = (line, handed)
            del self._new[address]
        return taken

    async def _submit(self, lines: bytes, url: str, addresses: list[str]) -> str:
        name = f"sundog-{blake2b(lines, digest_size=8).hexdigest()}.jsonl"
        file = await self._insist(partial(self._transport.upload, "/files", name, lines, "batch"))
        stated = {"input_file_id": file["id"], "endpoint": url, "completion_window": "24h"}
        batch = str((await self._insist(partial(self._transport.send, "/batches", json.dumps(stated).encode())))["id"])
        if self._store is not None:
            await asyncio.to_thread(self._store.await_batch, self.identity, batch, addresses)
        return batch

    async def _insist(self, call: Callable[[], Awaitable[bytes | Refusal]]) -> dict[str, Any]:
        """A call of the interface that is made again where that may help; gives its JSON."""
        told = await self._call(call)
        if isinstance(told, Refusal):
            raise self._explain(told)
        return dict(self._parse(told))

    async def _call(self, call: Callable[[], Awaitable[bytes | Refusal]]) -> bytes | Refusal:
        key = Key.root(0).child("batch")
        told: bytes | Refusal = await call()
        for attempt in range(2, self._choice.tries + 1):
            if not isinstance(told, Refusal) or told.kind != "again":
                break
            pause = pause_before(attempt, key, self._patience.first_s, self._patience.most_s)
            await asyncio.sleep(pause if told.wait_s is None else told.wait_s)
            told = await call()
        return told

    def _parse(self, told: bytes) -> Any:
        try:
            return json.loads(told)
        except ValueError:
            raise refuse_body(self._transport.place, "it is no JSON").error from None

    def _explain(self, refused: Refusal) -> Exception:
        """An endpoint without the interface says so by 404 or 405."""
        if refused.status in (404, 405, 501):
            what = f"the endpoint has no batch interface: {refused.message}"
            problem = self._transport.place.problem("SD-MODEL-061", what, "Leave 'batch' out.")
            return RequestError(problem)
        return refused.error

    async def _await(self, batch: str) -> dict[str, Any]:
        """The lines of a batch that ended, by address; one task looks for all who wait."""
        task = self._looking.get(batch)
        if task is None:
            task = self._looking[batch] = asyncio.create_task(self._look(batch))
        return await asyncio.shield(task)

    async def _look(self, batch: str) -> dict[str, Any]:
        pause = self._patience.first_s
        while True:
            told = await self._call(partial(self._transport.fetch, f"/batches/{batch}"))
            if isinstance(told, Refusal):
                if told.status == 404:
                    return {}  # it is too old, or of another account: asked again
                raise told.error
            state = self._parse(told)
            if state.get("status") in _ENDED:
                break
            await asyncio.sleep(pause)
            pause = min(_LONGEST_LOOK_S, pause * 1.5)
        found: dict[str, Any] = {}
        for name in ("output_file_id", "error_file_id"):
            if state.get(name):
                content = await self._call(partial(self._transport.fetch, f"/files/{state[name]}/content"))
                if isinstance(content, Refusal):
                    raise content.error
                for line in content.splitlines():
                    if line.strip():
                        parsed = self._parse(line)
                        found[str(parsed["custom_id"])] = parsed
        return found

    async def close(self) -> None:
        """Look no longer; the endpoint goes on, and a later run takes what it made."""
        tasks = [task for task in (self._gathering, *self._looking.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def open_batches(
    choice: Choice, store: AnswerStore | None, ledger: Ledger, patience: Patience | None = None
) -> AsyncIterator[BatchModel]:
    """Open the batch interface of an endpoint.

    Raises:
        RequestError: the address holds a key; MissingExtra: aiohttp is not installed.
    """
    async with Transport(choice) as transport:
        model = BatchModel(choice, transport, store, ledger, patience or Patience())
        try:
            yield model
        finally:
            await model.close()
