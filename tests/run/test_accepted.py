"""Units told by those that are gone, against plain lists."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sundog.run.accepted import accept_units, accepted_from_json, accepted_to_json

ATTEMPTS = st.integers(0, 40).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.integers(0, max(n - 1, 0)), max_size=n if n else 0))
)


@given(made=ATTEMPTS, start=st.integers(0, 45), length=st.integers(0, 45))
def test_as_a_plain_list(made: tuple[int, list[int]], start: int, length: int) -> None:
    attempted, gone = made
    accepted = accept_units(attempted, gone)
    plain = [u for u in range(attempted) if u not in set(gone)]
    span = range(start, start + length)
    assert len(accepted) == len(plain)
    assert accepted.list_units(span).tolist() == plain[span.start : span.stop]
    assert accepted.list_inside(span).tolist() == [u for u in plain if u in span]
    assert accepted.find_places(np.array(plain, np.uint64)).tolist() == list(range(len(plain)))
    again = accepted_from_json(json.loads(json.dumps(accepted_to_json(accepted))))
    assert (again.attempted, again.gone.tolist()) == (accepted.attempted, accepted.gone.tolist())


@given(made=ATTEMPTS, wanted=st.integers(0, 40))
def test_cut_ends_at_the_last_wanted(made: tuple[int, list[int]], wanted: int) -> None:
    attempted, gone = made
    plain = [u for u in range(attempted) if u not in set(gone)]
    if wanted > len(plain):
        return
    cut = accept_units(attempted, gone).cut(wanted)
    assert cut.list_units(range(wanted)).tolist() == plain[:wanted]
    assert len(cut) == wanted
    assert cut.attempted == (plain[wanted - 1] + 1 if wanted else 0)


def test_a_thousand_million_units_weigh_nothing() -> None:
    accepted = accept_units(10**9, [5, 3, 5, 10**9 - 1])
    assert len(accepted) == 10**9 - 3
    assert accepted.list_units(range(10**9 - 4, 10**9)).tolist() == [10**9 - 2]
    assert len(json.dumps(accepted_to_json(accepted))) < 200
