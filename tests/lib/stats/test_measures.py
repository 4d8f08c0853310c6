"""Numbers are those of scipy and scikit-learn, or of a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score

from sundog.core.keys import Key
from sundog.lib.stats import associations, auc, bins, boost, distances, intervals, linear, nearest, rowhash
from sundog.lib.stats.align import align, plan_alignment
from sundog.lib.stats.frame import Frame, as_matrix, encode_tables

few = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=60)


def frames(*tables: pa.Table) -> list[Frame]:
    return list(encode_tables(plan_alignment(tables[0].schema), {str(i): t for i, t in enumerate(tables)}).values())


# distances


@given(few, few)
def test_ks_and_wasserstein_are_those_of_a_loop_and_of_scipy(a, b):
    a, b = np.array(a), np.array(b)
    assert distances.measure_ks(a, b) == pytest.approx(max(abs((a <= p).mean() - (b <= p).mean()) for p in [*a, *b]))
    assert distances.measure_wasserstein(a, b) == pytest.approx(stats.wasserstein_distance(a, b))


def test_distances_of_nothing():
    none = np.empty(0)
    assert distances.measure_ks(none, none) == 0.0
    assert distances.measure_ks(none, np.ones(3)) == 1.0
    assert distances.measure_variation(np.zeros(3), np.zeros(3)) == 0.0
    assert distances.measure_variation(np.zeros(3), np.ones(3)) == 1.0


def test_variation_of_codes():
    real, other = frames(
        pa.table({"c": ["a"] * 30 + ["b"] * 10}), pa.table({"c": ["a"] * 10 + ["z"] * 30 + [None] * 9})
    )
    found = distances.compare_values(real.columns[0], real.values[0], other.values[0])
    assert found.value == pytest.approx(0.75)
    assert found.left_out.shape == (intervals.GROUPS,)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(2, 20))
def test_cut_points_cut_evenly(values, cells):
    values = np.array(values)
    ends = distances.cut_points(values, cells)
    assert (np.diff(ends) > 0).all()
    assert len(ends) <= 2 * cells
    counts = np.bincount(np.searchsorted(ends, values, side="left"), minlength=len(ends) + 1)
    for cell in np.flatnonzero(counts > 2 * math.ceil(len(values) / cells)):
        inside = values[np.searchsorted(ends, values, side="left") == cell]
        assert len(np.unique(inside)) == 1  # only a single frequent value may crowd a cell


def test_jackknife_of_a_mean_is_the_usual_interval():
    values = Key.root(1).generator().normal(size=4000)
    groups = intervals.row_groups(4000)
    left_out = np.array([values[groups != g].mean() for g in range(intervals.GROUPS)])
    low, high = intervals.jackknife_interval(float(values.mean()), left_out)
    expected = 2 * 1.96 * values.std() / math.sqrt(4000)
    assert high - low == pytest.approx(expected, rel=0.4)


def test_jackknife_covers():
    """Intervals of a KS distance well away from zero: at least 85 of 100 cover the true one (2.5 of 100 000 would not)."""
    truth = stats.norm.cdf(0.25) - stats.norm.cdf(-0.25)  # the greatest gap between N(0,1) and N(.5,1)
    hits = 0
    for seed in range(100):
        draw = Key.root(seed).generator()
        real, other = frames(pa.table({"x": draw.normal(size=1500)}), pa.table({"x": draw.normal(0.5, size=1500)}))
        found = distances.compare_values(real.columns[0], real.values[0], other.values[0])
        low, high = intervals.jackknife_interval(found.value, found.left_out)
        hits += low <= truth <= high
    assert hits >= 85


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (3, 10), (10, 10), (1, 100_000), (500, 1000)])
def test_intervals_of_shares_are_scipy_s(hits, trials):
    test = stats.binomtest(hits, trials)
    assert intervals.exact_interval(hits, trials) == pytest.approx(tuple(test.proportion_ci(method="exact")), abs=1e-9)
    assert intervals.wilson_interval(hits, trials) == pytest.approx(
        tuple(test.proportion_ci(method="wilson")), abs=1e-9
    )
    assert intervals.exact_interval(0, 0) == intervals.wilson_interval(0, 0) == (0.0, 1.0)


# AUC


@given(few, few)
def test_auc_is_scikit_learn_s(a, b):
    found = auc.measure_auc(np.array(a), np.array(b))
    assert found.value == pytest.approx(roc_auc_score([1] * len(a) + [0] * len(b), a + b))
    low, high = found.interval()
    assert 0 <= low <= found.value <= high <= 1


def test_delong_is_the_sum_over_all_pairs():
    draw = Key.root(2).generator()
    a, b = draw.integers(0, 8, 40) + 1.0, draw.integers(0, 8, 30) * 1.0
    wins = (a[:, None] > b) + 0.5 * (a[:, None] == b)
    expected = wins.mean(axis=1).var(ddof=1) / 40 + wins.mean(axis=0).var(ddof=1) / 30
    assert auc.measure_auc(a, b).variance == pytest.approx(expected)


def test_auc_of_one_has_an_interval():
    low, high = auc.measure_auc(np.arange(50.0) + 100, np.arange(50.0)).interval()
    assert (low, high) == (0.94, 1.0)
    with pytest.raises(ValueError, match="both classes"):
        auc.measure_auc(np.empty(0), np.ones(3))


@given(few, st.integers(0, 99))
def test_weighted_auc_is_that_of_repeated_rows(scores, seed):
    scores = np.array(scores)
    draw = Key.root(seed).generator()
    positive, weights = draw.random(len(scores)) < 0.5, draw.integers(0, 3, (2, len(scores))) * 1.0
    for value, row in zip(auc.weigh_auc(scores, positive, weights), weights, strict=True):
        repeated, truth = np.repeat(scores, row.astype(int)), np.repeat(positive, row.astype(int))
        if truth.all() or not truth.any():
            assert np.isnan(value)
        else:
            assert value == pytest.approx(roc_auc_score(truth, repeated))


# bins, associations


def test_accuracy_of_pairs_by_hand():
    real, other = frames(
        pa.table({"a": ["x", "x", "y", "y"] * 25, "b": ["u", "v", "u", "v"] * 25}),
        pa.table({"a": ["x", "x", "y", "y"] * 25, "b": ["u", "u", "v", "v"] * 25}),
    )
    binned = bins.bin_frames([real, other], 10)
    found = bins.measure_accuracy(binned[0], binned[1], [(0, 1)])
    assert found.value == pytest.approx(0.5)
    assert bins.measure_accuracy(binned[0], binned[0], [(0, 1)]).value == 1.0


def test_missing_values_have_a_bin_of_their_own():
    real, other = frames(pa.table({"a": [1.0, 2.0, None, None] * 10}), pa.table({"a": [1.0, 2.0, 1.0, 2.0] * 10}))
    binned = bins.bin_frames([real, other], 4)
    assert bins.measure_accuracy(binned[0], binned[1], [(0,)]).value == pytest.approx(0.5)


@pytest.mark.parametrize(("columns", "of", "most"), [(5, 2, 100), (5, 3, 4), (60, 3, 200), (2, 3, 10)])
def test_sets_are_distinct_and_repeat(columns, of, most):
    sets = bins.choose_sets(columns, of, most, Key.root(1).generator())
    assert len(set(sets)) == len(sets) == min(most, math.comb(columns, of))
    assert all(len(set(s)) == of and max(s) < columns and list(s) == sorted(s) for s in sets)
    assert sets == bins.choose_sets(columns, of, most, Key.root(1).generator())


def related(rows: int = 1200) -> pa.Table:
    draw = Key.root(6).generator()
    x = draw.normal(size=rows)
    holes = draw.random(rows) < 0.2
    return pa.table(
        {
            "x": x,
            "y": pa.array(np.where(holes, np.nan, x + draw.normal(size=rows)), from_pandas=True),
            "c": np.where(x + draw.normal(size=rows) > 0, "hi", "lo"),
            "d": np.array(list("abcd"))[np.digitize(x + draw.normal(size=rows), [-1, 0, 1])],
        }
    )


def test_correlations_are_scipy_s_and_so_is_each_without_a_group():
    (frame,) = frames(related())
    numbers = frame.select([0, 1])
    groups = intervals.row_groups(frame.rows)
    known = ~np.isnan(frame.values[1])
    pearson = associations.correlate_numbers(numbers, ranks=False)
    assert pearson[0, 0, 1] == pytest.approx(stats.pearsonr(frame.values[0][known], frame.values[1][known]).statistic)
    kept = known & (groups != 3)
    assert pearson[4, 0, 1] == pytest.approx(stats.pearsonr(frame.values[0][kept], frame.values[1][kept]).statistic)
    whole = frames(related().drop_null())[0].select([0, 1])
    spearman = associations.correlate_numbers(whole, ranks=True)
    assert spearman[0, 0, 1] == pytest.approx(stats.spearmanr(*whole.values).statistic)


def test_cramer_is_scipy_s_with_the_correction():
    (frame,) = frames(related())
    groups = intervals.row_groups(frame.rows)
    first, second = (frame.values[i].astype(np.int64) for i in (2, 3))
    found = associations.measure_cramer(first, second, groups)
    for entry, kept in ((0, groups >= 0), (6, groups != 5)):
        table = np.zeros((2, 4))
        np.add.at(table, (first[kept], second[kept]), 1)
        n = table.sum()
        phi = max(0, stats.chi2_contingency(table, correction=False).statistic / n - 3 / (n - 1))
        expected = math.sqrt(phi / (min(2 - 1 / (n - 1), 4 - 9 / (n - 1)) - 1))
        assert found[entry] == pytest.approx(expected)


def test_ratio_is_that_of_the_analysis_of_variance():
    (frame,) = frames(related())
    groups = intervals.row_groups(frame.rows)
    codes, values = frame.values[3].astype(np.int64), frame.values[0]
    found = associations.measure_ratio(codes, values, groups)
    for entry, kept in ((0, groups >= 0), (1, groups != 0)):
        parts = [values[kept & (codes == c)] for c in range(4)]
        n, total = kept.sum(), values[kept].var() * kept.sum()
        within = sum(p.var() * len(p) for p in parts)
        assert found[entry] == pytest.approx(math.sqrt(1 - within / total * (n - 1) / (n - 4)))


def test_associations_of_independent_columns_are_near_zero():
    draw = Key.root(7).generator()
    (frame,) = frames(
        pa.table(
            {
                "x": draw.normal(size=3000),
                "y": draw.normal(size=3000),
                "c": draw.integers(0, 5, 3000).astype(str),
                "d": draw.integers(0, 9, 3000).astype(str),
            }
        )
    )
    found = associations.associate(frame)[0]
    assert np.abs(found - np.eye(4)).max() < 0.06
    assert associations.compare_matrices(found[None], np.eye(4)[None])[0] < 0.06


def test_undefined_pairs_are_left_out():
    gap = np.array([[[1.0, np.nan], [np.nan, 1.0]]])
    half = np.array([[[1.0, 0.4], [0.4, 1.0]]])
    assert np.isnan(associations.compare_matrices(gap, gap)[0])
    assert associations.compare_matrices(gap, half)[0] == pytest.approx(0.4)


# rows


def hashes(table: pa.Table, decimals: dict[str, int] | None = None) -> np.ndarray:
    return rowhash.hash_rows(align(plan_alignment(table.schema), table), decimals or {})


cells = st.tuples(
    st.none() | st.integers(0, 2),
    st.sampled_from(["a", "b", "", None]),
    st.none() | st.sampled_from([0.5, -0.0, 0.0, 2.25]),
)


@given(st.lists(cells, min_size=1, max_size=40), st.lists(cells, max_size=40))
def test_row_sets_are_python_s(known, asked):
    schema = pa.schema([("i", pa.int64()), ("s", pa.string()), ("f", pa.float64())])

    def table(rows):
        return pa.Table.from_arrays(
            [pa.array([r[k] for r in rows], t) for k, t in enumerate(schema.types)], schema=schema
        )

    def plain(row):
        return (row[0], row[1], None if row[2] is None else row[2] + 0.0)

    rows = rowhash.make_row_set(hashes(table(known)))
    counts = rowhash.count_rows(rows, hashes(table(asked)))
    assert counts.tolist() == [sum(plain(k) == plain(a) for k in known) for a in asked]


def test_equal_values_in_other_columns_are_other_rows():
    table = pa.table({"a": [1, 2], "b": [2, 1]})
    found = hashes(table)
    assert (found[0] != found[1]).any()


def test_hashes_in_other_batches_are_the_same():
    table = related(500)
    parts = np.concatenate([hashes(pa.Table.from_batches([b])) for b in table.to_batches(max_chunksize=77)])
    assert (parts == hashes(table)).all()


def test_one_high_word_for_several_rows():
    """The accident that a 64-bit half collides, made on purpose."""
    rows = rowhash.make_row_set(np.array([[5, 1], [5, 2], [5, 2], [7, 1]], dtype=np.uint64))
    asked = np.array([[5, 2], [5, 3], [7, 1], [5, 1]], dtype=np.uint64)
    assert rowhash.count_rows(rows, asked).tolist() == [2, 0, 1, 1]


# neighbours


def test_nearest_is_that_of_a_double_loop():
    (fit, asked) = frames(related(150), related(90).slice(7, 60))
    rows, queries = nearest.embed_frames(fit, [fit, asked])
    kinds = np.arange(len(queries)) % 2
    gaps = np.sqrt(((queries[:, None].astype(float) - rows[None]) ** 2).sum(axis=2))
    found = nearest.find_nearest(queries, rows, kinds)
    assert found.queries == pytest.approx(gaps.min(axis=1), abs=1e-5)
    for kind in (0, 1):
        assert found.rows[kind] == pytest.approx(gaps[kinds == kind].min(axis=0), abs=1e-5)


def test_nearest_in_blocks_is_the_same(monkeypatch):
    (fit,) = frames(related(120))
    (rows,) = nearest.embed_frames(fit, [fit])
    kinds = np.arange(120) // 60
    whole = nearest.find_nearest(rows[::-1], rows, kinds)
    monkeypatch.setattr(nearest, "_CELLS", 1000)
    cut = nearest.find_nearest(rows[::-1], rows, kinds)
    assert (whole.queries == cut.queries).all()
    assert (whole.rows == cut.rows).all()
    assert (whole.queries == 0).all()


def test_different_categories_are_at_distance_one():
    fit, asked = frames(pa.table({"c": ["a", "b", "a"]}), pa.table({"c": ["b", "z", None]}))
    rows, queries = nearest.embed_frames(fit, [fit.take(np.array([0])), asked])
    assert nearest.find_nearest(queries, rows, np.zeros(3, int)).queries == pytest.approx([1.0, 1.0, 1.0], abs=1e-6)


def test_width_is_bounded():
    draw = Key.root(1).generator()
    table = pa.table({f"c{i}": draw.integers(0, 900, 1000).astype(str) for i in range(30)})
    (frame,) = frames(table)
    assert nearest.embed_frames(frame, [frame])[0].shape[1] <= nearest.WIDTH


# models


def test_logistic_regression_is_scikit_learn_s():
    draw = Key.root(3).generator()
    matrix = draw.normal(size=(600, 6))
    matrix[:, 5] = 1.0  # a column that does not vary
    for count in (2, 4):
        truth = (matrix @ draw.normal(size=(6, count)) + draw.gumbel(size=(600, count))).argmax(axis=1)
        ours = linear.fit_logistic(matrix, truth, count).score(matrix)
        theirs = LogisticRegression(max_iter=5000, tol=1e-10).fit(matrix, truth).decision_function(matrix)
        if count == 2:
            assert ours[:, 1] - ours[:, 0] == pytest.approx(theirs, abs=5e-3)
        else:
            assert ours - ours.mean(axis=1, keepdims=True) == pytest.approx(
                theirs - theirs.mean(axis=1, keepdims=True), abs=5e-3
            )


def test_ridge_is_scikit_learn_s():
    draw = Key.root(4).generator()
    matrix, target = draw.normal(size=(200, 5)), draw.normal(size=200)
    assert linear.fit_ridge(matrix, target).score(matrix)[:, 0] == pytest.approx(
        Ridge(1.0).fit(matrix, target).predict(matrix)
    )


def test_design_holds_unseen_and_missing_values():
    train, asked = frames(
        pa.table({"c": ["a", "a", "b"], "x": [1.0, None, 3.0]}),
        pa.table({"c": ["z", None, "b"], "x": [None, 2.0, 1e9]}),
    )
    matrix = linear.apply_design(linear.make_design(train), asked)
    assert matrix.tolist() == [[0, 0, 0, 1], [0, 0, 0, 0], [0, 1, 10, 0]]


def test_trees_repeat_and_know_categories():
    (frame,) = frames(related(800).drop_columns(["x"]))
    matrix, categories = as_matrix(frame)
    assert categories == [1, 2]
    truth = (related(800)["x"].to_numpy() > 0).astype(float)
    settings = boost.TreeSettings(trees=20)
    for forest in (False, True):
        chosen = boost.TreeSettings(trees=20, forest=forest)
        scores = [
            boost.train_trees(boost.make_dataset(matrix, truth, categories), "binary", chosen, Key.root(1)).predict(
                matrix
            )
            for _ in range(2)
        ]
        assert (scores[0] == scores[1]).all()
        assert roc_auc_score(truth, scores[0]) > 0.8
    assert boost.train_trees(
        boost.make_dataset(matrix, truth, categories), "binary", settings, Key.root(1)
    ).gain.argmax() in (0, 2)


def test_many_labels_are_read_as_ranks():
    (frame,) = frames(pa.table({"c": np.arange(150).astype(str)}))
    assert as_matrix(frame)[1] == []
    assert as_matrix(frame, most_labels=150)[1] == [0]
