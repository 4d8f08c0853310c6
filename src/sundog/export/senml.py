"""SenML packs (RFC 8428, updated by RFC 9100) of tables of readings: JSON (.senml) or CBOR (.senmlc), one pack a table."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.protocols import BundleView
from sundog.export._cbor import encode, encode_head, encode_integer, encode_text
from sundog.export._senml_plan import SenmlPlan, check_letters, list_named, plan_table
from sundog.export._senml_read import LABELS, RELATIVE
from sundog.export._senml_units import spell_unit
from sundog.export._tables import choose_tables, name_file, scan_rows
from sundog.export._target import write_whole
from sundog.export._text import is_text, join_texts, to_texts
from sundog.export.csv import joined
from sundog.export.extension import SenmlOut
from sundog.export.jsonl import as_json
from sundog.export.select import parse_select

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_KEYS = {label: encode_integer(number) for label, number in LABELS.items()}


@dataclass(frozen=True, slots=True)
class SenmlExporter:
    """Implements ``core.protocols.Exporter``.

    A row with several readings gives several records; the first one carries the base name (prefix, device and a colon) and the
    base time, so that every row stands by itself. Readings that are missing, NaN or infinite give no record. Numbers become
    ``v``, truth values ``vb``, bytes ``vd``; texts, days and clock times ``vs``. CBOR is written in the deterministic form of
    RFC 8949, but for the list of all records, whose length is left open: that is how a pack is written while it is made.
    """

    def write(self, spec: SenmlOut, bundle: BundleView, target: str) -> tuple[str, ...]:
        """Write one pack a table; gives the paths."""
        condition = None if spec.select is None else parse_select(spec.select)
        tables = choose_tables(bundle, condition)
        wanted = set(list_named(spec))
        fitting = [t for t in tables if wanted <= set(t.schema.names)]
        if not fitting:
            known = {name for t in tables for name in t.schema.names}
            missing = sorted(wanted - known)
            what = (
                f"no table has a column {missing[0]!r}"
                if missing
                else f"no table has all of {', '.join(sorted(wanted))}"
            )
            mend = nearest(missing[0], known) if missing else "Name columns of one table."
            raise RequestError(Problem("SD-EXPORT-015", "--option", what, mend))
        suffix = ".senml" if spec.form == "json" else ".senmlc"
        files = []
        for table in fitting:
            name = name_file(bundle, table)
            plan = plan_table(spec, name, table.schema)
            write = _write_json if spec.form == "json" else _write_cbor
            rows = partial(scan_rows, bundle, table, condition)
            files.append((f"{name}{suffix}", partial(_write_rows, write, plan, rows)))
        return write_whole(target, files, suffix)


_WriteAll = Callable[[SenmlPlan, Iterator[pa.RecordBatch], IO[bytes]], None]


def _write_rows(
    write: _WriteAll, plan: SenmlPlan, rows: Callable[[], Iterator[pa.RecordBatch]], stream: IO[bytes]
) -> None:
    write(plan, rows(), stream)


def _write_json(plan: SenmlPlan, batches: Iterator[pa.RecordBatch], stream: IO[bytes]) -> None:
    stream.write(b"[")
    start = "\n{" if plan.version == 10 else f'\n{{"bver":{plan.version},'
    for batch in batches:
        if batch.num_rows == 0:
            continue
        # Each record ends with what lies between two records; the last end of a batch waits for the next batch.
        ended = [join_texts(body, "},\n{") for body in _list_bodies(plan, batch)]
        records = join_texts(*ended, missing="")
        lines = join_texts(_list_bases_json(plan, batch), records).filter(pc.not_equal(records, ""))
        if len(lines):
            stream.write(start.encode() + joined(lines)[: -len(",\n{")])
            start = ",\n{"
    stream.write(b"\n]\n")


def list_packs(plan: SenmlPlan, batch: pa.RecordBatch) -> pa.Array:
    """large_string (rows,): each row as a JSON pack of its own, on one line; empty where the row holds no reading."""
    ended = [join_texts(body, "},{") for body in _list_bodies(plan, batch)]
    records = pc.replace_substring_regex(join_texts(*ended, missing=""), r",\{$", "]")
    start = "[{" if plan.version == 10 else f'[{{"bver":{plan.version},'
    packs = join_texts(start, _list_bases_json(plan, batch), records)
    return pc.if_else(pc.equal(records, ""), pa.scalar("", pa.large_string()), packs)


def _list_bases_json(plan: SenmlPlan, batch: pa.RecordBatch) -> pa.Array:
    """large_string (rows,): the fields that hold for all records of a row, with a comma behind each."""
    heads = join_texts('"bn":', as_json(_list_bases(plan, batch)), ",")
    times = _tell_times(plan, batch)
    return heads if times is None else join_texts(heads, '"bt":', times, ",")


def _list_bodies(plan: SenmlPlan, batch: pa.RecordBatch) -> list[pa.Array]:
    """For each column of values, large_string (rows,): the fields of its records, null where there is no reading."""
    bodies = []
    for name, unit in zip(plan.values, plan.units, strict=True):
        column = batch.column(name)
        label, values = _spell_values(column)
        if plan.channel is None:
            named: pa.Array | str = f'"n":{json.dumps(name)},'
        else:
            named = join_texts('"n":', as_json(_list_names(plan.channel, batch, False)), ",")
        if plan.unit is not None:
            of = pc.fill_null(join_texts('"u":', as_json(_list_units(plan.unit, batch)), ","), "")
            named = join_texts(named, of)
        elif unit is not None:
            named = join_texts(named, f'"u":{json.dumps(unit)},')
        bodies.append(join_texts(named, f'"{label}":', values))
    return bodies


def _spell_values(column: pa.Array) -> tuple[str, pa.Array]:
    """Label of the values and their JSON, null where there is none."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _spell_values(column.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return "vb", as_json(column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        texts = [
            None if v is None else json.dumps(base64.urlsafe_b64encode(v).decode().rstrip("="))
            for v in column.to_pylist()
        ]
        return "vd", pa.array(texts, pa.large_string())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "v", as_json(column)
    return "vs", as_json(column)


