"""Steps of the columns that keep a rule, learned from the rows."""

from __future__ import annotations

import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.tables import meaning_of, with_meaning
from sundog.lib.rows.coders_category import index_values
from sundog.lib.rows.coders_number import number_centres
from sundog.lib.rows.coders_number_learn import NumberLimits, learn_number
from sundog.lib.rows.coders_point import learn_point, point_centres
from sundog.lib.rows.gathering import Learning, say_count
from sundog.lib.rows.lattice import decimal_chain, time_chain
from sundog.lib.rows.rules import Candidate
from sundog.lib.rows.rules_resolve import Kept
from sundog.lib.rows.scale import TIMES, Numbers, Scale
from sundog.lib.rows.steps import CategoryStep
from sundog.lib.rows.steps_functions import CutStep, LineStep, LookupStep
from sundog.lib.rows.steps_point import PointStep, read_points
from sundog.lib.rows.steps_rules import GapStep, SumStep, base_of, on_grid


def learn_point_step(learning: Learning, latitude: Candidate, longitude: Candidate, fields: pa.Schema) -> None:
    """One coded column for a place."""
    assert latitude.scale is not None
    assert longitude.scale is not None
    points, missing = read_points(latitude.array, longitude.array, latitude.scale, longitude.scale)
    support = max(learning.support(latitude.name), learning.support(longitude.name))
    coder = learn_point(points[~missing], support, 4 * learning.settings.bins, bool(missing.any()))
    index = learning.code(f"{latitude.name}, {longitude.name}", coder.size, False, coder.missing, point_centres(coder))
    learning.steps.append(PointStep(latitude.name, longitude.name, index, latitude.scale, longitude.scale, coder))
    for column, other in ((latitude, longitude), (longitude, latitude)):
        learning.mark(
            fields.field(column.name),
            "number",
            f"one place with {other.name}: drawn inside {coder.cells} cells of equal mass",
        )


def learn_computed(learning: Learning, kept: Kept, columns: dict[str, Candidate], fields: pa.Schema) -> None:
    """Steps of all columns with a rule, in an order in which each has what it needs; distances first."""
    waiting = [*kept.gaps, *kept.sums, *kept.functions]
    while waiting:
        ready = next(c for c in waiting if not any(n in waiting for n in kept.needs(c)))
        waiting.remove(ready)
        if any(n not in learning.fields for n in kept.needs(ready)):
            learning.say(ready, "is left out: what it would be computed from is left out.")
        elif ready in kept.gaps:
            _learn_gap(learning, columns, ready, kept.gaps[ready], fields)
        elif ready in kept.sums:
            _learn_sum(learning, columns, ready, *kept.sums[ready], fields)
        else:
            _learn_function(learning, columns, kept, ready, fields)


