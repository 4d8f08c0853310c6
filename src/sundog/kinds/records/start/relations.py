"""Which tables hang on which: foreign keys by name and containment, or a column of keys that come back, and how many rows a parent has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.kinds.records.start.curves import thin_curve, trace_curve
from sundog.kinds.records.start.drafts import name_table, quote_name
from sundog.kinds.records.start.fit import round_share
from sundog.kinds.records.start.numbers import describe_numbers
from sundog.kinds.records.start.reading import Column, Table, as_floats, is_number
from sundog.lib.rows.infer_meaning import Reading, split_name

_KEY_WORDS = frozenset(("id", "ids", "key", "nr", "no", "number", "num", "code", "uuid", "guid", "pk", "fk", "ref"))


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key.

    Attributes:
        child: name of the table that refers.
        column: its column.
        parent: name of the table referred to.
        key: the key there.
    """

    child: str
    column: str
    parent: str
    key: str


def find_links(tables: Sequence[Table], least: int) -> tuple[Link, ...]:
    """Every column whose values are all among those of another table's key, and whose name says that it refers to it."""
    found = []
    for parent in tables:
        for key in parent.columns:
            if not _is_key(key, parent.rows, least):
                continue
            for child in tables:
                for column in child.columns:
                    same = child.name == parent.name
                    if (same and column.name == key.name) or not _may_refer(column, key, parent.name, same):
                        continue
                    if _is_within(column, key):
                        found.append(Link(child.name, column.name, parent.name, key.name))
    return tuple(found)


def _is_key(column: Column, rows: int, least: int) -> bool:
    kind = column.values.type
    if rows < least or column.values.null_count or not (pa.types.is_integer(kind) or pa.types.is_string(kind)):
        return False
    return int(pc.count_distinct(column.values).as_py()) == rows


def _may_refer(column: Column, key: Column, parent: str, same: bool) -> bool:
    if column.values.type != key.values.type or column.known < 1:
        return False
    named, keyed = split_name(column.name), split_name(key.name)
    if not same and column.name.lower() == key.name.lower():
        # Two tables that both have an `id` need not speak of the same.
        return len(keyed) > 1 or not _KEY_WORDS & set(keyed)
    about = _strip_plural(parent)
    bare = [w for w in keyed if w not in _KEY_WORDS]
    if same:
        return bool(_KEY_WORDS & set(named[-1:])) and bool(_KEY_WORDS & set(keyed)) and named[-1:] == keyed[-1:]
    wanted = {about, *bare} - {""}
    return bool(_KEY_WORDS & set(named)) and bool(wanted & {_strip_plural(w) for w in named})


def _strip_plural(word: str) -> str:
    last = word.split("_")[-1].lower()
    if last.endswith("ies"):
        return last[:-3] + "y"
    return last[:-1] if last.endswith("s") and not last.endswith("ss") else last


def _is_within(column: Column, key: Column) -> bool:
    known = column.values.drop_null()
    return bool(pc.all(pc.is_in(known, value_set=key.values)).as_py()) and int(pc.count_distinct(known).as_py()) > 1


def choose_parents(tables: Sequence[Table], links: Sequence[Link]) -> dict[str, Link]:
    """At most one parent for each table, without a circle: of several, the one with the most rows, so that chains stay whole."""
    rows = {t.name: t.rows for t in tables}
    missing = {(t.name, c.name): c.values.null_count for t in tables for c in t.columns}
    chosen: dict[str, Link] = {}
    for link in sorted(links, key=lambda k: -rows[k.parent]):
        if link.child in chosen or link.child == link.parent or missing[link.child, link.column]:
            continue
        at, circle = link.parent, False
        while at in chosen and not circle:
            at = chosen[at].parent
            circle = at == link.child
        if not circle:
            chosen[link.child] = link
    return chosen


def order_tables(tables: Sequence[Table], parents: dict[str, Link]) -> list[list[Table]]:
    """Groups of tables that hang together, parents before children; each group has one table without a parent."""
    by_name = {t.name: t for t in tables}
    groups: dict[str, list[Table]] = {t.name: [t] for t in tables if t.name not in parents}
    waiting = [t for t in tables if t.name in parents]
    root = {name: name for name in groups}
    while waiting:
        ready = [t for t in waiting if parents[t.name].parent in root]
        for table in ready:
            root[table.name] = root[parents[table.name].parent]
            groups[root[table.name]].append(by_name[table.name])
        waiting = [t for t in waiting if t.name not in root]
    return list(groups.values())


def find_rows(child: Column, key: Column) -> NDArray[np.int64]:
    """The row of the parent that each row of the child refers to: int64 (n,), -1 for none."""
    found = pc.index_in(child.values, value_set=key.values).fill_null(-1)
    return np.asarray(found.to_numpy(zero_copy_only=False), np.int64)


