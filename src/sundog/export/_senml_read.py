"""A strict reader of SenML packs (RFC 8428, RFC 9100), JSON and CBOR: base fields are resolved, and what is wrong is refused."""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sundog.export._cbor import decode
from sundog.export._senml_units import PRIMARY, SECONDARY

LABELS = {
    "bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6,
    "n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6, "ut": 7, "vd": 8,
}  # fmt: skip
"""Label in JSON to its whole number in CBOR (RFC 8428, table 4)."""
NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9:./_]*")
RELATIVE = 2**28
"""Times below this many seconds count from now on (RFC 8428, section 4.5.3)."""
VERSION = 10
SECONDARY_UNITS = 1 << 4
"""Bit of the version that says that secondary units may be used (RFC 9100, section 4)."""

Value: TypeAlias = float | int | str | bool | bytes
_NUMBERS = ("bt", "bv", "bs", "v", "s", "t", "ut")
_TEXTS = ("bn", "bu", "n", "u", "vs")


@dataclass(frozen=True, slots=True)
class Record:
    """A resolved record: it says all that it says by itself.

    Attributes:
        name: of the sensor or parameter.
        time: seconds since 1970-01-01T00:00Z; below 2**28 relative to now.
        value: what was measured; None where only the sum is stated.
        unit: of the value, or None.
        sum: integrated sum of the values over time, or None.
        update: seconds until the next value at the latest, or None.
    """

    name: str
    time: float
    value: Value | None
    unit: str | None = None
    sum: float | None = None
    update: float | None = None


def read_pack(data: bytes, form: Literal["json", "cbor"]) -> list[Record]:
    """The resolved records of a pack.

    Raises:
        ValueError: the pack breaks a rule of SenML; the record and the rule are named.
    """
    items = _parse_json(data) if form == "json" else _parse_cbor(data)
    bases: dict[str, Any] = {}
    version = None
    records = []
    for i, fields in enumerate(items):
        _check_types(i, fields)
        stated = fields.get("bver", VERSION if i == 0 else None)
        if stated is not None:
            version = stated if version is None else version
            if stated != version:
                raise ValueError(f"record {i}: version {stated}, where the pack began with {version}")
            if stated & ~(VERSION | SECONDARY_UNITS) or stated & VERSION != VERSION:
                raise ValueError(f"record {i}: version {stated} asks for features that are not known")
        bases.update({k: fields[k] for k in ("bn", "bt", "bu", "bv", "bs") if k in fields})
        records.append(_resolve(i, fields, bases, bool((version or VERSION) & SECONDARY_UNITS)))
    return records


def _parse_json(data: bytes) -> list[dict[str, Any]]:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    def pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a label stands twice in a record")
        return found

    items = json.loads(data.decode("utf-8"), parse_constant=refuse, object_pairs_hook=pair)
    _check_list(items)
    for i, fields in enumerate(items):
        if "vd" in fields:
            fields["vd"] = _read_base64(i, fields["vd"])
    return list(items)


def _parse_cbor(data: bytes) -> list[dict[str, Any]]:
    items: Any = decode(data)
    _check_list(items)
    names: dict[Any, str] = {number: label for label, number in LABELS.items()}
    return [{names.get(key, key): value for key, value in fields.items()} for fields in items]


def _check_list(items: Any) -> None:
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise ValueError("a pack is a list of records")


def _read_base64(i: int, text: Any) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        raise ValueError(f"record {i}: vd is not base64url without padding")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(f"record {i}: vd is not base64url: {error}") from error


def _check_types(i: int, fields: Mapping[Any, Any]) -> None:
    for label, value in fields.items():
        if label not in LABELS:
            if isinstance(label, str) and not label.endswith("_"):
                continue  # labels that nobody knows are passed over, unless they end in an underscore
            raise ValueError(f"record {i}: the label {label!r} must be understood, and is not")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if label in _NUMBERS and not (number and math.isfinite(value)):
            raise ValueError(f"record {i}: {label} is not a number")
        if label in _TEXTS and not isinstance(value, str):
            raise ValueError(f"record {i}: {label} is not a text")
        if label == "vb" and not isinstance(value, bool):
            raise ValueError(f"record {i}: vb is not true or false")
        if label == "vd" and not isinstance(value, bytes):
            raise ValueError(f"record {i}: vd does not hold bytes")
        if label == "bver" and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise ValueError(f"record {i}: bver is not a positive whole number")


def _resolve(i: int, fields: Mapping[str, Any], bases: Mapping[str, Any], secondary: bool) -> Record:
    name = bases.get("bn", "") + fields.get("n", "")
    if not NAME.fullmatch(name):
        raise ValueError(f"record {i}: {name!r} is not a name")
    unit = fields.get("u", bases.get("bu"))
    if unit is not None and unit not in PRIMARY and not (secondary and unit in SECONDARY):
        raise ValueError(f"record {i}: {unit!r} is not a unit of this pack's version")
    values = [fields[k] for k in ("v", "vs", "vb", "vd") if k in fields]
    total = fields["s"] + bases.get("bs", 0) if "s" in fields else bases.get("bs")
    if len(values) > 1:
        raise ValueError(f"record {i}: it has more than one value")
    value = values[0] if values else None
    if "v" in fields or (value is None and "bv" in bases):
        value = (value or 0) + bases.get("bv", 0)
    if value is None and total is None:
        raise ValueError(f"record {i}: it has neither a value nor a sum")
    return Record(name, bases.get("bt", 0) + fields.get("t", 0), value, unit, total, fields.get("ut"))
