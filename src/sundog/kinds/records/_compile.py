"""From the recipe of a part to a plan: which fields are made in which order, and how; every fault at once, before a row is made."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.tables import with_meaning
from sundog.kinds.records._columns import ConstantColumn, Drawn, ExpressionColumn, LawColumn
from sundog.kinds.records._compile_bounds import check_groups, check_parameters, check_rule, check_window
from sundog.kinds.records._compile_expressions import compile_expression
from sundog.kinds.records._compile_fields import compile_field, compile_law
from sundog.kinds.records._compile_flows import compile_flows, compile_number
from sundog.kinds.records._compile_streams import compile_planted, compile_stream
from sundog.kinds.records._events import EventRows
from sundog.kinds.records._formula import Formula, Shelf
from sundog.kinds.records._history import HistoryRows
from sundog.kinds.records._keys import find_key, state_keys
from sundog.kinds.records._laws import gives_whole
from sundog.kinds.records._meanings import find_meaning
from sundog.kinds.records._order import find_waits, list_needed, order_places
from sundog.kinds.records._session import Count, Plan, Rule, Session, Step
from sundog.kinds.records._stream_columns import describe_field
from sundog.kinds.records._words import Locales
from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.recipe import Events, History, RecordsPart
from sundog.lib.words.locales import list_locales

MOST_CHILDREN = 10_000_000
"""Most rows of a table that one row of its parent may have."""


def compile_part(part: RecordsPart, where: str = "parts") -> Plan:
    """The plan of a part.

    Args:
        part: from the recipe.
        where: place of the part in the recipe, for errors.

    Raises:
        RequestError: with every fault of fields, expressions, laws and references.
    """
    problems: list[Problem] = []
    try:
        locales = find_locales(part, where)
    except RequestError as error:
        problems += error.problems
        locales = Locales(list_locales()[:1], (1.0,))
    session = Session(part, where, locales, Shelf(part.as_of), problems)
    for name, table in part.tables.items():
        key = find_key(table.fields) if table.rows is not None else None
        if key is not None:
            session.shelf.keys[name] = key
    waits = session.waits = find_waits(session)
    order = order_places(session, waits)
    for place in order:
        if place[1] == "":
            _compile_rows(session, place[0])
        else:
            compile_field(session, *place)
    rules = _compile_rules(session)
    for name in part.tables:
        check_groups(session, name)
    if session.problems:
        raise RequestError(*session.problems)
    steps = [session.made[place] for place in order]
    schemas: dict[str, pa.Schema] = {}
    for name, table in part.tables.items():
        kept = [n for n, f in table.fields.items() if f.keep]
        columns = {n: session.made[name, n].column for n in kept}
        fields = [
            describe_field(n, c) if (meaning := find_meaning(part, name, table.fields[n])) is None
            else with_meaning(describe_field(n, c), meaning)
            for n, c in columns.items()
            if c is not None
        ]  # fmt: skip
        schemas[name] = state_keys(part, name, pa.schema(fields))
    return Plan(
        tuple(step for step in steps if part.stands(step.table)),
        {name: schema for name, schema in schemas.items() if part.stands(name)},
        session.shelf,
        tuple(step for step in steps if not part.stands(step.table)),
        rules,
        {name: schema for name, schema in schemas.items() if not part.stands(name)},
        {n: t.parent for n, t in part.tables.items()},
        {
            name: tuple(session.made[place] for place in list_needed(waits, order, (name, "")))
            for name, table in part.tables.items()
            if table.stream is not None and not part.stands(name)
        },
    )


def _compile_rows(session: Session, name: str) -> None:
    table = session.part.tables[name]
    if table.events is not None and table.parent is not None:
        events = _compile_events(session, name, table.parent, table.events)
        if events is not None:
            session.made[name, ""] = Step(name, "", events=events)
        return
    if table.history is not None and table.parent is not None:
        history = _compile_history(session, name, table.parent, table.history)
        if history is not None:
            session.made[name, ""] = Step(name, "", history=history)
        return
    if table.stream is not None:
        stream = compile_stream(session, name)
        if stream is not None:
            session.made[name, ""] = Step(name, "", stream=stream)
        return
    if table.faults_of is not None:
        planted = compile_planted(session, name)
        if planted is not None:
            session.made[name, ""] = Step(name, "", planted=planted)
        return
    if table.count is None or table.parent is None:
        session.made[name, ""] = Step(name, "", rows=table.rows)
        return
    drawn = compile_law(session, table.parent, table.count, session.at(name, "count"), count=True)
    if drawn is None:
        return
    wrong = _find_count_fault(drawn, table.count)
    if wrong:
        session.fault("SD-RECORDS-003", session.at(name, "count"), wrong, "Give a law of whole numbers from 0 on.")
        return
    where = session.at(name, "count")
    if isinstance(drawn, LawColumn) and not check_parameters(session, table.count, drawn.programs, where, False):
        return
    session.made[name, ""] = Step(name, "", None, Count(drawn))


def _compile_events(session: Session, name: str, parent: str, said: Events) -> EventRows | None:
    where = session.at(name, "events")
    start = compile_expression(session, parent, said.start, f"{where}.start")
    stop = compile_expression(session, parent, said.stop, f"{where}.stop")
    sound = all(formula is not None and _gives_instant(session, formula) for formula in (start, stop))
    zone = "UTC" if start is None or start.type.zone is None else start.type.zone
    flows = compile_flows(session, parent, said, zone, where)
    if start is None or stop is None or flows is None or not sound:
        return None
    if not check_window(session, parent, start, stop, where):
        return None
    return EventRows(start, stop, flows, where)


def _compile_history(session: Session, name: str, parent: str, said: History) -> HistoryRows | None:
    where = session.at(name, "history")
    start = compile_expression(session, parent, said.start, f"{where}.start")
    stop = compile_expression(session, parent, said.stop, f"{where}.stop")
    rate = compile_number(session, parent, said.per_year, f"{where}.per_year")
    if start is None or stop is None or rate is None:
        return None
    if not all(_gives_instant(session, formula) for formula in (start, stop)):
        return None
    if not check_window(session, parent, start, stop, where):
        return None
    return HistoryRows(start, stop, rate, where)


def _gives_instant(session: Session, formula: Formula) -> bool:
    """Whether it gives dates or timestamps; a fault is noted if not."""
    if formula.type.kind in ("date", "timestamp"):
        return True
    session.wrong_type(formula.where, f"it gives {formula.type}", "Give a date or a timestamp.")
    return False


def _find_count_fault(drawn: Drawn, said: AnyField) -> str:
    """Why this is no number of rows; empty if it is one."""
    if isinstance(drawn, ConstantColumn):
        value = drawn.value.as_py()
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_CHILDREN:
            return f"the number of rows is {value!r}, not a whole number up to {MOST_CHILDREN:,}"
        return ""
    if not gives_whole(said):
        return "the number of rows need not be whole"
    if not isinstance(drawn, LawColumn):
        return ""
    for name, formula in drawn.programs.items():
        if formula.type.low is not None and formula.type.low < 0:
            return f"its {name} can be {formula.type.low:g}"
    if drawn.law is None:
        return ""
    low, _ = drawn.law.support()
    mean = drawn.law.mean()
    if low < 0:
        return f"the number of rows can be {low:g}"
    if isinstance(mean, float) and mean > MOST_CHILDREN:
        return f"the mean number of rows is {mean:,.0f}, more than {MOST_CHILDREN:,}"
    return ""


def _compile_rules(session: Session) -> tuple[Rule, ...]:
    found = []
    for name, table in session.part.tables.items():
        for number, text in enumerate(table.rules):
            program = compile_expression(session, name, text, session.at(name, "rules", str(number)), "bool")
            if program is not None and check_rule(session, program, session.at(name, "rules", str(number))):
                found.append(Rule(name, text, ExpressionColumn(program)))
    return tuple(found)


def find_locales(part: RecordsPart, where: str = "parts") -> Locales:
    """The locales of a part with their shares.

    Raises:
        RequestError: there is no such locale, or the weights are none.
    """
    weights = {part.locale: 1.0} if isinstance(part.locale, str) else dict(part.locale)
    wrong = [
        (f"{name!r} is no locale that is here ({', '.join(list_locales())})", nearest(name, list_locales()))
        for name in weights
        if name not in list_locales()
    ]
    wrong += [(f"{n!r} has the weight {w}", "Give weights from 0 on.") for n, w in weights.items() if not w >= 0]
    if not wrong and not sum(weights.values()) > 0:
        wrong = [("the weights sum to 0", "Give one above 0.")]
    if wrong:
        raise RequestError(*(Problem("SD-RECORDS-011", f"{where}.locale", what, fix) for what, fix in wrong))
    edges = np.cumsum(list(weights.values())) / sum(weights.values())
    return Locales(tuple(weights), tuple(edges.tolist()))
