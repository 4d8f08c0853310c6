"""Programs over lists, words and counters, traced line by line."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import bracket

_TRACE = ("{}: {}", "{} -> {}", "{} gives {}")


def _numbered(draw: Draw, moves: list[str]) -> str:
    if draw.below(2):
        return " ".join(f"{i}. {m}." for i, m in enumerate(moves, 1))
    return " ".join(f"{m}." for m in moves)


def make_list_program(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A list after some operations."""
    most = dials["most"]
    now = [draw.between(0, most) for _ in range(dials["length"])]
    question = draw.pick(("Start with the list {}.", "Take the list {}.", "The list is {}.")).format(now)
    moves, trace = [], [("Start", now)]
    for _ in range(dials["operations"]):
        sort = draw.below(10)
        n = draw.between(1, 9)
        if sort == 0:
            move, now = "Reverse it", now[::-1]
        elif sort == 1:
            move, now = "Sort it in ascending order", sorted(now)
        elif sort == 2:
            move, now = "Sort it in descending order", sorted(now, reverse=True)
        elif sort == 3:
            move, now = f"Add {n} to each number", [x + n for x in now]
        elif sort == 4:
            move, now = f"Multiply each number by {n % 3 + 2}", [x * (n % 3 + 2) for x in now]
        elif sort == 5 and len(now) > 2:
            move, now = "Drop the first number", now[1:]
        elif sort == 6 and len(now) > 2:
            move, now = "Drop the last number", now[:-1]
        elif sort == 7:
            move, now = f"Append {n}", [*now, n]
        elif sort == 8 and len(now) > 1:
            move, now = "Move the first number to the end", now[1:] + now[:1]
        else:
            odd = [x for x in now if x % 2]
            even = [x for x in now if x % 2 == 0]
            if len(odd) > 1:
                move, now = "Keep only the odd numbers", odd
            elif even:
                move, now = "Keep only the even numbers", even
            else:
                move, now = f"Append {n}", [*now, n]
        moves.append(move)
        trace.append((move, now))
    asked = draw.pick(("What is the list now?", "Write down the list that results.", "Which list is left?"))
    wording = draw.pick(_TRACE)
    return f"{question} {_numbered(draw, moves)} {asked}", [wording.format(m, s) for m, s in trace], str(now)


_CONSONANTS, _VOWELS = "bcdfghklmnprstvz", "aeiou"


def make_string_program(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A word after some operations."""
    now = "".join(draw.pick(_VOWELS if (i + draw.below(4) // 3) % 2 else _CONSONANTS) for i in range(dials["length"]))
    question = draw.pick(('Start with the word "{}".', 'Take the text "{}".', 'The string is "{}".')).format(now)
    moves, trace = [], [("Start", now)]
    for _ in range(dials["operations"]):
        sort = draw.below(9)
        if sort == 0:
            move, now = "Reverse it", now[::-1]
        elif sort == 1 and len(now) > 2:
            move, now = "Remove the first letter", now[1:]
        elif sort == 2 and len(now) > 2:
            move, now = "Remove the last letter", now[:-1]
        elif sort == 3:
            old = draw.pick(now)
            new = draw.pick((_CONSONANTS + _VOWELS).replace(old, ""))
            move, now = f"Replace every {old} by {new}", now.replace(old, new)
        elif sort == 4:
            move, now = "Move the first letter to the end", now[1:] + now[:1]
        elif sort == 5:
            new = draw.pick(_CONSONANTS) + draw.pick(_VOWELS)
            move, now = f"Append {new}", now + new
        elif sort == 6:
            new = draw.pick(_CONSONANTS)
            move, now = f"Put {new} in front", new + now
        elif sort == 7:
            move, now = "Swap the first and the last letter", (now[-1] + now[1:-1] + now[0] if len(now) > 1 else now)
        else:
            move, now = "Sort the letters alphabetically", "".join(sorted(now))
        moves.append(move)
        trace.append((move, now))
    asked = draw.pick(("What is it now?", "Which text results?", "Write down the result."))
    wording = draw.pick(_TRACE)
    return f"{question} {_numbered(draw, moves)} {asked}", [wording.format(m, s) for m, s in trace], now


def make_loop_program(draw: Draw, dials: Mapping[str, int]) -> Made:
    """What a loop with two counters prints."""
    x, y = draw.sample("abcdmnpqsuvwxy", 2)
    p, q = draw.between(0, dials["most"]), draw.between(1, dials["most"])
    begin = draw.between(0, 4)
    end = begin + draw.between(2, dials["rounds"])
    kind, change = draw.below(4), draw.between(1, 9)
    first = (f"{x} = {x} + i * {y}", f"{x} = {x} - {y} + i", f"{x} = {x} + {y}", f"{x} = {x} + 2 * {y} - i")[kind]
    sign = draw.pick("+-")
    lines = [
        f"{x} = {p}",
        f"{y} = {q}",
        f"for i in range({begin}, {end}):",
        f"    {first}",
        f"    {y} = {y} {sign} {change}",
    ]
    shown = "\n".join([*lines, f"print({x})"])
    question = draw.pick(
        (
            "What does this program print?",
            "Trace the program. What is printed?",
            "Which number does this Python code print?",
        )
    )
    question = f"{question}\n\n{shown}" if draw.below(2) else f"{shown}\n\n{question}"
    wording = draw.pick(("i = {}: {} = {} = {}, {} = {} = {}", "For i = {}, {} = {} = {} and {} = {} = {}"))
    steps = []
    for i in range(begin, end):
        told = (
            f"{p} + {i} × {bracket(q)}", f"{p} - {bracket(q)} + {i}", f"{p} + {bracket(q)}", f"{p} + 2 × {bracket(q)} - {i}",
        )[kind]  # fmt: skip
        p += (i * q, i - q, q, 2 * q - i)[kind]
        before = q
        q += change if sign == "+" else -change
        steps.append(wording.format(i, x, told, p, y, f"{before} {sign} {change}", q))
    steps.append(draw.pick(("After the loop {} = {}", "Printed is {} = {}")).format(x, p))
    return question, steps, str(p)


FAMILIES = (
    Family(
        "list_program", "programs", "a list after some operations", "`[3, 1, 2]`",
        (
            Dial("length", (3, 4, 4, 5, 5, 6, 6, 7, 8, 9), 1, 20, "numbers at first"),
            Dial("operations", (1, 2, 2, 3, 4, 5, 6, 7, 9, 12), 1, 40, "operations"),
            Dial("most", (20, 20, 25, 25, 30, 40, 50, 60, 99, 99), 1, 9999, "greatest number at first"),
        ),
        make_list_program,
    ),
    Family(
        "string_program", "programs", "a word after some operations", "a word",
        (
            Dial("length", (3, 4, 4, 5, 6, 6, 7, 8, 9, 10), 1, 24, "letters at first"),
            Dial("operations", (1, 2, 2, 3, 4, 5, 6, 7, 9, 12), 1, 40, "operations"),
        ),
        make_string_program,
    ),
    Family(
        "loop_program", "programs", "what a loop with two counters prints", "an integer",
        (
            Dial("rounds", (2, 2, 3, 3, 4, 5, 6, 7, 9, 12), 2, 40, "most rounds"),
            Dial("most", (5, 9, 9, 9, 30, 40, 50, 60, 99, 99), 1, 9999, "greatest first value"),
        ),
        make_loop_program,
    ),
)  # fmt: skip
