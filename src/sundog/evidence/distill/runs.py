"""Trainings that are stored as they come, so that a measurement that was stopped goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sundog.lib.students.protocol import Lesson

Right = NDArray[np.bool_]


@dataclass(frozen=True)
class Run:
    """One training, judged.

    Attributes:
        right: bool (test rows,): which were answered right.
        tokens: that the student was shown.
        rows: that it learned from.
    """

    right: Right
    tokens: int
    rows: int


class Runs(Protocol):
    """Where trainings are stored."""

    def recall(self, name: str, train: Callable[[], Run]) -> Run:
        """The stored training of this name; else train and store it."""
        ...


@dataclass(frozen=True)
class KeptNowhere:
    """Trains each time. Implements ``Runs``."""

    def recall(self, name: str, train: Callable[[], Run]) -> Run:
        """Train."""
        return train()


@dataclass(frozen=True)
class KeptInFolder:
    """One small JSON file a training. Implements ``Runs``.

    Attributes:
        folder: where.
        digest: of rows and settings; what was stored for others does not count.
    """

    folder: Path
    digest: str

    def recall(self, name: str, train: Callable[[], Run]) -> Run:
        """The stored training of this name; else train and store it."""
        path = self.folder / f"{name}.json"
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["digest"] == self.digest:
                bits = np.frombuffer(bytes.fromhex(kept["right"]), dtype=np.uint8)
                return Run(np.unpackbits(bits)[: kept["asked"]].astype(bool), kept["tokens"], kept["rows"])
        run = train()
        self.folder.mkdir(parents=True, exist_ok=True)
        body = {
            "digest": self.digest,
            "score": round(float(run.right.mean()), 6),
            "asked": len(run.right),
            "right": np.packbits(run.right).tobytes().hex(),
            "tokens": run.tokens,
            "rows": run.rows,
        }
        part = path.with_suffix(".part")
        part.write_text(json.dumps(body) + "\n", encoding="utf-8")
        part.replace(path)
        return run


def digest_of(settings: str, *lessons: Lesson) -> str:
    """A hash of settings and rows."""
    found = blake2b(settings.encode(), digest_size=16)
    for lesson in lessons:
        for text in (*lesson.prompts, *lesson.answers, *lesson.labels):
            found.update(len(text.encode("utf-8", "surrogatepass")).to_bytes(8, "big"))
            found.update(text.encode("utf-8", "surrogatepass"))
        if lesson.shares is not None:
            found.update(np.ascontiguousarray(lesson.shares).tobytes())
    return found.hexdigest()
