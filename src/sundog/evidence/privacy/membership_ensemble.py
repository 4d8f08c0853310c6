"""Membership: the best of twelve attacks on who was in the training records, over all people and over outliers.

The attack is chosen on one half of the people and reported on the other, since the best of many noisy numbers is too high. Limits: attackers
who hold the table, and a few people of the same kind; one who can run the generator may do better.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Curve, Exhibit, Finding, Grid, Role, Series
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._verdicts import Interval, judge_risk, settle, skipped
from sundog.evidence.privacy import policy
from sundog.evidence.privacy._attacked import LEAK, Attacked, leak_rows, read_attacked
from sundog.evidence.privacy._risks import ALL
from sundog.evidence.privacy.recipe import MembershipEnsembleCheck
from sundog.lib.adversarial.best_guess import Asked, Scores, find_best_area, find_best_found
from sundog.lib.adversarial.choice import halve
from sundog.lib.adversarial.membership import Known, score_members
from sundog.lib.stats.auc import measure_auc
from sundog.lib.stats.frame import join_frames
from sundog.lib.stats.roc import FEW, trace_roc

LOW, LOWER = 0.01, 0.001
"""False positives at which members found are counted."""

LEAST_OUTLIERS: Final = 30
"""Fewest outliers of a kind in a half."""


@dataclass(frozen=True, slots=True)
class MembershipEnsemble:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: MembershipEnsembleCheck, evidence: Evidence, key: Key) -> Answer:
        """All attacks on members and others; the best of them."""
        attacked, why = read_attacked(evidence, key)
        names = ("privacy.membership_ensemble", "privacy.membership_outliers", "privacy.membership_tpr")
        if attacked is None:
            return Answer(
                findings=tuple(
                    skipped(evidence, n, "privacy", "members against non-members", why, withholds=True) for n in names
                )
            )
        scores, asked = _score(attacked, key)
        far = _restrict(asked, attacked)
        findings = [
            _area_finding(evidence, attacked, names[0], "all", scores, asked, policy.MEMBERSHIP, True),
            _area_finding(evidence, attacked, names[1], "outliers", scores, far, policy.MEMBERSHIP_OUTLIERS, False),
            _found_finding(evidence, attacked, "at 1% false positives", scores, asked, LOW, policy.FOUND),
            _found_finding(evidence, attacked, "at 0.1% false positives", scores, asked, LOWER, None),
            _found_finding(evidence, attacked, "at 1% false positives, outliers", scores, far, LOW, None),
            *_prove(evidence, attacked, scores, asked, key.child("control")),
        ]
        exhibits = (_draw(evidence, scores, asked), _list(evidence, scores, asked, far))
        return settle(Answer(findings=tuple(findings), exhibits=exhibits))


def _score(attacked: Attacked, key: Key) -> tuple[Scores, Asked]:
    """Scores of all attacks, one a person, and who they are."""
    known = Known(attacked.synthetic, attacked.reference)
    scores = score_members(known, join_frames(attacked.members, attacked.others), key.child("attacks"))
    rows = np.repeat([True, False], [attacked.members.rows, attacked.others.rows])
    people = np.concatenate([attacked.people, attacked.other_people + int(attacked.people.max()) + 1])
    distinct, first, codes = np.unique(people, return_index=True, return_inverse=True)
    if attacked.persons:
        counts = np.bincount(codes)
        scores = {name: np.bincount(codes, weights=s) / counts for name, s in scores.items()}
    else:
        scores = {name: s[first] for name, s in scores.items()}
    member = rows[first]
    half = np.zeros(len(distinct), dtype=bool)
    for kind in (True, False):
        half[member == kind] = halve(distinct[member == kind], key.child("halves").child(int(kind)))
    return scores, Asked(member, half, np.ones(len(member), dtype=bool))


def _restrict(asked: Asked, attacked: Attacked) -> Asked:
    """Outliers alone: people with an outlying record."""
    people = np.concatenate([attacked.people, attacked.other_people + int(attacked.people.max()) + 1])
    _, codes = np.unique(people, return_inverse=True)
    far = np.concatenate([attacked.outlying, attacked.other_outlying])
    return Asked(asked.member, asked.half, np.bincount(codes, weights=far) > 0)


def _area_finding(
    evidence: Evidence,
    attacked: Attacked,
    check: str,
    who: str,
    scores: Scores,
    asked: Asked,
    limit: float,
    headline: bool,
) -> Finding:
    subject = f"best attack, {who}"
    if asked.least() < LEAST_OUTLIERS:
        why = f"fewer than {LEAST_OUTLIERS} {who} of a kind in a half tell nothing"
        return skipped(evidence, check, "privacy", subject, why, "AUC", withholds=True)
    best = find_best_area(scores, asked)
    interval: Interval = best.area.interval()
    return Finding(
        check=check,
        part=evidence.name,
        section="privacy",
        subject=subject,
        unit="AUC",
        value=best.area.value,
        interval=interval,
        baseline=0.5,
        baseline_is="guessing",
        limit=f"passes when the upper bound is at most {limit:g}, fails when the lower bound is above it",
        verdict=judge_risk(interval, limit),
        withholds=True,
        reads=ALL,
        headline=headline,
        why=f"The best of {len(scores)} attacks ({_say(best.names)}), chosen on one half of the {attacked.who} and tried on the other, tells members from others with AUC {best.area.value:.3f} (0.5 is guessing).{attacked.note}",
    )


def _found_finding(
    evidence: Evidence,
    attacked: Attacked,
    subject: str,
    scores: Scores,
    asked: Asked,
    share: float,
    limit: float | None,
) -> Finding:
    check = "privacy.membership_tpr"
    if asked.least() < LEAST_OUTLIERS:
        why = f"fewer than {LEAST_OUTLIERS} people of a kind in a half tell nothing"
        return skipped(evidence, check, "privacy", subject, why, "share", withholds=limit is not None)
    best = find_best_found(scores, asked, share)
    interval = best.found.interval()
    few = (
        ""
        if best.found.exact is None
        else f" Fewer than {FEW} of the strangers in a half are expected above the threshold, so where it lies is hardly known: the interval is exact, "
        "and wide. More holdout records narrow it."
    )
    return Finding(
        check=check,
        part=evidence.name,
        section="privacy",
        subject=subject,
        unit="share",
        value=best.found.value,
        interval=interval,
        baseline=share,
        baseline_is="guessing",
        limit=""
        if limit is None
        else f"passes when the upper bound is at most {limit:g}, fails when the lower bound is above it",
        verdict="info" if limit is None else judge_risk(interval, limit),
        withholds=limit is not None,
        reads=ALL,
        why=f"Calling {share:.1%} of strangers members, the best attack ({_say(best.names)}) finds {best.found.value:.2%} of the members.{few}",
    )


def _prove(evidence: Evidence, attacked: Attacked, scores: Scores, asked: Asked, key: Key) -> list[Finding]:
    leaky, again = _score(leak_rows(attacked, key.child("leak")), key)
    area, found = find_best_area(leaky, again).area, find_best_found(leaky, again, LOW).found
    fires = area.interval()[0] > policy.MEMBERSHIP or found.interval()[0] > policy.FOUND
    why = f"on a copy of the table with the records of {LEAK:.0%} of the people in it the best attack has AUC {area.value:.3f} and finds {found.value:.1%} of the members at 1% false positives"
    if not fires:
        return [
            skipped(evidence, "privacy.positive_control", "privacy", "membership", f"the attacks did not fire: {why}; a pass means nothing, and more holdout records are needed", "share", withholds=True)
        ]  # fmt: skip
    mine = find_best_area(scores, asked).area
    low, high = mine.interval()
    least = (1.96 + 0.84) / 1.96 * (high - low) / 2
    return [
        Finding(
            check="privacy.positive_control",
            part=evidence.name,
            section="privacy",
            subject="membership",
            unit="share",
            value=found.value,
            interval=found.interval(),
            limit=f"passes when the lower bound is above {policy.FOUND:g}, or that of the AUC above {policy.MEMBERSHIP:g}",
            verdict="pass",
            reads=ALL,
            why=f"O{why[1:]}: it would have fired.",
        ),
        Finding(
            check="privacy.detectable",
            part=evidence.name,
            section="privacy",
            subject="membership",
            unit="AUC",
            value=0.5 + least,
            limit=f"warns above the limit of {policy.MEMBERSHIP:g}",
            verdict="info" if 0.5 + least <= policy.MEMBERSHIP else "warn",
            reads=ALL,
            why=f"The smallest AUC that this run tells from guessing in four cases of five is {0.5 + least:.3f}; a smaller one could be there and not be seen.",
        ),
    ]


def _say(names: tuple[str, str]) -> str:
    words = [f"{n[1:]}, the other way round" if n.startswith("-") else n for n in dict.fromkeys(names)]
    return " and ".join(words)


def _draw(evidence: Evidence, scores: Scores, asked: Asked) -> Exhibit:
    at: NDArray[np.float64] = np.geomspace(1e-4, 1.0, 41).astype(np.float64)
    members, others = asked.member, ~asked.member
    areas = {name: measure_auc(s[members], s[others]).value for name, s in scores.items()}
    shown = sorted(scores, key=lambda n: -abs(areas[n] - 0.5))[:3]
    series = [Series(name="guessing", y=tuple(_digits(v) for v in at))]
    for name in shown:
        sign = 1.0 if areas[name] >= 0.5 else -1.0
        curve = trace_roc(sign * scores[name][members], sign * scores[name][others], at)
        title = name if sign > 0 else f"{name}, the other way round"
        series.append(Series(name=title, y=tuple(_digits(max(v, 1e-4)) for v in curve)))
    return Exhibit(
        check="privacy.membership_ensemble",
        part=evidence.name,
        section="privacy",
        title="Members found at few false positives",
        reads=ALL,
        order=3.6,
        how_to_read="Both axes are logarithmic. A curve on the line of guessing tells nothing; one that lies above it at the left gives some people away with certainty.",
        drawing=Curve(
            x=tuple(_digits(v) for v in at), series=tuple(series), x_unit="false positives", unit="members found", log_x=True, log_y=True
        ),
    )  # fmt: skip


def _list(evidence: Evidence, scores: Scores, asked: Asked, far: Asked) -> Exhibit:
    rows = []
    outliers = [(far.within & far.member), (far.within & ~far.member)]
    for name, s in scores.items():
        members, others = s[asked.member], s[~asked.member]
        area = measure_auc(members, others)
        low, high = area.interval()
        found = trace_roc(members, others, np.array([LOW, LOWER]))
        outer = (
            f"{measure_auc(s[outliers[0]], s[outliers[1]]).value:.3f}"
            if min(int(o.sum()) for o in outliers) >= LEAST_OUTLIERS
            else ""
        )
        rows.append((name, f"{area.value:.3f} ({low:.3f} to {high:.3f})", outer, f"{found[0]:.2%}", f"{found[1]:.2%}"))
    return Exhibit(
        check="privacy.membership_ensemble",
        part=evidence.name,
        section="privacy",
        title="Every membership attack",
        reads=ALL,
        order=3.7,
        how_to_read="All people at once, each attack by itself; the greatest of these numbers is flattered by being the greatest, which the findings correct.",
        drawing=Grid(
            columns=("attack", "AUC", "AUC of outliers", "found at 1% false positives", "at 0.1%"), rows=tuple(rows)
        ),
    )


def _digits(value: float) -> float:
    return float(f"{value:.6g}")
