"""Which rows are exported: a small language of comparisons, read by hand and never evaluated as code.

::

    age >= 18 and sex = 'Female'
    region in (north, south) or not (income < 1000)
    "hours per week" is missing

A name stands on the left, bare or in double quotes or backticks; a value on the right: a number, a text in quotes, a bare
word, true or false. ``and`` binds closer than ``or``. A comparison with a missing value is neither true nor false, and only
rows for which the whole is true are taken (the three-valued logic of SQL); ``is missing`` asks for missing values.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from sundog.core.errors import Problem, RequestError, nearest

Comparison = Literal["=", "!=", "<", "<=", ">", ">="]

WHERE = "select"

_MOST = 2_000
"""Longest expression, in characters; what is nested deeper than a person writes is refused, not recursed into."""

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.\-:/]))
    | (?P<op><=|>=|==|!=|<>|=|<|>)
    | (?P<mark>[(),])
    | (?P<single>'(?:[^']|'')*')
    | (?P<double>"(?:[^"]|"")*")
    | (?P<tick>`(?:[^`]|``)*`)
    | (?P<word>[^\s()<>=!,'"`]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """One value as it was written; ``quoted`` texts are texts even when they look like numbers."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Compare:
    """``column op value``."""

    column: str
    op: Comparison
    value: Value


@dataclass(frozen=True, slots=True)
class Among:
    """``column in (values)``."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """``column is missing``."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    of: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """``left and right``, or ``left or right``."""

    word: Literal["and", "or"]
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | Among | Missing | Not | Both


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse_select(text: str) -> Condition:
    """The condition that the text says.

    Raises:
        RequestError: it cannot be read; the error names the place in the text.
    """
    if len(text) > _MOST:
        raise _unreadable(f"the expression has {len(text):,} characters, at most {_MOST:,} are read", _MOST)
    reader = _Reader(list(_tokens(text)), text)
    condition = reader.read_or(0)
    if reader.here.kind != "end":
        raise _unreadable(
            f"{reader.here.text!r} is not expected here; 'and' or 'or' joins two comparisons", reader.here.at
        )
    return condition


def columns_of(condition: Condition) -> tuple[str, ...]:
    """Names of the columns that a condition looks at, each once."""
    if isinstance(condition, Not):
        return columns_of(condition.of)
    if isinstance(condition, Both):
        return tuple(dict.fromkeys(columns_of(condition.left) + columns_of(condition.right)))
    return (condition.column,)


def choose_rows(condition: Condition, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows for which the condition is true."""
    return batch.filter(_decide(condition, batch))


def check_select(condition: Condition, schema: pa.Schema) -> None:
    """Raise RequestError where a value does not fit its column, or the column is not there: before anything is written."""
    missing = [c for c in columns_of(condition) if c not in schema.names]
    if missing:
        raise RequestError(
            *(Problem("SD-EXPORT-003", WHERE, f"{c!r} is not a column", nearest(c, schema.names)) for c in missing)
        )
    _decide(condition, pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema))


def _decide(condition: Condition, batch: pa.RecordBatch) -> pa.BooleanArray:
    """Whether a row is chosen: bool (rows,), null where a missing value leaves it open."""
    if isinstance(condition, Not):
        return pc.invert(_decide(condition.of, batch))
    if isinstance(condition, Both):
        join = pc.and_kleene if condition.word == "and" else pc.or_kleene
        return join(_decide(condition.left, batch), _decide(condition.right, batch))
    column = _plain(batch.column(condition.column))
    if isinstance(condition, Missing):
        return pc.is_null(column, nan_is_null=pa.types.is_floating(column.type))
    if isinstance(condition, Among):
        found = pa.nulls(len(column), pa.bool_()) if not condition.values else None
        for value in condition.values:
            one = _compare(column, "=", value, condition.column)
            found = one if found is None else pc.or_kleene(found, one)
        return found
    return _compare(column, condition.op, condition.value, condition.column)


