"""Amounts of money and shares as texts: $1,234.56, 1.234,56 €, CHF 1'234.56, (123.45), 123.45-, 56.6%, 1 234.56.

Such a text is a number with something around it. The kind of one (``infer_kinds``) is ``amount SIGN CORE``: SIGN is the sign
of money or ``%`` with an underscore where the number stands (``$_``, ``_%``); where there is none, ``_``, or ``-_`` below
zero; CORE says how the digits are written. The number of a share is that of its text: 56.6 for 56.6%. Brackets and a minus behind the number
mean less than zero, as bookkeeping has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.rows import infer_pieces as pieces

MARKS = (
    r"US\$|C\$|A\$|R\$|HK\$|[$€£¥₹₽₩₺₪฿₫₴₦₱]|kr\.?|zł|Kč|Ft|%|‰"
    r"|EUR|USD|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|INR|BRL|MXN|CAD|AUD|NZD|ZAR|SGD|HKD|KRW|THB|ILS|AED|SAR"
    r"|RUB|UAH|IDR|PHP|MYR"
)
"""Signs and ISO 4217 codes of money, per cent and per mille."""
_BLANK = "[ \u00a0\u202f\u2009]"
_CORE = r"(?P<n>[0-9](?:[0-9.,'’\x{00a0}\x{202f}\x{2009} ]*[0-9])?[.,]?|\.[0-9]+)"
AMOUNT = (
    r"^(?P<o>\(?)" + _BLANK + r"?(?P<g>[-+−]?)" + _BLANK + r"?(?P<a>(?:" + MARKS + r")?)" + _BLANK + r"?(?P<h>[-+−]?)"
    + _CORE + _BLANK + r"?(?P<c>(?:" + MARKS + r")?)" + _BLANK + r"?(?P<e>[-−]?)(?P<l>\)?)$"
)  # fmt: skip

CORES = {
    "plain": r"^(?:0|[1-9][0-9]*)$",
    "point": r"^[0-9]*\.[0-9]*$",
    "comma?": r"^[1-9][0-9]{0,2},[0-9]{3}$",
    "comma": r"^[0-9]+,[0-9]*$",
    "grouped": r"^[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?$",
    "grouped-dots": r"^[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?$",
    "spaced?": r"^[1-9][0-9]{0,2}(?:[ \x{00a0}\x{202f}\x{2009}][0-9]{3})+$",
    "spaced": r"^[1-9][0-9]{0,2}(?:[ \x{00a0}\x{202f}\x{2009}][0-9]{3})+(?:\.[0-9]*)?$",
    "spaced-comma": r"^[1-9][0-9]{0,2}(?:[ \x{00a0}\x{202f}\x{2009}][0-9]{3})+,[0-9]*$",
    "quoted": r"^[1-9][0-9]{0,2}(?:['’][0-9]{3})+(?:\.[0-9]*)?$",
}
"""How the digits are written, in the order in which they are tried; the first that fits counts."""

WRITTEN = {
    "1234.5": frozenset(("plain", "point")),
    "1,234.5": frozenset(("plain", "point", "comma?", "grouped")),
    "1.234,5": frozenset(("plain", "comma", "comma?", "grouped-dots")),
    "1 234.5": frozenset(("plain", "point", "spaced", "spaced?")),
    "1 234,5": frozenset(("plain", "comma", "comma?", "spaced?", "spaced-comma")),
    "1'234.5": frozenset(("plain", "point", "quoted")),
}
"""Ways to write the digits of a column, and the cores that each takes; ``1234,5`` is read as ``1.234,5``."""

_SETTLES = {
    "1234.5": frozenset(("plain", "point")),
    "1,234.5": frozenset(("grouped",)),
    "1.234,5": frozenset(("comma", "grouped-dots")),
    "1 234.5": frozenset(("spaced",)),
    "1 234,5": frozenset(("spaced-comma",)),
    "1'234.5": frozenset(("quoted",)),
}


_BARE = ("1 234.5", "1 234,5", "1'234.5")  # ways that need no sign and no brackets to be told from plain numbers


@dataclass(frozen=True, slots=True)
class Amounts:
    """Texts that are amounts, in parts.

    Attributes:
        hit: bool (n,), which texts.
        negative: bool (k,).
        sign: string (k,), sign of money or ``%`` with an underscore for the number; ``_`` where there is none.
        digits: string (k,), the number without all that.
        core: str (k,), how ``digits`` are written, of ``CORES``; empty where in no way.
    """

    hit: NDArray[np.bool_]
    negative: NDArray[np.bool_]
    sign: pa.StringArray
    digits: pa.StringArray
    core: NDArray[np.str_]


def split_amounts(texts: pa.StringArray) -> Amounts:
    """The parts of the texts that are amounts."""
    hit, parts = pieces.extract(texts, AMOUNT, "ogahncel")
    opened, closed = _there(parts["o"]), _there(parts["l"])
    minus = [_fits(parts[n], "[-−]") for n in "ghe"]
    before, after = parts["a"], parts["c"]
    signs = opened.astype(int) + sum((m.astype(int) for m in minus), np.zeros(len(opened), int))
    clear = (opened == closed) & (signs <= 1) & ~(_there(before) & _there(after))
    found: NDArray[np.str_] = np.full(len(before), "", dtype="U12")
    for core, pattern in CORES.items():
        found = np.where((found == "") & clear & _fits(parts["n"], pattern), core, found)
    sign = pc.binary_join_element_wise(before, "_", after, "")
    return Amounts(hit, opened | np.any(minus, axis=0), sign, parts["n"], found)


def name_amounts(amounts: Amounts) -> pa.StringArray:
    """Kind of each amount, string (k,); empty where it is none: nothing around the number, or digits in no known way."""
    plain = (amounts.core == "plain") | (amounts.core == "point")
    bare = np.asarray(pc.equal(amounts.sign, "_").to_numpy(zero_copy_only=False), dtype=np.bool_)
    told = (amounts.core != "") & ~(bare & plain & ~amounts.negative)
    sign = pc.if_else(pa.array(bare & amounts.negative), pa.scalar("-_"), amounts.sign)
    kinds = pc.binary_join_element_wise("amount", sign, pa.array(amounts.core.astype(object), pa.string()), " ")
    return pc.if_else(pa.array(told), kinds, pa.scalar(""))


def sign_of(kind: str) -> str:
    """The sign around the number of a kind, or an empty text for kinds that are no amounts."""
    words = kind.split(" ")
    return words[1] if words[0] == "amount" else ""


_PLAINLY = {
    "int": "plain",
    "float": "point",
    "comma?": "comma?",
    "comma": "comma",
    "grouped": "grouped",
    "grouped-dots": "grouped-dots",
}


def core_of(kind: str) -> str:
    """How the digits of a kind are written, of ``CORES``; empty for kinds that are no numbers."""
    words = kind.split(" ")
    return words[2] if words[0] == "amount" else _PLAINLY.get(kind, "")


def takes_amount(kind: str, format: str) -> bool:
    """Whether a column that is written as this example says can hold this kind: numbers without the sign too."""
    written = written_of(format)
    return sign_of(kind) in ("", "_", "-_", sign_in(format)) and core_of(kind) in WRITTEN[written]


def settles_amount(kind: str, format: str) -> bool:
    """Whether a kind settles that its column is written so.

    Without a sign, a number that is not below zero must: brackets alone may mean anything.
    """
    sign = sign_in(format)
    told = sign_of(kind) == sign if sign != "_" else sign_of(kind) in ("", "_")
    return told and core_of(kind) in _SETTLES[written_of(format)]


def list_formats(seen: Iterable[str]) -> Iterator[str]:
    """Examples of how a column with these kinds may be written; none where no value is an amount."""
    signs = {sign_of(kind) for kind in seen} - {""}
    own = sorted(signs - {"_", "-_"})
    for sign in own if own else ["_"] if signs else []:
        for written in WRITTEN:
            if sign != "_":
                yield sign.replace("_", written)
            elif "_" not in signs or written in _BARE:
                yield written if written in _BARE else f"({written})"


def written_of(format: str) -> str:
    """The way of writing digits inside such an example; empty where there is none."""
    return next((w for w in sorted(WRITTEN, key=len, reverse=True) if w in format), "")


def sign_in(format: str) -> str:
    """The sign of an example, with an underscore where the number stands; ``_`` where it has none."""
    return format.strip("()").replace(written_of(format), "_", 1)


def is_amount_format(format: str) -> bool:
    """Whether a format is an example of amounts as ``list_formats`` makes it."""
    written = written_of(format)
    if not written:
        return False
    bare = written if written in _BARE else f"({written})"
    return format == bare or re.fullmatch(f"(?:{MARKS})_|_(?:{MARKS})", sign_in(format)) is not None


def parse_amounts(texts: pa.StringArray, format: str) -> pa.Array:
    """Numbers of amounts written as the example says: float64 (n,), null stays null.

    Raises:
        pa.ArrowInvalid: a value is no amount.
    """
    amounts = split_amounts(texts.drop_null())
    written = written_of(format)
    signs = set(pc.unique(amounts.sign).to_pylist())
    if (
        not amounts.hit.all()
        or not signs <= {"_", sign_in(format)}
        or not set(np.unique(amounts.core)) <= WRITTEN[written]
    ):
        raise pa.ArrowInvalid(f"a value is not written as {format}")
    comma = written.endswith(",5")
    bare = pc.replace_substring_regex(amounts.digits, r"[^0-9,]" if comma else r"[^0-9.]", "")
    numbers = pc.cast(pc.replace_substring(bare, ",", "."), pa.float64())
    signed = np.asarray(numbers.to_numpy(zero_copy_only=False)) * np.where(amounts.negative, -1.0, 1.0)
    out = np.zeros(len(texts))
    known = np.asarray(texts.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    out[known] = signed
    return pa.array(out, pa.float64(), mask=~known)


def plain_amounts(texts: pa.StringArray) -> pa.StringArray:
    """Amounts as plain numbers with a point, for counting their decimals: string (k,)."""
    amounts = split_amounts(texts)
    comma = np.isin(amounts.core, ("comma", "grouped-dots", "spaced-comma"))
    points = pc.replace_substring_regex(amounts.digits, r"[^0-9.]", "")
    commas = pc.replace_substring(pc.replace_substring_regex(amounts.digits, r"[^0-9,]", ""), ",", ".")
    return pc.if_else(pa.array(comma), commas, points)


def _there(texts: pa.StringArray) -> NDArray[np.bool_]:
    return np.asarray(pc.greater(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _fits(texts: pa.StringArray, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), dtype=np.bool_)
