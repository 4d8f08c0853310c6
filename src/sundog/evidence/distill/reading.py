"""Reads what a student is taught and asked: a bundle or a file of labelled texts, or of chats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sundog.core.bundle import open_files as open_bundle_files
from sundog.core.errors import Problem, RequestError, nearest
from sundog.lib.rows.read import open_files
from sundog.lib.students.protocol import Lesson

SHARES = "shares"
"""Column of a bundle with what a teacher thinks of each text: a list of structs {label, share}."""

TEACHER = "teacher"
"""Column with the teacher's answer."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where prompts and answers stand.

    Attributes:
        text: column of the texts; empty for chats.
        label: column of their labels; empty for chats.
        chat: column of the chats; empty for labelled texts.
    """

    text: str = ""
    label: str = ""
    chat: str = ""


@dataclass(frozen=True)
class Rows:
    """One file or bundle, read.

    Attributes:
        lesson: prompts and answers.
        teacher: the teacher's answers, one a row; None where the column is not there.
    """

    lesson: Lesson
    teacher: tuple[str, ...] | None


def read_rows(path: str, columns: Columns, where: str, part: str = "") -> Rows:
    """The rows of a bundle or file; rows without a text or an answer are left out.

    Args:
        path: folder of a finished bundle, or a file that Sundog reads.
        columns: what is read.
        where: the option or argument that named it, for messages.
        part: of a bundle with several; empty for the first that has the columns.

    Raises:
        RequestError: a column is not there, a chat is none, or the file cannot be read.
    """
    wanted = (columns.chat,) if columns.chat else (columns.text, columns.label)
    found = _read_bundle(path, wanted, part, where) if _is_bundle(path) else _read_file(path, wanted, where)
    if columns.chat:
        prompts, answers = _split_chats(found[columns.chat], f"{where} {path}")
    else:
        prompts, answers = [_text(v) for v in found[columns.text]], [_text(v) for v in found[columns.label]]
    kept = np.flatnonzero([bool(p.strip()) and bool(a.strip()) for p, a in zip(prompts, answers, strict=True)])
    labels, shares = _read_shares(found[SHARES]) if SHARES in found else ((), None)
    teacher = tuple(_text(found[TEACHER][i]) for i in kept) if TEACHER in found else None
    return Rows(Lesson(tuple(prompts), tuple(answers), labels, shares).take(kept), teacher)


def _is_bundle(path: str) -> bool:
    return "://" not in path and (Path(path) / "manifest.json").is_file()


def _read_bundle(path: str, wanted: Sequence[str], part: str, where: str) -> Mapping[str, list[Any]]:
    files = open_bundle_files(path)
    tables = [(p, t) for p in files.parts() for t in files.tables(p) if part in ("", p)]
    if not tables:
        raise RequestError(
            Problem("SD-DISTILL-003", "--part", f"the bundle has no part {part!r}", nearest(part, files.parts()))
        )
    schemas = {at: files.schema(*at) for at in tables}
    for at, schema in schemas.items():
        if set(wanted) <= set(schema.names):
            names = [*wanted, *(n for n in (SHARES, TEACHER) if n in schema.names)]
            table = pa.Table.from_batches(files.scan(*at, names), schema=pa.schema([schema.field(n) for n in names]))
            return {name: table.column(name).to_pylist() for name in names}
    names = sorted({n for s in schemas.values() for n in s.names})
    raise _no_column(next((w for w in wanted if w not in names), wanted[0]), names, f"{where} {path}")


def _read_file(path: str, wanted: Sequence[str], where: str) -> Mapping[str, list[Any]]:
    kind = path.removesuffix(".gz").removesuffix(".zst").rpartition(".")[2].lower()
    if "://" not in path and kind in ("jsonl", "ndjson", "parquet") and Path(path).is_file():
        nested = _read_nested(path, kind, f"{where} {path}") if path.endswith(kind) else None
        if nested is not None:
            missing = [w for w in wanted if w not in nested]
            if missing:
                raise _no_column(missing[0], sorted(nested), f"{where} {path}")
            return nested
    # The names are not known before the file is open, and a label such as 07 must not be read as a number.
    with open_files(path) as source:
        names = list(source.schema.names)
    missing = [w for w in wanted if w not in names]
    if missing:
        raise _no_column(missing[0], names, f"{where} {path}")
    taken = [*wanted, *(n for n in (TEACHER,) if n in names)]
    with open_files(path, types=dict.fromkeys(taken, "string")) as source:
        table = pa.Table.from_batches(source.scan(taken))
    return {name: table.column(name).to_pylist() for name in taken}


def _read_nested(path: str, kind: str, where: str) -> dict[str, list[Any]] | None:
    """Columns of a file whose cells may be lists and objects, which tables do not have."""
    if kind == "parquet":
        return {str(n): c.to_pylist() for n, c in zip(*_parquet(path), strict=True)}
    rows: list[dict[str, Any]] = []
    with Path(path).open(encoding="utf-8-sig") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise _no_chat(f"{where}:{number}", "the line is no JSON object")
                    rows.append(row)
        except ValueError:
            return None  # the reader of tables says what is wrong, and where
    names = {name: None for row in rows for name in row}
    return {name: [row.get(name) for row in rows] for name in names} if rows else None


def _parquet(path: str) -> tuple[list[str], list[pa.ChunkedArray]]:
    table = pq.read_table(path)
    return table.column_names, table.columns


def _split_chats(chats: Sequence[Any], where: str) -> tuple[list[str], list[str]]:
    """What is said up to the last answer of the assistant, and that answer."""
    prompts, answers = [], []
    for number, chat in enumerate(chats, 1):
        turns = list(_read_turns(chat, f"{where}, row {number}"))
        last = max((i for i, (role, _) in enumerate(turns) if role == "assistant"), default=-1)
        if last < 1:
            raise _no_chat(f"{where}, row {number}", "no assistant answers anything in it")
        before = turns[:last]
        prompts.append(before[0][1] if len(before) == 1 else "\n".join(f"{role}: {said}" for role, said in before))
        answers.append(turns[last][1])
    return prompts, answers


def _read_turns(chat: Any, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(chat, list):
        raise _no_chat(where, f"{type(chat).__name__} stands where a list of messages is wanted")
    for turn in chat:
        if not isinstance(turn, dict) or not {"role", "content"} <= turn.keys():
            raise _no_chat(where, "a message lacks `role` or `content`")
        yield str(turn["role"]), _text(turn["content"])


def _read_shares(column: Sequence[Any]) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    labels = sorted({entry["label"] for row in column for entry in row or ()})
    place = {label: i for i, label in enumerate(labels)}
    shares = np.zeros((len(column), len(labels)), dtype=np.float32)
    for i, row in enumerate(column):
        for entry in row or ():
            shares[i, place[entry["label"]]] = entry["share"]
    total = shares.sum(axis=1, keepdims=True)
    return tuple(labels), np.where(total > 0, shares / np.maximum(total, 1e-12), 1 / max(len(labels), 1))


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _no_column(name: str, names: Sequence[str], where: str) -> RequestError:
    return RequestError(Problem("SD-DISTILL-002", where, f"there is no column {name!r}", nearest(name, names)))


def _no_chat(where: str, what: str) -> RequestError:
    fix = "A chat is a list of {role, content}, with an answer of the assistant after what it answers."
    return RequestError(Problem("SD-DISTILL-004", where, what, fix))
