"""Forms of bank accounts and payment cards.

Structures of the national account numbers: SWIFT, IBAN Registry. Bank codes are ones that no bank has. Cards: ISO/IEC 7812-1.
"""

from __future__ import annotations

from sundog.lib.words.forms import Check, Form, check_iban, check_italian, check_luhn, give_table, weigh


def list_bank_forms() -> tuple[Form, ...]:
    """IBAN by country and card numbers by brand."""
    return (*_list_ibans(), *_list_cards())


def _span(begin: int, n: int) -> list[int]:
    return list(range(begin, begin + n))


def _iban(country: str, account: str, bank: str, *checks: Check) -> Form:
    letters = "".join("\\" + c if c == "A" else c for c in country)
    picture = f"{letters}??{account}"
    why = f"bank code {bank} is not assigned"
    return Form(f"iban_{country.lower()}", picture, "unassigned", why, (*checks, check_iban(picture)))


def _list_ibans() -> tuple[Form, ...]:
    spanish = [4, 8, 5, 10, 9, 7, 3, 6]
    spanish_table = ("0", "1", "9", "8", "7", "6", "5", "4", "3", "2", "1")
    french = [k * 10 ** (n - 1 - i) % 97 for k, n in ((89, 5), (15, 5), (3, 11)) for i in range(n)]
    portuguese = [10 ** (20 - i) % 97 for i in range(19)]
    belgian = [10 ** (9 - i) % 97 for i in range(10)]
    return (
        _iban("DE", "9" + "#" * 17, "9xx xxx xx (the first digit of a Bankleitzahl is 1 to 8)"),
        _iban("AT", "99###" + "#" * 11, "99xxx"),
        _iban("CH", "99###" + "#" * 12, "99xxx"),
        _iban("GB", "TEST00" + "#" * 12, "TEST and sort code 00-xx-xx"),
        _iban("IE", "TEST00" + "#" * 12, "TEST and sort code 00-xx-xx"),
        _iban("NL", "TEST" + "#" * 10, "TEST"),
        _iban(
            "FR", "99" + "#" * 19 + "??", "99xxx",
            Check(25, weigh(_span(4, 21), french), 97, tuple(f"{97 - r:02d}" for r in range(97))),
        ),
        _iban(
            "ES", "9999" + "####" + "??" + "#" * 10, "9999",
            Check(12, weigh(_span(4, 8), spanish), 11, spanish_table),
            Check(13, weigh(_span(14, 10), [1, 2, *spanish]), 11, spanish_table),
        ),
        _iban("IT", "?" + "99999" + "#" * 17, "99999", check_italian(4, _span(5, 22))),
        _iban(
            "PT", "9999" + "#" * 15 + "??", "9999",
            Check(23, weigh(_span(4, 19), portuguese), 97, tuple(f"{98 - r:02d}" for r in range(97))),
        ),
        _iban(
            "BE", "985" + "#" * 7 + "??", "985",
            Check(14, weigh(_span(4, 10), belgian), 97, tuple(f"{r or 97:02d}" for r in range(97))),
        ),
        _iban(
            "PL", "999####?" + "#" * 16, "999",
            Check(11, weigh(_span(4, 7), [3, 9, 7, 1, 3, 9, 7]), 10, give_table(10, 0)),
        ),
        _iban("SE", "000" + "#" * 17, "000"),
        _iban("DK", "0001" + "#" * 10, "0001"),
        _iban(
            "NO", "0001" + "#" * 5 + "[0-8]" + "?", "0001",
            Check(14, weigh(_span(4, 10), [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11, give_table(11, 0, refused=1), gap=13),
        ),
        _iban("FI", "9" + "#" * 12 + "?", "9xxxxx", check_luhn(17, _span(4, 13))),
        _iban("TR", "99999" + "0" + "#" * 16, "99999"),
        _iban("GR", "999" + "#" * 18 + "00", "999"),
        _iban("UA", "999999" + "0" + "#" * 18, "999999"),
        _iban("LU", "990" + "#" * 13, "990"),
        _iban(
            "CZ", "9999" + "000000" + "#" * 8 + "[0-8]" + "?", "9999",
            Check(23, weigh(_span(14, 9), [6, 3, 7, 9, 10, 5, 8, 4, 2]), 11, give_table(11, 0, refused=1), gap=22),
        ),
    )  # fmt: skip


_CARDS = {
    "visa": "4111111111111111",
    "mastercard": "5555555555554444",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "jcb": "3530111333300000",
    "diners": "30569309025904",
    "unionpay": "6200000000000005",
}
"""Of each brand the number for testing that payment services publish; its first six digits begin our numbers.

Sources: test card numbers of PayPal (Payflow, Test Credit Card Account Numbers) and, for UnionPay, of Stripe (Testing).
"""


def _list_cards() -> tuple[Form, ...]:
    """Of each brand as many numbers as are wanted, with a wrong check digit, and the one published number with a right one.

    No brand keeps a whole range for testing, and who holds the numbers behind a prefix isn't public: with a right check digit, a
    number made at random may be somebody's. ISO/IEC 7812-1 gives every card number Luhn's check digit, so that one without it is
    nobody's.
    """
    made = [
        Form(
            f"card_{brand}", number[:6] + "#" * (len(number) - 7) + "?", "invalid",
            "the check digit is one too high (no brand keeps a range for testing)",
            (check_luhn(len(number) - 1, list(range(len(number) - 1)), shift=1),),
        )
        for brand, number in _CARDS.items()
    ]  # fmt: skip
    published = [
        Form(f"card_{brand}_test", number, "test", "payment services publish this one number for testing")
        for brand, number in _CARDS.items()
    ]
    return (*made, *published)
