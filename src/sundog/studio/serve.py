"""The studio's server: pages of one bundle, on this machine only.

A page on the web can make a browser send requests to 127.0.0.1. So every request must name this host (a rebound domain
name does not), come from no other origin, and know the token in the path, which only the printed address holds.
Files are reached by names that the server lists; no part of a request is ever used as a path.
"""

from __future__ import annotations

import hmac
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sundog.core.bundle import BundleFiles, open_files, reading_json, reading_table
from sundog.core.errors import Damaged, Problem, RequestError
from sundog.evidence.report.html import read_asset
from sundog.evidence.report.palette import write_variables
from sundog.studio import pages
from sundog.studio.rows import (
    PAGE_ROWS,
    RowPage,
    Shelf,
    TableIndex,
    find_rows,
    index_table,
    list_shelves,
    read_page,
    reasons_of,
    units_of,
)

TOP_FILES: Mapping[str, str] = {
    "report.html": "text/html; charset=utf-8",
    "report.json": "application/json",
    "privacy.html": "text/html; charset=utf-8",
    "privacy.json": "application/json",
    "privacy-public.html": "text/html; charset=utf-8",
    "privacy-public.json": "application/json",
    "manifest.json": "application/json",
    "run.json": "application/json",
    "croissant.json": "application/json",
    "recipe.yaml": "text/plain; charset=utf-8",
    "README.md": "text/plain; charset=utf-8",
}
"""Files that are served as they are, by their names at the top of a bundle."""

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# The report of a bundle may come from a stranger: it gets an origin of its own and reaches nothing of ours.
_SANDBOX = "sandbox allow-scripts allow-popups; frame-ancestors 'self'"

ROWS_AT_MOST = 500


@dataclass
class Studio:
    """One bundle that is being looked at.

    Attributes:
        token: in the path of every page.
        shelves: what can be browsed.
    """

    bundle: BundleFiles
    token: str
    shelves: tuple[Shelf, ...]
    _indexes: dict[Shelf, TableIndex] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def index(self, shelf: Shelf) -> TableIndex:
        """The table's index; footers are read once."""
        with self._lock:
            if shelf not in self._indexes:
                self._indexes[shelf] = index_table(self.bundle, shelf)
            return self._indexes[shelf]

    def pick(self, kind: str, asked: Mapping[str, str]) -> Shelf | None:
        """The table asked for, or the first one; None where there is none of that name."""
        mine = [s for s in self.shelves if s.kind == kind]
        if not asked.get("part") and not asked.get("table"):
            return mine[0] if mine else None
        return next((s for s in mine if (s.part, s.table) == (asked.get("part"), asked.get("table"))), None)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the browser."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK
    policy: str = _POLICY


def serve(bundle_dir: str, port: int = 0) -> tuple[ThreadingHTTPServer, str]:
    """A server of the studio for a bundle, bound to 127.0.0.1, and the address to open.

    The caller runs ``serve_forever`` and, in the end, ``server_close``.

    Args:
        bundle_dir: folder or URL of a finished bundle.
        port: 0 for any free one.

    Raises:
        RequestError: there is no such bundle, its manifest points outside of it, or the port is taken.
    """
    bundle = open_files(bundle_dir)
    # os.urandom, not a Key: whoever can guess the token can read the data.
    with reading_json(f"{bundle_dir}/manifest.json"):
        shelves = list_shelves(bundle)
    studio = Studio(bundle, os.urandom(16).hex(), shelves)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(studio))
    except OSError as error:
        raise RequestError(
            Problem(
                "SD-STUDIO-002",
                f"--port {port}",
                f"cannot be listened on: {error.strerror or error}",
                "Give another port, or 0 for any free one.",
            )
        ) from error
    server.daemon_threads = True
    return server, f"http://127.0.0.1:{server.server_address[1]}/{studio.token}/"


