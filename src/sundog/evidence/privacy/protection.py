"""What the synthetic table keeps of the values and records that only a few people have.

Rare categories, extreme values and outlying records point at people by themselves. This check counts which of them came through, beside
what the holdout has of them by chance, and shows what the generator noted about protecting them. It measures and does not judge: whether a
rare value may appear is for the owner of the data to say; what it lets an attacker do is what the attacks measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.keys import Key
from sundog.core.notes import Remark
from sundog.core.protocols import Evidence
from sundog.evidence._frames import read_frames
from sundog.evidence._verdicts import settle, skip_check
from sundog.evidence.privacy.recipe import ProtectionCheck
from sundog.lib.adversarial.points import place_rows, search_near
from sundog.lib.stats.frame import Frame
from sundog.lib.stats.intervals import wilson_interval

FEW: Final = 10
"""A value that fewer people have is rare."""

OUTLYING: Final = 0.01
"""Share of the records that count as outlying: those farthest from their fifth nearest fellow."""

_ROWS: Final = 20_000
_ALL: Final[tuple[Role, ...]] = ("synthetic", "train", "holdout")


@dataclass(frozen=True, slots=True)
class Protection:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Where there are real records."""
        return evidence.has("train")

    def run(self, spec: ProtectionCheck, evidence: Evidence, key: Key) -> Answer:
        """Rare values, extremes and outlying records of the training side that the synthetic table holds."""
        compared = read_frames(evidence, key, dict.fromkeys(_ALL, 100_000))
        why = compared.lacks("synthetic", "train")
        if why:
            return skip_check(evidence, "privacy.rare_values", "privacy", "values that few people have", why)
        train, made = compared.frames["train"], compared.frames["synthetic"]
        fresh = compared.frames.get("holdout")
        kept = [_keep_column(train, made, fresh, i) for i in range(len(train.columns))]
        findings = [*_count_values(evidence, kept, fresh is not None), *_count_extremes(evidence, kept)]
        if fresh is not None and min(train.rows, fresh.rows, made.rows) >= 1_000:
            findings.append(_find_outlying(evidence, train, fresh, made, key))
        return settle(Answer(findings=tuple(findings), exhibits=_draw(evidence, kept)))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one column keeps.

    Attributes:
        name: of the column.
        rare: values of the training records that fewer than ``FEW`` have; None for columns of numbers.
        made: of these, how many appear among the synthetic rows.
        fresh: of these, how many appear in the holdout.
        ends: least and greatest training value that fewer than ``FEW`` records have; 0 to 2 of them.
        made_ends: of these, how many appear among the synthetic rows.
    """

    name: str
    rare: int | None
    made: int
    fresh: int
    ends: int
    made_ends: int


def _keep_column(train: Frame, made: Frame, fresh: Frame | None, i: int) -> _Kept:
    column, values = train.columns[i], train.values[i]
    if column.numeric:
        known = values[~np.isnan(values)]
        if len(known) == 0:
            return _Kept(column.name, None, 0, 0, 0, 0)
        ends = [v for v in {known.min(), known.max()} if (known == v).sum() < FEW]
        return _Kept(column.name, None, 0, 0, len(ends), sum(bool((made.values[i] == v).any()) for v in ends))
    counts = np.bincount(values[values >= 0], minlength=len(column.labels))
    rare = (counts > 0) & (counts < FEW)
    return _Kept(
        column.name, int(rare.sum()), _meet(rare, made.values[i]), 0 if fresh is None else _meet(rare, fresh.values[i]), 0, 0
    )  # fmt: skip


def _meet(rare: NDArray[np.bool_], values: NDArray[np.float64] | NDArray[np.int32]) -> int:
    codes = np.unique(values[values >= 0]).astype(np.int64)
    return int(rare[codes].sum())


def _count_values(evidence: Evidence, kept: Sequence[_Kept], held: bool) -> list[Finding]:
    total = sum(k.rare or 0 for k in kept)
    if total == 0:
        return []
    made, fresh = sum(k.made for k in kept), sum(k.fresh for k in kept)
    return [
        Finding(
            check="privacy.rare_values",
            part=evidence.name,
            section="privacy",
            subject=f"categories that fewer than {FEW} training records have",
            unit="share",
            value=made / total,
            interval=wilson_interval(made, total),
            baseline=fresh / total if held else None,
            baseline_is="appear in the holdout" if held else "",
            reads=_ALL if held else ("synthetic", "train"),
            why=f"{made:,} of {total:,} rare categories of the training records appear in the synthetic table{f', {fresh:,} in the holdout' if held else ''}.",
        )
    ]


def _count_extremes(evidence: Evidence, kept: Sequence[_Kept]) -> list[Finding]:
    ends = sum(k.ends for k in kept)
    if ends == 0:
        return []
    made = sum(k.made_ends for k in kept)
    return [
        Finding(
            check="privacy.extremes",
            part=evidence.name,
            section="privacy",
            subject=f"least and greatest values that fewer than {FEW} training records have",
            unit="share",
            value=made / ends,
            interval=wilson_interval(made, ends),
            reads=("synthetic", "train"),
            why=f"{made:,} of {ends:,} such ends of the training values appear in the synthetic table as they are.",
        )
    ]


def _find_outlying(evidence: Evidence, train: Frame, fresh: Frame, made: Frame, key: Key) -> Finding:
    """Whether synthetic rows lie near outlying training records more often than near outlying records of the holdout."""
    size = min(_ROWS, train.rows, fresh.rows)
    sides = [_draw_rows(f, size, key.child(name)) for f, name in ((train, "train"), (fresh, "holdout"))]
    rows = place_rows(train, made)
    hits = []
    for frame in sides:
        points = place_rows(train, frame)
        far = search_near(points, points, 5, themselves=True).gaps
        worst = np.argsort(-far[:, 4], kind="stable")[: max(1, round(OUTLYING * size))]
        near = search_near(rows, points[worst], 1).gaps[:, 0]
        hits.append(near < far[worst, 0] / 2)
    share = float(hits[0].mean())
    return Finding(
        check="privacy.outlying_records",
        part=evidence.name,
        section="privacy",
        subject="outlying training records with a synthetic row close by",
        unit="share",
        value=share,
        interval=wilson_interval(int(hits[0].sum()), len(hits[0])),
        baseline=float(hits[1].mean()),
        baseline_is="outlying records of the holdout",
        reads=_ALL,
        why=f"{share:.1%} of the {OUTLYING:.0%} of training records that lie farthest from their fellows have a synthetic row at less than half the distance of their nearest fellow; of such holdout records {hits[1].mean():.1%} have.",
    )


def _draw_rows(frame: Frame, size: int, key: Key) -> Frame:
    return frame.take(np.sort(key.generator().choice(frame.rows, size, replace=False)))


def _draw(evidence: Evidence, kept: Sequence[_Kept]) -> tuple[Exhibit, ...]:
    said: dict[str, str] = {}
    for note in evidence.notes:
        if isinstance(note, Remark):
            said[note.subject] = "; ".join(filter(None, (said.get(note.subject), note.text)))
    rows = tuple(
        (
            k.name,
            "" if k.rare is None else f"{k.rare:,}",
            "" if k.rare is None else f"{k.made:,}",
            "" if k.rare is not None else f"{k.made_ends} of {k.ends}",
            said.get(k.name, ""),
        )
        for k in kept
        if k.rare or k.ends or k.name in said
    )
    if not rows:
        return ()
    return (
        Exhibit(
            check="privacy.rare_values",
            part=evidence.name,
            section="privacy",
            title="Rare categories and extreme values",
            reads=("synthetic", "train"),
            order=2.6,
            how_to_read=f"A value that fewer than {FEW} training records have can point at a person. What came through, column by column, and what the generator noted.",
            drawing=Grid(
                columns=("column", "rare categories", "of these made", "rare ends made", "what was done"), rows=rows
            ),
        ),
    )
