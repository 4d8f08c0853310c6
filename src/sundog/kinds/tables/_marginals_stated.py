"""What a recipe states about the columns of a private table, and everything that is wrong with it before a row is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.tables._names import find_unknown_names
from sundog.kinds.tables.recipe import ColumnSpec, OrderedRule, Rule, SumRule, TablesPart
from sundog.lib.privacy.ledger import Budget
from sundog.lib.privacy.neighbours import Neighbours
from sundog.lib.privacy.purse import find_spend_problems
from sundog.lib.rows.cells import TYPES, Form
from sundog.lib.rows.infer_stated import read_types
from sundog.lib.rows.learn_request import read_ends
from sundog.lib.rows.scale import Scale
from sundog.lib.rows.settings import ColumnOverride

FORMS: Mapping[str, Form] = {
    "integer": "integer",
    "decimal": "decimal",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "category": "category",
}
"""Meanings that ``marginals`` learns."""


@dataclass(frozen=True, slots=True)
class StatedColumn:
    """What is known of a column without its rows.

    Attributes:
        name: of the column.
        form: what its cells are read as; empty where that is to be found.
        low, high: ends of its range in ticks, None where they are to be found.
        decimals: places of a decimal column; None where they are not stated.
        values: all values of a category; empty where they are to be found.
        written: how its cells are written, see ``lib.rows.cells.read_cells``.
    """

    name: str
    form: Form | None
    low: float | None = None
    high: float | None = None
    decimals: int | None = None
    values: tuple[str, ...] = ()
    written: str = ""

    @property
    def complete(self) -> bool:
        """Whether nothing is left to be found in the rows."""
        if self.form == "category":
            return bool(self.values)
        return self.form == "boolean" or (self.form is not None and self.low is not None and self.high is not None)


def scale_of(form: Form, decimals: int | None) -> Scale:
    """The line on which the values of a form lie."""
    match form:
        case "date":
            return Scale("date")
        case "timestamp":
            return Scale("timestamp", unit="us")
        case "decimal":
            return Scale("float") if decimals is None else Scale("decimal", decimals=decimals)
        case _:
            return Scale("integer")


def kind_of(form: Form | None) -> str | None:
    """The line that values of a form lie on: ``number`` or ``time``; empty for none, None where it is not known."""
    if form is None:
        return None
    return "number" if form in ("integer", "decimal") else "time" if form in ("date", "timestamp") else ""


def neighbours_of(part: TablesPart) -> Neighbours:
    """The unit of privacy of a part."""
    person = None if part.source is None else part.source.person
    return Neighbours(person, part.person_rows) if person else Neighbours()


def find_request_faults(part: TablesPart, where: str) -> Iterator[Problem]:
    """What is wrong with a private part, from the recipe alone."""
    if part.method != "marginals":
        yield from _find_strays(part, where)
        return
    yield from _find_budget_faults(part, where)
    if part.copies == "reject":
        what = "'copies: reject' compares each row with the real ones: which rows never appear would tell of them"
        yield Problem(
            "SD-TABLES-021", f"{where}.copies", what, "Leave it out: noise, not rejection, hides the records."
        )
    if part.weights is not None:
        what = "row weights would let one row count as many, so no bound on a row's influence would hold"
        yield Problem(
            "SD-TABLES-022", f"{where}.weights", what, "Leave them out, or use method: trees without epsilon."
        )
    if part.pii == "replace":
        what = "'pii: replace' reads names and texts of the rows without noise"
        yield Problem("SD-TABLES-037", f"{where}.pii", what, "Leave it out: identifiers and texts are not made at all.")
    if _says_other(part, "learn_rows"):
        what = "which rows are drawn to learn from depends on all of them, so one row more would change many"
        yield Problem("SD-TABLES-023", f"{where}.learn_rows", what, "Leave it out: all rows are counted.")
    if part.person_rows > 1 and (part.source is None or part.source.person is None):
        what = f"{part.person_rows} rows of one person are allowed, but no column names the person"
        yield Problem("SD-TABLES-036", f"{where}.person_rows", what, "Name it in source.person, or leave this out.")
    for i, rule in enumerate(() if isinstance(part.rules, str) else part.rules):
        if not isinstance(rule, OrderedRule | SumRule):
            what = f"a rule {rule.rule!r} would have to be read from the rows"
            mend = "Keep rules 'ordered' and 'sum', and state what cannot be under 'impossible'."
            yield Problem("SD-TABLES-024", f"{where}.rules.{i}", what, mend)
    for name, column in part.columns.items():
        yield from _find_column_faults(name, column, f"{where}.columns.{name}")


def _find_budget_faults(part: TablesPart, where: str) -> Iterator[Problem]:
    if part.model is not None:
        return
    if part.epsilon is None:
        what = "'marginals' needs an epsilon: it is differentially private, and says of how much"
        yield Problem("SD-TABLES-020", f"{where}.epsilon", what, "Give, for example, epsilon: 1.")
    spend = Budget(1.0 if part.epsilon is None else part.epsilon, part.delta)
    yield from find_spend_problems(spend, where)
    if part.budget is not None:
        for problem in Budget(part.budget).find_problems(where):
            yield replace(problem, where=f"{where}.budget")


def _find_strays(part: TablesPart, where: str) -> Iterator[Problem]:
    """Words of ``marginals`` in a part that is not private: they would promise what is not kept."""
    said = [n for n in ("epsilon", "budget") if getattr(part, n) is not None]
    said += [n for n in ("delta", "domain", "person_rows", "impossible", "marginals") if _says_other(part, n)]
    said += [f"columns.{n}.values" for n, c in part.columns.items() if c.values is not None]
    for name in said:
        what = f"{name.rsplit('.', 1)[-1]!r} is of method 'marginals'; {part.method!r} is not differentially private"
        yield Problem("SD-TABLES-025", f"{where}.{name}", what, "Add method: marginals, or leave it out.")


def _says_other(part: TablesPart, name: str) -> bool:
    """Whether a field is not as it is by itself; a bundle's recipe spells out every default, and is a recipe too."""
    return bool(getattr(part, name) != type(part).model_fields[name].get_default(call_default_factory=True))


