"""Labelled texts: the label is drawn, the text is written for it, and whoever labels it blindly must find the label again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sundog.kinds.text._ground import Ground
from sundog.kinds.text._schema import choice_schema, object_schema
from sundog.kinds.text._units import (
    JUDGE,
    Unfit,
    Unit,
    ask_object,
    ask_text,
    chance,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    pick,
    say_setting,
    show_examples,
    try_again,
    with_values,
)
from sundog.kinds.text.recipe_tasks import ClassificationTask
from sundog.lib.language.protocol import Message


async def make_labelled(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One text with its label; ``hard`` where it was to look like another label."""
    task = ground.part.task
    assert isinstance(task, ClassificationTask)
    labels = tuple(task.labels)
    label = labels[unit.number % len(labels)]
    hard = chance(unit.key, "hard") < task.hard
    near = pick(unit.key, "near", tuple(n for n in labels if n != label)) if hard else ""
    text = await try_again(unit, "text", lambda step: _write(unit, task, label, near, step))
    return {"text": text, "label": label, "hard": hard}


def _mean(task: ClassificationTask, label: str) -> str:
    return f"{label} ({task.labels[label]})" if task.labels[label] else label


async def _write(unit: Unit, task: ClassificationTask, label: str, near: str, step: str) -> str:
    unit = with_values(unit, {"label": label, "meaning": task.labels[label] or label})
    default = join_lines(
        f"Write a text of about {task.words} words that a careful reader would label {_mean(task, label)}.",
        f"At first sight it looks like {_mean(task, near)}; on reading it is plainly {label}." if near else "",
        say_setting(unit),
        "Do not name the label.",
    )
    prompt = join_lines(own_prompt(unit, default), show_examples(unit))
    messages = (own_system(unit), Message("user", prompt))
    text = await ask_text(unit, step, messages, most_tokens=max(48, 3 * task.words))
    votes = Counter([await _vote(unit, task, text, f"{step}/vote/{i}") for i in range(task.votes)])
    if task.votes and votes[label] * 2 <= task.votes:
        raise Unfit("other_label", f"written for {label}, labelled {votes.most_common(1)[0][0]}")
    return text


async def _vote(unit: Unit, task: ClassificationTask, text: str, step: str) -> str:
    listed = "\n".join(f"- {_mean(task, label)}" for label in task.labels)
    prompt = join_lines("Which one of these labels fits the text?", listed, lay_data(unit, "text", text))
    schema = object_schema({"label": choice_schema(tuple(task.labels))})
    messages = (own_system(unit), Message("user", prompt))
    return str((await ask_object(unit, step, messages, schema, most_tokens=40, whom=JUDGE))["label"])
