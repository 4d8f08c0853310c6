"""Persons, places, identifiers and text as columns: fields of one person, or of one place, speak of the same one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError
from sundog.core.keys import Key
from sundog.kinds.records._rows import Built
from sundog.lib.kernels.draws import as_uniform
from sundog.lib.words import machines
from sundog.lib.words.choose import ALL_ROWS
from sundog.lib.words.codes import draw_codes, draw_mixed
from sundog.lib.words.companies import CompanyLists, draw_products, gather_companies, write_companies
from sundog.lib.words.locales import read_locale
from sundog.lib.words.patterns import Pattern, draw_pattern, number_pattern
from sundog.lib.words.people import (
    PeopleLists,
    Persons,
    draw_jobs,
    draw_people,
    gather_people,
    title_of,
    write_emails,
    write_names,
    write_usernames,
)
from sundog.lib.words.permute import permute
from sundog.lib.words.places import (
    PlaceLists,
    draw_coordinates,
    draw_places,
    gather_places,
    write_addresses,
    write_phones,
    write_post_codes,
    write_streets,
)
from sundog.lib.words.strings import Template, write_strings
from sundog.lib.words.tied import TIES, UNKNOWN, Holders, draw_tied

SEXES = ("female", "male")


@dataclass(frozen=True, slots=True)
class Locales:
    """The locales of a part.

    Attributes:
        names: of them.
        edges: cumulated shares, one for each; the last is 1.
    """

    names: tuple[str, ...]
    edges: tuple[float, ...]

    def choose(self, table: Built) -> NDArray[np.int32]:
        """Number of the locale of each row, int32 (n,); empty where there is only one. All fields of a row share it."""
        if len(self.names) == 1:
            return ALL_ROWS
        found = table.shared.get("locale")
        if found is None:
            u = as_uniform(table.rows.draw(table.key.child("locale")))
            found = np.searchsorted(np.array(self.edges[:-1]), u, side="right").astype(np.int32)
            table.shared["locale"] = found
        assert isinstance(found, np.ndarray)
        return found


@cache
def list_people(names: tuple[str, ...]) -> PeopleLists:
    """Names of the locales."""
    return gather_people([read_locale(name) for name in names])


@cache
def list_places(names: tuple[str, ...]) -> PlaceLists:
    """Places of the locales."""
    return gather_places([read_locale(name) for name in names])


@cache
def list_companies(names: tuple[str, ...]) -> CompanyLists:
    """Companies of the locales."""
    return gather_companies([read_locale(name) for name in names])


@dataclass(frozen=True, slots=True)
class PersonColumn:
    """One side of a person.

    Attributes:
        part: which side.
        who: name of the person within the row.
        where: name of the place whose telephone numbers are taken.
        sex: field that holds the sex as ``female`` and ``male``, or None.
        locales: of the part.
        numbers: for e-mails and user names that never come twice: how many numbers there are, and how many a unit keeps; else None.
    """

    part: str
    who: str
    where: str
    sex: str | None
    locales: Locales
    numbers: tuple[int, int] | None = None

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        lists, words = list_people(self.locales.names), table.rows.draw(key)
        if self.part == "phone":
            places = find_places(table, self.where, self.locales)
            return write_phones(list_places(self.locales.names), places, words, mobile=True)
        if self.part == "job":
            return lists.job.take(pa.array(draw_jobs(lists, words, self.locales.choose(table))))
        persons = find_persons(table, self.who, self.sex, self.locales)
        if self.part == "sex":
            return pa.array(SEXES).take(pa.array(persons.sex))
        if self.part == "email":
            return write_emails(lists, persons, words, self._number(key, table))
        if self.part == "username":
            return write_usernames(lists, persons, words, self._number(key, table))
        if self.part == "title":
            return lists.title.take(pa.array(title_of(persons)))
        return write_names(lists, persons, {"name": "full", "given_name": "given", "surname": "surname"}[self.part])  # type: ignore[arg-type]

    def _number(self, key: Key, table: Built) -> NDArray[np.uint64] | None:
        """Different numbers for different rows, in no order, uint64 (n,): so short that all units have one; None: drawn."""
        if self.numbers is None:
            return None
        size, per_unit = self.numbers
        numbers = table.rows.units * np.uint64(per_unit) + table.rows.index
        # Units beyond those asked for keep their number, which is none of the permuted ones.
        inside = numbers < size
        if inside.all():
            return permute(key, numbers, size)
        return np.where(inside, permute(key, np.where(inside, numbers, 0).astype(np.uint64), size), numbers)


def find_persons(table: Built, who: str, sex: str | None, locales: Locales) -> Persons:
    """The person of each row, drawn once for all fields that speak of it."""
    name = f"person {who}"
    found = table.shared.get(name)
    if found is None:
        lists, words = list_people(locales.names), table.rows.draw(table.key.child("person").child(who))
        if sex is None:
            found = draw_people(lists, words, locales.choose(table))
        else:
            stated = pc.index_in(table.columns[sex], value_set=pa.array(SEXES)).fill_null(0)
            found = draw_people(
                lists, words, locales.choose(table), stated.to_numpy(zero_copy_only=False).astype(np.int8)
            )
        table.shared[name] = found
    assert isinstance(found, Persons)
    return found


def find_places(table: Built, where: str, locales: Locales) -> NDArray[np.int32]:
    """The place of each row, int32 (n,), drawn once for all fields that speak of it."""
    name = f"place {where}"
    found = table.shared.get(name)
    if found is None:
        words = table.rows.draw(table.key.child("place").child(where))
        found = table.shared[name] = draw_places(list_places(locales.names), words, locales.choose(table))
    assert isinstance(found, np.ndarray)
    return found


@dataclass(frozen=True, slots=True)
class PlaceColumn:
    """One side of a place.

    Attributes:
        part: which side.
        where: name of the place within the row.
        locales: of the part.
    """

    part: str
    where: str
    locales: Locales

    @property
    def type(self) -> pa.DataType:
        """Text, or degrees."""
        return pa.float64() if self.part in ("latitude", "longitude") else pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        lists = list_places(self.locales.names)
        place = find_places(table, self.where, self.locales)
        plain = {"city": lists.city, "region": lists.region, "country": lists.country, "area_code": lists.area}
        if self.part in plain:
            return plain[self.part].take(pa.array(place))
        side = table.key.child("place").child(self.where)
        if self.part in ("latitude", "longitude"):
            both = draw_coordinates(lists, place, table.rows.draw(side.child("point")))
            return pa.array(both[self.part == "longitude"])
        if self.part == "phone":
            return write_phones(lists, place, table.rows.draw(key))
        streets = (
            write_streets(lists, place, table.rows.draw(side.child("street"))) if self.part != "postcode" else None
        )
        if self.part == "street":
            return streets
        posts = write_post_codes(lists, place, table.rows.draw(side.child("postcode")))
        return posts if streets is None else write_addresses(lists, place, streets, posts)


MACHINES: Mapping[str, Callable[[NDArray[np.uint64]], pa.Array]] = {
    "uuid": machines.write_uuids,
    "ipv4": machines.write_ipv4,
    "ipv6": machines.write_ipv6,
    "mac": machines.write_macs,
    "user_agent": machines.write_user_agents,
}


@dataclass(frozen=True, slots=True)
class CodeColumn:
    """Identifiers of one form."""

    of: str

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``."""
        return MACHINES[self.of](words) if self.of in MACHINES else draw_codes(self.of, words)


