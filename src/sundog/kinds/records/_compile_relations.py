"""Fields that depend on other rows: references and what they refer to, trees, histories, parts of amounts, chains of states."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.records import fields_words as words
from sundog.kinds.records._columns import Column, LawColumn
from sundog.kinds.records._compile_expressions import compile_expression
from sundog.kinds.records._history import AsOfColumn, ValidFromColumn, ValidToColumn
from sundog.kinds.records._keys import find_target, is_key
from sundog.kinds.records._parts import ListedColumn, PieceColumn, SplitColumn, StatesColumn
from sundog.kinds.records._references import Needed, ReferenceColumn, ReferredColumn, UnderColumn
from sundog.kinds.records._session import Place, Session
from sundog.lib.laws.law import check_weights

Related = (
    words.ReferenceField
    | words.ReferredField
    | words.UnderField
    | words.ValidFromField
    | words.ValidToField
    | words.AsOfField
    | words.StatesField
    | words.SplitField
    | words.PieceField
    | words.ListedField
)
RELATED = Related.__args__

_TOO_MANY = 1e-9
"""Chance that a parent has more rows than there are different ones to refer to, from which on a recipe is refused."""


def compile_related(session: Session, table: str, name: str, said: Related, where: str) -> Column | None:
    """A field that depends on other rows; None, and the faults noted, where it cannot be made."""
    try:
        return _compile(session, table, name, said, where)
    except RequestError as error:
        session.took(error)
        return None


def _refuse(code: str, where: str, what: str, fix: str) -> RequestError:
    return RequestError(Problem(code, where, what, fix))


def _compile(session: Session, table: str, name: str, said: Related, where: str) -> Column | None:
    match said:
        case words.ReferenceField():
            return _compile_reference(session, table, name, said, where)
        case words.ReferredField():
            return _compile_referred(session, table, said, where)
        case words.UnderField():
            return _compile_under(session, table, said, where)
        case words.ValidFromField() | words.ValidToField():
            step = session.made.get((table, ""))
            if step is None:
                return None
            if step.history is None:
                raise _refuse(
                    "SD-RECORDS-021", where, f"the rows of {table!r} are no periods", "Give the table a 'history'."
                )
            kind = step.history.type
            inclusive = isinstance(said, words.ValidToField) and said.inclusive
            return ValidFromColumn(kind) if isinstance(said, words.ValidFromField) else ValidToColumn(kind, inclusive)
        case words.AsOfField():
            return _compile_as_of(session, table, said, where)
        case words.StatesField():
            return _compile_states(session, table, said, where)
        case words.SplitField():
            return _compile_split(session, table, said, where)
        case words.PieceField():
            return _compile_piece(session, table, name, said, where)
        case words.ListedField():
            return _compile_listed(session, table, said, where)


def _compile_reference(
    session: Session, table: str, name: str, said: words.ReferenceField, where: str
) -> Column | None:
    part = session.part
    target, field = find_target(part, said.to)
    if target not in part.tables:
        what = f"{target!r} is not a table ({', '.join(part.tables)})"
        raise _refuse("SD-RECORDS-020", f"{where}.to", what, nearest(target, part.tables))
    if session.lacks(f"{where}.to", target, field):
        return None
    fixed = part.tables[target].rows is not None
    what = ""
    ruled = [n for n, spec in part.tables.items() if spec.rules and not part.stands(n)]
    if target != part.root and not fixed:
        what = f"rows of {target!r} belong to units; only the first table and tables with 'rows' can be referred to"
    elif not is_key(part.tables[target].fields[field]):
        what = f"{field!r} of {target!r} is no key: it must be a sequence, unique or listed, and never missing"
    elif part.stands(table) and not fixed:
        what = f"{table!r} is made once, before there are rows of {target!r}"
    elif not fixed and ruled:
        what = f"units may be rejected by rules of {', '.join(ruled)}, so the row that is referred to may not be there"
    elif not fixed and part.units is None and not said.earlier:
        what = "how many units there are is not stated in a chained part"
    elif said.earlier and fixed and table != target:
        what = f"'earlier' rows of {target!r} are for {target!r} itself"
    elif said.weight is not None and not fixed:
        what = "'weight' is for references to a table with 'rows'"
    elif said.distinct and part.tables[table].parent is None and not part.stands(table):
        what = f"{table!r} has no parent, among whose rows none would be drawn twice"
    if what:
        fix = "Refer to a key of the first table, in a part without 'rules', or of a table with 'rows'."
        raise _refuse("SD-RECORDS-019", where, what, fix)
    if said.weight is not None and not _is_weight(session, target, said.weight, f"{where}.weight"):
        return None
    size = part.tables[target].rows or part.units or 1
    if said.distinct and not _has_room(session, table, target, size, where):
        return None
    step = session.made.get((target, field))
    if step is None or step.column is None:
        return None
    own = None if fixed else step.column
    return ReferenceColumn(
        name,
        target,
        field,
        own,
        size,
        step.column.type,
        said.earlier,
        said.fan_out or 0,
        said.skew,
        said.weight,
        said.distinct,
    )


def _is_weight(session: Session, table: str, name: str, where: str) -> bool:
    if session.lacks(where, table, name):
        return False
    kind = session.types.get((table, name))
    if kind is not None and kind.kind not in ("int64", "float64"):
        session.wrong_type(where, f"{name!r} is {kind}", "Name a numeric field.")
        return False
    return kind is not None


def _has_room(session: Session, table: str, target: str, size: int, where: str) -> bool:
    """Whether a parent hardly ever has more rows than there are different ones to refer to."""
    step = session.made.get((table, ""))
    if step is None:
        return False
    more = 0.0
    if step.rows is not None:
        more = float(step.rows > size)
    elif step.count is not None and isinstance(step.count.drawn, LawColumn) and step.count.drawn.law is not None:
        more = 1.0 - float(step.count.drawn.law.cdf(np.array([float(size)]))[0])
    if more > _TOO_MANY:
        what = f"with a probability of {more:.2g} there are more rows than the {size:,} different ones of {target!r}"
        fix = f"Give {target!r} more rows, 'count' a law with an end (integer, table), or take 'distinct' out."
        raise _refuse("SD-RECORDS-022", where, what, fix)
    return True


def _compile_referred(session: Session, table: str, said: words.ReferredField, where: str) -> Column | None:
    fields = session.part.tables[table].fields
    if session.lacks(f"{where}.by", table, said.by):
        return None
    by = fields[said.by]
    if not isinstance(by, words.ReferenceField):
        raise _refuse("SD-RECORDS-023", f"{where}.by", f"{said.by!r} is no reference", "Name a reference field.")
    target, _ = find_target(session.part, by.to)
    if target not in session.part.tables or session.lacks(f"{where}.field", target, said.field):
        return None
    if (table, said.by) not in session.made or (target, said.field) not in session.made:
        return None
    column = session.made[target, said.field].column
    if column is None:
        return None
    if session.part.tables[target].rows is not None:
        return ReferredColumn(said.by, target, said.field, (), column.type)
    needed: dict[str, Column] = {}
    for place in _find_needed(session, (target, said.field)):
        step = session.made.get(place)
        if place[0] != target:
            if session.part.stands(place[0]):
                continue
            what = f"{said.field!r} of {target!r} depends on its rows of {place[0]!r}, which are not made there"
            raise _refuse("SD-RECORDS-024", f"{where}.field", what, "Take a field that depends on its own row only.")
        if place[1]:
            if step is None or step.column is None:
                return None
            needed[place[1]] = step.column
    return ReferredColumn(said.by, target, said.field, tuple(Needed(*each) for each in needed.items()), column.type)


def _find_needed(session: Session, goal: Place) -> list[Place]:
    """What a field depends on, in an order in which each comes after what it needs; itself last."""
    done: dict[Place, None] = {}

    def visit(place: Place) -> None:
        if place not in done:
            for other in session.waits.get(place, []):
                if other != place and other not in done:
                    visit(other)
            done[place] = None

    visit(goal)
    return list(done)


def _compile_under(session: Session, table: str, said: words.UnderField, where: str) -> Column | None:
    spec = session.part.tables[table]
    if session.lacks(f"{where}.key", table, said.key):
        return None
    if spec.parent is None and spec.rows is None:
        what = f"{table!r} has no parent, within whose rows the tree would grow"
        raise _refuse("SD-RECORDS-025", where, what, "Use a reference to 'earlier' rows, with 'fan_out'.")
    if not is_key(spec.fields[said.key]):
        what = f"{said.key!r} is no key: it must be a sequence, unique or listed, and never missing"
        raise _refuse("SD-RECORDS-035", f"{where}.key", what, "Name a key of the same table.")
    step = session.made.get((table, said.key))
    if step is None or step.column is None:
        return None
    return UnderColumn(said.key, said.roots, said.depth, said.fan_out, step.column.type)


def _compile_as_of(session: Session, table: str, said: words.AsOfField, where: str) -> Column | None:
    part = session.part
    history, _, field = said.field.partition(".")
    spec = part.tables.get(history)
    if spec is None or spec.history is None or spec.parent is None:
        known = [n for n, t in part.tables.items() if t.history is not None]
        what = f"{history!r} is no table with a 'history' ({', '.join(known) or 'there is none'})"
        raise _refuse("SD-RECORDS-026", f"{where}.field", what, nearest(history, known))
    if session.lacks(f"{where}.field", history, field):
        return None
    path = _find_path(session, table, said, spec.parent, where)
    formula = compile_expression(session, table, said.at, f"{where}.at")
    rows, column = session.made.get((history, "")), session.made.get((history, field))
    if path is None or formula is None or rows is None or rows.history is None or column is None:
        return None
    start = rows.history.start.type
    same = (formula.type.kind, formula.type.zone) == (start.kind, start.zone)
    if not same and not (formula.type.kind == "timestamp" and formula.type.zone is None and start.kind == "date"):
        session.wrong_type(f"{where}.at", f"it is {formula.type}, and the periods begin at {start}", "Give the same.")
        return None
    assert column.column is not None
    return AsOfColumn(history, field, formula, path, said.by, column.column.type)


def _find_path(session: Session, table: str, said: words.AsOfField, parent: str, where: str) -> tuple[str, ...] | None:
    """Tables from a row up to the one below the history's parent; empty where a reference leads there."""
    part = session.part
    if said.by is not None:
        if session.lacks(f"{where}.by", table, said.by):
            return None
        by = part.tables[table].fields[said.by]
        if not isinstance(by, words.ReferenceField) or find_target(part, by.to)[0] != parent:
            what = f"{said.by!r} is no reference to {parent!r}, whose history it is"
            raise _refuse("SD-RECORDS-033", f"{where}.by", what, f"Name a reference to {parent!r}.")
        if part.tables[parent].rows is None:
            what = f"the history of {parent!r} belongs to units, of which a row sees its own only"
            raise _refuse("SD-RECORDS-034", f"{where}.by", what, "Take 'by' out, or give the table 'rows'.")
        return ()
    path, at = [], table
    while at != parent:
        above = part.tables[at].parent
        if above is None:
            what = f"{table!r} hangs on no row of {parent!r}, whose history it is"
            raise _refuse("SD-RECORDS-036", f"{where}.field", what, "Name a reference to the row with 'by'.")
        path.append(at)
        at = above
    return tuple(path)


