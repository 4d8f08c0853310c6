"""Chats: what is written is read back exactly, in every style and form."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.language.protocol import Message
from sundog.lib.reasoning.chat import read_chat, render_answer_only, render_chat
from sundog.lib.reasoning.make import families, make_problems
from sundog.lib.reasoning.problem import Problem

SUM = Problem("sums", 1, "What is 2 + 3 + 4?", ("2 + 3 = 5", "5 + 4 = 9"), "9")


@pytest.mark.parametrize("family", sorted(families()))
def test_every_problem_is_read_back_from_its_chat(family: str) -> None:
    """All levels; question, steps and answer to the letter."""
    for level in range(1, 11):
        for i, problem in enumerate(make_problems(family, level, {}, Key.root(5), range(12))):
            key = Key.root(level).child(i)
            assert read_chat(render_chat(problem, key)) == (problem.question, problem.steps, problem.answer)
            assert read_chat(render_answer_only(problem, key)) == (problem.question, (), problem.answer)


def test_every_style_and_form_comes_and_reads_as_it_should() -> None:
    """The words of the assistant, style by style."""
    chats = [render_chat(SUM, Key.root(1).child(i)) for i in range(400)]
    bodies = Counter(chat[2].content.rpartition("\n\n")[0] for chat in chats)
    assert set(bodies) == {
        "1. 2 + 3 = 5\n2. 5 + 4 = 9",
        "- 2 + 3 = 5\n- 5 + 4 = 9",
        "2 + 3 = 5. 5 + 4 = 9.",
        "2 + 3 = 5\n5 + 4 = 9",
        "<think>\n2 + 3 = 5\n5 + 4 = 9\n</think>",
    }
    assert min(bodies.values()) > 40
    forms = Counter(chat[2].content.rpartition("\n\n")[2] for chat in chats)
    assert {"Answer: 9", "The answer is 9.", "#### 9", "\\boxed{9}", "**9**"} <= set(forms)
    assert min(forms.values()) > 20


def test_the_system_says_what_the_assistant_does() -> None:
    """The form that is asked for is the form that comes, and roles follow one another."""
    for i in range(100):
        chat = render_chat(SUM, Key.root(2).child(i))
        assert [m.role for m in chat] == ["system", "user", "assistant"]
        assert chat[1].content == SUM.question
        form = chat[0].content.split('"')[1]
        assert chat[2].content.endswith("\n\n" + form.replace("...", "9"))
        assert ("<think>" in chat[0].content) == ("<think>" in chat[2].content)
        alone = render_answer_only(SUM, Key.root(2).child(i))
        assert alone[2].content == form.replace("...", "9")


def test_a_chat_follows_from_its_key() -> None:
    """The same key writes the same, other keys write otherwise."""
    key = Key.root(3)
    assert render_chat(SUM, key) == render_chat(SUM, key)
    assert render_chat(SUM, key, chain=False) == render_answer_only(SUM, key)
    assert len({render_chat(SUM, key.child(i)) for i in range(50)}) > 15


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\n"), min_size=1, max_size=20)
TRICKY = st.sampled_from(["1. x", "- x", "x.", "First: x. y.", "<think>", "</think>", "2 + 2 = 4. 5", ". ", "."])


@given(st.lists(LINE | TRICKY, min_size=1, max_size=5), LINE, st.integers(0, 40))
def test_any_steps_are_read_back(steps: list[str], answer: str, seed: int) -> None:
    """Steps that look like marks of a style are written in another style, or refused, never read otherwise than they were."""
    problem = replace(SUM, steps=tuple(steps), answer=answer)
    try:
        chat = render_chat(problem, Key.root(4).child(seed))
    except ValueError:
        assume(False)
    assert read_chat(chat) == (problem.question, problem.steps, answer)


@pytest.mark.parametrize("steps", [("a\nb", "c"), ("a", "b\n\nc")])
def test_steps_that_no_style_can_hold_are_refused(steps: tuple[str, ...]) -> None:
    """Written down, they would be read back as other steps."""
    with pytest.raises(ValueError, match="style"):
        render_chat(replace(SUM, steps=steps), Key.root(1))


def test_a_wrong_chain_is_read_as_it_stands() -> None:
    """Reading mends nothing: a step left out stays out, and an answer in no known form is not made into one."""
    chat = (Message("user", "Q"), Message("assistant", "1. 2 + 3 = 5\n3. 5 + 4 = 9\n\nI think it is 9"))
    assert read_chat(chat) == ("Q", ("1. 2 + 3 = 5", "3. 5 + 4 = 9"), "I think it is 9")


@pytest.mark.parametrize("roles", [("user",), ("assistant",), ()])
def test_a_chat_without_two_sides_is_none(roles: tuple[str, ...]) -> None:
    """There is nothing to read."""
    with pytest.raises(ValueError, match="needs"):
        read_chat([Message(role, "x") for role in roles])  # type: ignore[arg-type]
