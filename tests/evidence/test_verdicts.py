"""One number means the same in every check."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.findings import Answer, Finding
from sundog.core.keys import Key
from sundog.evidence._frames import limit_rows, read_frames
from sundog.evidence._verdicts import judge_above, judge_below, judge_risk, settle


@pytest.mark.parametrize(
    ("interval", "verdict"), [((0.5, 0.55), "pass"), ((0.5, 0.56), "inconclusive"), ((0.551, 0.6), "fail")]
)
def test_risks(interval, verdict):
    assert judge_risk(interval, 0.55) == verdict


def test_margins_are_judged_by_the_interval():
    assert judge_above((0.11, 0.2), 0.1, 0.02) == "pass"
    assert judge_above((0.13, 0.2), 0.1, 0.02) == "warn"
    assert judge_below((0.8, 0.89), 0.9, 0.02) == "pass"
    assert judge_below((0.8, 0.87), 0.9, 0.02) == "warn"
    assert judge_above((0.9, 1.0), None, 0.02) == judge_below((0.0, 0.1), None, 0.02) == "info"


def test_settled_numbers_do_not_show_the_last_bits():
    def answer(value: float) -> Answer:
        finding = Finding(
            check="a",
            part="p",
            section="cost",
            subject="s",
            unit="u",
            value=value,
            interval=(value, value),
            baseline=None,
        )
        return settle(Answer(findings=(finding,)))

    assert answer(1 / 3) == answer(1 / 3 + 2e-16)
    assert answer(1 / 3).findings[0].value == 0.333333333
    assert answer(1 / 3).findings[0].interval == (0.333333333, 0.333333333)


def test_wide_tables_give_fewer_rows(world, evidence, build):
    assert limit_rows(evidence(world.fresh), 10_000, 45_000) == 3_000
    wide = pa.table({f"c{i}": np.arange(5) for i in range(300)})
    assert limit_rows(build(wide, wide, wide), 10_000, 400_000) == 2_000


def test_notes_say_what_was_left_out(world, evidence, build):
    compared = read_frames(evidence(world.fresh), Key.root(1), {"train": 100, "synthetic": 9_000})
    assert "100 of 3,000 training rows, drawn at random" in compared.note
    assert "synthetic" not in compared.note
    assert set(compared.frames) == {"train", "synthetic"}
    table = world.train.rename_columns(["age_x", *world.train.column_names[1:]])
    assert "'age' (not in the synthetic table)" in read_frames(evidence(table), Key.root(1), {"train": 9}).note
