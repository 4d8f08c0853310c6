"""Units told by those that are gone, against plain lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sundog.run.accepted import accept_all_but, read_accepted

ATTEMPTS = st.integers(0, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.integers(0, max(n - 1, 0)), max_size=n if n else 0))
)


@given(made=ATTEMPTS, start=st.integers(0, 45), length=st.integers(0, 45))
def test_as_a_plain_list(made: tuple[int, list[int]], start: int, length: int) -> None:
    below, gone = made
    accepted = accept_all_but(below, np.array(gone, np.uint64))
    plain = [u for u in range(below) if u not in set(gone)]
    assert len(accepted) == len(plain)
    assert accepted.number_at(np.arange(len(plain))).tolist() == plain
    assert accepted.rank_of(np.array(plain, np.uint64)).tolist() == list(range(len(plain)))
    assert accepted.between(start, start + length).tolist() == [u for u in plain if start <= u < start + length]
    again = read_accepted(accepted.to_text())
    assert (again.below, again.gone.tolist()) == (accepted.below, accepted.gone.tolist())


@given(made=ATTEMPTS, share=st.floats(0, 1))
def test_what_is_kept_ends_at_the_last_wanted(made: tuple[int, list[int]], share: float) -> None:
    below, gone = made
    plain = [u for u in range(below) if u not in set(gone)]
    wanted = round(share * len(plain))
    kept = accept_all_but(below, np.array(gone, np.uint64)).keep_first(wanted)
    assert kept.number_at(np.arange(len(kept))).tolist() == plain[:wanted]
    assert kept.below == (plain[wanted - 1] + 1 if wanted else 0)


def test_a_thousand_million_units_weigh_nothing() -> None:
    accepted = accept_all_but(10**9, np.array([5, 3, 5, 10**9 - 1], np.uint64))
    assert len(accepted) == 10**9 - 3
    assert accepted.number_at(np.array([10**9 - 4])).tolist() == [10**9 - 2]
    assert len(accepted.to_text()) < 200
