"""Whether chains of reasoning hold: each beside its making, where one that does not is rejected, and again over the finished rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sundog.core.findings import Answer, Bars, Exhibit, Finding, Role, Series
from sundog.core.keys import Key
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text._counted import count_faults, show_faults
from sundog.kinds.text._tables import ITEMS
from sundog.kinds.text.recipe import StepsCheck, TextPart
from sundog.kinds.text.recipe_tasks import ReasoningTask

QUICK_ROWS = 2_000
"""Finished rows that are verified again at the level ``quick``; at ``full`` all are."""

_COLUMNS = ("question", "steps", "answer", "family", "messages")


@dataclass(frozen=True, slots=True)
class ChainsSeen:
    """What was verified beside generation.

    Attributes:
        chains: that hold.
        families: of them, by name.
    """

    chains: int = 0
    families: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class StepsHold:
    """Implements ``core.protocols.ShardCheck``, ``Enforcing`` and ``Check``."""

    reads: frozenset[Role] = frozenset({"synthetic"})
    state_type: type[ChainsSeen] = ChainsSeen

    def watches(self, part: Part) -> bool:
        """Parts of reasoning."""
        return isinstance(part, TextPart) and isinstance(part.task, ReasoningTask)

    def enforces(self, part: Part) -> bool:
        """Always: a chain that does not hold is no item."""
        return self.watches(part)

    def open(self, spec: StepsCheck, part: Part, train: Source | None) -> ChainWatcher:
        """One worker's side."""
        assert isinstance(part, TextPart)
        assert isinstance(part.task, ReasoningTask)
        return ChainWatcher(part.task)

    def merge(self, left: ChainsSeen, right: ChainsSeen) -> ChainsSeen:
        """Add up."""
        names = dict(left.families)
        for name, count in right.families:
            names[name] = names.get(name, 0) + count
        return ChainsSeen(left.chains + right.chains, tuple(sorted(names.items())))

    def conclude(self, spec: StepsCheck, seen: ChainsSeen, evidence: Evidence) -> Answer:
        """How many chains were verified beside generation, and how many were rejected."""
        rejected = evidence.rejected().get("chain", 0)
        finding = Finding(
            check="verification.chains",
            part=evidence.name,
            section="verification",
            subject="chains verified beside generation",
            value=float(seen.chains),
            unit="chains",
            why=f"every accepted chain was verified by a checker that reads texts alone; {rejected:,} more did not hold and were rejected",
        )
        return Answer(findings=(finding,), exhibits=(_show(evidence, seen),) if seen.families else ())

    def applies(self, evidence: Evidence) -> bool:
        """Parts of reasoning."""
        return self.watches(evidence.part)

    def run(self, spec: StepsCheck, evidence: Evidence, key: Key) -> Answer:
        """Finished rows whose chain or answer is wrong; one withholds."""
        assert isinstance(evidence.part, TextPart)
        task = evidence.part.task
        assert isinstance(task, ReasoningTask)
        limit = QUICK_ROWS if evidence.level == "quick" else evidence.rows("synthetic", ITEMS)
        rows = evidence.take("synthetic", limit, key.child("rows"), ITEMS, _COLUMNS)
        wrong: list[Sequence[str]] = [
            (fault, row["question"], "\n".join(row["steps"]), row["answer"])
            for batch in rows.to_batches()
            for row in batch.to_pylist()
            if (fault := find_chain_fault(task, row))
        ]
        noun = "chains of the finished rows" if limit >= evidence.rows("synthetic", ITEMS) else "chains that were drawn"
        finding = count_faults(
            evidence, "verification.steps", "chains of reasoning", len(wrong), rows.num_rows, noun, "do not hold"
        )
        columns = ("fault", "question", "steps", "answer")
        shown = (
            (show_faults(evidence, "verification.steps", "Chains that do not hold", columns, wrong),) if wrong else ()
        )
        return Answer(findings=(finding,), exhibits=shown)


def find_chain_fault(task: ReasoningTask, row: Mapping[str, Any]) -> str:
    """What is wrong with a chain, in words; empty where it holds."""
    from sundog.kinds.text._verify import find_problem_fault, judge_steps  # a worker without problems loads no checker

    if task.way == "procedural":
        return find_problem_fault(row["question"], tuple(row["steps"]), row["answer"], row["family"])
    _, wrong = judge_steps(row["question"], tuple(row["steps"]), row["answer"], row["family"])
    said = row["messages"][-1]["content"]
    if not wrong and not said.rstrip().endswith(f"Answer: {row['answer']}"):
        return "the chat does not end with the answer"
    return wrong


@dataclass(frozen=True, slots=True)
class ChainWatcher:
    """One worker's side of ``StepsHold``."""

    task: ReasoningTask

    def observe(self, units: range, tables: Tables) -> tuple[ChainsSeen, tuple[Rejected, ...]]:
        """Verify each chain."""
        batch = tables[ITEMS]
        held: dict[str, int] = {}
        rejects = []
        numbers = batch.column(UNIT).to_pylist()
        for unit, row in zip(numbers, _read(batch), strict=True):
            if fault := find_chain_fault(self.task, row):
                rejects.append(Rejected(unit, "chain", fault[:200]))
            else:
                held[row["family"]] = held.get(row["family"], 0) + 1
        return ChainsSeen(sum(held.values()), tuple(sorted(held.items()))), tuple(rejects)


def _read(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = batch.select(list(_COLUMNS)).to_pylist()
    return rows


def _show(evidence: Evidence, seen: ChainsSeen) -> Exhibit:
    names = tuple(name for name, _ in seen.families)
    counts = tuple(float(count) for _, count in seen.families)
    return Exhibit(
        check="verification.chains",
        part=evidence.name,
        section="verification",
        title="Verified chains by family",
        how_to_read="How many accepted problems each family has; all of their chains were verified.",
        drawing=Bars(labels=names, series=(Series(name="chains", y=counts),), unit="chains", horizontal=True),
    )
