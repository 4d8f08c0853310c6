"""Equations, sequences and polynomials with whole numbers."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import bracket

_LETTERS = "abkmnpqrtuvwxyz"


def _term(factor: int, letter: str) -> str:
    return letter if factor == 1 else f"-{letter}" if factor == -1 else f"{factor}{letter}"


def _plus(number: int, letter: str = "") -> str:
    """`` + 3x``, `` - 5``, or nothing for 0."""
    if number == 0:
        return ""
    body = _term(abs(number), letter) if letter else str(abs(number))
    return f" + {body}" if number > 0 else f" - {body}"


def make_linear(draw: Draw, dials: Mapping[str, int]) -> Made:
    """One unknown on both sides."""
    x = draw.pick(_LETTERS)
    most = dials["most"]
    value, left, right = draw.signed(most), draw.between(2, most), draw.signed(most)
    if left == right:
        left += 1
    shift = draw.signed(most * 3)
    rest = (left - right) * value + shift
    side = f"{_term(left, x)}{_plus(shift)}"
    question = draw.pick(
        (
            "Solve {} = {} for {}.",
            "For which {2} is {0} = {1}?",
            "Find {2}, if {0} = {1}.",
            "The equation {} = {} has one solution. What is {}?",
            "What number {2} makes {0} = {1} true?",
        )
    ).format(side, f"{_term(right, x)}{_plus(rest)}", x)
    verb, other = ("Subtract", right) if right > 0 else ("Add", -right)
    factor = left - right
    both = draw.pick((" on both sides", " from both sides", ""))
    if verb == "Add" or shift < 0:
        both = both.replace("from", "on")
    steps = [f"{verb} {_term(other, x)}{both}: {_term(factor, x)}{_plus(shift)} = {rest}"]
    steps.append(
        f"{'Subtract' if shift > 0 else 'Add'} {abs(shift)}{both}: {_term(factor, x)} = {rest - shift}",
    )
    if factor != 1:
        steps.append(f"{draw.pick(('Divide by', 'Divide both sides by'))} {factor}: {x} = {value}")
    return question, steps, str(value)


def make_two_unknowns(draw: Draw, dials: Mapping[str, int]) -> Made:
    """Two equations, solved by elimination."""
    x, y = draw.sample(_LETTERS, 2)
    most = dials["most"]
    u, v = draw.signed(most), draw.signed(most)
    a, b, c, d = (draw.signed(dials["factor"]) for _ in range(4))
    if a * d == b * c:
        d = d + 1 if d != -1 else 1
    first, second = a * u + b * v, c * u + d * v
    one, two = f"{_term(a, x)}{_plus(b, y)} = {first}", f"{_term(c, x)}{_plus(d, y)} = {second}"
    question = draw.pick(
        (
            "Solve the system {} and {}.",
            "Find {2} and {3}, if {0} and {1}.",
            "Two equations hold: {} and {}. What are {} and {}?",
            "For which {2} and {3} do both {0} and {1} hold?",
        )
    ).format(one, two, x, y) + draw.pick((f" Answer as {x} = ..., {y} = ...", f" Give {x} first, then {y}."))
    steps = []
    if c != 1:
        steps.append(f"Multiply the first equation by {c}: {_term(a * c, x)}{_plus(b * c, y)} = {first * c}")
    if a != 1:
        steps.append(f"Multiply the second equation by {a}: {_term(a * c, x)}{_plus(a * d, y)} = {second * a}")
    factor, rest = a * d - b * c, second * a - first * c
    verb = draw.pick(("Subtract the first from the second", "The difference, second minus first"))
    steps.append(f"{verb}: {_term(factor, y)} = {rest}")
    if factor != 1:
        steps.append(f"Divide by {factor}: {y} = {v}")
    steps.append(f"Put {y} = {v} into the first equation: {_term(a, x)}{_plus(b * v)} = {first}")
    steps.append(f"So {_term(a, x)} = {a * u}")
    if a != 1:
        steps.append(f"Divide by {a}: {x} = {u}")
    return question, steps, f"{x} = {u}, {y} = {v}"


def make_quadratic(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A quadratic equation with whole roots."""
    x = draw.pick(_LETTERS)
    low, high = draw.signed(dials["most"]), draw.signed(dials["most"])
    if low > high:
        low, high = high, low
    if low == high:
        low -= 1 if low != 1 else 2
    lead = draw.between(1, dials["lead"])
    total, product = -(low + high), low * high

    def show(factor: int) -> str:
        return f"{_term(factor, x)}^2{_plus(factor * total, x)}{_plus(factor * product)} = 0"

    question = draw.pick(
        (
            "Solve {} for {}.",
            "Find both solutions of {}.",
            "For which {1} is {0}?",
            "What are the roots of {}?",
            "The equation {} has two whole solutions. Find them.",
        )
    ).format(show(lead), x) + draw.pick(
        (" Give the smaller one first.", ' Answer in the form "r or s", smaller first.')
    )
    steps = [f"Divide both sides by {lead}: {show(1)}"] if lead > 1 else []
    p, q = -low, -high
    steps.append(f"{bracket(p)} + {bracket(q)} = {total} and {bracket(p)} × {bracket(q)} = {product}")
    steps.append(
        draw.pick(("So the left side is ({0}{1})({0}{2})", "It factors into ({0}{1})({0}{2})")).format(
            x, _plus(p), _plus(q)
        )
    )
    steps.append(draw.pick(("{0}{1} = 0 gives {0} = {2}", "From {0}{1} = 0 we get {0} = {2}")).format(x, _plus(p), low))
    steps.append(
        draw.pick(("{0}{1} = 0 gives {0} = {2}", "From {0}{1} = 0 we get {0} = {2}")).format(x, _plus(q), high)
    )
    return question, steps, f"{low} or {high}"


