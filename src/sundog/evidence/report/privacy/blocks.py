"""What the privacy report is made of, before anybody draws it: the page, the file for machines and the PDF are three drawings of this."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from sundog.core.findings import Finding
from sundog.core.recipe import Spec

Half: TypeAlias = Literal["private", "public"]


class Entry(Spec, frozen=True):
    """One thing that is stated, or that is left to be filled in by hand.

    Attributes:
        key: stable name, for machines: ``purpose``.
        name: the same for people.
        value: what is stated; empty where a line is left blank.
        blank: whether somebody has to fill it in.
    """

    key: str
    name: str
    value: str = ""
    blank: bool = False


class Fields(Spec, frozen=True):
    """Names and what is stated under each."""

    block: Literal["fields"] = "fields"
    title: str = ""
    entries: tuple[Entry, ...]


class Text(Spec, frozen=True):
    """Paragraphs."""

    block: Literal["text"] = "text"
    title: str = ""
    paragraphs: tuple[str, ...]


class Points(Spec, frozen=True):
    """A list; ``boxes`` puts a box to tick before each point."""

    block: Literal["points"] = "points"
    title: str = ""
    items: tuple[str, ...]
    boxes: bool = False


class Table(Spec, frozen=True):
    """A table of texts.

    Attributes:
        columns: heads; a leading ``#`` sets a column of numbers to the right.
        rows: one text a cell, as many as there are columns.
        note: a sentence below it.
    """

    block: Literal["table"] = "table"
    title: str = ""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


class Numbers(Spec, frozen=True):
    """Findings, whole: what was measured, its interval, its reference, its limit."""

    block: Literal["numbers"] = "numbers"
    title: str = ""
    findings: tuple[Finding, ...]


class Notice(Spec, frozen=True):
    """A statement that stands out: what is claimed, what is not, or what was not run."""

    block: Literal["notice"] = "notice"
    title: str
    said: tuple[str, ...]
    limits: tuple[str, ...] = ()
    tone: Literal["holds", "open", "bad", "plain"] = "plain"


class Signatures(Spec, frozen=True):
    """Lines for name, date and signature, one set for each role."""

    block: Literal["signatures"] = "signatures"
    roles: tuple[str, ...]


Block: TypeAlias = Annotated[
    Fields | Text | Points | Table | Numbers | Notice | Signatures, Field(discriminator="block")
]


class Section(Spec, frozen=True):
    """One numbered part of the report.

    Attributes:
        key: stable name, for machines and for links.
        checks: ids of checks whose drawings of the full report belong here.
    """

    key: str
    title: str
    intro: str = ""
    blocks: tuple[Block, ...] = ()
    checks: tuple[str, ...] = ()


class PrivacyReport(Spec, frozen=True):
    """The report that a data protection officer reads.

    Attributes:
        half: ``private`` holds numbers that were read from real records and stays with them; ``public`` holds none.
        dataset: name of the recipe.
        verdict: of the bundle in the private half; in the public one, of what was measured on synthetic rows alone.
        digest: SHA-256 that stands on each page and ties the report to the data.
        digest_of: what the digest is over, in words.
        left_blank: names of what has to be filled in by hand.
    """

    format: Literal[1] = 1
    half: Half
    dataset: str
    title: str
    verdict: Literal["released", "withheld", "unassessed"]
    version: str = ""
    digest: str = ""
    digest_of: str = ""
    left_blank: tuple[str, ...] = ()
    sections: tuple[Section, ...]
