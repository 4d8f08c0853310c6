"""Carries out the steps of a plan: rows and fields of tables, for the units of a shard, or once for tables that belong to no unit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._events import KINDS, TIMES
from sundog.kinds.records._formula import Shelf, name_row
from sundog.kinds.records._references import ReferenceColumn, as_weights
from sundog.kinds.records._rows import Built, make_child_rows, make_root_rows
from sundog.kinds.records._session import Plan, Rule, Step
from sundog.kinds.records._stream_columns import PLANTED
from sundog.kinds.records._streams import STREAM
from sundog.lib.expressions.kernels_rows import Lookup
from sundog.lib.expressions.program import RowRefused
from sundog.lib.laws.law import check_weights

_TIMES = "_times"
"""Column of a stored table with the beginnings of its events or periods, microseconds."""


def make_step(step: Step, plan: Plan, key: Key, units: range, tables: dict[str, Built]) -> None:
    """One field, or the rows of one table.

    Raises:
        RequestError: a row cannot be made; the unit is named.
    """
    own = key.child(step.table)
    parent = plan.parents[step.table]
    above = None if parent is None else tables[parent]
    try:
        if step.column is not None:
            table = tables[step.table]
            table.columns[step.field] = step.column.make(own.child("fields").child(step.field), table, tables)
        elif above is None:
            tables[step.table] = Built(own, make_root_rows(units if step.rows is None else range(step.rows)))
        elif step.count is not None:
            counts = step.count.drawn.draw(above.rows.draw(own.child("count")), above.columns)
            numbers = counts.fill_null(0).to_numpy(zero_copy_only=False)
            tables[step.table] = Built(own, make_child_rows(above.rows, numbers.astype(np.int64)))
        elif step.stream is not None:
            number, stream = step.stream.make(own.child("stream"), above)
            tables[step.table] = Built(own, make_child_rows(above.rows, number), shared={STREAM: stream})
        elif step.planted is not None:
            other = tables[step.planted.table]
            number, planted = step.planted.make(other.key.child("stream"), other)
            tables[step.table] = Built(own, make_child_rows(above.rows, number), shared={PLANTED: planted})
        elif step.events is not None:
            made = step.events.draw(own.child("events"), above)
            shared: dict[str, object] = {TIMES: made.instants, KINDS: made.kinds}
            tables[step.table] = Built(own, make_child_rows(above.rows, made.counts), shared=shared)
        else:
            assert step.history is not None
            number, instants = step.history.draw(own.child("events"), above)
            tables[step.table] = Built(own, make_child_rows(above.rows, number), shared={TIMES: instants})
    except RowRefused as refused:
        about = step.table if step.column is not None or parent is None else parent
        raise name_row(refused, about, tables[about].rows) from refused


def find_broken(rule: Rule, key: Key, tables: Mapping[str, Built]) -> NDArray[np.uint64]:
    """Units with a row that breaks a rule: uint64, each once."""
    table = tables[rule.table]
    try:
        holds = rule.column.make(key, table, tables).fill_null(False).to_numpy(zero_copy_only=False)
    except RowRefused as refused:
        raise name_row(refused, rule.table, table.rows) from refused
    return np.asarray(np.unique(table.rows.units[~holds.astype(np.bool_)]), np.uint64)


def make_standing(plan: Plan, key: Key) -> tuple[dict[str, pa.Table], dict[str, NDArray[np.int64]]]:
    """The tables that belong to no unit, with helper fields, and for those with a parent how many rows each of its rows has.

    Raises:
        RequestError: a row breaks a rule, or weights by which rows are referred to are none.
    """
    tables: dict[str, Built] = {}
    for step in plan.standing:
        make_step(step, plan, key, range(0), tables)
        if step.column is not None:
            fill_shelf(plan.shelf, step.table, tables[step.table])
    problems = []
    for rule in plan.rules:
        if rule.table in tables:
            broken = find_broken(rule, key, tables)
            if len(broken):
                what = f"{len(broken):,} rows of {rule.table!r} break it, the first of them row {broken[0]}"
                fix = "These rows are made once and cannot be rejected: make the fields so that the rule holds."
                problems.append(Problem("SD-RECORDS-031", rule.column.formula.where, what, fix))
    for step in (*plan.standing, *plan.steps):
        column = step.column
        if isinstance(column, ReferenceColumn) and column.weight is not None:
            weights = as_weights(tables[column.table].columns[column.weight])
            for fault in check_weights(f"{column.table}.{column.weight}", weights):
                where = f"parts.tables.{step.table}.fields.{step.field}.weight"
                problems.append(Problem("SD-RECORDS-032", where, fault, "Give weights from 0 on."))
    if problems:
        raise RequestError(*problems)
    stored, counts = {}, {}
    for name, table in tables.items():
        columns = dict(table.columns)
        if TIMES in table.shared:
            columns[_TIMES] = pa.array(table.shared[TIMES])
        stored[name] = pa.table(columns)
        if plan.parents[name] is not None:
            counts[name] = np.diff(table.rows.offsets)
    return stored, counts


def open_standing(
    plan: Plan, key: Key, stored: Mapping[str, pa.Table], counts: Mapping[str, NDArray[np.int64]]
) -> dict[str, Built]:
    """What ``make_standing`` made, as other tables refer to it."""
    tables: dict[str, Built] = {}
    for step in plan.standing:
        if step.column is not None:
            continue
        name, parent = step.table, plan.parents[step.table]
        rows = (
            make_root_rows(range(step.rows or 0))
            if parent is None
            else make_child_rows(tables[parent].rows, counts[name])
        )
        whole = stored[name].combine_chunks()
        columns = {n: _join(whole.column(n)) for n in whole.column_names}
        times = columns.pop(_TIMES, None)
        tables[name] = Built(key.child(name), rows, columns)
        if times is not None:
            tables[name].shared[TIMES] = times.to_numpy(zero_copy_only=False)
        fill_shelf(plan.shelf, name, tables[name])
    return tables


def fill_shelf(shelf: Shelf, name: str, table: Built) -> None:
    """Let the fields of a table that are made be looked up by its key."""
    key = shelf.keys.get(name)
    if key is not None and key in table.columns:
        for field, values in table.columns.items():
            if f"{name}.{field}" not in shelf.lookups:
                shelf.lookups[f"{name}.{field}"] = Lookup(table.columns[key], values)


def _join(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])


def select_written(plan: Plan, stored: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The tables that belong to no unit with the fields that are written."""
    return {name: stored[name].select(schema.names).cast(schema) for name, schema in plan.standing_schemas.items()}
