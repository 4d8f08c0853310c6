"""`sundog inspect`: the table for people, JSON for machines, types that are stated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sundog.cli import build
from sundog.core.errors import RequestError


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "a.csv").write_text("zip,age\n" + "".join(f"{10000 + i},{i % 50}\n" for i in range(60)))
    return str(tmp_path / "a.csv")


def test_the_table(path: str) -> None:
    said = CliRunner().invoke(build(), ["inspect", path])
    assert said.exit_code == 0
    assert said.stdout.startswith("60 rows, 2 columns\n")
    assert "why: whole numbers" in said.stdout


def test_json(path: str) -> None:
    said = CliRunner().invoke(build(), ["inspect", path, "--json", "--type", "zip=string"])
    found = json.loads(said.stdout)
    assert found["rows"] == 60
    assert {c["name"]: c["type"] for c in found["columns"]} == {"zip": "string", "age": "int64"}


def test_a_type_that_is_not_written_as_one(path: str) -> None:
    with pytest.raises(RequestError, match="SD-CLI-020"):
        CliRunner().invoke(build(), ["inspect", path, "--type", "zip"], catch_exceptions=False)
    with pytest.raises(RequestError, match="SD-SOURCE-020"):
        CliRunner().invoke(build(), ["inspect", path, "--type", "zipp=string"], catch_exceptions=False)


def test_a_format_that_is_not_one(path: str) -> None:
    with pytest.raises(RequestError, match=r"SD-SOURCE-013(.|\n)*Did you mean 'csv'"):
        CliRunner().invoke(build(), ["inspect", path, "--format", "cvs"], catch_exceptions=False)
