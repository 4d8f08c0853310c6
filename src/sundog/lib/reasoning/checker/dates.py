"""Checks of dates: days between them, weekdays and ages. Days are proleptic ordinals, months have the lengths that the rule of leap years
gives, and an age follows from the birthday of the year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from sundog.lib.reasoning.checker.fault import Wrong, need
from sundog.lib.reasoning.checker.lists import NAME, NUMBER, compile_alternatives, read_groups

_MONTHS = {
    name: i
    for i, name in enumerate(
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        1,
    )
}
_MONTH = f"({'|'.join(_MONTHS)})"
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY = f"({'|'.join(_DAYS)})"
_DATE = "([A-Z][a-z]+ [0-9]{1,2}, [0-9]{4}|[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})"
_SPOKEN = re.compile(
    f"{_MONTH} ([1-9][0-9]?), ([0-9]{{4}})|([1-9][0-9]?) {_MONTH} ([0-9]{{4}})|([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}})"
)


def _read_date(text: str) -> date:
    match = _SPOKEN.fullmatch(text)
    if match is None:
        raise Wrong(-1, f"no date: {text}")
    m1, d1, y1, d2, m2, y2, y3, m3, d3 = match.groups()
    try:
        if m1:
            return date(int(y1), _MONTHS[m1], int(d1))
        if m2:
            return date(int(y2), _MONTHS[m2], int(d2))
        return date(int(y3), int(m3), int(d3))
    except ValueError:
        raise Wrong(-1, f"no such day: {text}") from None


def _month_length(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


_WITHIN = re.compile(f"Within {_MONTH} ([0-9]{{4}}): {NUMBER} - {NUMBER} = {NUMBER} (days?)")
_TO_END = re.compile(f"{_MONTH} ([0-9]{{4}}) has {NUMBER} days: {NUMBER} - {NUMBER} = {NUMBER} to its end")
_WHOLE_MONTH = re.compile(rf"{_MONTH} ([0-9]{{4}}) has {NUMBER} days: {NUMBER} \+ {NUMBER} = {NUMBER}")
_LAST_MONTH = re.compile(rf"{NUMBER} (days?) of {_MONTH} ([0-9]{{4}}): {NUMBER} \+ {NUMBER} = {NUMBER}")


def _say_days(number: int) -> str:
    return "day" if number == 1 else "days"


def _check_count(first: date, last: date, steps: Sequence[str]) -> tuple[int, int]:
    """The steps that count the days; how many steps that takes, and how many days it is."""
    need(first < last, -1, "the second day is not after the first")
    months = 12 * (last.year - first.year) + last.month - first.month
    need(len(steps) >= months + 1, len(steps), "steps are missing")
    days = last.toordinal() - first.toordinal()
    names = tuple(_MONTHS)
    want: tuple[str, ...]
    if months == 0:
        got = _WITHIN.fullmatch(steps[0])
        want = (names[first.month - 1], str(first.year), str(last.day), str(first.day), str(days), _say_days(days))
        need(got is not None and got.groups() == want, 0, "not these days, or not true")
        return 1, days
    sofar = 0
    for i in range(months + 1):
        year, month = divmod(12 * first.year + first.month - 1 + i, 12)
        month += 1
        length, name = _month_length(year, month), names[month - 1]
        if i == 0:
            got = _TO_END.fullmatch(steps[i])
            after = length - first.day
            want = (name, str(year), str(length), str(length), str(first.day), str(after))
        elif i < months:
            got = _WHOLE_MONTH.fullmatch(steps[i])
            after = date(year + month // 12, month % 12 + 1, 1).toordinal() - 1 - first.toordinal()
            want = (name, str(year), str(length), str(sofar), str(length), str(after))
        else:
            got = _LAST_MONTH.fullmatch(steps[i])
            after = days
            want = (str(last.day), _say_days(last.day), name, str(year), str(sofar), str(last.day), str(after))
        need(got is not None and got.groups() == want, i, "not this month, or not true")
        sofar = after
    return months + 1, days


_ASKED_WEEKDAY = compile_alternatives(
    f"{_DATE} is a {_DAY}[.] What weekday is {_DATE}[?]",
    f"If {_DATE} falls on a {_DAY}, on which day of the week does {_DATE} fall[?]",
    f"Given that {_DATE} is a {_DAY}, find the weekday of {_DATE}[.]",
    f"A diary begins on {_DATE}, a {_DAY}[.] Which weekday is its entry of {_DATE}[?]",
    f"{_DATE} was a {_DAY}[.] Which day of the week was {_DATE}[?]",
)
_WEEKS = re.compile(rf"(?:In weeks: )?{NUMBER} = {NUMBER} × 7 \+ {NUMBER}")
_ON = re.compile(f"{NUMBER} (days?) (?:after {_DAY} is|on from {_DAY} comes) {_DAY}")


def check_weekday(question: str, steps: Sequence[str], answer: str) -> None:
    """Proleptic ordinals of both days, modulo 7; the known weekday must be the one of the calendar, and months are as long as they are."""
    got = read_groups(_ASKED_WEEKDAY, question)
    if got is None:
        raise Wrong(-1, "the question is not understood")
    first, known, last = _read_date(got[0]), got[1], _read_date(got[2])
    need(_DAYS[first.toordinal() % 7] == known, -1, f"the first day is no {known}")
    used, days = _check_count(first, last, steps)
    need(len(steps) == used + 2, len(steps), "steps are missing or too many")
    weeks = _WEEKS.fullmatch(steps[used])
    rest = days % 7
    need(
        weeks is not None and weeks.groups() == (str(days), str((days - rest) // 7), str(rest)), used, "not these weeks"
    )
    want = _DAYS[last.toordinal() % 7]
    found = read_groups(_ON, steps[-1])
    need(found == [str(rest), _say_days(rest), known, want], used + 1, "not this weekday")
    need(answer == want, len(steps), "not the answer")


_ASKED_DAYS = compile_alternatives(
    f"How many days is it from {_DATE} to {_DATE}[?]",
    f"How many days lie between {_DATE} and {_DATE}, the last one counted[?]",
    f"A ship sails on {_DATE} and lands on {_DATE}[.] How many days later is that[?]",
    f"Count the days from {_DATE} until {_DATE}[.]",
    f"A plant was potted on {_DATE} and bloomed on {_DATE}[.] After how many days was that[?]",
)


def check_days_between(question: str, steps: Sequence[str], answer: str) -> None:
    """The difference of two proleptic ordinals, which each month of the chain must lead to."""
    got = read_groups(_ASKED_DAYS, question)
    if got is None:
        raise Wrong(-1, "the question is not understood")
    used, days = _check_count(_read_date(got[0]), _read_date(got[1]), steps)
    need(len(steps) == used, used, "a step too many")
    need(answer == f"{days} {_say_days(days)}", len(steps), "not the answer")


_BORN = re.compile(f"{NAME}(?: was born on |'s date of birth is | came into the world on ){_DATE}[.] ")
_ASKED_AGE = compile_alternatives(
    f"How old (?:is {NAME}|are they together) on {_DATE}[?] Count completed years[.]",
    f"What is (?:the age of {NAME} in full years|the sum of their ages) on {_DATE}[?] Count completed years[.]",
)
_AGE = re.compile(
    f"{NAME}: ([0-9]{{4}}) - ([0-9]{{4}}) = {NUMBER}, "
    f"(?:and the birthday {_MONTH} {NUMBER} is not after {_MONTH} {NUMBER}, so {NUMBER} (years?)"
    f"|but the birthday {_MONTH} {NUMBER} is after {_MONTH} {NUMBER}, so {NUMBER} - 1 = {NUMBER} (years?))"
)
_AGE_SUM = re.compile(rf"{NUMBER} \+ {NUMBER} = {NUMBER}")


def check_age(question: str, steps: Sequence[str], answer: str) -> None:
    """Whether the birthday of the year has passed, for each; then the sum."""
    births: list[tuple[str, date]] = []
    at = 0
    while found := _BORN.match(question, at):
        births.append((found[1], _read_date(found[2])))
        at = found.end()
    got = read_groups(_ASKED_AGE, question[at:])
    if got is None or not births:
        raise Wrong(-1, "the question is not understood")
    today = _read_date(got[-1])
    need(len({name for name, _ in births}) == len(births), -1, "two of one name")
    need(got[:-1] == ([births[0][0]] if len(births) == 1 else []), -1, "asked about another")
    need(len(steps) == 2 * len(births) - 1, len(steps), "steps are missing or too many")
    names = tuple(_MONTHS)
    total = 0
    for i, (name, born) in enumerate(births):
        need(born < today and (born.month, born.day) != (2, 29), -1, "no age can be told")
        age = 0 if born.year == today.year else today.year - born.year - (born.replace(year=today.year) > today)
        difference = today.year - born.year
        days = [names[born.month - 1], str(born.day), names[today.month - 1], str(today.day)]
        before = [name, str(today.year), str(born.year), str(difference), *days]
        after = [str(age)] if age == difference else [str(difference), str(age)]
        need(
            read_groups(_AGE, steps[i]) == [*before, *after, "year" if age == 1 else "years"],
            i,
            "not this age, or not true",
        )
        # Both forms have as many groups as they should, so a form that says "not after" can't pass for one that says "after".
        need(("but" in steps[i]) == (age != difference), i, "the birthday is on the other side")
        if i:
            summed = _AGE_SUM.fullmatch(steps[len(births) + i - 1])
            want = (str(total), str(age), str(total + age))
            need(summed is not None and summed.groups() == want, len(births) + i - 1, "not the next sum, or not true")
        total += age
    need(answer == f"{total} {'year' if total == 1 else 'years'}", len(steps), "not the answer")
