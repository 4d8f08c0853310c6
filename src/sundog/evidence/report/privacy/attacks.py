"""Sections 4 to 9: who might attack, what each attack found, and whether the battery would have noticed a leak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sundog.core.findings import Finding
from sundog.evidence.report.dependence import claim_parts
from sundog.evidence.report.finding_tables import order_by_gravity
from sundog.evidence.report.privacy.blocks import Block, Notice, Numbers, Points, Section, Table, Text
from sundog.evidence.report.privacy.facts import PrivacyFacts
from sundog.evidence.report.privacy.words import DISTANCE, MEASURED, NO_RECORDS, NOT_EXHAUSTIVE
from sundog.evidence.report.words import VERDICT_WORDS, count_of, measure, sentence, spell_level, spell_list, spell_unit

FINDINGS_LISTED = 120
"""Findings of one topic that are listed, the worst first; report.json has all."""

HOLDOUT: Final = (
    "Give real records that the generator never saw (`holdout: FILE` in the source, or --holdout) and gather the full evidence: "
    "`sundog make RECIPE -o OUT --set evidence.level=full`, `sundog replicate REAL -o OUT --evidence full`, or "
    "`sundog audit SYNTHETIC --train REAL --holdout REAL2 -o OUT`."
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to find out.

    Attributes:
        title: what it is called.
        checks: ids of findings.
        about: what the attack does, and how its number is to be read.
        how: how it is run, where it was not.
    """

    title: str
    checks: tuple[str, ...]
    about: str
    how: str = HOLDOUT

    def choose(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Its findings, the worst first."""
        return tuple(order_by_gravity([f for f in findings if f.check in self.checks]))

    def measured(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Those that have a number."""
        return tuple(f for f in self.choose(findings) if f.value is not None)


SINGLING_OUT: Final = Topic(
    "Singling out",
    ("privacy.singling_out",),
    "An attacker looks for values, or combinations of values, that exactly one real person has (WP29 Opinion 05/2014). The control "
    "attacks people whose records the generator never saw: only what goes beyond it is leaked.",
)
LINKABILITY: Final = Topic(
    "Linkability",
    ("privacy.linkability",),
    "An attacker holds two sets of columns about people and finds out by the synthetic rows which belong to one person.",
)
INFERENCE: Final = Topic(
    "Inference",
    ("privacy.inference",),
    "An attacker knows everything of a person but one column, and guesses that one from the synthetic rows.",
)
MEMBERSHIP: Final = Topic(
    "Membership",
    ("privacy.membership_ensemble", "privacy.membership_outliers", "privacy.membership_tpr", "privacy.membership"),
    "An attacker holds a person's record and guesses whether it was among the real records. An AUC of 0.5 is guessing. The rate of "
    "right guesses at 1% wrong ones says what the most exposed people risk, which a mean does not.",
)
COPIES: Final = Topic(
    "Copies and distances",
    (
        "privacy.copies",
        "privacy.unique_copies",
        "privacy.near_copies",
        "privacy.copied_persons",
        "privacy.copies_rejected",
        "privacy.distance",
        "privacy.distance_median",
        "privacy.near",
    ),
    "Synthetic rows that equal a real row, or nearly, against how often fresh real rows do.",
)
CANARIES: Final = Topic(
    "Canaries",
    ("privacy.canaries",),
    "Made-up records are put in or left out by the toss of a coin, the generator is fitted again, and somebody who sees what was "
    "released guesses which were in (Steinke et al. 2023, arXiv:2305.08846). The guesses give a lower bound on epsilon. It must not lie above the "
    "claim; a bound far below it proves nothing.",
    "Canaries need a part that claims an epsilon, and the full evidence: `--set evidence.level=full`.",
)
CONTROL: Final = Topic(
    "Positive control",
    ("privacy.positive_control",),
    "The same battery is turned on a copy that leaks on purpose. It has to fire there; otherwise a pass means nothing.",
)
DETECTABLE: Final = Topic(
    "Smallest detectable risk",
    ("privacy.detectable",),
    "The smallest risk that this run could have told from none says how much a pass means: a smaller one could be there unseen.",
)
COINCIDENCE: Final = Topic(
    "Coincidence",
    ("privacy.coincidence", "privacy.coincidences", "privacy.namesakes"),
    "Made-up people who are like real ones by chance alone. No record is behind it, and the person concerned may not see it that way.",
)

RISKS: Final = (SINGLING_OUT, LINKABILITY, INFERENCE)
TOPICS: Final = (*RISKS, MEMBERSHIP, COPIES, CANARIES, CONTROL, DETECTABLE, COINCIDENCE)


def nothing_to_attack(facts: PrivacyFacts) -> bool:
    """Whether it is shown, for every part, that no private record was read."""
    claims = claim_parts(facts.report, facts.opened)
    return bool(claims) and all(c.holds and c.means == "nothing" for c in claims)


def claims_epsilon(facts: PrivacyFacts) -> bool:
    """Whether a part claims an epsilon that canaries could contradict."""
    return any(p.dependence is not None and p.dependence.means == "releases" for p in facts.report.parts)


def write_attacks(facts: PrivacyFacts) -> tuple[Section, ...]:
    """All sections on attacks, or one that says why there are none."""
    threats = _threats(facts)
    chance = COINCIDENCE.choose(facts.report.findings)
    if nothing_to_attack(facts):
        blocks: list[Block] = [
            Notice(title="No record was read, so there is none to attack", said=(NO_RECORDS,), tone="holds")
        ]
        if chance:
            blocks += [Text(paragraphs=(COINCIDENCE.about,)), Numbers(title=COINCIDENCE.title, findings=chance)]
        section = Section(key="risks", title="Measured risks", blocks=tuple(blocks), checks=COINCIDENCE.checks)
        return threats, section
    if facts.public:
        said = "Attacks on real records were not left out by mistake: whatever reads real records stands in the private half."
        blocks = [Notice(title="In the private half", said=(said, NOT_EXHAUSTIVE))]
        if chance:
            blocks += [Text(paragraphs=(COINCIDENCE.about,)), Numbers(title=COINCIDENCE.title, findings=chance)]
        return threats, Section(key="risks", title="Measured risks", blocks=tuple(blocks), checks=COINCIDENCE.checks)
    canaries = CANARIES if claims_epsilon(facts) or CANARIES.choose(facts.report.findings) else None
    others = _others(facts.report.findings)
    return (
        threats,
        _section(facts, "risks", "The three risks of WP29 Opinion 05/2014", RISKS, MEASURED),
        _section(facts, "membership", "Membership inference", (MEMBERSHIP,), ""),
        _section(facts, "copies", "Copies", (COPIES,), DISTANCE),
        *((_section(facts, "canaries", "Canary audit of the claimed epsilon", (canaries,), ""),) if canaries else ()),
        _section(facts, "control", "Would a leak have been noticed?", (CONTROL, DETECTABLE), ""),
        *((_section(facts, "coincidence", "Like a real person by chance", (COINCIDENCE,), ""),) if chance else ()),
        *((_section(facts, "others", "Other measurements of privacy", (others,), ""),) if others.checks else ()),
    )


def _others(findings: Sequence[Finding]) -> Topic:
    """Whatever else was measured of privacy, by checks that this report does not know."""
    known = {check for topic in TOPICS for check in topic.checks}
    found = (f.check for f in findings if f.section == "privacy" and f.check not in known)
    checks = tuple(dict.fromkeys(c for c in found if not c.startswith("privacy.identifiers")))
    return Topic("Others", checks, "Findings of checks that belong to none of the sections above.")


def _section(facts: PrivacyFacts, key: str, title: str, topics: Sequence[Topic], intro: str) -> Section:
    blocks = [b for t in topics for b in _topic(facts, t, t.title if len(topics) > 1 else "")]
    blocks += _not_run(facts, topics)
    return Section(
        key=key, title=title, intro=intro, blocks=tuple(blocks), checks=tuple(c for t in topics for c in t.checks)
    )


def _topic(facts: PrivacyFacts, topic: Topic, title: str) -> Iterator[Block]:
    measured = topic.measured(facts.report.findings)
    yield Text(title=title, paragraphs=(topic.about,))
    if measured:
        yield Numbers(findings=measured[:FINDINGS_LISTED])
    if len(measured) > FINDINGS_LISTED:
        yield Text(paragraphs=(f"{count_of(len(measured) - FINDINGS_LISTED, 'findings')} more are in report.json.",))


def _not_run(facts: PrivacyFacts, topics: Sequence[Topic]) -> Iterator[Notice]:
    """One notice for all that was not run, or not wholly, with how to run it."""
    said: list[str] = []
    for topic in topics:
        skipped = [f for f in topic.choose(facts.report.findings) if f.value is None]
        told = tuple(dict.fromkeys(sentence(f.why) for f in skipped if f.why))
        part = "in part not run" if topic.measured(facts.report.findings) else "not run"
        if skipped:
            said.append(f"{topic.title}: {part}. {' '.join(told[:8])}".strip())
        elif not topic.measured(facts.report.findings):
            said.append(
                f"{topic.title}: not run, so nothing is known of it here (no finding {' or '.join(topic.checks[:3])})."
            )
    if said:
        how = tuple(dict.fromkeys(t.how for t in topics if not t.measured(facts.report.findings)))
        yield Notice(title="What was not run", said=(*said, *how), tone="open")


_MODELS: Final = (
    (
        "No box",
        "only the synthetic tables, and what everybody knows of the people",
        (SINGLING_OUT, LINKABILITY, INFERENCE, COPIES),
    ),
    (
        "With reference data",
        "the synthetic tables, and other real records of the same population; for membership, the record of the person in question",
        (MEMBERSHIP,),
    ),
    (
        "With the generator",
        "the above, and the program with its settings: the generator can be run again with and without a record",
        (CANARIES,),
    ),
)


def _threats(facts: PrivacyFacts) -> Section:
    nothing = nothing_to_attack(facts)
    rows = []
    for title, holds, topics in _MODELS:
        ran = spell_list(tuple(t.title.lower() for t in topics if t.measured(facts.report.findings)))
        if nothing:
            ran = "nothing to attack"
        elif facts.public:
            ran = "in the private half"
        rows.append((title, holds, ran or "nothing was run"))
    notes = [
        "Not covered: somebody who breaks into the machine on which the real records lie, or who took part in collecting them."
    ]
    if not nothing:
        notes.append(
            "The bundle holds the fitted model (model/). Whoever gets it can draw as many rows as they like, and may learn more than from the "
            "tables alone; no attack above was run on it. Pass the tables on without it, unless the recipients are to have it."
        )
    return Section(
        key="threats",
        title="Threat models",
        intro="Against whom it was tested. A result says nothing about an attacker who holds more.",
        blocks=(
            Table(columns=("attacker", "holds", "attacks that were run"), rows=tuple(rows)),
            Points(items=tuple(notes)),
        ),
    )


def tell_worst(findings: Sequence[Finding], topics: Sequence[Topic]) -> Iterator[str]:
    """For each topic the finding whose upper end is highest, in a sentence."""
    for topic in topics:
        for unit, found in _by_unit(topic.measured(findings)):
            worst = max(found, key=upper_end)
            said = f"{measure(worst.value, unit)} {spell_unit(unit)}".strip()
            if worst.interval is not None:
                said += f", at most {measure(upper_end(worst), unit)} at {spell_level(worst.level)} confidence"
            of = f"the highest of {count_of(len(found), 'findings')}: " if len(found) > 1 else ""
            yield f"{topic.title}: {of}{said} ({worst.subject}); {VERDICT_WORDS[worst.verdict]}."


def tell_power(findings: Sequence[Finding]) -> Iterator[str]:
    """Whether the battery fired on a leak, and what it could not have seen."""
    fired = CONTROL.measured(findings)
    if not fired:
        yield "Whether these attacks would have noticed a leak was not tested in this run."
    else:
        passed = sum(f.verdict == "pass" for f in fired)
        yield f"Positive control: {passed:,} of {count_of(len(fired), 'attacks')} fired on a copy that leaks on purpose."
    told = tuple(
        f"{f.subject} {measure(f.value, f.unit)} {spell_unit(f.unit)}".strip() for f in DETECTABLE.measured(findings)
    )
    if told:
        yield f"The smallest risk that this run could have told from none: {spell_list(told)}."


def _by_unit(findings: Sequence[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    """Numbers of one unit, which can be compared."""
    for unit in dict.fromkeys(f.unit for f in findings):
        yield unit, [f for f in findings if f.unit == unit]


def upper_end(finding: Finding) -> float:
    """The most that the interval allows; the value where there is none."""
    assert finding.value is not None
    return finding.interval[1] if finding.interval is not None else finding.value
