"""Weights from the Hugging Face hub: fetched once, gone on with after an interruption, and held against the hub's own hash."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email.message import Message
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from sundog.core.errors import Incomplete, Problem, RequestError
from sundog.lib.language.places import find_weights, make_folder

_NAME = re.compile(r"hf:([\w.-]+)/([\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)")
_BLOCK = 1 << 20
_TIMEOUT_S = 60.0
_MOST_TURNS = 5


def fetch_from_hub(stated: str, say: Callable[[str], None] | None = None) -> Path:
    """The file of ``hf:OWNER/REPO/FILE``, from the cache, or from the hub (``HF_ENDPOINT``, with the token of ``HF_TOKEN`` if there is one).

    Raises:
        RequestError: the name is none, the hub has no such file, or it is not given to everybody.
        Incomplete: the hub cannot be reached, or the file broke off; what came is kept, and gone on with.
    """
    found = _NAME.fullmatch(stated)
    if found is None or ".." in stated:
        what = f"{stated!r} names no file of the hub"
        raise RequestError(Problem("SD-MODEL-043", "model.gguf", what, "Write hf:OWNER/REPO/FILE.gguf."))
    owner, repo, name = found.groups()
    path = find_weights() / "hf" / owner / repo / name
    if path.exists():
        return path
    make_folder(path.parent)
    with hold(path.with_name(path.name + ".lock")):
        if not path.exists():  # another process may have fetched it meanwhile
            _fetch(f"{_hub()}/{owner}/{repo}/resolve/main/{quote(name)}", path, stated, say or (lambda _: None))
    return path


@contextlib.contextmanager
def hold(lock: Path) -> Iterator[None]:
    """Be the only process that fetches a file."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hub() -> str:
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows nothing: the hub's own answer holds the hash, and its token is for the hub alone."""

    def redirect_request(self, req: object, fp: object, code: int, msg: str, headers: object, newurl: str) -> None:
        """Not."""


def _fetch(url: str, path: Path, stated: str, say: Callable[[str], None]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        told = _look(url)
        size, digest = (
            int(told["X-Linked-Size"] or told["Content-Length"] or 0),
            told["X-Linked-Etag"] or told["ETag"] or "",
        )
        source = urljoin(url, told["Location"]) if told["Location"] else url
        _load(source, url, part, size, say)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (401, 403, 404):
            what = f"the hub does not give {stated!r} ({error.code})"
            fix = "Correct the name; for a file that is not public, put a token into the environment variable HF_TOKEN."
            raise RequestError(Problem("SD-MODEL-044", "model.gguf", what, fix)) from None
        raise _break_off(stated, f"the hub answers {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise _break_off(stated, f"{getattr(error, 'reason', None) or type(error).__name__}") from None
    stated_hash = digest.strip('W/"')
    if re.fullmatch(r"[0-9a-f]{64}", stated_hash) and _hash(part) != stated_hash:
        part.unlink()
        raise _break_off(stated, "what came has not the hash that the hub states")
    part.replace(path)


def _break_off(stated: str, reason: str) -> Incomplete:
    what = f"{stated!r} cannot be fetched now: {reason}"
    fix = "Run the command again when there is a network: what came already is kept. Or give the path of a file that is here."
    return Incomplete(Problem("SD-MODEL-045", "model.gguf", what, fix))


def _look(url: str) -> Message:
    """The hub's answer before it sends on: size, hash and place of the file."""
    request = urllib.request.Request(url, method="HEAD", headers=_headers(url))  # noqa: S310 - the hub, or what HF_ENDPOINT says
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=_TIMEOUT_S) as answer:
            return answer.headers  # type: ignore[no-any-return]
    except urllib.error.HTTPError as error:
        if 300 <= error.code < 400:
            error.close()
            return error.headers
        raise


def _headers(url: str) -> dict[str, str]:
    token = os.environ.get("HF_TOKEN", "").strip()
    same = urlsplit(url).netloc == urlsplit(_hub()).netloc
    return {
        "User-Agent": "sundog",
        "Accept-Encoding": "identity",
        **({"Authorization": f"Bearer {token}"} if token and same else {}),
    }


def _load(source: str, url: str, part: Path, size: int, say: Callable[[str], None]) -> None:
    """Bytes into ``part``, from where it ends."""
    for _ in range(_MOST_TURNS):
        here = part.stat().st_size if part.exists() else 0
        if size and here >= size:
            break
        headers = {**_headers(source), **({"Range": f"bytes={here}-"} if here else {})}
        request = urllib.request.Request(source, headers=headers)  # noqa: S310 - where the hub sends on to
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            goes_on = answer.status == 206
            with part.open("ab" if goes_on else "wb") as file:
                written = here if goes_on else 0
                while block := answer.read(_BLOCK):
                    file.write(block)
                    written += len(block)
                    say(f"{written >> 20} MiB" + (f" of {size >> 20}" if size else ""))
        if not size:
            return
    if size and part.stat().st_size != size:
        if part.stat().st_size > size:
            part.unlink()
        raise OSError("the file broke off")


def _hash(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
