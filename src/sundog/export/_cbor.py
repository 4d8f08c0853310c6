"""CBOR as far as SenML needs it: the deterministic encoding of RFC 8949, section 4.2, and a strict reader of it."""

from __future__ import annotations

import math
import struct
from typing import TypeAlias

Cbor: TypeAlias = int | float | str | bytes | bool | list["Cbor"] | dict[int | str, "Cbor"]

_DOUBLE = struct.Struct(">d")
_SINGLE = struct.Struct(">f")
_HALF = struct.Struct(">e")


def encode_head(major: int, number: int) -> bytes:
    """The head of an item: its major type and its length or value in the fewest bytes; number in [0, 2**64)."""
    if number < 24:
        return bytes((major << 5 | number,))
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << 8 * size:
            return bytes((major << 5 | extra,)) + number.to_bytes(size, "big")
    raise ValueError("a number of CBOR lies beyond 64 bits")


def encode_integer(value: int) -> bytes:
    """A whole number in [-2**64, 2**64)."""
    return encode_head(0, value) if value >= 0 else encode_head(1, -1 - value)


def encode_float(value: float) -> bytes:
    """A floating-point number in the shortest of the three formats that holds it exactly; NaN as the half 0x7e00."""
    if math.isnan(value):
        return b"\xf9\x7e\x00"
    for head, form in ((b"\xf9", _HALF), (b"\xfa", _SINGLE)):
        try:
            packed = form.pack(value)
        except OverflowError:
            continue
        if form.unpack(packed)[0] == value:
            return head + packed
    return b"\xfb" + _DOUBLE.pack(value)


def encode_text(value: str) -> bytes:
    """A text in UTF-8."""
    raw = value.encode()
    return encode_head(3, len(raw)) + raw


def encode_bytes(value: bytes) -> bytes:
    """A string of bytes."""
    return encode_head(2, len(value)) + value


def encode(value: Cbor) -> bytes:
    """Any value; the keys of a map stand in the order of their bytes."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return encode_integer(value)
    if isinstance(value, float):
        return encode_float(value)
    if isinstance(value, str):
        return encode_text(value)
    if isinstance(value, bytes):
        return encode_bytes(value)
    if isinstance(value, list):
        return encode_head(4, len(value)) + b"".join(map(encode, value))
    pairs = sorted((encode(key), encode(item)) for key, item in value.items())
    return encode_head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def decode(data: bytes) -> Cbor:
    """The one value that these bytes hold, lists of stated or of indefinite length.

    Raises:
        ValueError: the bytes are not CBOR, end early, go on after the value, or hold what SenML has no use for (tags, null).
    """
    value, at = _decode_at(data, 0)
    if at != len(data):
        raise ValueError(f"{len(data) - at} bytes follow after the value")
    return value


def _decode_at(data: bytes, at: int) -> tuple[Cbor, int]:
    if at >= len(data):
        raise ValueError("the bytes end early")
    first = data[at]
    major, extra = first >> 5, first & 31
    if major == 7:
        return _decode_simple(data, at)
    if first == 0x9F:
        return _decode_open_list(data, at + 1)
    number, at = _decode_number(data, at + 1, extra)
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        if at + number > len(data):
            raise ValueError("a string ends early")
        raw = data[at : at + number]
        return (raw if major == 2 else raw.decode("utf-8")), at + number
    if major == 4:
        items: list[Cbor] = []
        for _ in range(number):
            item, at = _decode_at(data, at)
            items.append(item)
        return items, at
    if major == 5:
        found: dict[int | str, Cbor] = {}
        for _ in range(number):
            key, at = _decode_at(data, at)
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise ValueError("a key is neither a whole number nor a text")
            if key in found:
                raise ValueError(f"the key {key!r} stands twice")
            found[key], at = _decode_at(data, at)
        return found, at
    raise ValueError("the bytes hold a tag")


def _decode_open_list(data: bytes, at: int) -> tuple[Cbor, int]:
    items: list[Cbor] = []
    while at < len(data) and data[at] != 0xFF:
        item, at = _decode_at(data, at)
        items.append(item)
    if at >= len(data):
        raise ValueError("a list never ends")
    return items, at + 1


def _decode_number(data: bytes, at: int, extra: int) -> tuple[int, int]:
    if extra < 24:
        return extra, at
    if extra > 27:
        raise ValueError(f"a head with the reserved length {extra}")
    size = 1 << (extra - 24)
    if at + size > len(data):
        raise ValueError("a head ends early")
    number = int.from_bytes(data[at : at + size], "big")
    if number < (24 if size == 1 else 1 << 4 * size):
        raise ValueError("a number is not written in the fewest bytes")
    return number, at + size


def _decode_simple(data: bytes, at: int) -> tuple[Cbor, int]:
    first = data[at]
    if first in (0xF4, 0xF5):
        return first == 0xF5, at + 1
    for head, form in ((0xF9, _HALF), (0xFA, _SINGLE), (0xFB, _DOUBLE)):
        if first == head:
            if at + 1 + form.size > len(data):
                raise ValueError("a number ends early")
            return float(form.unpack_from(data, at + 1)[0]), at + 1 + form.size
    raise ValueError(f"the simple value {first & 31} has no place here")
