"""Public constraints of a private table: what cannot be, and ordered columns. They are stated, so they cost nothing."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.tables._marginals_cells import FineColumn, stated_column
from sundog.kinds.tables._marginals_groups import Grouping
from sundog.kinds.tables._marginals_stated import StatedColumn, kind_of
from sundog.kinds.tables.recipe import Between, Condition, OneOf, OrderedRule, Rule, Shares, SumRule, TablesPart
from sundog.lib.graphical.beliefs import Table
from sundog.lib.graphical.junction import Clique
from sundog.lib.rows.codec import TableCodec
from sundog.lib.rows.scale import Scale, from_ticks, parse_tick, to_ticks
from sundog.lib.rows.settings import Ordered
from sundog.lib.rows.steps_rules import SumStep

MOST_COLUMNS = 3
"""Columns of one combination that cannot be."""

_DAY = 86_400_000_000
_WIDE = 1e15
"""Ticks beyond which nobody's numbers lie."""


def find_impossible_faults(part: TablesPart, where: str) -> tuple[Problem, ...]:
    """What is wrong with ``impossible``, from the recipe alone."""
    found: dict[str, str] = {}
    for i, combination in enumerate(part.impossible):
        if not 1 <= len(combination) <= MOST_COLUMNS:
            found[str(i)] = f"{len(combination)} columns together; from 1 to {MOST_COLUMNS} can be ruled out"
        shares = [n for n, c in combination.items() if isinstance(c, Shares)]
        found |= {f"{i}.{n}": "shares say how many, not what cannot be" for n in shares}
    mend = "Rule out one to three columns together, each by a value, a range or a choice."
    return tuple(Problem("SD-TABLES-031", f"{where}.impossible.{at}", what, mend) for at, what in found.items())


def list_cuts(part: TablesPart, name: str, scale: Scale) -> tuple[float, ...]:
    """Ticks at which a column's cells must be cut so that no cell lies across the end of a range that cannot be."""
    grain = float(_DAY) if scale.kind == "timestamp" else 1.0
    cuts: list[float] = []
    for i, combination in enumerate(part.impossible):
        if name not in combination:
            continue
        try:
            ranges = _list_ranges(combination[name], scale, f"impossible.{i}.{name}")
        except RequestError:
            continue  # told by find_stated_faults, or by keep_found where the meaning was not stated
        for low, high in ranges:
            if not math.isinf(low):
                cuts.append(math.floor(low / grain) * grain if scale.kind != "float" else low)
            if not math.isinf(high):
                after = (
                    float(np.nextafter(high, np.inf))
                    if scale.kind == "float"
                    else math.floor(high / grain) * grain + grain
                )
                cuts.append(after)
    return tuple(cuts)


def _list_ranges(condition: Condition, scale: Scale, where: str) -> list[tuple[float, float]]:
    try:
        match condition:
            case Between(between=(low, high)):
                ends = (
                    -math.inf if low is None else float(parse_tick(low, scale)),
                    math.inf if high is None else float(parse_tick(high, scale)),
                )
                return [ends]
            case OneOf(one_of=values):
                return [(t, t) for v in values if v is not None for t in [float(parse_tick(v, scale))]]
            case Shares():
                return []
            case _:
                tick = float(parse_tick(condition, scale))
                return [(tick, tick)]
    except ValueError as error:
        what = f"it holds no value of this column: {error}"
        raise _refuse(where, what, "Write numbers, or ISO dates.") from error


def _refuse(where: str, what: str, mend: str) -> RequestError:
    return RequestError(Problem("SD-TABLES-032", where, what, mend))


