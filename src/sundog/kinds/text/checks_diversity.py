"""How varied the texts are: in words at one length and number, and in meaning; beside real texts where there are some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sundog.core.findings import Answer, Bars, Exhibit, Finding, Role, Series, Verdict
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.kinds.text._said import Seen, accept_of, find_real, find_seen, round_nine, skipped
from sundog.kinds.text.recipe_checks import TextDiversityCheck
from sundog.lib.texts.columns import read_texts
from sundog.lib.texts.diversity import (
    Wording,
    choose_length,
    count_topics,
    cut_texts,
    find_topics,
    measure_dispersion,
    measure_evenness,
    measure_vendi,
    measure_wording,
)
from sundog.lib.texts.embedder_files import is_there, open_embedder
from sundog.lib.texts.named_sets import read_named_set

WORDED = {"quick": 2_000, "full": 10_000}
"""Texts of which the words are looked at."""

MEANT = {"quick": 120, "full": 500}
"""Texts of which the meaning is looked at; 30 to 150 a second, by their length."""

LEAST = 30
"""Texts from which anything is said."""

SLACK = 0.1
"""Part of the reference by which made texts may be less varied, beside what two real samples differ by."""

_ALL: tuple[Role, ...] = ("synthetic", "train", "holdout")


_WORDINGS: tuple[tuple[str, str, str, Callable[[Wording], float], bool, str], ...] = (
    (
        "text_compression",
        "compression of all texts together",
        "times",
        lambda w: w.compression,
        True,
        "More means that texts repeat one another.",
    ),
    (
        "text_repetition",
        "runs of four words that other texts have",
        "log texts",
        lambda w: w.repetition,
        True,
        "The mean over texts of log(1 + times that others have one of its runs).",
    ),
    ("text_distinct", "different words among all words", "share", lambda w: w.distinct[0], False, "Distinct-1."),
    (
        "text_distinct_pairs",
        "different pairs of words among all pairs",
        "share",
        lambda w: w.distinct[1],
        False,
        "Distinct-2.",
    ),
    (
        "text_distinct_triples",
        "different triples of words among all triples",
        "share",
        lambda w: w.distinct[2],
        False,
        "Distinct-3.",
    ),
)
"""Measures of words: name, subject, unit, the number, whether more is worse, and what it means."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Texts that are compared: made ones, real ones, and a second sample of real ones (empty where there is none)."""

    made: list[str]
    real: list[str]
    other: list[str]
    reads: tuple[Role, ...]
    real_is: str


@dataclass(frozen=True, slots=True)
class TextDiversity:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset(_ALL)

    def applies(self, evidence: Evidence) -> bool:
        """Parts with rules for their texts."""
        return accept_of(evidence.part) is not None

    def run(self, spec: TextDiversityCheck, evidence: Evidence, key: Key) -> Answer:
        """Compression, self-repetition and distinct runs; dispersion, Vendi score and topics."""
        accept = accept_of(evidence.part)
        seen = find_seen(evidence, accept.columns if accept is not None else ())
        if seen is None:
            return Answer()
        sides = _gather(evidence, seen, spec, key)
        if len(sides.made) < LEAST:
            why = f"{len(sides.made)} texts are too few ({LEAST} are needed)"
            return Answer(findings=(skipped(evidence, "coverage.text_compression", "coverage", "all texts", why),))
        findings = _judge_words(evidence, sides)
        if not is_there():
            why = "the weights of embeddings are not there; `sundog model get minilm` fetches them"
            findings.append(skipped(evidence, "coverage.text_vendi", "coverage", "variety of meaning", why))
            return Answer(findings=tuple(findings))
        more, exhibits = _judge_meaning(evidence, sides, spec.topics, key)
        return Answer(findings=(*findings, *more), exhibits=exhibits)


def _gather(evidence: Evidence, seen: Seen, spec: TextDiversityCheck, key: Key) -> Sides:
    most = WORDED["full" if evidence.level == "full" else "quick"]
    made = evidence.take("synthetic", most, key.child("synthetic"), seen.table, list(seen.columns))
    texts = read_texts(made, seen.columns).to_pylist()
    if spec.reference is not None:
        items = list(read_named_set(spec.reference, "checks.text_diversity.reference").items)[:most]
        return Sides(texts, items[0::2], items[1::2], ("synthetic",), "the texts of the reference")
    sides: dict[Role, list[str]] = {}
    roles: tuple[Role, ...] = ("holdout", "train")
    for role in roles:
        if evidence.has(role):
            sides[role] = _take_real(evidence, role, most, key)
    if "holdout" in sides:
        return Sides(texts, sides["holdout"], sides["train"], _ALL, "fresh real texts (the holdout)")
    if "train" in sides:
        return Sides(texts, sides["train"][0::2], sides["train"][1::2], ("synthetic", "train"), "texts of the source")
    return Sides(texts, [], [], ("synthetic",), "")


def _take_real(evidence: Evidence, role: Role, most: int, key: Key) -> list[str]:
    columns = find_real(evidence.schema(role), next(iter(evidence.scan(role)), None))
    if not columns:
        return []
    table = evidence.take(role, most, key.child(role), columns=list(columns))
    return [t for t in read_texts(table, columns).to_pylist() if t]


