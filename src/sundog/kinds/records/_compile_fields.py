"""Fields of a recipe as columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from sundog.kinds.records import fields_words as words
from sundog.kinds.records._columns import (
    CasesColumn,
    CategoryColumn,
    Column,
    ConstantColumn,
    Drawn,
    ExpressionColumn,
    FromWords,
    LawColumn,
    ParentColumn,
    WithGaps,
)
from sundog.kinds.records._compile_words import compile_pattern, compile_template, compile_unique, compile_word
from sundog.kinds.records._events import EventTimeColumn
from sundog.kinds.records._laws import build_law, find_texts, gives_whole, is_law
from sundog.kinds.records._references import ReferenceColumn
from sundog.kinds.records._serial import SequenceColumn, check_mask
from sundog.kinds.records._session import Session, Step
from sundog.kinds.records._times import DateColumn, TimestampColumn, build_days, build_instants
from sundog.kinds.records._together import AutoregressiveColumn, CorrelatedColumn, WalkColumn, open_end
from sundog.kinds.records._words import PatternColumn
from sundog.kinds.records.fields_numbers import (
    AnyField,
    AutoregressiveField,
    BooleanField,
    ConstantField,
    Missing,
    WalkField,
)
from sundog.kinds.records.recipe import Correlated
from sundog.lib.expressions.check import check
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.parse import read
from sundog.lib.expressions.program import Program, compile
from sundog.lib.expressions.syntax import Expression, depends_on
from sundog.lib.expressions.value_types import Kind, Type
from sundog.lib.laws.calibrate import calibrate_copula
from sundog.lib.laws.choices import Categorical
from sundog.lib.laws.copula import Copula
from sundog.lib.laws.law import check_law
from sundog.lib.laws.series import find_autoregression_faults, find_walk_faults
from sundog.lib.laws.zones import check_zone


def _scope(session: Session, table: str) -> dict[str, Type]:
    """Types of the fields that an expression over a table's rows may read."""
    scope = {f: kind for (t, f), kind in session.types.items() if t == table and f}
    for child, spec in session.part.tables.items():
        if spec.parent == table:
            scope.update({f"{child}.{f}": kind for (t, f), kind in session.types.items() if t == child and f})
    return scope


def compile_expression(
    session: Session, table: str, text: str, where: str, wanted: Kind | None = None
) -> Program | None:
    expression = read(text)
    if isinstance(expression, Fault):
        session.problems.append(expression.as_problem(where))
        return None
    if _waits_for_fault(session, table, expression):
        return None
    children = [n for n, t in session.part.tables.items() if t.parent == table]
    checked = check(expression, _scope(session, table), children=children, wanted=wanted)
    if isinstance(checked, tuple):
        session.problems += [fault.as_problem(where) for fault in checked]
        return None
    return compile(checked)


def _waits_for_fault(session: Session, table: str, expression: Expression) -> bool:
    """Whether a field that it reads is there but has a fault of its own, which is told once."""
    for key in depends_on(expression):
        other, dot, name = key.partition(".")
        place = (other, name) if dot else (table, key)
        spec = session.part.tables.get(place[0])
        if spec is not None and place[1] in spec.fields and place not in session.types:
            return True
    return False


def compile_field(session: Session, table: str, name: str) -> None:
    said = session.part.tables[table].fields[name]
    where = session.at(table, "fields", name)
    group = next((g for g in session.part.tables[table].correlated if name in g.fields), None)
    if group is not None:
        column: Column | None = _compile_correlated(session, table, name, group)
    else:
        column = _compile_column(session, table, said, where)
    if column is None:
        return
    if isinstance(said.missing, Missing):
        when = None
        if said.missing.when is not None:
            when = compile_expression(session, table, said.missing.when, f"{where}.missing.when", "bool")
            if when is None:
                return
        column = WithGaps(column, said.missing.share, when, said.missing.share_when)
    elif said.missing:
        column = WithGaps(column, said.missing, None, 1.0)
    session.made[table, name] = Step(table, name, column)
    session.types[table, name] = _type_of(column, said)


def _compile_column(session: Session, table: str, said: AnyField, where: str) -> Column | None:
    if isinstance(said, words.ExpressionField):
        program = compile_expression(session, table, said.value, where)
        return None if program is None else ExpressionColumn(program, children_of(program))
    if isinstance(said, words.ParentField):
        return _compile_parent(session, table, said, where)
    if isinstance(said, words.PersonField | words.PlaceField | words.WordsField | words.IdentifierField):
        return compile_word(session, table, said, where)
    if isinstance(said, words.ReferenceField):
        return _compile_reference(session, said, where)
    if isinstance(said, words.EventTimeField):
        step = session.made.get((table, ""))
        if step is not None and step.events is not None:
            return EventTimeColumn(step.events.type, said.seconds)
        if step is not None:
            session.fault("SD-RECORDS-018", where, f"the rows of {table!r} are no events", "Give the table 'events'.")
        return None
    if isinstance(said, WalkField | AutoregressiveField):
        return _compile_series(session, table, said, where)
    if isinstance(said, words.UniqueField):
        return compile_unique(session, table, said, where)
    if isinstance(said, words.SequenceField):
        for fault in check_mask(said.pattern):
            session.fault("SD-RECORDS-006", where, fault, "# stands for a digit of the number.")
            return None
        return SequenceColumn(said.start, said.step, said.pattern)
    drawn = _compile_drawn(session, table, said, where)
    return None if drawn is None else FromWords(drawn)


