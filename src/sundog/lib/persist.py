"""Frozen dataclasses to Arrow and JSON and back: how models and check states are stored. No pickle.

A dataclass becomes ``model.json`` (structure, scalars, strings) and ``arrays.arrow`` (one list column an array, read
back by memory map without a copy). Supported field types: None, bool, int, float, str, bytes, numpy arrays of numbers or
booleans, ``pa.Schema``, ``pa.Table``, nested dataclasses, and tuples, mappings with string keys, optionals and unions of these.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import math
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.ipc

T = TypeVar("T")

JSON_NAME = "model.json"
ARROW_NAME = "arrays.arrow"


def save(value: Any, folder: Path) -> tuple[Path, ...]:
    """Write a frozen dataclass into ``folder``, which must exist; gives the files written. The bytes depend on the value alone."""
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _encode(value, arrays)
    files = [folder / JSON_NAME]
    files[0].write_text(
        json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n", encoding="utf-8"
    )
    if arrays:
        files.append(folder / ARROW_NAME)
        with pa.OSFile(str(files[1]), "wb") as sink:
            _write_arrays(arrays, sink)
    return tuple(files)


def load(cls: type[T], folder: Path) -> T:
    """Read what ``save`` wrote. Arrays are read-only views of the memory-mapped file.

    Raises:
        ValueError: the files are damaged, or hold something else. Nothing in them can make anything run.
    """
    text = (folder / JSON_NAME).read_text(encoding="utf-8")
    path = folder / ARROW_NAME
    with _refusing(cls):
        arrays = _read_arrays(pa.memory_map(str(path))) if path.exists() else []
        return typing.cast(T, _decode(cls, json.loads(text), arrays))


def dumps(value: Any) -> str:
    """The same as one string, for small states that lie inside a JSON file."""
    arrays: list[np.ndarray[Any, Any]] = []
    tree = _encode(value, arrays)
    sink = io.BytesIO()
    if arrays:
        _write_arrays(arrays, sink)
    return json.dumps(
        {"tree": tree, "arrays": base64.b64encode(sink.getvalue()).decode()},
        ensure_ascii=False,
        separators=(",", ":"),
        allow_nan=False,
    )


def loads(cls: type[T], text: str) -> T:
    """Read what ``dumps`` wrote.

    Raises:
        ValueError: the text is damaged, or holds something else.
    """
    with _refusing(cls):
        parsed = json.loads(text)
        raw = base64.b64decode(parsed["arrays"])
        return typing.cast(T, _decode(cls, parsed["tree"], _read_arrays(pa.BufferReader(raw)) if raw else []))


@contextmanager
def _refusing(cls: type[Any]) -> Iterator[None]:
    """Whatever a damaged file leads to becomes one kind of error."""
    try:
        yield
    except (ValueError, AttributeError, LookupError, TypeError, RecursionError, OSError) as error:
        raise ValueError(f"what is stored is no {cls.__name__}: {type(error).__name__}: {error}") from error


def _write_arrays(arrays: list[np.ndarray[Any, Any]], sink: Any) -> None:
    fields, columns = [], []
    for i, array in enumerate(arrays):
        flat = np.ascontiguousarray(array).reshape(-1)
        values = pa.array(flat)
        columns.append(pa.LargeListArray.from_arrays(pa.array([0, len(flat)], pa.int64()), values))
        fields.append(pa.field(f"a{i}", pa.large_list(values.type), metadata={"shape": json.dumps(array.shape)}))
    schema = pa.schema(fields)
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))


def _read_arrays(source: Any) -> list[np.ndarray[Any, Any]]:
    reader = pa.ipc.open_file(source)
    batch = reader.get_batch(0)
    out = []
    for i, field in enumerate(reader.schema):
        values = batch.column(i).values
        array = values.to_numpy(zero_copy_only=False)
        out.append(array.reshape(json.loads((field.metadata or {})[b"shape"])))
    return out


def _encode(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "iufb":
            raise TypeError(f"an array of {value.dtype} cannot be stored; use numbers, booleans or a tuple of strings")
        arrays.append(value)
        return {"@array": len(arrays) - 1}
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"@float": repr(value)}
    if isinstance(value, bytes):
        return {"@bytes": base64.b64encode(value).decode()}
    if isinstance(value, pa.Schema):
        return {"@schema": base64.b64encode(value.serialize().to_pybytes()).decode()}
    if isinstance(value, pa.Table):
        sink = io.BytesIO()
        with pa.ipc.new_stream(sink, value.schema) as writer:
            writer.write_table(value)
        return {"@table": base64.b64encode(sink.getvalue()).decode()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {f.name: _encode(getattr(value, f.name), arrays) for f in dataclasses.fields(value)}
        return {"@type": type(value).__name__, **fields}
    if isinstance(value, tuple | list | range):
        return [_encode(v, arrays) for v in value]
    if isinstance(value, Mapping):
        if not all(isinstance(k, str) for k in value):
            raise TypeError("a mapping can be stored when its keys are texts")
        return {"@map": [[k, _encode(v, arrays)] for k, v in value.items()]}
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def _decode(hint: Any, tree: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(tree, dict):
        if "@array" in tree:
            if tree["@array"] not in range(len(arrays)):
                raise ValueError(f"there is no array {tree['@array']}")
            return arrays[tree["@array"]]
        if "@float" in tree:
            return float(tree["@float"])
        if "@bytes" in tree:
            return base64.b64decode(tree["@bytes"])
        if "@schema" in tree:
            return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(tree["@schema"])))
        if "@table" in tree:
            return pa.ipc.open_stream(base64.b64decode(tree["@table"])).read_all()
        if "@map" in tree:
            args = typing.get_args(_strip(hint, Mapping))
            return {k: _decode(args[1] if len(args) == 2 else Any, v, arrays) for k, v in tree["@map"]}
        if "@type" in tree:
            cls = _pick(hint, tree["@type"])
            hints = typing.get_type_hints(cls)
            return cls(**{n: _decode(hints[n], v, arrays) for n, v in tree.items() if n != "@type"})
        raise ValueError(f"unknown record {sorted(tree)}")
    if isinstance(tree, list):
        args = typing.get_args(_strip(hint, tuple))
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_decode(args[0], v, arrays) for v in tree)
        if len(args) == len(tree):
            return tuple(_decode(a, v, arrays) for a, v in zip(args, tree, strict=True))
        return tuple(_decode(Any, v, arrays) for v in tree)
    if isinstance(tree, int) and not isinstance(tree, bool) and hint is float:
        return float(tree)
    return tree


def _members(hint: Any) -> list[Any]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return [m for a in typing.get_args(hint) for m in _members(a)]
    if origin is typing.Annotated:
        return _members(typing.get_args(hint)[0])
    return [hint]


def _strip(hint: Any, origin: Any) -> Any:
    for member in _members(hint):
        got = typing.get_origin(member)
        if got is not None and isinstance(got, type) and (issubclass(got, origin) or got is origin):
            return member
    return hint


def _pick(hint: Any, name: str) -> Any:
    for member in _members(hint):
        cls = typing.get_origin(member) or member
        if isinstance(cls, type) and dataclasses.is_dataclass(cls) and cls.__name__ == name:
            return cls
    raise ValueError(f"a stored {name} does not fit {hint}")
