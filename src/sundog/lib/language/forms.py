"""Whether an answer has the form that was asked for, and the small mends that make it so.

What is mended never changes what was said: fences and words around the one JSON object, commas too many, Python's names for true, false and
null, raw line ends inside texts. An object that was cut is not completed, and of two objects that fit none is chosen.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sundog.core.errors import MissingExtra, Problem, RequestError, install_extra
from sundog.lib.language.protocol import Form

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_MOST_OBJECTS = 64
_NAMES = {"True": "true", "False": "false", "None": "null"}
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"|\b(?:True|False|None)\b|,(?=\s*[}\]])', re.DOTALL)


def read_form(form: Form, text: str) -> str | None:
    """The answer in its form, mended where that was needed; None if it has not that form.

    Of a schema: JSON text of one object. Of a grammar or a pattern: the text, without space around it where only so it fits.
    """
    if form.schema:
        return _read_object(form.schema, text)
    if not form.pattern:
        return text
    pattern = _compile(form.pattern)
    return next((t for t in (text, text.strip()) if pattern.fullmatch(t)), None)


def check_form(form: Form) -> None:
    """Refuse a form that no answer can be held against.

    Raises:
        RequestError: the schema or the pattern is none.
    """
    if form.schema:
        _open_validator(form.schema)
    if form.pattern:
        _compile(form.pattern)


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error as error:
        what = f"the pattern of a form cannot be read: {error}"
        raise RequestError(Problem("SD-MODEL-010", "form", what, "Write a regular expression of Python.")) from error


@lru_cache(maxsize=256)
def _open_validator(schema: str) -> Validator:
    try:
        import jsonschema
        from referencing import Registry
    except ImportError as error:
        what = "the package jsonschema, which holds answers against their schema, is not installed"
        raise MissingExtra(Problem("SD-MODEL-011", "model", what, install_extra("text"))) from error
    try:
        stated = json.loads(schema)
        jsonschema.Draft202012Validator.check_schema(stated)
        # An empty registry: a schema that refers to a URL fetches nothing.
        return jsonschema.Draft202012Validator(stated, registry=Registry())
    except (ValueError, jsonschema.SchemaError) as error:
        what = f"the schema of an answer is no JSON Schema: {str(error).splitlines()[0]}"
        raise RequestError(Problem("SD-MODEL-012", "form", what, "Write it in the dialect 2020-12.")) from error


def _read_object(schema: str, text: str) -> str | None:
    validator = _open_validator(schema)
    whole = _parse(text, strict=True)
    if isinstance(whole, dict) and _holds(validator, whole):
        return text
    found = [value for value in _list_objects(text) if _holds(validator, value)]
    if not found or any(value != found[0] for value in found):
        return None
    return json.dumps(found[0], ensure_ascii=False)


def _holds(validator: Validator, value: object) -> bool:
    from referencing.exceptions import Unresolvable

    try:
        return bool(validator.is_valid(value))
    except Unresolvable as error:
        what = f"the schema of an answer refers to something that it does not hold: {error}"
        fix = "Define it under '$defs' of the same schema."
        raise RequestError(Problem("SD-MODEL-013", "form", what, fix)) from error
    except RecursionError:
        return False


def _list_objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text that do not lie in each other, in order."""
    found: list[dict[str, Any]] = []
    at = 0
    left = 4 * len(text) + 10_000  # letters to look at: endless nesting must not cost endless time
    for _ in range(_MOST_OBJECTS):
        start = text.find("{", at)
        if start < 0 or left < 0:
            break
        end = _find_end(text, start)
        left -= (len(text) if end is None else end) - start
        if end is None:
            at = start + 1
            continue
        value = _parse(text[start:end]) or _parse(_mend(text[start:end]))
        if isinstance(value, dict):
            found.append(value)
            at = end
        else:
            at = start + 1
    return found


def _find_end(text: str, start: int) -> int | None:
    """Where the braces that open at ``start`` are closed, texts left out."""
    depth, quoted, at = 0, False, start
    while at < len(text):
        letter = text[at]
        if quoted:
            if letter == "\\":
                at += 1
            elif letter == '"':
                quoted = False
        elif letter == '"':
            quoted = True
        elif letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


def _mend(text: str) -> str:
    """JSON without what models write by mistake, texts untouched."""

    def replace(found: re.Match[str]) -> str:
        piece = found.group()
        return piece if piece.startswith('"') else _NAMES.get(piece, "")

    return _PIECES.sub(replace, text)


def _parse(text: str, strict: bool = False) -> object:
    """The value, or None: an object with a name twice, NaN, or endless nesting is no JSON to rely on."""
    try:
        value = json.loads(text, strict=strict, object_pairs_hook=_pair, parse_constant=_refuse)
        if "\\u" in text or not text.isascii():
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return value


def _pair(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
