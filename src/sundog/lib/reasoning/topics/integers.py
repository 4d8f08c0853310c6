"""Number theory: divisors, primes, remainders, bases."""

from __future__ import annotations

from collections.abc import Mapping

from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Dial, Family, Made
from sundog.lib.reasoning.wording import join

_MOST_PRIME = 20_000


def _list_primes(end: int) -> tuple[int, ...]:
    primes: list[int] = []
    for n in range(2, end):
        for p in primes:
            if p * p > n:
                primes.append(n)
                break
            if n % p == 0:
                break
        else:
            primes.append(n)
    return tuple(primes)


_PRIMES = _list_primes(_MOST_PRIME)


def make_gcd(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The greatest common divisor, by Euclid's algorithm."""
    shared = draw.between(1, dials["shared"])
    most = 10 ** dials["digits"]
    a, b = (shared * draw.between(2, most) for _ in range(2))
    if a < b:
        a, b = b, a
    if a == b:
        a += shared
    question = draw.pick(
        (
            "What is the greatest common divisor of {} and {}?",
            "Find gcd({}, {}).",
            "Which is the largest number that divides both {} and {}?",
            "Determine the greatest common factor of {} and {}.",
            "Two ropes of {} and {} centimetres are cut into equal pieces of whole centimetres without a rest. "
            "How long can a piece be at most? Answer with the number alone.",
        )
    ).format(a, b)
    wording = draw.pick(("{} = {} × {} + {}", "Divide: {} = {} × {} + {}", "Euclid: {} = {} × {} + {}"))
    steps = []
    while b:
        steps.append(wording.format(a, a // b, b, a % b))
        a, b = b, a % b
    steps.append(draw.pick(("The last divisor is {}", "The remainder is 0, so the divisor {} is the answer")).format(a))
    return question, steps, str(a)


def make_prime_factors(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A number as a product of primes."""
    small = [_PRIMES[draw.below(dials["small"])] for _ in range(dials["factors"])]
    large = _PRIMES[draw.below(dials["large"])]
    factors = sorted([*small, large])
    number = 1
    for p in factors:
        number *= p
    question = draw.pick(
        (
            "Write {} as a product of primes.",
            "Find the prime factors of {}.",
            "What is the prime factorisation of {}?",
            "Factor {} into primes.",
            "Split {} into its prime factors.",
            "Which primes multiply to {}?",
        )
    ).format(number) + draw.pick(
        (" Write them in ascending order, joined by ×.", " Answer like 2 × 2 × 3, smallest first.")
    )
    wording = draw.pick(("{} ÷ {} = {}", "{} is divisible by {}: the quotient is {}", "Divide {} by {}: {} is left"))
    steps, left = [], number
    for p in factors[:-1]:
        steps.append(wording.format(left, p, left // p))
        left //= p
    steps.append(draw.pick(("{} is prime", "{} has no smaller divisor but 1: it is prime")).format(left))
    return question, steps, " × ".join(map(str, factors))


def make_modular_power(draw: Draw, dials: Mapping[str, int]) -> Made:
    """The remainder of a power, by squaring."""
    m = draw.between(3, dials["modulus"])
    a, e = draw.between(2, dials["modulus"] * 2), draw.between(2, dials["exponent"])
    question = draw.pick(
        (
            "What is {}^{} mod {}?",
            "Find the remainder of {}^{} divided by {}.",
            "Compute {}^{} modulo {}.",
            "{}^{} is divided by {}. What remains?",
            "Which remainder does {}^{} leave on division by {}?",
        )
    ).format(a, e, m)
    start, wording = draw.pick(
        (
            ("{} mod {} = {}", "{}^{}: {} × {} = {}, and {} mod {} = {}"),
            ("{} leaves on division by {} the rest {}", "{} to the {}: {} × {} = {}, {} mod {} = {}"),
        )
    )
    base = a % m
    steps = [start.format(a, m, base)]
    now, power = base, 1
    for bit in bin(e)[3:]:
        square = now * now
        power *= 2
        steps.append(wording.format(a, power, now, now, square, square, m, square % m))
        now = square % m
        if bit == "1":
            power += 1
            steps.append(wording.format(a, power, now, base, now * base, now * base, m, now * base % m))
            now = now * base % m
    return question, steps, str(now)


_DIGITS = "0123456789ABCDEF"


def _write(number: int, base: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, base)
        text = _DIGITS[digit] + text
    return text or "0"


def make_base_conversion(draw: Draw, dials: Mapping[str, int]) -> Made:
    """A number from one base into another, through base ten."""
    source, target = draw.sample(range(2, dials["bases"] + 1), 2)
    number = draw.between(source, 10 ** dials["digits"])
    text = _write(number, source)
    question = draw.pick(
        (
            "Write {0} (base {1}) in base {2}.",
            "Convert {0} from base {1} to base {2}.",
            "The number {0} is written in base {1}. What is it in base {2}?",
            "What is {0} (base {1}) in base {2}?",
            "Change {0} in base {1} into base {2}.",
        )
    ).format(text, source, target)
    if max(source, target) > 10:
        question += " Use A for ten, B for eleven and so on."
    now, steps = _DIGITS.index(text[0]), []
    for digit in text[1:]:
        value = _DIGITS.index(digit)
        steps.append(f"{now} × {source} + {value} = {now * source + value}")
        now = now * source + value
    wording = draw.pick(("{} ÷ {} = {} remainder {}", "Divide: {} ÷ {} = {} remainder {}"))
    while now:
        steps.append(wording.format(now, target, now // target, now % target))
        now //= target
    answer = _write(number, target)
    steps.append(
        draw.pick(("Reading the remainders upwards: {}", "From last to first the remainders are {}")).format(answer)
    )
    return question, steps, answer


def make_primality(draw: Draw, dials: Mapping[str, int]) -> Made:
    """How many of some numbers are prime, by trial division."""
    numbers: list[int] = []
    while len(numbers) < dials["numbers"]:
        n = draw.between(2, dials["most"])
        if n not in numbers and (n % 2 or n == 2 or draw.below(8) == 0):
            numbers.append(n)
    listed = join([str(n) for n in numbers])
    question = draw.pick(
        (
            "How many of {} are prime?",
            "Count the primes among {}.",
            "Of the numbers {}, how many are prime numbers?",
            "How many prime numbers are in this list: {}?",
        )
    ).format(listed)
    wording = draw.pick(("{}: {}; {} × {} = {} is more, so it is prime", "{}: {}; {} × {} = {} exceeds it: prime"))
    other = draw.pick(("{} = {} × {}, so it is not prime", "{} = {} × {}: not prime"))
    steps, count = [], 0
    for n in numbers:
        rests: list[str] = []
        for p in _PRIMES:
            if p * p > n:
                steps.append(wording.format(n, ", ".join(rests) or "nothing to try", p, p, p * p))
                count += 1
                break
            if n % p == 0:
                steps.append(other.format(n, p, n // p))
                break
            rests.append(f"mod {p} = {n % p}")
    steps.append(draw.pick(("Primes: {}", "That makes {} in all")).format(count))
    return question, steps, str(count)


FAMILIES = (
    Family(
        "gcd", "number theory", "the greatest common divisor", "an integer",
        (
            Dial("digits", (2, 2, 3, 3, 3, 3, 4, 4, 5, 6), 1, 12, "digits of the cofactors"),
            Dial("shared", (60, 80, 15, 20, 60, 90, 120, 200, 500, 999), 1, 99999, "greatest factor shared by intent"),
        ),
        make_gcd,
    ),
    Family(
        "prime_factors", "number theory", "the factorisation of a number", "`2 × 2 × 31`, ascending",
        (
            Dial("factors", (3, 3, 3, 3, 4, 4, 5, 5, 6, 7), 1, 12, "small factors"),
            Dial("small", (8, 9, 10, 11, 11, 11, 12, 12, 14, 15), 1, 60, "how many of the first primes they come from"),
            Dial("large", (300, 400, 500, 600, 2000, 2000, 2000, 2000, 2200, 2200), 1, 2262, "the same for the last factor"),
        ),
        make_prime_factors,
    ),
    Family(
        "modular_power", "number theory", "the remainder of a power", "an integer",
        (
            Dial("exponent", (12, 15, 20, 30, 60, 90, 120, 200, 250, 500), 2, 2000, "greatest exponent"),
            Dial("modulus", (150, 160, 170, 180, 190, 200, 220, 300, 500, 999), 3, 9999, "greatest modulus"),
        ),
        make_modular_power,
    ),
    Family(
        "base_conversion", "number theory", "a number in another base", "digits 0-9 and A-F",
        (
            Dial("bases", (8, 8, 9, 9, 16, 16, 16, 16, 16, 16), 3, 16, "greatest base"),
            Dial("digits", (4, 4, 4, 4, 5, 5, 6, 6, 7, 8), 1, 12, "decimal digits of the number at most"),
        ),
        make_base_conversion,
    ),
    Family(
        "primality", "number theory", "how many of some numbers are prime", "an integer",
        (
            Dial("numbers", (3, 3, 3, 3, 4, 4, 5, 5, 6, 7), 1, 12, "numbers"),
            Dial("most", (99, 150, 200, 300, 400, 500, 600, 900, 2000, 5000), 20, 99999, "greatest number"),
        ),
        make_primality,
    ),
)  # fmt: skip