def _find_column_faults(name: str, column: ColumnSpec, where: str) -> Iterator[Problem]:
    if column.drop:
        return
    if column.meaning is not None and column.meaning not in FORMS:
        what = f"a column of meaning {column.meaning!r} is not learned by 'marginals'"
        yield Problem("SD-TABLES-026", f"{where}.meaning", what, f"Use one of {', '.join(FORMS)}, or drop it.")
        return
    form = _form_of(column)
    stated = [k for k in ("minimum", "maximum") if getattr(column, k) is not None]
    strange = ["values"] if column.values is not None and form != "category" else []
    strange += stated if form in ("category", "boolean") else []
    if strange:
        what = f"{strange[0]!r} does not go with a column of meaning {form!r}"
        yield Problem(
            "SD-TABLES-027", f"{where}.{strange[0]}", what, "Leave it out, or state the meaning it belongs to."
        )
        return
    if len(stated) == 1:
        other = "maximum" if stated == ["minimum"] else "minimum"
        what = f"{stated[0]} is stated and {other} is not"
        yield Problem("SD-TABLES-028", f"{where}.{other}", what, "State both, or neither to have the range found.")
    try:
        _read_range(name, column, form or "decimal")
    except RequestError as error:
        for problem in error.problems:
            yield replace(problem, where=where + problem.where.removeprefix(f"columns.{name}"))


def _read_range(name: str, column: ColumnSpec, form: Form) -> tuple[float | None, float | None]:
    """Stated ends in ticks.

    Raises:
        RequestError: an end is no value of the column, or they are the wrong way round.
    """
    override = ColumnOverride(minimum=column.minimum, maximum=column.maximum)
    return read_ends(name, override, scale_of(form, column.decimals))


def _form_of(column: ColumnSpec) -> Form | None:
    """The form that is stated, or that follows from what is: values are of categories, ends of whole numbers or decimals."""
    if column.meaning is not None:
        return FORMS.get(column.meaning)
    if column.values is not None:
        return "category"
    if isinstance(column.minimum, str) or isinstance(column.maximum, str):
        dates = [v for v in (column.minimum, column.maximum) if isinstance(v, str)]
        return "date" if all(len(v) <= 10 for v in dates) else "timestamp"
    if column.decimals is not None:
        return "integer" if column.decimals == 0 else "decimal"
    return None


