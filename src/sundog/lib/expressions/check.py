"""Whether an expression can be computed, before a row is made: every fault at once, each with its place and its mend."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sundog.core.errors import nearest
from sundog.lib.expressions import faults
from sundog.lib.expressions.calls import visit_call
from sundog.lib.expressions.describe import describe_node
from sundog.lib.expressions.facts import Facts, add_facts
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.functions import OPERATORS, Overload
from sundog.lib.expressions.ranges import all_hold, any_holds, apply_range, narrow, range_of
from sundog.lib.expressions.steps import OWN, Checked, Step
from sundog.lib.expressions.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Choose,
    Constant,
    Expression,
    Missing,
    Name,
    Node,
    Span,
    Unary,
    depends_on,
)
from sundog.lib.expressions.typing_rules import (
    Found,
    Session,
    apply_overload,
    check_divisor,
    choose_overload,
    coerce,
    find_common,
    find_range,
    join_founds,
    make_constant,
    say_mend,
    unify,
)
from sundog.lib.expressions.value_types import INT_HIGH, INT_LOW, Kind, LookupType, Type


def check(
    expression: Expression,
    scope: Mapping[str, Type],
    *,
    lookups: Mapping[str, LookupType] | None = None,
    children: Collection[str] = (),
    wanted: Kind | None = None,
) -> Checked | tuple[Fault, ...]:
    """The expression with its types, or all its faults in the order of the text.

    Args:
        expression: what ``parse`` gave.
        scope: columns that may be read; those of children as ``lines.amount``.
        lookups: tables that ``lookup`` may ask, by the name that is written (``prices`` or ``products.price``).
        children: tables of children beyond those that the scope shows, for ``count(lines)``.
        wanted: kind that the result must have, such as ``bool`` for a constraint; an int64 is widened to float64.
    """
    tables = {name.partition(".")[0] for name in scope if "." in name} | set(children)
    session = Session(scope, lookups or {}, frozenset(tables))
    found = visit(expression.root, Place(), session)
    if found is not None:
        found = _fit_result(found, wanted, expression.root, session)
    if session.found or found is None:
        return tuple(sorted(session.found, key=lambda fault: (fault.span, fault.code)))
    bounded = found.range.known and found.kind in ("int64", "float64", "bool")
    low = found.range.low if bounded and math.isfinite(found.range.low) else None
    high = found.range.high if bounded and math.isfinite(found.range.high) else None
    return Checked(
        expression,
        Type(found.kind, found.step.zone, low, high),
        found.step,
        tuple(key for key in depends_on(expression) if key in scope),
        tuple(session.used_children),
        tuple(session.used_lookups),
        session.within_parent,
    )


def _fit_result(found: Found, wanted: Kind | None, root: Node, session: Session) -> Found | None:
    if wanted is None:
        if found.kind == "missing":
            session.fault(faults.WRONG_RESULT, root.span, "the result is always missing", "Give at least one value.")
        return found
    if found.kind in (wanted, "missing") or (found.kind == "int64" and wanted == "float64"):
        return coerce(found, wanted)
    what = f"the result is {found.type}, and {wanted} is wanted here"
    session.fault(faults.WRONG_RESULT, root.span, what, say_mend(found.kind, wanted))
    return None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an expression a part stands.

    Attributes:
        child: the table of children whose rows are computed, inside of an aggregate.
        facts: what is known here because conditions held.
    """

    child: str | None = None
    facts: Facts | None = None

    @property
    def rows(self) -> str:
        """Whose rows are computed."""
        return OWN if self.child is None else self.child

    def assume(self, condition: Node, holds: bool) -> Place:
        """The place inside a case."""
        return replace(self, facts=add_facts(self.facts or {}, condition, holds))


def visit(node: Node, place: Place, session: Session) -> Found | None:
    """A part as a step; None when it is faulty, with the faults noted."""
    found = _visit(node, place, session)
    facts = place.facts.get(node) if place.facts else None
    if found is not None and facts is not None and found.kind in ("int64", "float64"):
        return replace(found, range=narrow(found.range, found.kind == "int64", facts))
    return found


