"""Categories and places as codes; rounding levels."""

from __future__ import annotations

import itertools

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.lib.rows.coders_category import decode_category, encode_category, learn_category, take_values
from sundog.lib.rows.coders_point import decode_point, encode_point, learn_point
from sundog.lib.rows.lattice import decimal_chain, find_lattice, round_to_lattice, time_chain


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def test_categories_follow_frequency_and_do_not_depend_on_row_order() -> None:
    values = ["b"] * 30 + ["a"] * 30 + ["c"] * 50 + ["rare"] * 3 + [None] * 5
    coders = [learn_category(pa.array([values[i] for i in rng(s).permutation(len(values))]), 10, True) for s in (1, 2)]
    for coder in coders:
        assert coder.values.column(0).to_pylist() == ["c", "a", "b"]
        assert coder.size == 5
        assert encode_category(coder, pa.array(["c", "b", "rare", "unseen", None])).tolist() == [0, 2, 3, 3, 4]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=3) | st.none(), min_size=1, max_size=80), st.integers(1, 4))
def test_supported_categories_return(values: list[str | None], support: int) -> None:
    array = pa.array(values, pa.string())
    coder = learn_category(array, support, array.null_count > 0)
    if coder.count == 0:
        return
    codes = encode_category(coder, array)
    index, missing = decode_category(coder, codes, rng(0).random(len(codes)))
    made = take_values(coder, index, missing, pa.string()).to_pylist()
    for real, code, drawn in zip(values, codes, made, strict=True):
        assert drawn == real or (coder.rare > 0 and code == coder.count)
        assert drawn is None or values.count(drawn) >= support


def test_dictionaries_of_any_index_type() -> None:
    kind = pa.dictionary(pa.int8(), pa.string())
    array = pa.array(["x", None, "y", "x"] * 30).dictionary_encode().cast(kind)
    coder = learn_category(array, 10, True)
    codes = encode_category(coder, array)
    made = take_values(coder, *decode_category(coder, codes, np.zeros(len(codes))), kind)
    assert made.type == kind
    assert made.to_pylist() == array.to_pylist()


def test_a_hundred_thousand_categories() -> None:
    values = pa.array(np.repeat(np.arange(100_000), 2)).cast(pa.string())
    coder = learn_category(values, 2, False)
    assert coder.count == 100_000
    codes = encode_category(coder, values)
    assert take_values(coder, *decode_category(coder, codes, np.zeros(len(codes))), pa.string()).equals(values)


def test_places_keep_to_their_streets() -> None:
    """Rows on two lines and one address: what is drawn lies on the lines and at the address."""
    r = rng(3)
    along = r.random(4000)
    street = np.column_stack([50 + along, 10 + along])
    other = np.column_stack([np.full(2000, 50.25), 10.75 + 0.1 * r.random(2000)])
    home = np.tile([50.9, 10.1], (500, 1))
    points = np.concatenate([street, other, home])
    coder = learn_point(points, 10, 256, True)
    codes = encode_point(coder, points, np.zeros(len(points), dtype=bool))
    made, missing = decode_point(coder, codes, r.random((len(codes), 4)))
    assert not missing.any()
    assert (encode_point(coder, made, missing) == codes).all()
    off = np.minimum.reduce(
        [
            np.abs(made[:, 0] - made[:, 1] - 40),
            np.abs(made[:, 0] - 50.25) + np.maximum(0, np.abs(made[:, 1] - 10.8) - 0.1),
            np.abs(made - [50.9, 10.1]).sum(axis=1),
        ]
    )
    assert np.quantile(off, 0.97) < 0.01
    assert abs((np.abs(made - [50.9, 10.1]).sum(axis=1) < 1e-9).sum() - 500) < 25
    assert not set(map(tuple, made)) & (set(map(tuple, points)) - {(50.9, 10.1)})


def test_one_place_abroad_stays_at_home() -> None:
    r = rng(4)
    points = np.concatenate([[48.0, 11.0] + 0.1 * r.normal(size=(600, 2)), [[-33.8688, 151.2093]]])
    coder = learn_point(points, 10, 64, False)
    made, _ = decode_point(coder, encode_point(coder, points, np.zeros(601, dtype=bool)), r.random((601, 4)))
    assert np.abs(made - [48.0, 11.0]).max() < 3
    assert np.abs(made.mean(axis=0) - [48.0, 11.0]).max() < 0.05


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 300), st.integers(1, 5), st.integers(0, 10**6))
def test_any_places(n: int, kinds: int, seed: int) -> None:
    r = rng(seed)
    points = np.column_stack([r.choice(r.uniform(-90, 90, kinds), n), r.choice(r.uniform(-180, 180, kinds), n)])
    coder = learn_point(points, 10, 64, False)
    every = np.repeat(np.unique(encode_point(coder, points, np.zeros(n, dtype=bool))), 10)
    made, _ = decode_point(coder, every, r.random((len(every), 4)))
    assert np.isfinite(made).all()
    assert (encode_point(coder, made, np.zeros(len(made), dtype=bool)) == every).all()


def test_chains_divide() -> None:
    for chain in (decimal_chain(2, 10**6), time_chain(10**6), time_chain(1)):
        assert chain[0] == 1
        assert all(b % a == 0 and b > a for a, b in itertools.pairwise(chain))


@pytest.mark.parametrize("chain", [decimal_chain(0, 10**4), time_chain(1)])
def test_rounding_levels_come_back(chain: tuple[int, ...]) -> None:
    r = rng(7)
    values = r.integers(0, 80_000, 20_000)
    values = np.where(r.random(20_000) < 0.4, values // chain[3] * chain[3], values)
    lattice = find_lattice(values, np.zeros(20_000, dtype=np.int64), 1, chain)
    assert lattice is not None
    even = r.integers(0, 80_000, 20_000)
    made = round_to_lattice(lattice, even, r.random(20_000), np.zeros(20_000, dtype=np.int32), r.random(20_000))
    for step in chain[1:5]:
        assert abs((made % step == 0).mean() - (values % step == 0).mean()) < 0.02
    assert np.abs(made - even).max() <= max(lattice.steps)


def test_no_lattice_where_there_is_none() -> None:
    values = rng(8).integers(0, 10**6, 20_000)
    assert find_lattice(values, np.zeros(20_000, dtype=np.int64), 1, decimal_chain(0, 10**6)) is None
