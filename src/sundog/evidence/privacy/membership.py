"""Does the synthetic table tell who was in the training records?

An attacker who holds the synthetic table and a person's record guesses that the person was in the training records when a
synthetic row lies near. The AUC of that guess over members and non-members is 0.5 where the table tells nothing.

Limits: one attack of many. Distance to the closest record by itself proves nothing (arXiv:2505.01524), so it is shown as an
alarm and never as a proof. The full evidence runs many more attacks (``membership_ensemble``, ``singling_out``, ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Histogram, Role, Series
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._frames import first_table, plan_comparison
from sundog.evidence._verdicts import is_full, judge_risk, settle, skipped
from sundog.evidence.privacy.recipe import MembershipCheck
from sundog.lib.stats.auc import measure_auc
from sundog.lib.stats.frame import Frame, encode_tables
from sundog.lib.stats.intervals import wilson_interval
from sundog.lib.stats.nearest import embed_frames, find_nearest

LIMIT: Final = 0.55
"""Greatest AUC that passes, as an upper bound."""

ATTACKS: Final = {
    "singling_out": "singling out",
    "linkability": "linkability",
    "inference": "inference",
    "membership_ensemble": "the membership ensemble",
}
"""Checks of the full evidence, and what they do."""

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")


@dataclass(frozen=True, slots=True)
class _Caps:
    members: int
    synthetic: int


QUICK: Final = _Caps(members=5_000, synthetic=20_000)
FULL: Final = _Caps(members=10_000, synthetic=50_000)


@dataclass(frozen=True, slots=True)
class Membership:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: MembershipCheck, evidence: Evidence, key: Key) -> Answer:
        """AUC of members against non-members by the distance to the nearest synthetic row, and distance as an alarm."""
        caps = FULL if is_full(evidence) else QUICK
        sides, why = _read_sides(evidence, caps, key)
        later = _say_not_run(evidence)
        if sides is None:
            return Answer(
                findings=(
                    skipped(
                        evidence,
                        "privacy.membership",
                        "privacy",
                        "members against non-members",
                        why,
                        withholds=is_full(evidence),
                    ),
                    *later,
                )
            )
        members, fresh, synthetic = embed_frames(sides.synthetic, [sides.members, sides.fresh, sides.synthetic])
        kinds = np.repeat([0, 1], [len(members), len(fresh)])
        nearest = find_nearest(np.concatenate([members, fresh]), synthetic, kinds)
        real = find_nearest(fresh, members, np.zeros(len(fresh), dtype=np.int64)).queries
        gaps, groups = (nearest.queries[kinds == 0], nearest.queries[kinds == 1]), (sides.people, sides.fresh_people)
        scores = tuple(_by_person(g, p) for g, p in zip(gaps, groups, strict=True))
        findings = [
            _membership_finding(evidence, scores[0], scores[1], sides, later=sides.people is not None),
            *_alarm_findings(evidence, nearest.rows, real),
            *later,
        ]
        return settle(Answer(findings=tuple(findings), exhibits=(_draw(evidence, scores[0], scores[1]),)))


def _say_not_run(evidence: Evidence) -> tuple[Finding, ...]:
    """What quick evidence leaves out, unless the recipe asks for it."""
    asked = {c.kind for c in evidence.recipe.checks if c.of in (None, evidence.name)}
    left = [words for kind, words in ATTACKS.items() if kind not in asked]
    if is_full(evidence) or not left:
        return ()
    why = f"quick evidence runs no attacks by {', '.join(left)}, so it says nothing about them; --evidence full does"
    return (skipped(evidence, "privacy.attacks", "privacy", ", ".join(left), why, "risk"),)


@dataclass(frozen=True, slots=True)
class _Sides:
    """Equally many members (training rows) and non-members (holdout rows), and synthetic rows; persons where the recipe names them."""

    members: Frame
    fresh: Frame
    synthetic: Frame
    people: NDArray[np.int64] | None
    fresh_people: NDArray[np.int64] | None
    note: str


def _read_sides(evidence: Evidence, caps: _Caps, key: Key) -> tuple[_Sides | None, str]:
    alignment = plan_comparison(evidence)
    if not evidence.has("holdout"):
        return (
            None,
            "there are no holdout rows: without people who were not in the training records there is nobody to tell members from",
        )
    if not alignment.columns:
        return None, "no column can be compared"
    table = first_table(evidence)
    size = min(caps.members, evidence.rows("train"), evidence.rows("holdout"))
    if size < 50 or evidence.rows("synthetic", table) < 50:
        return None, "fewer than 50 rows on a side tell nothing"
    person: str | None = getattr(getattr(evidence.part, "source", None), "person", None)
    names = list(alignment.names)
    real: dict[str, pa.Table] = {}
    roles: tuple[Role, ...] = ("train", "holdout")
    for role in roles:
        named = [person] if person is not None and person in evidence.schema(role).names else []
        real[role] = evidence.take(role, size, key.child(role), table, list(dict.fromkeys([*names, *named])))
    made = evidence.take("synthetic", caps.synthetic, key.child("synthetic"), table, names)
    frames = encode_tables(alignment, {"synthetic": made, **real})
    people = [_code_people(real[role], person) for role in roles]
    if any(p is None for p in people):
        people = [None, None]
    total = evidence.rows("synthetic", table)
    note = f" {size:,} rows of each kind, against {made.num_rows:,} of {total:,} synthetic rows."
    return _Sides(frames["train"], frames["holdout"], frames["synthetic"], people[0], people[1], note), ""


def _code_people(table: pa.Table, person: str | None) -> NDArray[np.int64] | None:
    if person is None or person not in table.column_names:
        return None
    names = table.column(person).to_pylist()
    place = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([place[n] for n in names], dtype=np.int64)


def _by_person(gaps: NDArray[np.float64], people: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """The mean distance of a person's rows; of single rows where no person is named."""
    if people is None:
        return gaps
    counts = np.bincount(people)
    return np.asarray(np.bincount(people, weights=gaps) / counts, dtype=np.float64)


