"""Places: city, region, post code, area code, telephone and coordinates that belong together, by the number of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.words.choose import ALL_ROWS, Lottery, draw_entries, open_lottery
from sundog.lib.words.locales import Locale
from sundog.lib.words.strings import Literal, Lookup, Masked, Template, Text, write_strings

_SPREAD = 0.04
"""Degrees: how far a point lies from the middle of its place at most, in each direction (about 4 km)."""


@dataclass(frozen=True, slots=True)
class PlaceLists:
    """The places of one or more locales in one list; row i of the first ten attributes belongs to the same place.

    Attributes:
        city: string (n,).
        region: string (n,).
        country: string (n,), ISO 3166-1 alpha-2.
        post: string (n,), masks of post codes.
        area: string (n,), telephone area code with the trunk prefix.
        latitude: float64 (n,), degrees north, WGS 84.
        longitude: float64 (n,), degrees east.
        phone: string (n,), masks of numbers that nobody has.
        phone_plus: string (n,), the same in E.164.
        locale: int32 (n,), number of the locale.
        lottery: list ``locale``, over the places.
        mobile: string, masks of mobile numbers that nobody has.
        mobile_plus: string, the same in E.164.
        mobile_first: int32 (n,), first of the masks of mobile numbers for the place.
        mobile_count: int32 (n,), how many there are.
        street: string, of all locales.
        street_lottery: list ``locale``.
        house: string, masks of house numbers with what separates them from the street.
        before: int32 (locales, 2), first entry of ``house`` before the street, and how many; none where the number stands behind.
        after: int32 (locales, 2), the same behind the street.
    """

    city: pa.Array
    region: pa.Array
    country: pa.Array
    post: pa.Array
    area: pa.Array
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    phone: pa.Array
    phone_plus: pa.Array
    locale: NDArray[np.int32]
    lottery: Lottery
    mobile: pa.Array
    mobile_plus: pa.Array
    mobile_first: NDArray[np.int32]
    mobile_count: NDArray[np.int32]
    street: pa.Array
    street_lottery: Lottery
    house: pa.Array
    before: NDArray[np.int32]
    after: NDArray[np.int32]


def gather_places(locales: Sequence[Locale]) -> PlaceLists:
    """The places of these locales, in this order."""
    places = [locale.places for locale in locales]
    house, before, after = [""], [], []
    mobile: list[pa.Array] = []
    mobile_plus: list[pa.Array] = []
    first: list[int] = []
    count: list[int] = []
    for locale in locales:
        span = [len(house), len(locale.houses)]
        nothing = [0, 1]
        before.append(span if locale.number_first else nothing)
        after.append(nothing if locale.number_first else span)
        house += [f"{mask} " if locale.number_first else f" {mask}" for mask in locale.houses.to_pylist()]
        n, own = len(locale.places.city), len(locale.mobile)
        by_place = own == n  # numbers with the area code of the place
        start = sum(len(masks) for masks in mobile)
        first += [start + k if by_place else start for k in range(n)]
        count += [1 if by_place else own] * n
        mobile.append(locale.mobile)
        mobile_plus.append(locale.mobile_plus)
    return PlaceLists(
        pa.concat_arrays([p.city for p in places]),
        pa.concat_arrays([p.region for p in places]),
        pa.array([x.country for x in locales for _ in range(len(x.places.city))], pa.string()),
        pa.concat_arrays([p.post for p in places]),
        pa.concat_arrays([p.area for p in places]),
        np.concatenate([p.latitude for p in places]).astype(np.float64).round(4),
        np.concatenate([p.longitude for p in places]).astype(np.float64).round(4),
        pa.concat_arrays([p.phone for p in places]),
        pa.concat_arrays([p.phone_plus for p in places]),
        np.repeat(np.arange(len(places), dtype=np.int32), [len(p.city) for p in places]),
        open_lottery([p.weights for p in places]),
        pa.concat_arrays(mobile),
        pa.concat_arrays(mobile_plus),
        np.array(first, np.int32),
        np.array(count, np.int32),
        pa.concat_arrays([locale.streets for locale in locales]),
        open_lottery([locale.street_weights for locale in locales]),
        pa.array(house, pa.string()),
        np.array(before, np.int32),
        np.array(after, np.int32),
    )


def draw_places(lists: PlaceLists, words: NDArray[np.uint64], which: NDArray[np.int32] = ALL_ROWS) -> NDArray[np.int32]:
    """A place for each random word, the larger ones more often: int32 (n,), row of ``PlaceLists``.

    Args:
        lists: of the locales.
        words: uint64 (n,).
        which: int32 (n,), number of the locale of each row; empty for the first one.
    """
    return draw_entries(lists.lottery, words, which)


def write_post_codes(lists: PlaceLists, place: NDArray[np.int32], words: NDArray[np.uint64]) -> pa.Array:
    """Post codes of the places: string (n,).

    Args:
        lists: of the locales.
        place: int32 (n,), drawn.
        words: uint64 (n,), for the digits that vary within a place.
    """
    return _write_masks(lists.post, place, words)


def write_phones(
    lists: PlaceLists, place: NDArray[np.int32], words: NDArray[np.uint64], mobile: bool = False, plus: bool = False
) -> pa.Array:
    """Telephone numbers that nobody has, with the area code of the place unless mobile: string (n,).

    Args:
        lists: of the locales.
        place: int32 (n,), drawn.
        words: uint64 (n,).
        mobile: numbers of mobile telephones.
        plus: in E.164 (+ and digits only) instead of the way of the country.
    """
    if not mobile:
        return _write_masks(lists.phone_plus if plus else lists.phone, place, words)
    first, count = lists.mobile_first[place], lists.mobile_count[place]
    which = first + _scale_by(split_words(words, 1), count)
    return _write_masks(lists.mobile_plus if plus else lists.mobile, which, words)


def write_streets(
    lists: PlaceLists, place: NDArray[np.int32], words: NDArray[np.uint64], valid: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Street and house number in the order of the country: string (n,).

    Args:
        lists: of the locales.
        place: int32 (n,), drawn.
        words: uint64 (n,).
        valid: bool (n,), False where the row is null.
    """
    locale = lists.locale[place]
    street = draw_entries(lists.street_lottery, words, locale)
    columns = {"street": street, "words": split_words(words, 1)}
    parts: list[Masked | Lookup] = [Lookup("street", lists.street)]
    share = split_words(words, 2)
    if (lists.before[:, 0] > 0).any():
        columns["before"] = lists.before[locale, 0] + _scale_by(share, lists.before[locale, 1])
        parts.insert(0, Masked("before", "words", lists.house))
    if (lists.after[:, 0] > 0).any():
        columns["after"] = lists.after[locale, 0] + _scale_by(share, lists.after[locale, 1])
        parts.append(Masked("after", "words", lists.house))
    return write_strings(Template(tuple(parts)), columns, len(place), valid)


