"""What the tests of the road say about bundles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from sundog.core.bundle import BundleFiles
from sundog.run.make import MakeOptions, make_bundle
from sundog.run.recipe_files import validate_recipe


def shop(units: int = 100, **more: Any) -> dict[str, Any]:
    """A recipe of one shop."""
    return {"name": "toy", "parts": {"people": {"kind": "shop", "units": units, **more}}}


HARD: dict[str, Any] = {
    "name": "hard",
    "seed": 7,
    "parts": {
        "people": {"kind": "shop", "units": 60, "odd": 0.2, "secret": 0.1, "codes": 400},
        "notes": {"kind": "note", "of": "people", "blank": 0.2},
        "lines": {"kind": "note", "each": "people.orders"},
        "pairs": {"kind": "shop", "groups": {"of": "notes", "size": 3}, "odd": 0.1},
    },
    "checks": [{"kind": "toy_limit", "most": 0.8, "of": "people"}],
}
"""Rejects, duplicates, watchers and every kind of chain in one recipe."""


def make(recipe: Mapping[str, Any], out: str | Path, **options: Any) -> BundleFiles:
    """Make a bundle in this process."""
    return make_bundle(validate_recipe(recipe), str(out), MakeOptions(**{"workers": 1, **options}))


def read_content(out: Path) -> dict[str, str]:
    """All that two runs of one recipe have in common: path to hash, and the findings."""
    paths = [p for top in ("data", "rejected", "model") for p in (out / top).rglob("*") if p.is_file()]
    found = {str(p.relative_to(out)): sha256(p.read_bytes()).hexdigest() for p in [*paths, out / "recipe.yaml"]}
    report = json.loads((out / "report.json").read_text())
    for half in ("public", "private"):
        found[f"findings {half}"] = json.dumps(report[half]["findings"])
    manifest = json.loads((out / "manifest.json").read_text())
    found["content hash"] = manifest["content_hash"]
    found["top"] = " ".join(sorted(p.name for p in out.iterdir()))
    return found


def read_tables(bundle: BundleFiles) -> dict[str, list[dict[str, Any]]]:
    """Rows of every table, whatever its files."""
    return {
        f"{part}.{table}": pa.Table.from_batches(bundle.scan(part, table), bundle.schema(part, table)).to_pylist()
        for part in bundle.parts()
        for table in bundle.tables(part)
    }


def read_findings(bundle: BundleFiles) -> dict[tuple[str, str, str], Any]:
    """Value of each finding."""
    return {(f.check, f.part, f.subject): f.value for f in bundle.answer().findings}
