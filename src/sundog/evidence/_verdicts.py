"""From a number, its interval and its reference to a verdict; one place, so that all checks mean the same by it."""

from __future__ import annotations

from sundog.core.findings import Answer, Finding, Section, Verdict
from sundog.core.protocols import Evidence

Interval = tuple[float, float]


def judge_risk(interval: Interval, limit: float) -> Verdict:
    """A risk fails when even its lower bound is above the limit, passes when its upper bound is at or below it."""
    low, high = interval
    if low > limit:
        return "fail"
    return "pass" if high <= limit else "inconclusive"


def judge_above(interval: Interval, baseline: float | None, margin: float) -> Verdict:
    """For numbers where more is worse: ``warn`` when the lower bound lies more than ``margin`` above the reference."""
    if baseline is None:
        return "info"
    return "warn" if interval[0] > baseline + margin else "pass"


def judge_below(interval: Interval, baseline: float | None, margin: float) -> Verdict:
    """For numbers where less is worse: ``warn`` when the upper bound lies more than ``margin`` below the reference."""
    if baseline is None:
        return "info"
    return "warn" if interval[1] < baseline - margin else "pass"


def settle(answer: Answer) -> Answer:
    """The answer with its numbers at nine digits.

    The last bits of a matrix product depend on the number of threads that made it, and findings are part of what every run of
    a recipe must have in common.
    """
    return answer.model_copy(update={"findings": tuple(_round(f) for f in answer.findings)})


def _round(finding: Finding) -> Finding:
    numbers = {
        "value": _digits(finding.value),
        "baseline": _digits(finding.baseline),
        "interval": finding.interval and (_digits(finding.interval[0]), _digits(finding.interval[1])),
    }
    return finding.model_copy(update=numbers)


def _digits(number: float | None) -> float | None:
    return None if number is None else float(f"{number:.9g}")


def skip_check(
    evidence: Evidence, check: str, section: Section, subject: str, why: str, *, withholds: bool = False
) -> Answer:
    """An answer that says why there is no number."""
    return Answer(findings=(skipped(evidence, check, section, subject, why, withholds=withholds),))


def skipped(
    evidence: Evidence, check: str, section: Section, subject: str, why: str, unit: str = "", *, withholds: bool = False
) -> Finding:
    """A finding that says why there is no number; where it could have withheld, nothing is released without it."""
    sentence = why[:1].upper() + why[1:] + ("" if why.endswith(".") else ".")
    return Finding(
        check=check,
        part=evidence.name,
        section=section,
        subject=subject,
        value=None,
        unit=unit,
        verdict="skipped",
        withholds=withholds,
        why=sentence,
    )


def is_full(evidence: Evidence) -> bool:
    """Whether the evidence asked for is the full one."""
    return evidence.level == "full"
