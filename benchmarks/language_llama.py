"""Tokens that the embedded model writes in a processor second: through Sundog, and with xllamacpp alone."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from sundog.lib.language.embedded import find_embedded, get_embedded
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.llama import SLOTS, open_llama
from sundog.lib.language.protocol import Ask, Choice, Message, Settings

ASKS = 16
TOKENS = 48
CONTEXT = 1024


def say(number: int) -> str:
    """A question that is answered at length."""
    return f"Write a long story about lighthouse number {number} and its keeper."


def measure_ours() -> float:
    """Tokens a processor second through ``LlamaModel``; loading is left out."""
    get_embedded("smollm2")
    settings = Settings(temperature=0.7, most_tokens=TOKENS)

    async def run() -> float:
        async with open_llama(Choice(context_tokens=CONTEXT), find_embedded("smollm2"), Ledger()) as model:
            began = time.process_time()
            asks = [Ask((Message("user", say(i)),), seed=i, settings=settings) for i in range(ASKS)]
            answers = await asyncio.gather(*(model.ask(a) for a in asks))
            return sum(a.answered_tokens for a in answers) / (time.process_time() - began)

    return asyncio.run(run())


def measure_own(repeatable: bool) -> float:
    """The same with xllamacpp's server alone, on one thread and with as many slots.

    Args:
        repeatable: with the settings that make an answer depend on the ask alone; else with its defaults, which remember beginnings of
            questions and share the memory of the slots.
    """
    import xllamacpp

    stated = xllamacpp.CommonParams()
    stated.model.path = str(get_embedded("smollm2"))
    stated.n_ctx, stated.n_parallel, stated.n_gpu_layers, stated.verbosity = CONTEXT * SLOTS, SLOTS, 0, -1
    stated.cpuparams.n_threads = stated.cpuparams_batch.n_threads = 1
    if repeatable:
        stated.kv_unified, stated.cache_prompt, stated.cache_ram_mib = False, False, 0
    server = xllamacpp.Server(stated)

    def ask(number: int) -> int:
        body = {
            "messages": [{"role": "user", "content": say(number)}],
            "max_tokens": TOKENS,
            "temperature": 0.7,
            "seed": number,
        }
        return int(
            server.handle_chat_completions({**body, "top_p": 0.95, "cache_prompt": not repeatable})["usage"][
                "completion_tokens"
            ]
        )

    began = time.process_time()
    with ThreadPoolExecutor(SLOTS) as threads:
        tokens = sum(threads.map(ask, range(ASKS)))
    return tokens / (time.process_time() - began)