@dataclass(frozen=True, slots=True)
class LocalCodeColumn:
    """Identifiers in the form of the row's locale."""

    forms: tuple[str, ...]
    locales: Locales

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        words, which = table.rows.draw(key), self.locales.choose(table)
        return draw_mixed(self.forms, which, words) if len(which) else draw_codes(self.forms[0], words)


@dataclass(frozen=True, slots=True)
class TiedCodeColumn:
    """National numbers in which birth date, sex and name of a person stand, where the form holds them.

    Attributes:
        forms: of each locale, or one for all.
        locales: of the part.
        who: the person.
        sex: field that holds the person's sex, or None.
        born: field with the birth date, or None.
    """

    forms: tuple[str, ...]
    locales: Locales
    who: str
    sex: str | None
    born: str | None

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        words, n = table.rows.draw(key), len(table.rows)
        which = self.locales.choose(table) if len(self.forms) > 1 else np.zeros(n, np.int32)
        lists, persons = list_people(self.locales.names), find_persons(table, self.who, self.sex, self.locales)
        born: NDArray[np.int64] = np.full(n, UNKNOWN, np.int64)
        if self.born is not None:
            days = table.columns[self.born].cast(pa.int32()).cast(pa.int64()).fill_null(UNKNOWN)
            born = days.to_numpy(zero_copy_only=False)
        holders = Holders(born, persons.sex, persons.surname, persons.given, lists.surname_latin, lists.given_latin)
        pieces, back, begin = [], np.empty(n, np.int64), 0
        for number, form in enumerate(self.forms):
            rows = np.flatnonzero(which == number)
            own = words[rows]
            pieces.append(draw_tied(form, own, holders.take(rows)) if form in TIES else draw_codes(form, own))
            back[rows] = np.arange(begin, begin + len(rows))
            begin += len(rows)
        return pieces[0] if len(pieces) == 1 else pa.concat_arrays(pieces).take(pa.array(back))


