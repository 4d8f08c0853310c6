"""From real rows to a codec: what each column is, how it is coded, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.core.notes import Noted
from sundog.core.tables import meaning_of
from sundog.lib.rows.coders_category import learn_category
from sundog.lib.rows.coders_number import number_centres
from sundog.lib.rows.coders_number_learn import NumberLimits, learn_number
from sundog.lib.rows.gathering import Learning, say_count
from sundog.lib.rows.identifiers import Recognised, learn_maker, recognise, repeats_of
from sundog.lib.rows.infer_marks import pattern_of
from sundog.lib.rows.lattice import decimal_chain, time_chain
from sundog.lib.rows.learn_request import check_ends, check_request, read_ends
from sundog.lib.rows.learn_rules import learn_computed, learn_point_step
from sundog.lib.rows.makers import EmailMaker, NameMaker, say_few
from sundog.lib.rows.rules import Candidate
from sundog.lib.rows.rules_resolve import resolve_rules
from sundog.lib.rows.scale import TIMES, Scale, Ticks, is_scalable, learn_scale, to_ticks
from sundog.lib.rows.settings import CodecSettings
from sundog.lib.rows.steps import CategoryStep, ClockStep, FixedStep, NumberStep, combine
from sundog.lib.rows.steps_echo import EchoStep, echo_centres, echo_size, same_values
from sundog.lib.rows.steps_remade import RemadeStep
from sundog.lib.rows.table_codec import TableCodec
from sundog.lib.rows.words import note_words

_MOST_RARE = 0.5  # share of rows with rare values beyond which a column is not learned


class Rows(Protocol):
    """Real rows of one table (``core.protocols.Source`` is one)."""

    @property
    def schema(self) -> pa.Schema:
        """Columns and types; fields are marked with their meaning."""
        ...

    def scan(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, in order."""
        ...


def learn_codec(source: Rows, settings: CodecSettings, key: Key) -> Noted[TableCodec]:
    """Decide how each column is coded, and learn it.

    Args:
        source: real rows; all of them are read, once. Memory is linear in them.
        settings: support, bins, overrides, rules.
        key: names the streams of choices that learning makes.

    Returns:
        The codec, with remarks that say what was decided for each column and why.

    Raises:
        RequestError: too few rows to protect anybody, or the settings name columns that aren't there.
    """
    table = pa.Table.from_batches(list(source.scan()), schema=source.schema)
    check_request(table, settings)
    learning = Learning(table.num_rows, settings)
    columns = {
        c.name: c
        for f in table.schema
        if f.name not in settings.drop and (c := _judge(learning, f, combine(table.column(f.name)))) is not None
    }
    check_ends(learning, columns)
    kept = resolve_rules(list(columns.values()), table.num_rows, settings, key.child("rules").generator())
    for subject, text in kept.remarks:
        learning.say(subject, text)
    for name, column in columns.items():
        field = table.schema.field(name)
        if name in kept.points:
            learn_point_step(learning, column, columns[kept.points[name]], table.schema)
        elif name in kept.busy:
            continue
        elif column.line and name not in kept.lookup_keys:
            _learn_line(learning, field, column, [columns[n] for n in kept.echoes.get(name, ())])
        else:
            _learn_category(learning, field, column.array, ordered=column.line)
    learn_computed(learning, kept, columns, table.schema)
    if not learning.fields:
        what = "no column is left to make: each is dropped, or can neither be learned nor remade"
        raise RequestError(Problem("SD-TABLES-116", "columns", what, "Keep a column that `sundog inspect` can read."))
    fields = pa.schema([learning.fields[n] for n in table.schema.names if n in learning.fields])
    codec = TableCodec(
        fields,
        tuple(learning.steps),
        tuple(learning.names),
        np.array(learning.sizes, dtype=np.int32),
        np.array(learning.nominal, dtype=bool),
        np.array(learning.missing, dtype=bool),
        tuple(learning.numbers),
        tuple(kept.rules),
    )
    return Noted(codec, tuple(learning.notes))


