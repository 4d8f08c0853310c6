"""False persons put into made rows: row u depends on (identities, key, u) and on the categories of row u alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.pii.identities import WITHHELD
from sundog.lib.pii.identity_model import Identities, IdentityColumn
from sundog.lib.pii.slots import Slot
from sundog.lib.pii.templates import TextTemplates, fill_slot, slots_of, write_text
from sundog.lib.rows.makers import spread_words
from sundog.lib.rows.permute import permute

_MIXING = 64.0  # as in lib.rows.steps_remade: a person's rows lie near one another, and key and name come back together


@dataclass(frozen=True)
class Cast:
    """The persons of some rows.

    Attributes:
        identities: what they are drawn from.
        key: stream of the table.
        units: unit numbers.
        person: uint64 (n,) number of the person of each row.
        sex: int8 (n,) 0 female, 1 male.
    """

    identities: Identities
    key: Key
    units: range
    person: NDArray[np.uint64]
    sex: NDArray[np.int8]

    @cached_property
    def locales(self) -> tuple[str, ...]:
        """Locales of the false persons, in order."""
        return tuple(dict.fromkeys(p.locale for p in self.identities.people))

    def draw(
        self, role: str, person: NDArray[np.uint64], sex: NDArray[np.int8]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """List and place in it of the false person of each number: int64 (n,) each."""
        people = self.identities.people
        words = spread_words(self.key.child(f"identity {role}"), person)
        shares = np.cumsum([p.share for p in people if p.sex == 0])
        which = np.searchsorted(
            shares / shares[-1], (words[:, 0] >> np.uint64(11)).astype(np.float64) * 2.0**-53, side="right"
        )
        which = np.minimum(which, len(shares) - 1)
        lists = (2 * which + sex).astype(np.int64)
        place: NDArray[np.int64] = np.zeros(len(person), np.int64)
        for at, group in enumerate(people):
            rows = lists == at
            size = max(1, group.names.num_rows)
            place[rows] = permute(
                self.key.child(f"place {role}").child(at), person[rows] % np.uint64(size), size
            ).astype(np.int64)
        return lists, place

    def look_up(self, lists: NDArray[np.int64], place: NDArray[np.int64], what: str) -> list[str]:
        """A part of the names of drawn persons."""
        columns = [p.names.column(what).to_pylist() for p in self.identities.people]
        return [columns[g][i] for g, i in zip(lists.tolist(), place.tolist(), strict=True)]


def assign_cast(identities: Identities, batch: pa.RecordBatch, key: Key, units: range) -> Cast:
    """Who the rows are about: sex as the row says, where each row is a person of its own; else the person's, whatever the row says."""
    index: NDArray[np.uint64] = np.arange(units.start, units.stop, dtype=np.uint64)
    if identities.repeats > 1:
        place = index.astype(np.float64) + _MIXING * identities.repeats * key.child("repeats").uniform(units)[:, 0]
        index = (place / identities.repeats).astype(np.uint64)
    drawn = (spread_words(key.child("identity sex"), index)[:, 0] >> np.uint64(63)).astype(np.int8)
    if identities.sex_column in batch.schema.names and identities.repeats == 1:
        column = batch.column(identities.sex_column)
        plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
        said = _read_sexes(identities, plain.to_pylist())
        drawn = np.where(said >= 0, said, drawn).astype(np.int8)
    return Cast(identities, key, units, index, drawn)


def _read_sexes(identities: Identities, values: Sequence[str | None]) -> NDArray[np.int8]:
    """Sex of each row: int8 (n,), 0 female, 1 male, -1 unknown."""
    known = dict.fromkeys(identities.female, 0) | dict.fromkeys(identities.male, 1)
    return np.array([known.get(v, -1) if v is not None else -1 for v in values], dtype=np.int8)


