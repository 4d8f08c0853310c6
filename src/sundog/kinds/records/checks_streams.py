"""What the report shows of sensor streams: shares of readings, of faults, how long readings remember, and a piece of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.findings import Answer, Bars, Curve, Exhibit, Finding, Role, Series
from sundog.core.protocols import Evidence
from sundog.kinds.records.fields_streams import FaultField, ReadingField, SampleTimeField, TrueValueField
from sundog.kinds.records.fields_words import ParentField
from sundog.kinds.records.recipe import RecordsPart, StreamsCheck, TableSpec
from sundog.lib.signals.faults import FAULT_KINDS

SHOWN_ROWS = 100_000
"""First rows of a table, from which the drawings and the correlations are taken."""

PIECE = 240
"""Readings that are drawn."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """Fields of a table with a stream, by what they are.

    Attributes:
        readings: field to its channel.
        true: channel to the field that holds its true value.
        labels: channel to the field that holds its faults, as words.
        healthy: field of labels to the word for none.
        device: field that tells devices apart, or None.
        time: field of the time of the samples, or None.
    """

    readings: Mapping[str, str]
    true: Mapping[str, str]
    labels: Mapping[str, str]
    healthy: Mapping[str, str]
    device: str | None
    time: str | None


@dataclass(frozen=True, slots=True)
class StreamsShown:
    """Implements ``core.protocols.Check``: it reads the finished synthetic rows and judges nothing."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part has a table with a stream that tells readings."""
        return isinstance(evidence.part, RecordsPart) and any(_list_streams(evidence.part))

    def run(self, spec: StreamsCheck, evidence: Evidence, key: object) -> Answer:
        """Findings and drawings of each table with a stream."""
        assert isinstance(evidence.part, RecordsPart)
        findings: list[Finding] = []
        exhibits: list[Exhibit] = []
        for name, told in _list_streams(evidence.part):
            counts = _count(evidence, name, told)
            if not counts.rows:
                continue
            findings += _describe_readings(evidence, name, told, counts)
            exhibits += _draw_shares(evidence, name, told, counts)
            if told.device is not None and told.time is not None:
                first = _read_first(evidence, name, told)
                findings += _measure_memory(evidence, name, told, first)
                exhibits += [_draw_piece(evidence, name, told, field, first) for field in told.readings]
        return Answer(findings=tuple(findings), exhibits=tuple(exhibits))


def _list_streams(part: RecordsPart) -> Iterator[tuple[str, Told]]:
    for name, table in part.tables.items():
        if table.stream is not None:
            told = _sort_fields(table)
            if told.readings:
                yield name, told


def _sort_fields(table: TableSpec) -> Told:
    kept = {name: field for name, field in table.fields.items() if field.keep}
    words = {n: f for n, f in kept.items() if isinstance(f, FaultField) and f.form == "words" and f.channel}
    return Told(
        readings={n: f.channel for n, f in kept.items() if isinstance(f, ReadingField)},
        true={f.channel: n for n, f in kept.items() if isinstance(f, TrueValueField)},
        labels={str(f.channel): n for n, f in words.items()},
        healthy={n: f.healthy for n, f in words.items()},
        device=next((n for n, f in kept.items() if isinstance(f, ParentField)), None),
        time=next((n for n, f in kept.items() if isinstance(f, SampleTimeField)), None),
    )


@dataclass(slots=True)
class _Counts:
    rows: int
    missing: Counter[str]
    labels: dict[str, Counter[str]]


def _count(evidence: Evidence, table: str, told: Told) -> _Counts:
    """Rows, readings that are missing, and labels, over the whole table."""
    found = _Counts(0, Counter(), {field: Counter() for field in told.labels.values()})
    columns = [*told.readings, *found.labels]
    for batch in evidence.scan("synthetic", table, columns):
        found.rows += batch.num_rows
        for field in told.readings:
            found.missing[field] += batch.column(field).null_count
        for field, labels in found.labels.items():
            for word in pc.value_counts(batch.column(field)).to_pylist():
                labels[word["values"]] += word["counts"]
    return found


def _describe_readings(evidence: Evidence, table: str, told: Told, counts: _Counts) -> list[Finding]:
    findings = []
    for field, channel in told.readings.items():
        here = 1.0 - counts.missing[field] / counts.rows
        why = f"{counts.missing[field]:,} of {counts.rows:,} rows have no reading"
        findings.append(_tell(evidence, "validity.readings", f"{table}.{field}", here, "share of rows", why))
        label = told.labels.get(channel)
        if label is not None:
            kinds = _share_kinds(counts.labels[label], counts.rows)
            faulty = 1.0 - counts.labels[label][told.healthy[label]] / counts.rows
            why = ", ".join(f"{kind} {share:.2%}" for kind, share in kinds.items()) or "no fault is labelled"
            findings.append(_tell(evidence, "validity.faults", f"{table}.{field}", faulty, "share of rows", why))
    return findings


def _share_kinds(labels: Counter[str], rows: int) -> dict[str, float]:
    shares = {kind: sum(n for word, n in labels.items() if kind in (word or "").split("+")) for kind in FAULT_KINDS}
    return {kind: number / rows for kind, number in shares.items() if number}


