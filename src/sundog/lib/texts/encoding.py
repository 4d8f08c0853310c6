"""Letters that were lost or read wrongly: text in one encoding read as another, control characters, lone halves of characters."""

from __future__ import annotations

import re

# UTF-8 read as Latin-1 or Windows-1252: a lead byte as a letter, then one of the letters that continuation bytes become.
_LATER = "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
_MISREAD = re.compile(
    rf"[\u00c2\u00c3\u00c4\u00c5\u00ce\u00cf\u00d0\u00d1][{_LATER}]|\u00e2\u20ac[{_LATER}]|\u00f0\u0178[{_LATER}]{{2}}|\u00ef\u00bb\u00bf"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ufdd0-\ufdef]")
_LONE = re.compile("[\ud800-\udfff]")
_HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069]|[\U000e0000-\U000e007f]")
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4}){2,}|(?:&(?:amp|lt|gt|quot|nbsp|#\d{2,5});\S*\s*){3,}")


def find_encoding_faults(text: str) -> list[str]:
    """What is wrong with the letters of a text, in words; empty where nothing is.

    A misread text is said to be one where turning it back gives valid UTF-8, so that ``Ã`` alone in Portuguese is no fault.
    """
    found: list[str] = []
    if _ESCAPED.search(text):
        found.append("escapes that were never resolved")
    if _CONTROL.search(text):
        found.append("control characters")
    if text.isascii():
        return found
    if "\ufffd" in text:
        found.append("characters that stand for lost ones")
    if _LONE.search(text):
        found.append("lone surrogates")
    if _HIDDEN.search(text):
        found.append("characters that hide or turn text")
    if any(_turns_back(m.group()) for m in _MISREAD.finditer(text)):
        found.append("UTF-8 that was read as another encoding")
    return found


def _turns_back(piece: str) -> bool:
    """Whether a piece is UTF-8 that was read as Windows-1252 or Latin-1."""
    for name in ("cp1252", "latin-1"):
        try:
            piece.encode(name).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
        return True
    return False
