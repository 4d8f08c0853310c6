"""What a real table looks like from outside: columns, types, meaning and why. Shows no value that could name a person."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.notes import Note, Remark, Used
from sundog.core.tables import Meaning
from sundog.lib.pii.columns import PersonalColumn
from sundog.lib.pii.inventory import ColumnValues, format_inventory, take_inventory
from sundog.lib.rows.identifiers import UNIQUE, learn_maker
from sundog.lib.rows.infer_marks import PATTERN, format_of, read_mark
from sundog.lib.rows.infer_meaning import Reading, common_shape, read_meaning
from sundog.lib.rows.infer_profile import Profile, profile_columns
from sundog.lib.rows.makers import say_few

SUPPORT = 10
"""Rows that a category needs before its word is shown."""
SHOWN = 6
SPIKE_SHARE = 0.02
SPIKE_DISTINCT = 20
"""A number with more different values than this has a spike where one value holds SPIKE_SHARE of the rows and
ten times the share of the average value."""
MEDIAN_ROWS = 20_000_000


class Records(Protocol):
    """What is looked at: ``core.protocols.Source``."""

    @property
    def schema(self) -> pa.Schema:
        """Columns."""
        ...

    @property
    def rows(self) -> int:
        """Number of records."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """Files and remarks."""
        ...

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The records, in order."""
        ...


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value that many rows hold, and the share of rows with a value that do."""

    value: str
    share: float


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column.

    Attributes:
        name: its name.
        type: Arrow type, as stated or inferred.
        meaning: number, category, boolean, time, identifier, text or constant.
        pattern: kind of identifier or text (``email``, ``key``, ``prose``, ...); empty for anything else.
        why: why it has this meaning.
        missing: share of rows without a value.
        missing_tokens: how often each text stood for "no value"; '' is the empty field.
        distinct: different values; an estimate unless ``distinct_exact``.
        distinct_exact: whether they were all counted.
        low: smallest value of numbers and times, as text.
        median: middle value of numbers and times, as text.
        high: largest value of numbers and times, as text.
        decimals: decimal places of decimals; None where not limited.
        written: how values are written where it is not the plain way (``%d/%m/%Y``).
        spikes: values of numbers that far more rows hold than any other.
        values: categories that at least 10 rows hold, the most frequent first.
        shape: shape of identifiers (A and a for letters, 9 for digits), and the share that has it.
        remarks: what is worth knowing about the reading.
    """

    name: str
    type: str
    meaning: Meaning
    pattern: str
    why: str
    missing: float
    missing_tokens: dict[str, int]
    distinct: int
    distinct_exact: bool
    low: str = ""
    median: str = ""
    high: str = ""
    decimals: int | None = None
    written: str = ""
    spikes: tuple[ShownValue, ...] = ()
    values: tuple[ShownValue, ...] = ()
    shape: ShownValue | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """A table seen from outside; ``dataclasses.asdict`` of it is ready for JSON.

    Attributes:
        rows: number of records.
        columns: one view a column, in order.
        person: the column that most looks like the one that names the person; empty where each row seems to be one.
        person_why: why.
        files: name and sha256 of each file.
        remarks: about files and the table as a whole.
        rules: rules between columns that hold in every row, in words.
        personal: columns that hold personal data, each with the letter of HIPAA Safe Harbor and why.
    """

    rows: int
    columns: tuple[ColumnView, ...]
    person: str = ""
    person_why: str = ""
    files: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    rules: tuple[str, ...] = field(default=())
    personal: tuple[PersonalColumn, ...] = ()

    def __str__(self) -> str:
        """The same as a table for a terminal."""
        return format_inspection(self)

    def _repr_html_(self) -> str:
        """The same in a notebook."""
        return f"<pre>{html.escape(format_inspection(self))}</pre>"


