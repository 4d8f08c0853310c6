"""Persons: sex, given name and surname that belong together, as indices; text only where a column is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal as Only

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.lib.kernels.choose import pick_persons
from sundog.lib.kernels.mixing import scale_words, split_words
from sundog.lib.words.choose import ALL_ROWS, Lottery, draw_entries, open_lottery
from sundog.lib.words.locales import Locale
from sundog.lib.words.strings import Literal, Lookup, Number, Template, write_strings

Style = Only["full", "given", "surname", "comma", "title"]

_NO_SEX = np.empty(0, np.int8)
_DOMAINS = ("@example.com", "@example.net", "@example.org", "@mail.example", "@post.example")
"""Names that RFC 2606 keeps for examples: no mail can arrive there."""
_BETWEEN = (".", ".", "_", "", "-")


@dataclass(frozen=True, slots=True)
class PeopleLists:
    """The names of one or more locales in one list each.

    Attributes:
        given: string, women and men of the first locale, then of the next.
        given_latin: string, the same in the letters a to z.
        given_lottery: list ``2 * locale + sex``.
        surname: string, of all locales as women write them, then as men do where that differs.
        surname_latin: string, the same in the letters a to z.
        surname_lottery: list ``locale``, over the women's forms.
        male_shift: int32 (locales,), what a man's form adds to the place of a woman's.
        title: string, entry ``2 * locale + sex``.
        family_first: int32 (locales,), 1 where the surname is written first.
        joined: string (locales,), what stands between the two names.
        job: string, of all locales.
        job_lottery: list ``locale``.
    """

    given: pa.Array
    given_latin: pa.Array
    given_lottery: Lottery
    surname: pa.Array
    surname_latin: pa.Array
    surname_lottery: Lottery
    male_shift: NDArray[np.int32]
    title: pa.Array
    family_first: NDArray[np.int32]
    joined: pa.Array
    job: pa.Array
    job_lottery: Lottery


@dataclass(frozen=True, slots=True)
class Persons:
    """Drawn persons, all (n,).

    Attributes:
        sex: int8, 0 female, 1 male.
        given: int32, entry of ``PeopleLists.given``.
        surname: int32, entry of ``PeopleLists.surname``.
        which: int32, number of the locale; empty when there is one only.
    """

    sex: NDArray[np.int8]
    given: NDArray[np.int32]
    surname: NDArray[np.int32]
    which: NDArray[np.int32]


def gather_people(locales: Sequence[Locale]) -> PeopleLists:
    """The lists of these locales, in this order."""
    given = [names for locale in locales for names in locale.given]
    female = [locale.surnames[0] for locale in locales]
    apart = [locale.surnames[1] is not locale.surnames[0] for locale in locales]
    male = [locale.surnames[1] for locale, differs in zip(locales, apart, strict=True) if differs]
    shift, begin, end = [], 0, sum(len(names.text) for names in female)
    for names, differs in zip(female, apart, strict=True):
        shift.append(end - begin if differs else 0)
        begin += len(names.text)
        end += len(names.text) if differs else 0
    return PeopleLists(
        pa.concat_arrays([names.text for names in given]),
        pa.concat_arrays([names.latin for names in given]),
        open_lottery([names.weights for names in given]),
        pa.concat_arrays([names.text for names in (*female, *male)]),
        pa.concat_arrays([names.latin for names in (*female, *male)]),
        open_lottery([names.weights for names in female]),
        np.array(shift, np.int32),
        pa.concat_arrays([locale.titles for locale in locales]),
        np.array([locale.family_first for locale in locales], np.int32),
        pa.array([locale.joined for locale in locales], pa.string()),
        pa.concat_arrays([locale.jobs for locale in locales]),
        open_lottery([np.ones(len(locale.jobs)) for locale in locales]),
    )


def draw_people(
    lists: PeopleLists,
    words: NDArray[np.uint64],
    which: NDArray[np.int32] = ALL_ROWS,
    sex: NDArray[np.int8] = _NO_SEX,
) -> Persons:
    """A person for each random word.

    Args:
        lists: of the locales.
        words: uint64 (n,).
        which: int32 (n,), number of the locale of each row; empty for the first one.
        sex: int8 (n,), where a column has it already (0 female, 1 male); empty to draw it, half and half.
    """
    n = len(words)
    found = Persons(np.empty(n, np.int8), np.empty(n, np.int32), np.empty(n, np.int32), which)
    g, s = lists.given_lottery, lists.surname_lottery
    pick_persons(
        words, which, sex, g.starts, g.keep, g.other, s.starts, s.keep, s.other, lists.male_shift,
        found.sex, found.given, found.surname,
    )  # fmt: skip
    return found


def draw_jobs(lists: PeopleLists, words: NDArray[np.uint64], which: NDArray[np.int32] = ALL_ROWS) -> NDArray[np.int32]:
    """Entry of ``lists.job`` for each random word: int32 (n,)."""
    return draw_entries(lists.job_lottery, words, which)


def title_of(persons: Persons) -> NDArray[np.int32]:
    """Entry of ``PeopleLists.title``: int32 (n,)."""
    sex = persons.sex.astype(np.int32)
    return sex if not len(persons.which) else persons.which * np.int32(2) + sex


def write_names(
    lists: PeopleLists, persons: Persons, style: Style = "full", valid: NDArray[np.bool_] | None = None
) -> pa.Array:
    """Names as text: string (n,).

    Args:
        lists: of the locales.
        persons: drawn.
        style: ``full`` in the order of the locale, ``given``, ``surname``, ``comma`` (surname, given name), ``title``
            (and surname, in the order of the locale).
        valid: bool (n,), False where the row is null.
    """
    n = len(persons.given)
    columns = {"given": persons.given, "surname": persons.surname}
    given, surname = Lookup("given", lists.given), Lookup("surname", lists.surname)
    both = (persons.surname, lists.surname)
    if style == "title" and lists.family_first.any():
        return _write_in_order(lists, persons, (title_of(persons), lists.title), both, valid)
    if style == "full" and lists.family_first.any():
        return _write_in_order(lists, persons, (persons.given, lists.given), both, valid)
    if style == "title":
        template = Template((Lookup("title", lists.title), Literal(" "), surname))
        return write_strings(template, columns | {"title": title_of(persons)}, n, valid)
    parts = {
        "full": (given, Literal(" "), surname),
        "given": (given,),
        "surname": (surname,),
        "comma": (surname, Literal(", "), given),
    }[style]
    return write_strings(Template(parts), columns, n, valid)


def _write_in_order(
    lists: PeopleLists,
    persons: Persons,
    mine: tuple[NDArray[np.int32], pa.Array],
    family: tuple[NDArray[np.int32], pa.Array],
    valid: NDArray[np.bool_] | None,
) -> pa.Array:
    """Both are looked up in one list, so that the order may differ from row to row: the surname first where that is the way."""
    n = len(persons.given)
    which = persons.which if len(persons.which) else np.zeros(n, np.int32)
    turned = lists.family_first[which].astype(np.bool_)
    surname = family[0] + np.int32(len(mine[1]))
    entries = pa.concat_arrays([mine[1], family[1]])
    template = Template((Lookup("first", entries), Lookup("which", lists.joined), Lookup("second", entries)))
    first, second = np.where(turned, surname, mine[0]), np.where(turned, mine[0], surname)
    return write_strings(template, {"first": first, "which": which, "second": second}, n, valid)


def write_emails(
    lists: PeopleLists,
    persons: Persons,
    words: NDArray[np.uint64],
    numbers: NDArray[np.integer] | None = None,
    valid: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Addresses made from the name, at domains that are kept for examples: string (n,).

    Args:
        lists: of the locales.
        persons: drawn.
        words: uint64 (n,); separator, number and domain.
        numbers: (n,), not negative: stands behind the name, so that different numbers give different addresses; drawn when None.
        valid: bool (n,), False where the row is null.
    """
    return _write_handles(lists, persons, words, numbers, _DOMAINS, valid)


def write_usernames(
    lists: PeopleLists,
    persons: Persons,
    words: NDArray[np.uint64],
    numbers: NDArray[np.integer] | None = None,
    valid: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """What stands before the sign @ in ``write_emails``, with the same arguments: string (n,)."""
    return _write_handles(lists, persons, words, numbers, ("",) * len(_DOMAINS), valid)


def _write_handles(
    lists: PeopleLists,
    persons: Persons,
    words: NDArray[np.uint64],
    numbers: NDArray[np.integer] | None,
    domains: tuple[str, ...],
    valid: NDArray[np.bool_] | None,
) -> pa.Array:
    styles = [(between, domain) for between in _BETWEEN for domain in domains]
    template = Template(
        (
            Lookup("given", lists.given_latin),
            Lookup("style", pa.array([style[0] for style in styles])),
            Lookup("surname", lists.surname_latin),
            Number("number"),
            Lookup("style", pa.array([style[1] for style in styles])),
        )
    )
    columns = {
        "given": persons.given,
        "surname": persons.surname,
        "style": scale_words(words, len(styles)),
        "number": scale_words(split_words(words, 1), 10_000) if numbers is None else numbers,
    }
    return write_strings(template, columns, len(words), valid)