def children_of(program: Program) -> tuple[str, ...]:
    named = {name.partition(".")[0] for name in program.columns if "." in name}
    return tuple(sorted(named | set(program.children)))


def _compile_parent(session: Session, table: str, said: words.ParentField, where: str) -> Column | None:
    parent = session.part.tables[table].parent
    if parent is None:
        session.fault(
            "SD-RECORDS-004", where, f"table {table!r} has no parent", "Take the field out, or name a 'parent'."
        )
        return None
    if session.lacks(where, parent, said.field):
        return None
    step = session.made.get((parent, said.field))
    return None if step is None or step.column is None else ParentColumn(parent, said.field, step.column.type)


def _compile_drawn(session: Session, table: str, said: AnyField, where: str) -> Drawn | None:
    if isinstance(said, ConstantField):
        return ConstantColumn(pa.scalar(said.value))
    if isinstance(said, words.CategoryField):
        weights = list(said.values.values()) if isinstance(said.values, Mapping) else [1.0] * len(said.values)
        law = Categorical(np.array(weights, np.float64))
        if session.told(check_law(law), where):
            return None
        return CategoryColumn(pa.array(list(said.values)), law)
    if isinstance(said, words.ConditionalField):
        return _compile_cases(session, table, said, where)
    if isinstance(said, words.DateField):
        days = build_days(said.start, said.stop, said.calendar)
        return None if session.told(check_law(days), where) else DateColumn(days)
    if isinstance(said, words.TimestampField):
        return _compile_instants(session, said, where)
    if isinstance(said, words.PatternField):
        pattern = compile_pattern(session, said, where)
        return None if pattern is None else PatternColumn(pattern)
    if isinstance(said, words.TemplateField):
        return compile_template(session, table, said, where)
    if is_law(said):
        return compile_law(session, table, said, where)
    session.fault(
        "SD-RECORDS-007",
        where,
        "a field that depends on other rows or fields cannot be a case",
        "Give the cases fields of their own, and choose among them by an expression.",
    )
    return None


def compile_law(session: Session, table: str, said: AnyField, where: str) -> Drawn | None:
    if isinstance(said, ConstantField):
        return ConstantColumn(pa.scalar(said.value))
    kind = pa.bool_() if isinstance(said, BooleanField) else pa.int64() if gives_whole(said) else pa.float64()
    texts = find_texts(said)
    if not texts:
        law = build_law(said)
        return None if session.told(check_law(law), where) else LawColumn(said, where, kind, law, {})
    programs = {}
    for name, text in texts.items():
        program = compile_expression(session, table, text, f"{where}.{name}", "float64")
        if program is not None:
            programs[name] = program
    return LawColumn(said, where, kind, None, programs) if len(programs) == len(texts) else None


def _compile_cases(session: Session, table: str, said: words.ConditionalField, where: str) -> Drawn | None:
    if session.lacks(f"{where}.given", table, said.given):
        return None
    cases = [_compile_drawn(session, table, case, f"{where}.cases.{name}") for name, case in said.cases.items()]
    if said.otherwise is not None:
        cases.append(_compile_drawn(session, table, said.otherwise, f"{where}.otherwise"))
    whole = [case for case in cases if case is not None]
    if len(whole) < len(cases):
        return None
    kinds = {case.type for case in whole}
    if kinds == {pa.int64(), pa.float64()}:
        kinds = {pa.float64()}
    if len(kinds) > 1:
        session.wrong_type(where, f"its cases give {', '.join(sorted(map(str, kinds)))}", "Give cases of one type.")
        return None
    return CasesColumn(said.given, tuple(said.cases), tuple(whole), said.otherwise is not None, kinds.pop())


_KINDS: Mapping[pa.DataType, Kind] = {
    pa.int64(): "int64",
    pa.float64(): "float64",
    pa.bool_(): "bool",
    pa.string(): "string",
    pa.date32(): "date",
    pa.duration("us"): "duration",
}


