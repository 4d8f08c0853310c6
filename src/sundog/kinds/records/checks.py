"""Whether keys are unique and every child finds its parent, counted over all rows that were written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.records._keys import list_keys, list_references
from sundog.kinds.records.recipe import KeysCheck, RecordsPart
from sundog.lib.stats.distinct import Values, count_repeats, count_strangers


@dataclass(frozen=True, slots=True)
class KeysKept:
    """Implements ``core.protocols.Check``: it reads the finished synthetic rows."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only, so that ``sundog verify`` can run it again."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part is made by rule and has keys that are written."""
        return isinstance(evidence.part, RecordsPart) and any(list_keys(evidence.part))

    def run(self, spec: KeysCheck, evidence: Evidence, key: object) -> Answer:
        """One finding a key and a reference; one that does not hold withholds."""
        assert isinstance(evidence.part, RecordsPart)
        part = evidence.part
        findings = [_judge_unique(evidence, table, field) for table, field in list_keys(part)]
        findings += [_judge_reference(evidence, *reference) for reference in list_references(part)]
        return Answer(findings=tuple(findings))


def _read(evidence: Evidence, table: str, field: str) -> Values:
    """Gives the values of a field, piece by piece."""

    def scan() -> Iterator[pa.Array]:
        for batch in evidence.scan("synthetic", table, [field]):
            yield batch.column(0)

    return scan


def _judge_unique(evidence: Evidence, table: str, field: str) -> Finding:
    with TemporaryDirectory(dir=evidence.folder) as folder:
        known, twice = count_repeats(_read(evidence, table, field), evidence.rows("synthetic", table), Path(folder))
    why = f"{twice:,} of {known:,} values stand twice" if twice else f"{known:,} values, each of them once"
    return _count(evidence, "validity.unique", f"{table}.{field}", twice, why)


def _judge_reference(evidence: Evidence, table: str, field: str, parent: str, key: str) -> Finding:
    name = f"{table}.{field} to {parent}.{key}"
    rows = max(evidence.rows("synthetic", table), evidence.rows("synthetic", parent))
    with TemporaryDirectory(dir=evidence.folder) as folder:
        known, orphans = count_strangers(
            _read(evidence, table, field), _read(evidence, parent, key), rows, Path(folder)
        )
    why = f"{orphans:,} of {known:,} rows have no parent" if orphans else f"all {known:,} rows have their parent"
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
