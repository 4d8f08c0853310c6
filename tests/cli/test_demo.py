"""The demo: what it does with what lies in its folder, and how it ends when it is interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sundog import api
from sundog.cli.demo import demo, remove_earlier
from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.run.lock import hold
from sundog.run.store import open_store


def _write(folder: Path, name: str, value: dict[str, Any]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("manifest.json", {"format": 1, "name": "census"}),
        (".sundog/request.json", {"recipe": {"name": "census"}}),
    ],
    ids=["finished", "interrupted"],
)
def test_an_earlier_demo_is_replaced_and_the_demo_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: dict[str, Any]
) -> None:
    """A second `make demo` must not fail on the first one's bundle, nor take it away in silence."""
    _write(tmp_path / "demo", name, value)
    remove_earlier(tmp_path / "demo")
    assert not (tmp_path / "demo").exists()
    assert "replacing the earlier demo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("manifest.json", {"format": 1, "name": "customers"}),
        ("manifest.json", {"format": 2}),
        (".sundog/request.json", {"recipe": {"name": "customers"}}),
        (".sundog/request.json", {}),
        ("notes.txt", {}),
    ],
)
def test_what_is_no_demo_stays(tmp_path: Path, name: str, value: dict[str, Any]) -> None:
    """`make` then refuses the folder, and says what is in it."""
    _write(tmp_path / "demo", name, value)
    remove_earlier(tmp_path / "demo")
    assert (tmp_path / "demo" / name).exists()


def test_a_demo_that_runs_now_is_not_taken_away(tmp_path: Path) -> None:
    """The second one ends and names the first."""
    _write(tmp_path / "demo", ".sundog/request.json", {"recipe": {"name": "census"}})
    with hold(open_store(str(tmp_path / "demo"))), pytest.raises(RequestError, match="SD-RUN-004"):
        remove_earlier(tmp_path / "demo")
    assert (tmp_path / "demo" / ".sundog" / "request.json").exists()


def test_an_interrupted_demo_names_no_option_that_it_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`sundog make` resumes; the demo is run again."""

    def interrupted(*_: object, **__: object) -> None:
        raise Incomplete(Problem("SD-RUN-023", "demo", "the run was interrupted", "Run it again with --resume."))

    monkeypatch.setattr(api, "make", interrupted)
    with pytest.raises(Incomplete, match="SD-RUN-023") as caught:
        demo(str(tmp_path / "demo"), None)
    assert "--resume" not in str(caught.value)
    assert "again" in str(caught.value)
