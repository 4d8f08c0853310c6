"""Marks on the fields of a schema beside their meaning: decimals, the way values were written, patterns of identifiers."""

from __future__ import annotations

import pyarrow as pa

DECIMALS = b"sundog.decimals"
"""Largest number of decimal places of a float64 column, trailing zeros not counted; 0 means whole numbers written as decimals."""

FORMAT = b"sundog.format"
"""How the text was written where it is not the plain way: ``%d/%m/%Y`` (strftime), ``Yes/No`` (true/false), ``1.234,5``."""

PATTERN = b"sundog.pattern"
"""What kind of identifier or text it is: ``key``, ``uuid``, ``email``, ``phone``, ``iban``, ``card``, ``url``, ``address``,
``name``, ``code``, ``prose``, ``json``; ``range`` for a category of ranges of numbers, which have an order."""


def mark(field: pa.Field, key: bytes, value: str) -> pa.Field:
    """The field with one more mark; an empty value leaves it as it is."""
    if not value:
        return field
    kept = dict(field.metadata or {})
    kept[key] = value.encode()
    return field.with_metadata(kept)


def read_mark(field: pa.Field, key: bytes) -> str:
    """The text of a mark, or an empty string."""
    text: bytes = (field.metadata or {}).get(key, b"")
    return text.decode()


def decimals_of(field: pa.Field) -> int | None:
    """Decimal places of a float64 column, or None where they are not limited (or not known)."""
    text = read_mark(field, DECIMALS)
    return int(text) if text else None


def format_of(field: pa.Field) -> str:
    """How the values were written in the source, or an empty string for the plain way."""
    return read_mark(field, FORMAT)


def pattern_of(field: pa.Field) -> str:
    """What kind of identifier or text the column holds, or an empty string."""
    return read_mark(field, PATTERN)
