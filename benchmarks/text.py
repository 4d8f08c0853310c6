"""Text: forms that never break, and what items cost on the way from question to bundle.

    python benchmarks/text.py [--embedded N] [--malformed N] [--items N] [--problems N]

``--embedded`` asks the embedded model for that many short items in the form of JSON (its answers are stored, so a run that stops goes on
where it was); ``--malformed`` asks the stub endpoint for as many, of which a part comes broken in eleven ways; ``--items`` makes items on the
stub through store, checks and Parquet; ``--problems`` makes problems by rule. Each measurement is stored in results/text.json when it
ends, and those that are not asked for stay as they were.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "stub_endpoint"))

from results import RESULTS, Bar, Sheet, say_reached, store_sheet
from stub_server import stub_process

from sundog.core.keys import Key
from sundog.core.recipe import Recipe
from sundog.core.recipe_model import ModelSpec
from sundog.kinds.text._models import choose
from sundog.kinds.text._schema import choice_schema, find_mismatch, form_of, object_schema, text_schema
from sundog.lib.language.open import open_model
from sundog.lib.language.protocol import Ask, Message, Settings
from sundog.lib.language.store import open_store
from sundog.run.make import MakeOptions, make_bundle

STORED = RESULTS / "text.json"
SCHEMAS = (
    object_schema({"label": choice_schema(("good", "bad", "none"))}),
    object_schema({"title": text_schema(3, 40)}),
    object_schema({"age": {"type": "integer", "minimum": 1, "maximum": 99}, "job": text_schema(3, 24)}),
    object_schema({"yes": {"type": "boolean"}, "why": text_schema(3, 40)}),
    object_schema({"words": {"type": "array", "minItems": 1, "maxItems": 3, "items": text_schema(2, 12)}}),
)
FAULTS = (
    "malformed",
    "truncated",
    "chunked",
    "html",
    "charset",
    "latin",
    "fenced",
    "bad_content",
    "drop",
    "no_choices",
    "length",
)


def ask_short(i: int, most_tokens: int) -> tuple[Ask, Any]:
    """The i-th short question, and the schema of its answer."""
    schema = SCHEMAS[i % len(SCHEMAS)]
    said = f"Item {i}: give {', '.join(schema['properties'])} for a short made-up thing. Keep it short."
    seed = Key.root(5).child(i).seed()
    return Ask(
        (Message("user", said),), seed=seed, settings=Settings(most_tokens=most_tokens), form=form_of(schema)
    ), schema


async def count_unparsable(spec: ModelSpec, numbers: range, seconds: float = 1e9) -> dict[str, Any]:
    """Items that came, those that were given up and said to be malformed, and those that are broken all the same."""
    begun, cpu = time.monotonic(), time.process_time()
    came = malformed = broken = 0
    with open_store() as store:
        async with open_model(choose(spec), store) as model:

            async def one(i: int) -> None:
                nonlocal came, malformed, broken
                ask, schema = ask_short(i, 64)
                answer = await model.ask(ask)
                if answer.finish == "malformed":
                    malformed += 1
                    return
                came += 1
                try:
                    broken += bool(find_mismatch(json.loads(answer.text), schema))
                except ValueError:
                    broken += 1

            step = 8 if spec.endpoint is None else 500
            for start in range(numbers.start, numbers.stop, step):
                if time.monotonic() - begun > seconds:
                    break
                await asyncio.gather(*(one(i) for i in range(start, min(start + step, numbers.stop))))
    return {"came": came, "malformed": malformed, "broken": broken, "cpu_s": round(time.process_time() - cpu, 1)}


def measure_malformed(count: int) -> dict[str, Any]:
    """Short items from a stub of whose answers a third comes broken."""
    share = 0.03
    faults = [{"kind": kind, "share": share * (i + 1), "times": 2} for i, kind in enumerate(FAULTS)]
    with tempfile.TemporaryDirectory() as folder, stub_process({"faults": faults, "sentences": 1}) as stub:
        os.environ["SUNDOG_CACHE"] = folder
        spec = ModelSpec(endpoint=stub.url, name="stub", key_from="NO_KEY", tries=8)
        return {**asyncio.run(count_unparsable(spec, range(count))), "requests": stub.seen()["requests"]}


def measure_make(part: dict[str, Any], units: int, workers: int, level: str) -> dict[str, Any]:
    """Items a second from recipe to sealed bundle."""
    recipe = Recipe.model_validate(
        {"name": "t", "parts": {"p": {**part, "units": units}}, "evidence": {"level": level}}
    )
    with tempfile.TemporaryDirectory() as folder:
        before, begun = os.times(), time.monotonic()
        make_bundle(recipe, f"{folder}/out", MakeOptions(workers=workers))
        wall, after = time.monotonic() - begun, os.times()
        run = json.loads(Path(f"{folder}/out/run.json").read_text())
    cpu = sum(after[:4]) - sum(before[:4])
    return {
        "units": units,
        "wall_s": round(wall, 2),
        "cpu_s": round(cpu, 2),
        "phases": {k: round(v, 2) for k, v in run["phases"].items()},
        "load": round(os.getloadavg()[0], 1),
    }


def measure_items(units: int) -> dict[str, Any]:
    """Items with one question each on the stub; first a run that fills both workers once, so that what is paid once can be told apart."""
    task = {"type": "documents", "title": False}
    found = {}
    for name, count in (("small", 2 * 1024), ("large", units)):
        with tempfile.TemporaryDirectory() as folder, stub_process({}) as stub:
            os.environ["SUNDOG_CACHE"] = folder
            model = {"endpoint": stub.url, "name": "stub", "key_from": "NO_KEY"}
            part = {"kind": "text", "task": task, "model": model, "topics": ["sea", "wood", "bread"]}
            found[name] = measure_make(part, count, 2, "none")
    return found


def measure_problems(units: int) -> dict[str, Any]:
    """Problems by rule, each verified beside its making."""
    part = {"kind": "text", "task": {"type": "reasoning", "way": "procedural"}}
    return {
        "small": measure_make(part, max(1000, units // 10), 2, "none"),
        "large": measure_make(part, units, 2, "none"),
    }


def rate_of(found: dict[str, Any]) -> float:
    """Items a cpu-second beyond what a run pays once."""
    small, large = found["small"], found["large"]
    return float((large["units"] - small["units"]) / max(0.01, large["cpu_s"] - small["cpu_s"]))


def write_sheet(stored: dict[str, Any]) -> None:
    """The page of what is stored."""
    rows, bars = [], []
    forms = {name: stored[name] for name in ("embedded", "malformed") if name in stored}
    for name, found in forms.items():
        rows.append(
            (
                f"JSON, {name}",
                f"{found['came']:,}",
                f"{found['broken']}",
                f"{found['malformed']:,} given up",
                f"{found['cpu_s']}",
            )
        )
    if forms:
        came, broken = (sum(f[n] for f in forms.values()) for n in ("came", "broken"))
        told = ", ".join(f"{f['came']:,} {name}" for name, f in forms.items())
        bars.append(
            Bar(
                "unparsable JSON items",
                "0 in 10,000",
                f"{broken} in {came:,} ({told})",
                say_reached(broken == 0 and came >= 10_000),
            )
        )
    for name, limit, what in (
        ("items", 2000, "items through store, checks and Parquet"),
        ("problems", None, "problems by rule, verified"),
    ):
        if name not in stored:
            continue
        found = stored[name]
        large, rate = found["large"], rate_of(found)
        told = f"{large['wall_s']} s wall, load {large['load']}"
        rows.append((what, f"{large['units']:,}", "–", f"{rate:,.0f} a cpu-s; {told}", f"{large['cpu_s']}"))
        if limit:
            bars.append(
                Bar(
                    what,
                    f">= {limit:,}/s on 2 cores",
                    f"{2 * rate:,.0f}/s by cpu-s; {told}",
                    say_reached(2 * rate >= limit),
                )
            )
    store_sheet(
        Sheet(
            name="text",
            title="Text: forms and rates",
            about=(
                "JSON: short items of five forms, the answers of the embedded model held by its grammar, and those of a stub endpoint of which about a third comes broken in "
                "eleven ways; *broken*: given to whoever asked and not of its form. Rates: two runs in two workers, the smaller taken off the larger, so that start and compiling "
                "are not counted; processor seconds are those of this process and its workers, the stub's are its own."
            ),
            columns=("", "items", "broken", "", "cpu-s"),
            rows=tuple(rows),
            bars=tuple(bars),
        )
    )


def keep(name: str, found: dict[str, Any]) -> None:
    """Store one measurement beside the others."""
    stored = json.loads(STORED.read_text()) if STORED.exists() else {}
    STORED.write_text(json.dumps({**stored, name: found}, indent=1, sort_keys=True) + "\n")


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("embedded", "malformed", "items", "problems"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=500, help="stop asking the embedded model after so long")
    asked = parser.parse_args()
    if asked.embedded:
        spec = ModelSpec(embedded="smollm2", context=512)
        keep("embedded", asyncio.run(count_unparsable(spec, range(asked.embedded), asked.seconds)))
    for name, measure in (("malformed", measure_malformed), ("items", measure_items), ("problems", measure_problems)):
        if count := getattr(asked, name):
            keep(name, measure(count))
    stored = json.loads(STORED.read_text())
    write_sheet(stored)
    print(json.dumps(stored, indent=1))


if __name__ == "__main__":
    main()
