"""Answers that say the same in another form are the same; everything else is not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.reasoning.answers import check_answer
from sundog.lib.reasoning.latex import plain_latex, strip_box
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.quantities import read_number

SAME = (
    ("0.5", "1/2"), ("1000", "1,000"), ("3", "x = 3"), ("x = 3", "3"), ("3001 m", "3001"), ("3001 m", "3.001 km"), ("3001 m", "3001 metres"),
    ("44 euros", "€44"), ("7", r"\boxed{7}"), ("7", r"So $x = \boxed{7}$."), ("7", "The answer is 7."), ("7", "**7**"), ("7", "Answer: 7"),
    ("yes", "Yes, it is."), ("no", "No."), ("yes", "true"), ("913 remainder 14", "913 R 14"), ("913 remainder 14", "913 r14"),
    ("15:18", "3:18 pm"), ("09:05", "9:05"), ("Tuesday", "It is Tuesday."), ("Tuesday", "Tue"), ("x = 3, y = -2", "y=-2, x=3"),
    ("x = 3, y = -2", "(x = 3, y = -2)"), ("x = 3, y = -2", "x = 3 and y = −2"), ("-90 or 80", "80 or -90"), ("-90 or 80", "x = -90 or x = 80"),
    ("{5, 6, 8}", "{6, 5, 8}"), ("[15, 23]", "15, 23"), ("3, 5 and 7", "3, 5, 7"), ("2 × 2 × 31", "2^2 × 31"), ("2 × 2 × 31", "31 * 2 * 2"),
    ("7 pounds and 1 ounce", "7 lb 1 oz"), ("7 pounds and 1 ounce", "113 ounces"), ("3 m and 45 cm", "345 cm"), ("1.5 hours", "90 minutes"),
    ("473/13 km/h", "473/13 km per hour"), ("10 bottles", "10"), ("6", "6 apples"), ("5/6", r"\frac{5}{6}"), ("3/2", "1 1/2"),
    ("3/2", r"1\frac{1}{2}"), ("25%", "25"), ("25", "25%"), ("1/4", "25%"), ("Lucas", "Lucas."), ("-5", "minus 5"), ("21", "twenty-one"),
    ("2024-03-05", "March 5, 2024"), ("5 March 2024", "5th of March 2024"), ("10.50 euros", "10.5 euros"), ("1200", "1.2 × 10^3"), ("1200", "1.2e3"),
)  # fmt: skip
OTHER = (
    ("0.5", "1/3"), ("1/3", "0.333"), ("3", "x = 4"), ("3001 m", "3001 km"), ("44 euros", "44 pounds"), ("44 euros", "$44"), ("yes", "no"),
    ("no", "Not sure, yes"), ("913 remainder 14", "913 remainder 15"), ("913 remainder 14", "913"), ("15:18", "3:18"), ("Tuesday", "Thursday"),
    ("x = 3, y = -2", "x = -2, y = 3"), ("x = 3, y = -2", "x = 3"), ("-90 or 80", "90 or 80"), ("-90 or 80", "80"), ("{5, 6, 8}", "{5, 6}"),
    ("[15, 23]", "[23, 15]"), ("2 × 2 × 31", "124"), ("2 × 2 × 31", "4 × 31"), ("6", "6 or 7"), ("6", "-6"), ("6", "6 remainder 1"), ("7", "3 + 4"),
    ("Lucas", "Luc"), ("25", "0.25"), ("7", ""), ("6", "5 or 6"), ("12", "1 2"), ("10 bottles", "10 pens"), ("5", "1/0"), ("2024-03-05", "2024-03-06"),
    ("1 month", "30 days"), ("7", "9" * 2000), ("60 km/h", "60 km"),
)  # fmt: skip


@pytest.mark.parametrize(("expected", "said"), SAME)
def test_another_form_is_the_same_answer(expected: str, said: str) -> None:
    assert check_answer(expected, said)


@pytest.mark.parametrize(("expected", "said"), OTHER)
def test_another_answer_is_another(expected: str, said: str) -> None:
    assert not check_answer(expected, said)


@pytest.mark.parametrize(
    ("family", "expected", "said", "same"),
    [
        ("base_conversion", "121", "121_3", True),
        ("base_conversion", "1F", "0x1f", True),
        ("base_conversion", "121", "121 (base 3)", True),
        ("base_conversion", "100", "100.0", False),
        ("base_conversion", "121", "112", False),
        ("knights", "Mia is a knight, Bo is a knave", "Bo: knave, Mia: knight", True),
        ("knights", "Mia is a knight, Bo is a knave", "Mia: knight, Bo: knight", False),
        ("knights", "Mia is a knight, Bo is a knave", "Mia is a knight", False),
        ("prime_factors", "2 × 3", "2 * 3", True),
        ("prime_factors", "2 * 3", "6", False),
        ("string_program", "abcAB", "`abcAB`", True),
        ("string_program", "abcAB", "abcab", False),
    ],
)
def test_families_have_their_own_forms(family: str, expected: str, said: str, same: bool) -> None:
    assert check_answer(expected, said, family) is same


@pytest.mark.parametrize("family", families())
def test_an_answer_equals_itself_in_every_dress_and_no_other(family: str) -> None:
    """Boxes, bold type and sentences change nothing; two different answers of a family are different."""
    answers = {p.answer for p in make_problems(family, 6, {}, Key.root(2), range(12))}
    for answer in answers:
        for dressed in (answer, f"**{answer}**", f"The answer is {answer}.", rf"\boxed{{{answer}}}", f" {answer} "):
            assert check_answer(answer, dressed, family), dressed
        assert [other for other in answers if other != answer and check_answer(answer, other, family)] == []


@given(st.fractions(max_denominator=10**4))
def test_fractions_and_their_decimals(value: Fraction) -> None:
    assert read_number(str(value)) == value
    assert check_answer(str(value), str(value))
    assert not check_answer(str(value), str(value + Fraction(1, 7)))
    if abs(value) < 10**6 and value.denominator in (1, 2, 4, 5, 8, 10, 20, 25):
        assert check_answer(str(value), repr(float(value)))


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_makes_it_stumble(one: str, two: str) -> None:
    """Any two texts are compared, and a text that is not empty equals itself."""
    assert check_answer(one, two) in (True, False)
    assert check_answer(one, one)


def test_boxes_and_plain_latex() -> None:
    assert strip_box(r"we get \boxed{\frac{1}{2}} at last") == "1/2"
    assert strip_box(r"\boxed{1} then \boxed{{2, 3}}") == "{2, 3}"
    assert plain_latex(r"\frac{1+2}{3} \times 4 \div 2") == "(1+2)/(3) × 4 ÷ 2"


@pytest.mark.parametrize(
    ("expected", "said", "same"),
    [
        (r"\sqrt{8}", r"2\sqrt{2}", True),
        ("√8", "2*sqrt(2)", True),
        ("x^2+1", "1+x^2", True),
        ("x^2+1", "x^2-1", False),
        (r"2\pi", "6.28", False),
        ("4", r"\sqrt{16}", True),
        ("9^9^9^9", "3", False),
        (r"\sum_{i=1}^{9} i", "45", False),
    ],
)
def test_formulas_are_compared_by_computer_algebra(expected: str, said: str, same: bool) -> None:
    """Where math-verify is installed; what might run without end is not tried."""
    pytest.importorskip("math_verify")
    assert check_answer(expected, said) is same