def describe_count(number: NDArray[np.int64], least: int) -> tuple[dict[str, object], str]:
    """A law of how many rows a parent has, and what was read for it.

    Args:
        number: int64 (parents,), rows of each.
        least: parents of a group.
    """
    said, words, _ = describe_numbers(number.astype(np.float64), 0, least)
    if said["type"] in ("integer", "poisson", "negative_binomial", "constant", "table"):
        return said, f"{words} of the number of rows that a parent has"
    curve = trace_curve(number.astype(np.float64), 1.0, least)
    if curve is None:
        return {"type": "constant", "value": 1}, "nothing: too few parents"
    thin = thin_curve(curve, 24)
    parts = []
    for i in range(len(thin.at) - 1):
        low, high = int(np.floor(thin.at[i])) + 1, int(np.floor(thin.at[i + 1]))
        weight = round_share(float(thin.below[i + 1] - thin.below[i]))
        if weight > 0:
            parts.append({"weight": weight, "law": {"type": "integer", "low": max(low, 0), "high": max(high, low, 0)}})
    return {"type": "mixture", "parts": parts}, f"{len(parts)} bins of the number of rows that a parent has"


def find_person(table: Table) -> Column | None:
    """The column of keys that come back and name whose row it is, if there is one."""
    scored = [c for c in table.columns if c.reading.person >= 0.5 and not c.values.null_count]
    return max(scored, key=lambda c: c.reading.person, default=None)


def split_persons(table: Table, person: Column, taken: Sequence[str]) -> tuple[Table, Table, Link]:
    """A table of persons, with the columns that never change within one, and the rows that hang on them."""
    encoded = person.values.dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), np.int64)
    size = len(encoded.dictionary)
    first = np.full(size, table.rows, np.int64)
    np.minimum.at(first, codes, np.arange(table.rows))
    order = np.sort(first)
    words = [w for w in split_name(person.name) if w not in _KEY_WORDS]
    name = name_table("_".join(words) or "owner", [*taken, table.name])
    key = replace(
        person.take(order), reading=Reading("identifier", "every row has its own", person.reading.pattern or "key")
    )
    own, rest = [key], [person]
    for column in table.columns:
        if column.name == person.name:
            continue
        if _is_fixed(column, codes, size):
            own.append(column.take(order))
        else:
            rest.append(column)
    parent = Table(name, table.source, table.sha256, size, tuple(own))
    child = Table(table.name, table.source, table.sha256, table.rows, tuple(rest))
    return parent, child, Link(table.name, person.name, name, person.name)


def _is_fixed(column: Column, codes: NDArray[np.int64], size: int) -> bool:
    """Whether a column has one value for each person, and there are persons with several rows who show it."""
    if pa.types.is_floating(column.values.type) and column.decimals is None:
        return False
    values = np.asarray(
        column.values.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64
    )
    several = int(values.max(initial=0)) > 0
    pairs = len(np.unique(codes * (int(values.max(initial=0)) + 2) + values + 1))
    return several and pairs == size


def find_totals(
    parent: Table, child: Table, rows: NDArray[np.int64], least: int, taken: Sequence[str]
) -> dict[str, str]:
    """Columns of a parent that count its rows of a table, or add up one of their columns, in every row: their expressions.

    Args:
        parent: the table of the column.
        child: the table that hangs on it.
        rows: int64 (child rows,), the row of the parent that each refers to.
        least: rows of the parent that must have children for that to be believed.
        taken: columns of the parent that are something else.
    """
    number = np.bincount(rows, minlength=parent.rows)
    found: dict[str, str] = {}
    if int((number > 0).sum()) < least or len(np.unique(number)) < 2:
        return found
    sums = {}
    for column in child.columns:
        if is_number(column.values.type) and quote_name(column.name) and not column.values.null_count:
            sums[column.name] = np.bincount(rows, weights=as_floats(column.values), minlength=parent.rows)
    for column in parent.columns:
        if column.name in taken or not is_number(column.values.type) or column.values.null_count:
            continue
        values = as_floats(column.values)
        if pa.types.is_integer(column.values.type) and bool((values == number).all()):
            found[column.name] = f"count({child.name})"
            continue
        places = 0 if pa.types.is_integer(column.values.type) else column.decimals
        for name, total in sums.items():
            near = 0.5 * 10.0 ** -(places or 0) + 1e-9 * np.abs(total)
            if places is None or len(np.unique(total)) < least or not bool((np.abs(values - total) <= near).all()):
                continue
            whole = pa.types.is_integer(column.values.type)
            inner = f"coalesce(sum({child.name}.{name}), {0 if whole else 0.0})" if quote_name(name) == name else ""
            if inner and whole == pa.types.is_integer(next(c for c in child.columns if c.name == name).values.type):
                found[column.name] = inner if whole else f"round({inner}, {places})"
                break
    return found
