"""First answers about single columns: types, ranges and values that were not stated, and how many rows lie in each cell.

Everything here comes out of the purse. What is asked of a column depends on the recipe and on earlier answers alone.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.kinds.tables._marginals_cells import FineColumn, find_cells, fine_column, read_words, stated_column
from sundog.kinds.tables._marginals_stated import StatedColumn, scale_of
from sundog.lib.privacy.measuring import BOUND_EDGES, MISSING, mark_category
from sundog.lib.privacy.purse import Purse
from sundog.lib.rows.cells import SORTS, TYPES, Form, read_cells, sort_cells
from sundog.lib.rows.infer_kinds import MISSING as BLANK
from sundog.lib.rows.scale import Scale, to_ticks

FIRST_YEAR, LAST_YEAR = 1800, 2200
"""Years among which the range of a column of dates is looked for."""

MANY_OTHERS, MANY_MISSING = 0.05, 0.5
"""Shares of rows outside of a column's domain from which on the report says so."""

_DAY = 86_400_000_000
_TYPES, _ROWS = 0.25, 0.1
"""Parts of what is for finding that go to types, and to the number of rows; ranges get the rest."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One column as it was counted.

    Attributes:
        column: its cells.
        counts: float64 (size,), noisy.
        variance: float64 (size,), of the noise; infinite where nothing was told of a cell.
        codes: int32 (n,), the cell of each row that is read. Exact: it never leaves the fit.
    """

    column: FineColumn
    counts: NDArray[np.float64]
    variance: NDArray[np.float64]
    codes: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Shares:
    """What first answers may cost.

    Attributes:
        found: rho for types, ranges and the number of rows.
        first: rho for counts of single columns.
        delta: for values that are found.
    """

    found: float
    first: float
    delta: float


def count_columns(
    stated: Sequence[StatedColumn],
    rows: pa.Table,
    purse: Purse,
    shares: Shares,
    cut: Callable[[str, Scale], Sequence[float]] = lambda name, scale: (),
) -> tuple[tuple[Counted, ...], float, tuple[tuple[str, str], ...]]:
    """Find what is not stated, and count every column by itself.

    Args:
        stated: the columns.
        rows: text of the rows that are read, limited per person.
        purse: pays for it.
        shares: how much.
        cut: ticks at which cells of a column on a line must begin.

    Returns:
        The columns that can be learned, the number of rows as it was told, at least 1, and remarks (column, text).
    """
    totals: list[tuple[float, float]] = []
    remarks: list[tuple[str, str]] = []
    if any(not c.complete for c in stated):
        cost = shares.found * _ROWS
        told = purse.count("number of rows", (), np.array([rows.num_rows], np.int64), cost)
        totals.append((float(told[0]), purse.deviation() ** 2))
    forms = _find_forms(stated, rows, purse, shares.found * _TYPES, totals, remarks)
    ranges = _find_ranges(stated, forms, rows, purse, shares.found * (1 - _TYPES - _ROWS))
    cost, delta = shares.first / len(stated), shares.delta / len(stated)
    out: list[Counted] = []
    for said in stated:
        form, decimals = forms[said.name]
        text = rows.column(said.name)
        if form == "category" and not said.values:
            found = _find_values(said, text, purse, cost, delta)
            if found is None:
                remarks.append((said.name, "no value is common enough to be told; the column is left out"))
            else:
                out.append(found)
            continue
        if form == "category":
            column = stated_column(said)
        else:
            reach = ranges.get(said.name, (said.low, said.high)) if form != "boolean" else (0.0, 0.0)
            if reach is None or reach[0] is None or reach[1] is None:
                remarks.append((said.name, "no range stands out of the noise; the column is left out"))
                continue
            cuts = cut(said.name, scale_of(form, decimals)) if form != "boolean" else ()
            column = fine_column(said, form, decimals, reach[0], reach[1], cuts)
        codes = find_cells(text, column)
        exact = np.bincount(codes, minlength=column.size).astype(np.int64)
        counts = purse.count(f"rows of {said.name!r} by cell, of {column.size}", (said.name,), exact, cost)
        variance = np.full(column.size, purse.deviation() ** 2)
        totals.append((float(counts.sum()), float(variance.sum())))
        out.append(Counted(column, counts.astype(np.float64), variance, codes))
    if not totals:
        return tuple(out), 1.0, tuple(remarks)
    weight = np.array([1 / v for _, v in totals])
    total = float(np.array([t for t, _ in totals]) @ weight / weight.sum())
    total = max(total, 1.0)
    filled = tuple(_fill(c, total) for c in out)
    return filled, total, (*remarks, *(r for c in filled for r in _remark_on_fit(c, total)))


