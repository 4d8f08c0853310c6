"""Chains of reasoning by a model: many are drawn, and only those are kept whose answer and whose every checkable step are right.

Sources: rejection sampling and rationalisation, Zelikman et al. 2022 (STaR), arXiv:2203.14465; agreement of samples, Wang et al. 2023,
arXiv:2203.11171. What is right says the checker, never the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sundog.core.keys import Key
from sundog.kinds.text._ground import Ground
from sundog.kinds.text._problems import make_one
from sundog.kinds.text._units import (
    Unfit,
    Unit,
    ask_text,
    join_lines,
    lay_data,
    own_prompt,
    own_system,
    show_examples,
    with_values,
)
from sundog.kinds.text._verify import is_right_answer, judge_steps
from sundog.kinds.text.recipe_tasks import ReasoningTask
from sundog.lib.language.protocol import Form, Message

OWN = "own"
"""Family of problems that a user brings."""

_FORM = Form(
    grammar='root ::= step{1,14} "Answer: " [^\\n]{1,60}\nstep ::= [^\\n]{4,200} "\\n"\n',
    pattern=r"(?:[^\n]+\n+)+\s*\**Answer:\**[^\n]+\s*",
)
_LAST = re.compile(r"^\W*(?:final )?answer\W*[:=]\s*(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a model wrote, taken apart.

    Attributes:
        steps: its lines before the answer.
        answer: what stands behind ``Answer:``.
        wrong: why it is not kept; empty where it is.
        checked: statements of it that could be checked.
    """

    steps: tuple[str, ...]
    answer: str
    wrong: str
    checked: int


async def make_chain(unit: Unit, ground: Ground, key: Key) -> dict[str, Any]:
    """One problem with a verified chain of a model."""
    task = ground.part.task
    assert isinstance(task, ReasoningTask)
    question, answer, family, level = _find_problem(unit, ground, task, key)
    unit = with_values(unit, {"question": question})
    chains = [
        c for i in range(task.samples) if (c := await _sample(unit, question, answer, family, f"chain/{i}")) is not None
    ]
    right = [c for c in chains if is_right_answer(answer, c.answer, family)]
    agreement = len(right) / task.samples
    kept = next((c for c in right if not c.wrong), None)
    hinted = False
    if kept is None and task.hint:
        for i in range(ground.part.tries):
            found = await _sample(unit, question, answer, family, f"hint/{i}", hint=answer)
            if found is not None and not found.wrong and is_right_answer(answer, found.answer, family):
                kept, hinted = found, True
                break
    if kept is None:
        raise _tell_why(task, chains, right)
    if not hinted and agreement < task.majority:
        raise Unfit("no_majority", f"{len(right)} of {task.samples} samples gave the answer")
    text = "\n".join((*kept.steps, f"Answer: {answer}"))
    chat = (Message("user", question), Message("assistant", text if task.chain else f"Answer: {answer}"))
    return {
        "question": question,
        "steps": list(kept.steps),
        "answer": answer,
        "family": family,
        "level": level,
        "messages": chat,
        "agreement": agreement,
        "hinted": hinted,
    }


def _tell_why(task: ReasoningTask, chains: list[Chain], right: list[Chain]) -> Unfit:
    if right:
        return Unfit("wrong_step", right[0].wrong[:200])
    if chains:
        return Unfit(
            "wrong_answer", f"none of {task.samples} samples gave the answer; the first gave {chains[0].answer[:60]!r}"
        )
    return Unfit("malformed", "no sample had steps and an answer")


def _find_problem(unit: Unit, ground: Ground, task: ReasoningTask, key: Key) -> tuple[str, str, str, int]:
    if task.question is not None and task.answer is not None:
        question, answer = unit.row.get(task.question), unit.row.get(task.answer)
        if question is None or answer is None or not str(question).strip():
            raise Unfit("no_problem", "the row has no question, or no answer")
        return str(question).strip(), str(answer).strip(), OWN, 0
    problem = make_one(ground.part, key, unit.number)
    return problem.question, problem.answer, problem.family, problem.level


async def _sample(unit: Unit, question: str, answer: str, family: str, step: str, hint: str = "") -> Chain | None:
    default = "Solve the problem step by step."
    prompt = join_lines(
        own_prompt(unit, default),
        lay_data(unit, "problem", question),
        f"The answer is {hint}. Write the steps that lead to it." if hint else "",
        "Each step stands on a line of its own and says what is computed, as an equation where it can. The last line is 'Answer: ' with "
        "the answer alone.",
        show_examples(unit),
    )
    try:
        text = await ask_text(unit, step, (own_system(unit), Message("user", prompt)), form=_FORM)
    except Unfit:
        return None
    return read_chain(text, question, answer, family)


def read_chain(text: str, question: str, answer: str, family: str) -> Chain | None:
    """Steps and answer of what a model wrote, and what is wrong with them; None where there is no answer or no step."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = next((found.group(1).strip(" .*") for line in reversed(lines) if (found := _LAST.match(line))), None)
    steps = tuple(line for line in lines if not _LAST.match(line))
    if said is None or not steps:
        return None
    checked, wrong = judge_steps(question, steps, answer, family)
    return Chain(steps, said, wrong, checked)