def make_sequences(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The next number of a sequence, by its differences."""
    depth, most = dials["depth"], dials["most"]
    least = max(4, depth + 2)
    shown = draw.between(least, max(least, dials["shown"]))
    # ``heads`` are the first entries of the rows of differences; the last row is constant.
    heads = [draw.between(-most * 4, most * 9)] + [draw.between(-most, most) for _ in range(depth - 1)]
    heads.append(draw.signed(max(2, most // 3)))
    rows = [[heads[-1]] * (shown - depth)]
    for head in reversed(heads[:-1]):
        row = [head]
        for step in rows[-1]:
            row.append(row[-1] + step)
        rows.append(row)
    rows.reverse()
    listed = ", ".join(map(str, rows[0]))
    question = draw.pick(
        (
            "What number comes next: {}, ...?",
            "Continue the sequence {}, ... by one number.",
            "A sequence begins {}. Its differences follow a polynomial rule; what is the next number?",
            "Find the next term of {}, ...",
            "Which number follows in {}, ...?",
        )
    ).format(listed)
    wording = draw.pick(("Differences: {}", "Subtract neighbours: {}", "Row of differences: {}"))
    steps = [wording.format(", ".join(map(str, row))) for row in rows[1:]]
    grown = draw.pick(("{} + {} = {}", "Go back up: {} + {} = {}"))
    now = rows[-1][-1]
    for row in reversed(rows[:-1]):
        after = row[-1] + now
        steps.append(grown.format(row[-1], bracket(now), after))
        now = after
    return question, steps, str(now)


def make_polynomial(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The value of a polynomial, by nested brackets or term by term."""
    degree, most = dials["degree"], dials["most"]
    factors = [draw.between(1, most)] + [draw.between(-most, most) for _ in range(degree)]
    x, at = draw.pick(_LETTERS), draw.signed(dials["at"])
    name = draw.pick("fghP")
    shown = ""
    for power, factor in zip(range(degree, -1, -1), factors, strict=True):
        letter = "" if power == 0 else x if power == 1 else f"{x}^{power}"
        shown += _plus(factor, letter)
    shown = shown[3:]
    question = draw.pick(
        (
            "Let {0}({1}) = {2}. What is {0}({3})?",
            "Given {0}({1}) = {2}, compute {0}({3}).",
            "The function {0} is defined by {0}({1}) = {2}. Find {0}({3}).",
            "Evaluate {0}({1}) = {2} at {1} = {3}.",
        )
    ).format(name, x, shown, at)
    steps: list[str] = []
    if draw.below(2):
        now = factors[0]
        for factor in factors[1:]:
            after = now * at + factor
            sign = "+" if factor >= 0 else "-"
            steps.append(f"{bracket(now)} × {bracket(at)} {sign} {abs(factor)} = {after}")
            now = after
        return question, steps, str(now)
    total: int | None = None
    wording = draw.pick(("{} × {}^{} = {}", "Term: {} × {}^{} = {}"))
    values = [(f, p, f * at**p) for p, f in zip(range(degree, -1, -1), factors, strict=True) if f != 0]
    steps = [wording.format(bracket(f), bracket(at), p, v) for f, p, v in values]
    for _, _, value in values:
        if total is not None:
            steps.append(f"{total} + {bracket(value)} = {total + value}")
        total = value if total is None else total + value
    return question, steps, str(total)


FAMILIES = (
    Family(
        "linear", "algebra", "a linear equation with the unknown on both sides", "an integer",
        (Dial("most", (9, 12, 20, 30, 60, 80, 100, 150, 200, 400), 3, 9999, "greatest size of factors and solution"),),
        make_linear,
    ),
    Family(
        "two_unknowns", "algebra", "two linear equations", "`x = 3, y = -2`, in the order of the question",
        (
            Dial("most", (6, 9, 12, 20, 30, 40, 50, 60, 80, 99), 2, 9999, "greatest size of the solutions"),
            Dial("factor", (3, 4, 5, 6, 9, 9, 12, 15, 20, 30), 2, 999, "greatest size of the factors"),
        ),
        make_two_unknowns,
    ),
    Family(
        "quadratic", "algebra", "a quadratic equation with whole roots", "`r or s`, the smaller first",
        (
            Dial("most", (30, 40, 50, 70, 150, 200, 250, 300, 400, 500), 3, 9999, "greatest size of a root"),
            Dial("lead", (4, 4, 5, 6, 9, 9, 12, 12, 15, 20), 1, 99, "greatest leading factor"),
        ),
        make_quadratic,
    ),
    Family(
        "sequences", "algebra", "the next number of a sequence", "an integer",
        (
            Dial("depth", (1, 1, 2, 2, 3, 3, 3, 4, 4, 5), 1, 6, "rows of differences"),
            Dial("shown", (6, 6, 6, 6, 7, 7, 7, 8, 9, 9), 4, 14, "most numbers shown; at least two more than rows"),
            Dial("most", (60, 80, 20, 30, 40, 60, 80, 80, 90, 90), 2, 999, "greatest first difference"),
        ),
        make_sequences,
    ),
    Family(
        "polynomial", "algebra", "the value of a polynomial", "an integer",
        (
            Dial("degree", (2, 2, 3, 3, 4, 4, 5, 5, 6, 7), 1, 10, "degree"),
            Dial("most", (5, 9, 9, 9, 12, 15, 15, 20, 20, 20), 1, 999, "greatest size of a factor"),
            Dial("at", (3, 5, 5, 6, 9, 9, 9, 9, 11, 12), 1, 99, "greatest size of the argument"),
        ),
        make_polynomial,
    ),
)  # fmt: skip
