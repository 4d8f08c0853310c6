"""The sampler of words, the texts that a teacher labels, and what is repeated word for word."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.lib.students.ngrams import draw_texts, draw_texts_of, learn_ngrams
from sundog.lib.students.overlap import measure_overlap
from sundog.lib.students.sampled import draw_sampled, learn_sampled

KEY = Key.root(2)
TEXTS = ("a b a c", "a b b c", "x y x z", "x y y z z")
LABELS = ("one", "one", "two", "two")


@given(st.lists(st.text("abc ", min_size=1, max_size=30), min_size=1, max_size=6), st.integers(1, 4))
def test_only_ngrams_of_the_corpus_are_drawn(texts: list[str], n: int) -> None:
    """Every run of n words, begin and end among them, stands in a real text."""

    def runs(text: str) -> set[tuple[str, ...]]:
        words = ["<"] * (n - 1) + text.split() + [">"]
        return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}

    known = set().union(*(runs(t) for t in texts))
    for drawn in draw_texts(learn_ngrams(texts, [""] * len(texts), n), KEY, range(5))[0]:
        assert runs(drawn) <= known


def test_words_follow_as_often_as_in_the_corpus() -> None:
    """After "b" of group one comes b in 1 of 3 cases: 4,000 texts, a wrong law is off by far more than five sigma."""
    sampler = learn_ngrams(TEXTS, LABELS, 2)
    drawn = draw_texts_of(sampler, KEY, range(4_000), np.zeros(4_000, dtype=np.int64))
    after = Counter(b for text in drawn for a, b in pairwise(text.split()) if a == "b")
    share = after["b"] / after.total()
    assert abs(share - 1 / 3) < 5 * (2 / 9 / after.total()) ** 0.5
    assert set(" ".join(drawn).split()) == {"a", "b", "c"}


def test_a_text_depends_on_its_unit_alone() -> None:
    """However the units are cut."""
    sampler = learn_ngrams(TEXTS, LABELS, 2)
    whole = draw_texts(sampler, KEY, range(40))
    cut = [draw_texts(sampler, KEY, units) for units in (range(7), range(7, 8), range(8, 40))]
    assert whole == tuple(sum((c[i] for c in cut), ()) for i in (0, 1))
    assert draw_texts(sampler, KEY.child("other"), range(40)) != whole


def test_four_words_repeat_a_small_corpus_and_one_word_forgets_all_order() -> None:
    """The two ends of the scale."""
    assert set(draw_texts(learn_ngrams(TEXTS, LABELS, 4), KEY, range(30))[0]) <= set(TEXTS)
    assert not set(draw_texts(learn_ngrams(TEXTS, LABELS, 1), KEY, range(30))[0]) <= set(TEXTS)
    with pytest.raises(ValueError, match="1 to 4"):
        learn_ngrams(TEXTS, LABELS, 5)
    assert max(len(t.split()) for t in draw_texts(learn_ngrams(TEXTS, LABELS, 1, 3), KEY, range(50))[0]) <= 3


def test_a_teacher_has_the_last_word_on_drawn_texts() -> None:
    """Shares sum to 1, the answer is the likeliest, and the shards do not matter."""
    model = learn_sampled(TEXTS, LABELS)
    drawn = draw_sampled(model, KEY, range(20))
    assert drawn.shares is not None
    np.testing.assert_allclose(drawn.shares.sum(axis=1), 1, atol=1e-5)
    assert drawn.answers == tuple(drawn.labels[i] for i in drawn.shares.argmax(axis=1))
    assert draw_sampled(model, KEY, range(13, 20)).prompts == drawn.prompts[13:]


def _passages(count: int, words: int, key: Key) -> list[str]:
    return [" ".join(f"w{w}" for w in row) for row in key.generator().integers(0, 5_000, (count, words))]


def test_copies_show_and_fresh_texts_do_not() -> None:
    """A copy of a half is all repeated, noise is not, and real texts of one law are the measure."""
    shared = _passages(20, 10, KEY.child("shared"))
    real = [f"{p} {shared[i % 20]}" for i, p in enumerate(_passages(200, 20, KEY.child("real")))]
    copied = measure_overlap(real, real, KEY)
    assert copied.made_in_all == 1.0
    assert copied.ratio is not None
    assert copied.ratio > 2
    fresh = measure_overlap(_passages(200, 30, KEY.child("fresh")), real, KEY)
    assert fresh.made == 0.0
    assert fresh.real is not None
    assert fresh.real > 0.05
    alike = [f"{p} {shared[i % 20]}" for i, p in enumerate(_passages(200, 20, KEY.child("again")))]
    again = measure_overlap(alike, real, KEY)
    assert again.ratio is not None
    assert 0.8 < again.ratio < 1.25


def test_texts_too_short_for_any_run_of_eight_words() -> None:
    """There is nothing to measure, and nothing is claimed."""
    found = measure_overlap(["a b"], ["c d", "e f"], KEY)
    assert (found.made, found.real, found.made_in_all, found.ratio) == (None, None, None, None)
