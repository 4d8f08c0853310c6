"""Checks of fidelity flag noise and pass fresh real records."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.stats import ks_2samp

from sundog.core.keys import Key
from sundog.evidence.fidelity.c2st import SETTINGS, C2stSettings, c2st_auc
from sundog.lib.stats.boost import TreeSettings


def test_columns_fires_on_noise(world, evidence, run, pick):
    answer = run("columns", evidence(world.noise()))
    table = pick(answer, "fidelity.columns")
    assert table.verdict == "warn"
    assert table.value > table.baseline + 0.05
    assert {f.verdict for f in answer.findings if f.check == "fidelity.column"} >= {"warn"}
    assert pick(answer, "fidelity.tails").verdict == "warn"


@pytest.mark.parametrize("kind", ["columns", "associations", "c2st"])
def test_fresh_records_pass(world, evidence, run, kind):
    answer = run(kind, evidence(world.fresh))
    assert {f.verdict for f in answer.findings} <= {"pass", "info"}


def test_columns_passes_a_shuffle(world, evidence, run):
    """Columns by themselves are right; what is wrong is for the associations to find."""
    answer = run("columns", evidence(world.shuffled()))
    single = [f for f in answer.findings if f.check in ("fidelity.columns", "fidelity.column", "fidelity.tails")]
    assert {f.verdict for f in single} == {"pass"}


def test_column_value_is_scipy_s(world, evidence, run, pick):
    """The holdout is smaller than the synthetic table, which is then drawn from: give it as many rows."""
    synthetic = world.noise().slice(0, 2000)
    value = pick(run("columns", evidence(synthetic)), "fidelity.column", "age").value
    expected = ks_2samp(world.train["age"].to_numpy(), synthetic["age"].to_numpy()).statistic
    assert value == pytest.approx(expected, abs=1e-12)


def test_missing_shares(world, evidence, run, pick):
    keep = pa.array(np.arange(3000) % 3 != 0)
    holes = world.fresh.set_column(0, "age", pc.if_else(keep, world.fresh["age"], pa.scalar(None, pa.int64())))
    found = pick(run("columns", evidence(holes)), "fidelity.missing")
    assert found.value == pytest.approx(1 / 3, abs=0.02)
    assert found.verdict == "warn"


def test_missingness_goes_with_other_columns(world, evidence, run, pick):
    """Missing where the income is high, against missing anywhere: the shares are equal, the association is not."""

    def puncture(table: pa.Table, dependent: bool) -> pa.Table:
        gone = pc.equal(table["income"], ">50K").to_numpy()
        if not dependent:
            gone = Key.root(2).generator().permutation(gone)
        return table.set_column(0, "age", pc.if_else(pa.array(gone), pa.scalar(None, pa.int64()), table["age"]))

    real = [puncture(t, True) for t in (world.train, world.holdout)]
    wrong = evidence(puncture(world.fresh, False), train=real[0], holdout=real[1])
    right = evidence(puncture(world.fresh, True), train=real[0], holdout=real[1])
    assert pick(run("associations", wrong), "fidelity.missingness").verdict == "warn"
    assert pick(run("associations", right), "fidelity.missingness").verdict == "pass"


def test_associations_fire_on_a_shuffle(world, evidence, run, pick):
    answer = run("associations", evidence(world.shuffled()))
    for check in ("fidelity.pairs", "fidelity.triples", "fidelity.correlations", "fidelity.pearson"):
        assert pick(answer, check).verdict == "warn", check
    assert "'education'" in pick(answer, "fidelity.pairs").why


def test_rare_values_that_are_gone(world, evidence, run, pick):
    top = pc.value_counts(world.train["native_country"].combine_chunks())
    first = max(top.to_pylist(), key=lambda v: v["counts"])["values"]
    only = world.fresh.filter(pc.equal(world.fresh["native_country"], first))
    found = pick(run("columns", evidence(only)), "fidelity.rare")
    assert found.verdict == "warn"
    assert found.value < found.baseline - 0.3


def test_c2st_names_the_column_that_gives_it_away(world, evidence, run, pick):
    wrong = world.fresh.set_column(0, "age", pc.add(world.fresh["age"], 15))
    answer = run("c2st", evidence(wrong))
    found = pick(answer, "fidelity.c2st")
    assert found.verdict == "warn"
    assert "'age'" in found.why
    assert answer.exhibits[1].drawing.labels[0] == "age"
    assert pick(answer, "fidelity.c2st_column", "age").interval[0] > 0.6
    assert SETTINGS.describe() in found.why


def test_c2st_sees_a_leak_from_below(world, evidence, run, pick):
    answer = run("c2st", evidence(world.leak()))
    assert pick(answer, "fidelity.c2st_train").verdict == "warn"
    assert pick(answer, "fidelity.c2st_train").interval[1] < 0.47
    assert pick(answer, "fidelity.c2st").verdict == "pass"


def test_c2st_auc_is_that_of_scikit_learn(world):
    """The same classifier by other means: LightGBM through scikit-learn's cross-validation."""
    from lightgbm import LGBMClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    numbers = ["age", "fnlwgt", "education_num", "capital_gain", "hours_per_week"]
    real, synthetic = world.holdout.select(numbers), world.noise().select(numbers).slice(0, 2000)
    synthetic = pa.table(
        {
            n: pc.if_else(pa.array(np.arange(2000) % 4 == 0), synthetic[n], world.fresh[n].slice(0, 2000))
            for n in numbers
        }
    )
    settings = C2stSettings(TreeSettings(trees=50), folds=5)
    ours = c2st_auc(real, synthetic, Key.root(3), settings)
    matrix = np.concatenate([np.stack([t[n].to_numpy() for n in numbers], axis=1) for t in (real, synthetic)]).astype(
        float
    )
    truth = np.repeat([0, 1], 2000)
    model = LGBMClassifier(n_estimators=50, verbose=-1, n_jobs=1)
    scores = cross_val_predict(
        model, matrix, truth, cv=StratifiedKFold(5, shuffle=True, random_state=0), method="predict_proba"
    )
    assert ours.auc == pytest.approx(roc_auc_score(truth, scores[:, 1]), abs=0.015)
    assert ours.low < ours.auc < ours.high


