"""Announces the exporters of texts for training: chats, instructions, preferences, plain text."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from sundog.core.extension import Extension
from sundog.export.extension import TablesOut


class ChatOut(TablesOut, frozen=True):
    """Chats of a table that has them, or can be read as such."""

    system: str | None = Field(None, description="What the system says first in each chat that has no such turn.")


class AlpacaOut(TablesOut, frozen=True):
    """Instructions with an input and an output."""


class TrlOut(TablesOut, frozen=True):
    """What the trainers of TRL read."""

    form: Literal["auto", "preference", "kto", "prompt"] = Field(
        "auto",
        description="preference (prompt, chosen, rejected), kto (prompt, completion, label) or prompt alone; auto: by the columns.",
    )


class PlainOut(TablesOut, frozen=True):
    """Texts alone."""

    form: Literal["jsonl", "txt"] = Field(
        "jsonl", description="jsonl (one object with `text` a line) or txt (texts with an empty line between them)."
    )
    column: str | None = Field(
        None, description="Column of the text. Without it: text, else messages (a chat), else all columns of text."
    )


def _messages() -> Any:
    from sundog.export.chat import MessagesExporter

    return MessagesExporter()


def _sharegpt() -> Any:
    from sundog.export.chat import SharegptExporter

    return SharegptExporter()


def _alpaca() -> Any:
    from sundog.export.alpaca import AlpacaExporter

    return AlpacaExporter()


def _trl() -> Any:
    from sundog.export.trl import TrlExporter

    return TrlExporter()


def _plain() -> Any:
    from sundog.export.plain import PlainExporter

    return PlainExporter()


MESSAGES: Extension[Any] = Extension(
    kind="messages",
    spec=ChatOut,
    load=_messages,
    about="chats as OpenAI's fine-tuning reads them: JSON Lines with `messages`; a folder that `load_dataset` opens",
)
SHAREGPT: Extension[Any] = Extension(
    kind="sharegpt", spec=ChatOut, load=_sharegpt, about="chats in ShareGPT's form: JSON Lines with `conversations`"
)
ALPACA: Extension[Any] = Extension(
    kind="alpaca",
    spec=AlpacaOut,
    load=_alpaca,
    about="instructions in Alpaca's form: JSON Lines with `instruction`, `input`, `output`, and `system`, `history` where there are any",
)
TRL: Extension[Any] = Extension(
    kind="trl",
    spec=TrlOut,
    load=_trl,
    about="preferences, KTO and prompts as the trainers of TRL read them: JSON Lines",
)
PLAIN: Extension[Any] = Extension(
    kind="plain", spec=PlainOut, load=_plain, about="texts alone: JSON Lines with `text`, or a text file"
)
