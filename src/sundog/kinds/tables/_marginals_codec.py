"""The codec of a private table: every number in it was stated, or told with noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.tables import Meaning, with_meaning
from sundog.kinds.tables._marginals_cells import FineColumn, type_of
from sundog.kinds.tables._marginals_domains import Counted
from sundog.kinds.tables.recipe import OrderedRule, SumRule, TablesPart
from sundog.lib.rows.cells import TYPES
from sundog.lib.rows.coders_category import CategoryCoder
from sundog.lib.rows.coders_number import NumberCoder, number_centres
from sundog.lib.rows.scale import Numbers, Scale
from sundog.lib.rows.settings import Ordered, Rule, Sum
from sundog.lib.rows.steps import CategoryStep, NumberStep
from sundog.lib.rows.steps_rules import SumStep
from sundog.lib.rows.table_codec import Step, TableCodec

SECOND = 1_000_000
"""Microseconds: timestamps are made to the second."""


def build_codec(counted: Sequence[Counted], names: Sequence[str], part: TablesPart) -> TableCodec:
    """A codec with a code for each cell.

    Args:
        counted: the columns that are learned.
        names: all columns of the source, for their order.
        part: its rules are kept.
    """
    steps: list[Step] = []
    numbers: list[NDArray[np.float32]] = []
    fields: dict[str, pa.Field] = {}
    for i, one in enumerate(counted):
        column = one.column
        step = _line_step(column, i) if column.is_line else _category_step(one, i)
        steps.append(step)
        if isinstance(step, NumberStep):
            numbers.append(number_centres(step.coder) / np.float32(10.0**column.scale.decimals))
        else:
            numbers.append(np.append(np.arange(column.size - 1, dtype=np.float32), np.float32(np.nan)))
        fields[column.name] = with_meaning(pa.field(column.name, type_of(column)), _meaning(column), _about(column))
    scales = {c.column.name: c.column.scale for c in counted if c.column.is_line}
    for rule in _list_rules(part):
        if isinstance(rule, SumRule):
            total = _sum_step(rule, scales)
            steps.append(total)
            kind = TYPES["integer" if total.scale.kind == "integer" else "decimal"]
            fields[rule.total] = with_meaning(
                pa.field(rule.total, kind), "number", f"the sum of {', '.join(rule.terms)}; not read"
            )
    ordered = [fields[n] for n in names if n in fields]
    ordered += [f for n, f in fields.items() if n not in names]
    return TableCodec(
        pa.schema(ordered),
        tuple(steps),
        tuple(c.column.name for c in counted),
        np.array([c.column.size for c in counted], np.int32),
        np.array([not c.column.is_line for c in counted], np.bool_),
        np.ones(len(counted), np.bool_),
        tuple(numbers),
        tuple(_to_rule(r) for r in _list_rules(part)),
    )


def _list_rules(part: TablesPart) -> tuple[OrderedRule | SumRule, ...]:
    return () if isinstance(part.rules, str) else tuple(r for r in part.rules if isinstance(r, OrderedRule | SumRule))


def _to_rule(rule: OrderedRule | SumRule) -> Rule:
    return Ordered(rule.low, rule.high) if isinstance(rule, OrderedRule) else Sum(rule.total, rule.terms)


def _line_step(column: FineColumn, index: int) -> NumberStep:
    edges, step = column.edges, 1
    if column.scale.kind == "timestamp":
        edges, step = edges // SECOND, SECOND
    high: Numbers = edges[1:] - 1 if edges.dtype.kind == "i" else np.nextafter(edges[1:], -np.inf)
    low = edges[:-1]
    cells = len(low)
    centre = (low.astype(np.float64) + high.astype(np.float64)) / 2 * step
    coder = NumberCoder(
        edges=edges[1:-1],
        first=np.arange(cells + 1, dtype=np.int32),
        low=low,
        high=high,
        mass=np.arange(cells + 1, dtype=np.float64),
        least=low,
        most=high,
        centre=centre.astype(np.float32),
        step=step,
        offset=0,
        lattice=None,
        weekdays=None,
        infinite=(),
        missing=True,
    )
    return NumberStep(column.name, index, column.scale, coder)


def _category_step(one: Counted, index: int) -> CategoryStep:
    column = one.column
    values = pa.array([v == "true" for v in column.values] if column.form == "boolean" else list(column.values))
    mass = np.maximum(one.counts[: column.known], 0.0) + 1e-9
    # Any share above 0 says that there is a code for other values, whose rows get a known one by frequency.
    rare = 1.0 if column.other >= 0 else 0.0
    coder = CategoryCoder(pa.table({"value": values}), False, np.cumsum(mass) / mass.sum(), rare, True)
    return CategoryStep(column.name, index, coder, True)


def _sum_step(rule: SumRule, scales: Mapping[str, Scale]) -> SumStep:
    own = tuple(scales[t] for t in rule.terms)
    decimals = max(s.decimals for s in own)
    scale = Scale("integer") if all(s.kind == "integer" for s in own) else Scale("decimal", decimals=decimals)
    return SumStep(rule.total, scale, rule.terms, own, (), (), decimals)


def _meaning(column: FineColumn) -> Meaning:
    match column.form:
        case "date" | "timestamp":
            return "time"
        case "category":
            return "category"
        case "boolean":
            return "boolean"
        case _:
            return "number"


def _about(column: FineColumn) -> str:
    if column.form == "boolean":
        return "true or false"
    if not column.is_line:
        return f"{column.known} value{'' if column.known == 1 else 's'}, {'stated' if column.stated else 'common ones, found within epsilon'}"
    how = "stated" if column.stated else "found within epsilon"
    return f"drawn evenly within {column.known} cells of a range that was {how}"