def read_stated(
    part: TablesPart, schema: pa.Schema, where: str
) -> tuple[tuple[StatedColumn, ...], tuple[Problem, ...]]:
    """What is stated of each column that is read, and what is missing or names no column.

    Args:
        part: checked by ``find_request_faults``.
        schema: of the source; only the names count.
        where: place of the part.
    """
    names = schema.names
    problems = list(find_unknown_names(part, names, where))
    read: Mapping[str, tuple[pa.DataType, str]] = {}
    try:
        read = read_types({} if part.source is None else part.source.types, names)
    except RequestError as error:
        problems += [replace(p, where=f"{where}.source.{p.where}") for p in error.problems]
    sums = {r.total for r in part.rules if isinstance(r, SumRule)} if not isinstance(part.rules, str) else set()
    person = neighbours_of(part).person
    out = []
    for name in names:
        column = part.columns.get(name, ColumnSpec())
        if column.drop or name in sums or (name == person and name not in part.columns):
            continue
        stated = _state(name, column, read.get(name))
        out.append(stated)
        if part.domain == "declared" and not stated.complete:
            lacks = (
                "its values"
                if stated.form == "category"
                else "its meaning and range"
                if stated.form is None
                else "its range"
            )
            what = f"{name!r} has no domain: {lacks} would have to be read from the rows"
            mend = "State values, or meaning with minimum and maximum; drop the column; or use domain: private."
            problems.append(Problem("SD-TABLES-029", f"{where}.columns.{name}", what, mend))
    if not out and not problems:
        what = "no column is left to learn"
        problems.append(Problem("SD-TABLES-035", f"{where}.columns", what, "Keep a column."))
    problems += _find_rule_faults(part, {c.name: c for c in out}, names, where)
    problems += _find_target_faults(part, names, {c.name for c in out} | sums, where)
    return tuple(out), tuple(problems)


def _state(name: str, column: ColumnSpec, typed: tuple[pa.DataType, str] | None) -> StatedColumn:
    form, written = _form_of(column), ""
    if typed is not None:
        kind, written = typed
        form = form or next((f for f, t in TYPES.items() if t == kind), None)
    low = high = None
    if form not in ("category", "boolean") and column.minimum is not None and column.maximum is not None:
        if form is None:
            numbers = [v for v in (column.minimum, column.maximum) if isinstance(v, int | float)]
            form = "integer" if all(float(v).is_integer() for v in numbers) else "decimal"
        low, high = _read_range(name, column, form)
    return StatedColumn(name, form, low, high, column.decimals, column.values or (), written)


def _find_target_faults(part: TablesPart, names: Sequence[str], made: Set[str], where: str) -> Iterator[Problem]:
    """A target that is in the source and is not made."""
    name = part.target
    if name is None or name not in names or name in made:
        return
    dropped = name in part.columns and part.columns[name].drop
    place = f"columns.{name}.drop" if dropped else "target"
    what = f"the target {name!r} is not made: it {'is dropped' if dropped else 'names the persons'}"
    mend = f"{'Remove drop, or name' if dropped else 'Name'} another target."
    yield Problem("SD-TABLES-044", f"{where}.{place}", what, mend)


def _find_rule_faults(
    part: TablesPart, columns: Mapping[str, StatedColumn], names: Sequence[str], where: str
) -> Sequence[Problem]:
    found = []
    for i, rule in enumerate(() if isinstance(part.rules, str) else part.rules):
        own = (
            (rule.low, rule.high) if isinstance(rule, OrderedRule) else rule.terms if isinstance(rule, SumRule) else ()
        )
        found += [
            Problem("SD-TABLES-030", f"{where}.rules.{i}", f"{n!r} is no column that is learned", nearest(n, columns))
            for n in own
            if n not in columns
        ]
        if isinstance(rule, SumRule) and rule.total not in names:
            what = f"{rule.total!r} is no column of the source"
            found.append(Problem("SD-TABLES-039", f"{where}.rules.{i}", what, nearest(rule.total, names)))
        misfit = _find_misfit(rule, {n: kind_of(columns[n].form) for n in own if n in columns})
        if misfit:
            mend = "Name columns of numbers, or for an order columns of times."
            found.append(Problem("SD-TABLES-040", f"{where}.rules.{i}", misfit, mend))
    return found


def _find_misfit(rule: Rule, kinds: Mapping[str, str | None]) -> str:
    """Why a rule does not go with its columns, as far as their meanings are stated; empty if it may."""
    known = {n: k for n, k in kinds.items() if k is not None}
    added = isinstance(rule, SumRule)
    for name, kind in known.items():
        if kind != "number" and (added or not kind):
            return f"{name!r} is not a number{'' if added else ' or a time'}, as the rule needs"
    if len(set(known.values())) > 1:
        return f"{' and '.join(map(repr, known))} cannot be compared: one is a number, the other a time"
    return ""
