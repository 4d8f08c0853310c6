"""What can be told of a part's rules before anything is written: languages that nobody knows, sets that cannot be read, weights that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sundog.core.errors import Problem, SundogError
from sundog.kinds.text.recipe_accept import AcceptSpec, DuplicatesSpec


def find_rule_faults(accept: AcceptSpec, duplicates: DuplicatesSpec, where: str) -> tuple[Problem, ...]:
    """Every fault of the rules, each with its place.

    Args:
        accept: rules of one text.
        duplicates: rules over all of them.
        where: place of the part in the recipe, ``parts.notes``.
    """
    return tuple(_find(accept, duplicates, where))


def _find(accept: AcceptSpec, duplicates: DuplicatesSpec, where: str) -> Iterator[Problem]:
    from sundog.lib.texts.embedder_files import open_embedder
    from sundog.lib.texts.languages import check_languages
    from sundog.lib.texts.named_sets import read_named_set

    if accept.languages:
        yield from _told(lambda: check_languages(accept.languages, f"{where}.accept.languages"))
    said = accept.contamination
    if said.handling != "off":
        for name in said.against:
            at = f"{where}.accept.contamination.against"
            yield from _told(lambda name=name, at=at: read_named_set(name, at))  # type: ignore[misc]
        if said.against and said.neighbour is not None:
            yield from _told(lambda: open_embedder("static"), f"{where}.accept.contamination.neighbour")
    if duplicates.semantic is not None:
        yield from _told(lambda: open_embedder("static"), f"{where}.duplicates.semantic")


def _told(ask: Callable[[], object], at: str = "") -> tuple[Problem, ...]:
    """The problems of an error that asking ends with, at their place in the recipe."""
    try:
        ask()
    except SundogError as error:
        return tuple(replace(p, where=at) if at else p for p in error.problems)
    return ()
