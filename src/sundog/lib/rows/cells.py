"""Text, cell by cell: what one cell could be, and what it is under a stated type. Nothing depends on any other cell.

A reader of files looks at a whole column to find its type, and refuses a value that does not fit. Where not even a type may be
taken from the records for free, each cell is sorted by itself here, and one that does not fit is missing.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows.infer import CLOCK, SPAN, STAMP
from sundog.lib.rows.infer_parse import COMMA, GROUPED, GROUPED_DOTS, Parse, parse_text

Form: TypeAlias = Literal["integer", "decimal", "boolean", "date", "timestamp", "category"]
"""What a column of cells is read as."""

SORTS = (
    "missing",
    "integer",
    "1 decimal",
    "2 decimals",
    "3 decimals",
    "decimal",
    "boolean",
    "date",
    "timestamp",
    "text",
)
"""What one cell by itself looks like; ``decimal`` has more places than three, an exponent, or no end."""

TYPES: dict[Form, pa.DataType] = {
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": STAMP,
    "category": pa.string(),
}
"""Arrow type of each form."""


def sort_cells(text: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """Which of ``SORTS`` each cell looks like: int64 (n,).

    Dates count when they are written year first; other orders would need another cell to settle them.
    """
    words, at = _distinct(text)
    bare = pc.utf8_trim_whitespace(words)
    sort = np.full(len(words) + 1, SORTS.index("text"), np.int64)
    sort[-1] = SORTS.index("missing")
    for kind, where in kinds.classify(bare):
        sort[where] = SORTS.index(_sort_of(kind))
    floats = np.flatnonzero(sort == SORTS.index("decimal"))
    places = pc.extract_regex(bare.take(pa.array(floats)), r"^[-+]?[0-9]*\.(?P<digits>[0-9]{1,3}?)0*$")
    digits = pc.fill_null(pc.binary_length(pc.struct_field(places, "digits")), 0).to_numpy(zero_copy_only=False)
    for count, name in ((1, "1 decimal"), (2, "2 decimals"), (3, "3 decimals")):
        sort[floats[digits == count]] = SORTS.index(name)
    whole = pc.match_substring_regex(bare.take(pa.array(floats)), r"^-?[0-9]{1,15}\.0*$")
    sort[floats[np.asarray(whole.to_numpy(zero_copy_only=False), np.bool_)]] = SORTS.index("integer")
    blank = np.asarray(pc.is_in(bare, value_set=pa.array(kinds.MISSING)).to_numpy(zero_copy_only=False))
    sort[:-1][blank] = SORTS.index("missing")
    return sort[at]


def _sort_of(kind: str) -> str:
    if kind == "int":
        return "integer"
    if kind in ("float", "bigint"):
        return "decimal"
    if kind in ("word true", "word false"):
        return "boolean"
    if kind.startswith("day ymd"):
        return "date"
    return "timestamp" if kind.startswith("stamp ymd") else "text"


def read_cells(text: pa.Array | pa.ChunkedArray, kind: pa.DataType, written: str = "") -> pa.Array:
    """Typed values of a column of text; a cell that does not fit is missing.

    Args:
        text: string (n,), null where there is nothing.
        kind: int64, float64, bool, date32, timestamp[us], time64[us], duration[us] or string. Text keeps its blanks.
        written: way of writing, as ``infer_stated`` has it: ``%d/%m/%Y``, ``1.234,5``; empty for the plain way.

    Returns:
        Array (n,) of ``kind``.
    """
    if pa.types.is_string(kind):
        array = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
        blank = pc.is_in(pc.utf8_trim_whitespace(array), value_set=pa.array(kinds.MISSING))
        return pc.if_else(blank, pa.scalar(None, pa.string()), array)
    words, at = _distinct(text)
    if not len(words):
        return pa.nulls(len(at), kind)
    bare = pc.utf8_trim_whitespace(words)
    fits = np.zeros(len(words), np.bool_)
    for name, where in kinds.classify(bare):
        fits[where] = _fits(name, kind, written)
    # A null behind the distinct values stands for missing cells and for those that do not fit.
    kept = pc.if_else(pa.array(fits), bare, pa.scalar(None, pa.string()))
    if pa.types.is_integer(kind):
        values = parse_text(kept, Parse(pa.float64(), written))
        exact = pc.match_substring_regex(kept, r"^-?[0-9]{1,18}$")
        whole = pc.and_(pc.equal(pc.floor(values), values), pc.less(pc.abs(values), 2.0**53))
        wholes = pc.if_else(whole, values, pa.scalar(None, pa.float64())).cast(pa.int64())
        plain = pc.if_else(exact, kept, pa.scalar(None, pa.string())).cast(pa.int64())
        typed = pc.coalesce(plain, wholes)
    else:
        typed = parse_text(kept, Parse(kind, written))
    return pa.concat_arrays([typed, pa.nulls(1, typed.type)]).take(pa.array(at))


def _fits(name: str, kind: pa.DataType, written: str) -> bool:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        more = {
            COMMA: {"comma", "comma?"},
            GROUPED: {"grouped", "comma?"},
            GROUPED_DOTS: {"comma", "comma?", "grouped-dots"},
        }
        return name in {"int", "float", "bigint", "zeros"} | more.get(written, set())
    if pa.types.is_boolean(kind):
        return name in {f"word {w}" for pair in kinds.TRUE_WORDS.items() for w in pair}
    if kind == CLOCK:
        return name in ("hm", "hms")
    if kind == SPAN:
        return name in ("iso-duration", "days", "hms")
    unit, _, rest = name.partition(" ")
    if unit not in ("day", "stamp"):
        return False
    order, _, mark = rest.partition(" ")
    if not written:
        return order == "ymd"
    asked = {"Y": "ymd", "d": "dmy", "m": "mdy"}[written[1]]
    return mark[:1] == written[2] and (order == asked or (order == "xmy" and asked != "ymd"))


def _distinct(text: pa.Array | pa.ChunkedArray) -> tuple[pa.StringArray, NDArray[np.int64]]:
    """Distinct cells, and the place of each cell among them: int64 (n,), their number where it is missing."""
    array = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    coded = array.cast(pa.string()).dictionary_encode()
    at = coded.indices.fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)
    return coded.dictionary, at
