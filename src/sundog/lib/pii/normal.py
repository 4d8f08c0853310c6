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