def _plain(column: pa.Array) -> pa.Array:
    """Dictionary columns as their values."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _compare(column: pa.Array, op: Comparison, value: Value, name: str) -> pa.BooleanArray:
    functions = {
        "=": pc.equal,
        "!=": pc.not_equal,
        "<": pc.less,
        "<=": pc.less_equal,
        ">": pc.greater,
        ">=": pc.greater_equal,
    }
    try:
        found, scalar = _as_type(column, value)
        said = functions[op](found, scalar)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError, OverflowError) as error:
        what = f"{value.text!r} cannot be compared with the column {name!r}, which is {column.type}"
        raise RequestError(Problem("SD-EXPORT-004", WHERE, what, _say_form(column.type))) from error
    if pa.types.is_floating(column.type):  # NaN is missing too
        said = pc.if_else(pc.is_null(column, nan_is_null=True), pa.scalar(None, pa.bool_()), said)
    return said


def _as_type(column: pa.Array, value: Value) -> tuple[pa.Array, pa.Scalar]:
    """The column and the value as types that compare exactly: no number is rounded on the way."""
    kind, text = column.type, value.text
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column, pa.scalar(text, kind)
    if pa.types.is_boolean(kind):
        if text.lower() not in ("true", "false"):
            raise ValueError(text)
        return column, pa.scalar(text.lower() == "true")
    if pa.types.is_integer(kind):
        number = _number(text)
        if number == number.to_integral_value():
            return column.cast(pa.decimal128(38, 0)), pa.scalar(number, pa.decimal128(38, 0))
        return column.cast(pa.decimal256(60, 20)), pa.scalar(number, pa.decimal256(60, 20))
    if pa.types.is_floating(kind):
        return column, pa.scalar(float(_number(text)), kind)
    if pa.types.is_decimal(kind):
        return column.cast(pa.decimal256(76, kind.scale + 12)), pa.scalar(
            _number(text), pa.decimal256(76, kind.scale + 12)
        )
    if pa.types.is_duration(kind):  # stated in seconds
        ticks = _number(text) * {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
        return column.cast(pa.int64()), pa.scalar(int(ticks), pa.int64())
    if pa.types.is_timestamp(kind) and kind.tz is not None and not re.search(r"(?:Z|[+-]\d\d:?\d\d)$", text):
        text = f"{text} 00:00:00Z" if len(text) == 10 else f"{text}Z"
    if pa.types.is_time(kind):
        return column, pa.scalar(datetime.time.fromisoformat(text), kind)
    if pa.types.is_temporal(kind):
        return column, pa.array([text]).cast(kind)[0]
    raise ValueError(text)


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not number.is_finite():
        raise ValueError(text)
    return number


def _say_form(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "Write true or false."
    if pa.types.is_duration(kind):
        return "Write a number of seconds."
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return "Write a date as 2024-05-31 and a time as '2024-05-31 12:30:00'."
    if pa.types.is_time(kind):
        return "Write a time of day as '12:30:00'."
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "Write a number."
    return "Only columns of numbers, texts, booleans and times can be compared."


def _unreadable(what: str, at: int) -> RequestError:
    return RequestError(
        Problem("SD-EXPORT-005", f"{WHERE}, character {at + 1}", what, "For example: age >= 18 and sex = 'Female'")
    )


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            start = len(text) - len(text[at:].lstrip())
            raise _unreadable(f"{text[start : start + 10]!r} cannot be read; a quote may be missing", start)
        kind = str(match.lastgroup)
        yield _Token(kind, match.group(kind), match.start(kind))
        at = match.end()
    yield _Token("end", "the end", len(text))


@dataclass(slots=True)
class _Reader:
    """Reads tokens from left to right; ``depth`` bounds the recursion."""

    tokens: list[_Token]
    text: str
    at: int = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def next(self) -> _Token:
        token = self.tokens[self.at]
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def take_word(self, *words: str) -> bool:
        if self.here.kind == "word" and self.here.text.lower() in words:
            self.next()
            return True
        return False

    def read_or(self, depth: int) -> Condition:
        if depth > 50:
            raise _unreadable("the expression is nested too deep", self.here.at)
        left = self.read_and(depth)
        while self.take_word("or"):
            left = Both("or", left, self.read_and(depth))
        return left

    def read_and(self, depth: int) -> Condition:
        left = self.read_not(depth)
        while self.take_word("and"):
            left = Both("and", left, self.read_not(depth))
        return left

    def read_not(self, depth: int) -> Condition:
        if depth > 50:
            raise _unreadable("the expression is nested too deep", self.here.at)
        if self.take_word("not"):
            return Not(self.read_not(depth + 1))
        if self.here.text == "(" and self.here.kind == "mark":
            self.next()
            inside = self.read_or(depth + 1)
            self.close()
            return inside
        return self.read_comparison()

    def close(self) -> None:
        token = self.next()
        if token.kind != "mark" or token.text != ")":
            raise _unreadable(f"a closing bracket is needed before {token.text!r}", token.at)

    def read_comparison(self) -> Condition:
        name = self.next()
        if name.kind not in ("word", "double", "tick"):
            raise _unreadable(f"the name of a column is needed where {name.text!r} stands", name.at)
        column = name.text if name.kind == "word" else _unquote(name)
        if self.take_word("is"):
            denied = self.take_word("not")
            if not self.take_word("missing", "null"):
                raise _unreadable(f"'missing' is needed after 'is', not {self.here.text!r}", self.here.at)
            return Not(Missing(column)) if denied else Missing(column)
        if self.here.kind == "word" and self.here.text.lower() == "not":
            self.next()
            if not self.take_word("in"):
                raise _unreadable(f"'in' is needed after 'not', not {self.here.text!r}", self.here.at)
            return Not(Among(column, self.read_values()))
        if self.take_word("in"):
            return Among(column, self.read_values())
        op = self.next()
        if op.kind != "op":
            raise _unreadable(f"a comparison (=, !=, <, <=, >, >=, in, is missing) is needed after {column!r}", op.at)
        known: dict[str, Comparison] = {
            "==": "=",
            "<>": "!=",
            "=": "=",
            "!=": "!=",
            "<": "<",
            "<=": "<=",
            ">": ">",
            ">=": ">=",
        }
        return Compare(column, known[op.text], self.read_value())

    def read_values(self) -> tuple[Value, ...]:
        token = self.next()
        if token.kind != "mark" or token.text != "(":
            raise _unreadable("'in' is followed by values in brackets: region in (north, south)", token.at)
        values = [self.read_value()]
        while self.here.kind == "mark" and self.here.text == ",":
            self.next()
            values.append(self.read_value())
        self.close()
        return tuple(values)

    def read_value(self) -> Value:
        token = self.next()
        if token.kind in ("single", "double"):
            return Value(_unquote(token), True)
        if token.kind in ("number", "word"):
            return Value(token.text, False)
        raise _unreadable(f"a value is needed where {token.text!r} stands", token.at)


def _unquote(token: _Token) -> str:
    quote = token.text[0]
    return token.text[1:-1].replace(quote * 2, quote)
