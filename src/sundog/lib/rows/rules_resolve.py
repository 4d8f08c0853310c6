"""From what holds in the data, or what the user states, to rules that can be kept together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.rows.rules import Candidate, align, find_ordered, find_points, is_sum, sample_rows
from sundog.lib.rows.rules_echo import find_echoes
from sundog.lib.rows.rules_functions import Determined, find_functions, judge_function, judge_line
from sundog.lib.rows.rules_sums import find_sums
from sundog.lib.rows.settings import CodecSettings, Function, Ordered, Point, Rule, Sum


@dataclass(slots=True)
class Kept:
    """Rules that are kept, in the form in which each column is made.

    Attributes:
        functions: determined column to how.
        sums: computed column to (plus, minus).
        gaps: column to the columns that it is never below.
        points: latitude to longitude.
        echoes: column to the earlier columns whose value it often repeats (not a rule).
        rules: all of them, as stated.
        remarks: (column, sentence).
    """

    functions: dict[str, Determined] = field(default_factory=dict)
    sums: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    echoes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lookup_keys(self) -> frozenset[str]:
        """Columns that must be coded by their values."""
        return frozenset(f.of for f in self.functions.values() if f.how == "lookup")

    @property
    def busy(self) -> frozenset[str]:
        """Columns that are not coded by themselves."""
        return (
            frozenset(self.functions)
            | frozenset(self.sums)
            | frozenset(self.gaps)
            | frozenset(self.points)
            | frozenset(self.points.values())
        )

    def needs(self, column: str) -> tuple[str, ...]:
        """Columns that must be made before this one."""
        if column in self.functions:
            return (self.functions[column].of,)
        if column in self.sums:
            return (*self.sums[column][0], *self.sums[column][1])
        return self.gaps.get(column, ())

    def reaches(self, start: str, goal: str) -> bool:
        """Whether ``start`` is made from ``goal``, at any distance."""
        return any(n == goal or self.reaches(n, goal) for n in self.needs(start))


def resolve_rules(
    columns: Sequence[Candidate], rows: int, settings: CodecSettings, generator: np.random.Generator
) -> Kept:
    """The rules to keep.

    Raises:
        RequestError: a stated rule names an unknown column, or some rows of the data break it.
    """
    kept = Kept()
    if settings.rules == "none" or len(columns) < 2:
        return kept
    if settings.rules != "found":
        _take_stated(kept, columns, settings.rules, settings)
        pool = [c for c in columns if c.name not in kept.busy | kept.lookup_keys]
        if settings.echoes:
            kept.echoes = find_echoes(sample_rows(pool, rows, generator), rows, settings.min_support, settings.bins)
        return kept
    by_name = {c.name: c for c in columns}
    points = find_points(columns)
    for latitude, longitude in points:
        _add_point(kept, latitude, longitude)
    pool = [c for c in columns if c.name not in kept.busy]
    sample = sample_rows(pool, rows, generator)
    for determined in find_functions(pool, sample, settings.min_support, settings.bins):
        _add_function(kept, determined)
    left = [i for i, c in enumerate(pool) if c.name not in kept.functions]
    pool, sample = [pool[i] for i in left], [sample[i] for i in left]
    for total, terms in find_sums(pool, sample, generator):
        _add_sum(kept, total, terms)
    for high, lows in find_ordered(pool, sample).items():
        _add_ordered(kept, high, lows, by_name, settings.min_support)
    plain = [c for c in sample if c.name not in kept.busy | kept.lookup_keys]
    kept.echoes = find_echoes(plain, rows, settings.min_support, settings.bins) if settings.echoes else {}
    for column in columns:
        column.forget()
    return kept


def _add_point(kept: Kept, latitude: str, longitude: str) -> None:
    kept.points[latitude] = longitude
    kept.rules.append(Point(latitude, longitude))
    kept.remarks.append((latitude, f"and {longitude} are one place: coded together."))


def _add_function(kept: Kept, determined: Determined) -> None:
    how = {
        "lookup": "looked up by",
        "steps": "changes at a few places along",
        "line": f"is {determined.slope:g} times",
    }[determined.how]
    tail = f" plus {determined.intercept:g}, rounded" if determined.how == "line" else ""
    kept.functions[determined.value] = determined
    kept.rules.append(Function(determined.value, determined.of))
    kept.remarks.append(
        (
            determined.value,
            f"is a function of {determined.of} in every row ({how} {determined.of}{tail}); it is computed, not drawn.",
        )
    )


def _add_sum(kept: Kept, total: str, terms: tuple[str, ...]) -> None:
    """Compute the total, or a term where the total can't be computed."""
    taken = kept.busy | kept.lookup_keys
    for column, plus, minus in (
        (total, terms, ()),
        *((t, (total,), tuple(x for x in terms if x != t)) for t in reversed(terms)),
    ):
        if column in taken or any(n == column or kept.reaches(n, column) for n in (*plus, *minus)):
            continue
        kept.sums[column] = (plus, minus)
        kept.rules.append(Sum(total, terms))
        kept.remarks.append((column, f"is computed: {total} = {' + '.join(terms)} in every row."))
        return
    kept.remarks.append(
        (
            total,
            f"= {' + '.join(terms)} in every row, but other rules leave no column to compute; this sum is not kept.",
        )
    )


