"""Which coroutine makes an item of a task."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sundog.core.keys import Key
from sundog.kinds.text._classification import make_labelled
from sundog.kinds.text._conversation import make_conversation
from sundog.kinds.text._critique import make_critique
from sundog.kinds.text._documents import make_document, make_persona
from sundog.kinds.text._ground import Ground
from sundog.kinds.text._instructions import make_instruction
from sundog.kinds.text._preferences import make_preference
from sundog.kinds.text._qa import make_qa
from sundog.kinds.text._rewrite import make_rewrite
from sundog.kinds.text._units import Unit

_MAKERS: Mapping[str, Callable[[Unit, Ground], Awaitable[dict[str, Any]]]] = {
    "instructions": make_instruction,
    "conversation": make_conversation,
    "documents": make_document,
    "qa": make_qa,
    "classification": make_labelled,
    "rewrite": make_rewrite,
    "preferences": make_preference,
    "critique": make_critique,
    "personas": make_persona,
}


async def make_item(unit: Unit, ground: Ground, key: Key) -> dict[str, Any]:
    """The item of a unit, by column.

    Raises:
        Unfit: it cannot be accepted.
    """
    name = ground.part.task.type
    if name == "reasoning":
        from sundog.kinds.text._reasoning import make_chain

        return await make_chain(unit, ground, key)
    return await _MAKERS[name](unit, ground)
