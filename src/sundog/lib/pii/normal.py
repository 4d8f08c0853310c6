"""When two values are the same identifier: spaces, case, dots and dashes do not count."""

from __future__ import annotations

import re
import unicodedata

_LOOSE = frozenset(("name", "address", "email", "url", "username", "city", "text"))


def normalise(kind: str, value: str) -> str:
    """The value as it is compared.

    >>> normalise("phone", "+49 (30) 123-456")
    '4930123456'
    >>> normalise("name", "  Anna  SCHMIDT ")
    'anna schmidt'
    """
    text = unicodedata.normalize("NFC", value).casefold().strip()
    if kind in _LOOSE:
        return re.sub(r"\s+", " ", text)
    bare = re.sub(r"[\W_]", "", text)
    return bare or text


def write_value(value: object) -> str | None:
    """A value of a column as text: whole numbers that stand as floats, since others of the column are missing, without decimals.

    >>> write_value(491701234567.0), write_value(float("nan"))
    ('491701234567', None)
    """
    if isinstance(value, float):
        return None if value != value else str(int(value)) if value.is_integer() else str(value)
    return None if value is None else str(value)
