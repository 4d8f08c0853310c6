"""Divisors, primes, remainders and bases: every chain that is made passes, and what is not so does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prove import assert_caught, assert_right, assert_steady, change_character, find_fault_in

from sundog.core.keys import Key
from sundog.lib.reasoning.checker.check import check_problem
from sundog.lib.reasoning.checker.integers import CHECKERS
from sundog.lib.reasoning.make import make_problems

GCD = "Find gcd(48, 18)."
GCD_STEPS = ("48 = 2 × 18 + 12", "18 = 1 × 12 + 6", "12 = 2 × 6 + 0", "The last divisor is 6")
FACTORS = "Factor 84 into primes. Write them in ascending order, joined by ×."
FACTORS_STEPS = ("84 ÷ 2 = 42", "Divide 42 by 2: 21 is left", "21 is divisible by 3: the quotient is 7", "7 is prime")
POWER = "What is 12^5 mod 7?"
POWER_STEPS = (
    "12 mod 7 = 5",
    "12^2: 5 × 5 = 25, and 25 mod 7 = 4",
    "12^4: 4 × 4 = 16, and 16 mod 7 = 2",
    "12^5: 2 × 5 = 10, and 10 mod 7 = 3",
)
BASES = "Convert 31 from base 5 to base 3."
BASES_STEPS = (
    "3 × 5 + 1 = 16",
    "16 ÷ 3 = 5 remainder 1",
    "5 ÷ 3 = 1 remainder 2",
    "1 ÷ 3 = 0 remainder 1",
    "Reading the remainders upwards: 121",
)
PRIMES = "How many of 2, 91 and 29 are prime?"
PRIMES_STEPS = (
    "2: nothing to try; 2 × 2 = 4 is more, so it is prime",
    "91 = 7 × 13, so it is not prime",
    "29: mod 2 = 1, mod 3 = 2, mod 5 = 4; 7 × 7 = 49 exceeds it: prime",
    "That makes 2 in all",
)
RIGHT = (
    ("gcd", GCD, GCD_STEPS, "6"),
    ("prime_factors", FACTORS, FACTORS_STEPS, "2 × 2 × 3 × 7"),
    ("modular_power", POWER, POWER_STEPS, "3"),
    ("base_conversion", BASES, BASES_STEPS, "121"),
    ("primality", PRIMES, PRIMES_STEPS, "2"),
)
WRONG = (
    ("gcd", "Find gcd(18, 48).", GCD_STEPS, "6", -1),
    ("gcd", GCD, ("48 = 1 × 18 + 30", "18 = 0 × 30 + 18", *GCD_STEPS[1:]), "6", 0),
    ("gcd", GCD, ("48 = 2 × 18 + 10", *GCD_STEPS[1:]), "6", 0),
    ("gcd", GCD, (*GCD_STEPS[:2], GCD_STEPS[3]), "6", 2),
    ("gcd", GCD, (*GCD_STEPS[:3], "The last divisor is 12"), "12", 3),
    ("gcd", GCD, GCD_STEPS, "3", 4),
    ("prime_factors", FACTORS, ("Divide 84 by 4: 21 is left", *FACTORS_STEPS[2:]), "2 × 2 × 3 × 7", 0),
    ("prime_factors", FACTORS, (*FACTORS_STEPS[:2], "21 ÷ 7 = 3", "3 is prime"), "2 × 2 × 3 × 7", 2),
    ("prime_factors", FACTORS, (*FACTORS_STEPS[:2], "21 is prime"), "2 × 2 × 21", 2),
    ("prime_factors", FACTORS, FACTORS_STEPS, "2 × 3 × 2 × 7", 4),
    ("modular_power", POWER, ("12 mod 7 = 4", *POWER_STEPS[1:]), "3", 0),
    ("modular_power", POWER, (*POWER_STEPS[:3], "12^5: 2 × 4 = 8, and 8 mod 7 = 1"), "1", 3),
    ("modular_power", POWER, (*POWER_STEPS[:2], POWER_STEPS[3]), "3", 2),
    ("base_conversion", "Convert 51 from base 5 to base 3.", BASES_STEPS, "121", -1),
    ("base_conversion", BASES, ("3 × 5 + 1 = 15", *BASES_STEPS[1:]), "121", 0),
    ("base_conversion", BASES, (*BASES_STEPS[:3], BASES_STEPS[4]), "121", 3),
    (
        "base_conversion",
        "Convert 21 from base 5 to base 3.",
        (
            "2 × 5 + 1 = 11",
            "11 ÷ 3 = 3 remainder 2",
            "3 ÷ 3 = 1 remainder 0",
            "1 ÷ 3 = 0 remainder 1",
            "Reading the remainders upwards: 201",
        ),
        "201",
        4,
    ),
    ("primality", "How many of 2, 2 and 29 are prime?", PRIMES_STEPS, "2", -1),
    ("primality", PRIMES, (PRIMES_STEPS[0], "91 = 13 × 7, so it is not prime", *PRIMES_STEPS[2:]), "2", 1),
    (
        "primality",
        PRIMES,
        (PRIMES_STEPS[0], "91: mod 2 = 1, mod 3 = 1, mod 5 = 1; 7 × 7 = 49 is more, so it is prime", *PRIMES_STEPS[2:]),
        "3",
        1,
    ),
    (
        "primality",
        PRIMES,
        (*PRIMES_STEPS[:2], "29: mod 2 = 1, mod 3 = 2; 5 × 5 = 25 exceeds it: prime", PRIMES_STEPS[3]),
        "2",
        2,
    ),
    ("primality", PRIMES, (*PRIMES_STEPS[:3], "Primes: 3"), "3", 3),
)


@pytest.mark.parametrize("family", CHECKERS)
def test_every_chain_that_is_made_is_right(family: str) -> None:
    """All levels, several keys, and every dial at its ends."""
    assert_right(CHECKERS, family, 300)


@pytest.mark.parametrize("family", CHECKERS)
def test_every_corrupted_chain_is_caught(family: str) -> None:
    """A wrong number, a step too few, too many, in another place or of another problem, another answer, another question."""
    assert assert_caught(CHECKERS, family, 100) > 800


@pytest.mark.parametrize("family", CHECKERS)
def test_a_changed_character_is_no_step_and_no_answer(family: str) -> None:
    """Nothing that is not written as it should be passes, and no text raises anything but what is wrong with it."""
    assert assert_steady(CHECKERS, family, change_character) == 0


@pytest.mark.parametrize(("family", "question", "steps", "answer"), RIGHT)
def test_what_is_right_passes(family: str, question: str, steps: tuple[str, ...], answer: str) -> None:
    """Chains written by hand."""
    assert find_fault_in(CHECKERS[family], question, steps, answer) is None


@pytest.mark.parametrize(("family", "question", "steps", "answer", "step"), WRONG)
def test_what_is_wrong_is_caught_where_it_stands(
    family: str, question: str, steps: tuple[str, ...], answer: str, step: int
) -> None:
    """The first step that does not hold is named: -1 is the question, one past the last the answer."""
    fault = find_fault_in(CHECKERS[family], question, steps, answer)
    assert fault is not None
    assert (fault.step, bool(fault.what)) == (step, True)


@given(st.integers(2, 5000))
def test_factors_that_are_divided_out_here_pass(number: int) -> None:
    """A chain for every number: what is left is divided by its smallest divisor."""
    left, factors, steps = number, [], []
    while (p := next(d for d in range(2, left + 1) if left % d == 0)) != left:
        steps.append(f"{left} ÷ {p} = {left // p}")
        factors.append(p)
        left //= p
    steps.append(f"{left} is prime")
    question = f"Factor {number} into primes. Write them in ascending order, joined by ×."
    answer = " × ".join(map(str, [*factors, left]))
    assert find_fault_in(CHECKERS["prime_factors"], question, steps, answer) is None
    assert find_fault_in(CHECKERS["prime_factors"], question, steps, f"1 × {answer}") is not None


def test_the_sign_of_multiplication_of_the_answer_is_that_of_the_question() -> None:
    """A question that shows ``2 * 2 * 3`` is answered with stars."""
    for problem in make_problems("prime_factors", 4, {}, Key.root(1), range(60)):
        sign, other = ("*", "×") if "*" in problem.question else ("×", "*")
        assert check_problem(problem.question, problem.steps, problem.answer, "prime_factors") == ()
        swapped = problem.answer.replace(sign, other)
        assert check_problem(problem.question, problem.steps, swapped, "prime_factors") != ()
