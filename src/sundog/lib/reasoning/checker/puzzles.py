"""Checkers of puzzles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need

_SQUARE = r"(?P<square>(?:[1-4._?] ){3}[1-4._?](?:\n(?:[1-4._?] ){3}[1-4._?]){3})"
_PLACE = r"row (?P<row>[1-4]), column (?P<column>[1-4])"
_QUESTIONS = (
    re.compile(
        rf"Each row, column and 2x2 box of this 4x4 sudoku holds 1 to 4 once:\n\n{_SQUARE}\n\nFill it\. Which digit is in {_PLACE}\?"
    ),
    re.compile(rf"Solve the 4x4 sudoku \(digits 1 to 4, boxes of 2x2\)\. What stands in {_PLACE}\?\n\n{_SQUARE}"),
    re.compile(rf"In the 4x4 sudoku\n\n{_SQUARE}\n\nwith 2x2 boxes, find the digit in {_PLACE}\."),
)
_FILLED = re.compile(r"Row ([1-4]), column ([1-4])(?:: | sees )([0-9, ]+)(?: are taken, so |, which leaves )([1-4])")


def _groups_of(cell: int) -> tuple[set[int], set[int], set[int]]:
    row, column = divmod(cell, 4)
    return (
        {4 * row + c for c in range(4)},
        {4 * r + column for r in range(4)},
        {4 * r + c for r in (row // 2 * 2, row // 2 * 2 + 1) for c in (column // 2 * 2, column // 2 * 2 + 1)},
    )


_SEES = tuple(set.union(*_groups_of(cell)) - {cell} for cell in range(16))


def _solve(grid: list[int], found: list[list[int]]) -> None:
    """All solutions, by trying; stops at two."""
    if len(found) > 1:
        return
    empty = [c for c in range(16) if not grid[c]]
    if not empty:
        found.append(list(grid))
        return
    choices = {c: {1, 2, 3, 4} - {grid[p] for p in _SEES[c]} for c in empty}
    cell = min(empty, key=lambda c: len(choices[c]))
    for digit in choices[cell]:
        grid[cell] = digit
        _solve(grid, found)
    grid[cell] = 0


def check_sudoku(question: str, steps: Sequence[str], answer: str) -> None:
    """The square is solved by trying, and has one solution; each step fills the first empty cell that has one digit left."""
    asked = next((m for m in (wording.fullmatch(question) for wording in _QUESTIONS) if m is not None), None)
    if asked is None:
        raise Wrong(-1, "cannot be read")
    grid = [int(c) if c.isdigit() else 0 for c in asked["square"].split()]
    for cell in range(16):
        need(not grid[cell] or all(grid[p] != grid[cell] for p in _SEES[cell]), -1, "a digit stands twice")
    found: list[list[int]] = []
    _solve(list(grid), found)
    need(len(found) == 1, -1, "there is not one solution")
    solution = found[0]
    empty = grid.count(0)
    need(len(steps) == empty + 1, len(steps), "steps are missing or too many")
    for at, step in enumerate(steps[:-1]):
        said = _FILLED.fullmatch(step)
        if said is None:
            raise Wrong(at, "cannot be read")
        cell = 4 * (int(said[1]) - 1) + int(said[2]) - 1
        alone = (c for c in range(16) if not grid[c] and len({grid[p] for p in _SEES[c]} - {0}) == 3)
        need(cell == next(alone, None), at, "is not the first cell with one digit left")
        seen = sorted({grid[p] for p in _SEES[cell]} - {0})
        need(said[3] == ", ".join(map(str, seen)) and len(seen) == 3, at, "other digits are taken")
        need(int(said[4]) not in seen and int(said[4]) == solution[cell], at, "the digit is wrong")
        grid[cell] = int(said[4])
    target = 4 * (int(asked["row"]) - 1) + int(asked["column"]) - 1
    need(
        steps[-1] == f"So row {asked['row']}, column {asked['column']} holds {solution[target]}",
        len(steps) - 1,
        "is not the digit asked for",
    )
    need(answer == str(solution[target]), len(steps), "is not the digit")


CHECKERS: Mapping[str, Checker] = {"sudoku": check_sudoku}
