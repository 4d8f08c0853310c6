"""Parts of text that are made on the stub endpoint, with a store of answers of their own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from sundog.core.bundle import BundleFiles
from sundog.core.recipe import Recipe
from sundog.run.make import MakeOptions, make_bundle

if TYPE_CHECKING:
    from stub_server import RunningStub

STORY = (
    "The ferry Marie left the harbour of Brest on Tuesday. She carried forty boxes of salted herring. "
    "A storm near the white lighthouse broke her main mast. The crew of seven repaired it with rope and two oars. "
    "They reached Vigo three days later without any loss."
)


@dataclass(frozen=True)
class Made:
    """A bundle and what a test looks at in it."""

    bundle: BundleFiles
    out: Path

    def table(self, part: str = "p") -> pa.Table:
        return pa.Table.from_batches(self.bundle.scan(part, "items"), self.bundle.schema(part, "items"))

    def rows(self, part: str = "p") -> list[dict[str, Any]]:
        return self.table(part).to_pylist()

    def rejected(self, part: str = "p") -> dict[str, int]:
        manifest = json.loads((self.out / "manifest.json").read_text())
        return dict(manifest["parts"][part]["rejected"])

    def findings(self) -> dict[str, dict[str, Any]]:
        report = json.loads((self.out / "report.json").read_text())
        told = [f for half in ("public", "private") for f in report[half]["findings"]]
        return {f"{f['check']}/{f['subject']}": f for f in told}


Make = Callable[..., Made]


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the answers of another, nor those of whoever runs the tests."""
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")


@pytest.fixture
def make(tmp_path: Path, stub_endpoint: RunningStub) -> Make:
    """Makes a part of a task on the stub; a program tells the stub what to answer."""
    count = 0

    def run(
        task: Any,
        units: int | None = 6,
        program: Mapping[str, Any] | None = None,
        parts: Mapping[str, Any] | None = None,
        level: str = "quick",
        workers: int = 1,
        shard_units: int = 64,
        seed: int = 1,
        **more: Any,
    ) -> Made:
        nonlocal count
        count += 1
        if program is not None:
            stub_endpoint.program(dict(program))
        part = {"kind": "text", "task": task, "model": {"endpoint": stub_endpoint.url, "name": "stub"}, **more}
        if units is not None:
            part["units"] = units
        recipe = {"name": "t", "seed": seed, "parts": {**(parts or {}), "p": part}, "evidence": {"level": level}}
        out = tmp_path / f"out{count}"
        options = MakeOptions(workers=workers, shard_units=shard_units)
        return Made(make_bundle(Recipe.model_validate(recipe), str(out), options), out)

    return run


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., str]:
    """Writes rows into a file and gives its path."""

    def write(rows: list[dict[str, Any]], name: str = "rows.csv") -> str:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return str(path)

    return write


@pytest.fixture
def stories(write_csv: Callable[..., str]) -> dict[str, Any]:
    """A source with documents of a user."""
    rows = [
        {"id": i, "text": STORY.replace("Marie", name), "label": "sea", "instruction": f"Explain how {name} sails."}
        for i, name in enumerate(("Marie", "Anne", "Louise", "Jeanne", "Claire", "Odile"))
    ]
    return {"path": write_csv(rows), "holdout_share": 0.0}
