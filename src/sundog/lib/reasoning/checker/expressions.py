"""Check expressions with brackets that are worked out one operation at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from sundog.lib.reasoning.checker.fault import Wrong, need
from sundog.lib.reasoning.checker.numerals import HELD, need_end, read_asked, read_held, read_step

_Node: TypeAlias = "int | tuple[str, _Node, _Node]"

_TOKENS = re.compile(r"\(-[0-9]+\)|^-[0-9]+$|[0-9]+|[-+×()]")
_NUMBER = r"\(*(?:0|[1-9][0-9]*|\(-[1-9][0-9]*\))\)*"
_SHAPE = re.compile(rf"-[1-9][0-9]*|{_NUMBER}(?: [-+×] {_NUMBER})*")
_LEVEL = {"+": 1, "-": 1, "×": 2}
_WORKED_OUT = re.compile(rf"{HELD} ([-+×]) {HELD} = (-?[0-9]+)(?:, which leaves |, so we have | -> )(.+)")
_DEEPEST = 100


def check_order_of_operations(question: str, steps: Sequence[str], answer: str) -> None:
    """Each step works out one operation whose sides are numbers, and writes down what is left.

    Which operation comes first is free, as it is on paper: each step has to follow from the expression before it.
    """
    tree = _read(read_asked(question), -1)
    need(not isinstance(tree, int), -1, "there is nothing to work out")
    right = _value(tree)
    at = 0
    while not isinstance(tree, int):
        one, sign, two, said, left = read_step(_WORKED_OUT, steps, at)
        a, b = read_held(one), read_held(two)
        value = a + b if sign == "+" else a - b if sign == "-" else a * b
        need(said == str(value), at, f"it is {value}")
        after = _read(left, at)
        need(_follows(tree, after, (sign, a, b), value), at, "this is not what is left of the expression")
        tree = after
        at += 1
    need(tree == right, at - 1, f"the expression is {right}")
    need_end(steps, at, answer, str(right))


def _follows(before: _Node, after: _Node, done: tuple[str, int, int], value: int) -> bool:
    """Whether ``after`` is ``before`` with exactly one ``done`` replaced by its value."""
    while True:
        if before == done:
            return after == value
        if isinstance(before, int) or isinstance(after, int) or before[0] != after[0]:
            return False
        if before[1] == after[1]:
            before, after = before[2], after[2]
        elif before[2] == after[2]:
            before, after = before[1], after[1]
        else:
            return False


def _value(node: _Node) -> int:
    if isinstance(node, int):
        return node
    sign, a, b = node[0], _value(node[1]), _value(node[2])
    return a + b if sign == "+" else a - b if sign == "-" else a * b


def _read(text: str, step: int) -> _Node:
    """The expression, by two stacks: numbers that wait for their operation, and operations that wait for their right side.

    Raises:
        Wrong: it is none.
    """
    numbers: list[_Node] = []
    signs: list[str] = []
    marks = _TOKENS.findall(text)
    need(_SHAPE.fullmatch(text) is not None, step, "the expression is not understood")
    awaits = True
    for mark in marks:
        if mark in _LEVEL:
            need(not awaits, step, "a number is missing in the expression")
            while signs and signs[-1] != "(" and _LEVEL[signs[-1]] >= _LEVEL[mark]:
                _join(numbers, signs.pop())
            signs.append(mark)
            awaits = True
        elif mark == "(":
            need(awaits and len(signs) < _DEEPEST, step, "a sign is missing in the expression")
            signs.append(mark)
        elif mark == ")":
            need(not awaits, step, "a number is missing in the expression")
            while signs and signs[-1] != "(":
                _join(numbers, signs.pop())
            need(bool(signs), step, "a bracket is not opened")
            signs.pop()
        else:
            need(awaits, step, "a sign is missing in the expression")
            numbers.append(read_held(mark))
            awaits = False
    need(not awaits, step, "a number is missing in the expression")
    while signs:
        sign = signs.pop()
        if sign == "(":
            raise Wrong(step, "a bracket is not closed")
        _join(numbers, sign)
    return numbers[0]


def _join(numbers: list[_Node], sign: str) -> None:
    right = numbers.pop()
    numbers.append((sign, numbers.pop(), right))
