"""Names of companies and of products, made from parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels.mixing import scale_words
from sundog.lib.words.choose import ALL_ROWS, Lottery, draw_entries, open_lottery
from sundog.lib.words.locales import Locale
from sundog.lib.words.strings import Literal, Lookup, Template, write_strings

_ALONE = 2.0
"""How many companies bear one surname for each that bears two."""


@dataclass(frozen=True, slots=True)
class CompanyLists:
    """Parts of company names of one or more locales.

    Attributes:
        surname: string, of all locales; the last entry is empty.
        surname_lottery: list ``locale``.
        joiner: string, of all locales, each beginning with an empty one.
        joiner_lottery: list ``locale``.
        before: string, what stands before the name: empty, or a legal form.
        after: string, what stands behind it; row i of both belongs together.
        legal_lottery: list ``locale``.
    """

    surname: pa.Array
    surname_lottery: Lottery
    joiner: pa.Array
    joiner_lottery: Lottery
    before: pa.Array
    after: pa.Array
    legal_lottery: Lottery


def gather_companies(locales: Sequence[Locale]) -> CompanyLists:
    """The parts of these locales, in this order."""
    names = [locale.surnames[1] for locale in locales]
    joiners = [["", *locale.joiners.to_pylist()] for locale in locales]
    legal = [locale.legal.to_pylist() for locale in locales]
    forms = [form for some in legal for form in some]
    return CompanyLists(
        pa.concat_arrays([*(n.text for n in names), pa.array([""])]),
        open_lottery([n.weights for n in names]),
        pa.array([j for some in joiners for j in some], pa.string()),
        open_lottery([np.array([_ALONE] + [1.0 / (len(some) - 1)] * (len(some) - 1)) for some in joiners]),
        pa.array([form[1:] if form.startswith("^") else "" for form in forms], pa.string()),
        pa.array(["" if form.startswith("^") else form for form in forms], pa.string()),
        open_lottery([np.ones(len(some)) for some in legal]),
    )


def write_companies(lists: CompanyLists, words: NDArray[np.uint64], which: NDArray[np.int32] = ALL_ROWS) -> pa.Array:
    """A company for each random word: one or two surnames and a legal form: string (n,).

    Args:
        lists: of the locales.
        words: uint64 (n,).
        which: int32 (n,), number of the locale of each row; empty for the first one.
    """
    joiner = draw_entries(lists.joiner_lottery, words, which, lane=0)
    starts = lists.joiner_lottery.starts[:-1].astype(np.int32)
    alone = joiner == (starts[which] if len(which) else np.int32(0))
    second = draw_entries(lists.surname_lottery, words, which, lane=1)
    columns = {
        "legal": draw_entries(lists.legal_lottery, words, which, lane=2),
        "first": draw_entries(lists.surname_lottery, words, which, lane=3),
        "joiner": joiner,
        "second": np.where(alone, np.int32(len(lists.surname) - 1), second),
    }
    parts = [
        Lookup("first", lists.surname),
        Lookup("joiner", lists.joiner),
        Lookup("second", lists.surname),
        Lookup("legal", lists.after),
    ]
    if any(lists.before.to_pylist()):
        parts.insert(0, Lookup("legal", lists.before))
    return write_strings(Template(tuple(parts)), columns, len(words))


_LOOKS = (
    "Classic", "Compact", "Solid", "Light", "Modern", "Rustic", "Smart", "Slim", "Sturdy", "Portable", "Foldable",
    "Handmade", "Everyday", "Premium", "Basic", "Outdoor", "Travel", "Quiet", "Large", "Mini",
)  # fmt: skip
_STUFFS = (
    "Steel", "Oak", "Cotton", "Leather", "Ceramic", "Glass", "Bamboo", "Linen", "Wool", "Aluminium", "Copper", "Cork",
    "Granite", "Rubber", "Walnut", "Canvas", "Silk", "Marble", "Carbon", "Felt",
)  # fmt: skip
_THINGS = (
    "Lamp", "Chair", "Table", "Shelf", "Mug", "Bowl", "Knife", "Pan", "Kettle", "Clock", "Mirror", "Basket", "Backpack",
    "Wallet", "Belt", "Shirt", "Jacket", "Gloves", "Scarf", "Hat", "Shoes", "Keyboard", "Mouse", "Headphones", "Speaker",
    "Charger", "Cable", "Stand", "Case", "Notebook", "Pen", "Bottle", "Towel", "Blanket", "Pillow", "Rug", "Vase",
    "Bench", "Stool", "Tray",
)  # fmt: skip


def count_products() -> int:
    """How many different product names there are."""
    return len(_LOOKS) * len(_STUFFS) * len(_THINGS)


def number_products(numbers: NDArray[np.uint64]) -> pa.Array:
    """Product number ``numbers[i]``, such as ``Compact Oak Lamp``: string (n,); different numbers give different names.

    Args:
        numbers: uint64 (n,) in [0, ``count_products()``).
    """
    rest, thing = np.divmod(numbers, np.uint64(len(_THINGS)))
    look, stuff = np.divmod(rest, np.uint64(len(_STUFFS)))
    columns = {"look": look, "stuff": stuff, "thing": thing}
    parts = (
        Lookup("look", pa.array(_LOOKS)),
        Literal(" "),
        Lookup("stuff", pa.array(_STUFFS)),
        Literal(" "),
        Lookup("thing", pa.array(_THINGS)),
    )
    return write_strings(Template(parts), columns, len(numbers))


def draw_products(words: NDArray[np.uint64]) -> pa.Array:
    """A product name for each random word: string (n,)."""
    return number_products(scale_words(words, count_products()))
