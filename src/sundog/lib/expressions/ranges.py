"""Between which ends a computed number lies: interval arithmetic on the ranges of columns.

Ends are Python numbers, so whole numbers stay exact at any size. The ends of float64 results are those of the computed values
where the operation is correctly rounded (+ - * /, rounding is monotone); powers, roots and logarithms are widened by 1e-12.
Source: Moore, Kearfott and Cloud, Introduction to Interval Analysis, 2009, doi:10.1137/1.9780898717716, chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sundog.lib.expressions.value_types import INT_HIGH, INT_LOW, Type

Number: TypeAlias = int | float

_INF = math.inf
_LARGEST_POWER = 512
"""Bits of a power that are still computed; beyond them it overflows in any case."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where the numbers of a column or of a step lie.

    Attributes:
        low: lower end, or -inf.
        high: upper end, or inf.
        known: whether the ends come from what was stated. Without it nothing is said before the run.
        nonzero: whether 0 was ruled out inside the ends.
    """

    low: Number = -_INF
    high: Number = _INF
    known: bool = False
    nonzero: bool = False

    def may_be_zero(self) -> bool:
        """Whether 0 is not ruled out."""
        return self.low <= 0 <= self.high and not self.nonzero

    def is_point(self) -> bool:
        """Whether there is only one value."""
        return self.low == self.high


UNKNOWN = Range()


def range_of(stated: Type) -> Range:
    """The range that a type states."""
    if stated.kind not in ("int64", "float64") or (stated.low is None and stated.high is None):
        return UNKNOWN
    low: Number = -_INF if stated.low is None else stated.low
    high: Number = _INF if stated.high is None else stated.high
    if stated.kind == "int64":
        low = math.ceil(low) if math.isfinite(low) else low
        high = math.floor(high) if math.isfinite(high) else high
    return Range(low, high, True)


def apply_range(kernel: str, ranges: tuple[Range, ...]) -> Range:
    """The range of a kernel's result; UNKNOWN where nothing is known of it."""
    function = _FUNCTIONS.get(kernel)
    if function is None:
        return _FIXED.get(kernel, UNKNOWN)
    return replace(function(*ranges), known=all(r.known for r in ranges))


def join(ranges: tuple[Range, ...]) -> Range:
    """The range of a value that is one of several."""
    return Range(
        min(r.low for r in ranges),
        max(r.high for r in ranges),
        all(r.known for r in ranges),
        all(not r.may_be_zero() for r in ranges),
    )


def overflows(found: Range) -> bool:
    """Whether a stated end passes int64. An end at infinity says nothing."""
    return found.known and ((INT_HIGH < found.high < _INF) or (-_INF < found.low < INT_LOW))


def clamp(found: Range) -> Range:
    """What is left of a range after the check at run time."""
    low = found.low if INT_LOW <= found.low <= INT_HIGH else -_INF
    high = found.high if INT_LOW <= found.high <= INT_HIGH else _INF
    return replace(found, low=low, high=high)


def narrow(found: Range, whole: bool, facts: tuple[tuple[str, Number], ...]) -> Range:
    """A range after comparisons with constants that are known to hold, such as ``("<", 5)``."""
    for op, value in facts:
        if not math.isfinite(value):
            continue
        low, high = found.low, found.high
        if op in ("=", ">="):
            low = max(low, math.ceil(value) if whole else value)
        if op in ("=", "<="):
            high = min(high, math.floor(value) if whole else value)
        if op == ">":
            low = max(low, math.floor(value) + 1 if whole else math.nextafter(value, _INF))
        if op == "<":
            high = min(high, math.ceil(value) - 1 if whole else math.nextafter(value, -_INF))
        if low <= high:  # else the comparison never holds, and its case is never taken
            found = replace(found, low=low, high=high, nonzero=found.nonzero or (op == "!=" and value == 0))
    if found.nonzero and whole:
        found = replace(found, low=max(found.low, 1)) if found.low == 0 else found
        found = replace(found, high=min(found.high, -1)) if found.high == 0 else found
    return found


