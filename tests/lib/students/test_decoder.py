"""The decoder, for real but tiny: it learns, repeats, stops at its budget, and writes the same with and without its cache."""

from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import MissingExtra
from sundog.core.keys import Key
from sundog.lib.students.decoder import Budget, DecoderStudent, TaughtDecoder, draw_batches
from sundog.lib.students.network import Network, Shape
from sundog.lib.students.pieces import ASK, END, FIRST, learn_pieces
from sundog.lib.students.protocol import Lesson
from sundog.lib.students.torch_needed import need_torch
from sundog.lib.students.writing import write_answers

KEY = Key.root(4)
TINY = DecoderStudent(
    Budget(12_000, 0), width=32, layers=1, heads=2, pieces=FIRST, longest=48, most_answer=8, batch=16, rate=1e-2
)
COLOURS = Lesson(("sky?", "grass?", "snow?", "coal?") * 8, ("blue", "green", "white", "black") * 8)


@pytest.fixture(scope="module")
def taught() -> TaughtDecoder:
    """Knows four colours."""
    return TINY.teach(COLOURS, KEY)


@settings(max_examples=30)
@given(st.text())
def test_pieces_lose_nothing(text: str) -> None:
    """Every text that is UTF-8 comes back."""
    clean = text.encode("utf-8", "replace").decode()
    pieces = learn_pieces([clean, "the theatre there"], 300)
    assert pieces.decode(pieces.encode(clean)) == clean


def test_frequent_words_become_one_piece_and_digits_none() -> None:
    """So that sums are read digit by digit."""
    pieces = learn_pieces(["carry 1111 and carry 1111"] * 5, 400)
    assert len(pieces.encode(" carry")) == 1
    assert len(pieces.encode("1111")) == 4
    assert learn_pieces(["carry"], FIRST).merges == ()
    assert pieces.decode([ASK, END]) == ""


def test_what_is_taught_is_known(taught: TaughtDecoder) -> None:
    """Four answers by heart."""
    assert taught.answer(["coal?", "sky?", "grass?", "snow?"]) == ("black", "blue", "green", "white")
    assert taught.losses[-1][1] < 0.1 < taught.losses[0][1]
    assert taught.answer([]) == ()


def test_the_same_lesson_and_key_give_the_same_weights(taught: TaughtDecoder) -> None:
    """To the last bit, on one machine; another key gives others."""
    again = TINY.teach(COLOURS, KEY)
    assert all(torch.equal(a, b) for a, b in zip(taught.network.parameters(), again.network.parameters(), strict=True))
    other = TINY.teach(COLOURS, KEY.child("other"))
    assert not torch.equal(taught.network.embed.weight, other.network.embed.weight)


def test_a_budget_of_tokens_is_kept(taught: TaughtDecoder) -> None:
    """It stops with the step that reaches it."""
    longest = 16 * 12
    assert 12_000 <= taught.tokens < 12_000 + longest
    with pytest.raises(ValueError, match="limit"):
        DecoderStudent(Budget(0, 0)).teach(COLOURS, KEY)


def test_a_budget_of_seconds_ends_it() -> None:
    """Long before a million tokens."""
    student = DecoderStudent(Budget(10**9, 0.2), width=32, layers=1, heads=2, pieces=FIRST, longest=48, most_answer=8)
    assert student.teach(COLOURS, KEY).tokens < 10**7


def test_the_cache_changes_nothing() -> None:
    """Tokens of prompts of many lengths, written at once, are those that the whole text read anew gives, one by one."""
    network = Network(Shape(FIRST, 32, 2, 2), 5).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.mul_(3)  # far from even, so that the likeliest token depends on what was read
    draws = KEY.generator()
    prompts = [draws.integers(0, 256, n).tolist() for n in (1, 9, 4, 4, 17)]

    def write_slowly(prompt: list[int]) -> list[int]:
        read = [*prompt, ASK]
        for _ in range(6):
            with torch.no_grad():
                stream = network(torch.tensor([read]), torch.arange(len(read))[None])
                token = int(network.score(stream[0, -1]).argmax())
            if token == END:
                break
            read.append(token)
        return read[len(prompt) + 1 :]

    written = write_answers(network, prompts, 6, batch=3)
    assert written == [write_slowly(p) for p in prompts]
    assert len({tuple(w) for w in written}) > 2


def test_drawn_answers_depend_on_key_and_place(taught: TaughtDecoder) -> None:
    """Whatever stands beside a prompt; a temperature near 0 writes the likeliest."""
    asked = ["sky?", "grass?", "snow?", "coal?"] * 3
    hot = taught.write(asked, temperature=3.0, key=KEY)
    assert hot == taught.write(asked, temperature=3.0, key=KEY, batch=2)
    assert hot != taught.write(asked, temperature=3.0, key=KEY.child("other"))
    assert taught.write(asked, temperature=0.01, key=KEY) == taught.answer(asked)


def test_each_round_shows_each_example_once() -> None:
    """In batches of examples of like length, in another order each round."""
    lengths = KEY.generator().integers(1, 99, 100).tolist()
    batches = draw_batches(lengths, 8, KEY)
    rounds = [[next(batches) for _ in range(13)] for _ in range(2)]
    assert [sorted(i for b in r for i in b) for r in rounds] == [list(range(100))] * 2
    assert rounds[0] != rounds[1]


def test_positions_may_be_stretched() -> None:
    """The positions of a longer text are trained too."""
    stretched = DecoderStudent(
        Budget(12_000, 0),
        width=32,
        layers=1,
        heads=2,
        pieces=FIRST,
        longest=48,
        most_answer=8,
        batch=16,
        rate=1e-2,
        stretch=2.0,
    ).teach(COLOURS, KEY)
    assert stretched.answer(["coal?", "sky?"]) == ("black", "blue")


def test_long_prompts_and_answers_are_cut() -> None:
    """The beginning of the prompt is read."""
    student = DecoderStudent(
        Budget(200, 0), width=32, layers=1, heads=2, pieces=FIRST, longest=20, most_answer=8, batch=4
    )
    taught = student.teach(Lesson(("word " * 50, "y"), ("long answer here", "n")), KEY)
    assert all(len(a.encode()) <= 8 * 3 for a in taught.answer(["word " * 50, "y"]))


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """SD-DISTILL-001: an environment without it."""
    found = importlib.util.find_spec

    def find_none(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "torch" else found(name, package)

    monkeypatch.setattr("sundog.lib.students.torch_needed.find_spec", find_none)
    with pytest.raises(MissingExtra, match="SD-DISTILL-001") as caught:
        need_torch("--student decoder")
    assert ".[distill]" in str(caught.value)


def test_size_of_the_usual_decoder() -> None:
    """Between one and ten million numbers."""
    student = DecoderStudent()
    network = Network(Shape(student.pieces, student.width, student.layers, student.heads), 1)
    assert 1_000_000 <= network.count() <= 10_000_000
    assert np.isfinite([p.detach().sum().item() for p in network.parameters()]).all()
    assert all(p.requires_grad for p in network.parameters())
