"""Strings from parts, against Python's own formatting."""

from __future__ import annotations

import re
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.lib.kernels.draws import draw_unit_words
from sundog.lib.words.strings import (
    Date,
    Hex,
    Literal,
    Lookup,
    Masked,
    Number,
    Template,
    Text,
    matrix_strings,
    write_strings,
)
from sundog.lib.words.texts import compile_text

_ENTRIES = st.lists(st.text(max_size=40).filter(lambda s: s.isprintable()), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(_ENTRIES, st.text(max_size=40), st.lists(st.integers(-(2**63), 2**63 - 1), max_size=30), st.integers(0, 20))
def test_parts_follow_each_other(entries: list[str], literal: str, numbers: list[int], width: int) -> None:
    n = len(numbers)
    index = np.arange(n) % len(entries)
    literal = literal.encode("utf-8", "replace").decode()
    template = Template(
        (Lookup("i", pa.array(entries)), Literal(literal), Number("x", width), Lookup("i", pa.array(entries)))
    )
    made = write_strings(template, {"i": index, "x": np.array(numbers, np.int64)}, n)
    made.validate(full=True)
    sign = [("-" if x < 0 else "") + f"{abs(x):0{width}d}" for x in numbers]
    assert made.to_pylist() == [entries[i] + literal + s + entries[i] for i, s in zip(index, sign, strict=True)]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=30), st.integers(1, 6))
def test_decimals(numbers: list[int], places: int) -> None:
    made = write_strings(Template((Number("x", 0, places),)), {"x": np.array(numbers)}, len(numbers))
    expected = [f"{'-' if x < 0 else ''}{abs(x) // 10**places}.{abs(x) % 10**places:0{places}d}" for x in numbers]
    assert made.to_pylist() == expected


def test_dates_and_hexadecimal_digits() -> None:
    days = np.concatenate([np.arange(-719162, 2932896, 997), [-719162, -1, 0, 59, 11016, 2932896]])
    made = write_strings(Template((Date("d"),)), {"d": days}, len(days)).to_pylist()
    assert made == [(date(1970, 1, 1) + timedelta(int(d))).isoformat() for d in days]
    values = draw_unit_words(Key.root(1), range(50))
    template = Template((Hex("v", 16), Literal(" "), Hex("v", 4, 8, upper=True)))
    made = write_strings(template, {"v": values}, 50).to_pylist()
    assert made == [f"{int(v):016x} {int(v) >> 8 & 0xFFFF:04X}" for v in values]


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 100])
def test_entries_of_every_length_stand_beside_each_other(length: int) -> None:
    """Copies in pieces of 16, 8 and 4 bytes touch nothing beyond the entry."""
    entries = pa.array(["".join(chr(97 + (k + j) % 26) for k in range(length)) for j in range(5)])
    index = np.arange(40) % 5
    made = write_strings(Template((Literal("<"), Lookup("i", entries), Literal(">"))), {"i": index}, 40)
    assert made.to_pylist() == [f"<{entries[int(i)].as_py()}>" for i in index]


def test_blocks_meet() -> None:
    n = 20_000
    index = np.arange(n) % 7
    entries = pa.array([str(k) * k for k in range(7)])
    made = write_strings(
        Template((Lookup("i", entries), Literal("-"), Number("n"))), {"i": index, "n": np.arange(n)}, n
    )
    assert made.to_pylist() == [f"{str(i) * i}-{k}" for k, i in enumerate(index.tolist())]


def test_nulls() -> None:
    text = pa.array(["a", None, "ccc", "dd"])
    valid = np.array([True, True, True, False])
    made = write_strings(Template((Literal("x"), Text("t"))), {"t": text}, 4, valid)
    assert made.to_pylist() == ["xa", None, "xccc", None]
    assert made.null_count == 2
    assert write_strings(Template((Text("t"),)), {"t": text.slice(2)}, 2).to_pylist() == ["ccc", "dd"]
    wide = text.cast(pa.large_string())
    assert write_strings(Template((Text("t"),)), {"t": wide}, 4).to_pylist() == text.to_pylist()
    assert write_strings(Template((Number("n"),)), {"n": np.arange(0)}, 0).to_pylist() == []


@pytest.mark.parametrize("index", [[0, 1, 2], [-1, 0, 0]])
def test_an_index_outside_of_its_list_is_told(index: list[int]) -> None:
    with pytest.raises(IndexError, match="i: an index lies outside of the list of 2"):
        write_strings(Template((Lookup("i", pa.array(["a", "b"])),)), {"i": np.array(index)}, 3)


def test_other_things_than_strings_and_indices_are_told() -> None:
    with pytest.raises(TypeError, match="strings are wanted"):
        write_strings(Template((Lookup("i", pa.array([1])),)), {"i": np.zeros(1)}, 1)
    with pytest.raises(TypeError, match="no nulls"):
        write_strings(Template((Number("i"),)), {"i": pa.array([1, None])}, 2)
    with pytest.raises(TypeError, match="Arrow strings are wanted"):
        write_strings(Template((Text("i"),)), {"i": np.zeros(1)}, 1)


def test_masks_fill_their_places() -> None:
    masks = pa.array([r"(\A#) %a*", "[xyz]", r"pl\ain"])
    words = draw_unit_words(Key.root(2), range(30_000))
    index = np.arange(30_000) % 3
    made = pa.array(write_strings(Template((Masked("m", "w", masks),)), {"m": index, "w": words}, 30_000)).to_pylist()
    shapes = [r"\(A\d\) [1-9][a-z][A-Z0-9]", "[xyz]", "plain"]
    assert all(re.fullmatch(shapes[k % 3], value) for k, value in enumerate(made))
    counts = [made[1::3].count(c) for c in "xyz"]
    # Chi-square with 2 degrees of freedom: 27.6 is exceeded with probability 1e-6.
    assert sum((c - 10_000 / 3) ** 2 / (10_000 / 3) for c in counts) < 27.6


def test_equal_lengths_share_a_matrix() -> None:
    letters = np.frombuffer(b"abcdef", np.uint8).reshape(2, 3).copy()
    assert matrix_strings(letters).to_pylist() == ["abc", "def"]


def test_text_templates() -> None:
    parts = {"name": Lookup("i", pa.array(["Ann", "Bo"])), "n": Number("n")}
    template = compile_text("Dear {name}, {{no}} {n}!", parts)
    assert template.fields() == ("i", "n")
    made = write_strings(template, {"i": np.array([0, 1]), "n": np.array([5, 6])}, 2)
    assert made.to_pylist() == ["Dear Ann, {no} 5!", "Dear Bo, {no} 6!"]
    assert write_strings(compile_text("", parts), {}, 2).to_pylist() == ["", ""]


def test_faults_of_a_text_template_are_told_at_once() -> None:
    with pytest.raises(RequestError) as caught:
        compile_text("{nam} {x} {n", {"name": Number("n"), "n": Number("n")}, "parts.a.columns.t")
    problems = caught.value.problems
    assert [p.code for p in problems] == ["SD-WORDS-006", "SD-WORDS-006", "SD-WORDS-005"]
    assert problems[0].where == "parts.a.columns.t"
    assert "Did you mean 'name'?" in problems[0].fix
    with pytest.raises(RequestError, match="SD-WORDS-005"):
        compile_text("a } b", {})
