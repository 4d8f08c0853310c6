"""``sundog advise-epsilon``: a curve on rows that nobody has to protect, and no look at others."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import sundog
from sundog.cli import build
from sundog.core.errors import RequestError
from sundog.evidence.report.advice import Advice, Measure, Point, render_advice
from sundog.lib.privacy.ledger_file import VARIABLE
from sundog.run.advise import read_advice

COLUMNS = {
    "age": {"meaning": "integer", "minimum": 0, "maximum": 99},
    "sex": {"values": ["F", "M", "X"]},
    "ward": {"values": list("abcdef")},
    "smoker": {"meaning": "boolean"},
}

_opened: list[str] = []
_hearing = False


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _hearing and event == "open":
        _opened.append(str(arguments[0]))


sys.addaudithook(_hear)  # a hook cannot be taken away again; it does nothing outside of the block


@contextmanager
def listening() -> Iterator[list[str]]:
    """Files that are opened in the block."""
    global _hearing
    _opened.clear()
    _hearing = True
    try:
        yield _opened
    finally:
        _hearing = False


@pytest.fixture
def declared(tmp_path: Path) -> Path:
    """A recipe that declares its columns and names a source that is there and must not be read."""
    secret = tmp_path / "secret.csv"
    secret.write_text("age,sex,ward,smoker\n" + "41,F,a,true\n" * 300)
    part = {"kind": "tables", "method": "marginals", "epsilon": 1, "domain": "declared", "source": {"path": str(secret)}, "columns": COLUMNS}  # fmt: skip
    file = tmp_path / "clinic.yaml"
    file.write_text(yaml.safe_dump({"name": "clinic", "parts": {"patients": part}}))
    return file


def codes(schema: str | Path, **options: object) -> list[str]:
    with pytest.raises(RequestError) as caught:
        sundog.advise_epsilon(schema, **options)  # type: ignore[arg-type]
    return [p.code for p in caught.value.problems]


def test_a_declared_schema_gives_a_curve_and_its_source_is_not_opened(
    declared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More epsilon leaves more; the user's ledgers stay as they are."""
    ledgers = tmp_path / "ledgers"
    monkeypatch.setenv(VARIABLE, str(ledgers))
    out = tmp_path / "advice"
    with listening() as opened:
        found = sundog.advise_epsilon(declared, epsilons=(0.02, 20), rows=1_500, out=out)
    assert any("stand-in" in path for path in opened), "the hook hears"
    assert [path for path in opened if path.endswith("secret.csv")] == []
    assert os.environ[VARIABLE] == str(ledgers)
    assert not ledgers.exists()
    least, most = ({m.key: m for m in p.measures} for p in found.points)
    assert set(most) == {"columns", "pairs", "triples"}
    for key in most:
        # noise has no key: in five draws of each, measured apart, the curves came no nearer than 0.05, 0.10 and 0.12
        assert most[key].value > least[key].value + 0.01, key
        reference = most[key].reference
        assert reference is not None
        assert reference - 0.1 < most[key].value <= 1
    assert read_advice(str(out / "advice.json")) == found
    page = (out / "advice.html").read_text("utf-8")
    assert "What it does not say" in page
    assert "secret" not in page


def test_the_delta_of_the_recipe_is_taken_unless_another_is_asked_for(declared: Path) -> None:
    recipe = yaml.safe_load(declared.read_text())
    recipe["parts"]["patients"] |= {"delta": 1e-6, "method": "marginals", "epsilon": 1}
    declared.write_text(yaml.safe_dump(recipe))
    assert sundog.advise_epsilon(declared, epsilons=(1,), rows=200).delta == 1e-6
    assert sundog.advise_epsilon(declared, epsilons=(1,), rows=200, delta=1e-7).delta == 1e-7


def test_rows_by_rule_and_a_public_table(tmp_path: Path) -> None:
    """The other two roads; what cannot be learned is left out, and said."""
    by_rule = sundog.advise_epsilon("customers", epsilons=(5, 5), rows=400)
    assert [p.epsilon for p in by_rule.points] == [5]
    assert "without customer_id" in by_rule.stand_in
    assert [p.epsilon for p in by_rule.points] == [5.0]
    table = tmp_path / "public.csv"
    rows = [f"{20 + i % 50},{'ab'[i % 2]},{'yn'[(i % 50) // 25]}" for i in range(600)]
    table.write_text("\n".join(["age,kind,old", *rows]) + "\n")
    told = CliRunner().invoke(build(), ["advise-epsilon", str(table), "--public", "--epsilons", "5", "--target", "old", "--json"])  # fmt: skip
    assert told.exit_code == 0, told.output
    found = Advice.model_validate(json.loads(told.stdout))
    assert found.rows == 480
    assert "use" in {m.key for m in found.points[0].measures}


def test_what_is_refused(declared: Path, tmp_path: Path) -> None:
    """Nothing is read, and nothing written, when the request is wrong."""
    table = tmp_path / "secret.csv"
    with listening() as opened:
        assert codes(table) == ["SD-ADVISE-001"]
    assert [path for path in opened if path.endswith("secret.csv")] == []
    chained = {"name": "c", "parts": {"a": {"kind": "tables", "units": 5, "source": {"path": str(table)}}, "b": {"kind": "note", "of": "a"}}}  # fmt: skip
    (tmp_path / "chained.yaml").write_text(yaml.safe_dump(chained))
    assert codes(tmp_path / "chained.yaml", part="b") == ["SD-ADVISE-003"]
    assert codes("census") == ["SD-ADVISE-010"]
    assert codes(declared, epsilons=()) == ["SD-ADVISE-005"]
    assert codes(declared, delta=2) == ["SD-PRIVACY-002"]
    assert codes(declared, delta=0) == ["SD-PRIVACY-022"]
    assert codes(declared, epsilons=(1, -1), rows=5, repeats=0) == ["SD-ADVISE-005", "SD-ADVISE-006", "SD-ADVISE-009"]
    assert codes(declared, part="patient") == ["SD-ADVISE-008"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert codes(declared, out=tmp_path / "full") == ["SD-ADVISE-007"]
    with pytest.raises(RequestError, match="SD-ADVISE-002"):
        CliRunner().invoke(build(), ["advise-epsilon", str(declared), "--epsilons", "a"], catch_exceptions=False)


def advice(*curve: tuple[float, float]) -> Advice:
    points = tuple(Point(epsilon=e, measures=(Measure(key="pairs", name="Pairs", about="<b>", value=v, low=v, high=v, reference=0.95),)) for e, v in curve)  # fmt: skip
    return Advice(schema_name="<script>", stand_in="<i>", rows=100, delta=1e-9, repeats=1, points=points)


def test_enough_is_enough_from_there_on() -> None:
    assert advice((0.1, 0.5), (1, 0.94), (10, 0.95)).enough() == {"pairs": 1}
    assert advice((0.1, 0.94), (1, 0.8), (10, 0.95)).enough() == {"pairs": 10}, (
        "a lucky draw below a bad one does not count"
    )
    assert advice((0.1, 0.5), (1, 0.8)).enough() == {}
    assert "further than 0.02" in advice((0.1, 0.5)).tell()[0]


def test_the_page_escapes_what_it_is_told() -> None:
    page = render_advice(advice((0.1, 0.5), (1, 0.9)))
    assert "<script>&" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;i&gt;" in page
