"""Errors a user can act on: a stable code, the place, what was found, and how to mend it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong.

    Attributes:
        code: stable, ``SD-AREA-NNN``; each has an entry in docs/reference/errors.md.
        where: the place, in the recipe (``parts.people.units``), a file and line, or a command-line option.
        what: what was found against what was expected.
        fix: what to do about it.
    """

    code: str
    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        """One line, with the mend on a second line where there is one; a name of hundreds of letters is cut."""
        line = f"{self.code} at {self.where}: {self.what}" + (f"\n    {self.fix}" if self.fix else "")
        return _LONG.sub(lambda found: cut_name(found.group()), line)


class SundogError(Exception):
    """Base of every error that Sundog raises on purpose; carries every problem found, not only the first."""

    exit_code: ClassVar[int] = 1

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))

    def __reduce__(self) -> tuple[type[SundogError], tuple[Problem, ...]]:
        """Let an error cross a process border whole."""
        return (type(self), self.problems)


class RequestError(SundogError, ValueError):
    """The request is wrong; found before anything was written."""

    exit_code = 2


class Damaged(RequestError):
    """A file of a bundle is gone or cannot be read."""


class MissingExtra(RequestError, ImportError):
    """The request is fine; this environment lacks an optional package."""


class Incomplete(SundogError, RuntimeError):
    """The run stopped after writing began; what is there is whole, and ``--resume`` makes the rest."""

    exit_code = 4


class Exhausted(SundogError, RuntimeError):
    """The stated limit of attempts was reached before enough units were accepted."""

    exit_code = 3


class Fault(SundogError, RuntimeError):
    """A fault of ours, or of an extension."""

    exit_code = 1


NAME_LENGTH = 100
"""Letters of one word that a message shows; the whole of it is in the problem's own fields."""

_LONG = re.compile(rf"[^\s/\\'\"]{{{NAME_LENGTH + 1},}}")


def cut_name(name: str) -> str:
    """The name, or its beginning and end with the number of letters between them.

    >>> cut_name("n" * 300)[58:]
    'nn…(300 letters)…nnnnnnnnnn'
    """
    return name if len(name) <= NAME_LENGTH else f"{name[:60]}…({len(name):,} letters)…{name[-10:]}"


def install_extra(extra: str) -> str:
    """How an extra of Sundog is installed: the package is in no registry, so from the folder of its source."""
    return f"In the folder of Sundog's source: pip install '.[{extra}]'"


def nearest(name: str, valid: Iterable[str]) -> str:
    """A sentence that offers the nearest valid name, or lists the valid ones.

    >>> nearest("price", ["qty", "unit_price"])
    "Did you mean 'unit_price'?"
    """
    names = sorted(set(valid))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    shown = ", ".join(map(cut_name, names[:12])) + (", ..." if len(names) > 12 else ".")
    return f"Valid names: {shown}" if names else "There are none."
