"""One process that asks questions of an endpoint through the store and writes the answers: what ``language.py`` measures, and kills.

python benchmarks/language_asking.py URL STORE FIRST COUNT OUT.parquet       prints its cost as JSON
python benchmarks/language_asking.py URL - 0 COUNT aiohttp|httpx             a bare client, no store
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sundog.lib.language.open import open_model
from sundog.lib.language.protocol import Ask, Choice, Form, Message
from sundog.lib.language.store import open_store

AT_ONCE = 64
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1}, "text": {"type": "string", "minLength": 1}},
        "required": ["title", "text"],
        "additionalProperties": False,
    }
)


def make_asks(first: int, count: int) -> list[Ask]:
    """Short articles with a title, as JSON."""
    said = "Write a short article about lighthouses, number {}, in about 40 words."
    return [
        Ask((Message("user", said.format(i)),), seed=i, form=Form(schema=SCHEMA)) for i in range(first, first + count)
    ]


async def ask_all(url: str, path: Path, first: int, count: int) -> pa.Table:
    """The answers as a table, in order."""
    with open_store(path) as store:
        async with open_model(
            Choice(endpoint=url, name="stub", key_from="NO_KEY", concurrency=AT_ONCE), store
        ) as model:
            asked = make_asks(first, count)
            answers = await asyncio.gather(*(model.ask(a) for a in asked))
    told = [json.loads(a.text) for a in answers]
    return pa.table(
        {"question": [a.messages[0].content for a in asked], **{n: [t[n] for t in told] for n in ("title", "text")}}
    )


async def ask_bare(url: str, count: int, client: str) -> None:
    """The same requests with a client alone."""
    body = {"model": "stub", "temperature": 0.7, "max_tokens": 512}
    bodies = [
        json.dumps({**body, "messages": [{"role": "user", "content": f"number {i}"}]}).encode() for i in range(count)
    ]
    headers = {"Content-Type": "application/json"}
    url += "/chat/completions"
    turn = asyncio.Semaphore(AT_ONCE)

    async def run(post: Callable[[bytes], Awaitable[bytes]], body: bytes) -> None:
        async with turn:
            json.loads(await post(body))

    if client == "aiohttp":
        import aiohttp

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

            async def post(body: bytes) -> bytes:
                async with session.post(url, data=body) as response:
                    return await response.read()

            await asyncio.gather(*(run(post, b) for b in bodies))
    else:
        import httpx

        async with httpx.AsyncClient(
            headers=headers, limits=httpx.Limits(max_connections=AT_ONCE), timeout=60
        ) as other:

            async def send(body: bytes) -> bytes:
                return (await other.post(url, content=body)).content

            await asyncio.gather(*(run(send, b) for b in bodies))


def main() -> None:
    """Ask, write, and say what it cost."""
    url, store, first, count, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    wall, cpu = time.perf_counter(), time.process_time()
    if store == "-":
        asyncio.run(ask_bare(url, count, out))
    else:
        pq.write_table(asyncio.run(ask_all(url, Path(store), first, count)), out)
    print(json.dumps({"items": count, "wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