def put_identities(
    identities: Identities, batch: pa.RecordBatch, key: Key, units: range, given: pa.RecordBatch | None = None
) -> pa.RecordBatch:
    """The rows with false values in their identifiers and texts, with the schema ``fields_of(identities, batch.schema)``.

    Args:
        identities: as learned.
        batch: rows with categories in the place of identifiers and texts.
        key: stream of the table, as ``lib.rows.codec.decode`` takes it.
        units: unit numbers of the rows.
        given: identifiers that the rows have already, from an earlier table of the same persons: they stay, in texts too.
    """
    cast = assign_cast(identities, batch, key, units)
    made: dict[str, list[str]] = {c.column: _write_column(cast, c) for c in identities.columns}
    known = _lay_given(made, given)
    texts = {t.column: _write_texts(cast, t, batch.column(t.column), made, known) for t in identities.texts}
    arrays = []
    fields = fields_of(identities, batch.schema)
    for field in fields:
        if field.name in texts:
            arrays.append(_as(texts[field.name], field.type))
        elif field.name in made:
            column = next(c for c in identities.columns if c.column == field.name)
            array = pa.array(made[field.name], pa.string())
            if column.missing and field.name not in known:
                array = pc.if_else(batch.column(field.name).is_valid(), array, pa.scalar(None, pa.string()))
            arrays.append(_as(array, field.type))
        else:
            arrays.append(batch.column(field.name))
    return pa.record_batch(arrays, schema=fields)


def _lay_given(made: dict[str, list[str]], given: pa.RecordBatch | None) -> frozenset[str]:
    """Put given identifiers over the drawn ones, in place; gives the columns of which there are any."""
    names = [] if given is None else [n for n in given.schema.names if n in made]
    for name in names:
        assert given is not None
        told = given.column(name).cast(pa.string()).to_pylist()
        made[name] = [drawn if value is None else value for drawn, value in zip(made[name], told, strict=True)]
    return frozenset(names)


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return array.cast(kind.value_type).dictionary_encode().cast(kind)
    return array.cast(kind)


def _write_column(cast: Cast, column: IdentityColumn) -> list[str]:
    if column.kind == "name":
        lists, place = cast.draw(column.role, cast.person, cast.sex)
        return [_set_case(t, column.case) for t in _write_name(cast, lists, place, column.form)]
    if column.kind == "email":
        lists, place = cast.draw(column.role, cast.person, cast.sex)
        handles = cast.look_up(lists, place, "handle")
        return [f"{h}{p}@{cast.identities.domain}" for h, p in zip(handles, cast.person.tolist(), strict=True)]
    size = column.pool.num_rows
    places = permute(cast.key.child(f"pool {column.column}"), cast.person % np.uint64(size), size)
    return [str(v) for v in column.pool.column("value").take(pa.array(places)).to_pylist()]


def _write_name(cast: Cast, lists: NDArray[np.int64], place: NDArray[np.int64], form: str) -> list[str]:
    if form == "comma":
        pairs = zip(cast.look_up(lists, place, "surname"), cast.look_up(lists, place, "given"), strict=True)
        return [f"{s}, {g}" for s, g in pairs]
    return cast.look_up(lists, place, form)


def _set_case(text: str, case: str) -> str:
    return text.upper() if case == "upper" else text.lower() if case == "lower" else text


