"""The last sections: the policy of the release, the residual risk in careful words, when to test again, what is kept, and who signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sundog.core.recipe import ReleaseSpec
from sundog.evidence.report.privacy.attacks import (
    CANARIES,
    MEMBERSHIP,
    RISKS,
    TOPICS,
    claims_epsilon,
    nothing_to_attack,
    tell_power,
    tell_worst,
    upper_end,
)
from sundog.evidence.report.privacy.blocks import Block, Entry, Fields, Notice, Points, Section, Signatures, Table, Text
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.words import CONCLUSION, DECISIONS, NOT_EXHAUSTIVE, TRIGGERS, shorten_limit
from sundog.evidence.report.words import VERDICT_WORDS, count_of, measure, name_check, spell_list
from sundog.lib.pii.kinds import MAY_BE_SOMEBODYS

_STRICT = "Policy strict: a risk whose interval holds its limit withholds too."
_STANDARD = "Policy standard: a risk whose interval holds its limit is inconclusive and does not withhold."
_COUNTED: Mapping[str, str] = {"warn": "warned"}  # "2 warning" is no English
_RULE = (
    "A risk fails, and the bundle is withheld, when its whole interval lies above its limit; it passes when the upper end is at or below "
    "the limit. Limits are the policy of whoever releases: the recipe can state others (evidence.limits). They are no legal thresholds."
)


def write_policy(facts: PrivacyFacts) -> Section:
    """Each limit that can withhold, with what was measured against it."""
    findings = [f for f in facts.report.findings if f.withholds]
    rows = tuple(
        (
            f"{name_check(f.check)} ({f.subject})",
            shorten_limit(f.limit) or "stated by the check",
            "not measured" if f.value is None else measure(upper_end(f), f.unit),
            VERDICT_WORDS[f.verdict],
        )
        for f in findings
    )
    policy = _STRICT if facts.recipe.evidence.policy == "strict" else _STANDARD
    said: list[Block] = [Text(paragraphs=(_RULE, policy))]
    if facts.recipe.evidence.limits:
        stated = tuple(
            Entry(key=f"limit.{check}", name=check, value=f"{limit:g}")
            for check, limit in facts.recipe.evidence.limits.items()
        )
        said.append(Fields(title="Limits that the recipe states", entries=stated))
    if rows:
        said.append(Table(columns=("what can withhold", "limit", "#upper end", "verdict"), rows=rows))
    elif not facts.public:
        said.append(
            Notice(
                title="Nothing could withhold", said=("No finding of this run can withhold the dataset.",), tone="open"
            )
        )
    return Section(key="policy", title="Release policy", blocks=tuple(said))


def write_residual(facts: PrivacyFacts) -> Section:
    """What is left to risk, in careful words."""
    own = {check for topic in TOPICS for check in topic.checks}
    findings = [f for f in facts.report.findings if f.check in own]
    points: list[str] = []
    if nothing_to_attack(facts):
        points.append(
            "No private record was read, so what is left is coincidence, and what the author of the recipe knew."
        )
    elif facts.public:
        points.append("What attacks on real records found is known to the controller, and is not told here.")
    else:
        counts = Counter(f.verdict for f in findings)
        told = spell_list(tuple(f"{n:,} {_COUNTED.get(v, VERDICT_WORDS[v])}" for v, n in counts.items()))
        points.append(
            f"Of {count_of(len(findings), 'measurements')} of privacy: {told}." if told else "Nothing was measured."
        )
        points += tell_worst(findings, (*RISKS, MEMBERSHIP))
        points += tell_worst(findings, (CANARIES,))
        points += tell_power(findings)
    shared = sorted(
        {repr(c.name) for p in facts.report.parts for t in p.tables for c in t.columns if MAY_BE_SOMEBODYS in c.about}
    )
    if shared:
        points.append(
            f"False values of {spell_list(tuple(shared))} are none of the records that were learned from, but {MAY_BE_SOMEBODYS}: by chance, and with nothing else of that person."
        )
    if claims_epsilon(facts):
        points.append(
            "The guarantee of differential privacy stands above with its terms. It covers the releases, and not this report's private half."
        )
    points.append(NOT_EXHAUSTIVE)
    blocks: list[Block] = [Points(items=tuple(points)), Text(paragraphs=(CONCLUSION,))]
    return Section(key="residual", title="Residual risk", blocks=tuple(blocks))


def write_after(facts: PrivacyFacts) -> Section:
    """When to test again, and how long what holds real records is kept."""
    release = facts.recipe.release or ReleaseSpec()
    kept = (
        ("retention_source", "Retention of the source", release.retention_source),
        ("retention_model", "Retention of the fitted model", release.retention_model),
        ("retest_after", "Next test", release.retest_after),
    )
    entries = tuple(Entry(key=k, name=n, value=v.strip(), blank=not v.strip()) for k, n, v in kept)
    return Section(
        key="after",
        title="When to test again, and what is kept",
        blocks=(
            Text(
                paragraphs=(
                    "The results hold for these data, these recipients and the methods of today. Test again when:",
                )
            ),
            Points(items=TRIGGERS),
            Fields(entries=entries),
        ),
    )


def write_signatures(facts: PrivacyFacts) -> Section:
    """The decision, which is for people, and who takes it."""
    return Section(
        key="decision",
        title="Decision and signatures",
        intro="The tool proposes nothing here: tick what was decided, and say why where it differs from the verdict.",
        blocks=(
            Points(items=DECISIONS, boxes=True),
            Signatures(roles=("Prepared by", "Advice of the data protection officer", "Decided by the controller")),
        ),
    )
