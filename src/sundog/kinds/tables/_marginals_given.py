"""What a private table is given, held against what is stated of its columns: a condition that is wrong must not cost anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.tables._conditions import Conditions, find_conditions
from sundog.kinds.tables._marginals_cells import FineColumn, stated_column
from sundog.kinds.tables._marginals_codec import build_codec
from sundog.kinds.tables._marginals_constraints import assume_domain, find_met, keep_found, list_cuts, need_meaning
from sundog.kinds.tables._marginals_domains import Counted
from sundog.kinds.tables._marginals_stated import StatedColumn, kind_of, scale_of
from sundog.kinds.tables.recipe import Between, Condition, OneOf, Shares, TablesPart
from sundog.lib.rows.codec import TableCodec
from sundog.lib.rows.scale import parse_tick


def find_given_faults(part: TablesPart, stated: Sequence[StatedColumn], names: Sequence[str]) -> tuple[Problem, ...]:
    """What is wrong with ``given`` and ``complete``, as far as names, meanings, ranges and values are stated.

    Args:
        part: what is asked for.
        stated: the columns that are learned.
        names: all columns of the source.
    """
    if part.given is None and part.complete is None:
        return ()
    given = part.given or {}
    early = {c.name: p for c in stated if (p := _find_range_fault(c, given.get(c.name))) is not None}
    clear = {n: c for n, c in given.items() if n not in early}
    part = part if part.given is None else part.model_copy(update={"given": clear})
    columns = {c.name: _lay_cells(part, assume_domain(c, given.get(c.name))) for c in stated}
    codec = _foresee_codec(part, tuple(columns.values()), names)
    try:
        conditions = find_conditions(part, codec)
    except RequestError as error:
        return (*early.values(), *error.problems)
    known = {c.name: columns[c.name] for c in stated if c.complete}
    strange = [p for n, c in clear.items() if n in known for p in _find_strangers(part, known[n], c)]
    contradictions = () if strange else _find_contradictions(part, clear, conditions, codec, known)
    return (*early.values(), *strange, *contradictions)


def _find_range_fault(column: StatedColumn, condition: Condition | None) -> Problem | None:
    """A range on a column that may have none, or with its ends the wrong way round."""
    where = f"given.{column.name}"
    if not isinstance(condition, Between):
        return None
    if column.form is None:
        return need_meaning(column.name, where)
    low, high = condition.between
    if low is None or high is None or not kind_of(column.form):
        return None
    scale = scale_of(column.form, column.decimals)
    try:
        wrong = parse_tick(low, scale) > parse_tick(high, scale)
    except ValueError:
        return None  # told with the other values that cannot be read
    what = f"the range from {low} to {high} has its ends the wrong way round"
    return Problem("SD-TABLES-041", where, what, "Exchange the two.") if wrong else None


def _lay_cells(part: TablesPart, column: StatedColumn) -> FineColumn:
    line = column.form not in (None, "category", "boolean")
    return stated_column(column, list_cuts(part, column.name, scale_of(column.form or "category", column.decimals)) if line else ())  # fmt: skip


def _foresee_codec(part: TablesPart, columns: Sequence[FineColumn], names: Sequence[str]) -> TableCodec:
    """The codec that a part will have, but for its weights, and for domains that are still to be found."""
    nothing = [Counted(c, np.zeros(c.size), np.zeros(c.size), np.zeros(0, np.int32)) for c in columns]
    return build_codec(nothing, names, keep_found(part, columns)[0])


def _find_strangers(part: TablesPart, column: FineColumn, condition: Condition) -> Iterator[Problem]:
    """Single values outside of a stated domain: rows would hold what the recipe says cannot be."""
    if isinstance(condition, Between | OneOf):
        return  # held against the codec already
    for value in condition.shares if isinstance(condition, Shares) else (condition,):
        if column.is_line:
            inside = bool(column.edges[0] <= parse_tick(value, column.scale) < column.edges[-1])
            said = part.columns[column.name]
            mend = f"Values lie between {said.minimum} and {said.maximum}."
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            inside, mend = text in column.values, nearest(text, column.values)
        if not inside:
            yield Problem("SD-TABLES-042", f"given.{column.name}", f"no row can have {value!r}", mend)


def _find_contradictions(
    part: TablesPart,
    given: Mapping[str, Condition],
    conditions: Conditions,
    codec: TableCodec,
    known: Mapping[str, FineColumn],
) -> Iterator[Problem]:
    """Combinations that cannot be and that are given all the same: no row would come of them."""
    for i, combination in enumerate(part.impossible):
        if not all(n in known and n in given for n in combination):
            continue
        met = (find_met(known[n], c, f"impossible.{i}.{n}") for n, c in combination.items())
        if all(bool(m[_list_cells(conditions, codec, n)].all()) for m, n in zip(met, combination, strict=True)):
            what = (
                f"no row can have what is given of {' and '.join(map(repr, combination))}: impossible.{i} rules it out"
            )
            yield Problem("SD-TABLES-043", "given", what, "Give something else, or take the combination out.")


def _list_cells(conditions: Conditions, codec: TableCodec, name: str) -> NDArray[np.intp]:
    """Cells that a column may take under the conditions."""
    j = list(codec.names).index(name)
    shared = next((s for s in conditions.shared if s.column == j), None)
    if shared is not None:
        return np.asarray(shared.codes[shared.shares > 0], np.intp)
    fixed = int(conditions.fixed[0, j])
    mask = conditions.allowed[j]
    return np.array([fixed], np.intp) if fixed >= 0 or mask is None else np.flatnonzero(mask)
