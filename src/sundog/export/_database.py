"""What exporters to databases share: which tables in which order, their names, and the statements that make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.core.protocols import BundleView
from sundog.core.tables import ForeignKey, TableKeys, keys_of
from sundog.export._sql_types import Dialect, as_loaded, load_type, name_type, quote_name
from sundog.export._tables import ChosenTable, choose_tables, scan_rows
from sundog.export.extension import DatabaseOut
from sundog.export.select import Condition, parse_select

_LONGEST: dict[Dialect, int] = {"postgresql": 63, "mysql": 64, "sqlite": 1000, "duckdb": 1000}
"""Bytes (MySQL: letters) of a name; PostgreSQL would cut a longer one."""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """A table as it is made in a database.

    Attributes:
        of: where its rows come from.
        name: in the database.
        keys: those that are made there; foreign keys name tables as the database does.
        key_columns: columns of any of its keys.
    """

    of: ChosenTable
    name: str
    keys: TableKeys
    key_columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class DatabasePlan:
    """All tables of an export, those that are referred to before those that refer to them.

    Attributes:
        tables: in the order in which they are filled.
        condition: which rows.
        dialect: of which database.
    """

    tables: tuple[DatabaseTable, ...]
    condition: Condition | None
    dialect: Dialect

    def scan(self, bundle: BundleView, table: DatabaseTable) -> Iterator[pa.RecordBatch]:
        """The rows of a table, batch by batch, in the types that the driver takes."""
        schema = self.loaded(table)
        for batch in scan_rows(bundle, table.of, self.condition):
            if batch.num_rows:
                columns = [as_loaded(column, self.dialect) for column in batch.columns]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def loaded(self, table: DatabaseTable) -> pa.Schema:
        """The schema of what ``scan`` gives."""
        return pa.schema([pa.field(f.name, load_type(f.type, self.dialect)) for f in table.of.schema])


def plan_database(spec: DatabaseOut, bundle: BundleView, dialect: Dialect) -> DatabasePlan:
    """Choose, name and order the tables.

    A table is called as its part where the part has no other, and by its own name where it has; where two parts have tables
    of one name, PART_TABLE. A foreign key is made where the rows that it refers to are exported whole: never with ``select``.

    Raises:
        RequestError: the database cannot hold a name.
    """
    condition = None if spec.select is None else parse_select(spec.select)
    chosen = choose_tables(bundle, condition)
    names = _name_tables(bundle, chosen)
    _check_names(chosen, names, dialect)
    stated = {(t.part, t.name): _known_keys(t) for t in chosen}
    linked = {
        (part, table): tuple(
            ForeignKey(f.columns, names[part, f.table], f.to)
            for f in keys.foreign
            if (part, f.table) in stated and _names_rows(stated[part, f.table], f.to)
        )
        for (part, table), keys in stated.items()
    }
    tables = []
    for table in _order(chosen, linked, names):
        place = (table.part, table.name)
        keys = TableKeys()
        if spec.keys:
            foreign = linked[place] if condition is None else ()
            keys = TableKeys(stated[place].primary, stated[place].unique, foreign)
        columns = [*keys.primary, *chain(*keys.unique), *chain(*(f.columns for f in keys.foreign))]
        tables.append(DatabaseTable(table, names[place], keys, frozenset(columns)))
    return DatabasePlan(tuple(tables), condition, dialect)


def _name_tables(bundle: BundleView, chosen: Sequence[ChosenTable]) -> dict[tuple[str, str], str]:
    short = {(t.part, t.name): t.part if len(bundle.tables(t.part)) == 1 else t.name for t in chosen}
    times = Counter(name.lower() for name in short.values())
    return {
        (part, table): name if times[name.lower()] == 1 else f"{part}_{table}" for (part, table), name in short.items()
    }


def _check_names(chosen: Sequence[ChosenTable], names: dict[tuple[str, str], str], dialect: Dialect) -> None:
    problems = []
    for where, found in [("the tables", list(names.values()))] + [
        (f"table {names[t.part, t.name]!r}", list(t.schema.names)) for t in chosen
    ]:
        wrong = [n for n in found if not n or "\x00" in n]
        longest = _LONGEST[dialect]
        wrong += [n for n in found if (len(n) if dialect == "mysql" else len(n.encode())) > longest]
        folded = Counter(n if dialect == "postgresql" else n.lower() for n in found)
        wrong += [n for n in found if folded[n if dialect == "postgresql" else n.lower()] > 1]
        if not found:
            wrong.append("")
        for name in dict.fromkeys(wrong):
            what = f"{dialect} cannot hold the name {name!r}: it is empty, too long, or stands twice"
            mend = "Rename it in the recipe, or export to a format of files."
            problems.append(Problem("SD-EXPORT-030", where, what, mend))
    if problems:
        raise RequestError(*problems)


def _known_keys(table: ChosenTable) -> TableKeys:
    """The stated keys whose columns are there."""
    keys, there = keys_of(table.schema), set(table.schema.names)
    return TableKeys(
        keys.primary if set(keys.primary) <= there else (),
        tuple(group for group in keys.unique if group and set(group) <= there),
        tuple(f for f in keys.foreign if f.columns and set(f.columns) <= there and len(f.columns) == len(f.to)),
    )


def _names_rows(keys: TableKeys, columns: tuple[str, ...]) -> bool:
    return columns == keys.primary or columns in keys.unique


def _order(
    chosen: Sequence[ChosenTable],
    linked: dict[tuple[str, str], tuple[ForeignKey, ...]],
    names: dict[tuple[str, str], str],
) -> list[ChosenTable]:
    """Tables after those that they refer to; where they refer to one another in a circle, in their own order."""
    left, out = list(chosen), list[ChosenTable]()
    while left:
        waiting = {names[t.part, t.name] for t in left}
        ready = [
            t
            for t in left
            if all(f.table not in waiting or f.table == names[t.part, t.name] for f in linked[t.part, t.name])
        ] or left[:1]
        out += ready
        left = [t for t in left if t not in ready]
    return out


def spell_table(
    table: DatabaseTable, dialect: Dialect, name: str, inline: TableKeys, *, nested: bool = False, defer: bool = False
) -> str:
    """CREATE TABLE with the keys of ``inline``.

    Args:
        table: what is made.
        dialect: of which database.
        name: quoted, with its schema where it has one.
        inline: keys that are part of the statement.
        nested: lists and structs as the database's own types.
        defer: foreign keys are looked at when the transaction ends.
    """
    lines = [
        f"{quote_name(f.name, dialect)} "
        f"{name_type(f.type, dialect, key=f.name in table.key_columns, nested=nested)}"
        f"{'' if f.nullable and f.name not in table.keys.primary else ' NOT NULL'}"
        for f in table.of.schema
    ]
    lines += spell_keys(inline, dialect, "", defer=defer)
    return f"CREATE TABLE {name} (\n  " + ",\n  ".join(lines) + "\n)"


def spell_keys(keys: TableKeys, dialect: Dialect, schema: str, *, defer: bool = False) -> list[str]:
    """The constraints of a table, as they stand in CREATE TABLE and after ALTER TABLE ... ADD.

    ``schema`` stands before the names of other tables: quoted, with its dot, or empty.
    """

    def listed(columns: tuple[str, ...]) -> str:
        return ", ".join(quote_name(c, dialect) for c in columns)

    found = [f"PRIMARY KEY ({listed(keys.primary)})"] if keys.primary else []
    found += [f"UNIQUE ({listed(group)})" for group in keys.unique]
    late = " DEFERRABLE INITIALLY DEFERRED" if defer else ""
    found += [
        f"FOREIGN KEY ({listed(f.columns)}) REFERENCES {schema}{quote_name(f.table, dialect)} ({listed(f.to)}){late}"
        for f in keys.foreign
    ]
    return found


def keep_error(batches: Iterator[pa.RecordBatch], raised: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """The same batches; what reading them raises is kept, since a driver gives only its text on."""
    try:
        yield from batches
    except GeneratorExit:
        raise
    except BaseException as error:
        raised.append(error)
        raise
