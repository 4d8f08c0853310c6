"""Puzzles with one solution, which the checker proves."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made

_BASE = (0, 1, 2, 3, 2, 3, 0, 1, 1, 0, 3, 2, 3, 2, 1, 0)
"""A solved square; every other one of this pattern comes from it by changing digits, rows and columns."""

_PEERS = tuple(
    tuple(
        j
        for j in range(16)
        if j != i and (j // 4 == i // 4 or j % 4 == i % 4 or (j // 8 == i // 8 and j % 4 // 2 == i % 4 // 2))
    )
    for i in range(16)
)


def make_sudoku(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A square of four by four, solved cell by cell, each of which has one digit left."""
    digits = draw.shuffle((1, 2, 3, 4))
    rows = [2 * b + r for b in draw.shuffle((0, 1)) for r in draw.shuffle((0, 1))]
    columns = [2 * b + c for b in draw.shuffle((0, 1)) for c in draw.shuffle((0, 1))]
    square = [digits[_BASE[4 * r + c]] for r in rows for c in columns]
    if draw.below(2):
        square = [square[4 * (i % 4) + i // 4] for i in range(16)]
    # Cells are emptied in the reverse of the order in which they are filled: each must have one digit left when its turn comes.
    given = list(square)
    emptied: list[int] = []
    for cell in draw.shuffle(range(16)):
        if len(emptied) == dials["empty"]:
            break
        seen = {given[p] for p in _PEERS[cell]} - {0}
        if len(seen) == 3:
            given[cell] = 0
            emptied.append(cell)
    target = emptied[draw.below(len(emptied))]
    blank = draw.pick((".", "_", "?"))
    shown = "\n".join(" ".join(str(d) if d else blank for d in given[i : i + 4]) for i in (0, 4, 8, 12))
    place = f"row {target // 4 + 1}, column {target % 4 + 1}"
    question = draw.pick(
        (
            "Each row, column and 2x2 box of this 4x4 sudoku holds 1 to 4 once:\n\n{}\n\nFill it. Which digit is in {}?",
            "Solve the 4x4 sudoku (digits 1 to 4, boxes of 2x2). What stands in {1}?\n\n{0}",
            "In the 4x4 sudoku\n\n{}\n\nwith 2x2 boxes, find the digit in {}.",
        )
    ).format(shown, place)
    wording = draw.pick(("Row {}, column {}: {} are taken, so {}", "Row {}, column {} sees {}, which leaves {}"))
    steps = []
    while emptied:
        # The first cell, in reading order, that has one digit left: so there is one chain.
        cell = min(c for c in emptied if len({given[p] for p in _PEERS[c]} - {0}) == 3)
        emptied.remove(cell)
        taken = sorted({given[p] for p in _PEERS[cell]} - {0})
        given[cell] = square[cell]
        steps.append(wording.format(cell // 4 + 1, cell % 4 + 1, ", ".join(map(str, taken)), square[cell]))
    steps.append(f"So {place} holds {square[target]}")
    return question, steps, str(square[target])


FAMILIES = (
    Family(
        "sudoku", "puzzles", "a digit of a 4x4 sudoku", "a digit",
        (Dial("empty", (3, 4, 5, 6, 8, 8, 9, 9, 10, 11), 1, 12, "empty cells at most"),),
        make_sudoku,
    ),
)  # fmt: skip
