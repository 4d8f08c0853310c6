"""Keys: the values that every dataset ever made depends on, and the promise that no cut into ranges changes them."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from sundog.core.keys import Key

PEOPLE = Key.root(0).child("people")
labels = st.text(max_size=8) | st.integers(-5, 2**63)
starts = st.integers(0, 2**63 - 200)


def test_golden_keys() -> None:
    assert Key.root(0) == (3724923914634611150, 6331212233872111918)
    assert PEOPLE == (5038398580164494725, 5045646725103903200)
    assert PEOPLE.child(1) == (13435427324125720671, 11308645412138709922)
    assert PEOPLE.child("1") == (12872627691081372254, 16249414675491540435)


def test_golden_words() -> None:
    assert PEOPLE.words(range(5, 7)).tolist() == [
        [10302080354104359141, 14965655845216319259, 17605787777673060408, 14986350089044830083],
        [9273119479109670119, 13888458121124980535, 8726065749630193906, 5244304827353757534],
    ]
    assert PEOPLE.words(range(2**63 - 2, 2**63 - 1)).tolist() == [
        [7824026630750630524, 4562619868834300624, 9760360924903827137, 4898193957139365575]
    ]
    assert PEOPLE.uniform(range(1)).tolist() == [
        [0.282175616055658, 0.3396743174633936, 0.410571340853108, 0.9634825051735135]
    ]
    assert PEOPLE.seed() == 669934048
    assert PEOPLE.generator().integers(1000, size=4).tolist() == [687, 282, 796, 339]


def philox(counter: int, key: tuple[int, int]) -> list[int]:
    """Philox4x64-10, from the paper (Salmon et al., SC 2011), in plain integers."""
    mask = 2**64 - 1
    x = [counter & mask, counter >> 64, 0, 0]
    k = list(key)
    for _ in range(10):
        a, b = x[0] * 0xD2E7470EE14C6C93, x[2] * 0xCA5A826395121157
        x = [(b >> 64) ^ x[1] ^ k[0], b & mask, (a >> 64) ^ x[3] ^ k[1], a & mask]
        k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
    return x


def test_the_twin_gives_the_authors_known_answer() -> None:
    # kat_vectors of Random123: philox4x64 10, all zero
    expected = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert philox(0, (0, 0)) == expected


@given(starts, labels)
def test_words_are_philox(start: int, label: str | int) -> None:
    key = PEOPLE.child(label)
    assert key.words(range(start, start + 3)).tolist() == [philox(start + i + 1, key) for i in range(3)]


@given(starts, st.integers(0, 60), st.integers(0, 60))
def test_a_cut_changes_nothing(start: int, left: int, right: int) -> None:
    middle, stop = start + left, start + left + right
    whole = PEOPLE.words(range(start, stop))
    parts = [PEOPLE.words(range(start, middle)), PEOPLE.words(range(middle, stop))]
    assert whole.shape == (left + right, 4)
    assert whole.dtype == np.uint64
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_only_consecutive_units() -> None:
    with pytest.raises(ValueError, match="consecutive"):
        PEOPLE.words(range(0, 10, 2))


@given(labels, labels)
def test_labels_name_streams(a: str | int, b: str | int) -> None:
    same = type(a) is type(b) and a == b
    assert (PEOPLE.child(a) == PEOPLE.child(b)) == same
    assert PEOPLE.child(a).child(b) != PEOPLE.child(a)


def test_the_type_of_a_number_names_no_other_stream() -> None:
    assert PEOPLE.child(np.int64(3)) == PEOPLE.child(np.uint8(3)) == PEOPLE.child(3)  # type: ignore[arg-type]
    assert PEOPLE.child(np.str_("a")) == PEOPLE.child("a")
    assert PEOPLE.child("3") != PEOPLE.child(3)
    with pytest.raises(TypeError):
        PEOPLE.child(0.5)  # type: ignore[arg-type]


def test_the_path_is_not_only_its_letters() -> None:
    assert PEOPLE.child("ab").child("c") != PEOPLE.child("a").child("bc")
    assert Key.root(12).child("x") != Key.root(1).child("2x")


def test_draws_look_uniform_and_streams_unrelated() -> None:
    """Fixed key; each of the two bounds is passed by chance less than once in a million keys."""
    u = PEOPLE.uniform(range(50_000))
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.histogram(u, bins=100, range=(0, 1))[0]
    assert ((counts - 2_000) ** 2 / 2_000).sum() < 180  # chi-square, 99 degrees of freedom
    other = PEOPLE.child("other").uniform(range(50_000))
    assert abs(np.corrcoef(u[:, 0], other[:, 0])[0, 1]) < 5 / np.sqrt(50_000)
    assert abs(np.corrcoef(u[:-1, 0], u[1:, 0])[0, 1]) < 5 / np.sqrt(50_000)
