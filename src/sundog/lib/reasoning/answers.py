"""Whether two answers say the same, whatever their form: 1/2 and 0.5, 1,000 and 1000, 3 km and 3000 m.

An exact reading of numbers, units, lists, times and names comes first. What it can't read (roots, pi, formulas) goes to math-verify
(Apache-2.0), where the extra ``text`` brought it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction

from sundog.lib.reasoning.calendar import WEEKDAYS, read_date
from sundog.lib.reasoning.latex import read_latex, strip_box
from sundog.lib.reasoning.quantities import UNITS, read_number

_LONGEST = 1000
_LEAD = re.compile(
    r"(?:so |thus |therefore |hence )*,? ?(?:the |my )?(?:final |correct )?(?:answer|result|solution)s?(?: is| are|:| =|: ?=)?:? +|^(?:=|≈) *",
    re.IGNORECASE,
)
_CURRENCY = {"$": "dollars", "€": "euros", "£": "pounds"}
_NAMED = re.compile(r"([A-Za-z])\s*(?:=|:| is )\s*(.+)")
_REMAINDER = re.compile(
    r"([+-]?[0-9][0-9,]*)\s*,?\s*(?:and )?(?:with )?(?:a )?(?:remainder|rest|rem|r)\.?\s*(?:of |is |= ?|: ?)?([0-9][0-9,]*)",
    re.I,
)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?::00)? ?(?:(a|p)\.?m\.?)?(?: o'clock)?", re.IGNORECASE)
_KNIGHT = re.compile(r"([A-Z][a-z]+)\b[^,;.]*?\b(knight|knave)", re.IGNORECASE)
_BASE = re.compile(r"(?:0[xbo])?([0-9A-Za-z]+?)(?:_\{?[0-9]+\}?| ?\(?(?:in )?base [0-9]+\)?)?")
_QUANTITY = re.compile(
    r"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?(?: ?/ ?[0-9]+)?|\.[0-9]+) ?([A-Za-z°][A-Za-z /]*?|)(?: ?(?:,|and) ?| (?=[0-9])|$)"
)
_FORMULA = re.compile(r"\\|√|π|sqrt")
"""What makes a formula of a text: a sum of plain numbers is an answer that nobody worked out."""

_YES = {"yes": "yes", "true": "yes", "correct": "yes", "no": "no", "false": "no", "incorrect": "no"}
_LISTS = re.compile(r"\s*(?:,|;|\band\b)\s*")


def check_answer(expected: str, given: str, family: str = "") -> bool:
    """Whether a given answer says what the expected one says.

    Args:
        expected: the right answer.
        given: what somebody wrote: may stand in a box, in bold, behind "the answer is", with a full stop, with or without its unit.
        family: family of the problem, where its answers are read in a way of their own: digits of a base, factors, names.

    A unit may be left out, never be another one; a decimal has to be exact, not rounded. Answers that can't be read are compared by
    their words.
    """
    if len(expected) > _LONGEST or len(given) > _LONGEST:
        return expected.strip() == given.strip()
    one, two = _clean(expected), _clean(given)
    if not one or not two:
        return one == two
    own = _FAMILIES.get(family)
    if own is not None:
        return own(one, two)
    if one.casefold() == two.casefold():
        return True
    found = _compare(one, two)
    if found is None and (read_number(one) is None or _FORMULA.search(given)):
        found = read_latex(expected, given)
    return bool(found)


def _clean(text: str) -> str:
    text = strip_box(text).strip("*` \n\t")
    if text.startswith("$") and text.endswith("$"):
        text = text.strip("$")
    for before, after in (
        ("−", "-"),
        ("–", "-"),
        ("\u202f", " "),
        ("\u00a0", " "),
        ("’", "'"),
        ("½", "1/2"),
        ("¼", "1/4"),
    ):
        text = text.replace(before, after)
    text = " ".join(_LEAD.sub("", text, count=1).split()) if _LEAD.match(text) else " ".join(text.split())
    text = re.sub(r"^(?:minus|negative) (?=[0-9])", "-", text, flags=re.IGNORECASE)
    return text.strip("*`\"' ").rstrip(".!,;: ").strip("*`\"' ")


def _compare(one: str, two: str) -> bool | None:
    """Whether both say the same; None where one of them can't be read."""
    for compare in (_yes, _remainder, _time, _date, _names, _list, _product, _quantity):
        found = compare(one, two)
        if found is not None:
            return found
    return None


def _yes(one: str, two: str) -> bool | None:
    right = _YES.get(one.casefold())
    if right is None:
        return None
    said = re.match(r"[A-Za-z]+", two)
    return said is not None and _YES.get(said[0].casefold()) == right


def _remainder(one: str, two: str) -> bool | None:
    a, b = _REMAINDER.fullmatch(one), _REMAINDER.fullmatch(two)
    if a is None:
        return None
    return b is not None and [n.replace(",", "") for n in a.groups()] == [n.replace(",", "") for n in b.groups()]


def _time(one: str, two: str) -> bool | None:
    a, b = _CLOCK.fullmatch(one), _CLOCK.fullmatch(two)
    if a is None or (":" not in one and a[3] is None):
        return None
    return b is not None and _minutes(a) == _minutes(b)


def _minutes(found: re.Match[str]) -> int:
    hours = int(found[1])
    if found[3]:
        hours = hours % 12 + (12 if found[3].lower() == "p" else 0)
    return hours * 60 + int(found[2])


def _date(one: str, two: str) -> bool | None:
    if one.casefold() in WEEKDAYS:
        said = re.sub(r"^(?:it is |it's |on |a )+", "", two.casefold())
        return said == one.casefold() or (len(said) >= 3 and one.casefold().startswith(said.rstrip(".")))
    right = read_date(one)
    return None if right is None else read_date(two) == right


