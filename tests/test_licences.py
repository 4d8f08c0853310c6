"""Whoever installs Sundog gets only packages whose licences Apache-2.0 software can stand on."""

from __future__ import annotations

import email
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace

import pytest

ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "CC0-1.0", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0",
    "Unlicense", "Zlib",
}  # fmt: skip

SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""Licences as some packages name them."""

ELSEWHERE = {"colorama", "httpx2-jsfetch"}
"""Packages of other platforms alone: Windows, browsers."""


def _locked(lock: Path) -> list[str]:
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock.read_text(), re.MULTILINE)))


def _licences(name: str) -> set[str]:
    """SPDX names that the package states: its expression, else its classifiers, else its short licence line."""
    metadata = distribution(name).metadata
    expression = metadata.get("License-Expression")
    if expression:
        # Of a choice one is enough; of everything else all are asked for, which errs on the safe side.
        choices = [expression] if "(" in expression else expression.split(" OR ")
        named = [set(re.findall(r"[A-Za-z0-9.-]+", choice)) - {"AND", "OR", "WITH"} for choice in choices]
        return next((licences for licences in named if licences <= ALLOWED), named[0])
    classified = [c.rsplit(" :: ", 1)[-1] for c in metadata.get_all("Classifier") or () if c.startswith("License ::")]
    named = {SPDX.get(c, c) for c in classified if c != "OSI Approved"}
    stated = (metadata.get("License") or "none stated").strip().splitlines()[0]
    return named or {SPDX.get(part, part) for part in stated.split(" AND ")}


@pytest.mark.parametrize("lock", ["core.txt", "test.txt"])
def test_every_locked_package_has_an_allowed_licence(root: Path, lock: str) -> None:
    """What ships stands on the core lock; extras and tools are in the test lock."""
    seen, refused = 0, {}
    for name in _locked(root / "requirements" / lock):
        try:
            licences = _licences(name)
        except PackageNotFoundError:
            assert name in ELSEWHERE, f"{name} is locked but not installed"
            continue
        seen += 1
        if not licences <= ALLOWED:
            refused[name] = licences - ALLOWED
    assert seen > 15
    assert refused == {}


def test_a_licence_that_is_not_on_the_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list works: a copyleft expression does not pass."""

    metadata = email.message_from_string("License-Expression: MIT AND AGPL-3.0-only\n")
    monkeypatch.setitem(globals(), "distribution", lambda _name: SimpleNamespace(metadata=metadata))
    assert _licences("anything") - ALLOWED == {"AGPL-3.0-only"}


def test_of_a_choice_one_licence_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever offers two licences lets us take the one on the list; a choice of two that are not is refused."""
    for expression, refused in (("EPL-2.0 OR BSD-3-Clause", set()), ("AGPL-3.0-only OR EPL-2.0", {"AGPL-3.0-only"})):
        metadata = email.message_from_string(f"License-Expression: {expression}\n")
        monkeypatch.setitem(globals(), "distribution", lambda _name, m=metadata: SimpleNamespace(metadata=m))
        assert _licences("anything") - ALLOWED == refused