def inspect_source(source: Records, rules: Sequence[str] = ()) -> Inspection:
    """Look at a table.

    Args:
        source: its records; those of ``open_files`` were profiled while they were read, others are scanned once more.
        rules: rules between columns that were found, in words.
    """
    schema = source.schema
    profiles: tuple[Profile, ...] | None = getattr(source, "profiles", None)
    readings: tuple[Reading, ...] | None = getattr(source, "readings", None)
    if profiles is None:
        profiles = profile_columns(schema, source.scan())
    if readings is None:
        readings = tuple(read_meaning(p, f.type, read_mark(f, PATTERN)) for p, f in zip(profiles, schema, strict=True))
    said: dict[str, list[str]] = {name: [] for name in schema.names}
    general = []
    for note in source.notes:
        if isinstance(note, Remark):
            if note.subject in said:
                said[note.subject].append(note.text)
            else:
                general.append(f"{note.subject}: {note.text}")
    views = tuple(
        _view_column(source, f, p, r, tuple(said[f.name])) for f, p, r in zip(schema, profiles, readings, strict=True)
    )
    person = max(zip(readings, profiles, strict=True), key=lambda pair: pair[0].person)
    named = person[0].person > 0
    return Inspection(
        rows=source.rows,
        columns=views,
        person=person[1].name if named else "",
        person_why=f"{person[0].why}: {person[1].known / max(1, person[1].distinct):.1f} rows for each"
        if named
        else "",
        files=tuple((n.what, n.sha256) for n in source.notes if isinstance(n, Used)),
        remarks=tuple(general),
        rules=tuple(rules),
        personal=take_inventory(
            ColumnValues(p.name, p.values, r.meaning, r.pattern) for p, r in zip(profiles, readings, strict=True)
        ),
    )


def _view_column(
    source: Records, column: pa.Field, profile: Profile, reading: Reading, remarks: tuple[str, ...]
) -> ColumnView:
    kind = column.type
    ordered = not (pa.types.is_string(kind) or pa.types.is_boolean(kind)) and reading.meaning in (
        "number",
        "time",
        "category",
        "constant",
    )
    low, median, high = _find_ends(source, column, profile) if ordered and profile.known else ("", "", "")
    hidden = reading.meaning in ("identifier", "text")
    shape = None
    if hidden and pa.types.is_string(kind) and reading.meaning == "identifier" and len(profile.values):
        text, share = common_shape(profile.values[:20_000])
        shape = ShownValue(text if len(text) <= 40 else text[:37] + "...", share)
        if profile.distinct >= UNIQUE * max(SUPPORT, profile.known):
            maker, _ = learn_maker(column, profile.values[:20_000], reading.pattern, SUPPORT)
            few = "" if maker is None else say_few(maker, profile.rows)
            remarks = (*remarks, f"remade, not copied: {few}") if few else remarks
    return ColumnView(
        name=column.name,
        type=str(kind).replace("double", "float64").replace("[day]", ""),
        meaning=reading.meaning,
        pattern=reading.pattern,
        why=reading.why,
        missing=profile.missing / max(1, profile.rows),
        missing_tokens=dict(profile.tokens),
        distinct=profile.distinct,
        distinct_exact=profile.exact,
        low=low,
        median=median,
        high=high,
        decimals=profile.places,
        written=format_of(column),
        spikes=_find_spikes(profile) if reading.meaning in ("number", "time") else (),
        values=_list_values(profile) if reading.meaning in ("category", "boolean", "constant") and not hidden else (),
        shape=shape,
        remarks=remarks,
    )


def _list_values(profile: Profile) -> tuple[ShownValue, ...]:
    order = np.lexsort((np.arange(len(profile.counts)), -profile.counts))[:SHOWN]
    supported = [int(i) for i in order if profile.counts[i] >= SUPPORT]
    return tuple(ShownValue(_show(profile.values[i]), float(profile.counts[i]) / profile.known) for i in supported)


def _find_spikes(profile: Profile) -> tuple[ShownValue, ...]:
    if profile.distinct <= SPIKE_DISTINCT or not len(profile.counts):
        return ()
    share = profile.counts / profile.known
    limit = max(SPIKE_SHARE, 10 / profile.distinct, SUPPORT / profile.known)
    at = np.flatnonzero(share >= limit)
    best = at[np.argsort(-share[at], kind="stable")][:SHOWN]
    return tuple(ShownValue(_show(profile.values[int(i)]), float(share[i])) for i in best)


def _show(value: pa.Scalar) -> str:
    if pa.types.is_floating(value.type):
        return f"{value.as_py():g}" if abs(value.as_py()) < 1e6 else repr(value.as_py())
    text = str(value) if not pa.types.is_string(value.type) else str(value.as_py())
    return text if len(text) <= 40 else text[:37] + "..."


