"""The persons of a table, replaced: what is learned from the real rows, and what takes their columns' place meanwhile.

Columns of identifiers and of free text are taken out before the table is learned. What stays of each is a category that says nothing of
its values: whether there is one, or which template a text has; so missing values and kinds of text still go with the other columns.
``identities_draw`` puts false values back, row by row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.tables import Meaning, meaning_of, with_meaning
from sundog.lib.pii.columns import PersonalColumn, are_whole, judge_column
from sundog.lib.pii.identity_model import Identities, IdentityColumn, SlotPool
from sundog.lib.pii.kinds import MAY_BE_SOMEBODYS
from sundog.lib.pii.name_words import FEMALE, MALE
from sundog.lib.pii.names import NameLists, common_names, gather_names, join_lists
from sundog.lib.pii.national import NUMBERS
from sundog.lib.pii.normal import normalise, write_value
from sundog.lib.pii.people import make_people, name_key, share_locales
from sundog.lib.pii.pools import fill_pool, may_be_somebodys
from sundog.lib.pii.slots import Piece
from sundog.lib.pii.templates import TextTemplates, learn_templates
from sundog.lib.pii.texts import take_apart
from sundog.lib.rows.identifiers import learn_maker, repeats_of
from sundog.lib.rows.infer_marks import pattern_of
from sundog.lib.rows.makers import EmailMaker, NameMaker
from sundog.lib.rows.steps import combine

MOST = 20_000
"""False values of a pool; in more rows than that they come back."""
SLOT_VALUES = 2_000
"""False values of a slot's pool."""
_NAMESAKES = 1.5  # rows for each full name below which those who share one are taken for namesakes
THERE, WITHHELD = "there", "withheld"
"""Categories that stand in the place of values."""

REPLACED = frozenset(
    ("name", "email", "phone", "fax", "address", "iban", "card", "ip", "mac", "imei", "vin", "url", "passport", "licence",
     "medical_record", "health_plan", "account", "plate", "device", "national", *NUMBERS)
)  # fmt: skip
"""Kinds whose columns are replaced here. Keys and codes are remade by ``lib.rows``, dates and numbers are learned."""
WHOLE = frozenset(("phone", "fax", "card", "imei", "national", *NUMBERS))
"""Kinds that are replaced in columns of whole numbers too. Customer, account and record numbers are keys there: ``lib.rows`` numbers them above all of the source."""
_DOMAINS = (
    "example.com",
    "example.net",
    "example.org",
    "mail.example",
    "post.example",
    "web.example",
    "box.example",
    "one.example",
)


@dataclass(frozen=True, slots=True)
class Learned:
    """What is left to learn, and what is not.

    Attributes:
        rows: the table with categories in the place of identifiers and text.
        identities: None where there are neither.
        stand_ins: columns of ``rows`` that stand for identifiers or text.
        remarks: what was decided, column by column.
    """

    rows: pa.Table
    identities: Identities | None
    stand_ins: tuple[str, ...]
    remarks: tuple[Remark, ...]


