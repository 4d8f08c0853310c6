"""From attempts to findings: risks of all people, of the worst group, of outliers, the positive control, and what could be seen at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Exhibit, Finding, Grid, Intervals, Role
from sundog.core.protocols import Evidence
from sundog.evidence._verdicts import judge_risk, skipped
from sundog.evidence.privacy.policy import limit_risk
from sundog.lib.stats.risk import Interval, Risk, measure_rate

ALL: Final[tuple[Role, ...]] = ("synthetic", "train", "holdout")

HOW_TO_READ: Final = (
    "Each line is how often an attack succeeds on people the table was learned from; the mark beside it is the same attack on people it "
    "cannot know. A line at its mark tells nothing about anybody."
)


@dataclass(frozen=True, slots=True)
class Attempts:
    """Successes of one attack.

    Attributes:
        attack: float64 (attempts,), on people that the table was learned from.
        control: float64 (others,), on people that it was not learned from.
        people: int64 (attempts,), whom each attempt was on; None where each is on another.
        other_people: int64 (others,).
        baseline: success of guessing.
        weight: what one success of the control counts, where it is not 1.
        by: the attack, in words.
    """

    attack: NDArray[np.float64]
    control: NDArray[np.float64]
    people: NDArray[np.int64] | None
    other_people: NDArray[np.int64] | None
    baseline: float
    weight: float = 1.0
    by: str = ""

    def risk(self, mine: NDArray[np.bool_] | None = None, theirs: NDArray[np.bool_] | None = None) -> Risk:
        """The risk of all, or of some."""
        first = slice(None) if mine is None else mine
        second = slice(None) if theirs is None else theirs
        return Risk(
            measure_rate(self.attack[first], None if self.people is None else self.people[first]),
            measure_rate(
                self.control[second], None if self.other_people is None else self.other_people[second], self.weight
            ),
            self.baseline,
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """A risk, of whom, and at what confidence.

    Attributes:
        subject: of the finding.
        risk: the number.
        level: of its interval: where several are looked at together, each has a higher one.
        by: the attack, in words.
        firm: whether the risk must be shown to be low; of a small group it only must not be shown to be high.
    """

    subject: str
    risk: Risk
    level: float
    by: str
    firm: bool = True

    @property
    def interval(self) -> Interval:
        """Of the risk, not below 0."""
        low, high = self.risk.interval(self.level)
        return (max(0.0, low), max(0.0, high))

    @property
    def value(self) -> float:
        """The risk, not below 0."""
        return max(0.0, self.risk.value)


def put_first(measured: Sequence[Measured], worst: Measured | None) -> list[Measured]:
    """The worst at the head, the others as they were: the first finding of a check is the one that summaries name."""
    return [m for m in (worst,) if m is not None] + [m for m in measured if m is not worst]


def share_level(tests: int, level: float = 0.95) -> float:
    """Confidence of each of several intervals that together hold with ``level`` (Bonferroni)."""
    return 1.0 - (1.0 - level) / max(1, tests)


def write_risk(evidence: Evidence, check: str, measured: Measured, said: str, *, headline: bool = False) -> Finding:
    """The finding of one risk."""
    limit = limit_risk(evidence)
    risk, verdict = measured.risk, judge_risk(measured.interval, limit)
    worse = (
        ""
        if risk.attack.value > risk.baseline or risk.baseline == 0.0
        else " The attack does not beat guessing, so its failure alone would show little."
    )
    rule = f"passes when the upper bound is at most {limit:g}, fails when the lower bound is above it"
    return Finding(
        check=check,
        part=evidence.name,
        section="privacy",
        subject=measured.subject,
        unit="risk",
        value=measured.value,
        interval=measured.interval,
        level=round(measured.level, 6),
        baseline=0.0,
        baseline_is="as often on people that the table was not learned from",
        limit=rule if measured.firm else f"{rule}; withholds only when it fails, since the group is small",
        verdict=verdict,
        withholds=measured.firm or verdict == "fail",
        reads=ALL,
        headline=headline,
        why=f"{said} succeeds on {risk.attack.value:.1%} of those in the training records, on {risk.control.value:.1%} of others, and by guessing on {risk.baseline:.1%}: the table adds {measured.value:.3f} of what was left to find out.{worse}",
    )


def write_control(evidence: Evidence, subject: str, measured: Measured, leak: float) -> Finding:
    """The finding that the attack fires on a leaky copy, or that it does not and a pass means nothing."""
    limit = limit_risk(evidence)
    low, high = measured.interval
    if low <= limit:
        return skipped(
            evidence,
            "privacy.positive_control",
            "privacy",
            subject,
            f"the attack did not fire on a copy of the table with the records of {leak:.0%} of the people in it (risk {measured.value:.3f}, {low:.3f} to {high:.3f}, limit {limit:g}), so a pass means nothing: more holdout records are needed",
            "risk",
            withholds=True,
        )
    return Finding(
        check="privacy.positive_control",
        part=evidence.name,
        section="privacy",
        subject=subject,
        unit="risk",
        value=measured.value,
        interval=measured.interval,
        level=round(measured.level, 6),
        limit=f"passes when the lower bound is above {limit:g}, so that the leak would have been found",
        verdict="pass",
        reads=ALL,
        why=f"On a copy of the table into which records of {leak:.0%} of the people were put, the same attack finds a risk of {measured.value:.3f}: it would have fired.",
    )


def write_detectable(evidence: Evidence, subject: str, risks: Sequence[Measured]) -> Finding:
    """The smallest risk that would have been told from none, for the attack that sees least."""
    limit = limit_risk(evidence)
    worst = max(risks, key=lambda m: m.risk.detectable(m.level))
    least = worst.risk.detectable(worst.level)
    return Finding(
        check="privacy.detectable",
        part=evidence.name,
        section="privacy",
        subject=subject,
        unit="risk",
        value=least,
        limit=f"warns above the limit of {limit:g}",
        verdict="info" if least <= limit else "warn",
        reads=ALL,
        why=f"The smallest risk that this run tells from none in four cases of five is {least:.3f} ({worst.subject}); a smaller one could be there and not be seen.",
    )


def draw_risks(
    evidence: Evidence, check: str, title: str, measured: Sequence[Measured], order: float
) -> tuple[Exhibit, ...]:
    """Success of the attacks beside the control, and the same numbers as a table."""
    shown = [m for m in measured if m.risk.attack.trials > 0]
    if not shown:
        return ()
    bounds = [m.risk.attack.interval(m.level) for m in shown]
    picture = Exhibit(
        check=check,
        part=evidence.name,
        section="privacy",
        title=title,
        reads=ALL,
        order=order,
        how_to_read=HOW_TO_READ,
        drawing=Intervals(
            labels=tuple(m.subject for m in shown),
            value=tuple(_digits(m.risk.attack.value) for m in shown),
            low=tuple(_digits(b[0]) for b in bounds),
            high=tuple(_digits(b[1]) for b in bounds),
            reference=tuple(_digits(m.risk.control.value) for m in shown),
            reference_is="people the table was not learned from",
            unit="share",
        ),
    )
    table = Exhibit(
        check=check,
        part=evidence.name,
        section="privacy",
        title=f"{title}: the numbers",
        reads=ALL,
        order=order + 0.1,
        how_to_read="The risk is (attack - control) / (1 - control): the share of what was left to find out that the table gives away.",
        drawing=Grid(
            columns=("of", "attack", "success", "control", "guessing", "risk", "interval"),
            rows=tuple(
                (
                    m.subject,
                    m.by,
                    f"{m.risk.attack.value:.1%}",
                    f"{m.risk.control.value:.1%}",
                    f"{m.risk.baseline:.1%}",
                    f"{m.value:.3f}",
                    f"{m.interval[0]:.3f} to {m.interval[1]:.3f}",
                )
                for m in shown
            ),
        ),
    )
    return (picture, table)


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
