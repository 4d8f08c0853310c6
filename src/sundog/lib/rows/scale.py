"""Arrow values as ticks: one integer line for integers, decimals, dates, times and durations, and floats where there is no grid.

A tick is the smallest unit that a column writes: 1, a cent, a day, a microsecond. What is a tick is stored in a ``Scale``;
going to ticks and back gives the same value (``tests/lib/rows/test_scale.py``).
"""

from __future__ import annotations

import datetime
import math
import zoneinfo
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[Any]
"""int64 where there is a grid, else float64."""

PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""Ticks in a day by Arrow unit."""

TIMES = ("date", "month", "timestamp", "time", "duration")
"""Kinds of scales that stand for times."""

_EXACT = 2.0**53
_FEW = 50  # values of which one may be beyond an exact double and not speak for the others
_NOISE = 0.995  # share of values that must fit a number of decimals when the others look like rounding noise


@dataclass(frozen=True, slots=True)
class Scale:
    """What one tick is.

    Attributes:
        kind: ``integer``, ``unsigned`` (uint64, shifted by 2**63), ``decimal`` (float on a grid of 10**-decimals), ``float``
            (no grid), ``fixed`` (decimal128), ``date`` (days), ``month`` (dates that are all the first of a month),
            ``timestamp``, ``time`` or ``duration`` (Arrow units).
        decimals: decimal places of ``decimal`` and ``fixed``.
        unit: Arrow unit of ``timestamp``, ``time`` and ``duration``.
        zone: time zone whose wall clock the ticks of a ``timestamp`` show; empty for none or UTC.
    """

    kind: Literal["integer", "unsigned", "decimal", "float", "fixed", "date", "month", "timestamp", "time", "duration"]
    decimals: int = 0
    unit: str = ""
    zone: str = ""

    @property
    def integral(self) -> bool:
        """Whether ticks are int64."""
        return self.kind != "float"

    @property
    def per_day(self) -> int:
        """Ticks in a day of a timestamp, time or duration; 1 for dates."""
        return PER_DAY[self.unit] if self.unit else 1

    @property
    def shift(self) -> int:
        """Ticks by which a fixed offset (``+02:00``) is ahead of UTC; 0 for none and for named zones."""
        if self.zone[:1] not in ("+", "-"):
            return 0
        digits = self.zone[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:4])
        return (-1 if self.zone[0] == "-" else 1) * minutes * 60 * (self.per_day // 86_400)


class Ticks(NamedTuple):
    """Values of one column.

    Attributes:
        values: int64 or float64 (n,); 0 where there is no finite value.
        missing: bool (n,); null or NaN.
        infinite: int8 (n,) of -1, 0, 1, or None where nothing is infinite.
    """

    values: Numbers
    missing: NDArray[np.bool_]
    infinite: NDArray[np.int8] | None = None

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Where there is a value on the line: bool (n,)."""
        return ~self.missing if self.infinite is None else ~self.missing & (self.infinite == 0)


def is_scalable(kind: pa.DataType) -> bool:
    """Whether values of this Arrow type lie on a line."""
    t = pa.types
    if t.is_decimal(kind):
        return bool(kind.bit_width == 128)
    return bool(
        t.is_integer(kind)
        or t.is_floating(kind)
        or t.is_date(kind)
        or t.is_timestamp(kind)
        or t.is_time(kind)
        or t.is_duration(kind)
    )


def learn_scale(array: pa.Array, decimals: int | None = None) -> Scale:
    """The scale that loses nothing of ``array``; ``decimals`` overrides what is seen of a floating-point column."""
    kind = array.type
    t = pa.types
    if t.is_uint64(kind):
        top = pc.max(array).as_py()
        return Scale("unsigned" if top is not None and top >= 2**63 else "integer")
    if t.is_integer(kind):
        return Scale("integer")
    if t.is_decimal(kind):
        return Scale("fixed", decimals=kind.scale)
    if t.is_date(kind):
        days = array.drop_null().cast(pa.date32())
        firsts = len(days) > 1 and pc.all(pc.equal(pc.day(days), 1)).as_py()
        return Scale("month" if firsts else "date")
    if t.is_timestamp(kind):
        zone = kind.tz or ""
        return Scale(
            "timestamp", unit=kind.unit, zone="" if zone.upper() in {"UTC", "ETC/UTC", "Z", "+00:00", "GMT"} else zone
        )
    if t.is_time(kind):
        return Scale("time", unit=kind.unit)
    if t.is_duration(kind):
        return Scale("duration", unit=kind.unit)
    values = _floats(array)
    values = values[np.isfinite(values)]
    found = _find_decimals(values, kind) if decimals is None else decimals
    if found is None or _are_beyond(values, found):
        return Scale("float")
    return Scale("decimal", decimals=found)


