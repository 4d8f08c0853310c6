"""How many units a shard may hold, so that its memory stays bounded where devices take many samples."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.core.keys import Key
from sundog.kinds.records._make import make_step
from sundog.kinds.records._rows import Built
from sundog.kinds.records._session import Plan, Step
from sundog.lib.expressions.program import RowRefused

ROWS = 400_000
"""Samples that a shard has in a table, unless a single unit has more."""

_TRIED = 64
"""Units whose samples are counted, without making them."""


def find_most_units(plan: Plan, key: Key, standing: Mapping[str, Built]) -> int | None:
    """Units that have about ``ROWS`` samples in the largest table with a stream; None where there is no such table."""
    most = [_count_samples(steps, plan, key, standing) for steps in plan.streams.values()]
    if not most:
        return None
    return max(int(ROWS * _TRIED / max(*most, 1)), 1)


def _count_samples(steps: tuple[Step, ...], plan: Plan, key: Key, standing: Mapping[str, Built]) -> int:
    """Samples that the first units schedule; what they need of other tables is made, the samples are not."""
    tables = dict(standing)
    *before, last = steps
    for step in before:
        if step.table not in standing:
            make_step(step, plan, key, range(_TRIED), tables)
    assert last.stream is not None
    try:
        return int(last.stream.count(tables[str(plan.parents[last.table])])[2].sum())
    except RowRefused:  # told with its unit when the row is made
        return 0
