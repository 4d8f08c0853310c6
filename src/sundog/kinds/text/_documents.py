"""Texts of a stated form about a topic or a given row. Every fact of the row must stand in the text, and no other figure with it."""

from __future__ import annotations

from typing import Any

from sundog.kinds.text._facts import Fact, find_foreign_numbers, find_missing, form_around, write_value
from sundog.kinds.text._ground import Ground
from sundog.kinds.text._schema import object_schema, text_schema
from sundog.kinds.text._units import (
    MODEL,
    Unfit,
    Unit,
    ask_object,
    ask_text,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    say_setting,
    show_examples,
    try_again,
    with_values,
)
from sundog.kinds.text.recipe_tasks import DocumentsTask, PersonasTask
from sundog.lib.language.protocol import Message

_FORMS = {
    "article": "an article for a newspaper or a handbook",
    "support_ticket": "a support ticket as a customer writes it, with what happened and what was tried",
    "email": "an e-mail with a greeting, its matter and a close",
    "clinical_note": "a clinical note as a physician writes it after a visit",
    "report": "a factual report",
    "story": "a short story",
    "review": "a customer's review",
}


def choose_facts(task: DocumentsTask, row: dict[str, Any]) -> tuple[Fact, ...]:
    """What must stand in the text, in the order of the recipe or of the row; a column without a value is no fact."""
    names = task.facts or tuple(row)
    facts = (Fact(name, write_value(row.get(name))) for name in names)
    return tuple(f for f in facts if f.value)


async def make_document(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One text with its title and the facts that stand in it."""
    task = ground.part.task
    assert isinstance(task, DocumentsTask)
    facts = choose_facts(task, dict(unit.row))
    unit = with_values(unit, {"form": _FORMS[task.form], "words": str(task.words)})
    text = await try_again(unit, "text", lambda step: _write(unit, task, facts, step))
    title = await try_again(unit, "title", lambda step: _entitle(unit, text, facts, step)) if task.title else ""
    return {"title": title, "text": text, "facts": [{"name": f.name, "value": f.value} for f in facts]}


async def _write(unit: Unit, task: DocumentsTask, facts: tuple[Fact, ...], step: str) -> str:
    listed = "\n".join(f"{f.name}: {f.value}" for f in facts)
    default = join_lines(f"Write {_FORMS[task.form]}, of about {task.words} words.", say_setting(unit))
    prompt = join_lines(
        own_prompt(unit, default),
        "Every one of these facts must stand in it, each value as it is written here, and no other figures:"
        if facts
        else "",
        lay_data(unit, "facts", listed) if facts else "",
        show_examples(unit),
    )
    return await write_with_facts(unit, step, prompt, facts, task.words, task.strict)


async def write_with_facts(
    unit: Unit, step: str, prompt: str, facts: tuple[Fact, ...], words: int, strict: bool = False
) -> str:
    """A text that says all facts and no other figure; formed token by token where the model can be.

    Raises:
        Unfit: a fact is missing, or a figure was invented.
    """
    formed = facts and (strict or unit.asked[MODEL].follows_grammars)
    form = form_around([f.value for f in facts], words) if formed else None
    messages = (own_system(unit), Message("user", prompt))
    text = await ask_text(unit, step, messages, form=form, most_tokens=min(4096, max(64, 3 * words)))
    if missing := find_missing(text, facts):
        raise Unfit("fact_missing", f"the text does not say {missing[0].name}: {missing[0].value[:60]!r}")
    if facts and (foreign := find_foreign_numbers(text, [f.value for f in facts] + list(unit.values.values()))):
        raise Unfit("invented_figure", f"no fact says {foreign[0]!r}")
    return text


async def _entitle(unit: Unit, text: str, facts: tuple[Fact, ...], step: str) -> str:
    prompt = join_lines("Give this text a title of three to ten words.", lay_data(unit, "text", text[:2000]))
    said = await ask_object(
        unit,
        step,
        (own_system(unit), Message("user", prompt)),
        object_schema({"title": text_schema(3, 120)}),
        most_tokens=60,
    )
    title = str(said["title"])
    if find_foreign_numbers(title, [text, *(f.value for f in facts)]):
        raise Unfit("invented_figure", "the title has a figure that the text has not")
    return title


FIELDS = {
    "age": tuple(str(n) for n in range(18, 91)),
    "occupation": (
        "nurse", "baker", "bus driver", "teacher", "electrician", "student", "farmer", "accountant", "shop assistant", "architect",
        "retired sailor", "software developer", "cook", "librarian", "plumber", "physiotherapist", "carpenter", "journalist",
        "civil servant", "musician", "cleaner", "biologist", "judge", "hairdresser", "engineer", "social worker",
    ),
    "home": (
        "a large city", "a suburb", "a small town", "a village", "a farm", "an island", "a mountain valley", "a harbour town",
    ),
    "interest": (
        "gardening", "chess", "football", "old maps", "cooking", "photography", "choir singing", "cycling", "history", "bird watching",
        "repairing radios", "painting", "hiking", "crime novels", "astronomy", "dancing", "fishing", "board games",
    ),
}  # fmt: skip
"""What is drawn for a persona where a recipe states nothing."""


async def make_persona(unit: Unit, ground: Ground) -> dict[str, Any]:
    """A description of somebody who does not exist; what was drawn stands in it."""
    task = ground.part.task
    assert isinstance(task, PersonasTask)
    fields = task.fields or FIELDS
    facts = tuple(Fact(n, v[unit.key.child(f"field/{n}").lo % len(v)]) for n, v in fields.items())
    listed = "\n".join(f"{f.name}: {f.value}" for f in facts)
    unit = with_values(unit, {"fields": listed})
    default = f"Describe a person in about {task.words} words, without a name, in the third person."
    prompt = join_lines(
        own_prompt(unit, join_lines(default, say_setting(unit))),
        "Every one of these facts must stand in it, each value as it is written here, and no other figures:",
        lay_data(unit, "facts", listed),
        show_examples(unit),
    )
    text = await try_again(unit, "persona", lambda step: write_with_facts(unit, step, prompt, facts, task.words))
    return {"persona": text, **{f.name: f.value for f in facts}}
