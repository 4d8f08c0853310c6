"""Names, places and ways of writing of one locale, read from the package's data.

The files are made by ``tools/build_words.py``; where each list comes from stands in ``data/words/ORIGINS.tsv`` and in NOTICE.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import nearest
from sundog.core.notes import Used


@dataclass(frozen=True, slots=True)
class NameList:
    """Names with the letters a to z of each (for e-mail addresses) and their weights.

    Attributes:
        text: string (n,).
        latin: string (n,), lower case.
        weights: float32 (n,).
    """

    text: pa.Array
    latin: pa.Array
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PlaceList:
    """Places; row i of every attribute belongs to the same place.

    Attributes:
        city: string (n,).
        region: string (n,).
        post: string (n,), masks of post codes.
        area: string (n,), telephone area code with the trunk prefix.
        latitude: float32 (n,), degrees north, WGS 84.
        longitude: float32 (n,), degrees east.
        weights: float32 (n,).
        phone: string (n,), masks of numbers that nobody has.
        phone_plus: string (n,), the same in E.164.
    """

    city: pa.Array
    region: pa.Array
    post: pa.Array
    area: pa.Array
    latitude: NDArray[np.float32]
    longitude: NDArray[np.float32]
    weights: NDArray[np.float32]
    phone: pa.Array
    phone_plus: pa.Array


@dataclass(frozen=True, slots=True)
class Locale:
    """All lists of one locale.

    Attributes:
        name: such as ``de_AT``.
        country: ISO 3166-1 alpha-2.
        given: of women and of men.
        surnames: as women and as men write them; row i of both is the same name, and both have the same weights.
        titles: string (2,), of a woman and of a man.
        family_first: whether the surname is written first.
        joined: what stands between the two names.
        streets: string (n,).
        street_weights: float32 (n,).
        houses: string (n,), masks of house numbers.
        number_first: whether the house number stands before the street.
        places: of the country.
        mobile: string (n,), masks of mobile numbers that nobody has.
        mobile_plus: string (n,), the same in E.164.
        phone_rule: why nobody has such a number.
        legal: string (n,), legal forms of companies with their separator; ``^`` at the beginning puts one before the name.
        joiners: string (n,), what may stand between two surnames in the name of a company.
        jobs: string (n,).
    """

    name: str
    country: str
    given: tuple[NameList, NameList]
    surnames: tuple[NameList, NameList]
    titles: pa.Array
    family_first: bool
    joined: str
    streets: pa.Array
    street_weights: NDArray[np.float32]
    houses: pa.Array
    number_first: bool
    places: PlaceList
    mobile: pa.Array
    mobile_plus: pa.Array
    phone_rule: str
    legal: pa.Array
    joiners: pa.Array
    jobs: pa.Array


@cache
def list_locales() -> tuple[str, ...]:
    """Names of the locales, in order."""
    found = (item.name for item in files("sundog.data").joinpath("words").iterdir())
    return tuple(sorted(name.removesuffix(".arrow") for name in found if name.endswith(".arrow")))


@cache
def read_locale(name: str) -> Locale:
    """The lists of a locale.

    Raises:
        KeyError: there is none of this name; says which is nearest.
    """
    with pa.ipc.open_file(pa.BufferReader(_read_bytes(name))) as reader:
        table = reader.read_all()
    facts = json.loads(table.schema.metadata[b"facts"])
    lists = {column: table[column].chunk(0).values for column in table.column_names}
    female = _name_list(lists, "surname_f", lists["surname_weight"])
    male = female if not len(lists["surname_m"]) else _name_list(lists, "surname_m", lists["surname_weight"])
    places = PlaceList(
        lists["city"],
        lists["region"],
        lists["post"],
        lists["area"],
        _numbers(lists["latitude"]),
        _numbers(lists["longitude"]),
        _numbers(lists["place_weight"]),
        lists["phone"],
        lists["phone_plus"],
    )
    return Locale(
        name,
        facts["country"],
        (
            _name_list(lists, "given_f", lists["given_f_weight"]),
            _name_list(lists, "given_m", lists["given_m_weight"]),
        ),
        (female, male),
        lists["title"],
        facts["family_first"],
        facts["joined"],
        lists["street"],
        _numbers(lists["street_weight"]),
        lists["house"],
        facts["number_first"],
        places,
        lists["mobile"],
        lists["mobile_plus"],
        facts["phone_rule"],
        lists["legal"],
        lists["joiner"],
        lists["job"],
    )


def note_locale(name: str) -> Used:
    """What the data depend on when the lists of a locale are used."""
    licence = "facts; names and places under MIT or in the public domain, see NOTICE"
    return Used(f"sundog/data/words/{name}.arrow", hashlib.sha256(_read_bytes(name)).hexdigest(), licence)


def tell_sources(names: Sequence[str]) -> str:
    """The packages that the lists of these locales were taken from, each with its version and licence, in words.

    >>> tell_sources(["de_DE"]).split(" (")[0]
    'Faker 40.63.0'
    """
    text = files("sundog.data").joinpath("words", "ORIGINS.tsv").read_text(encoding="utf-8")
    said = []
    for line in text.splitlines()[1:]:
        package, version, licence, lists = line.split("\t")
        only = [word for word in lists.split(";")[0].split() if word in list_locales()]
        if ";" in lists or not only or set(only) & set(names):  # what stands behind the semicolon is of all locales
            said.append(f"{package} {version}".strip() + f" ({licence})")
    return "; ".join(said)


def _read_bytes(name: str) -> bytes:
    if name not in list_locales():
        raise KeyError(f"no locale is called {name!r}. {nearest(name, list_locales())}")
    return files("sundog.data").joinpath("words", f"{name}.arrow").read_bytes()


def _name_list(lists: dict[str, pa.Array], name: str, weights: pa.Array) -> NameList:
    return NameList(lists[name], lists[f"{name}_ascii"], _numbers(weights))


def _numbers(array: pa.Array) -> NDArray[np.float32]:
    # Not to_numpy, which looks for pandas: where that is installed, the import takes seconds.
    return np.frombuffer(array.buffers()[1], np.float32)[array.offset : array.offset + len(array)]
