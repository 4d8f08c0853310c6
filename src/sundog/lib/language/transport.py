"""One HTTP request to an endpoint, and what came of it: bytes of an answer, or a coded refusal."""

from __future__ import annotations

import os
import ssl
from hashlib import blake2b
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from sundog.core.errors import MissingExtra, Problem, RequestError, install_extra
from sundog.lib.language.faults import (
    Place,
    Refusal,
    judge_status,
    refuse_body,
    refuse_certificate,
    refuse_connection,
    refuse_slow,
)
from sundog.lib.language.protocol import Choice

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

_MOST_BYTES = 256 * 1024 * 1024
_SECRET_WORDS = ("key", "token", "secret", "password", "passwd", "signature", "sig", "auth", "credential")
_SECRET_HEADERS = ("authorization", "cookie", "api-key", "apikey", "token", "secret", "password")


class Transport:
    """A pool of connections to one endpoint. Holds the key, and shows it to nobody."""

    def __init__(self, choice: Choice) -> None:
        self.place, self._secret = _read_key(choice)
        base, _, self._query = choice.endpoint.partition("?")
        self._base = base.rstrip("/")
        self._timeout_s = choice.timeout_s
        self._headers = {"Content-Type": "application/json", "Accept": "application/json", **choice.headers}
        self._session: ClientSession | None = None

    def __repr__(self) -> str:
        return f"Transport({self.place.url!r})"

    async def __aenter__(self) -> Transport:
        aiohttp = _load_aiohttp()
        headers = dict(self._headers)
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        timeout = aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=min(30.0, self._timeout_s))
        proxied = any(os.environ.get(n) for n in ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"))
        # How many requests are under way is the gate's concern.
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
            headers=headers,
            timeout=timeout,
            trust_env=proxied,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, path: str, body: bytes) -> bytes | Refusal:
        """Post JSON."""
        return await self._call("POST", path, body, None)

    async def fetch(self, path: str) -> bytes | Refusal:
        """Get what lies at a path."""
        return await self._call("GET", path, None, None)

    async def upload(self, path: str, name: str, content: bytes, purpose: str) -> bytes | Refusal:
        """Post a file."""
        return await self._call("POST", path, content, (name, purpose))

    async def _call(self, verb: str, path: str, body: bytes | None, file: tuple[str, str] | None) -> bytes | Refusal:
        import aiohttp

        assert self._session is not None, "the model is used outside of its `async with`"
        url = f"{self._base}{path}" + (f"?{self._query}" if self._query else "")
        data: bytes | aiohttp.MultipartWriter | None = body
        headers = None
        if file is not None:
            assert body is not None
            data = aiohttp.MultipartWriter("form-data", boundary="sundog-" + blake2b(body, digest_size=16).hexdigest())
            data.append(file[1]).set_content_disposition("form-data", name="purpose")
            content = data.append(body, {"Content-Type": "application/jsonl"})
            content.set_content_disposition("form-data", name="file", filename=file[0])
            headers = {"Content-Type": data.content_type}
        try:
            async with self._session.request(verb, url, data=data, headers=headers, allow_redirects=False) as response:
                told = await _read_body(response)
                if told is None:
                    return refuse_body(self.place, f"it has more than {_MOST_BYTES >> 20} MiB")
                if response.status == 200:
                    return told
                found = {n.lower(): v for n, v in response.headers.items()}
                return judge_status(self.place, response.status, told, found, self._secret)
        except TimeoutError:
            return refuse_slow(self.place, self._timeout_s)
        except (aiohttp.ClientConnectorCertificateError, ssl.SSLCertVerificationError) as error:
            return refuse_certificate(self.place, type(error).__name__)
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError):
            return Refusal("never", _refuse_address(self.place.url), for_all=True)
        except aiohttp.ClientPayloadError:
            return refuse_body(self.place, "it ends before it is whole")
        except aiohttp.ClientConnectorError as error:
            return refuse_connection(self.place, error.strerror or type(error.os_error).__name__, for_all=True)
        except (aiohttp.ClientError, OSError) as error:
            return refuse_connection(self.place, f"the connection broke ({type(error).__name__})")


async def _read_body(response: ClientResponse) -> bytes | None:
    """The whole body, or None where it is larger than any answer."""
    if response.content_length is not None:
        return await response.read() if response.content_length <= _MOST_BYTES else None
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            return None
    return b"".join(parts)


def _load_aiohttp() -> ModuleType:
    try:
        import aiohttp
    except ImportError as error:
        what = "the package aiohttp, which speaks with endpoints, is not installed"
        raise MissingExtra(Problem("SD-MODEL-014", "model.endpoint", what, install_extra("text"))) from error
    return aiohttp


def _read_key(choice: Choice) -> tuple[Place, str]:
    """Where the endpoint is, and its key from the environment.

    Raises:
        RequestError: the address or a header holds a key, or the key in the environment can be none.
    """
    parts = urlsplit(choice.endpoint)
    named = [n for n, _ in parse_qsl(parts.query, keep_blank_values=True) if _is_secret(n, _SECRET_WORDS)]
    if parts.username is not None or parts.password is not None or named:
        what = "the address holds a key or a password" + (f" ({', '.join(named)})" if named else "")
        fix = f"Leave it out, and put the key into the environment variable {choice.key_from}."
        raise RequestError(Problem("SD-MODEL-015", "model.endpoint", what, fix))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refuse_address(choice.endpoint)
    secret_headers = [n for n in choice.headers if _is_secret(n, _SECRET_HEADERS)]
    if secret_headers:
        what = f"the headers {', '.join(secret_headers)} would write a key into the recipe"
        fix = f"Leave them out, and put the key into the environment variable {choice.key_from}."
        raise RequestError(Problem("SD-MODEL-017", "model.headers", what, fix))
    secret = os.environ.get(choice.key_from, "").strip()
    if not (secret.isascii() and secret.isprintable()) or " " in secret:
        what = f"the environment variable {choice.key_from} holds letters that no key has"
        raise RequestError(Problem("SD-MODEL-018", "model.key_from", what, "Copy the key once more."))
    return Place(choice.endpoint.partition("?")[0].rstrip("/"), choice.name, choice.key_from, bool(secret)), secret


def _refuse_address(address: str) -> RequestError:
    what = f"{address!r} is no address of a server"
    return RequestError(
        Problem("SD-MODEL-016", "model.endpoint", what, "Write, for example, http://127.0.0.1:8000/v1.")
    )


def _is_secret(name: str, words: tuple[str, ...]) -> bool:
    return any(word in name.lower() for word in words)