def _judge(learning: Learning, column: pa.Field, array: pa.Array) -> Candidate | None:
    """What a column is: a candidate for rules that is coded later, or, where nothing is coded, nothing more to do."""
    kind = column.type
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_null(kind) or array.null_count == len(array):
        _fix(learning, column, array, "has no value in any row")
    elif (
        pa.types.is_nested(inner)
        or pa.types.is_binary(inner)
        or pa.types.is_large_binary(inner)
        or pa.types.is_fixed_size_binary(inner)
    ):
        learning.say(column.name, f"is left out: values of type {kind} are not learned.")
    elif (found := recognise(column, array, learning.override(column.name).meaning)) is not None:
        _learn_identifier(learning, column, array, found)
    elif is_scalable(inner) and not pa.types.is_dictionary(kind) and _wants_number(learning, column):
        return _judge_line(learning, column, array)
    elif _is_constant(array):
        _fix(learning, column, array, "has the same value in every row")
    else:
        return Candidate(column.name, array, False)
    return None


def _is_constant(array: pa.Array) -> bool:
    return array.null_count == 0 and len(pc.unique(array.slice(0, 1000))) == 1 and len(pc.unique(array)) == 1


def _judge_line(learning: Learning, column: pa.Field, array: pa.Array) -> Candidate | None:
    override = learning.override(column.name)
    scale = learn_scale(
        array, override.decimals if override.decimals is not None else (0 if override.meaning == "integer" else None)
    )
    candidate = Candidate(column.name, array, True, scale)
    ticks = candidate.ticks
    values = ticks.values[ticks.finite]
    if len(values) < learning.support(column.name):
        _fix(
            learning,
            column,
            pa.nulls(1, column.type),
            f"has a value in {len(values)} rows only, too few to protect them: all missing",
        )
        return None
    if len(values) == len(array) and bool((values == values[0]).all()):
        _fix(learning, column, array, "has the same value in every row")
        return None
    return candidate


def _learn_identifier(learning: Learning, column: pa.Field, array: pa.Array, found: Recognised) -> None:
    """Remake the column from its pattern, or leave it out."""
    name, support = column.name, learning.support(column.name)
    if learning.settings.identifiers == "withhold":
        learning.say(name, f"is left out: {found.why}.")
        return
    maker, how = (
        (None, "too few rows have one")
        if len(array) - array.null_count < support
        else learn_maker(column, array, found.pattern, support)
    )
    if maker is None:
        learning.say(name, f"is left out: {how} ({found.why}).")
        return
    index = -1
    if array.null_count:
        index = learning.code(name, 2, False, True, np.array([0.0, np.nan], dtype=np.float32))
    repeats = 1.0 if isinstance(maker, NameMaker) and maker.style in ("given", "surname") else repeats_of(array)
    others = [s.repeats for s in learning.steps if isinstance(s, RemadeStep) and abs(s.repeats / repeats - 1) < 0.1]
    repeats = others[0] if others and repeats > 1 else repeats
    learning.steps.append(RemadeStep(name, index, maker, repeats))
    again = "" if repeats == 1.0 else f"; a value comes back in about {repeats:.1f} rows"
    if repeats == 1.0 and (few := say_few(maker, len(array))):
        again = f"; {few}"
    learning.mark(column, "identifier", f"remade, never copied: {how}{again}")
    learning.say(name, f"is not learned ({found.why}). Its values are never copied: {how}{again}.")
    if isinstance(maker, NameMaker | EmailMaker):
        learning.notes.extend(n for n in (note_words("given_names"), note_words("surnames")) if n not in learning.notes)


def _wants_number(learning: Learning, column: pa.Field) -> bool:
    stated = learning.override(column.name).meaning
    if stated:
        return stated not in ("category", "boolean", "constant", "identifier", "email", "phone", "iban", "name", "text")
    return meaning_of(column) in ("number", "time", "constant", "identifier")


def _fix(learning: Learning, column: pa.Field, array: pa.Array, why: str) -> None:
    value = array.slice(0, 1)
    learning.steps.append(FixedStep(column.name, pa.table({"value": value})))
    learning.mark(column, "constant", why)
    learning.say(column.name, why + "; so it is in what is made.")


