"""How many persons share the words of each synthetic free text, and what risk is left in them, said plainly."""

from __future__ import annotations

from dataclasses import dataclass

from sundog.core.findings import Answer, Exhibit, Finding, Grid, Role
from sundog.core.protocols import Evidence
from sundog.kinds.tables._settings import codec_settings
from sundog.kinds.tables.recipe import TablesPart, TextsCheck
from sundog.kinds.tables.synthesize import TablesModel
from sundog.lib.pii.slots import MARK
from sundog.lib.pii.templates import TextTemplates

SHOWN = 12
"""Templates that the report shows."""
_COUNTED: tuple[Role, ...] = ("synthetic", "train")
"""What the numbers are of: persons and texts of the training records, so they belong to the private half."""


@dataclass(frozen=True, slots=True)
class TextsShared:
    """Implements ``core.protocols.Check``: it reads the model, not the rows."""

    @property
    def reads(self) -> frozenset[Role]:
        """Nothing but the synthetic side, so that ``sundog verify`` can run it again: the counts stand in the model."""
        return frozenset({"synthetic"})

    def applies(self, evidence: Evidence) -> bool:
        """Whether the part made free text from templates."""
        return (
            isinstance(evidence.part, TablesPart)
            and isinstance(evidence.model, TablesModel)
            and evidence.model.identities is not None
            and bool(evidence.model.identities.texts)
        )

    def run(self, spec: TextsCheck, evidence: Evidence, key: object) -> Answer:
        """For each column of text the fewest persons behind a text, and the templates that the most persons share."""
        model: TablesModel = evidence.model
        part = evidence.part
        assert model.identities is not None
        assert isinstance(part, TablesPart)
        support = codec_settings(part).min_support
        return Answer(
            findings=tuple(_judge(evidence.name, t, support) for t in model.identities.texts),
            exhibits=tuple(_show(evidence.name, t) for t in model.identities.texts),
        )


def _judge(part: str, templates: TextTemplates, support: int) -> Finding:
    least = min(templates.persons, default=0)
    return Finding(
        check="privacy.templates",
        part=part,
        section="privacy",
        subject=templates.column,
        value=float(least),
        unit="persons",
        limit=f"at least {support} persons",
        verdict="pass" if least >= support else "fail",
        withholds=True,
        reads=_COUNTED,
        headline=True,
        why=(
            f"Each text of {templates.column!r} follows one of {len(templates.texts):,} templates that at least {least:,} persons share; {templates.kept:.1%} of the real "
            f"texts have one, of {templates.shortened:.1%} some sentences have, {templates.withheld:.1%} have none and give no text. Identifiers were replaced where they were "
            "recognised. The words between them are real people's: a name that was missed and that so many texts share is still there, so read the templates before you pass the table on."
        ),
    )


def _show(part: str, templates: TextTemplates) -> Exhibit:
    order = sorted(range(len(templates.texts)), key=lambda i: (-templates.persons[i], i))[:SHOWN]
    return Exhibit(
        check="texts",
        part=part,
        section="privacy",
        title=f"Templates of {templates.column}",
        how_to_read=f"The {len(order)} templates that the most persons share; a slot stands in angle brackets. Words outside of slots are as those persons wrote them.",
        drawing=Grid(
            columns=("template", "persons"),
            rows=tuple((spell_template(templates, i), f"{templates.persons[i]:,}") for i in order),
        ),
        reads=_COUNTED,
        order=6.0,
    )


def spell_template(templates: TextTemplates, number: int) -> str:
    """A template for people: ``<name>`` for a slot, ``<own name>`` where it is the row's person, ``<code A-##>`` with its signs."""
    sentences = []
    for i in templates.texts[number]:
        sentence = templates.sentences[i]
        parts = sentence.text.split(MARK)
        text = parts[0]
        for slot, part in zip(sentence.slots, parts[1:], strict=True):
            about = f" {slot.form}" if slot.kind == "code" else ""
            text += f"<{'own ' if slot.own else ''}{slot.kind}{about}>{part}"
        sentences.append(text)
    return " ".join(sentences)
