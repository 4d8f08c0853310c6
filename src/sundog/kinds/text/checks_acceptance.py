"""How many units were accepted, why others were not, what an accepted one cost, and some of them to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sundog.core.findings import Answer, Bars, Exhibit, Finding, Grid, Role, Series
from sundog.core.keys import Key
from sundog.core.protocols import Evidence
from sundog.kinds.text._said import accept_of, find_seen
from sundog.kinds.text.cost_remark import Cost, add_costs
from sundog.kinds.text.recipe_checks import TextAcceptanceCheck
from sundog.lib.stats.intervals import exact_interval
from sundog.lib.texts.columns import find_made
from sundog.lib.texts.duplicates import REASONS
from sundog.lib.texts.shapes import is_messages

_LETTERS = 650
"""Characters of a cell that a page shows."""


@dataclass(frozen=True, slots=True)
class TextAcceptance:
    """Implements ``core.protocols.Check``."""

    reads: frozenset[Role] = frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Parts with rules for their texts."""
        return accept_of(evidence.part) is not None

    def run(self, spec: TextAcceptanceCheck, evidence: Evidence, key: Key) -> Answer:
        """Acceptance with its reasons, duplicates, cost, and samples."""
        accept = accept_of(evidence.part)
        seen = find_seen(evidence, accept.columns if accept is not None else ())
        table = seen.table if seen is not None else evidence.tables()[0]
        accepted = evidence.rows("synthetic", table)
        rejected = evidence.rejected()
        findings = [_judge_acceptance(evidence, accepted, rejected), _count_duplicates(evidence, accepted, rejected)]
        findings += _tell_cost(evidence, accepted)
        exhibits = [_show_reasons(evidence, accepted, rejected)] if rejected else []
        if spec.samples and seen is not None and accepted:
            exhibits.append(_show_samples(evidence, table, spec.samples, key))
        return Answer(findings=tuple(findings), exhibits=tuple(exhibits))


def _judge_acceptance(evidence: Evidence, accepted: int, rejected: Mapping[str, int]) -> Finding:
    total = accepted + sum(rejected.values())
    reasons = ", ".join(
        f"{r.replace('_', ' ')}: {n:,}" for r, n in sorted(rejected.items(), key=lambda x: (-x[1], x[0]))
    )
    told = f" Rejected for {reasons}." if rejected else " None was rejected."
    empty = total > 0 and not accepted  # a part with nothing in it must not pass for data
    return Finding(
        check="cost.acceptance",
        part=evidence.name,
        section="cost",
        subject="attempted units",
        value=accepted / total if total else 0.0,
        unit="share",
        interval=exact_interval(accepted, total),
        headline=True,
        limit="more than none" if empty else "",
        verdict="fail" if empty else "info",
        withholds=empty,
        why=f"{accepted:,} of {total:,} units that were made keep every rule.{told} Rejected units lie under rejected/ with their reasons.",
    )


def _count_duplicates(evidence: Evidence, accepted: int, rejected: Mapping[str, int]) -> Finding:
    found = {r: rejected.get(r, 0) for r in REASONS}
    count = sum(found.values())
    said = ", ".join(f"{r.replace('_', ' ')}: {n:,}" for r, n in found.items() if n)
    before = accepted + count
    return Finding(
        check="cost.duplicates",
        part=evidence.name,
        section="cost",
        subject="units that were the same as an earlier one",
        value=count / before if before else 0.0,
        unit="share",
        interval=exact_interval(count, before),
        why=f"Of {before:,} units that kept every other rule {count:,} were rejected as duplicates{f' ({said})' if said else ''}.",
    )


def _tell_cost(evidence: Evidence, accepted: int) -> list[Finding]:
    cost = add_costs(evidence.notes)
    if cost is None or not accepted:
        return []
    shared = {"part": evidence.name, "section": "cost", "subject": "an accepted unit"}
    tokens = (cost.asked + cost.answered) / accepted
    found = [
        Finding.model_validate(
            {
                **shared,
                "check": "cost.tokens",
                "value": float(f"{tokens:.6g}"),
                "unit": "tokens",
                "why": f"{cost.asked:,} tokens asked and {cost.answered:,} answered in {cost.answers:,} answers, rejected units among them, "
                f"for {accepted:,} accepted ones.",
            }
        )
    ]
    if cost.price:
        found.append(_tell_price(shared, cost, accepted))
    return found


def _tell_price(shared: Mapping[str, str], cost: Cost, accepted: int) -> Finding:
    return Finding.model_validate(
        {
            **shared,
            "check": "cost.price",
            "value": float(f"{cost.price / accepted:.6g}"),
            "unit": "of the currency of the prices",
            "headline": True,
            "why": f"{cost.price:,.6g} for all answers at the stated prices, those of rejected units among them; what was stored before was paid once.",
        }
    )


def _show_reasons(evidence: Evidence, accepted: int, rejected: Mapping[str, int]) -> Exhibit:
    total = accepted + sum(rejected.values())
    order = sorted(rejected.items(), key=lambda x: (-x[1], x[0]))
    return Exhibit(
        check="text_acceptance",
        part=evidence.name,
        section="cost",
        title="Why units were rejected",
        how_to_read=f"Share of the {total:,} units that were made; the first rule that a unit broke is its reason.",
        drawing=Bars(
            labels=tuple(r.replace("_", " ") for r, _ in order),
            series=(Series(name="rejected", y=tuple(n / total for _, n in order)),),
            unit="share",
            horizontal=True,
        ),
        order=1.0,
    )


def _show_samples(evidence: Evidence, table: str, count: int, key: Key) -> Exhibit:
    schema = evidence.schema("synthetic", table)
    made = find_made(schema)
    others = [f.name for f in schema if f.name not in made and not pa.types.is_nested(f.type)][:3]
    texts = [f.name for f in schema if f.name in made or (is_messages(f) and f.name not in others)][:3]
    rows = evidence.take("synthetic", count, key.child("samples"), table, [*texts, *others]).to_pylist()
    return Exhibit(
        check="text_acceptance",
        part=evidence.name,
        section="cost",
        title="Samples to read",
        how_to_read=f"{len(rows)} accepted units, drawn at random: read them before you use the rest. Long texts are cut in the middle; data/ has them whole.",
        drawing=Grid(
            columns=(*texts, *others),
            rows=tuple(tuple(spell(row[n]) for n in (*texts, *others)) for row in rows),
        ),
        order=2.0,
    )


def spell(value: Any) -> str:
    """A value for people: chats with who speaks before each turn, long ones without their middle."""
    if value is None:
        return ""
    if isinstance(value, list):
        text = "\n".join(_spell_turn(v) if isinstance(v, Mapping) else str(v) for v in value)
    else:
        text = str(value)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 200]} … ({len(text):,} characters) … {text[-150:]}"


def _spell_turn(turn: Mapping[str, Any]) -> str:
    calls: Sequence[Mapping[str, Any]] = turn.get("tool_calls") or ()
    called = " ".join(f"[calls {c['name']}({c['arguments']})]" for c in calls)
    return f"{turn['role']}: {turn['content']}{' ' if called and turn['content'] else ''}{called}"