def _find_decimals(values: NDArray[np.float64], kind: pa.DataType) -> int | None:
    """Fewest decimal places that give every value back (or nearly every one, where the rest is rounding noise).

    A few values so large that their places are lost in a double don't speak: one of 9e15 among prices of two places is
    no reason to take the cents off the others.
    """
    if len(values) == 0:
        return 0
    single = kind.bit_width < 64
    most = 7 if single else 12
    tried = values if len(values) <= 4096 else values[:: len(values) // 4096]
    nearly = None
    for d in range(most + 1):
        if _are_beyond(values, d):
            break
        near = np.abs(values) * 10.0**d < _EXACT
        if not near.all():
            values = values[near]
            tried = values if len(values) <= 4096 else values[:: len(values) // 4096]
        share = _share_on_grid(tried, d, single)
        if share >= _NOISE and nearly is None and d <= 6:
            nearly = d
        if share == 1.0 and _share_on_grid(values, d, single) == 1.0:
            if nearly is not None and d >= nearly + 5:
                break  # a few values with many more decimals: averages put into a gap, sums of floats
            return d
    return nearly if nearly is not None and _share_on_grid(values, nearly, single) >= _NOISE else None


def _are_beyond(values: NDArray[np.float64], decimals: int) -> bool:
    """Whether more than a few values are so large that a double doesn't hold their last place."""
    beyond = int((np.abs(values) * 10.0**decimals >= _EXACT).sum())
    return beyond > max((1.0 - _NOISE) * len(values), 1 if len(values) >= _FEW else 0)


def _share_on_grid(values: NDArray[np.float64], decimals: int, single: bool) -> float:
    back = np.rint(values * 10.0**decimals) / 10.0**decimals
    same = back.astype(np.float32) == values.astype(np.float32) if single else back == values
    return float(same.mean())


def to_ticks(array: pa.Array, scale: Scale) -> Ticks:
    """The values of ``array`` on ``scale``."""
    missing = np.asarray(pc.is_null(array).to_numpy(zero_copy_only=False), dtype=bool)
    kind = array.type
    if scale.kind in ("decimal", "float"):
        values = _floats(array)
        infinite = np.isinf(values)
        sign = np.where(infinite, np.sign(values), 0).astype(np.int8) if infinite.any() else None
        bad = ~np.isfinite(values)
        if bad.any():
            missing = missing | np.isnan(values)
            values = np.where(bad, 0.0, values)
        if scale.kind == "float":
            return Ticks(values, missing, sign)
        return Ticks(np.rint(np.clip(values * 10.0**scale.decimals, -9.2e18, 9.2e18)).astype(np.int64), missing, sign)
    if scale.kind == "fixed":
        return Ticks(_unscaled(array, missing), missing)
    if scale.kind == "timestamp":
        if scale.zone and not scale.shift:
            array = pc.local_timestamp(array)
        return Ticks(_integers(array.cast(pa.int64())) + np.int64(scale.shift), missing)
    if scale.kind == "month":
        days = np.where(missing, 0, _integers(array.cast(pa.date32()).cast(pa.int32())))
        return Ticks(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64), missing)
    if scale.kind == "date":
        return Ticks(_integers(array.cast(pa.date32()).cast(pa.int32())), missing)
    if scale.kind in ("time", "duration"):
        array = array.cast(pa.int32() if pa.types.is_time32(kind) else pa.int64())
    if scale.kind == "unsigned":
        raw = np.asarray(array.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.uint64)
        return Ticks((raw ^ np.uint64(1 << 63)).view(np.int64), missing)
    return Ticks(_integers(array), missing)


def from_ticks(
    values: Numbers,
    missing: NDArray[np.bool_],
    scale: Scale,
    kind: pa.DataType,
    infinite: NDArray[np.int8] | None = None,
) -> pa.Array:
    """An Arrow array of type ``kind`` from ticks; what ``to_ticks`` reads as the same ticks."""
    mask = missing if missing.any() else None
    if scale.kind in ("decimal", "float"):
        floats = values / 10.0**scale.decimals if scale.kind == "decimal" else np.asarray(values, dtype=np.float64)
        if infinite is not None:
            floats = np.where(infinite != 0, np.copysign(math.inf, infinite), floats)
        return pa.array(floats, pa.float64(), mask=mask).cast(kind, safe=False)
    whole = np.asarray(values, dtype=np.int64)
    if scale.kind == "fixed":
        return _from_unscaled(whole, missing, kind)
    if scale.kind == "unsigned":
        return pa.array(whole.view(np.uint64) ^ np.uint64(1 << 63), pa.uint64(), mask=mask)
    if scale.kind == "timestamp":
        if scale.shift:
            return pa.array(whole - np.int64(scale.shift), pa.int64(), mask=mask).cast(kind)
        if scale.zone:
            wall = pa.array(whole, pa.int64(), mask=mask).cast(pa.timestamp(scale.unit))
            return pc.assume_timezone(wall, scale.zone, ambiguous="earliest", nonexistent="latest").cast(kind)
        return pa.array(whole, pa.int64(), mask=mask).cast(kind)
    if scale.kind == "month":
        whole = whole.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    if scale.kind in ("date", "month"):
        return pa.array(whole.astype(np.int32), pa.int32(), mask=mask).cast(pa.date32()).cast(kind)
    if scale.kind == "time" and pa.types.is_time32(kind):
        return pa.array(whole.astype(np.int32), pa.int32(), mask=mask).cast(kind)
    if scale.kind == "integer" and kind.bit_width < 64:  # sums and gaps may reach beyond a narrow type
        signed = pa.types.is_signed_integer(kind)
        top = 2 ** (kind.bit_width - signed) - 1
        whole = np.clip(whole, -top - 1 if signed else 0, top)
    elif scale.kind == "integer" and pa.types.is_unsigned_integer(kind):
        whole = np.maximum(whole, 0)
    return pa.array(whole, pa.int64(), mask=mask).cast(kind)


def parse_tick(value: bool | int | float | str, scale: Scale) -> int | float:
    """A value as a recipe writes it (number, or ISO date, time or timestamp) on ``scale``; not rounded to the grid.

    Raises:
        ValueError: it can't be read as a value of this column.
    """
    if isinstance(value, bool):
        raise ValueError("a boolean is not a number")
    if scale.kind in ("integer", "unsigned", "decimal", "float", "fixed", "duration"):
        number = value if isinstance(value, int | float) else float(value)
        if scale.kind == "unsigned":
            return number - 2**63
        if scale.kind == "duration":  # stated in seconds
            return number * (scale.per_day // 86_400)
        return number * 10**scale.decimals if scale.decimals else number
    if not isinstance(value, str):
        raise ValueError("write dates and times as ISO strings")
    if scale.kind == "month":
        day = datetime.date.fromisoformat(value[:10] if len(value) > 7 else value + "-01")
        return (day.year - 1970) * 12 + day.month - 1 + (day.day - 1) / 31
    if scale.kind == "date":
        return (datetime.date.fromisoformat(value[:10]) - datetime.date(1970, 1, 1)).days
    second = scale.per_day // 86_400
    if scale.kind == "time":
        clock = datetime.time.fromisoformat(value)
        return _scaled_microseconds(
            ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond, second
        )
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is not None:
        if scale.shift or not scale.zone:
            offset = datetime.timedelta(seconds=scale.shift // (scale.per_day // 86_400))
            moment = moment.astimezone(datetime.timezone(offset)).replace(tzinfo=None)
        else:
            moment = moment.astimezone(zoneinfo.ZoneInfo(scale.zone)).replace(tzinfo=None)
    since = moment - datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - wall clock on both sides
    return _scaled_microseconds((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds, second)


def _scaled_microseconds(microseconds: int, per_second: int) -> int | float:
    whole, rest = divmod(microseconds * per_second, 1_000_000)
    return whole if rest == 0 else whole + rest / 1_000_000


def rescale(ticks: Ticks, scale: Scale, decimals: int) -> Ticks:
    """The same values on a grid of ``decimals`` (numbers) or unchanged (times); for arithmetic between columns."""
    if scale.kind in ("integer", "decimal", "fixed") and decimals > scale.decimals:
        step = 10 ** (decimals - scale.decimals)
        most = 2**62 // step
        return ticks._replace(values=np.clip(ticks.values, -most, most) * np.int64(step))
    return ticks


def _floats(array: pa.Array) -> NDArray[np.float64]:
    values: Any = array.cast(pa.float64()) if array.type != pa.float64() else array
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)  # null becomes NaN


def _integers(array: pa.Array) -> NDArray[np.int64]:
    filled = array.fill_null(0) if array.null_count else array
    return np.asarray(filled.to_numpy(zero_copy_only=False)).astype(np.int64)


def _unscaled(array: pa.Array, missing: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Unscaled integers of a decimal128 column; beyond int64 they are cut to its ends."""
    words = np.frombuffer(array.buffers()[1], dtype=np.int64)[
        2 * array.offset : 2 * (array.offset + len(array))
    ].reshape(-1, 2)
    low, high = words[:, 0], words[:, 1]
    fits = high == (low >> 63)
    ends = np.where(high < 0, np.iinfo(np.int64).min + 1, np.iinfo(np.int64).max)
    return np.where(missing, 0, np.where(fits, low, ends))


def _from_unscaled(values: NDArray[np.int64], missing: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    words = np.empty((len(values), 2), dtype=np.int64)
    words[:, 0] = values
    words[:, 1] = values >> 63
    valid = pa.array(~missing).buffers()[1] if missing.any() else None
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(words.tobytes())])
