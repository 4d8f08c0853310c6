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
    OneOfColumn,
    ParentColumn,
    WithGaps,
)
from sundog.kinds.records._compile_bounds import check_cases, check_parameters, check_share
from sundog.kinds.records._compile_expressions import KINDS, compile_expression
from sundog.kinds.records._compile_relations import RELATED, compile_related
from sundog.kinds.records._compile_stream_fields import FIELDS as STREAM_FIELDS
from sundog.kinds.records._compile_stream_fields import compile_stream_field
from sundog.kinds.records._compile_words import (
    compile_pattern,
    compile_sequence,
    compile_template,
    compile_unique,
    compile_word,
)
from sundog.kinds.records._events import EventKindColumn, EventTimeColumn
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._laws import build_law, find_law_faults, find_texts, find_wrong_numbers, gives_whole, is_law
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
from sundog.lib.expressions.value_types import Type
from sundog.lib.laws.calibrate import calibrate_copula
from sundog.lib.laws.choices import Categorical
from sundog.lib.laws.copula import Copula
from sundog.lib.laws.law import check_law
from sundog.lib.laws.series import find_autoregression_faults, find_walk_faults
from sundog.lib.laws.zones import check_zone


def compile_field(session: Session, table: str, name: str) -> None:
    said = session.part.tables[table].fields[name]
    where = session.at(table, "fields", name)
    group = next((g for g in session.part.tables[table].correlated if name in g.fields), None)
    if group is not None:
        column: Column | None = _compile_correlated(session, table, name, group)
    else:
        column = _compile_column(session, table, name, said, where)
    if column is None:
        return
    kind = _type_of(column, said)
    whole = _compile_choice(session, table, name, column)
    if whole is not None:
        whole = _compile_gaps(session, table, name, whole, kind)
    if whole is not None:
        session.made[table, name] = Step(table, name, whole)
        if not pa.types.is_nested(whole.type):  # no expression can read a list
            session.types[table, name] = kind


def _compile_choice(session: Session, table: str, name: str, column: Column) -> Column | None:
    """The column, or its share in a group of fields of which one has a value."""
    groups = [(i, g) for i, g in enumerate(session.part.tables[table].one_of) if name in g.fields]
    if not groups:
        return column
    number, group = groups[0]
    where = session.at(table, "one_of", str(number))
    weights = group.weights or (1.0,) * len(group.fields)
    law = Categorical(np.array(weights, np.float64))
    faults = check_law(law)
    if len(weights) != len(group.fields) or len(set(group.fields)) < len(group.fields):
        faults = (f"{len(weights)} weights are given for {len(set(group.fields))} fields",)
    if len(groups) > 1:
        faults = (f"{name!r} is in two groups of which one has a value",)
    if faults:
        if name == group.fields[0] or len(groups) > 1:
            session.told(faults, where)
        return None
    return OneOfColumn(column, ", ".join(group.fields), group.fields.index(name), law)


def _compile_gaps(session: Session, table: str, name: str, column: Column, kind: Type) -> Column | None:
    """The column with its missing values; the share may depend on the value itself."""
    said = session.part.tables[table].fields[name].missing
    if not said:
        return column
    if not isinstance(said, Missing):
        return WithGaps(name, column, said, None, 1.0, None)
    where = f"{session.at(table, 'fields', name)}.missing"
    share: float | Formula | None = said.share if not isinstance(said.share, str) else None
    if isinstance(said.share, str):
        share = compile_expression(session, table, said.share, f"{where}.share", "float64", {name: kind})
    when = None
    if said.when is not None:
        when = compile_expression(session, table, said.when, f"{where}.when", "bool", {name: kind})
    if share is None or (said.when is not None and when is None):
        return None
    if isinstance(share, Formula) and not check_share(session, share, f"{where}.share"):
        return None
    return WithGaps(name, column, share, when, said.share_when, said.together)


def _compile_column(session: Session, table: str, name: str, said: AnyField, where: str) -> Column | None:
    if isinstance(said, words.ExpressionField):
        formula = compile_expression(session, table, said.value, where)
        return None if formula is None else ExpressionColumn(formula)
    if isinstance(said, words.ParentField):
        return _compile_parent(session, table, said, where)
    if isinstance(said, words.PersonField | words.PlaceField | words.WordsField | words.IdentifierField):
        return compile_word(session, table, said, where)
    if isinstance(said, RELATED):
        return compile_related(session, table, name, said, where)
    if isinstance(said, words.EventTimeField | words.EventKindField):
        return _compile_event(session, table, said, where)
    if isinstance(said, STREAM_FIELDS):
        return compile_stream_field(session, table, said, where)
    if isinstance(said, WalkField | AutoregressiveField):
        return _compile_series(session, table, said, where)
    if isinstance(said, words.UniqueField):
        return compile_unique(session, table, said, where)
    if isinstance(said, words.SequenceField):
        return compile_sequence(session, table, said, where)
    drawn = _compile_drawn(session, table, said, where)
    return None if drawn is None else FromWords(drawn)


