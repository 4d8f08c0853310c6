"""Calls: functions of a row, of its children, of the rows before it, and of tables to look up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sundog.core.errors import nearest
from sundog.lib.expressions import faults
from sundog.lib.expressions.functions import AGGREGATES, FUNCTIONS, NAMES, RUNNING, Overload
from sundog.lib.expressions.ranges import range_of
from sundog.lib.expressions.steps import OWN, Step
from sundog.lib.expressions.syntax import Call, Name, Node, walk_columns
from sundog.lib.expressions.typing_rules import (
    Found,
    Session,
    apply_overload,
    choose_overload,
    coerce,
    find_common,
    find_range,
    join_founds,
    unify,
)

if TYPE_CHECKING:
    from sundog.lib.expressions.check import Place

Visit: TypeAlias = "Callable[[Node, Place, Session], Found | None]"


def visit_call(call: Call, place: Place, session: Session, visit: Visit) -> Found | None:
    """A call as a step; None when it is faulty, with the faults noted."""
    name, count = call.function, len(call.arguments)
    if name in AGGREGATES and (name not in FUNCTIONS or count == 1):
        return _visit_aggregate(call, place, session, visit)
    if name in RUNNING:
        return _visit_running(call, place, session, visit)
    if name == "lookup":
        return _visit_lookup(call, place, session, visit)
    if name == "coalesce":
        return _visit_coalesce(call, place, session, visit)
    founds = [visit(argument, place, session) for argument in call.arguments]
    overloads = FUNCTIONS.get(name)
    if overloads is None:
        session.fault(faults.UNKNOWN_FUNCTION, call.head, f"{name!r} is not a function", nearest(name, NAMES))
        return None
    whole = [f for f in founds if f is not None]
    overload = _choose(call, overloads, whole, session)
    if overload is None:
        return None
    if overload.kernel == "clip":
        low, high = FUNCTIONS["min"], FUNCTIONS["max"]
        return _clip(call, whole, (low, high), place, session)
    return apply_overload(session, overload, whole, call.arguments, call.span, place.rows)


def _choose(call: Call, overloads: Sequence[Overload], founds: Sequence[Found], session: Session) -> Overload | None:
    """The overload that takes the arguments; faults where none does. ``founds`` lacks arguments that are faulty."""
    count = len(call.arguments)
    if not any(o.takes_count(count) for o in overloads):
        counts = sorted({len(o.takes) for o in overloads})
        more = any(o.repeats for o in overloads)
        shown = " or ".join(map(str, counts)) + (" or more" if more else "")
        what = f"{call.function} takes {shown} argument{'s' if counts != [1] or more else ''}, not {count}"
        session.fault(faults.ARGUMENT_COUNT, call.span, what, _say_forms(call.function, overloads))
        return None
    if len(founds) < count:
        return None
    overload = choose_overload(overloads, [f.kind for f in founds])
    if overload is None:
        _say_argument(call, overloads, founds, session)
    return overload


def _say_argument(call: Call, overloads: Sequence[Overload], founds: Sequence[Found], session: Session) -> None:
    """Name the first argument that no overload takes in its place; else the whole call."""
    fitting = [o for o in overloads if o.takes_count(len(founds))]
    for i, found in enumerate(founds):
        left = [
            o for o in fitting if choose_overload((Overload((o.kinds(len(founds))[i],), o.gives, ""),), [found.kind])
        ]
        if not left:
            wanted = " or ".join(dict.fromkeys(o.kinds(len(founds))[i] for o in fitting))
            what = f"argument {i + 1} of {call.function} is {wanted}, not {found.type}"
            session.fault(faults.ARGUMENT_TYPE, call.arguments[i].span, what, _say_forms(call.function, overloads))
            return
        fitting = left
    shown = ", ".join(f.type for f in founds)  # each fits some overload, and no overload fits all
    session.fault(
        faults.ARGUMENT_TYPE, call.span, f"{call.function} cannot take {shown}", _say_forms(call.function, overloads)
    )


def _say_forms(name: str, overloads: Sequence[Overload]) -> str:
    forms = dict.fromkeys(f"{name}({', '.join(o.takes)}{', ...' if o.repeats else ''})" for o in overloads)
    return f"Forms: {'; '.join(list(forms)[:4])}."


def _clip(
    call: Call, founds: Sequence[Found], tables: tuple[Sequence[Overload], ...], place: Place, session: Session
) -> Found | None:
    """``clip(x, low, high)`` is ``max(low, min(x, high))``."""
    x, low, high = founds
    below = _pick(tables[0], (x, high), call, place, session)
    return below and _pick(tables[1], (low, below), call, place, session)


def _pick(
    overloads: Sequence[Overload], founds: Sequence[Found], call: Call, place: Place, session: Session
) -> Found | None:
    overload = choose_overload(overloads, [f.kind for f in founds])
    assert overload is not None, "the arguments of clip were checked"
    return apply_overload(session, overload, founds, call.arguments[: len(founds)], call.span, place.rows)


def _visit_aggregate(call: Call, place: Place, session: Session, visit: Visit) -> Found | None:
    name, overloads = call.function, AGGREGATES[call.function]
    if place.child is not None:
        session.fault(
            faults.WRONG_ROWS, call.span, f"{name} stands inside an aggregate already", "Aggregate in two fields."
        )
        return None
    argument = call.arguments[0] if len(call.arguments) == 1 else None
    if argument is None:
        _choose(call, overloads, (), session)
        return None
    if name == "count" and isinstance(argument, Name) and argument.table is None:
        if argument.column not in session.children:
            what = f"{argument.column!r} is not a table of children"
            session.fault(faults.UNKNOWN_NAME, argument.span, what, nearest(argument.column, session.children))
            return None
        session.used_children[argument.column] = None
        step = Step("count_rows", (), "int64", detail=(("string", argument.column),), span=call.span)
        return find_range(session, step, ())
    tables = list(dict.fromkeys(n.table for n in walk_columns(argument) if n.table is not None))
    if len(tables) != 1:
        met = f"columns of {' and '.join(tables)}" if tables else "no column of children"
        fix = "Give columns of one table, such as sum(lines.amount)."
        if name in FUNCTIONS and not tables:
            fix = f"Of several values of one row: {name}(a, b); of children: {name}(lines.amount)."
        session.fault(faults.WRONG_ROWS, call.span, f"{name} of one argument takes {met}", fix)
        return None
    child = tables[0]
    found = visit(argument, replace(place, child=child), session)
    overload = _choose(call, overloads, [] if found is None else [found], session)
    if found is None or overload is None:
        return None
    session.used_children[child] = None
    found = coerce(found, overload.takes[0])
    detail = (("string", name), ("string", child))
    step = Step(
        overload.kernel,
        (found.step,),
        overload.gives,
        found.step.zone,
        detail,
        OWN,
        overload.fallible,
        call.span,
    )
    return find_range(session, step, (found,))


def _visit_running(call: Call, place: Place, session: Session, visit: Visit) -> Found | None:
    """Running functions see every row, whatever condition they stand under; so nothing is known inside of them."""
    everywhere = replace(place, facts=None)
    founds = [visit(argument, everywhere, session) for argument in call.arguments]
    whole = [f for f in founds if f is not None]
    overload = _choose(call, RUNNING[call.function], whole, session)
    if overload is None or len(whole) < len(founds):
        return None
    if place.child is None:
        session.within_parent = True
    whole = [coerce(f, kind) for f, kind in zip(whole, overload.takes, strict=True)]
    zone = whole[0].step.zone if whole else None
    arguments = tuple(f.step for f in whole)
    step = Step(overload.kernel, arguments, overload.gives, zone, (), place.rows, overload.fallible, call.span)
    return find_range(session, step, whole)


def _visit_lookup(call: Call, place: Place, session: Session, visit: Visit) -> Found | None:
    forms = "Write lookup(prices, key)."
    if len(call.arguments) != 2:
        what = f"lookup takes 2 arguments, not {len(call.arguments)}"
        session.fault(faults.ARGUMENT_COUNT, call.span, what, forms)
        return None
    table, key = call.arguments[0], visit(call.arguments[1], place, session)
    if not isinstance(table, Name):
        session.fault(faults.UNKNOWN_LOOKUP, table.span, "the first argument of lookup is the name of a table", forms)
        return None
    known = session.lookups.get(table.key)
    if known is None:
        what = f"{table.key!r} is not a table to look up"
        session.fault(faults.UNKNOWN_LOOKUP, table.span, what, nearest(table.key, session.lookups))
        return None
    if key is None:
        return None
    wide = key.kind == "int64" and known.key.kind == "float64"
    keys = Found(Step("column", (), known.key.kind, known.key.zone))
    if not wide and find_common((keys, key)) != (known.key.kind, known.key.zone):
        what = f"the keys of {table.key} are {known.key}, not {key.type}"
        session.fault(faults.ARGUMENT_TYPE, call.arguments[1].span, what, forms)
        return None
    session.used_lookups[table.key] = None
    step = Step(
        "lookup",
        (coerce(key, known.key.kind, known.key.zone).step,),
        known.value.kind,
        known.value.zone,
        (("string", table.key),),
        place.rows,
        span=call.span,
    )
    return Found(step, range_of(known.value))


def _visit_coalesce(call: Call, place: Place, session: Session, visit: Visit) -> Found | None:
    if len(call.arguments) < 2:
        what = f"coalesce takes 2 or more arguments, not {len(call.arguments)}"
        session.fault(faults.ARGUMENT_COUNT, call.span, what, "Write coalesce(x, 0).")
        return None
    founds = [visit(argument, place, session) for argument in call.arguments]
    fitted = unify(founds, call.arguments, session)
    if fitted is None:
        return None
    last = fitted[-1].step
    arguments = tuple(f.step for f in fitted)
    step = Step("coalesce", arguments, last.kind, last.zone, rows=place.rows, span=call.span)
    return Found(step, join_founds(fitted))
