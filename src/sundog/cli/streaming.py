"""What ``sundog make --stream`` does."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sundog.core.recipe import Recipe
    from sundog.run.streaming.stream import Streamed, StreamOptions


def refuse(code: str, asked: Mapping[str, object], what: str, mend: str) -> None:
    """Refuse options that the other way of making has."""
    from sundog.core.errors import Problem, RequestError

    given = [name for name, value in asked.items() if value is not None]
    if given:
        raise RequestError(*(Problem(code, name, what, mend) for name in given))


def send(recipe: Recipe, options: StreamOptions, as_json: bool) -> None:
    """Stream, and say on standard error how it went: standard output may hold the rows."""
    from sundog.run.progress import show_progress
    from sundog.run.streaming.stream import stream_recipe

    def tell(told: Streamed) -> None:
        line = json.dumps({**asdict(told), "rows_per_second": round(told.rows_per_second, 3)})
        print(line if as_json else told.describe(), file=sys.stderr)

    # a bar would be drawn over rows that go to the same terminal
    quiet = as_json or (options.to == "-" and sys.stdout.isatty())
    # nobody reads any more, as behind `| head`: a quiet end, and not a failure
    with show_progress(quiet) as (progress, say), contextlib.suppress(BrokenPipeError):
        options = replace(options, progress=progress, say=say)
        stream_recipe(recipe, options, tell)
