"""Tables that belong to no unit: written once, whatever the shards, whoever is rejected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from sundog.core.bundle import BundleFiles
from sundog.core.errors import RequestError
from sundog.core.recipe import Recipe
from sundog.run.make import MakeOptions, make_bundle

SHOP = {
    "kind": "records",
    "units": 40,
    "attempts": 50,
    "tables": {
        "products": {
            "rows": 7,
            "fields": {
                "sku": {"type": "unique", "pattern": "P-###"},
                "price": {"type": "uniform", "low": 1, "high": 9},
                "hidden": {"type": "uniform", "low": 0, "high": 1, "keep": False},
            },
        },
        "baskets": {
            "fields": {
                "number": {"type": "sequence"},
                "sku": {"type": "reference", "to": "products.sku", "weight": "hidden"},
                "price": {"type": "referred", "by": "sku", "field": "price"},
                "chance": {"type": "uniform", "low": 0, "high": 1},
            },
            "rules": ["chance < 0.5"],
        },
    },
}


def make(out: Path, shard_units: int, **parts: Any) -> BundleFiles:
    recipe = Recipe.model_validate(
        {"name": "trial", "seed": 4, "parts": {"shop": SHOP, **parts}, "evidence": {"level": "none"}}
    )
    return make_bundle(recipe, str(out), MakeOptions(workers=1, shard_units=shard_units))


def read(bundle: BundleFiles, part: str, table: str) -> pa.Table:
    return pa.Table.from_batches(bundle.scan(part, table), bundle.schema(part, table))


def test_they_are_written_once_whatever_the_shards(tmp_path: Path) -> None:
    one, many = make(tmp_path / "one", 1000), make(tmp_path / "many", 3)
    products = read(one, "shop", "products")
    assert products.column_names == ["sku", "price"]
    assert products.num_rows == 7
    for table in ("products", "baskets"):
        assert read(one, "shop", table).equals(read(many, "shop", table))
    baskets = read(many, "shop", "baskets")
    assert baskets.num_rows == 40
    assert baskets["number"].to_pylist() != list(range(1, 41))  # some were rejected, the first perhaps among them
    priced = dict(zip(products["sku"].to_pylist(), products["price"].to_pylist(), strict=True))
    assert [priced[sku] for sku in baskets["sku"].to_pylist()] == baskets["price"].to_pylist()
    files = list((tmp_path / "many" / "data" / "shop" / "products").iterdir())
    assert [f.name for f in files] == ["part-00000.parquet"]


def test_a_chained_part_may_have_a_unit_for_each_of_their_rows(tmp_path: Path) -> None:
    bundle = make(tmp_path, 5, notes={"kind": "note", "each": "shop.products"}, owners={"kind": "note", "of": "shop"})
    skus = read(bundle, "shop", "products")["sku"].to_pylist()
    notes = read(bundle, "notes", "notes")["text"].to_pylist()
    assert len(notes) == 7
    assert all(sku in note for sku, note in zip(skus, notes, strict=True))
    assert not any("baskets" in note for note in notes)
    owners = read(bundle, "owners", "notes")["text"].to_pylist()
    assert len(owners) == 40
    assert all("baskets" in note and "products" not in note for note in owners)


def test_each_names_them_too(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"SD-RUN-014.*\n.*Did you mean 'products'"):
        make(tmp_path, 5, notes={"kind": "note", "each": "shop.product"})
