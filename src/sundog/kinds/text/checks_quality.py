"""Rules that each text must keep: units that break one are rejected with a reason, faults that are only counted are counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from sundog.core.findings import Answer, Exhibit, Finding, Histogram, Role, Series
from sundog.core.notes import Rejected
from sundog.core.protocols import Evidence, Source
from sundog.core.recipe import Part
from sundog.core.tables import UNIT, Tables
from sundog.kinds.text._said import accept_of
from sundog.kinds.text.recipe_accept import AcceptSpec
from sundog.kinds.text.recipe_checks import TextQualityCheck
from sundog.lib.stats.intervals import exact_interval

HANDLED: Final = {
    "refusal": "refusals",
    "boilerplate": "boilerplate",
    "repetition": "repetition",
    "toxicity": "toxicity",
    "personal_data": "personal_data",
    "encoding": "encoding",
}
"""Faults and the rule of the recipe that says what becomes of them; length and language are always rules."""

WORDS: Final = {
    "length": "texts of a length that the recipe does not allow",
    "encoding": "texts with lost or misread letters",
    "language": "texts in another language",
    "refusal": "answers that decline",
    "boilerplate": "texts with remains of templates",
    "repetition": "texts that repeat themselves",
    "toxicity": "texts with toxic words",
    "personal_data": "texts with personal data that have a form",
}
"""Faults as the report calls them."""

EDGES: Final = tuple(float(2**k) for k in range(18))
"""Ends of the classes of length, in words."""


@dataclass(frozen=True, slots=True)
class QualityCount:
    """What was seen of accepted texts.

    Attributes:
        rows: texts.
        faults: texts with a fault, by its name.
        lengths: texts by their number of words, one for each class of ``EDGES`` and one for longer ones.
    """

    rows: int = 0
    faults: tuple[tuple[str, int], ...] = ()
    lengths: tuple[int, ...] = (0,) * len(EDGES)


def is_rule(accept: AcceptSpec, fault: str) -> bool:
    """Whether a fault rejects a unit."""
    return fault not in HANDLED or getattr(accept, HANDLED[fault]) == "reject"


def is_looked_for(accept: AcceptSpec, fault: str) -> bool:
    """Whether a fault is looked for."""
    if fault == "language":
        return bool(accept.languages)
    return fault not in HANDLED or getattr(accept, HANDLED[fault]) != "off"


@dataclass(frozen=True, slots=True)
class TextQuality:
    """Implements ``core.protocols.ShardCheck`` and ``Enforcing``."""

    reads: frozenset[Role] = frozenset({"synthetic"})
    state_type: type[QualityCount] = QualityCount

    def watches(self, part: Part) -> bool:
        """Parts with rules for their texts."""
        return accept_of(part) is not None

    def enforces(self, part: Part) -> bool:
        """Whatever the level of evidence: the rules are part of what was asked for."""
        return accept_of(part) is not None

    def open(self, spec: TextQualityCheck, part: Part, train: Source | None) -> QualityWatcher:
        """Compile the rules, once in each worker."""
        accept = accept_of(part)
        assert accept is not None
        return QualityWatcher(accept)

    def merge(self, left: QualityCount, right: QualityCount) -> QualityCount:
        """Add up."""
        names = dict(left.faults)
        for name, count in right.faults:
            names[name] = names.get(name, 0) + count
        lengths = tuple(a + b for a, b in zip(left.lengths, right.lengths, strict=True))
        return QualityCount(left.rows + right.rows, tuple(sorted(names.items())), lengths)

    def conclude(self, spec: TextQualityCheck, seen: QualityCount, evidence: Evidence) -> Answer:
        """For each fault that was looked for the share of accepted texts that have it; and how long texts are."""
        accept = accept_of(evidence.part)
        if accept is None or not seen.rows:
            return Answer()
        counts = dict(seen.faults)
        rejected = evidence.rejected()
        findings = [
            _judge(evidence, fault, counts.get(fault, 0), seen.rows, rejected.get(fault, 0), is_rule(accept, fault))
            for fault in WORDS
            if is_looked_for(accept, fault)
        ]
        return Answer(findings=tuple(findings), exhibits=(_show_lengths(evidence, seen),))


class QualityWatcher:
    """One worker's side of ``TextQuality``."""

    def __init__(self, accept: AcceptSpec) -> None:
        from sundog.lib.texts.judge import FAULTS, TextRules  # a worker that makes no texts loads no patterns
        from sundog.lib.texts.languages import check_languages

        if accept.languages:
            check_languages(accept.languages, "accept.languages")
        self._accept = accept
        self._rules = TextRules(
            look=frozenset(f for f in FAULTS if is_looked_for(accept, f)),
            languages=accept.languages,
            characters=(accept.least_characters, accept.most_characters),
            words=(accept.least_words, accept.most_words),
            tokens=accept.most_tokens,
            repeated=accept.most_repeated,
        )

    def observe(self, units: range, tables: Tables) -> tuple[QualityCount, tuple[Rejected, ...]]:
        """Judge each text; of several rules that a unit breaks the first is its reason."""
        from sundog.lib.texts.columns import choose_table, find_made, read_rows
        from sundog.lib.texts.judge import judge_rows

        table = choose_table({n: b.schema for n, b in tables.items()}, self._accept.columns)
        if table is None or not tables[table].num_rows:
            return QualityCount(), ()
        batch = tables[table]
        rows = read_rows(batch, find_made(batch.schema, self._accept.columns))
        numbers = batch.column(UNIT).to_pylist() if UNIT in batch.schema.names else list(units)
        counts: dict[str, int] = {}
        rejects: dict[int, Rejected] = {}
        for unit, faults in zip(numbers, judge_rows(rows, self._rules), strict=True):
            for fault in faults:
                counts[fault.what] = counts.get(fault.what, 0) + 1
                if unit not in rejects and is_rule(self._accept, fault.what):
                    rejects[unit] = Rejected(int(unit), fault.what, fault.detail)
        lengths = np.searchsorted(np.array(EDGES), [len(row.text.split()) for row in rows], "right")
        classes = np.bincount(np.clip(lengths - 1, 0, len(EDGES) - 1), minlength=len(EDGES))
        state = QualityCount(len(rows), tuple(sorted(counts.items())), tuple(classes.tolist()))
        return state, tuple(rejects.values())


