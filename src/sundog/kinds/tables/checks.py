"""Whether every row keeps the rules that were found or stated, counted over all rows."""

from __future__ import annotations

from dataclasses import dataclass

from sundog.core.findings import Answer, Finding, Role
from sundog.core.protocols import Evidence
from sundog.kinds.tables.recipe import RulesCheck, TablesPart
from sundog.kinds.tables.synthesize import TABLE, TablesModel
from sundog.lib.pii.identities_draw import stand_ins_of
from sundog.lib.rows.codec import check_rules


@dataclass(frozen=True, slots=True)
class RulesKept:
    """Implements ``core.protocols.Check``: it reads the finished synthetic rows, all of them."""

    @property
    def reads(self) -> frozenset[Role]:
        """Synthetic rows only, so that ``sundog verify`` can run it again."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part is a learned table with its model at hand."""
        return isinstance(evidence.part, TablesPart) and isinstance(evidence.model, TablesModel)

    def run(self, spec: RulesCheck, evidence: Evidence, key: object) -> Answer:
        """One finding a rule; a broken one withholds."""
        model: TablesModel = evidence.model
        broken: dict[str, int] = {}
        rows = 0
        for batch in evidence.scan("synthetic", TABLE):
            rows += batch.num_rows
            learned = batch.drop_columns([n for n in stand_ins_of(model.identities) if n in batch.schema.names])
            for rule, count in check_rules(model.codec, learned).items():
                broken[rule] = broken.get(rule, 0) + count
        findings = tuple(
            Finding(
                check="validity.rules",
                part=evidence.name,
                section="validity",
                subject=rule,
                value=float(count),
                unit="rows",
                limit="0 rows",
                verdict="fail" if count else "pass",
                withholds=True,
                why=f"{count:,} of {rows:,} rows break it" if count else f"all {rows:,} rows keep it",
                reads=("synthetic",),
            )
            for rule, count in broken.items()
        )
        return Answer(findings=findings)
