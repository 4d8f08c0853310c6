"""Engines: results as they come, errors as data, workers that die, and nobody left behind."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sundog.core.errors import Exhausted, Fault, Incomplete, RequestError, SundogError
from sundog.core.extension import implementation
from sundog.run.engines.local import LocalEngine, rebuild_error
from sundog.run.engines.worker import answer, find_work


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    made = LocalEngine(workers=2)
    yield made
    made.close()


def test_every_job_once(engine: LocalEngine) -> None:
    jobs = [f"job é\n{i}" for i in range(23)]
    assert sorted(engine.map("sundog_toy.work:shout", jobs)) == sorted(j.upper() for j in jobs)
    assert list(engine.map("sundog_toy.work:shout", [])) == []


def test_workers_stay_and_are_single_threaded(engine: LocalEngine) -> None:
    rounds = [[json.loads(t) for t in engine.map("sundog_toy.work:say_process", list("abcdefgh"))] for _ in range(2)]
    first, second = ({r["process"] for r in found} for found in rounds)
    assert len(first) == 2
    assert second == first
    assert {r["threads"] for r in rounds[0]} == {"1"}
    engine.close()
    assert not any(psutil.pid_exists(p) for p in first)


def list_workers() -> set[int]:
    return {c.pid for c in psutil.Process().children() if "sundog.run.engines.worker" in " ".join(c.cmdline())}


def test_workers_that_were_expected_do_the_work(engine: LocalEngine) -> None:
    engine.expect("sundog_toy.work:say_process", ["toy"], 8)
    early = list_workers()
    assert len(early) == 2
    found = [json.loads(t) for t in engine.map("sundog_toy.work:say_process", list("abcdefgh"))]
    assert {said["process"] for said in found} == early
    engine.close()
    assert not list_workers()


@pytest.mark.parametrize(("work", "kinds"), [("sundog_toy.work:shout", ["toy"]), ("no.such:work", ["no_such_kind"])])
def test_workers_that_were_expected_and_not_needed_are_sent_home(work: str, kinds: list[str]) -> None:
    engine = LocalEngine(workers=2)
    engine.expect(work, kinds, 1)
    assert not list_workers()  # one job is done in this process
    engine.expect(work, kinds, 2)
    assert len(list_workers()) == 2
    engine.close()
    assert not list_workers()
    engine.expect(work, kinds, 2)
    assert not list_workers()


def test_what_cannot_be_imported_early_is_told_by_the_job(engine: LocalEngine) -> None:
    engine.expect("no.such:work", ["no_such_kind"], 2)
    with pytest.raises(Fault, match="No module named 'no'"):
        list(engine.map("no.such:work", ["a", "b"]))


def test_one_worker_is_this_process() -> None:
    import os

    (said,) = LocalEngine(workers=2).map("sundog_toy.work:say_process", ["a"])
    assert json.loads(said)["process"] == os.getpid()
    assert LocalEngine(workers=2).describe() == {"engine": "local", "workers": 2}
    assert int(LocalEngine().describe()["workers"]) >= 1


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("job", "error", "says"),
    [
        ("ours", Exhausted, "SD-TOY-001 at here: nothing is left\n    Ask for less.\nSD-TOY-002 at there: é"),
        ("theirs", Fault, "ZeroDivisionError: they divide"),
        ("memory", Fault, "out of memory"),
        ("full", Incomplete, "SD-RUN-002 at /some/where"),
    ],
)
def test_errors_arrive_whole(engine: LocalEngine, count: int, job: str, error: type[SundogError], says: str) -> None:
    with pytest.raises(error) as caught:
        list(engine.map("sundog_toy.work:fail", [job] * count))
    assert type(caught.value) is error
    assert says in str(caught.value)
    assert list(engine.map("sundog_toy.work:fail", ["x", "y"])) in (["x", "y"], ["y", "x"])  # and work goes on


def test_work_that_cannot_be_found(engine: LocalEngine) -> None:
    with pytest.raises(Fault, match=r"(?s)SD-RUN-012.*No module named"):
        list(engine.map("nowhere.work:shout", ["a", "b"]))


def test_a_worker_that_dies_is_replaced(engine: LocalEngine, tmp_path: Path) -> None:
    jobs = []
    for i, deaths in enumerate([0, 1, 2, 0]):
        path = tmp_path / str(i)
        path.write_text(str(deaths))
        jobs.append(str(path))
    assert list(engine.map("sundog_toy.work:die", jobs)) == ["alive"] * 4


def test_a_job_that_always_kills_gives_up(engine: LocalEngine, tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text("9")
    with pytest.raises(Incomplete, match="SD-RUN-013"):
        list(engine.map("sundog_toy.work:die", [str(p) for p in paths]))
    assert "6" in {p.read_text() for p in paths}  # tried three times


def test_a_worker_that_leaves_is_a_dead_one(engine: LocalEngine) -> None:
    with pytest.raises(Incomplete, match=r"SD-RUN-013.*exit 3"):
        list(engine.map("sundog_toy.work:fail", ["leave", "x"]))


def test_whoever_stops_listening_leaves_no_worker_behind(engine: LocalEngine, tmp_path: Path) -> None:
    jobs = [str(tmp_path / "never"), str(tmp_path / "at once")]
    (tmp_path / "at once").touch()
    results = engine.map("sundog_toy.work:wait_for", jobs)
    assert next(results) == "done"
    for _ in range(400):
        if (tmp_path / "never.begun").exists():
            break
        time.sleep(0.05)
    results.close()  # type: ignore[attr-defined]
    assert not [c for c in psutil.Process().children() if "sundog.run.engines.worker" in " ".join(c.cmdline())]


def test_answers_as_data() -> None:
    assert answer(str.upper, "a") == {"result": "A"}
    assert answer(find_work("sundog_toy.work:fail"), "ours")["error"] == "Exhausted"
    assert type(rebuild_error({"error": "NoSuchError", "problems": [["A", "b", "c", "d"]]})) is Fault
    assert "Traceback" in str(rebuild_error(answer(find_work("sundog_toy.work:fail"), "theirs")))


def test_an_engine_that_is_not_there() -> None:
    with pytest.raises(RequestError, match="SD-EXTENSION-002"):
        implementation("sundog.engines", "slurm", "--engine")