def _list_bases(plan: SenmlPlan, batch: pa.RecordBatch) -> pa.Array:
    """large_string (rows,): base name of each row."""
    if plan.device is None:
        return pa.repeat(pa.scalar(plan.prefix, pa.large_string()), batch.num_rows)
    return join_texts(plan.prefix, _list_names(plan.device, batch, not plan.prefix), ":")


def _list_names(column: str, batch: pa.RecordBatch, alone: bool) -> pa.Array:
    """large_string (rows,): names of devices or channels, checked."""
    texts = to_texts(batch.column(column))
    if texts.null_count:
        what = f"{column!r} is missing in a row: its reading would have no name"
        raise RequestError(Problem("SD-EXPORT-022", f"column {column!r}", what, "Choose rows that have it: --select."))
    check_letters(f"column {column!r}", texts.unique().to_pylist(), alone)
    return texts


def _list_units(column: str, batch: pa.RecordBatch) -> pa.Array:
    """large_string (rows,): units as SenML spells them, null where there is none."""
    texts = to_texts(batch.column(column))
    coded = texts.dictionary_encode()
    spelled = []
    for unit in coded.dictionary.to_pylist():
        spelled.append(spell_unit(unit) if unit else None)
        if unit and spelled[-1] is None:
            what = f"{unit!r} is not a unit that SenML knows"
            mend = "Use a unit of IANA's registry, such as Cel, %RH, Pa, hPa, m/s; or export without the column."
            raise RequestError(Problem("SD-EXPORT-023", f"column {column!r}", what, mend))
    return pa.array(spelled, pa.large_string()).take(coded.indices)


def _tell_ticks(plan: SenmlPlan, batch: pa.RecordBatch) -> tuple[pa.Array, int] | None:
    """int64 or float64 (rows,): times, and how many of their ticks make a second; None where records carry no time."""
    if plan.time is None:
        return None
    column = batch.column(plan.time)
    kind = column.type
    per_second = _PER_SECOND[kind.unit] if pa.types.is_timestamp(kind) else 1
    ticks = column.cast(pa.float64() if pa.types.is_floating(kind) else pa.int64())
    least = pc.min(ticks).as_py()
    infinite = pa.types.is_floating(kind) and not pc.all(pc.is_finite(ticks)).as_py()
    if batch.num_rows and (ticks.null_count or infinite or least is None or least < RELATIVE * per_second):
        what = "a time is missing, or lies before 1978-07-04T21:24:16Z: SenML reads those as counted from now"
        raise RequestError(
            Problem("SD-EXPORT-024", f"column {plan.time!r}", what, "Choose rows with later times: --select.")
        )
    return ticks, per_second


