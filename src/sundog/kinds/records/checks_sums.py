"""What holds by construction, counted over all rows that were written: parts add up, periods follow one another, one of several has a value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.records._keys import is_key
from sundog.kinds.records.fields_words import ParentField, PieceField, SplitField, ValidFromField, ValidToField
from sundog.kinds.records.recipe import RecordsPart, SumsCheck

MOST_PARENTS = 20_000_000
"""Parents up to which the parts of their amounts are added up; the keys and the sums lie in memory."""

_DAY = 86_400_000_000
"""Microseconds."""


@dataclass(frozen=True, slots=True)
class SumsKept:
    """Implements ``core.protocols.Check``: it reads the finished synthetic rows."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only, so that ``sundog verify`` can run it again."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part is made by rule and has something of this kind that is written."""
        return isinstance(evidence.part, RecordsPart) and any(_list_questions(evidence.part))

    def run(self, spec: SumsCheck, evidence: Evidence, key: object) -> Answer:
        """One finding a question; what does not hold withholds."""
        assert isinstance(evidence.part, RecordsPart)
        return Answer(findings=tuple(ask.judge(evidence) for ask in _list_questions(evidence.part)))


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Whether pieces add up to an amount of their row."""

    table: str
    of: str
    names: tuple[str, ...]
    decimals: int

    def judge(self, evidence: Evidence) -> Finding:
        rows = wrong = 0
        for batch in evidence.scan("synthetic", self.table, [self.of, *self.names]):
            parts = [_as_units(batch.column(name), self.decimals) for name in self.names]
            whole = _as_units(batch.column(self.of), self.decimals)
            rows += batch.num_rows
            wrong += int((np.sum(parts, axis=0) != whole).sum())
        subject = f"{self.table}.{self.of} = {' + '.join(self.names)}"
        return _count(evidence, "validity.sums", subject, wrong, rows, "add up", "do not add up")


@dataclass(frozen=True, slots=True)
class _Split:
    """Whether the parts of an amount of the parent add up to it; parents without rows have nothing to add up."""

    table: str
    field: str
    parent: str
    of: str
    link: str
    key: str
    decimals: int

    def judge(self, evidence: Evidence) -> Finding:
        subject = f"{self.parent}.{self.of} = sum of {self.table}.{self.field}"
        if evidence.rows("synthetic", self.parent) > MOST_PARENTS:
            why = f"the parts of more than {MOST_PARENTS:,} amounts are not added up; they do by construction"
            return _finding(evidence, "validity.sums", subject, None, "skipped", why)
        keys, sums = _read(evidence, self.table, [self.link, self.field])
        owners, amounts = _read(evidence, self.parent, [self.key, self.of])
        places = pc.index_in(keys, value_set=owners).fill_null(-1).to_numpy(zero_copy_only=False)
        known = places >= 0
        totals = np.zeros(len(owners), np.int64)
        np.add.at(totals, places[known], _as_units(sums, self.decimals)[known])
        some = np.zeros(len(owners), np.bool_)
        some[places[known]] = True
        wrong = int((totals[some] != _as_units(amounts, self.decimals)[some]).sum())
        return _count(evidence, "validity.sums", subject, wrong, int(some.sum()), "add up", "do not add up")


@dataclass(frozen=True, slots=True)
class _Periods:
    """Whether the periods of a parent follow one another without a gap or an overlap, and the last one goes on."""

    table: str
    link: str
    start: str
    end: str
    inclusive: bool

    def judge(self, evidence: Evidence) -> Finding:
        rows = wrong = 0
        before: pa.RecordBatch | None = None  # the last row, whose successor may lie in the next piece
        for batch in evidence.scan("synthetic", self.table, [self.link, self.start, self.end]):
            rows += batch.num_rows
            whole = batch if before is None else _join(before, batch)
            wrong += self._find_wrong(whole)
            before = whole.slice(whole.num_rows - 1) if whole.num_rows else before
        if before is not None and before.column(self.end)[0].as_py() is not None:
            wrong += 1
        subject = f"{self.table}.{self.start} to {self.end}"
        return _count(
            evidence, "validity.periods", subject, wrong, rows, "follow one another", "leave a gap or overlap"
        )

    def _find_wrong(self, rows: pa.RecordBatch) -> int:
        """Rows but the last that do not end where the next begins, or have an end though they are the last of their parent."""
        link, start, end = (rows.column(name) for name in (self.link, self.start, self.end))
        step = (_DAY if pa.types.is_date(start.type) else 1) if self.inclusive else 0
        begins, ends = _as_microseconds(start), _as_microseconds(end)
        open_end = end.is_null().to_numpy(zero_copy_only=False)[:-1]
        same = pc.equal(link.slice(0, len(link) - 1), link.slice(1)).to_numpy(zero_copy_only=False).astype(np.bool_)
        follows = ~open_end & (ends[:-1] + step == begins[1:]) & (begins[:-1] < begins[1:])
        return int((same & ~follows).sum() + (~same & ~open_end).sum())


