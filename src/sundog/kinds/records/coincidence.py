"""How many rows are expected to have the name and birth date of a real person by chance, reckoned from the recipe's own laws."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.records._compile import find_locales
from sundog.kinds.records._times import build_days
from sundog.kinds.records.fields_words import CategoryField, DateField, PersonField
from sundog.kinds.records.recipe import CoincidenceCheck, RecordsPart, TableSpec
from sundog.lib.laws.seasons import weigh_days
from sundog.lib.words.locales import read_locale
from sundog.lib.words.namesakes import Namesakes, expect_namesakes
from sundog.lib.words.populations import SOURCE, find_population

_BIRTH = re.compile(
    "birth|born|dob|geburt|naissance|nacimiento|nascita|nascimento|geboorte|syntyma|urodz", re.IGNORECASE
)
"""Names of fields that hold a date of birth, in the languages of the locales."""

_GIVEN = {"name", "given_name", "email", "username"}
_SURNAME = {"name", "surname", "email", "username"}
_ROWS = 1_000_000
"""Rows from which a law of birth dates is learned where the recipe states none."""

_BIN_ROWS = 200
"""Rows a stretch of birth dates has on average, where their law is learned from rows."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person that rows of a table name.

    Attributes:
        table: the table.
        who: name of the person within the row.
        given: whether the given name is written, as itself or in an address.
        surname: whether the surname is.
        born: field with the date of birth; empty for none.
        women: share of women among them.
    """

    table: str
    who: str
    given: bool
    surname: bool
    born: str
    women: float

    @property
    def subject(self) -> str:
        """What is shared, in words."""
        name = "full name" if self.given and self.surname else "given name" if self.given else "surname"
        whose = "" if self.who == "person" else f" of {self.who}"
        return f"{self.table}: {name}{whose}" + (" and birth date" if self.born else "")


@dataclass(frozen=True, slots=True)
class Coincidence:
    """Implements ``core.protocols.Check``. It reckons; of rows it reads their number, and birth dates that follow no stated law."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part is made by rule and names persons."""
        return isinstance(evidence.part, RecordsPart) and any(find_persons(evidence.part))

    def run(self, spec: CoincidenceCheck, evidence: Evidence, key: object) -> Answer:
        """Rate and number of rows for each person with a date of birth, namesakes for each without."""
        assert isinstance(evidence.part, RecordsPart)
        findings: list[Finding] = []
        for person in find_persons(evidence.part):
            findings += _judge(evidence, evidence.part, person)
        return Answer(findings=tuple(findings))


def find_persons(part: RecordsPart) -> Iterator[Person]:
    """The persons that are written, table by table."""
    for name, table in part.tables.items():
        sides: dict[str, list[PersonField]] = {}
        for field, said in table.fields.items():
            if isinstance(said, PersonField) and (said.keep or _is_quoted(field, table)):
                sides.setdefault(said.who, []).append(said)
        for who, fields in sides.items():
            parts = {f.part for f in fields}
            given, surname = bool(parts & _GIVEN), bool(parts & _SURNAME)
            if given or surname:
                yield Person(
                    name, who, given, surname, _find_birth(table, who, list(sides)), _find_women(table, fields)
                )


def _is_quoted(field: str, table: TableSpec) -> bool:
    """Whether another field of the table is made from this one."""
    texts = (getattr(f, "value", "") or getattr(f, "text", "") for f in table.fields.values())
    return any(isinstance(text, str) and re.search(rf"\b{re.escape(field)}\b", text) for text in texts)


def _find_birth(table: TableSpec, who: str, others: Sequence[str]) -> str:
    """The field with a person's date of birth: one that names the person, else the first for the first person."""
    found = [n for n, f in table.fields.items() if f.keep and _BIRTH.search(n)]
    own = [n for n in found if who in n]
    free = [n for n in found if not any(other in n for other in others)]
    if own:
        return own[0]
    return free[0] if free and who == others[0] else ""


def _find_women(table: TableSpec, fields: Sequence[PersonField]) -> float:
    """Share of women where a field of categories says the sex; one half otherwise."""
    name = next((f.sex for f in fields if f.sex), None)
    said = table.fields.get(name) if name else None
    if isinstance(said, CategoryField):
        weights = said.values if not isinstance(said.values, tuple) else dict.fromkeys(said.values, 1.0)
        total = weights.get("female", 0.0) + weights.get("male", 0.0)
        return weights.get("female", 0.0) / total if total > 0 else 0.5
    return 0.5


