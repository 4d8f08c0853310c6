"""What an expression says: a frozen tree in which every node knows the characters that it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

ConstantKind = Literal["int64", "float64", "bool", "string", "missing"]

Operator = Literal["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "//", "%", "**"]


class Span(NamedTuple):
    """Characters ``start`` to ``end`` (exclusive) of the text."""

    start: int
    end: int


NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value as written. The kind is kept beside it, since Python holds 1, 1.0 and True for equal."""

    kind: ConstantKind
    value: bool | int | float | str | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A column: of the same table, or of the table of children (or of a lookup) that stands before the dot."""

    column: str
    table: str | None = None
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def key(self) -> str:
        """The name under which a scope and a mapping of columns hold it."""
        return self.column if self.table is None else f"{self.table}.{self.column}"


@dataclass(frozen=True, slots=True)
class Unary:
    """``- of`` or ``not of``."""

    op: Literal["-", "not"]
    of: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """``left op right``."""

    op: Operator
    left: Node
    right: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """``of between low and high``, both ends included."""

    of: Node
    low: Node
    high: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Among:
    """``of in (values)``; the values are constants, or dates and timestamps made of constants."""

    of: Node
    values: tuple[Constant | Call, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """``of is missing``."""

    of: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Choose:
    """The value of the first case whose condition is true, else ``otherwise``."""

    cases: tuple[tuple[Node, Node], ...]
    otherwise: Node
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)``; ``head`` is where the function's name stands."""

    function: str
    arguments: tuple[Node, ...]
    span: Span = field(default=NOWHERE, compare=False)
    head: Span = field(default=NOWHERE, compare=False)


Node: TypeAlias = Constant | Name | Unary | Binary | Between | Among | Missing | Choose | Call


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that was read. Two expressions are equal when they say the same, however they are spaced."""

    root: Node
    text: str = field(default="", compare=False)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly under a node, from left to right."""
    match node:
        case Unary() | Missing():
            return (node.of,)
        case Binary():
            return (node.left, node.right)
        case Between():
            return (node.of, node.low, node.high)
        case Among():
            return (node.of, *node.values)
        case Choose():
            return (*(part for case in node.cases for part in case), node.otherwise)
        case Call():
            return node.arguments
    return ()


def walk_columns(node: Node) -> Iterator[Name]:
    """Every column that is read, in order of appearance; names of lookups and of counted tables are not columns."""
    if isinstance(node, Name):
        yield node
    elif isinstance(node, Call) and names_table(node):
        for part in node.arguments[1:]:
            yield from walk_columns(part)
    else:
        for part in parts_of(node):
            yield from walk_columns(part)


def names_table(call: Call) -> bool:
    """Whether the first argument names a table (``lookup(prices, key)``, ``count(lines)``) and no column."""
    if not call.arguments or not isinstance(call.arguments[0], Name):
        return False
    return call.function == "lookup" or (call.function == "count" and call.arguments[0].table is None)


def depends_on(expression: Expression) -> tuple[str, ...]:
    """Names of the columns that an expression reads, each once; columns of children as ``lines.amount``."""
    return tuple(dict.fromkeys(name.key for name in walk_columns(expression.root)))
