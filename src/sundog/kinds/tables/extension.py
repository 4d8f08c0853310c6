"""Announces the kind ``tables`` and its checks."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.kinds.tables.recipe import CanariesCheck, RulesCheck, TablesPart, TextsCheck


def _load() -> Any:
    from sundog.kinds.tables.synthesize import TablesSynthesizer

    return TablesSynthesizer()


def _rules() -> Any:
    from sundog.kinds.tables.checks import RulesKept

    return RulesKept()


def _texts() -> Any:
    from sundog.kinds.tables.checks_texts import TextsShared

    return TextsShared()


def _canaries() -> Any:
    from sundog.kinds.tables.checks_canaries import Canaries

    return Canaries()


EXTENSION: Extension[Any] = Extension(
    kind="tables",
    spec=TablesPart,
    load=_load,
    repeatable="platform",
    about="learned tables: rows that behave like those of a real table, with missing values, rules and protected extremes",
    recipes={"census": "sundog.kinds.tables:recipes/census.yaml"},
)
RULES: Extension[Any] = Extension(
    kind="rules",
    spec=RulesCheck,
    load=_rules,
    about="whether every row keeps the rules between columns and the protected ranges",
    when=("quick", "full"),
)
TEXTS: Extension[Any] = Extension(
    kind="texts",
    spec=TextsCheck,
    load=_texts,
    about="how many persons share the words of each synthetic free text, and what risk is left in them",
    when=("quick", "full"),
)
CANARIES: Extension[Any] = Extension(
    kind="canaries",
    spec=CanariesCheck,
    load=_canaries,
    about="whether planted rows give away more than a private table's epsilon allows: a lower bound from one more run",
    when=("full",),
)
