"""Rare categories, extremes and outlying records: what came through is counted."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sundog.core.keys import Key


def people(rows: int, seed: int, *, rare: bool) -> pa.Table:
    """Three towns that all know, and where asked thirty villages of one person each and one very rich man."""
    draw = Key.root(seed).generator()
    towns = draw.choice(["A", "B", "C"], rows).astype(object)
    wealth = np.round(draw.normal(100, 10, rows), 0)
    height = draw.normal(170, 8, rows)
    if rare:
        towns[:30] = [f"village {i}" for i in range(30)]
        wealth[0] = 1e6
    return pa.table({"town": pa.array(towns, pa.string()), "wealth": wealth, "height": height})


def test_a_copy_keeps_all_and_a_protected_table_nothing(build, run, pick):
    train, holdout = people(2000, 1, rare=True), people(1500, 2, rare=False)
    copied = run("protection", build(train, train, holdout))
    assert pick(copied, "privacy.rare_values").value == 1.0
    assert pick(copied, "privacy.rare_values").baseline == 0.0
    assert pick(copied, "privacy.extremes").value == 1.0
    assert pick(copied, "privacy.outlying_records").value > 0.9
    clean = run("protection", build(people(2000, 3, rare=False), train, holdout))
    assert pick(clean, "privacy.rare_values").value == 0.0
    assert pick(clean, "privacy.extremes").value < 0.5
    outlying = pick(clean, "privacy.outlying_records")
    assert outlying.value < 0.5
    grid = clean.exhibits[0].drawing
    assert ("town", "30", "0", "", "") in grid.rows


def test_fresh_rows_lie_near_outliers_as_often_as_near_those_of_the_holdout(world, evidence, run, pick):
    """On 20 outlying records a side the shares differ by less than .45 unless something leaks (false alarm rate below .1%)."""
    found = pick(run("protection", evidence(world.fresh)), "privacy.outlying_records")
    assert abs(found.value - found.baseline) < 0.45
    assert pick(run("protection", evidence(world.leak())), "privacy.outlying_records").value == 1.0


def test_remarks_of_the_generator_stand_beside_the_counts(build, run):
    from dataclasses import replace

    from sundog.core.notes import Remark

    train = people(2000, 1, rare=True)
    looked_at = replace(build(train, train, None), notes=(Remark("town", "30 values do not appear"),))
    rows = run("protection", looked_at).exhibits[0].drawing.rows
    assert next(r for r in rows if r[0] == "town")[-1] == "30 values do not appear"
