"""The public names as a script or a notebook uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import sundog
from sundog import api
from sundog.api import Bundle, FittedPart, Recipe, fit
from sundog.core.errors import RequestError

HEADER = "age,town,score,late"
ROWS = [
    f"{20 + i % 50},{['Graz', 'Linz', 'Wien'][i % 3]},{(i * 7919) % 1000 / 10},{int(i % 50 > 30)}" for i in range(800)
]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    folder = tmp_path_factory.mktemp("api")
    (folder / "people.csv").write_text("\n".join([HEADER, *ROWS]) + "\n")
    return sundog.replicate(folder / "people.csv", folder / "out", rows=300, target="late", method="forest")


def test_frames(bundle: Bundle) -> None:
    arrow = bundle.to_arrow()
    assert arrow.num_rows == 300
    pandas = bundle.to_pandas()
    assert list(pandas.columns) == HEADER.split(",")
    polars = bundle.to_polars()
    assert polars.shape == (300, 4)
    assert pandas["town"].tolist() == polars["town"].to_list() == arrow.column("town").to_pylist()


def test_other_readers_read_the_data_as_it_is(bundle: Bundle) -> None:
    import pandas as pd

    files = sorted((Path(bundle.path) / "data").rglob("*.parquet"))
    assert pd.concat(pd.read_parquet(f) for f in files).equals(bundle.to_pandas())


def test_a_bundle_and_its_report_show_themselves(bundle: Bundle) -> None:
    page = bundle._repr_html_()
    assert "people" in page
    assert bundle.verdict in page.lower()
    assert "<script" not in page
    assert bundle.report.html().startswith("<!doctype html>") or "<html" in bundle.report.html()[:200]
    shown = bundle.report.show()
    assert str(shown).endswith("report.html") or "iframe" in shown.data
    assert bundle.report._repr_html_() == page


def test_findings_stand_beside_their_reference(bundle: Bundle) -> None:
    headline = [f for f in bundle.report.findings if f.headline and f.value is not None]
    assert {"fidelity.c2st", "privacy.copies", "privacy.membership"} <= {f.check for f in headline}
    assert all(f.baseline is not None for f in headline)


def test_the_report_is_split_by_what_it_reads(bundle: Bundle) -> None:
    """A check that was skipped may have been for what the real records are like, so it is private."""
    said = json.loads((Path(bundle.path) / "report.json").read_text())
    assert said["private"]["findings"]
    for half, wanted in (("public", True), ("private", False)):
        for finding in said[half]["findings"]:
            assert (set(finding["reads"]) <= {"synthetic"} and finding["verdict"] != "skipped") == wanted


def test_a_fitted_part_of_a_bundle_samples(bundle: Bundle) -> None:
    fitted = bundle.fitted()
    assert isinstance(fitted, FittedPart)
    made = fitted.sample(20, seed=1, given={"town": "Graz"})["rows"]
    assert set(made.column("town").to_pylist()) == {"Graz"}
    towns = pa.table({"town": ["Graz", "Wien"] * 5})
    assert fitted.sample(10, given=towns)["rows"].column("town").to_pylist() == towns.column("town").to_pylist()
    with pytest.raises(RequestError, match="SD-API-003"):
        fitted.sample(3, given=towns)
    with pytest.raises(RequestError, match=r"(?s)SD-API-009 at given.twon.*'town'"):
        fitted.sample(3, given={"town": "Graz", "twon": "Graz"})
    with pytest.raises(RequestError, match="SD-API-001"):
        bundle.fitted("tabel")


def test_names_of_parts_and_tables(bundle: Bundle) -> None:
    with pytest.raises(RequestError, match="SD-BUNDLE-001"):
        bundle.to_arrow("row")
    with pytest.raises(RequestError, match="SD-BUNDLE-002"):
        bundle.to_arrow(part="tabel")
    with pytest.raises(RequestError, match="SD-API-002"):
        fit(bundle.recipe, "tabel")


def test_a_recipe_read_from_a_bundle_is_the_recipe(bundle: Bundle) -> None:
    assert sundog.read(Path(bundle.path) / "recipe.yaml") == bundle.recipe


def test_an_unreadable_manifest_is_named(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"format": 7}')
    with pytest.raises(RequestError, match="SD-BUNDLE-006"):
        sundog.open_bundle(tmp_path)


def test_an_unfinished_bundle_is_named(tmp_path: Path) -> None:
    (tmp_path / ".sundog").mkdir()
    with pytest.raises(RequestError, match="SD-BUNDLE-004"):
        sundog.open_bundle(tmp_path)


def test_a_script_without_a_main_guard_uses_workers(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("\n".join([HEADER, *ROWS]) + "\n")
    (tmp_path / "script.py").write_text(
        "import sundog\n"
        "recipe = {'name': 'x', 'parts': {'t': {'kind': 'tables', 'method': 'forest', 'units': 50, 'source': {'path': 'people.csv'}}},"
        " 'evidence': {'level': 'none'}}\n"
        "from sundog.run.make import MakeOptions, make_bundle\n"
        "bundle = make_bundle(sundog.read(recipe), 'out', MakeOptions(workers=2, shard_units=10))\n"
        "print(bundle.rows('t', 'rows'))\n"
    )
    said = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert said.stdout.strip() == "50", said.stderr
    assert len(list((tmp_path / "out" / "data").rglob("*.parquet"))) == 5


def test_a_missing_package_names_its_extra(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"(?s)SD-API-004.*pip install '\.\[pandas\]'"):
        bundle.to_pandas()


@pytest.mark.parametrize("units", [-1, 2.5, "10", True, None])
def test_a_number_of_units_that_is_none_is_told(bundle: Bundle, units: object) -> None:
    with pytest.raises(RequestError, match="SD-API-006"):
        bundle.fitted().sample(units)  # type: ignore[arg-type]


def test_no_rows_are_completed_to_no_rows(bundle: Bundle) -> None:
    given = pa.table({"town": pa.array([], pa.string())})
    assert bundle.fitted().sample(0, given=given)["rows"].num_rows == 0


def test_a_folder_without_a_model_is_told(bundle: Bundle, tmp_path: Path) -> None:
    for folder in (tmp_path / "nothing", bundle.path):
        with pytest.raises(RequestError, match="SD-API-005"):
            sundog.load_fitted(folder)


def test_a_frame_is_not_looked_for_as_a_path(bundle: Bundle, tmp_path: Path) -> None:
    frame = bundle.to_pandas()
    with pytest.raises(RequestError, match=r"SD-API-007.*DataFrame"):
        sundog.replicate(frame, tmp_path / "out")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="SD-API-007"):
        sundog.audit(frame, train="train.csv")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="SD-API-007"):
        sundog.inspect(frame)  # type: ignore[arg-type]


def test_the_public_names_outlive_the_import_of_subpackages(bundle: Bundle, tmp_path: Path) -> None:
    for folder in ("first", "second"):  # the first one imports the subpackage sundog.export
        assert len(sundog.export(bundle, "csv", tmp_path / folder)) == 1


def test_an_export_does_not_go_into_its_bundle(bundle: Bundle) -> None:
    for dest in (bundle.path, f"{bundle.path}/data", f"{bundle.path}/csv/rows.csv"):
        with pytest.raises(RequestError, match="SD-EXPORT-014"):
            sundog.export(bundle, "csv", dest)
    assert sundog.verify(bundle.path).problems == ()


def test_a_fitted_part_is_not_saved_onto_a_file(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder, what in ((tmp_path / "file", "a file lies here"), (tmp_path / "file" / "model", "cannot be written")):
        with pytest.raises(RequestError, match=rf"SD-API-008.*{what}"):
            bundle.fitted().save(folder)
    for _ in range(2):
        bundle.fitted().save(tmp_path / "model")  # in the place of the earlier one


def test_replicate_hands_on_the_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Recipe] = []
    monkeypatch.setattr(api, "make", lambda recipe, out, **how: asked.append(recipe))
    sundog.replicate("builtin:adult.csv.gz", "out", rows=5, policy="strict")
    assert asked[0].evidence.policy == "strict"
