"""What an audit refuses before it looks at anything."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

import sundog
from sundog.core.errors import RequestError
from sundog.run import audit


def _write(path: Path, header: str, rows: int) -> Path:
    path.write_text(header + "\n" + "".join(f"{i},{i % 3}\n" for i in range(rows)), encoding="utf-8")
    return path


def test_a_table_of_other_columns_is_refused(tmp_path: Path) -> None:
    """And nothing is written."""
    train, synthetic = _write(tmp_path / "train.csv", "a,b", 50), _write(tmp_path / "synthetic.csv", "p,q", 20)
    with pytest.raises(RequestError) as caught:
        sundog.audit(synthetic, train=train, out=tmp_path / "out")
    assert [problem.code for problem in caught.value.problems] == ["SD-AUDIT-002"]
    assert not (tmp_path / "out").exists()


def test_an_empty_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our reader of files refuses one itself; a source that somebody else brings may not."""
    train, synthetic = _write(tmp_path / "train.csv", "a,b", 50), _write(tmp_path / "synthetic.csv", "a,b", 20)
    empty = SimpleNamespace(rows=0, schema=pa.schema({"a": pa.int64(), "b": pa.int64()}))
    monkeypatch.setattr(audit, "open_like", lambda *_: empty)
    with pytest.raises(RequestError) as caught:
        sundog.audit(synthetic, train=train)
    assert [problem.code for problem in caught.value.problems] == ["SD-AUDIT-003"]


def test_columns_that_one_table_lacks_are_named_and_nothing_is_passed_without_a_holdout(tmp_path: Path) -> None:
    train, synthetic = _write(tmp_path / "train.csv", "a,b", 80), _write(tmp_path / "synthetic.csv", "a,q", 60)
    found = sundog.audit(synthetic, train=train)
    assert found.verdict == "unassessed"
    assert any("privacy.membership was not measured" in reason for reason in found.reasons)
    assert found.remarks == (
        "synthetic: its columns differ from those of the training table: it lacks 'b'; it also has 'q'. They are not compared",
    )