def _visit(node: Node, place: Place, session: Session) -> Found | None:
    match node:
        case Constant():
            return _visit_constant(node, place, session)
        case Name():
            return _visit_name(node, place, session)
        case Unary(op="not"):
            return _visit_logic("not", (node.of,), place, session, node.span)
        case Unary():
            return _visit_operator("-x", (node.of,), place, session, node.span)
        case Binary(op="and") | Binary(op="or"):
            return _visit_logic(node.op, (node.left, node.right), place, session, node.span)
        case Binary(op="**"):
            return _visit_power(node, place, session)
        case Binary():
            return _visit_operator(node.op, (node.left, node.right), place, session, node.span)
        case Between():
            return _visit_between(node, place, session)
        case Among():
            return _visit_among(node, place, session)
        case Missing():
            of = visit(node.of, place, session)
            return of and Found(Step("is_missing", (of.step,), "bool", rows=place.rows, span=node.span))
        case Choose():
            return _visit_choice(node, place, session)
        case Call():
            return visit_call(node, place, session, visit)


def _visit_constant(node: Constant, place: Place, session: Session) -> Found | None:
    if node.kind == "int64" and isinstance(node.value, int) and not INT_LOW <= node.value <= INT_HIGH:
        what = "the number is beyond int64, whose ends are -2**63 and 2**63 - 1"
        session.fault(faults.CONSTANT_OVERFLOW, node.span, what, "Write it with a point, as a float64.")
        return None
    return make_constant(node, place.rows)


def _visit_name(node: Name, place: Place, session: Session) -> Found | None:
    stated = session.scope.get(node.key)
    if stated is None:
        valid = [key for key in session.scope if place.child is not None or "." not in key or node.table is not None]
        session.fault(faults.UNKNOWN_NAME, node.span, f"{node.key!r} is not a column here", nearest(node.key, valid))
        return None
    if node.table != place.child and node.table is not None:
        if place.child is None:
            what = f"{node.key!r} has a value for each row of {node.table}; one value is needed here"
            session.fault(faults.WRONG_ROWS, node.span, what, f"Aggregate it, for example sum({node.key}).")
        return None  # the aggregate itself says that two tables meet in it
    found = Found(
        Step("column", (), stated.kind, stated.zone, (("string", node.key),), node.table or OWN, span=node.span),
        range_of(stated),
    )
    if place.child is None or node.table is not None:
        return found
    spread = Step("spread", (found.step,), stated.kind, stated.zone, rows=place.child, span=node.span)
    return replace(found, step=spread)


def _visit_operator(op: str, nodes: Sequence[Node], place: Place, session: Session, span: Span) -> Found | None:
    return _operate(op, [visit(node, place, session) for node in nodes], nodes, place, session, span)


def _visit_between(node: Between, place: Place, session: Session) -> Found | None:
    """``x >= low and x <= high``, with x looked at once."""
    of, *ends = (visit(part, place, session) for part in (node.of, node.low, node.high))
    sides = [
        _operate(op, (of, found), (node.of, end), place, session, node.span)
        for op, found, end in zip((">=", "<="), ends, (node.low, node.high), strict=True)
    ]
    whole = tuple(side for side in sides if side is not None)
    if len(whole) < 2:
        return None
    steps = tuple(side.step for side in whole)
    return Found(Step("and", steps, "bool", rows=place.rows, span=node.span), all_hold(tuple(s.range for s in whole)))


def _operate(
    op: str, founds: Sequence[Found | None], nodes: Sequence[Node], place: Place, session: Session, span: Span
) -> Found | None:
    """An operator on what its operands turned out to be."""
    whole = [f for f in founds if f is not None]
    if len(whole) < len(nodes):
        if op in ("/", "//", "%") and founds[1] is not None:
            check_divisor(session, founds[1])
        return None
    known = OPERATORS[op]
    overload = choose_overload(known, [f.kind for f in whole])
    if overload is None:
        shown = " and ".join(f.type for f in whole)
        sign = op.removesuffix("x")
        session.fault(faults.OPERAND_TYPE, span, f"{sign!r} cannot take {shown}", _say_operands(op, whole, known))
        return None
    return apply_overload(session, overload, whole, nodes, span, place.rows)


def _say_operands(op: str, founds: Sequence[Found], overloads: Sequence[Overload]) -> str:
    kinds = [f.kind for f in founds]
    if len(kinds) == 2:
        if op == "+" and "string" in kinds:
            return "Turn the other into a text: text(x)."
        mend = say_mend(*kinds)
        if op in ("=", "!=", "<", "<=", ">", ">=") and mend:
            return mend
        if "timestamp" in kinds and set(kinds) <= {"timestamp", "int64", "float64"}:
            return "Add a duration: x + days(3), x + hours(12)."
    takes = dict.fromkeys(f" {op} ".join(o.takes) if len(o.takes) == 2 else o.takes[0] for o in overloads)
    return f"It takes {', '.join(takes)}."


