"""Draws of one problem: everything follows from the four random words of its unit."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_LEAST = 128
"""Bits that are left when the pool is filled again: a draw below 2**48 is then uneven by less than 2**-80."""


class Draw:
    """Numbers and choices, one after the other. What comes depends on the seed and the calls before, on nothing else.

    The pool is one large integer; a draw takes its remainder and leaves the quotient. Each pool is BLAKE2b of the seed
    and of its number.
    """

    __slots__ = ("_bits", "_fills", "_pool", "_seed")

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._fills = 0
        self._pool = 0
        self._bits = 0

    def below(self, end: int) -> int:
        """A number from 0 to ``end`` - 1; ``end`` is at most 2**48."""
        if self._bits < _LEAST:
            self._fills += 1
            self._pool = int.from_bytes(blake2b(self._seed + self._fills.to_bytes(4, "big")).digest(), "big")
            self._bits = 512
        self._bits -= end.bit_length()
        self._pool, rest = divmod(self._pool, end)
        return rest

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of them."""
        return choices[self.below(len(choices))]

    def sample(self, choices: Sequence[T], number: int) -> list[T]:
        """So many of them, each at most once, in random order."""
        left = list(choices)
        for i in range(number):
            j = i + self.below(len(left) - i)
            left[i], left[j] = left[j], left[i]
        return left[:number]

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """All of them in random order."""
        return self.sample(items, len(items))

    def signed(self, most: int) -> int:
        """A number from -``most`` to ``most`` that is not 0."""
        found = 1 + self.below(2 * most)
        return found if found <= most else most - found
