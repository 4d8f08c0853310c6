"""The batch interface: one file for what waits, no answer paid for twice, and what a batch leaves out is asked again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from sundog.core.errors import Incomplete, RequestError
from sundog.lib.language.endpoint import Patience
from sundog.lib.language.open import open_model
from sundog.lib.language.protocol import Answer, Ask, Choice, Form, Message
from sundog.lib.language.store import AnswerStore, open_store

if TYPE_CHECKING:
    from stub_server import RunningStub

HASTY = Patience(0.005, 0.01)
SCHEMA = json.dumps({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]})


def say(text: str, **more: Any) -> Ask:
    return Ask((Message("user", text),), **more)


def choose(stub: RunningStub, **more: Any) -> Choice:
    return Choice(**{"endpoint": stub.url, "name": "stub", "batch": True, **more})


def ask_all(choice: Choice, asks: Sequence[Ask], store: AnswerStore | None) -> list[Answer]:
    async def run() -> list[Answer]:
        async with open_model(choice, store, HASTY) as model:
            return list(await asyncio.gather(*(model.ask(a) for a in asks)))

    return asyncio.run(run())


def test_what_waits_becomes_one_batch(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """And its answers are those that single requests bring; raw texts have a batch of their own."""
    asks = [say(f"q {i}", seed=i) for i in range(40)]
    stub_endpoint.program({"batch_polls": 3})
    answers = ask_all(choose(stub_endpoint), asks, store)
    assert stub_endpoint.seen()["requests"] == 2 + 3 + 1  # a file and a batch, three looks, one file
    single = ask_all(choose(stub_endpoint, batch=False), asks, None)
    assert [a.text for a in answers] == [a.text for a in single]
    mixed = ask_all(choose(stub_endpoint), [say("chat"), Ask(text="raw")], store)
    assert all(a.text for a in mixed)
    assert all(a.stored for a in ask_all(choose(stub_endpoint, batch=False), asks, store))


def test_a_run_that_is_killed_waits_for_its_batch(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """The next asks for nothing that was handed in, also when it asks in other groups."""
    asks = [say(f"q {i}") for i in range(10)]
    stub_endpoint.program({"batch_polls": 1_000_000})

    async def begin() -> None:
        async with open_model(choose(stub_endpoint), store, HASTY) as model:
            waiting = [asyncio.create_task(model.ask(a)) for a in asks]
            while store._reader.execute("SELECT count(*) FROM waiting").fetchone() != (10,):
                await asyncio.sleep(0.01)
            for task in waiting:
                task.cancel()

    asyncio.run(begin())
    stub_endpoint.program({"batch_polls": 1})
    with open_store(store.path) as other:
        assert len(ask_all(choose(stub_endpoint), asks[:4], other)) == 4
        assert len(ask_all(choose(stub_endpoint), asks, other)) == 10
    assert max(stub_endpoint.seen()["asked"].values()) == 1
    assert store._reader.execute("SELECT count(*) FROM waiting").fetchone() == (0,)


def test_lines_that_failed_are_asked_again(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """Alone: the others stay."""
    stub_endpoint.program({"batch_fails": 3})
    answers = ask_all(choose(stub_endpoint), [say(f"q {i}") for i in range(10)], store)
    assert sorted(a.tries for a in answers) == [1] * 7 + [2] * 3


def test_a_batch_that_expires_is_made_in_parts(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """Each brings half of what is left; one question alone never comes, and says so."""
    stub_endpoint.program({"batch_end": "expired"})
    with pytest.raises(Incomplete, match="SD-MODEL-060"):
        ask_all(choose(stub_endpoint, tries=3), [say(f"q {i}") for i in range(8)], store)
    assert sum(c.answers for c in store.count()) == 4 + 2 + 1
    assert max(stub_endpoint.seen()["answered"].values()) == 1


def test_a_batch_that_failed(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """Is given up after the stated tries."""
    stub_endpoint.program({"batch_end": "failed"})
    with pytest.raises(Incomplete, match="SD-MODEL-060"):
        ask_all(choose(stub_endpoint, tries=2), [say("q")], store)


def test_a_batch_that_the_endpoint_forgot(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """Is asked for anew."""
    from sundog.lib.language.address import address_of
    from sundog.lib.language.endpoint import name_endpoint

    ask, choice = say("q"), choose(stub_endpoint)
    store.await_batch(name_endpoint(choice), "batch-99", [address_of(name_endpoint(choice), ask)])
    assert ask_all(choice, [ask], store)[0].tries == 2


def test_forms_in_batches(stub_endpoint: RunningStub, store: AnswerStore) -> None:
    """What has not the form is asked again; what the endpoint does not take is put otherwise; then it is malformed."""
    asks = [say(f"q {i}", form=Form(schema=SCHEMA)) for i in range(6)]
    stub_endpoint.program({"faults": [{"kind": "no_schema"}]})
    assert all("n" in json.loads(a.text) for a in ask_all(choose(stub_endpoint), asks, store))
    stub_endpoint.program({"answers": [{"when": "w", "text": "no"}]})
    (answer,) = ask_all(choose(stub_endpoint, tries=2), [say("w", form=Form(schema=SCHEMA))], store)
    assert (answer.finish, answer.tries) == ("malformed", 2)


def test_an_endpoint_without_batches(stub_endpoint: RunningStub) -> None:
    """Says so, and what to leave out."""
    stub_endpoint.program({"key": "k"})
    with pytest.raises(RequestError, match="SD-MODEL-020"):
        ask_all(choose(stub_endpoint), [say("q")], None)
    stub_endpoint.program({"batches": False})
    with pytest.raises(RequestError, match=r"SD-MODEL-061[\s\S]*'batch'"):
        ask_all(choose(stub_endpoint), [say("q")], None)
