"""Measures: units of length, mass, time and volume; dates, ages and the clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import NAMES, join

_SYSTEMS = (
    (("km", 1_000_000), ("m", 1000), ("cm", 10), ("mm", 1)),
    (("t", 1_000_000), ("kg", 1000), ("g", 1)),
    (("weeks", 604_800), ("days", 86_400), ("hours", 3600), ("minutes", 60), ("seconds", 1)),
    (("litres", 1000), ("centilitres", 10), ("millilitres", 1)),
    (("miles", 63_360), ("yards", 36), ("feet", 12), ("inches", 1)),
    (("pounds", 16), ("ounces", 1)),
    (("gallons", 16), ("quarts", 4), ("pints", 2), ("cups", 1)),
    (("tonnes", 1_000_000_000), ("kilograms", 1_000_000), ("grams", 1000), ("milligrams", 1)),
)
_ONE = {"feet": "foot", "inches": "inch"} | {
    name: name[:-1] for system in _SYSTEMS for name, _ in system if name.endswith("s") and name != "inches"
}
# Few questions are asked without a name: the small amounts of low levels would make the same one too often.
_APART = ("Write {0} {1} in {2}.", "How much are {0} {1} in {2}?", "Take {0} {1} apart into {2}.")
_APART_OF = (
    "{3} writes {0} {1} in {2}. What does {3} write?",
    "{3} has counted {0} {1}. How much is that in {2}?",
    "On {3}'s list stand {0} {1}. Give them in {2}.",
)
_TOGETHER = (
    "Convert {0} to {1}.",
    "How many {1} are {0}?",
    "Express {0} in {1}.",
    "Add up {0} and give the sum in {1}.",
    "What are {0} together in {1}?",
)
_TOGETHER_OF = (
    "{2} has measured {0}. How many {1} is that?",
    "{2} notes {0}. Convert that to {1}.",
    "On {2}'s list stand {0}. How much is that in {1}?",
    "{2} needs {0}. What does that come to in {1}?",
)


def _some(number: int, name: str) -> str:
    """``1 week``, ``2 weeks``, ``1 kg``."""
    return f"{number} {_ONE.get(name, name) if number == 1 else name}"


def make_units(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A mixed amount in one unit, or one unit taken apart into several."""
    system, person = draw.pick(_SYSTEMS), draw.pick(NAMES)
    start = draw.below(len(system) - 1)
    end = draw.between(start + 1, min(len(system) - 1, start + dials["units"] - 1))
    used = system[start : end + 1]
    small, size = used[-1]
    if draw.below(3) == 0:
        amount = draw.between(2, dials["most"]) * (used[0][1] // size) + draw.below(used[0][1] // size)
        names = join([name for name, _ in used])
        question = draw.pick(_APART_OF if draw.below(16) else _APART).format(amount, small, names, person)
        question += draw.pick(
            (
                " Use whole numbers, and as much of the larger units as fits.",
                " Every number is whole, and smaller units hold only what is left.",
            )
        )
        steps, parts, rest = [], [], amount
        for name, units in used[:-1]:
            each = units // size
            steps.append(f"{_some(1, name)} = {each} {small}: {rest} ÷ {each} = {rest // each} remainder {rest % each}")
            parts.append(_some(rest // each, name))
            rest %= each
        steps.append(f"The last remainder, {rest}, is the number of {small}")
        return question, steps, join([*parts, _some(rest, small)])
    amounts = [draw.between(1, dials["most"]) for _ in used]
    told = join([_some(n, name) for n, (name, _) in zip(amounts, used, strict=True)])
    question = draw.pick(_TOGETHER_OF if draw.below(16) else _TOGETHER).format(told, small, person)
    verb = draw.pick(("=", "are"))
    values = []
    steps = []
    for number, (name, units) in zip(amounts[:-1], used[:-1], strict=True):
        values.append(number * units // size)
        steps.append(
            f"{_some(number, name)} {'is' if verb == 'are' and number == 1 else verb} {number} × {units // size} {small} = {values[-1]} {small}"
        )
    total = values[0]
    for value in [*values[1:], amounts[-1]]:
        steps.append(f"{total} + {value} = {total + value} {small}")
        total += value
    return question, steps, f"{total} {small}"


_MONTHS = (
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
)  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_FORMS = ("{m} {d}, {y}", "{d} {m} {y}", "{y}-{n:02d}-{d:02d}")


def _say(day: date, form: str) -> str:
    return form.format(y=day.year, m=_MONTHS[day.month - 1], n=day.month, d=day.day)


def _draw_days(draw: Draw, most: int) -> tuple[date, date]:
    first = date(1900, 1, 1) + timedelta(days=draw.below(72_000))
    return first, first + timedelta(days=draw.between(3, most))


def _length(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _count_days(first: date, last: date) -> tuple[list[str], int]:
    """The steps that count from one day to the other, month by month."""
    if (first.year, first.month) == (last.year, last.month):
        days = last.day - first.day
        return [
            f"Within {_MONTHS[first.month - 1]} {first.year}: {last.day} - {first.day} = {_some(days, 'days')}"
        ], days
    length = _length(first.year, first.month)
    days = length - first.day
    name = f"{_MONTHS[first.month - 1]} {first.year}"
    steps = [f"{name} has {length} days: {length} - {first.day} = {days} to its end"]
    year, month = first.year, first.month + 1
    while True:
        if month == 13:
            year, month = year + 1, 1
        name = f"{_MONTHS[month - 1]} {year}"
        if (year, month) == (last.year, last.month):
            steps.append(f"{_some(last.day, 'days')} of {name}: {days} + {last.day} = {days + last.day}")
            return steps, days + last.day
        length = _length(year, month)
        steps.append(f"{name} has {length} days: {days} + {length} = {days + length}")
        days += length
        month += 1


def make_weekday(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The weekday of a date, from the weekday of an earlier one."""
    first, last = _draw_days(draw, dials["days"])
    form = draw.pick(_FORMS)
    one, two, known = _say(first, form), _say(last, form), _DAYS[first.weekday()]
    question = draw.pick(
        (
            "{0} is a {2}. What weekday is {1}?",
            "If {0} falls on a {2}, on which day of the week does {1} fall?",
            "Given that {0} is a {2}, find the weekday of {1}.",
            "A diary begins on {0}, a {2}. Which weekday is its entry of {1}?",
            "{0} was a {2}. Which day of the week was {1}?",
        )
    ).format(one, two, known)
    steps, days = _count_days(first, last)
    steps.append(draw.pick(("{} = {} × 7 + {}", "In weeks: {} = {} × 7 + {}")).format(days, days // 7, days % 7))
    answer = _DAYS[last.weekday()]
    steps.append(
        draw.pick(("{} after {} is {}", "{} on from {} comes {}")).format(_some(days % 7, "days"), known, answer)
    )
    return question, steps, answer


def make_days_between(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The number of days from one date to another."""
    first, last = _draw_days(draw, dials["days"])
    form = draw.pick(_FORMS)
    question = draw.pick(
        (
            "How many days is it from {} to {}?",
            "How many days lie between {} and {}, the last one counted?",
            "A ship sails on {} and lands on {}. How many days later is that?",
            "Count the days from {} until {}.",
            "A plant was potted on {} and bloomed on {}. After how many days was that?",
        )
    ).format(_say(first, form), _say(last, form))
    steps, days = _count_days(first, last)
    return question, steps, f"{days} days"


def make_age(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Ages in completed years on a day, and their sum."""
    form = draw.pick(_FORMS)
    today = date(1990, 1, 1) + timedelta(days=draw.below(20_000))
    names = draw.sample(NAMES, dials["persons"])
    births = [today - timedelta(days=draw.between(400, 33_000)) for _ in names]
    births = [b.replace(day=28) if (b.month, b.day) == (2, 29) else b for b in births]
    told = draw.pick(("{} was born on {}.", "{}'s date of birth is {}.", "{} came into the world on {}."))
    people = " ".join(told.format(n, _say(b, form)) for n, b in zip(names, births, strict=True))
    if len(names) == 1:
        asked = draw.pick(("How old is {} on {}?", "What is the age of {} in full years on {}?")).format(
            names[0], _say(today, form)
        )
    else:
        asked = draw.pick(("How old are they together on {}?", "What is the sum of their ages on {}?")).format(
            _say(today, form)
        )
    steps, ages = [], []
    for name, born in zip(names, births, strict=True):
        years = today.year - born.year
        text = f"{name}: {today.year} - {born.year} = {years}"
        day, until = f"{_MONTHS[born.month - 1]} {born.day}", f"{_MONTHS[today.month - 1]} {today.day}"
        if (born.month, born.day) > (today.month, today.day):
            text += f", but the birthday {day} is after {until}, so {years} - 1 = {_say_years(years - 1)}"
            years -= 1
        else:
            text += f", and the birthday {day} is not after {until}, so {_say_years(years)}"
        steps.append(text)
        ages.append(years)
    total = ages[0]
    for age in ages[1:]:
        steps.append(f"{total} + {age} = {total + age}")
        total += age
    return f"{people} {asked} Count completed years.", steps, _say_years(total)


def _say_years(number: int) -> str:
    return "1 year" if number == 1 else f"{number} years"


_DOINGS = (
    ("A train", "runs", "waits"), ("A baker", "kneads", "rests"), ("A hiker", "walks", "sits down"), ("A film crew", "shoots", "pauses"),
    ("A nurse", "works", "has a break"), ("A ferry", "sails", "lies at the pier"), ("A machine", "mills", "cools down"),
    ("A choir", "sings", "drinks tea"), ("A painter", "paints", "lets it dry"), ("A tutor", "teaches", "reads"),
)  # fmt: skip


def make_clock(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The time on the clock after some spans."""
    start = draw.below(1440)
    who, busy, idle = draw.pick(_DOINGS)
    back = draw.below(4) == 0
    spans = [draw.between(5, 60 * dials["hours"]) for _ in range(dials["spans"])]
    told = [f"{(busy, idle)[i % 2]} for {_span(s)}" for i, s in enumerate(spans)]
    steps, now = [], start
    wording = draw.pick(("{} {} {} = {}", "{} {} {} is {}", "{} {} {} gives {}"))
    for span in spans:
        after = now - span if back else now + span
        steps.append(wording.format(_clock(now), "-" if back else "+", _span(span), _clock(after)))
        now = after
    if back:
        question = f"{who} ends at {_clock(start)}. Told from the end: {', before that '.join(told)}."
        question += draw.pick((" When did it begin?", " At what time was the start?"))
    else:
        question = f"{who} begins at {_clock(start)}, {', then '.join(told)}."
        question += draw.pick((" What time is it then?", " When does it end?", " At what time is it over?"))
    return f"{question} Answer as hh:mm on a 24-hour clock.", steps, _clock(now)


def _clock(minutes: int) -> str:
    minutes %= 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


FAMILIES = (
    Family(
        "units", "units", "a mixed amount in one unit, or taken apart", "`345 cm`, or `3 m and 45 cm`",
        (
            Dial("units", (2, 2, 2, 3, 3, 3, 4, 4, 5, 5), 2, 5, "units of one amount at most"),
            Dial("most", (12, 20, 40, 99, 9999, 9999, 9999, 9999, 20000, 40000), 2, 99999, "greatest number of a unit"),
        ),
        make_units,
    ),
    Family(
        "weekday", "dates", "the weekday of a date", "`Monday` to `Sunday`",
        (Dial("days", (25, 45, 60, 90, 300, 300, 400, 500, 700, 900), 4, 5000, "greatest distance in days"),),
        make_weekday,
    ),
    Family(
        "days_between", "dates", "days from one date to another", "`217 days`",
        (Dial("days", (25, 45, 60, 90, 300, 300, 400, 500, 700, 900), 4, 5000, "greatest distance in days"),),
        make_days_between,
    ),
    Family(
        "age", "dates", "ages in completed years, and their sum", "`37 years`",
        (Dial("persons", (1, 1, 1, 2, 2, 3, 3, 4, 4, 5), 1, 12, "persons"),),
        make_age,
    ),
    Family(
        "clock", "clock", "the time after some spans", "`hh:mm`",
        (
            Dial("spans", (1, 1, 2, 2, 3, 3, 4, 5, 6, 7), 1, 20, "spans"),
            Dial("hours", (1, 3, 3, 5, 6, 6, 8, 8, 10, 12), 1, 48, "most hours of a span"),
        ),
        make_clock,
    ),
)  # fmt: skip
