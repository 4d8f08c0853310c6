"""URLs of PostgreSQL databases. What they hold of passwords is shown nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode

from sundog.core.errors import Problem, RequestError

_URL = re.compile(
    r"postgres(?:ql)?://(?:(?P<who>[^@/?#]*)@)?(?P<hosts>[^@/?#]*)(?:/(?P<base>[^/?#@]*))?(?:\?(?P<query>[^#]*))?"
)
_HOSTS = re.compile(
    r"(?:(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._%-]*)(?::\d{1,5})?)(?:,(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._%-]*)(?::\d{1,5})?)*"
)
_SECRET = frozenset({"password", "sslpassword", "passfile", "sslkey"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where tables go.

    Attributes:
        url: for the driver; may hold a password.
        shown: for messages; holds none.
        schema: in which the tables are made, or None: where the user's tables go.
        secrets: what no message may hold.
    """

    url: str = field(repr=False)
    shown: str
    schema: str | None
    secrets: tuple[str, ...] = field(repr=False)

    def clean(self, text: str) -> str:
        """The text without passwords."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def read_url(target: str) -> Place:
    """Read postgresql://[USER[:PASSWORD]@]HOST[:PORT]/DATABASE[?schema=NAME&sslmode=...], as libpq has it, and ``schema``.

    Raises:
        RequestError: it cannot be read; the URL is not repeated, since it may hold a password.
    """
    found = _URL.fullmatch(target)
    pairs: list[tuple[str, str]] = []
    readable = found is not None and _HOSTS.fullmatch(found["hosts"]) is not None
    if found is not None and found["query"]:
        try:
            pairs = parse_qsl(found["query"], keep_blank_values=True, strict_parsing=True)
        except ValueError:
            readable = False
    if found is None or not readable:
        what = "this is no URL of a PostgreSQL database, or it holds letters that must be written as %40, %2F and so on"
        mend = "For example postgresql://ann@db.example.org/shop?schema=test, with the password in PGPASSWORD or ~/.pgpass."
        raise RequestError(Problem("SD-EXPORT-037", "dest", what, mend))
    user, _, password = (found["who"] or "").partition(":")
    named = dict(pairs)
    schemas = [value for name, value in pairs if name == "schema"]
    kept = [(name, value) for name, value in pairs if name != "schema"]
    if "connect_timeout" not in named:
        kept.append(("connect_timeout", "10"))
    base = found["base"] or ""
    head = f"postgresql://{found['who'] + '@' if found['who'] else ''}{found['hosts']}/{base}"
    shown = f"postgresql://{user + '@' if user else ''}{found['hosts']}/{base}"
    hidden = [password, unquote(password)]
    for name, value in pairs:
        if name in _SECRET:
            hidden += [value, quote(value), quote(value, safe="")]
    secrets = tuple(sorted({h for h in hidden if h}, key=len, reverse=True))
    return Place(f"{head}?{urlencode(kept, quote_via=quote)}", shown, schemas[-1] if schemas else None, secrets)
