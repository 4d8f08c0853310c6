"""Statements in steps of any wording: true, false, or honestly unchecked."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.statements import check_steps
from sundog.lib.reasoning.sums import Token, Unreadable, evaluate

TRUE = r"""3 + 4 = 7
So 3 × 4 is 12.
The total is 5 + 6 = 11 apples.
15% of 200 is 30
20 percent of 50 is 10.
50% of $80 is $40, so the price is $80 - $40 = $40
1/3 = 33.33%
3 km = 3000 m
1.5 hours = 90 minutes
2 hours and 30 minutes = 150 minutes
5 feet 3 inches = 63 inches
1 m² = 10000 cm²
Area = 5 m × 4 m = 20 m²
1 hour has 60 minutes
There are 60 seconds in a minute.
90 min / 60 = 1.5 h
60 km / 2 h = 30 km/h
60 km/h × 2 h = 120 km
March 5, 2024 is a Tuesday.
5 March 2024 is not a Monday
2024 is a leap year
1900 is not a leap year.
February 2024 has 29 days
3 days after Monday is Thursday
3 days before Monday is Friday
There are 2 days between 28 February 2024 and 1 March 2024.
From 2024-02-28 to 2024-03-01 is 2 days.
10 / 3 = 3.33
10 / 3 ≈ 3.3
10 / 3 = 3.333...
17 ÷ 5 = 3 remainder 2.
The remainder of 17 divided by 5 is 2
7 is prime
91 is not prime
84 is divisible by 2, and 84 ÷ 2 = 42.
7 is a factor of 91.
144 is a perfect square
$5 + $3 = $8
$\frac{1}{2} + \frac{1}{3} = \frac{5}{6}$
1. 3 + 4 = 7
Step 2: 12 - 5 = 7.
(1) 3 + 4 = 7
- 3 + 4 = 7
**3 + 4 = 7**
2^5 = 32
2**5 = 32
5! = 120
4! = 24!
3 plus 4 equals 7
12 divided by 4 is equal to 3
12 : 4 = 3
17 mod 5 = 2
√16 = 4
10:30 + 45 min = 11:15
23:30 + 45 min = 00:15
11:30 AM + 2 h = 1:30 PM
3 apples + 4 apples = 7 apples
7 × 8 = 56 > 50
1,000 + 1 = 1,001
2 + 3 = 5 = 10 / 2
1/2 of 10 is 5
1 ÷ 1/2 = 2
5 hours × $12/hour = $60
$12 per hour × 5 hours = $60
3 packs × 4 cookies/pack = 12 cookies
Profit = 50 - 30 = 20 dollars
2(3 + 4) = 14
3 x 4 = 12
3 dozen = 36
If x = 4, then 2x + 3 = 11.
x = 2 or x = 2, and x^2 - 5x + 6 = 0""".splitlines()
FALSE = """3 + 4 = 8
So 3 × 4 is 13.
15% of 200 is 35
3 km = 3 m
3 km = 300 m
5 feet 3 inches = 64 inches
1 hour has 50 minutes
There are 50 seconds in a minute
March 5, 2024 is a Monday
2023 is a leap year
February 2023 has 29 days
3 days after Monday is Friday
30 February 2024 is a Monday
From 2024-02-28 to 2024-03-01 is 3 days
10 / 3 = 3.34
10 / 3 = 3
10 / 3 ≈ 3.4
10 / 4 = 2.51
17 ÷ 5 = 3 remainder 3
17 ÷ 5 = 2 remainder 7
The remainder of 17 divided by 5 is 3
91 is prime
84 is divisible by 5
7 is a factor of 92
145 is a perfect square
2 + 3 = 5 × 2 = 10
7 < 5
5 hours × $12/hour = $65
7 × 8 = 56 ≥ 60
10:30 + 45 min = 11:20
2^5 = 30
60 km / 2 h = 20 km/h
3 m + 45 cm = 34 cm
3 + 4 = 8 apples
If x = 4, then 2x + 3 = 12.""".splitlines()
UNCHECKED = """5 is 3 more than 2
He has 3 apples and 4 pears
n = 5
y + 3 = 5
The sum of 3 and 4 = 7
3 foos = 36
101 in base 2 = 5
3,4 = 3.4
It was 7! Great
At 10:30 he left, 2:3.
9^9^9 = 1
4 / 0 = 4
10 % 3 = 1
17 ≡ 2
x = 3 and x = 2 are roots of x - 3 = 0""".splitlines()


@pytest.mark.parametrize("line", TRUE)
def test_what_is_so_is_true(line: str) -> None:
    """Every line holds a statement, and all of them that can be checked are true."""
    assert {s.verdict for s in check_steps(line)} - {"unchecked"} == {"true"}


@pytest.mark.parametrize("line", FALSE)
def test_what_is_not_so_is_false_and_says_why(line: str) -> None:
    wrong = [s for s in check_steps(line) if s.verdict == "false"]
    assert len(wrong) == 1
    assert wrong[0].why
    assert wrong[0].text in line.replace("$", " ")


@pytest.mark.parametrize("line", UNCHECKED)
def test_what_is_not_understood_is_neither(line: str) -> None:
    assert {s.verdict for s in check_steps(line)} <= {"unchecked"}


def test_an_unknown_has_the_value_that_the_text_gives_it_in_the_end() -> None:
    """Each equation is held against the solution; the solution itself says nothing that could be checked."""
    steps = "2x + 3 = 11\nSubtract 3: 2x = 8\nDivide by 2: x = 4"
    assert [s.verdict for s in check_steps(steps)] == ["true", "true", "unchecked"]
    wrong = steps.replace("2x = 8", "2x = 14")
    assert [s.verdict for s in check_steps(wrong)] == ["true", "false", "unchecked"]
    assert [s.line for s in check_steps(wrong)] == [0, 1, 2]


@pytest.mark.parametrize("family", families())
def test_right_chains_hold_nothing_false(family: str) -> None:
    """The problems of every family, whose chains are right, in all their wordings."""
    for level in (1, 5, 10):
        for problem in make_problems(family, level, {}, Key.root(4), range(25)):
            assert [s for s in check_steps("\n".join(problem.steps)) if s.verdict == "false"] == []


SUMS = ("sums", "long_multiplication", "order_of_operations", "powers", "decimals", "percent", "shopping", "gcd")


@pytest.mark.parametrize("family", SUMS)
def test_a_wrong_result_in_a_chain_is_found(family: str) -> None:
    """The last number of an equation, made larger by one."""
    for i, problem in enumerate(make_problems(family, 5, {}, Key.root(6), range(25))):
        draw = Draw(f"{family} {i}".encode())
        texts = [s for s in check_steps("\n".join(problem.steps)) if s.verdict == "true" and "=" in s.text]
        if not texts:
            continue
        chosen = draw.pick(texts)
        start = len(chosen.text.rstrip("0123456789"))
        last = chosen.text[start:]
        if not last:
            continue
        step = problem.steps[chosen.line].replace(chosen.text, f"{chosen.text[:start]}{int(last) + 1:0{len(last)}}", 1)
        verdicts = {s.verdict for s in check_steps(step)}
        assert "false" in verdicts, (problem.steps[chosen.line], step)


@given(st.integers(-999, 999), st.integers(1, 99), st.integers(-99, 99), st.sampled_from("+-×"))
def test_sums_that_python_works_out(a: int, b: int, c: int, sign: str) -> None:
    """An expression with brackets against the same in Python, and one off."""
    inner = a + b if sign == "+" else a - b if sign == "-" else a * b
    right = inner * c + b
    shown = f"({a} {sign} {b}) × ({c}) + {b}"
    assert [s.verdict for s in check_steps(f"We get {shown} = {right}.")] == ["true"]
    assert [s.verdict for s in check_steps(f"We get {shown} = {right + 1}.")] == ["false"]


@given(st.text(alphabet="0123456789+-*/()=.,% xkm:^!√$\n°ab", max_size=60))
def test_no_text_makes_it_stumble(text: str) -> None:
    """Whatever a model writes is read."""
    assert all(s.verdict in ("true", "false", "unchecked") for s in check_steps(text))


def test_long_texts_are_read_in_one_pass() -> None:
    """A line of very many sums, signs or brackets is no trap."""
    assert len(check_steps("1 + 1 = 2, " * 5000)) == 5000
    assert check_steps("(" * 20_000 + "1 = 1") == ()
    assert check_steps("! " * 20_000) == ()
    assert {s.verdict for s in check_steps("-" * 5000 + "1 = 1")} <= {"unchecked"}


def test_sums_out_of_bounds_are_refused() -> None:
    """Towers, zero below the line, and unknowns without a value."""

    def number(n: int) -> Token:
        return Token("number", str(n), Fraction(n))

    assert evaluate([number(2), Token("sign", "^"), number(10)], {}).plain == 1024
    for tokens in (
        [number(9), Token("sign", "^"), number(5000)],
        [number(1), Token("sign", "÷"), number(0)],
        [Token("letter", "x")],
        [Token("sign", "("), number(1)],
        [number(2), Token("sign", "+")],
        [number(500), Token("sign", "!")],
    ):
        with pytest.raises(Unreadable):
            evaluate(tokens, {})
