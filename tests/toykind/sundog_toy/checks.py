"""Checks of the toy kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc

from sundog.core.findings import Answer, Finding, Role
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part
from sundog.core.tables import UNIT, Tables
from sundog_toy.recipe import CountCheck, LimitCheck, ShopPart, VerdictCheck

SYNTHETIC: frozenset[Role] = frozenset({"synthetic"})


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of each table, and a sum of codes modulo a prime.

    Attributes:
        rows: int64 (3,), of customers, gifts and orders.
    """

    rows: np.ndarray
    codes: int


def _count(tables: Tables) -> Counted:
    rows = np.array([tables[t].num_rows for t in ("customers", "gifts", "orders")], dtype=np.int64)
    return Counted(rows, int(pc.sum(tables["customers"].column("code")).as_py() or 0))


@dataclass(frozen=True, slots=True)
class Counting:
    """Implements ``core.protocols.ShardCheck`` and ``core.protocols.Check``: what it saw must be what is there."""

    @property
    def reads(self) -> frozenset[Role]:
        return SYNTHETIC

    @property
    def state_type(self) -> type[Counted]:
        return Counted

    def watches(self, part: Part) -> bool:
        return isinstance(part, ShopPart)

    def open(self, spec: CountCheck, part: Part, train: Source | None) -> CountingWatcher:
        return CountingWatcher()

    def merge(self, left: Counted, right: Counted) -> Counted:
        return Counted(left.rows + right.rows, left.codes + right.codes)

    def conclude(self, spec: CountCheck, seen: Counted, evidence: Evidence) -> Answer:
        return Answer(findings=_say("toy.watched", evidence, seen.rows.tolist(), seen.codes))

    def applies(self, evidence: Evidence) -> bool:
        return isinstance(evidence.part, ShopPart)

    def run(self, spec: CountCheck, evidence: Evidence, key: object) -> Answer:
        rows = [evidence.rows("synthetic", t) for t in ("customers", "gifts", "orders")]
        codes = sum(pc.sum(b.column(0)).as_py() or 0 for b in evidence.scan("synthetic", "customers", ["code"]))
        return Answer(findings=_say("toy.counted", evidence, rows, codes))


@dataclass(frozen=True, slots=True)
class CountingWatcher:
    """Implements ``core.protocols.Watcher``."""

    def observe(self, units: range, tables: Tables) -> tuple[Counted, tuple[Rejected, ...]]:
        return _count(tables), ()


def _say(check: str, evidence: Evidence, rows: list[int], codes: int) -> tuple[Finding, ...]:
    values = {"customers": rows[0], "gifts": rows[1], "orders": rows[2], "codes": codes}
    return tuple(
        Finding(check=check, part=evidence.name, section="validity", subject=s, value=float(v), unit="rows")
        for s, v in values.items()
    )


@dataclass(frozen=True, slots=True)
class Spent:
    """The largest spend seen."""

    most: float


@dataclass(frozen=True, slots=True)
class Limiting:
    """Implements ``core.protocols.ShardCheck``: rejects whoever spends more than the limit."""

    @property
    def reads(self) -> frozenset[Role]:
        return SYNTHETIC

    @property
    def state_type(self) -> type[Spent]:
        return Spent

    def watches(self, part: Part) -> bool:
        return isinstance(part, ShopPart)

    def open(self, spec: LimitCheck, part: Part, train: Source | None) -> LimitingWatcher:
        return LimitingWatcher(spec.most)

    def merge(self, left: Spent, right: Spent) -> Spent:
        return Spent(max(left.most, right.most))

    def conclude(self, spec: LimitCheck, seen: Spent, evidence: Evidence) -> Answer:
        finding = Finding(
            check="toy.spend",
            part=evidence.name,
            section="validity",
            subject="spend",
            value=seen.most,
            unit="coins",
            limit=f"at most {spec.most:g}",
            verdict="pass" if seen.most <= spec.most else "fail",
            withholds=True,
        )
        return Answer(findings=(finding,))


@dataclass(frozen=True, slots=True)
class LimitingWatcher:
    """Implements ``core.protocols.Watcher``."""

    most: float

    def observe(self, units: range, tables: Tables) -> tuple[Spent, tuple[Rejected, ...]]:
        customers = tables["customers"]
        spend = customers.column("spend").to_numpy()
        rich = spend > self.most
        unit = customers.column(UNIT).to_numpy()
        rejects = tuple(Rejected(int(u), "rich", "spends too much", keep=bool(u % 2)) for u in unit[rich])
        return Spent(float(spend[~rich].max(initial=0.0))), rejects


@dataclass(frozen=True, slots=True)
class Telling:
    """Implements ``core.protocols.Check``."""

    @property
    def reads(self) -> frozenset[Role]:
        return SYNTHETIC

    def applies(self, evidence: Evidence) -> bool:
        return True

    def run(self, spec: VerdictCheck, evidence: Evidence, key: Any) -> Answer:
        if spec.breaks == "raise":
            raise LookupError("this check is lost")
        value = float("nan") if spec.breaks == "nan" else spec.value
        finding = Finding(
            check="toy.verdict",
            part=evidence.name,
            section="validity",
            subject="all",
            value=value,
            unit="share",
            baseline=0.5,
            baseline_is="half",
            verdict=spec.verdict,
            withholds=spec.withholds,
            why="it was told to",
        )
        return Answer(findings=(finding, finding) if spec.breaks == "twice" else (finding,))
