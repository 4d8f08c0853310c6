"""A user's own texts once more: rewritten, translated, varied. Numbers and stated terms stay, and so do the columns beside them."""

from __future__ import annotations

import json
from typing import Any

from sundog.kinds.text._facts import list_numbers, says, write_value
from sundog.kinds.text._ground import Ground
from sundog.kinds.text._likeness import is_same
from sundog.kinds.text._units import (
    Unfit,
    Unit,
    ask_text,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    say_setting,
    show_examples,
    try_again,
    with_values,
)
from sundog.kinds.text.recipe_tasks import RewriteTask
from sundog.lib.language.protocol import Message


async def make_rewrite(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One text of the user and what was made of it, with the columns that are kept."""
    task = ground.part.task
    assert isinstance(task, RewriteTask)
    given = write_value(unit.row.get(task.column)) if not isinstance(unit.row.get(task.column), str) else ""
    source = str(unit.row.get(task.column) or given).strip()
    if not source:
        raise Unfit("no_source", f"the row has no text in {task.column!r}")
    text = await try_again(unit, "text", lambda step: _write(unit, task, source, step))
    # Of a given row only the names are known before it is there, so its values are kept as text.
    taken = {name: unit.row.get(name) for name in task.keep}
    kept = taken if ground.seeds is not None else {name: write_value(value) for name, value in taken.items()}
    return {"source": source, "text": text, **kept}


def _say_task(task: RewriteTask) -> str:
    if task.way == "translate":
        return f"Translate this text into {task.to}; leave nothing out and add nothing."
    if task.way == "augment":
        return f"Write another text of the same kind and meaning{', ' + task.to if task.to else ''}: other words, other details of no weight."
    return f"Rewrite this text{' ' + task.to if task.to else ' in other words'}; what it says stays the same."


async def _write(unit: Unit, task: RewriteTask, source: str, step: str) -> str:
    terms = [t for t in task.terms if says(source, t)]
    unit = with_values(unit, {"source": source, "to": task.to})
    prompt = join_lines(
        own_prompt(unit, join_lines(_say_task(task), say_setting(unit))),
        "Numbers stay as they are." if task.keep_numbers else "",
        f"These stay as they are: {json.dumps(terms, ensure_ascii=False)}" if terms else "",
        lay_data(unit, "text", source),
        show_examples(unit),
    )
    text = await ask_text(unit, step, (own_system(unit), Message("user", prompt)))
    if is_same(text, source):
        raise Unfit("unchanged", "the text came back as it was")
    if not task.least_share * len(source) <= len(text) <= max(40, task.most_share * len(source)):
        raise Unfit("length", f"{len(text)} characters of {len(source)}")
    if task.keep_numbers and list_numbers(text) != list_numbers(source):
        raise Unfit("numbers_changed", "a number of the original is missing, or one is new")
    if lost := [t for t in terms if not says(text, t)]:
        raise Unfit("term_lost", f"{lost[0]!r} is gone")
    return text
