"""The store of answers: committed before it is seen, shared by processes, owned by one user, and never silently another's."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import Incomplete, RequestError
from sundog.lib.language.address import address_of
from sundog.lib.language.places import find_answers
from sundog.lib.language.protocol import Answer, Ask, Form, Message, Settings, ToolCall
from sundog.lib.language.store import AnswerStore, open_store

ASK = Ask((Message("system", "be short"), Message("user", "hello")), seed=7, form=Form(schema="{}"))


def test_an_answer_comes_back_as_it_was(store: AnswerStore) -> None:
    """Every field, with texts that are hard to store."""
    given_answer = Answer("a\0b \U0001f600", "tools", (ToolCall("c1", "look", '{"a": 1}'),), 3, 4, 2, False, "m")
    asyncio.run(store.put("aa", "model", given_answer))
    assert store.get("aa") == replace(given_answer, stored=True)
    assert store.get("bb") is None


def test_the_first_answer_stays(store: AnswerStore) -> None:
    """Two processes that asked the same go on with the same answer."""
    asyncio.run(store.put("aa", "model", Answer("first")))
    with open_store(store.path) as other:
        assert asyncio.run(other.put("aa", "model", Answer("second"))).text == "first"


def test_many_at_once_are_committed_together(store: AnswerStore) -> None:
    """Every one is there for another process as soon as its own put has ended."""

    async def put(other: sqlite3.Connection, at: int) -> None:
        await store.put(f"{at:04}", "model", Answer(f"text {at}"))
        seen = other.execute("SELECT text FROM answers WHERE address = ?", (f"{at:04}",)).fetchone()
        assert seen == (f"text {at}",)

    async def put_all() -> None:
        other = sqlite3.connect(store.path)
        await asyncio.gather(*(put(other, at) for at in range(500)))
        other.close()

    asyncio.run(put_all())
    assert store.count()[0].answers == 500


def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """A child prints a number as soon as its put has ended, and is killed in the middle."""
    script = (
        "import asyncio, sys, os\n"
        "from pathlib import Path\n"
        "from sundog.lib.language.store import open_store\n"
        "from sundog.lib.language.protocol import Answer\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "async def one(i):\n"
        "    await store.put(f'{i:05}', 'm', Answer(str(i)))\n"
        "    os.write(1, f'{i}\\n'.encode())\n"
        "async def main():\n"
        "    for start in range(0, 100000, 50):\n"
        "        await asyncio.gather(*(one(i) for i in range(start, start + 50)))\n"
        "asyncio.run(main())\n"
    )
    path = tmp_path / "killed.sqlite"
    child = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    seen = [int(child.stdout.readline()) for _ in range(120)]
    child.kill()
    seen += [int(line) for line in child.stdout.read().splitlines()]
    child.wait()
    child.stdout.close()
    with open_store(path) as store:
        assert [i for i in seen if store.get(f"{i:05}") is None] == []


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    """The file, its log, and the folder that is made for it."""
    path = tmp_path / "new" / "answers.sqlite"
    before = os.umask(0)
    try:
        with open_store(path) as store:
            asyncio.run(store.put("aa", "model", Answer("x")))
            files = sorted(path.parent.iterdir())
            assert len(files) >= 2
            assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """SUNDOG_CACHE, else the user's caches."""
    monkeypatch.setenv("SUNDOG_CACHE", str(tmp_path))
    assert find_answers() == tmp_path / "language" / "answers.sqlite"
    monkeypatch.delenv("SUNDOG_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert find_answers() == tmp_path / "xdg" / "sundog" / "language" / "answers.sqlite"


def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Another program's database, another version's, what is no database, and what can't be opened at all."""
    path = tmp_path / "other.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (a)")
    other.close()
    with pytest.raises(RequestError, match="SD-MODEL-004"):
        open_store(path)
    later = tmp_path / "later.sqlite"
    open_store(later).close()
    raw = sqlite3.connect(later)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(RequestError, match=r"SD-MODEL-004.*version 99"):
        open_store(later)
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all" * 100)
    with pytest.raises(RequestError, match="SD-MODEL-006"):
        open_store(broken)
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(RequestError, match="SD-MODEL-002"):
        open_store(tmp_path / "folder.sqlite")
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match="SD-MODEL-001"):
        open_store(tmp_path / "file" / "answers.sqlite")


def test_a_disk_that_cannot_be_shared_is_refused() -> None:
    """A database in memory takes no write-ahead log, as a network disk doesn't."""
    from sundog.lib.language import store as module

    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(RequestError, match="SD-MODEL-003"):
        module._prepare(connection, Path("memory"))
    connection.close()


def test_a_full_disk_is_coded_and_undone(store: AnswerStore) -> None:
    """SQLite's own limit of pages stands for the disk: nothing of the group that did not fit is there, the rest is."""
    asyncio.run(store.put("aa", "model", Answer("x")))
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(Incomplete, match="SD-MODEL-005"):
        asyncio.run(store.put("bb", "model", Answer("y" * 100_000)))
    assert store.get("aa") is not None
    assert store.get("bb") is None
    asyncio.run(store.put("cc", "model", Answer("z")))


def test_forgetting(store: AnswerStore) -> None:
    """One model, then all; the file becomes smaller."""
    for at in range(50):
        store.put_many([(f"{at}", "one" if at % 2 else "two", Answer("t" * 5000, asked_tokens=2, answered_tokens=3))])
    store.remember("one", "manner", "{}")
    assert [(c.model, c.answers, c.asked_tokens, c.answered_tokens) for c in store.count()] == [
        ("one", 25, 50, 75),
        ("two", 25, 50, 75),
    ]
    before = store.measure_bytes()
    assert store.forget("one") == 25
    assert store.recall("one", "manner") is None
    assert [c.model for c in store.count()] == ["two"]
    assert store.forget() == 25
    assert store.measure_bytes() < before / 4


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(), max_size=20), st.integers(0, 2**62), st.floats(0, 2))
def test_each_word_of_a_question_is_in_its_address(text: str, seed: int, temperature: float) -> None:
    """Half surrogate pairs too; the same ask has the same address, every changed one another."""
    ask = Ask((Message("user", text),), seed=seed, settings=Settings(temperature=temperature))
    assert address_of("m", ask) == address_of("m", replace(ask))
    others = [
        replace(ask, seed=seed + 1),
        replace(ask, messages=(Message("user", text + "x"),)),
        replace(ask, messages=(Message("system", text),)),
        replace(ask, settings=replace(ask.settings, temperature=temperature + 0.5)),
        replace(ask, settings=replace(ask.settings, top_p=0.5)),
        replace(ask, settings=replace(ask.settings, most_tokens=5)),
        replace(ask, settings=replace(ask.settings, stop=("x",))),
        replace(ask, form=Form(schema="{}")),
        replace(ask, form=Form(grammar="{}")),
        replace(ask, form=Form(pattern="{}")),
        replace(ask, tools="[]"),
        replace(ask, messages=(), text=text + "y"),
    ]
    addresses = [address_of("m", o) for o in (ask, *others)] + [address_of("n", ask)]
    assert len(set(addresses)) == len(addresses)


def test_the_address_does_not_move() -> None:
    """Answers that were paid for are found by later versions."""
    assert address_of("http://x/v1#m", ASK) == ADDRESS


ADDRESS = "77ccf067427657a52ab77452ae665a9bad8b19462e575abd6f2023706af3e86c"
