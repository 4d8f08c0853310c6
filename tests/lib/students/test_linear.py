"""Words, weights and the softmax regression on them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from sundog.core.keys import Key
from sundog.lib.students.floors import MajorityStudent
from sundog.lib.students.linear import LinearStudent
from sundog.lib.students.protocol import Lesson, spread_shares
from sundog.lib.students.softmax import fit_softmax
from sundog.lib.students.tfidf import learn_vocabulary, weigh_words

KEY = Key.root(1)
TEXTS = ("the cat sat on the mat", "the dog ate the cat", "stocks fell as banks sold stocks", "banks bought the stocks")
LABELS = ("pets", "pets", "money", "money")


def test_weights_are_those_of_scikit_learn() -> None:
    """The same formula, written twice."""
    theirs = TfidfVectorizer(token_pattern=r"\w+", min_df=1, sublinear_tf=True)
    wanted = theirs.fit_transform(TEXTS)
    vocabulary = learn_vocabulary(TEXTS, fewest=1)
    assert list(vocabulary.words) == list(theirs.get_feature_names_out())
    np.testing.assert_allclose(weigh_words(vocabulary, TEXTS).toarray(), wanted.toarray(), atol=1e-6)


def test_the_vocabulary_holds_words_of_its_own_texts_alone() -> None:
    """What only a test text has counts for nothing."""
    vocabulary = learn_vocabulary(TEXTS[:2], fewest=1)
    assert "stocks" not in vocabulary.words
    assert weigh_words(vocabulary, ["stocks stocks"]).nnz == 0
    assert learn_vocabulary(TEXTS, fewest=2).words == ("banks", "cat", "stocks", "the")
    assert learn_vocabulary(TEXTS, fewest=1, most=1).words == ("the",)


def test_hard_labels_fit_as_scikit_learn_fits() -> None:
    """Same loss, same penalty (1 / C), same shares."""
    draws = KEY.generator()
    matrix = csr_matrix(draws.normal(size=(200, 6)).astype(np.float32))
    classes = np.argmax(matrix.toarray()[:, :3] + draws.normal(size=(200, 3)), axis=1)
    ours = fit_softmax(matrix, np.eye(3, dtype=np.float32)[classes], penalty=0.5, most_steps=500)
    theirs = LogisticRegression(C=2.0, tol=1e-8, max_iter=2000).fit(matrix.toarray(), classes)
    np.testing.assert_allclose(ours.shares(matrix), theirs.predict_proba(matrix.toarray()), atol=2e-3)


def test_shares_of_a_teacher_are_learned() -> None:
    """A student that is shown shares gives the shares back, not the first choice made certain."""
    texts = ("left",) * 50 + ("right",) * 50
    shares = np.array([[0.7, 0.3]] * 50 + [[0.2, 0.8]] * 50, dtype=np.float32)
    lesson = Lesson(texts, ("a",) * 50 + ("b",) * 50, ("a", "b"), shares)
    taught = LinearStudent(penalty=1e-4).teach(lesson, KEY)
    np.testing.assert_allclose(taught.shares(["left", "right"]), [[0.7, 0.3], [0.2, 0.8]], atol=0.01)
    assert taught.answer(["left", "right"]) == ("a", "b")
    assert taught.answer([]) == ()
    assert taught.tokens == 100


def test_a_handful_of_texts_is_learned_from_too() -> None:
    """No word stands in two texts, so every word counts."""
    taught = LinearStudent().teach(Lesson(("red", "blue"), ("warm", "cold")), KEY)
    assert taught.answer(["red", "blue"]) == ("warm", "cold")


def test_lessons_with_and_without_shares_join() -> None:
    """An answer becomes a share of 1."""
    soft = Lesson(("x",), ("a",), ("a", "b"), np.array([[0.6, 0.4]], dtype=np.float32))
    joined = Lesson(("y",), ("c",)).join(soft)
    assert joined.labels == ("a", "b", "c")
    assert joined.shares is not None
    np.testing.assert_allclose(joined.shares, [[0, 0, 1], [0.6, 0.4, 0]], atol=1e-6)
    assert Lesson(("y",), ("c",)).join(Lesson(("z",), ("d",))).shares is None
    assert joined.take(np.array([1])).prompts == ("x",)
    with pytest.raises(KeyError):
        spread_shares(Lesson(("y",), ("c",)), ("a",))


def test_the_majority_says_the_most_frequent() -> None:
    """Of equals the first by name."""
    assert MajorityStudent().teach(Lesson(("1", "2", "3"), ("b", "a", "b")), KEY).answer(["x"] * 2) == ("b", "b")
    assert MajorityStudent().teach(Lesson(("1", "2"), ("b", "a")), KEY).answer(["x"]) == ("a",)
