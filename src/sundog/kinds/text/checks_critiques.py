"""Whether critiques name a principle, revisions change the draft, and pairs differ, over all rows that were written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sundog.core.findings import Answer, Bars, Exhibit, Role, Series
from sundog.core.protocols import Evidence
from sundog.kinds.text._counted import count_faults, show_faults
from sundog.kinds.text._likeness import is_same
from sundog.kinds.text._tables import ITEMS
from sundog.kinds.text.recipe import CritiquesCheck, TextPart
from sundog.kinds.text.recipe_tasks import CritiqueTask, PreferencesTask
from sundog.lib.texts.shapes import join_messages


@dataclass(frozen=True, slots=True)
class CritiquesHold:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Critiques with revisions, and pairs of answers."""
        part = evidence.part
        return isinstance(part, TextPart) and isinstance(part.task, CritiqueTask | PreferencesTask)

    def run(self, spec: CritiquesCheck, evidence: Evidence, key: object) -> Answer:
        """Items whose parts do not hang together; one withholds."""
        assert isinstance(evidence.part, TextPart)
        critique = isinstance(evidence.part.task, CritiqueTask)
        known = frozenset(getattr(evidence.model, "principles", {}) or {})
        looked, wrong, principles = 0, [], Counter[str]()
        for batch in evidence.scan("synthetic", ITEMS):
            for row in batch.to_pylist():
                looked += 1
                fault = find_pair_fault(row) or (find_critique_fault(row, known) if critique else "")
                if critique:
                    principles[row["principle"]] += 1
                if fault:
                    wrong.append((fault, join_messages(row["chosen"]), join_messages(row["rejected"])))
        finding = count_faults(
            evidence, "verification.pairs", "pairs of answers", len(wrong), looked, "pairs", "do not hang together"
        )
        shown: list[Exhibit] = [_show_principles(evidence, principles)] if principles else []
        if wrong:
            columns = ("fault", "chosen", "rejected")
            shown.append(show_faults(evidence, "verification.pairs", "Pairs that do not hang together", columns, wrong))
        return Answer(findings=(finding,), exhibits=tuple(shown))


def find_pair_fault(row: Mapping[str, Any]) -> str:
    """What is wrong with a pair of answers; empty where nothing is."""
    if not row["prompt"] or row["prompt"][-1]["role"] != "user":
        return "the prompt does not end with the user"
    for name in ("chosen", "rejected"):
        if [m["role"] for m in row[name]] != ["assistant"] or not row[name][0]["content"].strip():
            return f"{name} is no answer"
    if is_same(join_messages(row["chosen"]), join_messages(row["rejected"])):
        return "both answers are the same"
    if "score_chosen" in row and not row["score_chosen"] > row["score_rejected"]:
        return "the chosen answer has no better score"
    return ""


def find_critique_fault(row: Mapping[str, Any], known: frozenset[str]) -> str:
    """What is wrong with a critique; empty where nothing is. Without ``known`` principles any id will do."""
    if known and row["principle"] not in known:
        return f"{row['principle']!r} is no principle of the constitution"
    if not row["critique"].strip():
        return "there is no critique"
    if is_same(row["draft"], row["revision"]):
        return "the revision is the draft"
    if row["chosen"][0]["content"] != row["revision"] or row["rejected"][0]["content"] != row["draft"]:
        return "the pair is not revision and draft"
    return ""


def _show_principles(evidence: Evidence, principles: Mapping[str, int]) -> Exhibit:
    names = tuple(sorted(principles))
    return Exhibit(
        check="verification.pairs",
        part=evidence.name,
        section="verification",
        title="Revisions by principle",
        how_to_read="How many accepted revisions follow each principle of the constitution.",
        drawing=Bars(
            labels=names, series=(Series(name="items", y=tuple(float(principles[n]) for n in names)),), unit="items"
        ),
    )
