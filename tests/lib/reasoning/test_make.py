"""Making problems: a unit depends on its key and number alone, dials are obeyed, and bad requests are told by code."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.lib.reasoning.draw import Draw
from sundog.lib.reasoning.make import families, find_family, make_problems, set_dials
from sundog.lib.reasoning.problem import LEVELS

NAMES = tuple(families())


def test_there_are_fifty_families_each_with_what_it_says() -> None:
    """Names are unique, and each family has dials of ten values within their range that do not get easier."""
    assert len(NAMES) == 50
    assert len({f.topic for f in families().values()}) >= 12
    for name, family in families().items():
        assert re.fullmatch("[a-z_]+", name)
        assert family.dials
        assert family.about
        assert family.answer
        for dial in family.dials:
            assert len(dial.by_level) == len(LEVELS)
            assert all(dial.low <= v <= dial.high for v in dial.by_level), (name, dial)
            assert dial.about


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_depends_on_its_key_and_number_alone(name: str) -> None:
    """Whatever units are made with it, in whatever order."""
    key = Key.root(6)
    whole = make_problems(name, 4, {}, key, range(12))
    assert make_problems(name, 4, {}, key, range(5, 9)) == whole[5:9]
    assert [p for u in reversed(range(12)) for p in make_problems(name, 4, {}, key, range(u, u + 1))] == whole[::-1]
    assert make_problems(name, 4, {}, Key.root(7), range(12)) != whole
    assert make_problems(name, 5, {}, key, range(12)) != whole
    assert make_problems(name, 4, {}, key, range(0)) == []


@pytest.mark.parametrize("name", NAMES)
def test_stated_dials_of_a_level_are_that_level(name: str) -> None:
    """A level is nothing but a value for every dial, and the name of a stream."""
    family = find_family(name)
    stated = {d.name: d.by_level[6] for d in family.dials}
    assert make_problems(name, 7, stated, Key.root(1), range(5)) == make_problems(name, 7, {}, Key.root(1), range(5))
    assert set_dials(family, 7, {}) == stated
    assert set_dials(family, 2, stated) == stated


@pytest.mark.parametrize("name", NAMES)
def test_problems_are_whole_texts(name: str) -> None:
    """Nothing is left to fill in, no blanks stand twice or at an end, and wording varies."""
    questions, chains = set(), set()
    for level in (1, 6, 10):
        for problem in make_problems(name, level, {}, Key.root(level), range(60)):
            assert problem.family == name
            assert problem.level == level
            for text in (problem.question, *problem.steps, problem.answer):
                assert text == text.strip() != "", problem
                assert "{}" not in text.replace("= {}", "").replace("{} ", "") or name == "set_operations", problem
                assert "None" not in text, problem
                assert not re.search(r"[A-Za-z,.]  +[A-Za-z]", text), problem
            questions.add(re.sub(r"\d+", "0", problem.question)[:40])
            chains.add(re.sub(r"\d+", "0", problem.steps[-1]))
    assert len(questions) > 1
    assert len(chains) > 1


def test_families_come_harder_with_the_level() -> None:
    """At the highest level chains are longer, or their numbers are."""
    for name in NAMES:
        size = [
            sum(len(" ".join(p.steps)) for p in make_problems(name, level, {}, Key.root(2), range(80)))
            for level in (1, 10)
        ]
        assert size[1] > size[0], name


def test_few_questions_come_twice() -> None:
    """Of 200 a family at every other level."""
    seen = [
        " ".join(p.question.replace("*", "×").lower().split())
        for name in NAMES
        for level in (1, 3, 5, 7, 9)
        for p in make_problems(name, level, {}, Key.root(level), range(40))
    ]
    assert len(seen) - len(set(seen)) <= 5


@pytest.mark.parametrize(
    ("family", "level", "dials", "codes"),
    [
        ("sumz", 1, {}, ["SD-REASONING-001"]),
        ("sums", 0, {}, ["SD-REASONING-002"]),
        ("sums", 11, {}, ["SD-REASONING-002"]),
        ("sums", 1, {"termz": 3}, ["SD-REASONING-003"]),
        ("sums", 1, {"terms": 10**9}, ["SD-REASONING-004"]),
        ("sums", 12, {"terms": -1, "x": 1}, ["SD-REASONING-002", "SD-REASONING-004", "SD-REASONING-003"]),
    ],
)
def test_what_cannot_be_made_is_told_by_code(family: str, level: int, dials: dict[str, int], codes: list[str]) -> None:
    """All faults at once; the nearest name is offered."""
    with pytest.raises(RequestError) as caught:
        make_problems(family, level, dials, Key.root(1), range(1))
    assert [p.code for p in caught.value.problems] == codes
    text = str(caught.value)
    if "z" in family or "termz" in dials:
        assert "sums" in text if "z" in family else "terms" in text


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=40), st.integers(1, 2**48), st.integers(-99, 99), st.integers(0, 99))
def test_draws_stay_in_range_and_repeat(seed: bytes, end: int, low: int, span: int) -> None:
    """Of two that begin alike, each gives what the other gives."""
    one, two = Draw(seed), Draw(seed)
    for draw in (one, two):
        numbers = [draw.below(end) for _ in range(40)]
        assert all(0 <= n < end for n in numbers)
        assert low <= draw.between(low, low + span) <= low + span
        assert sorted(draw.shuffle(range(span))) == list(range(span))
        assert len(set(draw.sample(range(span + 3), 3))) == 3
        assert 1 <= abs(draw.signed(5)) <= 5
    assert one.below(2**48) == two.below(2**48)


def test_draws_are_even() -> None:
    """60,000 of six, each within 5 standard deviations of a sixth (false alarm below 1 in 200,000)."""
    draw = Draw(b"even")
    counts = [0] * 6
    for _ in range(60_000):
        counts[draw.below(6)] += 1
    assert all(abs(c - 10_000) < 5 * (60_000 * 5 / 36) ** 0.5 for c in counts), counts
