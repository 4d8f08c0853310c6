"""What goes wrong at the stub endpoint, as a program: JSON that a test sends to ``POST /stub/program`` or gives at the start.

    {"answers": [{"when": "capital of", "text": "Paris"}],        the first whose words stand in the question
     "faults": [{"kind": "status", "status": 429, "headers": {"Retry-After": "0.1"}, "share": 0.3, "times": 2}],
     "delay_s": 0.0, "models": ["stub"], "sentences": 4, "key": "", "call_tools": true, "batches": true, "batch_polls": 1}

A fault is of one kind, for ``share`` of all questions (by hash of the request), or those with ``when`` in them, for the first ``times``
requests with the same words (0: always), on paths that end with ``path``. Kinds:

    status      ``status``, ``headers``, ``body`` (text) or ``message`` (in OpenAI's error object), ``code``
    retry_date  429 with Retry-After as an HTTP date, ``seconds`` from now
    slow        the answer comes after ``seconds``
    truncated   the body ends after half of what Content-Length promises, and the connection closes
    chunked     the same with chunks, and without the last one
    malformed   200, JSON that is cut
    html        200, a page of HTML
    charset     200, the body in UTF-16 that calls itself UTF-8
    latin       200, a body in Latin-1 that calls itself UTF-8
    drop        the connection closes without an answer
    no_choices  200, an object without choices
    no_schema   400 to whatever asks for response_format json_schema
    no_object   400 to whatever asks for any response_format
    no_grammar  400 to whatever has a field grammar, guided_grammar or structured_outputs
    bad_content 200, content that is not of the form that was asked for
    fenced      200, the JSON content in a fence with words around it and a comma too many
    length      finish_reason length, the content cut
    filtered    finish_reason content_filter
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """One thing that goes wrong; see the module."""

    kind: str
    share: float = 1.0
    when: str = ""
    times: int = 0
    path: str = ""
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    message: str = "the stub was told to fail"
    code: str = ""
    seconds: float = 0.1

    def concerns(self, path: str, request: dict[str, Any], text: str, digest: bytes, seen: int) -> bool:
        """Whether it happens to this request, which has come ``seen`` times before."""
        if self.path and not path.endswith(self.path):
            return False
        if self.when and self.when not in text:
            return False
        if self.times and seen >= self.times:
            return False
        form = request.get("response_format")
        if self.kind == "no_schema":
            return isinstance(form, dict) and form.get("type") == "json_schema"
        if self.kind == "no_object":
            return isinstance(form, dict)
        if self.kind == "no_grammar":
            return any(name in request for name in ("grammar", "guided_grammar", "structured_outputs"))
        return int.from_bytes(digest[:4], "big") < self.share * 2**32


@dataclass
class Program:
    """How the stub behaves; see the module."""

    answers: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    delay_s: float = 0.0
    models: list[str] = field(default_factory=lambda: ["stub"])
    sentences: int = 4
    key: str = ""
    batches: bool = True
    batch_polls: int = 1
    batch_end: str = "completed"
    batch_fails: int = 0
    call_tools: bool = True

    @classmethod
    def parse(cls, stated: dict[str, Any]) -> Program:
        """The program that JSON states; an unknown name is a TypeError."""
        return cls(**{**stated, "faults": [Fault(**fault) for fault in stated.get("faults", [])]})
