"""Events of a recipe as flows: rates, calendars and days of the month."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.kinds.records._compile_expressions import compile_expression
from sundog.kinds.records._flows import Flow, MonthlyFlow, RandomFlow
from sundog.kinds.records._formula import Formula
from sundog.kinds.records._session import Session
from sundog.kinds.records._times import build_season, to_day
from sundog.kinds.records.fields_numbers import Number
from sundog.kinds.records.fields_words import Calendar
from sundog.kinds.records.recipe import EventKind, Events
from sundog.lib.laws.busy_time import BusyTime, build_busy_time, find_busy_faults


def compile_flows(session: Session, parent: str, said: Events, zone: str, where: str) -> Mapping[str, Flow] | None:
    """A flow for each kind of events, or one without a name; None, and the faults noted, where one cannot be made."""
    if said.kinds is None:
        only = _compile_random(session, parent, said, zone, where)
        return None if only is None else {"": only}
    found: dict[str, Flow] = {}
    for name, kind in said.kinds.items():
        place = f"{where}.kinds.{name}"
        flow: Flow | None = (
            _compile_random(session, parent, kind, zone, place)
            if kind.monthly is None
            else _compile_monthly(session, parent, kind, kind.monthly, zone, place)
        )
        if flow is not None:
            found[name] = flow
    return found if len(found) == len(said.kinds) else None


def _compile_random(
    session: Session, parent: str, said: Events | EventKind, zone: str, where: str
) -> RandomFlow | None:
    assert said.per_year is not None
    rate = compile_number(session, parent, said.per_year, f"{where}.per_year")
    if said.calendar == Calendar():
        return None if rate is None else RandomFlow(rate, said.excited, said.decay_days)
    busy = _compile_calendar(session, said.calendar, zone, where)
    return None if rate is None or busy is None else RandomFlow(rate, said.excited, said.decay_days, busy)


def _compile_monthly(
    session: Session, parent: str, said: EventKind, monthly: Number, zone: str, where: str
) -> MonthlyFlow | None:
    day = compile_number(session, parent, monthly, f"{where}.monthly")
    share = compile_number(session, parent, said.share, f"{where}.share")
    busy = _compile_calendar(session, said.calendar, zone, where)
    if day is None or share is None or busy is None:
        return None
    return MonthlyFlow(day, share, said.weekend, busy)


def _compile_calendar(session: Session, said: Calendar, zone: str, where: str) -> BusyTime | None:
    anchor = session.part.as_of
    season = build_season(said, anchor, anchor)
    if session.told(find_busy_faults(season, said.growth, zone), f"{where}.calendar"):
        return None
    return build_busy_time(season, to_day(anchor), said.growth, zone)


def compile_number(session: Session, parent: str, said: Number, where: str) -> float | Formula | None:
    """A number from 0 on for each row of the parent; None, and a fault noted, where it can be below 0 or is none."""
    value = compile_expression(session, parent, said, where, "float64") if isinstance(said, str) else float(said)
    low = value.type.low if isinstance(value, Formula) else value
    if low is not None and low < 0:
        session.told((f"it can be {low:g}",), where)
        return None
    return value
