"""Faults that known ranges and values show before a row is made: parameters, shares, cases, windows and rules that cannot be."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from sundog.core.errors import nearest
from sundog.kinds.records import fields_words as words
from sundog.kinds.records._formula import Formula, tell_out_of_range
from sundog.kinds.records._laws import find_law_faults
from sundog.kinds.records._session import Session
from sundog.kinds.records.fields_numbers import AnyField, BooleanField, ConstantField, IntegerField, Missing, TableField

_ROUNDED = 1e-9
"""Ranges of floats may be so much wider than what is computed."""
_OTHERS = (-1e9, 0.5, 1e9)
"""What stands for a parameter of which nothing is known: a fault that is there with all of them is another's."""
_MOST_LISTED = 1_000
"""Whole numbers of a known range that cases are compared with."""


def check_parameters(session: Session, said: AnyField, programs: Mapping[str, Formula], where: str, case: bool) -> bool:
    """Whether parameters that are expressions stay in the range of their law, as far as their ranges are known.

    A fault of one end is a fault, as with a divisor that can be 0. A case of another field is taken only in some rows, so there
    both ends must be wrong. Of two expressions that depend on one another only what is wrong for each by itself is told.

    Args:
        session: of the part.
        said: the field.
        programs: expressions of its parameters, by name.
        where: place in the recipe.
        case: whether the field is a case of another.
    """
    ends = {name: _list_ends(program) for name, program in programs.items()}
    whole = True
    for name, program in programs.items():
        others = [n for n in programs if n != name]
        found = [_find_alike(said, name, end, others) for end in ends[name]]
        if not found or (case and not all(found)):
            continue
        fault = next((f for f in found if f), "")
        if fault:
            whole = False
            what = f"{fault}, which {program.program.text!r} can give"
            session.problems.append(tell_out_of_range(f"{where}.{name}", what))
    if whole and len(programs) > 1 and all(ends.values()):
        every = [_find_faults(said, dict(zip(ends, e, strict=True))) for e in itertools.product(*ends.values())]
        if all(every):
            session.problems.append(
                tell_out_of_range(where, f"{every[0][0]}, and so with all values that they can have")
            )
            whole = False
    return whole


def _list_ends(program: Formula) -> list[float]:
    """Ends of its range that are known; a float hardly ever takes an end itself."""
    low, high = program.type.low, program.type.high
    if low is None or high is None:
        return [end for end in (low, high) if end is not None]
    lines = program.program.lines
    whole = bool(lines) and lines[-1].step.kernel == "int_to_float"
    inside = 0.0 if whole or program.type.kind == "int64" else 1e-6 * (high - low)
    return [low + inside, high - inside]


def _find_faults(said: AnyField, given: Mapping[str, float]) -> tuple[str, ...]:
    return find_law_faults(said, given)


def _find_alike(said: AnyField, name: str, end: float, others: Sequence[str]) -> str:
    """A fault that the law has with this parameter whatever the others are; empty for none."""
    if not others:
        return next(iter(_find_faults(said, {name: end})), "")
    found = [_find_faults(said, {name: end, **dict.fromkeys(others, value)}) for value in _OTHERS]
    return next((f for f in found[0] if all(f in more for more in found)), "")


def check_share(session: Session, share: Formula, where: str) -> bool:
    """Whether a share lies between 0 and 1, as far as its range is known."""
    low, high = share.type.low, share.type.high
    for end in (low, high):
        if end is not None and not -_ROUNDED <= end <= 1 + _ROUNDED:
            what = f"a share lies between 0 and 1, and {share.program.text!r} can be {end:g}"
            session.problems.append(tell_out_of_range(where, what, "Keep it in range: clip(x, 0, 1)."))
            return False
    return True


def check_cases(session: Session, table: str, said: words.ConditionalField, where: str) -> bool:
    """Whether each case is a value that the earlier field can have, as far as its values are known."""
    kind = session.types.get((table, said.given))
    known = _list_values(session, table, said.given)
    wrong = False
    for key in said.cases:
        if known is not None and key in known:
            continue
        what = fix = ""
        if known is not None:
            what = f"{key!r} is no value of {said.given!r} ({', '.join(known[:8])}{', ...' if len(known) > 8 else ''})"
            fix = nearest(key, known)
        elif kind is not None and kind.kind in ("int64", "float64", "date", "bool"):
            written = _write_as(key, kind.kind)
            if written != key:
                what = f"{key!r} is how no value of {said.given!r} is written, which is {kind}"
                fix = f"Write {written!r}." if written else f"Write it as a {kind}."
        if what:
            wrong = True
            session.fault("SD-RECORDS-041", f"{where}.cases.{key}", what, fix)
    return not wrong


def _write_as(key: str, kind: str) -> str:
    """The text of the value that a key means, as it is compared; empty where it means none."""
    types = {"int64": pa.int64(), "float64": pa.float64(), "date": pa.date32(), "bool": pa.bool_()}
    try:
        text: str = pa.array([key.strip()]).cast(types[kind]).cast(pa.string())[0].as_py()
    except pa.ArrowInvalid:
        return ""
    return text


