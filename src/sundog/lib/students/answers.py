"""What of a written answer counts: its last line, without the words that announce it."""

from __future__ import annotations

import re

_ANNOUNCED = re.compile(
    r"^(?:####|(?:so |therefore,? )?(?:the )?(?:final )?answer(?: is|:)|answer\s*=)\s*", re.IGNORECASE
)


def final_answer(text: str) -> str:
    r"""The answer at the end of a text, in one spelling.

    >>> final_answer("3 + 4 = 7. So there are 7.\nAnswer: 7.")
    '7'
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return ""
    said = _ANNOUNCED.sub("", lines[-1])
    return " ".join(said.split()).rstrip(".").casefold()
