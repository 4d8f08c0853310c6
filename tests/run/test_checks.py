"""Verdicts: limits stated in the recipe, and what releases or withholds a bundle."""

from __future__ import annotations

import pytest

from sundog.core.findings import Finding
from sundog.core.recipe import EvidenceSpec
from sundog.run.checks import Release, _apply_limit, decide


def finding(value: float | None, interval: tuple[float, float] | None, **more: object) -> Finding:
    return Finding.model_validate(
        {"check": "x.y", "part": "p", "section": "fidelity", "subject": "all", "value": value, "unit": "AUC", "interval": interval, **more}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("interval", "baseline", "limit", "verdict"),
    [
        ((0.61, 0.65), 0.5, 0.6, "fail"),
        ((0.55, 0.65), 0.5, 0.6, "inconclusive"),
        ((0.55, 0.60), 0.5, 0.6, "pass"),
        ((0.70, 0.80), 0.99, 0.9, "fail"),
        ((0.85, 0.95), 0.99, 0.9, "inconclusive"),
        ((0.91, 0.95), 0.99, 0.9, "pass"),
        (None, None, 0.6, "fail"),
    ],
)
def test_a_stated_limit(
    interval: tuple[float, float] | None, baseline: float | None, limit: float, verdict: str
) -> None:
    value = sum(interval) / 2 if interval is not None else 0.7
    judged = _apply_limit(finding(value, interval, baseline=baseline), EvidenceSpec(limits={"x.y": limit}))
    assert judged.verdict == verdict
    assert judged.withholds
    assert "stated in the recipe" in judged.limit


def test_a_limit_on_another_check_or_on_nothing_measured_changes_nothing() -> None:
    assert _apply_limit(finding(0.7, None), EvidenceSpec(limits={"x.z": 0.1})).verdict == "info"
    skipped = finding(None, None, verdict="skipped")
    assert _apply_limit(skipped, EvidenceSpec(limits={"x.y": 0.1})) == skipped


def test_what_withholds() -> None:
    full, quick, strict = EvidenceSpec(level="full"), EvidenceSpec(), EvidenceSpec(level="full", policy="strict")
    fails = finding(0.7, None, verdict="fail", withholds=True, why="too near")
    unsure = finding(0.7, None, verdict="inconclusive", withholds=True)
    shown = finding(0.7, None, verdict="fail", withholds=False)
    assert decide([fails], quick).verdict == "withheld"
    assert "too near" in decide([fails], full).reasons[0]
    assert decide([unsure], full).verdict == "released"
    assert decide([unsure], strict).verdict == "withheld"
    assert decide([shown], full).verdict == "released"
    unknown = finding(None, None, verdict="skipped", withholds=True, why="no holdout")
    assert decide([unknown], full) == Release("unassessed", ("x.y was not measured: no holdout",))
    assert decide([unknown, fails], full).verdict == "withheld"
    assert decide([finding(None, None, verdict="skipped")], full).verdict == "released"
    named = EvidenceSpec(level="full", limits={"x.yy": 0.1})
    assert decide([shown], named).failures == ("x.y (all) failed",)
    assert decide([shown], named).not_run == (
        "the limit on 'x.yy' could not be judged: no finding has this name. Did you mean 'x.y'?",
    )
    assert decide([], quick).verdict == "unassessed"
    assert decide([], EvidenceSpec(level="none")).verdict == "unassessed"


def test_a_failure_that_withholds_nothing_is_named_first() -> None:
    """At the quick level membership inference fails without withholding: one line must say it all the same."""
    quick = EvidenceSpec(level="quick")
    found = decide(
        [finding(0.5, (0.4, 0.6), verdict="pass"), finding(0.7, (0.6, 0.8), verdict="fail", why="Too near.")], quick
    )
    assert found.verdict == "unassessed"
    assert found.failures == ("x.y (all) failed: Too near.",)
    assert found.reasons[0] == found.failures[0]
    assert found.not_run == ("quick evidence only; --evidence full runs the rest",)
