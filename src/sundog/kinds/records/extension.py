"""Announces the kind ``records`` and its check."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.kinds.records.recipe import CoincidenceCheck, KeysCheck, RecordsPart, StreamsCheck, SumsCheck


def _load() -> Any:
    from sundog.kinds.records.synthesize import RecordsSynthesizer

    return RecordsSynthesizer()


def _keys() -> Any:
    from sundog.kinds.records.checks import KeysKept

    return KeysKept()


def _sums() -> Any:
    from sundog.kinds.records.checks_sums import SumsKept

    return SumsKept()


def _streams() -> Any:
    from sundog.kinds.records.checks_streams import StreamsShown

    return StreamsShown()


def _coincidence() -> Any:
    from sundog.kinds.records.coincidence import Coincidence

    return Coincidence()


EXTENSION: Extension[Any] = Extension(
    kind="records",
    spec=RecordsPart,
    load=_load,
    repeatable="platform",
    about="records by rule: tables of customers, orders, payments, readings from laws, expressions and keys; no record is read",
    recipes={
        name: f"sundog.kinds.records:recipes/{name}.yaml"
        for name in ("customers", "orders", "payments", "insurance", "telecom", "iot")
    },
)
KEYS: Extension[Any] = Extension(
    kind="keys",
    spec=KeysCheck,
    load=_keys,
    about="whether keys of records are unique and every child finds its parent",
    when=("quick", "full"),
)
SUMS: Extension[Any] = Extension(
    kind="sums",
    spec=SumsCheck,
    load=_sums,
    about="whether parts of amounts add up, periods follow one another, and one of several fields has a value",
    when=("quick", "full"),
)
STREAMS: Extension[Any] = Extension(
    kind="streams",
    spec=StreamsCheck,
    load=_streams,
    about="what streams of sensors look like: readings, labelled faults, memory, and a piece of each channel",
    when=("quick", "full"),
)
COINCIDENCE: Extension[Any] = Extension(
    kind="coincidence",
    spec=CoincidenceCheck,
    load=_coincidence,
    about="how many rows are expected to share name and birth date with a real person by chance",
    when=("quick", "full"),
)
