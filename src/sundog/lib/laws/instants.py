"""Laws of time: days, instants and durations.

The density of instants is constant within each cell of each day. It is inverted in two steps through guide tables: the day,
then the cell within the day; the place within the cell is uniform, to the microsecond.

Weekday, month and hour are those of the wall clock in a zone; the density is per time that passes. A day on which clocks are
set forward is an hour shorter and has that much less; no event falls into the hour that does not exist. On a day on which
they are set back, the hour that comes twice counts twice, as it lasts twice as long.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sundog.lib.laws.elementary import spread_words
from sundog.lib.laws.guide_table import GuideTable, build_guide_table, find_cells
from sundog.lib.laws.law import TABLE, Law, Parameter, Values, clip_probabilities, describe_bad, find_extremes
from sundog.lib.laws.seasons import Season, find_season_faults, find_weekdays, spread_hours, weigh_days
from sundog.lib.laws.zones import (
    DAY,
    EARLIEST,
    HOUR,
    LATEST,
    SECOND,
    build_zone_table,
    check_zone,
    convert_from_wall,
    convert_to_wall,
)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
_QUARTER = HOUR // 4
_GUIDE = 64
_MOST_DAYS = 400_000
UNITS = {"microsecond": 1, "second": SECOND, "minute": 60 * SECOND, "hour": HOUR, "day": DAY, "week": 7 * DAY}
"""Microseconds of each unit of a duration."""


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """Calendar days from ``first`` to ``last``, both included: int64, days since 1970-01-01."""

    first: int
    last: int
    season: Season = field(default_factory=Season, metadata=TABLE)
    table: GuideTable = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        weights = np.ones(1) if self.find_faults() else weigh_days(self.season, np.arange(self.first, self.last + 1))
        object.__setattr__(self, "table", build_guide_table(weights))

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return np.asarray(find_cells(spread_words(words), *self.table) + self.first)

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return np.asarray(find_cells(clip_probabilities(p), *self.table) + self.first)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        step = np.clip(np.floor(x) - self.first + 1, 0, len(self.table.edges) - 1)
        return np.asarray(self.table.edges[step.astype(np.int64)])

    def mean(self) -> float:
        """Mean day."""
        return float(np.diff(self.table.edges) @ np.arange(self.first, self.last + 1))

    def variance(self) -> float:
        """Variance in days squared."""
        return float(np.diff(self.table.edges) @ (np.arange(self.first, self.last + 1) - self.mean()) ** 2)

    def support(self) -> tuple[float, float]:
        """The first and the last day that are possible."""
        possible = np.flatnonzero(np.diff(self.table.edges) > 0)
        return float(self.first + possible[0]), float(self.first + possible[-1])

    def find_faults(self) -> tuple[str, ...]:
        """Days in the wrong order, too many or outside the calendar, faults of the season, no day that is possible."""
        faults = (
            *describe_bad("last", "at least first", self.last, self.first <= self.last),
            *describe_bad(
                "last - first",
                f"at most {_MOST_DAYS} days",
                self.last - self.first,
                self.last - self.first <= _MOST_DAYS,
            ),
            *describe_bad("first", "in the years 1 to 9999", self.first, self.first >= EARLIEST // DAY),
            *describe_bad("last", "in the years 1 to 9999", self.last, self.last <= LATEST // DAY),
            *find_season_faults(self.season),
        )
        if faults:
            return faults
        total = float(weigh_days(self.season, np.arange(self.first, self.last + 1)).sum())
        return describe_bad("the weight of all days", "finite and above 0", total, 0 < total < math.inf)


class _Plan(NamedTuple):
    """The cells of all days.

    Attributes:
        midnights: int64 (days + 1,), instants at which the days begin, within the window.
        table: cells of the days.
        profile: int64 (days,), which profile a day has.
        offsets: int64 (profiles, cells + 1), microseconds from midnight to the edges of the cells, the last one repeated.
        shares: float64 (profiles, cells + 1), cumulated shares of the cells, from 0 to 1.
        guides: int32 (profiles, 64), first cell that reaches beyond i / 64.
    """

    midnights: Integers
    table: GuideTable
    profile: Integers
    offsets: Integers
    shares: Floats
    guides: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """Instants from ``start`` on and before ``stop``: int64, microseconds since 1970-01-01 UTC.

    Attributes:
        start: int, microseconds since 1970-01-01 UTC.
        stop: int, the same; not included.
        season: shape over the days and hours of the wall clock.
        zone: IANA name of the zone of the wall clock.
    """

    start: int
    stop: int
    season: Season = field(default_factory=Season, metadata=TABLE)
    zone: str = "UTC"
    plan: _Plan = field(init=False, repr=False, metadata=TABLE)

    def __post_init__(self) -> None:
        sound = not self.find_faults()
        plan = (
            _plan_cells(self.start, self.stop, self.season, self.zone)
            if sound
            else _plan_cells(0, DAY, Season(), "UTC")
        )
        object.__setattr__(self, "plan", plan)

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return self._invert(spread_words(words))

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return self._invert(clip_probabilities(p))

    def _invert(self, p: Floats) -> Integers:
        plan = self.plan
        return np.asarray(
            _find_instants(p, *plan.table, plan.midnights, plan.profile, plan.offsets, plan.shares, plan.guides)
        )

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        plan = self.plan
        at = np.clip(np.floor(x), self.start - 1, self.stop - 1).astype(np.int64) + 1
        return np.asarray(_sum_instants(at, plan.table.edges, plan.midnights, plan.profile, plan.offsets, plan.shares))

    def _take_moments(self) -> tuple[float, float]:
        plan = self.plan
        parts = np.diff(plan.shares, axis=1)
        low, high = plan.offsets[:, :-1].astype(np.float64), plan.offsets[:, 1:].astype(np.float64)
        first = (parts * (low + high) / 2.0).sum(axis=1)[plan.profile]
        second = (parts * (low * low + low * high + high * high) / 3.0).sum(axis=1)[plan.profile]
        days = np.diff(plan.table.edges)
        begin = (plan.midnights[:-1] - self.start).astype(np.float64)
        mean = float(days @ (begin + first))
        return mean, float(days @ (begin**2 + 2.0 * begin * first + second)) - mean**2

    def mean(self) -> float:
        """Mean instant."""
        return self.start + self._take_moments()[0]

    def variance(self) -> float:
        """Variance in microseconds squared."""
        return self._take_moments()[1]

    def support(self) -> tuple[float, float]:
        """The first and the last microsecond of the window."""
        return float(self.start), float(self.stop - 1)

    def find_faults(self) -> tuple[str, ...]:
        """Ends in the wrong order, too far apart or outside the calendar, an unknown zone, faults of the season."""
        faults = (
            *describe_bad("stop", "after start", self.stop, self.start < self.stop),
            *describe_bad(
                "stop - start",
                f"at most {_MOST_DAYS} days",
                self.stop - self.start,
                self.stop - self.start <= _MOST_DAYS * DAY,
            ),
            *describe_bad("start", "in the years 1 to 9999", self.start, self.start >= EARLIEST),
            *describe_bad("stop", "in the years 1 to 9999", self.stop, self.stop <= LATEST),
            *check_zone(self.zone),
            *find_season_faults(self.season),
        )
        if faults:
            return faults
        total = float(_weigh_cells(self.start, self.stop, self.season, self.zone).weights.sum())
        return describe_bad("the weight of all days and hours", "finite and above 0", total, 0 < total < math.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Durations:
    """A law's values as lengths of time: int64, microseconds.

    Attributes:
        law: lengths in the unit.
        unit: a name in ``UNITS``.
    """

    law: Law
    unit: str = "second"

    def draw(self, words: NDArray[np.uint64]) -> Integers:
        """See ``Law.draw``."""
        return np.rint(self.law.draw(words) * float(UNITS[self.unit])).astype(np.int64)

    def quantile(self, p: Floats) -> Integers:
        """See ``Law.quantile``."""
        return np.rint(self.law.quantile(p) * float(UNITS[self.unit])).astype(np.int64)

    def cdf(self, x: Values) -> Floats:
        """See ``Law.cdf``."""
        return self.law.cdf((np.floor(x) + 0.5) / UNITS[self.unit])

    def mean(self) -> Parameter:
        """Mean in microseconds, but for the rounding."""
        return self.law.mean() * UNITS[self.unit]

    def variance(self) -> Parameter:
        """Variance in microseconds squared, but for the rounding."""
        return self.law.variance() * float(UNITS[self.unit]) ** 2

    def support(self) -> tuple[float, float]:
        """That of the law in microseconds."""
        low, high = self.law.support()
        return low * UNITS[self.unit], high * UNITS[self.unit]

    def find_faults(self) -> tuple[str, ...]:
        """Faults of the law, an unknown unit, lengths beyond 2**63 microseconds."""
        faults = self.law.find_faults()
        if self.unit not in UNITS:
            return (*faults, f"unit must be one of {', '.join(UNITS)}, not {self.unit!r}")
        if faults:
            return faults
        ends = [abs(end) * UNITS[self.unit] for end in find_extremes(self.law)]
        return describe_bad("the longest duration in microseconds", "below 2**63", max(ends), max(ends) < 2.0**63)


class _Cells(NamedTuple):
    """What each day weighs, and the cells of each kind of day."""

    midnights: Integers
    weights: Floats
    profile: Integers
    profiles: list[tuple[Integers, Floats]]


def _weigh_cells(start: int, stop: int, season: Season, zone: str) -> _Cells:
    table = build_zone_table(zone, start, stop)
    first, last = convert_to_wall(np.array([start, stop - 1]), table) // DAY
    days = np.arange(first, last + 1)
    midnights = convert_from_wall(np.append(days, last + 1) * DAY, table)
    weekdays = find_weekdays(days)
    hours, width = spread_hours(season)
    cells = hours.shape[1]
    # A regular day is 24 hours long and lies wholly in the window: one profile for each weekday.
    profiles: list[tuple[Integers, Floats]] = [(np.arange(cells + 1) * width, row * float(width)) for row in hours]
    profile = weekdays.copy()
    cut = (np.diff(midnights) != DAY) | (midnights[:-1] < start) | (midnights[1:] > stop)
    for at in np.flatnonzero(cut):
        begin, end = max(int(midnights[at]), start), min(int(midnights[at + 1]), stop)
        # By quarters of an hour, on which all changes of modern clocks fall.
        edges = np.unique(np.clip(np.arange(midnights[at], midnights[at + 1] + _QUARTER, _QUARTER), begin, end))
        walls = convert_to_wall(edges[:-1], table)
        rates = hours[weekdays[at], (walls % DAY) // width]
        profile[at] = len(profiles)
        profiles.append((edges - midnights[at], rates * np.diff(edges)))
    sums = np.array([areas.sum() for _, areas in profiles]) / DAY
    return _Cells(midnights, weigh_days(season, days) * sums[profile], profile, profiles)


def _plan_cells(start: int, stop: int, season: Season, zone: str) -> _Plan:
    found = _weigh_cells(start, stop, season, zone)
    most = max(max(len(edges) for edges, _ in found.profiles), 2)
    offsets = np.zeros((len(found.profiles), most), np.int64)
    shares = np.ones((len(found.profiles), most))
    guides = np.zeros((len(found.profiles), _GUIDE), np.int32)
    for i, (edges, areas) in enumerate(found.profiles):
        offsets[i, : len(edges)] = edges
        offsets[i, len(edges) :] = edges[-1] if len(edges) else 0
        if len(areas) and areas.sum() > 0:
            table = build_guide_table(areas)
            shares[i, : len(edges)] = table.edges
            guides[i] = np.searchsorted(table.edges, np.arange(_GUIDE) / _GUIDE, side="right") - 1
        shares[i, 0] = 0.0
    return _Plan(found.midnights, build_guide_table(found.weights), found.profile, offsets, shares, guides)


@njit(cache=True, nogil=True, error_model="numpy")
def _find_instants(
    p: Floats,
    edges: Floats,
    guide: NDArray[np.int32],
    midnights: Integers,
    profile: Integers,
    offsets: Integers,
    shares: Floats,
    guides: NDArray[np.int32],
) -> Integers:
    found = np.empty(len(p), np.int64)
    steps, inner_steps = np.float64(len(guide)), np.float64(guides.shape[1])
    for i in range(len(p)):
        day = np.int64(guide[np.int64(p[i] * steps)])
        while edges[day + 1] <= p[i]:
            day += 1
        place = min((p[i] - edges[day]) / (edges[day + 1] - edges[day]), 1.0 - 2.0**-53)
        own = profile[day]
        cell = np.int64(guides[own, np.int64(place * inner_steps)])
        while shares[own, cell + 1] <= place:
            cell += 1
        place = (place - shares[own, cell]) / (shares[own, cell + 1] - shares[own, cell])
        begin, end = offsets[own, cell], offsets[own, cell + 1]
        found[i] = midnights[day] + begin + min(np.int64(place * (end - begin)), end - begin - 1)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_instants(
    x: Integers, edges: Floats, midnights: Integers, profile: Integers, offsets: Integers, shares: Floats
) -> Floats:
    found = np.empty(len(x))
    days, cells = len(profile), offsets.shape[1] - 1
    for i in range(len(x)):
        # Days last 24 hours but for few, so that the guess is at most one or two off.
        day = min(max((x[i] - midnights[0]) // DAY, 0), days - 1)
        while day > 0 and midnights[day] > x[i]:
            day -= 1
        while day < days - 1 and midnights[day + 1] <= x[i]:
            day += 1
        own, since = profile[day], x[i] - midnights[day]
        cell, beyond = 0, cells
        while beyond - cell > 1:
            middle = (cell + beyond) // 2
            if offsets[own, middle] <= since:
                cell = middle
            else:
                beyond = middle
        begin, end = offsets[own, cell], offsets[own, cell + 1]
        part = min(max((since - begin) / (end - begin), 0.0), 1.0) if end > begin else 0.0
        inner = shares[own, cell] + part * (shares[own, cell + 1] - shares[own, cell])
        found[i] = edges[day] + inner * (edges[day + 1] - edges[day])
    return found
