"""The type of a column of text, from what was counted over the whole file.

Rules, in this order; the first that takes every value that is there wins:

- whole numbers without leading zeros that fit in 64 bits: ``int64`` (0/1 too);
- decimals: ``float64``, with the number of decimal places; infinities count as missing and are remarked on;
- true/false, yes/no, t/f, y/n in any case: ``bool`` (all but true/false need both words);
- dates: year first (2024-03-01, 2024/3/1), or day and month first where at least one value settles the order
  (31/12/2024); with dots the day comes first unless a value says otherwise: ``date32``. Also with two digits of the year
  after points or slashes where a value settles the order (31.12.20), with English names of months (12-Mar-2024, Mar 12,
  2024), a month alone as its first day (2024-03, 03/2024, March 2024), and one of these ways mixed with 2024-03-01;
- the same with a time of day: ``timestamp[us]``, in a zone where every value states one;
- times of day, with am and pm too: ``time64[us]``; ISO 8601 durations, ``1 days 02:03:04`` and ``25:10:09``: ``duration[us]``;
- numbers with grouping or a decimal comma, where at least one value settles which it is;
- amounts with one sign of money or per cent around them, with brackets or a minus behind for less than zero, and thousands
  set apart by blanks or apostrophes (``infer_amounts``): ``float64``, the number without the sign;
- anything else, numbers with leading zeros and whole numbers beyond 64 bits: ``string``.

Missing are the texts of ``infer_kinds.MISSING``, and ``?`` in a column of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from sundog.lib.rows import infer_kinds as kinds
from sundog.lib.rows.infer_amounts import core_of, is_amount_format, list_formats, settles_amount, sign_of, takes_amount
from sundog.lib.rows.infer_dates import ALSO_ISO, ISO, MIXED, WAYS, takes_of
from sundog.lib.rows.infer_parse import COMMA, GROUPED, GROUPED_DOTS, Parse
from sundog.lib.rows.infer_tally import Tally

STAMP = pa.timestamp("us")
CLOCK = pa.time64("us")
SPAN = pa.duration("us")

MOST_DECIMALS = 15
MIXED_SHARE = 0.1
"""A column of text gets a remark when at least this share of it would be of another type."""


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a whole column could be read.

    Attributes:
        type: what the values become.
        format: see ``Parse``.
        takes: whether a kind can be read this way.
        settles: whether seeing this kind settles that it is this way and no other.
        noun: what the values are, for remarks.
    """

    type: pa.DataType
    format: str
    takes: Callable[[str], bool]
    settles: Callable[[str], bool]
    noun: str


@dataclass(frozen=True, slots=True)
class Inferred:
    """How a column is read, and what is worth saying about that."""

    parse: Parse
    remarks: tuple[str, ...] = ()


def infer_column(tally: Tally) -> Inferred:
    """The type of a column and how its text is read."""
    if not tally.known:
        return Inferred(Parse(pa.string()), ("has no value at all",) if tally.rows else ())
    question = tally.kinds.get(kinds.QUESTION, 0)
    seen = {k: n for k, n in tally.kinds.items() if k != kinds.QUESTION}
    for form in list_forms(seen):
        if any(map(form.settles, seen)) and all(map(form.takes, seen)):
            numeric = pa.types.is_integer(form.type) or pa.types.is_floating(form.type)
            if question and not numeric:
                continue
            return Inferred(make_parse(form, tally), tuple(_remark_typed(form, tally)))
    return Inferred(Parse(pa.string()), tuple(_remark_text(seen, tally)))


def make_parse(form: Form, tally: Tally) -> Parse:
    """The way of reading that a form stands for, with what the tally knows of blanks, decimals and ``?``."""
    numeric = pa.types.is_integer(form.type) or pa.types.is_floating(form.type)
    decimals = tally.decimals if pa.types.is_floating(form.type) and tally.decimals <= MOST_DECIMALS else None
    missing = (*kinds.MISSING, kinds.QUESTION) if numeric else kinds.MISSING
    written = _written_words(tally) if pa.types.is_boolean(form.type) else form.format
    return Parse(form.type, written, missing, tally.untrimmed, decimals)


