"""One worker process: reads jobs from standard input, a line each, and answers a line each. Texts only, no pickle."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence

from sundog.core.errors import SundogError
from sundog.core.extension import implementation
from sundog.run.store import write_error

ORPHANED = 70
"""Exit status of a worker whose parent died while it worked."""


def find_work(name: str) -> Callable[[str], str]:
    """The function called ``package.module:function``."""
    module, function = name.split(":")
    work: Callable[[str], str] = getattr(importlib.import_module(module), function)
    return work


def answer(work: Callable[[str], str], job: str) -> dict[str, object]:
    """What a worker says about one job: its result, or the error as data."""
    try:
        return {"result": work(job)}
    except SundogError as error:
        return _tell(error)
    except MemoryError:
        return {"fault": "out of memory"}
    except OSError as error:
        return _tell(write_error(error, str(error.filename or "output")))
    except Exception:  # noqa: BLE001 - the parent decides what any failure means
        return {"fault": traceback.format_exc()}


def _tell(error: SundogError) -> dict[str, object]:
    return {"error": type(error).__name__, "problems": [[p.code, p.where, p.what, p.fix] for p in error.problems]}


def main() -> None:
    """Serve until standard input ends.

    Should the parent die in the middle of a job, the worker stops at once: what it went on writing would get in the way
    of the run that resumes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells everybody; the parent decides
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not break the stream of answers
    jobs: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(jobs, busy), daemon=True).start()
    _import_early(sys.argv[1:])
    while (line := jobs.get()) is not None:
        work, job = json.loads(line)
        said = json.dumps(_answer_named(work, job))
        busy.clear()  # before the answer, after which the parent may rightly hang up
        answers.write(said + "\n")
        answers.flush()


def _import_early(names: Sequence[str]) -> None:
    """Import what the first job will ask for.

    Args:
        names: the work, then kinds; none where nothing is known yet.
    """
    with contextlib.suppress(Exception):  # the job that asks for it tells what is wrong
        for work in names[:1]:
            find_work(work)
        for kind in names[1:]:
            implementation("sundog.kinds", kind)


def _answer_named(work: str, job: str) -> dict[str, object]:
    try:
        function = find_work(work)
    except Exception:  # noqa: BLE001 - an extension that cannot be imported here
        return {"fault": traceback.format_exc()}
    return answer(function, job)


def _listen(jobs: queue.SimpleQueue[str | None], busy: threading.Event) -> None:
    for line in sys.stdin:
        busy.set()
        jobs.put(line)
    if busy.is_set():
        os._exit(ORPHANED)
    jobs.put(None)


if __name__ == "__main__":
    main()