def _remark_on_fit(counted: Counted, total: float) -> Iterator[tuple[str, str]]:
    """What noisy counts say of a domain that does not fit the rows: otherwise it would come out as if it did."""
    column, counts = counted.column, counted.counts
    noise = 4 * math.sqrt(float(np.max(counted.variance[np.isfinite(counted.variance)], initial=0.0)))
    if column.other >= 0 and counts[column.other] > max(noise, MANY_OTHERS * total):
        share = min(counts[column.other] / total, 1.0)
        which = "none of the stated values" if column.stated else "a value that is too rare to be told, or none"
        yield (
            column.name,
            f"about {share:.0%} of the rows have {which}; what is made of them has one of the values that are known",
        )
    if column.form != "category" and counts[column.missing] > max(noise, MANY_MISSING * total):
        share = min(counts[column.missing] / total, 1.0)
        yield column.name, f"about {share:.0%} of the rows have no value, or none that can be read as {column.form}"


def _fill(counted: Counted, total: float) -> Counted:
    """Rows of which nothing was told are other values."""
    blind = ~np.isfinite(counted.variance)
    if not blind.any():
        return counted
    counts = counted.counts.copy()
    counts[blind] = 0.0
    counts[counted.column.other] = max(total - counts[~blind].sum(), 0.0)
    return Counted(counted.column, counts, counted.variance, counted.codes)


def _find_forms(
    stated: Sequence[StatedColumn],
    rows: pa.Table,
    purse: Purse,
    rho: float,
    totals: list[tuple[float, float]],
    remarks: list[tuple[str, str]],
) -> dict[str, tuple[Form, int | None]]:
    """Form and decimals of each column, from noisy counts of what its cells look like where it is not stated."""
    forms: dict[str, tuple[Form, int | None]] = {}
    unknown = [c for c in stated if c.form is None]
    for said in stated:
        if said.form is not None:
            forms[said.name] = (said.form, said.decimals)
            continue
        exact = np.bincount(sort_cells(rows.column(said.name)), minlength=len(SORTS)).astype(np.int64)
        asked = f"cells of {said.name!r} by what they look like, of {len(SORTS)} sorts"
        counts = purse.count(asked, (said.name,), exact, rho / len(unknown)).astype(np.float64)
        totals.append((float(counts.sum()), len(SORTS) * purse.deviation() ** 2))
        form, decimals = choose_form(counts, purse.deviation())
        forms[said.name] = (form, decimals if said.decimals is None else said.decimals)
        remarks.append((said.name, f"is read as {form}: so noisy counts of its cells say"))
    return forms


