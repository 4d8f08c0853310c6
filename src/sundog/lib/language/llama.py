"""A model in a GGUF file, run by llama.cpp on this machine.

An answer depends on the ask alone, to the bit, on one machine and version of llama.cpp: whatever is asked beside it, before it, and in
whichever slot. Three settings see to that, each found by measuring: slots with memory of their own (one that all share changed 10 of 12
answers), no cache of questions (5 of 6), and one thread. Several slots still share the reading of the weights: four make about 1.7 times the
tokens of one in a processor second. A second thread waits for the first at every step, and on a busy machine takes ten times as long.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import ModuleType
from typing import Any

from sundog.core.errors import MissingExtra, Problem, RequestError, install_extra
from sundog.core.keys import Key
from sundog.lib.language.faults import TooLong, clean_message
from sundog.lib.language.forms import check_form
from sundog.lib.language.ledger import Ledger
from sundog.lib.language.llama_tools import form_of_tools, read_tool_answer, say_tools
from sundog.lib.language.protocol import Answer, Ask, Choice, Message
from sundog.lib.language.weights import Weights
from sundog.lib.language.wire import Unreadable, read_answer, say_form, shape_answer, write_message

SLOTS = 4
_SEEDS = 0x7FFFFFFF  # one more bit, all set, would ask for a seed from the clock


class LlamaModel:
    """Asks llama.cpp in this process. Answers are not stored here."""

    def __init__(
        self, choice: Choice, weights: Weights, server: Any, threads: ThreadPoolExecutor, ledger: Ledger
    ) -> None:
        self._choice = choice
        self._weights = weights
        self._server = server
        self._threads = threads
        self._ledger = ledger

    def __repr__(self) -> str:
        return f"LlamaModel({self.identity!r})"

    @property
    def identity(self) -> str:
        """The hash of the weights."""
        return f"gguf:{self._weights.sha256}"

    async def ask(self, ask: Ask) -> Answer:
        """The answer; see ``LanguageModel``."""
        if ask.form is not None:
            check_form(ask.form)
        put = _put_tools(ask)
        seeds = Key.root(ask.seed)
        asked = answered = 0
        last = Answer("")
        for sent in range(self._choice.tries):
            # The same seed would bring the same answer again.
            seed = (seeds.child("again").child(sent).seed() if sent else ask.seed) & _SEEDS
            self._ledger.requests += 1
            told = await asyncio.get_running_loop().run_in_executor(self._threads, self._make, put, seed)
            asked, answered = asked + told.asked_tokens, answered + told.answered_tokens
            last = replace(told, asked_tokens=asked, answered_tokens=answered, tries=sent + 1, model=self._weights.name)
            shaped = shape_answer(put, last)
            if shaped is not None and ask.tools:
                shaped = read_tool_answer(ask, shaped)
            if shaped is not None:
                return shaped
        return replace(last, finish="malformed")

    def _make(self, ask: Ask, seed: int) -> Answer:
        """One answer of llama.cpp, in one of its slots."""
        body = write_body(ask, seed)
        call = self._server.handle_completions if ask.text else self._server.handle_chat_completions
        try:
            told = call(body)
        except (ValueError, RuntimeError) as error:
            raise self._refuse(str(error)) from error
        if "error" in told:
            message, kind = str(told["error"].get("message", "")), told["error"].get("type")
            if kind == "exceed_context_size_error":
                what = f"the question is longer than the model's context of {self._choice.context_tokens} tokens: {message}"
                fix = "Give shorter documents, or raise 'context' as far as the model goes."
                raise TooLong(Problem("SD-MODEL-051", f"model {self._weights.name}", what, fix))
            raise self._refuse(message)
        try:
            return read_answer(told)
        except Unreadable:
            return Answer("", "malformed")

    def _refuse(self, message: str) -> RequestError:
        what = f"llama.cpp refuses the question: {clean_message(message, '')}"
        fix = "Correct the grammar or the schema that it names; not every keyword of JSON Schema can be a grammar."
        return RequestError(Problem("SD-MODEL-052", f"model {self._weights.name}", what, fix))


def write_body(ask: Ask, seed: int) -> dict[str, Any]:
    """What llama.cpp is handed: its own further defaults of sampling (top_k, min_p) stay."""
    settings, form = ask.settings, ask.form
    body: dict[str, Any] = {
        "temperature": settings.temperature, "top_p": settings.top_p, "seed": seed, "max_tokens": settings.most_tokens,
        "cache_prompt": False,
    }  # fmt: skip
    if settings.stop:
        body["stop"] = list(settings.stop)
    words = ""
    if form is not None and form.schema:
        body["json_schema"] = json.loads(form.schema)
        if not ask.text:
            schema = {"name": "answer", "strict": True, "schema": body.pop("json_schema")}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif form is not None and form.grammar:
        body["grammar"] = form.grammar
    elif form is not None:
        words = say_form(form)
    if ask.text:
        return {**body, "prompt": _clean(ask.text) + (f"\n{words}\n" if words else "")}
    messages = [write_message(Message(m.role, _clean(m.content))) for m in ask.messages]
    if words:
        messages.append({"role": "user", "content": words})
    return {**body, "messages": messages}


def _clean(text: str) -> str:
    """Half a surrogate pair is no letter that can be asked."""
    return text.encode("utf-8", "replace").decode()


def _put_tools(ask: Ask) -> Ask:
    """The ask with its tools in words, and the form that lets one of them be called: small models know no tools of their own."""
    if not ask.tools:
        return ask
    return replace(ask, messages=say_tools(ask), form=form_of_tools(ask), tools="")


@contextlib.asynccontextmanager
async def open_llama(choice: Choice, weights: Weights, ledger: Ledger, slots: int = SLOTS) -> AsyncIterator[LlamaModel]:
    """Load a model; on one thread, with several slots.

    Raises:
        MissingExtra: xllamacpp is not installed.
        RequestError: the file cannot be loaded.
    """
    module = _load_xllamacpp()
    threads = ThreadPoolExecutor(slots, thread_name_prefix="llama")
    loop = asyncio.get_running_loop()
    try:
        server = await loop.run_in_executor(threads, _start, module, choice, weights, slots)
        yield LlamaModel(choice, weights, server, threads, ledger)
    finally:
        # What is being written is written to its end: llama.cpp must not lose its memory under it.
        await loop.run_in_executor(None, threads.shutdown)


def _start(module: ModuleType, choice: Choice, weights: Weights, slots: int) -> Any:
    stated = module.CommonParams()
    stated.model.path = str(weights.path)
    stated.n_ctx = choice.context_tokens * slots
    stated.n_parallel = slots
    stated.n_gpu_layers = 0
    stated.cpuparams.n_threads = stated.cpuparams_batch.n_threads = 1
    stated.kv_unified = False
    stated.cache_prompt = False
    stated.cache_ram_mib = 0
    stated.verbosity = -1
    # It also listens on a port of this machine, which nobody is to use: a password that nobody knows. Not data, so from no key.
    stated.api_keys = [os.urandom(32).hex()]
    try:
        return module.Server(stated)
    except (RuntimeError, ValueError) as error:
        what = f"llama.cpp cannot load it: {clean_message(str(error), '')}"
        fix = "Give a GGUF file of a model that llama.cpp knows; a newer xllamacpp may know more."
        raise RequestError(Problem("SD-MODEL-053", f"model {weights.name}", what, fix)) from error


def _load_xllamacpp() -> ModuleType:
    try:
        import xllamacpp
    except ImportError as error:
        what = "the package xllamacpp, which runs models on this machine, is not installed"
        raise MissingExtra(Problem("SD-MODEL-050", "model", what, install_extra("text"))) from error
    return xllamacpp  # type: ignore[no-any-return]
