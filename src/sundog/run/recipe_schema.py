"""The JSON Schema of recipes, over the kinds and checks that are installed: completion and checking in editors."""

from __future__ import annotations

from typing import Any

from sundog.core.extension import Broken, installed
from sundog.core.recipe import Recipe


def recipe_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    schema: dict[str, Any] = Recipe.model_json_schema()
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    definitions.pop("Part", None)
    definitions.pop("CheckSpec", None)
    choices = {group: _choices(f"sundog.{group}", definitions) for group in ("kinds", "checks")}
    parts = schema["properties"]["parts"]
    for name in ("additionalProperties", "patternProperties"):
        if name in parts:
            inner = parts[name]
            parts[name] = (
                {p: {"oneOf": choices["kinds"]} for p in inner}
                if name == "patternProperties"
                else {"oneOf": choices["kinds"]}
            )
    schema["properties"]["checks"]["items"] = {"oneOf": choices["checks"]}
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Sundog recipe"
    return schema


def _choices(group: str, definitions: dict[str, Any]) -> list[dict[str, str]]:
    out = []
    for kind, extension in installed(group).items():
        if isinstance(extension, Broken):
            continue
        spec = extension.spec.model_json_schema()
        definitions.update(spec.pop("$defs", {}))
        spec.setdefault("required", [])
        if "kind" not in spec["required"]:
            spec["required"] = ["kind", *spec["required"]]
        name = f"{group.split('.')[1]}.{kind}"
        definitions[name] = spec
        out.append({"$ref": f"#/$defs/{name}"})
    return out
