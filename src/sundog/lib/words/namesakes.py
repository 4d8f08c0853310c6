"""How often a drawn person shares the full name, or name and birth date, with a real one by chance.

A person drawn in locale l has the name n with probability p_l(n); a real person of country k is taken to have it with p_k(n),
that is, all N_k people of the country are taken to have names of the lists, with the weights of the lists, half of them women.
Their number with this name is then Poisson with mean L(n) = sum over k of N_k p_k(n), and with a birth date d of probability b(d)
on both sides L(n) b(d). Over the law of what is drawn,

    expected namesakes a row      E L(n) b(d),
    rows with at least one        E (1 - exp(-L(n) b(d))).

Limits: this errs upward where it errs. For lists without weights and an even law of birth dates it is a bound, whatever the real
shares are: people with other names, or born outside of the range, are counted as if they were inside. With weights it is one
if given names and surnames are independent and the weights are those of the country. It knows no fashion: that names go with years of birth raises
the rate for some persons. Names are compared as they are written, in all countries of the locales that are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.words.locales import Locale, NameList
from sundog.lib.words.populations import find_population

Floats = NDArray[np.float64]

GROUPS = 48
"""Birth dates with nearly the same probability are reckoned together, in at most so many groups."""


@dataclass(frozen=True, slots=True)
class Namesakes:
    """What is to be expected of one drawn row.

    Attributes:
        expected: real people with the same name (and birth date).
        rate: chance that there is at least one.
    """

    expected: float
    rate: float


def expect_namesakes(
    locales: Sequence[Locale],
    shares: Sequence[float],
    born: Floats | None = None,
    *,
    given: bool = True,
    surname: bool = True,
    women: float = 0.5,
    populations: Mapping[str, int] | None = None,
) -> Namesakes:
    """Real people who share name and birth date with a drawn person.

    Args:
        locales: in which persons are drawn.
        shares: of each locale, with a sum of 1.
        born: float64 (days,), probability of each birth date that has one; None where none is written.
        given: whether the given name is written.
        surname: whether the surname is written.
        women: share of women among the drawn.
        populations: people of each country by ISO code; those of ``populations.find_population`` if None.
    """
    weights, rows = _group_days(born)
    countries = {locale.country: locale for locale in locales}  # two locales of one country name the same people
    expected = rate = 0.0
    for locale, share in zip(locales, shares, strict=True):
        if share <= 0:
            continue
        for sex, of_sex in ((0, women), (1, 1 - women)):
            first, last = locale.given[sex], locale.surnames[sex]
            drawn = np.outer(_law(first) if given else np.ones(1), _law(last) if surname else np.ones(1))
            real = np.zeros_like(drawn)
            for country, theirs in countries.items():
                people = find_population(country) if populations is None else populations[country]
                for other in (0, 1):
                    one = _look_up(theirs.given[other], first) if given else np.ones(1)
                    two = _look_up(theirs.surnames[other], last) if surname else np.ones(1)
                    real += people / 2 * np.outer(one, two)
            for weight, probability in zip(weights, rows, strict=True):
                met = real * probability
                expected += share * of_sex * weight * float((drawn * met).sum())
                rate += share * of_sex * weight * float((drawn * -np.expm1(-met)).sum())
    return Namesakes(float(expected), min(float(rate), 1.0))  # many sums of products end a little above 1


def _law(names: NameList) -> Floats:
    weights = names.weights.astype(np.float64)
    found: Floats = weights / weights.sum()
    return found


def _look_up(names: NameList, wanted: NameList) -> Floats:
    """float64 (wanted,): how likely each wanted name is among these; a name may stand in the list more than once."""
    grouped = pa.table({"name": names.text, "share": _law(names)}).group_by("name").aggregate([("share", "sum")])
    place = pc.index_in(wanted.text, value_set=grouped["name"].combine_chunks()).fill_null(-1).to_numpy()
    shares = grouped["share_sum"].to_numpy()
    found: Floats = np.where(place >= 0, shares[place], 0.0)
    return found


def _group_days(born: Floats | None) -> tuple[Floats, Floats]:
    """Days with nearly the same probability together: (chance of the group, mean probability of one of its days)."""
    if born is None:
        return np.ones(1), np.ones(1)
    days = np.sort(born[born > 0])
    if not len(days):
        raise ValueError("a law of birth dates has a day with a positive probability")
    pieces = [p for p in np.array_split(days, min(GROUPS, len(np.unique(days)))) if len(p)]
    return np.array([p.sum() for p in pieces]), np.array([(p @ p) / p.sum() for p in pieces])
