"""Forms of article, book, vehicle and device numbers."""

from __future__ import annotations

from sundog.lib.words.forms import Check, Form, check_gs1, check_luhn

_VIN = "[0-9A-HJ-NPR-Z]"
_VIN_VALUES = {
    c: v for v, letters in enumerate(("", "AJ", "BKS", "CLT", "DMU", "ENV", "FW", "GPX", "HY", "RZ")) for c in letters
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def list_thing_forms() -> tuple[Form, ...]:
    """EAN, UPC, ISBN, VIN, IMEI and IMSI."""
    digits = {str(d): d for d in range(10)}
    vin = Check(
        8,
        {k: w for k, w in enumerate(_VIN_WEIGHTS) if w},
        11,
        (*map(str, range(10)), "X"),
        digits | _VIN_VALUES,
    )
    return (
        Form("ean13", "2###########?", "test", "prefixes 20 to 29 are for use within a company", (check_gs1(12),)),
        Form("ean8", "2######?", "test", "prefix 2 is for use within a company", (check_gs1(7),)),
        Form("upc_a", "4##########?", "test", "number system 4 is for use within a shop", (check_gs1(11),)),
        Form("isbn13", "9799########?", "unassigned", "979-9 belongs to no registration group", (check_gs1(12),)),
        Form(
            "vin",
            f"G[A-HJ-NPR-Z]9{_VIN * 5}?[1-9A-HJ-NPR-TV-Y][A-HJ-NPR-Z]######",
            "unassigned",
            "ISO 3780 gives the region G to nobody",
            (vin,),
        ),
        Form(
            "imei",
            "00############?",
            "test",
            "reporting body 00 is for test equipment",
            (check_luhn(14, list(range(14))),),
        ),
        Form("imsi", "00101##########", "test", "network 001-01 is for testing"),
    )