def test_c2st_is_at_chance_between_real_samples(world):
    """At 5% about one interval in twenty misses 0.5; three of three would be a fault."""
    missed = 0
    for seed in range(3):
        found = c2st_auc(
            world.train.slice(0, 2000),
            world.fresh.slice(0, 2000),
            Key.root(seed),
            C2stSettings(TreeSettings(trees=30), folds=3),
        )
        missed += not found.low <= 0.5 <= found.high
        assert abs(found.auc - 0.5) < 0.035
    assert missed < 3


def _many_labels(seed: int, often: float, rows: int = 2000) -> pa.Table:
    """Rows of which a share has one of 50 labels and the others one of 100,000."""
    r = np.random.Generator(np.random.PCG64(seed))
    label = np.where(r.random(rows) < often, r.integers(0, 50, rows), r.integers(50, 100_000, rows))
    return pa.table({"label": [f"k{v}" for v in label], "x": r.normal(size=rows)})


def test_c2st_takes_labels_of_one_sample_only_for_no_difference():
    """Labels are ordered by the first table, so that those it lacks stood together: real against real scored 0.95."""
    few = C2stSettings(TreeSettings(trees=30), folds=3)
    alike = c2st_auc(_many_labels(1, 0.3), _many_labels(2, 0.3), Key.root(1), few)
    assert abs(alike.auc - 0.5) < 0.05  # 3 standard errors
    lost = c2st_auc(_many_labels(1, 0.3), _many_labels(3, 1.0), Key.root(1), few)
    assert lost.low > 0.75  # no rare label ever comes
    assert lost.gain[0][0] == "label"