def learn_identities(
    rows: pa.Table, stated: Mapping[str, str], support: int, person: str, key: Key, drop: Sequence[str] = ()
) -> Learned:
    """Take the persons out of a table.

    Args:
        rows: real rows.
        stated: meaning of columns that the user states.
        support: persons that a text needs.
        person: column that names the person; empty where each row is one, or a column of names or addresses tells.
        key: of the draws.
        drop: columns that are left out anyway.
    """
    found = {c.column: c for c in _judge(rows, stated, drop)}
    values = {n: [write_value(v) for v in combine(rows.column(n)).to_pylist()] for n in found}
    texts = [n for n, c in found.items() if c.kind == "text"]
    columns = [n for n, c in found.items() if c.kind in REPLACED]
    if not texts and not columns:
        return Learned(rows, None, (), ())
    names = [n for n in columns if found[n].kind == "name"]
    lists = _join_own(values, names)
    persons, repeats = _tell_persons(rows, person, values, {n: found[n].kind for n in columns})
    pieces: dict[str, list[list[Piece]]] = {}
    for name in texts:
        own = list(_own_values(values, {n: found[n].kind for n in columns}, rows.num_rows))
        pieces[name] = take_apart(values[name], own, persons, lists, support)
    taken = _gather_taken({n: found[n].kind for n in columns}, values, pieces)
    shares = share_locales([v for n in names for v in values[n][:5_000] if v] or sorted(taken["name"])[:5_000])
    alone = frozenset(v for v in taken["alone"])
    count = min(MOST, max(1_000, 2 * len(set(persons))))
    people = make_people(shares, frozenset(taken["name"]), alone, count, key.child("people"))
    made, remarks, left = [], [], []
    somebodys: set[str] = set()
    for name in columns:
        column, how = _learn_column(rows, found[name], values[name], taken, key.child(name), shares, support, count)
        if column is None:
            left.append(name)
            remarks.append(Remark(name, f"is left out: {how} ({found[name].why})."))
            continue
        made.append(column)
        if how.endswith(MAY_BE_SOMEBODYS):
            somebodys.add(name)
        remarks.append(Remark(name, f"is replaced ({found[name].why}): {how}."))
    if len({c.role for c in made if c.kind == "name"}) == 1:  # one person a row: the address is that of customer_name
        made = [replace(c, role="") for c in made]
    templates, labels = [], {}
    for name in texts:
        learned, which = _learn_text(name, pieces[name], values[name], persons, support)
        if not learned.texts:
            left.append(name)
            remarks.append(
                Remark(name, f"is left out: no text is shared by {support} persons once identifiers are taken out.")
            )
            continue
        templates.append(learned)
        labels[name] = which
        remarks.append(_remark_text(learned, support))
    slots = sorted(
        {s.kind for t in templates for x in t.sentences for s in x.slots}
        - {"name", "email", "date", "number", "code", "age"}
    )
    pools = tuple(SlotPool(k, _pool_of(k, pieces, taken, key.child("slots").child(k), shares, support)) for k in slots)
    sex = _find_sex(rows)
    fields = pa.schema(
        [_mark(f, made, templates, somebodys) for f in rows.schema if f.name not in left and f.name not in drop]
    )
    identities = Identities(fields, people, tuple(made), tuple(templates), pools, _choose_domain(taken), repeats, *sex)
    kept, stand_ins = _stand_in(rows, values, made, labels, [*left, *columns, *texts])
    return Learned(kept, identities, stand_ins, tuple(remarks))


def _judge(rows: pa.Table, stated: Mapping[str, str], drop: Sequence[str]) -> Iterator[PersonalColumn]:
    kinds = {"email": "email", "phone": "phone", "iban": "iban", "name": "name", "text": "text"}
    for field in rows.schema:
        inner = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        said = stated.get(field.name, "")
        if field.name in drop:
            continue
        array = combine(rows.column(field.name))
        whole = pa.types.is_integer(inner) or are_whole(array)
        if not (whole or pa.types.is_string(inner) or pa.types.is_large_string(inner)):
            continue
        if array.null_count == len(array) or (said and said not in (("phone",) if whole else kinds)):
            continue
        if said:
            yield PersonalColumn(field.name, kinds[said], "", "", 1.0, 0, 1.0, "you say so")
            continue
        different = pc.unique(array.dictionary_decode() if pa.types.is_dictionary(array.type) else array)
        judged = judge_column(field.name, different, meaning=meaning_of(field), pattern=pattern_of(field))
        if judged is not None and judged.confidence >= 0.5 and (judged.kind in WHOLE or not whole):
            yield judged


def _join_own(values: Mapping[str, Sequence[str | None]], names: Sequence[str]) -> NameLists:
    """The known names, and those of the table's own columns."""
    words = {w for n in names for v in values[n] if v for w in re.findall(r"[^\W\d_][\w'’-]*", v) if len(w) > 2}
    return join_lists(common_names(), gather_names(words, words)) if words else common_names()


