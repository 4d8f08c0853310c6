"""What an expression becomes when its types are known: steps, each one kernel on columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from sundog.lib.expressions.syntax import NOWHERE, Expression, Span
from sundog.lib.expressions.value_types import Kind, Type

Scalar: TypeAlias = bool | int | float | str | None
"""A constant; dates are days and timestamps and durations microseconds, since 1970."""

OWN = ""
"""The rows of the table that the expression belongs to, where tables of children have names."""


@dataclass(frozen=True, slots=True)
class Step:
    """One kernel and what it is given. Equal steps give equal columns and are computed once.

    Attributes:
        kernel: its name in the tables of kernels.
        arguments: steps whose results it takes.
        kind: kind of the result.
        zone: zone of the result, if it is a timestamp with one.
        detail: constants that the kernel takes; kinds stand beside values, since 1 equals True.
        rows: OWN, or the table of children whose rows the result has.
        fallible: whether this kernel itself can fail on a row.
        span: the characters that it comes from.
    """

    kernel: str
    arguments: tuple[Step, ...]
    kind: Kind
    zone: str | None = None
    detail: tuple[tuple[str, Scalar], ...] = ()
    rows: str = OWN
    fallible: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """An expression without faults, ready to be compiled.

    Attributes:
        expression: what was checked.
        type: type of the result, with the range that it is known to have.
        step: the last step.
        columns: columns that are read, as the scope names them.
        children: tables of children whose segments are needed.
        lookups: lookups that are asked.
        within_parent: whether a running function needs the segments of the table's own rows.
    """

    expression: Expression
    type: Type
    step: Step
    columns: tuple[str, ...]
    children: tuple[str, ...]
    lookups: tuple[str, ...]
    within_parent: bool