def _visit_power(node: Binary, place: Place, session: Session) -> Found | None:
    """Whole numbers stay whole when the exponent is a constant of at least 0."""
    right = node.right
    if isinstance(right, Constant) and right.kind == "int64" and isinstance(right.value, int) and right.value >= 0:
        left, exponent = visit(node.left, place, session), visit(right, place, session)
        if left is None or exponent is None:
            return None
        if left.kind == "int64":
            detail = (("int64", right.value),)
            step = Step("power_int", (left.step,), "int64", None, detail, place.rows, True, node.span)
            return find_range(session, step, (left, exponent))
    return _visit_operator("**", (node.left, node.right), place, session, node.span)


def _visit_condition(node: Node, place: Place, session: Session, what: str) -> Step | None:
    found = _visit_truth(node, place, session, what)
    return None if found is None else found.step


def _visit_truth(node: Node, place: Place, session: Session, what: str) -> Found | None:
    found = visit(node, place, session)
    if found is None:
        return None
    if found.kind not in ("bool", "missing"):
        session.fault(
            faults.NOT_A_CONDITION,
            node.span,
            f"{what} is true or false, not {found.type}",
            say_mend(found.kind, "bool"),
        )
        return None
    return coerce(found, "bool")


def _visit_logic(op: str, nodes: Sequence[Node], place: Place, session: Session, span: Span) -> Found | None:
    """``and``, ``or``, ``not``; the right side knows what the left has left open."""
    founds = []
    for i, node in enumerate(nodes):
        inside = place.assume(nodes[0], op == "and") if i else place
        founds.append(_visit_truth(node, inside, session, f"what stands beside {op!r}"))
    whole = tuple(found for found in founds if found is not None)
    if len(whole) < len(nodes):
        return None
    ranges = tuple(found.range for found in whole)
    known = all_hold(ranges) if op == "and" else any_holds(ranges) if op == "or" else apply_range("not", ranges)
    return Found(Step(op, tuple(found.step for found in whole), "bool", rows=place.rows, span=span), known)


def _visit_among(node: Among, place: Place, session: Session) -> Found | None:
    of = visit(node.of, place, session)
    values = [visit(value, place, session) for value in node.values]
    whole = [f for f in (of, *values) if f is not None]
    if of is None or len(whole) <= len(values):
        return None
    common: Kind = "float64" if {"int64", "float64"} >= {f.kind for f in whole} != {"int64"} else of.kind
    faulty = False
    for value, written in zip(whole[1:], node.values, strict=True):
        if find_common((of, value)) is None:
            faulty = True
            what = f"the list holds {value.type} {describe_node(written)}, and {of.type} is looked for"
            session.fault(faults.MIXED_TYPES, written.span, what, say_mend(value.kind, of.kind))
    if faulty:
        return None
    numeric = of.kind in ("int64", "float64")
    kind = common if numeric else of.kind
    zone = of.step.zone
    detail = tuple(coerce(f, kind, zone).step.detail[0] for f in whole[1:])
    step = Step("among", (coerce(of, kind, zone).step,), "bool", None, detail, place.rows, span=node.span)
    return Found(step, any_holds(tuple(apply_range("equal", (of.range, f.range)) for f in whole[1:])))


def _visit_choice(node: Choose, place: Place, session: Session) -> Found | None:
    steps: list[Step | None] = []
    values: list[Found | None] = []
    inside = place
    for condition, value in node.cases:
        steps.append(_visit_condition(condition, inside, session, "a condition"))
        values.append(visit(value, inside.assume(condition, True), session))
        inside = inside.assume(condition, False)
    values.append(visit(node.otherwise, inside, session))
    nodes = [value for _, value in node.cases] + [node.otherwise]
    fitted = unify(values, nodes, session)
    if fitted is None or any(step is None for step in steps):
        return None
    arguments = [part for pair in zip(steps, fitted, strict=False) for part in (pair[0], pair[1].step)]
    whole = tuple(step for step in (*arguments, fitted[-1].step) if step is not None)
    last = fitted[-1].step
    step = Step("choose", whole, last.kind, last.zone, rows=place.rows, span=node.span)
    return Found(step, join_founds(fitted))
