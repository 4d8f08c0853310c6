"""The page of the families says what the families and their checkers say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sundog.lib.reasoning.make import families

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "src" / "sundog" / "lib" / "reasoning" / "README.md"


def test_the_table_is_what_the_tool_writes() -> None:
    """A dial that moved, a family that came: the table is written anew by tools/write_families.py."""
    command = [sys.executable, str(ROOT / "tools" / "write_families.py"), "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode == 0


def test_every_family_has_a_row_with_a_count() -> None:
    """Fifty families, and of each how many different questions there are."""
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == list(families())
    assert [row for row in rows if not row.endswith(" |") or " and " not in row.rsplit(" | ", 1)[1]] == []