def _compile_states(session: Session, table: str, said: words.StatesField, where: str) -> Column | None:
    if session.part.tables[table].parent is None:
        what = f"table {table!r} has no parent, whose rows it could run along"
        raise _refuse("SD-RECORDS-038", where, what, "Give it a 'parent'.")
    names = list(dict.fromkeys([*said.start, *said.moves, *(n for to in said.moves.values() for n in to)]))
    matrix = np.eye(len(names))
    for name, goals in said.moves.items():
        matrix[names.index(name)] = [goals.get(other, 0.0) for other in names]
    start = np.array([said.start.get(name, 0.0) for name in names])
    faults = check_weights("start", start)
    faults += tuple(f for n in said.moves for f in check_weights(f"moves from {n}", matrix[names.index(n)]))
    if session.told(faults, where):
        return None
    return StatesColumn(tuple(names), np.cumsum(start), np.cumsum(matrix, axis=1))


def _compile_split(session: Session, table: str, said: words.SplitField, where: str) -> Column | None:
    parent = session.part.tables[table].parent
    if parent is None:
        what = f"table {table!r} has no parent, whose amount could be split"
        raise _refuse("SD-RECORDS-037", where, what, "Use 'piece' to split an amount over fields of the row.")
    if not _is_weight(session, parent, said.of, f"{where}.of"):
        return None
    return SplitColumn(parent, said.of, said.evenness, said.decimals, where)


