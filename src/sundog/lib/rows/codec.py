"""A table as small whole numbers and back: what the synthesizers of tables learn from and draw.

``learn_codec`` decides how each column is coded; ``encode`` turns rows into codes and ``decode`` codes into rows, with the rules between
columns kept. ``decode`` is pure: row u depends on (codec, codes of u, key, u, given values of u) alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.keys import Key
from sundog.lib.rows import steps as made
from sundog.lib.rows import steps_functions as functions
from sundog.lib.rows.dispatch import coded_columns, draw_step, encode_step, get_column
from sundog.lib.rows.given import allowed, coded_index, encode_given, read_given
from sundog.lib.rows.learn import learn_codec
from sundog.lib.rows.rules import Candidate
from sundog.lib.rows.rules_resolve import count_broken, names_of, say_rule
from sundog.lib.rows.scale import is_scalable, learn_scale
from sundog.lib.rows.settings import Condition, Function
from sundog.lib.rows.steps import Codes, Drawing
from sundog.lib.rows.steps_functions import CutStep, LineStep, LookupStep
from sundog.lib.rows.steps_rules import GapStep, SumStep
from sundog.lib.rows.table_codec import TableCodec

__all__ = [
    "TableCodec",
    "allowed",
    "check_rules",
    "coded_index",
    "decode",
    "encode",
    "encode_given",
    "learn_codec",
    "read_given",
]


_TURNS = 4  # of setting computed columns again; each turn reaches one rule further


def encode(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> Codes:
    """Codes of real rows: int32 (n, n_coded). A value that is not among the supported ones gets the code of its protected group."""
    codes = np.zeros((rows.num_rows, len(codec.names)), dtype=np.int32)
    for step in codec.steps:
        if coded_columns(step):
            encode_step(step, rows, codes)
    return codes


def decode(
    codec: TableCodec,
    codes: Codes,
    key: Key,
    units: range,
    kept: pa.RecordBatch | None = None,
    within: Mapping[str, Condition] | None = None,
) -> pa.RecordBatch:
    """Rows of codes, with the schema ``codec.schema()``.

    Args:
        codec: as learned.
        codes: int32 (len(units), n_coded).
        key: stream of the table; each column draws from a child of its own.
        units: unit numbers of the rows.
        kept: given columns of the same rows, as ``read_given`` gives them; values that are not null are put back exactly, and columns that
            are computed from them are computed from the given values.
        within: conditions; values inside a code are drawn within them.
    """
    drawing = Drawing(codec.fields, kept, dict(within or {}))
    for step in codec.steps:
        draw_step(step, codes, key, units, drawing)
    for _ in range(_TURNS):  # given values may have moved columns from which others are made
        if not drawing.moved:
            break
        drawing.moved = False
        for step in codec.steps:
            if isinstance(step, GapStep | SumStep | LookupStep | CutStep | LineStep):
                draw_step(step, codes, key, units, drawing)
    return pa.record_batch([drawing.arrays[name] for name in codec.fields.names], schema=codec.fields)


def check_rules(codec: TableCodec, rows: pa.RecordBatch | pa.Table) -> Mapping[str, int]:
    """Rows that break each rule, by the rule in words. Any table with these columns can be checked, whoever made it."""
    candidates = {
        n: Candidate(n, get_column(rows, n), is_scalable(rows.schema.field(n).type)) for n in rows.schema.names
    }
    for candidate in candidates.values():
        if candidate.line:
            candidate.scale = learn_scale(candidate.array)
    broken: dict[str, int] = {}
    for rule in codec.rules:
        if not all(n in candidates for n in names_of(rule)):
            continue
        step = next((s for s in codec.steps if isinstance(rule, Function) and s.column == rule.value), None)
        if isinstance(step, LookupStep | CutStep | LineStep):
            broken[say_rule(rule)] = _count_different(_compute(codec, step, rows), candidates[step.column].array)
        else:
            broken[say_rule(rule)] = count_broken(rule, candidates)
    return broken


def _compute(codec: TableCodec, step: LookupStep | CutStep | LineStep, rows: pa.RecordBatch | pa.Table) -> pa.Array:
    """The column as the codec computes it from the other; null where the other has a value that the codec doesn't know."""
    drawing = Drawing(codec.fields)
    drawing.put(step.of, made.as_type(get_column(rows, step.of), codec.fields.field(step.of).type))
    match step:
        case LookupStep():
            functions.draw_lookup_step(step, Key(0, 0), range(rows.num_rows), drawing)
        case CutStep():
            functions.draw_cut_step(step, Key(0, 0), range(rows.num_rows), drawing)
        case LineStep():
            functions.draw_line_step(step, drawing)
    return drawing.arrays[step.column]


def _count_different(expected: pa.Array, seen: pa.Array) -> int:
    """Rows in which both are present and differ, or only ``seen`` is missing."""
    seen = made.as_type(seen, expected.type)
    if pa.types.is_dictionary(expected.type):
        expected, seen = expected.dictionary_decode(), seen.dictionary_decode()
    different = pc.fill_null(pc.not_equal(expected, seen), False)
    lost = pc.and_(pc.is_valid(expected), pc.is_null(seen))
    return int(pc.sum(pc.or_(different, lost)).as_py() or 0)
