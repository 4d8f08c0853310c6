"""Bands of levels: what a student learns from, and the longer and harder problems that it is tested on."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal, TypeAlias

from sundog.lib.reasoning.make import find_family

Band: TypeAlias = Literal["train", "harder"]

_LEVELS = MappingProxyType({"train": range(1, 5), "harder": range(6, 9)})

# Their dials move at few levels, or one falls where another rises, so that level 6 may be no harder than level 4.
_OWN = MappingProxyType(
    {"fractions": range(7, 10), "sequences": range(7, 10), "venn": range(7, 10), "knights": range(8, 11)},
)


def band(family: str, name: Band) -> range:
    """The levels of a band: 1 to 4 to train and 6 to 8 for harder; 7 to 9 for fractions, sequences and venn, 8 to 10 for knights.

    At each level of the harder band one dial is above all of the training band's and none below (but the step of ``percent``, which is
    harder the smaller it is): problems are longer, or their numbers greater, than any that was trained on.

    Raises:
        RequestError: no such family.
    """
    found = find_family(family)
    return _OWN.get(found.name, _LEVELS[name]) if name == "harder" else _LEVELS[name]