def find_met(column: FineColumn, condition: Condition, where: str) -> NDArray[np.bool_]:
    """Cells all of whose values meet a condition: bool (size,).

    Raises:
        RequestError: a value is none of this column's.
    """
    met = np.zeros(column.size, np.bool_)
    if isinstance(condition, OneOf) and None in condition.one_of:
        met[column.missing] = True
    if column.is_line:
        high = column.edges[1:] - 1 if column.edges.dtype.kind == "i" else np.nextafter(column.edges[1:], -np.inf)
        for low, top in _list_ranges(condition, column.scale, where):
            if column.scale.kind == "timestamp":  # cells are whole days
                low, top = math.floor(low / _DAY) * _DAY if low > -math.inf else low, top + _DAY - 1
            met[: column.known] |= (column.edges[:-1] >= low) & (high <= top)
        return met
    if isinstance(condition, Between):
        raise _refuse(where, "a range needs a column of numbers, dates or times", "Use one_of.")
    wanted = condition.one_of if isinstance(condition, OneOf) else (condition,)
    for value in wanted:
        if value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if text in column.values:
            met[column.values.index(text)] = True
        elif column.stated:
            raise _refuse(where, f"{text!r} is none of the stated values", nearest(text, column.values))
    return met


def label_cells(part: TablesPart, column: FineColumn) -> NDArray[np.int64]:
    """A number for each cell: cells that the combinations tell apart have different ones: int64 (size,)."""
    label: NDArray[np.int64] = np.zeros(column.size, np.int64)
    for i, combination in enumerate(part.impossible):
        if column.name in combination:
            met = find_met(column, combination[column.name], f"impossible.{i}.{column.name}")
            label = label * 2 + met
    return label


def find_never(part: TablesPart, column: FineColumn) -> NDArray[np.bool_]:
    """Cells that are not made, bool (size,): other values, where a combination names the column.

    Such a row would get one of the known values, and with it perhaps what cannot be.
    """
    never = np.zeros(column.size, np.bool_)
    if column.other >= 0 and any(column.name in c for c in part.impossible):
        never[column.other] = True
    return never


def find_stated_faults(part: TablesPart, stated: Sequence[StatedColumn]) -> tuple[Problem, ...]:
    """Conditions that are none of their column, as far as its meaning and domain are stated: before anything is spent."""
    known = {c.name: c for c in stated}
    found: list[Problem] = []
    for i, combination in enumerate(part.impossible):
        for name, condition in combination.items():
            where = f"parts.impossible.{i}.{name}"
            if name not in known:
                continue
            if known[name].form is None:
                found += [need_meaning(name, where)] if isinstance(condition, Between) else []
                continue
            try:
                find_met(stated_column(assume_domain(known[name], condition)), condition, where)
            except RequestError as error:
                found += error.problems
    return tuple(found)


def need_meaning(name: str, where: str) -> Problem:
    """A range on a column of which it is not stated whether it has any: the fault would show only when epsilon is spent."""
    what = f"a range needs a column of numbers, dates or times, and of {name!r} the meaning is not stated"
    mend = f"State it, as in columns: {{{name}: {{meaning: integer}}}}; its own ends may be left to be found."
    return Problem("SD-TABLES-038", where, what, mend)


def assume_domain(column: StatedColumn, condition: Condition | None) -> StatedColumn:
    """The column with a domain so wide that whatever can be read as one of its values lies in it, where none is stated."""
    if column.complete:
        return column
    if column.form in (None, "category"):
        values = condition.one_of if isinstance(condition, OneOf) else condition.shares if isinstance(condition, Shares) else (condition,)  # fmt: skip
        told = dict.fromkeys(str(v).lower() if isinstance(v, bool) else str(v) for v in values if not isinstance(v, Between | None))  # fmt: skip
        return replace(column, form="category", values=tuple(told) or ("",))
    first, last = (float((datetime.date(y, 1, 1) - datetime.date(1970, 1, 1)).days) for y in (1, 9999))
    match column.form:
        case "date":
            return replace(column, low=first, high=last)
        case "timestamp":
            return replace(column, low=first * _DAY, high=last * _DAY)
        case _:
            return replace(column, low=-_WIDE, high=_WIDE)