def _compile_event(
    session: Session, table: str, said: words.EventTimeField | words.EventKindField, where: str
) -> Column | None:
    """When the event is that a row is, or of which kind."""
    step, events = session.made.get((table, "")), session.part.tables[table].events
    if step is None:
        return None
    if isinstance(said, words.EventTimeField) and step.events is not None:
        return EventTimeColumn(step.events.type, said.seconds)
    if isinstance(said, words.EventKindField) and events is not None and events.kinds:
        return EventKindColumn(tuple(events.kinds))
    several = isinstance(said, words.EventKindField)
    what = f"the rows of {table!r} are no events" + (" of several kinds" if several else "")
    session.fault("SD-RECORDS-018", where, what, f"Give the table 'events'{' with kinds' if several else ''}.")
    return None


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


def _compile_drawn(session: Session, table: str, said: AnyField, where: str, case: bool = False) -> Drawn | None:
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
        if said.stop < said.start:
            session.told((f"start ({said.start}) is after stop ({said.stop})",), where)
            return None
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
        return compile_law(session, table, said, where, case)
    session.fault(
        "SD-RECORDS-007",
        where,
        "a field that depends on other rows or fields cannot be a case",
        "Give the cases fields of their own, and choose among them by an expression.",
    )
    return None


def compile_law(
    session: Session, table: str, said: AnyField, where: str, case: bool = False, count: bool = False
) -> Drawn | None:
    """The law of a field; ``case``: it is taken in some rows only; ``count``: whoever asks checks its parameters."""
    if isinstance(said, ConstantField):
        return ConstantColumn(pa.scalar(said.value))
    kind = pa.bool_() if isinstance(said, BooleanField) else pa.int64() if gives_whole(said) else pa.float64()
    texts = find_texts(said)
    if session.told(find_wrong_numbers(said), where):
        return None
    if not texts:
        if session.told(find_law_faults(said), where):
            return None
        return LawColumn(said, where, kind, build_law(said), {})
    programs = {}
    for name, text in texts.items():
        program = compile_expression(session, table, text, f"{where}.{name}", "float64")
        if program is not None:
            programs[name] = program
    if len(programs) < len(texts) or not (count or check_parameters(session, said, programs, where, case)):
        return None
    return LawColumn(said, where, kind, None, programs)


def _compile_cases(session: Session, table: str, said: words.ConditionalField, where: str) -> Drawn | None:
    if session.lacks(f"{where}.given", table, said.given):
        return None
    cases = [_compile_drawn(session, table, case, f"{where}.cases.{name}", True) for name, case in said.cases.items()]
    if said.otherwise is not None:
        cases.append(_compile_drawn(session, table, said.otherwise, f"{where}.otherwise", True))
    whole = [case for case in cases if case is not None]
    if not check_cases(session, table, said, where) or len(whole) < len(cases):
        return None
    kinds = {case.type for case in whole}
    if kinds == {pa.int64(), pa.float64()}:
        kinds = {pa.float64()}
    if len(kinds) > 1:
        session.wrong_type(where, f"its cases give {', '.join(sorted(map(str, kinds)))}", "Give cases of one type.")
        return None
    return CasesColumn(said.given, tuple(said.cases), tuple(whole), said.otherwise is not None, kinds.pop())


def _type_of(column: Column, said: AnyField) -> Type:
    """What expressions may know of a column: its kind, and the range of a number where its law has ends."""
    inner = column.inner if isinstance(column, WithGaps) else column
    if isinstance(inner, ExpressionColumn):
        return inner.formula.type
    kind = KINDS.get(column.type, "timestamp")
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
    if said.start.replace(tzinfo=None) >= said.stop.replace(tzinfo=None):
        session.told((f"start ({said.start}) is not before stop ({said.stop})",), where)
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
        faults = tuple(f.replace("carry", "memory").replace("center", "mean") for f in faults)
        return None if session.told(faults, where) else AutoregressiveColumn(said.mean, said.sd, said.memory)
    texts = find_texts(said.step)
    if texts:
        session.told(tuple(f"{name} of a step cannot be an expression" for name in texts), f"{where}.step")
        return None
    if session.told(find_wrong_numbers(said.step) or find_law_faults(said.step), f"{where}.step"):
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
        if name in wrong:
            continue
        if not is_law(fields[name]) or find_texts(fields[name]) or find_wrong_numbers(fields[name]):
            wrong.append(name)
            what = f"{name!r} is no number drawn from a law with stated parameters"
            session.fault(
                "SD-RECORDS-016", where, what, "Take it out of the group, or state its parameters as numbers."
            )
    bad = [
        name
        for name in group.fields
        if name not in wrong and session.told(find_law_faults(fields[name]), f"{session.at(table, 'fields', name)}")
    ]
    if wrong or bad:
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