def _learn_gap(
    learning: Learning, columns: dict[str, Candidate], name: str, lows: tuple[str, ...], fields: pa.Schema
) -> None:
    high = columns[name]
    assert high.scale is not None
    scales = tuple(s for n in lows if (s := columns[n].scale) is not None)
    decimals = max(high.scale.decimals, *(s.decimals for s in scales))
    floating = not all(s.integral for s in (high.scale, *scales))
    support = learning.support(name)
    base = base_of([columns[n].ticks for n in lows], scales, decimals, floating)
    present = high.ticks.finite
    both, alone = present & ~base.missing, present & base.missing
    values = on_grid(high.ticks, high.scale, decimals, floating)
    gap = values[both] - base.values[both]
    missing = bool((~present).any())
    limits = NumberLimits(
        learning.settings.bins - missing,
        support,
        learning.settings.end_support,
        chain=_chain(high.scale, decimals, gap),
    )
    coder = learn_number(gap, limits, False)
    direct = None
    if alone.sum() >= support:
        few = NumberLimits(
            max(2, min(32, learning.settings.bins // 2)),
            support,
            learning.settings.end_support,
            chain=_chain(high.scale, high.scale.decimals, high.ticks.values),
        )
        direct = learn_number(high.ticks.values[alone], few, False)
    grid = 1
    if high.scale.integral:
        own = high.ticks.values[present]
        grid = max(1, int(np.gcd.reduce(own))) if np.abs(own.astype(np.float64)).max(initial=0) < 2.0**62 else 1
    numbers = number_centres(coder) / np.float32(10.0**decimals)
    if direct is not None:
        numbers = np.concatenate([numbers, number_centres(direct) / np.float32(10.0**high.scale.decimals)])
    if missing:
        numbers = np.append(numbers, np.float32(np.nan))
    index = learning.code(
        f"{name} - {lows[0]}" if len(lows) == 1 else f"{name} - max", len(numbers), False, missing, numbers
    )
    learning.steps.append(
        GapStep(name, index, high.scale, lows, scales, decimals, floating, grid, coder, direct, missing)
    )
    time = high.scale.kind in TIMES
    learning.mark(
        fields.field(name),
        "time" if time else "number",
        f"the distance from {', '.join(lows)} is drawn from {say_count(coder.bins, 'bin')}",
    )


def _chain(scale: Scale, decimals: int, values: Numbers) -> tuple[int, ...]:
    if scale.kind in ("integer", "decimal", "fixed"):
        return decimal_chain(decimals, int(min(np.abs(values.astype(np.float64)).max(initial=1.0), 2.0**60)))
    if scale.kind in ("timestamp", "time", "duration"):
        return time_chain(scale.per_day // 86_400)
    return ()


def _learn_sum(
    learning: Learning,
    columns: dict[str, Candidate],
    name: str,
    plus: tuple[str, ...],
    minus: tuple[str, ...],
    fields: pa.Schema,
) -> None:
    scale = columns[name].scale
    assert scale is not None
    plus_scales = tuple(s for n in plus if (s := columns[n].scale) is not None)
    minus_scales = tuple(s for n in minus if (s := columns[n].scale) is not None)
    decimals = max(s.decimals for s in (scale, *plus_scales, *minus_scales))
    learning.steps.append(SumStep(name, scale, plus, plus_scales, minus, minus_scales, decimals))
    words = " + ".join(plus) + "".join(f" - {m}" for m in minus)
    time = scale.kind in TIMES
    learning.mark(fields.field(name), "time" if time else "number", f"computed: {words}")


def _learn_function(
    learning: Learning, columns: dict[str, Candidate], kept: Kept, name: str, fields: pa.Schema
) -> None:
    rule = kept.functions[name]
    of, value = columns[rule.of], columns[name]
    field = fields.field(name)
    if rule.how == "line":
        assert of.scale is not None
        assert value.scale is not None
        learning.steps.append(LineStep(name, value.scale, rule.of, of.scale, rule.slope, rule.intercept))
        learning.mark(field, "number", f"computed: {rule.slope:g} times {rule.of} plus {rule.intercept:g}")
        return
    meaning = meaning_of(field)
    if rule.how == "steps":
        step = _learn_cuts(of, value, learning.support(rule.of))
        learning.steps.append(step)
        learning.fields[name] = with_meaning(field, meaning, f"looked up by the interval of {rule.of}")
        return
    keys = next((s.coder for s in learning.steps if isinstance(s, CategoryStep) and s.column == rule.of), None)
    if keys is None:
        learning.say(name, f"is left out: {rule.of}, of which it is a function, has too few values with support.")
        return
    index = index_values(keys, of.array)
    first = np.full(keys.count, -1, dtype=np.int64)
    rows = np.flatnonzero(index >= 0)[::-1]
    first[index[rows]] = rows
    absent = np.flatnonzero(np.asarray(pc.is_null(of.array).to_numpy(zero_copy_only=False)))
    at = np.append(first, absent[0] if len(absent) >= learning.category_support(rule.of) else -1)
    learning.steps.append(LookupStep(name, rule.of, keys, pa.table({"value": _take(value.array, at)})))
    learning.fields[name] = with_meaning(field, meaning, f"looked up by {rule.of}")


def _take(array: pa.Array, at: Numbers) -> pa.Array:
    """Values at rows, without a dictionary; -1 gives null."""
    taken = array.take(pa.array(at, mask=at < 0))
    return taken.dictionary_decode() if pa.types.is_dictionary(taken.type) else taken


def _learn_cuts(of: Candidate, value: Candidate, support: int) -> CutStep:
    assert of.scale is not None
    finite = np.flatnonzero(of.ticks.finite)
    order = finite[np.argsort(of.ticks.values[finite], kind="stable")]
    x, y = of.ticks.values[order], value.codes[order]
    begins = np.concatenate([[0], np.flatnonzero(np.diff(y)) + 1])
    cuts = np.array([find_roundest(x[b - 1], x[b], of.scale) for b in begins[1:]], dtype=x.dtype)
    absent = np.flatnonzero(of.ticks.missing)
    at = np.append(order[begins], absent[0] if len(absent) >= support else -1)
    return CutStep(value.name, of.name, of.scale, cuts, pa.table({"value": _take(value.array, at)}))


def find_roundest(below: int | float, above: int | float, scale: Scale) -> int | float:
    """The roundest tick in (below, above]: where a function is cut between two rows, so that neither row's value is told."""
    if scale.kind == "date":
        day = datetime.date(1970, 1, 1) + datetime.timedelta(days=int(above))
        for first in (day.replace(month=1, day=1), day.replace(day=1)):
            tick = (first - datetime.date(1970, 1, 1)).days
            if tick > below:
                return tick
        return int(above)
    if not scale.integral:
        for exponent in range(300, -300, -1):
            step = 10.0**exponent
            if step <= above - below:
                return float(np.floor(above / step) * step) if np.floor(above / step) * step > below else float(above)
        return float(above)
    chain = (
        time_chain(scale.per_day // 86_400)
        if scale.kind in ("timestamp", "time", "duration")
        else decimal_chain(scale.decimals, 2**58)
    )
    for step in reversed(chain):
        tick = int(above) // step * step
        if tick > below:
            return tick
    return int(above)