def _find_ends(source: Records, column: pa.Field, profile: Profile) -> tuple[str, str, str]:
    kind = column.type
    if profile.exact:
        order = pc.sort_indices(_as_numbers(profile.values))
        sums = np.cumsum(profile.counts[order.to_numpy()])
        middle = int(np.searchsorted(sums, (sums[-1] + 1) // 2))
        picked = [profile.values[int(order[i].as_py())] for i in (0, middle, len(order) - 1)]
        return _show(picked[0]), _show(picked[1]), _show(picked[2])
    step = 1 + source.rows // MEDIAN_ROWS
    pieces: list[NDArray[np.generic]] = []
    low, high = None, None
    for batch in source.scan([column.name]):
        known = _as_numbers(batch.column(0)).drop_null()
        if not len(known):
            continue
        ends = pc.min_max(known).as_py()
        low = ends["min"] if low is None else min(low, ends["min"])
        high = ends["max"] if high is None else max(high, ends["max"])
        pieces.append(known.to_numpy(zero_copy_only=False)[::step])
    values = np.concatenate(pieces)
    middle = (len(values) - 1) // 2
    median = np.partition(values, middle)[middle]
    shown = pa.array([low, median.item(), high], _as_numbers(profile.values).type).cast(kind)
    return _show(shown[0]), _show(shown[1]), _show(shown[2])


def _as_numbers(values: pa.Array) -> pa.Array:
    if pa.types.is_date32(values.type):
        return values.cast(pa.int32())
    return values.cast(pa.int64()) if pa.types.is_temporal(values.type) else values


def format_inspection(seen: Inspection) -> str:
    """An aligned table for a terminal: one line a column, and a line that says why."""
    lines = [
        f"{seen.rows:,} rows, {len(seen.columns)} columns"
        + "".join(f"\n  {name}  sha256 {digest[:16]}" for name, digest in seen.files[:20])
    ]
    if len(seen.files) > 20:
        lines.append(f"  ... and {len(seen.files) - 20} more files")
    head = ("column", "type", "meaning", "missing", "distinct", "values")
    body = [
        (
            _fit(c.name, 32),
            c.type,
            c.meaning + (f" ({c.pattern})" if c.pattern else ""),
            _percent(c.missing),
            _count(c),
            _describe(c),
        )
        for c in seen.columns
    ]
    widths = [max(len(row[i]) for row in (head, *body)) for i in range(5)]
    lines.append("")
    lines.append("  ".join(h.ljust(w) for h, w in zip(head, [*widths, 0], strict=True)).rstrip())
    for view, row in zip(seen.columns, body, strict=True):
        cells = [
            row[0].ljust(widths[0]),
            row[1].ljust(widths[1]),
            row[2].ljust(widths[2]),
            row[3].rjust(widths[3]),
            row[4].rjust(widths[4]),
        ]
        lines.append("  ".join([*cells, row[5]]).rstrip())
        lines.append(f"    why: {'; '.join((view.why, *view.remarks))}")
    if seen.person:
        lines += [
            "",
            f"Person: {seen.person!r} looks like the column that names the person ({seen.person_why}).",
            f"  Use --person {seen.person} so that holdout, copies and attacks go by person.",
        ]
    hidden = [c.name for c in seen.columns if c.meaning in ("identifier", "text")]
    if hidden:
        lines += ["", f"Never copied: {', '.join(hidden)}."]
    if seen.personal:
        lines += ["", *format_inventory(seen.personal)]
    if seen.rules:
        lines += ["", "Rules that hold in every row:", *(f"  {rule}" for rule in seen.rules)]
    if seen.remarks:
        lines += ["", "Remarks:", *(f"  {remark}" for remark in seen.remarks)]
    return "\n".join(lines)


def _fit(text: str, width: int) -> str:
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shown if len(shown) <= width else shown[: width - 3] + "..."


def _percent(share: float) -> str:
    return "" if share == 0 else "<0.1%" if share < 0.001 else f"{share:.1%}"


def _count(column: ColumnView) -> str:
    return f"{column.distinct:,}" if column.distinct_exact else f"about {column.distinct:,}"


def _describe(column: ColumnView) -> str:
    parts = []
    if column.low:
        parts.append(f"{column.low} .. {column.median} .. {column.high}")
    if column.decimals:
        parts.append(f"{column.decimals} decimal{'' if column.decimals == 1 else 's'}")
    if column.spikes:
        parts.append("spikes " + ", ".join(f"{_fit(s.value, 20)} ({s.share:.1%})" for s in column.spikes[:3]))
    if column.values and not column.low:
        parts.append(", ".join(f"{_fit(v.value, 24)} ({v.share:.1%})" for v in column.values[:4]))
    if column.shape is not None:
        parts.append(f"{column.shape.value} ({column.shape.share:.0%})")
    tokens = {t: n for t, n in column.missing_tokens.items() if t}
    if tokens:
        parts.append("missing as " + ", ".join(f"{t} ({n:,})" for t, n in tokens.items()))
    return "; ".join(parts)
