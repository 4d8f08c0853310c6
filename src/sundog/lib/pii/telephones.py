"""False telephone numbers of the source's writings: from the ranges for fiction of their plan, or under a country code that no country has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key
from sundog.lib.rows.identifiers import learn_maker
from sundog.lib.rows.makers import PhoneMaker, make_values, spread_words

LEAST = 0.05
"""Share of the numbers that a writing must have."""
_INTERNATIONAL = 11
"""Digits of a whole number from which the country code is taken to be in it."""
_NOBODY = "999"  # ITU-T E.164 gives it to no country


def group_phones(values: Sequence[str], whole: bool) -> list[tuple[float, PhoneMaker]]:
    """For each writing that enough numbers have its share, and what makes numbers of it.

    Args:
        values: real numbers.
        whole: they stand as whole numbers, without the zero or the plus in front.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for value in values:
        text = _write_out(value) if whole else value
        code = re.match(r"(?:\+|00)\W*(1|[2-9]\d)", text)
        groups[f"{code.group(1) if code else ''} {re.sub(r'[0-9]', '#', text)}"].append(text)
    kept = {k: v for k, v in groups.items() if len(v) >= LEAST * len(values)}
    if not kept:
        most = max(sorted(groups), key=lambda k: len(groups[k]))
        kept = {most: groups[most]}
    held = sum(map(len, kept.values()))
    made = []
    for name in sorted(kept):
        maker, _ = learn_maker(pa.field("phone", pa.string()), pa.array(kept[name], pa.string()), "phone", 1)
        if isinstance(maker, PhoneMaker):
            made.append((len(kept[name]) / held, _as_whole(maker) if whole else maker))
    return made


def _write_out(value: str) -> str:
    if len(value) >= _INTERNATIONAL:
        return f"+{value}"
    return (
        value if re.fullmatch(r"[2-9]\d\d[2-9]\d{6}", value) and value[3] != "0" and len(value) == 10 else f"0{value}"
    )


def _as_whole(maker: PhoneMaker) -> PhoneMaker:
    """The same numbers without plus and trunk zero; none begins with 0."""
    digits = maker.shape.count("#")
    if maker.shape.startswith("+") or not all(f.startswith("0") for f in maker.fixed):
        return PhoneMaker("#" * digits, maker.fixed)
    left = tuple(f[1:] for f in maker.fixed if f[1:2] not in ("", "0"))
    return PhoneMaker("#" * (digits - 1), left or (_NOBODY,))


def draw_phones(groups: Sequence[tuple[float, PhoneMaker]], key: Key, start: int, n: int) -> list[str]:
    """Numbers ``start`` to ``start + n``, each writing in its share."""
    made: list[str] = []
    for at, (share, maker) in enumerate(groups):
        own = key if len(groups) == 1 else key.child(f"writing {at}")
        first, last = round(start * share), round((start + n) * share)
        index = np.arange(first, last, dtype=np.uint64)
        made += [
            str(v) for v in make_values(maker, own, index, spread_words(own.child("words"), index), own).to_pylist()
        ]
    return made
