"""Whether facts and quotes stand where they are said to, over all rows that were written."""

from __future__ import annotations

from dataclasses import dataclass

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.text._counted import count_faults, show_faults
from sundog.kinds.text._facts import Fact, find_missing
from sundog.kinds.text._passages import find_quote
from sundog.kinds.text._tables import ITEMS
from sundog.kinds.text.recipe import GroundedCheck, TextPart
from sundog.kinds.text.recipe_tasks import DocumentsTask, PersonasTask, QaTask


@dataclass(frozen=True, slots=True)
class Grounded:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Parts whose items say facts, or quote documents."""
        part = evidence.part
        return isinstance(part, TextPart) and isinstance(part.task, DocumentsTask | QaTask | PersonasTask)

    def run(self, spec: GroundedCheck, evidence: Evidence, key: object) -> Answer:
        """Facts that are missing, and quotes that stand elsewhere; one withholds."""
        assert isinstance(evidence.part, TextPart)
        if isinstance(evidence.part.task, QaTask):
            return _judge_quotes(evidence)
        return _judge_facts(evidence)


def _judge_facts(evidence: Evidence) -> Answer:
    assert isinstance(evidence.part, TextPart)
    looked, facts_seen, wrong = 0, 0, []
    personas = isinstance(evidence.part.task, PersonasTask)
    for batch in evidence.scan("synthetic", ITEMS):
        for row in batch.to_pylist():
            text = row["persona"] if personas else row["text"]
            named = {n: v for n, v in row.items() if n not in ("persona", "topic")} if personas else {}
            facts = [Fact(n, v) for n, v in named.items() if v] or [Fact(**f) for f in row.get("facts", ())]
            looked += 1
            facts_seen += len(facts)
            if missing := find_missing(text, facts):
                wrong.append((missing[0].name, missing[0].value, text))
    finding = count_faults(
        evidence, "verification.facts", "facts in texts", len(wrong), looked, "texts", "lack a fact of their row"
    )
    finding = finding.model_copy(update={"why": f"{finding.why}; {facts_seen:,} facts in all"})
    shown = (
        (show_faults(evidence, "verification.facts", "Texts without a fact", ("fact", "value", "text"), wrong),)
        if wrong
        else ()
    )
    return Answer(findings=(finding,), exhibits=shown)


def _judge_quotes(evidence: Evidence) -> Answer:
    looked, unanswerable, wrong, answered = 0, 0, [], 0
    for batch in evidence.scan("synthetic", ITEMS):
        for row in batch.to_pylist():
            looked += 1
            if not row["answerable"]:
                unanswerable += 1
                answered += any(row[name] is not None for name in ("answer", "quote", "start", "end"))
            elif not _quotes(row["document"], row["quote"], row["start"], row["end"], row["answer"]):
                wrong.append((row["question"], row["quote"] or "", row["document"]))
    found: list[Finding] = [
        count_faults(
            evidence, "verification.quotes", "quotes", len(wrong), looked - unanswerable, "answers", "stand elsewhere"
        )
    ]
    if unanswerable:
        fault = "have an answer all the same"
        noun = "questions without an answer"
        found.append(count_faults(evidence, "verification.unanswerable", noun, answered, unanswerable, noun, fault))
    title, columns = "Quotes that the document does not have", ("question", "quote", "document")
    shown = (show_faults(evidence, "verification.quotes", title, columns, wrong),) if wrong else ()
    return Answer(findings=tuple(found), exhibits=shown)


def _quotes(document: str, quote: str | None, start: int | None, end: int | None, answer: str | None) -> bool:
    """Whether the quote is what stands there, to the letter, and holds the answer."""
    if quote is None or start is None or end is None or answer is None or not answer.strip():
        return False
    return document[start:end] == quote and find_quote(quote, answer) is not None
