"""Ask real rows under a budget: check, price, pay, and only then read, count and add noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.lib.privacy.ledger import Budget, Ledger, Release, Total
from sundog.lib.privacy.ledger_file import charge, read_ledger
from sundog.lib.privacy.measuring import BOUND_EDGES, MISSING, limit_rows, list_candidates, mark_category, measure
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.noise import draw_choice, draw_counts, draw_vector, require_opendp
from sundog.lib.privacy.pricing import price
from sundog.lib.privacy.questions import (
    CountBins,
    CountCategories,
    CountRows,
    FindBounds,
    FindCategories,
    FindQuantiles,
    Mean,
    Question,
    Sum,
    find_problems,
    list_columns,
)

Reader: TypeAlias = Callable[[tuple[str, ...]], pa.Table]
"""Reads these columns of all rows, of which there may be none where only the number of rows counts; called once, after the
costs are in the ledger."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Noisy counts by cell; they may be negative and need not add up.

    Attributes:
        labels: values, or bins as ``[0, 10)``.
        counts: int64 (len(labels),).
        other: rows with another value, or outside of all bins; None where the domain was found in the data.
        missing: rows without a value; None where the domain was found and they are too few to be told.
        releases: what it cost.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    other: int | None
    missing: int | None
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """A noisy number of rows, sum or mean, in the unit of the column."""

    value: float
    releases: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """Noisy quantiles in ascending order: float64 (len(levels),), in the unit of the column; or two bounds.

    Attributes:
        levels: the shares asked for, ascending; 0 and 1 for bounds. Empty where no bounds were found.
    """

    levels: tuple[float, ...]
    values: NDArray[np.float64]
    releases: tuple[Release, ...]


Answer: TypeAlias = Counts | Number | Points


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers in the order of the questions, what they cost, and what the source has cost in all."""

    answers: tuple[Answer, ...]
    ledger: Ledger
    total: Total


def ask(
    questions: Sequence[Question],
    *,
    schema: pa.Schema,
    read: Reader,
    source: str,
    budget: Budget,
    neighbours: Neighbours = Neighbours(),  # noqa: B008 - frozen
    folder: Path | None = None,
    where: str = "privacy",
) -> Answers:
    """Answer questions about real rows with noise, all or none.

    Args:
        questions: what to ask, each with its cost.
        schema: columns and types, taken as public.
        read: called once, when everything is checked and paid for.
        source: SHA-256 of the source, under which the ledger is kept.
        budget: for all that is ever released about this source.
        neighbours: the unit of privacy.
        folder: where ledgers lie; ``ledger_file.find_folder()`` if None.
        where: place in the recipe or on the command line, for errors.

    Raises:
        MissingExtra: OpenDP is not installed.
        RequestError: a question is wrong, or the budget does not allow them; nothing was read or spent. Or what was read
            has other columns than the schema; then it counts as spent.
    """
    problems = (*budget.find_problems(where), *find_problems(questions, neighbours, schema, where))
    if problems:
        raise RequestError(*problems)
    require_opendp(where)
    if not questions:
        return Answers((), Ledger(), read_ledger(source, folder, where).total(budget.delta))
    priced = [price(q, neighbours) for q in questions]
    ledger = Ledger().add(*(r for releases in priced for r in releases))
    total = charge(ledger.releases, source, budget, folder, where)
    table = limit_rows(_read(read, list_columns(questions, neighbours), schema, where), neighbours)
    return Answers(
        tuple(answer(q, releases, table) for q, releases in zip(questions, priced, strict=True)), ledger, total
    )


def answer(question: Question, releases: tuple[Release, ...], table: pa.Table) -> Answer:
    """Count exactly and add the noise that was paid for; call it once for each time that it was paid.

    Args:
        question: one that was checked.
        releases: its prices, already in the ledger.
        table: rows already limited per person.
    """
    exact = measure(question, table)
    match question:
        case FindCategories():
            assert isinstance(exact[0], dict)
            found = draw_counts(releases[0], exact[0])
            missing = found.pop(MISSING, None)
            labels = tuple(name.removeprefix(mark_category("")) for name in found)
            return Counts(labels, np.array(list(found.values()), np.int64), None, missing, releases)
        case FindQuantiles(levels=levels):
            places = [draw_choice(r, _vector(x)) for r, x in zip(releases, exact, strict=True)]
            # Sorting the answers, as the quantiles themselves are, uses nothing but the answers.
            return Points(tuple(sorted(levels)), np.sort(list_candidates(question)[places]), releases)
    noisy = [draw_vector(r, _vector(x)) for r, x in zip(releases, exact, strict=True)]
    match question:
        case CountCategories(categories=categories):
            return Counts(categories, noisy[0][:-2], int(noisy[0][-2]), int(noisy[0][-1]), releases)
        case CountBins(edges=edges):
            return Counts(_name_bins(edges), noisy[0][:-2], int(noisy[0][-2]), int(noisy[0][-1]), releases)
        case FindBounds():
            return _choose_bounds(noisy[0], releases)
        case CountRows():
            return Number(float(noisy[0][0]), releases)
        case Sum():
            return Number(float(noisy[0][0]) * releases[0].step, releases)
        case Mean(lower=lower, upper=upper):
            middle = lower + (upper - lower) / 2
            mean = middle + float(noisy[0][0]) * releases[0].step / max(float(noisy[1][0]), 1.0)
            return Number(min(max(mean, lower), upper), releases)


def _vector(exact: NDArray[np.int64] | dict[str, int]) -> NDArray[np.int64]:
    assert not isinstance(exact, dict)
    return exact


def _read(read: Reader, columns: tuple[str, ...], schema: pa.Schema, where: str) -> pa.Table:
    table = read(columns)
    wrong = [n for n in columns if n not in table.column_names or table.schema.field(n).type != schema.field(n).type]
    if wrong:
        what = f"the rows read have other columns or types than stated: {', '.join(map(repr, wrong))}"
        mend = "State the types of the table; they must not depend on single rows. What was asked counts as spent."
        raise RequestError(Problem("SD-PRIVACY-019", where, what, mend))
    return table


def _name_bins(edges: tuple[float, ...]) -> tuple[str, ...]:
    last = len(edges) - 2
    return tuple(f"[{edges[i]:g}, {edges[i + 1]:g}{']' if i == last else ')'}" for i in range(last + 1))


def _choose_bounds(noisy: NDArray[np.int64], releases: tuple[Release, ...]) -> Points:
    """Outer edges of the bins that hold more rows than noise alone brings into any bin once in 1,000 times."""
    bins = noisy[:-2]
    release = releases[0]
    tail = math.log(1_000 * len(bins))
    least = release.scale * (tail if release.mechanism == "discrete laplace" else math.sqrt(2 * tail))
    full = np.flatnonzero(bins > least)
    if not len(full):
        return Points((), np.empty(0), releases)
    edges = np.asarray(BOUND_EDGES)
    return Points((0.0, 1.0), edges[[full[0], full[-1] + 1]], releases)
