"""Templates are filled from stated names alone; what is filled in is never read again."""

from __future__ import annotations

import pytest

from sundog.core.errors import RequestError
from sundog.core.recipe import Recipe
from sundog.kinds.text._templates import Place, fill, find_unknown, read_template
from sundog.kinds.text.synthesize import TextSynthesizer


def faults(**more: object) -> dict[str, str]:
    part = {"kind": "text", "units": 2, "task": "instructions", **more}
    made = Recipe.model_validate({"name": "t", "parts": {"p": part}}).parts["p"]
    return {f"{p.code} {p.where}": f"{p.what} {p.fix}" for p in TextSynthesizer().find_faults(made, "parts.p")}


def test_places_and_braces() -> None:
    template = read_template("A {topic} in {{braces}} for {row.full name}.", "prompt")
    assert template.pieces == ("A ", Place("topic"), " in ", "{", "braces", "}", " for ", Place("row.full name"), ".")
    assert fill(template, {"topic": "t", "row.full name": "Ann"}) == "A t in {braces} for Ann."


def test_what_is_filled_in_is_never_read_again() -> None:
    template = read_template("{a}{b}", "prompt")
    assert fill(template, {"a": "{b}", "b": "{0.__class__}"}) == "{b}{0.__class__}"


@pytest.mark.parametrize(
    "text", ["{", "a}", "{a.b}", "{0}", "{a!r}", "{a:>9}", "{}", "{a[0]}", "{row.}", "{__import__('os')}"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="SD-TEXT-001"):
        read_template(text, "prompt")


def test_an_unknown_variable_names_the_nearest() -> None:
    (problem,) = find_unknown(read_template("{topik}", "prompt"), ["topic", "language"], ("age",), (), "prompt")
    assert problem.code == "SD-TEXT-002"
    assert "Did you mean 'topic'?" in problem.fix
    (problem,) = find_unknown(read_template("{row.agee}", "prompt"), ["topic"], ("age",), (), "prompt")
    assert "Did you mean 'row.age'?" in problem.fix
    assert not find_unknown(read_template("{row.agee}", "prompt"), ["topic"], None, None, "prompt")


def test_unknown_variables_are_found_before_anything_is_written() -> None:
    assert "Did you mean 'topic'?" in faults(prompt="About {topi}.", topics=["a"])["SD-TEXT-002 parts.p.prompt"]
    assert faults(prompt="About {topic}.", topics=["a"]) == {}
    assert list(faults(prompt="About {topic}.")) == ["SD-TEXT-002 parts.p.prompt"], (
        "a topic is known where some are stated"
    )
    assert list(faults(system="For {persona}")) == ["SD-TEXT-002 parts.p.system"]
    assert list(faults(task={"type": "instructions", "system": "{row.x}"})) == ["SD-TEXT-002 parts.p.task.system"]
    assert list(faults(prompt="{", system="}")) == ["SD-TEXT-001 parts.p.prompt", "SD-TEXT-001 parts.p.system"]


def test_a_column_that_the_source_has_not(make, stories) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RequestError, match=r"SD-TEXT-002 at parts\.p\.prompt.*row\.texxt") as caught:
        make("instructions", source=stories, prompt="Ask about {row.texxt}")
    assert "Did you mean 'row.text'?" in str(caught.value)


def test_a_column_that_the_given_row_has_not(make) -> None:  # type: ignore[no-untyped-def]
    people = {
        "kind": "records",
        "units": 3,
        "origin": "x",
        "tables": {"t": {"fields": {"age": {"type": "integer", "low": 1, "high": 9}}}},
    }
    with pytest.raises(RequestError, match="SD-TEXT-002"):
        make("documents", units=None, parts={"people": people}, of="people", prompt="{row.agee}")
