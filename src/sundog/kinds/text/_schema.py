"""JSON Schemas of answers and of tools' arguments, and whether a value keeps one: the few keywords that are used here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sundog.lib.language.protocol import Form

Schema = Mapping[str, Any]


def text_schema(least: int = 1, most: int = 4000) -> Schema:
    """A text with so many characters."""
    return {"type": "string", "minLength": least, "maxLength": most}


def choice_schema(choices: Sequence[str]) -> Schema:
    """One of some texts."""
    return {"type": "string", "enum": list(choices)}


def object_schema(fields: Mapping[str, Schema], optional: Sequence[str] = ()) -> Schema:
    """An object with these fields and no other."""
    required = [n for n in fields if n not in optional]
    return {"type": "object", "properties": dict(fields), "required": required, "additionalProperties": False}


def form_of(schema: Schema) -> Form:
    """The form of an answer that is one object of this schema."""
    return Form(schema=json.dumps(schema, sort_keys=True, ensure_ascii=False, separators=(",", ":")))


def find_mismatch(value: Any, schema: Schema, at: str = "") -> str:
    """Why a value does not keep a schema, in words; empty where it does."""
    place = at or "it"
    if "enum" in schema and value not in schema["enum"]:
        return f"{place} is none of the {len(schema['enum'])} choices"
    kind = schema.get("type")
    if kind == "object":
        return _in_object(value, schema, at, place)
    if kind == "array":
        if not isinstance(value, list):
            return f"{place} is no list"
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            return f"{place} has {len(value)} items"
        return next((m for i, v in enumerate(value) if (m := find_mismatch(v, schema["items"], f"{at}[{i}]"))), "")
    if kind == "string":
        if not isinstance(value, str):
            return f"{place} is no text"
        if not schema.get("minLength", 0) <= len(value.strip()) or len(value) > schema.get("maxLength", 10**9):
            return f"{place} has {len(value)} characters"
        return ""
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else (int, float)):
            return f"{place} is no {kind}"
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            return f"{place} is out of range"
        return ""
    if kind == "boolean" and not isinstance(value, bool):
        return f"{place} is neither true nor false"
    return ""


def _in_object(value: Any, schema: Schema, at: str, place: str) -> str:
    if not isinstance(value, dict):
        return f"{place} is no object"
    known = schema["properties"]
    if missing := [n for n in schema["required"] if n not in value]:
        return f"{place} lacks {missing[0]!r}"
    if more := [n for n in value if n not in known]:
        return f"{place} has {more[0]!r}, which is not known"
    return next((m for n, v in value.items() if (m := find_mismatch(v, known[n], f"{at}.{n}".lstrip(".")))), "")
