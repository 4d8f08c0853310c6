"""Checks of programs: a small interpreter of each runs the text of the question, and every line of the trace must be the state that it reaches."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from sundog.lib.reasoning.checker.fault import Checker, Wrong, need
from sundog.lib.reasoning.checker.lists import NUMBER

_NUMBERED = re.compile(r"([0-9]+)\. ")
_TRACED = re.compile("(.+?)(?:: | -> | gives )(.*)")

Move: TypeAlias = tuple[re.Pattern[str], Callable[[Sequence[str], tuple[str, ...]], list[str]]]
"""What a line looks like, and what it makes of the items (decimal numbers or letters) with its own groups."""


def _read_program(text: str, first: re.Pattern[str], last: Sequence[str]) -> tuple[str, list[str]]:
    """What is started with, and the lines of the program without their numbers."""
    begin = first.match(text)
    asked = next((q for q in last if text.endswith(" " + q)), None)
    if begin is None or asked is None:
        raise Wrong(-1, "the question is not understood")
    body = text[begin.end() : -len(asked) - 1]
    lines = body.removesuffix(".").split(". ")
    if _NUMBERED.match(body):
        # "1. Reverse it. 2. Append 3." falls apart into numbers and lines.
        numbers, lines = lines[::2], lines[1::2]
        need(numbers == [str(i) for i in range(1, len(lines) + 1)], -1, "lines are not numbered 1, 2, 3")
    need(body.endswith(".") and len(lines) > 0, -1, "the question is not understood")
    return begin[1], lines


def _follow(
    lines: Sequence[str],
    items: list[str],
    moves: Sequence[Move],
    show: Callable[[list[str]], str],
    steps: Sequence[str],
) -> str:
    """Run the lines and hold the steps against them; what is left at the end, as it is written."""
    need(len(steps) == len(lines) + 1, len(steps), "steps are missing or too many")
    for i, line in enumerate(("Start", *lines)):
        if i:
            for pattern, run in moves:
                if match := pattern.fullmatch(line):
                    items = run(items, match.groups())
                    break
            else:
                raise Wrong(-1, f"not understood: {line}")
        traced = _TRACED.fullmatch(steps[i])
        need(traced is not None and traced[1] == line, i, "not this line of the program")
        need(traced is not None and traced[2] == show(items), i, "not true")
    return show(items)


def _rotate(items: Sequence[str], _: tuple[str, ...]) -> list[str]:
    turned = deque(items)
    turned.rotate(-1)
    return list(turned)


def _need_items(items: Sequence[str], number: int) -> Sequence[str]:
    need(len(items) >= number, -1, "too few are left for this line")
    return items


_LIST_MOVES: tuple[Move, ...] = (
    (re.compile("Reverse it"), lambda x, _: list(reversed(x))),
    (re.compile("Sort it in ascending order"), lambda x, _: sorted(x, key=int)),
    (re.compile("Sort it in descending order"), lambda x, _: sorted(x, key=lambda n: -int(n))),
    (re.compile(f"Add {NUMBER} to each number"), lambda x, g: [str(int(n) + int(g[0])) for n in x]),
    (re.compile(f"Multiply each number by {NUMBER}"), lambda x, g: [str(int(n) * int(g[0])) for n in x]),
    (re.compile("Drop the first number"), lambda x, _: list(_need_items(x, 1)[1:])),
    (re.compile("Drop the last number"), lambda x, _: list(_need_items(x, 1)[:-1])),
    (re.compile(f"Append {NUMBER}"), lambda x, g: [*x, g[0]]),
    (re.compile("Move the first number to the end"), _rotate),
    (
        re.compile("Keep only the (odd|even) numbers"),
        lambda x, g: [n for n in x if (n[-1] in "13579") == (g[0] == "odd")],
    ),
)
_LIST = re.compile(
    r"(?:Start with the list|Take the list|The list is) \[((?:0|[1-9][0-9]{0,19})(?:, (?:0|[1-9][0-9]{0,19}))*)\]\. "
)
_LIST_ASKED = ("What is the list now?", "Write down the list that results.", "Which list is left?")


def check_list_program(question: str, steps: Sequence[str], answer: str) -> None:
    """The lines are run by an interpreter of their own; each state is compared."""
    first, lines = _read_program(question, _LIST, _LIST_ASKED)
    numbers = first.split(", ")
    end = _follow(lines, numbers, _LIST_MOVES, lambda items: f"[{', '.join(items)}]", steps)
    need(answer == end, len(steps), "not the answer")


def _replace(items: Sequence[str], letters: tuple[str, ...]) -> list[str]:
    old, new = letters
    need(old in items and old != new, -1, "nothing to replace")
    return [new if c == old else c for c in items]


def _swap(items: Sequence[str], _: tuple[str, ...]) -> list[str]:
    order = list(range(len(_need_items(items, 1))))
    order[0], order[-1] = order[-1], order[0]
    return [items[i] for i in order]


_STRING_MOVES: tuple[Move, ...] = (
    (re.compile("Reverse it"), lambda x, _: list(reversed(x))),
    (re.compile("Remove the first letter"), lambda x, _: list(_need_items(x, 1)[1:])),
    (re.compile("Remove the last letter"), lambda x, _: list(_need_items(x, 1)[:-1])),
    (re.compile("Replace every ([a-z]) by ([a-z])"), _replace),
    (re.compile("Move the first letter to the end"), _rotate),
    (re.compile("Append ([a-z]+)"), lambda x, g: [*x, *g[0]]),
    (re.compile("Put ([a-z]+) in front"), lambda x, g: [*g[0], *x]),
    (re.compile("Swap the first and the last letter"), _swap),
    (re.compile("Sort the letters alphabetically"), lambda x, _: sorted(x, key=ord)),
)
_STRING = re.compile(r'(?:Start with the word|Take the text|The string is) "([a-z]+)"\. ')
_STRING_ASKED = ("What is it now?", "Which text results?", "Write down the result.")


def check_string_program(question: str, steps: Sequence[str], answer: str) -> None:
    """The lines are run over single letters; each state is compared."""
    first, lines = _read_program(question, _STRING, _STRING_ASKED)
    end = _follow(lines, list(first), _STRING_MOVES, "".join, steps)
    need(answer == end, len(steps), "not the answer")


_SET = re.compile("([a-z]) = (0|[1-9][0-9]{0,19})")
_FOR = re.compile(r"for i in range\((0|[1-9][0-9]{0,5}), (0|[1-9][0-9]{0,5})\):")
_ASSIGN = re.compile("    ([a-z]) = ([a-z0-9×+ -]{1,99})")
_PRINT = re.compile(r"print\(([a-z])\)")
_LOOP_ASKED = (
    "What does this program print?",
    "Trace the program. What is printed?",
    "Which number does this Python code print?",
)
_VARIABLE = re.compile("[a-z]")
_TERM = re.compile(r"(?:^|([+-]) )([a-z0-9]+)(?: × ([a-z0-9]+))?(?: |$)")
_ROUND = re.compile(
    r"(?:i = ([0-9]+): |For i = ([0-9]+), )([a-z]) = ([0-9×+() -]+) = (-?[0-9]+)(?:, | and )([a-z]) = ([0-9×+() -]+) = (-?[0-9]+)"
)
_PRINTED = re.compile("(?:After the loop|Printed is) ([a-z]) = (-?[0-9]+)")


def _evaluate(expression: str, state: Mapping[str, int]) -> int:
    """The value of a sum of terms that are names, numbers, or products of two of them."""
    total, at = 0, 0
    while at < len(expression):
        term = _TERM.match(expression, at)
        if term is None or (at > 0) != (term[1] is not None):
            raise Wrong(-1, f"not understood: {expression}")
        product = 1
        for factor in term.groups()[1:]:
            if factor is not None:
                need(factor.isdecimal() or factor in state, -1, f"{factor} has no value")
                product *= state[factor] if factor in state else int(factor)
        total += -product if term[1] == "-" else product
        at = term.end()
    return total


def _fill(expression: str, state: Mapping[str, int]) -> str:
    """The expression with its values for its names; negative ones in brackets, save at the beginning."""
    return _VARIABLE.sub(lambda m: str(v) if (v := state[m[0]]) >= 0 or m.start() == 0 else f"({v})", expression)


def check_loop_program(question: str, steps: Sequence[str], answer: str) -> None:
    """The program is parsed and run; each round shows the expression with its values filled in."""
    blocks = question.split("\n\n")
    need(
        len(blocks) == 2 and (blocks[0] in _LOOP_ASKED or blocks[1] in _LOOP_ASKED),
        -1,
        "the question is not understood",
    )
    lines = blocks[blocks[0] in _LOOP_ASKED].split("\n")
    need(len(lines) == 6, -1, "the program is not understood")
    matches = [p.fullmatch(line) for p, line in zip((_SET, _SET, _FOR, _ASSIGN, _ASSIGN, _PRINT), lines, strict=True)]
    found = [m.groups() for m in matches if m is not None]
    need(len(found) == 6, -1, "the program is not understood")
    (x, p), (y, q), (begin, end), (x1, first), (y1, second), (printed,) = found
    need(x1 == x and y1 == y and printed == x and len({x, y, "i"}) == 3, -1, "other variables")
    state = {x: int(p), y: int(q)}
    rounds = range(int(begin), int(end))
    need(len(rounds) > 0 and len(steps) == len(rounds) + 1, len(steps), "steps are missing or too many")
    for number, i in enumerate(rounds):
        got = _ROUND.fullmatch(steps[number])
        if got is None:
            raise Wrong(number, "not understood")
        state["i"] = i
        value = _evaluate(first, state)
        told_first, state[x] = _fill(first, state), value
        value = _evaluate(second, state)
        told_second, state[y] = _fill(second, state), value
        want = (str(i), x, told_first, str(state[x]), y, told_second, str(state[y]))
        need((got[1] or got[2], *got.groups()[2:]) == want, number, "not this round, or not true")
    end_step = _PRINTED.fullmatch(steps[-1])
    need(end_step is not None and end_step.groups() == (x, str(state[x])), len(rounds), "not what is printed")
    need(answer == str(state[x]), len(steps), "not the answer")


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {"list_program": check_list_program, "string_program": check_string_program, "loop_program": check_loop_program}
)
