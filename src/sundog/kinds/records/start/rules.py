"""What holds between the columns of a table in every row: sums, orders, and values that follow from another column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.kinds.records.start.ages import find_age
from sundog.kinds.records.start.curves import Floats, count_owners
from sundog.kinds.records.start.drafts import Draft, quote_name
from sundog.kinds.records.start.numbers import describe_numbers, missing_share, say_exact, with_missing
from sundog.kinds.records.start.personal import is_personal_text, names_thing
from sundog.kinds.records.start.reading import Column, as_floats, is_number
from sundog.lib.rows.rules import Candidate, find_ordered, sample_rows
from sundog.lib.rows.rules_sums import find_sums

Codes = NDArray[np.int64]

COVERED = 0.9
"""Share of the rows whose values must be told for one column to be written as what follows from another."""

MOST_FACTORS, PRODUCT_SAMPLE = 16, 2_000
"""Numeric columns among which products are looked for, and rows on which they are first tried."""

MOST_CASES = 60
"""Most different values for which a column that follows from another is written out."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """A column that is computed from others.

    Attributes:
        draft: its field.
        needs: columns that it is computed from.
        helper: name of the hidden number that is drawn for it; empty for none.
        values: float64 (n,), that number in the real rows; empty for none.
    """

    draft: Draft
    needs: tuple[str, ...]
    helper: str
    values: Floats


def find_ruled(columns: Sequence[Column], rows: int, least: int) -> dict[str, Ruled]:
    """Columns that are computed from others, by name; none needs one that needs it."""
    found: dict[str, Ruled] = {}
    for name, ruled in (
        *_find_functions(columns, least),
        *_find_ages(columns, least),
        *find_products(columns),
        *_find_lines(columns, rows, least),
    ):
        if name in found or any(_reaches(found, need, name) for need in ruled.needs):
            continue
        found[name] = ruled
    return found


def _reaches(found: dict[str, Ruled], start: str, goal: str) -> bool:
    return start == goal or (start in found and any(_reaches(found, n, goal) for n in found[start].needs))


def _find_lines(columns: Sequence[Column], rows: int, least: int) -> list[tuple[str, Ruled]]:
    usable = [
        c
        for c in columns
        if (is_number(c.values.type) or _is_time(c.values.type)) and quote_name(c.name) and c.known >= 2 * least
    ]
    pool = [Candidate(c.name, c.values, True) for c in usable]
    for candidate in pool:
        _ = candidate.ticks  # learns the scale
    by_name = {c.name: c for c in usable}
    generator = Key.root(0).child("recipe from").generator()
    sample = sample_rows(pool, rows, generator)
    found: list[tuple[str, Ruled]] = []
    numbers = [i for i, c in enumerate(usable) if is_number(c.values.type)]
    for total, terms in find_sums([pool[i] for i in numbers], [sample[i] for i in numbers], generator):
        found.append((total, _make_sum(by_name[total], [by_name[t] for t in terms], least)))
    summed = {name for name, _ in found}
    for high, lows in find_ordered(pool, sample).items():
        near = [
            low
            for low in lows
            if by_name[low].values.type == by_name[high].values.type or is_number(by_name[low].values.type)
        ]
        if high in summed or not near:
            continue
        # Of several that are never above it, the one that comes nearest.
        best = min(
            near, key=lambda low: float(np.nanmedian(as_floats(by_name[high].values) - as_floats(by_name[low].values)))
        )
        ruled = _make_gap(by_name[high], by_name[best], least)
        if ruled is not None:
            found.append((high, ruled))
    return found


def _is_time(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date32(kind) or pa.types.is_timestamp(kind))


def find_products(columns: Sequence[Column]) -> list[tuple[str, Ruled]]:
    """Columns that are the product of two others, rounded, in every row: quantity times price."""
    usable = [c for c in columns if is_number(c.values.type) and quote_name(c.name) and not c.values.null_count]
    usable = [c for c in usable if pa.types.is_integer(c.values.type) or c.decimals is not None][:MOST_FACTORS]
    values = {c.name: as_floats(c.values) for c in usable}
    step = max(1, len(usable[0].values) // PRODUCT_SAMPLE) if usable else 1
    some = {n: v[::step] for n, v in values.items()}
    found = []
    for total in usable:
        grain = 10.0 ** -(0 if pa.types.is_integer(total.values.type) else total.decimals or 0)
        for i, first in enumerate(usable):
            for second in usable[:i]:
                if total.name in (first.name, second.name):
                    continue
                at = some, first.name, second.name, total.name
                if _is_product(*at, grain) and _is_product(values, *at[1:], grain):
                    found.append((total.name, _make_product(total, first, second)))
    return found


def _is_product(values: Mapping[str, Floats], first: str, second: str, total: str, grain: float) -> bool:
    a, b, c = values[first], values[second], values[total]
    telling = (np.abs(a) > 0) & (np.abs(b) > 0) & (a != 1) & (b != 1)
    if int(telling.sum()) < 30 or len(np.unique(a[telling][:1_000])) < 2 or len(np.unique(b[telling][:1_000])) < 2:
        return False
    # Half a grain for the rounding, and what floats leave open.
    return bool((np.abs(a * b - c) <= 0.5 * grain * (1 + 1e-6) + 1e-9 * np.abs(c)).all())


def _make_product(total: Column, first: Column, second: Column) -> Ruled:
    text = f"{quote_name(first.name)} * {quote_name(second.name)}"
    if not pa.types.is_integer(total.values.type):
        text = f"round({text}, {total.decimals})"
    elif not (pa.types.is_integer(first.values.type) and pa.types.is_integer(second.values.type)):
        text = f"round({text})"
    origin = f"exact: the product of {first.name} and {second.name} in every row of the real table; no guarantee"
    return Ruled(
        Draft(total.name, {"type": "expression", "value": text}, origin), (first.name, second.name), "", np.empty(0)
    )


def _make_sum(total: Column, terms: Sequence[Column], least: int) -> Ruled:
    names = [quote_name(t.name) for t in terms]
    text = " + ".join(names)
    if not pa.types.is_integer(total.values.type):
        text = f"round({text}, {total.decimals})" if total.decimals is not None else text
    draft = Draft(
        total.name,
        {"type": "expression", "value": text},
        f"exact: the sum holds in every row of the real table, of columns {total.name}, {', '.join(t.name for t in terms)}; no guarantee",
    )
    return Ruled(draft, tuple(t.name for t in terms), "", np.empty(0))


def _make_gap(high: Column, low: Column, least: int) -> Ruled | None:
    """``high`` as ``low`` and a distance that is never below 0."""
    known_high, known_low = high.is_known(), low.is_known()
    if int((known_high & ~known_low).sum()) >= max(1, int(0.01 * high.known)):
        return None
    unit, decimals = _unit_of(high, low)
    gap = (as_floats(high.values) - as_floats(low.values)) / unit
    both = np.isfinite(gap)
    if int(both.sum()) < 2 * least:
        return None
    told = np.maximum(gap[both], 0.0)
    if decimals is not None:
        told = np.round(told, decimals)
    said, words, _ = describe_numbers(told, decimals, least, high.owners_of(both))
    if said["type"] == "constant":
        return None
    said = _keep_positive(said)
    helper = f"_{high.name}_after_{low.name}"
    a, h = quote_name(low.name), quote_name(helper)
    if pa.types.is_timestamp(high.values.type):
        text, what = f"{a} + seconds(round({h}))", "Seconds"
    elif pa.types.is_date(high.values.type):
        text, what = f"{a} + {h}", "Days"
    else:
        text, what = f"{a} + {h}", "Distance"
        if not pa.types.is_integer(high.values.type) and high.decimals is not None:
            text = f"round({text}, {high.decimals})"
    inner = Draft(
        helper, {**said, "keep": False}, say_exact(f"{words} of the distance to {low.name},", high.name, least),
        (f"{what} from {low.name} to {high.name}, so that the order holds in every row.",), number=helper,
    )  # fmt: skip
    share = missing_share(len(high.values), high.known, least)
    draft = Draft(
        high.name,
        with_missing({"type": "expression", "value": text}, share),
        "computed from the field above",
        before=(inner,),
    )
    return Ruled(draft, (low.name,), helper, np.where(both, gap, np.nan))


def _keep_positive(said: dict[str, object]) -> dict[str, object]:
    """Ends half a step below 0 become 0: a distance is never below."""
    if isinstance(said.get("low"), int | float) and said["low"] < 0:  # type: ignore[operator]
        return {**said, "low": 0 if said["type"] == "integer" else 0.0}
    if said["type"] == "quantiles" and isinstance(said["points"], dict):
        return {**said, "points": {p: max(x, 0.0) if x < 0 else x for p, x in said["points"].items()}}
    return said


def _unit_of(high: Column, low: Column) -> tuple[float, int | None]:
    """What the distance is counted in, in the unit in which values are stored, and its decimals."""
    kind = high.values.type
    if pa.types.is_timestamp(kind):
        return {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit], 0
    if pa.types.is_date(kind) or (pa.types.is_integer(kind) and pa.types.is_integer(low.values.type)):
        return 1.0, 0
    places = [0 if pa.types.is_integer(c.values.type) else c.decimals for c in (high, low)]
    return 1.0, None if None in places else max(p for p in places if p is not None)


def _find_ages(columns: Sequence[Column], least: int) -> list[tuple[str, Ruled]]:
    """Whole numbers that are the age by a date of the row."""
    dates = [c for c in columns if pa.types.is_date32(c.values.type) and quote_name(c.name)]
    numbers = [c for c in columns if dates and pa.types.is_integer(c.values.type)]
    ages = [(c.name, find_age(c, dates, least)) for c in numbers]
    return [(name, Ruled(age[1], (age[0],), "", np.empty(0))) for name, age in ages if age is not None]


def _find_functions(columns: Sequence[Column], least: int) -> list[tuple[str, Ruled]]:
    """Columns that have one value for each value of another one with few values."""
    few = [c for c in columns if _has_few(c) and quote_name(c.name)]
    codes = {c.name: _encode(c) for c in few}
    found = []
    for value in few:
        for of in few:
            if of.name == value.name or not (pa.types.is_string(of.values.type) or pa.types.is_boolean(of.values.type)):
                continue
            common = _find_common(of, value, codes[of.name], codes[value.name], least)
            if common is not None:
                # Of two columns that say the same, the first in the table is drawn.
                found.append((value.name, _make_function(value, of, common)))
                break
    return found


def _find_common(of: Column, value: Column, a: Codes, b: Codes, least: int) -> list[tuple[object, object]] | None:
    """The values of ``of`` that enough rows have, each with that of ``value``; None where the one does not follow from the other.

    A value of fewer than ``least`` rows is not told, and what it goes with neither: such values are left out of ``of`` too.
    """
    size = int(b.max(initial=0)) + 1
    both = a * size + b
    pairs, first = np.unique(both, return_index=True)
    if len(pairs) > len(np.unique(a)):
        return None
    enough = count_owners(both.astype(np.float64), value.owners) >= least
    told = [(of.values[i].as_py(), value.values[i].as_py()) for i in first[enough]]
    thing = names_thing(of.name), names_thing(value.name)
    told = [
        p for p in told if not any(isinstance(x, str) and is_personal_text(x, t) for x, t in zip(p, thing, strict=True))
    ]
    goals = len({v for _, v in told})
    covered = np.isin(a, np.unique(a[first[enough]])).mean()
    return sorted(told, key=lambda p: str(p[0])) if goals > 1 and covered >= COVERED else None


def _has_few(column: Column) -> bool:
    kind = column.values.type
    few = pa.types.is_string(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    written = pa.types.is_floating(kind) and column.decimals is not None
    if not (few or written) or column.values.null_count:
        return False
    if column.reading.meaning in ("identifier", "constant", "text"):
        return False
    return 1 < int(pc.count_distinct(column.values).as_py()) <= MOST_CASES


def _encode(column: Column) -> Codes:
    return column.values.dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)  # type: ignore[no-any-return]


def _make_function(value: Column, of: Column, cases: Sequence[tuple[object, object]]) -> Ruled:
    name = quote_name(of.name)
    whens = " ".join(f"when {name} = {_literal(a)} then {_literal(b)}" for a, b in cases)
    origin = f"exact: the value of {value.name} for each of {len(cases)} values of {of.name}, in every row of the real table; no guarantee"
    return Ruled(
        Draft(value.name, {"type": "expression", "value": f"case {whens} end"}, origin), (of.name,), "", np.empty(0)
    )


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