def _list_values(session: Session, table: str, name: str, seen: tuple[tuple[str, str], ...] = ()) -> list[str] | None:
    """All values that a field can have, as text; None where they are not known."""
    spec = session.part.tables[table]
    said = spec.fields.get(name)
    if said is None or (table, name) in seen:
        return None
    if isinstance(said, words.ParentField) and spec.parent is not None:
        return _list_values(session, spec.parent, said.field, (*seen, (table, name)))
    return _list_own(said)


def _list_own(said: AnyField) -> list[str] | None:
    match said:
        case words.CategoryField():
            return list(said.values)
        case BooleanField():
            return ["true", "false"]
        case ConstantField() if isinstance(said.value, bool | str | int):
            return [str(said.value).lower() if isinstance(said.value, bool) else str(said.value)]
        case words.StatesField():
            return list(dict.fromkeys([*said.start, *said.moves, *(n for to in said.moves.values() for n in to)]))
        case words.PersonField(part="sex"):
            return ["female", "male"]
        case IntegerField() if isinstance(said.low, int) and isinstance(said.high, int):
            return list(map(str, range(said.low, said.high + 1))) if said.high - said.low < _MOST_LISTED else None
        case TableField() if all(isinstance(v, int) for v in said.values):
            return [str(v) for v in said.values]
        case words.ListedField() if all(isinstance(v, str) for v in said.values):
            return [str(v) for v in said.values]
        case words.ConditionalField():
            parts = [_list_own(c) for c in (*said.cases.values(), said.otherwise) if c is not None]
            return None if None in parts else list(dict.fromkeys(v for p in parts if p is not None for v in p))
    return None


def check_groups(session: Session, table: str) -> None:
    """Fields that groups of a table name, and what fields say that are missing together."""
    spec = session.part.tables[table]
    for number, group in enumerate(spec.one_of):
        for name in group.fields:
            session.lacks(session.at(table, "one_of", str(number)), table, name)
    for one in spec.correlated:
        if not any(name in spec.fields for name in one.fields):  # else a field that is there tells of the others
            for name in one.fields:
                session.lacks(session.at(table, "correlated"), table, name)
    shares: dict[str, tuple[str, tuple[object, ...]]] = {}
    for name, field in spec.fields.items():
        gaps = field.missing
        if not isinstance(gaps, Missing) or gaps.together is None:
            continue
        own = (gaps.share, gaps.when, gaps.share_when if gaps.when is not None else None)
        first, theirs = shares.setdefault(gaps.together, (name, own))
        if own != theirs:
            what = f"{name!r} and {first!r} are missing together ({gaps.together!r}), and their shares differ"
            fix = "Give both the same 'share', 'when' and 'share_when'."
            session.fault("SD-RECORDS-042", f"{session.at(table, 'fields', name)}.missing", what, fix)


def check_window(session: Session, table: str, start: Formula, stop: Formula, where: str) -> bool:
    """Whether a window can hold anything: it does not end before it starts in every row, as far as that is known."""
    first, last = _find_moment(session, table, start, True), _find_moment(session, table, stop, False)
    if first is None or last is None or first <= last:
        return True
    what = f"{start.program.text!r} is not before {_say(first)}, and {stop.program.text!r} not after {_say(last)}"
    session.fault("SD-RECORDS-043", where, f"the window ends before it starts: {what}", "Let it start earlier.")
    return False


def _find_moment(session: Session, table: str, formula: Formula, earliest: bool) -> np.datetime64 | None:
    """The earliest (or the latest) moment that a constant, or a date or timestamp field, can be."""
    program = formula.program
    if not set(program.columns) - {"as_of"} and not (program.children or program.lookups or program.within_parent):
        if "as_of" in program.columns and (table, "as_of") in session.types:
            return None
        value = formula.run({}, 1).cast(pa.timestamp("us", tz=formula.type.zone))
        return None if value[0].as_py() is None else np.datetime64(value.cast(pa.int64())[0].as_py(), "us")
    said = session.part.tables[table].fields.get(program.text.strip("` "))
    if isinstance(said, words.DateField):
        return np.datetime64(said.start if earliest else said.stop, "us")
    if isinstance(said, words.TimestampField) and said.zone is None and said.start.tzinfo is None:
        return np.datetime64((said.start if earliest else said.stop).replace(tzinfo=None), "us")
    return None


def _say(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[s]")).replace("T00:00:00", "").replace("T", " ")


def check_rule(session: Session, rule: Formula, where: str) -> bool:
    """Whether a rule can hold in any row, as far as that is known."""
    high = rule.type.high
    if high is None or not math.isfinite(high) or high > 0:
        return True
    what = f"{rule.program.text!r} holds in no row, by the ranges of its fields"
    session.fault("SD-RECORDS-044", where, what, "Loosen the rule, or change the fields' laws.")
    return False
