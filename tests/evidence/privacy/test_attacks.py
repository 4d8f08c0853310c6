"""The attack battery: it fires on leaks, stays quiet on noise and on fresh records, and shows that it would have fired."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from sundog.core.keys import Key
from sundog.evidence.privacy.recipe import InferenceCheck, LinkabilityCheck

ATTACKS = ("singling_out", "linkability", "inference", "membership_ensemble")
COLUMNS = ["age", "workclass", "fnlwgt", "marital_status", "occupation", "sex", "hours_per_week", "income"]
OWN = {
    "singling_out": ("privacy.singling_out",),
    "linkability": ("privacy.linkability",),
    "inference": ("privacy.inference",),
    "membership_ensemble": ("privacy.membership_ensemble", "privacy.membership_outliers", "privacy.membership_tpr"),
}


@pytest.fixture(scope="module")
def attacked(world, build):
    """Evidence on eight columns: fewer secrets, same questions."""

    def make(made: pa.Table, **more):
        train = more.pop("train", world.train.select(COLUMNS))
        holdout = more.pop("holdout", world.holdout.select(COLUMNS))
        return build(made, train, holdout, level="full", **more)

    return make


def judged(answer, kind):
    return [f for f in answer.findings if f.check in OWN[kind]]


@pytest.mark.parametrize("kind", ATTACKS)
def test_a_leak_fails(world, attacked, run, kind):
    found = judged(run(kind, attacked(world.leak().select(COLUMNS))), kind)
    for check in OWN[kind]:
        assert any(f.verdict == "fail" and f.withholds for f in found if f.check == check), check


def make_noise(table: pa.Table) -> pa.Table:
    """Values drawn evenly from the range or the set of values, so that no rare value is carried over on purpose."""
    draw, columns = Key.root(6).generator(), {}
    for name in table.column_names:
        distinct = table[name].combine_chunks().unique()
        if pa.types.is_integer(distinct.type):
            columns[name] = draw.integers(min(distinct.to_pylist()), max(distinct.to_pylist()), table.num_rows)
        else:
            columns[name] = distinct.take(pa.array(draw.integers(0, len(distinct), table.num_rows)))
    return pa.table(columns)


@pytest.mark.parametrize("kind", ATTACKS)
@pytest.mark.parametrize("made", ["fresh", "noise"])
def test_what_tells_nothing_does_not_fail(world, attacked, run, kind, made):
    rows = world.fresh if made == "fresh" else make_noise(world.train.select(COLUMNS))
    found = judged(run(kind, attacked(rows.select(COLUMNS))), kind)
    assert found
    assert not [f for f in found if f.verdict == "fail"]


@pytest.mark.parametrize("kind", ATTACKS)
def test_shuffled_columns_give_away_their_rare_values_and_nothing_else(world, attacked, run, kind):
    """A value that one person alone has singles that person out, whatever stands beside it."""
    found = judged(run(kind, attacked(world.shuffled().select(COLUMNS))), kind)
    failed = {f.subject for f in found if f.verdict == "fail"}
    assert ("univariate" in failed) == (kind == "singling_out")
    assert all("univariate" in subject for subject in failed)


@pytest.mark.parametrize("kind", ATTACKS)
def test_the_positive_control_fires_and_says_what_could_be_seen(world, attacked, run, pick, kind):
    answer = run(kind, attacked(world.fresh.select(COLUMNS)))
    fired = pick(answer, "privacy.positive_control")
    assert fired.verdict == "pass"
    assert fired.value > 0.09
    least = pick(answer, "privacy.detectable")
    assert 0.0 < least.value < 1.0


@pytest.mark.parametrize("kind", ATTACKS)
def test_without_a_holdout_nothing_is_measured_and_nothing_is_released(world, build, run, kind):
    answer = run(kind, build(world.fresh.select(COLUMNS), world.train.select(COLUMNS), None, level="full"))
    assert {f.verdict for f in answer.findings} == {"skipped"}
    assert all(f.withholds for f in answer.findings)
    assert "holdout" in answer.findings[0].why


def test_five_in_a_hundred_are_found_by_membership(world, attacked, run, pick):
    """A leak of 5% of the training records: the share of members found at 1% false positives shows it."""
    train = world.train.select(COLUMNS)
    made = pa.concat_tables([world.fresh.select(COLUMNS), train.take(pa.array(np.arange(0, 3000, 20)))])
    found = pick(run("membership_ensemble", attacked(made)), "privacy.membership_tpr", "at 1% false positives")
    assert found.value > 0.04
    assert found.verdict == "fail"


def test_limits_are_stricter_under_the_strict_policy(world, attacked, run, pick):
    looked_at = attacked(world.fresh.select(COLUMNS))
    strict = looked_at.recipe.model_copy(
        update={"evidence": looked_at.recipe.evidence.model_copy(update={"policy": "strict"})}
    )
    answer = run("linkability", type(looked_at)(strict, looked_at.part, "people", "full", looked_at.synthetic, looked_at.train, looked_at.holdout))  # fmt: skip
    assert "0.05" in pick(answer, "privacy.linkability").limit
    assert "0.09" in pick(run("linkability", looked_at), "privacy.linkability").limit


def test_risks_of_several_columns_are_read_together(world, attacked, run):
    found = judged(run("inference", attacked(world.fresh.select(COLUMNS))), "inference")
    columns = [f for f in found if f.value is not None and f.subject.split(" ")[0] in COLUMNS]
    assert {round(f.level, 4) for f in columns} == {round(1 - 0.05 / len(COLUMNS), 4)}


def test_where_most_have_one_value_the_others_are_attacked(world, build, run, pick):
    columns = ["age", "fnlwgt", "hours_per_week", "capital_loss"]
    made, train, holdout = (t.select(columns) for t in (world.fresh, world.train, world.holdout))
    answer = run("inference", build(made, train, holdout, level="full"))
    assert any(
        f.subject.startswith("capital_loss") and ("uncommon" in f.subject or "uncommon" in f.why)
        for f in answer.findings
    )


def test_splits_and_secrets_are_stated_in_the_recipe(world, attacked):
    from sundog.evidence.privacy.inference import Inference
    from sundog.evidence.privacy.linkability import Linkability

    looked_at = attacked(world.fresh.select(COLUMNS))
    split = LinkabilityCheck(splits=((("age", "sex"), ("fnlwgt", "income")),))
    found = [f for f in Linkability().run(split, looked_at, Key.root(1)).findings if f.check == "privacy.linkability"]
    assert found[0].subject == "age, sex and fnlwgt, income"
    assert found[0].level == 0.95
    wrong = LinkabilityCheck(splits=((("agge",), ("income",)),))
    said = Linkability().run(wrong, looked_at, Key.root(1)).findings
    assert "Did you mean 'age'?" in said[0].why
    assert said[0].withholds
    secret = InferenceCheck(secrets=("income",), known=("age", "sex"))
    found = [f for f in Inference().run(secret, looked_at, Key.root(1)).findings if f.check == "privacy.inference"]
    assert found[0].subject == "income"


@pytest.mark.parametrize("kind", ATTACKS)
def test_persons_are_the_unit_where_they_are_named(world, attacked, run, kind):
    def person(table: pa.Table) -> pa.Table:
        return table.append_column("who", pa.array([f"p{i // 3}" for i in range(table.num_rows)]))

    leaky = world.leak().select(COLUMNS)
    train, holdout = person(world.train.select(COLUMNS)), person(world.holdout.select(COLUMNS))
    answer = run(kind, attacked(world.fresh.select(COLUMNS), train=train, holdout=holdout, person="who"))
    assert not [f for f in judged(answer, kind) if f.verdict == "fail"]
    answer = run(kind, attacked(leaky, train=train, holdout=holdout, person="who"))
    assert [f for f in judged(answer, kind) if f.verdict == "fail"]


def test_a_few_people_are_too_few(world, build, run, pick):
    small = build(world.fresh.slice(0, 150), world.train.slice(0, 150), world.holdout.slice(0, 60), level="full")
    for kind in ATTACKS:
        answer = run(kind, small)
        assert not [f for f in judged(answer, kind) if f.verdict in ("pass", "fail")]
