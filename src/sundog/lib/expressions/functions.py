"""Which operators and functions there are: for each the types it takes, the type it gives, and the kernel that computes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sundog.lib.expressions.value_types import Kind


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call an operator or a function.

    Attributes:
        takes: kinds of the arguments; int64 is widened where only a float64 fits.
        gives: kind of the result.
        kernel: what computes it.
        fallible: whether a row can fail; such kernels run only on the rows whose value is used.
        constants: how many of the last arguments must be written as constants.
        repeats: whether the last argument may stand any number of times.
    """

    takes: tuple[Kind, ...]
    gives: Kind
    kernel: str
    fallible: bool = False
    constants: int = 0
    repeats: bool = False

    def takes_count(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count >= len(self.takes) if self.repeats else count == len(self.takes)

    def kinds(self, count: int) -> tuple[Kind, ...]:
        """The kinds of ``count`` arguments."""
        return self.takes + self.takes[-1:] * (count - len(self.takes))


_I: Kind = "int64"
_F: Kind = "float64"
_B: Kind = "bool"
_S: Kind = "string"
_D: Kind = "date"
_T: Kind = "timestamp"
_P: Kind = "duration"

ORDERED: tuple[Kind, ...] = (_I, _F, _S, _D, _T, _P)
"""Kinds whose values have an order."""


def _compare(kernel: str, kinds: tuple[Kind, ...]) -> tuple[Overload, ...]:
    return tuple(Overload((kind, kind), _B, kernel) for kind in kinds)


def _arithmetic(name: str) -> tuple[Overload, ...]:
    return (Overload((_I, _I), _I, f"{name}_int", True), Overload((_F, _F), _F, f"{name}_float", True))


OPERATORS: Mapping[str, tuple[Overload, ...]] = MappingProxyType(
    {
        "=": _compare("equal", (*ORDERED, _B)),
        "!=": _compare("not_equal", (*ORDERED, _B)),
        "<": _compare("less", ORDERED),
        "<=": _compare("less_equal", ORDERED),
        ">": _compare("greater", ORDERED),
        ">=": _compare("greater_equal", ORDERED),
        "+": (
            *_arithmetic("add"),
            Overload((_S, _S), _S, "concat"),
            Overload((_D, _I), _D, "add_days", True),
            Overload((_T, _P), _T, "add_time", True),
            Overload((_P, _P), _P, "add_time", True),
        ),
        "-": (
            *_arithmetic("subtract"),
            Overload((_D, _I), _D, "subtract_days", True),
            Overload((_D, _D), _I, "subtract_dates"),
            Overload((_T, _P), _T, "subtract_time", True),
            Overload((_T, _T), _P, "subtract_time", True),
            Overload((_P, _P), _P, "subtract_time", True),
        ),
        "*": (*_arithmetic("multiply"), Overload((_P, _I), _P, "multiply_time", True)),
        "/": (Overload((_F, _F), _F, "divide_float", True), Overload((_P, _P), _F, "divide_time", True)),
        "//": _arithmetic("divide_floor"),
        "%": _arithmetic("modulo"),
        "**": (Overload((_F, _F), _F, "power_float", True),),
        "-x": (
            Overload((_I,), _I, "negate_int", True),
            Overload((_F,), _F, "negate_float"),
            Overload((_P,), _P, "negate_time", True),
        ),
    }
)
"""``-x`` is the sign. ``**`` of two int64 with a constant exponent of at least 0 has a kernel of its own, ``power_int``."""


def _part(kernel: str, date: bool = True) -> tuple[Overload, ...]:
    of_date = (Overload((_D,), _I, kernel),) if date else ()
    return (*of_date, Overload((_T,), _I, kernel), Overload((_T, _S), _I, kernel, constants=1))


def _round(kernel: str) -> tuple[Overload, ...]:
    return (
        Overload((_I,), _I, "as_is"),
        Overload((_F,), _I, kernel, True),
        Overload((_F, _I), _F, f"{kernel}_digits", constants=1),
    )


def _whole(kernel: str) -> tuple[Overload, ...]:
    return (Overload((_I,), _I, "as_is"), Overload((_F,), _I, kernel, True))


def _extreme(kernel: str) -> tuple[Overload, ...]:
    return tuple(Overload((kind, kind), kind, kernel, repeats=True) for kind in ORDERED)


def _duration(kernel: str) -> tuple[Overload, ...]:
    return (Overload((_I,), _P, f"{kernel}_int", True), Overload((_F,), _P, f"{kernel}_float", True))


FUNCTIONS: Mapping[str, tuple[Overload, ...]] = MappingProxyType(
    {
        # numbers
        "abs": (Overload((_I,), _I, "abs_int", True), Overload((_F,), _F, "abs_float")),
        "min": _extreme("least"),
        "max": _extreme("greatest"),
        "clip": tuple(Overload((kind, kind, kind), kind, "clip") for kind in ORDERED),
        "round": _round("round_even"),
        "round_half_up": _round("round_up"),
        "floor": _whole("floor"),
        "ceil": _whole("ceil"),
        "trunc": _whole("trunc"),
        "float": (Overload((_F,), _F, "as_is"),),
        "sqrt": (Overload((_F,), _F, "sqrt", True),),
        "exp": (Overload((_F,), _F, "exp", True),),
        "log": (Overload((_F,), _F, "log", True),),
        "pow": (Overload((_F, _F), _F, "power_float", True),),
        # dates and times
        "date": (
            Overload((_S,), _D, "date_constant", constants=1),
            Overload((_I, _I, _I), _D, "make_date", True),
            Overload((_T,), _D, "date_of", True),
            Overload((_T, _S), _D, "date_of", True, constants=1),
        ),
        "timestamp": (
            Overload((_S,), _T, "timestamp_constant", constants=1),
            Overload((_S, _S), _T, "timestamp_constant", constants=2),
            Overload((_D,), _T, "midnight"),
        ),
        "in_zone": (Overload((_T, _S), _T, "in_zone", constants=1),),
        "year": _part("year"),
        "month": _part("month"),
        "day": _part("day"),
        "weekday": _part("weekday"),
        "hour": _part("hour", date=False),
        "minute": _part("minute", date=False),
        "second": _part("second", date=False),
        "days_between": (Overload((_D, _D), _I, "days_between"),),
        "add_days": (Overload((_D, _I), _D, "add_days", True),),
        "add_months": (Overload((_D, _I), _D, "add_months", True),),
        "start_of_month": (Overload((_D,), _D, "start_of_month"),),
        "end_of_month": (Overload((_D,), _D, "end_of_month"),),
        "age_in_years": (Overload((_D, _D), _I, "age_in_years"),),
        "days": _duration("days"),
        "hours": _duration("hours"),
        "minutes": _duration("minutes"),
        "seconds": _duration("seconds"),
        # texts
        "lower": (Overload((_S,), _S, "lower"),),
        "upper": (Overload((_S,), _S, "upper"),),
        "trim": (Overload((_S,), _S, "trim"),),
        "length": (Overload((_S,), _I, "length"),),
        "substring": (
            Overload((_S, _I), _S, "substring", constants=1),
            Overload((_S, _I, _I), _S, "substring", constants=2),
        ),
        "replace": (Overload((_S, _S, _S), _S, "replace", constants=2),),
        "concat": (Overload((_S, _S), _S, "concat", repeats=True),),
        "ascii": (Overload((_S,), _S, "ascii"),),
        "slug": (Overload((_S,), _S, "slug"),),
        "pad_left": (
            Overload((_S, _I), _S, "pad_left", constants=1),
            Overload((_S, _I, _S), _S, "pad_left", constants=2),
        ),
        "pad_right": (
            Overload((_S, _I), _S, "pad_right", constants=1),
            Overload((_S, _I, _S), _S, "pad_right", constants=2),
        ),
        "starts_with": (Overload((_S, _S), _B, "starts_with", constants=1),),
        "ends_with": (Overload((_S, _S), _B, "ends_with", constants=1),),
        "contains": (Overload((_S, _S), _B, "contains", constants=1),),
        "text": (
            *(Overload((kind,), _S, "text") for kind in (_I, _F, _B, _S, _D, _T)),
            Overload((_F, _I), _S, "text_digits", constants=1),
        ),
        # any kind
        "bucket": tuple(
            overload
            for kind in (_I, _S, _B, _D, _T)
            for overload in (
                Overload((kind, _I), _I, "bucket", constants=1),
                Overload((kind, _I, _S), _I, "bucket", constants=2),
            )
        ),
    }
)

AGGREGATES: Mapping[str, tuple[Overload, ...]] = MappingProxyType(
    {
        "sum": (
            Overload((_I,), _I, "sum_int", True),
            Overload((_F,), _F, "sum_float", True),
            Overload((_P,), _P, "sum_int", True),
        ),
        "mean": (Overload((_F,), _F, "mean", True),),
        "count": tuple(Overload((kind,), _I, "count") for kind in (*ORDERED, _B)),
        "min": tuple(Overload((kind,), kind, "pick") for kind in ORDERED),
        "max": tuple(Overload((kind,), kind, "pick") for kind in ORDERED),
        "first": tuple(Overload((kind,), kind, "pick") for kind in (*ORDERED, _B)),
        "last": tuple(Overload((kind,), kind, "pick") for kind in (*ORDERED, _B)),
    }
)
"""Functions of all the children of a row. ``min`` and ``max`` are these when they have one argument."""

RUNNING: Mapping[str, tuple[Overload, ...]] = MappingProxyType(
    {
        "running_sum": (
            Overload((_I,), _I, "running_sum_int", True),
            Overload((_F,), _F, "running_sum_float", True),
            Overload((_P,), _P, "running_sum_int", True),
        ),
        "running_balance": (Overload((_F, _F, _F), _F, "running_balance", True),),
        "previous": tuple(Overload((kind,), kind, "previous") for kind in (*ORDERED, _B)),
        "latest": tuple(Overload((kind,), kind, "latest") for kind in (*ORDERED, _B)),
        "next": tuple(Overload((kind,), kind, "next") for kind in (*ORDERED, _B)),
        "row_number": (Overload((), _I, "row_number"),),
    }
)
"""Functions of a row and of those before or after it under the same parent."""

SPECIAL = ("coalesce", "lookup")
"""Functions that follow no table: their types depend on their arguments."""

NAMES = tuple(sorted({*FUNCTIONS, *AGGREGATES, *RUNNING, *SPECIAL}))
