"""Whether an answer that is given as JSON ever is none: the embedded model, and a stub that answers wrongly in every way it knows."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema

from sundog.lib.language.embedded import get_embedded
from sundog.lib.language.endpoint import Patience
from sundog.lib.language.open import open_model
from sundog.lib.language.protocol import Answer, Ask, Choice, Form, Message, Settings
from sundog.lib.language.store import open_store

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "minLength": 2, "maxLength": 12}, "size": {"enum": ["small", "large"]}},
    "required": ["city", "size"],
    "additionalProperties": False,
}
FAULTS = [
    {"kind": "fenced", "share": 0.2},
    {"kind": "malformed", "share": 0.3, "times": 2},
    {"kind": "bad_content", "share": 0.4, "times": 1},
    {"kind": "bad_content", "share": 0.45},
    {"kind": "length", "share": 0.55, "times": 1},
    {"kind": "truncated", "share": 0.65, "times": 1},
    {"kind": "charset", "share": 0.75, "times": 1},
]
"""Shares of all questions, each beyond the one before it: a quarter is answered as it should be."""


def count_answers(choice: Choice, store: Path, items: int, most_tokens: int) -> dict[str, Any]:
    """Ask for objects, and read what comes with a strict reader and a validator of its own."""
    form = Form(schema=json.dumps(SCHEMA))
    said = "Name a city, number {}, and its size."
    settings = Settings(temperature=1.0, most_tokens=most_tokens)
    asks = [Ask((Message("user", said.format(i)),), seed=i, form=form, settings=settings) for i in range(items)]

    async def run() -> list[Answer]:
        with open_store(store) as opened:
            async with open_model(choice, opened, Patience(0.001, 0.01)) as model:
                return list(await asyncio.gather(*(model.ask(a) for a in asks)))

    wall, cpu = time.perf_counter(), time.process_time()
    answers = asyncio.run(run())
    given = [a for a in answers if a.finish != "malformed"]
    return {
        "items": items, "given": len(given), "malformed": items - len(given), "unparsable": sum(map(_is_wrong, given)),
        "tries": dict(sorted(Counter(a.tries for a in answers).items())), "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }  # fmt: skip


def _is_wrong(answer: Answer) -> bool:
    try:
        jsonschema.validate(json.loads(answer.text), SCHEMA)
    except (ValueError, jsonschema.ValidationError):
        return True
    return False


def measure_json(stub_url: str, folder: Path, items: int, embedded: int) -> dict[str, Any]:
    """Both. The answers of the embedded model are kept, so that a later measurement of more goes on."""
    choice = Choice(endpoint=stub_url, name="stub", key_from="NO_KEY", tries=4)
    found = {"stub": count_answers(choice, folder / "stub.sqlite", items, 64)}
    get_embedded("smollm2")
    kept = Path(os.environ.get("SUNDOG_CACHE") or Path.home() / ".cache" / "sundog") / "benchmark-json.sqlite"
    found["embedded"] = count_answers(Choice(context_tokens=512), kept, embedded, 32)
    return found
