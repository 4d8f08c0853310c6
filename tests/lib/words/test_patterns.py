"""Masks and regular expressions: every value matches, all values are reached, each as often as any other."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.words.masks import count_mask, split_mask
from sundog.lib.words.patterns import compile_mask, compile_regex, draw_pattern, find_duplicates_risk, number_pattern
from sundog.lib.words.permute import permute

_ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "ß",
        "世",
        "[ab]",
        "[^ -z]",
        "[a-c-]",
        "[]x]",
        r"\d",
        r"\.",
        r"\x41",
        r"[\da]",
        ".",
        "(?:ab|a)",
        "(b|)",
        r"\-",
        "{",
        "a{",
        r"[\]\\]",
    ]
)
_QUANTIFIERS = st.sampled_from(["", "", "?", "{2}", "{0,2}", "{1,3}", "{,1}", "??", "{1,2}?"])
_SIMPLE = st.lists(st.tuples(_ATOMS, _QUANTIFIERS).map("".join), max_size=4).map("".join)
_PATTERNS = st.lists(_SIMPLE, min_size=1, max_size=3).map("|".join)


@settings(max_examples=80, deadline=None)
@given(_PATTERNS, st.integers(0, 2**32))
def test_every_value_matches_its_pattern(pattern: str, seed: int) -> None:
    compiled = compile_regex(pattern)
    words = draw_unit_words(Key.root(seed), range(40))
    made = draw_pattern(compiled, words)
    made.validate(full=True)
    assert all(re.fullmatch(pattern, value) for value in made.to_pylist())
    if compiled.count < 2**63:
        numbered = number_pattern(compiled, words % np.uint64(compiled.count)).to_pylist()
        assert all(re.fullmatch(pattern, value) for value in numbered)
    first = compile_regex(f"^(?P<x>{pattern})$")
    assert (first.count, first.shortest, first.longest) == (compiled.count, compiled.shortest, compiled.longest)


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("a?a?", ["", "a", "aa"]),
        ("(a|ab)(c|bc)", ["abbc", "abc", "ac"]),
        ("[ab]{0,2}", ["", "a", "aa", "ab", "b", "ba", "bb"]),
        ("(x|y|x)1|x1", ["x1", "y1"]),
        ("(a|b){2}|c?", ["", "aa", "ab", "ba", "bb", "c"]),
        ("", [""]),
        (r"\A[é-ë]\Z", ["é", "ê", "ë"]),
        ("a{0}b", ["b"]),
    ],
)
def test_values_are_counted_once_and_numbered(pattern: str, values: list[str]) -> None:
    compiled = compile_regex(pattern)
    assert compiled.count == len(values)
    made = number_pattern(compiled, np.arange(compiled.count, dtype=np.uint64)).to_pylist()
    assert sorted(made) == values
    with pytest.raises(IndexError):
        number_pattern(compiled, np.array([compiled.count], np.uint64))


@pytest.mark.parametrize("pattern", ["(a|ab)(c|bc)", "[ab]{0,2}", "a{0,3}|b[0-9]", "(a|b|aa){1,3}"])
def test_all_values_are_equally_likely(pattern: str) -> None:
    """Chi-square at 120,000 draws; a false alarm has probability 1e-6 for each pattern."""
    from scipy.stats import chi2

    compiled = compile_regex(pattern)
    n = 120_000
    counts = Counter(draw_pattern(compiled, draw_unit_words(Key.root(5), range(n))).to_pylist())
    expected = n / compiled.count
    assert len(counts) == compiled.count
    assert sum((c - expected) ** 2 / expected for c in counts.values()) < chi2.isf(1e-6, compiled.count - 1)


def test_a_value_depends_on_its_word_alone() -> None:
    compiled = compile_regex("[A-Z]{2,5}-[0-9]{1,3}")
    words = draw_unit_words(Key.root(3), range(1000))
    whole = draw_pattern(compiled, words).to_pylist()
    assert draw_pattern(compiled, words[400:500]).to_pylist() == whole[400:500]


def test_masks() -> None:
    compiled = compile_mask("AA-####")
    assert compiled.count == count_mask("AA-####") == 26**2 * 10**4
    made = draw_pattern(compiled, draw_unit_words(Key.root(1), range(2000))).to_pylist()
    assert all(re.fullmatch("[A-Z]{2}-[0-9]{4}", value) for value in made)
    assert split_mask(r"\#[a-c0]") == ("#", "0abc")
    unique = number_pattern(compiled, permute(Key.root(2), np.arange(100_000, dtype=np.uint64), compiled.count))
    assert len(unique.unique()) == 100_000


@pytest.mark.parametrize("mask", ["[abc", "[]", "[c-a]"])
def test_faulty_masks_are_told(mask: str) -> None:
    with pytest.raises(RequestError, match="SD-WORDS-001 at here"):
        compile_mask(mask, "here")


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("a*", "repeats without end"),
        ("a+", "repeats without end"),
        ("(ab){2,}", "repeats without end"),
        ("a{,}", "repeats without end"),
        (r"(a)\1", "refers back"),
        (r"(?P<x>a)(?P=x)", "referred back"),
        ("(?=a)b", "look-around"),
        ("(?<!a)b", "look-around"),
        (r"\bword", "letters around it"),
        ("(?i)abc", "flags"),
        ("(?>ab)", "atomic"),
        ("a{1,2}+", "possessive"),
        ("(a)(?(1)b|c)", "another group"),
        ("(?#no)a", "comment"),
        ("a^b", "within the pattern"),
        ("a$b", "within the pattern"),
        ("[^\\x00-\\x7f]", "no printable ASCII letter"),
        (r"\N{BULLET}", "Unicode name"),
    ],
)
def test_what_cannot_be_generated_is_explained(pattern: str, why: str) -> None:
    with pytest.raises(RequestError, match="SD-WORDS-003 at here") as caught:
        compile_regex(pattern, "here")
    (problem,) = caught.value.problems
    assert why in problem.what
    assert problem.fix


@pytest.mark.parametrize("pattern", ["(", "[a", "a**", "a{2,1}", r"\x4", "[[a]"])
def test_what_is_no_regular_expression_is_told(pattern: str) -> None:
    with pytest.raises(RequestError, match="SD-WORDS-002"):
        compile_regex(pattern)


@pytest.mark.parametrize("pattern", ["(a{1000}){1000}", "((((a{90}){90}){90}){90}){90}", "[ab]{0,20}a[ab]{20}"])
def test_what_grows_too_large_is_told(pattern: str) -> None:
    with pytest.raises(RequestError, match="SD-WORDS-004"):
        compile_regex(pattern)


def test_more_values_than_words_are_drawn_but_not_numbered() -> None:
    compiled = compile_regex("[a-z]{40}")
    assert compiled.count == 26**40
    assert len(draw_pattern(compiled, draw_unit_words(Key.root(1), range(5000))).unique()) == 5000
    with pytest.raises(ValueError, match="drawn, not numbered"):
        number_pattern(compiled, np.zeros(1, np.uint64))


def test_risk_of_duplicates() -> None:
    assert find_duplicates_risk(365, 23) == pytest.approx(0.5, abs=0.01)
    assert find_duplicates_risk(10**12, 2) < 1e-11


@pytest.mark.parametrize("pattern", ["AB-[0-9]{9}-[a-z]{9}é", "[α-ω][0-9]x"])
def test_a_pattern_without_branches_is_drawn_as_any_other(pattern: str) -> None:
    """The shorter way gives the values of the longer one."""
    compiled = compile_regex(pattern)
    assert len(compiled.chain)
    words = draw_unit_words(Key.root(8), range(300))
    longer = dataclasses.replace(compiled, chain=compiled.chain[:0])
    assert draw_pattern(compiled, words).to_pylist() == draw_pattern(longer, words).to_pylist()
