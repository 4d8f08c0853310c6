"""Types that the recipe states: their names, and how a column is read as what was stated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows.infer import (
    CLOCK,
    SPAN,
    STAMP,
    Form,
    amount_form,
    either,
    list_amounts,
    make_parse,
    order_rules,
    zone_of,
    zone_type,
)
from sundog.lib.rows.infer_amounts import is_amount_format
from sundog.lib.rows.infer_dates import ALSO_ISO, ISO, MIXED, WAYS, date_part
from sundog.lib.rows.infer_marks import format_of
from sundog.lib.rows.infer_parse import COMMA, GROUPED, GROUPED_DOTS, Parse
from sundog.lib.rows.infer_tally import Tally

NAMES: Mapping[str, pa.DataType] = {
    "int64": pa.int64(),
    "int": pa.int64(),
    "integer": pa.int64(),
    "float64": pa.float64(),
    "float": pa.float64(),
    "double": pa.float64(),
    "decimal": pa.float64(),
    "bool": pa.bool_(),
    "boolean": pa.bool_(),
    "date32": pa.date32(),
    "date": pa.date32(),
    "timestamp": STAMP,
    "datetime": STAMP,
    "time64": CLOCK,
    "time": CLOCK,
    "duration": SPAN,
    "string": pa.string(),
    "str": pa.string(),
    "text": pa.string(),
    "category": pa.string(),
}
"""What may be written in ``types``. A way of writing may follow after a colon: ``date32:%d/%m/%Y``, ``float64:1234,5``."""

Stated: TypeAlias = tuple[pa.DataType, str]
"""A type, and the way of writing if it was stated."""


def read_types(types: Mapping[str, str], columns: list[str]) -> dict[str, Stated]:
    """The stated types by column.

    Raises:
        RequestError: a column, a type or a way of writing that does not exist; all of them at once.
    """
    problems, out = [], {}
    for column, text in types.items():
        where = f"types.{column}"
        name, _, written = text.partition(":")
        if "[" in name and not name.endswith("["):  # timestamp[us], as Arrow writes it
            name = name.partition("[")[0]
        if column not in columns:
            what = f"{column!r} is not a column of the source"
            problems.append(Problem("SD-SOURCE-020", where, what, nearest(column, columns)))
        elif name not in NAMES:
            problems.append(Problem("SD-SOURCE-021", where, f"{text!r} is not a type", nearest(name, NAMES)))
        elif written and not _is_way(NAMES[name], written):
            known = ", ".join(_list_ways(NAMES[name])) or "none, leave it out"
            what = f"{written!r} is not a known way of writing {name}"
            problems.append(Problem("SD-SOURCE-026", where, what, f"Known ways: {known}."))
        else:
            out[column] = (NAMES[name], _plain_way(NAMES[name], written))
    if problems:
        raise RequestError(*problems)
    return out


def types_like(like: pa.Schema, found: pa.Schema) -> dict[str, str]:
    """The ``types`` with which to read another file again so that it goes with a table: a holdout with its source.

    Args:
        like: schema of the table, with its marks.
        found: schema of the other file, as its own values gave it.

    Returns:
        A type for each column that both have and that differs, with the table's way of writing; nothing for whole
        numbers against decimals, which go together as they are.
    """
    out = {}
    for field in like:
        at = found.get_field_index(field.name)
        if (
            at < 0
            or found.field(at).type == field.type
            or (_is_number(field.type) and _is_number(found.field(at).type))
        ):
            continue
        name = next((n for n, t in NAMES.items() if t == field.type), "string")
        if pa.types.is_timestamp(field.type):
            if pa.types.is_timestamp(found.field(at).type):
                continue  # another zone
            name = "timestamp"
        written = _plain_way(field.type, format_of(field))
        out[field.name] = f"{name}:{written}" if written and _is_way(field.type, written) else name
    return out


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _plain_way(kind: pa.DataType, written: str) -> str:
    """Dates with a time are told by how the date is written."""
    return date_part(written) if pa.types.is_timestamp(kind) else written


def _is_way(kind: pa.DataType, written: str) -> bool:
    return _plain_way(kind, written) in _list_ways(kind) or (pa.types.is_floating(kind) and is_amount_format(written))


def _list_ways(kind: pa.DataType) -> list[str]:
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return [*(way.format for way in WAYS), *(way.format + ALSO_ISO for way in MIXED)]
    return [GROUPED, GROUPED_DOTS, COMMA] if pa.types.is_floating(kind) or pa.types.is_integer(kind) else []


def parse_stated(stated: Stated, tally: Tally) -> tuple[Parse, frozenset[str]]:
    """How a column is read as stated, and the kinds of values that cannot be."""
    kind, written = stated
    if pa.types.is_string(kind):
        return Parse(kind, missing=("",)), frozenset()
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    seen = {k: n for k, n in tally.kinds.items() if not (numeric and k == kinds.QUESTION)}
    listed = [amount_form(written)] if is_amount_format(written) else _list_stated(kind, tally)
    forms = [f for f in listed if not written or _plain_way(kind, f.format) == written]

    def rank(form: Form) -> tuple[int, bool]:
        return sum(n for k, n in seen.items() if form.takes(k)), any(map(form.settles, seen))

    form = max(forms, key=rank)
    bad = {k for k in seen if not form.takes(k)}
    if not written and not any(map(form.settles, seen)):
        bad |= {k for k in seen if " xmy " in k}  # nothing says whether the day or the month comes first
    parse = make_parse(form, tally)
    if parse.format.startswith("%"):
        plain = parse.format == ISO
        clock = " %H:%M:%S" if pa.types.is_timestamp(kind) and not plain else ""
        parse = replace(parse, format="" if plain else parse.format + clock)
    return parse, frozenset(bad)


def _list_stated(kind: pa.DataType, tally: Tally) -> list[Form]:
    """Ways to read this type; what was stated may be read more freely than what is guessed."""
    if pa.types.is_boolean(kind):
        words = {"int", *(f"word {w}" for pair in kinds.TRUE_WORDS.items() for w in pair)}
        return [Form(kind, "", words.__contains__, words.__contains__, "true or false")]
    if pa.types.is_time(kind):
        clock = {"hm", "hms", "hm12", "hms12"}
        written = "%H:%M" if "hms" not in tally.kinds else ""
        return [Form(kind, written, clock.__contains__, clock.__contains__, "times of day")]
    if pa.types.is_duration(kind):
        spans = {"iso-duration", "days", "hms", "24:00", "hours"}
        return [Form(kind, "", spans.__contains__, spans.__contains__, "durations")]
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return list(_list_days(kind, tally))
    return list(_list_numbers(kind, tally))


def _list_days(kind: pa.DataType, tally: Tally) -> Iterator[Form]:
    zones = {zone_of(k) for k in tally.kinds if k.startswith("stamp ")}
    mixed = pa.types.is_timestamp(kind) and "" in zones and len(zones) > 1
    if pa.types.is_timestamp(kind) and zones:
        kind = STAMP if mixed else zone_type(zones) if "" not in zones else STAMP
    for way in WAYS:
        takes, settles = order_rules(way.order, way.mark)
        fits = _without_zone(takes) if mixed else takes
        yield Form(kind, way.format, fits, settles, "dates")
    iso, _ = order_rules("ymd", "-")
    for way in MIXED if pa.types.is_date(kind) else ():
        takes, settles = order_rules(way.order, way.mark)
        yield Form(kind, way.format + ALSO_ISO, either(takes, iso), settles, "dates")


def _without_zone(takes: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda kind: takes(kind) and not zone_of(kind)


def _list_numbers(kind: pa.DataType, tally: Tally) -> Iterator[Form]:
    """Numbers with leading zeros count, and whole ones written as decimals for an int64."""
    whole = pa.types.is_integer(kind)
    if whole and tally.decimals:
        plain = {"int", "zeros"}
        yield Form(kind, "", plain.__contains__, plain.__contains__, "whole numbers")
        return
    plain = {"int", "zeros", "float"} | (set() if whole else {"bigint", "inf"})
    yield Form(kind, "", plain.__contains__, plain.__contains__, "numbers")
    yield Form(kind, GROUPED, {"int", "float", "grouped", "comma?"}.__contains__, {"grouped"}.__contains__, "numbers")
    dots = {"int", "float", "comma", "comma?", "grouped-dots"}
    yield Form(kind, GROUPED_DOTS, dots.__contains__, {"grouped-dots"}.__contains__, "numbers")
    yield Form(kind, COMMA, {"int", "comma", "comma?"}.__contains__, {"comma"}.__contains__, "numbers")
    if not whole:
        yield from list_amounts(tally.kinds)


def find_misfits(values: pa.StringArray, parse: Parse, bad: frozenset[str]) -> NDArray[np.int64]:
    """Positions of the values of these kinds, int64, ascending."""
    bare = pc.utf8_trim_whitespace(values)
    known = np.asarray(
        pc.invert(pc.or_(values.is_null(), pc.is_in(bare, value_set=pa.array(parse.missing)))).to_numpy(
            zero_copy_only=False
        ),
        dtype=np.bool_,
    )
    at = np.flatnonzero(known)
    hits = [p for kind, p in kinds.classify(bare.filter(pa.array(known))) if kind in bad]
    return np.sort(at[np.concatenate(hits)]) if hits else np.zeros(0, np.int64)