def _learn_category(learning: Learning, column: pa.Field, array: pa.Array, ordered: bool = False) -> None:
    missing = bool(pc.any(pc.is_null(array, nan_is_null=True)).as_py())
    inner = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    boolean = pa.types.is_boolean(inner)
    bands = pattern_of(column) == "range" and not ordered
    nominal = not boolean and not ordered and not bands
    support = learning.category_support(column.name)
    coder = learn_category(array, support, missing, ordered=is_scalable(inner) or boolean, bands=bands)
    if coder.count == 0 or coder.rare > _MOST_RARE:
        _learn_identifier(
            learning,
            column,
            array,
            Recognised("sparse", f"{coder.rare:.0%} of the rows have values that fewer than {support} rows share"),
        )
        return
    numbers = np.arange(coder.size, dtype=np.float32)
    if ordered:  # what the values are; the code for rare ones stands in their middle
        scale = learn_scale(array)
        values = to_ticks(coder.values.column(0).combine_chunks(), scale).values / 10.0**scale.decimals
        numbers[: coder.count] = values
        numbers[coder.count :] = np.median(values)
    if missing:
        numbers[-1] = np.nan
    index = learning.code(column.name, coder.size, nominal, missing, numbers)
    learning.steps.append(CategoryStep(column.name, index, coder, nominal))
    values_are = "1 value" if coder.count == 1 else f"{coder.count:,} values"
    about = f"{values_are} that at least {support} rows share"
    if boolean:
        about = "true or false" if coder.count == 2 else "one of true and false: the other has too few rows"
    learning.mark(column, "boolean" if boolean else meaning_of(column) if ordered else "category", about)
    if coder.rare > 0:
        count = round(coder.rare * (len(array) - array.null_count))
        text = f"{count:,} rows ({coder.rare:.2%}) have values that fewer than {support} rows share; those values do not appear, and such rows get a more frequent one."
        learning.say(column.name, text)


def _learn_line(learning: Learning, column: pa.Field, candidate: Candidate, others: list[Candidate]) -> None:
    override, scale, ticks = learning.override(column.name), candidate.scale, candidate.ticks
    assert scale is not None
    values = ticks.values[ticks.finite]
    support = learning.support(column.name)
    signs, absent = _judge_infinite(learning, column.name, ticks, support)
    low, high = read_ends(column.name, override, scale)
    if not override.protect:
        low, high = (values.min() if low is None else low), (values.max() if high is None else high)
    limits = NumberLimits(
        learning.settings.bins,
        support,
        learning.settings.end_support,
        low,
        high,
        chain_of(scale, values),
        scale.kind == "date",
    )
    if scale.kind == "timestamp" and _has_days(values, scale):
        _learn_clock(learning, column, scale, values, limits, absent)
        return
    plain = {s.column for s in learning.steps if isinstance(s, NumberStep | EchoStep)}
    others = [c for c in others if c.name in plain]
    if others:
        _learn_echo(learning, column, candidate, others, limits, signs, absent)
        return
    coder = learn_number(values, limits, absent, signs)
    index = learning.code(
        column.name, coder.size, False, absent, number_centres(coder) / np.float32(10.0**scale.decimals)
    )
    learning.steps.append(NumberStep(column.name, index, scale, coder))
    learning.mark(
        column,
        "time" if scale.kind in TIMES else "number",
        describe_number(scale, coder.bins, coder.step),
    )


def _learn_echo(
    learning: Learning,
    column: pa.Field,
    candidate: Candidate,
    others: list[Candidate],
    limits: NumberLimits,
    signs: tuple[int, ...],
    absent: bool,
) -> None:
    """A number with codes for *the same as another column*; its bins are learned from the rows that do not repeat one."""
    scale, ticks = candidate.scale, candidate.ticks
    assert scale is not None
    finite = ticks.finite
    repeated = np.zeros(len(finite), dtype=bool)
    for other in others:
        assert other.scale is not None
        repeated |= same_values(ticks, scale, other.ticks, other.scale)
    values, counts = np.unique(ticks.values[finite], return_counts=True)
    frequent = np.isin(ticks.values, values[counts >= max(limits.support, finite.sum() / (2 * limits.bins))])
    alone = finite & (frequent | ~repeated)
    if alone.sum() < limits.support:
        alone = finite
    fewer = replace(limits, bins=max(2, limits.bins - len(others) - absent))
    coder = learn_number(ticks.values[alone], fewer, False, signs)
    scales = tuple(c.scale for c in others if c.scale is not None)
    step = EchoStep(column.name, len(learning.names), scale, coder, tuple(c.name for c in others), scales, absent)
    learning.code(column.name, echo_size(step), False, absent, echo_centres(step))
    learning.steps.append(step)
    names = " or ".join(c.name for c in others)
    learning.say(column.name, f"has the same value as {names} in many rows; that is learned as a code of its own.")
    learning.mark(
        column,
        "time" if scale.kind in TIMES else "number",
        f"the same as {names}, or " + describe_number(scale, coder.bins, coder.step),
    )


