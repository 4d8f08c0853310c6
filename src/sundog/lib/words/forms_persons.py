"""Forms of national identification numbers, none of which a person can have."""

from __future__ import annotations

from sundog.lib.words.forms import (
    Check,
    Dates,
    Form,
    check_italian,
    check_luhn,
    give_table,
    weigh,
)


def list_person_forms() -> tuple[Form, ...]:
    """National numbers by country."""
    return (*_list_english(), *_list_german(), *_list_romance(), *_list_northern(), *_list_eastern())


def _span(begin: int, n: int) -> list[int]:
    return list(range(begin, begin + n))


def _list_english() -> tuple[Form, ...]:
    return (
        Form(
            "ssn_us", "9##-[0-4]#-####", "unassigned",
            "no social security number begins with 9, and taxpayer numbers that do have 50 or more in the middle",
        ),
        Form(
            "nino_gb", "[DFIQUV][A-CEGHJ-NPR-TW-Z]######[A-D]", "unassigned",
            "the first letter of a national insurance number is never D, F, I, Q, U or V",
        ),
        Form(
            "nhs_gb", "999#####[0-8]?", "test", "NHS numbers that begin with 999 are kept for testing",
            (Check(9, weigh(_span(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]), 11, give_table(11, 0, refused=1), gap=8),),
        ),
        Form(
            "sin_ca", "0#######?", "unassigned", "no social insurance number in use begins with 0",
            (check_luhn(8, _span(0, 8)),),
        ),
    )  # fmt: skip


def _list_german() -> tuple[Form, ...]:
    return (
        Form(
            "taxid_de", "0#########?", "test", "tax identification numbers that begin with 0 are kept for testing",
            count=2_903_040,
        ),
        Form(
            "svnr_at", "0#[0-8]?000000", "unassigned", "the serial number of an insurance number begins with 1 to 9",
            (
                Check(
                    3, weigh([0, 1, 2, 4, 5, 6, 7, 8, 9], [3, 7, 9, 5, 8, 4, 2, 1, 6]), 11,
                    tuple(str(r) if r < 10 else "" for r in range(11)), gap=2,
                ),
            ),
            Dates(first=-14610, days=25568, year=8, month=6, day=4),
        ),
        Form(
            "bsn_nl", "9######[0-8]?", "test", "citizen service numbers that begin with 9 are given to test persons only",
            (
                Check(
                    8, weigh(_span(0, 8), [9, 8, 7, 6, 5, 4, 3, 2]), 11,
                    tuple(str(r) if r < 10 else "" for r in range(11)), gap=7,
                ),
            ),
        ),
    )  # fmt: skip


def _list_romance() -> tuple[Form, ...]:
    eleven = tuple("0" if r < 2 else str(11 - r) for r in range(11))
    wrong = tuple(str((int(c) + 1) % 10) for c in eleven)
    return (
        Form(
            "nir_fr", "[12]##0%00######??", "unassigned", "there is no department 00",
            (
                Check(
                    13, weigh(_span(0, 13), [10 ** (12 - k) % 97 for k in range(13)]), 97,
                    tuple(f"{97 - r:02d}" for r in range(97)),
                ),
            ),
        ),
        Form(
            "dni_es", "########[IOU]", "invalid", "I, O and U are never control letters (no range is kept for testing)",
        ),
        Form(
            "cf_it", "[BCDFGLMNPRSTV][BCDFGLMNPRSTV][BCDFGLMNPRSTV][BCDFGLMNPRSTV][BCDFGLMNPRSTV][BCDFGLMNPRSTV]"
            "##[ABCDEHLMPRST][0145]%Z999?", "unassigned", "Z999 is the code of no country",
            (check_italian(15, _span(0, 15)),),
        ),
        Form(
            "cpf_br", "#########??", "invalid", "the last check digit is one too high (no range is kept for testing)",
            (
                Check(9, weigh(_span(0, 9), [10, 9, 8, 7, 6, 5, 4, 3, 2]), 11, eleven),
                Check(10, weigh(_span(0, 10), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]), 11, wrong),
            ),
        ),
    )  # fmt: skip


def _list_northern() -> tuple[Form, ...]:
    return (
        Form(
            "personnummer_se", "000000-9[89]#?", "test", "birth numbers 980 to 999 are kept for test persons",
            (check_luhn(10, [*_span(0, 6), 7, 8, 9]),),
            Dates(first=-14610, days=27758, year=0, month=2, day=4),
        ),
        Form(
            "hetu_fi", "000000-9##?", "test", "individual numbers 900 to 999 are given to no person for good",
            (
                Check(
                    10, weigh([*_span(0, 6), 7, 8, 9], [10 ** (8 - k) for k in range(9)]), 31,
                    tuple("0123456789ABCDEFHJKLMNPRSTUVWXY"),
                ),
            ),
            Dates(first=-14610, days=25567, year=4, month=2, day=0),
        ),
    )  # fmt: skip


def _list_eastern() -> tuple[Form, ...]:
    japanese = tuple(str((0 if r < 2 else 11 - r) + 1)[-1] for r in range(11))
    return (
        Form(
            "pesel_pl", "000000####?", "unassigned", "the date is one of 1800 to 1899, so that nobody alive has it",
            (Check(10, weigh(_span(0, 10), [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]), 10, give_table(10, 0)),),
            Dates(first=-62091, days=36524, year=0, month=2, day=4, months=80),
        ),
        Form(
            "tckn_tr", "0########??", "unassigned", "the first digit of an identity number is 1 to 9",
            (
                Check(
                    9, weigh(_span(0, 9), [7, -1, 7, -1, 7, -1, 7, -1, 7]), 10, tuple(map(str, range(10))),
                ),
                Check(10, weigh(_span(0, 10), [1] * 10), 10, tuple(map(str, range(10)))),
            ),
        ),
        Form(
            "mynumber_jp", "###########?", "invalid", "the check digit is one too high (no range is kept for testing)",
            (Check(11, weigh(_span(0, 11), [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]), 11, japanese),),
        ),
        Form(
            "amka_gr", "000000####?", "invalid", "the check digit is one too high (no range is kept for testing)",
            (check_luhn(10, _span(0, 10), shift=1),),
            Dates(first=-14610, days=25567, year=4, month=2, day=0),
        ),
        Form(
            "rnokpp_ua", "[89]########?", "unassigned", "the birthday lies after the year 2118",
            (
                Check(
                    9, weigh(_span(0, 9), [-1, 5, 7, 9, 4, 6, 10, 5, 7]), 11,
                    tuple(str(r % 10) for r in range(11)),
                ),
            ),
        ),
    )  # fmt: skip
