"""Opening bundles, and what is no bundle."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from sundog_toy.bundles import HARD, make, shop

from sundog.core.bundle import BundleFiles, open_files
from sundog.core.errors import RequestError


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleFiles:
    return make(HARD, tmp_path_factory.mktemp("bundle") / "out", shard_units=16)


def test_what_is_inside(bundle: BundleFiles) -> None:
    assert bundle.parts() == ("people", "notes", "lines", "pairs")
    assert bundle.tables("people") == ("customers", "gifts", "orders")
    assert bundle.rows("people", "customers") == 60
    assert len(bundle.files("people", "customers")) > 2
    assert bundle.recipe.parts["people"].kind == "shop"
    assert bundle.recipe.seed == 7
    assert bundle.verdict == "unassessed"
    assert {f.check for f in bundle.answer().findings} >= {"toy.counted", "toy.spend"}


def test_rows_come_in_order_with_the_columns_asked_for(bundle: BundleFiles) -> None:
    whole = pa.Table.from_batches(bundle.scan("people", "customers"))
    assert whole.column("number").to_pylist() == sorted(whole.column("number").to_pylist())
    assert whole.schema.names == bundle.schema("people", "customers").names
    some = pa.Table.from_batches(bundle.scan("people", "customers", ["name", "number"]))
    assert some.equals(whole.select(["name", "number"]))


def test_unknown_names(bundle: BundleFiles) -> None:
    with pytest.raises(RequestError, match=r"(?s)SD-BUNDLE-002.*Did you mean 'people'"):
        bundle.tables("peple")
    with pytest.raises(RequestError, match=r"(?s)SD-BUNDLE-001.*Did you mean 'orders'"):
        list(bundle.scan("people", "order"))


def test_what_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="SD-BUNDLE-003"):
        open_files(str(tmp_path / "nowhere"))
    with pytest.raises(RequestError, match="SD-BUNDLE-005"):
        open_files(str(tmp_path))
    (tmp_path / ".sundog").mkdir()
    with pytest.raises(RequestError, match="SD-BUNDLE-004"):
        open_files(str(tmp_path))
    make(shop(3), tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    for damaged in ("", "[]", "{", json.dumps({**manifest, "format": 2})):
        (tmp_path / "out" / "manifest.json").write_text(damaged)
        with pytest.raises(RequestError, match="SD-BUNDLE-006"):
            open_files(str(tmp_path / "out"))