def _names(one: str, two: str) -> bool | None:
    """``x = 3, y = -2``: names with values, in any order; a single one may be left out."""
    a, b = _read_named(one), _read_named(two)
    if a is None and b is None:
        return None
    if a is None or b is None:
        named, other = (a, two) if a is not None else (b, one)
        if named is None or len(named) != 1:
            return None
        (value,) = named.values()
        return _compare(value, other) if value.casefold() != other.casefold() else True
    return a.keys() == b.keys() and all(_same(a[name], b[name]) for name in a)


def _read_named(text: str) -> dict[str, str] | None:
    found = [_NAMED.fullmatch(piece) for piece in _LISTS.split(text.strip("()"))]
    if any(piece is None for piece in found):
        return None
    return {piece[1]: piece[2] for piece in found if piece is not None}


def _same(one: str, two: str) -> bool:
    return one.casefold() == two.casefold() or bool(_compare(one, two))


def _list(one: str, two: str) -> bool | None:
    """Lists in their order; sets and solutions joined by ``or`` in any."""
    if re.search(r"\bor\b", one):
        return _match_any_order(re.split(r"\s*\bor\b\s*", one), re.split(r"\s*(?:\bor\b|,|\band\b)\s*", two))
    loose = one.startswith("{")
    if (
        not loose
        and not one.startswith(("[", "("))
        and not re.fullmatch(r"[+-]?[\d./]+(?:(?:, | and |,\s+and )[+-]?[\d./]+)+", one)
    ):
        return None
    a, b = ([piece for piece in _LISTS.split(text.strip("{}[]() ")) if piece] for text in (one, two))
    if loose:
        return _match_any_order(a, b)
    return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))


def _match_any_order(a: list[str], b: list[str]) -> bool:
    left = [re.sub(r"^[A-Za-z] ?= ?", "", piece) for piece in b]
    if len(a) != len(left):
        return False
    for piece in a:
        found = next((other for other in left if _same(piece, other)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _product(one: str, two: str) -> bool | None:
    """``2 × 2 × 31``: a product that is asked for as such is no number."""
    if not re.fullmatch(r"[0-9]+(?: ?[×*·] ?[0-9]+)+", one):
        return None
    factors = _read_factors(two)
    return factors is not None and factors == _read_factors(one)


def _read_factors(text: str) -> Counter[int] | None:
    text = re.sub(r"\s*(?:\\times|\\cdot|·|\*(?!\*)|×|\bx\b)\s*", "×", text).replace("**", "^")
    factors: Counter[int] = Counter()
    for piece in text.split("×"):
        found = re.fullmatch(r"\(?([0-9]{1,30})(?:\^\{?([0-9]{1,3})\}?)?\)?", piece.strip())
        if found is None:
            return None
        factors[int(found[1])] += int(found[2] or 1)
    return factors


def _quantity(one: str, two: str) -> bool | None:
    a, b = _read_quantity(one), _read_quantity(two)
    if a is None or b is None:
        return None if a is None else False if read_number(two) is None and re.fullmatch(r"[A-Za-z ]+", two) else None
    (value, unit), (said, other) = a, b
    if unit is None or other is None or unit == other:
        # "25%" says 25 where percents are asked for, and 1/4 where a share is.
        return value == said or (("%" in one) != ("%" in two) and _bare(one) == _bare(two))
    return False


def _bare(text: str) -> Fraction | None:
    return read_number(text.replace("%", ""))


def _read_quantity(text: str) -> tuple[Fraction, str | None] | None:
    """The value in the first unit of its dimension, and the dimension or word; None for a number without one."""
    sign = next((c for c in text if c in _CURRENCY), None)
    if sign is not None and text.lstrip("-+").startswith(sign):
        text = f"{text.replace(sign, '', 1)} {_CURRENCY[sign]}"
    number = read_number(text)
    if number is not None:
        return number, None
    at, total, unit = 0, Fraction(0), ""
    while at < len(text):
        found = _QUANTITY.match(text, at)
        if found is None or found.end() == at:
            return None
        value, word = read_number(found[1]), found[2].strip()
        if value is None or not word:
            return None
        over, _, under = word.replace(" per ", "/").partition("/")
        dimension, factor = _read_unit(over.strip())
        if under:
            below, by = _read_unit(under.strip())
            dimension, factor = f"{dimension}/{below}", factor / by
        if unit and unit != dimension:
            return None
        total, unit, at = total + value * factor, dimension, found.end()
    return total, unit


def _read_unit(word: str) -> tuple[str, Fraction]:
    known = UNITS.get(word) or UNITS.get(word.casefold())
    return known if known is not None else (word.casefold().removesuffix("s"), Fraction(1))


def _base(one: str, two: str) -> bool:
    a, b = _BASE.fullmatch(one), _BASE.fullmatch(two.replace(",", "").replace(" ", "") if "base" not in two else two)
    return a is not None and b is not None and (a[1].lstrip("0") or "0").upper() == (b[1].lstrip("0") or "0").upper()


def _knights(one: str, two: str) -> bool:
    a, b = ({name.casefold(): what.casefold() for name, what in _KNIGHT.findall(text)} for text in (one, two))
    return bool(a) and a == b


def _word(one: str, two: str) -> bool:
    return one == two


_FAMILIES: Mapping[str, Callable[[str, str], bool]] = {
    "base_conversion": _base,
    "knights": _knights,
    "string_program": _word,
    "prime_factors": lambda one, two: bool(_product(one, two)) or one == two,
}
"""Families whose answers are read in a way of their own."""
