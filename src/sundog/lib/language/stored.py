"""A model whose answers are stored: what was asked before is never asked again, and what is asked twice at once is asked once."""

from __future__ import annotations

import asyncio

from sundog.lib.language.address import address_of
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.protocol import Answer, Ask, LanguageModel
from sundog.lib.language.store import AnswerStore


class StoredModel:
    """Looks into the store before it asks, and commits an answer before it gives it."""

    def __init__(self, model: LanguageModel, store: AnswerStore | None, ledger: Ledger) -> None:
        self._model = model
        self._store = store
        self._identity = model.identity
        self._under_way: dict[str, asyncio.Task[Answer]] = {}
        self.ledger = ledger

    def __repr__(self) -> str:
        return f"StoredModel({self._identity!r})"

    @property
    def identity(self) -> str:
        """That of the model."""
        return self._identity

    async def ask(self, ask: Ask) -> Answer:
        """The answer; see ``LanguageModel``."""
        address = address_of(self._identity, ask)
        found = self._store.get(address) if self._store is not None else None
        if found is not None:
            self.ledger.count(found)
            return found
        task = self._under_way.get(address)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._make(address, ask))
            self._under_way[address] = task
            task.add_done_callback(lambda done: self._forget(address, done))
        # Whoever is cancelled does not take the question away from others, nor the answer that was paid for from the store.
        return await asyncio.shield(task)

    async def _make(self, address: str, ask: Ask) -> Answer:
        answer = await self._model.ask(ask)
        if self._store is not None:
            answer = await self._store.put(address, self._identity, answer)
        self.ledger.count(answer)
        return answer

    def _forget(self, address: str, done: asyncio.Task[Answer]) -> None:
        del self._under_way[address]
        if not done.cancelled():
            done.exception()  # somebody may have been cancelled who would have looked at it

    async def close(self) -> None:
        """End what is under way; an answer that has come is stored first."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._store is not None:
            await self._store.settle()
