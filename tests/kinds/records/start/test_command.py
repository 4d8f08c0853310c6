"""`sundog recipe from` on the command line."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
import typer
from typer.testing import CliRunner

import sundog.cli as command_line
from sundog.core.errors import RequestError
from sundog.run.recipe_files import read_recipe


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of real records in the folder that is worked in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUNDOG_PRIVACY_LEDGER", str(tmp_path / "ledgers"))
    path = tmp_path / "people.csv"
    pa_csv.write_csv(pa.table({"age": [20 + i % 50 for i in range(400)], "sex": ["F", "M"] * 200}), path)
    return path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command_line.build(), ["recipe", "from", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_a_recipe_is_written_beside(real: Path) -> None:
    out = run(str(real))
    assert out.splitlines()[0] == "people.yaml"
    assert "sundog make people.yaml" in out
    assert list(read_recipe("people.yaml").parts) == ["people"]
    with pytest.raises(RequestError) as raised:
        run(str(real))
    assert raised.value.problems[0].code == "SD-RECORDS-069"
    run(str(real), "-o", "again.yaml", "--type", "age=float64", "--least", "30", "--locale", "de_DE")
    assert 'locale: "de_DE"' in Path("again.yaml").read_text() or "locale: de_DE" in Path("again.yaml").read_text()


def test_private_answers_from_the_command_line(real: Path) -> None:
    pytest.importorskip("opendp")
    out = run(str(real), "-o", "p.yaml", "--epsilon", "2", "--bounds", "age=0:100", "--domain", "sex=F,M")
    assert "differentially private answers" in out
    text = Path("p.yaml").read_text()
    assert "mode: dp" in text
    with pytest.raises(RequestError) as raised:
        run(str(real), "-o", "q.yaml", "--epsilon", "2", "--bounds", "age=0:100", "--domain", "sex=F,M")
    assert raised.value.problems[0].code == "SD-PRIVACY-004"
    assert not Path("q.yaml").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--domain", "sex=F,M"], "SD-RECORDS-070"),
        (["--epsilon", "1", "{real}"], "SD-RECORDS-071"),
        (["-o", "absent/x.yaml"], "SD-RECORDS-072"),
        (["--type", "age"], "SD-RECORDS-073"),
        (["--epsilon", "-1", "--bounds", "age=0:9", "--stated-only"], "SD-PRIVACY-001"),
    ],
)
def test_wrong_requests_are_told(real: Path, arguments: list[str], code: str) -> None:
    with pytest.raises(RequestError) as raised:
        run(str(real), *(a.format(real=real) for a in arguments))
    assert raised.value.problems[0].code == code
    assert raised.value.exit_code == 2


def test_a_command_that_cannot_be_loaded_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = EntryPoint("broken", "absent_module:verb", "sundog.commands")
    monkeypatch.setattr(command_line, "entry_points", lambda group: [broken] if group == "sundog.commands" else [])
    app = command_line.build()
    assert isinstance(app, typer.Typer)
    assert "'broken' (absent_module:verb) cannot be loaded" in capsys.readouterr().err
    assert CliRunner().invoke(app, ["kinds", "--help"]).exit_code == 0
