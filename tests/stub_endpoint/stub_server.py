"""A server on this machine that speaks the protocol of OpenAI's API: chat/completions, completions, models, files and batches.

It needs the standard library alone, and answers about ten thousand requests a second on one core. What it answers depends on the request
alone; what goes wrong is a program (stub_faults.py).

    python tests/stub_endpoint/stub_server.py [--port 0] [--program program.json]     prints its base URL, runs until it is ended
    with running_stub({"faults": [...]}) as stub: stub.url, stub.program({...}), stub.seen()      in a thread of the test
    with stub_process(...) as url:                                                     in a process of its own, for benchmarks

``GET /stub/seen`` tells what was asked: requests, distinct questions, answers that were given whole, most at once, and for each question's hash how
often it was asked and answered, and the processor seconds of its process; ``/stub/count`` the requests alone; ``POST /stub/forget`` starts the counts again; ``POST /stub/program`` takes another program.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from email.utils import formatdate
from hashlib import blake2b
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from stub_answers import Draws, find_schema_in_words, make_value, write_text
from stub_batches import Batches
from stub_faults import Fault, Program

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


class Book:
    """What the stub has seen."""

    def __init__(self) -> None:
        self.requests = 0
        self.at_once = 0
        self.most_at_once = 0
        self.connections = 0
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.came: Counter[str] = Counter()
        self.headers: dict[str, str] = {}
        self.last: dict[str, Any] = {}
        self.times: list[float] = []

    def as_json(self) -> dict[str, Any]:
        """For ``GET /stub/seen``."""
        told = {
            name: getattr(self, name)
            for name in ("requests", "most_at_once", "connections", "headers", "last", "times")
        }
        return {**told, "asked": dict(self.asked), "answered": dict(self.answered), "cpu_s": time.process_time()}


class Stub:
    """The answers, apart from the wire."""

    def __init__(self, program: dict[str, Any] | None = None) -> None:
        self.program = Program.parse(program or {})
        self.book = Book()
        self.batches = Batches(self)

    def complete(self, path: str, request: dict[str, Any]) -> tuple[int, dict[str, Any], Fault | None, str]:
        """Status, body, the fault that concerns the wire, and the hash of the question."""
        text = question_of(request)
        digest = blake2b(json.dumps(request, sort_keys=True).encode(), digest_size=16).digest()
        # The form is not part of it: an endpoint that takes none is asked the same in words.
        name = blake2b(f"{text}\0{request.get('seed')}\0{request.get('model')}".encode(), digest_size=16).hexdigest()
        self.book.asked[name] += 1
        # Asked once more it may have another seed, and the form in words behind it.
        root = text.partition("\n\nAnswer with ")[0]
        seen = self.book.came[root]
        self.book.came[root] += 1
        self.book.last = request
        program = self.program
        if request.get("model") not in program.models:
            message = f"The model `{request.get('model')}` does not exist"
            return 404, error_body(message, "model_not_found"), None, name
        fault = next((f for f in program.faults if f.concerns(path, request, text, digest, seen)), None)
        if fault is not None and fault.kind in ("no_schema", "no_object", "no_grammar"):
            message = {"no_schema": "response_format json_schema", "no_object": "response_format"}.get(
                fault.kind, "grammar"
            )
            return 400, error_body(f"{message} is not supported by this model", "unsupported_parameter"), None, name
        if fault is not None and fault.kind == "status" and not fault.body:
            return fault.status, error_body(fault.message, fault.code), fault, name
        content, calls, finish = self._write(request, text, Draws(digest), fault)
        body = completion_body(path, request, text, content, calls, finish, digest)
        return 200, body, fault, name

    def _write(
        self, request: dict[str, Any], text: str, draws: Draws, fault: Fault | None
    ) -> tuple[str, list[dict[str, Any]], str]:
        kind = fault.kind if fault is not None else ""
        if kind == "filtered":
            return "", [], "content_filter"
        for stated in self.program.answers:
            if stated["when"] in text:
                return stated["text"], [], "stop"
        messages = request.get("messages") or []
        tools = request.get("tools") or []
        if tools and self.program.call_tools and messages and messages[-1]["role"] == "user":
            function = tools[draws.below(len(tools))]["function"]
            arguments = json.dumps(make_value(function.get("parameters", {"type": "object"}), draws))
            call = {"id": f"call_{draws.below(1 << 24):06x}", "type": "function"}
            return "", [{**call, "function": {"name": function["name"], "arguments": arguments}}], "tool_calls"
        if kind == "bad_content":
            return "I would rather not say it in that form.", [], "stop"
        form = request.get("response_format") or {}
        schema = form.get("json_schema", {}).get("schema") or request.get("guided_json") or request.get("json_schema")
        in_words = None if schema else find_schema_in_words(text)
        if schema or in_words or form.get("type") == "json_object":
            written = json.dumps(make_value(schema or in_words or {"type": "object"}, draws), ensure_ascii=False)
            if kind == "fenced" or (in_words and not form):
                written = f"Sure, here it is:\n```json\n{written[:-1]},}}\n```\nAnything else?"
        else:
            written = write_text(draws, self.program.sentences)
        if kind == "length":
            return written[: len(written) // 2], [], "length"
        return written, [], "stop"


def question_of(request: dict[str, Any]) -> str:
    """All words of the question."""
    if "prompt" in request:
        return str(request["prompt"])
    return "\n".join(str(m.get("content") or "") for m in request.get("messages") or [])


def error_body(message: str, code: str = "") -> dict[str, Any]:
    """An error as OpenAI's API says it."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code or None}}


