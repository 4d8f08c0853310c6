"""A bundle that was changed or damaged says so with codes: to ``verify``, to whoever exports it, and to the studio."""

from __future__ import annotations

import json
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import sundog
from sundog.core.bundle import open_files
from sundog.core.errors import Damaged, RequestError
from sundog.run.publish import FileEntry, hash_content
from sundog.run.verify import Verification, verify_bundle
from sundog.studio.serve import serve

ROWS = "a,b,c,d\n" + "".join(
    f"{i % 17},{'xyz'[i % 3]},{i * 7919 % 10007},{i % 17 + i * 7919 % 10007}\n" for i in range(400)
)
"""``d`` is the sum of ``a`` and ``c``: a rule, which can be looked at again without the real records."""


@pytest.fixture(scope="module")
def made(fresh: Callable[[], Path]) -> Path:
    folder = fresh()
    (folder / "small.csv").write_text(ROWS)
    sundog.replicate(folder / "small.csv", folder / "out", method="forest", rows=150)
    return folder / "out"


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    said = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def codes(found: Verification) -> list[str]:
    return [p.code for p in found.problems]


def test_an_untouched_bundle_is_intact(bundle: Path) -> None:
    found = verify_bundle(str(bundle))
    assert found.ok
    assert found.settled == found.verdict == "unassessed"
    assert found.repeated > 0
    listed = json.loads((bundle / "manifest.json").read_text())
    beside = {p["path"] for name in ("pages", "documents") for p in listed[name]}
    assert beside | {"recipe.yaml", "manifest.json"} == {p.name for p in bundle.iterdir() if p.is_file()}
    assert found.files == len(listed["files"]) + len(beside)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said.update(verdict="released"),
        lambda said: said.update(verdict="released", reasons=[]),
        lambda said: said.update(reasons=["nothing to see"]),
    ],
)
def test_a_forged_verdict_is_found(bundle: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """The manifest is outside the content hash; the verdict follows from what is inside."""
    edit(bundle / "manifest.json", change)
    found = verify_bundle(str(bundle))
    assert codes(found) == ["SD-VERIFY-005"]
    assert found.settled == "unassessed"


def test_a_verdict_forged_in_both_places_is_found(bundle: Path) -> None:
    for name in ("manifest.json", "report.json"):
        edit(bundle / name, lambda said: said.update(verdict="released", reasons=[], level="full"))
    edit(bundle / "manifest.json", lambda said: said.pop("level"))
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-005"] * 3 + ["SD-VERIFY-002"]


def test_a_recipe_forged_in_the_manifest_is_found(bundle: Path) -> None:
    """Without the level that was asked for, the verdict would follow."""

    def change(said: dict[str, Any]) -> None:
        said["recipe"]["evidence"]["level"] = "full"

    edit(bundle / "manifest.json", change)
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-006"]


@pytest.mark.parametrize("name", ["report.html", "README.md", "croissant.json", "run.json"])
def test_a_changed_page_is_found(bundle: Path, name: str) -> None:
    path = bundle / name
    path.write_text(path.read_text() + " ")
    found = verify_bundle(str(bundle))
    assert [(p.code, p.where) for p in found.problems] == [("SD-VERIFY-002", name)]
    path.unlink()
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-001"]


def test_pages_that_are_taken_off_the_list_are_missed(bundle: Path) -> None:
    edit(
        bundle / "manifest.json", lambda said: said.update(pages=[p for p in said["pages"] if "html" not in p["path"]])
    )
    (problem,) = verify_bundle(str(bundle)).problems
    assert (problem.code, "report.html" in problem.what) == ("SD-VERIFY-006", True)


def test_a_picture_that_was_changed_in_the_report_is_found(bundle: Path) -> None:
    """Exhibits are not in the content hash, which the findings are."""

    def change(said: dict[str, Any]) -> None:
        said["private"]["exhibits"][0]["title"] = "All is well"

    edit(bundle / "report.json", change)
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-002"]


def test_files_and_findings(bundle: Path) -> None:
    (bundle / "data" / "table" / "more.parquet").write_bytes(b"")
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-003"]
    (bundle / "data" / "table" / "more.parquet").unlink()
    edit(bundle / "manifest.json", lambda said: said.update(content_hash="0" * 64))
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-004"]


def test_a_finding_rewritten_with_every_hash_is_measured_again(bundle: Path) -> None:
    """Whoever makes all hashes anew still cannot make the data break fewer rules."""

    def change(said: dict[str, Any]) -> None:
        rule = next(f for f in said["public"]["findings"] if f["check"] == "validity.rules")
        rule["value"] = 7.0

    edit(bundle / "report.json", change)
    opened = open_files(str(bundle))
    findings = {(f.check, f.part, f.subject): f for f in opened.answer().findings}
    ordered = [findings[tuple(o)] for o in opened.manifest["findings"]]
    files = [FileEntry(f["path"], "", f["sha256"], f["bytes"]) for f in opened.manifest["files"]]

    def agree(said: dict[str, Any]) -> None:
        said["content_hash"] = hash_content(files, ordered)
        page = next(p for p in said["pages"] if p["path"] == "report.json")
        page["sha256"] = sha256((bundle / "report.json").read_bytes()).hexdigest()

    edit(bundle / "manifest.json", agree)
    assert codes(verify_bundle(str(bundle))) == ["SD-VERIFY-007"]


def test_a_damaged_report_is_a_problem_with_a_code(bundle: Path) -> None:
    path = bundle / "report.json"
    for spoil in (lambda text: text[: len(text) // 2], lambda text: "[]", lambda text: "{}", lambda text: "\x00"):
        path.write_text(spoil(path.read_text()))
        found = verify_bundle(str(bundle))
        assert set(codes(found)) == {"SD-BUNDLE-006", "SD-VERIFY-002"}
        assert found.settled is None
        with pytest.raises(Damaged, match="SD-BUNDLE-006"):
            _ = sundog.open_bundle(bundle).report.findings


def test_a_manifest_that_lacks_something(bundle: Path) -> None:
    whole = (bundle / "manifest.json").read_text()
    for name in ("verdict", "reasons", "content_hash", "recipe", "parts", "files", "findings", "tables"):
        edit(
            bundle / "manifest.json",
            lambda said, name=name: (said["parts"]["table"] if name == "tables" else said).pop(name),
        )
        with pytest.raises(Damaged, match="SD-BUNDLE-006") as raised:
            open_files(str(bundle))
        assert name in str(raised.value)
        assert raised.value.exit_code == 2
        (bundle / "manifest.json").write_text(whole)


@pytest.fixture
def truncated(bundle: Path) -> Path:
    data = next((bundle / "data").rglob("*.parquet"))
    data.write_bytes(data.read_bytes()[:900])
    return bundle


@pytest.mark.parametrize("to", ["csv", "jsonl", "parquet", "arrow", "sql", "duckdb"])
def test_a_damaged_table_is_not_exported(truncated: Path, tmp_path: Path, to: str) -> None:
    dest = tmp_path / ("x.duckdb" if to == "duckdb" else "x")
    with pytest.raises(RequestError, match=r"SD-BUNDLE-007 .*part-00000.parquet: cannot be read"):
        sundog.export(truncated, to, dest)
    assert not dest.exists() or not any(dest.iterdir())


def test_a_table_that_is_gone(bundle: Path) -> None:
    next((bundle / "data").rglob("*.parquet")).unlink()
    with pytest.raises(RequestError, match=r"SD-BUNDLE-007 .*the file is gone"):
        sundog.open_bundle(bundle).to_arrow()
    assert "SD-VERIFY-001" in codes(verify_bundle(str(bundle)))


def test_the_studio_shows_a_damaged_table_with_its_code(truncated: Path) -> None:
    server, url = serve(str(truncated))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(f"{url}rows", timeout=20)
        assert raised.value.code == 500
        assert b"SD-BUNDLE-007" in raised.value.read()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
