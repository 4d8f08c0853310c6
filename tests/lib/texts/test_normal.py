"""Normal form of texts, their words, and runs of words; each kernel beside a plain twin."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given

from sundog.lib.texts.grams import Flat, count_known, hash_grams, hash_words, measure_repetition
from sundog.lib.texts.normal import count_words, normalise


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  Hello,  WORLD!\tIt's\r\n well-known… ", "hello world it s well known"),
        ("ＦＵＬＬ ﬁne ÉÀ — dash", "full fine éà dash"),
        ("2+3 = 5; 3.5, 1,000. -5", "2+3 = 5 3.5 1,000 -5"),
        ("# Head\n- item\n  * other\n+ plus 3\n> quoted", "head item other plus 3 quoted"),
        ("今日は good。", "今 日 は good"),
        ("C++ and C# at 5€", "c++ and c# at 5€"),
        ("…!?", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_normal_form(text: str | None, wanted: str) -> None:
    assert normalise(pa.array([text], pa.string())).to_pylist() == [wanted]
    assert normalise(pa.array([text, "é"], pa.string())).to_pylist() == [
        wanted,
        "é",
    ]  # the way of texts that are not ASCII


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=8))
def test_normal_form_is_settled_and_has_single_spaces(texts: list[str]) -> None:
    once = normalise(pa.array(texts, pa.string()))
    assert len(once) == len(texts)
    for text in once.to_pylist():
        assert text == " ".join(text.split(" ")).strip()
        assert "  " not in text
    assert count_words(once).to_pylist() == [len(t.split()) for t in once.to_pylist()]
    assert hash_words(once).counts.tolist() == [len(t.split(" ")) if t else 0 for t in once.to_pylist()]


def test_slices_of_a_column_are_read_where_they_begin() -> None:
    column = pa.array(["Aa", "Bb", "Cc"]).slice(1)
    assert normalise(column).to_pylist() == ["bb", "cc"]
    assert normalise(pa.chunked_array([["Aa"], ["Bb"]])).to_pylist() == ["aa", "bb"]


def test_equal_runs_have_equal_hashes_and_no_others() -> None:
    texts = ["a b c d a b c", "b c d", "", "a"]
    words = hash_words(normalise(pa.array(texts)))
    for size in (1, 2, 3):
        grams = hash_grams(words, size)
        spelled = [tuple(t.split()[i : i + size]) for t in texts for i in range(max(len(t.split()) - size + 1, 0))]
        by_hash = dict(zip(grams.values.tolist(), spelled, strict=True))
        assert len(by_hash) == len(set(spelled))
        assert [by_hash[h] for h in grams.values.tolist()] == spelled


def test_known_runs_are_counted() -> None:
    words = hash_words(normalise(pa.array(["a b c d e", "x y z", ""])))
    grams = hash_grams(words, 2)
    known = np.sort(hash_grams(hash_words(normalise(pa.array(["b c", "d e f", "z q"]))), 2).values)
    assert count_known(grams, known).tolist() == [2, 0, 0]
    assert count_known(grams, np.zeros(0, np.uint64)).tolist() == [0, 0, 0]
    assert count_known(Flat(np.zeros(0, np.uint64), np.zeros(3, np.int64)), known).tolist() == [0, 0]


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=30), min_size=1, max_size=5))
def test_repetition_is_that_of_a_plain_twin(texts: list[list[str]]) -> None:
    words = hash_words(pa.array([" ".join(t) for t in texts], pa.large_string()))
    shares, loops = measure_repetition(words, 3)
    for text, share, loop in zip(texts, shares, loops, strict=True):
        seen, covered = set(), set()
        for i in range(len(text) - 2):
            run = tuple(text[i : i + 3])
            if run in seen:
                covered |= {i, i + 1, i + 2}
            seen.add(run)
        assert share == pytest.approx(len(covered) / len(text) if text else 0)
        joined = " ".join(text) + " "
        best = max(
            (
                len(m.group()) // len(m.group(1))
                for p in range(1, 16)
                for k in range(p)
                for m in re.finditer(rf"((?:\w ){{{p}}})\1*", joined[2 * k :])
            ),
            default=1,
        )
        assert loop == max(best, 1)
