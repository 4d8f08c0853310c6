"""From real tables to the draft of a recipe by exact statistics, in which groups of few rows are left out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.tables import UNIT
from sundog.kinds.records.start.curves import Floats
from sundog.kinds.records.start.drafts import Draft, PartDraft, Said, TableDraft
from sundog.kinds.records.start.identities import draft_identity, draft_key, is_made_up, say_relation
from sundog.kinds.records.start.numbers import draft_number
from sundog.kinds.records.start.reading import Column, Table, as_floats, is_number
from sundog.kinds.records.start.relations import (
    Link,
    choose_parents,
    describe_count,
    find_links,
    find_person,
    find_rows,
    find_totals,
    order_tables,
    split_persons,
)
from sundog.kinds.records.start.rules import find_ruled
from sundog.kinds.records.start.times import as_days, draft_time
from sundog.kinds.records.start.together import fit_copula, measure_spearman
from sundog.kinds.records.start.words import draft_boolean, draft_text

PER_PARENT = 2**16
"""Unique codes of a table with a parent need room for many rows of each unit."""


def draft_parts(tables: Sequence[Table], least: int, unit: str) -> tuple[PartDraft, ...]:
    """Parts of a recipe, one for each group of tables that hang together.

    Args:
        tables: as read, with different names.
        least: groups of fewer rows, or of fewer owners where they are known, are not told.
        unit: column that names the person, in the table that has it; empty to look for one.

    Raises:
        RequestError: a table has too few rows, or the column of the unit is not there.
    """
    _check(tables, least, unit)
    whole, links = list(tables), list(find_links(tables, least))
    parents = choose_parents(whole, links)
    for table in tables:
        person = _choose_person(table, unit)
        taken = parents.get(table.name)
        if person is None or (taken is not None and taken.column == person.name) or _is_referred(table, links):
            continue
        if taken is not None:
            continue
        parent, child, link = split_persons(table, person, [t.name for t in whole])
        whole[whole.index(table)] = child
        whole.insert(0, parent)
        parents[child.name] = link
    others = tuple(k for k in links if k not in parents.values())
    groups = order_tables(whole, parents)
    shared = _find_shared(groups, others)
    return tuple(
        _draft_part(
            group, [t for s in groups for t in s if shared.get(t.name) == group[0].name], parents, others, least
        )
        for group in groups
        if group[0].name not in shared
    )


def _find_shared(groups: Sequence[Sequence[Table]], others: Sequence[Link]) -> dict[str, str]:
    """Tables that stand alone and that rows of one group of tables refer to: their names, and that of the group's first table."""
    home = {t.name: group[0].name for group in groups for t in group}
    found: dict[str, str] = {}
    for group in groups:
        name = group[0].name
        users = {home[k.child] for k in others if k.parent == name and home[k.child] != name}
        if len(group) == 1 and len(users) == 1 and not users & set(found) and name not in found.values():
            found[name] = users.pop()
    return found


def _check(tables: Sequence[Table], least: int, unit: str) -> None:
    few = [t for t in tables if t.rows < 2 * least]
    if few:
        what = f"{', '.join(t.source for t in few)}: fewer than {2 * least} rows, so that no statistic may be told"
        fix = f"Give more rows, or a smaller --least; with groups of {least}, twice as many rows are needed."
        raise RequestError(Problem("SD-RECORDS-060", "recipe from", what, fix))
    if unit and not any(c.name == unit for t in tables for c in t.columns):
        what = f"--unit names {unit!r}, which is no column of {', '.join(t.source for t in tables)}"
        raise RequestError(
            Problem("SD-RECORDS-061", "--unit", what, "Name the column that says whose a row is, or `row`.")
        )


def _choose_person(table: Table, unit: str) -> Column | None:
    if not unit:
        return find_person(table)
    column = next((c for c in table.columns if c.name == unit), None)
    if column is None or column.values.null_count or int(pc.count_distinct(column.values).as_py()) == table.rows:
        return None
    return column


def _is_referred(table: Table, links: Sequence[Link]) -> bool:
    """Whether another table hangs on this one by a key that is the person's own."""
    return any(k.parent == table.name and k.key in {c.name for c in table.columns if c.reading.person} for k in links)


