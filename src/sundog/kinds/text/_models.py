"""From what a recipe says of a model to one that is open, and whether anybody answers there."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping

from sundog.core.notes import Used
from sundog.core.recipe_model import ModelSpec
from sundog.kinds.text._units import JUDGE, MODEL, Asked
from sundog.kinds.text.recipe import TextPart
from sundog.lib.language.open import describe, open_model
from sundog.lib.language.own_loop import run_apart
from sundog.lib.language.protocol import Ask, Choice, Message, Settings
from sundog.lib.language.store import AnswerStore


def choose(spec: ModelSpec) -> Choice:
    """The choice that a spec states."""
    return Choice(
        endpoint=spec.endpoint or "",
        name=spec.name or "",
        key_from=spec.key_from,
        gguf=spec.gguf or "",
        embedded=spec.embedded or ("smollm2" if spec.endpoint is None and spec.gguf is None else ""),
        concurrency=spec.concurrency,
        requests_per_minute=spec.requests_per_minute or 0,
        tokens_per_minute=spec.tokens_per_minute or 0,
        tries=spec.tries,
        timeout_s=spec.timeout,
        batch=spec.batch,
        structured=spec.structured,
        context_tokens=spec.context,
        prices=(spec.price_asked, spec.price_answered),
    )


def list_specs(part: TextPart) -> Mapping[str, ModelSpec]:
    """Whom a part asks: the model, and a judge where the task states one."""
    if not part.uses_model():
        return {}
    judge = getattr(part.task, "judge", None)
    return {MODEL: part.model} if judge is None else {MODEL: part.model, JUDGE: judge}


def describe_models(part: TextPart) -> tuple[Used, ...]:
    """Name, hash and licence of each model.

    Raises:
        RequestError: there is no such model here.
    """
    return tuple(dict.fromkeys(describe(choose(spec)) for spec in list_specs(part).values()))


@contextlib.asynccontextmanager
async def open_asked(part: TextPart, store: AnswerStore | None) -> AsyncIterator[Mapping[str, Asked]]:
    """The models of a part, open; one that is stated twice is opened once."""
    async with contextlib.AsyncExitStack() as stack:
        opened: dict[str, Asked] = {}
        known: dict[str, Asked] = {}
        for name, spec in list_specs(part).items():
            same = choose(spec)
            word = repr(same)
            if word in known:
                opened[name] = Asked(known[word].model, spec)
            else:
                opened[name] = known[word] = Asked(await stack.enter_async_context(open_model(same, store)), spec)
        if opened:
            opened.setdefault(JUDGE, opened[MODEL])
        yield opened


async def probe(part: TextPart) -> None:
    """Ask each endpoint one word, past the store, so that a bad key or name is known before anything is made.

    Raises:
        RequestError: it can never answer.
        Incomplete: nobody answers there now.
    """
    for spec in list_specs(part).values():
        if spec.endpoint is None or spec.batch:
            continue
        async with open_model(choose(spec.model_copy(update={"tries": min(spec.tries, 3)})), None) as model:
            await model.ask(Ask((Message("user", "Say yes."),), settings=Settings(temperature=0.0, most_tokens=4)))


def run_probe(part: TextPart) -> None:
    """``probe``, from outside of a loop."""
    run_apart(probe(part))
