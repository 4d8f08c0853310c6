"""Each attack finds copies, and none finds anything in fresh rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.lib.adversarial.inference import describe_secret, guess_by_trees
from sundog.lib.adversarial.linkability import NEIGHBOURS, link, mix_halves
from sundog.lib.adversarial.membership import Known, score_members
from sundog.lib.adversarial.points import measure_outlying, place_rows
from sundog.lib.stats.align import plan_alignment
from sundog.lib.stats.auc import measure_auc
from sundog.lib.stats.frame import Frame, encode_tables, join_frames
from sundog.lib.stats.strata import list_strata


def people(rows: int, seed: int) -> pa.Table:
    draw = Key.root(seed).generator()
    hidden = draw.normal(size=rows)
    columns = {f"n{i}": np.round(hidden + draw.normal(size=rows), 3) for i in range(4)}
    columns["job"] = draw.choice(["cook", "nurse", "pilot"], rows, p=[0.6, 0.3, 0.1])
    columns["late"] = pa.array(np.where(hidden > 0, "yes", "no"), mask=draw.random(rows) < 0.05)
    columns["day"] = pa.array(draw.integers(0, 1000, rows), pa.int32()).cast(pa.date32())
    return pa.table(columns)


@pytest.fixture(scope="module")
def frames() -> dict[str, Frame]:
    tables = {
        "fresh": people(1200, 1),
        "members": people(600, 2),
        "others": people(600, 3),
        "reference": people(500, 4),
    }
    return encode_tables(plan_alignment(tables["fresh"].schema), tables)


def areas(frames: dict[str, Frame], synthetic: Frame) -> dict[str, float]:
    asked = join_frames(frames["members"], frames["others"])
    scores = score_members(Known(synthetic, frames["reference"]), asked, Key.root(1))
    return {name: measure_auc(s[:600], s[600:]).value for name, s in scores.items()}


DENSE = ("classifier", "marginals", "plagiarism", "density", "density ratio")
"""Attacks that look at more than one row: they see a single copy hardly, many copies of a person well."""


def test_every_membership_attack_finds_copies(frames):
    once = areas(frames, join_frames(frames["members"], frames["fresh"]))
    assert len(once) == 12
    for name, area in once.items():
        assert name in DENSE or area > 0.9, name
    often = frames["members"].take(np.repeat(np.arange(600), 12))
    many = areas(frames, join_frames(often, frames["fresh"]))
    for name in DENSE:
        assert many[name] > 0.55, name


def test_no_membership_attack_finds_anything_in_fresh_rows(frames):
    """Twelve areas of 600 against 600, within 4.5 standard errors of .5 (false alarm rate 1e-4)."""
    for name, area in areas(frames, frames["fresh"]).items():
        assert abs(area - 0.5) < 0.075, name


def test_copies_are_linked_and_strangers_are_not(frames):
    synthetic = join_frames(frames["members"], frames["fresh"])
    rows, members = place_rows(synthetic, synthetic), place_rows(synthetic, frames["members"])
    first, second = (0, 1, 4), (2, 3, 5, 6)
    linked = link(rows, members, first, second)
    assert linked.shape == (len(NEIGHBOURS), 600)
    assert linked[0].all()
    strangers = link(rows, mix_halves(members, second, np.roll(np.arange(600), 300)), first, second)
    assert strangers[0].mean() < 0.1
    others = link(rows, place_rows(synthetic, frames["others"]), first, second)
    assert others[0].mean() < 0.1


def test_guesses_are_judged_by_their_column(frames):
    frame = frames["fresh"]
    by_name = {c.name: describe_secret(c, frame.values[i]) for i, c in enumerate(frame.columns)}
    number = by_name["n0"]
    assert number.hits(np.array([104.0, 106.0, np.nan, 1.0]), np.array([100.0, 100.0, np.nan, np.nan])).tolist() == [True, False, True, False]  # fmt: skip
    day = by_name["day"]
    assert day.slack == pytest.approx(45, abs=5)
    assert day.hits(np.array([40.0, 60.0]), np.array([0.0, 0.0])).tolist() == [True, False]
    job = by_name["job"]
    position = frame.position("job")
    assert frame.columns[position].labels[int(job.common)] == "cook"
    assert job.is_common(frame.values[position]).mean() == pytest.approx(0.6, abs=0.05)


def test_trees_guess_what_follows_from_the_rest(frames):
    frame, others = frames["fresh"], frames["others"]
    position = frame.position("late")
    guess = guess_by_trees(frame, [others], position, Key.root(1))[0]
    known = ~others.missing(position)
    assert (guess == others.values[position])[known].mean() > 0.75
    number = guess_by_trees(frame, [others], 0, Key.root(1))[0]
    assert np.corrcoef(number, others.values[0])[0, 1] > 0.5


def test_a_secret_with_one_value_is_guessed_as_that(frames):
    frame = frames["fresh"]
    constant = Frame(frame.columns, (np.zeros(frame.rows), *frame.values[1:]), frame.rows)
    assert (guess_by_trees(constant, [frames["others"]], 0, Key.root(1))[0] == 0.0).all()


def test_outliers_are_those_far_from_everybody(frames):
    reference = place_rows(frames["fresh"], frames["reference"])
    points = place_rows(frames["fresh"], frames["others"])
    points[7] = -5.0
    assert measure_outlying(reference, points).argmax() == 7


def test_strata_are_values_that_enough_people_have(frames):
    found = list_strata([frames["members"], frames["others"]], 100)
    names = {s.name for s in found}
    assert {"job = cook", "job = nurse", "late = yes", "late = no"} <= names
    assert "job = pilot" not in names
    for stratum in found:
        inside = stratum.holds(frames["members"])
        assert 100 <= inside.sum() < 600