def _tell(evidence: Evidence, check: str, subject: str, value: float, unit: str, why: str) -> Finding:
    return Finding(
        check=check, part=evidence.name, section="validity", subject=subject, value=value, unit=unit, why=why
    )


def _draw_shares(evidence: Evidence, table: str, told: Told, counts: _Counts) -> list[Exhibit]:
    shares = {channel: _share_kinds(counts.labels[field], counts.rows) for channel, field in told.labels.items()}
    kinds = [kind for kind in FAULT_KINDS if any(kind in found for found in shares.values())]
    if not kinds:
        return []
    series = tuple(
        Series(name=channel, y=tuple(round(found.get(kind, 0.0), 6) for kind in kinds))
        for channel, found in shares.items()
    )
    return [
        Exhibit(
            check="validity.faults",
            part=evidence.name,
            section="validity",
            title=f"Faults in {table}",
            how_to_read="Share of the rows whose label says that the reading lies in a fault of this kind, for each channel.",
            drawing=Bars(labels=tuple(kinds), series=series, unit="share of rows", horizontal=True),
        )
    ]


def _read_first(evidence: Evidence, table: str, told: Told) -> pa.Table:
    """The first rows of the table, device by device in the order of time."""
    assert told.device is not None
    assert told.time is not None
    columns = list(dict.fromkeys([told.device, told.time, *told.readings, *told.true.values(), *told.labels.values()]))
    batches, rows = [], 0
    for batch in evidence.scan("synthetic", table, columns):
        batches.append(batch)
        rows += batch.num_rows
        if rows >= SHOWN_ROWS:
            break
    return (
        pa.Table.from_batches(batches)
        .slice(0, SHOWN_ROWS)
        .sort_by([(told.device, "ascending"), (told.time, "ascending")])
        .combine_chunks()
    )


def _measure_memory(evidence: Evidence, table: str, told: Told, first: pa.Table) -> list[Finding]:
    """Correlation of neighbouring readings of a device; the level of each device is taken off first."""
    device = first.column(told.device).combine_chunks().dictionary_encode().indices.to_numpy()
    together = device[1:] == device[:-1]
    findings = []
    for field in told.readings:
        values = _as_floats(first.column(field))
        known = np.isfinite(values)
        counts = np.bincount(device[known], minlength=device.max(initial=0) + 1)
        means = np.bincount(device[known], values[known], minlength=len(counts)) / np.maximum(counts, 1)
        away = values - means[device]
        both = together & known[1:] & known[:-1]
        late, early = away[1:][both], away[:-1][both]
        spread = float(np.sqrt((late**2).sum() * (early**2).sum()))
        if spread > 0:
            why = f"neighbouring readings of the first {len(counts):,} devices, without their levels"
            found = min(float((late * early).sum()) / spread, 1.0)
            findings.append(_tell(evidence, "validity.memory", f"{table}.{field}", found, "correlation", why))
    return findings


def _as_floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.cast(pa.float64()).to_numpy(), np.float64)


def _draw_piece(evidence: Evidence, table: str, told: Told, field: str, first: pa.Table) -> Exhibit:
    """A piece of the readings of one device: around the first fault that is labelled, or from the beginning."""
    channel = told.readings[field]
    label = told.labels.get(channel)
    faulty = np.zeros(first.num_rows, np.bool_)
    if label is not None:
        faulty = pc.not_equal(first.column(label), told.healthy[label]).to_numpy().astype(np.bool_)
    at = int(np.flatnonzero(faulty)[0]) if faulty.any() else 0
    device = first.column(told.device).combine_chunks().dictionary_encode()
    codes = device.indices.to_numpy()
    begin, end = (int(np.searchsorted(codes, codes[at], side)) for side in ("left", "right"))
    begin = max(begin, min(at - PIECE // 3, end - PIECE))
    rows = slice(begin, min(begin + PIECE, end))
    times = first.column(told.time).cast(pa.int64()).to_numpy()[rows]
    lines = {"reading": _as_floats(first.column(field))[rows]}
    if channel in told.true:
        lines["true value"] = _as_floats(first.column(told.true[channel]))[rows]
    marked = faulty[rows].copy()
    if marked.any():
        marked[1:] |= faulty[rows][:-1]  # the neighbours too: one reading alone is no line
        marked[:-1] |= faulty[rows][1:]
        lines["in a fault"] = np.where(marked, lines["reading"], np.nan)
    series = tuple(Series(name=n, y=tuple(None if v != v else round(float(v), 6) for v in y)) for n, y in lines.items())
    name = str(device.dictionary[codes[at]].as_py())
    unit = _find_unit(evidence, channel, table)
    return Exhibit(
        check="validity.readings",
        part=evidence.name,
        section="validity",
        title=f"{table}.{field} of {name}",
        how_to_read="Readings of one device over time, beside what was true where that is written; the stretch that a fault "
        "is labelled in is drawn with its neighbours. A gap has no reading.",
        drawing=Curve(
            x=tuple(round(float(t), 6) for t in (times - times[0]) / 3.6e9), series=series, x_unit="hours", unit=unit
        ),
    )


def _find_unit(evidence: Evidence, channel: str, table: str) -> str:
    """Unit of a channel, in words for a drawing."""
    assert isinstance(evidence.part, RecordsPart)
    stream = evidence.part.tables[table].stream
    return (stream.channels[channel].unit if stream is not None else "") or "value"
