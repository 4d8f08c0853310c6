r"""Masks: a picture of a code, such as ``AA-####``, with a class of letters at each free place.

| sign | one of |
|---|---|
| ``#`` | 0 to 9 |
| ``%`` | 1 to 9 |
| ``A`` | A to Z |
| ``a`` | a to z |
| ``*`` | A to Z, 0 to 9 |
| ``[0-4X]`` | what the brackets list, as in a regular expression |
| ``\A`` | the sign itself |

Everything else stands for itself.
"""

from __future__ import annotations

import string
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.errors import Problem, RequestError

SIGNS = {
    "#": string.digits,
    "%": "123456789",
    "A": string.ascii_uppercase,
    "a": string.ascii_lowercase,
    "*": string.ascii_uppercase + string.digits,
}


def split_mask(mask: str, where: str = "mask") -> tuple[str, ...]:
    """The letters that may stand at each place, in order of code point and each once: one letter where nothing is free.

    Args:
        mask: the picture.
        where: named in errors.
    """
    places: list[str] = []
    i = 0
    while i < len(mask):
        sign = mask[i]
        i += 1
        if sign == "\\" and i < len(mask):
            places.append(mask[i])
            i += 1
        elif sign == "[":
            end = mask.find("]", i)
            letters = _expand(mask[i:end]) if end > i else ""
            if not letters:
                what = f"the class at sign {i} of {mask!r} is empty, not closed, or has a range that runs backwards"
                raise RequestError(
                    Problem("SD-WORDS-001", where, what, "Write [abc] or [a-f0-9]; a bracket itself is \\[.")
                )
            places.append(letters)
            i = end + 1
        else:
            places.append("".join(sorted(SIGNS.get(sign, sign))))
    return tuple(places)


def count_mask(mask: str) -> int:
    """How many different values a mask has."""
    count = 1
    for letters in split_mask(mask):
        count *= len(letters)
    return count


def _expand(inside: str) -> str:
    letters: set[str] = set()
    i = 0
    while i < len(inside):
        if i + 2 < len(inside) and inside[i + 1] == "-":
            span = range(ord(inside[i]), ord(inside[i + 2]) + 1)
            if not span:
                return ""
            letters.update(map(chr, span))
            i += 3
        else:
            letters.add(inside[i])
            i += 1
    return "".join(sorted(letters))


@dataclass(frozen=True, slots=True)
class MaskTable:
    """Masks in the form that the kernel reads.

    Attributes:
        starts: int32 (k + 1,), where each mask begins in ``data``.
        data: uint8; a byte below 32 is the number of a class, any other stands for itself.
        alphabets: uint8 (32, widest class), the letters of each class.
        sizes: uint64 (32,), letters in each class.
    """

    starts: NDArray[np.int32]
    data: NDArray[np.uint8]
    alphabets: NDArray[np.uint8]
    sizes: NDArray[np.uint64]


def compile_masks(masks: pa.Array) -> MaskTable:
    """Masks (string (k,)) for the kernel; at most 31 different classes of ASCII letters in all of them."""
    listed = masks.to_pylist()
    plain = {sign: "".join(sorted(letters)) for sign, letters in SIGNS.items() if any(sign in mask for mask in listed)}
    classes = {letters: number for number, letters in enumerate(plain.values(), 1)}
    signs = str.maketrans({sign: chr(classes[letters]) for sign, letters in plain.items()})
    codes = []
    for mask in listed:
        if "[" in mask or "\\" in mask:
            places = split_mask(mask)
            numbers = [x if len(x) == 1 else chr(classes.setdefault(x, len(classes) + 1)) for x in places]
            codes.append("".join(numbers).encode())
        else:  # nearly all of thousands
            codes.append(mask.translate(signs).encode())
    if len(classes) > 31 or not all(letters.isascii() for letters in classes):
        raise ValueError("masks have more than 31 classes, or a class beyond ASCII")
    alphabets = np.zeros((32, max(map(len, classes), default=1)), np.uint8)
    sizes = np.ones(32, np.uint64)
    for letters, number in classes.items():
        alphabets[number, : len(letters)] = np.frombuffer(letters.encode(), np.uint8)
        sizes[number] = len(letters)
    starts = np.concatenate([[0], np.cumsum([len(c) for c in codes])]).astype(np.int32)
    return MaskTable(starts, np.frombuffer(b"".join(codes), np.uint8), alphabets, sizes)
