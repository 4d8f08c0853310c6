"""Columns that hang together: fields with stated rank correlations, and series along the rows of a parent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.kinds.records._columns import finish
from sundog.kinds.records._rows import Built
from sundog.lib.laws.copula import Copula, count_words, draw_copula
from sundog.lib.laws.law import Law
from sundog.lib.laws.series import draw_autoregression, draw_walk


@dataclass(frozen=True, slots=True)
class CorrelatedColumn:
    """A law whose uniform comes from a copula.

    Attributes:
        name: of the group of fields, which names its words.
        place: of the field within the group.
        copula: of the group.
        law: of the field.
        type: of the values.
    """

    name: str
    place: int
    copula: Copula
    law: Law
    type: pa.DataType

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; the uniforms of a group are drawn once."""
        name = f"copula {self.name}"
        found = table.shared.get(name)
        if found is None:
            own = table.key.child("copula").child(self.name)
            words = np.stack([table.rows.draw(own.child(i)) for i in range(count_words(self.copula))])
            found = table.shared[name] = draw_copula(self.copula, words)
        assert isinstance(found, np.ndarray)
        return finish(self.law.quantile(found[self.place]), self.type)


@dataclass(frozen=True, slots=True)
class WalkColumn:
    """A random walk along the rows of each parent."""

    start: float
    step: Law
    low: float
    high: float

    @property
    def type(self) -> pa.DataType:
        """Numbers."""
        return pa.float64()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        words = table.rows.draw(key)
        return pa.array(draw_walk(words, table.rows.offsets, self.step, self.start, self.low, self.high))


@dataclass(frozen=True, slots=True)
class AutoregressiveColumn:
    """An autoregression of first order along the rows of each parent."""

    mean: float
    sd: float
    memory: float

    @property
    def type(self) -> pa.DataType:
        """Numbers."""
        return pa.float64()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return pa.array(draw_autoregression(table.rows.draw(key), table.rows.offsets, self.mean, self.sd, self.memory))


def open_end(end: float | None, side: float) -> float:
    """The end, or infinity on that side."""
    return math.copysign(math.inf, side) if end is None else end
