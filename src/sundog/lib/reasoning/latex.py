"""Answers in LaTeX: the box around them, and formulas that only computer algebra compares."""

from __future__ import annotations

import logging
import re
from functools import cache
from types import ModuleType
from typing import cast

_FRACTION = re.compile(r"\\[dt]?frac\s*(?:\{([^{}]*)\}|([0-9]))\s*(?:\{([^{}]*)\}|([0-9]))")
_WORDS = (
    (r"\times", "×"), (r"\cdot", "×"), (r"\div", "÷"), (r"\approx", "≈"), (r"\le", "≤"), (r"\ge", "≥"), (r"\neq", "≠"), (r"\%", "%"),
    (r"\$", "$"), (r"\left", ""), (r"\right", ""), (r"\,", ""), (r"\;", " "), (r"\!", ""), (r"\ ", " "), (r"\{", "{"), (r"\}", "}"),
    (r"\(", ""), (r"\)", ""), (r"\[", ""), (r"\]", ""),
)  # fmt: skip
_FORMULA = re.compile(r"[-+*/^_(){}\[\]\\=.,|<> 0-9A-Za-z$×√π]+")
_TOWER = re.compile(r"\\(?:int|sum|prod|lim)|\^[^+=]*\^|\^\s*\{?\s*[0-9]{4,}|[0-9]{60,}")
_MOST_LETTERS = 200


def strip_box(text: str) -> str:
    r"""What stands in the last ``\boxed{...}``, or the text itself; fractions and signs as they are written in plain text."""
    start = text.rfind(r"\boxed{")
    if start >= 0:
        depth, at = 1, start + len(r"\boxed{")
        begin = at
        while at < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        text = text[begin : at - 1] if not depth else text[begin:]
    return plain_latex(text)


def plain_latex(text: str) -> str:
    r"""LaTeX of plain arithmetic as plain text: ``\frac{1}{2} \times 3`` is ``(1)/(2) × 3``; other commands stay as they are."""
    if "\\" not in text:
        return text
    text = re.sub(r"\\(?:text|mathrm|mathbf)\s*\{([^{}]*)\}", r"\1", text)
    for _ in range(5):
        text, times = _FRACTION.subn(_write_fraction, text)
        if not times:
            break
    for command, sign in _WORDS:
        text = (
            re.sub(re.escape(command) + r"(?![A-Za-z])", sign, text)
            if command[-1].isalpha()
            else text.replace(command, sign)
        )
    return text


def _write_fraction(found: re.Match[str]) -> str:
    top, bottom = found[1] or found[2] or "", found[3] or found[4] or ""
    if top.strip().lstrip("-").isdigit() and bottom.strip().isdigit():
        # Behind a whole number it is the rest of a mixed one.
        before = found.string[found.start() - 1 : found.start()]
        return f"{' ' if before.isdigit() else ''}{top.strip()}/{bottom.strip()}"
    return f"({top})/({bottom})"


@cache
def _load() -> ModuleType | None:
    try:
        import math_verify
    except ModuleNotFoundError:
        return None
    logging.getLogger("math_verify").setLevel(logging.ERROR)  # it warns of each missing time limit
    return cast(ModuleType, math_verify)


def read_latex(expected: str, given: str) -> bool | None:
    """Whether two formulas are equal, by math-verify; None where it is not installed or the texts are not formulas of a few signs.

    Only its reader of LaTeX is used: the other one lets Python evaluate what a model wrote. Towers of powers, sums and
    integrals are not even tried, since they may run without end.
    """
    library = _load()
    if library is None:
        return None
    sides = []
    for text in (expected, given):
        body = text.strip().strip("$ ").rstrip(".").replace("×", r"\times ").replace("π", r"\pi ")
        body = re.sub(r"√\(?([0-9]+)\)?|sqrt\(([^()]*)\)", lambda m: rf"\sqrt{{{m[1] or m[2]}}}", body)
        if len(body) > _MOST_LETTERS or not _FORMULA.fullmatch(body) or _TOWER.search(body):
            return None
        if re.search(r"[A-Za-z]{3,}", re.sub(r"\\[A-Za-z]+", "", body)):
            return None
        wrapped = body if r"\boxed" in body else rf"\boxed{{{body}}}"
        sides.append(
            library.parse(
                f"${wrapped}$",
                extraction_config=[library.LatexExtractionConfig()],
                fallback_mode="no_fallback",
                parsing_timeout=None,
            )
        )
    if not all(sides):
        return None
    return bool(library.verify(sides[0], sides[1], timeout_seconds=None))
