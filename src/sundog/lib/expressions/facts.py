"""What is known inside a case because its condition held: ``if n > 0 then total / n else 0`` divides by no zero."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sundog.lib.expressions.ranges import Number
from sundog.lib.expressions.syntax import Among, Between, Binary, Constant, Node, Unary

Facts: TypeAlias = Mapping[Node, tuple[tuple[str, Number], ...]]
"""Part of an expression to the comparisons with constants that hold for it, unless it is missing."""

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "!=", "!=": "="}


def add_facts(known: Facts, condition: Node, holds: bool) -> Facts:
    """What is known where a condition is true (or, with ``holds`` false, where it is not true).

    Only comparisons with constants count: they are undecided for no other reason than that the part itself is missing, and
    then whatever is computed from it is missing too.
    """
    found = dict(known)
    for node, op, value in _read(condition, holds):
        found[node] = (*found.get(node, ()), (op, value))
    return found


def _read(condition: Node, holds: bool) -> Iterator[tuple[Node, str, Number]]:
    match condition:
        case Unary(op="not"):
            yield from _read(condition.of, not holds)
        case Binary(op="and") if holds:
            yield from _read(condition.left, True)
            yield from _read(condition.right, True)
        case Binary(op="or") if not holds:
            yield from _read(condition.left, False)
            yield from _read(condition.right, False)
        case Binary() if condition.op in _TURNED:
            for node, other, turned in (
                (condition.left, condition.right, False),
                (condition.right, condition.left, True),
            ):
                value = _number(other)
                if value is not None:
                    op = _TURNED[condition.op] if turned else condition.op
                    yield node, op if holds else _OPPOSITE[op], value
        case Between() if holds:
            for op, end in ((">=", condition.low), ("<=", condition.high)):
                value = _number(end)
                if value is not None:
                    yield condition.of, op, value
        case Among():
            values = [value for end in condition.values if (value := _number(end)) is not None]
            if len(values) == len(condition.values):
                if holds:
                    yield condition.of, ">=", min(values)
                    yield condition.of, "<=", max(values)
                else:
                    yield from ((condition.of, "!=", value) for value in values)


def _number(node: Node) -> Number | None:
    if isinstance(node, Constant) and node.kind in ("int64", "float64"):
        assert isinstance(node.value, int | float)
        return node.value
    return None
