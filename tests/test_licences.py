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


def _locked(lock: Path) -> list[str]:
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", lock.read_text(), re.MULTILINE)))


def _licences(name: str) -> set[str]:
    """SPDX names that the package states: its expression, else its classifiers, else its short licence line."""
    metadata = distribution(name).metadata
    expression = metadata.get("License-Expression")
    if expression:
        # With OR one of them is enough, with AND all are needed; asking for all errs on the safe side.
        return set(re.findall(r"[A-Za-z0-9.-]+", expression)) - {"AND", "OR", "WITH"}
    classified = [c.rsplit(" :: ", 1)[-1] for c in metadata.get_all("Classifier") or () if c.startswith("License ::")]
    named = {SPDX.get(c, c) for c in classified if c != "OSI Approved"}
    stated = (metadata.get("License") or "none stated").strip().splitlines()[0]
    return named or {SPDX.get(stated, stated)}


@pytest.mark.parametrize("lock", ["core.txt", "test.txt"])
def test_every_locked_package_has_an_allowed_licence(root: Path, lock: str) -> None:
    """What ships stands on the core lock; extras and tools are in the test lock."""
    seen, refused = 0, {}
    for name in _locked(root / "requirements" / lock):
        try:
            licences = _licences(name)
        except PackageNotFoundError:
            assert name == "colorama", f"{name} is locked but not installed"  # for Windows alone
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
