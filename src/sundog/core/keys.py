"""Named random streams: the only source of randomness in Sundog (privacy noise excepted)."""

from __future__ import annotations

import operator
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Key(NamedTuple):
    """128 bits that name one independent random stream. Cheap to copy, hash and log."""

    hi: int
    lo: int

    @classmethod
    def root(cls, seed: int) -> Key:
        """The stream of a whole recipe."""
        return _digest(b"sundog", str(seed).encode())

    def child(self, label: str | int) -> Key:
        """The stream named ``label`` under this one: ``key.child("orders").child("total")``.

        A number is the same label whatever its type (``int``, a numpy integer), and never the same as a text.
        """
        name = repr(str(label)) if isinstance(label, str) else repr(int(operator.index(label)))
        return _digest(f"{self.hi:016x}{self.lo:016x}".encode(), name.encode())

    def words(self, units: range) -> NDArray[np.uint64]:
        """Random words of these units.

        Args:
            units: consecutive unit numbers, step 1, each in [0, 2**63).

        Returns:
            uint64 (len(units), 4). Row i depends on (key, units[i]) alone, never on where the range
            starts or ends, so that any cut into shards gives the same data.

        Source: Philox4x64-10, Salmon et al., SC 2011, doi:10.1145/2063384.2063405.
        """
        if units.step != 1:
            raise ValueError("units must be consecutive")
        counter = np.array([units.start, 0, 0, 0], dtype=np.uint64)
        stream = np.random.Philox(key=np.array([self.hi, self.lo], dtype=np.uint64), counter=counter)
        return np.asarray(stream.random_raw(4 * len(units)), dtype=np.uint64).reshape(len(units), 4)

    def uniform(self, units: range) -> NDArray[np.float64]:
        """float64 (len(units), 4) in [0, 1), 53 random bits each; the same promise as ``words``."""
        return (self.words(units) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def seed(self) -> int:
        """A seed in [0, 2**31) for a library that takes one (LightGBM, scikit-learn)."""
        return self.lo & 0x7FFFFFFF

    def generator(self) -> np.random.Generator:
        """A sequential generator, for ``prepare`` and checks only: what it gives depends on call order."""
        return np.random.Generator(np.random.Philox(key=np.array([self.hi, self.lo], dtype=np.uint64)))


def _digest(*parts: bytes) -> Key:
    h = blake2b(b"\x00".join(parts), digest_size=16).digest()
    return Key(int.from_bytes(h[:8], "big"), int.from_bytes(h[8:], "big"))