def completion_body(
    path: str, request: dict[str, Any], text: str, content: str, calls: list[dict[str, Any]], finish: str, digest: bytes
) -> dict[str, Any]:
    """A completion as OpenAI's API says it; a token is four bytes."""
    asked, answered = len(text) // 4 + 1, len(content) // 4 + 1
    usage = {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}
    head = {"id": f"cmpl-{digest.hex()}", "created": 0, "model": request.get("model"), "usage": usage}
    if path.endswith("/chat/completions"):
        message: dict[str, Any] = {"role": "assistant", "content": content or None if calls else content}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        return {**head, "object": "chat.completion", "choices": [choice]}
    choice = {"index": 0, "text": content, "finish_reason": finish, "logprobs": None}
    return {**head, "object": "text_completion", "choices": [choice]}


class Connection(asyncio.Protocol):
    """One connection, kept alive; requests one after another."""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._buffer = b""
        self._busy = False
        self._gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._stub.book.connections += 1

    def connection_lost(self, error: Exception | None) -> None:
        """They left."""
        self._gone = True

    def data_received(self, data: bytes) -> None:
        """Bytes of a request."""
        self._buffer += data
        self._take()

    def _take(self) -> None:
        while not self._busy and not self._gone:
            head_end = self._buffer.find(b"\r\n\r\n")
            if head_end < 0:
                return
            lines = self._buffer[:head_end].decode("latin-1").split("\r\n")
            headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", 0))
            if len(self._buffer) < head_end + 4 + length:
                return
            body = self._buffer[head_end + 4 : head_end + 4 + length]
            self._buffer = self._buffer[head_end + 4 + length :]
            verb, path, *_ = lines[0].split(" ")
            self._answer(verb, path.partition("?")[0], headers, body)

    def _answer(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> None:
        stub, book = self._stub, self._stub.book
        if path.startswith("/stub/"):
            self._send(200, stub_control(stub, path, body))
            return
        book.requests += 1
        book.headers = headers
        book.times.append(time.perf_counter())
        if stub.program.key and headers.get("authorization") != f"Bearer {stub.program.key}":
            self._send(401, error_body("Incorrect API key provided: sk-***.", "invalid_api_key"))
        elif path.endswith("/models"):
            self._send(200, {"object": "list", "data": [{"id": m, "object": "model"} for m in stub.program.models]})
        elif path.endswith("/completions"):
            self._complete(path, json.loads(body))
        else:
            status, told = stub.batches.answer(verb, path, headers, body)
            self._send(status, told)

    def _complete(self, path: str, request: dict[str, Any]) -> None:
        stub, book = self._stub, self._stub.book
        status, told, fault, name = stub.complete(path, request)
        slow = fault.seconds if fault is not None and fault.kind == "slow" else 0.0
        wait = stub.program.delay_s + slow
        book.at_once += 1
        book.most_at_once = max(book.most_at_once, book.at_once)
        if wait == 0:
            self._finish(status, told, fault, name)
            return
        self._busy = True
        asyncio.get_running_loop().call_later(wait, self._finish, status, told, fault, name)

    def _finish(self, status: int, told: dict[str, Any], fault: Fault | None, name: str) -> None:
        book = self._stub.book
        book.at_once -= 1
        self._busy = False
        whole = status == 200 and (
            fault is None or fault.kind in ("slow", "fenced", "length", "filtered", "bad_content")
        )
        if whole and not self._gone:
            book.answered[name] += 1
        self._send(status, told, fault)
        self._take()

    def _send(self, status: int, told: object, fault: Fault | None = None) -> None:
        if self._gone:
            return
        kind = fault.kind if fault is not None else ""
        body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
        more, close = "", False
        if fault is not None and kind == "status":
            status, more = fault.status, "".join(f"{n}: {v}\r\n" for n, v in fault.headers.items())
            body = fault.body.encode() if fault.body else body
        elif fault is not None and kind == "retry_date":
            status, body = 429, json.dumps(error_body("Rate limit reached", "rate_limit_exceeded")).encode()
            more = f"Retry-After: {formatdate(time.time() + fault.seconds, usegmt=True)}\r\n"
        elif kind == "malformed":
            body = body[: len(body) // 2]
        elif kind == "html":
            body = b"<html><body>Welcome to the proxy</body></html>"
        elif kind == "charset":
            body = body.decode().encode("utf-16")
        elif kind == "latin":
            body = body.decode().replace("The", "Th\u00e9").replace("A ", "\u00c0 ").encode("latin-1", "replace")
        elif kind == "no_choices":
            body = b'{"object": "chat.completion"}'
        elif kind == "drop":
            self._transport.abort()
            return
        length = f"Content-Length: {len(body)}\r\n"
        if kind == "truncated":
            body, close = body[: len(body) // 2], True
        elif kind == "chunked":
            half = body[: len(body) // 2]
            length, body, close = "Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n" % (len(half), half), True
        head = (
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Said')}\r\nContent-Type: application/json\r\n{more}{length}\r\n"
        )
        self._transport.write(head.encode("latin-1") + body)
        if close:
            self._transport.close()


def stub_control(stub: Stub, path: str, body: bytes) -> dict[str, Any]:
    """What tests tell the stub, and are told by it."""
    if path.endswith("/program"):
        stub.program = Program.parse(json.loads(body))
    elif path.endswith("/forget"):
        stub.book = Book()
    elif path.endswith("/count"):
        return {"requests": stub.book.requests}
    return stub.book.as_json()


async def serve(stub: Stub, port: int = 0) -> asyncio.Server:
    """Listen on this machine."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(stub), "127.0.0.1", port, backlog=4096)


class RunningStub:
    """A stub that runs: its base URL, and what tests tell it."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.url = f"{self.root}/v1"

    def _call(self, name: str, body: object) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.root}/stub/{name}", json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def program(self, stated: dict[str, Any]) -> None:
        """Behave otherwise from now on."""
        self._call("program", stated)

    def seen(self) -> dict[str, Any]:
        """What was asked so far: see the module."""
        return self._call("seen", {})

    def count(self) -> int:
        """How many requests there were so far."""
        return int(self._call("count", {})["requests"])

    def forget(self) -> None:
        """Start the counts again."""
        self._call("forget", {})


@contextlib.contextmanager
def running_stub(program: dict[str, Any] | None = None) -> Iterator[RunningStub]:
    """A stub in a thread of this process."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(serve(Stub(program)))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield RunningStub(server.sockets[0].getsockname()[1])
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


@contextlib.contextmanager
def stub_process(program: dict[str, Any] | None = None, port: int = 0) -> Iterator[RunningStub]:
    """A stub in a process of its own."""
    command = [
        sys.executable,
        str(Path(__file__).resolve()),
        "--port",
        str(port),
        "--program-json",
        json.dumps(program or {}),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield RunningStub(int(process.stdout.readline().rsplit(":", 1)[1].partition("/")[0]))
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def _main(port: int, program: dict[str, Any]) -> None:
    server = await serve(Stub(program), port)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--program", type=Path, help="file with the program")
    parser.add_argument("--program-json", default="{}")
    asked = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(asked.port, json.loads(asked.program.read_text() if asked.program else asked.program_json)))
