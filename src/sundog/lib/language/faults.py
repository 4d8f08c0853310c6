"""What goes wrong with a model, as errors with codes: what was found, and how it is mended."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Literal

from sundog.core.errors import Incomplete, Problem, RequestError, SundogError
from sundog.core.keys import Key

MOST_WAIT_S = 600.0
"""The longest pause that an endpoint may ask for; beyond it the run ends, and can be resumed."""

_AGAIN = frozenset((408, 409, 425, 429))
_LENGTH = re.compile(
    r"context.{0,12}(length|size|window)|maximum.{0,20}tokens|too long|too many tokens|exceeds? .{0,30}token", re.I
)
_QUOTA = re.compile(r"insufficient_quota|billing|exceeded your current quota|payment", re.I)
_MANNER = re.compile(
    r"response_format|json_schema|json_object|invalid schema|grammar|structured_outputs|guided|"
    r"max_tokens|max_completion_tokens|temperature|top_p|['\"` ]seed\b|['\"` ]stop\b",
    re.I,
)


class TooLong(RequestError):
    """One question is longer than the model takes; others are not concerned."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of the endpoint that is none.

    Attributes:
        kind: ``again``: the same request may be answered later; ``manner``: it may be answered when it is put otherwise; ``never``.
        error: what to raise when it is given up.
        wait_s: pause that the endpoint asked for; None for none.
        message: the endpoint's words.
        for_all: no other question would be answered either.
        status: of HTTP, or 0.
    """

    kind: Literal["again", "manner", "never"]
    error: SundogError
    wait_s: float | None = None
    message: str = ""
    for_all: bool = False
    status: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """What messages say of an endpoint. No key is in it.

    Attributes:
        url: base URL.
        name: of the model.
        key_from: environment variable of the key.
        has_key: whether it was set.
    """

    url: str
    name: str
    key_from: str
    has_key: bool

    def problem(self, code: str, what: str, fix: str) -> Problem:
        """A problem at this endpoint."""
        return Problem(code, f"model {self.name} at {self.url}", what, fix)


def judge_status(place: Place, status: int, body: bytes, headers: dict[str, str], secret: str) -> Refusal:
    """What an HTTP status other than 200 means."""
    return replace(_judge(place, status, body, headers, secret), status=status)


def _judge(place: Place, status: int, body: bytes, headers: dict[str, str], secret: str) -> Refusal:
    message, code = _read_message(body, secret)
    said = f": {message}" if message else ""
    if status == 401:
        set_now = f"The key of the environment variable {place.key_from} is not taken" if place.has_key else ""
        fix = (
            f"{set_now}; put a right one there."
            if set_now
            else f"Put a key into the environment variable {place.key_from}."
        )
        problem = place.problem("SD-MODEL-020", f"the endpoint refuses the key (401){said}", fix)
        return Refusal("never", RequestError(problem), message=message, for_all=True)
    if status == 403:
        fix = f"Ask for access to {place.name!r}, or state another model or the variable of another key in key_from."
        problem = place.problem("SD-MODEL-021", f"the endpoint forbids this model to this key (403){said}", fix)
        return Refusal("never", RequestError(problem), message=message, for_all=True)
    if status == 404:
        fix = "Correct the model's 'name', or the 'endpoint': it ends before /chat/completions, most often in /v1."
        problem = place.problem(
            "SD-MODEL-022", f"the endpoint knows no such model, or no such address (404){said}", fix
        )
        return Refusal("never", RequestError(problem), message=message, for_all=True)
    if status == 402 or (status == 429 and _QUOTA.search(f"{code} {message}")):
        problem = place.problem(
            "SD-MODEL-025", f"the account has no credit left ({status}){said}", f"Pay in, then {_RESUME}"
        )
        return Refusal("never", Incomplete(problem), message=message, for_all=True)
    if status == 413 or (status in (400, 422) and (code == "context_length_exceeded" or _LENGTH.search(message))):
        fix = "Give shorter documents, or a model that takes more at once."
        problem = place.problem("SD-MODEL-023", f"the question is longer than the model takes ({status}){said}", fix)
        return Refusal("never", TooLong(problem), message=message)
    if 300 <= status < 400:
        where = headers.get("location", "another address").partition("?")[0]
        problem = place.problem(
            "SD-MODEL-026", f"the endpoint sends on to {where} ({status})", "State the address itself."
        )
        return Refusal("never", RequestError(problem), for_all=True)
    if status in _AGAIN or status >= 500:
        problem = place.problem("SD-MODEL-030", f"the endpoint does not answer ({status}){said}", f"Later, {_RESUME}")
        return _judge_wait(place, Incomplete(problem), read_wait(headers), message)
    fix = "Correct what it names; 'structured: words' asks for no feature that an endpoint may lack."
    error = RequestError(place.problem("SD-MODEL-024", f"the endpoint refuses the request ({status}){said}", fix))
    kind: Literal["manner", "never"] = "manner" if status in (400, 422, 501) and _MANNER.search(message) else "never"
    return Refusal(kind, error, message=message)


_RESUME = "run the command again with --resume: nothing that was answered is asked again."


def _judge_wait(place: Place, error: SundogError, wait: float | None, message: str) -> Refusal:
    if wait is not None and wait > MOST_WAIT_S:
        what = f"the endpoint asks for a pause of {wait:,.0f} s"
        return Refusal("never", Incomplete(place.problem("SD-MODEL-034", what, f"After it, {_RESUME}")), for_all=True)
    return Refusal("again", error, wait, message)


def refuse_connection(place: Place, reason: str, for_all: bool = False) -> Refusal:
    """Nobody is there (``for_all``), or the line broke."""
    fix = f"Look whether the server runs and the address is right, then {_RESUME}"
    error = Incomplete(place.problem("SD-MODEL-031", f"the endpoint cannot be reached: {reason}", fix))
    return Refusal("again", error, for_all=for_all)


def refuse_slow(place: Place, seconds: float) -> Refusal:
    """No answer in time."""
    fix = f"Give it more time with 'timeout', or less to do with 'most_tokens' and 'concurrency', then {_RESUME}"
    return Refusal("again", Incomplete(place.problem("SD-MODEL-035", f"no answer came within {seconds:g} s", fix)))


def refuse_certificate(place: Place, reason: str) -> Refusal:
    """The server cannot show who it is."""
    fix = "Correct the address, or name the authority that you trust in the environment variable SSL_CERT_FILE."
    error = RequestError(place.problem("SD-MODEL-032", f"the endpoint's certificate is not trusted: {reason}", fix))
    return Refusal("never", error, for_all=True)


def refuse_body(place: Place, reason: str) -> Refusal:
    """The answer came, and cannot be read."""
    fix = f"If it stays so, the address is no OpenAI-compatible server, or something between changes what it says; else {_RESUME}"
    return Refusal(
        "again", Incomplete(place.problem("SD-MODEL-033", f"the endpoint's answer cannot be read: {reason}", fix))
    )


def read_wait(headers: dict[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, as a number or as a date (RFC 9110, 10.2.3); None where it says nothing."""
    milliseconds = headers.get("retry-after-ms", "")
    stated = headers.get("retry-after", "").strip()
    try:
        if milliseconds:
            return max(0.0, float(milliseconds) / 1000)
        return max(0.0, float(stated)) if stated else None
    except ValueError:
        pass
    try:
        then = parsedate_to_datetime(stated).timestamp()
        now = parsedate_to_datetime(headers["date"]).timestamp() if "date" in headers else time.time()  # noqa: TID251 - a pause
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0.0, then - now)