def _compile_piece(session: Session, table: str, name: str, said: words.PieceField, where: str) -> Column | None:
    fields = session.part.tables[table].fields
    if not _is_weight(session, table, said.of, f"{where}.of"):
        return None
    group = {n: f for n, f in fields.items() if isinstance(f, words.PieceField) and f.of == said.of}
    first, total = next(iter(group.values())), sum(f.weight for f in group.values())
    alphas = tuple(first.evenness * f.weight * len(group) / total for f in group.values())
    wrong = [n for n, f in group.items() if f.decimals != first.decimals]
    if len(group) < 2 or wrong:
        what = f"{said.of!r} has one piece only" if len(group) < 2 else f"{wrong[0]!r} has other 'decimals'"
        raise _refuse("SD-RECORDS-027", where, what, "Give two or more pieces, with the same 'decimals'.")
    return PieceColumn(said.of, tuple(group), list(group).index(name), alphas, first.decimals, where)


def _compile_listed(session: Session, table: str, said: words.ListedField, where: str) -> Column | None:
    rows = session.part.tables[table].rows
    if rows != len(said.values):
        there = "no 'rows'" if rows is None else f"{rows} 'rows'"
        what = f"{len(said.values)} values are listed, and the table has {there}"
        raise _refuse("SD-RECORDS-029", where, what, "List one value for each of the 'rows'.")
    kinds = {type(value) for value in said.values}
    if kinds == {int, float}:
        return ListedColumn(pa.array([float(value) for value in said.values]))
    if len(kinds) > 1:
        told = ", ".join(sorted(kind.__name__ for kind in kinds))
        session.wrong_type(where, f"its values are of the types {told}", "Give values of one type.")
        return None
    return ListedColumn(pa.array(list(said.values)))