def _judge(evidence: Evidence, part: RecordsPart, person: Person) -> list[Finding]:
    born, law = _find_days(evidence, part.tables[person.table], person)
    drawn = find_locales(part)
    locales = [read_locale(name) for name in drawn.names]
    shares = np.diff(np.array(drawn.edges), prepend=0.0).tolist()
    found = expect_namesakes(locales, shares, born, given=person.given, surname=person.surname, women=person.women)
    countries = sorted({locale.country for locale in locales})
    people = sum(find_population(country) for country in countries)
    rows = evidence.rows("synthetic", person.table)
    where = f"the {people / 1e6:,.0f} million people of {', '.join(countries)} ({SOURCE})"
    how = (
        f"Reckoned from the laws of the recipe{law}, as if everybody there had a name of the lists"
        + (" and were born as the recipe says" if born is not None else "")
        + "; that errs upward. A coincidence tells nothing about the real person."
    )
    if born is None:
        return [_tell_namesakes(evidence, person, found, where, how)]
    return _tell_matches(evidence, person, found, rows, where, how)


def _tell_matches(
    evidence: Evidence, person: Person, found: Namesakes, rows: int, where: str, how: str
) -> list[Finding]:
    number = found.rate * rows
    said = (
        f"Of {rows:,} rows about {_say(number)} are expected to share both with at least one of {where} by chance; "
        f"a row has {found.expected:.3g} such people on average. {how}"
    )
    brief = (
        f"Expected among the {rows:,} rows of the table: each is like a real person with a chance of {found.rate:.3g}."
    )
    shared = {"part": evidence.name, "section": "privacy", "subject": person.subject, "why": said, "headline": True}
    return [
        Finding.model_validate(
            {**shared, "check": "privacy.coincidence", "value": _round(found.rate), "unit": "share"}
        ),
        Finding.model_validate(
            {**shared, "check": "privacy.coincidences", "value": _round(number), "unit": "rows", "why": brief}
        ),
    ]


def _tell_namesakes(evidence: Evidence, person: Person, found: Namesakes, where: str, how: str) -> Finding:
    return Finding(
        check="privacy.namesakes",
        part=evidence.name,
        section="privacy",
        subject=person.subject,
        value=_round(found.expected),
        unit="people a row",
        headline=True,
        why=f"On average {_say(found.expected)} of {where} have the name of a row by chance, and {found.rate:.1%} of the rows have at "
        f"least one namesake. No date of birth is written beside it. {how}",
    )


def _say(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _round(value: float) -> float:
    """Six digits: the last ones of a sum depend on the machine, and `sundog verify` compares."""
    return float(f"{value:.6g}")


def _find_days(evidence: Evidence, table: TableSpec, person: Person) -> tuple[NDArray[np.float64] | None, str]:
    """Probability of each birth date, float64 (days,), and how it is known, in words."""
    if not person.born:
        return None, ""
    said = table.fields[person.born]
    if isinstance(said, DateField):
        law = build_days(said.start, said.stop, said.calendar)
        weights = weigh_days(law.season, np.arange(law.first, law.last + 1))
        return weights / weights.sum(), ""
    days = _read_days(evidence, person.table, person.born)
    if days is None or not len(days):
        return None, ""
    return smooth_days(days), f" and, for birth dates, from {len(days):,} rows"


def _read_days(evidence: Evidence, table: str, field: str) -> NDArray[np.int64] | None:
    """Days since 1970-01-01 of up to ``_ROWS`` rows; None where the field holds no dates."""
    kind = evidence.schema("synthetic", table).field(field).type
    if not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        return None
    found: list[NDArray[np.int64]] = []
    rows = 0
    for batch in evidence.scan("synthetic", table, [field]):
        days = pc.cast(pc.cast(batch.column(0).drop_null(), pa.timestamp("us")), pa.date32(), safe=False)
        found.append(days.cast(pa.int32()).to_numpy().astype(np.int64))
        rows += len(found[-1])
        if rows >= _ROWS:
            break
    return np.concatenate(found) if found else None


def smooth_days(days: NDArray[np.int64]) -> NDArray[np.float64]:
    """A law of days, float64 (range,), even within stretches of as many rows as tell something: int64 (n,) to their probabilities."""
    first, last = int(days.min()), int(days.max())
    stretches = max(1, min(len(days) // _BIN_ROWS, (last - first + 1) // 28))
    edges = np.linspace(first, last + 1, stretches + 1).astype(np.int64)
    counts, _ = np.histogram(days, edges)
    found: NDArray[np.float64] = np.repeat(counts / np.diff(edges), np.diff(edges)) / len(days)
    return found
