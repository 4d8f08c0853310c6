"""Progress while a run goes on: a bar on a terminal or in a notebook, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

Told: TypeAlias = tuple[Callable[[str, int, int], None], Callable[[str], None]]

LINE_SECONDS = 10.0
"""Plain lines come no closer than this."""


@contextmanager
def show_progress(quiet: bool) -> Iterator[Told]:
    """Two functions to tell: (part, units made, units asked for), and a phase in words.

    Args:
        quiet: show nothing.
    """
    if quiet:
        yield (lambda part, made, wanted: None), (lambda text: None)
    elif sys.stderr.isatty() or _in_notebook():
        with _bars() as told:
            yield told
    else:
        yield _lines()


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    instance = shell.get_ipython() if shell is not None else None
    return instance is not None and type(instance).__name__ == "ZMQInteractiveShell"


@contextmanager
def _bars() -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, TaskID] = {}
    bars: Bars
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def tell(part: str, made: int, wanted: int) -> None:
            if part not in tasks:
                tasks[part] = bars.add_task(part, total=wanted, rate="")
            task = bars.tasks[bars.task_ids.index(tasks[part])]
            bars.update(tasks[part], completed=made, rate=f"{task.speed:,.0f}/s" if task.speed else "")

        def say(text: str) -> None:
            bars.console.print(text, style="dim", highlight=False)

        yield tell, say


def _lines() -> Told:
    started = time.perf_counter()
    last = [0.0]

    def tell(part: str, made: int, wanted: int) -> None:
        now = time.perf_counter()
        if made < wanted and now - last[0] < LINE_SECONDS:
            return
        last[0] = now
        rate = made / max(now - started, 1e-9)
        left = f", about {(wanted - made) / rate:,.0f} s left" if 0 < made < wanted else ""
        print(f"{part}: {made:,} of {wanted:,}{left}", file=sys.stderr, flush=True)  # noqa: T201 - this is the progress

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is the progress

    return tell, say
