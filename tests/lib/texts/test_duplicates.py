"""Duplicates: against a plain twin that compares every pair, over any cut into batches, and with groups that do not fit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from sundog.core.keys import Key
from sundog.lib.texts import groups
from sundog.lib.texts.duplicates import DuplicateRules, select_duplicates, sketch_texts
from sundog.lib.texts.normal import lay_out, normalise
from sundog.lib.texts.pieces import MOST_PIECES, PIECE, measure_jaccard, sketch_pieces

KEY = Key.root(5)
Found = list[tuple[int, str, int]]


def make_texts(count: int, words: int = 14, key: Key = KEY) -> list[str]:
    """Texts of random words."""
    draw = key.generator()
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    lexicon = ["".join(letters[draw.integers(0, 26, draw.integers(3, 9))]) for _ in range(2_000)]
    return [" ".join(lexicon[i] for i in draw.integers(0, 2_000, words)) for _ in range(count)]


def pieces_of(text: str) -> set[str]:
    """The plain twin of a sketch."""
    plain = normalise(pa.array([text]))[0].as_py()
    return {plain[i : i + PIECE] for i in range(max(len(plain) - PIECE + 1, min(len(plain), 1)))}


def jaccard(a: str, b: str) -> float:
    x, y = pieces_of(a), pieces_of(b)
    return len(x & y) / len(x | y)


def find(texts: Sequence[str], rules: DuplicateRules, cut: int = 7, start: int = 0) -> Found:
    def sketches() -> Iterator[pa.RecordBatch]:
        for i in range(0, len(texts), cut):
            piece = texts[i : i + cut]
            yield sketch_texts(range(start + i, start + i + len(piece)), pa.array(piece), rules, Letters())

    return list(select_duplicates(sketches(), rules))


class Letters:
    """A real embedder of the simplest kind: how often each letter stands."""

    dimensions = 26
    name = "letters"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        counts = np.array([[t.lower().count(chr(97 + i)) for i in range(26)] for t in texts], np.float32)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


def vary(text: str, words: int) -> str:
    """The text with some of its last words changed."""
    parts = text.split()
    return " ".join([*parts[: len(parts) - words], *(w[::-1] for w in parts[len(parts) - words :])])


def test_exact_duplicates_differ_in_case_signs_and_spaces_alone() -> None:
    texts = ["How are you?", "Fine.", "how  are YOU", "HOW ARE YOU!!!", "how are you two", "fine", ""]
    assert find(texts, DuplicateRules(near=None)) == [(2, "duplicate", 0), (3, "duplicate", 0), (5, "duplicate", 1)]
    assert find(texts, DuplicateRules(exact=False, near=None)) == []


def test_sums_that_differ_in_a_sign_are_different_texts() -> None:
    texts = ["What is 2+3?", "What is 2*3?", "What is 2-3?", "What is -2+3?", "What is 2.3?", "What is 23?"]
    assert find(texts, DuplicateRules(near=None)) == []


def test_near_duplicates_are_those_that_a_comparison_of_all_pairs_finds() -> None:
    base = make_texts(60)
    texts = [
        *base,
        *(vary(t, 1) for t in base[:30]),
        *(vary(t, 3) for t in base[30:50]),
        *(f"{t} indeed" for t in base[50:]),
    ]
    wanted: dict[int, int] = {}
    for j, i in itertools.product(range(len(texts)), range(len(texts))):
        if i < j and jaccard(texts[i], texts[j]) >= 0.8 and j not in wanted:
            wanted[j] = i
    found = find(texts, DuplicateRules(exact=False))
    assert 20 < len(wanted) < 60
    assert {u: by for u, _, by in found} == wanted
    assert {r for _, r, _ in found} == {"near_duplicate"}
    assert [u for u, _, _ in found] == sorted(wanted)


def test_recall_on_planted_pairs_of_jaccard_eight_tenths() -> None:
    base = make_texts(3_000)
    pairs = [(t, v) for t in base if (v := vary(t, 1)) != t and 0.8 <= jaccard(t, v) < 0.9]
    texts = [text for pair in pairs for text in pair]
    found = {(u, by) for u, _, by in find(texts, DuplicateRules(exact=False), cut=500)}
    assert len(pairs) > 400
    assert len(found & {(2 * i + 1, 2 * i) for i in range(len(pairs))}) / len(pairs) > 0.98


def test_any_cut_gives_the_same_and_later_texts_change_nothing_before() -> None:
    base = make_texts(40)
    texts = [t for pair in zip(base, (vary(t, 1) for t in base), base, strict=True) for t in pair]
    whole = find(texts, DuplicateRules(), cut=len(texts))
    assert whole
    assert find(texts, DuplicateRules(), cut=1) == whole
    assert find(texts[:70], DuplicateRules()) == [f for f in whole if f[0] < 70]
    shifted = find(texts, DuplicateRules(), start=1_000)
    assert [(u - 1_000, r, by - 1_000) for u, r, by in shifted] == whole


@pytest.mark.parametrize(
    "rules", [DuplicateRules(), DuplicateRules(semantic=0.95), DuplicateRules(exact=False, near=0.6)]
)
def test_nothing_is_left_in_what_stays(rules: DuplicateRules) -> None:
    base = make_texts(80)
    texts = [*base, *base[:9], *(vary(t, k % 5) for k, t in enumerate(base))]
    gone = {u for u, _, _ in find(texts, rules)}
    stays = [t for i, t in enumerate(texts) if i not in gone]
    assert 9 <= len(gone) < len(texts)
    assert find(stays, rules) == []


def test_what_is_named_stays() -> None:
    text = " ".join(make_texts(1, 60)[0].split())
    chain = [vary(text, k) for k in range(12)]
    found = find(chain, DuplicateRules())
    gone = {u for u, _, _ in found}
    assert len(gone) > 5
    assert all(by not in gone for _, _, by in found)


def test_other_numbers_make_other_texts_where_the_rules_say_so() -> None:
    texts = [
        f"A train leaves at noon and covers {n} miles in three hours; how fast does it go on average?"
        for n in (120, 150, 120)
    ]
    assert find(texts, DuplicateRules(near=0.8)) == [(1, "near_duplicate", 0), (2, "duplicate", 0)]
    assert find(texts, DuplicateRules(near=0.8, numbers=True)) == [(2, "duplicate", 0)]


def test_meaning_is_told_by_the_embedder() -> None:
    texts = ["abba abba", "bbaa, bbaa!", "xyz xyz xyz", "", "!!!"]
    found = find(texts, DuplicateRules(exact=False, near=None, semantic=0.95))
    assert found == [(1, "same_meaning", 0)]
    with pytest.raises(ValueError, match="embedder"):
        sketch_texts([0], pa.array(["a"]), DuplicateRules(semantic=0.9))


def test_texts_in_scripts_without_spaces() -> None:
    texts = [
        "今日はとても良い天気ですから散歩に行きましょう",
        "今日はとても良い天気ですから散歩に行きましょう。",
        "明日は雨が降るかもしれません",
    ]
    assert find(texts, DuplicateRules()) == [(1, "duplicate", 0)]


def test_groups_that_do_not_fit_into_memory_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same verdicts with a hundredth of the room: keys that are dealt into parts, one group that fills several slices."""
    base = make_texts(30)
    texts = [vary(t, k) for t in base for k in (0, 1, 0, 1, 0)] + [f"{base[0]} {w}" for w in make_texts(60, 1)]
    rules = DuplicateRules(near=0.7)
    whole = find(texts, rules)
    monkeypatch.setattr(groups, "_SORTED", 16)
    monkeypatch.setattr(groups, "_AT_ONCE", 8)
    assert find(texts, rules) == whole
    assert len(whole) > 100


