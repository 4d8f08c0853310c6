"""Forms: what is mended, what is not, and that no answer runs anything."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.lib.language.forms import check_form, read_form
from sundog.lib.language.protocol import Form

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string", "minLength": 1}, "age": {"type": "integer", "minimum": 0}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
SCHEMA = Form(schema=json.dumps(PERSON))
RIGHT = {"name": "Ann", "age": 3}


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ann", "age": 3}',
        '  {"name": "Ann", "age": 3}\n',
        '```json\n{"name": "Ann", "age": 3}\n```',
        'Sure! Here it is:\n```\n{"name": "Ann", "age": 3,}\n```\nAnything else?',
        'The set {} is not it, but {"name": "Ann", "age": 3} is.',
        '{"age": 3, "name": "Ann"} {"name": "Ann", "age": 3}',
    ],
)
def test_what_is_mended(text: str) -> None:
    """Fences, words around, a comma too many, and the same object twice."""
    found = read_form(SCHEMA, text)
    assert found is not None
    assert json.loads(found) == RIGHT


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "nothing"),
        ("no object at all", "no object"),
        ('{"name": "Ann", "age": 3', "cut"),
        ('{"name": "Ann", "age": "3"}', "a type"),
        ('{"name": "", "age": 3}', "too short"),
        ('{"name": "Ann"}', "one is missing"),
        ('{"name": "Ann", "age": 3, "x": 1}', "one too many"),
        ('{"name": "Ann", "age": 3} or {"name": "Bob", "age": 4}', "two that differ"),
        ('{"name": "Ann", "name": "Bob", "age": 3}', "a name twice"),
        ('{"name": "Ann", "age": NaN}', "no number"),
        ('{"name": "\\ud800", "age": 3}', "half a letter"),
        ('[{"name": 1}]', "a list"),
        ("{" * 100_000, "endless opening"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "endless nesting"),
        ('__import__("os").system("touch /nowhere")', "a program"),
        ('{"name": __import__("os").getcwd(), "age": 3}', "a program inside"),
    ],
)
def test_what_is_not(text: str, why: str) -> None:
    """Nothing is completed, chosen, converted or run."""
    assert read_form(SCHEMA, text) is None, why


def test_texts_are_left_as_they_are() -> None:
    """A mend never reaches into what was said."""
    said = 'True, None,} "quoted" // no {comment},]'
    told = json.dumps({"name": said, "age": 3})
    found = read_form(SCHEMA, f"Here: {told[:-1]},}}")
    assert found is not None
    assert json.loads(found) == {"name": said, "age": 3}


def test_raw_line_ends_in_texts_are_written_as_json_wants() -> None:
    """What is given can be read by any reader of JSON."""
    found = read_form(SCHEMA, '{"name": "two\nlines", "age": 3}')
    assert found is not None
    assert json.loads(found) == {"name": "two\nlines", "age": 3}


def test_names_of_python() -> None:
    """True, False and None outside of texts."""
    form = Form(schema='{"type": "object", "properties": {"a": {"type": ["boolean", "null"]}}, "required": ["a"]}')
    assert read_form(form, "{'a'") is None
    found = read_form(form, '{"a": None}')
    assert found is not None
    assert json.loads(found) == {"a": None}


@given(
    st.dictionaries(
        st.text(max_size=5), st.recursive(st.text(max_size=8) | st.integers() | st.booleans(), st.lists, max_leaves=5)
    )
)
def test_any_object_comes_back_from_a_fence(value: dict[str, object]) -> None:
    """Whatever it holds."""
    text = f"Well:\n```json\n{json.dumps(value, ensure_ascii=False)}\n```"
    found = read_form(Form(schema='{"type": "object"}'), text)
    assert found is not None
    assert json.loads(found) == value


def test_patterns() -> None:
    """The whole text, with space around it where only so it fits."""
    form = Form(grammar='root ::= "yes" | "no"', pattern="yes|no")
    assert read_form(form, "yes") == "yes"
    assert read_form(form, " no\n") == "no"
    assert read_form(form, "yes, of course") is None
    assert read_form(Form(pattern=" a"), " a") == " a"
    assert read_form(Form(grammar="root ::= [a-z]"), "anything") == "anything"


def test_forms_that_are_none() -> None:
    """Found before anything is asked."""
    with pytest.raises(RequestError, match="SD-MODEL-010"):
        check_form(Form(pattern="("))
    with pytest.raises(RequestError, match="SD-MODEL-012"):
        check_form(Form(schema='{"type": "thing"}'))
    with pytest.raises(RequestError, match="SD-MODEL-012"):
        check_form(Form(schema="{"))


def test_a_schema_that_refers_elsewhere_fetches_nothing() -> None:
    """A reference to a URL is a fault of the schema, not a request."""
    form = Form(schema='{"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/none.json"}}}')
    with pytest.raises(RequestError, match="SD-MODEL-013"):
        read_form(form, '{"a": 1}')


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where the extra was not installed."""
    import sys

    from sundog.core.errors import MissingExtra
    from sundog.lib.language import forms

    forms._open_validator.cache_clear()
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    with pytest.raises(MissingExtra, match=r"SD-MODEL-011[\s\S]*\[text\]"):
        check_form(Form(schema='{"type": "object"}'))
