"""Queries single out what they say, and the control is fair to tables that know nobody."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.lib.adversarial.singling_out import (
    Population,
    count,
    expect_singled,
    make_population,
    write_guesses,
    write_multivariate,
    write_univariate,
)
from sundog.lib.stats.align import plan_alignment
from sundog.lib.stats.frame import Frame, encode_tables


def people(rows: int, seed: int) -> pa.Table:
    draw = Key.root(seed).generator()
    return pa.table(
        {
            "height": np.round(draw.normal(170, 10, rows), 1),
            "weight": pa.array(np.round(draw.normal(70, 12, rows), 1), mask=draw.random(rows) < 0.02),
            "town": draw.choice(["A", "B", "C", "D"], rows),
            "job": draw.choice([f"j{i}" for i in range(30)], rows),
        }
    )


def frames(*tables: pa.Table) -> list[Frame]:
    named = {str(i): t for i, t in enumerate(tables)}
    return list(encode_tables(plan_alignment(tables[0].schema), named).values())


def test_counts_are_those_of_plain_comparison():
    made, real = (make_population(f) for f in frames(people(400, 1), people(3000, 2)))
    numeric = np.array([True, True, False, False])
    queries = write_multivariate(made, numeric, 3, 300, Key.root(3))
    counts = count(queries, real, 5)
    for q in range(len(queries)):
        meets = np.ones(3000, dtype=bool)
        for c in range(queries.starts[q], queries.starts[q + 1]):
            values, bound = real.table[queries.columns[c]], queries.bounds[c]
            meets &= [values == bound, values <= bound, values >= bound, np.isnan(values)][queries.forms[c]]
        assert counts[q] == min(5, meets.sum())


@pytest.mark.parametrize("width", [1, 2, 4])
def test_every_query_is_met_by_the_row_that_it_was_read_off_alone(width):
    frame = frames(people(500, 4))[0]
    made = make_population(frame)
    numeric = np.array([c.numeric for c in frame.columns])
    queries = (
        write_univariate(made, 200, Key.root(1))
        if width == 1
        else write_multivariate(made, numeric, width, 200, Key.root(1))
    )
    assert len(queries) >= 50
    assert (count(queries, made, 3) == 1).all()


@pytest.mark.parametrize("width", [2, 3])
def test_no_query_is_asked_twice_where_few_rows_can_be_told_apart(width):
    """Else a handful of attempts would count as hundreds, and chance would look like a leak."""
    draw = Key.root(6).generator()
    made = make_population(
        frames(pa.table({"day": draw.integers(0, 500, 400), "hour": draw.integers(0, 24, 400), "kind": draw.integers(0, 5, 400)}))[0]
    )  # fmt: skip
    queries = write_multivariate(made, np.array([True, True, True]), width, 1_000, Key.root(1))
    told = [
        (int(queries.origin[q]), *sorted(queries.columns[queries.starts[q] : queries.starts[q + 1]].tolist()))
        for q in range(len(queries))
    ]
    assert 0 < len(told) == len(set(told)) < 400


def test_a_person_with_many_rows_is_one_person():
    values = np.array([[1.0, 1.0, 2.0, 1.0]])
    queries = write_univariate(Population(np.array([[1.0, 5.0, 5.0]]), np.arange(3), 3), 5, Key.root(0))
    same = Population(values, np.array([0, 0, 1, 2]), 3)
    assert set(count(queries, same, 9)[queries.bounds == 1.0]) == {2}


def test_the_control_is_fair_where_the_holdout_is_smaller():
    """Queries from fresh rows: over 40 draws attack and control agree to four standard errors (false alarm rate 1e-4)."""
    gaps = []
    for seed in range(40):
        made, real, fresh = frames(people(800, 10 * seed), people(1600, 10 * seed + 1), people(400, 10 * seed + 2))
        population = make_population(made)
        queries = write_multivariate(population, np.array([True, True, False, False]), 4, 400, Key.root(seed))
        members, others = (count(queries, make_population(f), 8) for f in (real, fresh))
        control = expect_singled(members, others, 1600, 400)
        gaps.append((members == 1).mean() - control.mean())
    assert (np.array(gaps) != 0).any()
    assert abs(np.mean(gaps)) < 4 * np.std(gaps) / np.sqrt(40)


def test_guesses_have_the_form_of_queries():
    made = make_population(frames(people(300, 5))[0])
    guesses = write_guesses(made, np.array([True, True, False, False]), 2, 100, Key.root(1))
    assert len(guesses) == 100
    assert np.diff(guesses.starts).tolist() == [2] * 100
