"""Every law, as a recipe states it, at a million rows; a right law fails a test once in a million."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from scipy import stats

from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

ROWS = 1_000_000
ALARM = 1e-6
Floats = NDArray[np.float64]
Cdf = Callable[[Floats], Floats]

CONTINUOUS: dict[str, tuple[dict[str, Any], Cdf]] = {
    "uniform": ({"low": -2, "high": 5}, stats.uniform(-2, 7).cdf),
    "normal": ({"mean": 3, "sd": 2}, stats.norm(3, 2).cdf),
    "lognormal": ({"median": 40, "spread": 0.7}, stats.lognorm(0.7, scale=40).cdf),
    "gamma": ({"shape": 2.5, "mean": 10}, stats.gamma(2.5, scale=4).cdf),
    "beta": ({"a": 2, "b": 5, "start": -1, "stop": 3}, stats.beta(2, 5, -1, 4).cdf),
    "exponential": ({"mean": 4}, stats.expon(scale=4).cdf),
    "weibull": ({"shape": 0.8, "scale": 3}, stats.weibull_min(0.8, scale=3).cdf),
    "pareto": ({"alpha": 2.2, "minimum": 5}, stats.pareto(2.2, scale=5).cdf),
    "triangular": ({"low": -1, "high": 4, "mode": 0.5}, stats.triang(0.3, -1, 5).cdf),
    "student_t": ({"degrees": 5, "mean": 1, "scale": 2}, stats.t(5, 1, 2).cdf),
    "logistic": ({"mean": 2, "scale": 0.5}, stats.logistic(2, 0.5).cdf),
    "quantiles": ({"points": {0: 1, 0.5: 2, 1: 10}}, lambda x: np.interp(x, [1, 2, 10], [0, 0.5, 1])),
    "piecewise": ({"heights": {0: 0, 1: 2, 3: 0}}, stats.triang(1 / 3, 0, 3).cdf),
    "mixture": (
        {
            "parts": [
                {"weight": 3, "law": {"type": "normal", "mean": 0, "sd": 1}},
                {"weight": 1, "law": {"type": "exponential", "mean": 5}},
            ]
        },
        lambda x: 0.75 * stats.norm.cdf(x) + 0.25 * stats.expon(scale=5).cdf(x),
    ),
}
WHOLE: dict[str, tuple[dict[str, Any], Any]] = {
    "integer": ({"low": -3, "high": 12}, stats.randint(-3, 13)),
    "zipf": ({"exponent": 1.3, "n": 200}, stats.zipfian(1.3, 200)),
    "poisson": ({"mean": 3.3}, stats.poisson(3.3)),
    "negative_binomial": ({"mean": 5, "size": 0.7}, stats.nbinom(0.7, 0.7 / 5.7)),
    "binomial": ({"trials": 30, "share": 0.3}, stats.binom(30, 0.3)),
    "geometric": ({"share": 0.2}, stats.geom(0.2, loc=-1)),
    "boolean": ({"share": 0.03}, stats.bernoulli(0.03)),
    "table": ({"values": {0: 5, 1: 1, 2: 4}}, stats.rv_discrete(values=([0, 1, 2], [0.5, 0.1, 0.4]))),
}
BOUND = {
    "t_low": {"type": "uniform", "low": -2, "high": 0},
    "by_row_uniform": {"type": "uniform", "low": "t_low", "high": "t_low + 3"},
    "by_row_normal": {"type": "normal", "mean": 0, "sd": 1, "low": "t_low", "high": 1.5},
    "by_row_integer": {"type": "integer", "low": 0, "high": "trunc(10 + t_low)"},
}


@pytest.fixture(scope="module")
def rows() -> pa.RecordBatch:
    fields = {name: {"type": name, **said} for name, (said, _) in {**CONTINUOUS, **WHOLE}.items()}
    part = RecordsPart.model_validate({"units": ROWS, "tables": {"t": {"fields": {**fields, **BOUND}}}})
    return RecordsSampler(compile_part(part)).sample(Shard("p", 0, range(ROWS), Key.root(20)), {}).value["t"]


def test_every_law_is_tried() -> None:
    tried = {*CONTINUOUS, *WHOLE}
    laws = {"constant", "category", "conditional"}  # no law, or one of these
    from sundog.kinds.records._laws import _BUILD

    assert {cls.model_fields["type"].annotation.__args__[0] for cls in _BUILD} - laws == tried  # type: ignore[union-attr]


def judge_continuous(shares: Floats) -> float:
    """The smaller p-value of Kolmogorov's test and of a chi-square test in 500 cells, of what must be uniform."""
    counts = np.histogram(shares, np.linspace(0, 1, 501))[0]
    return float(min(stats.kstest(shares, "uniform").pvalue, stats.chisquare(counts).pvalue))


def judge_whole(values: NDArray[np.int64], law: Any) -> float:
    """The p-value of a chi-square test over the values, those with fewer than 20 expected joined at the ends."""
    points = np.arange(values.min(), values.max() + 1)
    expected = law.pmf(points) * len(values)
    inside = points[expected >= 20]
    low, high = inside.min(), inside.max()
    counts = np.bincount(np.clip(values, low, high) - low, minlength=high - low + 1)
    wanted = law.pmf(np.arange(low, high + 1)) * len(values)
    wanted[0], wanted[-1] = law.cdf(low) * len(values), law.sf(high - 1) * len(values)
    return float(stats.chisquare(counts, wanted * counts.sum() / wanted.sum()).pvalue)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_continuous_laws(name: str, rows: pa.RecordBatch) -> None:
    assert judge_continuous(CONTINUOUS[name][1](rows[name].to_numpy())) > ALARM


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WHOLE))
def test_whole_laws(name: str, rows: pa.RecordBatch) -> None:
    assert judge_whole(rows[name].cast("int64").to_numpy(), WHOLE[name][1]) > ALARM


@pytest.mark.slow
def test_laws_between_bounds_of_their_row(rows: pa.RecordBatch) -> None:
    low = rows["t_low"].to_numpy()
    assert judge_continuous((rows["by_row_uniform"].to_numpy() - low) / 3) > ALARM
    start, stop = stats.norm.cdf(low), stats.norm.cdf(1.5)
    assert judge_continuous((stats.norm.cdf(rows["by_row_normal"].to_numpy()) - start) / (stop - start)) > ALARM
    whole, most = rows["by_row_integer"].to_numpy(), np.trunc(10 + low).astype(np.int64)
    for high in np.unique(most):
        assert judge_whole(whole[most == high], stats.randint(0, high + 1)) > ALARM / 3


@pytest.mark.slow
def test_stated_rank_correlations() -> None:
    fields = {
        "a": {"type": "lognormal", "median": 10, "spread": 1},
        "b": {"type": "poisson", "mean": 2},
        "c": {"type": "integer", "low": 1, "high": 5},
    }
    wanted = np.array([[1, 0.6, -0.4], [0.6, 1, 0.1], [-0.4, 0.1, 1]])
    for copula in ("gaussian", "t"):
        group = {"fields": list(fields), "spearman": wanted.tolist(), "copula": copula}
        part = RecordsPart.model_validate({"units": ROWS, "tables": {"t": {"fields": fields, "correlated": [group]}}})
        made = RecordsSampler(compile_part(part)).sample(Shard("p", 0, range(ROWS), Key.root(21)), {}).value["t"]
        found = stats.spearmanr(np.stack([made[name].to_numpy() for name in fields]), axis=1).statistic
        assert np.abs(found - wanted).max() < 0.01
