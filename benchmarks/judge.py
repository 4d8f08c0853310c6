"""The judge: how near a synthetic table is to real rows that its maker never saw, and how much it gives away of those it did see.

Everything takes the half that was fitted (A), the unseen half (B) and the synthetic table (S, as many rows as A). The measures are those of
the package; what is fixed here is the protocol. The settings below are part of the result: a change raises ``VERSION``, and stored
judgements of another version are made again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from real import Dataset

from sundog.core.findings import Role
from sundog.core.keys import Key
from sundog.evidence.fidelity.c2st import C2stSettings, compare_frames
from sundog.evidence.privacy._rows import make_hasher
from sundog.evidence.utility._models import predict
from sundog.evidence.utility._task import make_task, score_models
from sundog.lib.stats import auc, bins, boost, nearest, rowhash
from sundog.lib.stats.align import plan_alignment
from sundog.lib.stats.frame import Frame, encode_tables

VERSION = 2
Z95 = 1.959964
C2ST = C2stSettings(model=boost.TreeSettings(trees=100, leaves=31, rate=0.1, min_leaf=20), folds=5, rows=50_000)
"""The two-sample test: LightGBM's defaults, written out, on one thread; the same as in the full evidence of a report."""
MOST_CLASSES = 10
"""Classes of a target that the utility test keeps."""
BINS = 10
"""Quantile bins of a number and most frequent categories kept apart, in pair and triple accuracy."""
TRIPLES = 2_500
"""Most triples of columns, drawn at random where there are more."""
MEMBERS = 20_000
"""Most rows of each half that the membership test asks about."""
SAMPLE = 10_000
"""Synthetic rows that the weaker attacker has."""
KEY = Key.root(1).child("judge")

SETTINGS = (
    f"Two-sample test: {C2ST.describe()}, categories as categories, one thread, at most {C2ST.rows:,} rows a side; mean AUC of the folds with "
    f"DeLong's variance. Utility: boosted trees with the same settings. Accuracy: {BINS} bins a column, all pairs, all triples (at most {TRIPLES:,}). Membership: "
    f"Euclidean distance on ranks and one-hot categories to the nearest of all synthetic rows, {MEMBERS:,} rows of each half at most. Judge version {VERSION}."
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
        membership: AUC of "nearest synthetic row is near" for rows of A against rows of B, all of S searched.
        membership_sample: the same by an attacker who has ``SAMPLE`` rows of S only; None in older results.
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
    membership_sample: Auc | None = None


def judge_table(data: Dataset, fitted: pa.Table, unseen: pa.Table, made: pa.Table) -> Judgement:
    """All measures of one synthetic table."""
    a, b, s = encode_halves({"a": fitted, "b": unseen, "s": made})
    pairs, triples = measure_accuracy(a, s)
    real_pairs, real_triples = measure_accuracy(a, b)
    utility, real_utility = measure_utility(a, b, s, data.target)
    return Judgement(
        unseen=measure_c2st(b, s),
        fitting=measure_c2st(a, s),
        pairs=pairs,
        triples=triples,
        real_pairs=real_pairs,
        real_triples=real_triples,
        synthetic_utility=utility,
        real_utility=real_utility,
        copies=measure_copies(fitted, made),
        real_copies=measure_copies(fitted, unseen),
        membership=measure_membership(a, b, s),
        membership_sample=measure_membership(a, b, s.take(np.arange(min(s.rows, SAMPLE)))),
    )


def judge_reference(data: Dataset, fitted: pa.Table, unseen: pa.Table) -> Judgement:
    """What real rows score: A in the place of the synthetic table against B, and half of B where unseen rows are to be asked about."""
    a, b = encode_halves({"a": fitted, "b": unseen})
    pairs, triples = measure_accuracy(a, b)
    utility, _ = measure_utility(a, b, a, data.target)
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
    """Whether boosted trees can tell the tables apart (Lopez-Paz and Oquab, ICLR 2017, arXiv:1610.06545)."""
    found = compare_frames(real, made, KEY.child("c2st"), C2ST)
    return Auc(found.auc, (found.high - found.low) / (2 * Z95))


def measure_utility(fitted: Frame, unseen: Frame, made: Frame, target: str) -> tuple[float, float]:
    """Boosted trees of the target trained on S and on A, tested on B: AUC of a class (mean over several), R2 of a number."""
    task = make_task({"train": fitted, "holdout": unseen, "synthetic": made}, target, MOST_CLASSES)
    if isinstance(task, str):
        raise ValueError(task)
    tested, truth = task.features["holdout"], task.truth["holdout"]
    once = np.ones((1, len(truth)))
    found = []
    roles: tuple[Role, ...] = ("synthetic", "train")
    for role in roles:
        scores = predict("boosted trees", task, task.features[role], task.truth[role], tested, KEY.child("utility"))
        found.append(float(score_models(task, truth, scores, once)[0]))
    return found[0], found[1]


def measure_accuracy(fitted: Frame, other: Frame) -> tuple[float, float]:
    """Mean over pairs and over triples of columns of 1 - total variation distance of the joint shares; bins come from ``fitted``."""
    one, two = bins.bin_frames([fitted, other], BINS)
    sets = [bins.choose_sets(len(fitted.columns), of, TRIPLES, KEY.child("sets").generator()) for of in (2, 3)]
    pairs, triples = (bins.measure_accuracy(one, two, chosen).value for chosen in sets)
    return pairs, triples


def measure_copies(fitted: pa.Table, other: pa.Table) -> float:
    """Share of the rows of ``other`` that equal a row of ``fitted`` in every column, numbers to the places they are written with."""
    hasher = make_hasher(plan_alignment(fitted.schema), fitted)
    known = rowhash.make_row_set(hasher.hash(fitted))
    return float((rowhash.count_rows(known, hasher.hash(other)) > 0).mean())


def measure_membership(fitted: Frame, unseen: Frame, made: Frame) -> Auc:
    """AUC with which "has a near synthetic row" tells fitted rows from unseen ones; the attacker scales by the synthetic rows."""
    asked = [frame.take(np.arange(min(frame.rows, MEMBERS))) for frame in (fitted, unseen)]
    members, others, rows = nearest.embed_frames(made, [*asked, made])
    gaps = nearest.find_nearest(
        np.concatenate([members, others]), rows, np.repeat([0, 1], [len(members), len(others)])
    ).queries
    area = auc.measure_auc(-gaps[: len(members)], -gaps[len(members) :])
    return Auc(area.value, float(np.sqrt(area.variance)))