def choose_form(counts: NDArray[np.float64], deviation: float) -> tuple[Form, int | None]:
    """What a column is read as.

    Args:
        counts: noisy cells of each of ``SORTS``.
        deviation: of their noise.

    Returns:
        The form that at least 95 % of the cells with a value fit, and the places of decimals; None where they have no end.
    """
    clear = {n: float(c) if c > 3 * deviation else 0.0 for n, c in zip(SORTS, counts, strict=True)}
    known = sum(v for n, v in clear.items() if n != "missing")
    if known <= 0:
        return "category", None
    numbers = ("integer", "1 decimal", "2 decimals", "3 decimals", "decimal")
    if sum(clear[n] for n in numbers) >= 0.95 * known:
        last = max(i for i, n in enumerate(numbers) if clear[n] > 0)
        return ("integer", 0) if last == 0 else ("decimal", None if numbers[last] == "decimal" else last)
    if clear["date"] + clear["timestamp"] >= 0.95 * known:
        return ("timestamp" if clear["timestamp"] > 0 else "date"), None
    return ("boolean" if clear["boolean"] >= 0.95 * known else "category"), None


def _find_ranges(
    stated: Sequence[StatedColumn],
    forms: Mapping[str, tuple[Form, int | None]],
    rows: pa.Table,
    purse: Purse,
    rho: float,
) -> dict[str, tuple[float, float] | None]:
    """Ranges in ticks of the lines that have none; None where nothing stands out."""
    found: dict[str, tuple[float, float] | None] = {}
    wanted = [c for c in stated if c.low is None and forms[c.name][0] not in ("category", "boolean")]
    for said in wanted:
        form, decimals = forms[said.name]
        scale = scale_of(form, decimals)
        ticks = to_ticks(read_cells(rows.column(said.name), TYPES[form], said.written), scale)
        values = np.asarray(ticks.values[ticks.finite], np.float64)
        years = form in ("date", "timestamp")
        grain = 1.0 if form == "date" else float(_DAY) if years else 10.0**scale.decimals
        edges = _year_edges() * grain if years else np.asarray(BOUND_EDGES) * grain
        at = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
        exact = np.bincount(at, minlength=len(edges) - 1).astype(np.int64)
        asked = f"range of {said.name!r}, from rows by {'year' if years else 'power of two'} in {len(exact)} cells"
        counts = purse.count(asked, (said.name,), exact, rho / len(wanted))
        least = purse.deviation() * math.sqrt(2 * math.log(100 * len(exact)))
        full = np.flatnonzero(counts > least)
        found[said.name] = None
        if len(full):
            low, high = float(edges[full[0]]), float(edges[full[-1] + 1])
            found[said.name] = (low, high if scale.kind == "float" else high - 1)
    return found


def _year_edges() -> NDArray[np.float64]:
    epoch = datetime.date(1970, 1, 1)
    return np.array([(datetime.date(y, 1, 1) - epoch).days for y in range(FIRST_YEAR, LAST_YEAR + 1)], np.float64)


def _find_values(said: StatedColumn, text: pa.ChunkedArray, purse: Purse, rho: float, delta: float) -> Counted | None:
    """A category whose common values are found, with their noisy counts; None where there are none."""
    words = read_words(text)
    blank = pc.is_in(words, value_set=pa.array(BLANK))
    words = pc.if_else(blank, pa.scalar(None, pa.string()), words)
    tallied = pc.value_counts(words)
    names, numbers = tallied.field("values").to_pylist(), tallied.field("counts").to_pylist()
    exact = {MISSING if n is None else mark_category(n): int(k) for n, k in zip(names, numbers, strict=True)}
    told, _ = purse.find(f"common values of {said.name!r} and their rows", (said.name,), exact, rho, delta)
    missing = told.pop(MISSING, None)
    if not told:
        return None
    order = sorted(told, key=lambda n: (-told[n], n))
    values = tuple(n.removeprefix(mark_category("")) for n in order)
    column = FineColumn(
        said.name, "category", scale_of("category", None), np.zeros(0, np.int64), values, said.written, False
    )
    counts, variance = np.zeros(column.size), np.full(column.size, np.inf)
    counts[: len(order)] = [told[n] for n in order]
    variance[: len(order)] = purse.deviation() ** 2
    if missing is not None:
        counts[column.missing], variance[column.missing] = missing, purse.deviation() ** 2
    return Counted(column, counts, variance, find_cells(text, column))
