"""Who may ask the studio, and for what."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sundog.core.errors import RequestError
from sundog.studio.serve import judge, serve


@contextmanager
def serving(folder: str) -> Iterator[str]:
    """A studio of its own for this folder."""
    server, url = serve(folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ask(address: str, path: str = "", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    target = path if path.startswith("/") else parts.path + path
    connection.putrequest(method, target, skip_host="Host" in headers)
    for key, value in headers.items():
        connection.putheader(key.replace("_", "-"), value)
    connection.endheaders()
    reply = connection.getresponse()
    body = reply.read()
    connection.close()
    return reply.status, {k.lower(): v for k, v in reply.getheaders()}, body


def test_pages_answer(address: str) -> None:
    for path, words in (
        ("", "Withheld"),
        ("rows", "rows 1 to 50 of 120"),
        ("rows?part=wide&table=wide", "columns 1 to 40 of 100"),
        ("rejected", "constraint"),
        ("report", "<iframe"),
        ("manifest", "content_hash"),
        ("files/report.html", "Twin"),
        ("files/recipe.yaml", "name: twin"),
        ("page.js", "sundog-theme"),
        ("studio.css", "--synth"),
    ):
        status, headers, body = ask(address, path)
        assert status == 200, path
        assert words in body.decode(), path
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


def test_it_listens_on_this_machine_alone(bundle: Path) -> None:
    server, url = serve(str(bundle))
    try:
        assert server.server_address[0] == "127.0.0.1"
        assert url.startswith("http://127.0.0.1:")
        assert len(urlsplit(url).path.strip("/")) == 32
    finally:
        server.server_close()


def test_every_studio_has_a_token_of_its_own(bundle: Path) -> None:
    tokens = set()
    for _ in range(3):
        server, url = serve(str(bundle))
        server.server_close()
        tokens.add(urlsplit(url).path)
    assert len(tokens) == 3


@pytest.mark.parametrize("path", ["/", "/rows", "/x/", "//", "/" + "0" * 32 + "/"])
def test_without_the_token_there_is_nothing(address: str, path: str) -> None:
    status, _, body = ask(address, path)
    assert status == 404
    assert b"Twin" not in body


def test_the_icon_that_browsers_ask_for_is_empty(address: str) -> None:
    assert ask(address, "/favicon.ico")[0] == 204


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]", "0.0.0.0", ""])
def test_a_rebound_domain_name_is_refused(address: str, host: str) -> None:
    port = urlsplit(address).port
    for name in (host, f"{host}:{port}"):
        status, _, body = ask(address, Host=name)
        assert status == 421
        assert b"Withheld" not in body


def test_localhost_is_this_machine_too(address: str) -> None:
    assert ask(address, Host=f"localhost:{urlsplit(address).port}")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
def test_requests_of_other_pages_are_refused(address: str, origin: str) -> None:
    assert ask(address, "rows.json", Origin=origin)[0] == 403


def test_requests_of_its_own_page_are_answered(address: str) -> None:
    origin = f"http://127.0.0.1:{urlsplit(address).port}"
    assert ask(address, "rows.json", Origin=origin, Sec_Fetch_Site="same-origin")[0] == 200


def test_pictures_and_scripts_of_other_pages_are_refused(address: str) -> None:
    assert ask(address, "page.js", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0] == 403
    assert ask(address, "", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] == 200


def test_judge_knows_port_80() -> None:
    assert judge({"Host": "127.0.0.1"}, 80) is None
    assert judge({"Host": "127.0.0.1"}, 8000) is not None
    assert judge({}, 80) is not None


@pytest.mark.parametrize(
    "path",
    [
        "files/secret.txt",
        "files/../secret.txt",
        "files/..%2fsecret.txt",
        "files/%2e%2e/secret.txt",
        "files//etc/passwd",
        "files/data/people/people/part-00000.parquet",
        "../secret.txt",
        "..%2f..%2fetc%2fpasswd",
        "files/report.html%00.txt",
        "files/report.html/../secret.txt",
        "rows?part=..&table=secret.txt",
        "rows?part=people&table=../people",
        "rejected?part=/etc&table=passwd",
    ],
)
def test_no_path_leads_out(address: str, path: str) -> None:
    status, _, body = ask(address, path)
    assert status == 404
    assert b"not for the browser" not in body
    assert b"root:" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(address: str, method: str) -> None:
    assert ask(address, method=method)[0] == 501


def test_head_gives_no_body(address: str) -> None:
    status, headers, body = ask(address, method="HEAD")
    assert status == 200
    assert body == b""
    assert int(headers["content-length"]) > 500


@pytest.mark.parametrize(
    "query", ["start=-1", "start=x", "start=99999999999999999999", "count=100000", "left=9999", "column=77&text=a", "text=" + "a" * 5000, "start=%D9%A3", "row=0"]
)  # fmt: skip
def test_odd_queries_are_read_kindly(address: str, query: str) -> None:
    status, _, body = ask(address, f"rows.json?{query}")
    assert status == 200
    assert len(json.loads(body)["cells"]) <= 500


def test_json_for_machines(address: str) -> None:
    said = json.loads(ask(address, "rows.json?part=people&table=people&start=2&count=2")[2])
    assert said["rows"] == 120
    assert said["numbers"] == [2, 3]
    assert said["next"] == 4
    assert [c["name"] for c in said["columns"]][:2] == ["id", "name"]
    assert said["cells"][0][3] == "nan"
    assert said["cells"][1][1] is None
    assert ask(address, "rows.json?part=no&table=no")[0] == 404


def test_the_report_gets_an_origin_of_its_own(address: str) -> None:
    _, headers, _ = ask(address, "files/report.html")
    assert headers["content-security-policy"].startswith("sandbox allow-scripts")
    _, headers, _ = ask(address)
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_privacy_report_is_linked_where_there_is_one(tmp_path: Path, bundle: Path) -> None:
    """Bundles of earlier versions have none."""
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    with serving(str(copy)) as place:
        assert "Privacy report" not in ask(place, "report")[2].decode()
        assert ask(place, "files/privacy.html")[0] == 404
        (copy / "privacy.html").write_text("<h1>Privacy</h1>", encoding="utf-8")
        assert "files/privacy.html" in ask(place, "report")[2].decode()
        status, headers, body = ask(place, "files/privacy.html")
        assert (status, body) == (200, b"<h1>Privacy</h1>")
        assert headers["content-security-policy"].startswith("sandbox allow-scripts")


def test_a_bundle_that_loses_a_file_says_so(tmp_path: Path, bundle: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    with serving(str(copy)) as url:
        (copy / "data/people/people/part-00002.parquet").write_bytes(b"broken")
        status, _, body = ask(url, "rows")
        assert status == 500
        assert b"cannot be read" in body


def test_a_port_that_is_taken_is_said_with_a_code(bundle: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(RequestError, match="SD-STUDIO-002"):
            serve(str(bundle), taken.getsockname()[1])


def test_what_is_not_a_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError):
        serve(str(tmp_path))
