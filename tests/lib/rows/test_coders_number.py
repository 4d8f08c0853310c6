"""Numbers as codes: what a code means, what comes out of it, and what never does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sundog.lib.rows.coders_number import decode_number, encode_number, narrow, number_centres, pin
from sundog.lib.rows.coders_number_learn import NumberLimits, learn_number
from sundog.lib.rows.lattice import decimal_chain

RNG = np.random.Generator(np.random.PCG64(5))


def learn(values: NDArray[np.int64] | NDArray[np.float64], bins: int = 64, support: int = 10, **more: object):
    chain = decimal_chain(0, 10**9) if values.dtype.kind == "i" else ()
    return learn_number(values, NumberLimits(bins, support, support, chain=chain, **more), False)  # type: ignore[arg-type]


def draw(coder, codes):
    return decode_number(coder, codes, RNG.random((len(codes), 4)))[0]


def encode(coder, values):
    return encode_number(coder, values, np.zeros(len(values), dtype=bool))


def ks(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    grid = np.unique(np.concatenate([a, b]))
    return float(
        np.abs(
            np.searchsorted(np.sort(a), grid, "right") / len(a) - np.searchsorted(np.sort(b), grid, "right") / len(b)
        ).max()
    )


SHAPES = {
    "uniform": lambda: RNG.integers(-500, 500, 5000),
    "heavy": lambda: np.exp(RNG.normal(8, 2, 5000)).astype(np.int64),
    "zeros": lambda: np.where(RNG.random(5000) < 0.9, 0, RNG.integers(100, 9000, 5000)),
    "counts": lambda: RNG.poisson(2, 5000),
    "huge": lambda: RNG.integers(-(2**62), 2**62, 5000),
    "ends": lambda: RNG.choice(np.array([-(2**63), 2**63 - 1, 0]), 5000),
    "normal": lambda: RNG.normal(size=5000),
    "two lumps": lambda: np.concatenate([RNG.normal(size=2500), RNG.normal(1e9, 1, 2500)]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_codes_return_and_shares_hold(shape: str) -> None:
    values = SHAPES[shape]()
    coder = learn(values)
    codes = encode(coder, values)
    made = draw(coder, codes)
    assert coder.size <= 64
    assert made.dtype == values.dtype
    assert (encode(coder, made) == codes).all()
    assert ks(values.astype(float), made.astype(float)) < 0.02
    assert made.min() >= values.min()
    assert made.max() <= values.max()
    assert len(number_centres(coder)) == coder.size


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50) | st.integers(-(2**62), 2**62), min_size=10, max_size=120), st.integers(2, 20))
def test_any_integers(values: list[int], bins: int) -> None:
    rows = np.array(values, dtype=np.int64)
    coder = learn(rows, bins)
    assert 1 <= coder.size <= bins
    every = np.repeat(np.arange(coder.size, dtype=np.int32), 20)
    made = draw(coder, every)
    assert (encode(coder, made) == every).all()
    assert rows.min() <= made.min()
    assert made.max() <= rows.max()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300, allow_nan=False), min_size=10, max_size=120), st.integers(2, 20))
def test_any_floats(values: list[float], bins: int) -> None:
    coder = learn(np.array(values), bins)
    every = np.repeat(np.arange(coder.size, dtype=np.int32), 20)
    made = draw(coder, every)
    assert np.isfinite(made).all()
    assert (encode(coder, made) == every).all()


def test_every_number_in_a_coder_stands_on_several_rows() -> None:
    """Changing one row moves each stored number by a small part of the row's change, unless ten rows share the value."""
    values = np.sort(RNG.normal(size=400))
    moved = values.copy()
    moved[-1] += 1000.0
    before, after = learn(values), learn(moved)
    assert after.most[-1] < moved[-1] / 5
    assert np.abs(after.edges - before.edges).max() < 1e-9  # nothing else knows of the extreme row


