"""Which columns of a table hold made text, and what a row says: one text, its lines, and the answers in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sundog.core.errors import Problem, RequestError, nearest
from sundog.core.tables import meaning_of
from sundog.lib.texts.shapes import is_messages, join_messages

_GIVEN = b"sundog.given"

GIVEN = frozenset({"document", "source", "passage", "context", "topic", "persona", "principle", "seed", "quote"})
"""Names of columns of text that were given to a model and not made by it, where no mark says so."""

WORSE = frozenset({"draft", "rejected", "critique"})
"""Names of columns that are worse on purpose: they teach what not to say."""

ASKED = frozenset({"prompt", "question", "instruction", "input", "title"})
"""Names of columns that ask; the others answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one row says.

    Attributes:
        text: all of it, one turn or column a line.
        answers: turns of an assistant, and columns that answer: what can be a refusal.
        documents: the columns among them: no chat, so no words around them belong there.
    """

    text: str
    answers: tuple[str, ...]
    documents: tuple[str, ...] = ()


def mark_given(field: pa.Field) -> pa.Field:
    """The field, marked as text that was given: no rule for made text is held against it."""
    return field.with_metadata({**(field.metadata or {}), _GIVEN: b"1"})


def is_text(field: pa.Field) -> bool:
    """Whether a column holds texts or chats."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    plain = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return meaning_of(field) == "text" and (plain or is_list_of_texts(field) or is_messages(field))


def is_list_of_texts(field: pa.Field) -> bool:
    """Whether a column holds lists of texts (steps of a chain)."""
    kind = field.type
    return bool((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_string(kind.value_type))


def find_made(schema: pa.Schema, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Columns that hold made text.

    Args:
        schema: of the table, with meanings.
        asked: columns that the recipe names; none for all that are not marked or named as given, or as worse on purpose. Where
            only such columns are left, they are what was made.

    Raises:
        RequestError: a named column is not there, or holds no text.
    """
    texts = [f.name for f in schema if is_text(f)]
    if asked:
        wrong = [n for n in asked if n not in schema.names or not _can_be_read(schema.field(n))]
        if wrong:
            raise RequestError(
                *(Problem("SD-TEXT-201", "columns", f"{n!r} is not a column of text", nearest(n, texts)) for n in wrong)
            )
        return tuple(asked)
    free = [n for n in texts if _GIVEN not in (schema.field(n).metadata or {})]
    made = [n for n in free if n not in GIVEN | WORSE]
    return tuple(made or [n for n in free if n not in WORSE] or texts)


def _can_be_read(field: pa.Field) -> bool:
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    plain = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    return bool(plain or is_list_of_texts(field) or is_messages(field))


def choose_table(schemas: Mapping[str, pa.Schema], asked: Sequence[str] = ()) -> str | None:
    """The table whose texts are looked at: the first that has the asked columns, or any text; None where there is none."""
    for name, schema in schemas.items():
        if (asked and set(asked) <= set(schema.names)) or (not asked and any(is_text(f) for f in schema)):
            return name
    return None


def read_rows(batch: pa.RecordBatch | pa.Table, columns: Iterable[str]) -> list[Row]:
    """What each row says in these columns, in their order."""
    held = [(batch.schema.field(n), batch.column(n).to_pylist()) for n in columns]
    out = []
    for i in range(batch.num_rows):
        said: list[str] = []
        answers: list[str] = []
        documents: list[str] = []
        for field, values in held:
            _say(field, values[i], said, answers, documents)
        out.append(Row("\n".join(said), (*answers, *documents), tuple(documents)))
    return out


def read_texts(batch: pa.RecordBatch | pa.Table, columns: Sequence[str]) -> pa.Array:
    """large_string (rows,): all that each row says in these columns."""
    if len(columns) == 1 and not pa.types.is_nested(batch.schema.field(columns[0]).type):
        column = batch.column(columns[0])
        column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return column.cast(pa.large_string()).fill_null("")
    return pa.array([row.text for row in read_rows(batch, columns)], pa.large_string())


def _say(field: pa.Field, value: Any, said: list[str], answers: list[str], documents: list[str]) -> None:
    if value is None or not value:
        return
    if is_messages(field):
        said.append(join_messages(value))
        answers += [m["content"] for m in value if m["role"] == "assistant" and m["content"]]
        return
    text = value if isinstance(value, str) else "\n".join(v for v in value if v)
    said.append(text)
    if field.name not in ASKED:
        documents.append(text)