def _draft_part(
    group: Sequence[Table],
    shared: Sequence[Table],
    parents: Mapping[str, Link],
    others: Sequence[Link],
    least: int,
) -> PartDraft:
    by_name = {t.name: t for t in group}
    root = group[0]
    owners: dict[str, NDArray[np.int64]] = {}
    known = {t.name: t for t in (*group, *shared)}
    links = [k for k in others if k.child in known and k.parent in known]
    wanted = {(k.parent, k.key) for k in (*links, *parents.values())}
    relations = [
        (k, np.bincount(rows[rows >= 0], minlength=known[k.parent].rows))
        for k in links
        if k.parent == root.name or k.parent in {t.name for t in shared}
        for rows in [find_rows(_column(known[k.child], k.column), _column(known[k.parent], k.key))]
    ]
    places = {
        t.name: find_rows(_column(t, k.column), _column(by_name[k.parent], k.key))
        for t in group
        if (k := parents.get(t.name)) is not None
    }
    totals: dict[tuple[str, str], str] = {}
    for table in group:
        if table.name in places:
            up = by_name[parents[table.name].parent]
            taken = [c for t, c in wanted if t == up.name] + [c for t, c in totals if t == up.name]
            told = find_totals(up, table, places[table.name], least, taken)
            totals.update({(up.name, c): text for c, text in told.items()})
    around = Around(root.name, tuple(relations), frozenset(wanted), totals)
    drafts = []
    for table in (*shared, *group):
        link = parents.get(table.name)
        if link is None:
            draft = draft_table(table, least, round_rows(table.rows), around, ())
            drafts.append(replace(draft, shared=table.name != root.name))
            continue
        parent = by_name[link.parent]
        rows = places[table.name]
        owners[table.name] = owners[parent.name][rows] if parent.name in owners else rows
        held = tuple(replace(c, owners=owners[table.name]) for c in table.columns)
        fixed = _find_parent_fields(table, parent, rows, link)
        codes = round_rows(root.rows) * PER_PARENT
        draft = draft_table(replace(table, columns=held), least, codes, around, fixed)
        count, words = describe_count(np.bincount(rows, minlength=parent.rows), least)
        origin = f"exact: {words}, rounded; groups of fewer than {least} left out; no guarantee"
        drafts.append(replace(draft, rows=0, parent=parent.name, count=count, origin=origin))
    read = tuple(
        {"source": t.source, "table": t.name, "mode": "exact", "sha256": t.sha256, "least_rows": least}
        for t in (*shared, *group)
    )
    return PartDraft(group[0].name, tuple(drafts), read)


def _column(table: Table, name: str) -> Column:
    return next(c for c in table.columns if c.name == name)


def round_rows(rows: int) -> int:
    """A number of rows to two digits."""
    size = 10 ** max(0, math.floor(math.log10(max(rows, 1))) - 1)
    return int(round(rows / size) * size)


def _find_parent_fields(
    table: Table, parent: Table, rows: NDArray[np.int64], link: Link
) -> tuple[tuple[str, str], ...]:
    """Columns that are those of the parent's row: the key, and columns of the same name and values."""
    found = [(link.column, link.key)]
    for column in table.columns:
        other = next((c for c in parent.columns if c.name == column.name and c.values.type == column.values.type), None)
        if other is None or column.name == link.column:
            continue
        there = other.values.take(pa.array(rows))
        if there.null_count == column.values.null_count and there.equals(column.values):
            found.append((column.name, column.name))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Around:
    """What a table needs to know of the others of its part.

    Attributes:
        root: the first table.
        relations: foreign keys that are not the way to a parent, and how many rows refer to each key: int64 (keys,).
        keys: tables and their columns that other tables refer to.
        totals: tables and their columns that count or add up rows of a child, with the expression.
    """

    root: str
    relations: tuple[tuple[Link, NDArray[np.int64]], ...]
    keys: frozenset[tuple[str, str]]
    totals: Mapping[tuple[str, str], str]


def draft_table(table: Table, least: int, codes: int, around: Around, fixed: Sequence[tuple[str, str]]) -> TableDraft:
    """The fields of a table and how they hang together.

    Args:
        table: with owners where it has a parent.
        least: rows of a group.
        codes: unique codes that will be wanted.
        around: the other tables.
        fixed: columns that are the parent's, with their name there.
    """
    taken = dict(fixed)
    free = [c for c in table.columns if c.name not in taken and c.name != UNIT]
    linked = {k.column: (k, n) for k, n in around.relations if k.child == table.name and k.column not in taken}
    keys = {column for name, column in around.keys if name == table.name}
    totals = {c: text for (name, c), text in around.totals.items() if name == table.name}
    plain = [c for c in free if c.name not in {*linked, *keys, *totals} and _is_ruled(c, least)]
    ruled = find_ruled(plain, table.rows, least)
    drafts: list[Draft] = []
    numbers: dict[str, Floats] = {}
    for column in table.columns:
        if column.name == UNIT:
            continue
        if column.name in taken:
            said: dict[str, object] = {"type": "parent", "field": taken[column.name]}
            drafts.append(Draft(column.name, said, "the parent's, in every row of the real table"))
            continue
        if column.name in linked:
            link, number = linked[column.name]
            drafts.append(say_relation(column, link, around.root, number, least))
            continue
        if column.name in totals and column.name not in taken and column.name not in ruled:
            said = {"type": "expression", "value": totals[column.name]}
            drafts.append(Draft(column.name, said, "exact: holds in every row of the real tables; no guarantee"))
            continue
        if column.name in ruled:
            one = ruled[column.name]
            drafts.append(one.draft)
            if one.helper:
                numbers[one.helper] = one.values
            continue
        draft = draft_key(column, least, codes) if column.name in keys else draft_column(column, least, codes)
        drafts.append(draft)
        if draft.number:
            numbers[draft.number] = _as_numbers(column)
    flat = {d.name: d.said for draft in drafts for d in (*draft.before, draft)}
    correlated, remarks = _correlate(numbers, flat, least)
    return TableDraft(
        table.name,
        tuple(_join_sexes(drafts)),
        round_rows(table.rows),
        correlated=correlated,
        remarks=(f"From {table.source}.", *remarks),
        origin=""
        if not correlated
        else f"exact: rank correlations, two digits, of pairs with at least {least} rows; no guarantee",
    )


