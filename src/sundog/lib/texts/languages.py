"""The language of a text, by letters and their order (py3langid, the extra ``text``).

Source: Lui and Baldwin, langid.py, 2012, https://aclanthology.org/P12-3005. Limits: short texts, names, code and sums have no language;
``find_languages`` says so instead of guessing.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sundog.core.errors import MissingExtra, Problem, RequestError, install_extra, nearest

LEAST_LETTERS = 24
"""Letters below which no language is said; a letter of Han or Kana counts for four."""

DOUBT = 0.02
"""Probability of all allowed languages together from which a text may be in one of them."""

_READ = 400
"""Characters of a text that are read, from its middle."""

_LETTER = re.compile(r"[^\W\d_]")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0eff]")
_CODE = re.compile(r"```.*?(?:```|\Z)|https?://\S+|\S+@\S+|\$\$?.*?\$\$?|</?\w[^>\n]*>", re.DOTALL)


@cache
def _model() -> Any:
    if importlib.util.find_spec("py3langid") is None:
        raise MissingExtra(
            Problem(
                "SD-TEXT-221", "accept.languages", "the language of texts is told by py3langid", install_extra("text")
            )
        )
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def known_languages() -> tuple[str, ...]:
    """ISO 639-1 codes that can be told apart."""
    return tuple(sorted(_model().labels))


def check_languages(codes: Sequence[str], where: str) -> None:
    """Raise for a code that is not known.

    Raises:
        RequestError: no language of that code can be told.
    """
    known = known_languages()
    wrong = [c for c in codes if c not in known]
    if wrong:
        raise RequestError(
            *(Problem("SD-TEXT-222", where, f"no language has the code {c!r}", nearest(c, known)) for c in wrong)
        )


def find_languages(texts: Sequence[str]) -> list[tuple[str, float]]:
    """Language of each text and its probability; an empty code where too few letters tell, or no language is in it."""
    return [(found[0][0], found[0][1]) if found else ("", 0.0) for found in _rank(texts)]


def is_foreign(texts: Sequence[str], allowed: Collection[str]) -> list[str]:
    """For each text the code of its language where that is surely none of the allowed ones, else an empty text.

    Related languages are easily taken for one another, so a text is foreign only where all allowed languages together have a
    probability under ``DOUBT`` and another one alone has more than a half.
    """
    out = []
    for found in _rank(texts):
        fits = sum(p for code, p in found if code in allowed)
        out.append(found[0][0] if found and fits < DOUBT and found[0][1] > 0.5 else "")
    return out


def _rank(texts: Sequence[str]) -> list[list[tuple[str, float]]]:
    """Languages by probability; none where too few letters tell."""
    model = _model()
    out: list[list[tuple[str, float]]] = []
    for text in texts:
        prose = _CODE.sub(" ", text)
        letters = len(_LETTER.findall(prose[: 4 * _READ])) + 3 * len(_WIDE.findall(prose[: 4 * _READ]))
        if letters < LEAST_LETTERS:
            out.append([])
            continue
        middle = max(0, len(prose) // 2 - _READ // 2)
        ranked = [(str(code), float(p)) for code, p in model.rank(prose[middle : middle + _READ])]
        out.append([] if ranked[0][0] == "zxx" else ranked)
    return out