@dataclass(frozen=True, slots=True)
class _OneOf:
    """Whether exactly one of several fields has a value."""

    table: str
    names: tuple[str, ...]

    def judge(self, evidence: Evidence) -> Finding:
        rows = wrong = 0
        for batch in evidence.scan("synthetic", self.table, list(self.names)):
            there = [
                batch.column(name).is_valid().to_numpy(zero_copy_only=False).astype(np.int64) for name in self.names
            ]
            rows += batch.num_rows
            wrong += int((np.sum(there, axis=0) != 1).sum())
        subject = f"{self.table}: {', '.join(self.names)}"
        return _count(evidence, "validity.one_of", subject, wrong, rows, "have one of them", "have none or several")


def _list_questions(part: RecordsPart) -> Iterator[_Pieces | _Split | _Periods | _OneOf]:
    """What can be counted from the fields that are written."""
    for table, spec in part.tables.items():
        written = {name: said for name, said in spec.fields.items() if said.keep}
        pieces: dict[str, list[str]] = {}
        for name, said in spec.fields.items():
            if isinstance(said, PieceField):
                pieces.setdefault(said.of, []).append(name)
        for of, names in pieces.items():
            first = spec.fields[names[0]]
            whole = not any(spec.fields[name].missing for name in names)
            if whole and {of, *names} <= set(written) and isinstance(first, PieceField):
                yield _Pieces(table, of, tuple(names), first.decimals)
        for group in spec.one_of:
            if set(group.fields) <= set(written) and not any(spec.fields[n].missing for n in group.fields):
                yield _OneOf(table, group.fields)
        if spec.parent is None:
            continue
        above = {name: said for name, said in part.tables[spec.parent].fields.items() if said.keep}
        links = [
            (name, said.field)
            for name, said in written.items()
            if isinstance(said, ParentField) and said.field in above and is_key(above[said.field]) and not said.missing
        ]
        for name, said in written.items():
            if isinstance(said, SplitField) and links and said.of in above and not said.missing:
                yield _Split(table, name, spec.parent, said.of, *links[0], said.decimals)
        starts = [name for name, said in written.items() if isinstance(said, ValidFromField) and not said.missing]
        ends = [(name, said) for name, said in written.items() if isinstance(said, ValidToField) and not said.missing]
        if links and starts and ends:
            yield _Periods(table, links[0][0], starts[0], ends[0][0], ends[0][1].inclusive)


def _read(evidence: Evidence, table: str, names: Sequence[str]) -> list[pa.Array]:
    """Whole columns."""
    schema = evidence.schema("synthetic", table)
    batches = list(evidence.scan("synthetic", table, list(names)))
    return [
        pa.concat_arrays([batch.column(name) for batch in batches])
        if batches
        else pa.array([], schema.field(name).type)
        for name in names
    ]


def _join(first: pa.RecordBatch, second: pa.RecordBatch) -> pa.RecordBatch:
    columns = [pa.concat_arrays([a, b]) for a, b in zip(first.columns, second.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=first.schema.names)


def _as_units(values: pa.Array, decimals: int) -> NDArray[np.int64]:
    """Amounts in units of their last decimal: int64 (n,); a missing one is 0."""
    floats = values.cast(pa.float64()).fill_null(0.0).to_numpy(zero_copy_only=False)
    return np.asarray(np.rint(floats * 10.0**decimals), np.int64)


def _as_microseconds(values: pa.Array) -> NDArray[np.int64]:
    kind = pa.timestamp("us", tz=getattr(values.type, "tz", None))
    return np.asarray(values.cast(kind).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def _count(evidence: Evidence, check: str, subject: str, wrong: int, rows: int, good: str, bad: str) -> Finding:
    why = f"{wrong:,} of {rows:,} {bad}" if wrong else f"all {rows:,} {good}"
    return _finding(evidence, check, subject, float(wrong), "fail" if wrong else "pass", why)


def _finding(evidence: Evidence, check: str, subject: str, value: float | None, verdict: str, why: str) -> Finding:
    return Finding.model_validate(
        {
            "check": check,
            "part": evidence.name,
            "section": "validity",
            "subject": subject,
            "value": value,
            "unit": "rows",
            "limit": "" if value is None else "0 rows",
            "verdict": verdict,
            "withholds": value is not None,
            "why": why,
        }
    )
