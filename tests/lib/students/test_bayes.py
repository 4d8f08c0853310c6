"""The teacher that counts, and the softening of what it says."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import ComplementNB

from sundog.core.keys import Key
from sundog.lib.students.bayes import SMOOTHINGS, BayesStudent
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.sampled import draw_sampled, learn_sampled

KEY = Key.root(6)


def _make(number: int, key: Key) -> Lesson:
    """Three labels; each word belongs to one of them, and one word in two is of another."""
    draws = key.generator()
    labels = draws.integers(0, 3, number)
    texts = [
        " ".join(
            f"w{(k if draws.random() < 0.5 else draws.integers(0, 3)) * 20 + draws.integers(0, 20)}" for _ in range(10)
        )
        for k in labels
    ]
    return Lesson(tuple(texts), tuple("abc"[k] for k in labels))


def test_it_answers_as_scikit_learn_does() -> None:
    """Complement naive Bayes on the same weights, for the smoothing that was chosen or its neighbours."""
    lesson, test = _make(300, KEY.child("train")), _make(200, KEY.child("test"))
    ours = BayesStudent(fewest=1).teach(lesson, KEY)
    theirs = TfidfVectorizer(token_pattern=r"\w+", ngram_range=(1, 2), sublinear_tf=True)
    matrix = theirs.fit_transform(lesson.prompts)
    assert len(ours.vocabulary.words) == matrix.shape[1]
    agree = [
        np.mean(
            ComplementNB(alpha=a).fit(matrix, lesson.answers).predict(theirs.transform(test.prompts))
            == ours.answer(test.prompts)
        )
        for a in SMOOTHINGS
    ]
    assert max(agree) == 1.0


def test_its_shares_are_as_sure_as_it_is_right() -> None:
    """Of fresh texts: mean share of the first choice against how often it is right, within five standard errors."""
    taught = BayesStudent().teach(_make(2_000, KEY.child("train")), KEY)
    test = _make(1_000, KEY.child("test"))
    sure = float(taught.shares(test.prompts).max(axis=1).mean())
    right = float(np.mean(np.array(taught.answer(test.prompts)) == test.answers))
    assert 0.6 < right < 0.99
    assert abs(sure - right) < 5 * (right * (1 - right) / 1_000) ** 0.5
    np.testing.assert_allclose(taught.shares(["nothing known"]).sum(), 1, atol=1e-6)
    assert taught.answer([]) == ()


def test_a_handful_of_texts() -> None:
    """No fifth to choose on, no word twice: still an answer."""
    assert BayesStudent().teach(Lesson(("red", "blue"), ("warm", "cold")), KEY).answer(["red", "blue"]) == (
        "warm",
        "cold",
    )


def test_softening_moves_shares_and_no_answer() -> None:
    """What the teacher is surest of stays first."""
    real = _make(200, KEY.child("real"))
    plain, soft = (learn_sampled(real.prompts, real.answers, softening=s) for s in (1.0, 3.0))
    one, other = (draw_sampled(m, KEY, range(50)) for m in (plain, soft))
    assert one.prompts == other.prompts
    assert one.answers == other.answers
    assert one.shares is not None
    assert other.shares is not None
    assert other.shares.max(axis=1).mean() < one.shares.max(axis=1).mean()
    assert one.shares[0] == pytest.approx(plain.teacher.shares(one.prompts[:1])[0], abs=1e-5)