def chain_of(scale: Scale, values: NDArray[np.int64] | NDArray[np.float64]) -> tuple[int, ...]:
    """Rounding steps that may be favoured on this scale."""
    if scale.kind in ("integer", "unsigned", "decimal", "fixed"):
        return decimal_chain(scale.decimals, int(min(np.abs(values.astype(np.float64)).max(), 2.0**60)))
    if scale.kind in ("timestamp", "time", "duration"):
        return time_chain(scale.per_day // 86_400)
    return ()


def describe_number(scale: Scale, bins: int, step: int) -> str:
    """One sentence about how values come to be."""
    grid = {
        "float": "without a fixed number of decimals",
        "decimal": f"with {say_count(scale.decimals, 'decimal')}",
        "fixed": f"with {say_count(scale.decimals, 'decimal')}",
    }.get(scale.kind, "")
    how = f"drawn from smoothed quantiles in {say_count(bins, 'bin')}" + (f" {grid}" if grid else "")
    steps = f", all on a grid of {_say_step(scale, step)}" if step > 1 else ""
    return f"{how}{steps}; the ends are not the real extremes"


def _say_step(scale: Scale, step: int) -> str:
    """A number of ticks as somebody would say it: 0.05, 1 minute, 7 days."""
    if scale.kind == "month":
        return say_count(step, "month")
    if scale.kind == "date" or (scale.unit and step % scale.per_day == 0):
        count, noun = step // scale.per_day, "day"
    elif scale.unit:
        second = scale.per_day // 86_400
        names = ((3600 * second, "hour"), (60 * second, "minute"), (second, "second"))
        size, noun = next(((s, n) for s, n in names if step % s == 0), (second, "second"))
        if step % size:
            return f"{step / second:g} seconds"
        count = step // size
    else:
        return f"{step / 10**scale.decimals:g}" if scale.decimals else f"{step:,}"
    return say_count(count, noun)


def _judge_infinite(learning: Learning, name: str, ticks: Ticks, support: int) -> tuple[tuple[int, ...], bool]:
    """Infinities with a code of their own, and whether a code for missing is needed."""
    absent = bool(ticks.missing.any())
    if ticks.infinite is None:
        return (), absent
    signs = tuple(s for s in (-1, 1) if int((ticks.infinite == s).sum()) >= support)
    lost = int((ticks.infinite != 0).sum()) - sum(int((ticks.infinite == s).sum()) for s in signs)
    if lost:
        learning.say(name, f"{lost} infinite values are too few to stand for themselves and count as missing.")
    return signs, absent or lost > 0


def _has_days(values: NDArray[np.int64] | NDArray[np.float64], scale: Scale) -> bool:
    """Whether timestamps reach over several days: then the day and the time of day are coded apart."""
    day = values // scale.per_day
    return bool(day.max() - day.min() >= 3)


def _learn_clock(
    learning: Learning,
    column: pa.Field,
    scale: Scale,
    values: NDArray[np.int64] | NDArray[np.float64],
    limits: NumberLimits,
    absent: bool,
) -> None:
    whole = values.astype(np.int64)
    days = whole // scale.per_day
    clock = whole - days * scale.per_day
    ends = tuple(None if end is None else int(end) for end in (limits.minimum, limits.maximum))
    low, high = (None if end is None else end // scale.per_day for end in ends)
    day_limits = NumberLimits(limits.bins, limits.support, limits.end_support, low, high, days=True)
    clock_limits = NumberLimits(limits.bins, limits.support, limits.end_support, 0, scale.per_day - 1, limits.chain)
    day_coder = learn_number(days, day_limits, absent)
    clock_coder = learn_number(clock, clock_limits, False)
    index = learning.code(column.name, day_coder.size, False, absent, number_centres(day_coder))
    varies = bool((clock != clock[0]).any())
    clock_index = (
        learning.code(column.name + "@clock", clock_coder.size, False, False, number_centres(clock_coder))
        if varies
        else -1
    )
    learning.steps.append(ClockStep(column.name, index, clock_index, scale, day_coder, clock_coder, *ends))
    learning.mark(column, "time", "day and time of day are coded apart; the ends are not the real extremes")
