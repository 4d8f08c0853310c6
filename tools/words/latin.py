"""Names in ASCII letters, for e-mail addresses."""

from __future__ import annotations

import unicodedata

_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
        ],
        strict=True,
    )
)
_GREEK_PAIRS = {"ου": "ou", "αυ": "av", "ευ": "ev", "γγ": "ng", "γκ": "gk", "γχ": "nch", "μπ": "b", "ντ": "nt"}
_UKRAINIAN = dict(
    zip(
        "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
        [
            "a",
            "b",
            "v",
            "h",
            "g",
            "d",
            "e",
            "ie",
            "zh",
            "z",
            "y",
            "i",
            "i",
            "i",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "_",
            "iu",
            "ia",
        ],
        strict=True,
    )
)
_FOLDED = {
    "ß": "ss", "ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th",
}  # fmt: skip
_GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue"}


def fold(name: str, locale: str) -> str:
    """The letters a to z of a name: ELOT 743 for Greek, resolution 55 of 2010 for Ukrainian, ae for ä in German."""
    text = unicodedata.normalize("NFC", name).lower()
    if locale.startswith("de"):
        text = "".join(_GERMAN.get(c, c) for c in text)
    if locale.startswith("el"):
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
        for pair, letters in _GREEK_PAIRS.items():
            text = text.replace(pair, letters)
        text = "".join(_GREEK.get(c, c) for c in text)
    if locale.startswith("uk"):
        text = "".join(_UKRAINIAN.get(c, c) for c in text)
    text = "".join(_FOLDED.get(c, c) for c in text)
    return "".join(c for c in unicodedata.normalize("NFD", text) if "a" <= c <= "z")
