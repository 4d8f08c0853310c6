"""Fields that hang together, and series along the rows of a parent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from sundog.core.errors import RequestError
from sundog.core.keys import Key
from sundog.core.plan import Shard
from sundog.kinds.records._compile import compile_part
from sundog.kinds.records.recipe import RecordsPart
from sundog.kinds.records.synthesize import RecordsSampler

FIELDS: dict[str, Any] = {
    "age": {"type": "normal", "mean": 45, "sd": 12, "low": 18, "high": 90, "decimals": 0},
    "income": {"type": "lognormal", "median": 30000, "spread": 0.6},
    "children": {"type": "poisson", "mean": 1.2},
}
SPEARMAN = [[1, 0.5, 0.3], [0.5, 1, -0.2], [0.3, -0.2, 1]]


def make(table: dict[str, Any], units: int, child: dict[str, Any] | None = None) -> dict[str, Any]:
    tables = {"t": table} | ({} if child is None else {"c": child})
    part = RecordsPart.model_validate({"units": units, "tables": tables})
    return dict(RecordsSampler(compile_part(part)).sample(Shard("p", 0, range(units), Key.root(3)), {}).value)


@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_rank_correlations_are_those_stated(copula: str) -> None:
    group = {"fields": list(FIELDS), "spearman": SPEARMAN, "copula": copula}
    rows = make({"fields": FIELDS, "correlated": [group]}, 200_000)["t"]
    found = spearmanr(np.column_stack([rows[n].to_numpy() for n in FIELDS])).statistic
    # The standard error of a rank correlation of 200,000 rows is .0022; .012 is passed once in ten million.
    assert np.abs(found - SPEARMAN).max() < 0.012
    assert abs(np.median(rows["income"].to_numpy()) / 30_000 - 1) < 0.02
    alone = make({"fields": FIELDS}, 2000)["t"]
    assert np.abs(spearmanr(alone["age"].to_numpy(), alone["income"].to_numpy()).statistic) < 0.12


def test_series_run_along_the_rows_of_a_parent() -> None:
    child = {
        "parent": "t",
        "count": {"type": "constant", "value": 50},
        "fields": {
            "noise": {"type": "ar1", "mean": 10, "sd": 2, "memory": 0.8},
            "walk": {"type": "walk", "start": 100, "step": {"type": "normal", "mean": 0, "sd": 1}, "low": 95},
        },
    }
    rows = make({"fields": {"a": 1}}, 2000, child)["c"]
    noise = rows["noise"].to_numpy().reshape(2000, 50)
    assert abs(noise.mean() - 10) < 0.1
    assert abs(noise.std() - 2) < 0.05
    assert abs(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1] - 0.8) < 0.01
    assert abs(np.corrcoef(noise[:-1, -1], noise[1:, 0])[0, 1]) < 0.12  # units begin anew
    walk = rows["walk"].to_numpy().reshape(2000, 50)
    assert walk.min() >= 95
    assert abs(np.diff(walk[walk.min(axis=1) > 97], axis=1).std() - 1) < 0.05


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("SD-RECORDS-015", {"fields": {"x": {"type": "ar1", "sd": 1, "memory": 0.5}}}),
        (
            "SD-RECORDS-016",
            {"fields": {"a": ["p"], **FIELDS}, "correlated": [{"fields": ["a", "age"], "spearman": [[1, 0], [0, 1]]}]},
        ),
        (
            "SD-RECORDS-005",
            {"fields": FIELDS, "correlated": [{"fields": ["agee", "age"], "spearman": [[1, 0], [0, 1]]}]},
        ),
        ("SD-RECORDS-001", {"fields": FIELDS, "correlated": [{"fields": ["income", "age"], "spearman": [[1, 0]]}]}),
        (
            "SD-RECORDS-001",
            {
                "fields": FIELDS,
                "correlated": [{"fields": list(FIELDS), "spearman": [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]}],
            },
        ),
    ],
)
def test_faults_are_told(code: str, table: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match=code):
        make(table, 10)
