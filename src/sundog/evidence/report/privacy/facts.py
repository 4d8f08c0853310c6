"""What the privacy report is written from, and what is left of it when all that was read from real records is taken away.

The public half is not a page with some lines left out: it is written by the same code from facts that were stripped first. So nothing
private can reach it by a forgotten line, and two runs that differ only in what was measured on real records have the same public half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sundog.core.findings import Exhibit, Finding
from sundog.core.recipe import Recipe
from sundog.evidence.report.data import OpenedFacts, PartFacts, Release, Report
from sundog.evidence.report.privacy.blocks import Half


@dataclass(frozen=True, slots=True)
class PrivacyFacts:
    """All that the report is written from.

    Attributes:
        report: what was made and measured.
        recipe: what was asked for.
        public_verdict: the verdict that the findings on synthetic rows alone would give.
        data_hash: SHA-256 over the files of data, which whoever holds the data can compute again.
        opened: files that the run was seen to open; None where nobody watched.
        real_rows: rows of the real table by part and role.
        half: which half is written.
    """

    report: Report
    recipe: Recipe
    public_verdict: Release
    data_hash: str = ""
    opened: OpenedFacts | None = None
    real_rows: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    half: Half = "private"

    @property
    def public(self) -> bool:
        """Whether the public half is written."""
        return self.half == "public"


def is_public(item: Finding | Exhibit) -> bool:
    """Whether it read synthetic rows alone. What was skipped may have been skipped for what the real records are like."""
    return set(item.reads) <= {"synthetic"} and not (isinstance(item, Finding) and item.verdict == "skipped")


def strip_private(facts: PrivacyFacts) -> PrivacyFacts:
    """The facts of the public half: the recipe, the schema, noisy releases, and findings that read synthetic rows alone."""
    report = facts.report
    return replace(
        facts,
        half="public",
        real_rows={},
        report=report.model_copy(
            update={
                "verdict": facts.public_verdict,
                "reasons": (),
                "not_run": (),
                "findings": tuple(f for f in report.findings if is_public(f)),
                "exhibits": tuple(e for e in report.exhibits if is_public(e)),
                "parts": tuple(_strip_part(p) for p in report.parts),
                "sources": (),  # a SHA-256 of the real file confirms a guess at what is in it
                "remarks": (),
                "recipe_yaml": "",
                "content_hash": "",  # it is over the private findings too
            }
        ),
    )


def _strip_part(part: PartFacts) -> PartFacts:
    """Without rejections, which copies of real rows can cause, without how columns were learned, without exact counts."""
    said = part.dependence
    if said is not None and said.means in ("records", "statistics"):
        said = said.model_copy(update={"text": ""})
    tables = tuple(
        t.model_copy(update={"about": "", "columns": tuple(c.model_copy(update={"about": ""}) for c in t.columns)})
        for t in part.tables
    )
    return part.model_copy(
        update={
            "attempted": part.accepted,
            "rejected": (),
            "tables": tables,
            "dependence": said,
            "origins": (),
        }
    )
