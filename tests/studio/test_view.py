"""``sundog view``: the command around the server."""

from __future__ import annotations

import threading
import urllib.request
import webbrowser
from pathlib import Path

import pytest

from sundog.cli.view import view
from sundog.studio import serve as serving


def test_view_prints_the_address_opens_it_and_ends_by_interrupt(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)

    def interrupt(self: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(serving.ThreadingHTTPServer, "serve_forever", interrupt)
    view(str(bundle), port=0, open_browser=True)
    printed = capsys.readouterr().out
    assert opened[0] in printed
    view(str(bundle), port=0, open_browser=False)
    assert len(opened) == 1


def test_the_printed_address_answers(bundle: Path) -> None:
    server, url = serving.serve(str(bundle))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    with urllib.request.urlopen(url, timeout=20) as reply:
        assert b"Sundog studio" in reply.read()
    server.shutdown()
    server.server_close()
    thread.join()
