"""Whether keys are unique and every child finds its parent, counted over all rows that were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.records.fields_words import ParentField, ReferenceField, SequenceField, UniqueField
from sundog.kinds.records.recipe import KeysCheck, RecordsPart

MOST_ROWS = 50_000_000
"""Rows of a table up to which its keys are compared; beyond, the finding says that they hold by construction only."""


@dataclass(frozen=True, slots=True)
class KeysKept:
    """Implements ``core.protocols.Check``: it reads the finished synthetic rows."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only, so that ``sundog verify`` can run it again."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part is made by rule and has keys that are written."""
        return isinstance(evidence.part, RecordsPart) and any(_list_keys(evidence.part))

    def run(self, spec: KeysCheck, evidence: Evidence, key: object) -> Answer:
        """One finding a key and a reference; one that does not hold withholds."""
        assert isinstance(evidence.part, RecordsPart)
        part = evidence.part
        findings = [_judge_unique(evidence, table, field) for table, field in _list_keys(part)]
        keys = set(_list_keys(part))
        root = next(name for name, spec_of in part.tables.items() if spec_of.parent is None)
        for table, spec_of in part.tables.items():
            for field, said in spec_of.fields.items():
                parent = spec_of.parent
                if isinstance(said, ParentField) and said.keep and parent and (parent, said.field) in keys:
                    findings.append(_judge_reference(evidence, table, field, parent, said.field))
                if isinstance(said, ReferenceField) and said.keep and (root, said.to) in keys:
                    findings.append(_judge_reference(evidence, table, field, root, said.to))
        return Answer(findings=tuple(findings))


def _list_keys(part: RecordsPart) -> Iterator[tuple[str, str]]:
    """Table and name of the fields that never hold a value twice."""
    for table, said in part.tables.items():
        for name, field in said.fields.items():
            if isinstance(field, UniqueField | SequenceField) and field.keep:
                yield table, name


def _read(evidence: Evidence, table: str, field: str) -> pa.ChunkedArray | None:
    """All values of a field; None where there are too many to compare."""
    batches, rows = [], 0
    for batch in evidence.scan("synthetic", table, [field]):
        rows += batch.num_rows
        if rows > MOST_ROWS:
            return None
        batches.append(batch.column(0))
    return pa.chunked_array(batches, evidence.schema("synthetic", table).field(field).type)


def _judge_unique(evidence: Evidence, table: str, field: str) -> Finding:
    values = _read(evidence, table, field)
    if values is None:
        return _skip(evidence, "validity.unique", f"{table}.{field}")
    known = values.drop_null()
    twice = len(known) - len(pc.unique(known))
    why = f"{twice:,} of {len(known):,} values stand twice" if twice else f"{len(known):,} values, each of them once"
    return _count(evidence, "validity.unique", f"{table}.{field}", twice, why)


def _judge_reference(evidence: Evidence, table: str, field: str, parent: str, key: str) -> Finding:
    name = f"{table}.{field} to {parent}.{key}"
    values, keys = _read(evidence, table, field), _read(evidence, parent, key)
    if values is None or keys is None:
        return _skip(evidence, "validity.references", name)
    known = values.drop_null()
    found = pc.is_in(known, value_set=keys.combine_chunks())
    orphans = len(known) - int(pc.sum(found).as_py() or 0)
    why = (
        f"{orphans:,} of {len(known):,} rows have no parent"
        if orphans
        else f"all {len(known):,} rows have their parent"
    )
    return _count(evidence, "validity.references", name, orphans, why)


def _count(evidence: Evidence, check: str, subject: str, wrong: int, why: str) -> Finding:
    return Finding(
        check=check,
        part=evidence.name,
        section="validity",
        subject=subject,
        value=float(wrong),
        unit="rows",
        limit="0 rows",
        verdict="fail" if wrong else "pass",
        withholds=True,
        why=why,
    )


def _skip(evidence: Evidence, check: str, subject: str) -> Finding:
    return Finding(
        check=check,
        part=evidence.name,
        section="validity",
        subject=subject,
        value=None,
        unit="rows",
        verdict="skipped",
        why=f"more than {MOST_ROWS:,} rows are not compared; keys hold by construction",
    )
