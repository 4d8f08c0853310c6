"""From kinds of arguments to one kernel: overloads, widening, zones, and the faults that ranges show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sundog.lib.expressions import faults
from sundog.lib.expressions.constants import (
    WrongConstant,
    check_constants,
    check_date,
    read_date,
    read_timestamp,
    read_zone,
)
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.functions import Overload
from sundog.lib.expressions.ranges import UNKNOWN, Number, Range, apply_range, clamp, join, overflows
from sundog.lib.expressions.steps import Scalar, Step
from sundog.lib.expressions.syntax import Constant, Node, Span
from sundog.lib.expressions.value_types import Kind, LookupType, Type


@dataclass(frozen=True, slots=True)
class Found:
    """What a part of an expression turned out to be."""

    step: Step
    range: Range = UNKNOWN

    @property
    def kind(self) -> Kind:
        """Kind of its values."""
        return self.step.kind

    @property
    def type(self) -> str:
        """Its type as faults name it."""
        return str(Type(self.step.kind, self.step.zone))


@dataclass(slots=True)
class Session:
    """One check under way: what may be named, and what was found so far."""

    scope: Mapping[str, Type]
    lookups: Mapping[str, LookupType]
    children: frozenset[str]
    found: list[Fault] = field(default_factory=list)
    used_lookups: dict[str, None] = field(default_factory=dict)
    used_children: dict[str, None] = field(default_factory=dict)
    within_parent: bool = False

    def fault(self, code: str, span: Span, what: str, fix: str = "") -> None:
        """Note a fault, once: a part that is looked at twice is wrong once."""
        one = Fault(code, span, what, fix)
        if one not in self.found:
            self.found.append(one)


def make_constant(node: Constant, rows: str) -> Found:
    """A constant as a step."""
    step = Step("constant", (), node.kind, detail=((node.kind, node.value),), rows=rows, span=node.span)
    if node.kind in ("int64", "float64") and isinstance(node.value, int | float):
        return Found(step, Range(node.value, node.value, True, node.value != 0))
    if node.kind == "bool" and isinstance(node.value, bool):
        return Found(step, Range(int(node.value), int(node.value), True))
    return Found(step)


def coerce(found: Found, kind: Kind, zone: str | None = None) -> Found:
    """The same value as another kind: a missing one as any, a whole number as float64, a moment in another zone."""
    step = found.step
    if step.kind == kind:
        if zone is None or step.zone in (None, zone):
            return found
        if step.kernel == "constant":
            return Found(replace(step, zone=zone))
        return Found(Step("in_zone", (step,), kind, zone, (("string", zone),), step.rows, span=step.span))
    if step.kind == "missing":
        if step.kernel == "constant":
            return Found(replace(step, kind=kind, zone=zone, detail=((kind, None),)))
        return Found(Step("cast_missing", (step,), kind, zone, rows=step.rows, span=step.span))
    wide = apply_range("int_to_float", (found.range,))
    if step.kernel == "constant" and isinstance(step.detail[0][1], int):
        return Found(replace(step, kind=kind, detail=((kind, float(step.detail[0][1])),)), wide)
    return Found(Step("int_to_float", (step,), kind, rows=step.rows, span=step.span), wide)


def find_common(founds: Sequence[Found]) -> tuple[Kind, str | None] | None:
    """Kind and zone that all values can have, or None."""
    kinds = {f.kind for f in founds} - {"missing"}
    if not kinds:
        return "missing", None
    if kinds == {"int64", "float64"}:
        return "float64", None
    zones = {f.step.zone for f in founds if f.kind == "timestamp"}
    if len(kinds) > 1 or (None in zones and len(zones) > 1):
        return None
    return next(iter(kinds)), next((f.step.zone for f in founds if f.kind == "timestamp"), None)


def choose_overload(overloads: Iterable[Overload], kinds: Sequence[Kind]) -> Overload | None:
    """The first overload that takes these kinds as they are, else the first that takes them widened."""
    fitting = [o for o in overloads if o.takes_count(len(kinds))]
    for widen in (False, True):
        for overload in fitting:
            if all(_fits(k, wanted, widen) for k, wanted in zip(kinds, overload.kinds(len(kinds)), strict=True)):
                return overload
    return None


def _fits(kind: Kind, wanted: Kind, widen: bool) -> bool:
    return kind in (wanted, "missing") or (widen and kind == "int64" and wanted == "float64")


def apply_overload(
    session: Session, overload: Overload, founds: Sequence[Found], nodes: Sequence[Node], span: Span, rows: str
) -> Found | None:
    """The step that an overload makes of its arguments; None when a fault was noted."""
    count = len(founds)
    zones = {f.step.zone for f in founds if f.kind == "timestamp"}
    if None in zones and len(zones) > 1:
        what = "a time with a zone stands beside one without"
        session.fault(faults.MIXED_ZONES, span, what, "Give both a zone, or take the wall clock of both.")
        return None
    zone = next((f.step.zone for f in founds if f.kind == "timestamp"), None)
    kinds = overload.kinds(count)
    founds = [coerce(f, kind, zone) for f, kind in zip(founds, kinds, strict=True)]
    detail = _take_constants(session, nodes[count - overload.constants :])
    if detail is None:
        return None
    values = tuple(value for _, value in detail)
    try:
        if overload.kernel in ("date_constant", "timestamp_constant"):
            return _make_time(overload, values, span, rows)
        check_constants(overload.kernel, values)
        if overload.kernel == "make_date" and all(isinstance(n, Constant) for n in nodes):
            check_date(*(n.value for n in nodes if isinstance(n, Constant)))
    except WrongConstant as wrong:
        at = nodes[count - overload.constants].span if overload.constants else span
        session.fault(faults.WRONG_CONSTANT, at, str(wrong), wrong.fix)
        return None
    if overload.kernel == "as_is":
        return founds[0]
    founds = founds[: count - overload.constants]
    if overload.kernel == "in_zone":
        zone = str(values[0])
        if founds[0].step.zone is None:
            what = f"in_zone takes a time with a zone, not {founds[0].type}"
            session.fault(faults.MIXED_ZONES, span, what, "A wall clock without a zone is no moment.")
            return None
    if overload.kernel in _PARTS and values and founds[0].step.zone is None:
        what = f"a zone was given for {founds[0].type}, which is a wall clock already"
        session.fault(faults.MIXED_ZONES, nodes[count - 1].span, what, "Leave the zone out.")
        return None
    gives = zone if overload.gives == "timestamp" and overload.kernel != "midnight" else None
    step = Step(
        overload.kernel, tuple(f.step for f in founds), overload.gives, gives, detail, rows, overload.fallible, span
    )
    return find_range(session, step, founds)


_PARTS = frozenset({"year", "month", "day", "weekday", "hour", "minute", "second", "date_of"})


def _take_constants(session: Session, nodes: Sequence[Node]) -> tuple[tuple[str, Scalar], ...] | None:
    """Kinds and values of arguments that must be constants."""
    taken: list[tuple[str, Scalar]] = []
    for node in nodes:
        if isinstance(node, Constant) and node.kind != "missing":
            taken.append((node.kind, node.value))
        else:
            session.fault(faults.NOT_CONSTANT, node.span, "this argument must be a constant", "Write the value itself.")
    return tuple(taken) if len(taken) == len(nodes) else None


def _make_time(overload: Overload, values: tuple[Scalar, ...], span: Span, rows: str) -> Found:
    text = str(values[0])
    if overload.kernel == "date_constant":
        return Found(Step("constant", (), "date", detail=(("date", read_date(text)),), rows=rows, span=span))
    zone = read_zone(str(values[1])) if len(values) == 2 else None
    detail = (("timestamp", read_timestamp(text, zone)),)
    return Found(Step("constant", (), "timestamp", zone, detail, rows, span=span))


def find_range(session: Session, step: Step, founds: Sequence[Found]) -> Found | None:
    """A step with the range of its results; faults where the range shows that rows can fail."""
    ranges = tuple(f.range for f in founds)
    kernel = step.kernel
    if kernel.startswith(("divide_", "modulo_")) and len(founds) == 2 and not check_divisor(session, founds[1]):
        return None
    below = ranges and (ranges[0].low < 0 or (kernel == "log" and ranges[0].may_be_zero()))
    if kernel in ("sqrt", "log") and ranges[0].known and below:
        what = f"{kernel} takes numbers {'of at least' if kernel == 'sqrt' else 'above'} 0, this one is {_say_range(ranges[0])}"
        session.fault(
            faults.OUTSIDE_DOMAIN, founds[0].step.span, what, "Use max(x, ...) or a condition to keep it inside."
        )
        return None
    if kernel == "make_date" and not _check_parts(session, founds):
        return None
    found = apply_range(kernel, ranges)
    if kernel == "bucket":
        found = Range(0, int(str(step.detail[0][1])) - 1, True)
    if step.kind == "int64":
        if overflows(found):
            constant = all(r.is_point() for r in ranges)
            what = f"the result {'is' if constant else 'can be'} {_say_range(found)}, beyond int64 (2**63 - 1)"
            fix = "Compute with float64: write one of the numbers as 1.0 * x."
            session.fault(faults.CONSTANT_OVERFLOW if constant else faults.POSSIBLE_OVERFLOW, step.span, what, fix)
            return None
        found = clamp(found)
    return Found(step, found)


def _check_parts(session: Session, founds: Sequence[Found]) -> bool:
    """Whether year, month and day may be parts of a date: nothing is known against them."""
    whole = True
    for found, name, most in zip(founds, ("year", "month", "day"), (9999, 12, 31), strict=True):
        if found.range.known and (found.range.low < 1 or found.range.high > most):
            what = f"the {name} of a date lies between 1 and {most}, this one is {_say_range(found.range)}"
            session.fault(faults.OUTSIDE_DOMAIN, found.step.span, what, f"Use clip(x, 1, {most}) to keep it inside.")
            whole = False
    return whole


def check_divisor(session: Session, divisor: Found) -> bool:
    """Whether a divisor may pass: nothing is known against it."""
    found, span = divisor.range, divisor.step.span
    if not (found.known and found.may_be_zero()):
        return True
    if found.is_point():
        session.fault(faults.ZERO_DIVISOR, span, "the divisor is 0", "Divide by another number.")
    else:
        what = f"the divisor can be 0: it is {_say_range(found)}"
        session.fault(faults.POSSIBLE_ZERO, span, what, "Exclude 0: if n != 0 then x / n else missing.")
    return False


def _say_range(found: Range) -> str:
    def say(end: Number) -> str:
        return str(end) if isinstance(end, int) and abs(end) < 10**15 else f"{end:.3g}"

    if found.is_point():
        return say(found.low)
    if math.isinf(found.high):
        return f"{say(found.low)} and above"
    return f"{say(found.high)} and below" if math.isinf(found.low) else f"{say(found.low)} to {say(found.high)}"


def unify(values: Sequence[Found | None], nodes: Sequence[Node], session: Session) -> list[Found] | None:
    """Values of one kind; a fault where they cannot have one."""
    whole = [f for f in values if f is not None]
    if len(whole) < len(values):
        return None
    common = find_common(whole)
    if common is not None:
        return [coerce(f, *common) for f in whole]
    first = next(f for f in whole if f.kind != "missing")
    faulty = False
    for found, node in zip(whole, nodes, strict=True):
        if find_common((first, found)) is None:
            faulty = True
            what = f"this value is {found.type}, the first is {first.type}"
            session.fault(faults.MIXED_TYPES, node.span, what, say_mend(found.kind, first.kind) or "Give one type.")
    if not faulty:  # int64, float64 and a third kind that fits the first alone
        session.fault(faults.MIXED_TYPES, nodes[-1].span, "the values have no type in common", "Give one type.")
    return None


def say_mend(found: Kind, wanted: Kind) -> str:
    """How a value of one kind becomes one of another; empty where there is no way worth naming."""
    kinds = {found, wanted}
    if kinds == {"date", "string"}:
        return "A date is written date('2024-05-31')."
    if kinds == {"timestamp", "string"}:
        return "A time is written timestamp('2024-05-31 12:30:00')."
    if kinds == {"date", "timestamp"}:
        return "Take the date of the time: date(x)."
    if wanted == "string":
        return "Turn it into a text: text(x)."
    if (found, wanted) == ("float64", "int64"):
        return "Make it whole: round(x), floor(x), ceil(x)."
    if wanted == "bool":
        return "Compare it with something: x > 0, x = 'yes'."
    return ""


def join_founds(founds: Sequence[Found]) -> Range:
    """The range of one of several values; constants that are missing have none."""
    ranges = [f.range for f in founds if not (f.step.kernel == "constant" and f.step.detail[0][1] is None)]
    return join(tuple(ranges)) if ranges else UNKNOWN
