"""From text to tree: a reader that knows which operator binds closer. Nothing is ever evaluated as Python."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import cast

from sundog.core.errors import RequestError
from sundog.lib.expressions import faults
from sundog.lib.expressions.faults import Fault
from sundog.lib.expressions.syntax import (
    Among,
    Between,
    Binary,
    Call,
    Choose,
    Constant,
    Expression,
    Missing,
    Name,
    Node,
    Operator,
    Span,
    Unary,
    parts_of,
)
from sundog.lib.expressions.tokens import Token, read_tokens, split_name, unquote

LONGEST = 10_000
"""Characters that are read at most."""

DEEPEST = 100
"""Levels of the tree; a sum of a hundred terms has as many."""

_BRACKETS = 50
"""Levels of brackets, calls and choices; each takes the reader through every level of precedence."""

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})


def parse(text: str, where: str = "expression") -> Expression:
    """The expression that a text says.

    Args:
        text: see docs/reference/expressions.md.
        where: the place that holds it, for the error.

    Raises:
        RequestError: it cannot be read; the error names the characters.
    """
    found = read(text)
    if isinstance(found, Fault):
        raise RequestError(found.as_problem(where))
    return found


def read(text: str) -> Expression | Fault:
    """The same, with the fault as a value."""
    if len(text) > LONGEST:
        what = f"the expression has {len(text):,} characters, at most {LONGEST:,} are read"
        return Fault(faults.TOO_DEEP, Span(LONGEST, len(text)), what, "Compute a part of it in a field of its own.")
    tokens = read_tokens(text)
    if isinstance(tokens, Fault):
        return tokens
    try:
        reader = _Reader(tokens)
        root = reader.read_value(0)
        if reader.here.kind != "end":
            raise reader.refuse(f"{_say(reader.here)} is not expected here", "An operator, or the end, is.")
    except _Refused as refused:
        return refused.fault
    deep = _find_deep(root)
    return _say_deep(deep.span) if deep is not None else Expression(root, text)


class _Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.what)


def _find_deep(root: Node) -> Node | None:
    """A node that lies deeper than is read; long chains are deep without any bracket."""
    todo = [(root, 1)]
    while todo:
        node, depth = todo.pop()
        if depth > DEEPEST:
            return node
        todo.extend((part, depth + 1) for part in parts_of(node))
    return None


def _say_deep(span: Span) -> Fault:
    what = f"the expression is nested too deep: more than {DEEPEST} levels, or {_BRACKETS} of brackets"
    return Fault(faults.TOO_DEEP, span, what, "Compute a part of it in a field of its own.")


def _say(token: Token) -> str:
    return "the end of the text" if token.kind == "end" else repr(token.text)


@dataclass(slots=True)
class _Reader:
    """Reads tokens from left to right. Each ``read_`` takes one level of precedence, the loosest first."""

    tokens: tuple[Token, ...]
    at: int = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.at]

    @property
    def end(self) -> int:
        """Where the last token taken ends."""
        return self.tokens[self.at - 1].span.end

    def next(self) -> Token:
        token = self.here
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def refuse(self, what: str, fix: str = "", token: Token | None = None) -> _Refused:
        return _Refused(Fault(faults.UNEXPECTED, (token or self.here).span, what, fix))

    def sees(self, *texts: str) -> bool:
        return self.here.kind in ("word", "mark") and self.here.text in texts

    def take(self, *texts: str) -> bool:
        if self.sees(*texts):
            self.next()
            return True
        return False

    def need(self, text: str, after: str, fix: str = "") -> None:
        if not self.take(text):
            raise self.refuse(f"{text!r} is needed {after}, not {_say(self.here)}", fix)

    def read_value(self, depth: int) -> Node:
        if depth > _BRACKETS:
            raise _Refused(_say_deep(self.here.span))
        left = self.read_and(depth)
        while self.take("or"):
            right = self.read_and(depth)
            left = Binary("or", left, right, Span(left.span.start, right.span.end))
        return left

    def read_and(self, depth: int) -> Node:
        left = self.read_not(depth)
        while self.take("and"):
            right = self.read_not(depth)
            left = Binary("and", left, right, Span(left.span.start, right.span.end))
        return left

    def read_not(self, depth: int) -> Node:
        if depth > _BRACKETS:
            raise _Refused(_say_deep(self.here.span))
        if not self.sees("not"):
            return self.read_comparison(depth)
        start = self.next().span.start
        of = self.read_not(depth + 1)
        return Unary("not", of, Span(start, of.span.end))

    def read_comparison(self, depth: int) -> Node:
        left = self.read_sum(depth)
        found = self._read_relation(left, depth)
        if found is not left and (self.here.text in _COMPARISONS or self.sees("in", "between", "is")):
            raise self.refuse("comparisons cannot be chained", "Write: a < b and b < c.")
        return found

    def _read_relation(self, left: Node, depth: int) -> Node:
        start = left.span.start
        if self.here.kind == "mark" and self.here.text in _COMPARISONS:
            op = cast(Operator, self.next().text)
            right = self.read_sum(depth)
            return Binary(op, left, right, Span(start, right.span.end))
        if self.take("is"):
            denied = self.take("not")
            if not self.take("missing", "null"):
                raise self.refuse(
                    f"'missing' is needed after 'is', not {_say(self.here)}", "Two values are compared with =."
                )
            found: Node = Missing(left, Span(start, self.end))
            return Unary("not", found, found.span) if denied else found
        denied = self.sees("not") and self.tokens[self.at + 1].text in ("in", "between")
        if denied:
            self.next()
        if self.take("in"):
            found = Among(left, self._read_list(), Span(start, self.end))
        elif self.take("between"):
            low = self.read_sum(depth)
            self.need("and", "after the lower end of 'between'", "Write: x between 1 and 5.")
            high = self.read_sum(depth)
            found = Between(left, low, high, Span(start, high.span.end))
        else:
            return left
        return Unary("not", found, found.span) if denied else found

    def _read_list(self) -> tuple[Constant | Call, ...]:
        self.need("(", "after 'in'", "Write: region in ('north', 'south').")
        values = [self._read_constant()]
        while self.take(","):
            values.append(self._read_constant())
        self.need(")", "after the last value of the list")
        return tuple(values)

    def _read_constant(self) -> Constant | Call:
        start = self.here
        found = self.read_unary(0)
        if isinstance(found, Constant) or (isinstance(found, Call) and _is_date(found)):
            return found
        raise self.refuse("a list holds constants only", "Compare with = and join with 'or'.", start)

    def read_sum(self, depth: int) -> Node:
        left = self.read_product(depth)
        while self.sees("+", "-"):
            op = cast(Operator, self.next().text)
            right = self.read_product(depth)
            left = Binary(op, left, right, Span(left.span.start, right.span.end))
        return left

    def read_product(self, depth: int) -> Node:
        left = self.read_unary(depth)
        while self.sees("*", "/", "//", "%"):
            op = cast(Operator, self.next().text)
            right = self.read_unary(depth)
            left = Binary(op, left, right, Span(left.span.start, right.span.end))
        return left

    def read_unary(self, depth: int) -> Node:
        if depth > _BRACKETS:
            raise _Refused(_say_deep(self.here.span))
        if self.sees("+"):
            raise self.refuse("'+' stands between two values", "Leave it out.")
        if not self.sees("-"):
            return self.read_power(depth)
        start = self.next().span.start
        number = self.here.kind == "number" and self.tokens[self.at + 1].text != "**"
        of = self.read_unary(depth + 1)
        span = Span(start, of.span.end)
        if number and isinstance(of, Constant) and isinstance(of.value, int | float):
            return Constant(of.kind, -of.value, span)
        return Unary("-", of, span)

    def read_power(self, depth: int) -> Node:
        left = self.read_primary(depth)
        if not self.take("**"):
            return left
        right = self.read_unary(depth + 1)
        return Binary("**", left, right, Span(left.span.start, right.span.end))

    def read_primary(self, depth: int) -> Node:
        token = self.next()
        if token.kind == "number":
            return _read_number(token)
        if token.kind == "text":
            return Constant("string", unquote(token.text), token.span)
        if token.kind == "name":
            return self._read_name(token, depth)
        if token.text == "(" and token.kind == "mark":
            inside = self.read_value(depth + 1)
            self.need(")", "to close the bracket")
            return replace(inside, span=Span(token.span.start, self.end))
        if token.kind == "word":
            if token.text in ("true", "false"):
                return Constant("bool", token.text == "true", token.span)
            if token.text in ("missing", "null"):
                return Constant("missing", None, token.span)
            if token.text == "if":
                return self._read_if(token.span.start, depth + 1)
            if token.text == "case":
                return self._read_case(token.span.start, depth + 1)
            fix = f"A column of this name stands in backticks: `{token.text}`."
            raise self.refuse(f"a value is needed where {_say(token)} stands", fix, token)
        raise self.refuse(f"a value is needed where {_say(token)} stands", "", token)

    def _read_name(self, token: Token, depth: int) -> Node:
        table, column = split_name(token.text)
        if not self.sees("("):
            return Name(column, table, token.span)
        self.next()
        arguments = []
        if not self.sees(")"):
            arguments.append(self.read_value(depth + 1))
            while self.take(","):
                arguments.append(self.read_value(depth + 1))
        self.need(")", f"after the arguments of {token.text}")
        name = column if table is None else f"{table}.{column}"
        return Call(name, tuple(arguments), Span(token.span.start, self.end), token.span)

    def _read_if(self, start: int, depth: int) -> Node:
        condition = self.read_value(depth)
        self.need("then", "after the condition of 'if'", "Write: if a > b then a else b.")
        value = self.read_value(depth)
        self.need("else", "after the value of 'then'", "For no value write: else missing.")
        otherwise = self.read_value(depth)
        return Choose(((condition, value),), otherwise, Span(start, otherwise.span.end))

    def _read_case(self, start: int, depth: int) -> Node:
        cases = []
        while self.take("when"):
            condition = self.read_value(depth)
            self.need("then", "after the condition of 'when'")
            cases.append((condition, self.read_value(depth)))
        if not cases:
            raise self.refuse(
                f"'when' is needed after 'case', not {_say(self.here)}", "Write: case when a > 1 then 'x' end."
            )
        otherwise: Node = Constant("missing", None, self.here.span)
        if self.take("else"):
            otherwise = self.read_value(depth)
        self.need("end", "to close 'case'")
        return Choose(tuple(cases), otherwise, Span(start, self.end))


def _is_date(call: Call) -> bool:
    """Whether a call is a date or a timestamp written down."""
    return call.function in ("date", "timestamp") and all(isinstance(a, Constant) for a in call.arguments)


def _read_number(token: Token) -> Constant:
    text = token.text.replace("_", "")
    if text.isdecimal():
        return Constant("int64", int(text), token.span)
    value = float(text)
    if not math.isfinite(value):
        what = f"{token.text} is beyond the largest float64, 1.8e308"
        raise _Refused(Fault(faults.UNEXPECTED, token.span, what, "Write a smaller number."))
    return Constant("float64", value, token.span)