def write_addresses(lists: PlaceLists, place: NDArray[np.int32], streets: pa.Array, posts: pa.Array) -> pa.Array:
    """One line of street, post code and city: string (n,).

    Args:
        lists: of the locales.
        place: int32 (n,), drawn.
        streets: string (n,), from ``write_streets``.
        posts: string (n,), from ``write_post_codes``.
    """
    parts = (Text("street"), Literal(", "), Text("post"), Literal(" "), Lookup("place", lists.city))
    return write_strings(Template(parts), {"street": streets, "post": posts, "place": place}, len(place))


def draw_coordinates(
    lists: PlaceLists, place: NDArray[np.int32], words: NDArray[np.uint64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitude and longitude (float64 (n,) each, degrees, WGS 84, 5 decimals) of a point within about 4 km of the place.

    Args:
        lists: of the locales.
        place: int32 (n,), drawn.
        words: uint64 (n,).
    """
    steps = 2 * round(_SPREAD * 1e5) + 1
    north, east = np.divmod(scale_words(words, steps * steps), np.uint64(steps))
    half = steps // 2
    latitude = lists.latitude[place] + (north.astype(np.float64) - half) * 1e-5
    longitude = lists.longitude[place] + (east.astype(np.float64) - half) * 1e-5
    return latitude.round(5), longitude.round(5)


def _write_masks(masks: pa.Array, index: NDArray[np.int32], words: NDArray[np.uint64]) -> pa.Array:
    template = Template((Masked("index", "words", masks),))
    return write_strings(template, {"index": index, "words": words}, len(index))


def _scale_by(words: NDArray[np.uint64], count: NDArray[np.int32]) -> NDArray[np.int32]:
    """A number in [0, count[i]) for each word: int32 (n,), from its upper 32 bits."""
    return ((words >> np.uint64(32)) * count.astype(np.uint64) >> np.uint64(32)).astype(np.int32)
