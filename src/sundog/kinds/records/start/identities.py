"""Columns that name somebody or something: persons, places, identifiers. Never a value of theirs is written."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.kinds.records.start.drafts import Draft
from sundog.kinds.records.start.numbers import missing_share, say_exact, with_missing
from sundog.kinds.records.start.personal import FULL, THING, find_personal
from sundog.kinds.records.start.reading import Column
from sundog.kinds.records.start.relations import Link
from sundog.kinds.records.start.shapes import make_mask
from sundog.lib.rows.infer_meaning import is_iban, split_name
from sundog.lib.words.codes import list_forms

NOTHING = "no value was read: made from lists of its own"


def draft_identity(column: Column, least: int, rows: int) -> Draft | None:
    """A field for a column of persons, places or identifiers; None for any other.

    Args:
        column: with at least ``least`` values.
        least: rows of a group.
        rows: unique codes that will be wanted.
    """
    words = split_name(column.name)
    said, remark = _find_identifier(column, words)
    if said is None:
        said, remark = _find_person(column, words)
    if said is not None:
        share = missing_share(len(column.values), column.known, least)
        told = f"{NOTHING}, but for the share of missing values" if share else NOTHING
        origin = f"{told}; the kind was told from the column's name and values"
        return Draft(column.name, with_missing(said, share), origin, (remark,) if remark else ())
    if column.reading.meaning == "identifier" or find_personal(column) == "key":
        return draft_key(column, least, rows)
    return None


def is_made_up(column: Column) -> bool:
    """Whether the column is one of persons, places or identifiers, of which no value may stand anywhere in a recipe."""
    words = split_name(column.name)
    return _find_identifier(column, words)[0] is not None or find_personal(column) != ""


def _find_person(column: Column, words: list[str]) -> tuple[dict[str, object] | None, str]:
    """A side of a person or of a place, from the name of the column and what its values look like."""
    named = set(words)
    match find_personal(column):
        case "email" | "given_name" | "surname" | "username" | "name" as part:
            return {"type": "person", "part": part}, ""
        case "phone" | "street" | "address" as part:
            return {"type": "place", "part": part}, ""
    if not pa.types.is_string(column.values.type):
        return None, ""
    if named & FULL and named & THING:
        return (_name_thing(named), "") if _has_many(column) else (None, "")
    if named & {"city", "town", "ort", "stadt"} and _has_many(column):
        return {"type": "place", "part": "city"}, "More cities than can be written: those of the locale's lists."
    if named & {"postcode", "zip", "zipcode", "plz", "postal"} and _has_many(column):
        return {"type": "place", "part": "postcode"}, "Of the locale's places, whatever the shape in the real table."
    if words == ["product"] and _has_many(column):
        return {"type": "words", "of": "product"}, ""
    if named & {"company", "employer", "firm", "firma"} and _has_many(column):
        return {"type": "words", "of": "company"}, ""
    return None, ""


def _name_thing(named: set[str]) -> dict[str, object] | None:
    if named & {"product", "item"}:
        return {"type": "words", "of": "product"}
    if named & {"company", "org", "organisation", "organization", "brand"}:
        return {"type": "words", "of": "company"}
    return {"type": "place", "part": "city"} if named & {"city", "town"} else None


def _has_many(column: Column) -> bool:
    """Whether too many different values come for each to be a category."""
    different = int(pc.count_distinct(column.values, mode="only_valid").as_py())
    return different > max(60, 0.02 * column.known) or different > 500


def _find_identifier(column: Column, words: list[str]) -> tuple[dict[str, object] | None, str]:
    pattern = column.reading.pattern
    if not pa.types.is_string(column.values.type):
        return None, ""
    if not pattern and _looks(column, r"^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$"):
        return {"type": "person", "part": "email"}, ""
    if not pattern and _looks(column, r"^[A-Z]{2}[0-9]{2} ?(?:[0-9A-Z]{4} ?){2,7}[0-9A-Z]{0,4}$") and _is_iban(column):
        pattern = "iban"
    if pattern == "uuid":
        return {"type": "identifier", "of": "uuid"}, ""
    if pattern == "ip":
        return {"type": "identifier", "of": "ipv4"}, ""
    if pattern == "iban":
        return {"type": "identifier", "of": _name_iban(column)}, "With right check digits, and no bank."
    if pattern == "card":
        return {"type": "identifier", "of": "card_visa"}, "With a wrong check digit, so that they are nobody's."
    if pattern == "url":
        return {"type": "pattern", "regex": "https://www\\.example\\.com/[a-z]{4,10}"}, ""
    if "mac" in words and column.known and _looks(column, r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$"):
        return {"type": "identifier", "of": "mac"}, ""
    if {"agent", "useragent"} & set(words) and _looks(column, r"^Mozilla/"):
        return {"type": "identifier", "of": "user_agent"}, ""
    if "vin" in words and _looks(column, r"^[A-HJ-NPR-Z0-9]{17}$"):
        return {"type": "identifier", "of": "vin"}, ""
    if {"ean", "gtin", "barcode"} & set(words) and _looks(column, r"^[0-9]{13}$"):
        return {"type": "identifier", "of": "ean13"}, ""
    return None, ""


def _name_iban(column: Column) -> str:
    """IBANs of the country that most have, where they can be made, else of Germany."""
    country = pc.value_counts(pc.utf8_lower(pc.utf8_slice_codeunits(column.one_each(), 0, 2)))
    best = str(country.field("values")[int(np.argmax(country.field("counts").to_numpy()))].as_py())
    return f"iban_{best}" if f"iban_{best}" in list_forms() else "iban_de"


def _is_iban(column: Column) -> bool:
    """Whether check digits are right, of the first value: a code that only looks like one has them once in 97 times."""
    return is_iban(str(column.values.drop_null()[0]))


def _looks(column: Column, pattern: str) -> bool:
    known = column.values.drop_null()
    found = pc.sum(pc.match_substring_regex(known, pattern)).as_py() or 0
    return bool(len(known) and found >= 0.9 * len(known))


def draft_key(column: Column, least: int, rows: int) -> Draft:
    """Keys: running numbers for whole numbers, unique codes of the same shape for texts that nearly all differ."""
    values = column.values.drop_null()
    share = missing_share(len(column.values), column.known, least)
    unique = int(pc.count_distinct(values).as_py()) >= 0.95 * len(values)
    if pa.types.is_integer(values.type):
        if unique:
            digits = len(str(abs(int(pc.max(values).as_py()))))
            running = digits <= len(str(column.known)) + 1
            # 64 bits hold numbers of 19 digits up to 9.2e18, so that those begin with 1.
            start = 1 if running or digits > 19 else 10 ** (digits - 1)
            said: dict[str, object] = {"type": "sequence", "start": start}
            told = (
                "no value was read: running numbers"
                if start == 1
                else f"the number of digits of column {column.name}; no value was read"
            )
            remarks = () if running else ("Running numbers, whatever the order of the real ones.",)
            return Draft(column.name, with_missing(said, share), told, remarks)
        top = 10 ** len(str(max(1, int(pc.count_distinct(values).as_py()))))
        said = {"type": "integer", "low": 1, "high": top}
        words = "the order of magnitude of the number of different values"
        return Draft(column.name, with_missing(said, share), say_exact(words, column.name, least), number=column.name)
    mask = make_mask(column.one_each().cast(pa.string()), least, rows if unique else 1)
    if unique:
        said = {"type": "unique", "pattern": mask}
    else:
        said = {"type": "pattern", "mask": mask}
    return Draft(
        column.name, with_missing(said, share), say_exact("the frequent shape of the codes", column.name, least)
    )


def say_relation(column: Column, link: Link, root: str, counts: NDArray[np.int64], least: int) -> Draft:
    """A foreign key that is not the way to the parent: the key of some row of the first table, or of one that belongs to no unit.

    Args:
        column: of the foreign key.
        link: where it points.
        root: the first table of the part.
        counts: int64 (keys,), how many rows refer to each key.
        least: rows of a group.
    """
    share = missing_share(len(column.values), column.known, least)
    own = link.child == link.parent
    said: dict[str, object] = {
        "type": "reference",
        "to": link.key if link.parent == root else f"{link.parent}.{link.key}",
    }
    origin = "its values are keys of that table, in every row of the real one"
    if own:
        said["earlier"] = True
    elif (skew := find_skew(counts, least)) > 0:
        said["skew"] = skew
        origin = say_exact(
            "the share of the rows that refer to the fifth of keys with the most, by", column.name, least
        )
    return Draft(column.name, with_missing(said, share), origin)


def find_skew(counts: NDArray[np.int64], least: int) -> float:
    """How much some keys are preferred: the exponent, less 1, at which the first fifth of them gets the share it has.

    Args:
        counts: int64 (keys,), rows of each.
        least: rows and keys that are needed to tell.
    """
    total, size = int(counts.sum()), len(counts)
    if size < 5 * least or total < 5 * size:
        return 0.0
    if float(((counts - total / size) ** 2).sum()) / (total / size) < 2 * size:
        return 0.0  # no more than chance
    top = np.sort(counts)[::-1][: size // 5].sum() / total
    return round(min(max(math.log(0.2) / math.log(min(top, 0.999)) - 1, 0.0), 20.0), 2)
