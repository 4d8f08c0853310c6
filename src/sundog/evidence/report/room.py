"""How much of a page is left: a report of any size becomes a page of bounded size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Room:
    """Bytes that are left; shared by all that write into the same stretch of a page."""

    bytes: int

    def take(self, markup: str) -> bool:
        """Make room for this, if there is enough."""
        size = len(markup.encode())
        if size > self.bytes:
            return False
        self.bytes -= size
        return True

    def take_all(self, pieces: Iterable[str]) -> tuple[str, int]:
        """The pieces that fit, from the first one on, and how many did not."""
        kept: list[str] = []
        left = 0
        for piece in pieces:
            if left == 0 and self.take(piece):
                kept.append(piece)
            else:
                left += 1
        return "".join(kept), left
