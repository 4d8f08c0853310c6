"""Files and batches of the stub endpoint: uploaded lines are answered when the batch has been asked for often enough."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stub_server import Stub


class Batches:
    """What was uploaded, and what came of it. ``program.batch_polls`` looks later a batch is done; ``program.batch_end`` says how it
    ends (``completed``, ``expired``: half of the lines, ``failed``: none); the first ``program.batch_fails`` lines answer 500.
    """

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._looks: dict[str, int] = {}

    def answer(self, verb: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        """Status and body."""
        parts = path.rstrip("/").split("/") if self._stub.program.batches else ["", ""]
        if verb == "POST" and parts[-1] == "files":
            name = f"file-{len(self._files)}"
            self._files[name] = _read_upload(headers.get("content-type", ""), body)
            return 200, {"id": name, "object": "file", "purpose": "batch"}
        if verb == "GET" and parts[-1] == "content":
            found = self._files.get(parts[-2])
            return (404, {"error": {"message": "no such file"}}) if found is None else (200, found)
        if verb == "POST" and parts[-1] == "batches":
            asked = json.loads(body)
            name = f"batch-{len(self._batches)}"
            self._batches[name] = {**asked, "id": name, "object": "batch", "status": "validating"}
            self._looks[name] = 0
            return 200, self._batches[name]
        if verb == "GET" and parts[-2] == "batches" and parts[-1] in self._batches:
            return 200, self._look(parts[-1])
        return 404, {"error": {"message": f"nothing at {path}"}}

    def _look(self, name: str) -> dict[str, Any]:
        batch, program = self._batches[name], self._stub.program
        self._looks[name] += 1
        if batch["status"] in ("completed", "expired", "failed"):
            return batch
        if self._looks[name] < program.batch_polls:
            batch["status"] = "in_progress"
            return batch
        batch["status"] = program.batch_end
        lines = [json.loads(line) for line in self._files[batch["input_file_id"]].splitlines() if line]
        if program.batch_end == "failed":
            return batch
        if program.batch_end == "expired":
            lines = lines[: len(lines) // 2]
        out, errors = [], []
        for line in lines:
            status, body, _, asked = self._stub.complete(line["url"], line["body"])
            if program.batch_fails > 0:
                program.batch_fails -= 1
                status, body = 500, {"error": {"message": "the stub was told to fail"}}
            told = {"custom_id": line["custom_id"], "response": {"status_code": status, "body": body}, "error": None}
            (out if status == 200 else errors).append(json.dumps(told))
            if status == 200:
                self._stub.book.answered[asked] += 1
        for field, written in (("output_file_id", out), ("error_file_id", errors)):
            if written:
                batch[field] = f"file-{len(self._files)}"
                self._files[batch[field]] = ("\n".join(reversed(written)) + "\n").encode()
        return batch


def _read_upload(kind: str, body: bytes) -> bytes:
    """The one file in a multipart form."""
    found = re.search(r'boundary="?([^";]+)', kind)
    assert found is not None, kind
    for part in body.split(b"--" + found.group(1).encode()):
        head, _, content = part.partition(b"\r\n\r\n")
        if b"filename=" in head:
            return content.removesuffix(b"\r\n")
    raise AssertionError("the form has no file")