def test_c2st_is_inconclusive_where_real_rows_are_taken_for_each_other(world, evidence, run, pick):
    same = world.train.slice(0, 2000)
    answer = run("c2st", evidence(world.fresh.slice(0, 2000), train=same, holdout=same))
    for check in ("fidelity.c2st", "fidelity.c2st_train"):
        found = pick(answer, check)
        assert found.verdict == "inconclusive"
        assert found.baseline < 0.48
        assert "the same rows are in both real samples" in found.why


@pytest.mark.parametrize("kind", ["columns", "associations", "c2st", "utility", "copies", "membership", "dimensions"])
def test_answers_repeat(world, evidence, run, kind):
    looked_at = evidence(world.shuffled().slice(0, 500), target="income")
    assert run(kind, looked_at).model_dump_json() == run(kind, looked_at).model_dump_json()


def test_weights_count(world, evidence, run, pick):
    """Synthetic rows of the weighted population: without the weights the shares of sexes are off."""
    weights = pc.if_else(pc.equal(world.train["sex"], "Female"), 4.0, 1.0)
    train = world.train.append_column("w", weights)
    holdout = world.holdout.append_column("w", pc.if_else(pc.equal(world.holdout["sex"], "Female"), 4.0, 1.0))
    female = world.fresh.filter(pc.equal(world.fresh["sex"], "Female"))
    male = world.fresh.filter(pc.equal(world.fresh["sex"], "Male"))
    synthetic = pa.concat_tables([female, male.slice(0, female.num_rows // 2)])
    weighed = pick(
        run("columns", evidence(synthetic, train=train, holdout=holdout, weights="w")), "fidelity.column", "sex"
    )
    plain = pick(run("columns", evidence(synthetic, train=train, holdout=holdout)), "fidelity.column", "sex")
    assert weighed.verdict == "pass"
    assert plain.verdict == "warn"


def test_other_types_are_the_same_values(world, evidence, run, pick):
    """Another tool's file: whole numbers as floats, numbers as text."""
    columns = {n: world.fresh[n] for n in world.fresh.column_names}
    columns["age"] = columns["age"].cast(pa.float64())
    columns["fnlwgt"] = columns["fnlwgt"].cast(pa.string())
    columns["sex"] = columns["sex"].cast(pa.large_string()).dictionary_encode()
    changed = pa.table(columns)
    for kind in ("columns", "associations", "copies"):
        assert run(kind, evidence(changed)).findings == run(kind, evidence(world.fresh)).findings


def test_associations_of_a_few_rows_are_left_out(world, evidence, run, pick):
    """Of two columns that are missing nearly everywhere some twenty rows have both: a correlation of these is noise."""

    def thin(table: pa.Table) -> pa.Table:
        rows = np.arange(table.num_rows)
        few = pa.array(rows % 100 == 0)
        for name in ("age", "hours_per_week"):
            position = table.column_names.index(name)
            table = table.set_column(
                position, name, pc.if_else(few, table[name], pa.scalar(None, table.schema.field(name).type))
            )
        return table

    answer = run("associations", evidence(thin(world.fresh), train=thin(world.train), holdout=thin(world.holdout)))
    drawn = [e for e in answer.exhibits if e.check == "fidelity.correlations"]
    assert drawn
    for exhibit in drawn:
        columns = exhibit.drawing.columns
        a, b, c = (columns.index(n) for n in ("age", "hours_per_week", "fnlwgt"))
        assert exhibit.drawing.values[a][b] is None
        assert exhibit.drawing.values[a][c] is None  # twenty of the fresh rows have both
        assert exhibit.drawing.values[c][c] is not None
        assert "are left out: fewer than 30 real rows have both values" in exhibit.how_to_read
    assert "left out: fewer than 30" in pick(answer, "fidelity.correlations").why
    whole = run("associations", evidence(world.fresh))
    assert "left out: fewer" not in pick(whole, "fidelity.correlations").why
