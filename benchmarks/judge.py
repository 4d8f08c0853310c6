"""The judge: how near a synthetic table is to real rows that its maker never saw, and how much it gives away of those it did see.

Everything takes the half that was fitted (A), the unseen half (B) and the synthetic table (S, as many rows as A). The measures are those of
the package; what is fixed here is the protocol. The settings below are part of the result: a change raises ``VERSION``, and stored
judgements of another version are made again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from real import Dataset
from sundog.core.keys import Key
from sundog.lib.stats import auc, bins, boost, nearest, rowhash
from sundog.lib.stats.align import align, find_decimals, plan_alignment
from sundog.lib.stats.frame import Frame, as_matrix, encode_tables, join_frames

VERSION = 1
FOLDS = 5
TREES = boost.TreeSettings(trees=100, leaves=31, rate=0.1, min_leaf=20)
"""LightGBM of the two-sample test and of the utility test: its defaults, written out, on one thread."""
BINS = 10
"""Quantile bins of a number and most frequent categories kept apart, in pair and triple accuracy."""
TRIPLES = 2_500
"""Most triples of columns, drawn at random where there are more."""
MEMBERS = 20_000
"""Most rows of each half that the membership test asks about."""
KEY = Key.root(1).child("judge")

SETTINGS = (
    f"Two-sample test: LightGBM, {TREES.trees} trees of {TREES.leaves} leaves, rate {TREES.rate}, at least {TREES.min_leaf} rows in a leaf, categories as "
    f"categories, one thread; mean AUC of {FOLDS} folds with DeLong's variance. Utility: the same trees. Accuracy: {BINS} bins a column, all pairs, all "
    f"triples (at most {TRIPLES:,}). Membership: Euclidean distance on ranks and one-hot categories to the nearest of all synthetic rows, {MEMBERS:,} "
    f"rows of each half at most. Judge version {VERSION}."
)


@dataclass(frozen=True, slots=True)
class Auc:
    """Area under the ROC curve and its standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """One synthetic table against its two halves.

    Attributes:
        unseen, fitting: two-sample test against B and against A; 0.5 is perfect, and under 0.5 against A means rows nearer to each other
            than fresh real ones are.
        pairs, triples: mean over pairs and triples of columns of 1 - total variation distance to A, binned.
        real_pairs, real_triples: what B scores against A.
        synthetic_utility, real_utility: a model trained on S and on A, tested on B: AUC or R2.
        copies, real_copies: share of the rows of S and of B that equal a row of A.
        membership: AUC of "nearest synthetic row is near" for rows of A against rows of B.
    """

    unseen: Auc
    fitting: Auc
    pairs: float
    triples: float
    real_pairs: float
    real_triples: float
    synthetic_utility: float
    real_utility: float
    copies: float
    real_copies: float
    membership: Auc


def judge_table(data: Dataset, fitted: pa.Table, unseen: pa.Table, made: pa.Table) -> Judgement:
    """All measures of one synthetic table."""
    a, b, s = encode_halves({"a": fitted, "b": unseen, "s": made})
    pairs, triples = measure_accuracy(a, s)
    real_pairs, real_triples = measure_accuracy(a, b)
    return Judgement(
        unseen=measure_c2st(b, s),
        fitting=measure_c2st(a, s),
        pairs=pairs,
        triples=triples,
        real_pairs=real_pairs,
        real_triples=real_triples,
        synthetic_utility=measure_utility(s, b, data.target),
        real_utility=measure_utility(a, b, data.target),
        copies=measure_copies(fitted, made),
        real_copies=measure_copies(fitted, unseen),
        membership=measure_membership(a, b, s),
    )


def judge_reference(data: Dataset, fitted: pa.Table, unseen: pa.Table) -> Judgement:
    """What real rows score: A in the place of the synthetic table against B, and half of B where unseen rows are to be asked about."""
    a, b = encode_halves({"a": fitted, "b": unseen})
    pairs, triples = measure_accuracy(a, b)
    utility = measure_utility(a, b, data.target)
    copies = measure_copies(fitted, unseen)
    between = measure_c2st(b, a)
    half = b.rows // 2
    return Judgement(
        unseen=between,
        fitting=between,
        pairs=pairs,
        triples=triples,
        real_pairs=pairs,
        real_triples=triples,
        synthetic_utility=utility,
        real_utility=utility,
        copies=copies,
        real_copies=copies,
        membership=measure_membership(a, b.take(np.arange(half, b.rows)), b.take(np.arange(half))),
    )