def test_ends_are_averages_unless_enough_rows_share_them() -> None:
    values = np.concatenate([np.arange(1000), [10**6]])
    assert learn(values).most[-1] < 200_000
    shared = np.concatenate([np.arange(1000), np.full(10, 10**6)])
    assert learn(shared).most[-1] == 10**6


@pytest.mark.parametrize("sign", [1, -1])
def test_one_far_row_does_not_stand_in_the_end_alone(sign: int) -> None:
    """From an average that one row makes, whoever knows the others could work that row out."""
    near = np.linspace(1000, 5000, 1200).astype(np.int64)
    ends = []
    for far in (50_000, 999_999):
        coder = learn(np.sort(sign * np.append(near, far)))
        ends.append(abs((coder.most[-1] if sign > 0 else coder.least[0]).item()))
    assert ends[0] == ends[1] < 5100


def test_public_ends_are_kept() -> None:
    coder = learn(RNG.integers(10, 90, 3000), minimum=0.0, maximum=100.0)
    made = draw(coder, encode(coder, RNG.integers(10, 90, 3000)))
    assert made.min() >= 0
    assert made.max() <= 100


def test_spikes_are_exact() -> None:
    values = np.where(RNG.random(5000) < 0.5, 40, RNG.integers(0, 10**6, 5000))
    coder = learn(values)
    made = draw(coder, encode(coder, values))
    assert (made == 40).sum() == (values == 40).sum()


def test_round_numbers_keep_their_share() -> None:
    values = np.exp(RNG.normal(8, 1, 20_000)).astype(np.int64)
    kind = RNG.random(20_000)
    values = np.where(kind < 0.3, values // 100 * 100, np.where(kind < 0.5, values // 10 * 10, values))
    coder = learn(values)
    made = draw(coder, encode(coder, values))
    for step in (5, 10, 50, 100, 1000):
        assert abs((made % step == 0).mean() - (values % step == 0).mean()) < 0.02


def test_grid_is_kept() -> None:
    values = RNG.integers(0, 10**6, 3000) * 25 + 7
    coder = learn(values)
    assert coder.step == 25
    assert ((draw(coder, encode(coder, values)) - 7) % 25 == 0).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(-20, 1100), st.integers(0, 300))
def test_narrow_keeps_to_the_range(low: int, width: int) -> None:
    values = np.concatenate([np.arange(0, 1000, 3), np.full(50, 500), np.arange(2000, 2050)])
    coder = learn(values, 16)
    narrowed, ok = narrow(coder, low, low + width)
    if not ok.any():
        assert low > coder.most[-1] or low + width < coder.least[0]
        return
    codes = np.repeat(np.flatnonzero(ok).astype(np.int32), 50)
    made = draw(narrowed, codes)
    assert made.min() >= low
    assert made.max() <= low + width
    assert (encode(coder, made) == codes).all()


def test_pin_gives_only_these_values() -> None:
    coder = learn(RNG.integers(0, 1000, 3000), 16)
    pinned, ok = pin(coder, [3, 500, 501, 99.5])
    codes = np.repeat(np.flatnonzero(ok).astype(np.int32), 200)
    assert set(draw(pinned, codes).tolist()) == {3, 500, 501, 99}


def test_infinities_and_missing_have_codes() -> None:
    coder = learn_number(RNG.normal(size=100), NumberLimits(8, 10, 10), True, (-1, 1))
    values, missing, infinite = (
        np.zeros(4),
        np.array([False, False, False, True]),
        np.array([0, -1, 1, 0], dtype=np.int8),
    )
    codes = encode_number(coder, values, missing, infinite)
    assert coder.size <= 8
    assert codes[1:].tolist() == [coder.size - 3, coder.size - 2, coder.size - 1]
    _, gone, signs = decode_number(coder, codes, np.full((4, 4), 0.5))
    assert gone.tolist() == missing.tolist()
    assert signs is not None
    assert signs.tolist() == infinite.tolist()
