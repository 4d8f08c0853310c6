"""What each kind of step does: which coded columns it reads, how it writes codes, how it puts its column into a drawing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.rows import steps as made
from sundog.lib.rows import steps_functions as functions
from sundog.lib.rows import steps_rules as ruled
from sundog.lib.rows.steps import CategoryStep, ClockStep, Codes, Drawing, FixedStep, NumberStep
from sundog.lib.rows.steps_echo import EchoStep, draw_echo_step, encode_echo_step
from sundog.lib.rows.steps_functions import CutStep, LineStep, LookupStep
from sundog.lib.rows.steps_point import PointStep, draw_point_step, encode_point_step
from sundog.lib.rows.steps_remade import RemadeStep, draw_remade_step, encode_remade_step
from sundog.lib.rows.steps_rules import GapStep, SumStep
from sundog.lib.rows.table_codec import Step


def coded_columns(step: Step) -> tuple[int, ...]:
    """Indices of the coded columns that the step reads."""
    match step:
        case NumberStep() | CategoryStep() | PointStep() | GapStep() | EchoStep():
            return (step.index,)
        case ClockStep():
            return (step.index, step.clock_index) if step.clock_index >= 0 else (step.index,)
        case RemadeStep():
            return (step.index,) if step.index >= 0 else ()
        case _:
            return ()


def columns_of(step: Step) -> tuple[str, ...]:
    """The column, and those that its code or its value depends on."""
    match step:
        case PointStep():
            return step.column, step.longitude
        case GapStep():
            return step.column, *step.lows
        case SumStep():
            return step.column, *step.plus, *step.minus
        case LookupStep() | CutStep() | LineStep():
            return step.column, step.of
        case _:
            return (step.column,)


def get_column(rows: pa.RecordBatch | pa.Table, name: str) -> pa.Array:
    """A column as one array."""
    column = rows.column(name)
    return made.combine(column) if isinstance(column, pa.ChunkedArray) else column


def encode_step(step: Step, rows: pa.RecordBatch | pa.Table, codes: Codes) -> NDArray[np.bool_] | None:
    """Write the step's codes; for distances, gives the rows that break the order."""
    match step:
        case NumberStep():
            made.encode_number_step(step, get_column(rows, step.column), codes)
        case EchoStep():
            others = [get_column(rows, n) if n in rows.schema.names else None for n in step.others]
            encode_echo_step(step, get_column(rows, step.column), others, codes)
        case ClockStep():
            made.encode_clock_step(step, get_column(rows, step.column), codes)
        case CategoryStep():
            made.encode_category_step(step, get_column(rows, step.column), codes)
        case PointStep():
            encode_point_step(step, get_column(rows, step.column), get_column(rows, step.longitude), codes)
        case GapStep():
            return ruled.encode_gap_step(
                step, get_column(rows, step.column), [get_column(rows, n) for n in step.lows], codes
            )
        case RemadeStep():
            encode_remade_step(step, get_column(rows, step.column), codes)
        case _:
            pass
    return None


def draw_step(step: Step, codes: Codes, key: Key, units: range, drawing: Drawing) -> None:
    """Put the step's column into ``drawing``."""
    match step:
        case NumberStep():
            made.draw_number_step(step, codes, key, units, drawing)
        case EchoStep():
            draw_echo_step(step, codes, key, units, drawing)
        case ClockStep():
            made.draw_clock_step(step, codes, key, units, drawing)
        case CategoryStep():
            made.draw_category_step(step, codes, key, units, drawing)
        case FixedStep():
            made.draw_fixed_step(step, len(units), drawing)
        case PointStep():
            draw_point_step(step, codes, key, units, drawing)
        case GapStep():
            ruled.draw_gap_step(step, codes, key, units, drawing)
        case SumStep():
            ruled.draw_sum_step(step, drawing)
        case LookupStep():
            functions.draw_lookup_step(step, key, units, drawing)
        case CutStep():
            functions.draw_cut_step(step, key, units, drawing)
        case LineStep():
            functions.draw_line_step(step, drawing)
        case RemadeStep():
            draw_remade_step(step, codes, key, units, drawing)
