"""Problems as chats, in several styles, and the reading of these chats back to question, steps and answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sundog.core.keys import Key
from sundog.lib.language.protocol import Message
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.problem import Problem

Read = tuple[str, tuple[str, ...], str]
"""Question, steps, answer."""


@dataclass(frozen=True, slots=True)
class _Style:
    """One way to write steps.

    Attributes:
        name: as tests and documents call it.
        asked: what the system message asks for.
        write: the steps as one text without empty lines.
        read: the steps of such a text; None where it is not of this style.
    """

    name: str
    asked: str
    write: Callable[[Sequence[str]], str]
    read: Callable[[str], tuple[str, ...] | None]


def _write_numbered(steps: Sequence[str]) -> str:
    return "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))


def _read_numbered(text: str) -> tuple[str, ...] | None:
    lines = text.split("\n")
    if not all(line.startswith(f"{i}. ") for i, line in enumerate(lines, 1)):
        return None
    return tuple(line.partition(". ")[2] for line in lines)


def _write_bullets(steps: Sequence[str]) -> str:
    return "\n".join(f"- {step}" for step in steps)


def _read_bullets(text: str) -> tuple[str, ...] | None:
    lines = text.split("\n")
    return tuple(line[2:] for line in lines) if all(line.startswith("- ") for line in lines) else None


def _write_prose(steps: Sequence[str]) -> str:
    return " ".join(f"{step}." for step in steps)


def _read_prose(text: str) -> tuple[str, ...] | None:
    """Sentences of one paragraph. One sentence alone, or full stops that belong to the steps, are written as lines."""
    if "\n" in text or ". " not in text or not text.endswith("."):
        return None
    return tuple(text[:-1].split(". "))


def _write_lines(steps: Sequence[str]) -> str:
    return "\n".join(steps)


def _read_lines(text: str) -> tuple[str, ...] | None:
    return tuple(text.split("\n"))


def _write_thought(steps: Sequence[str]) -> str:
    return "<think>\n" + "\n".join(steps) + "\n</think>"


def _read_thought(text: str) -> tuple[str, ...] | None:
    if not (text.startswith("<think>\n") and text.endswith("\n</think>")):
        return None
    return tuple(text[len("<think>\n") : -len("\n</think>")].split("\n"))


_STYLES = (
    _Style("think", "Think between <think> and </think> first.", _write_thought, _read_thought),
    _Style("numbered", "Number the steps of your solution.", _write_numbered, _read_numbered),
    _Style("bullets", "List the steps of your solution.", _write_bullets, _read_bullets),
    _Style("prose", "Explain the solution in whole sentences.", _write_prose, _read_prose),
    _Style("lines", "Write one step of the solution a line.", _write_lines, _read_lines),
)
"""In the order in which they are tried on a text: the last takes what the others leave."""

_DIRECT = "Give the answer alone."

_FORMS = (
    "Answer: {}", "Final answer: {}", "The answer is {}.", "So the answer is {}.", "#### {}", "**{}**", "\\boxed{{{}}}", "Result: {}",
)  # fmt: skip
_READ_FORMS = tuple(re.compile(re.escape(form.format("\0")).replace("\0", "(.+)"), re.DOTALL) for form in _FORMS)


def render_chat(problem: Problem, key: Key, *, chain: bool = True) -> tuple[Message, ...]:
    """A problem as a chat of a system, a user and an assistant.

    The system's message says how the steps are written and what the last paragraph looks like, the user asks the question as it is, the
    assistant writes the steps in that style, an empty line, and the answer in that form.

    Args:
        problem: steps and answer are written as they are; a style that could not be read back exactly is passed over.
        key: gives style and form; the same key gives the same form with and without the chain.
        chain: whether the steps are written; without them the answer stands alone.

    Raises:
        ValueError: a step has several lines; no family makes such.
    """
    draw = Draw(key.words(range(1)).tobytes())
    form = draw.pick(_FORMS)
    told = f'End with "{form.format("...")}"' if chain else f'Write it as "{form.format("...")}"'
    last = form.format(problem.answer)
    if not chain:
        return (Message("system", f"{_DIRECT} {told}"), Message("user", problem.question), Message("assistant", last))
    for style in draw.shuffle(_STYLES):
        content = f"{style.write(problem.steps)}\n\n{last}"
        if _read_content(content) == (problem.steps, problem.answer):
            break
    else:
        raise ValueError(f"{problem.family}: a step of several lines can be read back in no style")
    return (
        Message("system", f"{style.asked} {told}"),
        Message("user", problem.question),
        Message("assistant", content),
    )


def render_answer_only(problem: Problem, key: Key) -> tuple[Message, ...]:
    """The chat of a problem without its chain: what a student of answers alone is shown."""
    return render_chat(problem, key, chain=False)


def read_chat(messages: Sequence[Message]) -> Read:
    """Question, steps and answer of a chat that ``render_chat`` wrote, or of one that keeps to its forms.

    Any style is read, whichever the system's message asks for: what a student writes is judged by its steps. An answer in no known form is
    taken as it is, so that its form counts where it is compared.

    Raises:
        ValueError: nobody asks, or nobody answers.
    """
    asked = [m.content for m in messages if m.role == "user"]
    answered = [m.content for m in messages if m.role == "assistant"]
    if not asked or not answered:
        raise ValueError("a chat needs a user and an assistant")
    return asked[-1], *_read_content(answered[-1])


def _read_content(text: str) -> tuple[tuple[str, ...], str]:
    chain, _, last = text.rpartition("\n\n")
    return _read_steps(chain) if chain else (), _read_answer(last)


def _read_steps(text: str) -> tuple[str, ...]:
    for style in _STYLES:
        steps = style.read(text)
        if steps is not None:
            return steps
    raise AssertionError("lines take every text")


def _read_answer(text: str) -> str:
    for form in _READ_FORMS:
        found = form.fullmatch(text)
        if found is not None:
            return found[1]
    return text
