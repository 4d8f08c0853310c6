"""Text and numbers on their way into a page: escaped, clipped, and written the way a reader expects them."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping

NAME_LIMIT = 72
"""Characters of a name that a page shows; the whole name is in report.json."""

SENTENCE_LIMIT = 700
"""Characters of a sentence that a page shows."""

# Characters that would hide, reorder or end text: controls, bidirectional overrides, lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_COUNTS = frozenset(
    {"rows", "units", "columns", "records", "people", "persons", "customers", "patients", "scenes", "count", "pairs"}
)
_THREE_DECIMALS = frozenset({"auc", "r2", "accuracy", "ratio", "correlation", "f1", "probability", "risk"})
_FOUR_DECIMALS = frozenset({"distance", "ks", "tv"})


def show(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """Text made safe to stand in a page, as text or inside a quoted attribute: cleaned, clipped, escaped."""
    return html.escape(clip(clean(text), limit), quote=True)


def clean(text: str) -> str:
    """The text with characters made visible that would hide or reorder what stands around them."""
    return _UNSAFE.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and end with the length between them, where it is longer than ``limit``.

    >>> clip("abcdefghij" * 3, 24)
    'abcdefghij … (30) … ghij'
    """
    if len(text) <= limit:
        return text
    middle = f" … ({len(text):,}) … "
    room = max(limit - len(middle), 8)
    tail = room // 3
    return text[: room - tail] + middle + text[-tail:]


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name of a column, table or check, made safe to stand in a page."""
    shown = text if text.strip() else f"(blank name of {len(text)} characters)"
    return show(re.sub(r"\s+", " ", shown), limit)


def measure(value: float | None, unit: str) -> str:
    """A number as people read it: shares in per cent, AUC with three decimals, counts with separators.

    >>> measure(0.0015, "share"), measure(0.51849, "AUC"), measure(12345, "rows")
    ('0.15%', '0.518', '12,345')
    """
    if value is None or not math.isfinite(value):
        return "–"
    kind = unit.strip().lower()
    if kind == "share" or kind.startswith("share "):
        return _percent(value)
    if kind in _COUNTS or (kind and kind.split()[0] in _COUNTS):
        return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"
    if kind in _THREE_DECIMALS or any(kind.startswith(f"{w} ") for w in _THREE_DECIMALS):
        return _signed(f"{value:.3f}")
    if kind in _FOUR_DECIMALS or any(kind.startswith(f"{w} ") for w in _FOUR_DECIMALS):
        return _signed(f"{value:.4f}")
    return plain(value)


def plain(value: float | None) -> str:
    """A number with about four digits that matter."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    if float(value).is_integer() and size < 1e15:
        return _signed(f"{value:,.0f}")
    if size >= 1000:
        return _signed(f"{value:,.0f}" if size < 1e9 else f"{value:.3g}")
    if size < 1e-3:
        return _signed(f"{value:.2g}")
    if size < 1:
        return _signed(f"{value:.4f}")
    return _signed(f"{value:.4g}")


def spell_level(level: float) -> str:
    """A level of confidence: three digits, so that one near 1 is not called 100%.

    >>> spell_level(0.95), spell_level(0.99643)
    ('95%', '99.6%')
    """
    return f"{level * 100:.3g}%" if level < 0.9995 else f"{level * 100:.7g}%"


def spell_unit(unit: str) -> str:
    """The unit as it stands after a number; nothing for shares, which are written in per cent."""
    return "" if unit == "share" else unit


def spell_bytes(count: int | None) -> str:
    """A size in memory or on disk.

    >>> spell_bytes(1536 * 1024)
    '1.5 MiB'
    """
    if count is None:
        return "–"
    size = float(count)
    for word in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024 or word == "TiB":
            return f"{size:,.0f} {word}" if word == "bytes" else f"{size:.3g} {word}"
        size /= 1024
    return f"{count:,}"


def spell_seconds(seconds: float | None) -> str:
    """A duration.

    >>> spell_seconds(0.25), spell_seconds(75.2)
    ('0.25 s', '1 min 15 s')
    """
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s"
    return f"{seconds / 3600:.1f} h"


