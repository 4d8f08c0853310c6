"""A prompt with a better and a worse answer, by verdicts that agree in both orders."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from sundog.kinds.text._ground import Ground
from sundog.kinds.text._judging import prefer
from sundog.kinds.text._likeness import is_same
from sundog.kinds.text._schema import object_schema, text_schema
from sundog.kinds.text._units import (
    Chat,
    Unfit,
    Unit,
    ask_object,
    ask_text,
    chat_system,
    join_lines,
    own_prompt,
    own_system,
    say_setting,
    show_examples,
    try_again,
)
from sundog.kinds.text.recipe_tasks import PreferencesTask
from sundog.lib.language.protocol import Message

_PROMPT = object_schema({"prompt": text_schema(8, 1500)})


async def find_prompt(unit: Unit, column: str) -> str:
    """The prompt of the row, else one that the model writes."""
    given = unit.row.get(column)
    if isinstance(given, str) and given.strip():
        return given.strip()
    if unit.row and column in unit.row:
        raise Unfit("no_prompt", f"the row has no text in {column!r}")

    async def write(step: str) -> str:
        default = join_lines(
            "Write what somebody could ask an assistant, so that there are better and worse answers.", say_setting(unit)
        )
        prompt = join_lines(own_prompt(unit, default), show_examples(unit))
        return str((await ask_object(unit, step, (own_system(unit), Message("user", prompt)), _PROMPT))["prompt"])

    return await try_again(unit, "prompt", write)


async def make_preference(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One pair of answers, with the share of the other answers that each was better than."""
    task = ground.part.task
    assert isinstance(task, PreferencesTask)
    prompt = await find_prompt(unit, task.column)
    chat: Chat = (*chat_system(unit), Message("user", prompt))
    answers = [
        await ask_text(unit, f"answer/{i}", chat, warmer=task.spread * i / (task.answers - 1))
        for i in range(task.answers)
    ]
    beaten: dict[int, set[int]] = {i: set() for i in range(len(answers))}
    for i, j in combinations(range(len(answers)), 2):
        if is_same(answers[i], answers[j]):
            continue
        verdict = await prefer(unit, f"judge/{i}/{j}", prompt, answers[i], answers[j], task.criteria)
        if verdict:
            winner, loser = (i, j) if verdict > 0 else (j, i)
            beaten[winner].add(loser)
    pairs = [(i, j) for i, lost in beaten.items() for j in lost]
    if not pairs:
        raise Unfit("inconsistent", "no verdict was the same in both orders")
    scores = [len(beaten[i]) / (len(answers) - 1) for i in range(len(answers))]
    best, worst = max(pairs, key=lambda p: (scores[p[0]] - scores[p[1]], -p[0], -p[1]))
    if scores[best] <= scores[worst]:
        raise Unfit("inconsistent", "the verdicts go in a circle")
    return {
        "prompt": chat,
        "chosen": (Message("assistant", answers[best]),),
        "rejected": (Message("assistant", answers[worst]),),
        "score_chosen": scores[best],
        "score_rejected": scores[worst],
    }
