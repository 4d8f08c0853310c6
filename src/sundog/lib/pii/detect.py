"""Everything that is recognised in a text, without overlaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sundog.lib.pii.formats import find_formats
from sundog.lib.pii.labelled import find_dates, find_labelled
from sundog.lib.pii.language import find_persons
from sundog.lib.pii.names import NameLists, common_names, find_names, trim_person
from sundog.lib.pii.places import find_addresses
from sundog.lib.pii.spans import Span, settle


def find_in_text(
    text: str, lists: NameLists | None = None, *, more: Sequence[Span] = (), dates: bool = False
) -> list[Span]:
    """Identifiers in one text, in order, without overlaps.

    Args:
        text: any.
        lists: known names; without them those of the sixteen locales.
        more: pieces that were found by other means.
        dates: find dates that are not said to be of birth, too.
    """
    known = common_names() if lists is None else lists
    found = [*find_formats(text), *find_labelled(text), *find_names(text, known), *find_addresses(text), *more]
    if dates:
        found += find_dates(text)
    return settle(found)


def find_in_texts(
    texts: Sequence[str], lists: NameLists | None = None, *, language: bool, dates: bool = False
) -> Iterator[list[Span]]:
    """The same for many texts.

    Args:
        texts: any.
        lists: known names.
        language: ask the language model too (the extra ``pii``).
        dates: as above.
    """
    if not language:
        for text in texts:
            yield find_in_text(text, lists, dates=dates)
        return
    known = common_names() if lists is None else lists
    for text, persons in zip(texts, find_persons(texts), strict=True):
        more = [trimmed for span in persons if (trimmed := trim_person(text, span, known)) is not None]
        yield find_in_text(text, known, more=more, dates=dates)
