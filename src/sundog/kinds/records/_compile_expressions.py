"""Expressions of a recipe as formulas: which names they may read, and what is looked up."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from sundog.kinds.records._formula import Formula
from sundog.kinds.records._session import Session
from sundog.lib.expressions.check import check
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.parse import read
from sundog.lib.expressions.program import compile
from sundog.lib.expressions.syntax import Call, Expression, Name, Node, depends_on, parts_of
from sundog.lib.expressions.value_types import Kind, LookupType, Type

TODAY = "as_of"
"""Name of the day on which the data are taken to be written, unless a field has it."""

KINDS: Mapping[pa.DataType, Kind] = {
    pa.int64(): "int64",
    pa.float64(): "float64",
    pa.bool_(): "bool",
    pa.string(): "string",
    pa.date32(): "date",
    pa.duration("us"): "duration",
}


def compile_expression(
    session: Session,
    table: str,
    text: str,
    where: str,
    wanted: Kind | None = None,
    own: Mapping[str, Type] | None = None,
) -> Formula | None:
    """A formula over the rows of a table; None, and the faults noted, where it cannot be computed.

    Args:
        session: of the part.
        table: whose rows.
        text: the expression.
        where: place in the recipe.
        wanted: kind that the result must have.
        own: names that it may read beside the fields that are made.
    """
    expression = read(text)
    if isinstance(expression, Fault):
        session.problems.append(expression.as_problem(where))
        return None
    scope = {TODAY: Type("date"), **_scope(session, table), **(own or {})}
    if _waits_for_fault(session, table, expression, scope):
        return None
    children = [n for n, t in session.part.tables.items() if t.parent == table]
    checked = check(expression, scope, lookups=_find_lookups(session), children=children, wanted=wanted)
    if isinstance(checked, tuple):
        session.problems += [fault.as_problem(where) for fault in checked]
        return None
    return Formula(compile(checked), where, session.shelf)


def _scope(session: Session, table: str) -> dict[str, Type]:
    """Types of the fields that an expression over a table's rows may read."""
    scope = {f: kind for (t, f), kind in session.types.items() if t == table and f}
    for child, spec in session.part.tables.items():
        if spec.parent == table:
            scope.update({f"{child}.{f}": kind for (t, f), kind in session.types.items() if t == child and f})
    return scope


def _waits_for_fault(session: Session, table: str, expression: Expression, scope: Mapping[str, Type]) -> bool:
    """Whether a field that it reads is there but has a fault of its own, which is told once."""
    named = [key for key in depends_on(expression) if key not in scope]
    named += [key for key in find_looked_up(expression) if tuple(key.split(".", 1)) not in session.types]
    for key in named:
        other, dot, name = key.partition(".")
        place = (other, name) if dot else (table, key)
        spec = session.part.tables.get(place[0])
        if spec is not None and place[1] in spec.fields and place not in session.made:
            return True
    return False


def find_looked_up(expression: Expression) -> tuple[str, ...]:
    """``table.field`` of every ``lookup(table.field, key)``."""
    found: list[str] = []

    def visit(node: Node) -> None:
        if isinstance(node, Call) and node.function == "lookup" and node.arguments:
            first = node.arguments[0]
            if isinstance(first, Name):
                found.append(first.key)
        for part in parts_of(node):
            visit(part)

    visit(expression.root)
    return tuple(dict.fromkeys(found))


def _find_lookups(session: Session) -> dict[str, LookupType]:
    """What ``lookup`` may ask: every field of the tables with ``rows`` that have a key."""
    found = {}
    for (table, field), kind in session.types.items():
        key = session.shelf.keys.get(table)
        if key is not None and (table, key) in session.types and field:
            found[f"{table}.{field}"] = LookupType(session.types[table, key], kind)
    return found
