"""What the checks of texts share: which table and columns are looked at, and findings that say why there is no number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from sundog.core.findings import Finding, Role, Section
from sundog.core.protocols import Evidence
from sundog.core.recipe import Part
from sundog.core.tables import meaning_of
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec
from sundog.lib.texts.columns import choose_table, find_made, read_texts

LEAST_WORDS = 4
"""Words that the values of a real column have on average, where nothing says that it holds text."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The made texts of a part: which table and which columns of it."""

    table: str
    columns: tuple[str, ...]


def accept_of(part: Part) -> AcceptSpec | None:
    """The rules of a part's texts; None for parts that have none."""
    said = getattr(part, "accept", None)
    return said if isinstance(said, AcceptSpec) else None


def duplicates_of(part: Part) -> DuplicatesSpec | None:
    """What a part says of duplicates; None for parts that say nothing."""
    said = getattr(part, "duplicates", None)
    return said if isinstance(said, DuplicatesSpec) else None


def find_seen(evidence: Evidence, asked: tuple[str, ...] = ()) -> Seen | None:
    """The texts that are looked at; None where a part has none."""
    schemas = {name: evidence.schema("synthetic", name) for name in evidence.tables()}
    table = choose_table(schemas, asked)
    return None if table is None else Seen(table, find_made(schemas[table], asked))


def scan_made(evidence: Evidence, seen: Seen) -> Iterator[pa.Array]:
    """Made texts, large_string, piece by piece."""
    for batch in evidence.scan("synthetic", seen.table, list(seen.columns)):
        yield read_texts(batch, seen.columns)


def find_real(schema: pa.Schema, first: pa.RecordBatch | None) -> tuple[str, ...]:
    """Columns of real records that hold text: those that are marked so, else those whose values have several words."""
    marked = [f.name for f in schema if meaning_of(f) == "text"]
    if marked:
        return tuple(marked)
    if first is None:
        return ()
    texts = [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    return tuple(n for n in texts if _count_words(first.column(n)) >= LEAST_WORDS)


def _count_words(column: pa.Array) -> float:
    known = [v for v in column.drop_null().to_pylist()[:200] if v]
    return sum(len(v.split()) for v in known) / len(known) if known else 0.0


def scan_real(evidence: Evidence, role: Role) -> Iterator[pa.Array]:
    """Real texts, large_string, piece by piece; nothing where no column holds text."""
    columns = find_real(evidence.schema(role), next(iter(evidence.scan(role)), None))
    if columns:
        for batch in evidence.scan(role, columns=list(columns)):
            yield read_texts(batch, columns)


def skipped(
    evidence: Evidence, check: str, section: Section, subject: str, why: str, *, withholds: bool = False, unit: str = ""
) -> Finding:
    """A finding that says why there is no number."""
    return Finding(
        check=check,
        part=evidence.name,
        section=section,
        subject=subject,
        value=None,
        unit=unit,
        verdict="skipped",
        withholds=withholds,
        why=why[:1].upper() + why[1:] + ("" if why.endswith(".") else "."),
    )


def round_nine(number: float) -> float:
    """Nine digits: the last bits of a matrix product depend on who made it, and `sundog verify` compares."""
    return float(f"{number:.9g}")