def _is_ruled(column: Column, least: int) -> bool:
    told = column.reading.meaning not in ("identifier", "constant", "text")
    return column.known >= 2 * least and told and not is_made_up(column)


def draft_column(column: Column, least: int, codes: int) -> Draft:
    """The field of one column that depends on no other."""
    kind = column.values.type
    if column.known < least:
        said: dict[str, object] = {"type": "constant", "value": "", "missing": 1.0}
        if is_number(kind):
            said["value"] = 0
        return Draft(column.name, said, f"exact: fewer than {least} rows have a value, of which nothing was read")
    if pa.types.is_boolean(kind):
        return draft_boolean(column, least)
    if pa.types.is_temporal(kind):
        return draft_time(column, least)
    if is_number(kind):
        identity = draft_identity(column, least, codes)
        return draft_number(column, least) if identity is None else identity
    if pa.types.is_string(kind):
        return draft_text(column, least, codes)
    said = {"type": "constant", "value": "", "missing": 1.0}
    return Draft(column.name, said, "nothing was read", (f"Values of the type {kind} are not described.",))


def _as_numbers(column: Column) -> Floats:
    kind = column.values.type
    if pa.types.is_boolean(kind):
        return as_floats(column.values.cast(pa.int8()))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return as_days(column.values)
    return as_floats(column.values)


def _correlate(
    numbers: Mapping[str, Floats], fields: Mapping[str, Said], least: int
) -> tuple[tuple[tuple[tuple[str, ...], tuple[tuple[float, ...], ...]], ...], tuple[str, ...]]:
    usable = {n: x for n, x in numbers.items() if fields[n].get("type") != "constant"}
    names, matrix = measure_spearman(usable, least)
    if not names:
        return (), ()
    kept, found, moved = fit_copula(names, matrix, fields)
    if not kept:
        return (), (
            ("Rank correlations were clear, but no copula has them with these laws: left out.",) if moved else ()
        )
    remarks = ("The rank correlations are the nearest that these laws can have.",) if moved else ()
    rows = tuple(tuple(float(x) for x in row) for row in found.tolist())
    return ((kept, rows),), remarks


_FEMALE, _MALE = ("f", "female", "w", "woman", "weiblich"), ("m", "male", "man", "männlich")
_SIDES = ("given_name", "surname", "name", "title", "email", "username")


def _join_sexes(drafts: list[Draft]) -> list[Draft]:
    """Persons get the sex of the table's own column, where it has one with words for it."""
    people = [d for d in drafts if d.said.get("type") == "person" and d.said["part"] in _SIDES]
    named = [
        d for d in drafts if d.name.lower() in ("sex", "gender", "geschlecht") and d.said.get("type") == "category"
    ]
    if not named or not people or not isinstance(values := named[0].said["values"], Mapping):
        return drafts
    sex = named[0]
    female = [v for v in values if v.strip().lower() in _FEMALE]
    male = [v for v in values if v.strip().lower() in _MALE]
    if not female or not male:
        return drafts
    field = sex.name
    before: tuple[Draft, ...] = ()
    if set(values) != {"female", "male"} or sex.said.get("missing"):
        field = f"_sex_of_{sex.name}"
        literal = female[0].replace("'", "''")
        text = f"if {sex.name} = '{literal}' then 'female' else 'male'"
        said: dict[str, object] = {"type": "expression", "value": text, "keep": False}
        before = (Draft(field, said, "computed", ("The sex of the person whose names these are.",)),)
    joined = {
        d.name: replace(d, said={**d.said, "sex": field}, before=before if d is people[0] else ()) for d in people
    }
    return [joined.get(d.name, d) for d in drafts]
