"""Training on synthetic rows: fresh records teach as much as real ones, shuffled ones teach nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import r2_score, roc_auc_score

from sundog.core.keys import Key
from sundog.evidence.utility._task import DRAWS, Task, draw_weights, score_models
from sundog.evidence.utility.recipe import UtilityCheck

TARGETS = ["income", "age", pytest.param("relationship", marks=pytest.mark.slow)]
"""Two classes, a number, six classes."""


@pytest.mark.parametrize("target", TARGETS)
def test_fresh_records_teach_as_much(world, evidence, run, pick, target):
    found = pick(run("utility", evidence(world.fresh, target=target)), "utility.tstr")
    assert found.verdict == "pass"
    assert found.value == pytest.approx(1.0, abs=0.06)
    assert found.interval[0] < found.value < found.interval[1]


@pytest.mark.parametrize("target", TARGETS)
def test_a_shuffle_teaches_nothing(world, evidence, run, pick, target):
    answer = run("utility", evidence(world.shuffled(), target=target))
    assert pick(answer, "utility.tstr").verdict == "warn"
    for finding in answer.findings[1:]:
        assert finding.value < finding.baseline - 0.1


def test_a_leak_teaches_exactly_as_much(world, evidence, run, pick):
    assert pick(run("utility", evidence(world.leak(), target="income")), "utility.tstr").value == 1.0


def test_full_evidence_adds_the_synthetic_rows(world, evidence, run, pick):
    answer = run("utility", evidence(world.fresh, target="income", level="full"))
    found = pick(answer, "utility.augment", "boosted trees")
    assert found.value > found.baseline - 0.01
    assert len(answer.exhibits[0].drawing.series) == 3


def test_no_target_says_how_to_name_one(world, evidence, run):
    finding = run("utility", evidence(world.fresh)).findings[0]
    assert finding.verdict == "skipped"
    assert "--target" in finding.why


def test_the_check_may_name_the_target(world, evidence):
    from sundog.evidence.utility.check import Utility

    answer = Utility().run(UtilityCheck(target="income"), evidence(world.fresh), Key.root(1))
    assert answer.findings[0].value is not None


def test_useless_targets_are_said_to_be(world, evidence, run, pick):
    draw = Key.root(9).generator()
    sides = [
        t.append_column("coin", pa.array(draw.integers(0, 2, t.num_rows)))
        for t in (world.fresh, world.train, world.holdout)
    ]
    found = pick(run("utility", evidence(sides[0], train=sides[1], holdout=sides[2], target="coin")), "utility.tstr")
    assert found.verdict == "info"
    assert "hardly predict" in found.why


def test_scores_are_those_of_scikit_learn():
    draw = Key.root(1).generator()
    truth = draw.integers(0, 3, 400).astype(float)
    scores = draw.random((400, 3)) + np.eye(3)[truth.astype(int)] * 0.5
    shares = scores / scores.sum(axis=1, keepdims=True)
    ones = np.ones((1, 400))
    several = Task("t", ("a", "b", "c"), {}, {}, "")
    assert score_models(several, truth, shares, ones)[0] == pytest.approx(
        roc_auc_score(truth, shares, multi_class="ovr")
    )
    two = Task("t", ("a", "b"), {}, {}, "")
    assert score_models(two, truth.clip(0, 1), scores[:, 1], ones)[0] == pytest.approx(
        roc_auc_score(truth.clip(0, 1), scores[:, 1])
    )
    number = Task("t", (), {}, {}, "")
    assert score_models(number, truth, scores[:, 1], ones)[0] == pytest.approx(r2_score(truth, scores[:, 1]))


def test_bootstrap_weights_are_draws_of_the_same_size():
    weights = draw_weights(50, Key.root(1).generator())
    assert weights.shape == (1 + DRAWS, 50)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 50).all()
    number = Task("t", (), {}, {}, "")
    truth, guess = np.arange(50.0), np.arange(50.0) % 7
    rows = np.repeat(np.arange(50), weights[3].astype(int))
    assert score_models(number, truth, guess, weights)[3] == pytest.approx(r2_score(truth[rows], guess[rows]))