def _add_ordered(kept: Kept, high: str, lows: tuple[str, ...], by_name: Mapping[str, Candidate], support: int) -> None:
    terms = kept.sums.get(high, ((), ()))[0]
    lows = tuple(low for low in lows if low not in terms)  # a sum of parts that are not negative says this already
    usable = tuple(low for low in lows if low != high and not kept.reaches(low, high))
    present = np.any([by_name[low].ticks.finite for low in usable], axis=0) if usable else np.zeros(0, dtype=bool)
    if usable and int((by_name[high].ticks.finite & present).sum()) < support:
        kept.remarks.append(
            (
                high,
                f"and {', '.join(usable)} are both present in too few rows to learn their distance; the rule between them is not kept.",
            )
        )
        return
    if not usable:
        return
    if high in kept.busy or high in kept.lookup_keys or len(usable) > 6:
        kept.remarks.append(
            (high, f"is never below {', '.join(usable)}; this is not kept, since other rules make {high}.")
        )
        return
    kept.gaps[high] = usable
    kept.rules.extend(Ordered(low, high) for low in usable)
    kept.remarks.append(
        (high, f"is never below {', '.join(usable)} in any row; its distance is drawn, so that this holds.")
    )


def _take_stated(kept: Kept, columns: Sequence[Candidate], rules: tuple[Rule, ...], settings: CodecSettings) -> None:
    by_name = {c.name: c for c in columns}
    problems: list[Problem] = []
    above: dict[str, list[str]] = {}
    for i, rule in enumerate(rules):
        where = f"rules[{i}]"
        names = names_of(rule)
        unknown = [n for n in names if n not in by_name]
        if unknown:
            problems.append(
                Problem(
                    "SD-TABLES-110",
                    where,
                    f"{unknown[0]!r} is not a column that is learned",
                    nearest(unknown[0], by_name),
                )
            )
            continue
        misfit = _find_misfit(rule, by_name)
        if misfit:
            mend = "Name columns of numbers or of times; of other columns, one can be a function of another."
            problems.append(Problem("SD-TABLES-117", where, misfit, mend))
            continue
        broken = count_broken(rule, by_name)
        if broken:
            problems.append(
                Problem(
                    "SD-TABLES-111",
                    where,
                    f"{broken} {'row of the source breaks' if broken == 1 else 'rows of the source break'} the rule {say_rule(rule)}",
                    "Leave the rule out, or mend the rows.",
                )
            )
            continue
        match rule:
            case Point():
                _add_point(kept, rule.latitude, rule.longitude)
            case Function():
                root = rule.of
                while root in kept.functions:
                    root = kept.functions[root].of
                if root == rule.value or rule.value in kept.functions or kept.reaches(root, rule.value):
                    kept.rules.append(rule)  # follows from what is kept already
                    continue
                of, value = by_name[root], by_name[rule.value]
                both = of.family == value.family == "number"
                found = judge_function(of, value, settings.min_support, settings.bins) or (
                    judge_line(of, value) if both else None
                )
                _add_function(kept, found or Determined(rule.value, root, "lookup"))
            case Sum():
                _add_sum(kept, rule.total, rule.terms)
            case Ordered():
                above.setdefault(rule.high, []).append(rule.low)
    if problems:
        raise RequestError(*problems)
    for high, lows in above.items():
        _add_ordered(kept, high, tuple(lows), by_name, settings.min_support)


