"""What is wrong with a part, as far as its recipe and the files that it names tell: found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sundog.core.errors import Problem, RequestError, nearest
from sundog.kinds.text._ground import find_unknown_places, most_characters
from sundog.kinds.text._rules_faults import find_rule_faults
from sundog.kinds.text._topics import read_personas, read_principles, read_topics
from sundog.kinds.text.recipe import TextPart
from sundog.kinds.text.recipe_tasks import (
    ClassificationTask,
    ConversationTask,
    CritiqueTask,
    DocumentsTask,
    InstructionsTask,
    PreferencesTask,
    QaTask,
    ReasoningTask,
    RewriteTask,
)

_EXAMPLES = {
    "instructions": ("instruction",),
    "conversation": ("message",),
    "documents": ("title", "text"),
    "qa": ("question", "answer"),
    "classification": ("text", "label"),
    "rewrite": ("source", "text"),
    "preferences": ("prompt",),
    "critique": ("prompt",),
    "personas": ("persona",),
    "reasoning": ("question", "steps", "answer"),
}
"""What an example of a task may hold."""


def find_faults(part: TextPart, where: str) -> tuple[Problem, ...]:
    """Every fault, with its place under ``where``."""
    found: list[Problem] = []
    for asked in (_templates, _files, _examples, _needs, _room):
        try:
            found += asked(part)
        except RequestError as error:
            found += error.problems
    own = tuple(replace(p, where=f"{where}.{p.where}") for p in found)
    return own + find_rule_faults(part.accept, part.duplicates, where)


def _templates(part: TextPart) -> Iterator[Problem]:
    told = part.source is not None or part.after is not None
    yield from find_unknown_places(part, None if told else (), None if part.after is not None else ())


def _files(part: TextPart) -> Iterator[Problem]:
    if part.topics_from is not None:
        yield from _tried(read_topics, part.topics_from, "topics_from")
    if part.personas_from is not None:
        yield from _tried(read_personas, part.personas_from, "personas_from")
    if isinstance(part.task, CritiqueTask) and part.task.constitution is not None:
        yield from _tried(read_principles, part.task.constitution, "task.constitution")


def _tried(read: Any, path: str, where: str) -> tuple[Problem, ...]:
    try:
        read(path, where)
    except RequestError as error:
        return error.problems
    return ()


def _examples(part: TextPart) -> Iterator[Problem]:
    task = part.task
    known = [*_EXAMPLES[task.type]]
    if isinstance(task, InstructionsTask):
        known.append(task.column)
    for i, example in enumerate(part.examples):
        for name in example:
            if name not in known:
                what = f"{name!r} is no column that an example of {task.type} may have"
                yield Problem("SD-TEXT-009", f"examples[{i}].{name}", what, nearest(name, known))
        label = example.get("label")
        if isinstance(task, ClassificationTask) and label is not None and label not in task.labels:
            what = f"{label!r} is no label of the task"
            yield Problem("SD-TEXT-019", f"examples[{i}].label", what, nearest(label, task.labels))


def _needs(part: TextPart) -> Iterator[Problem]:
    task, told = part.task, part.source is not None or part.after is not None
    if isinstance(task, QaTask | RewriteTask) and not told:
        what = f"the task {task.type!r} needs texts of yours"
        yield Problem("SD-TEXT-010", "source", what, "State a 'source', or an earlier part by 'of' or 'each'.")
    if isinstance(task, QaTask) and task.unanswerable > 0 and part.source is None:
        what = "questions without an answer belong to another document, and a given row is the only one that is seen"
        yield Problem("SD-TEXT-011", "task.unanswerable", what, "State a 'source' with the documents, or 0.")
    seeded = part.source is not None or any(e.get(getattr(task, "column", "")) for e in part.examples)
    if isinstance(task, InstructionsTask) and task.way == "seeds" and not seeded:
        what = "instructions in the manner of seeds need seeds"
        yield Problem("SD-TEXT-012", "task.way", what, f"State a 'source', or 'examples' with {task.column!r}.")
    if isinstance(task, DocumentsTask) and task.facts and not told:
        what = "facts are columns of a row, and none is given"
        yield Problem("SD-TEXT-013", "task.facts", what, "State a 'source', or an earlier part by 'of' or 'each'.")
    if isinstance(task, ReasoningTask):
        if task.question is not None and part.source is None and part.after is None:
            what = f"{task.question!r} is a column of problems, and there is no source"
            yield Problem("SD-TEXT-014", "task.question", what, "State a 'source'.")
        from sundog.kinds.text._problems import find_problem_faults

        yield from find_problem_faults(task)
    if isinstance(task, ConversationTask) and task.calls == "native" and part.model.endpoint is None:
        what = "calls of a model's own kind need an endpoint that has them"
        yield Problem("SD-TEXT-015", "task.calls", what, "Use 'planned', which gives right data with any model.")


def _room(part: TextPart) -> Iterator[Problem]:
    if isinstance(part.task, QaTask):
        most_characters(part.model, part.task.passage, "model.context")
    yield from ()


def find_given_faults(part: TextPart, where: str, given: Mapping[str, tuple[str, ...]]) -> tuple[Problem, ...]:
    """What the part names and the tables of the earlier part do not have."""
    table = part.row or (part.each.split(".", 1)[1] if part.each is not None else next(iter(given), ""))
    if part.row is None and part.each is None and len(given) != 1:
        return ()  # which table is meant is known when its rows are there
    if table not in given:
        if part.row is None:
            return ()  # a table that belongs to no unit
        return (
            Problem("SD-TEXT-017", f"{where}.row", f"the earlier part has no table {table!r}", nearest(table, given)),
        )
    problems = [*find_unknown_places(part, given[table], tuple(given))]
    problems += [
        Problem(
            "SD-TEXT-018", at, f"{name!r} is not a column of the given table {table!r}", nearest(name, given[table])
        )
        for name, at in stated_columns(part.task).items()
        if name not in given[table]
    ]
    return tuple(replace(p, where=f"{where}.{p.where}") for p in problems)


def stated_columns(task: Any) -> dict[str, str]:
    """Columns that a task cannot do without, each with its place in the recipe."""
    stated: dict[str, str] = {}
    if isinstance(task, QaTask | RewriteTask):
        stated[task.column] = "task.column"
    if isinstance(task, InstructionsTask) and task.way in ("seeds", "evol"):
        stated[task.column] = "task.column"
    if isinstance(task, RewriteTask):
        stated |= dict.fromkeys(task.keep, "task.keep")
    if isinstance(task, DocumentsTask):
        stated |= dict.fromkeys(task.facts, "task.facts")
    if isinstance(task, ReasoningTask) and task.question is not None and task.answer is not None:
        stated |= {task.question: "task.question", task.answer: "task.answer"}
    return stated


def needed_columns(part: TextPart, there: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of the source that are used, in the order of the source.

    Raises:
        RequestError: one that the recipe names is not there.
    """
    task = part.task
    stated = stated_columns(task)
    problems = [
        Problem("SD-TEXT-016", where, f"{name!r} is not a column of the source", nearest(name, there))
        for name, where in stated.items()
        if name not in there
    ]
    if problems:
        raise RequestError(*problems)
    wanted = set(stated)
    if isinstance(task, DocumentsTask) and not task.facts:
        wanted |= set(there)
    if isinstance(task, PreferencesTask | CritiqueTask) and task.column in there:
        wanted.add(task.column)
    wanted |= _named_columns(part, there)
    return tuple(n for n in there if n in wanted) or there[:1]


def _named_columns(part: TextPart, there: tuple[str, ...]) -> set[str]:
    """Columns that templates name."""
    from sundog.kinds.text._ground import read_templates

    names = {n for template in read_templates(part).values() for n in template.names if n.startswith("row.")}
    unknown = find_unknown_places(part, there, ())
    if unknown:
        raise RequestError(*unknown)
    return {n.removeprefix("row.") for n in names}
