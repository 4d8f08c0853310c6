"""Types that the recipe states: their names, and how a column is read as what was stated."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows.infer import CLOCK, SPAN, STAMP, Form, list_forms, make_parse
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

Stated = tuple[pa.DataType, str]


def read_types(types: Mapping[str, str], columns: list[str]) -> dict[str, Stated]:
    """The stated types by column.

    Raises:
        RequestError: a column or a type that does not exist; all of them at once.
    """
    problems, out = [], {}
    for column, text in types.items():
        name, _, written = text.partition(":")
        if name.startswith(("timestamp[", "time64[", "duration[", "date32[")):  # as Arrow writes them
            name, written = name.partition("[")[0], text.partition("]")[2].removeprefix(":")
        if column not in columns:
            problems.append(
                Problem(
                    "SD-SOURCE-020",
                    f"types.{column}",
                    f"{column!r} is not a column of the source",
                    nearest(column, columns),
                )
            )
        elif name not in NAMES:
            problems.append(
                Problem("SD-SOURCE-021", f"types.{column}", f"{text!r} is not a type", nearest(name, NAMES))
            )
        else:
            out[column] = (NAMES[name], written)
    if problems:
        raise RequestError(*problems)
    return out


def state_types(schema: pa.Schema) -> dict[str, str]:
    """The types of a schema as ``types`` that read another file the same way (a holdout like its source)."""
    out = {}
    for field in schema:
        name = next(
            (n for n, t in NAMES.items() if t == field.type),
            "timestamp" if pa.types.is_timestamp(field.type) else "string",
        )
        written = format_of(field)
        out[field.name] = f"{name}:{written}" if written and name in ("date32", "timestamp", "float64") else name
    return out


def parse_stated(stated: Stated, tally: Tally) -> tuple[Parse, frozenset[str]]:
    """How a column is read as stated, and the kinds of values that cannot be."""
    kind, written = stated
    if pa.types.is_string(kind):
        return Parse(kind, missing=("",)), frozenset()
    seen = [k for k in tally.kinds if k != kinds.QUESTION]
    forms = [f for f in _list_stated(kind, tally) if not written or f.format == written] or [_unseen(kind, written)]
    form = max(forms, key=lambda f: (sum(tally.kinds[k] for k in seen if f.takes(k)), any(map(f.settles, seen))))
    question = set() if pa.types.is_integer(kind) or pa.types.is_floating(kind) else {kinds.QUESTION} & set(tally.kinds)
    bad = {k for k in seen if not form.takes(k)} | question
    ambiguous = not written and any(
        f is not form and f.takes(k) for k in seen for f in forms if k.split(" ")[1:2] == ["xmy"]
    )
    if ambiguous and not any(map(form.settles, seen)):
        bad |= {k for k in seen if " xmy " in k}
    if pa.types.is_timestamp(kind) and pa.types.is_timestamp(form.type):
        return make_parse(form, tally), frozenset(bad)
    parse = make_parse(form, tally)
    return Parse(
        kind, parse.format, parse.missing, parse.trim, parse.decimals if pa.types.is_floating(kind) else None
    ), frozenset(bad)


def _unseen(kind: pa.DataType, written: str) -> Form:
    """A form for a way of writing of which no value was seen: takes nothing."""
    return Form(kind, written, lambda _: False, lambda _: False, str(kind))


def _list_stated(kind: pa.DataType, tally: Tally) -> list[Form]:
    """Forms of this type; what was stated may be read more freely than what is guessed."""
    seen = tally.kinds
    forms = [
        f for f in list_forms(seen) if f.type == kind or (pa.types.is_timestamp(kind) and pa.types.is_timestamp(f.type))
    ]
    if pa.types.is_integer(kind):
        whole = {"int", "zeros"} | ({"float"} if tally.decimals == 0 else set())
        return [
            Form(kind, "", whole.__contains__, {"int"}.__contains__, "whole numbers"),
            *_grouped(kind, tally.decimals == 0),
        ]
    if pa.types.is_floating(kind):
        numbers = {"int", "zeros", "bigint", "float", "inf"}
        return [Form(kind, "", numbers.__contains__, {"float"}.__contains__, "numbers"), *_grouped(kind, True)]
    if pa.types.is_boolean(kind):
        words = {f"word {w}" for pair in kinds.TRUE_WORDS.items() for w in pair}
        return [Form(kind, "", words.__contains__, words.__contains__, "true or false")]
    if pa.types.is_timestamp(kind):
        return forms or [
            f
            for f in list_forms(
                {k.replace("day ", "stamp ", 1) + " hms": n for k, n in seen.items() if k.startswith("day ")}
            )
            if pa.types.is_timestamp(f.type)
        ]
    return forms


def _grouped(kind: pa.DataType, allowed: bool) -> list[Form]:
    if not allowed:
        return []
    return [
        Form(kind, GROUPED, {"int", "float", "grouped", "comma?"}.__contains__, {"grouped"}.__contains__, "numbers"),
        Form(
            kind,
            GROUPED_DOTS,
            {"int", "float", "comma", "comma?", "grouped-dots"}.__contains__,
            {"grouped-dots"}.__contains__,
            "numbers",
        ),
        Form(kind, COMMA, {"int", "comma", "comma?"}.__contains__, {"comma"}.__contains__, "numbers"),
    ]


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
