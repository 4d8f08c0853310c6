"""Announces the kind ``records``."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Extension
from sundog.kinds.records.recipe import RecordsPart


def _load() -> Any:
    from sundog.kinds.records.synthesize import RecordsSynthesizer

    return RecordsSynthesizer()


EXTENSION: Extension[Any] = Extension(
    kind="records",
    spec=RecordsPart,
    load=_load,
    repeatable="platform",
    about="records by rule: tables of customers, orders, payments, readings from laws, expressions and keys; no record is read",
    recipes={
        "customers": "sundog.kinds.records:recipes/customers.yaml",
        "orders": "sundog.kinds.records:recipes/orders.yaml",
    },
)
