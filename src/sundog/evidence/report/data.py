"""What a report is made of: all that the pages draw, and nothing that they would have to measure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from sundog.core.findings import Exhibit, Finding
from sundog.core.notes import Dependence, Means, Note, Origin, PrivacySpend, Remark, Used
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


class OriginFacts(Spec, frozen=True):
    """Where the parameters of one thing come from (``core.notes.Origin``)."""

    subject: str
    parameters: str
    text: str


class DependenceFacts(Spec, frozen=True):
    """By which means a part can depend on private records (``core.notes.Dependence``)."""

    means: Means
    text: str
    epsilon: float | None = None
    delta: float = 0.0


class PartFacts(Spec, frozen=True):
    """One part of the dataset: how many units were asked for, tried and kept.

    Attributes:
        rejected: (reason, units), one pair for each reason.
        count_noun: what a unit is called: rows, customers, patients.
        after: earlier part whose units it is given; empty where there is none.
        dependence: what its kind says of private records; None where it says nothing.
        origins: where its parameters come from.
    """

    name: str
    kind: str
    count_noun: str
    accepted: int
    attempted: int
    rejected: tuple[tuple[str, int], ...] = ()
    tables: tuple[TableFacts, ...] = ()
    after: str = ""
    dependence: DependenceFacts | None = None
    origins: tuple[OriginFacts, ...] = ()


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
    """One release computed from real records under differential privacy (``core.notes.PrivacySpend``)."""

    mechanism: str
    rho: float
    neighbours: str
    epsilon: float | None = None
    delta: float = 0.0


class Report(Spec, frozen=True):
    """The findings of one bundle, with what is needed to read them.

    Attributes:
        name: name of the recipe.
        title: what stands at the top of the page; the name where there is nothing better.
        verdict: whether the data may be used as they are.
        reasons: why the bundle is withheld, a sentence each; where it is unassessed, what failed without withholding it.
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


class OpenedFacts(Spec, frozen=True):
    """Which files the processes of a run opened for reading, as far as the interpreter reports it.

    Attributes:
        places: (what they belong to, how many): the program, the output, caches.
        lists: files of data that come with Sundog.
        others: paths of all others; they are of one machine and stand in run.json only.
        sources: of these, paths that the recipe names as its sources, with what is opened on the way of reading them: scratch and
            privacy ledgers.
    """

    places: tuple[tuple[str, int], ...] = ()
    lists: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def strays(self) -> tuple[str, ...]:
        """Files that belong to nobody, not even to the recipe."""
        return tuple(f for f in self.others if f not in self.sources)


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
        opened: files opened for reading; None where nobody watched.
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
    opened: OpenedFacts | None = None


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
        SpendFacts(mechanism=n.mechanism, rho=n.rho, neighbours=n.neighbours, epsilon=n.epsilon, delta=n.delta)
        for n in notes
        if isinstance(n, PrivacySpend)
    )


def origins_of(notes: Iterable[Note]) -> tuple[OriginFacts, ...]:
    """The lines of provenance among the notes, each once."""
    found = (
        OriginFacts(subject=n.subject, parameters=n.parameters, text=n.text) for n in notes if isinstance(n, Origin)
    )
    return tuple(dict.fromkeys(found))


def dependence_of(notes: Iterable[Note], real_rows: int | None) -> DependenceFacts | None:
    """What a kind says of private records; without its word, that it learned from them where it was given any.

    Args:
        notes: of one part.
        real_rows: records that it was given; None for none.
    """
    said = next((n for n in notes if isinstance(n, Dependence)), None)
    if said is not None and not (said.means == "nothing" and real_rows is not None):
        return DependenceFacts(means=said.means, text=said.text, epsilon=said.epsilon, delta=said.delta)
    if real_rows is None:
        return None
    return DependenceFacts(means="records", text=f"It was learned from {real_rows:,} records.")