def test_no_texts_and_one_text() -> None:
    assert find([], DuplicateRules()) == []
    assert find(["alone"], DuplicateRules()) == []


def test_pieces_of_short_texts_are_exact_and_of_long_ones_near() -> None:
    short, long = make_texts(40, 12), make_texts(8, 900)
    texts = [*short, *(vary(t, 2) for t in short), *long, *(vary(t, 120) for t in long)]
    data, ends = lay_out(normalise(pa.array(texts)))
    held, cuts, _ = sketch_pieces(data, ends, False)
    for i in range(40):
        exact = jaccard(texts[i], texts[i + 40])
        assert measure_jaccard(held, cuts[i], cuts[i + 1], cuts[i + 40], cuts[i + 41]) == pytest.approx(exact)
    assert np.diff(cuts).max() == MOST_PIECES
    for i in range(80, 88):
        estimate = measure_jaccard(held, cuts[i], cuts[i + 1], cuts[i + 8], cuts[i + 9])
        assert estimate == pytest.approx(jaccard(texts[i], texts[i + 8]), abs=0.08)


class Angles:
    """Gives directions: texts ``k a`` and ``k b`` lie at a cosine of .955, others anyhow."""

    dimensions = 128
    name = "angles"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        out = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            number, side = text.split()
            draw = KEY.child(number).generator()
            base, other = draw.standard_normal((2, self.dimensions))
            base /= np.linalg.norm(base)
            other -= (other @ base) * base
            other /= np.linalg.norm(other)
            out[row] = base if side == "a" else 0.955 * base + np.sqrt(1 - 0.955**2) * other
        return out


def test_recall_on_planted_pairs_that_mean_the_same() -> None:
    rules = DuplicateRules(exact=False, near=None, semantic=0.95)
    texts = [f"{k} {side}" for side in "ab" for k in range(600)]
    found = list(select_duplicates(iter([sketch_texts(range(1_200), pa.array(texts), rules, Angles())]), rules))
    assert {r for _, r, _ in found} == {"same_meaning"}
    pairs = {(u, by) for u, _, by in found}
    assert pairs <= {(600 + k, k) for k in range(600)}
    assert len(pairs) / 600 > 0.97
