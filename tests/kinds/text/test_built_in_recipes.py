"""The built-in recipes of text can be read, have no faults, and are made; on the stub in place of their models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sundog.core.recipe import Recipe
from sundog.kinds.text.extension import RECIPES
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.synthesize import TextSynthesizer
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import read_recipe

PROCEDURAL = ("reasoning",)
BY_MODEL = tuple(n for n in RECIPES if n not in (*PROCEDURAL, "reasoning-chains", "tool-chats", "personas"))


@pytest.mark.parametrize("name", RECIPES)
def test_it_has_no_faults(name: str) -> None:
    recipe = read_recipe(name)
    assert recipe.name == name
    texts = {n: p for n, p in recipe.parts.items() if isinstance(p, TextPart)}
    assert texts
    for place, part in texts.items():
        assert TextSynthesizer().find_faults(part, f"parts.{place}") == ()
        assert part.model.endpoint is None, "it must run without an account"


def test_each_task_has_a_recipe() -> None:
    tasks = {p.task.type for n in RECIPES for p in read_recipe(n).parts.values() if isinstance(p, TextPart)}
    assert tasks == {
        "instructions", "conversation", "documents", "qa", "classification", "rewrite", "preferences", "critique", "personas", "reasoning",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ("qa", "clinical-notes") else pytest.mark.slow) for n in BY_MODEL]
)
def test_it_is_made(name: str, stub_endpoint: Any, tmp_path: Path) -> None:
    stub_endpoint.program({"answers": [{"when": "Write a clinical note", "text": "Nothing of note."}]})
    said = read_recipe(name).model_dump(mode="json")
    for part in said["parts"].values():
        if part["kind"] == "text":
            part["model"] = {"endpoint": stub_endpoint.url, "name": "stub"}
        if part["units"] is not None:
            part["units"] = min(part["units"], 3)
    bundle = make_bundle(Recipe.model_validate(said), str(tmp_path / "out"), MakeOptions(workers=1))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    last = bundle.parts()[-1]
    assert bundle.tables(last) == ("items",)
    rows = sum(batch.num_rows for batch in bundle.scan(last, "items"))
    assert rows + sum(manifest["parts"][last]["rejected"].values()) >= 3
