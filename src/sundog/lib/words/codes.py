"""Checksummed identifiers: with right check digits where a test range exists, else with a wrong one, and never a real one.

Each kind has a fixed number of values. Value number i is a pure function of i, so that a random word gives a random value, and a
permutation of the row numbers gives different ones without a retry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import nearest
from sundog.lib.kernels import codes as kernels
from sundog.lib.kernels.mixing import scale_words
from sundog.lib.words.forms import Check, Form
from sundog.lib.words.forms_bank import list_bank_forms
from sundog.lib.words.forms_persons import list_person_forms
from sundog.lib.words.forms_things import list_thing_forms
from sundog.lib.words.masks import split_mask
from sundog.lib.words.strings import matrix_strings


@cache
def list_forms() -> dict[str, Form]:
    """All forms by name: what they look like, whether they are valid, and why no real one can be hit."""
    return {f.name: f for f in (*list_bank_forms(), *list_person_forms(), *list_thing_forms())}


def count_codes(name: str) -> int:
    """How many different values a form has, at most 2**63 - 1."""
    return compile_form(name).count


def draw_codes(name: str, words: NDArray[np.uint64]) -> pa.Array:
    """A value for each random word: string (n,).

    Args:
        name: of a form.
        words: uint64 (n,).
    """
    return number_codes(name, scale_words(words, count_codes(name)))


def number_codes(name: str, numbers: NDArray[np.uint64]) -> pa.Array:
    """Value number ``numbers[i]`` of a form: string (n,); different numbers give different values.

    Args:
        name: of a form.
        numbers: uint64 (n,) in [0, ``count_codes(name)``).
    """
    form = compile_form(name)
    if len(numbers) and int(numbers.max()) >= form.count:
        raise IndexError(f"{name} has {form.count} values only")
    n, length = len(numbers), len(form.sizes)
    letters = np.empty((n, length), np.uint8)
    rest = numbers.astype(np.uint64)
    if name == "taxid_de":
        kernels.put_tax_digits(rest, letters)
    else:
        kernels.fill_places(rest, form.alphabets, form.sizes, letters)
    dates = form.form.dates
    if dates is not None:
        days = rest.astype(np.int64) + dates.first
        kernels.put_days(days, dates.year, dates.month, dates.day, False, dates.months, letters)
    put_checks(form, letters)
    return matrix_strings(letters)


def put_checks(form: Compiled, letters: NDArray[np.uint8]) -> None:
    """Write the check letters of each row of ``letters``: uint8 (n, length)."""
    for check in form.checks:
        if check.gap >= 0:
            kernels.skip_digit(letters, check.counted, check.scores, len(check.table), check.refused, check.gap)
        kernels.put_check(letters, check.counted, check.scores, check.table, check.at)


def draw_mixed(names: Sequence[str], which: NDArray[np.integer], words: NDArray[np.uint64]) -> pa.Array:
    """A value of form ``names[which[i]]`` for each random word: string (n,).

    Args:
        names: of forms.
        which: (n,), any integer dtype.
        words: uint64 (n,).
    """
    order: NDArray[np.int64] = np.empty(len(words), np.int64)
    made, begin = [], 0
    for k, name in enumerate(names):
        rows = np.flatnonzero(which == k)
        made.append(draw_codes(name, words[rows]))
        order[rows] = np.arange(begin, begin + len(rows))
        begin += len(rows)
    if begin != len(words):
        raise IndexError(f"which lies outside of the {len(names)} names")
    return pa.concat_arrays(made).take(pa.array(order))


@dataclass(frozen=True, slots=True)
class _Check:
    """A check as the kernels want it."""

    at: int
    counted: NDArray[np.int64]
    scores: NDArray[np.uint32]
    table: NDArray[np.uint8]
    gap: int
    refused: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A form as the kernels want it."""

    form: Form
    alphabets: NDArray[np.uint8]
    sizes: NDArray[np.uint64]
    count: int
    checks: tuple[_Check, ...]


@cache
def compile_form(name: str) -> Compiled:
    """A form by name.

    Raises:
        KeyError: there is none of this name; says which is nearest.
    """
    if name not in list_forms():
        raise KeyError(f"no identifier is called {name!r}. {nearest(name, list_forms())}")
    form = list_forms()[name]
    places = split_mask(form.picture)
    sizes = np.array([len(p) for p in places], np.uint64)
    alphabets = np.zeros((len(places), int(sizes.max())), np.uint8)
    for j, letters in enumerate(places):
        alphabets[j, : len(letters)] = np.frombuffer(letters.encode(), np.uint8)
    count = form.dates.days if form.dates else 1
    for letters in places:
        count *= len(letters)
    checks = tuple(map(_compile_check, form.checks))
    return Compiled(form, alphabets, sizes, form.count or min(count, 2**63 - 1), checks)


def _compile_check(check: Check) -> _Check:
    scores = np.zeros((len(check.weights), 128), np.uint32)
    for row, (place, weight) in zip(scores, check.weights.items(), strict=True):
        for letter, value in (check.odd if place in check.odd_places else check.even).items():
            row[ord(letter)] = weight * value % check.modulus
    counted = np.array(list(check.weights), np.int64)
    width = max(map(len, check.table))
    table = np.array([list((entry or "?" * width).encode()) for entry in check.table], np.uint8)
    gap = int(np.flatnonzero(counted == check.gap)[0]) if check.gap >= 0 else -1
    return _Check(check.at, counted, scores, table, gap, check.table.index("") if check.gap >= 0 else -1)
