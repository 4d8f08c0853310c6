"""Kernels of texts, and of buckets. Characters are Unicode code points; comparisons go by them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sundog.lib.expressions.columns import Job, Value, as_array, make_array, view_numbers
from sundog.lib.expressions.kernels_numbers import Kernel, round_numbers
from sundog.lib.expressions.kernels_times import read_clock
from sundog.lib.kernels.expression_buckets import bucket_texts, bucket_words
from sundog.lib.kernels.strings import add_number, open_rows, put_number

_EXACT = 2.0**52

_LETTERS = {
    "ß": "ss",
    "ẞ": "SS",
    "æ": "ae",
    "Æ": "AE",
    "œ": "oe",
    "Œ": "OE",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "đ": "d",
    "Đ": "D",
    "ð": "d",
    "Ð": "D",
    "þ": "th",
    "Þ": "Th",
    "ı": "i",
    "ħ": "h",
    "Ħ": "H",
    "ŋ": "n",
    "Ŋ": "N",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "–": "-",
    "—": "-",
}
"""What Unicode does not take apart into a letter and its marks."""


def _once_each(function: Callable[[pa.Array], pa.Array]) -> Kernel:
    """A slow function is asked once for each different text."""

    def run(values: tuple[Value, ...], job: Job) -> Value:
        coded = pc.dictionary_encode(as_array(values[0], job.count))
        return function(coded.dictionary).take(coded.indices)

    return run


def _to_ascii(texts: pa.Array) -> pa.Array:
    for letter, plain in _LETTERS.items():
        texts = pc.replace_substring(texts, pattern=letter, replacement=plain)
    return pc.replace_substring_regex(pc.utf8_normalize(texts, "NFKD"), pattern="[^\\x00-\\x7F]", replacement="")


def _to_slug(texts: pa.Array) -> pa.Array:
    words = pc.replace_substring_regex(pc.utf8_lower(_to_ascii(texts)), pattern="[^a-z0-9]+", replacement="-")
    return pc.utf8_trim(words, characters="-")


def _substring(values: tuple[Value, ...], job: Job) -> Value:
    start = job.constants[0]
    length = job.constants[1] if len(job.constants) == 2 else None
    assert isinstance(start, int)
    stop = start - 1 + length if isinstance(length, int) else None
    return pc.utf8_slice_codeunits(values[0], start - 1, stop)


def _pad(function: Callable[..., Any]) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        width, fill = job.constants if len(job.constants) == 2 else (job.constants[0], " ")
        return function(values[0], width=width, padding=fill)

    return run


def _match(function: Callable[..., Any]) -> Kernel:
    def run(values: tuple[Value, ...], job: Job) -> Value:
        return function(values[0], pattern=job.constants[0])

    return run


def _replace(values: tuple[Value, ...], job: Job) -> Value:
    old, new = job.constants
    return pc.replace_substring(values[0], pattern=old, replacement=new)


def _concat(values: tuple[Value, ...], job: Job) -> Value:
    return pc.binary_join_element_wise(*values, pa.scalar(""), null_handling="emit_null")


def _write(values: tuple[Value, ...], job: Job) -> Value:
    """Times to the second, by the clock of their zone."""
    value = values[0]
    if pa.types.is_integer(value.type):
        array = as_array(value, job.count)
        return _write_numbers(view_numbers(array), 0, array)
    if not pa.types.is_timestamp(value.type):
        return pc.cast(value, pa.string())
    clock = as_array(read_clock(value), job.count)
    seconds = make_array(view_numbers(clock) // 1_000_000, (clock,), pa.timestamp("s"))
    return pc.cast(seconds, pa.string())


def _write_digits(values: tuple[Value, ...], job: Job) -> Value:
    """With exactly so many digits after the point; halves go to the even digit."""
    array = as_array(values[0], job.count)
    digits = job.constants[0]
    assert isinstance(digits, int)
    rounded = round_numbers(array, digits, False)
    scaled = view_numbers(rounded) * 10.0**digits
    if (np.abs(scaled) < _EXACT).all():
        return _write_numbers(np.rint(scaled).astype(np.int64), digits, array)
    # Numbers of 16 digits and more are few, and have no places to round.
    return pa.array([None if v is None else f"{v + 0.0:.{digits}f}" for v in rounded.to_pylist()], pa.string())


def _write_numbers(numbers: NDArray[np.int64], places: int, like: pa.Array) -> pa.Array:
    """Whole numbers as texts, the last ``places`` digits behind a point; missing where ``like`` is."""
    lengths, offsets = np.zeros(len(numbers), np.int32), np.empty(len(numbers) + 1, np.int32)
    add_number(numbers, 0, places, lengths)
    letters = np.empty(open_rows(lengths, offsets), np.uint8)
    put_number(numbers, 0, places, offsets[1:], letters)
    found = pa.StringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(letters))
    return pc.if_else(pc.is_valid(like), found, pa.scalar(None, pa.string())) if like.null_count else found


def _bucket(values: tuple[Value, ...], job: Job) -> Value:
    array = as_array(values[0], job.count)
    buckets = job.constants[0]
    assert isinstance(buckets, int)
    salt = str(job.constants[1]) if len(job.constants) == 2 else ""
    word = np.uint64(int.from_bytes(blake2b(salt.encode(), digest_size=8).digest(), "little"))
    found = np.empty(job.count, np.int64)
    if pa.types.is_string(array.type):
        _, places, data = array.buffers()
        ends = (
            np.frombuffer(places, np.int32, array.offset + job.count + 1)[array.offset :]
            if places
            else np.zeros(1, np.int32)
        )
        letters = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
        bucket_texts(letters, ends, word, np.uint64(buckets), found)
    else:
        if pa.types.is_boolean(array.type) or pa.types.is_date(array.type):
            array = array.cast(pa.int32()) if pa.types.is_date(array.type) else array
            array = array.cast(pa.int64())
        bucket_words(view_numbers(array).view(np.uint64), word, np.uint64(buckets), found)
    return make_array(found, (array,), job.type)


TEXTS: dict[str, Kernel] = {
    "lower": lambda values, job: pc.utf8_lower(values[0]),
    "upper": lambda values, job: pc.utf8_upper(values[0]),
    "trim": lambda values, job: pc.utf8_trim_whitespace(values[0]),
    "length": lambda values, job: pc.cast(pc.utf8_length(values[0]), pa.int64()),
    "substring": _substring,
    "replace": _replace,
    "concat": _concat,
    "ascii": _once_each(_to_ascii),
    "slug": _once_each(_to_slug),
    "pad_left": _pad(pc.utf8_lpad),
    "pad_right": _pad(pc.utf8_rpad),
    "starts_with": _match(pc.starts_with),
    "ends_with": _match(pc.ends_with),
    "contains": _match(pc.match_substring),
    "text": _write,
    "text_digits": _write_digits,
    "bucket": _bucket,
}