def _type_of(column: Column, said: AnyField) -> Type:
    """What expressions may know of a column: its kind, and the range of a number where its law has ends."""
    inner = column.inner if isinstance(column, WithGaps) else column
    if isinstance(inner, ExpressionColumn):
        return inner.program.type
    kind = _KINDS.get(column.type, "timestamp")
    if kind not in ("int64", "float64"):
        zone = column.type.tz if pa.types.is_timestamp(column.type) else None
        return Type(kind, zone)
    if isinstance(inner, FromWords) and isinstance(inner.drawn, LawColumn) and inner.drawn.law is not None:
        low, high = inner.drawn.law.support()
        return Type(kind, None, low if np.isfinite(low) else None, high if np.isfinite(high) else None)
    if isinstance(said, ConstantField):
        return Type(kind, None, float(said.value), float(said.value))
    return Type(kind)


def _compile_instants(session: Session, said: words.TimestampField, where: str) -> Drawn | None:
    if said.zone is None and (said.start.tzinfo is not None or said.stop.tzinfo is not None):
        session.fault("SD-RECORDS-010", where, "its ends state a zone, and the field has none", "Name a 'zone'.")
        return None
    faults = () if said.zone is None else check_zone(said.zone)
    if session.told(faults, f"{where}.zone"):
        return None
    law = build_instants(said.start, said.stop, said.zone, said.calendar)
    return None if session.told(check_law(law), where) else TimestampColumn(law, said.zone, said.seconds)


def _compile_series(session: Session, table: str, said: WalkField | AutoregressiveField, where: str) -> Column | None:
    if session.part.tables[table].parent is None:
        session.fault(
            "SD-RECORDS-015",
            where,
            f"table {table!r} has no parent, whose rows it could run along",
            "Give it a 'parent'.",
        )
        return None
    if isinstance(said, AutoregressiveField):
        faults = find_autoregression_faults(said.mean, said.sd, said.memory)
        return None if session.told(faults, where) else AutoregressiveColumn(said.mean, said.sd, said.memory)
    texts = find_texts(said.step)
    if texts:
        session.told(tuple(f"{name} of a step cannot be an expression" for name in texts), f"{where}.step")
        return None
    step, low, high = build_law(said.step), open_end(said.low, -1.0), open_end(said.high, 1.0)
    return (
        None
        if session.told(find_walk_faults(step, said.start, low, high), where)
        else WalkColumn(said.start, step, low, high)
    )


def _compile_correlated(session: Session, table: str, name: str, group: Correlated) -> Column | None:
    copula = _find_copula(session, table, group)
    said = session.part.tables[table].fields[name]
    if copula is None:
        return None
    kind = pa.bool_() if isinstance(said, BooleanField) else pa.int64() if gives_whole(said) else pa.float64()
    return CorrelatedColumn(", ".join(group.fields), group.fields.index(name), copula, build_law(said), kind)


def _find_copula(session: Session, table: str, group: Correlated) -> Copula | None:
    """The copula of a group, found once; its faults are told once."""
    place = (table, ", ".join(group.fields))
    if place in session.copulas:
        return session.copulas[place]
    session.copulas[place] = None
    where = session.at(table, "correlated")
    fields = session.part.tables[table].fields
    wrong = [name for name in group.fields if session.lacks(where, table, name)]
    for name in group.fields:
        if name not in wrong and (not is_law(fields[name]) or find_texts(fields[name])):
            wrong.append(name)
            what = f"{name!r} is no number drawn from a law with stated parameters"
            session.fault(
                "SD-RECORDS-016", where, what, "Take it out of the group, or state its parameters as numbers."
            )
    if wrong:
        return None
    shape = [len(row) for row in group.spearman]
    if shape != [len(group.fields)] * len(group.fields):
        session.told((f"the matrix must have {len(group.fields)} rows and columns, as there are fields",), where)
        return None
    degrees = group.degrees if group.copula == "t" else None
    laws = [build_law(fields[name]) for name in group.fields]
    found = calibrate_copula(np.array(group.spearman), laws, degrees, group.fields)
    if not session.told(found.faults, where):
        session.copulas[place] = found.copula
    return session.copulas[place]


def _compile_reference(session: Session, said: words.ReferenceField, where: str) -> Column | None:
    root = next(name for name, spec in session.part.tables.items() if spec.parent is None)
    if session.lacks(f"{where}.to", root, said.to):
        return None
    target = session.part.tables[root].fields[said.to]
    ruled = [name for name, spec in session.part.tables.items() if spec.rules]
    what = ""
    if not isinstance(target, words.SequenceField | words.UniqueField) or target.missing:
        what = f"{said.to!r} of {root!r} is no key: it must be a sequence or unique, and never missing"
    elif ruled:
        what = f"units may be rejected by rules of {', '.join(ruled)}, so the row that is referred to may not be there"
    elif session.part.units is None and not said.earlier:
        what = "how many units there are is not stated in a chained part"
    if what:
        session.fault("SD-RECORDS-019", where, what, "Refer to a key, in a part whose tables have no 'rules'.")
        return None
    step = session.made.get((root, said.to))
    if step is None or step.column is None:
        return None
    return ReferenceColumn(root, said.to, step.column, session.part.units or 1, said.earlier, said.skew)
