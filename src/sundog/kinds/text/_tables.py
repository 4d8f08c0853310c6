"""The table of items: its columns by task, and how items become rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from sundog.core.tables import UNIT, with_meaning
from sundog.kinds.text._documents import FIELDS
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.recipe_tasks import (
    ClassificationTask,
    ConversationTask,
    CritiqueTask,
    DocumentsTask,
    InstructionsTask,
    PersonasTask,
    PreferencesTask,
    QaTask,
    ReasoningTask,
    RewriteTask,
)
from sundog.lib.language.protocol import Message
from sundog.lib.texts.columns import mark_given
from sundog.lib.texts.shapes import messages_field, text_field, to_rows

ITEMS = "items"
"""Name of the table."""

FACTS = pa.list_(
    pa.field("item", pa.struct([pa.field("name", pa.string(), False), pa.field("value", pa.string(), False)]), False)
)


def _category(name: str, about: str, nullable: bool = False) -> pa.Field:
    return with_meaning(pa.field(name, pa.string(), nullable), "category", about)


def _number(name: str, kind: pa.DataType, about: str, nullable: bool = False) -> pa.Field:
    return with_meaning(pa.field(name, kind, nullable), "number", about)


def _flag(name: str, about: str) -> pa.Field:
    return with_meaning(pa.field(name, pa.bool_(), False), "boolean", about)


def make_schema(part: TextPart, kept: Mapping[str, pa.Field]) -> pa.Schema:
    """Columns of the items of a part.

    Args:
        part: what the recipe says.
        kept: columns of the source or of the given row that are taken over.
    """
    fields = _task_fields(part)
    names = {f.name for f in fields}
    if part.topics or part.topics_from is not None:
        fields.append(mark_given(_category("topic", "what it is about, drawn")))
    if (part.personas or part.personas_from is not None) and "persona" not in names:
        fields.append(mark_given(text_field("persona", "for whom or as whom it is written, drawn")))
    fields += [mark_given(field) for name, field in kept.items() if name not in names]
    return pa.schema(fields)


def _task_fields(part: TextPart) -> list[pa.Field]:
    task = part.task
    if isinstance(task, InstructionsTask):
        return [messages_field("messages", "instruction and answer, as a chat"), _category("way", "how it was made")]
    if isinstance(task, ConversationTask):
        about = "a chat; results of tools as they came when the tool was run"
        return [messages_field("messages", about, bool(task.tools)), _category("way", "whether a tool was called")]
    if isinstance(task, DocumentsTask):
        facts = with_meaning(pa.field("facts", FACTS, False), "media", "values of the given row that stand in the text")
        title = [text_field("title", "title of the text")] if task.title else []
        return [*title, text_field("text", "the text"), facts]
    if isinstance(task, QaTask):
        return _qa_fields()
    if isinstance(task, ClassificationTask):
        return [
            text_field("text", "the text"),
            _category("label", "its label, found again by whoever labelled it blindly"),
            _flag("hard", "whether it was to look like another label"),
        ]
    if isinstance(task, RewriteTask):
        return [mark_given(text_field("source", "the user's own text")), text_field("text", "what was made of it")]
    if isinstance(task, PreferencesTask):
        return [
            messages_field("prompt", "what is asked"),
            messages_field("chosen", "the better answer"),
            messages_field("rejected", "the worse answer"),
            _number("score_chosen", pa.float64(), "share of the other answers it was better than, in both orders"),
            _number("score_rejected", pa.float64(), "share of the other answers it was better than, in both orders"),
        ]
    if isinstance(task, CritiqueTask):
        return [
            messages_field("prompt", "what is asked"),
            text_field("draft", "the first answer"),
            text_field("critique", "where it falls short of the principle"),
            _category("principle", "id of the principle"),
            text_field("revision", "the answer after the critique"),
            messages_field("chosen", "the revision as an answer"),
            messages_field("rejected", "the draft as an answer"),
        ]
    if isinstance(task, PersonasTask):
        drawn = [_category(name, "drawn; stands in the description") for name in task.fields or FIELDS]
        return [text_field("persona", "somebody who does not exist"), *drawn]
    return _reasoning_fields(task)


def _qa_fields() -> list[pa.Field]:
    return [
        mark_given(text_field("document", "the passage that was shown")),
        text_field("question", "a question about it"),
        text_field("answer", "a piece of the document; nothing where it does not say", nullable=True),
        mark_given(text_field("quote", "what stands from start to end", nullable=True)),
        _number("start", pa.int32(), "first character of the answer in the document", nullable=True),
        _number("end", pa.int32(), "one past its last character", nullable=True),
        _flag("answerable", "whether the document answers the question"),
        with_meaning(pa.field("document_number", pa.int64(), False), "identifier", "row of the source, or unit"),
        _number("document_start", pa.int64(), "first character of the passage in its document"),
    ]


def _reasoning_fields(task: ReasoningTask) -> list[pa.Field]:
    by_model = task.way == "model"
    steps = pa.field("steps", pa.list_(pa.field("item", pa.string(), False)), False)
    return [
        mark_given(text_field("question", "the problem")) if by_model else text_field("question", "the problem"),
        with_meaning(steps, "text", "the chain; every checkable step is verified"),
        text_field("answer", "the answer in the form that the question asks for"),
        _category("family", "family of the problem"),
        _number("level", pa.int8(), "difficulty, 1 to 10; 0 for problems of a user"),
        messages_field("messages", "the problem and its solution, as a chat"),
        *(
            [
                _number("agreement", pa.float64(), "share of the samples that gave this answer"),
                _flag("hinted", "whether the answer was given as a hint"),
            ]
            if by_model
            else []
        ),
    ]


def write_items(schema: pa.Schema, units: Sequence[int], items: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    """Items as rows, each with the number of its unit; chats become lists of messages."""
    columns: list[pa.Array] = [pa.array(units, pa.uint64())]
    for field in schema:
        values: list[Any] = [item.get(field.name) for item in items]
        if any(isinstance(v, tuple) and v and isinstance(v[0], Message) for v in values[:1]):
            tools = field.type.value_type.num_fields > 2
            values = [to_rows(chat, tools) for chat in values]
        columns.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(
        columns, schema=pa.schema([pa.field(UNIT, pa.uint64(), False), *schema], metadata=schema.metadata)
    )