def _times(a: Number, b: Number) -> Number:
    return 0 if a == 0 or b == 0 else _float(lambda: a * b)


def _float(compute: Callable[[], Number]) -> Number:
    """A float operation whose overflow is infinity and no exception."""
    try:
        return compute()
    except OverflowError:
        return _INF


def _to_float(a: Range) -> Range:
    return replace(a, low=_as_float(a.low), high=_as_float(a.high))


def _as_float(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return _INF if value > 0 else -_INF


def _add(a: Range, b: Range) -> Range:
    return Range(a.low + b.low, a.high + b.high)


def _subtract(a: Range, b: Range) -> Range:
    return Range(a.low - b.high, a.high - b.low)


def _multiply(a: Range, b: Range) -> Range:
    ends = [_times(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(ends), max(ends), nonzero=not a.may_be_zero() and not b.may_be_zero())


def _multiply_float(a: Range, b: Range) -> Range:
    return replace(_multiply(a, b), nonzero=False)  # a product of small numbers may round to 0


def _divide(a: Range, b: Range) -> Range:
    if b.low <= 0 <= b.high or not all(map(math.isfinite, (b.low, b.high))):
        return UNKNOWN
    ends = [x / y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(ends), max(ends))


def _divide_floor(a: Range, b: Range) -> Range:
    if b.low <= 0 <= b.high or not all(map(math.isfinite, (a.low, a.high, b.low, b.high))):
        return UNKNOWN
    ends = [x // y for x in (a.low, a.high) for y in (b.low, b.high)]
    return Range(min(ends), max(ends))


def _modulo(a: Range, b: Range) -> Range:
    """The sign of a remainder is the divisor's."""
    return Range(min(b.low, 0), max(b.high, 0))


def _negate(a: Range) -> Range:
    return replace(a, low=-a.high, high=-a.low)


def _abs(a: Range) -> Range:
    least: Number = 0 if a.low <= 0 <= a.high else min(abs(a.low), abs(a.high))
    return replace(a, low=least, high=max(abs(a.low), abs(a.high)))


def _smallest(*all_: Range) -> Range:
    return Range(min(r.low for r in all_), min(r.high for r in all_))


def _largest(*all_: Range) -> Range:
    return Range(max(r.low for r in all_), max(r.high for r in all_))


def _power_int(a: Range, b: Range) -> Range:
    """The exponent is a constant of at least 0."""
    exponent = int(b.low)
    if not all(map(math.isfinite, (a.low, a.high))):
        return Range(0 if exponent % 2 == 0 else -_INF, _INF)
    if int(max(abs(a.low), abs(a.high))).bit_length() * exponent > _LARGEST_POWER:
        return Range(-(2**64) if a.low < -1 and exponent % 2 else 0, 2**64 if max(abs(a.low), a.high) > 1 else 1)
    ends = [int(a.low) ** exponent, int(a.high) ** exponent]
    inside = [0] if a.low < 0 < a.high and exponent > 0 and exponent % 2 == 0 else []
    return Range(min(ends + inside), max(ends))


def _monotone(function: Callable[[float], float]) -> Callable[[Range], Range]:
    def apply(a: Range) -> Range:
        ends = []
        for end in (a.low, a.high):
            try:
                ends.append(function(end))
            except (ValueError, OverflowError):
                return UNKNOWN
        return Range(ends[0] - abs(ends[0]) * 1e-12, ends[1] + abs(ends[1]) * 1e-12)

    return apply


def _round_out(a: Range) -> Range:
    low = math.floor(a.low) if math.isfinite(a.low) else a.low
    return Range(low, math.ceil(a.high) if math.isfinite(a.high) else a.high)


def _sum_rows(a: Range) -> Range:
    """A sum over any number of rows, none among them: only its sign is known."""
    return Range(0 if a.low >= 0 else -_INF, 0 if a.high <= 0 else _INF)


def _keep_above(a: Range, start: Range, floor: Range) -> Range:
    """From the start, up where an amount can be above 0, and down to the floor (and a millionth) where one can be below."""
    low = min(start.low, floor.low - 1e-6) if a.low < 0 else start.low
    return Range(low, start.high if a.high <= 0 else _INF)


def _mean(a: Range) -> Range:
    return Range(a.low, a.high)


def _same(a: Range) -> Range:
    return a


def _decide(always: bool, never: bool) -> Range:
    """What is known of a comparison: 1 is true, 0 is false."""
    return Range(1 if always else 0, 0 if never else 1)


def _less(a: Range, b: Range) -> Range:
    return _decide(a.high < b.low, a.low >= b.high)


def _less_equal(a: Range, b: Range) -> Range:
    return _decide(a.high <= b.low, a.low > b.high)


def _equal(a: Range, b: Range) -> Range:
    return _decide(a.is_point() and b.is_point() and a.low == b.low, a.high < b.low or b.high < a.low)


def _not(a: Range) -> Range:
    return Range(1 - a.high, 1 - a.low)


def all_hold(ranges: tuple[Range, ...]) -> Range:
    """What is known of conditions joined by ``and``: one that is never true decides, whatever the others are."""
    if any(r.known and r.high <= 0 for r in ranges):
        return Range(0, 0, True)
    return Range(min(r.low for r in ranges), min(r.high for r in ranges), all(r.known for r in ranges))


def any_holds(ranges: tuple[Range, ...]) -> Range:
    """What is known of conditions joined by ``or``."""
    if any(r.known and r.low >= 1 for r in ranges):
        return Range(1, 1, True)
    return Range(max(r.low for r in ranges), max(r.high for r in ranges), all(r.known for r in ranges))


_FUNCTIONS: dict[str, Callable[..., Range]] = {
    "less": _less,
    "less_equal": _less_equal,
    "greater": lambda a, b: _less(b, a),
    "greater_equal": lambda a, b: _less_equal(b, a),
    "equal": _equal,
    "not_equal": lambda a, b: _not(_equal(a, b)),
    "not": _not,
    "add_int": _add,
    "add_float": _add,
    "subtract_int": _subtract,
    "subtract_float": _subtract,
    "multiply_int": _multiply,
    "multiply_float": _multiply_float,
    "divide_float": _divide,
    "divide_floor_int": _divide_floor,
    "modulo_int": _modulo,
    "modulo_float": _modulo,
    "power_int": _power_int,
    "negate_int": _negate,
    "negate_float": _negate,
    "abs_int": _abs,
    "abs_float": _abs,
    "least": _smallest,
    "greatest": _largest,
    "int_to_float": _to_float,
    "sqrt": _monotone(math.sqrt),
    "exp": _monotone(math.exp),
    "log": _monotone(math.log),
    "floor": _round_out,
    "ceil": _round_out,
    "trunc": _round_out,
    "round_even": _round_out,
    "round_up": _round_out,
    "sum_int": _sum_rows,
    "sum_float": _sum_rows,
    "running_sum_int": _sum_rows,
    "running_sum_float": _sum_rows,
    "mean": _mean,
    "pick": _same,
    "running_balance": _keep_above,
    "previous": _same,
    "latest": _same,
    "next": _same,
    "spread": _same,
}

_FIXED: dict[str, Range] = {
    "month": Range(1, 12, True),
    "day": Range(1, 31, True),
    "weekday": Range(1, 7, True),
    "hour": Range(0, 23, True),
    "minute": Range(0, 59, True),
    "second": Range(0, 59, True),
    "year": Range(1, 9999, True),
    "length": Range(0, _INF, True),
    "count": Range(0, _INF, True),
    "count_rows": Range(0, _INF, True),
    "row_number": Range(1, _INF, True),
}
"""Results whose range does not depend on anything."""
