"""Questions about documents. The answer is a piece of the document, whose place is verified; or the document answers nothing.

The sentence that is asked about is drawn, so that all of a document is asked about and a weak model cannot choose the easy parts.
"""

from __future__ import annotations

from typing import Any

from sundog.kinds.text._facts import write_value
from sundog.kinds.text._ground import Ground, most_characters
from sundog.kinds.text._likeness import is_same, list_words
from sundog.kinds.text._passages import Span, cut_passages, find_quote, find_sentences, list_pieces
from sundog.kinds.text._schema import choice_schema, object_schema, text_schema
from sundog.kinds.text._units import (
    Unfit,
    Unit,
    ask_object,
    chance,
    draw,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    pick,
    say_setting,
    show_examples,
    try_again,
    with_values,
)
from sundog.kinds.text.recipe_tasks import QaTask
from sundog.lib.language.protocol import Message

NO_ANSWER = "The document does not say."
"""What a chat answers where the document does not."""


async def make_qa(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One question about one passage, with the place of its answer in the passage and of the passage in its document."""
    task = ground.part.task
    assert isinstance(task, QaTask)
    number, span, passage = _choose_passage(unit, ground, task)
    asked_about = passage
    unanswerable = chance(unit.key, "unanswerable") < task.unanswerable
    if unanswerable:
        asked_about = _choose_other(unit, ground, task, number, passage)
    found = await try_again(unit, "question", lambda step: _ask_about(unit, task, asked_about, step))
    question, quote = found
    told = {"document": passage, "question": question, "document_number": number, "document_start": span.start}
    if unanswerable:
        said = quote.of(asked_about)
        if find_quote(passage, said) is not None:
            raise Unfit("answerable", f"the document says {said[:60]!r}, too")
        return {**told, "answer": None, "quote": None, "start": None, "end": None, "answerable": False}
    if task.round_trip:
        await try_again(unit, "round_trip", lambda step: _answer_again(unit, task, passage, question, quote, step))
    said = quote.of(passage)
    return {**told, "answer": said, "quote": said, "start": quote.start, "end": quote.end, "answerable": True}


def _choose_passage(unit: Unit, ground: Ground, task: QaTask) -> tuple[int, Span, str]:
    if ground.passages is not None:
        return ground.passage(unit.number, task.column)
    text = unit.row.get(task.column)
    said = text if isinstance(text, str) else write_value(text)
    spans = cut_passages(said, most_characters(ground.part.model, task.passage, "task.passage"))
    if not spans:
        raise Unfit("no_document", f"the row has no text in {task.column!r}")
    span = pick(unit.key, "passage", spans)
    return unit.number, span, span.of(said)


def _choose_other(unit: Unit, ground: Ground, task: QaTask, number: int, passage: str) -> str:
    """A passage that is not this one: of another document where there is one."""
    if ground.passages is None or len(ground.passages.row) < 2:
        raise Unfit("no_other_document", "a question without an answer needs another document that it belongs to")
    size = len(ground.passages.row)
    other = ""
    for i in range(20):
        where, _, text = ground.passage(draw(unit.key, f"other/{i}", size), task.column)
        if text != passage:
            other = text
            if where != number:
                break
    if not other:
        raise Unfit("no_other_document", "all documents are the same")
    return other


async def _ask_about(unit: Unit, task: QaTask, passage: str, step: str) -> tuple[str, Span]:
    sentences = find_sentences(passage)
    if not sentences:
        raise Unfit("no_sentence", "the passage has no sentence of four words or more")
    sentence = pick(unit.key.child(step), "sentence", sentences)
    pieces = list_pieces(passage, sentence, task.answer_words)
    if not pieces:
        raise Unfit("no_sentence", "nothing in the sentence can be an answer")
    shown = sentence.of(passage)
    unit = with_values(unit, {"document": passage, "sentence": shown})
    default = join_lines(
        "Choose a piece of the sentence as an answer, and write a question about the document that it answers. The question must be "
        "clear to somebody who does not know which sentence is meant.",
        say_setting(unit),
    )
    prompt = join_lines(
        own_prompt(unit, default),
        lay_data(unit, "document", passage),
        lay_data(unit, "sentence", shown),
        show_examples(unit),
    )
    schema = object_schema(
        {
            "answer": choice_schema([p.of(passage) for p in pieces]),
            "question": text_schema(8, 400),
        }
    )
    said = await ask_object(unit, step, (own_system(unit), Message("user", prompt)), schema, most_tokens=200)
    question = str(said["question"])
    quote = find_quote(passage, str(said["answer"]), sentence)
    if quote is None:
        raise Unfit("ungrounded", f"the sentence does not say {said['answer'][:60]!r}")
    if is_same(question, shown) or find_quote(question, quote.of(passage)) is not None:
        raise Unfit("gives_away", "the question says its own answer")
    return question, quote


async def _answer_again(unit: Unit, task: QaTask, passage: str, question: str, quote: Span, step: str) -> None:
    """Ask the question without its answer; what comes must share half of its words.

    Raises:
        Unfit: another answer came.
    """
    prompt = join_lines(
        f"Answer the question with at most {task.answer_words} words of the document, as they stand there.",
        lay_data(unit, "document", passage),
        lay_data(unit, "question", question),
    )
    schema = object_schema({"answer": text_schema(1, 400)})
    said = await ask_object(unit, step, (own_system(unit), Message("user", prompt)), schema, most_tokens=120)
    wanted, came = set(list_words(quote.of(passage))), set(list_words(str(said["answer"])))
    both = len(wanted & came)
    if 2 * both < 0.5 * (len(wanted) + len(came)) or both == 0:
        raise Unfit("other_answer", f"asked again, the answer was {said['answer'][:60]!r}")
