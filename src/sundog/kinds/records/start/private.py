"""From one real table to the draft of a recipe by differentially private answers only.

What is asked, and what each answer may cost, is fixed by what was stated before any row is read. A first round finds ranges and domains
that were not stated, a second one counts columns, a third one counts pairs of columns; only the places at which a later round counts
depend on earlier answers. Names of columns, and all that is stated, are taken as public, and the recipe says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import RequestError
from sundog.kinds.records.start.asked import (
    Bins,
    find_cells,
    lay_bins,
    lay_days,
    read_hours,
    read_stated_values,
    read_weekdays,
)
from sundog.kinds.records.start.curves import Floats
from sundog.kinds.records.start.noisy import find_noise
from sundog.kinds.records.start.stated import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FieldColumn,
    NumberColumn,
    SkippedColumn,
    StatedColumn,
)
from sundog.lib.privacy.asking import Answer, Counts, Number, Points, ask
from sundog.lib.privacy.ledger import Budget, Ledger, Release, Total, check_budget
from sundog.lib.privacy.ledger_file import read_ledger
from sundog.lib.privacy.losses import Cost, Pure
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.noise import require_opendp
from sundog.lib.privacy.pricing import price
from sundog.lib.privacy.questions import (
    CountBins,
    CountCategories,
    CountRows,
    FindBounds,
    FindCategories,
    Question,
    find_problems,
)
from sundog.lib.privacy.shares import split_budget

MOST_PAIRED = 6
"""Columns of numbers whose pairs are counted, the first ones of the table."""

GROUPS = 5
_CHILDREN = "rows of this person"


@dataclass(frozen=True, slots=True)
class PrivateRequest:
    """What may be spent, and on what.

    Attributes:
        spend: epsilon and delta of this recipe.
        budget: of the source, over all runs.
        neighbours: the unit of privacy.
        columns: what was stated of each column that is asked about, in the order of the table.
        correlations: whether pairs of numbers are counted.
        folder: where ledgers lie; None for the usual place.
    """

    spend: Budget
    budget: Budget
    neighbours: Neighbours
    columns: Mapping[str, StatedColumn]
    correlations: bool = True
    folder: Path | None = None


@dataclass(slots=True)
class Heard:
    """Answers so far.

    Attributes:
        answers: by what they are about: ``("bins", column)``, ``("pair", first, second)``.
        bins: where columns were counted.
        releases: all of them, in order; their numbers stand in the recipe.
        total: what the source has cost in all.
    """

    answers: dict[tuple[str, ...], Answer] = field(default_factory=dict)
    bins: dict[str, Bins] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    total: Total = Total(0.0, 0.0, "basic")  # noqa: RUF009 - frozen

    def numbers_of(self, *names: tuple[str, ...]) -> tuple[int, ...]:
        """Numbers, from 1 on, of the releases of these answers."""
        own = [r for name in names if name in self.answers for r in self.answers[name].releases]
        return tuple(i for i, r in enumerate(self.releases, 1) if any(r is o for o in own))

    def counts(self, *name: str) -> Counts | None:
        """Noisy counts, if there are any."""
        found = self.answers.get(name)
        return found if isinstance(found, Counts) else None


def ask_table(texts: pa.Table, source: str, request: PrivateRequest) -> Heard:
    """Ask all that a recipe needs of a table.

    Args:
        texts: the columns asked about, and the person's, as text.
        source: SHA-256 of the source.
        request: what may be spent, and on what was stated.

    Raises:
        MissingExtra: OpenDP is not installed.
        RequestError: over budget; nothing was told.
    """
    check_request(texts.schema, source, request)
    costs = _share_costs(request)
    heard = Heard()
    first: dict[tuple[str, ...], Question] = {
        ("bounds", name): FindBounds(name, costs["bounds", name])
        for name, said in request.columns.items()
        if isinstance(said, NumberColumn) and said.low is None
    }
    values = {n: read_stated_values(texts.column(n).combine_chunks(), said) for n, said in _asked(request).items()}
    person = request.neighbours.person
    persons = {person: texts.column(person).combine_chunks()} if person else {}
    _ask_round(heard, first, {**values, **persons}, source, request)
    second: dict[tuple[str, ...], Question] = {("rows",): CountRows(costs["rows",])}
    derived: dict[str, pa.Array] = dict(values)
    for name, said in _asked(request).items():
        _add_column(second, derived, heard, name, said, costs, texts)
    if person:
        derived[_CHILDREN] = pa.array(_count_children(texts.column(person), request.neighbours.contribution))
        edges = tuple(float(x) + 0.5 for x in range(request.neighbours.contribution + 1))
        second["children",] = CountBins(_CHILDREN, edges, costs["children",])
    _ask_round(heard, second, {**derived, **persons}, source, request)
    third, cells = _pair_up(heard, values, request, costs)
    _ask_round(heard, third, {**cells, **persons}, source, request)
    return heard


def _asked(request: PrivateRequest) -> dict[str, StatedColumn]:
    return {n: s for n, s in request.columns.items() if not isinstance(s, FieldColumn | SkippedColumn)}


def _paired(request: PrivateRequest) -> list[tuple[str, str]]:
    names = [n for n, s in request.columns.items() if isinstance(s, NumberColumn)][:MOST_PAIRED]
    return [(a, b) for i, b in enumerate(names) for a in names[:i]] if request.correlations else []


def _share_costs(request: PrivateRequest) -> dict[tuple[str, ...], Cost]:
    """The cost of every answer that may be asked for, from what is stated alone."""
    weights: dict[tuple[str, ...], float] = {("rows",): 0.25}
    found = 0
    for name, said in _asked(request).items():
        match said:
            case NumberColumn():
                weights["bins", name] = 1.0
                if said.low is None:
                    weights["bounds", name] = 0.5
            case CategoryColumn():
                weights["values", name] = 1.0
                found += not said.values
            case BooleanColumn():
                weights["values", name] = 0.5
            case DateColumn():
                weights["bins", name] = 1.0
                weights["weekdays", name] = 0.3
                if said.type == "timestamp":
                    weights["hours", name] = 0.5
            case _:
                pass
    if request.neighbours.person:
        weights["children",] = 1.0
    for pair in _paired(request):
        weights["pair", *pair] = 0.5
    shares = split_budget(request.spend, list(weights.values()), found)
    costs = dict(zip(weights, shares.costs, strict=True))
    costs["delta",] = Pure(max(shares.domain_delta, 0.0))  # carried along; not a cost of an answer
    return costs


def check_request(schema: pa.Schema, source: str, request: PrivateRequest) -> None:
    """Refuse what cannot be paid for as a whole, before any part of it is.

    Args:
        schema: of the columns as text.
        source: SHA-256 of the source.
        request: what may be spent, and on what.

    Raises:
        MissingExtra: OpenDP is not installed.
        RequestError: over budget, or a question is wrong; nothing was read.
    """
    where = "recipe from"
    problems = (*request.spend.find_problems(where), *request.budget.find_problems(where))
    if problems:
        raise RequestError(*problems)
    require_opendp(where)
    costs = _share_costs(request)
    delta = costs.pop(("delta",))
    questions: list[Question] = []
    for (kind, *names), cost in costs.items():
        said = request.columns[names[0]] if names else None
        if kind == "bounds":
            questions.append(CountBins(names[0], (0.0, 1.0), cost))
        elif isinstance(said, CategoryColumn) and not said.values:
            assert isinstance(delta, Pure)
            questions.append(FindCategories(names[0], delta.epsilon, cost))
        elif isinstance(said, CategoryColumn):
            questions.append(CountCategories(names[0], said.values, cost))
        else:
            questions.append(CountRows(cost))
    # Where a number is counted depends on earlier answers, what it costs does not.
    numbers = {n for n, s in request.columns.items() if isinstance(s, NumberColumn)}
    typed = pa.schema([pa.field(f.name, pa.float64() if f.name in numbers else pa.string()) for f in schema])
    wrong = find_problems(questions, request.neighbours, typed, where)
    if wrong:
        raise RequestError(*wrong)
    planned = Ledger(tuple(r for q in questions for r in price(q, request.neighbours)))
    check_budget(request.budget, read_ledger(source, request.folder, where), planned, where)


def _ask_round(
    heard: Heard,
    questions: Mapping[tuple[str, ...], Question],
    columns: Mapping[str, pa.Array],
    source: str,
    request: PrivateRequest,
) -> None:
    if not questions:
        return
    table = pa.table({**columns})

    def read(names: tuple[str, ...]) -> pa.Table:
        return table.select(list(names)) if names else table

    answers = ask(
        list(questions.values()),
        schema=table.schema,
        read=read,
        source=source,
        budget=request.budget,
        neighbours=request.neighbours,
        folder=request.folder,
        where="recipe from",
    )
    heard.answers.update(zip(questions, answers.answers, strict=True))
    heard.releases.extend(r for a in answers.answers for r in a.releases)
    heard.total = answers.total


def _add_column(
    questions: dict[tuple[str, ...], Question],
    columns: dict[str, pa.Array],
    heard: Heard,
    name: str,
    said: StatedColumn,
    costs: Mapping[tuple[str, ...], Cost],
    texts: pa.Table,
) -> None:
    """The questions of one column in the second round."""
    match said:
        case NumberColumn(low=low, high=high, decimals=decimals):
            if low is None or high is None:
                bounds = heard.answers["bounds", name]
                assert isinstance(bounds, Points)
                if not len(bounds.values):
                    return
                low, high = float(bounds.values[0]), float(bounds.values[-1])
            heard.bins[name] = lay_bins(low, high, decimals)
            questions["bins", name] = CountBins(name, heard.bins[name].edges, costs["bins", name])
        case CategoryColumn(values=stated):
            if stated:
                questions["values", name] = CountCategories(name, stated, costs["values", name])
            else:
                delta = costs["delta",]
                assert isinstance(delta, Pure)
                questions["values", name] = FindCategories(name, delta.epsilon, costs["values", name])
        case BooleanColumn():
            questions["values", name] = CountCategories(name, ("true", "false"), costs["values", name])
        case DateColumn(start=start, stop=stop, type=kind):
            heard.bins[name] = lay_days(start, stop)
            questions["bins", name] = CountBins(name, heard.bins[name].edges, costs["bins", name])
            columns[f"{name} by weekday"] = pa.array(read_weekdays(columns[name]), from_pandas=True)
            questions["weekdays", name] = CountBins(
                f"{name} by weekday", tuple(x - 0.5 for x in range(8)), costs["weekdays", name]
            )
            if kind == "timestamp":
                columns[f"{name} by hour"] = pa.array(read_hours(texts.column(name).combine_chunks()), from_pandas=True)
                questions["hours", name] = CountBins(
                    f"{name} by hour", tuple(x - 0.5 for x in range(25)), costs["hours", name]
                )
        case _:
            pass


def _count_children(persons: pa.ChunkedArray, most: int) -> Floats:
    """How many rows the person of each row has, ``most`` where more; NaN for rows of nobody: float64 (n,)."""
    encoded = persons.combine_chunks().dictionary_encode()
    codes = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    number = np.minimum(np.bincount(codes[codes >= 0], minlength=1), most)
    return np.where(codes >= 0, number[np.maximum(codes, 0)], np.nan).astype(np.float64)


def _pair_up(
    heard: Heard, values: Mapping[str, pa.Array], request: PrivateRequest, costs: Mapping[tuple[str, ...], Cost]
) -> tuple[dict[tuple[str, ...], Question], dict[str, pa.Array]]:
    """Questions about pairs: cells between five groups of each column, with edges from the noisy counts."""
    groups: dict[str, Floats] = {}
    for name in dict.fromkeys(n for pair in _paired(request) for n in pair):
        counts = heard.counts("bins", name)
        if counts is None:
            continue
        edges = find_groups(counts.counts, heard.bins[name], find_noise(counts.releases[0]))
        if len(edges) >= 3:
            groups[name] = edges
    questions: dict[tuple[str, ...], Question] = {}
    columns: dict[str, pa.Array] = {}
    for first, second in _paired(request):
        if first not in groups or second not in groups:
            continue
        x, y = (np.asarray(values[n].to_numpy(zero_copy_only=False), np.float64) for n in (first, second))
        name = f"{first} with {second}"
        columns[name] = pa.array(find_cells(x, groups, (first, second), y), from_pandas=True)
        cells = (len(groups[first]) - 1) * (len(groups[second]) - 1)
        questions["pair", first, second] = CountBins(
            name, tuple(i - 0.5 for i in range(cells + 1)), costs["pair", first, second]
        )
        heard.bins[name] = Bins(tuple(float(len(groups[n]) - 1) for n in (first, second)), 0.0, -1)
    return questions, columns


def find_groups(counts: NDArray[np.int64], bins: Bins, noise: float) -> Floats:
    """Edges of up to five groups of about as many rows, from noisy counts; fewer than 3 edges where there is nothing to group."""
    found = np.where(counts > noise, counts, 0).astype(np.float64)
    if found.sum() <= 0:
        return np.empty(0)
    share = np.cumsum(found) / found.sum()
    inner = [float(bins.edges[int(np.searchsorted(share, q)) + 1]) for q in np.arange(1, GROUPS) / GROUPS]
    inner = [x for x in dict.fromkeys(inner) if bins.edges[0] < x < bins.edges[-1]]
    return np.array([bins.edges[0], *inner, bins.edges[-1]], np.float64)


def count_rows(heard: Heard) -> float:
    """Rows as released."""
    answer = heard.answers["rows",]
    assert isinstance(answer, Number)
    return max(answer.value, 1.0)


def spent(heard: Heard, delta: float) -> Total:
    """What the answers of this recipe cost together."""
    return Ledger(tuple(heard.releases)).total(delta)
