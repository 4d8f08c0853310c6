"""The privacy report, whole: one for those who may see real records, one for everybody."""

from __future__ import annotations

from sundog.evidence.report.privacy.attacks import write_attacks
from sundog.evidence.report.privacy.blocks import Fields, PrivacyReport
from sundog.evidence.report.privacy.facts import PrivacyFacts, strip_private
from sundog.evidence.report.privacy.generator import write_generator
from sundog.evidence.report.privacy.purpose import write_inventory, write_purpose
from sundog.evidence.report.privacy.residual import write_after, write_policy, write_residual, write_signatures


def write_private(facts: PrivacyFacts) -> PrivacyReport:
    """The half that stays with the real records."""
    return _write(facts)


def write_public(facts: PrivacyFacts) -> PrivacyReport:
    """The half that may go wherever the data go: a function of what ``strip_private`` leaves, and of nothing else."""
    return _write(strip_private(facts))


def _write(facts: PrivacyFacts) -> PrivacyReport:
    sections = (
        write_purpose(facts),
        write_inventory(facts),
        write_generator(facts),
        *write_attacks(facts),
        *(() if facts.public else (write_policy(facts),)),
        write_residual(facts),
        write_after(facts),
        *(() if facts.public else (write_signatures(facts),)),
    )
    entries = (e for s in sections for b in s.blocks if isinstance(b, Fields) for e in b.entries)
    report = facts.report
    return PrivacyReport(
        half=facts.half,
        dataset=report.name,
        title=f"Privacy report: {report.title}" if not facts.public else f"Privacy report, public half: {report.title}",
        verdict=report.verdict,
        version=report.version,
        digest=facts.data_hash if facts.public else report.content_hash or facts.data_hash,
        digest_of="data files" if facts.public or not report.content_hash else "bundle",
        left_blank=tuple(e.name for e in entries if e.blank),
        sections=sections,
    )
