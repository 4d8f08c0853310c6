"""What can be wrong with an expression: one stable code for each, and the characters that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from sundog.core.errors import Problem
from sundog.lib.expressions.syntax import Span

UNREADABLE = "SD-EXPR-001"
UNEXPECTED = "SD-EXPR-002"
TOO_DEEP = "SD-EXPR-003"
UNKNOWN_NAME = "SD-EXPR-010"
UNKNOWN_FUNCTION = "SD-EXPR-011"
ARGUMENT_COUNT = "SD-EXPR-012"
OPERAND_TYPE = "SD-EXPR-013"
ARGUMENT_TYPE = "SD-EXPR-014"
NOT_A_CONDITION = "SD-EXPR-015"
MIXED_TYPES = "SD-EXPR-016"
NOT_CONSTANT = "SD-EXPR-017"
UNKNOWN_LOOKUP = "SD-EXPR-018"
WRONG_ROWS = "SD-EXPR-019"
CONSTANT_OVERFLOW = "SD-EXPR-020"
POSSIBLE_OVERFLOW = "SD-EXPR-021"
ZERO_DIVISOR = "SD-EXPR-022"
POSSIBLE_ZERO = "SD-EXPR-023"
OUTSIDE_DOMAIN = "SD-EXPR-024"
WRONG_CONSTANT = "SD-EXPR-025"
MIXED_ZONES = "SD-EXPR-026"
WRONG_RESULT = "SD-EXPR-027"
CYCLE = "SD-EXPR-030"
ROW_ZERO = "SD-EXPR-040"
ROW_OVERFLOW = "SD-EXPR-041"
ROW_NOT_FINITE = "SD-EXPR-042"
ROW_NO_DATE = "SD-EXPR-043"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an expression, found before a row is made.

    Attributes:
        code: stable; each has an entry in docs/reference/errors.md.
        span: the characters of the text that it is about.
        what: what was found against what was expected.
        fix: what to do about it, with the nearest valid name where a name is wrong.
    """

    code: str
    span: Span
    what: str
    fix: str = ""

    def as_problem(self, where: str) -> Problem:
        """The fault as a problem of the place (``parts.orders.fields.total``) that holds the expression."""
        first, last = self.span.start + 1, max(self.span.end, self.span.start + 1)
        place = f"character {first}" if first == last else f"characters {first}-{last}"
        return Problem(self.code, f"{where}, {place}", self.what, self.fix)
