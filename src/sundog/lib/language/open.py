"""Opens the model that a recipe chose, whichever of the three ways it is."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from sundog.core.notes import Used
from sundog.lib.language.batch import open_batches
from sundog.lib.language.embedded import find_embedded
from sundog.lib.language.endpoint import Patience, name_endpoint, open_endpoint
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.llama import open_llama
from sundog.lib.language.protocol import Choice, LanguageModel
from sundog.lib.language.store import AnswerStore
from sundog.lib.language.stored import StoredModel
from sundog.lib.language.weights import Weights, find_gguf

DEFAULT = "smollm2"


@contextlib.asynccontextmanager
async def open_model(
    choice: Choice, store: AnswerStore | None, patience: Patience | None = None
) -> AsyncIterator[StoredModel]:
    """Open a model, the embedded one where nothing else is chosen. What is asked of it is looked for in the store first, and stored before it is given.

    Args:
        choice: which, and how it may be used.
        store: of answers; None for none, so that every question is asked, and limits hold for this process alone.
        patience: pauses between requests for one answer.

    Raises:
        RequestError: there is no such model here, or its address is wrong.
        MissingExtra: the packages of the extra ``text`` are not installed.
    """
    ledger = Ledger(prices=choice.prices)
    async with contextlib.AsyncExitStack() as stack:
        model: LanguageModel
        if choice.endpoint and choice.batch:
            model = await stack.enter_async_context(open_batches(choice, store, ledger, patience))
        elif choice.endpoint:
            model = await stack.enter_async_context(open_endpoint(choice, store, ledger, patience))
        else:
            model = await stack.enter_async_context(open_llama(choice, _find_weights(choice), ledger))
        stored = StoredModel(model, store, ledger)
        stack.push_async_callback(stored.close)
        yield stored


def describe(choice: Choice) -> Used:
    """What data made with the model depend on: its name, the hash of its weights (empty behind an endpoint), its licence.

    Raises:
        RequestError: there is no such model here.
    """
    if choice.endpoint:
        return Used(f"language model {name_endpoint(choice)}", "", "the terms of the endpoint")
    weights = _find_weights(choice)
    return Used(f"language model {weights.name}", weights.sha256, weights.licence)


def _find_weights(choice: Choice) -> Weights:
    if choice.gguf:
        return find_gguf(choice.gguf)
    return find_embedded(choice.embedded or DEFAULT)