def _tell_persons(
    rows: pa.Table, person: str, values: Mapping[str, Sequence[str | None]], kinds: Mapping[str, str]
) -> tuple[list[object], float]:
    """Who each row is about, and how many rows each person has.

    Where nobody says so, addresses tell, or full names; of several columns the one with the most different values, since it tells the most
    persons apart. Given names and surnames alone tell nobody, so they are taken together.
    """
    if person:
        array = combine(rows.column(person))
        if array.null_count < 0.5 * len(array):
            known = array.to_pylist()
            return [("row", i) if v is None else v for i, v in enumerate(known)], repeats_of(array)
    there = {n: v for n, v in values.items() if kinds.get(n) in ("email", "name") and 2 * sum(map(bool, v)) > len(v)}
    alone = [
        n for n, v in there.items() if kinds[n] == "name" and 2 * sum(" " in (t or "").strip() for t in v) < len(v)
    ]
    whole = {n: v for n, v in there.items() if n not in alone}
    if alone:
        parts = zip(*(there[n] for n in alone), strict=True)
        whole[""] = [" ".join(t or "" for t in row).strip() or None for row in parts] if len(alone) > 1 else []
    best = max((n for n, v in whole.items() if v), key=lambda n: len(set(whole[n])), default=None)
    if best is None:
        return list(range(rows.num_rows)), 1.0
    repeats = repeats_of(pa.array(whole[best], pa.string()))
    if kinds.get(best) != "email" and repeats < _NAMESAKES:
        repeats = 1.0
    return [v or ("row", i) for i, v in enumerate(whole[best])], repeats


def _own_values(
    values: Mapping[str, Sequence[str | None]], kinds: Mapping[str, str], rows: int
) -> Iterator[dict[str, tuple[str, str]]]:
    for i in range(rows):
        yield {n: (k, v) for n, k in kinds.items() if (v := values[n][i])}


def _gather_taken(
    kinds: Mapping[str, str], values: Mapping[str, Sequence[str | None]], pieces: Mapping[str, Sequence[list[Piece]]]
) -> dict[str, set[str]]:
    """Values of each kind that the source has, normalised; ``alone``: names that stand alone."""
    taken: dict[str, set[str]] = defaultdict(set)

    def add(kind: str, value: str) -> None:
        if kind == "name":
            taken["name"].add(name_key(value))
            if " " not in value.strip():
                taken["alone"].add(normalise("name", value))
        taken["phone" if kind == "fax" else kind].add(normalise(kind, value))

    for name, kind in kinds.items():
        for value in values[name]:
            if value:
                add(kind, value)
    for texts in pieces.values():
        for text in texts:
            for piece in text:
                for slot, value in zip(piece.slots, piece.values, strict=True):
                    add(slot.kind, value)
    return taken


def _learn_column(
    rows: pa.Table, found: PersonalColumn, values: Sequence[str | None], taken: Mapping[str, set[str]], key: Key,
    locales: Mapping[str, float], support: int, count: int,
) -> tuple[IdentityColumn | None, str]:  # fmt: skip
    known = [v for v in values if v]
    array = combine(rows.column(found.column))
    missing = len(known) < len(array)
    if missing and len(known) < support:
        return None, "too few rows have one"
    none = pa.table({"value": pa.array([], pa.string())})
    maker, _ = learn_maker(
        pa.field(found.column, pa.string()),
        pa.array(known, pa.string()),
        found.kind if found.kind in ("name", "email") else "code",
        1,
    )
    if isinstance(maker, NameMaker):
        return IdentityColumn(
            found.column, "name", maker.person, maker.style, maker.case, missing, none
        ), "false names, the same for the same person"
    if isinstance(maker, EmailMaker):
        return IdentityColumn(
            found.column, "email", maker.person, "", "title", missing, none
        ), "addresses of the false names at a domain for examples"
    if len(known) < support:
        return None, "too few rows have one"
    kind = "phone" if found.kind == "fax" else found.kind
    most = _largest(array.type)
    pool = fill_pool(found.kind, known, frozenset(taken[kind]), count, key, locales, support, most)
    if not pool:
        return None, "no false values of its kind can be made"
    how = f"{len(pool):,} false values of the same writing, none of them in the source"
    if may_be_somebodys(found.kind, known, most > 0):
        how += f"; {MAY_BE_SOMEBODYS}"
    return IdentityColumn(
        found.column, found.kind, "", "", "", missing, pa.table({"value": pa.array(pool, pa.string())})
    ), how


def _largest(kind: pa.DataType) -> int:
    """The largest value of a type of whole numbers; 0 for text."""
    if pa.types.is_floating(kind):
        return int(2 ** {64: 53, 32: 24, 16: 11}[kind.bit_width])  # larger whole numbers are not exact
    if not pa.types.is_integer(kind):
        return 0
    return int(2 ** (kind.bit_width - (0 if pa.types.is_unsigned_integer(kind) else 1)) - 1)


