"""Membership inference: a leak fails, fresh records and noise pass, and distance is never called a proof."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key


@pytest.mark.parametrize("level", ["quick", "full"])
def test_a_leak_fails(world, evidence, run, pick, level):
    found = pick(run("membership", evidence(world.leak(), level=level)), "privacy.membership")
    assert found.verdict == "fail"
    assert found.value > 0.9
    assert found.withholds == (level == "full")


@pytest.mark.parametrize("kind", ["fresh", "shuffled", "noise"])
def test_what_tells_nothing_passes(world, evidence, run, pick, kind):
    made = world.fresh if kind == "fresh" else getattr(world, kind)()
    answer = run("membership", evidence(made))
    assert pick(answer, "privacy.membership").verdict == "pass"
    assert pick(answer, "privacy.membership").value == pytest.approx(0.5, abs=0.03)
    assert pick(answer, "privacy.distance").verdict == "info"
    assert pick(answer, "privacy.near").verdict == "info"


def test_alarms_ring_on_a_leak_and_claim_no_proof(world, evidence, run, pick):
    answer = run("membership", evidence(world.leak()))
    for check in ("privacy.distance", "privacy.near", "privacy.distance_median"):
        assert pick(answer, check).verdict == "warn"
        assert "no proof" in pick(answer, check).why
        assert not pick(answer, check).withholds


def test_the_reverse_attack_counts(world, evidence, run, pick):
    """Synthetic rows that lie on the holdout: members are those who are far from them."""
    found = pick(run("membership", evidence(world.holdout)), "privacy.membership")
    assert found.value < 0.1
    assert found.verdict == "fail"


def test_a_small_holdout_is_inconclusive(world, evidence, run, pick):
    found = pick(run("membership", evidence(world.fresh, holdout=world.holdout.slice(0, 60))), "privacy.membership")
    assert found.verdict == "inconclusive"


def test_quick_evidence_says_which_attacks_it_does_not_run(world, evidence, run, pick):
    found = pick(run("membership", evidence(world.fresh)), "privacy.attacks")
    assert found.verdict == "skipped"
    for attack in ("singling out", "linkability", "inference", "ensemble"):
        assert attack in found.why
    full = run("membership", evidence(world.fresh, level="full"))
    assert not any(f.check == "privacy.attacks" for f in full.findings)


def test_rejection_is_spoken_of(world, evidence, run, pick):
    assert "rejected" in pick(run("membership", evidence(world.fresh, copies="reject")), "privacy.membership").why
    assert "rejected" not in pick(run("membership", evidence(world.fresh)), "privacy.membership").why


def test_persons_are_the_unit_where_they_are_named(world, evidence, run, pick):
    def person(table: pa.Table) -> pa.Table:
        return table.append_column("who", pa.array(np.arange(table.num_rows) // 3))

    looked_at = evidence(world.fresh, train=person(world.train), holdout=person(world.holdout), person="who")
    found = pick(run("membership", looked_at), "privacy.membership")
    assert "persons" in found.subject
    assert found.verdict == "pass"


def test_intervals_cover_the_truth(world, build, run, pick):
    """Real against real: the true AUC is .5; of 30 intervals at 95% at most 5 may miss it (false alarm rate .3%)."""
    everything = pa.concat_tables([world.train, world.holdout, world.fresh])
    missed = 0
    for seed in range(30):
        shuffled = everything.take(pa.array(Key.root(seed).generator().permutation(everything.num_rows)[:1800]))
        looked_at = build(shuffled.slice(0, 600), shuffled.slice(600, 600), shuffled.slice(1200, 600))
        low, high = pick(run("membership", looked_at), "privacy.membership").interval
        missed += not low <= 0.5 <= high
    assert missed <= 5