def spell_list(words: tuple[str, ...]) -> str:
    """Words joined as in a sentence.

    >>> spell_list(("a", "b", "c"))
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def count_of(number: int, noun: str) -> str:
    """A number and a noun that agree; ``noun`` is the plural.

    >>> count_of(1, "findings"), count_of(1200, "rows")
    ('1 finding', '1,200 rows')
    """
    return f"{number:,} {_singular(noun) if number == 1 else noun}"


def _singular(noun: str) -> str:
    if noun.endswith("ies"):
        return noun[:-3] + "y"
    return {"people": "person", "entries": "entry"}.get(noun, noun.removesuffix("s"))


def _percent(value: float) -> str:
    percent = value * 100
    size = abs(percent)
    if size == 0:
        return "0%"
    if size < 0.1:
        return _signed(f"{percent:.2g}%")
    if size < 10:
        return _signed(f"{percent:.2f}%")
    if 99 <= size < 100:
        return _signed(f"{percent:.2f}%")
    return _signed(f"{percent:.1f}%" if not percent.is_integer() else f"{percent:.0f}%")


def _signed(text: str) -> str:
    return "−" + text[1:] if text.startswith("-") else text


ROLE_WORDS: Mapping[str, str] = {"synthetic": "synthetic", "train": "training", "holdout": "holdout"}

VERDICT_WORDS: Mapping[str, str] = {
    "pass": "passed",
    "warn": "warning",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "skipped": "not run",
    "info": "shown only",
}

SECTION_WORDS: Mapping[str, tuple[str, str]] = {
    "fidelity": (
        "Fidelity",
        "Does it look like the real data? Every score stands beside what a fresh sample of real data gets.",
    ),
    "utility": (
        "Utility",
        "Does work done with it come out as with the real data? Models are trained on one and tested on real rows that"
        " neither has seen.",
    ),
    "privacy": (
        "Privacy",
        "What does it give away about the people it was learned from? A number here is a measured attack or a count,"
        " never a promise.",
    ),
    "validity": ("Validity", "Does every row keep the rules of the table?"),
    "coverage": ("Coverage", "Are the rare cases there, and not only the common ones?"),
    "verification": ("Verification", "Do the data hold up when they are checked against something independent?"),
    "provenance": ("Provenance", "Where does it come from, and under which licences?"),
    "scale": ("Scale", "How fast can more be made?"),
    "cost": ("Cost", "What did it take to make?"),
}

_CHECK_WORDS: Mapping[str, str] = {
    "c2st": "Can a classifier tell them apart?",
    "columns": "Columns, one at a time",
    "column": "Columns, one at a time",
    "associations": "Pairs of columns",
    "pairs": "Pairs of columns",
    "triples": "Triples of columns",
    "correlations": "Correlations",
    "missingness": "Missing values",
    "missing": "Missing values",
    "utility": "Train on synthetic, test on real",
    "tstr": "Train on synthetic, test on real",
    "copies": "Rows equal to a training row",
    "exact": "Rows equal to a training row",
    "near": "Rows nearly equal to a training row",
    "near_copies": "Rows nearly equal to a training row",
    "dcr": "Distance to the closest record",
    "membership": "Was this record in the training data?",
    "membership_ensemble": "Best of many guesses at who was in the training data",
    "membership_outliers": "Best of many guesses at which outliers were in the training data",
    "membership_tpr": "Training records found with few false alarms",
    "singling_out": "Singling out one person",
    "linkability": "Linking two tables of the same people",
    "inference": "Telling a secret from all else",
    "positive_control": "The attack fires on a leaky copy",
    "detectable": "Smallest leak that this run would see",
    "canaries": "Planted rows against the claimed epsilon",
    "rules": "Rows that break a rule",
    "c2st_train": "Can it be told from the training rows?",
    "c2st_column": "Can one column give it away?",
    "pearson": "Linear correlations",
    "model": "Utility, model by model",
    "unique_copies": "Copies of rows that are alone of their kind",
    "attacks": "Attacks",
    "distance": "Nearer to the training rows than chance",
    "distance_median": "Median distance to the closest record",
    "rare": "Rare values",
    "rare_pairs": "Rare combinations",
    "tails": "Tails of the columns",
    "generation": "Generations from the real data",
    "licences": "Sources without a licence",
    "rejected": "Units rejected",
    "coincidence": "Like a real person by chance",
    "coincidences": "Rows like a real person by chance",
    "namesakes": "Real people of the same name, by chance",
    "unique": "Values of a key that stand twice",
    "references": "Rows without their parent",
    "rows": "Rows made",
    "identifiers": "Personal data",
    "text_identifiers": "Identifiers in free text",
    "templates": "Templates of free text",
    "duplicate": "Texts with the words of an earlier one",
    "near_duplicate": "Texts nearly the same as an earlier one",
    "same_meaning": "Texts that say what an earlier one says",
    "text_copying": "Words from the source, in runs of eight",
    "text_copies": "Texts that are mostly copies",
    "contamination": "Items of tests, word for word",
    "contamination_neighbours": "Items of tests, in other words",
    "text_compression": "How far texts repeat one another",
    "text_vendi": "Different texts in effect",
    "acceptance": "Units accepted",
    "duplicates": "Units rejected as duplicates",
    "tokens": "Tokens for an accepted unit",
    "price": "Price of an accepted unit",
}


def sentence(text: str) -> str:
    """Text as a sentence: a capital first, a full stop last; a name at the start stays as it is.

    >>> sentence("all rows keep it"), sentence("hours_per_week is off."), sentence("")
    ('All rows keep it.', 'hours_per_week is off.', '')
    """
    text = text.strip()
    if not text:
        return ""
    first = text.split(maxsplit=1)[0]
    if first.isalpha() and first.islower():
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else text + "."


def name_check(check: str) -> str:
    """The question a check asks, in plain words; the tail of its id where no better words are known.

    >>> name_check("fidelity.c2st"), name_check("fidelity.shape_of_tails")
    ('Can a classifier tell them apart?', 'Shape of tails')
    """
    tail = check.rsplit(".", 1)[-1]
    return _CHECK_WORDS.get(tail) or tail.replace("_", " ").replace("-", " ").strip().capitalize() or check