def _learn_text(
    name: str, pieces: Sequence[list[Piece]], values: Sequence[str | None], persons: Sequence[object], support: int
) -> tuple[TextTemplates, pa.Array]:
    there = [i for i, v in enumerate(values) if v]
    learned, which = learn_templates(name, [pieces[i] for i in there], [persons[i] for i in there], support)
    labels: list[str | None] = [None] * len(values)
    for i, number in zip(there, which.tolist(), strict=True):
        labels[i] = WITHHELD if number < 0 else f"t{number}"
    return learned, pa.array(labels, pa.string())


def _remark_text(learned: TextTemplates, support: int) -> Remark:
    least = min(learned.persons, default=0)
    return Remark(
        learned.column,
        f"is free text made from {len(learned.texts):,} templates, each shared by at least {max(least, support):,} persons: {learned.kept:.1%} of the real texts "
        f"have one, of {learned.shortened:.1%} some sentences have, {learned.withheld:.1%} have none and give empty values. Words outside of the slots stand as those persons "
        "wrote them: a name that was not recognised and that so many texts share would be among them.",
    )


def _pool_of(
    kind: str,
    pieces: Mapping[str, Sequence[list[Piece]]],
    taken: Mapping[str, set[str]],
    key: Key,
    locales: Mapping[str, float],
    support: int,
) -> pa.Table:
    examples = [
        value
        for texts in pieces.values()
        for text in texts
        for piece in text
        for slot, value in zip(piece.slots, piece.values, strict=True)
        if slot.kind == kind
    ]
    family = "phone" if kind == "fax" else kind
    values = fill_pool(kind, examples[:SLOT_VALUES], frozenset(taken[family]), SLOT_VALUES, key, locales, support)
    return pa.table({"value": pa.array(values or [f"[{kind}]"], pa.string())})


def _find_sex(rows: pa.Table) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The column that says the sex, be it by a form of address, and its values."""
    for field in rows.schema:
        if not re.search(
            r"(?:^|_|\b)(?:sex|gender|geschlecht|sexe|sexo|genre|género|sesso|geslacht|kön|sukupuoli|płeć|plec|cinsiyet|стать|φύλο|性別|anrede|salutation|title|civilité|tratamiento|tytuł|titolo)(?:$|_|\b)",
            field.name,
            re.IGNORECASE,
        ):
            continue
        inner = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if not pa.types.is_string(inner):
            continue
        different = [v for v in pc.unique(combine(rows.column(field.name))).to_pylist() if v is not None]
        female = tuple(sorted(v for v in different if v.casefold().strip() in FEMALE))
        male = tuple(sorted(v for v in different if v.casefold().strip() in MALE))
        if female and male:
            return field.name, female, male
    return "", (), ()


def _choose_domain(taken: Mapping[str, set[str]]) -> str:
    """A domain for examples at which the source has no address."""
    used = {e.rpartition("@")[2] for e in taken.get("email", ())}
    return next((d for d in _DOMAINS if d not in used), "false.example")


def _mark(
    field: pa.Field, made: Sequence[IdentityColumn], templates: Sequence[TextTemplates], somebodys: Set[str]
) -> pa.Field:
    told: dict[str, tuple[Meaning, str]] = {
        c.column: (
            "identifier",
            "replaced, never copied: false values, the same for the same person"
            + (f"; {MAY_BE_SOMEBODYS}" if c.column in somebodys else ""),
        )
        for c in made
    }
    told |= {
        t.column: (
            "text",
            f"made from {len(t.texts):,} templates that enough persons share, with false values in the slots",
        )
        for t in templates
    }
    return with_meaning(field, *told[field.name]) if field.name in told else field


def _stand_in(
    rows: pa.Table,
    values: Mapping[str, Sequence[str | None]],
    made: Sequence[IdentityColumn],
    labels: Mapping[str, pa.Array],
    gone: Sequence[str],
) -> tuple[pa.Table, tuple[str, ...]]:
    """The table with a category in the place of each column that needs one, and their names."""
    arrays, fields, names = [], [], []
    needed = {c.column for c in made if c.missing}
    for field in rows.schema:
        if field.name in labels:
            label = labels[field.name]
        elif field.name in needed:
            label = pa.array([THERE if v else None for v in values[field.name]], pa.string())
        elif field.name in gone:
            continue
        else:
            arrays.append(rows.column(field.name))
            fields.append(field)
            continue
        arrays.append(label)
        fields.append(with_meaning(pa.field(field.name, pa.string()), "category"))
        names.append(field.name)
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, rows.schema.metadata)), tuple(names)
