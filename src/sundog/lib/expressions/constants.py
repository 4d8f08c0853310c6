"""Constants that mean something: dates, zones, digits; what is wrong with them is said before a row is made."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable

from sundog.core.errors import nearest
from sundog.lib.expressions.steps import Scalar

_DAY = datetime.date(1970, 1, 1)
_INSTANT = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)

DAY_LOW = (datetime.date.min - _DAY).days
"""0001-01-01 in days since 1970-01-01."""

DAY_HIGH = (datetime.date.max - _DAY).days
"""9999-12-31."""


class WrongConstant(ValueError):
    """A constant has no meaning here; ``fix`` says what would."""

    def __init__(self, what: str, fix: str) -> None:
        self.fix = fix
        super().__init__(what)


def read_date(text: str) -> int:
    """Days since 1970-01-01 of ``2024-05-31``.

    Raises:
        WrongConstant: there is no such date.
    """
    try:
        if len(text) != 10:
            raise ValueError(text)
        return (datetime.date.fromisoformat(text) - _DAY).days
    except ValueError as error:
        raise WrongConstant(f"{text!r} is no date", "Write a date as '2024-05-31'.") from error


def read_timestamp(text: str, zone: str | None) -> int:
    """Microseconds since 1970-01-01 (UTC with a zone, wall clock without) of ``2024-05-31 12:30:00``.

    Raises:
        WrongConstant: there is no such time. An hour that the zone's clocks skip counts on from before the gap, one that
            they repeat is the first of the two.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
        if moment.tzinfo is not None or text[:1].isspace():
            raise ValueError(text)
    except ValueError as error:
        fix = "Write a time as '2024-05-31 12:30:00', its zone as a second argument."
        raise WrongConstant(f"{text!r} is no time", fix) from error
    clock = zoneinfo.ZoneInfo(zone) if zone else datetime.UTC
    return (moment.replace(tzinfo=clock) - _INSTANT) // _MICROSECOND


def read_zone(name: str) -> str:
    """The zone itself, when there is one of that name.

    Raises:
        WrongConstant: there is none.
    """
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        names = zoneinfo.available_timezones()
        fix = nearest(name, names) if name else ""
        shown = fix if fix.startswith("Did") else "Zones are named as in 'Europe/Berlin'."
        raise WrongConstant(f"{name!r} is no time zone", shown) from error
    return name


def check_date(*parts: Scalar) -> None:
    """Raise WrongConstant where year, month and day, as far as they are written, are no date."""
    if all(isinstance(part, int) for part in parts):
        try:
            datetime.date(*(int(str(part)) for part in parts))
        except (ValueError, OverflowError) as error:
            what = f"year {parts[0]}, month {parts[1]}, day {parts[2]} is no date"
            raise WrongConstant(what, "Give a day of a month of the years 1 to 9999.") from error


def check_constants(kernel: str, values: tuple[Scalar, ...]) -> None:
    """Raise WrongConstant where a kernel cannot take these constants."""
    rule = _RULES.get(kernel)
    if rule is not None:
        rule(*values)


def _check_digits(digits: int) -> None:
    if not -15 <= digits <= 15:
        raise WrongConstant(f"{digits} digits cannot be rounded to", "Give from -15 to 15 digits after the point.")


def _check_text_digits(digits: int) -> None:
    if not 0 <= digits <= 15:
        raise WrongConstant(f"{digits} digits cannot be written", "Give from 0 to 15 digits after the point.")


def _check_substring(start: int, length: int = 0) -> None:
    if start < 1 or length < 0:
        raise WrongConstant(
            f"there is no part from {start} with {length} characters",
            "Characters are counted from 1, and a length is at least 0.",
        )


def _check_width(width: int, fill: str = " ") -> None:
    if not 0 <= width <= 10_000 or len(fill) != 1:
        raise WrongConstant(
            f"a text cannot be filled to {width} with {fill!r}", "Give a width from 0 to 10,000 and one character."
        )


def _check_replace(old: str, new: str) -> None:
    if not old:
        raise WrongConstant(f"nothing cannot be replaced with {new!r}", "Name at least one character.")


def _check_buckets(buckets: int, salt: str = "") -> None:
    if not 1 <= buckets <= 2**63 - 1:
        raise WrongConstant(f"there are no {buckets} buckets" + (f" of {salt!r}" if salt else ""), "Give at least 1.")


def _check_zone(zone: str | None = None) -> None:
    if zone is not None:
        read_zone(zone)


_RULES: dict[str, Callable[..., None]] = {
    "round_even_digits": _check_digits,
    "round_up_digits": _check_digits,
    "text_digits": _check_text_digits,
    "substring": _check_substring,
    "pad_left": _check_width,
    "pad_right": _check_width,
    "replace": _check_replace,
    "bucket": _check_buckets,
    "in_zone": _check_zone,
    "date_of": _check_zone,
    **dict.fromkeys(("year", "month", "day", "weekday", "hour", "minute", "second"), _check_zone),
}
