"""Linkability: whether the synthetic rows tie together two tables that hold different columns of the same people.

The second of the three risks of WP29 Opinion 05/2014. Limits: stated splits of the columns, nearest rows by Gower's distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.errors import nearest
from sundog.core.findings import Answer, Role
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.evidence._verdicts import settle, skipped
from sundog.evidence.privacy._attacked import LEAK, Attacked, leak_rows, read_attacked
from sundog.evidence.privacy._groups import measure_groups
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
from sundog.evidence.privacy.recipe import LinkabilityCheck
from sundog.lib.adversarial.choice import choose_across, halve
from sundog.lib.adversarial.linkability import NEIGHBOURS, link, mix_halves
from sundog.lib.adversarial.points import place_rows

STRANGERS: Final = 2_000
"""Pairs of strangers whose linking says what guessing finds."""

Split = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Linkability:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: LinkabilityCheck, evidence: Evidence, key: Key) -> Answer:
        """Each split of the columns, on members and on others."""
        check = "privacy.linkability"
        attacked, why = read_attacked(evidence, key)
        splits: list[tuple[str, Split]] = []
        if attacked is not None:
            splits, why = _choose_splits(spec, [c.name for c in attacked.synthetic.columns])
        if attacked is None or not splits:
            return Answer(findings=(skipped(evidence, check, "privacy", "two tables", why, "risk", withholds=True),))
        halves = halve(attacked.people, key.child("halves")), halve(attacked.other_people, key.child("other halves"))
        attempts = _attack(attacked, splits, halves)
        level = share_level(len(splits))
        measured = [Measured(name, a.risk(), level, a.by) for (name, _), a in zip(splits, attempts, strict=True)]
        groups = measure_groups(
            attempts,
            (attacked.members, attacked.others),
            halves,
            (attacked.outlying, attacked.other_outlying),
            [name for name, _ in splits],
        )
        worst = max(measured, key=lambda m: m.value)
        findings = [
            write_risk(
                evidence, check, m, f"Linking two tables of the same {attacked.who} ({m.subject}) through the nearest synthetic rows",
                headline=m is worst,
            )
            for m in put_first(measured, worst)
        ]  # fmt: skip
        findings += [write_risk(evidence, check, m, f"The same among {m.subject}") for m in groups]
        leaky = _attack(leak_rows(attacked, key.child("leak")), splits, halves)
        fired = max(
            (Measured(name, a.risk(), level, a.by) for (name, _), a in zip(splits, leaky, strict=True)),
            key=lambda m: m.interval[0],
        )
        findings.append(write_control(evidence, "linkability", fired, LEAK))
        findings.append(write_detectable(evidence, "linkability", measured))
        exhibits = draw_risks(evidence, check, "Linkability", [*measured, *groups], 3.2)
        return settle(Answer(findings=tuple(findings), exhibits=exhibits))


def _attack(
    attacked: Attacked, splits: Sequence[tuple[str, Split]], halves: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> list[Attempts]:
    rows = place_rows(attacked.synthetic, attacked.synthetic)
    members, others = (place_rows(attacked.synthetic, f) for f in (attacked.members, attacked.others))
    # the halves of two people: linking them is guessing
    some = members[:STRANGERS]
    turned = np.roll(np.arange(len(some)), len(some) // 2)
    found = []
    for _, (first, second) in splits:
        hits = link(rows, members, first, second).astype(np.float64)
        control = link(rows, others, first, second).astype(np.float64)
        strangers = link(rows, mix_halves(some, second, turned), first, second).mean(axis=1)
        best = choose_across(hits, control, *halves)
        by = " and ".join(dict.fromkeys(f"{NEIGHBOURS[i]} nearest" for i in best.names))
        mine, theirs = (attacked.people, attacked.other_people) if attacked.persons else (None, None)
        found.append(Attempts(best.attack, best.control, mine, theirs, float(strangers[best.names[0]]), by=by))
    return found


def _choose_splits(spec: LinkabilityCheck, columns: list[str]) -> tuple[list[tuple[str, Split]], str]:
    """Name and positions of each split, or why there is none."""
    if not spec.splits:
        width = len(columns)
        halves = (tuple(range(width // 2)), tuple(range(width // 2, width)))
        turns = (tuple(range(0, width, 2)), tuple(range(1, width, 2)))
        named = [("first half of the columns and second", halves), ("every other column and the rest", turns)]
        return named[: 1 if halves == turns else 2], ""
    found = []
    for first, second in spec.splits:
        for name in (*first, *second):
            if name not in columns:
                return (
                    [],
                    f"the split names {name!r}, which is not a column that can be compared. {nearest(name, columns)}",
                )
        if not first or not second or set(first) & set(second):
            return [], "a split needs two lists of columns that share none"
        label = f"{_list(first)} and {_list(second)}"
        found.append((label, (tuple(columns.index(n) for n in first), tuple(columns.index(n) for n in second))))
    return found, ""


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
