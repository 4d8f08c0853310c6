"""Persons, places, identifiers, patterns and text templates as columns."""

from __future__ import annotations

import re

import pyarrow as pa

from sundog.core.errors import RequestError, nearest
from sundog.kinds.records import fields_words as words
from sundog.kinds.records._columns import Column, ConstantColumn, Drawn, FromWords, LawColumn
from sundog.kinds.records._order import find_braces, find_sex
from sundog.kinds.records._serial import SequenceColumn, check_mask, split_mask, tell_no_place
from sundog.kinds.records._session import Session
from sundog.kinds.records._words import (
    MACHINES,
    CodeColumn,
    CompanyColumn,
    LocalCodeColumn,
    PersonColumn,
    PlaceColumn,
    ProductColumn,
    TextColumn,
    TiedCodeColumn,
    UniqueColumn,
)
from sundog.lib.laws.law import find_extremes
from sundog.lib.words.codes import list_forms
from sundog.lib.words.locales import read_locale
from sundog.lib.words.patterns import Pattern, compile_mask, compile_regex
from sundog.lib.words.strings import Text
from sundog.lib.words.texts import compile_text

PER_PARENT = 2**16
"""Most codes that a unique field in a table with a parent keeps for each unit."""

MOST_NUMBERS = 2**24
"""Numbers that a sequence keeps for each unit where the number of its rows has no bound."""

NATIONAL = {
    "US": "ssn_us", "GB": "nino_gb", "DE": "taxid_de", "AT": "svnr_at", "NL": "bsn_nl", "FR": "nir_fr", "ES": "dni_es",
    "IT": "cf_it", "BR": "cpf_br", "SE": "personnummer_se", "FI": "hetu_fi", "PL": "pesel_pl", "TR": "tckn_tr",
    "JP": "mynumber_jp", "GR": "amka_gr", "UA": "rnokpp_ua",
}  # fmt: skip


def compile_word(
    session: Session,
    table: str,
    said: words.PersonField | words.PlaceField | words.WordsField | words.IdentifierField,
    where: str,
) -> Column | None:
    """A field of a person, a place, a company, a product or an identifier."""
    if isinstance(said, words.PlaceField):
        return PlaceColumn(said.part, said.where, session.locales)
    if isinstance(said, words.WordsField):
        return CompanyColumn(session.locales) if said.of == "company" else FromWords(ProductColumn())
    if isinstance(said, words.IdentifierField):
        return _compile_identifier(session, table, said, where)
    sex = find_sex(session.part.tables[table].fields, said.who)
    if not _is_sex(session, table, sex, where):
        return None
    numbers = None
    if said.unique:
        room = find_room(session, table)
        rows = session.part.tables[session.part.find_top(table)].rows or session.part.units or 10**12
        numbers = (rows * room, room)
    return PersonColumn(said.part, said.who, said.where, sex, session.locales, numbers)


def _is_sex(session: Session, table: str, sex: str | None, where: str) -> bool:
    """Whether a field, if one is named, can hold the sex of a person."""
    if sex is None:
        return True
    if session.lacks(f"{where}.sex", table, sex):
        return False
    step = session.made.get((table, sex))
    if step is None or step.column is None:
        return False
    if step.column.type != pa.string():
        session.wrong_type(f"{where}.sex", f"{sex!r} holds no text", "Its values are female and male.")
        return False
    return True


def _compile_identifier(session: Session, table: str, said: words.IdentifierField, where: str) -> Column | None:
    known = (*MACHINES, *list_forms())
    countries = [read_locale(name).country for name in session.locales.names]
    wanted = [said.of]
    if said.of == "iban":
        wanted = [f"iban_{country.lower()}" for country in countries]
    elif said.of == "national":
        wanted = [NATIONAL.get(country, f"national number of {country}") for country in countries]
    for name in wanted:
        if name not in known:
            what = f"there is no identifier {name!r} ({', '.join(('iban', 'national', *known))})"
            session.fault("SD-RECORDS-012", where, what, nearest(name, known))
            return None
    if said.who is not None or said.born is not None:
        return _compile_tied(session, table, said, tuple(wanted), where)
    local = said.of in ("iban", "national")
    return LocalCodeColumn(tuple(wanted), session.locales) if local else FromWords(CodeColumn(said.of))


def _compile_tied(
    session: Session, table: str, said: words.IdentifierField, forms: tuple[str, ...], where: str
) -> Column | None:
    if said.of != "national" and said.of not in NATIONAL.values():
        what = f"nothing of a person stands in {said.of!r}"
        session.fault("SD-RECORDS-039", where, what, "Take 'who' and 'born' out, or name a national number.")
        return None
    if said.born is not None:
        if session.lacks(f"{where}.born", table, said.born):
            return None
        kind = session.types.get((table, said.born))
        if kind is None:
            return None
        if kind.kind != "date":
            session.wrong_type(f"{where}.born", f"{said.born!r} is {kind}", "Name a date field.")
            return None
    who = said.who or "person"
    sex = find_sex(session.part.tables[table].fields, who)
    if not _is_sex(session, table, sex, where):
        return None
    return TiedCodeColumn(forms, session.locales, who, sex, said.born)


