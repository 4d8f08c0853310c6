"""One worker process: reads jobs from standard input, a line each, and answers a line each. Texts only, no pickle."""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from collections.abc import Callable

from sundog.core.errors import SundogError


def find_work(name: str) -> Callable[[str], str]:
    """The function called ``package.module:function``."""
    module, function = name.split(":")
    work: Callable[[str], str] = getattr(importlib.import_module(module), function)
    return work


def answer(work: Callable[[str], str], job: str) -> dict[str, object]:
    """What the worker says about one job: its result, or the error as data."""
    try:
        return {"result": work(job)}
    except SundogError as error:
        problems = [[p.code, p.where, p.what, p.fix] for p in error.problems]
        return {"error": type(error).__name__, "problems": problems}
    except MemoryError:
        return {"fault": "out of memory"}
    except Exception:  # noqa: BLE001 - the parent decides what any failure means
        return {"fault": traceback.format_exc()}


def main() -> None:
    """Serve until standard input ends: a worker never outlives its parent by more than one job."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not break the stream of answers
    work = find_work(sys.argv[1])
    for line in sys.stdin:
        answers.write(json.dumps(answer(work, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