def keep_found(part: TablesPart, columns: Sequence[FineColumn]) -> tuple[TablesPart, tuple[tuple[str, str], ...]]:
    """The part without what its columns, as they were found, cannot have, and remarks on that (column, text).

    What was not stated cannot be checked before it is paid for, and then a table without a rule is worth more than none.
    """
    known = {c.name: c for c in columns}
    remarks: list[tuple[str, str]] = []
    impossible = []
    for i, combination in enumerate(part.impossible):
        wrong = next((n for n, c in combination.items() if n in known and not _can_meet(known[n], c)), None)
        if wrong is None:
            impossible.append(combination)
        else:
            text = (
                f"impossible.{i} is left out: no row can meet it, since the column was found to be {known[wrong].form}"
            )
            remarks.append((wrong, text))
    rules: list[Rule] = []
    for i, rule in enumerate(() if isinstance(part.rules, str) else part.rules):
        own = (
            (rule.low, rule.high) if isinstance(rule, OrderedRule) else rule.terms if isinstance(rule, SumRule) else ()
        )
        lost = next((n for n in own if n not in known), None)
        kinds = {kind_of(known[n].form) for n in own if n in known}
        fits = len(kinds) == 1 and (kinds == {"number"} or (kinds == {"time"} and isinstance(rule, OrderedRule)))
        if lost is None and fits:
            rules.append(rule)
        elif lost is not None:
            remarks.append((lost, f"rules.{i} is not kept, since the column is left out{_say_total(rule)}"))
        else:
            said = ", ".join(f"{n!r} {known[n].form}" for n in own)
            remarks.append((own[0], f"rules.{i} is not kept: its columns were found to be {said}{_say_total(rule)}"))
    kept = {"impossible": tuple(impossible)} | ({} if isinstance(part.rules, str) else {"rules": tuple(rules)})
    return part.model_copy(update=kept), tuple(remarks)


def _say_total(rule: Rule) -> str:
    return f", and {rule.total!r} is not made" if isinstance(rule, SumRule) else ""


def _can_meet(column: FineColumn, condition: Condition) -> bool:
    try:
        find_met(column, condition, "impossible")
    except RequestError:
        return False
    return True


def bar_groups(part: TablesPart, columns: Sequence[FineColumn], groupings: Sequence[Grouping]) -> dict[Clique, Table]:
    """Log-potentials of what cannot be: 0, or minus infinity, by columns; as ``lib.graphical`` takes them."""
    at = {c.name: i for i, c in enumerate(columns)}
    barred: dict[Clique, Table] = {}
    for j, grouping in enumerate(groupings):
        empty = np.bincount(grouping.group, weights=grouping.mass, minlength=grouping.size) <= 0
        if empty.any():
            _bar(barred, (j,), empty)
    for i, combination in enumerate(part.impossible):
        if not all(n in at for n in combination):
            continue
        clique = tuple(sorted(at[n] for n in combination))
        hit: NDArray[np.bool_] = np.ones((), np.bool_)
        for j in clique:
            condition = combination[columns[j].name]
            met = find_met(columns[j], condition, f"impossible.{i}.{columns[j].name}")
            hit = hit[..., None] & _met_groups(groupings[j], met)
        _bar(barred, clique, hit)
    for rule in () if isinstance(part.rules, str) else part.rules:
        if isinstance(rule, OrderedRule) and rule.low in at and rule.high in at:
            low, high = at[rule.low], at[rule.high]
            least, _ = _ends_of(columns[low], groupings[low])
            _, most = _ends_of(columns[high], groupings[high])
            wrong = least[:, None] > most[None, :]
            _bar(barred, (min(low, high), max(low, high)), wrong if low < high else wrong.T)
    return barred


def _bar(barred: dict[Clique, Table], clique: Clique, hit: NDArray[np.bool_]) -> None:
    table = barred.get(clique, np.zeros(hit.shape))
    barred[clique] = np.where(hit, -np.inf, table)


