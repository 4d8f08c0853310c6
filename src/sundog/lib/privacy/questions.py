"""What may be asked of real rows, and what is wrong with a question before anything is read.

Each question names its cost. Missing values are never told apart for free: they are counted in a cell of their own, or
left out of what is counted. What lies outside of a stated domain falls into a cell of its own or is moved to the nearest
bound; it is never an error, since an error would tell that it is there.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
from pyarrow import types

from sundog.core.errors import Problem, nearest
from sundog.lib.privacy.losses import Cost, Pure
from sundog.lib.privacy.neighbours import Neighbours

LEVELS = 10_000
"""Quantile levels are told apart to one part of this many."""

LEAST_COST, GREATEST_COST = 1e-9, 1e6
"""Epsilon or rho of one question. Below, noise would drown 64 bits; above, there is hardly any."""

CONTRIBUTION = 1_000_000
"""Most rows of one person that may be read."""

CANDIDATES = 1_000_000
"""Most values that a quantile may be chosen among."""


@dataclass(frozen=True, slots=True)
class CountRows:
    """How many rows are there?"""

    cost: Cost


@dataclass(frozen=True, slots=True)
class CountCategories:
    """How many rows have each of these values, another one, or none?

    Attributes:
        categories: the stated domain, as text; it must not come from the rows themselves.
    """

    column: str
    categories: tuple[str, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class FindCategories:
    """Which values are common, and how many rows have them? For columns whose domain is itself private.

    Attributes:
        delta: chance that a value which only one person has is told.
    """

    column: str
    delta: float
    cost: Cost


@dataclass(frozen=True, slots=True)
class CountBins:
    """How many rows lie in each bin, outside of all bins, or have no value?

    Attributes:
        edges: ascending, in the unit of the column; bin i holds edges[i] <= value < edges[i + 1], the last one its upper
            edge too. Dates and times count in the unit in which Arrow stores them.
    """

    column: str
    edges: tuple[float, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class FindBounds:
    """Between which powers of two do nearly all values lie? For columns whose range is itself private."""

    column: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class FindQuantiles:
    """Below which values do these shares of the rows lie?

    Attributes:
        levels: shares in (0, 1), to four places. The cost is shared among them equally.
        lower: least value that can be the answer; values below count as this one.
        upper: greatest one.
        candidates: evenly spaced values from lower to upper, among which the answer is chosen.
    """

    column: str
    levels: tuple[float, ...]
    lower: float
    upper: float
    cost: Cost
    candidates: int = 1_001


@dataclass(frozen=True, slots=True)
class Sum:
    """What do the values, each moved into the bounds, add up to?"""

    column: str
    lower: float
    upper: float
    cost: Cost


@dataclass(frozen=True, slots=True)
class Mean:
    """What is the mean of the values, each moved into the bounds? Half of the cost goes to their number."""

    column: str
    lower: float
    upper: float
    cost: Cost


Question: TypeAlias = CountRows | CountCategories | FindCategories | CountBins | FindBounds | FindQuantiles | Sum | Mean


def column_of(question: Question) -> str:
    """The column that a question is about; empty where it is about rows."""
    return "" if isinstance(question, CountRows) else question.column


def list_columns(questions: Sequence[Question], neighbours: Neighbours) -> tuple[str, ...]:
    """Columns that must be read, each once, in the order asked; the person's last."""
    names = [column_of(q) for q in questions] + [neighbours.person]
    return tuple(dict.fromkeys(n for n in names if n))


def find_problems(
    questions: Sequence[Question], neighbours: Neighbours, schema: pa.Schema, where: str
) -> tuple[Problem, ...]:
    """Everything that is wrong with questions, from the questions and the schema alone."""
    found = list(_find_unit_problems(neighbours, schema, where))
    for i, question in enumerate(questions):
        place = f"{where}[{i}]" + (f" ({name})" if (name := column_of(question)) else "")
        spend = question.cost.epsilon if isinstance(question.cost, Pure) else question.cost.rho
        if not (LEAST_COST <= spend <= GREATEST_COST):
            what = f"the cost is {spend!r}; a number from {LEAST_COST:g} to {GREATEST_COST:g} is needed"
            found.append(Problem("SD-PRIVACY-008", place, what, "Give each question its part of the budget."))
        if not isinstance(question, CountRows):
            found.extend(_find_column_problems(question, schema, place))
        found.extend(_find_domain_problems(question, place))
    return tuple(found)