def _find_misfit(rule: Rule, columns: Mapping[str, Candidate]) -> str:
    """Why the columns of a rule cannot be compared or added; empty where they can."""
    if isinstance(rule, Function):
        return ""
    names = names_of(rule)
    plain = next((n for n in names if not columns[n].family), None)
    if plain is not None:
        return (
            f"{plain!r} is not a number"
            + (" or a time" if isinstance(rule, Ordered | Sum) else "")
            + f", as {say_rule(rule)} needs"
        )
    first = columns[names[0]].family
    other = next((n for n in names if columns[n].family != first), None)
    if other is None:
        return ""
    return f"{names[0]!r} and {other!r} cannot be compared: one is a {first.split()[0]}, the other a {columns[other].family.split()[0]}"


def names_of(rule: Rule) -> tuple[str, ...]:
    """Columns that the rule speaks of."""
    match rule:
        case Point():
            return rule.latitude, rule.longitude
        case Function():
            return rule.of, rule.value
        case Sum():
            return rule.total, *rule.terms
        case Ordered():
            return rule.low, rule.high


def say_rule(rule: Rule) -> str:
    """The rule in words."""
    match rule:
        case Point():
            return f"({rule.latitude}, {rule.longitude}) is a place"
        case Function():
            return f"{rule.value} is a function of {rule.of}"
        case Sum():
            return f"{rule.total} = {' + '.join(rule.terms)}"
        case Ordered():
            return f"{rule.low} <= {rule.high}"


def count_broken(rule: Rule, columns: Mapping[str, Candidate]) -> int:
    """Rows that break the rule. Of rows with the same ``of``, those that differ from the most frequent value count."""
    match rule:
        case Ordered():
            low, high = columns[rule.low], columns[rule.high]
            if low.family != high.family or not low.family:
                return len(low.array)
            assert low.scale is not None
            assert high.scale is not None
            if low.scale.integral and high.scale.integral:
                decimals = max(low.scale.decimals, high.scale.decimals)
                x, y = align(low)(decimals), align(high)(decimals)
                return int((x.finite & y.finite & (x.values > y.values)).sum())
            a, b = low.ticks.values / 10.0**low.scale.decimals, high.ticks.values / 10.0**high.scale.decimals
            return int((low.ticks.finite & high.ticks.finite & (a > b)).sum())
        case Sum():
            return _count_broken_sums(rule, columns)
        case Function():
            x_codes, y_codes = columns[rule.of].codes, columns[rule.value].codes
            pairs, counts = np.unique(np.column_stack([x_codes, y_codes]), axis=0, return_counts=True)
            most = np.zeros(int(pairs[:, 0].max(initial=0)) + 1, dtype=np.int64)
            np.maximum.at(most, pairs[:, 0], counts)
            return int(len(x_codes) - most.sum())
        case Point():
            return int((columns[rule.latitude].ticks.finite != columns[rule.longitude].ticks.finite).sum())


def _count_broken_sums(rule: Sum, columns: Mapping[str, Candidate]) -> int:
    parts = [columns[n] for n in (rule.total, *rule.terms)]
    scales = [p.scale for p in parts]
    if any(s is None for s in scales):
        return len(parts[0].array)
    decimals = max(s.decimals for s in scales if s is not None)
    if all(s is not None and s.integral for s in scales):
        ticks = [align(p)(decimals) for p in parts]
        if is_sum(ticks[0], ticks[1:], (), True):
            return 0
        value = np.sum([t.values for t in ticks[1:]], axis=0) - ticks[0].values
        off = value != 0
    else:
        ticks = [p.ticks for p in parts]
        floats = [t.values / 10.0 ** (s.decimals if s is not None else 0) for t, s in zip(ticks, scales, strict=True)]
        off = np.abs(np.sum(floats[1:], axis=0) - floats[0]) > 1e-9 * np.max(np.abs(floats), axis=0)
    absent = np.any([~t.finite for t in ticks[1:]], axis=0)
    return int(((absent != ~ticks[0].finite) | (~absent & ticks[0].finite & off)).sum())