def _write_texts(
    cast: Cast, templates: TextTemplates, labels: pa.Array, made: dict[str, list[str]], known: frozenset[str]
) -> pa.Array:
    """The texts of a column; null where there is none, and where it was withheld."""
    plain = labels.dictionary_decode() if pa.types.is_dictionary(labels.type) else labels
    words = cast.key.child(f"text {templates.column}").words(cast.units)[:, 0].tolist()
    slots = [slots_of(templates, t) for t in range(len(templates.texts))]
    own = _own_names(cast, templates, made, known)
    pools = {p.kind: p.values.column("value").to_pylist() for p in cast.identities.pools}
    others = _other_names(cast, words)
    out: list[str | None] = []
    for i, label in enumerate(plain.to_pylist()):
        number = int(label[1:]) if label is not None and label != WITHHELD else -1
        if not 0 <= number < len(slots):
            out.append(None)
            continue
        fillings, word, seen = [], words[i], 0
        for slot, levels in slots[number]:
            word = (word * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
            seen += slot.kind in ("name", "email") and not slot.own
            fillings.append(_fill(slot, levels, word, i, own, made, pools, others, seen, cast.identities.domain))
        out.append(write_text(templates, number, fillings))
    return pa.array(out, pa.string())


Names = Callable[[int, int, str], str]


def _fill(
    slot: Slot, levels: tuple[float, ...], word: int, row: int, own: dict[tuple[str, str], list[str]], made: dict[str, list[str]],
    pools: dict[str, list[str]], others: Names, seen: int, domain: str,
) -> str:  # fmt: skip
    if slot.kind == "name":
        return own[slot.own, slot.form][row] if (slot.own, slot.form) in own else others(row, seen, slot.form)
    if slot.own in made:
        return made[slot.own][row]
    if slot.kind == "email":
        return f"{others(row, seen, 'handle')}{word >> 40}@{domain}"
    if slot.kind in pools:
        return pools[slot.kind][word % len(pools[slot.kind])]
    return fill_slot(slot, levels, word)


def _own_names(
    cast: Cast, templates: TextTemplates, made: dict[str, list[str]], known: frozenset[str]
) -> dict[tuple[str, str], list[str]]:
    """For each column of names and each form in which a slot asks for it: the names of the rows."""
    asked = {(s.own, s.form) for x in templates.sentences for s in x.slots if s.kind == "name" and s.own}
    found = {}
    for column, form in sorted(asked):
        about = next((c for c in cast.identities.columns if c.column == column), None)
        if about is None:
            continue
        if column in known:
            found[column, form] = [_take_part(name, form) for name in made[column]]
            continue
        lists, place = cast.draw(about.role, cast.person, cast.sex)
        found[column, form] = _write_name(cast, lists, place, form)
    return found


def _take_part(name: str, form: str) -> str:
    """A form of a name that is known as a whole; of one word that word."""
    first, _, last = name.partition(" ")
    if "," in name:
        last, _, first = (p.strip() for p in name.partition(","))
    if form == "given":
        return first
    if form == "surname":
        return last or first
    return f"{last}, {first}" if form == "comma" and last else name


def _other_names(cast: Cast, words: list[int]) -> Names:
    """Names of somebody else, by row, number in the row's text, and form: anybody of the false persons."""
    people = cast.identities.people
    columns = [{n: p.names.column(n).to_pylist() for n in p.names.column_names} for p in people]
    shares = np.cumsum([p.share for p in people])

    def name(row: int, seen: int, form: str) -> str:
        word = (words[row] * 2862933555777941757 + 3037000493 * (seen + 1)) & (2**64 - 1)
        group = int(np.searchsorted(shares / shares[-1], (word >> 32) * 2.0**-32, side="right"))
        lists = columns[min(group, len(columns) - 1)]
        at = (word & 0xFFFFFFFF) % max(1, len(lists["full"]))
        return f"{lists['surname'][at]}, {lists['given'][at]}" if form == "comma" else str(lists[form][at])

    return name


def stand_ins_of(identities: Identities | None) -> frozenset[str]:
    """Columns whose values are put in behind the model."""
    if identities is None:
        return frozenset()
    return frozenset((*(c.column for c in identities.columns), *(t.column for t in identities.texts)))


def fields_of(identities: Identities, learned: pa.Schema) -> pa.Schema:
    """Schema of the rows: columns that were learned as the codec marks them, replaced ones as ``identities`` does, in the source's order."""
    hidden = stand_ins_of(identities)
    fields = [
        f if f.name in hidden else learned.field(f.name)
        for f in identities.fields
        if f.name in hidden or f.name in learned.names
    ]
    return pa.schema(fields)
