"""Ages that follow from a birth date in the same row: drawn by themselves, the two would contradict each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.kinds.records.start.drafts import Draft, quote_name
from sundog.kinds.records.start.numbers import missing_share, with_missing
from sundog.kinds.records.start.reading import Column, as_floats

Days = NDArray[np.int64]

MOST_OFF = 0.02
"""Share of the rows that may be otherwise: ages are often computed with years of 365.25 days."""

OLDEST = 130
"""Years."""


def find_age(ages: Column, dates: Sequence[Column], least: int) -> tuple[str, Draft] | None:
    """The date that an age goes by, and the field; None where there is none.

    Args:
        ages: whole numbers.
        dates: the table's columns of days.
        least: rows of a group.
    """
    numbers = as_floats(ages.values)
    known = numbers[np.isfinite(numbers)]
    if not len(known) or known.min() < 0 or known.max() > OLDEST or len(np.unique(known)) < 5:
        return None
    for born in dates:
        days = as_floats(born.values.cast(pa.date32()))
        both = np.isfinite(days) & np.isfinite(numbers)
        owners = ages.owners_of(both)
        one_each = both if owners is None else _first_of_each(both, owners)
        if int(one_each.sum()) < 2 * least:
            continue
        day = _find_day(days[one_each].astype(np.int64), numbers[one_each].astype(np.int64), least)
        if day is None or (count_years(days[both].astype(np.int64), day) != numbers[both]).mean() > MOST_OFF:
            continue
        share = missing_share(len(ages.values), ages.known, least)
        written = str(np.datetime64(day, "D"))
        said: dict[str, object] = {
            "type": "expression",
            "value": f"age_in_years({quote_name(born.name)}, date('{written}'))",
        }
        origin = (
            f"exact: {ages.name} is the age on a day in {written[:7]} by {born.name}, in at least {1 - MOST_OFF:.0%} of the rows of the "
            "real table; no guarantee"
        )
        return born.name, Draft(ages.name, with_missing(said, share), origin)
    return None


def _first_of_each(rows: NDArray[np.bool_], owners: NDArray[np.int64]) -> NDArray[np.bool_]:
    at = np.flatnonzero(rows)[np.unique(owners, return_index=True)[1]]
    first = np.zeros(len(rows), np.bool_)
    first[at] = True
    return first


def _find_day(born: Days, ages: Days, least: int) -> int | None:
    """A day since 1970 on which those born then were so old, but for ``least`` of them; the first of a month where that may be."""
    reached = np.sort(_add_years(born, ages))[len(born) - least]
    passed = np.sort(_add_years(born, ages + 1))[least - 1]
    if passed <= reached - 40:
        return None
    month = np.datetime64(int(reached), "D").astype("datetime64[M]") + 1
    first = int(month.astype("datetime64[D]").astype(np.int64))
    choices = (first, int((reached + passed) // 2))
    return min(choices, key=lambda day: (float((count_years(born, day) != ages).mean()) > MOST_OFF / 2, day != first))


def _add_years(days: Days, years: Days) -> Days:
    """The birthday in so many years; 29 February counts on 1 March."""
    whole = days.astype("datetime64[D]")
    months = whole.astype("datetime64[M]")
    within = (whole - months.astype("datetime64[D]")).astype(np.int64)
    found: Days = (months + 12 * years).astype("datetime64[D]").astype(np.int64) + within
    return found


def count_years(born: Days, day: int) -> Days:
    """Whole years from each day to one day, as ``age_in_years`` counts them."""
    years = np.int64(np.datetime64(day, "D").astype("datetime64[Y]").astype(np.int64)) - born.astype(
        "datetime64[D]"
    ).astype("datetime64[Y]").astype(np.int64)
    late: Days = years - (_add_years(born, years) > day)
    return late
