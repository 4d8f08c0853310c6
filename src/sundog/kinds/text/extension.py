"""Announces the kind ``text`` and the checks that only its items raise."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.kinds.text.recipe import (
    CritiquesCheck,
    GroundedCheck,
    JudgedCheck,
    StepsCheck,
    TextPart,
    ToolsCheck,
)


def _load() -> Any:
    from sundog.kinds.text.synthesize import TextSynthesizer

    return TextSynthesizer()


def _grounded() -> Any:
    from sundog.kinds.text.checks_grounded import Grounded

    return Grounded()


def _steps() -> Any:
    from sundog.kinds.text.checks_steps import StepsHold

    return StepsHold()


def _tools() -> Any:
    from sundog.kinds.text.checks_tools import ToolsRun

    return ToolsRun()


def _critiques() -> Any:
    from sundog.kinds.text.checks_critiques import CritiquesHold

    return CritiquesHold()


def _judged() -> Any:
    from sundog.kinds.text.checks_judged import Judged

    return Judged()


RECIPES = (
    "reasoning",
    "reasoning-chains",
    "instructions",
    "evolved",
    "chats",
    "tool-chats",
    "articles",
    "clinical-notes",
    "qa",
    "labelled-texts",
    "rewrites",
    "preferences",
    "critiques",
    "personas",
)
"""Built-in recipes."""

EXTENSION: Extension[Any] = Extension(
    kind="text",
    spec=TextPart,
    load=_load,
    repeatable="recorded",
    about="text by a language model or by rule, verified: conversations, instructions, reasoning, documents, questions, labels, pairs",
    recipes={name: f"sundog.kinds.text:recipes/{name}.yaml" for name in RECIPES},
)
GROUNDED: Extension[Any] = Extension(
    kind="grounded",
    spec=GroundedCheck,
    load=_grounded,
    about="whether facts of given rows and quotes of documents stand where they are said to",
    when=("quick", "full"),
)
STEPS: Extension[Any] = Extension(
    kind="steps",
    spec=StepsCheck,
    load=_steps,
    about="whether every chain of reasoning holds, by a checker that reads texts alone",
    when=("quick", "full"),
    beside=True,
)
TOOLS: Extension[Any] = Extension(
    kind="tools",
    spec=ToolsCheck,
    load=_tools,
    about="whether results of tools in chats come out again",
    when=("quick", "full"),
)
CRITIQUES: Extension[Any] = Extension(
    kind="critiques",
    spec=CritiquesCheck,
    load=_critiques,
    about="whether critiques name a principle, revisions change the draft, and pairs differ",
    when=("quick", "full"),
)
JUDGED: Extension[Any] = Extension(
    kind="judged",
    spec=JudgedCheck,
    load=_judged,
    about="what a model says of a sample of items; only where it is asked for",
)
