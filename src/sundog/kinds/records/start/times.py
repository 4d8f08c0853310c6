"""A column of dates or of times as a field."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.kinds.records._times import build_days
from sundog.kinds.records.fields_words import Calendar
from sundog.kinds.records.start.curves import Curve, Floats, trace_curve
from sundog.kinds.records.start.drafts import Draft, quote_name
from sundog.kinds.records.start.fit import fit_curve
from sundog.kinds.records.start.numbers import describe_numbers, missing_share, say_exact, say_off, with_missing
from sundog.kinds.records.start.reading import Column, as_floats

EPOCH = date(1970, 1, 1)
LIMIT = 0.015
"""A calendar law is taken where it is nowhere farther off than this, and what the number of rows leaves open."""

_FEW_DAYS = 5

FIRST, LAST = -719_162, 2_932_896
"""Days since 1970 of the years 1 to 9999."""


def draft_time(column: Column, least: int) -> Draft:
    """A law for dates, timestamps, times of day and spans of time; the column has at least ``least`` values."""
    kind = column.values.type
    share = missing_share(len(column.values), column.known, least)
    if pa.types.is_date(kind):
        days = as_floats(column.values.cast(pa.date32()))
        known = np.isfinite(days)
        return draft_days(column.name, days[known].astype(np.int64), share, least, column.owners_of(known))
    if pa.types.is_timestamp(kind):
        return _draft_instants(column, share, least)
    unit = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}.get(getattr(kind, "unit", "s"), 1.0)
    seconds = as_floats(column.values) / unit
    seconds = seconds[np.isfinite(seconds)]
    said, words, remarks = describe_numbers(np.round(seconds), 0, least, column.owners_of(column.is_known()))
    what = "time of day" if pa.types.is_time(kind) else "span of time"
    remarks.insert(0, f"A {what} in the real table; here it is a number of seconds.")
    return Draft(
        column.name, with_missing(said, share), say_exact(words, column.name, least), tuple(remarks), number=column.name
    )


def draft_days(
    name: str, days: NDArray[np.int64], missing: float, least: int, owners: NDArray[np.int64] | None = None
) -> Draft:
    """A law for days since 1970: a calendar where it fits, else quantiles of the day."""
    real = (days >= FIRST) & (days <= LAST)
    days, owners = days[real], None if owners is None else owners[real]
    curve = trace_curve(days.astype(np.float64), 1.0, least, owners)
    if curve is None:
        return _draft_few_days(name, days if owners is None else days[:0], missing, least)
    start, stop = round_ends(curve)
    inside = days[(days >= start) & (days <= stop)]
    calendar, words = describe_calendar(inside, start, stop, least)
    said: dict[str, object] = {"type": "date", "start": write_day(start), "stop": write_day(stop)}
    if calendar:
        said["calendar"] = calendar
    off = _judge_days(curve, start, stop, calendar)
    if off <= LIMIT + 1 / math.sqrt(len(days)):
        remarks = (say_off(off, curve),)
        return Draft(name, with_missing(said, missing), say_exact(words, name, least), remarks)
    return draft_day_number(name, curve, missing, say_exact("{words}", name, least))


def draft_day_number(name: str, curve: Curve, missing: float, origin: str) -> Draft:
    """Days by a law of their number, for what no calendar describes."""
    fitted = fit_curve(Curve(curve.at, curve.below, 1.0, curve.rows, curve.noise), 0)
    helper = f"_days_of_{name}"
    said = {"type": "expression", "value": f"date('1970-01-01') + {quote_name(helper) or 'no_name'}"}
    told = origin.replace("{words}", fitted.words)
    inner = Draft(
        helper,
        {**with_missing(dict(fitted.said), missing), "keep": False},
        told,
        ("Days since 1970-01-01.",),
        number=helper,
    )
    remarks = (say_off(fitted.off, curve),)
    return Draft(name, said, "computed from the field above", remarks, (inner,), number=helper)


def _draft_few_days(name: str, days: NDArray[np.int64], missing: float, least: int) -> Draft:
    distinct, counts = np.unique(days, return_counts=True)
    if len(counts) and counts.max() >= least:
        best = int(distinct[int(np.argmax(counts))])
        said: dict[str, object] = {"type": "date", "start": write_day(best), "stop": write_day(best)}
        return Draft(name, with_missing(said, missing), say_exact("the most frequent day", name, least))
    said = {"type": "date", "start": "2000-01-01", "stop": "2025-12-31"}
    return Draft(
        name, with_missing(said, missing), "nothing was read: too few rows", ("State the first and the last day.",)
    )


def write_day(day: int) -> str:
    """A day since 1970 as a recipe writes it."""
    return (EPOCH + timedelta(days=int(day))).isoformat()


def round_ends(curve: Curve) -> tuple[int, int]:
    """First and last day, to the month where the column spans more than 2 years, to the week where it spans less."""
    low, high = math.ceil(curve.at[0]), math.floor(curve.at[-1])
    low, high = max(low, FIRST), min(max(high, low), LAST)
    if high - low < 14:
        return low, high
    if high - low < 730:
        start, stop = low - (low + 3) % 7, high + (6 - (high + 3) % 7)
        return max(start, FIRST), min(stop, LAST)
    first = EPOCH + timedelta(days=low)
    last = EPOCH + timedelta(days=high)
    # Ends are drawn out by a little: a few days of a month are none of it.
    if first.year < 9999 and (first + timedelta(days=_FEW_DAYS)).month != first.month:
        first += timedelta(days=_FEW_DAYS)
    if last.day <= _FEW_DAYS:
        last -= timedelta(days=_FEW_DAYS)
    begin = date(first.year, first.month, 1)
    if last.year == 9999 and last.month == 12:
        return (begin - EPOCH).days, LAST
    end = date(last.year + last.month // 12, last.month % 12 + 1, 1) - timedelta(days=1)
    return (begin - EPOCH).days, (end - EPOCH).days


def describe_calendar(days: NDArray[np.int64], start: int, stop: int, least: int) -> tuple[dict[str, object], str]:
    """Weekdays, months and growth where they are clear, and what was read for them.

    Args:
        days: int64 (n,), since 1970, from ``start`` to ``stop``.
        start: first day.
        stop: last one.
        least: rows of a group.
    """
    all_days = np.arange(start, stop + 1)
    words = ["the ends"]
    said: dict[str, object] = {}
    weekday = np.bincount((days + 3) % 7, minlength=7)
    shape = shape_counts(weekday, np.bincount((all_days + 3) % 7, minlength=7), least)
    if shape is not None and stop - start >= 20:
        said["weekdays"] = shape
        words.append("the shares of weekdays")
    if stop - start >= 700:
        # Seasons and growth can be told apart over whole years only: a window that ends in October has each summer, but not each winter.
        # The ends that are written are rounded to months, which the rows need not fill.
        ordered = np.partition(days, (least - 1, len(days) - least)) if len(days) >= 2 * least else np.sort(days)
        first, end = int(ordered[min(least - 1, len(days) - 1)]), int(ordered[max(len(days) - least, 0)])
        years = max(1, int((end - first + 4) // 365.25))
        last = min(end, first + round(years * 365.25) - 1)
        whole = days[(days >= first) & (days <= last)]
        growth = find_growth(whole, first, last)
        growth = growth if abs(growth) >= 0.02 else 0.0
        there = np.arange(first, last + 1)
        shape = shape_counts(_by_month(whole), _by_month(there, (1 + growth) ** ((there - first) / 365.25)), least)
        if shape is not None:
            said["months"] = shape
            words.append("the shares of months")
        if growth:
            said["growth"] = growth
            words.append("the growth a year")
    return said, ", ".join(words)


def _by_month(days: NDArray[np.int64], weights: Floats | None = None) -> NDArray[np.int64] | Floats:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    return np.bincount(months, weights, minlength=12)


def shape_counts(
    counts: NDArray[np.int64] | Floats, possible: NDArray[np.int64] | Floats, least: int
) -> list[float] | None:
    """Relative frequencies by part of the calendar, two digits; None where they are even enough, or groups too small.

    Args:
        counts: int64 (k,), rows.
        possible: int64 or float64 (k,), how often each part comes in the time that is covered.
        least: a part with fewer rows counts as having none.
    """
    if counts.sum() < 20 * len(counts) or not possible.all():
        return None
    told = np.where(counts >= least, counts, 0)
    expected = counts.sum() * possible / possible.sum()
    chi = float(((counts - expected) ** 2 / expected).sum())
    rate = told / possible
    rate = rate / rate.mean()
    # Clear: beyond chance by far, and by at least a twentieth.
    if chi < 6 * len(counts) or float(np.abs(rate - 1).max()) < 0.05:
        return None
    return [round(float(x), 2) for x in rate]


def find_growth(days: NDArray[np.int64], start: int, stop: int) -> float:
    """Growth a year that a density which grows evenly has when its mean day is that of the rows; two digits."""
    span = (stop - start + 1) / 365.25
    mean = float((days - start).mean()) / 365.25 / span
    low, high = -2.0 * 12, 2.0 * 12
    for _ in range(60):
        middle = (low + high) / 2
        # The mean of the density exp(middle * u) on 0 .. 1.
        there = 0.5 + middle / 12 if abs(middle) < 1e-3 else 1 / (1 - math.exp(-middle)) - 1 / middle
        low, high = (middle, high) if there < mean else (low, middle)
    return round(math.expm1(low / span), 2)


def _judge_days(curve: Curve, start: int, stop: int, calendar: dict[str, object]) -> float:
    law = build_days(EPOCH + timedelta(days=start), EPOCH + timedelta(days=stop), Calendar.model_validate(calendar))
    if law.find_faults():
        return 1.0
    return float(np.abs(law.cdf(np.floor(curve.at)) - curve.below).max())


def _draft_instants(column: Column, missing: float, least: int) -> Draft:
    kind = column.values.type
    zone = kind.tz
    wall = column.values if zone is None else pc.local_timestamp(column.values)
    micro = wall.cast(pa.timestamp("us"), safe=False).drop_null().cast(pa.int64()).to_numpy(zero_copy_only=False)
    days = np.floor_divide(micro, 86_400_000_000)
    keep = (days >= FIRST) & (days <= LAST)
    days, micro = days[keep], micro[keep]
    owners = column.owners_of(column.is_known())
    owners = None if owners is None else owners[keep]
    curve = trace_curve(days.astype(np.float64), 1.0, least, owners)
    whole = bool((micro % 1_000_000 == 0).all())
    if curve is None:
        stated: dict[str, object] = {"type": "timestamp", "start": "2000-01-01 00:00:00", "stop": "2025-12-31 00:00:00"}
        return Draft(
            column.name, with_missing(stated, missing), "nothing was read: too few rows", ("State start and stop.",)
        )
    start, stop = round_ends(curve)
    inside = (days >= start) & (days <= stop)
    calendar, words = describe_calendar(days[inside], start, stop, least)
    hour = (micro[inside] - days[inside] * 86_400_000_000) // 3_600_000_000
    shape = shape_counts(np.bincount(hour, minlength=24).astype(np.int64), np.ones(24, np.int64), least)
    if shape is not None:
        calendar["hours"] = shape
        words += ", the shares of hours"
    zoned = {} if zone is None else {"zone": name_zone(zone)}
    # A timestamp ends before its stop.
    said: dict[str, object] = {
        "type": "timestamp",
        "start": f"{write_day(start)} 00:00:00",
        "stop": f"{write_day(min(stop + 1, LAST))} 00:00:00",
        **zoned,
    }
    if calendar:
        said["calendar"] = calendar
    if not whole:
        said["seconds"] = False
    off = _judge_days(curve, start, stop, {k: v for k, v in calendar.items() if k != "hours"})
    near = off <= LIMIT + 1 / math.sqrt(len(days))
    remark = say_off(off, curve)
    if near or zone is not None:
        return Draft(column.name, with_missing(said, missing), say_exact(words, column.name, least), (remark,))
    return _draft_instant_number(column.name, micro, missing, least, owners)


def _draft_instant_number(
    name: str, micro: NDArray[np.int64], missing: float, least: int, owners: NDArray[np.int64] | None
) -> Draft:
    """Instants by a law of the day and an even time within it, for what no calendar describes."""
    hours = np.floor_divide(micro, 3_600_000_000).astype(np.float64)
    curve = trace_curve(hours, 1.0, least, owners)
    assert curve is not None  # there are as many hours as days
    fitted = fit_curve(Curve(curve.at, curve.below, 0.0, curve.rows), None)
    helper = f"_hours_of_{name}"
    said: dict[str, object] = {
        "type": "expression",
        "value": f"timestamp('1970-01-01 00:00:00') + seconds(round({quote_name(helper) or 'no_name'} * 3600))",
    }
    inner = Draft(
        helper,
        {**with_missing(dict(fitted.said), missing), "keep": False},
        say_exact(fitted.words, name, least),
        ("Hours since 1970-01-01.",),
        number=helper,
    )
    remarks = (say_off(fitted.off, curve),)
    return Draft(name, said, "computed from the field above", remarks, (inner,), number=helper)


def name_zone(zone: str) -> str:
    """A zone that a recipe can name: UTC for a fixed distance from it."""
    return "UTC" if zone[:1] in "+-" or zone in ("Z", "") else zone


def as_days(values: pa.Array) -> Floats:
    """Days since 1970 of dates, hours and parts of them as fractions of timestamps; NaN where missing: float64 (n,)."""
    if pa.types.is_date(values.type):
        return as_floats(values.cast(pa.date32()))
    return as_floats(values.cast(pa.timestamp("us", tz=values.type.tz), safe=False)) / 86_400e6


def write_instant(micro: int) -> str:
    """Microseconds since 1970 as a recipe writes them."""
    return datetime.fromtimestamp(micro / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