@dataclass(frozen=True, slots=True)
class CompanyColumn:
    """Names of companies."""

    locales: Locales

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``."""
        return write_companies(list_companies(self.locales.names), table.rows.draw(key), self.locales.choose(table))


@dataclass(frozen=True, slots=True)
class ProductColumn:
    """Names of products."""

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``."""
        return draw_products(words)


@dataclass(frozen=True, slots=True)
class PatternColumn:
    """Text that matches a pattern."""

    pattern: Pattern

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``."""
        return draw_pattern(self.pattern, words)


@dataclass(frozen=True, slots=True)
class UniqueColumn:
    """Codes that never come twice: row numbers, sent through a keyed permutation of all codes of the pattern.

    Attributes:
        pattern: of the codes.
        per_unit: codes that are set aside for each unit.
        where: place in the recipe.
    """

    pattern: Pattern
    per_unit: int
    where: str

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def make(self, key: Key, table: Built, tables: Mapping[str, Built]) -> pa.Array:
        """See ``Column``; the key names the permutation, not a row's word."""
        units, index = table.rows.units, table.rows.index
        last = int(units.max()) if len(units) else 0
        if (last + 1) * self.per_unit > self.pattern.count or (len(index) and int(index.max()) >= self.per_unit):
            what = f"unit {last} or its rows are beyond the {self.pattern.count:,} codes of the mask"
            raise RequestError(Problem("SD-RECORDS-014", self.where, what, "Give a longer mask."))
        numbers = units * np.uint64(self.per_unit) + index
        return number_pattern(self.pattern, permute(key, numbers, self.pattern.count))


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Text with earlier fields in it.

    Attributes:
        template: parts; each field is a column of text.
        fields: names of the fields.
    """

    template: Template
    fields: tuple[str, ...]

    @property
    def type(self) -> pa.DataType:
        """Text."""
        return pa.string()

    def draw(self, words: NDArray[np.uint64], columns: Mapping[str, pa.Array]) -> pa.Array:
        """See ``Drawn``; a field without a value gives a text without a value."""
        texts = {name: columns[name].cast(pa.string()) for name in self.fields}
        return write_strings(self.template, texts, len(words))
