"""Singling out: conditions read off the synthetic table that exactly one person of the training records meets.

The first of the three risks of WP29 Opinion 05/2014. Limits: conditions of one column, of three and of all; an attacker who knows which
columns matter may do better.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sundog.core.findings import Answer, Finding, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import first_table, plan_comparison
from sundog.evidence._verdicts import settle, skipped
from sundog.evidence.privacy._attacked import LEAK, LEAST, code_people, find_outlying
from sundog.evidence.privacy._groups import measure_groups
from sundog.evidence.privacy._risks import (
    ALL,
    Attempts,
    Measured,
    draw_risks,
    put_first,
    share_level,
    write_control,
    write_detectable,
    write_risk,
)
from sundog.evidence.privacy.recipe import SinglingOutCheck
from sundog.lib.adversarial.choice import halve
from sundog.lib.adversarial.singling_out import (
    Population,
    Queries,
    count,
    expect_singled,
    make_population,
    write_guesses,
    write_multivariate,
    write_univariate,
)
from sundog.lib.stats.frame import Frame, encode_tables, put_rows

QUERIES: Final = 2_000
"""Most queries of each form."""

_ROWS: Final = 100_000
_COUNTED: Final = 8
"""People at which counting stops: more have no weight in the control."""


@dataclass(frozen=True, slots=True)
class SinglingOut:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: SinglingOutCheck, evidence: Evidence, key: Key) -> Answer:
        """Queries of one column, of three and of all columns, on training records and on the holdout."""
        people, why = _read_people(evidence, key)
        check = "privacy.singling_out"
        if people is None:
            return Answer(
                findings=(skipped(evidence, check, "privacy", "all conditions", why, "risk", withholds=True),)
            )
        attempts = _attack(people, spec, key.child("attack"))
        measured = _measure(attempts)
        if not measured:
            why = f"hardly any condition fits one synthetic row alone (fewer than {LEAST} found), so none points at a person"
            return Answer(findings=(skipped(evidence, check, "privacy", "all conditions", why, "risk"),))
        groups = _measure_groups(people, attempts, key)
        worst = max(measured, key=lambda m: m.value)
        findings = [
            write_risk(
                evidence,
                check,
                m,
                f"A condition on {m.by} that one synthetic row alone meets, taken for one that one person alone meets,",
                headline=m is worst,
            )
            for m in put_first(measured, worst)
        ]
        findings += [write_risk(evidence, check, m, f"The same among {m.subject}") for m in groups]
        findings += _prove(evidence, people, spec, measured, key.child("control"))
        exhibits = draw_risks(evidence, check, "Singling out", [*measured, *groups], 3.0)
        return settle(Answer(findings=tuple(findings), exhibits=exhibits))


@dataclass(frozen=True, slots=True)
class _People:
    synthetic: Frame
    train: Frame
    holdout: Frame
    members: Population
    others: Population
    persons: bool


def _read_people(evidence: Evidence, key: Key) -> tuple[_People | None, str]:
    if not evidence.has("holdout"):
        return None, "there are no holdout rows: without people whom the table cannot know there is no control"
    alignment, table = plan_comparison(evidence), first_table(evidence)
    if not alignment.columns:
        return None, "no column can be compared"
    person: str | None = getattr(getattr(evidence.part, "source", None), "person", None)
    if person is not None and not all(person in evidence.schema(r).names for r in ("train", "holdout")):
        person = None
    names = list(alignment.names)
    rows = {
        role: evidence.take(
            role,
            _ROWS,
            key.child(role),
            table,
            names if role == "synthetic" or person is None else list(dict.fromkeys([*names, person])),
        )
        for role in ALL
    }
    frames = encode_tables(alignment, {role: rows[role] for role in ALL})
    members, others = (
        make_population(frames[role], code_people(rows[role], person) if person is not None else None)
        for role in ("train", "holdout")
    )
    if min(members.size, others.size, frames["synthetic"].rows) < LEAST:
        return None, f"fewer than {LEAST} people on a side tell nothing"
    if others.size > members.size:
        keep = np.isin(others.people, np.unique(others.people)[: members.size])
        others = Population(np.ascontiguousarray(others.table[:, keep]), others.people[keep], members.size)
    return _People(frames["synthetic"], frames["train"], frames["holdout"], members, others, person is not None), ""


def _attack(people: _People, spec: SinglingOutCheck, key: Key) -> list[tuple[str, str, Queries, Attempts]]:
    """Name, words, queries and their successes, of each form."""
    made = make_population(people.synthetic)
    numeric = np.array([c.numeric for c in people.synthetic.columns])
    width = len(numeric)
    forms: list[tuple[str, str, int, Queries]] = [
        ("univariate", "one column", 1, write_univariate(made, spec.queries, key.child("one")))
    ]
    for some in range(3, width):  # as few columns as tell rows apart
        queries = write_multivariate(made, numeric, some, spec.queries, key.child("some").child(some))
        if len(queries) >= spec.queries // 2:
            forms.append((f"multivariate, {some} columns", f"{some} columns", some, queries))
            break
    if width > 1:
        forms.append(
            (
                "multivariate, all columns",
                "all columns",
                width,
                write_multivariate(made, numeric, width, spec.queries, key.child("all")),
            )
        )
    ratio = people.members.size / people.others.size
    found = []
    for name, words, columns, queries in forms:
        if len(queries) < LEAST:
            continue
        here = count(queries, people.members, _COUNTED)
        there = count(queries, people.others, 2)
        guesses = write_guesses(made, numeric, columns, len(queries), key.child("guess").child(name))
        attempts = Attempts(
            (here == 1).astype(np.float64),
            expect_singled(here, there, people.members.size, people.others.size),
            None,
            None,
            float((count(guesses, people.members, 2) == 1).mean()),
            ratio,
            words,
        )
        found.append((name, words, queries, attempts))
    return found


def _measure(attempts: list[tuple[str, str, Queries, Attempts]]) -> list[Measured]:
    level = share_level(len(attempts))
    return [Measured(name, one.risk(), level, words) for name, words, _, one in attempts]


def _measure_groups(people: _People, attempts: list[tuple[str, str, Queries, Attempts]], key: Key) -> list[Measured]:
    far = find_outlying(people.synthetic, people.holdout, people.synthetic)
    found: list[Measured] = []
    for name, _, queries, one in attempts:
        rows = people.synthetic.take(queries.origin)
        half = halve(np.arange(len(queries)), key.child("halves").child(name))
        found += measure_groups([one], (rows, rows), (half, half), (far[queries.origin], far[queries.origin]), [name])
    # of each kind of group the form that shows most, at the confidence of having looked at all of them
    shown = []
    for kind in ("outliers", "worst group"):
        same = [m for m in found if m.subject.startswith(kind)]
        if same:
            shown.append(replace(max(same, key=lambda m: m.value), level=share_level(len(same))))
    return shown


def _prove(
    evidence: Evidence, people: _People, spec: SinglingOutCheck, measured: list[Measured], key: Key
) -> list[Finding]:
    rows = people.synthetic.rows
    place = key.child("places").generator().choice(rows, round(LEAK * rows), replace=False)
    given = people.train.take(key.child("rows").generator().integers(0, people.train.rows, len(place)))
    leaky = replace(people, synthetic=put_rows(people.synthetic, place, given))
    fired = max(_measure(_attack(leaky, spec, key.child("attack"))), key=lambda m: m.interval[0], default=measured[0])
    return [write_control(evidence, "singling out", fired, LEAK), write_detectable(evidence, "singling out", measured)]
