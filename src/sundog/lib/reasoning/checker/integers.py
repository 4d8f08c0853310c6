"""Check divisors, factorisations, remainders of powers, bases and primes."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from math import gcd, isqrt
from types import MappingProxyType

from sundog.lib.reasoning.checker.fault import Checker, need
from sundog.lib.reasoning.checker.numerals import NAT, need_end, read_one, read_step

_GCD = (
    re.compile(rf"What is the greatest common divisor of {NAT} and {NAT}\?"),
    re.compile(rf"Find gcd\({NAT}, {NAT}\)\."),
    re.compile(rf"Which is the largest number that divides both {NAT} and {NAT}\?"),
    re.compile(rf"Determine the greatest common factor of {NAT} and {NAT}\."),
    re.compile(
        rf"Two ropes of {NAT} and {NAT} centimetres are cut into equal pieces of whole centimetres without a rest\. "
        r"How long can a piece be at most\? Answer with the number alone\."
    ),
)
_EUCLID = re.compile(rf"(?:Divide: |Euclid: )?{NAT} = {NAT} × {NAT} \+ {NAT}")
_DIVISOR = re.compile(rf"(?:The last divisor is {NAT}|The remainder is 0, so the divisor {NAT} is the answer)")


def check_gcd(question: str, steps: Sequence[str], answer: str) -> None:
    """Euclid's algorithm: each step divides the divisor of the one before by its remainder."""
    found = read_one(_GCD, question)
    a, b = int(found[1]), int(found[2])
    need(a >= b > 0, -1, "the question is not understood")
    right = gcd(a, b)
    at = 0
    while b:
        one, q, two, rest = map(int, read_step(_EUCLID, steps, at))
        need((one, two) == (a, b), at, f"this step divides {a} by {b}")
        need(q * b + rest == a and 0 <= rest < b, at, f"{a} is not {q} × {b} + {rest}, or the remainder is too large")
        a, b = b, rest
        at += 1
    said = read_step(_DIVISOR, steps, at)
    need(right == int(said[0] or said[1]), at, f"the divisor is {right}")
    need_end(steps, at + 1, answer, str(right))


def _sieve(end: int) -> tuple[int, ...]:
    is_prime = bytearray([0, 0]) + bytearray([1]) * (end - 2)
    for n in range(2, int(end**0.5) + 1):
        if is_prime[n]:
            is_prime[n * n :: n] = bytes(len(range(n * n, end, n)))
    return tuple(n for n in range(end) if is_prime[n])


_PRIMES = _sieve(1000)

_FACTORED_ENDS = r"(?: Write them in ascending order, joined by ×\.| Answer like 2 × 2 × 3, smallest first\.)"
_FACTORED = tuple(
    re.compile(told + _FACTORED_ENDS)
    for told in (
        rf"Write {NAT} as a product of primes\.",
        rf"Find the prime factors of {NAT}\.",
        rf"What is the prime factorisation of {NAT}\?",
        rf"Factor {NAT} into primes\.",
        rf"Split {NAT} into its prime factors\.",
        rf"Which primes multiply to {NAT}\?",
    )
)
_SPLIT = re.compile(
    rf"(?:{NAT} ÷ {NAT} = {NAT}|{NAT} is divisible by {NAT}: the quotient is {NAT}|Divide {NAT} by {NAT}: {NAT} is left)"
)
_PRIME_LEFT = re.compile(rf"(?:{NAT} is prime|{NAT} has no smaller divisor but 1: it is prime)")


def _factorise(number: int) -> list[int]:
    """Its prime factors, the smallest first; an empty list where trial division up to 1000 does not tell them."""
    found = []
    for p in _PRIMES:
        if p * p > number:
            break
        while number % p == 0:
            found.append(p)
            number //= p
    if number > _PRIMES[-1] ** 2:
        return []
    return [*found, number] if number > 1 else found