def _handler(studio: Studio) -> type[BaseHTTPRequestHandler]:
    """The request handler of a bundle's studio."""

    class Handler(BaseHTTPRequestHandler):
        """Answers GET and HEAD; everything else is refused by the library."""

        server_version = "Sundog"
        sys_version = ""

        def _port(self) -> int:
            port: int = self.connection.getsockname()[1]
            return port

        def do_GET(self) -> None:
            self._answer()

        def do_HEAD(self) -> None:
            self._answer()

        def _answer(self) -> None:
            try:
                with reading_table(studio.bundle.url):  # a bundle that is damaged, or changed under our hands
                    reply = judge(dict(self.headers.items()), self._port()) or route(studio, self.path)
            except Damaged as error:
                reply = _say(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
            except RequestError as error:
                reply = _say(HTTPStatus.BAD_REQUEST, str(error))
            self.send_response(reply.status)
            for key, value in (
                ("Content-Type", reply.kind),
                ("Content-Length", str(len(reply.body))),
                ("Content-Security-Policy", reply.policy),
                ("X-Content-Type-Options", "nosniff"),
                ("Referrer-Policy", "no-referrer"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cache-Control", "no-store"),
            ):
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: addresses hold the token."""

    return Handler


def judge(headers: Mapping[str, str], port: int) -> Reply | None:
    """A refusal for requests that did not come from this machine's own page; None where all is well."""
    found = {k.lower(): v.strip().lower() for k, v in headers.items()}
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"} | ({"127.0.0.1", "localhost"} if port == 80 else set())
    if found.get("host") not in hosts:
        return _say(HTTPStatus.MISDIRECTED_REQUEST, "This page answers to 127.0.0.1 alone.")
    origin = found.get("origin")
    if origin is not None and origin not in {f"http://{h}" for h in hosts}:
        return _say(HTTPStatus.FORBIDDEN, "Requests from other pages are refused.")
    if found.get("sec-fetch-site", "none") == "cross-site" and found.get("sec-fetch-mode") != "navigate":
        return _say(HTTPStatus.FORBIDDEN, "Requests from other pages are refused.")
    return None


def route(studio: Studio, target: str) -> Reply:
    """The answer to a path that passed ``judge``."""
    parts = urlsplit(target)
    if parts.path == "/favicon.ico":  # browsers ask for it unbidden
        return Reply(b"", "image/x-icon", HTTPStatus.NO_CONTENT)
    _, _, rest = parts.path.partition("/")
    token, _, path = rest.partition("/")
    if not hmac.compare_digest(token.encode(), studio.token.encode()):
        return _say(HTTPStatus.NOT_FOUND, "Open the address that `sundog view` printed.")
    asked = {k: v[-1] for k, v in parse_qs(parts.query, max_num_fields=20).items()}
    root = f"/{studio.token}/"
    if path.startswith("files/"):
        return _file(studio, path.removeprefix("files/"))
    page = _PAGES.get(path)
    if page is None:
        return _say(HTTPStatus.NOT_FOUND, "There is no such page.")
    return page(studio, root, asked)


def _overview(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    indexes = [studio.index(s) for s in studio.shelves if s.kind == "data"]
    title = f"{studio.bundle.manifest.get('name', 'bundle')} · Sundog"
    return _page(root, "", title, pages.write_overview(root, studio.bundle, indexes))


def _rows(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    shelf = studio.pick("data", asked)
    if shelf is None:
        return _say(HTTPStatus.NOT_FOUND, "There is no such table.")
    index, shown, query = _read(studio, shelf, asked)
    mine = [s for s in studio.shelves if s.kind == "data"]
    body = "<h1>Rows</h1>" + pages.write_choice(root, "rows", mine, shelf)
    body += pages.write_rows(root, "rows", index, shown, query)
    return _page(root, "rows", f"{shelf.table} · Sundog", body, wide=True)


def _rejected(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    body = "<h1>Rejected</h1>" + "".join(
        pages.write_rejects(facts, part) for part, facts in studio.bundle.manifest["parts"].items()
    )
    mine = [s for s in studio.shelves if s.kind == "rejected"]
    shelf = studio.pick("rejected", asked)
    if shelf is None and (asked.get("part") or asked.get("table")):
        return _say(HTTPStatus.NOT_FOUND, "There is no such table.")
    if shelf is not None:
        index, shown, query = _read(studio, shelf, asked)
        extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
        reasons = next((s for s in mine if s.part == shelf.part and s.table == "reasons"), None)
        if shelf.table != "reasons":
            units = units_of(studio.bundle, index, shown.numbers)
            extra = (("unit", tuple("" if u is None else f"{u:,}" for u in units)),)
            if reasons is not None:
                why = reasons_of(studio.bundle, reasons, units)
                extra += (("why rejected", tuple(pages.write_reason_chip(r) for r in why)),)
        body += pages.write_choice(root, "rejected", mine, shelf)
        body += pages.write_rows(root, "rejected", index, shown, query, extra)
        body += '<p class="from">Values of rows that equal a real record are never kept.</p>'
    return _page(root, "rejected", "Rejected · Sundog", body, wide=True)


def _json(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    shelf = studio.pick(asked.get("kind", "data"), asked)
    if shelf is None:
        return Reply(b'{"error": "no such table"}', "application/json", HTTPStatus.NOT_FOUND)
    index, shown, _ = _read(studio, shelf, asked)
    said = {
        "part": shelf.part,
        "table": shelf.table,
        "rows": index.rows,
        "columns": [{"name": c.name, "type": c.type, "meaning": c.meaning} for c in shown.columns],
        "numbers": shown.numbers,
        "cells": [[_plain(v) for v in row] for row in shown.cells],
        "next": shown.next,
    }
    return Reply(json.dumps(said, ensure_ascii=True).encode(), "application/json")


def _plain(value: Any) -> Any:
    """A value that JSON knows; what it does not know goes as text."""
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else repr(value)
    return value if value is None or isinstance(value, bool | int | str) else str(value)[:2000]


def _report(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    return _page(root, "report", "Report · Sundog", pages.write_report(root, _has(studio, "privacy.html")), wide=True)


def _has(studio: Studio, file: str) -> bool:
    return bool(studio.bundle.fs.exists(f"{studio.bundle.root}/{file}"))


def _manifest(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    present = [f for f in TOP_FILES if studio.bundle.fs.exists(f"{studio.bundle.root}/{f}")]
    return _page(root, "manifest", "Manifest · Sundog", pages.write_manifest(root, studio.bundle, present))


def _style(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    return Reply(_style_sheet(), "text/css; charset=utf-8")


def _script(studio: Studio, root: str, asked: Mapping[str, str]) -> Reply:
    return Reply(read_asset("page.js").encode(), "text/javascript; charset=utf-8")


_PAGES: Mapping[str, Callable[[Studio, str, Mapping[str, str]], Reply]] = {
    "": _overview,
    "rows": _rows,
    "rejected": _rejected,
    "rows.json": _json,
    "report": _report,
    "manifest": _manifest,
    "studio.css": _style,
    "page.js": _script,
}


@cache
def _style_sheet() -> bytes:
    own = files("sundog.studio").joinpath("studio.css").read_text(encoding="utf-8")
    return (write_variables() + read_asset("page.css") + own).encode()


def _file(studio: Studio, file: str) -> Reply:
    kind = TOP_FILES.get(file)
    if kind is None or not studio.bundle.fs.exists(f"{studio.bundle.root}/{file}"):
        return _say(HTTPStatus.NOT_FOUND, "There is no such file.")
    return Reply(studio.bundle.read(file), kind, policy=_SANDBOX if file.endswith(".html") else _POLICY)


def _read(studio: Studio, shelf: Shelf, asked: Mapping[str, str]) -> tuple[TableIndex, RowPage, dict[str, str]]:
    """The rows asked for, and the query as it was understood."""
    index = studio.index(shelf)
    start = max(_number(asked, "row") - 1, 0) if asked.get("row") else _number(asked, "start")
    count = min(max(_number(asked, "count") or PAGE_ROWS, 1), ROWS_AT_MOST)
    left, column, text = _number(asked, "left"), _number(asked, "column"), asked.get("text", "")[:300]
    query = {
        "part": shelf.part,
        "table": shelf.table,
        "start": str(start) if start else "",
        "left": str(left) if left else "",
    }
    if text and column < len(index.columns):
        query |= {"column": str(column), "text": text}
        shown = find_rows(studio.bundle, index, index.columns[column].name, text, start, count, left)
    else:
        shown = read_page(studio.bundle, index, start, count, left)
    return index, shown, query


def _number(asked: Mapping[str, str], key: str) -> int:
    text = asked.get(key, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _page(root: str, here: str, title: str, body: str, *, wide: bool = False) -> Reply:
    return Reply(pages.write_shell(root, here, title, body, wide=wide).encode("utf-8", "replace"))


def _say(status: int, words: str) -> Reply:
    return Reply((words + "\n").encode("utf-8", "replace"), "text/plain; charset=utf-8", status)
