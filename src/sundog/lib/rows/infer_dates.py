"""Dates in ways beyond four digits of the year between marks: two-digit years, months alone, names of months.

Each way has an order and a mark, which together with the clock and the zone make up the kind of a text (``infer_kinds``):
``day dmy2 .`` (31.12.20), ``day dby -`` (12-Mar-2024), ``day bdy _`` (Mar 12, 2024), ``day ym -`` (2024-03), ``day my /``
(03/2024), ``day by _`` (March 2024), ``day by2 -`` (Mar-24). A month alone is its first day. Two-digit years are 1969 to
2068, as POSIX has it for ``%y``. Names of months are English, whole or cut to three letters, in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_pieces as pieces

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_MONTH = (
    r"(?P<b>(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?))\.?"
)
MAYBE_DAY = r"^[0-9]{1,4}[-/. ][0-9A-Za-z]|^(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-zA-Z.]*[- ]"
"""What all texts look like that the patterns below take: asked first, since it is cheap."""
_PIVOT = 69
"""Two-digit years below it are of this century (``strptime`` of POSIX.1-2008)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to write a day.

    Attributes:
        order: of year, month and day: ``dmy``, ``dmy2``, ``dby``, ``ym``, ...
        mark: what stands between; ``_`` is a blank.
        format: the same as strftime has it.
        guessed: whether it is looked for where nothing is stated.
    """

    order: str
    mark: str
    format: str
    guessed: bool = True


def _ways() -> tuple[Way, ...]:
    plain = {"ymd": "%Y{0}%m{0}%d", "dmy": "%d{0}%m{0}%Y", "mdy": "%m{0}%d{0}%Y"}
    found = [Way(order, mark, form.format(mark)) for order, form in plain.items() for mark in "-/."]
    # 12-34-56 is as likely a sort code, so dashes are not guessed
    found += [Way("dmy2", mark, f"%d{mark}%m{mark}%y", mark != "-") for mark in "./-"]
    found += [Way("mdy2", mark, f"%m{mark}%d{mark}%y", mark != "-") for mark in "/-"]
    for mark, shown in (("-", "-"), ("_", " "), ("/", "/")):
        found += [Way("dby", mark, f"%d{shown}%b{shown}%Y"), Way("dby2", mark, f"%d{shown}%b{shown}%y")]
    found += [Way("bdy", "_", "%b %d, %Y"), Way("ym", "-", "%Y-%m"), Way("my", "/", "%m/%Y"), Way("my", "-", "%m-%Y")]
    return (*found, Way("by", "_", "%b %Y"), Way("by", "-", "%b-%Y"), Way("by2", "-", "%b-%y"))


WAYS = _ways()
ISO = "%Y-%m-%d"
CLOCKS = (" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p")
ALSO_ISO = " or " + ISO
MIXED = tuple(way for way in WAYS if way.order in ("dmy", "mdy", "dby", "bdy"))
"""Follows one of the formats of ``MIXED`` where some values are written as ISO 8601 has it."""


def date_part(style: str) -> str:
    """The format without its time of day."""
    for clock in CLOCKS:
        style = style.removesuffix(clock)
    return style.removesuffix(ALSO_ISO)


def order_of(style: str) -> str:
    """The order of a format; ``ymd`` for the plain way."""
    bare = date_part(style)
    return next((w.order for w in WAYS if w.format == bare), "ymd")


def takes_of(order: str) -> set[str]:
    """Orders of values that can be read in this one."""
    return {
        "dmy": {"dmy", "xmy"},
        "mdy": {"mdy", "xmy"},
        "dmy2": {"dmy2", "xmy2"},
        "mdy2": {"mdy2", "xmy2"},
        "ym": {"ym", "xym"},
    }.get(order, {order})


_TWO = r"^(?P<d>[0-9]{1,2})(?P<s>[/.-])(?P<m>[0-9]{1,2})(?P<r>[/.-])(?P<y>[0-9]{2})" + pieces.TAIL
_NAMED = r"^(?P<d>[0-9]{1,2})(?P<s>[-/ ])" + _MONTH + r"(?P<r>[-/ ])(?P<y>[0-9]{4}|[0-9]{2})" + pieces.TAIL
_NAMED_FIRST = r"^" + _MONTH + r"(?P<s> )(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,? (?P<y>[0-9]{4})" + pieces.TAIL
_YEAR_MONTH = r"^(?P<y>[12][0-9]{3})(?P<s>-)(?P<m>[0-9]{2})$"
_MONTH_YEAR = r"^(?P<m>[0-9]{1,2})(?P<s>[-/])(?P<y>[12][0-9]{3})$"
_NAMED_MONTH = r"^" + _MONTH + r"(?P<s>[- ])(?P<y>[12][0-9]{3})$"
_NAMED_SHORT = r"^" + _MONTH + r"(?P<s>-)(?P<y>[0-9]{2})$"

PATTERNS = (
    (_TWO, "dmy2"),
    (_NAMED, "dby"),
    (_NAMED_FIRST, "bdy"),
    (_YEAR_MONTH, "ym"),
    (_MONTH_YEAR, "my"),
    (_NAMED_MONTH, "by"),
    (_NAMED_SHORT, "by2"),
)


@dataclass(frozen=True, slots=True)
class Days:
    """Texts that a pattern takes, in parts.

    Attributes:
        hit: bool (n,), which texts.
        year: int64 (k,).
        month: int64 (k,), 1 to 12 where it is one.
        day: int64 (k,); 1 where only a month is written.
        short: bool (k,), whether the year has two digits.
        mark: string (k,) between the parts; a blank is ``_``.
        alike: bool (k,), whether both marks are the same.
        clock: string (k,), time of day or empty.
        half: string (k,), am or pm or empty.
        zone: string (k,), as written or empty.
    """

    hit: NDArray[np.bool_]
    year: NDArray[np.int64]
    month: NDArray[np.int64]
    day: NDArray[np.int64]
    short: NDArray[np.bool_]
    mark: pa.StringArray
    alike: NDArray[np.bool_]
    clock: pa.StringArray
    half: pa.StringArray
    zone: pa.StringArray


def split_days(texts: pa.StringArray, pattern: str) -> Days:
    """The parts of texts that a pattern of dates takes."""
    names = [n for n in ("y", "m", "b", "d", "s", "r", "t", "p", "z") if f"(?P<{n}>" in pattern]
    hit, parts = pieces.extract(texts, pattern, names)
    count = int(hit.sum())
    none = pa.array([""] * count, pa.string())
    year = pieces.to_numbers(parts["y"])
    short: NDArray[np.bool_] = np.asarray(pc.less_equal(pc.binary_length(parts["y"]), 2).to_numpy(zero_copy_only=False))
    year = np.where(short, year + np.where(year < _PIVOT, 2000, 1900), year)
    if "b" in parts:
        three = pc.utf8_slice_codeunits(pc.ascii_lower(parts["b"]), 0, 3)
        month = np.asarray(
            pc.index_in(three, value_set=pa.array(MONTHS)).to_numpy(zero_copy_only=False), dtype=np.int64
        )
        month = month + 1
    else:
        month = pieces.to_numbers(parts["m"])
    day = pieces.to_numbers(parts["d"]) if "d" in parts else np.ones(count, np.int64)
    mark = pc.replace_substring(parts["s"], " ", "_")
    alike: NDArray[np.bool_] = np.ones(count, np.bool_)
    if "r" in parts:
        alike = np.asarray(pc.equal(parts["s"], parts["r"]).to_numpy(zero_copy_only=False), dtype=np.bool_)
    clock, half, zone = (parts.get(n, none) for n in "tpz")
    return Days(hit, year, month, day, short, mark, alike, clock, half, zone)


def name_orders(days: Days, order: str) -> NDArray[np.str_]:
    """The order of each text, str (k,): empty where it is no day of the calendar."""
    written = pieces.is_day(days.year, days.month, days.day) & days.alike
    if order in ("dmy", "dmy2"):
        swapped = pieces.is_day(days.year, days.day, days.month) & days.alike
        two = order[3:]
        return np.select([written & swapped, written, swapped], ["xmy" + two, "dmy" + two, "mdy" + two], "")
    if order == "ym":  # 2018-19 is no month, 2011-12 may be a year and the next
        season = days.month == (days.year + 1) % 100
        return np.select([written & season, written], ["xym", "ym"], "")
    return np.where(written, np.where(days.short & (order == "dby"), "dby2", order), "")


def parse_with(texts: pa.StringArray, style: str) -> Days:
    """Parts of dates in this format; a value that does not fit raises ``pa.ArrowInvalid``."""
    order = order_of(style)
    source: dict[str, tuple[str, Callable[[Days], Days] | None]] = {
        "ymd": (pieces.YEAR_FIRST, None),
        "dmy": (pieces.YEAR_LAST, None),
        "mdy": (pieces.YEAR_LAST, _swap),
        "dmy2": (_TWO, None),
        "mdy2": (_TWO, _swap),
        "dby2": (_NAMED, None),
    }
    pattern, change = source.get(order) or (next(p for p, o in PATTERNS if o == order), None)
    days = split_days(texts, pattern)
    if not days.hit.all():
        raise pa.ArrowInvalid("a value is not a date")
    return days if change is None else change(days)


def _swap(days: Days) -> Days:
    return Days(
        days.hit, days.year, days.day, days.month, days.short, days.mark, days.alike, days.clock, days.half, days.zone
    )