def check_prime_factors(question: str, steps: Sequence[str], answer: str) -> None:
    """Each prime factor but the greatest divided out, the smallest first."""
    number = int(read_one(_FACTORED, question)[1])
    factors = _factorise(number) if number else []
    need(bool(factors), -1, "the number is not understood")
    left = number
    for at, p in enumerate(factors[:-1]):
        one, by, rest = (int(n) for n in read_step(_SPLIT, steps, at) if n is not None)
        need((one, by) == (left, p), at, f"this step divides {left} by {p}")
        need(rest * p == left, at, f"{left} by {p} is {left // p}")
        left = rest
    at = len(factors) - 1
    said = read_step(_PRIME_LEFT, steps, at)
    need(int(said[0] or said[1] or 0) == left == factors[-1], at, f"{left} is left")
    need_end(steps, at + 1, answer, " × ".join(map(str, factors)))


_MODULAR = (
    re.compile(rf"What is {NAT}\^{NAT} mod {NAT}\?"),
    re.compile(rf"Find the remainder of {NAT}\^{NAT} divided by {NAT}\."),
    re.compile(rf"Compute {NAT}\^{NAT} modulo {NAT}\."),
    re.compile(rf"{NAT}\^{NAT} is divided by {NAT}\. What remains\?"),
    re.compile(rf"Which remainder does {NAT}\^{NAT} leave on division by {NAT}\?"),
)
_REDUCED = re.compile(rf"(?:{NAT} mod {NAT} = {NAT}|{NAT} leaves on division by {NAT} the rest {NAT})")
_SQUARED = re.compile(
    rf"(?:{NAT}\^{NAT}: {NAT} × {NAT} = {NAT}, and {NAT} mod {NAT} = {NAT}|{NAT} to the {NAT}: {NAT} × {NAT} = {NAT}, {NAT} mod {NAT} = {NAT})"
)


