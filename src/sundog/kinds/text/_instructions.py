"""Questions and tasks for an assistant, with an answer each: by topic, from seeds, evolved, or by an empty turn of a user.

Sources: self-instruct, Wang et al. 2023, doi:10.18653/v1/2023.acl-long.754; evolving instructions, Xu et al. 2023, arXiv:2304.12244;
pre-query templates, Xu et al. 2024, arXiv:2406.08464. All wording is Sundog's own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sundog.kinds.text._ground import Ground
from sundog.kinds.text._likeness import is_same, rouge_l
from sundog.kinds.text._schema import object_schema, text_schema
from sundog.kinds.text._units import (
    Chat,
    Unfit,
    Unit,
    ask,
    ask_object,
    ask_text,
    chat_system,
    clean_text,
    draw,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    pick,
    say_setting,
    show_examples,
    try_again,
)
from sundog.kinds.text.recipe_tasks import InstructionsTask
from sundog.lib.language.protocol import Message

_KINDS = (
    "a question of fact", "a request to explain something", "a request to write a short text", "a request for advice",
    "a task with a small piece of material in it", "a request to compare two things", "a request for a list of steps",
    "a request to plan something", "a question about why something happens", "a request to improve a sentence",
)  # fmt: skip

_DEEPER = (
    "Add one requirement that makes it harder.",
    "Ask for the reasons as well, in more than one step.",
    "Replace a general notion by a more specific one.",
    "Add a condition under which the usual answer no longer holds.",
)
_BROADER = ("Write another one of the same field about a rarer matter; keep its length.",)

_INSTRUCTION = object_schema({"instruction": text_schema(8, 1500)})


async def make_instruction(unit: Unit, ground: Ground) -> dict[str, Any]:
    """One chat of a user's instruction and its answer."""
    task = ground.part.task
    assert isinstance(task, InstructionsTask)
    way = task.way
    if way == "pre_query":
        asked = await try_again(unit, "pre_query", lambda step: _continue_turn(unit, task, step))
    elif way == "seeds":
        asked = await try_again(unit, "seeds", lambda step: _vary_seeds(unit, ground, task, step))
    elif way == "evol":
        asked = await _evolve(unit, ground, task)
    else:
        asked = await try_again(unit, "instruction", lambda step: _ask_topic(unit, step))
    chat: Chat = (*chat_system(unit), Message("user", asked))
    answer = await try_again(unit, "answer", lambda step: ask_text(unit, step, chat))
    return {"messages": (*chat, Message("assistant", answer)), "way": way}


async def _ask_topic(unit: Unit, step: str) -> str:
    default = join_lines(
        f"Write {pick(unit.key, 'kind', _KINDS)} that somebody could send to an assistant.",
        say_setting(unit),
        "It must be clear without anything else beside it.",
    )
    prompt = join_lines(own_prompt(unit, default), show_examples(unit))
    said = await ask_object(unit, step, (own_system(unit), Message("user", prompt)), _INSTRUCTION)
    return str(said["instruction"])


async def _vary_seeds(unit: Unit, ground: Ground, task: InstructionsTask, step: str) -> str:
    seeds = _draw_seeds(unit, ground, task)
    listed = "\n".join(f"{i + 1}. {seed}" for i, seed in enumerate(seeds))
    default = join_lines(
        "Here are instructions that people gave to an assistant. Write a new one of the same manner about something else.",
        say_setting(unit),
    )
    prompt = join_lines(own_prompt(unit, default), lay_data(unit, "instructions", listed))
    said = str((await ask_object(unit, step, (own_system(unit), Message("user", prompt)), _INSTRUCTION))["instruction"])
    if any(rouge_l(said, seed) >= task.novelty for seed in seeds):
        raise Unfit("not_new", "the instruction is like one of the seeds that were shown")
    return said


def _draw_seeds(unit: Unit, ground: Ground, task: InstructionsTask) -> list[str]:
    """Seeds of the source, else of the examples: some, none twice."""
    found: dict[str, None] = {}
    if ground.seeds is not None:
        size = ground.seeds.num_rows
        for i in range(4 * task.shown):
            text = ground.seed_row(draw(unit.key, f"seed/{i}", size)).get(task.column)
            if isinstance(text, str) and text.strip():
                found[" ".join(text.split())] = None
            if len(found) == task.shown:
                break
    else:
        texts = [e[task.column] for e in ground.part.examples if e.get(task.column)]
        start = draw(unit.key, "seed", len(texts))
        found = dict.fromkeys((texts[start:] + texts[:start])[: task.shown])
    return list(found)


async def _evolve(unit: Unit, ground: Ground, task: InstructionsTask) -> str:
    if ground.seeds is not None or any(task.column in e for e in ground.part.examples):
        seeds = _draw_seeds(unit, ground, replace_shown(task))
        if not seeds:
            raise Unfit("no_seed", f"the rows that were drawn have no text in {task.column!r}")
        said = seeds[0]
    else:
        said = await try_again(unit, "instruction", lambda step: _ask_topic(unit, step))
    for i in range(task.rounds):
        before = said
        said = await try_again(unit, f"evol/{i}", lambda step, i=i, before=before: _change(unit, task, before, i, step))  # type: ignore[misc]
    return said


def replace_shown(task: InstructionsTask) -> InstructionsTask:
    """The task with one seed shown."""
    return task.model_copy(update={"shown": 1})


async def _change(unit: Unit, task: InstructionsTask, before: str, i: int, step: str) -> str:
    deeper = pick(unit.key, f"direction/{i}", task.directions) == "deeper"
    how = pick(unit.key, f"how/{i}", _DEEPER if deeper else _BROADER)
    prompt = join_lines(
        f"Change this instruction to an assistant. {how} Give the new instruction alone, without any remark.",
        lay_data(unit, "instruction", before),
    )
    said = str((await ask_object(unit, step, (own_system(unit), Message("user", prompt)), _INSTRUCTION))["instruction"])
    if is_same(said, before) or (not deeper and rouge_l(said, before) >= task.novelty):
        raise Unfit("not_new", "the instruction did not change")
    return said


async def _continue_turn(unit: Unit, task: InstructionsTask, step: str) -> str:
    answer = await ask(unit, step, text=task.pre_query, stop=task.stop, warmer=0.3)
    said = clean_text(replace(answer, text=answer.text.split("\n\n\n", 1)[0]), step)
    if len(said) < 8 or any(mark in said for mark in task.stop):
        raise Unfit("empty", "no user's turn came")
    return said
