"""The command line as a program: exit codes, what it prints, what it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import sundog

SMALL = "a,b,c\n" + "".join(f"{i % 17},{'xyz'[i % 3]},{i * 0.5:.1f}\n" for i in range(400))


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sundog", *words], capture_output=True, text=True, cwd=cwd, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.csv").write_text(SMALL)
    return tmp_path


def test_help_lists_the_verbs(folder: Path) -> None:
    said = run("--help", cwd=folder)
    assert said.returncode == 0
    for verb in ("make", "replicate", "audit", "verify", "export", "view", "inspect", "demo", "kinds", "init"):
        assert verb in said.stdout


def test_version_needs_no_verb(folder: Path) -> None:
    said = run("--version", cwd=folder)
    assert (said.returncode, said.stdout.strip(), said.stderr) == (0, sundog.__version__, "")


def test_replicate_verify_export(folder: Path) -> None:
    said = run("replicate", "small.csv", "-o", "out", "-n", "200", "--method", "forest", "--json", cwd=folder)
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert found["verdict"] == "unassessed"
    assert found["parts"]["table"]["accepted"] == 200
    for name in (
        "recipe.yaml",
        "manifest.json",
        "report.html",
        "report.json",
        "README.md",
        "croissant.json",
        "run.json",
    ):
        assert (folder / "out" / name).stat().st_size > 0
    assert not (folder / "out" / ".sundog").exists()

    verified = run("verify", "out", cwd=folder)
    assert verified.returncode == 0, verified.stdout
    exported = run("export", "out", "csv", "--to", "csv", "--select", "a < 5", cwd=folder)
    assert exported.returncode == 0, exported.stderr
    lines = Path(folder / exported.stdout.strip()).read_text().splitlines()
    assert lines[0] == "a,b,c"
    assert all(int(line.split(",")[0]) < 5 for line in lines[1:])

    again = run("make", "out/recipe.yaml", "-o", "again", "--json", cwd=folder)
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["content_hash"] == found["content_hash"]


def test_a_changed_file_is_found(folder: Path) -> None:
    assert run("replicate", "small.csv", "-o", "out", "-n", "50", "--evidence", "none", cwd=folder).returncode == 0
    data = next((folder / "out" / "data").rglob("*.parquet"))
    data.write_bytes(data.read_bytes() + b"x")
    (folder / "out" / "data" / "table" / "more.parquet").write_bytes(b"")
    said = run("verify", "out", cwd=folder)
    assert said.returncode == 3
    assert "was changed" in said.stdout
    assert "is not in the manifest" in said.stdout


def test_a_changed_finding_is_found(folder: Path) -> None:
    assert run("replicate", "small.csv", "-o", "out", "-n", "100", "--method", "forest", cwd=folder).returncode == 0
    path = folder / "out" / "report.json"
    report = json.loads(path.read_text())
    first = next(f for f in report["private"]["findings"] if f["value"] is not None)
    first["value"] += 0.25
    path.write_text(json.dumps(report))
    said = run("verify", "out", cwd=folder)
    assert said.returncode == 3
    assert "content hash" in said.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["replicate", "nothing.csv"], "SD-SOURCE"),
        (["make", "nothing.yaml"], "SD-RECIPE-003"),
        (["make", "censsus"], "SD-RECIPE-001"),
        (["init", "censsus"], "SD-RECIPE-001"),
        (["verify", "nothing"], "SD-BUNDLE-003"),
        (["verify", "."], "SD-BUNDLE-005"),
        (["export", ".", "x", "--to", "csv"], "SD-BUNDLE-005"),
        (["replicate", "small.csv", "--target", "d"], "SD-TABLES-002"),
        (["replicate", "small.csv", "-o", "small.csv"], "SD-RUN-024"),
        (["replicate", "small.csv", "-o", "."], "SD-RUN-027"),
        (["replicate", "small.csv", "--method", "trees2"], "SD-RECIPE-008"),
        (["make", "census", "--set", "parts.people.unitz=3"], "SD-RECIPE-006"),
        (["make", "census", "--set", "novalue"], "SD-RECIPE-009"),
        (["make", "census", "--set", "name.x=1"], "SD-RECIPE-010"),
        (["make", "census", "--engine", "rai"], "SD-EXTENSION-002"),
        (["audit", "small.csv", "--train", "small.csv", "--target", "q"], "SD-AUDIT-004"),
        (["audit", "small.csv", "--train", "small.csv", "--evidence", "some"], "SD-AUDIT-005"),
        (["init", "census", "-o", "nowhere/census.yaml"], "SD-CLI-003"),
    ],
)
def test_wrong_requests_end_with_2_and_a_code(folder: Path, words: list[str], code: str) -> None:
    before = sorted(p.name for p in folder.iterdir())
    said = run(*words, cwd=folder)
    assert said.returncode == 2, said.stdout + said.stderr
    assert code in said.stderr
    assert "Traceback" not in said.stderr
    assert sorted(p.name for p in folder.iterdir()) == before


def test_all_problems_at_once(folder: Path) -> None:
    recipe = {"name": "x", "sed": 1, "parts": {"p": {"kind": "tables", "source": {"pth": "a"}, "method": "oak"}}}
    (folder / "bad.yaml").write_text(yaml.safe_dump(recipe))
    said = run("make", "bad.yaml", cwd=folder)
    assert said.returncode == 2
    assert "Did you mean 'seed'?" in said.stderr
    assert said.stderr.count("SD-RECIPE") >= 3


def test_a_finished_bundle_is_not_overwritten(folder: Path) -> None:
    words = ("replicate", "small.csv", "-o", "out", "-n", "20", "--evidence", "none")
    assert run(*words, cwd=folder).returncode == 0
    said = run(*words, cwd=folder)
    assert said.returncode == 2
    assert "SD-RUN-025" in said.stderr
    assert run(*words, "--resume", cwd=folder).returncode == 0


def test_init_writes_a_recipe_once(folder: Path) -> None:
    assert run("init", "census", cwd=folder).returncode == 0
    assert "kind: tables" in (folder / "census.yaml").read_text()
    said = run("init", "census", cwd=folder)
    assert said.returncode == 2
    assert "SD-CLI-002" in said.stderr


def test_export_options(folder: Path) -> None:
    assert run("replicate", "small.csv", "-o", "out", "-n", "20", "--evidence", "none", cwd=folder).returncode == 0
    assert "SD-CLI-001" in run("export", "out", "x", "--to", "csv", "--option", "formulas", cwd=folder).stderr
    assert "SD-EXPORT-001" in run("export", "out", "x", "--to", "jsonl", "--option", "formulas=true", cwd=folder).stderr
    assert (
        "SD-EXPORT-002" in run("export", "out", "x", "--to", "csv", "--option", "formulas=perhaps", cwd=folder).stderr
    )


def test_schema_is_a_schema(folder: Path) -> None:
    schema = json.loads(run("kinds", "--schema", cwd=folder).stdout)
    assert schema["title"] == "Sundog recipe"
    assert "kinds.tables" in schema["$defs"]


def test_an_audit_of_a_copy_fails(folder: Path) -> None:
    rows = SMALL.splitlines()
    unique = [rows[0]] + [f"{i},{'xyz'[i % 3]},{i * 0.5:.1f}" for i in range(600)]
    (folder / "train.csv").write_text("\n".join(unique[:301]) + "\n")
    (folder / "holdout.csv").write_text("\n".join([rows[0], *unique[301:]]) + "\n")
    said = run(
        "audit",
        "train.csv",
        "--train",
        "train.csv",
        "--holdout",
        "holdout.csv",
        "-o",
        "audit",
        "--evidence",
        "quick",
        cwd=folder,
    )
    assert said.returncode == 3, said.stdout + said.stderr
    assert (folder / "audit" / "report.html").exists()
    again = run("audit", "train.csv", "--train", "train.csv", "-o", "audit", cwd=folder)
    assert again.returncode == 2
    assert "SD-AUDIT-001" in again.stderr
