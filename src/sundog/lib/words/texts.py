"""Text templates: ``Dear {title} {surname}, your order {order} ...`` compiled to parts."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.words.strings import Literal, Part, Template


def compile_text(text: str, parts: Mapping[str, Part], where: str = "template") -> Template:
    """The template of a text.

    Args:
        text: with names in braces; {{ and }} stand for braces.
        parts: what each name writes.
        where: named in errors.

    Raises:
        RequestError: a brace is not closed, or a name is unknown; all problems at once.
    """
    found: list[Part] = []
    problems: list[Problem] = []
    plain, i = "", 0
    while i < len(text):
        if text[i : i + 2] in ("{{", "}}"):
            plain += text[i]
            i += 2
            continue
        if text[i] not in "{}":
            plain += text[i]
            i += 1
            continue
        end = text.find("}", i) if text[i] == "{" else -1
        if end < 0:
            what = f"the brace at sign {i + 1} of {text!r} has no counterpart"
            problems.append(Problem("SD-WORDS-005", where, what, "A brace itself is written {{ or }}."))
            break
        name = text[i + 1 : end].strip()
        i = end + 1
        if name not in parts:
            what = f"{text!r} names {name!r}, which is not a column"
            problems.append(Problem("SD-WORDS-006", where, what, nearest(name, parts)))
            continue
        if plain:
            found.append(Literal(plain))
        plain = ""
        found.append(parts[name])
    if problems:
        raise RequestError(*problems)
    return Template((*found, Literal(plain)) if plain else tuple(found))