def _judge(evidence: Evidence, fault: str, count: int, rows: int, rejected: int, rule: bool) -> Finding:
    gone = f" {rejected:,} units were rejected for it." if rejected else " No unit was rejected for it." if rule else ""
    seen = f"{count:,} of {rows:,} accepted texts" if count else f"None of {rows:,} accepted texts"
    return Finding(
        check=f"validity.text_{fault}",
        part=evidence.name,
        section="validity",
        subject=WORDS[fault],
        value=count / rows,
        unit="share",
        interval=exact_interval(count, rows),
        limit="0 texts" if rule else "",
        verdict=("fail" if count else "pass") if rule else "info",
        withholds=rule,
        why=f"{seen} {'has' if not count else 'have'} it.{gone}{_LIMITS.get(fault, '')}",
    )


_LIMITS: Final = {
    "toxicity": " Found by a list of words in six languages: it knows words, not meaning.",
    "personal_data": " Names and places in prose are not looked for here.",
    "refusal": " Found by how an answer begins, in twelve languages.",
}


def _show_lengths(evidence: Evidence, seen: QualityCount) -> Exhibit:
    last = max((i for i, n in enumerate(seen.lengths) if n), default=0)
    first = min((i for i, n in enumerate(seen.lengths) if n), default=0)
    edges = (*EDGES, 2 * EDGES[-1])[first : last + 2]
    shares = tuple(n / seen.rows for n in seen.lengths[first : last + 1])
    return Exhibit(
        check="text_quality",
        part=evidence.name,
        section="validity",
        title="How long the texts are",
        how_to_read="Share of accepted texts by their number of words; each class is twice as wide as the one before.",
        drawing=Histogram(
            edges=edges,
            edge_labels=tuple(f"{int(e):,}" for e in edges),
            series=(Series(name="synthetic", y=shares),),
            unit="share",
        ),
        order=5.0,
    )


def texts_of(batch: pa.RecordBatch, accept: AcceptSpec) -> pa.Array:
    """large_string (rows,): the made texts of a table, as the rules of a part read them."""
    from sundog.lib.texts.columns import find_made, read_texts

    return read_texts(batch, find_made(batch.schema, accept.columns))
