"""False persons: a given name, a surname and a locale that belong together, none with a name of the source.

A false full name never equals a full name of the source; where a column or a text holds given names or surnames alone, a false one
never equals one of those either: where a locale's list has too few left, names are joined (Anna-Maria, Weber-Lang).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.pii.normal import normalise
from sundog.lib.words.locales import Locale, list_locales, read_locale

ENOUGH = 40
"""Names of a list that must be left; with fewer, joined ones are added."""
_UNKNOWN = 1e-5  # weight of a name in a locale whose list does not have it
LEAST_SHARE = 0.05
"""A locale with fewer of the source's names is taken for an accident."""


@dataclass(frozen=True, slots=True)
class FalsePeople:
    """False persons of one locale and sex; row i of the columns belongs to one person.

    Attributes:
        locale: of the names.
        sex: 0 female, 1 male.
        share: of the source's persons with names of this locale.
        names: table with the strings ``given``, ``surname``, ``full`` and ``handle`` (letters a to z, for addresses).
    """

    locale: str
    sex: int
    share: float
    names: pa.Table


@cache
def _owners(part: str) -> Mapping[str, tuple[tuple[str, float], ...]]:
    """For each name in lower case the locales that have it, with its weight there."""
    found: dict[str, list[tuple[str, float]]] = {}
    for name in list_locales():
        locale = read_locale(name)
        for names in locale.given if part == "given" else locale.surnames:
            weights = np.asarray(names.weights, dtype=np.float64)
            for text, weight in zip(names.text.to_pylist(), weights / weights.sum(), strict=True):
                found.setdefault(text.casefold(), []).append((name, float(weight)))
    return {k: tuple(v) for k, v in found.items()}


def guess_locale(full: str) -> str:
    """The locale in which a name is most likely; empty where no list has any of its words."""
    scores: dict[str, float] = {}
    for word in re.findall(r"[^\W\d_][\w'’-]*", full.casefold()):
        for part in ("given", "surname"):
            for locale, weight in _owners(part).get(word, ()):
                scores[locale] = scores.get(locale, 0.0) + weight + 0.001
    return min((n for n in scores if scores[n] == max(scores.values())), default="")


def guess_sex(given: str) -> int:
    """0 for a name that only women of the lists have, 1 for one that only men have, -1 otherwise."""
    word = given.casefold()
    sexes = {sex for sex in (0, 1) if word in _given_of(sex)}
    return sexes.pop() if len(sexes) == 1 else -1


@cache
def _given_of(sex: int) -> frozenset[str]:
    return frozenset(t.casefold() for n in list_locales() for t in read_locale(n).given[sex].text.to_pylist())


def part_of(word: str) -> Literal["given", "surname"]:
    """Whether a name that stands alone is a given name or a surname, by the lists; a surname where none has it."""
    weigh = {part: sum(w for _, w in _owners(part).get(word.casefold(), ())) for part in ("given", "surname")}
    return "given" if weigh["given"] > weigh["surname"] else "surname"


def share_locales(names: Iterable[str]) -> dict[str, float]:
    """Shares of the locales that make the names most likely together; those under 5% are left out.

    Expectation maximisation over locales: a name common in two of them is given to the one that explains the others too.
    """
    locales = list_locales()
    rows = []
    for name in names:
        words = re.findall(r"[^\W\d_][\w'’-]*", name.casefold())
        found = [(n, w) for word in words for part in ("given", "surname") for n, w in _owners(part).get(word, ())]
        if not found:
            continue
        row = np.full(len(locales), _UNKNOWN ** len(words))
        for locale in {n for n, _ in found}:
            row[locales.index(locale)] = math.prod(
                max(
                    [w for part in ("given", "surname") for n, w in _owners(part).get(word, ()) if n == locale],
                    default=_UNKNOWN,
                )
                for word in words
            )
        rows.append(row / row.max())
    if not rows:
        return {"en_US": 1.0}
    likely = np.array(rows)
    shares: NDArray[np.float64] = np.full(len(locales), 1 / len(locales))
    for _ in range(50):
        weighed = likely * shares
        shares = (weighed / weighed.sum(axis=1, keepdims=True)).mean(axis=0)
    kept = {n: float(s) for n, s in zip(locales, shares, strict=True) if s >= LEAST_SHARE}
    whole = sum(kept.values())
    return {n: c / whole for n, c in kept.items()}


def make_people(
    shares: Mapping[str, float], taken: frozenset[str], taken_parts: frozenset[str], count: int, key: Key
) -> tuple[FalsePeople, ...]:
    """False persons of these locales.

    Args:
        shares: of the locales.
        taken: full names of the source, normalised, in any order of their words.
        taken_parts: given names and surnames that stand alone in the source, normalised.
        count: persons of each locale and sex, at most.
        key: of the draw.
    """
    made = []
    for name, share in shares.items():
        locale = read_locale(name)
        for sex in (0, 1):
            own = key.child(name).child(sex)
            given = _left(
                locale.given[sex].text.to_pylist(), locale.given[sex].latin.to_pylist(), taken_parts, own.child("given")
            )
            last = locale.surnames[sex]
            surname = _left(last.text.to_pylist(), last.latin.to_pylist(), taken_parts, own.child("surname"))
            made.append(FalsePeople(name, sex, share, _pair(locale, given, surname, taken, count, own.child("pair"))))
    return tuple(made)


def _left(names: Sequence[str], latin: Sequence[str], taken: frozenset[str], key: Key) -> list[tuple[str, str]]:
    """Names that do not stand alone in the source, with their letters; joined ones where few are left."""
    left = [(n, a) for n, a in zip(names, latin, strict=True) if normalise("name", n) not in taken]
    if len(left) >= ENOUGH:
        return left
    draw = key.generator()
    joint = "" if all(ord(n[0]) > 0x2E80 for n in names) else "-"
    seen = {n for n, _ in left}
    for _ in range(50 * ENOUGH):
        i, j = (int(x) for x in draw.integers(len(names), size=2))
        both = f"{names[i]}{joint}{names[j]}"
        if i != j and both not in seen and normalise("name", both) not in taken:
            seen.add(both)
            left.append((both, f"{latin[i]}{latin[j]}"))
        if len(left) >= 4 * ENOUGH:
            break
    return left


def _pair(
    locale: Locale,
    given: Sequence[tuple[str, str]],
    surname: Sequence[tuple[str, str]],
    taken: frozenset[str],
    count: int,
    key: Key,
) -> pa.Table:
    draw = key.generator()
    rows: dict[str, tuple[str, str, str, str]] = {}
    tries = 0
    while len(rows) < min(count, len(given) * len(surname)) and tries < 20:
        first, last = draw.integers(len(given), size=count), draw.integers(len(surname), size=count)
        for i, j in zip(first.tolist(), last.tolist(), strict=True):
            g, s = given[i], surname[j]
            full = f"{s[0]}{locale.joined}{g[0]}" if locale.family_first else f"{g[0]} {s[0]}"
            if full not in rows and name_key(full) not in taken and len(rows) < count:
                rows[full] = (g[0], s[0], full, f"{g[1]}.{s[1]}")
        tries += 1
    return pa.table(
        {
            n: pa.array([r[i] for r in rows.values()], pa.string())
            for i, n in enumerate(("given", "surname", "full", "handle"))
        }
    )


def name_key(full: str) -> str:
    """A full name as it is compared: its words in order of the alphabet, so that Weber, Anna is Anna Weber."""
    return " ".join(sorted(re.findall(r"[^\W_]+", normalise("name", full))))
