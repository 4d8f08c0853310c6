"""URLs of brokers: who, where, which topic. What they hold of passwords is shown nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from sundog.core.errors import Problem, RequestError

WHERE = "--to"
_URL = re.compile(r"(?P<scheme>[a-z]+)://(?:(?P<who>[^@/]*)@)?(?P<hosts>[^/@?#]*)(?:/(?P<topic>.*))?", re.DOTALL)
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Broker:
    """A target, read.

    Attributes:
        scheme: of the URL.
        hosts: name or address and port of each broker.
        topic: with places for columns in it.
        user: who connects, or None.
        password: never part of a message.
    """

    scheme: str
    hosts: tuple[tuple[str, int], ...]
    topic: str
    user: str | None
    password: str | None = field(repr=False)

    @property
    def shown(self) -> str:
        """What messages call it."""
        return f"{self.scheme}://" + ",".join(f"[{h}]:{p}" if ":" in h else f"{h}:{p}" for h, p in self.hosts)


def read_broker(target: str, port: int, password_file: str | None) -> Broker:
    """Read SCHEME://[USER[:PASSWORD]@]HOST[:PORT]/TOPIC.

    Args:
        target: the URL.
        port: where none is given.
        password_file: file that holds the password.

    Raises:
        RequestError: it cannot be read; the password is not repeated.
    """
    scheme = target.split("://")[0]
    found = _URL.fullmatch(target)
    hosts = [] if found is None else [_HOST.fullmatch(h) for h in found["hosts"].split(",")]
    faults = []
    if (
        found is None
        or not hosts
        or not all(hosts)
        or any(int(h["port"] or 1) not in range(1, 65_536) for h in hosts if h)
    ):
        faults.append("it names no host, or a port that is none")
    elif not found["topic"]:
        faults.append("it names no topic")
    elif any(c in found["topic"] for c in "?#+\0 "):
        faults.append("the topic holds one of ? # + and the space")
    if faults or found is None:
        mend = f"Write {scheme}://HOST:PORT/TOPIC, with {scheme}://USER:PASSWORD@HOST where the broker asks; a password's / and @ as %2F and %40."
        raise RequestError(Problem("SD-STREAM-012", WHERE, f"the {scheme} URL cannot be read: {faults[0]}", mend))
    user, colon, password = (found["who"] or "").partition(":")
    told: str | None = unquote(password) if colon else None
    if password_file is not None:
        told = _read_password(password_file)
    named = tuple((h["name"].strip("[]"), int(h["port"] or port)) for h in hosts if h is not None)
    return Broker(scheme, named, found["topic"], unquote(user) or None, told)


def _read_password(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the file cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
        raise RequestError(
            Problem(
                "SD-STREAM-013", f"--option password_file={path}", what, "Give a file whose first line is the password."
            )
        ) from error


def check_ca(path: str | None) -> None:
    """Refuse a file of certificates that is not there."""
    if path is not None and not Path(path).is_file():
        raise RequestError(
            Problem("SD-STREAM-014", f"--option ca={path}", "there is no such file", "Give a PEM file of certificates.")
        )