def check_modular_power(question: str, steps: Sequence[str], answer: str) -> None:
    """Squares, and one factor more where the exponent is odd: each power is half of the next, rounded down."""
    a, e, m = map(int, read_one(_MODULAR, question).groups())
    need(e > 0 and m > 0, -1, "the question is not understood")
    powers: list[tuple[int, int, int]] = []
    power = e
    while power > 1:
        if power % 2:
            powers.append((power, power - 1, 1))
            power -= 1
        else:
            powers.append((power, power // 2, power // 2))
            power //= 2
    said = tuple(int(n) for n in read_step(_REDUCED, steps, 0) if n is not None)
    need(said == (a, m, a % m), 0, f"{a} mod {m} is {a % m}")
    at = 1
    for power, one, two in reversed(powers):
        said = tuple(int(n) for n in read_step(_SQUARED, steps, at) if n is not None)
        p, q = pow(a, one, m), pow(a, two, m)
        need(said[:2] == (a, power), at, f"this step gives {a}^{power}")
        need(
            said[2:] == (p, q, p * q, p * q, m, pow(a, power, m)),
            at,
            f"it is {p} × {q}, and mod {m} {pow(a, power, m)}",
        )
        at += 1
    need_end(steps, at, answer, str(pow(a, e, m)))


_NUMERAL = r"([1-9A-F][0-9A-F]*)"
_BASES = tuple(
    re.compile(told + r"(?: Use A for ten, B for eleven and so on\.)?")
    for told in (
        rf"Write {_NUMERAL} \(base {NAT}\) in base {NAT}\.",
        rf"Convert {_NUMERAL} from base {NAT} to base {NAT}\.",
        rf"The number {_NUMERAL} is written in base {NAT}\. What is it in base {NAT}\?",
        rf"What is {_NUMERAL} \(base {NAT}\) in base {NAT}\?",
        rf"Change {_NUMERAL} in base {NAT} into base {NAT}\.",
    )
)
_GROWN = re.compile(rf"{NAT} × {NAT} \+ {NAT} = {NAT}")
_REST = re.compile(rf"(?:Divide: )?{NAT} ÷ {NAT} = {NAT} remainder {NAT}")
_UPWARDS = re.compile(r"(?:Reading the remainders upwards: |From last to first the remainders are )([0-9A-F]+)")
_VALUES = {digit: value for value, digit in enumerate("0123456789ABCDEF")}


def check_base_conversion(question: str, steps: Sequence[str], answer: str) -> None:
    """The value digit by digit, then its remainders, which are the digits of the answer upwards."""
    text, one, two = read_one(_BASES, question).groups()
    source, target = int(one), int(two)
    need(2 <= source <= 16 and 2 <= target <= 16, -1, "the bases are not understood")
    digits = [_VALUES[digit] for digit in text]
    need(max(digits) < source, -1, f"{text} is not written in base {source}")
    for at in range(1, len(text)):
        said = tuple(map(int, read_step(_GROWN, steps, at - 1)))
        before, now = int(text[:at], source), int(text[: at + 1], source)
        need(said == (before, source, digits[at], now), at - 1, f"{before} × {source} + {digits[at]} is {now}")
    number = int(text, source)
    at, unit = len(text) - 1, 1
    upwards = ""
    while unit <= number:
        rest = number // unit % target
        said = tuple(map(int, read_step(_REST, steps, at)))
        need(said == (number // unit, target, number // unit // target, rest), at, f"the remainder is {rest}")
        upwards = f"{rest:X}{upwards}"
        unit *= target
        at += 1
    need(read_step(_UPWARDS, steps, at) == (upwards,), at, f"the remainders upwards are {upwards}")
    need_end(steps, at + 1, answer, upwards)


_LISTED = r"([0-9]+(?:, [0-9]+)* and [0-9]+|[0-9]+)"
_COUNTED = (
    re.compile(rf"How many of {_LISTED} are prime\?"),
    re.compile(rf"Count the primes among {_LISTED}\."),
    re.compile(rf"Of the numbers {_LISTED}, how many are prime numbers\?"),
    re.compile(rf"How many prime numbers are in this list: {_LISTED}\?"),
)
_TRIED = re.compile(
    rf"{NAT}: (nothing to try|mod [0-9a-z=, ]+); {NAT} × {NAT} = {NAT} (?:is more, so it is prime|exceeds it: prime)"
)
_COMPOSITE = re.compile(rf"{NAT} = {NAT} × {NAT}(?:, so it is not prime|: not prime)")
_TOTAL = re.compile(rf"(?:Primes: {NAT}|That makes {NAT} in all)")


def check_primality(question: str, steps: Sequence[str], answer: str) -> None:
    """Each number in the order of the question: its smallest divisor, or the remainders of all primes up to its root."""
    numbers = [int(n) for n in read_one(_COUNTED, question)[1].replace(" and ", ", ").split(", ")]
    need(all(1 < n < _PRIMES[-1] ** 2 for n in numbers), -1, "the numbers are not understood")
    need(len(set(numbers)) == len(numbers), -1, "a number stands there twice")
    count = 0
    for at, n in enumerate(numbers):
        factors = _factorise(n)
        if len(factors) > 1:
            said = tuple(map(int, read_step(_COMPOSITE, steps, at)))
            need(said == (n, factors[0], n // factors[0]), at, f"the smallest divisor of {n} is {factors[0]}")
            continue
        count += 1
        one, rests, p, q, square = read_step(_TRIED, steps, at)
        below = _PRIMES[: bisect_right(_PRIMES, isqrt(n))]
        after = _PRIMES[len(below)]
        need(int(one) == n, at, f"this step is about {n}")
        need(
            rests == (", ".join([f"mod {b} = {n % b}" for b in below]) or "nothing to try"),
            at,
            f"the remainders of {n} are others",
        )
        need((int(p), int(q), int(square)) == (after, after, after * after), at, f"the next prime is {after}")
    total = read_step(_TOTAL, steps, len(numbers))
    need(int(total[0] or total[1]) == count, len(numbers), f"there are {count}")
    need_end(steps, len(numbers) + 1, answer, str(count))


CHECKERS: Mapping[str, Checker] = MappingProxyType(
    {
        "gcd": check_gcd,
        "prime_factors": check_prime_factors,
        "modular_power": check_modular_power,
        "base_conversion": check_base_conversion,
        "primality": check_primality,
    }
)
