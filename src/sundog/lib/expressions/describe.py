"""From tree to text: the one way in which an expression is written down."""

from __future__ import annotations

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
    Unary,
)
from sundog.lib.expressions.tokens import quote_name, quote_text

_LEVELS = {
    "or": 1,
    "and": 2,
    "not": 3,
    "compare": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "//": 6,
    "%": 6,
    "neg": 7,
    "**": 8,
}
_PRIMARY = 9


def describe(expression: Expression) -> str:
    """Normalised text, without needless brackets and with single blanks: ``parse(describe(e)) == e``."""
    return _write(expression.root, 0)


def describe_node(node: Node) -> str:
    """The same for a part of an expression."""
    return _write(node, 0)


def _write(node: Node, least: int) -> str:
    """The text of a node, in brackets when it binds looser than ``least``."""
    text, level = _spell(node)
    return f"({text})" if level < least else text


def _spell(node: Node) -> tuple[str, int]:
    """Text and level of precedence."""
    match node:
        case Constant():
            negative = node.kind in ("int64", "float64") and str(node.value).startswith("-")
            return _spell_constant(node), _LEVELS["neg"] if negative else _PRIMARY
        case Name():
            name = quote_name(node.column)
            return (name if node.table is None else f"{quote_name(node.table)}.{name}"), _PRIMARY
        case Unary(op="not", of=Among() | Between() | Missing() as relation):
            return _spell_relation(relation, "not "), _LEVELS["compare"]
        case Unary(op="not"):
            return f"not {_write(node.of, _LEVELS['not'])}", _LEVELS["not"]
        case Unary():
            # Minus before a bare number would be read as a part of the number.
            number = isinstance(node.of, Constant) and node.of.kind in ("int64", "float64")
            return f"-{_write(node.of, _PRIMARY + 1 if number else _LEVELS['neg'])}", _LEVELS["neg"]
        case Binary(op="**"):
            return f"{_write(node.left, _PRIMARY)} ** {_write(node.right, _LEVELS['neg'])}", _LEVELS["**"]
        case Binary():
            level = _LEVELS.get(node.op, _LEVELS["compare"])
            left = level + 1 if level == _LEVELS["compare"] else level
            return f"{_write(node.left, left)} {node.op} {_write(node.right, level + 1)}", level
        case Among() | Between() | Missing():
            return _spell_relation(node, ""), _LEVELS["compare"]
        case Choose():
            return _spell_choice(node)
        case Call():
            return f"{quote_name(node.function)}({', '.join(_write(a, 0) for a in node.arguments)})", _PRIMARY


def _spell_relation(node: Among | Between | Missing, denied: str) -> str:
    of = _write(node.of, _LEVELS["+"])
    if isinstance(node, Missing):
        return f"{of} is {denied}missing"
    if isinstance(node, Between):
        return f"{of} {denied}between {_write(node.low, _LEVELS['+'])} and {_write(node.high, _LEVELS['+'])}"
    return f"{of} {denied}in ({', '.join(_write(value, 0) for value in node.values)})"


def _spell_choice(node: Choose) -> tuple[str, int]:
    if len(node.cases) == 1:
        condition, value = node.cases[0]
        # What follows 'else' reaches to the end: as a part of anything else the choice stands in brackets.
        return f"if {_write(condition, 0)} then {_write(value, 0)} else {_write(node.otherwise, 0)}", 0
    cases = " ".join(f"when {_write(c, 0)} then {_write(v, 0)}" for c, v in node.cases)
    nothing = isinstance(node.otherwise, Constant) and node.otherwise.kind == "missing"
    return f"case {cases}{'' if nothing else f' else {_write(node.otherwise, 0)}'} end", _PRIMARY


def _spell_constant(node: Constant) -> str:
    if node.kind == "missing":
        return "missing"
    if node.kind == "bool":
        return "true" if node.value else "false"
    return quote_text(str(node.value)) if node.kind == "string" else repr(node.value)
