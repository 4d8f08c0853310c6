"""A draft, its critique by one principle, and the revision; also as a pair of a better and a worse answer.

Source: constitutional AI, Bai et al. 2022, arXiv:2212.08073, section 3. Principles and wording are Sundog's own.
"""

from __future__ import annotations

from typing import Any

from sundog.kinds.text._ground import Ground
from sundog.kinds.text._judging import prefer
from sundog.kinds.text._likeness import is_same
from sundog.kinds.text._preferences import find_prompt
from sundog.kinds.text._units import (
    Chat,
    Unfit,
    Unit,
    ask_text,
    chat_system,
    join_lines,
    lay_data,
    own_system,
    pick_some,
    try_again,
)
from sundog.kinds.text.recipe_tasks import CritiqueTask
from sundog.lib.language.protocol import Message


async def make_critique(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One draft and what became of it, with the id of the principle of the last round."""
    task = ground.part.task
    assert isinstance(task, CritiqueTask)
    prompt = await find_prompt(unit, task.column)
    chat: Chat = (*chat_system(unit), Message("user", prompt))
    draft = await try_again(unit, "draft", lambda step: ask_text(unit, step, chat, warmer=0.2))
    now, critique, name = draft, "", ""
    for i, name in enumerate(pick_some(unit.key, "principle", tuple(ground.principles), task.rounds)):
        principle = ground.principles[name]
        critique = await try_again(
            unit,
            f"critique/{i}",
            lambda step, p=principle, n=now: _criticise(unit, prompt, n, p, step),  # type: ignore[misc]
        )
        now = await try_again(
            unit,
            f"revision/{i}",
            lambda step, p=principle, n=now, c=critique: _revise(unit, prompt, n, c, p, step),  # type: ignore[misc]
        )
    if is_same(now, draft):
        raise Unfit("unchanged", "the revision is the draft")
    if task.judged and await prefer(unit, "judge", prompt, now, draft, ground.principles[name]) <= 0:
        raise Unfit("not_better", "the revision was not judged better in both orders")
    return {
        "prompt": chat,
        "draft": draft,
        "critique": critique,
        "principle": name,
        "revision": now,
        "chosen": (Message("assistant", now),),
        "rejected": (Message("assistant", draft),),
    }


async def _criticise(unit: Unit, prompt: str, draft: str, principle: str, step: str) -> str:
    asked = join_lines(
        f"This principle holds: {principle}",
        "Say in two to four sentences where the answer falls short of it, or could keep it better.",
        lay_data(unit, "prompt", prompt),
        lay_data(unit, "answer", draft),
    )
    said = await ask_text(unit, step, (own_system(unit), Message("user", asked)), most_tokens=240)
    if is_same(said, draft):
        raise Unfit("no_critique", "the draft was repeated where a critique was asked for")
    return said


async def _revise(unit: Unit, prompt: str, draft: str, critique: str, principle: str, step: str) -> str:
    asked = join_lines(
        f"This principle holds: {principle}",
        "Write the answer once more, so that the critique no longer holds. Give the new answer alone.",
        lay_data(unit, "prompt", prompt),
        lay_data(unit, "answer", draft),
        lay_data(unit, "critique", critique),
    )
    said = await ask_text(unit, step, (own_system(unit), Message("user", asked)))
    if is_same(said, draft) or is_same(said, critique):
        raise Unfit("unchanged", "the answer came back as it was")
    return said
