"""Functions from text to text, for the tests of engines."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time
from pathlib import Path

from sundog.core.errors import Exhausted, Problem


def shout(text: str) -> str:
    """The text in capitals."""
    print("noise on standard output")
    return text.upper()


def say_process(text: str) -> str:
    """Who works, after a while."""
    time.sleep(0.05)
    return json.dumps({"job": text, "process": os.getpid(), "threads": os.environ.get("OMP_NUM_THREADS")})


def fail(text: str) -> str:
    """Every way to fail."""
    if text == "ours":
        raise Exhausted(
            Problem("SD-TOY-001", "here", "nothing is left", "Ask for less."), Problem("SD-TOY-002", "there", "é")
        )
    if text == "theirs":
        raise ZeroDivisionError("they divide")
    if text == "memory":
        raise MemoryError
    if text == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/some/where")
    if text == "leave":
        sys.exit(3)
    return text


def die(text: str) -> str:
    """Die by a signal as often as the file named says, then work."""
    path = Path(text)
    left = int(path.read_text())
    if left:
        path.write_text(str(left - 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def wait_for(text: str) -> str:
    """Work until a file is there."""
    path = Path(text)
    path.with_suffix(".begun").touch()
    for _ in range(1200):
        if path.exists():
            return "done"
        time.sleep(0.05)
    return "late"