def compile_pattern(session: Session, said: words.PatternField, where: str) -> Pattern | None:
    """A mask or a regular expression."""
    if said.mask is not None and _is_surprising(session, said.mask, f"{where}.mask"):
        return None
    try:
        return compile_mask(said.mask, where) if said.mask is not None else compile_regex(str(said.regex), where)
    except RequestError as error:
        session.took(error)
        return None


def _is_surprising(session: Session, mask: str, where: str) -> bool:
    """Whether a mask gives other texts than its looks say: a word with the sign A or a in it, or nothing that is free."""
    bare = re.sub(r"\[[^\]]*\]", "[]", re.sub(r"\\.", "\\\\", mask))
    word = next((w for w in re.findall(r"[^\W\d_]{2,}", bare) if set(w) & {"A", "a"} and set(w) - {"A", "a"}), None)
    if word is not None:
        what = (
            f"in {word!r} of the mask {mask!r} each A or a is one of all letters, and the others stand for themselves"
        )
        plain = re.sub("([Aa])", r"\\\1", word)
        fix = f"Write {plain} for the letters themselves, or [A-Z] and [a-z] where any may stand."
    elif not set(bare) & set("#%Aa*["):
        what = f"nothing is free in the mask {mask!r}: every text would be the same"
        fix = "Write # for a digit, A for a capital letter, * for either; X stands for itself."
    else:
        return False
    session.fault("SD-RECORDS-045", where, what, fix)
    return True


def find_room(session: Session, table: str) -> int:
    """Numbers that a unit keeps for its rows of a table: as many as it can have, where that is known, else 2**24."""
    room = 1
    while (parent := session.part.tables[table].parent) is not None:
        step = session.made.get((table, ""))
        most = MOST_NUMBERS + 1
        if step is not None and step.count is not None:
            drawn = step.count.drawn
            if isinstance(drawn, ConstantColumn):
                most = int(drawn.value.as_py())
            elif isinstance(drawn, LawColumn) and drawn.law is not None:
                most = int(min(find_extremes(drawn.law)[1], most))  # of what any word can give
        room *= max(most, 1)
        if room > MOST_NUMBERS:
            return MOST_NUMBERS
        table = parent
    return room


def count_attempts(session: Session, table: str) -> int:
    """Rows of the table on top that may be made, rejected ones among them."""
    fixed = session.part.tables[session.part.find_top(table)].rows
    return fixed if fixed is not None else int((session.part.units or 1) * session.part.attempts)


def compile_sequence(session: Session, table: str, said: words.SequenceField, where: str) -> Column | None:
    """Numbers in order; they must fit in 64 bits, and in their mask."""
    for fault in check_mask(said.pattern):
        session.fault("SD-RECORDS-006", where, fault, "# stands for a digit of the number.")
        return None
    room = said.per_unit or find_room(session, table)
    last = said.start + said.step * max(count_attempts(session, table) * room - 1, 0)
    if not -(2**63) <= last < 2**63 or not -(2**63) <= said.start < 2**63:
        what = f"the last number may be {last:,}, beyond 64 bits"
        session.fault("SD-RECORDS-030", where, what, "Give a smaller 'start' or 'step', or fewer units or 'attempts'.")
        return None
    # Without rules no unit is rejected, so that none is attempted beyond those that are asked for.
    ruled = any(spec.rules for spec in session.part.tables.values())
    fixed = session.part.tables[session.part.find_top(table)].rows
    units = count_attempts(session, table) if ruled else fixed or session.part.units or 1
    ends = sorted((said.start, said.start + said.step * max(units * room - 1, 0)))
    if said.pattern is not None and (ends[0] < 0 or ends[1] >= 10 ** split_mask(said.pattern)[1]):
        number = ends[0] if ends[0] < 0 else ends[1]
        what = f"the number {number:,}"
        fix = "Give a longer run of #, and numbers from 0 on; in a table with a parent 'per_unit' says how many a unit keeps."
        session.problems.append(tell_no_place(where, what, said.pattern, fix))
        return None
    return SequenceColumn(said.start, said.step, said.pattern, room, where)


def compile_unique(session: Session, table: str, said: words.UniqueField, where: str) -> Column | None:
    """Codes without repetition; the pattern must have room for all rows."""
    if _is_surprising(session, said.pattern, f"{where}.pattern"):
        return None
    try:
        pattern = compile_mask(said.pattern, where)
    except RequestError as error:
        session.took(error)
        return None
    per_unit = min(find_room(session, table), PER_PARENT)
    needed = per_unit * count_attempts(session, table)
    if not needed <= pattern.count < 2**63:
        what = f"the mask has {pattern.count:,} values; {needed:,} are set aside for the rows that may be attempted"
        session.fault("SD-RECORDS-013", where, what, "Give a longer mask (below 2**63 values), or fewer 'attempts'.")
        return None
    return UniqueColumn(pattern, per_unit, where)


def compile_template(session: Session, table: str, said: words.TemplateField, where: str) -> Drawn | None:
    """A text with earlier fields in braces."""
    fields = session.part.tables[table].fields
    names = find_braces(said.text)
    try:
        template = compile_text(said.text, {name: Text(name) for name in fields}, where)
    except RequestError as error:
        session.took(error)
        return None
    return TextColumn(template, names) if all((table, name) in session.made for name in names) else None
