"""A loop in a thread of its own: also where another loop runs."""

from __future__ import annotations

import asyncio

import pytest

from sundog.lib.language.own_loop import OwnLoop, run_apart


async def give(value: int) -> int:
    await asyncio.sleep(0)
    return value


def test_it_runs_where_a_loop_runs_already() -> None:
    async def notebook() -> int:
        return run_apart(give(3))

    assert asyncio.run(notebook()) == 3
    assert run_apart(give(4)) == 4


def test_one_loop_for_all_calls() -> None:
    async def loop_of() -> int:
        return id(asyncio.get_running_loop())

    with OwnLoop() as loop:
        assert loop.run(loop_of()) == loop.run(loop_of())


def test_what_is_raised_comes_out() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with OwnLoop() as loop:
        with pytest.raises(KeyError, match="x"):
            loop.run(fail())
        assert loop.run(give(5)) == 5


def test_what_still_runs_is_ended() -> None:
    ended = []

    async def linger() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(linger())
        await asyncio.sleep(0)
        return task

    with OwnLoop() as loop:
        task = loop.run(begin())
    assert ended == [True]
    assert task.cancelled()