def list_forms(seen: Mapping[str, int]) -> Iterator[Form]:
    """Every way in which these kinds could be read, the preferred first."""
    yield Form(pa.int64(), "", {"int"}.__contains__, {"int"}.__contains__, "whole numbers")
    yield Form(
        pa.float64(), "", {"int", "bigint", "float", "inf"}.__contains__, {"float", "inf"}.__contains__, "numbers"
    )
    for true, false in kinds.TRUE_WORDS.items():
        pair = {f"word {true}", f"word {false}"}
        if true == "true" or pair <= set(seen):
            yield Form(pa.bool_(), f"{true}/{false}", pair.__contains__, pair.__contains__, f"{true} or {false}")
    yield from _list_dates(seen)
    yield Form(
        CLOCK,
        "%H:%M" if "hms" not in seen else "",
        {"hm", "hms"}.__contains__,
        {"hm", "hms"}.__contains__,
        "times of day",
    )
    halves = {"hm12", "hms12"}
    written = "%I:%M:%S %p" if "hms12" in seen else "%I:%M %p"
    yield Form(CLOCK, written, halves.__contains__, halves.__contains__, "times of day")
    yield Form(
        SPAN,
        "hours",
        {"hms", "24:00", "hours"}.__contains__,
        {"hours"}.__contains__,
        "durations in hours, minutes and seconds",
    )
    yield Form(SPAN, "", {"iso-duration"}.__contains__, {"iso-duration"}.__contains__, "durations")
    yield Form(SPAN, "days", {"days", "hms"}.__contains__, {"days"}.__contains__, "durations")
    whole = "grouped" in seen and "float" not in seen
    yield Form(
        pa.float64(),
        GROUPED,
        {"int", "float", "grouped", "comma?"}.__contains__,
        {"grouped"}.__contains__,
        "numbers with grouped thousands" if whole else "numbers",
    )
    yield Form(
        pa.float64(),
        GROUPED_DOTS,
        {"int", "comma", "comma?", "grouped-dots"}.__contains__,
        {"grouped-dots"}.__contains__,
        "numbers with a decimal comma",
    )
    yield Form(
        pa.float64(),
        COMMA,
        {"int", "comma", "comma?"}.__contains__,
        {"comma"}.__contains__,
        "numbers with a decimal comma",
    )
    yield from list_amounts(seen)


def list_amounts(seen: Iterable[str]) -> Iterator[Form]:
    """Ways to read amounts of money and shares: with the one sign that is seen, and numbers without it."""
    for format in list_formats(seen):
        yield amount_form(format)


def amount_form(format: str) -> Form:
    """The way of reading that an example of an amount stands for."""
    return Form(
        pa.float64(),
        format,
        partial(takes_amount, format=format),
        partial(settles_amount, format=format),
        f"amounts written {format}",
    )


def _list_dates(seen: Mapping[str, int]) -> Iterator[Form]:
    dated = [k.split(" ") for k in seen if k.startswith(("day ", "stamp "))]
    zones = {zone_of(k) for k in seen if k.startswith("stamp ")}
    seconds = any(len(k) > 3 and k[3] not in ("hm", "hm12") for k in dated)
    twelve = any(len(k) > 3 and k[3].endswith("12") for k in dated)
    clock = (" %I:%M:%S %p" if seconds else " %I:%M %p") if twelve else " %H:%M:%S" if seconds else " %H:%M"
    for way in WAYS:
        if not way.guessed:
            continue
        plain = way.format == ISO
        written = "" if plain else way.format
        takes, settles = order_rules(way.order, way.mark)
        noun = "dates" if plain else f"dates written {way.format}"
        yield Form(pa.date32(), written, _of_unit("day", takes), _of_unit("day", settles), noun)
        stamped = (written or (ISO if twelve else "")) + clock if written or twelve else ""
        if zones == {""}:
            both = _both(_of_unit("stamp", takes), settles, seen)
            yield Form(STAMP, stamped, takes, both, noun + " and times")
        elif zones and "" not in zones:
            zoned = zone_type(zones)
            yield Form(
                zoned, stamped, _of_unit("stamp", takes), _of_unit("stamp", settles), noun + " and times with a zone"
            )
    if any(k[1] == "ymd" for k in dated):
        yield from _list_also_iso()


def _list_also_iso() -> Iterator[Form]:
    """Days of which some are written as ISO 8601 has it and the others in one other way, which some value settles."""
    iso, _ = order_rules("ymd", "-")
    for way in MIXED:
        takes, settles = order_rules(way.order, way.mark)
        yield Form(
            pa.date32(),
            way.format + ALSO_ISO,
            _of_unit("day", either(takes, iso)),
            _of_unit("day", settles),
            f"dates written {way.format}{ALSO_ISO}",
        )


def either(first: Callable[[str], bool], second: Callable[[str], bool]) -> Callable[[str], bool]:
    """A rule that takes what one of the two takes."""
    return lambda kind: first(kind) or second(kind)


def order_rules(order: str, mark: str) -> tuple[Callable[[str], bool], Callable[[str], bool]]:
    """Which kinds of dates can be read in this order with this mark between, and which settle that it is this one."""
    settling = {order, "xmy"} if order == "dmy" and mark == "." else {order}
    taking = takes_of(order)

    def fits(orders: set[str]) -> Callable[[str], bool]:
        def check(kind: str) -> bool:
            words = kind.split(" ")
            return words[0] in ("day", "stamp") and words[1] in orders and words[2] == mark

        return check

    return fits(taking), fits(settling)