def _find_unit_problems(neighbours: Neighbours, schema: pa.Schema, where: str) -> list[Problem]:
    found = []
    if not (1 <= neighbours.contribution <= (CONTRIBUTION if neighbours.person else 1)):
        what = f"at most {neighbours.contribution} rows of one person cannot be meant"
        mend = f"Name the column of persons, and read from 1 to {CONTRIBUTION:,} rows of each."
        found.append(Problem("SD-PRIVACY-009", where, what, mend))
    if neighbours.person and schema.names.count(neighbours.person) != 1:
        what = f"the column of persons, {neighbours.person!r}, is not one column of the table"
        found.append(Problem("SD-PRIVACY-010", where, what, nearest(neighbours.person, schema.names)))
    return found


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type lie on a line: numbers, dates, times and spans of time."""
    line = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    return bool(line or (types.is_temporal(kind) and not types.is_interval(kind)))


def is_category(kind: pa.DataType) -> bool:
    """Whether values of this type can be written as text and counted."""
    inner = kind.value_type if types.is_dictionary(kind) else kind
    text = types.is_string(inner) or types.is_large_string(inner) or types.is_string_view(inner)
    return bool(text or types.is_boolean(inner) or is_number(inner))


def _find_column_problems(question: Question, schema: pa.Schema, place: str) -> list[Problem]:
    name = column_of(question)
    if (times := schema.names.count(name)) != 1:
        what = f"{name!r} is the name of {times} columns" if times else f"{name!r} is not a column"
        return [Problem("SD-PRIVACY-011", place, what, "" if times else nearest(name, schema.names))]
    kind = schema.field(name).type
    text = isinstance(question, CountCategories | FindCategories)
    if is_category(kind) if text else is_number(kind):
        return []
    what = f"{name!r} holds {kind}; {'text' if text else 'numbers, dates or times'} can be asked about here"
    return [Problem("SD-PRIVACY-012", place, what, "Ask another question of this column, or none.")]


def _find_domain_problems(question: Question, place: str) -> list[Problem]:
    match question:
        case CountCategories(categories=names):
            if not names or len(set(names)) < len(names):
                twice = next((n for i, n in enumerate(names) if n in names[:i]), None)
                what = "the domain is empty" if twice is None else f"the domain names {twice!r} twice"
                mend = "State each value once, or have common values found (domain: private)."
                return [Problem("SD-PRIVACY-013", place, what, mend)]
        case FindCategories(delta=delta):
            if not (0 < delta < 1):
                what = f"a private domain needs a delta in (0, 1), found {delta!r}"
                return [
                    Problem("SD-PRIVACY-014", place, what, "Give a part of the budget's delta, or state the domain.")
                ]
        case CountBins(edges=edges):
            rising = all(a < b for a, b in itertools.pairwise(edges))
            if len(edges) < 2 or not rising or not all(map(math.isfinite, edges)):
                what = "edges of bins must be two or more finite numbers, each above the one before"
                return [Problem("SD-PRIVACY-015", place, what, "State edges such as 0, 10, 20.")]
        case FindQuantiles() | Sum() | Mean():
            return _find_range_problems(question, place)
    return []


def _find_range_problems(question: FindQuantiles | Sum | Mean, place: str) -> list[Problem]:
    found = []
    lower, upper = question.lower, question.upper
    # A range of more than 1e300, or a bound of less than 1e-290, would not survive being cut into steps.
    if not (lower < upper and max(abs(lower), abs(upper)) <= 1e300 and upper - lower >= 1e-290):
        what = f"the bounds {lower!r} and {upper!r} are no range of finite numbers"
        found.append(Problem("SD-PRIVACY-016", place, what, "State the least value and a greater one."))
    if isinstance(question, FindQuantiles):
        levels = question.levels
        if not levels or not all(1 <= round(x * LEVELS) < LEVELS and 0 < x < 1 for x in levels):
            what = f"levels {levels!r}: shares from {1 / LEVELS} to {1 - 1 / LEVELS} are needed"
            found.append(Problem("SD-PRIVACY-017", place, what, "Ask, for example, for 0.25, 0.5 and 0.75."))
        if not (2 <= question.candidates <= CANDIDATES):
            what = f"{question.candidates} values to choose a quantile among; 2 to {CANDIDATES:,} are possible"
            found.append(Problem("SD-PRIVACY-018", place, what, "Leave it out for 1,001."))
    return found
