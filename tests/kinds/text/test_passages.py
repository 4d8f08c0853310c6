"""Documents are cut without losing anything, and quotes are found where they stand."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sundog.core.keys import Key
from sundog.kinds.text._passages import Span, cut_passages, find_quote, find_sentences, list_pieces

TEXT = st.text(alphabet=st.sampled_from("ab c.\n!? xyz é。"), max_size=400)


@given(TEXT, st.integers(3, 90))
def test_passages_are_the_document_but_for_spaces(text: str, most: int) -> None:
    spans = cut_passages(text, most)
    assert all(0 < s.end - s.start <= most for s in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    assert "".join("".join(s.of(text).split()) for s in spans) == "".join(text.split())
    assert all(s.of(text) == s.of(text).strip() for s in spans)


def test_passages_end_where_sentences_do() -> None:
    text = "One is here. Two is there. Three is gone. Four came."
    assert [s.of(text) for s in cut_passages(text, 30)] == ["One is here. Two is there.", "Three is gone. Four came."]


def test_a_document_of_a_hundred_thousand_words_is_cut_whole() -> None:
    key = Key.root(1)
    words = ["river", "stone", "lantern", "of", "the", "moss.", "bridge", "keeper"]
    text = " ".join(words[key.child(i % 997).lo % 8] for i in range(100_000))
    spans = cut_passages(text, 2000)
    assert len(spans) > 250
    assert sum(len(s.of(text).split()) for s in spans) == 100_000


@given(TEXT)
def test_sentences_stand_where_they_say(text: str) -> None:
    for span in find_sentences(text, 1):
        assert span.of(text).strip() == span.of(text) != ""


def test_sentences_keep_decimals() -> None:
    text = "It weighs 3.5 kg in all. Nobody knows why it does."
    assert [s.of(text) for s in find_sentences(text)] == ["It weighs 3.5 kg in all.", "Nobody knows why it does."]


def test_pieces_are_runs_of_whole_words() -> None:
    text = "Anna, the baker of Kent, sold 30 loaves."
    pieces = [p.of(text) for p in list_pieces(text, Span(0, len(text)), 3)]
    assert {"Anna", "30 loaves", "Kent", "the baker"} <= set(pieces)
    assert "the" not in pieces
    assert not any(p.endswith((" of", ",", ".")) for p in pieces)
    assert len(list_pieces(" ".join(f"w{i}" for i in range(900)), Span(0, 3000), 8, 200)) == 200


def test_a_quote_is_found_as_whole_words() -> None:
    text = "The lighthouse\n of Brest was light."
    assert find_quote(text, "lighthouse of brest") == Span(4, 24)
    assert find_quote(text, "light") == Span(29, 34), "not within another word"
    assert find_quote(text, "dark") is None
    assert find_quote(text, "") is None
    assert find_quote(text, "Brest", Span(0, 10)) is None
