"""Topics, personas and principles: from the recipe, or from a user's file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sundog.core.errors import Problem, RequestError

MOST_BYTES = 64 << 20
"""Largest file that is read."""

PRINCIPLES: Mapping[str, str] = {
    "honest": "Say nothing that is not known to be true, and say what is uncertain.",
    "harmless": "Give no help to whoever wants to hurt people, animals or property, and say so without contempt.",
    "helpful": "Answer what was asked, completely, and so that the asker can act on it.",
    "private": "Reveal nothing about a person that this person would want to keep, and invent nothing about one.",
    "fair": "Judge nobody by origin, sex, faith, age, looks or illness, and use no stereotype.",
    "kind": "Be respectful and patient; do not lecture, flatter or threaten.",
    "clear": "Use plain words and short sentences; leave out what the asker does not need.",
    "within_limits": "On health, law and money say when somebody who knows the case must be asked.",
    "autonomous": "Leave decisions to the person who lives with them, and name the choices.",
    "lawful": "Suggest nothing that breaks the law; where laws differ, say that they do.",
}
"""The constitution where a recipe states none."""


def flatten_topics(stated: Any, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Each leaf of a tree as ``field: topic``, in order."""
    if isinstance(stated, Mapping):
        for name, below in stated.items():
            if below:
                yield from flatten_topics(below, (*above, str(name)))
            else:
                yield ": ".join((*above, str(name)))
    elif isinstance(stated, str):
        yield ": ".join((*above, stated))
    else:
        for item in stated or ():
            yield from flatten_topics(item, above)


def read_topics(path: str, where: str) -> tuple[str, ...]:
    """Topics of a file.

    Raises:
        RequestError: it cannot be read, or holds none.
    """
    text = _read_text(path, where)
    if path.endswith((".yaml", ".yml", ".json")):
        found = tuple(flatten_topics(_parse(text, path, where)))
    else:
        found = tuple(_read_outline(text))
    return _some(found, path, where, "topics")


def _read_outline(text: str) -> Iterator[str]:
    """Leaves of an indented outline."""
    lines = [(len(raw) - len(raw.lstrip()), raw.strip(" \t-*")) for raw in text.splitlines() if raw.strip(" \t-*")]
    above: list[tuple[int, str]] = []
    for i, (depth, said) in enumerate(lines):
        while above and above[-1][0] >= depth:
            above.pop()
        if i + 1 < len(lines) and lines[i + 1][0] > depth:
            above.append((depth, said))
        else:
            yield ": ".join([name for _, name in above] + [said])


def read_personas(path: str, where: str) -> tuple[str, ...]:
    """Personas of a file: lines of text, or the column ``persona`` of JSONL or Parquet.

    Raises:
        RequestError: it cannot be read, or holds none.
    """
    if path.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            said = pq.read_table(path, columns=["persona"]).column(0).to_pylist()
        except (OSError, pa.ArrowException, KeyError) as error:
            raise _unreadable(path, where, f"it has no column 'persona' that can be read ({error})") from error
    elif path.endswith((".jsonl", ".ndjson")):
        said = []
        for i, line in enumerate(_read_text(path, where).splitlines()):
            if line.strip():
                row = _parse_json(line, path, f"{where}, line {i + 1}")
                said.append(row.get("persona") if isinstance(row, Mapping) else row)
    else:
        said = _read_text(path, where).splitlines()
    return _some(tuple(s.strip() for s in said if isinstance(s, str) and s.strip()), path, where, "personas")


def read_principles(path: str, where: str) -> Mapping[str, str]:
    """Principles of a constitution's file, id to text.

    Raises:
        RequestError: it cannot be read, or is no mapping of ids to texts.
    """
    found = _parse(_read_text(path, where), path, where)
    if isinstance(found, Mapping) and set(found) == {"principles"}:
        found = found["principles"]
    if isinstance(found, list) and all(isinstance(p, Mapping) and {"id", "text"} <= set(p) for p in found):
        found = {p["id"]: p["text"] for p in found}
    if not isinstance(found, Mapping) or not found or not all(isinstance(t, str) and t.strip() for t in found.values()):
        raise _unreadable(path, where, "it is no mapping of ids to texts, nor a list of objects with id and text")
    return {str(name): " ".join(text.split()) for name, text in found.items()}


def _some(found: tuple[str, ...], path: str, where: str, noun: str) -> tuple[str, ...]:
    if not found:
        raise _unreadable(path, where, f"it holds no {noun}")
    return tuple(dict.fromkeys(found))


def _read_text(path: str, where: str) -> str:
    try:
        place = Path(path)
        if place.stat().st_size > MOST_BYTES:
            raise _unreadable(path, where, f"it has more than {MOST_BYTES >> 20} MiB")
        return place.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(path, where, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, where, f"it is not UTF-8 (byte {error.start})") from error


def _parse(text: str, path: str, where: str) -> Any:
    if path.endswith(".json"):
        return _parse_json(text, path, where)
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise _unreadable(path, where, f"it is no YAML: {' '.join(str(error).split())[:200]}") from error


def _parse_json(text: str, path: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise _unreadable(path, where, f"it is no JSON: {error}") from error


def _unreadable(path: str, where: str, why: str) -> RequestError:
    what = f"{path} cannot be used: {why}"
    return RequestError(Problem("SD-TEXT-003", where, what, "Give a file as docs/how-to/text.md shows them."))
