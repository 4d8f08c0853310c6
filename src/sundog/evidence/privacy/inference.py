"""Inference: whether the synthetic table tells a secret of a person of whom all else is known.

The third of the three risks of WP29 Opinion 05/2014. Every column is the secret in turn. What holds of people in general (who earns much is
often married) is not counted: the control, on people that the table was not learned from, profits from it just as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.errors import nearest
from sundog.core.findings import Answer, Finding, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._verdicts import settle, skipped
from sundog.evidence.privacy._attacked import LEAK, LEAST, Attacked, leak_rows, read_attacked
from sundog.evidence.privacy._groups import EASY, measure_groups
from sundog.evidence.privacy._risks import (
    ALL,
    Attempts,
    Measured,
    draw_risks,
    put_first,
    share_level,
    write_control,
    write_detectable,
    write_risk,
)
from sundog.evidence.privacy.recipe import InferenceCheck
from sundog.lib.adversarial.choice import choose_across, halve
from sundog.lib.adversarial.inference import Secret, describe_secret, guess_by_trees
from sundog.lib.adversarial.points import place_rows, search_near, search_without

MOST_SECRETS: Final = 40
"""Columns that are tried as the secret where none is named; wider tables are drawn from."""

ATTACKS: Final = ("nearest row", "boosted trees")


@dataclass(frozen=True, slots=True)
class Inference:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: InferenceCheck, evidence: Evidence, key: Key) -> Answer:
        """Each secret column by the nearest row and by boosted trees, on members and on others."""
        check = "privacy.inference"
        attacked, why = read_attacked(evidence, key)
        secrets: list[int] = []
        known: tuple[int, ...] | None = None
        if attacked is not None:
            secrets, known, why = _choose_secrets(spec, [c.name for c in attacked.synthetic.columns], key)
        if attacked is None or not secrets:
            return Answer(
                findings=(skipped(evidence, check, "privacy", "secret columns", why, "risk", withholds=True),)
            )
        halves = halve(attacked.people, key.child("halves")), halve(attacked.other_people, key.child("other halves"))
        results = _attack(attacked, secrets, known, halves, key.child("attack"))
        columns = attacked.synthetic.columns
        level = share_level(len(secrets))
        measured = [
            Measured(
                columns[i].name + (" (uncommon values)" if r.hard else ""), r.attempts.risk(), level, r.attempts.by
            )
            for i, r in zip(secrets, results, strict=True)
            if r.attempts.enough() and r.attempts.open()
        ]
        findings: list[Finding] = []
        worst = max(measured, key=lambda m: m.value, default=None)
        findings += [
            write_risk(
                evidence, check, m, f"Guessing {m.subject!r} from {'the other columns' if known is None else 'the known columns'} ({m.by})",
                headline=m is worst,
            )
            for m in put_first(measured, worst)
        ]  # fmt: skip
        for i, r in zip(secrets, results, strict=True):
            if not r.attempts.enough():
                why = f"fewer than {LEAST} people have an uncommon value of {columns[i].name!r}, and the common one is no secret"
            elif not r.attempts.open():
                why = f"the other columns tell {columns[i].name!r} of anybody: {r.attempts.control.mean():.1%} of the people whom the table cannot know are guessed right"
            else:
                continue
            findings.append(skipped(evidence, check, "privacy", columns[i].name, why, "risk"))
        # groups are looked at over all people, so only where all were asked
        whole = [(columns[i].name, r.attempts) for i, r in zip(secrets, results, strict=True) if not r.hard]
        groups = measure_groups(
            [a for _, a in whole],
            (attacked.members, attacked.others),
            halves,
            (attacked.outlying, attacked.other_outlying),
            [n for n, _ in whole],
        )
        findings += [write_risk(evidence, check, m, f"The same among {m.subject}") for m in groups]
        leaky = _attack(
            leak_rows(attacked, key.child("leak")), secrets, known, halves, key.child("control"), trees=False
        )
        proof = [
            Measured(columns[i].name, r.attempts.risk(), level, r.attempts.by)
            for i, r in zip(secrets, leaky, strict=True)
            if r.attempts.enough() and r.attempts.open()
        ]
        if proof:
            findings.append(write_control(evidence, "inference", max(proof, key=lambda m: m.interval[0]), LEAK))
            findings.append(write_detectable(evidence, "inference", measured or proof))
        exhibits = draw_risks(evidence, check, "Inference of a secret column", [*measured, *groups], 3.4)
        return settle(Answer(findings=tuple(findings), exhibits=exhibits))


@dataclass(frozen=True, slots=True)
class _Tried(Attempts):
    """Attempts on one secret."""

    def enough(self) -> bool:
        """Whether enough people were asked about."""
        return min(len(self.attack), len(self.control)) >= LEAST

    def open(self) -> bool:
        """Whether anything is left to find out that others do not give away."""
        return float(self.control.mean()) <= EASY


@dataclass(frozen=True, slots=True)
class _Result:
    attempts: _Tried
    hard: bool


def _attack(
    attacked: Attacked,
    secrets: Sequence[int],
    known: tuple[int, ...] | None,
    halves: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    key: Key,
    *,
    trees: bool = True,
) -> list[_Result]:
    synthetic = attacked.synthetic
    rows = place_rows(synthetic, synthetic)
    points = [place_rows(synthetic, f) for f in (attacked.members, attacked.others)]
    whole = [search_without(rows, p).places for p in points] if known is None else None
    found = []
    for i in secrets:
        secret = describe_secret(synthetic.columns[i], synthetic.values[i])
        truth = [f.values[i] for f in (attacked.members, attacked.others)]
        if whole is not None:
            places = [w[:, i] for w in whole]
        else:
            assert known is not None
            places = [search_near(rows, p, 1, [j for j in known if j != i]).places[:, 0] for p in points]
        guesses = [[synthetic.values[i][p] for p in places]]
        if trees:
            used = list(range(len(synthetic.columns))) if known is None else sorted({*known, i})
            asked = [f.select(used) for f in (attacked.members, attacked.others)]
            name = synthetic.columns[i].name
            guesses.append(list(guess_by_trees(synthetic.select(used), asked, used.index(i), key.child(name))))
        found.append(_judge(attacked, secret, truth, guesses, halves, key.child("guess").child(i)))
    return found


def _judge(
    attacked: Attacked,
    secret: Secret,
    truth: list[NDArray[np.float64] | NDArray[np.int32]],
    guesses: list[list[NDArray[np.float64] | NDArray[np.int32]]],
    halves: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    key: Key,
) -> _Result:
    hits = [np.stack([secret.hits(g[side], truth[side]) for g in guesses]).astype(np.float64) for side in (0, 1)]
    hard = bool(hits[1].mean(axis=1).max() > EASY)
    asked = [~secret.is_common(t) if hard else np.ones(len(t), dtype=bool) for t in truth]
    drawn = attacked.synthetic.values[attacked.synthetic.columns.index(secret.column)]
    drawn = drawn[key.generator().integers(0, len(drawn), len(truth[0]))]
    baseline = float(secret.hits(drawn, truth[0])[asked[0]].mean()) if asked[0].any() else 0.0
    people = [
        p[a] if attacked.persons else None for p, a in zip((attacked.people, attacked.other_people), asked, strict=True)
    ]
    inside = [h[a] for h, a in zip(halves, asked, strict=True)]
    if min(int(x.sum()) for side in inside for x in (side, ~side)) == 0:
        return _Result(_Tried(np.zeros(0), np.zeros(0), None, None, baseline), hard)
    best = choose_across(hits[0][:, asked[0]], hits[1][:, asked[1]], inside[0], inside[1])
    by = " and ".join(dict.fromkeys(ATTACKS[n] for n in best.names))
    return _Result(_Tried(best.attack, best.control, people[0], people[1], baseline, by=by), hard)


def _choose_secrets(
    spec: InferenceCheck, columns: list[str], key: Key
) -> tuple[list[int], tuple[int, ...] | None, str]:
    """Positions of the secrets, those of the known columns (None: all others), and why there are none."""
    for name in (*spec.secrets, *spec.known):
        if name not in columns:
            return [], None, f"{name!r} is not a column that can be compared. {nearest(name, columns)}"
    known = tuple(columns.index(n) for n in spec.known) if spec.known else None
    secrets = [columns.index(n) for n in spec.secrets] if spec.secrets else list(range(len(columns)))
    if known is not None:
        secrets = [i for i in secrets if set(known) - {i}]
    if not spec.secrets and len(secrets) > MOST_SECRETS:
        drawn = key.child("secrets").generator().permutation(len(secrets))[:MOST_SECRETS]
        secrets = [secrets[i] for i in sorted(drawn)]
    return secrets, known, "no column is left to know" if not secrets else ""