def zone_of(kind: str) -> str:
    """The zone that a kind of timestamp states, or an empty text."""
    words = kind.split(" ")
    return words[4] if words[0] == "stamp" and len(words) > 4 else ""


def zone_type(zones: set[str]) -> pa.DataType:
    """The type of timestamps that state these zones, all of them one or the other."""
    zone = min(zones) if len(zones) == 1 else "UTC"
    return pa.timestamp("us", tz="UTC" if zone in ("", "Z", "+00:00") else zone)


def _of_unit(unit: str, rule: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda kind: kind.startswith(unit + " ") and rule(kind)


def _both(
    first: Callable[[str], bool], second: Callable[[str], bool], seen: Mapping[str, int]
) -> Callable[[str], bool]:
    """A rule for dates with and without a time of day: some value has a time, and some value settles the order."""
    holds = any(map(first, seen))
    return lambda kind: holds and second(kind)


def _written_words(tally: Tally) -> str:
    """``Yes/No`` as it was mostly written; empty for plain true/false."""
    best: dict[bool, str] = {}
    for word, _ in sorted(tally.words.items(), key=lambda item: (-item[1], item[0])):
        best.setdefault(word.lower() in kinds.TRUE_WORDS, word)
    if len(best) < 2 or {w.lower() for w in best.values()} == {"true", "false"}:
        return "" if len(best) < 2 or best == {True: "true", False: "false"} else f"{best[True]}/{best[False]}"
    return f"{best[True]}/{best[False]}"


def _remark_typed(form: Form, tally: Tally) -> Iterator[str]:
    if tally.kinds.get("inf"):
        yield f"{tally.kinds['inf']} infinite values count as missing"
    if tally.kinds.get(kinds.QUESTION):
        yield f"{tally.kinds[kinds.QUESTION]} values are '?' and count as missing, since the others are numbers"
    if tally.kinds.get("bigint"):
        yield f"{tally.kinds['bigint']} whole numbers beyond 64 bits lose digits among the decimals"
    if any(k.startswith("stamp ") and " hms9" in k for k in tally.kinds):
        yield "digits beyond microseconds are cut off"
    zones = {zone_of(k) for k in tally.kinds if zone_of(k)}
    if len(zones) > 1:
        yield f"states {len(zones)} different zones; all are turned into UTC"
    if is_amount_format(form.format):
        yield f"is written {form.format}, and is read and made as plain numbers"
    elif form.format in (COMMA, GROUPED, GROUPED_DOTS) or form.format.startswith("%"):
        yield f"is written {form.format}"
    if "%y" in form.format:
        yield "two digits of the year are read as 1969 to 2068"
    if form.format == "hours":
        yield "is read as hours, minutes and seconds"


def _remark_text(seen: Mapping[str, int], tally: Tally) -> Iterator[str]:
    if not seen:
        return
    known = tally.known
    numbers = sum(seen.get(k, 0) for k in ("int", "bigint", "float", "zeros"))
    if seen.get("zeros") and numbers == known:
        yield f"{seen['zeros']} values have leading zeros, so it is a code and not a number; state the type int64 if it is one"
        return
    if seen.get("bigint") and numbers == known:
        yield f"{seen['bigint']} whole numbers do not fit in 64 bits, so it is kept as text"
        return
    if seen.get("comma?") and seen.get("comma?", 0) + seen.get("int", 0) + seen.get("float", 0) == known:
        yield f"'1,234' may be thousands or decimals; state the type 'float64:{GROUPED}' or 'float64:{COMMA}'"
        return
    if all(k.startswith(("day xmy2 ", "stamp xmy2 ")) for k in seen):
        yield "no value settles whether the day or the month comes first; state the type, as in 'date32:%d.%m.%y'"
        return
    if all(k.startswith(("day xmy /", "day xmy -", "stamp xmy /", "stamp xmy -")) for k in seen):
        mark = next(iter(seen)).split(" ")[2]
        yield f"no value settles whether the day or the month comes first; state the type 'date32:%d{mark}%m{mark}%Y' or 'date32:%m{mark}%d{mark}%Y'"
        return
    signs = sorted({sign_of(k) for k in seen} - {"", "_", "-_"})
    if len(signs) > 1 and all(map(core_of, seen)):
        yield f"holds amounts with different signs ({', '.join(signs)}), so it is kept as text"
        return
    zones = {zone_of(k) for k in seen if k.startswith("stamp ")}
    if "" in zones and len(zones) > 1:
        yield "some timestamps state a zone and some do not, so it is kept as text"
        return
    best, share = "", 0.0
    for form in list_forms(seen):
        fits = sum(n for k, n in seen.items() if form.takes(k)) / known
        if fits > share and any(map(form.settles, seen)):
            best, share = form.noun, fits
    if share >= MIXED_SHARE:
        yield f"is mixed: {share:.1%} of the values are {best}, the others are not, so it is kept as text; state its type to see which rows"