def _membership_finding(
    evidence: Evidence, members: NDArray[np.float64], others: NDArray[np.float64], sides: _Sides, *, later: bool
) -> Finding:
    area = measure_auc(-members, -others)
    low, high = area.interval()
    # an attacker may guess the other way round just as well
    risk = (low, high) if area.value >= 0.5 else (1.0 - high, 1.0 - low)
    rejects = getattr(evidence.part, "copies", "count") == "reject"
    said = (
        " Rows equal to a training row were rejected: that keeps this attack from finding them, but a common combination that is missing points to a training row too, and would show below 0.5."
        if rejects
        else ""
    )
    what = "persons" if later else "rows"
    return Finding(
        check="privacy.membership",
        part=evidence.name,
        section="privacy",
        subject=f"members against non-members, by {what}",
        unit="AUC",
        value=area.value,
        interval=(low, high),
        baseline=0.5,
        baseline_is="guessing",
        limit=f"passes when the upper bound is at most {LIMIT}, fails when the lower bound is above it, in either direction",
        verdict=judge_risk(risk, LIMIT),
        withholds=is_full(evidence),
        reads=_ALL,
        headline=True,
        why=f"Who guesses by the nearest synthetic row which real {what} were learned from is right with AUC {area.value:.3f} (0.5 is guessing, 1 is always right).{said}{sides.note}",
    )


def _alarm_findings(evidence: Evidence, rows: NDArray[np.float64], real: NDArray[np.float64]) -> list[Finding]:
    to_members, to_others = rows
    closer = float((to_members < to_others).mean() + 0.5 * (to_members == to_others).mean())
    bounds = wilson_interval(round(closer * len(to_members)), len(to_members))
    near = float(np.quantile(real, 0.01))
    hits, fresh = int((to_members <= near).sum()), int((real <= near).sum())
    near_bounds, fresh_bounds = wilson_interval(hits, len(to_members)), wilson_interval(fresh, len(real))
    median, real_median = float(np.median(to_members)), float(np.median(real))
    proof = "it is an alarm and no proof: tables whose distances looked safe have been broken, and a quiet alarm does not make a table private."
    return [
        Finding(
            check="privacy.distance",
            part=evidence.name,
            section="privacy",
            subject="synthetic rows nearer to training than to holdout rows",
            unit="share",
            value=closer,
            interval=bounds,
            baseline=0.5,
            baseline_is="chance, with equally many rows of both; the interval is over synthetic rows alone",
            limit="warns when the lower bound is above 0.55",
            verdict="warn" if bounds[0] > 0.55 else "info",
            reads=_ALL,
            why=f"{closer:.1%} of the synthetic rows have their closest record among the training rows rather than among as many holdout rows; {proof}",
        ),
        Finding(
            check="privacy.near",
            part=evidence.name,
            section="privacy",
            subject="synthetic rows very near to a training row",
            unit="share",
            value=hits / len(to_members),
            interval=near_bounds,
            baseline=fresh / len(real),
            baseline_is="holdout rows that are as near to a training row",
            limit="warns when the lower bound is above the upper bound of the reference",
            verdict="warn" if near_bounds[0] > fresh_bounds[1] else "info",
            reads=_ALL,
            why=f"{hits:,} of {len(to_members):,} synthetic rows lie as near to a training row as the nearest 1% of the holdout rows do; {proof}",
        ),
        Finding(
            check="privacy.distance_median",
            part=evidence.name,
            section="privacy",
            subject="median distance to the closest training row",
            unit="distance",
            value=median,
            baseline=real_median,
            baseline_is="holdout rows, to the same training rows",
            verdict="warn" if median < 0.5 * real_median else "info",
            limit="warns below half of the reference",
            reads=_ALL,
            why=f"The median distance to the closest training row is {median:.3f}, that of fresh real rows {real_median:.3f}; {proof}",
        ),
    ]


def _draw(evidence: Evidence, members: NDArray[np.float64], others: NDArray[np.float64]) -> Exhibit:
    top = float(np.quantile(np.concatenate([members, others]), 0.99))
    edges = np.linspace(0.0, top if top > 0 else 1.0, 31)
    series = []
    for name, gaps in (("members (training)", members), ("non-members (holdout)", others)):
        counts, _ = np.histogram(np.minimum(gaps, edges[-1]), edges)
        series.append(Series(name=name, y=tuple(round(float(c), 6) for c in counts / len(gaps))))
    return Exhibit(
        check="privacy.membership",
        part=evidence.name,
        section="privacy",
        title="Distance to the nearest synthetic row",
        reads=_ALL,
        order=2.0,
        how_to_read="Where the two outlines lie on one another nobody can tell members from non-members; members further left are a leak.",
        drawing=Histogram(edges=tuple(round(float(e), 6) for e in edges), series=tuple(series), unit="share of rows"),
    )