def encode_halves(tables: dict[str, pa.Table]) -> list[Frame]:
    """The tables in one form, columns and codes of the first."""
    alignment = plan_alignment(next(iter(tables.values())).schema)
    return list(encode_tables(alignment, tables).values())


def measure_c2st(real: Frame, made: Frame) -> Auc:
    """Whether boosted trees can tell the tables apart: mean AUC of the folds (Lopez-Paz and Oquab, ICLR 2017, arXiv:1610.06545)."""
    stream = KEY.child("folds").generator()
    fold = np.concatenate([stream.permutation(np.arange(side.rows) % FOLDS) for side in (real, made)])
    matrix, categories = as_matrix(join_frames(real, made))
    label = np.repeat([0.0, 1.0], [real.rows, made.rows])
    found = []
    for k in range(FOLDS):
        dataset = boost.make_dataset(matrix[fold != k], label[fold != k], categories, TREES.min_leaf)
        score = boost.train_trees(dataset, "binary", TREES, KEY).predict(matrix[fold == k])
        truth = label[fold == k] == 1
        found.append(auc.measure_auc(score[truth], score[~truth]))
    return _shorten(auc.average_folds(found))


def measure_utility(train: Frame, test: Frame, target: str) -> float:
    """A model of the target trained on one table and tested on another: R2 of a number, AUC of the rarest of two classes, else of the commonest."""
    place = train.position(target)
    rest = [i for i in range(len(train.columns)) if i != place]
    (features, categories), (others, _) = as_matrix(train.select(rest)), as_matrix(test.select(rest))
    known, seen = ~train.missing(place), ~test.missing(place)
    values, truth = train.values[place][known].astype(np.float64), test.values[place][seen].astype(np.float64)
    if train.columns[place].numeric:
        model = boost.train_trees(boost.make_dataset(features[known], values, categories, TREES.min_leaf), "regression", TREES, KEY)
        left = truth - model.predict(others[seen])
        return float(1 - np.sum(left**2) / np.sum((truth - truth.mean()) ** 2))
    codes, counts = np.unique(truth, return_counts=True)
    positive = codes[np.argmin(counts)] if len(codes) == 2 else codes[np.argmax(counts)]
    label = (values == positive).astype(np.float64)
    if label.min() == label.max():
        return 0.5
    score = boost.train_trees(boost.make_dataset(features[known], label, categories, TREES.min_leaf), "binary", TREES, KEY).predict(others[seen])
    return auc.measure_auc(score[truth == positive], score[truth != positive]).value


def measure_accuracy(fitted: Frame, other: Frame) -> tuple[float, float]:
    """Mean over pairs and over triples of columns of 1 - total variation distance of the joint shares; bins come from ``fitted``."""
    one, two = bins.bin_frames([fitted, other], BINS)
    sets = [bins.choose_sets(len(fitted.columns), of, TRIPLES, KEY.child("sets").generator()) for of in (2, 3)]
    pairs, triples = (bins.measure_accuracy(one, two, chosen).value for chosen in sets)
    return pairs, triples


def measure_copies(fitted: pa.Table, other: pa.Table) -> float:
    """Share of the rows of ``other`` that equal a row of ``fitted`` in every column, numbers to the places they are written with."""
    alignment = plan_alignment(fitted.schema)
    one, two = align(alignment, fitted), align(alignment, other)
    places = {c.name: find_decimals(_floats(one, c.name)) for c in alignment.columns if c.form == "number"}
    decimals = {name: found for name, found in places.items() if found is not None}
    known = rowhash.make_row_set(rowhash.hash_rows(one, decimals))
    return float(rowhash.find_rows(known, rowhash.hash_rows(two, decimals)).mean())


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def measure_membership(fitted: Frame, unseen: Frame, made: Frame) -> Auc:
    """AUC with which "has a near synthetic row" tells fitted rows from unseen ones."""
    asked = [frame.take(np.arange(min(frame.rows, MEMBERS))) for frame in (fitted, unseen)]
    points = nearest.embed_frames(join_frames(fitted, unseen), [*asked, made])
    rows = np.concatenate(points[:2])
    gaps = nearest.find_nearest(points[2], rows, np.zeros(made.rows, dtype=np.int64)).rows[0]
    return _shorten(auc.measure_auc(-gaps[: asked[0].rows], -gaps[asked[0].rows :]))


def _shorten(area: auc.Auc) -> Auc:
    return Auc(area.value, float(np.sqrt(area.variance)))