def _tell_times(plan: SenmlPlan, batch: pa.RecordBatch) -> pa.Array | None:
    """large_string (rows,): seconds since 1970 with all digits of the fraction that there are."""
    found = _tell_ticks(plan, batch)
    if found is None:
        return None
    ticks, per_second = found
    if per_second == 1:
        return pc.cast(ticks, pa.large_string())
    whole, rest = np.divmod(ticks.to_numpy(zero_copy_only=False), per_second)
    seconds = pc.cast(pa.array(whole), pa.large_string())
    if not rest.any():
        return seconds
    digits = len(str(per_second)) - 1
    padded = pc.utf8_lpad(pc.cast(pa.array(rest), pa.large_string()), digits, "0")
    fraction = pc.replace_substring_regex(join_texts(".", padded), r"\.?0+$", "")
    return join_texts(seconds, fraction)


def _write_cbor(plan: SenmlPlan, batches: Iterator[pa.RecordBatch], stream: IO[bytes]) -> None:
    stream.write(b"\x9f")
    version = _KEYS["bver"] + encode_integer(plan.version) if plan.version != 10 else b""
    for batch in batches:
        bases = [_KEYS["bn"] + encode_text(base) for base in _list_bases(plan, batch).to_pylist()]
        found = _tell_ticks(plan, batch)
        times = [b""] * batch.num_rows
        if found is not None:
            times = [_KEYS["bt"] + _encode_time(t, found[1]) for t in found[0].to_pylist()]
        # For each column, the head of a record up to its value, and its values.
        columns = [
            (_list_heads(plan, name, unit, batch), *_list_values(batch.column(name)))
            for name, unit in zip(plan.values, plan.units, strict=True)
        ]
        pieces = []
        for i in range(batch.num_rows):
            base = version + bases[i] + times[i]
            more = (2 if times[i] else 1) + (1 if version else 0)
            for heads, label, values in columns:
                value = values[i]
                if value is None:
                    continue
                fields, head = heads[i]
                pieces.append(encode_head(5, fields + more) + head + label + value + base)
                base, more, version = b"", 0, b""
        stream.write(b"".join(pieces))
    stream.write(b"\xff")


def _encode_time(ticks: float, per_second: int) -> bytes:
    whole, rest = divmod(ticks, per_second)
    return encode(ticks / per_second if rest else int(whole))


def _list_heads(plan: SenmlPlan, name: str, unit: str | None, batch: pa.RecordBatch) -> list[tuple[int, bytes]]:
    """For each row: how many fields a record of this column has with its value, and those before the value."""
    if plan.channel is None:
        head = _KEYS["n"] + encode_text(name) + (b"" if unit is None else _KEYS["u"] + encode_text(unit))
        return [(2 if unit is None else 3, head)] * batch.num_rows
    names = _list_names(plan.channel, batch, False).to_pylist()
    units = [unit] * len(names) if plan.unit is None else _list_units(plan.unit, batch).to_pylist()
    return [
        (2 if u is None else 3, _KEYS["n"] + encode_text(n) + (b"" if u is None else _KEYS["u"] + encode_text(u)))
        for n, u in zip(names, units, strict=True)
    ]


def _list_values(column: pa.Array) -> tuple[bytes, list[bytes | None]]:
    """Key of the values and their CBOR, None where there is none."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _list_values(column.cast(kind.value_type))
    if pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
        kind = column.type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind)).cast(pa.float64())
        return _KEYS["v"], [None if v is None else encode(_as_written(v)) for v in column.to_pylist()]
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        key = _KEYS["vb" if pa.types.is_boolean(kind) else "v"]
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        key = _KEYS["vd"]
    else:
        key = _KEYS["vs"]
        column = column if is_text(kind) else to_texts(column)
    return key, [None if v is None else encode(v) for v in column.to_pylist()]


def _as_written(value: float) -> float | int:
    """Whole numbers up to 2**53 as integers: shorter, and the same number."""
    return int(value) if value.is_integer() and abs(value) < 2**53 and (value or str(value)[0] != "-") else value