def pause_before(attempt: int, key: Key, first_s: float, most_s: float) -> float:
    """Seconds before request number ``attempt`` (the first is 1): doubled each time, less up to a half by the key."""
    share = float(key.child("pause").child(attempt).uniform(range(1))[0, 0])
    return float(min(most_s, first_s * 2.0 ** min(attempt - 2, 30)) * (1 - share / 2))


def _read_message(body: bytes, secret: str) -> tuple[str, str]:
    """The endpoint's words and code, with no key in them."""
    text, code = body[:4096].decode("utf-8", "replace"), ""
    try:
        told = json.loads(body)
        error = told.get("error", told) if isinstance(told, dict) else told
        if isinstance(error, dict):
            text, code = (
                str(error.get("message") or error.get("detail") or ""),
                str(error.get("code") or error.get("type") or ""),
            )
        elif isinstance(error, str):
            text = error
    except (ValueError, RecursionError):
        text = "" if "<html" in text.lower() else text
    return clean_message(text, secret), clean_message(code, secret)


def clean_message(text: str, secret: str) -> str:
    """One line of at most 300 letters, with no key in it."""
    if secret:
        text = text.replace(secret, "[key]")
    text = re.sub(r"\b(sk|pk|key|Bearer)[-_ ][A-Za-z0-9_\-*]{8,}", "[key]", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]