def _met_groups(grouping: Grouping, met: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Groups of which all cells that can be made are met."""
    can = grouping.mass > 0
    missed = np.bincount(grouping.group, weights=can & ~met, minlength=grouping.size)
    made = np.bincount(grouping.group, weights=can, minlength=grouping.size)
    return np.asarray((missed == 0) & (made > 0), np.bool_)


def _ends_of(column: FineColumn, grouping: Grouping) -> tuple[Table, Table]:
    """Least and greatest value of each group on a line that columns share; what is missing breaks no order."""
    unit = float(_DAY) if column.scale.kind == "date" else 10.0**-column.scale.decimals
    high = column.edges[1:] - 1 if column.edges.dtype.kind == "i" else column.edges[1:]
    least, most = np.full(grouping.size, np.inf), np.full(grouping.size, -np.inf)
    own = grouping.group[: column.known]
    np.minimum.at(least, own, column.edges[:-1] * unit)
    np.maximum.at(most, own, high * unit)
    empty = np.isinf(least)
    return np.where(empty, -np.inf, least), np.where(empty, np.inf, most)


def keep_rules(codec: TableCodec, batch: pa.RecordBatch, kept: pa.RecordBatch | None) -> pa.RecordBatch:
    """Rows with ordered columns in order, and sums that are right: within joined cells they may have come out the other way.

    Args:
        codec: with its rules.
        batch: decoded rows.
        kept: columns that were given; where one of a pair is given, the other moves to it.
    """
    ordered = [r for r in codec.rules if isinstance(r, Ordered)]
    if not ordered:
        return batch
    arrays = {n: batch.column(n) for n in batch.schema.names}
    given = {} if kept is None else {n: kept.column(n).is_valid() for n in kept.schema.names}
    for _ in range(len(ordered)):  # a chain a <= b <= c settles in as many turns as it has links
        for rule in ordered:
            _put_in_order(arrays, rule, given)
    for step in codec.steps:
        if isinstance(step, SumStep):
            arrays[step.column] = _add_up(step, arrays, batch.schema.field(step.column).type)
    return pa.RecordBatch.from_arrays([arrays[n] for n in batch.schema.names], schema=batch.schema)


def _put_in_order(arrays: dict[str, pa.Array], rule: Ordered, given: Mapping[str, pa.Array]) -> None:
    low, high = arrays[rule.low], arrays[rule.high]
    common = pa.timestamp("us") if pa.types.is_temporal(low.type) else pa.float64()
    wrong = pc.fill_null(pc.greater(low.cast(common), high.cast(common)), False)
    if not pc.any(wrong).as_py():
        return
    never = pa.scalar(False)
    low_given = pc.and_(wrong, given.get(rule.low, never))
    high_given = pc.and_(pc.and_(wrong, given.get(rule.high, never)), pc.invert(low_given))
    free = pc.and_(wrong, pc.invert(pc.or_(low_given, high_given)))
    same = low.type == high.type
    new_low = pc.if_else(free, high.cast(low.type, safe=False) if same else low, low)
    new_low = pc.if_else(high_given, high.cast(low.type, safe=False), new_low)
    new_high = pc.if_else(free, low if same else low.cast(high.type, safe=False), high)
    new_high = pc.if_else(low_given, low.cast(high.type, safe=False), new_high)
    arrays[rule.low], arrays[rule.high] = new_low, new_high


def _add_up(step: SumStep, arrays: Mapping[str, pa.Array], kind: pa.DataType) -> pa.Array:
    total = np.zeros(len(arrays[step.plus[0]]), np.int64)
    missing = np.zeros(len(total), np.bool_)
    for name, scale in zip(step.plus, step.plus_scales, strict=True):
        ticks = to_ticks(arrays[name], scale)
        total += np.where(ticks.missing, 0, ticks.values * 10 ** (step.decimals - scale.decimals)).astype(np.int64)
        missing |= ticks.missing
    return from_ticks(total, missing, step.scale, kind)
