"""Writes the table of families in src/sundog/lib/reasoning/README.md from the families and their checkers.

Usage: python tools/write_families.py [--check | --count]

--check writes nothing and exits 1 when the table is stale; --count also measures anew how many different questions there are (minutes),
which is left as it stands without it.
"""

from __future__ import annotations

import inspect
import sys
from collections import Counter
from pathlib import Path

from sundog.core.keys import Key
from sundog.lib.reasoning.bands import band
from sundog.lib.reasoning.checker.check import checkers
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.problem import Dial, Family

PAGE = Path(__file__).resolve().parent.parent / "src" / "sundog" / "lib" / "reasoning" / "README.md"
BEGIN, END = "<!-- families: written by tools/write_families.py -->\n", "<!-- end of families -->\n"
HEAD = "| family | asked | dials: value at levels 1, 5, 10 | answer | the checker | harder band | different questions, levels 1 and 5 |\n|---|---|---|---|---|---|---|\n"
DRAWN = 20_000
FEWEST_PAIRS = 5
"""Equal pairs that an estimate is made of; with fewer, the space is said to be larger than what these would mean."""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _describe(dial: Dial) -> str:
    values = ", ".join(str(dial.by_level[level - 1]) for level in (1, 5, 10))
    return f"`{dial.name}` {values}: {dial.about}"


def count_questions(family: str, level: int) -> str:
    """How many different questions a level has, estimated from the equal pairs of 20,000 draws (n^2 / 2 pairs): the number of a space
    from which all are drawn alike. Case and blanks are not told apart.
    """
    problems = make_problems(family, level, {}, Key.root(2026), range(DRAWN))
    times = Counter(" ".join(p.question.lower().split()) for p in problems).values()
    pairs = sum(n * (n - 1) // 2 for n in times)
    size = DRAWN * (DRAWN - 1) / (2 * max(pairs, FEWEST_PAIRS))
    power = len(str(int(size))) - 1
    return f"{'> ' if pairs < FEWEST_PAIRS else ''}{int(size / 10**power)}e{power}"


def _write_row(family: Family, count: str) -> str:
    how = (inspect.getdoc(checkers()[family.name]) or "").split("\n\n")[0]
    harder = band(family.name, "harder")
    cells = (
        f"`{family.name}`", family.about, "; ".join(map(_describe, family.dials)), family.answer, how, f"{min(harder)} to {max(harder)}", count,
    )  # fmt: skip
    return f"| {' | '.join(map(_cell, cells))} |\n"


def write_page(page: str, count: bool) -> str:
    """The page with its table written anew."""
    before, _, rest = page.partition(BEGIN)
    table, _, after = rest.partition(END)
    counted = {
        line.split("`")[1]: line.rsplit(" | ", 1)[1].removesuffix(" |") for line in table.splitlines() if "`" in line
    }
    rows = []
    for name, family in families().items():
        number = " and ".join(count_questions(name, level) for level in (1, 5)) if count else counted.get(name, "")
        rows.append(_write_row(family, number))
    return before + BEGIN + HEAD + "".join(rows) + END + after


def main() -> int:
    """Write or check."""
    page = PAGE.read_text("utf-8")
    written = write_page(page, "--count" in sys.argv)
    if "--check" in sys.argv:
        return int(written != page)
    PAGE.write_text(written, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
