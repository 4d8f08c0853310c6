"""A person's rows are bounded, by what they hold themselves and nothing else."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sundog.lib.privacy.neighbours import Neighbours, choose_rows

PERSONS = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg")), max_size=60)


def _choose_plainly(persons: list[str | None], bound: int) -> set[tuple[str, int]]:
    """Person and place among the person's own rows, of the rows kept."""
    chosen = choose_rows(pa.array(persons, pa.string()), bound).tolist()
    assert chosen == sorted(set(chosen))
    seen: dict[str, int] = {}
    place = []
    for person in persons:
        place.append(seen.get(person or "", 0))
        seen[person or ""] = place[-1] + 1
    assert all(persons[i] is not None for i in chosen)
    return {(str(persons[i]), place[i]) for i in chosen}


@given(PERSONS, st.integers(1, 5))
@settings(max_examples=40)
def test_each_person_keeps_the_lesser_of_rows_and_bound(persons: list[str | None], bound: int) -> None:
    """Rows without a person are left out."""
    kept = [person for person, _ in _choose_plainly(persons, bound)]
    for person in set(persons) - {None}:
        assert kept.count(str(person)) == min(bound, persons.count(person))


@given(PERSONS, st.integers(1, 4), st.sampled_from("abcdefg"))
@settings(max_examples=60)
def test_one_person_less_changes_nothing_for_the_others(persons: list[str | None], bound: int, gone: str) -> None:
    """The bound on what a person can change rests on this."""
    rest = [p for p in persons if p != gone]
    kept = {(p, i) for p, i in _choose_plainly(persons, bound) if p != gone}
    assert kept == _choose_plainly(rest, bound)


@pytest.mark.parametrize("kind", [pa.int64(), pa.string(), pa.dictionary(pa.int32(), pa.string()), pa.date32()])
def test_persons_of_any_type_and_in_chunks(kind: pa.DataType) -> None:
    """Numbers, text, codes, dates; one chunk or several."""
    numbers = pa.array([1, 2, 1, 1, 3, 1, None, 2], pa.int32())
    persons = numbers.cast(pa.string()).dictionary_encode() if pa.types.is_dictionary(kind) else numbers.cast(kind)
    whole = choose_rows(persons, 2)
    assert len(whole) == 5
    assert (choose_rows(pa.chunked_array([persons[:3], persons[3:]]), 2) == whole).all()


def test_the_choice_leans_neither_to_first_rows_nor_to_last() -> None:
    """Of 10 rows each place is kept by a third of 20,000 persons: chi-square with 9 degrees, false alarm below 1e-6 (and fixed)."""
    persons = np.tile(np.arange(20_000), 10)
    kept = choose_rows(pa.array(persons), 3) // 20_000
    counts = np.bincount(kept, minlength=10)
    assert counts.sum() == 60_000
    assert ((counts - 6_000) ** 2 / 6_000 / 0.7).sum() * 0.9 < 46


def test_the_relation_in_words() -> None:
    """The unit is the same for every bound, so that costs can be added."""
    assert Neighbours().text == Neighbours().unit == "add or remove one row"
    assert Neighbours("id", 3).unit == Neighbours("id", 9).unit == "add or remove all rows of one person (id)"
    assert Neighbours("id", 3).text.endswith("at most 3 of them read")
