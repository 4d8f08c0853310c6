"""An event loop in a thread of its own, so that models can be asked where a loop runs already: in a notebook, or beside a driven browser."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, TypeVar

T = TypeVar("T")


class OwnLoop:
    """Runs coroutines from outside of their loop, one call after the other; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon: a process that ends in the middle of a question does not wait for its answer.
        self._thread = threading.Thread(target=self._loop.run_forever, name="models", daemon=True)

    def __enter__(self) -> OwnLoop:
        self._thread.start()
        return self

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives; it is cancelled when the caller is interrupted while it waits."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(_end_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _end_others() -> None:
    """Cancel what still runs in this loop, and wait for its end."""
    loop = asyncio.get_running_loop()
    others = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """``asyncio.run`` that also works where a loop runs."""
    with OwnLoop() as loop:
        return loop.run(work)
