"""Text files, read once: strings to disk while every column is tallied, then typed values to disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from sundog.core.errors import Problem, RequestError
from sundog.core.notes import Remark, Used
from sundog.lib.rows.infer import infer_column
from sundog.lib.rows.infer_marks import DECIMALS, FORMAT, PATTERN, mark
from sundog.lib.rows.infer_parse import Parse, parse_text
from sundog.lib.rows.infer_stated import find_misfits, parse_stated, read_types
from sundog.lib.rows.infer_tally import Tally
from sundog.lib.rows.read_bytes import Limits
from sundog.lib.rows.read_csv import BLOCK, Header, TooLong, read_csv
from sundog.lib.rows.read_jsonl import read_jsonl
from sundog.lib.rows.read_paths import Part, compare_columns, refuse_no_record
from sundog.lib.rows.read_spool import Scratch, SpoolWriter, read_spool

SHOWN = 5
"""Values that do not fit a stated type and are shown, for each column."""


@dataclass(slots=True)
class TextTable:
    """Strings of all parts on disk, and what was counted in them.

    Attributes:
        tallies: counts by column, in the order of columns.
        spools: one file for each change of columns: the files are read in order, and a column that one lacks is missing there.
        parts: for each part its name and the rows of it, for errors.
        nested: columns that hold JSON text.
        remarks: about the files.
        used: name and sha256 of each file.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    spools: list[SpoolWriter] = field(default_factory=list)
    parts: list[tuple[str, int]] = field(default_factory=list)
    nested: set[str] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all parts."""
        return sum(n for _, n in self.parts)


def read_text(parts: tuple[Part, ...], scratch: Scratch, limits: Limits) -> TextTable:
    """Read text files once, in order.

    Raises:
        RequestError: a file cannot be read, the columns of two CSV parts differ, or there is no record at all.
    """
    table = TextTable()
    for part in parts:
        _read_part(part, table, scratch, limits)
    if not table.rows:
        raise refuse_no_record(parts, list(table.tallies))
    return table


def _read_part(part: Part, table: TextTable, scratch: Scratch, limits: Limits) -> None:
    kept = len(table.spools)
    before = {name: tally.copy() for name, tally in table.tallies.items()}
    try:
        rows = _take_batches(part, table, scratch, limits, min(BLOCK, limits.record_bytes))
    except TooLong as error:
        del table.spools[kept:]
        table.tallies = before
        rows = _take_batches(part, table, scratch, limits, error.longest)
    table.parts.append((part.name, rows))


def _take_batches(part: Part, table: TextTable, scratch: Scratch, limits: Limits, block: int) -> int:
    rows = 0
    spool: SpoolWriter | None = None
    remarks: list[Remark] = []
    items: Iterator[pa.RecordBatch | Header | tuple[str, ...] | str]
    items = read_jsonl(part, limits) if part.format == "jsonl" else read_csv(part, limits, block)
    for item in items:
        if isinstance(item, Header):
            _take_header(item, part, table, remarks)
        elif isinstance(item, tuple):
            table.nested.update(item)
        elif isinstance(item, str):
            table.used.append(Used(part.name, item, ""))
        else:
            if spool is None or spool.schema.names != item.schema.names:
                if spool is not None:
                    spool.close()
                spool = SpoolWriter(scratch.path / f"text-{len(table.spools):05d}.arrow", item.schema)
                table.spools.append(spool)
            for name, column in zip(item.schema.names, item.columns, strict=True):
                table.tallies.setdefault(name, Tally()).observe(column)
            spool.write(item)
            rows += item.num_rows
    if spool is not None:
        spool.close()
    table.remarks.extend(remarks)
    return rows


def _take_header(header: Header, part: Part, table: TextTable, remarks: list[Remark]) -> None:
    if header.bare:
        remarks.append(
            Remark(
                part.name,
                f"every column name is a number ({', '.join(header.names[:5])}): is the line of column names missing?",
            )
        )
    if not table.tallies:
        for name in header.names:
            table.tallies[name] = Tally()
        return
    compare_columns(part, list(table.tallies), list(header.names))


def type_columns(table: TextTable, types: Mapping[str, str]) -> tuple[dict[str, Parse], list[Remark]]:
    """How each column is read: as stated, else as inferred.

    Raises:
        RequestError: a stated column or type does not exist, or values do not fit it; with rows and examples.
    """
    stated = read_types(types, list(table.tallies))
    parses, remarks, problems = {}, [], []
    for name, tally in table.tallies.items():
        if name in stated:
            parses[name], bad = parse_stated(stated[name], tally)
            if bad:
                problems.append(_explain_misfit(table, name, types[name], parses[name], bad))
            continue
        if name in table.nested:
            parses[name] = Parse(pa.string(), missing=("",))
            remarks.append(Remark(name, "holds arrays or objects and is kept as JSON text"))
            continue
        inferred = infer_column(tally)
        parses[name] = inferred.parse
        remarks.extend(Remark(name, text) for text in inferred.remarks)
    if problems:
        raise RequestError(*problems)
    return parses, remarks


def _explain_misfit(table: TextTable, name: str, stated: str, parse: Parse, bad: frozenset[str]) -> Problem:
    shown: list[str] = []
    total = sum(table.tallies[name].kinds[k] for k in bad)
    for first, values in _scan_text(table, name):
        for at in find_misfits(values, parse, bad)[: SHOWN - len(shown)]:
            text = values[int(at)].as_py()
            shown.append(f"{text[:40]!r} in {locate_row(table, first + int(at))}")
        if len(shown) >= SHOWN:
            break
    fix = "Mend the values, or state another type."
    if any(" xmy " in k for k in bad):
        fix = "State which comes first, as in 'date32:%d/%m/%Y'."
    elif any(k.startswith(("comma", "grouped")) for k in bad):
        fix = "State how it is written, as in 'float64:1.234,5' or 'float64:1,234.5'."
    return Problem(
        "SD-SOURCE-022",
        f"types.{name}",
        f"{total} values of {name!r} cannot be read as {stated}: {', '.join(shown)}{', ...' if total > len(shown) else ''}",
        fix,
    )


def locate_row(table: TextTable, row: int) -> str:
    """``row 17 of part-2.csv``, counted from 1 without the header."""
    for name, rows in table.parts:
        if row < rows:
            return f"row {row + 1} of {name}"
        row -= rows
    return f"row {row + 1}"


def _scan_text(table: TextTable, name: str) -> Iterator[tuple[int, pa.StringArray]]:
    row = 0
    for spool in table.spools:
        for batch in read_spool(spool.path):
            if name in batch.schema.names:
                yield row, batch.column(name)
            row += batch.num_rows


def write_typed(
    table: TextTable, parses: Mapping[str, Parse], types: Mapping[str, str], scratch: Scratch
) -> Iterator[pa.RecordBatch]:
    """Typed batches of every row; the strings are removed from the disk once they have been read."""
    schema = make_schema(table, parses)
    row = 0
    for spool in table.spools:
        for batch in read_spool(spool.path):
            columns = []
            for name, parse in parses.items():
                if name not in batch.schema.names:
                    columns.append(pa.nulls(batch.num_rows, parse.type))
                    continue
                try:
                    columns.append(parse_text(batch.column(name), parse))
                except pa.ArrowInvalid as error:  # a stated type read more freely than kinds can tell
                    where = f"{locate_row(table, row)} to {locate_row(table, row + batch.num_rows - 1)}"
                    raise RequestError(
                        Problem(
                            "SD-SOURCE-023",
                            f"types.{name}",
                            f"{name!r} cannot be read as {types.get(name, parse.type)} between {where}: {error}",
                            "Mend the values, or state another type.",
                        )
                    ) from error
            row += batch.num_rows
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
        spool.path.unlink()


def make_schema(table: TextTable, parses: Mapping[str, Parse]) -> pa.Schema:
    """Fields with their types, decimals and ways of writing."""
    fields = []
    for name, parse in parses.items():
        made = pa.field(name, parse.type)
        made = mark(made, DECIMALS, "" if parse.decimals is None else str(parse.decimals))
        made = mark(made, FORMAT, "" if parse.format in ("days", "hours") else parse.format)
        made = mark(made, PATTERN, "json" if name in table.nested else "")
        fields.append(made)
    return pa.schema(fields)


def count_missing(tally: Tally, parse: Parse) -> dict[str, int]:
    """How often each text for "no value" was seen, the empty field as ''."""
    found = {"": tally.empty + tally.tokens.get("", 0)} if tally.empty or tally.tokens.get("") else {}
    if parse.missing != ("",):
        found.update({t: n for t, n in sorted(tally.tokens.items()) if t})
    if "?" in parse.missing and tally.kinds.get("?"):
        found["?"] = tally.kinds["?"]
    return found


def count_absent(table: TextTable) -> dict[str, int]:
    """Rows of files that lack a column (keys of JSON objects that come late), by column."""
    rows = table.rows
    return {name: rows - tally.rows for name, tally in table.tallies.items() if tally.rows < rows}