def _judge_words(evidence: Evidence, sides: Sides) -> list[Finding]:
    """Each side is cut to one length, and to as many texts as the smallest has: all three measures depend on both."""
    compared = len(sides.real) >= LEAST
    length = choose_length(sides.made, *((sides.real,) if compared else ()))
    cut = [cut_texts(side, length) for side in (sides.made, sides.real, sides.other)]
    compared = compared and len(cut[1]) >= LEAST
    count = min(len(side) for side in cut if len(side) >= LEAST) if len(cut[0]) >= LEAST else 0
    if not count:
        why = f"fewer than {LEAST} texts have {length} words"
        return [skipped(evidence, "coverage.text_compression", "coverage", "all texts", why)]
    made, real, other = (measure_wording(side[:count]) if len(side) >= count else None for side in cut)
    assert made is not None
    said = f"Of {count:,} texts, each cut to its first {length} words. "
    found = []
    for check, subject, unit, of, more_is_worse, why in _WORDINGS:
        values = [of(w) if w is not None else None for w in (made, real if compared else None, other)]
        found.append(_judge(evidence, sides, check, subject, unit, values, more_is_worse, said + why))
    return found


def _judge_meaning(
    evidence: Evidence, sides: Sides, topics: int, key: Key
) -> tuple[list[Finding], tuple[Exhibit, ...]]:
    embedder = open_embedder("sentence")
    most = MEANT["full" if evidence.level == "full" else "quick"]
    compared = len(sides.real) >= LEAST
    count = min([most, len(sides.made), *((len(sides.real),) if compared else ())])
    made = embedder.embed(_spread(sides.made, count))
    real = embedder.embed(_spread(sides.real, count)) if compared else None
    other = embedder.embed(_spread(sides.other, count)) if compared and len(sides.other) >= count else None
    said = f"Of {count:,} texts, by embeddings of all-MiniLM-L6-v2. "
    found = []
    for check, subject, unit, of, why in (
        (
            "text_dispersion",
            "distance of meaning of two texts",
            "1 - cosine",
            measure_dispersion,
            "The mean over all pairs.",
        ),
        (
            "text_vendi",
            "different texts in effect",
            "texts",
            measure_vendi,
            "The Vendi score: how many texts with nothing in common would be as varied.",
        ),
    ):
        values = [None if v is None else of(v) for v in (made, real, other)]
        found.append(_judge(evidence, sides, check, subject, unit, values, False, said + why))
    centres = find_topics(real if real is not None else made, topics, key.child("topics"))
    counts = [None if v is None else count_topics(v, centres) for v in (made, real, other)]
    evenness = [None if c is None else measure_evenness(c) for c in counts]
    where = "the reference" if real is not None else "the texts themselves"
    why = f"{said}Entropy over {len(centres)} topics that were found in {where}, over that of an even spread."
    found.append(_judge(evidence, sides, "text_topics", "evenness of topics", "of 1", evenness, False, why))
    assert counts[0] is not None
    if counts[1] is not None:
        shares = [None if c is None else float((c > 0).mean()) for c in counts]
        why = f"{said}Topics of the reference that at least one text belongs to."
        found.append(_judge(evidence, sides, "text_topics_covered", "topics that appear", "share", shares, False, why))
    return found, (_show_topics(evidence, sides, counts[0], counts[1]),)


def _spread(texts: Sequence[str], count: int) -> list[str]:
    """As many texts, evenly taken."""
    return [texts[i * len(texts) // count] for i in range(count)]


def _judge(
    evidence: Evidence,
    sides: Sides,
    check: str,
    subject: str,
    unit: str,
    values: Sequence[float | None],
    more_is_worse: bool,
    why: str,
) -> Finding:
    """Beside the reference: a warning where made texts are less varied by more than a tenth and what two real samples differ by."""
    value, real, other = values
    assert value is not None
    verdict: Verdict = "info"
    limit = ""
    if real is not None:
        slack = SLACK * abs(real) + (2 * abs(real - other) if other is not None else 0.0)
        worse = value > real + slack if more_is_worse else value < real - slack
        verdict = "warn" if worse else "pass"
        limit = f"warns {'above' if more_is_worse else 'below'} {real + slack if more_is_worse else real - slack:.4g}"
    return Finding(
        check=f"coverage.{check}",
        part=evidence.name,
        section="coverage",
        subject=subject,
        value=round_nine(value),
        unit=unit,
        baseline=None if real is None else round_nine(real),
        baseline_is="" if real is None else sides.real_is,
        limit=limit,
        verdict=verdict,
        reads=sides.reads if real is not None else ("synthetic",),
        headline=check in ("text_compression", "text_vendi"),
        why=why,
    )


def _show_topics(evidence: Evidence, sides: Sides, made: NDArray[np.int64], real: NDArray[np.int64] | None) -> Exhibit:
    order = np.argsort(-(real if real is not None else made), kind="stable")
    series = [Series(name="synthetic", y=tuple((made[order] / made.sum()).round(6).tolist()))]
    if real is not None:
        series.insert(0, Series(name="real", y=tuple((real[order] / real.sum()).round(6).tolist())))
    return Exhibit(
        check="text_diversity",
        part=evidence.name,
        section="coverage",
        title="Topics",
        how_to_read="Texts by topic, the most frequent first; a topic is a cluster of embeddings and has no name. Bars of the same height mean that topics come as often.",
        drawing=Bars(labels=tuple(str(i + 1) for i in range(len(order))), series=tuple(series), unit="share"),
        reads=sides.reads if real is not None else ("synthetic",),
        order=3.0,
    )
