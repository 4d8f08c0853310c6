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


def test_personal_data_with_letters_and_reasons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns and free text; without the extra it says what that would add."""
    notes = "Mrs Elizabeth Carter called about order {}, phone 020 7946 0{:03d}, mail e.carter{}@mail.example."
    lines = "".join(
        f"e{i}@mail.example,{1950 + i % 50}-01-02,{notes.format(i, i, i).replace(',', ';')},a\n" for i in range(80)
    )
    (tmp_path / "b.csv").write_text("contact,dob,notes,religion\n" + lines)
    monkeypatch.setattr("sundog.lib.pii.language.MODEL", "no_such_model")
    said = CliRunner().invoke(build(), ["inspect", str(tmp_path / "b.csv")]).stdout
    assert "Personal data:" in said
    assert "F, e-mail addresses" in said
    assert "C, dates other than years" in said
    assert "inside: A, D, F" in said
    assert "religious or philosophical beliefs" in said
    assert "extra 'pii'" in said
    found = json.loads(CliRunner().invoke(build(), ["inspect", str(tmp_path / "b.csv"), "--json"]).stdout)
    assert {c["column"]: c["letter"] for c in found["personal"]} == {
        "contact": "F",
        "dob": "C",
        "notes": "",
        "religion": "",
    }
