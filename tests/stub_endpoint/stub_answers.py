"""What the stub endpoint answers: the same to the same request, always. No model: words and values are drawn from a hash of the request."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

_SUBJECTS = (
    "The baker", "A young nurse", "My neighbour", "The harbour master", "Our teacher", "An old clock maker", "The ferry crew",
    "A quiet student", "The town council", "Her younger brother", "The night guard", "A travelling poet", "The orchard owner",
    "His former boss", "The rescue team", "A careful engineer",
)  # fmt: skip
_VERBS = (
    "repaired", "described", "painted", "carried", "measured", "sold", "remembered", "planned", "cleaned", "borrowed", "counted",
    "welcomed", "explained", "copied", "opened", "weighed",
)  # fmt: skip
_OBJECTS = (
    "a wooden bridge", "three bags of flour", "the broken lamp", "an unusual recipe", "the winter timetable", "a box of letters",
    "the northern road", "several small boats", "a map of the valley", "the school garden", "an expensive camera",
    "the library roof", "a pair of scales", "the village well", "two heavy crates", "a blue notebook",
)  # fmt: skip
_WHENS = (
    "before the market opened", "after a long winter", "while it was raining", "on the first day of spring",
    "because nobody else would", "without telling anyone", "as the sun went down", "during the lunch break",
    "with help from two friends", "in less than an hour", "although the wind was strong", "for the summer festival",
    "to save some money", "when the train was late", "near the old mill", "by the light of a candle",
)  # fmt: skip


class Draws:
    """Numbers from a hash, one after another."""

    def __init__(self, seed: bytes) -> None:
        self._seed, self._round, self._left = seed, 0, b""

    def below(self, most: int) -> int:
        """A number in [0, most), most at most 2**24."""
        if len(self._left) < 4:
            self._left = blake2b(self._seed + self._round.to_bytes(4, "big")).digest()
            self._round += 1
        four, self._left = self._left[:4], self._left[4:]
        return int.from_bytes(four, "big") % most


def write_text(draws: Draws, sentences: int = 4) -> str:
    """English sentences that make no sense together, and hardly ever the same twice."""
    return " ".join(
        f"{_SUBJECTS[draws.below(16)]} {_VERBS[draws.below(16)]} {_OBJECTS[draws.below(16)]} {_WHENS[draws.below(16)]}."
        for _ in range(sentences)
    )


def make_value(schema: dict[str, Any], draws: Draws, root: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """A value that a JSON Schema allows, for the keywords that schemas of answers use."""
    root = schema if root is None else root
    if "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return make_value(target, draws, root, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][draws.below(len(schema["enum"]))]
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return make_value(schema[word][draws.below(len(schema[word]))], draws, root, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {name: make_value(of, draws, root, depth + 1) for name, of in schema.get("properties", {}).items()}
    if kind == "array":
        least = schema.get("minItems", 1)
        count = least + draws.below(max(1, min(schema.get("maxItems", least + 2), least + 4) - least + 1))
        return [make_value(schema.get("items", {}), draws, root, depth + 1) for _ in range(count)]
    if kind == "integer":
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
        return int(low) + draws.below(max(1, int(schema.get("maximum", low + 100)) - int(low) + 1))
    if kind == "number":
        low, high = schema.get("minimum", 0), schema.get("maximum", 100)
        return round(low + (high - low) * draws.below(1000) / 1000, 3)
    if kind == "boolean":
        return bool(draws.below(2))
    if kind == "null":
        return None
    text = write_text(draws, 1 if depth else 2)
    while len(text) < schema.get("minLength", 0):
        text += " " + write_text(draws, 1)
    return text[: schema["maxLength"]].rstrip() if "maxLength" in schema else text


def find_schema_in_words(text: str) -> dict[str, Any] | None:
    """The schema that follows the words ``JSON Schema:`` in a question."""
    at = text.rfind("JSON Schema:")
    start = text.find("{", at)
    if at < 0 or start < 0:
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
