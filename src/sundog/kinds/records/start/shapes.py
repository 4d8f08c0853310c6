"""Shapes of texts: a regular expression of the kinds of letters that many rows have, with no letter that only few rows share."""

from __future__ import annotations

import re
from itertools import groupby

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MOST_SHAPES = 12
_LOOKED_AT = 200_000
_CLASSES = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}


def describe_shape(texts: pa.Array, least: int) -> tuple[str, float]:
    """A regular expression, and the share of the texts that have one of its shapes.

    Runs of letters and digits are classes with their length; where all texts of a shape have the same letter at a place, and
    there are at least ``least`` of them, it stands as it is only if it is no letter and no digit, or begins them all.

    Args:
        texts: string (n,), none missing.
        least: rows that a shape needs.
    """
    some = texts.slice(0, _LOOKED_AT)
    exact = find_shapes(some)
    counted = sorted(zip(exact_counts(exact), exact_values(exact), strict=True), key=lambda p: (-p[0], p[1]))
    total = len(some)
    shapes = [(n, s) for n, s in counted if n >= least and len(s) <= 80][:_MOST_SHAPES]
    covered = sum(n for n, _ in shapes) / max(1, total)
    if shapes and covered >= 0.5:
        pieces = [_write_shape(shape, _find_head(some, exact, shape, least)) for _, shape in shapes]
        return _join(pieces), covered
    # Lengths differ too much: words of letters, as many as most have.
    length = pc.utf8_length(some)
    low, high = (int(pc.quantile(length, q)[0].as_py()) for q in (0.25, 0.75))
    low, high = max(1, min(low, 60)), max(1, min(high, 80))
    digits = float(pc.mean(pc.cast(pc.match_substring_regex(some, "[0-9]"), pa.float64())).as_py() or 0.0)
    inner = "[A-Za-z0-9]" if digits > 0.3 else "[a-z]"
    return f"{inner}{{{low},{max(high, low)}}}", covered


def find_shapes(texts: pa.Array) -> pa.Array:
    """The shape of each text: A and a for letters, 9 for digits, ? for other signs of writing; string (n,).

    Punctuation and signs, such as a hyphen or a currency, stand for themselves.
    """
    shapes = pc.replace_substring_regex(texts, r"\p{Lu}", "A")
    shapes = pc.replace_substring_regex(shapes, r"[\p{Ll}\p{Lo}]", "a")
    shapes = pc.replace_substring_regex(shapes, r"\p{Nd}", "9")
    shapes = pc.replace_substring_regex(shapes, r"\p{Zs}", " ")
    return pc.replace_substring_regex(shapes, r"[^\x20-\x7e\p{S}\p{P}]", "?")


def exact_counts(shapes: pa.Array) -> list[int]:
    """Rows of each different shape, in the order of ``exact_values``."""
    return [int(n) for n in pc.value_counts(shapes).field("counts").to_pylist()]


def exact_values(shapes: pa.Array) -> list[str]:
    """The different shapes."""
    return [str(v) for v in pc.value_counts(shapes).field("values").to_pylist()]


def _find_head(texts: pa.Array, shapes: pa.Array, shape: str, least: int) -> str:
    """Letters with which all texts of a shape begin, where they are enough rows: such as the C- of C-1234."""
    mine = texts.filter(pc.equal(shapes, shape))
    if len(mine) < least:
        return ""
    first, last = str(pc.min(mine).as_py()), str(pc.max(mine).as_py())
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    head = first[:same]
    match = re.match(r"[^0-9]*", head)
    bare = match.group(0) if match else ""
    return bare if bare.isascii() and len(bare) < len(shape) else ""


def _write_shape(shape: str, head: str) -> str:
    out = [_escape(c) for c in head]
    for sign, run in groupby(shape[len(head) :]):
        size = len(list(run))
        one = _CLASSES.get(sign, "[a-z]" if sign == "?" else _escape(sign))
        out.append(one if size == 1 else f"{one}{{{size}}}")
    return "".join(out)


def _escape(sign: str) -> str:
    return sign if sign.isalnum() or not sign.isascii() or sign in " _-:,;@!%&=<>~'\"#" else "\\" + sign


def _join(pieces: list[str]) -> str:
    different = list(dict.fromkeys(pieces))
    return different[0] if len(different) == 1 else "(" + "|".join(different) + ")"


def make_mask(texts: pa.Array, least: int, rows: int) -> str:
    """A mask for unique codes: the most frequent shape with its head, made longer until it has room for ``rows`` codes 200 times.

    Args:
        texts: string (n,).
        least: rows that a shape or a head needs.
        rows: unique codes that will be wanted.
    """
    some = texts.slice(0, _LOOKED_AT)
    shapes = find_shapes(some)
    counts, values = exact_counts(shapes), exact_values(shapes)
    best = int(np.argmax(counts))
    shape = values[best] if counts[best] >= max(least, 0.3 * len(some)) and len(values[best]) <= 40 else "999999999999"
    head = _find_head(some, shapes, shape, least) if shape == values[best] else ""
    body = [_mask_sign(c) for c in shape[len(head) :]]
    lead = "".join("\\" + c if c in "#%Aa*[]\\" else c for c in head)
    room = 1.0
    for sign in body:
        room *= {"#": 10, "A": 26, "a": 26}.get(sign, 1)
    while room < 200.0 * rows:
        body.append("#")
        room *= 10
    while room >= 2.0**62:
        at = max(i for i, sign in enumerate(body) if sign in "#Aa")
        room /= {"#": 10, "A": 26, "a": 26}[body[at]]
        body[at] = "0"
    # A sign for letters beside a letter is refused in a recipe: what looks like a word is none.
    classes = {"A": "[A-Z]", "a": "[a-z]"}
    whole, beside = lead, lead[-1:].isalpha()
    for i, sign in enumerate(body):
        beside = (beside or _is_letter(body[i + 1 : i + 2])) if sign in classes else sign.isalpha()
        whole += classes[sign] if beside and sign in classes else sign
    return whole


def _is_letter(rest: list[str]) -> bool:
    """Whether a letter that stands for itself comes next."""
    return bool(rest) and rest[0].isalpha() and rest[0] not in "Aa"


def _mask_sign(sign: str) -> str:
    if sign in "9Aa":
        return "#" if sign == "9" else sign
    return "a" if sign == "?" else ("\\" + sign if sign in "#%*[]\\" else sign)
