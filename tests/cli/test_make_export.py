"""``sundog make --export``: the bundle is made, and its tables are in the database too; what is wrong is told before."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from adbc_driver_postgresql import dbapi
from typer.testing import CliRunner

import sundog
from sundog.cli import build
from sundog.core.errors import RequestError

SHOP: dict[str, Any] = {
    "name": "shop",
    "parts": {
        "shop": {
            "kind": "records",
            "units": 40,
            "tables": {
                "customers": {
                    "fields": {
                        "customer_id": {"type": "unique", "pattern": "C-####"},
                        "age": {"type": "integer", "low": 18, "high": 90},
                    }
                },
                "orders": {
                    "parent": "customers",
                    "count": {"type": "poisson", "mean": 2},
                    "fields": {
                        "order_id": {"type": "sequence"},
                        "customer_id": {"type": "parent", "field": "customer_id"},
                        "amount": {"type": "gamma", "shape": 2, "mean": 40, "decimals": 2},
                    },
                    "rules": ["amount >= 0"],
                },
            },
        }
    },
    "evidence": {"level": "none"},
}


def run(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sundog", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(SHOP))
    return tmp_path


def test_one_command_fills_postgresql(folder: Path, postgresql: str) -> None:
    said = run("make", "shop.yaml", "--export", "postgresql", f"{postgresql}?schema=made", "--json", cwd=folder)
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout)
    assert [path.rsplit("/", 1)[-1] for path in found["exported"]] == ["made.customers", "made.orders"]
    rows = sundog.open_bundle(folder / "shop").to_arrow("orders").num_rows
    with dbapi.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT customer_id) <= 40 FROM made.orders JOIN made.customers USING (customer_id)"
        )
        assert cursor.fetchall() == [(rows, True)]
    everything = [
        said.stdout,
        said.stderr,
        *(p.read_text("utf-8", "replace") for p in (folder / "shop").rglob("*") if p.is_file()),
    ]
    assert not [text for text in everything if "sesame" in text]


def test_one_command_fills_duckdb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["make", "shop.yaml", "--export", "duckdb", "shop.duckdb", "--option", "keys=true"]
    said = run(*words, cwd=folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout.splitlines()[-1] == "exported: shop.duckdb"
    with duckdb.connect(str(folder / "shop.duckdb"), read_only=True) as db:
        assert db.execute("SELECT count(*) FROM customers").fetchone() == (40,)
    monkeypatch.chdir(folder)
    again = CliRunner().invoke(build(), ["make", "shop.yaml", "-o", "other", *words[2:]])
    assert isinstance(again.exception, RequestError)
    assert "SD-EXPORT-033" in str(again.exception)
    assert "other is made and whole; only its export failed" in again.stderr
    assert (folder / "other" / "manifest.json").exists()


@pytest.mark.parametrize(
    ("export", "code"),
    [
        (["--export", "duckbd", "x"], "SD-EXTENSION-002"),
        (["--export", "duckdb", "s3://x/y.duckdb"], "SD-EXPORT-032"),
        (["--export", "csv", "shop/here"], "SD-EXPORT-014"),
        (["--export", "sql", "x.sql", "--option", "dialects=mysql"], "SD-EXPORT-001"),
        (["--export", "sql", "x.sql", "--option", "dialect=oracle"], "SD-EXPORT-002"),
        (["--export", "postgresql", "postgresql://nobody@127.0.0.1:1/x"], "SD-EXPORT-041"),
        (["--option", "dialect=mysql"], "SD-CLI-022"),
        (["--stream", "--export", "csv", "x"], "SD-CLI-021"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, export: list[str], code: str
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(RequestError) as caught:
        CliRunner().invoke(build(), ["make", "shop.yaml", *export], catch_exceptions=False)
    assert [p.code for p in caught.value.problems] == [code]
    assert [p.name for p in folder.iterdir()] == ["shop.yaml"]


def test_the_same_in_python(tmp_path: Path) -> None:
    made = sundog.make(SHOP, tmp_path / "a", export=("sql", str(tmp_path / "x.sql")), options={"dialect": "sqlite"})
    sundog.export(made, "sql", tmp_path / "y.sql", options={"dialect": "sqlite", "keys": False, "rows": 7})
    assert (tmp_path / "x.sql").read_text() != (tmp_path / "y.sql").read_text()
    for name in ("x.sql", "y.sql"):
        with sqlite3.connect(":memory:") as db:
            db.executescript((tmp_path / name).read_text())
            assert db.execute("SELECT count(*) FROM customers").fetchone() == (40,)
    with pytest.raises(RequestError, match="SD-EXPORT-032"):
        sundog.make(SHOP, tmp_path / "b", export=("duckdb", str(tmp_path)))
    assert not (tmp_path / "b").exists()


def test_what_is_withheld_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from sundog.cli.make import export_made

    made = sundog.make(SHOP, tmp_path / "a")
    object.__setattr__(made.files, "manifest", {**made.files.manifest, "verdict": "withheld"})
    assert export_made(made, "csv", str(tmp_path / "out"), ()) == ()
    assert "not exported" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_built_in_runs_twice_in_one_folder(tmp_path: Path) -> None:
    first = run("make", "customers", "-n", "3", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    sealed = (tmp_path / "customers" / "manifest.json").read_bytes()
    again = run("make", "customers", "-n", "3", cwd=tmp_path)
    assert (again.returncode, "SD-RUN-025" in again.stderr) == (2, True), again.stderr
    resumed = run("make", "customers", "-n", "3", "--resume", cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert (tmp_path / "customers" / "manifest.json").read_bytes() == sealed
