"""Announces the toy kinds and their checks."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog_toy.recipe import CountCheck, LimitCheck, NotePart, SayingPart, ShopPart, VerdictCheck


def _shop() -> Any:
    from sundog_toy.synthesize import ShopSynthesizer

    return ShopSynthesizer()


def _note() -> Any:
    from sundog_toy.notes import NoteSynthesizer

    return NoteSynthesizer()


def _saying() -> Any:
    from sundog_toy.sayings import SayingSynthesizer

    return SayingSynthesizer()


def _count() -> Any:
    from sundog_toy.checks import Counting

    return Counting()


def _limit() -> Any:
    from sundog_toy.checks import Limiting

    return Limiting()


def _verdict() -> Any:
    from sundog_toy.checks import Telling

    return Telling()


SHOP: Extension[Any] = Extension(kind="shop", spec=ShopPart, load=_shop, about="customers with orders")
NOTE: Extension[Any] = Extension(kind="note", spec=NotePart, load=_note, about="notes about what they are given")
SAYING: Extension[Any] = Extension(kind="saying", spec=SayingPart, load=_saying, about="texts of a list")
COUNT: Extension[Any] = Extension(
    kind="toy_count", spec=CountCheck, load=_count, when=("quick", "full"), beside=True, about="counts twice"
)
LIMIT: Extension[Any] = Extension(
    kind="toy_limit", spec=LimitCheck, load=_limit, beside=True, about="rejects big spenders"
)
VERDICT: Extension[Any] = Extension(kind="toy_verdict", spec=VerdictCheck, load=_verdict, about="says what it is told")
