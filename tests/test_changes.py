"""changes/: each note has a name that the changelog understands, and they build one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path


def test_notes_are_named_so_that_they_are_gathered(root: Path) -> None:
    """A note of an unknown type would be left out without a word."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["towncrier"]
    types = "|".join(entry["directory"] for entry in settings["type"])
    notes = [path.name for path in (root / "changes").iterdir() if path.name != "README.md"]
    assert [name for name in notes if not re.fullmatch(rf"(\d+|\+[a-z-]+)\.({types})(\.\d+)?\.md", name)] == []


def test_the_changelog_builds(root: Path) -> None:
    """Every note is in the draft."""
    command = [str(Path(sys.executable).parent / "towncrier"), "build", "--draft", "--version", "9.9.9", "--date", "-"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    squeezed = "".join(done.stdout.split())
    notes = [path for path in (root / "changes").glob("*.md") if path.name != "README.md"]
    assert [path.name for path in notes if "".join(path.read_text("utf-8").split()) not in squeezed] == []
    assert "9.9.9" in done.stdout
