"""The draft of a recipe from differentially private answers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from sundog.kinds.records.fields_numbers import AnyField
from sundog.kinds.records.fields_words import SequenceField, UniqueField
from sundog.kinds.records.start.asked import EPOCH
from sundog.kinds.records.start.curves import Curve
from sundog.kinds.records.start.drafts import Draft, PartDraft, TableDraft, name_table
from sundog.kinds.records.start.exact import round_rows
from sundog.kinds.records.start.fit import fit_curve
from sundog.kinds.records.start.noisy import (
    correlate_cells,
    draw_curve,
    find_missing,
    find_noise,
    find_zeros,
    shape_noisy,
    weigh,
)
from sundog.kinds.records.start.numbers import with_missing
from sundog.kinds.records.start.private import Heard, PrivateRequest, count_rows, spent
from sundog.kinds.records.start.stated import (
    BooleanColumn,
    CategoryColumn,
    DateColumn,
    FieldColumn,
    NumberColumn,
    SkippedColumn,
    StatedColumn,
)
from sundog.kinds.records.start.times import draft_day_number
from sundog.kinds.records.start.together import choose_fields, fit_copula
from sundog.lib.privacy.asking import Counts
from sundog.lib.rows.infer_meaning import split_name

NOT_READ = "stated before any row was read"


def draft_private(heard: Heard, request: PrivateRequest, table: str, source: str) -> PartDraft:
    """One part: the table, and above it a table of persons where they are the unit of privacy.

    Args:
        heard: the answers.
        request: what was asked.
        table: name of the table.
        source: name of the file.
    """
    drafts = tuple(
        draft_column(heard, name, said) for name, said in request.columns.items() if not isinstance(said, SkippedColumn)
    )
    correlated, origin = _correlate(heard, request, drafts)
    person = request.neighbours.person
    rows = round_rows(max(1, round(count_rows(heard))))
    remarks = (f"From {source}, by differentially private answers only.",)
    total = spent(heard, request.spend.delta)
    if not person:
        tables: tuple[TableDraft, ...] = (
            TableDraft(table, drafts, rows, correlated=correlated, remarks=remarks, origin=origin),
        )
    else:
        tables = _draft_persons(heard, request, table, drafts, correlated, remarks, origin)
    read: dict[str, object] = {
        "source": source,
        "table": table,
        "mode": "dp",
        "epsilon": _round_up(total.epsilon),
        "delta": total.delta,
        "unit": request.neighbours.text,
        "taken_as_public": ["names of columns", "types, bounds and domains as stated", "name of the file"],
        "ledger": [_write_release(r) for r in heard.releases],
    }
    return PartDraft(tables[0].name, tables, (read,))


def _round_up(epsilon: float) -> float:
    """Six significant digits, never below."""
    digits = 5 - math.floor(math.log10(epsilon))
    rounded = round(epsilon, digits)
    return rounded if rounded >= epsilon * (1 - 1e-12) else round(rounded + 10.0**-digits, digits)


def _write_release(release: object) -> dict[str, object]:
    from sundog.lib.privacy.ledger import Release

    assert isinstance(release, Release)
    loss = release.loss
    return {
        "asked": release.asked,
        "columns": list(release.columns),
        "mechanism": release.mechanism,
        "scale": release.scale * release.step,
        **({} if math.isinf(loss.epsilon) else {"epsilon": loss.epsilon}),
        "rho": loss.rho,
        "delta": loss.delta,
    }


def _say(heard: Heard, words: str, *names: tuple[str, ...]) -> str:
    """The origin of what was read under noise: which answers of the ledger, and what they cost."""
    numbers = heard.numbers_of(*names)
    own = [heard.releases[i - 1] for i in numbers]
    if not own:
        return NOT_READ
    pure = all(not math.isinf(r.loss.epsilon) for r in own)
    cost = f"epsilon {sum(r.loss.epsilon for r in own):.4g}" if pure else f"rho {sum(r.loss.rho for r in own):.4g}"
    mechanisms = ", ".join(dict.fromkeys(r.mechanism for r in own))
    told = f"answers {', '.join(map(str, numbers))}" if len(numbers) > 1 else f"answer {numbers[0]}"
    return f"DP: {words}; {cost}, delta {sum(r.loss.delta for r in own):.3g}, OpenDP {mechanisms}; {told} of the ledger in `read`"


def draft_column(heard: Heard, name: str, said: StatedColumn) -> Draft:
    """The field of one column."""
    match said:
        case FieldColumn(field=stated):
            return Draft(name, _write_field(stated), NOT_READ, number="")
        case NumberColumn(decimals=decimals):
            return _draft_number(heard, name, decimals)
        case CategoryColumn():
            return _draft_category(heard, name)
        case BooleanColumn():
            counts = heard.counts("values", name)
            assert counts is not None
            noise = find_noise(counts.releases[0])
            share = round(
                float(np.clip(counts.counts[0] / max(float(np.maximum(counts.counts, 0).sum()), 1.0), 0, 1)), 4
            )
            missing = find_missing(counts.counts, counts.missing or 0, noise)
            return Draft(
                name,
                with_missing({"type": "boolean", "share": share}, missing),
                _say(heard, "the rows of true and false", ("values", name)),
                number=name,
            )
        case DateColumn():
            return _draft_days(heard, name, said)
        case _:
            raise ValueError("such a column has no field")


def _write_field(stated: AnyField) -> Mapping[str, object]:
    return dict(stated.model_dump(mode="json", exclude_defaults=True))


def _draft_number(heard: Heard, name: str, decimals: int | None) -> Draft:
    counts = heard.counts("bins", name)
    if counts is None:
        said: dict[str, object] = {"type": "uniform", "low": 0.0, "high": 1.0}
        return Draft(
            name,
            said,
            _say(heard, "no bounds stood out of the noise", ("bounds", name)),
            ("State a law.",),
            number=name,
        )
    noise, bins = find_noise(counts.releases[0]), heard.bins[name]
    missing = find_missing(counts.counts, counts.missing or 0, noise)
    zeros = find_zeros(counts.counts, bins, noise)
    curve = draw_curve(counts.counts, bins, noise, bool(zeros))
    asked = (("bounds", name), ("bins", name))
    if curve is None:
        low, high = (0.0, bins.edges[-1]) if bins.edges[-1] > 0 else (bins.edges[0], 0.0)
        bare: dict[str, object] = {"type": "uniform", "low": low, "high": high}
        said = with_missing({**bare, "zeros": zeros} if zeros else bare, missing)
        return Draft(
            name,
            said,
            _say(heard, "no bin stood out of the noise", *asked),
            ("Its ends are those that were stated.",),
            number=name,
        )
    fitted = fit_curve(curve, decimals)
    said = dict(fitted.said)
    if zeros and said["type"] not in ("integer", "poisson", "negative_binomial"):
        said["zeros"] = zeros
    remark = f"Its shares are within {fitted.off:.3f} of the noisy ones; those may be off by {curve.noise:.3f}."
    return Draft(name, with_missing(said, missing), _say(heard, "rows by bin", *asked), (remark,), number=name)


def _draft_category(heard: Heard, name: str) -> Draft:
    counts = heard.counts("values", name)
    assert counts is not None
    if not counts.labels:
        said: dict[str, object] = {"type": "category", "values": ["none told"]}
        return Draft(
            name, said, _say(heard, "no value was common enough to be told", ("values", name)), ("State the values.",)
        )
    noise = find_noise(counts.releases[0])
    missing = find_missing(counts.counts, counts.missing or 0, noise)
    remarks = [] if counts.other is not None else ["Only common values were told; the others are left out."]
    said = with_missing({"type": "category", "values": weigh(counts.labels, counts.counts, noise)}, missing)
    return Draft(name, said, _say(heard, "rows by value", ("values", name)), tuple(remarks))


def _draft_days(heard: Heard, name: str, said: DateColumn) -> Draft:
    counts = heard.counts("bins", name)
    assert counts is not None
    noise, bins = find_noise(counts.releases[0]), heard.bins[name]
    missing = find_missing(counts.counts, counts.missing or 0, noise)
    curve = draw_curve(counts.counts, bins, noise, False)
    calendar = {}
    start, stop = said.start, said.stop
    if curve is not None:
        start = max(start, EPOCH + timedelta(days=math.ceil(curve.at[0])))
        stop = min(stop, EPOCH + timedelta(days=math.floor(curve.at[-1])))
    for part, answer, possible in (
        ("weekdays", heard.counts("weekdays", name), 7),
        ("hours", heard.counts("hours", name), 24),
    ):
        if answer is not None:
            shape = shape_noisy(answer.counts, np.ones(possible, np.int64), find_noise(answer.releases[0]))
            if shape is not None:
                calendar[part] = shape
    names = (("bins", name), ("weekdays", name), ("hours", name))
    even = curve is None or _is_even(curve)
    if not even and said.type == "date" and curve is not None:
        return draft_day_number(name, curve, missing, _say(heard, "{words} from rows by part of the time", *names[:1]))
    out: dict[str, object] = {
        "type": said.type,
        "start": _write(start, said),
        "stop": _write(stop + timedelta(days=said.type == "timestamp"), said),
    }
    if calendar:
        out["calendar"] = calendar
    remarks = (
        () if even else ("The real table has more at some times than at others; here all days of a kind are alike.",)
    )
    return Draft(
        name, with_missing(out, missing), _say(heard, "rows by part of the time, weekday and hour", *names), remarks
    )


def _is_even(curve: Curve) -> bool:
    line = (curve.at - curve.at[0]) / (curve.at[-1] - curve.at[0])
    return bool(np.abs(line - curve.below).max() <= 0.03 + curve.noise)


def _write(day: date, said: DateColumn) -> str:
    return day.isoformat() if said.type == "date" else f"{day.isoformat()} 00:00:00"


def _correlate(
    heard: Heard, request: PrivateRequest, drafts: tuple[Draft, ...]
) -> tuple[tuple[tuple[tuple[str, ...], tuple[tuple[float, ...], ...]], ...], str]:
    pairs = {k[1:]: a for k, a in heard.answers.items() if k[0] == "pair" and isinstance(a, Counts)}
    if not pairs:
        return (), ""
    names = list(dict.fromkeys(n for pair in pairs for n in pair))
    matrix = np.eye(len(names))
    for (first, second), answer in pairs.items():
        groups = heard.bins[f"{first} with {second}"].edges
        rho, error = correlate_cells(answer.counts, (int(groups[0]), int(groups[1])), find_noise(answer.releases[0]))
        i, j = names.index(first), names.index(second)
        matrix[i, j] = matrix[j, i] = rho if abs(rho) > 3 * error else 0.0
    origin = _say(heard, "rows by groups of two columns", *(("pair", *p) for p in pairs))
    chosen, found = choose_fields(names, matrix, count_rows(heard))
    kept, stated, _ = fit_copula(chosen, found, {d.name: d.said for d in drafts}) if chosen else ((), found, False)
    if not kept:
        return (), origin
    return ((kept, tuple(tuple(float(x) for x in row) for row in stated.tolist())),), origin


def _draft_persons(
    heard: Heard,
    request: PrivateRequest,
    table: str,
    drafts: tuple[Draft, ...],
    correlated: tuple[tuple[tuple[str, ...], tuple[tuple[float, ...], ...]], ...],
    remarks: tuple[str, ...],
    origin: str,
) -> tuple[TableDraft, TableDraft]:
    """Persons with their key, and the rows that hang on them by a law of how many."""
    person = request.neighbours.person
    answer = heard.counts("children")
    assert answer is not None
    # Each person's rows all say how many they are.
    number = np.arange(1, len(answer.counts) + 1)
    noise = find_noise(answer.releases[0])
    rows = np.where(answer.counts > noise, answer.counts, 0)
    persons = rows / number
    total = float(persons.sum())
    law: dict[str, object] = {"type": "constant", "value": 1}
    if total > 0:
        values = {int(k): w for k, n in zip(number, persons, strict=True) if (w := round(float(n / total), 4)) > 0}
        law = {"type": "table", "values": values}
    parent = name_table(
        "_".join(w for w in split_name(person) if w not in ("id", "key", "nr", "no")) or "person", [table]
    )
    stated = request.columns.get(person)
    key: Mapping[str, object] = {"type": "sequence"}
    if isinstance(stated, FieldColumn) and isinstance(stated.field, SequenceField | UniqueField):
        key = _write_field(stated.field)
    own = TableDraft(parent, (Draft(person, key, NOT_READ),), round_rows(max(1, round(total))), remarks=remarks)
    link = Draft(person, {"type": "parent", "field": person}, "the person's, by construction")
    told = _say(heard, "rows of persons by how many they have", ("children",))
    rest = tuple(d for d in drafts if d.name != person)
    child = TableDraft(
        table,
        (link, *rest),
        parent=parent,
        count=law,
        correlated=correlated,
        origin=f"{told}. Correlations, {origin}" if origin else told,
    )
    return own, child
