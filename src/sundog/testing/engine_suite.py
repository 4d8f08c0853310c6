"""Questions to an engine: every job once, errors as data, nobody left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sundog.core.errors import Problem, RequestError
from sundog.core.extension import Extension
from sundog.core.protocols import Engine

_WORK = f"{__name__}:echo"


def echo(text: str) -> str:
    """Work for an engine on trial: gives the text back, and fails where it is told to.

    Raises:
        RequestError: the text is ``fail``.
    """
    if text == "fail":
        raise RequestError(Problem("TRIAL-1", "here", "it failed", "as it should"))
    return text


@contextmanager
def _engine(extension: Extension[Any]) -> Iterator[Engine]:
    engine: Engine = extension.load()(workers=2, address=None)
    try:
        yield engine
    finally:
        engine.close()


def every_job_is_done_once(extension: Extension[Any]) -> None:
    """``map`` gives one result for each job, in any order; without jobs, none."""
    jobs = [f"job {i} é\n" for i in range(9)]
    with _engine(extension) as engine:
        assert sorted(engine.map(_WORK, jobs)) == jobs
        assert list(engine.map(_WORK, [])) == []


def errors_arrive_whole(extension: Extension[Any]) -> None:
    """An error of ours is raised as it was, and the engine works on."""
    with _engine(extension) as engine:
        try:
            list(engine.map(_WORK, ["a", "fail", "b"]))
        except RequestError as error:
            came = [p.code for p in error.problems]
        else:
            came = []
        assert came == ["TRIAL-1"], f"the error came as {came}"
        assert sorted(engine.map(_WORK, ["a", "b"])) == ["a", "b"]


def it_describes_itself(extension: Extension[Any]) -> None:
    """``describe`` names the engine and the workers."""
    with _engine(extension) as engine:
        said = engine.describe()
    assert said["engine"] == extension.kind
    assert said["workers"] == 2


QUESTIONS: tuple[Callable[[Extension[Any]], None], ...] = (
    every_job_is_done_once,
    errors_arrive_whole,
    it_describes_itself,
)
