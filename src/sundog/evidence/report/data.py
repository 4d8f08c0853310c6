"""What a report is made of: all that the pages draw, and nothing that they would have to measure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from sundog.core.findings import Exhibit, Finding
from sundog.core.notes import Note, PrivacySpend, Remark, Used
from sundog.core.recipe import Spec

Release: TypeAlias = Literal["released", "withheld", "unassessed"]
Level: TypeAlias = Literal["none", "quick", "full"]


class ColumnFacts(Spec, frozen=True):
    """One column of a table.

    Attributes:
        name: as it stands in the file. Hostile input: whoever draws it escapes it.
        type: Arrow type, in Arrow's words.
        meaning: how the column is to be read (``sundog.core.tables.Meaning``).
        about: one sentence about how its values came to be; may be empty.
    """

    name: str
    type: str
    meaning: str = ""
    about: str = ""


class TableFacts(Spec, frozen=True):
    """One table of a part: its rows and columns."""

    name: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    about: str = ""


class PartFacts(Spec, frozen=True):
    """One part of the dataset: how many units were asked for, tried and kept.

    Attributes:
        rejected: (reason, units), one pair for each reason.
        count_noun: what a unit is called: rows, customers, patients.
    """

    name: str
    kind: str
    count_noun: str
    accepted: int
    attempted: int
    rejected: tuple[tuple[str, int], ...] = ()
    tables: tuple[TableFacts, ...] = ()


class SourceFacts(Spec, frozen=True):
    """One outside thing that the data depend on."""

    what: str
    sha256: str
    licence: str


class RemarkFacts(Spec, frozen=True):
    """Something that a reader must know about how the data were made."""

    subject: str
    text: str


class SpendFacts(Spec, frozen=True):
    """One release computed from real records under differential privacy; ``rho`` in zCDP."""

    mechanism: str
    rho: float
    neighbours: str


class Report(Spec, frozen=True):
    """The findings of one bundle, with what is needed to read them.

    Attributes:
        name: name of the recipe.
        title: what stands at the top of the page; the name where there is nothing better.
        verdict: whether the data may be used as they are.
        reasons: why the bundle is withheld, a sentence each.
        not_run: what this level of evidence left out, a sentence each.
        level: how much evidence was asked for.
        findings: all numbers, in the order in which the checks gave them.
        exhibits: all drawings.
        recipe_yaml: the recipe, so that the data can be made again.
        content_hash: sha256 over what is the same in every run of the recipe; empty before sealing.
        version: version of Sundog that made the bundle.
    """

    name: str
    title: str
    verdict: Release
    reasons: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    level: Level = "quick"
    description: str = ""
    licence: str = "not stated"
    findings: tuple[Finding, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    parts: tuple[PartFacts, ...] = ()
    sources: tuple[SourceFacts, ...] = ()
    remarks: tuple[RemarkFacts, ...] = ()
    spends: tuple[SpendFacts, ...] = ()
    recipe_yaml: str = ""
    content_hash: str = ""
    version: str = ""


class RunFacts(Spec, frozen=True):
    """What differs from run to run and stays outside the content hash (``run.json``).

    Attributes:
        seconds: (phase, wall-clock seconds), in the order in which the phases ran.
        cpu_seconds: of all processes together; None where it was not measured.
        peak_memory_bytes: largest resident memory of any one process.
        engine: ``local`` or ``ray``; empty where nothing was generated (``audit``).
        workers: processes that made data.
        host: (name, value) pairs: processor, cores, memory, operating system, Python.
        started: when, ISO 8601 in UTC; empty where it is not known.
        money: what was paid for tokens and rented machines, in ``currency``.
        rates: (part, units per second of wall clock while sampling).
    """

    seconds: tuple[tuple[str, float], ...] = ()
    cpu_seconds: float | None = None
    peak_memory_bytes: int | None = None
    engine: str = ""
    workers: int = 1
    host: tuple[tuple[str, str], ...] = ()
    started: str = ""
    money: float = 0.0
    currency: str = "USD"
    tokens: int = 0
    rates: tuple[tuple[str, float], ...] = ()
    retries: int = 0


class DataFile(Spec, frozen=True):
    """One file of data in a bundle.

    Attributes:
        path: relative to the bundle, forward slashes.
        sha256: of the bytes, in hex.
        bytes: size.
    """

    path: str
    sha256: str
    bytes: int
    table: str
    part: str


def sources_of(notes: Iterable[Note]) -> tuple[SourceFacts, ...]:
    """The ledger of everything outside that the data depend on, each once."""
    found = (SourceFacts(what=n.what, sha256=n.sha256, licence=n.licence) for n in notes if isinstance(n, Used))
    return tuple(dict.fromkeys(found))


def remarks_of(notes: Iterable[Note]) -> tuple[RemarkFacts, ...]:
    """The remarks among the notes, each once."""
    found = (RemarkFacts(subject=n.subject, text=n.text) for n in notes if isinstance(n, Remark))
    return tuple(dict.fromkeys(found))


def spends_of(notes: Iterable[Note]) -> tuple[SpendFacts, ...]:
    """The privacy spends among the notes, in order; equal ones are separate spends and stay."""
    return tuple(
        SpendFacts(mechanism=n.mechanism, rho=n.rho, neighbours=n.neighbours)
        for n in notes
        if isinstance(n, PrivacySpend)
    )
